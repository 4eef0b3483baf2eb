"""From an export of many cities to the article's claims and to every tab."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citytech_data.dataset import open_dataset, read_dataset
from citytech_data.ingest.gazetteer import gazetteer
from citytech_tui.__main__ import main
from tests.data.ingest.inputs import csv_text, record
from tests.tui.helpers import Running, host, running, screen_text, wait_until

BEIJING, SHANGHAI, SHENZHEN, HANGZHOU, SUZHOU = "110000", "310000", "440300", "330100", "320500"
NANTONG, JINAN, LANZHOU = "320600", "370100", "620100"
# Digital-technology applications of 2021, in the order that the article prints, and some more.
DIGITAL = {
    BEIJING: 60,
    SHENZHEN: 55,
    HANGZHOU: 45,
    SHANGHAI: 40,
    "440100": 30,
    "320100": 25,
    "510100": 20,
    "420100": 18,
    SUZHOU: 16,
    JINAN: 12,
    "340100": 10,
    "430100": 9,
    "410100": 8,
    "530100": 4,
    "450100": 3,
    "370200": 7,
    NANTONG: 6,
    "130100": 5,
    LANZHOU: 2,
}
OTHERS = 40
"""Applications of each city in none of the technologies."""
CODES = {"ai": "G06N3/08", "cloud": "G06F9/455", "iot": "G16Y40/30"}
EARLIER = 2019

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["citytech-tui", *arguments])
        status = main()
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def export(path: Path, digital: Mapping[str, int]) -> Path:
    """Write an export: addresses as the office writes them, some years, two kinds of rows."""
    names = dict(
        gazetteer()
        .select("code", pl.concat_str("province_zh", "name_zh", pl.lit("市")))
        .iter_rows()
    )
    number = count(1)
    rows = []
    for code, applications in digital.items():
        place = {"address": f"{names[code]}某某路1号", "city": "-"}
        for index in range(applications):
            rows.append(record(next(number), **place, codes=[*CODES.values()][index % 3]))
        plain = {"codes": "B65G17/00", "title": "一种输送装置"}
        rows += [record(next(number), **place, **plain) for _ in range(OTHERS)]
        earlier = {"filing_date": f"{EARLIER}-03-05", "publication_date": "2023-07-01"}
        rows.append(record(next(number), **place | earlier))
    path.write_text(csv_text(rows), encoding="utf-8")
    return path


@pytest.fixture
def ingested(call: Call, tmp_path: Path) -> Path:
    folder = tmp_path / "counted"
    status, _, _ = call("ingest", str(export(tmp_path / "a.csv", DIGITAL)), "--to", str(folder))
    assert status == 0
    return folder


def populations() -> dict[str, float]:
    rows = open_dataset().preferred.filter(
        (pl.col("measure") == "population") & (pl.col("year") == 2021)
    )
    return dict(rows.select("place", "value").iter_rows())


def expected(finding: Mapping[str, Any]) -> str:
    """Say by plain arithmetic what must come of a pair of a list."""
    people = populations()
    figures = {
        "total": lambda code: DIGITAL[code],
        "density": lambda code: DIGITAL[code] / people[code],
        "proportion": lambda code: DIGITAL[code] / (DIGITAL[code] + OTHERS),
    }[finding["measure"]]
    better, worse = map(figures, finding["places"])
    return "holds" if better > worse else "fails"


def test_counts_are_held_against_the_claims_of_the_article(call: Call, ingested: Path) -> None:
    status, out, _ = call(
        "check", "published", "--strict-against", str(ingested), "--format", "json"
    )
    findings = json.loads(out)["findings"]
    assert status == 1
    pairs = [each for each in findings if len(each["places"]) == 2]
    assert {each["measure"] for each in pairs} == {"total", "density", "proportion"}
    assert [each["verdict"] for each in pairs] == list(map(expected, pairs))
    verdicts: dict[str, set[str]] = {
        measure: set() for measure in ("total", "density", "proportion")
    }
    for each in pairs:
        verdicts[each["measure"]].add(each["verdict"])
    # The counts were made to follow the article's list by total, which its density contradicts.
    assert verdicts["total"] == {"holds"}
    assert verdicts["density"] == {"holds", "fails"}
    single = {(each["claim"], each["verdict"]) for each in findings if len(each["places"]) == 1}
    assert single == {
        ("total-beijing-bound", "fails"),
        ("total-shenzhen-bound", "fails"),
        ("density-qingdao-member", "holds"),
        ("proportion-nantong-member", "holds"),
        ("proportion-shijiazhuang-member", "holds"),
    }


def test_a_list_that_counts_contradict_is_told(call: Call, tmp_path: Path) -> None:
    turned = DIGITAL | {JINAN: 17}
    folder = tmp_path / "turned"
    assert call("ingest", str(export(tmp_path / "b.csv", turned)), "--to", str(folder))[0] == 0
    status, out, _ = call("check", "published", "--strict-against", str(folder))
    assert status == 1
    (line,) = [each for each in out.splitlines() if "Suzhou above Jinan by total" in each]
    assert line.split()[-4:] == ["16", "and", "17", "fails"]


def test_years_without_counts_are_refused(call: Call, ingested: Path) -> None:
    status, out, err = call(
        "check", "published", "--strict-against", str(ingested), "--year", "2020"
    )
    assert (status, out) == (2, "")
    assert "2020" in err


def test_the_import_says_for_which_years_population_is_known(call: Call, tmp_path: Path) -> None:
    source = str(export(tmp_path / "a.csv", DIGITAL))
    folder = tmp_path / "out"
    _, out, _ = call("ingest", source, "--to", str(folder))
    said = "No population is known for 2019, so there is no density: --attributes adds it."
    assert said in out.splitlines()
    report = json.loads((folder / "ingest-report.json").read_text(encoding="utf-8"))
    assert report["population"] == {"2019": 0, "2021": len(DIGITAL) - 1}
    assert "Of 19 cities, 18 have population in 2021." in " ".join(out.split())
    dataset = read_dataset(folder)
    assert "no population for 2019" in dataset.manifest.description
    rank = json.loads(
        call("rank", "density", "--dataset", str(folder), "--year", "2019", "--format", "json")[1]
    )
    assert {row["basis"] for row in rank} == {"missing"}
    own = tmp_path / "own.csv"
    own.write_text("city,year,population\n" + "".join(f"{code},2019,1000000\n" for code in DIGITAL))
    _, out, _ = call("ingest", source, "--to", str(folder), "--attributes", str(own))
    assert "No population is known for 2021" in out


def shown(pilot: Running) -> list[str]:
    return [" ".join(line.split()) for line in screen_text(pilot).splitlines()]


def cities_in_order(pilot: Running) -> list[str]:
    """Return the Chinese names of the ranked cities, from the first line on."""
    found = (re.match(r"\d+ .*?([一-龥]+) [\d.]+ ", line) for line in shown(pilot))
    return [each[1] for each in found if each]


async def test_every_tab_fills_from_records(ingested: Path) -> None:
    people = populations()
    names = dict(gazetteer().select("code", "name_zh").iter_rows())
    by_density = {
        names[code]: applications / people[code]
        for code, applications in DIGITAL.items()
        if code in people
    }
    async with running(ingested, "density") as pilot:
        app = host(pilot)
        assert app.selection.year == 2021
        assert cities_in_order(pilot) == sorted(by_density, key=by_density.__getitem__)[::-1]
        # A city whose population is not known has no density, and says so.
        assert any(line.startswith("– Lanzhou 兰州 – · missing") for line in shown(pilot))
        await pilot.press("[")
        await wait_until(pilot, lambda: app.selection.year == EARLIER)
        assert cities_in_order(pilot) == []
        assert sum("missing" in line for line in shown(pilot)) >= len(DIGITAL)
        await pilot.press("]", "4")
        await wait_until(pilot, lambda: app.tab == "proportion")
        assert any("Beijing 北京 60.0 %" in line for line in shown(pilot))
        await pilot.press("5")
        await wait_until(pilot, lambda: app.tab == "city")
        await pilot.pause()
        for name in ("– artificial", "– cloud computing", "– Internet of Things"):
            assert any(line.startswith(name) and " 2021 20 " in line for line in shown(pilot))
        earlier = f" {EARLIER} 1 applications counted"
        assert any(line.startswith("Digital") and earlier in line for line in shown(pilot))
        await pilot.press("1")
        await wait_until(pilot, lambda: app.tab == "trend")
        await pilot.pause()
        assert any(line.endswith(f"{EARLIER} {len(DIGITAL)}") for line in shown(pilot))
        # What was counted was never printed: the side panel tells why a year is missing.
        words = " ".join(line.rpartition("│")[2].strip() for line in shown(pilot))
        assert f"Only {EARLIER} and 2021 are known: no records between were counted." in words
        assert not any(" 0.00 " in line for line in shown(pilot))
