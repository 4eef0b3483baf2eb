"""The verb `city`."""

from __future__ import annotations

import re

import pytest

from citytech_data.dataset import open_dataset
from citytech_tui.dossier import CITY_COLUMNS
from tests.tui.cli.program import (
    INVENTIONS,
    Run,
)


@pytest.mark.parametrize("name", ["shanghai", "SHANGHAI", "上海", "上海市", "310000"])
def test_city_shanghai(run: Run, name: str) -> None:
    result = run("city", name)
    assert result.status == 0
    assert result.lines[:2] == [
        "Shanghai 上海",
        "310000 · Shanghai 上海市 · published · 2021 · all technologies",
    ]
    sections = result.out.split("\n\n")
    for section, heading in zip(
        sections[1:4],
        [
            "Total 8,912 applications (derived), rank 4",
            "Density 3.58 per 10,000 residents (printed), rank 3",
            "Proportion 11.3 % (printed), rank 1",
        ],
        strict=True,
    ):
        assert section.splitlines()[0] == heading
        assert "Source: article-2023: " in section
        assert "https://flycatcoo.com/" in section
    assert (
        "How known: 3.58 per 10,000 residents × 24,894,300 residents ÷ 10,000 = 8,912" in result.out
    )


def test_city_tells_the_rest(run: Run) -> None:
    out = run("city", "shanghai").out
    assert "Resident population, 2021: 24,894,300 persons (printed)" in out
    assert "4,321,485,000,000 CNY (printed), rank 1 of 51" in out
    assert "Urbanization rate, 2021: 89.3 %" in out
    assert "Utility models in force at year end, 2022: 493,714 patents" in out
    assert "ranks Shanghai 上海 4th of 10 by total, 2021" in out
    assert "doubt: The article contradicts itself" in out
    for line in out.partition("\nSources\n")[2].splitlines():
        assert re.match(r"[\w-]+: .+", line)


def test_every_source_that_a_city_cites_is_listed(run: Run) -> None:
    for code in open_dataset().cities["code"].head(8):
        body, _, sources = run("city", code).out.partition("\nSources\n")
        listed = {line.partition(":")[0] for line in sources.splitlines()}
        assert set(re.findall(r"\[([a-z0-9-]+)\]$", body, re.MULTILINE)) <= listed


def test_city_without_figures(run: Run) -> None:
    out = run("city", "ningbo", "--printed").out
    assert "Total – (missing), rank –" in out
    assert "no source gives it" in out


def test_city_json(run: Run) -> None:
    result = run("city", "310000", "--format", "json")
    found = result.json
    assert found["city"] == "Shanghai"
    assert "上海" in result.out
    total, density, proportion = found["figures"]
    assert (total["measure"], total["value"], total["basis"]) == ("total", 8912.1594, "derived")
    assert (density["value"], density["basis"]) == (3.58, "printed")
    assert (proportion["value"], proportion["basis"]) == (11.3, "printed")
    assert total["derivation"].endswith("= 8,912")
    assert found["claims"][0]["text"] == "ranks Shanghai 上海 4th of 10 by total, 2021"
    cited = {item["source"] for kind in ("observations", "notes", "claims") for item in found[kind]}
    assert cited <= {source["id"] for source in found["sources"]}
    assert all(source["url"] for source in found["sources"])


def test_city_csv(run: Run) -> None:
    result = run("city", "shenzhen", "--format", "csv")
    assert tuple(result.rows[0]) == CITY_COLUMNS
    first = {row["measure"]: row for row in reversed(result.rows)}
    assert first["total"]["value"] == "10290.16"
    assert first["density"]["value"] == "5.86"
    assert first["gdp"]["value"] == "3066485000000"
    assert first["population"]["source"] == "population-panel"
    assert [row["measure"] for row in result.rows].count("density") == 1


def test_city_markdown(run: Run) -> None:
    out = run("city", "shanghai", "--format", "markdown").out
    assert out.startswith("## Shanghai 上海\n\n")
    assert "\n## Total 8,912 applications (derived), rank 4\n" in out
    assert r"\[population-panel\]" in out


def test_city_of_another_dataset(run: Run) -> None:
    out = run("city", "beijing", *INVENTIONS).out
    assert "104,643 applications ÷ 21,954,000 residents × 10,000 = 47.7" in out
    assert "104,643 applications ÷ 1,204,981 applications in the whole country = 8.7 %" in out


def test_a_bound_is_told_as_one(run: Run) -> None:
    out = run("city", "beijing", "--printed").out
    assert "Total ≥ 10,000 applications (bounded), rank 1" in out
    assert "at least 10,000 applications ÷ 21,886,000 residents × 10,000 = at least 4.57" in out
    assert "gives Beijing 北京 more than 10,000 applications, 2021" in out
