"""The verb `rank`."""

from __future__ import annotations

import json
import re

import pytest
from rich.cells import cell_len

from citytech_data.ranking import RANK_COLUMNS
from citytech_data.vocabulary import MEASURES
from tests.tui.cli.program import (
    ESCAPE,
    INVENTIONS,
    Run,
)


def test_rank_csv_prints_the_article_in_its_order(run: Run) -> None:
    result = run("rank", "density", "--top", "10", "--format", "csv")
    assert result.status == 0
    assert result.lines[0] == (
        "rank,code,city,city_zh,province,value,lower,upper,basis,source,gdp_rank,rank_change"
    )
    assert [row["city"] for row in result.rows] == [
        *("Shenzhen", "Beijing", "Shanghai", "Hangzhou", "Nanjing"),
        *("Guangzhou", "Jinan", "Wuhan", "Hefei", "Suzhou"),
    ]
    assert [row["rank"] for row in result.rows] == [str(rank) for rank in range(1, 11)]
    values = {row["city"]: row["value"] for row in result.rows}
    assert values["Shenzhen"] == "5.86"
    assert values["Shanghai"] == "3.58"
    assert values["Hangzhou"] == ""
    assert result.lines[1] == (
        "1,440300,Shenzhen,深圳,Guangdong,5.86,5.855,5.865,printed,article-2023,3,2"
    )


def test_rank_csv_has_no_binary_noise(run: Run) -> None:
    for measure in MEASURES:
        for row in run("rank", measure, *INVENTIONS, "--format", "csv").rows:
            assert len(row["value"].replace(".", "").lstrip("0")) <= 10
            assert "e" not in row["value"]


@pytest.mark.parametrize("measure", MEASURES)
def test_rank_json_says_the_same_as_csv(run: Run, measure: str) -> None:
    rows = run("rank", measure, "--format", "csv").rows
    result = run("rank", measure, "--format", "json")
    assert len(result.json) == len(rows) == 51
    assert "北京" in result.out
    for item, row in zip(result.json, rows, strict=True):
        assert tuple(item) == RANK_COLUMNS
        assert {name: "" if item[name] is None else str(item[name]) for name in item} == row


def test_rank_json_keeps_numbers_as_numbers(run: Run) -> None:
    beijing, shenzhen = run("rank", "total", "--top", "2", "--format", "json").json
    assert (beijing["value"], beijing["lower"], beijing["upper"]) == (None, 10278.4525, 12836.43225)
    assert shenzhen["value"] == 10290.16
    assert shenzhen["code"] == "440300"
    assert shenzhen["gdp_rank"] == 3


def test_rank_within_a_scope(run: Run) -> None:
    scoped = ("rank", "total", "--scope", "province:zhejiang,guangdong")
    result = run(*scoped)
    assert result.lines[0].endswith(" · Zhejiang, Guangdong")
    assert result.lines[1].split() == [
        *("#", "#", "all", "City", "Province", "Applications", "Basis", "GDP", "#", "Δ", "GDP")
    ]
    records = json.loads(run(*scoped, "--format", "json").out)
    assert [(r["rank"], r["rank_all"], r["city"]) for r in records][:3] == [
        (1, 2, "Shenzhen"),
        (2, 3, "Hangzhou"),
        (3, 5, "Guangzhou"),
    ]
    assert [record["gdp_rank"] for record in records][:3] == [1, 3, 2]
    filtered = run(*scoped, "--filter", "rank:2..3 !zhejiang", "--format", "csv")
    assert [line.split(",")[2] for line in filtered.lines[1:]] == ["Guangzhou"]


def test_rank_table(run: Run) -> None:
    result = run("rank", "total", "--top", "4", "--printed")
    assert result.status == 0
    assert result.lines[0] == (
        "Digital-technology patent applications · published · 2021 · all technologies · "
        "printed only"
    )
    assert result.lines[1:6] == [
        "#  City           Province   Applications  Basis    GDP #  Δ GDP",
        "1  Beijing 北京   Beijing        ≥ 10,000  bounded      2     ▲1",
        "2  Shenzhen 深圳  Guangdong        10,290  derived      3     ▲1",
        "3  Hangzhou 杭州  Zhejiang              –  missing      8     ▲5",
        "4  Shanghai 上海  Shanghai          8,912  derived      1     ▼3",
    ]
    assert result.lines[-1].startswith("article-2023: ")
    assert "https://flycatcoo.com/" in result.lines[-1]


def test_rank_shows_what_the_claims_prove(run: Run) -> None:
    lines = run("rank", "total", "--top", "10").lines
    assert re.match(r" *1 +Beijing 北京 .* 10,279–12,836  bounded", lines[2])
    assert re.match(r" *3 +Hangzhou 杭州 .* ≤ 4,375  bounded", lines[4])
    assert re.match(r"10 +Jinan 济南 .* ≤ 2,171  bounded", lines[11])
    assert "≥ 10,000" in run("rank", "total", "--printed").lines[2]


def test_rank_table_is_aligned_by_cells(run: Run) -> None:
    lines = run("rank", "proportion", *INVENTIONS).lines
    start = cell_len(lines[1].partition("Basis")[0])
    for line in lines[2:21]:
        assert cell_len(re.split(r"(derived)", line)[0]) == start


def test_rank_inventions_by_density(run: Run) -> None:
    lines = run("rank", "density", *INVENTIONS).lines
    assert re.match(r" 1  Beijing 北京 .* 47\.7  derived", lines[2])
    assert re.match(r" 2  Shenzhen 深圳 .* 37\.7  derived", lines[3])
    doubtful = [line for line in lines if "doubtful" in line]
    assert [line.split()[1] for line in doubtful] == ["Harbin", "Changchun"]


def test_rank_markdown(run: Run) -> None:
    result = run("rank", "total", "--top", "2", "--printed", "--format", "markdown")
    assert result.lines[:6] == [
        "## Digital-technology patent applications · published · 2021 · all technologies · "
        "printed only",
        "",
        r"| # | City | Province | Applications | Basis | GDP # | Δ GDP |",
        "| ---: | --- | --- | ---: | --- | ---: | ---: |",
        "| 1 | Beijing 北京 | Beijing | ≥ 10,000 | bounded | 2 | ▲1 |",
        "| 2 | Shenzhen 深圳 | Guangdong | 10,290 | derived | 3 | ▲1 |",
    ]
    assert re.search(r"^- article-2023: .*<https://flycatcoo\.com/\S+>$", result.out, re.MULTILINE)


def test_a_top_list_shows_the_worst_place(run: Run) -> None:
    lines = run("rank", "proportion").lines
    assert [line.split()[1] for line in lines if line.startswith("≤20")] == [
        "Nantong",
        "Shijiazhuang",
    ]


def test_filter(run: Run) -> None:
    rows = run("rank", "total", "--filter", "xian", "--format", "csv").rows
    assert [row["city"] for row in rows] == ["Xi'an", "Xiangyang"]
    result = run("rank", "total", "--filter", "浙江", "--top", "1")
    assert "Hangzhou" in result.out
    assert "filter '浙江'" in result.lines[0]


def test_a_filter_that_fits_nothing(run: Run) -> None:
    result = run("rank", "total", "--filter", "zz\x1b[2Jzz")
    assert result.status == 0
    assert result.lines[1:] == ["No city fits."]
    assert ESCAPE not in result.out
    assert run("rank", "total", "--filter", "zzzz", "--format", "json").json == []
    assert run("rank", "total", "--filter", "zzzz", "--format", "csv").rows == []
