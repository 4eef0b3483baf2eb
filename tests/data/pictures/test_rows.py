"""Rank flow, stacked bars, profiles and lines over years, by values computed by hand."""

from __future__ import annotations

from pathlib import Path

from citytech_data import DEFAULT
from citytech_data.dataset import Dataset, open_dataset, read_dataset
from citytech_data.manifest import Label
from citytech_data.pictures.axes import Known, Span
from citytech_data.pictures.bars import (
    technology_bars,
)
from citytech_data.pictures.flow import rank_flow
from citytech_data.pictures.years import YearLine, lines_over_years, years_plot
from citytech_data.proven import proven_standings
from citytech_data.ranking import standings
from tests.helpers import YEAR, claim, make_dataset, observation

# --- Rank flow -----------------------------------------------------------------------------


def test_who_leaps(tmp_path: Path) -> None:
    known = zip("abc", (30, 20, 10), (300_000, 50_000, 10_000), strict=True)
    rows = [
        observation(code, measure, value)
        for code, applications, people in known
        for measure, value in (("apps", applications), ("population", people))
    ]
    data = read_dataset(make_dataset(tmp_path, cities=list("abcd"), observations=rows))
    flow = rank_flow(standings(data, YEAR))
    assert [slot.code for slot in flow.columns[0]] == ["a", "b", "c"]
    # Per 10,000 residents: a 1, b 4, c 10.
    assert [(slot.code, slot.rank, slot.leap) for slot in flow.columns[1]] == [
        ("c", 1, 2),
        ("b", 2, 0),
        ("a", 3, -2),
    ]
    assert flow.unranked == {"total": 1, "density": 1}
    (leap,) = flow.leaps()
    assert leap.up is not None and (leap.up.code, leap.up.leap) == ("c", 2)
    assert leap.down is not None and (leap.down.code, leap.down.leap) == ("a", -2)


def test_members_of_a_top_list_stand_below_with_their_worst_rank(tmp_path: Path) -> None:
    claims = [
        claim("list", "ranking", "density", "b;a"),
        claim("top", "member", "density", "b;a;c", op="top", value=5),
    ]
    data = read_dataset(make_dataset(tmp_path, cities=list("abcd"), claims=claims))
    flow = rank_flow(standings(data, YEAR))
    assert flow.measures == ("density",)
    assert [(slot.code, slot.rank, slot.worst) for slot in flow.columns[0]] == [
        ("b", 1, 1),
        ("a", 2, 2),
        ("c", None, 5),
    ]
    assert not [*flow.leaps()]


def test_the_leaps_that_the_article_argues_with() -> None:
    data = open_dataset(DEFAULT)
    flow = rank_flow(proven_standings(data, data.year))
    ranks: dict[str, list[int | None]] = {}
    for column in flow.columns:
        for slot in column:
            ranks.setdefault(slot.name, []).append(slot.rank)
    assert ranks["Shenzhen"] == [2, 1, 4]
    assert ranks["Shanghai"] == [4, 3, 1]
    assert ranks["Nanjing"] == [6, 5, 2]
    to_density, to_proportion = flow.leaps()
    assert to_density.up is not None and (to_density.up.name, to_density.up.leap) == ("Jinan", 3)
    assert to_proportion.up is not None
    assert (to_proportion.up.name, to_proportion.up.leap) == ("Nanjing", 3)


# --- Technologies --------------------------------------------------------------------------


def technologies(tmp_path: Path, *more: dict[str, object]) -> Dataset:
    """Return two technologies in two cities: a 30 + 10, b 10 + 30, both 50 in all."""
    rows = [
        observation("a", "apps", 30, technology="ai"),
        observation("a", "apps", 10, technology="iot"),
        observation("b", "apps", 10, technology="ai"),
        observation("b", "apps", 30, technology="iot"),
        observation("c", "apps", None, upper=5, basis="bounded", technology="iot"),
        *(observation(code, "apps", 35) for code in "ab"),
    ]
    return read_dataset(make_dataset(tmp_path, cities=list("abcd"), observations=[*rows, *more]))


def test_bars(tmp_path: Path) -> None:
    data = technologies(tmp_path)
    bars = technology_bars(data, standings(data, YEAR), YEAR)
    assert bars.parts == ("ai", "iot")
    assert {bar.code: bar.length for bar in bars.bars} == {"a": 40, "b": 40, "c": 0}
    assert [part.known for part in bars.bars[2].parts] == [Known.NOTHING, Known.AT_MOST]
    assert bars.empty == 1
    assert bars.longest == 40
    assert bars.frame.height == 4


def test_a_dataset_of_one_technology_has_no_bars() -> None:
    data = open_dataset(DEFAULT)
    bars = technology_bars(data, standings(data, data.year), data.year)
    assert (bars.parts, bars.bars, bars.longest) == ((), (), 0)


# --- Lines over years ----------------------------------------------------------------------


def test_lines_over_years(tmp_path: Path) -> None:
    rows = [
        observation("a", "apps", 5, year=2019),
        observation("a", "apps", None, upper=9, basis="bounded", year=2020),
        observation("b", "apps", 7, year=2021),
        observation("a", "population", 10_000, year=2019),
    ]
    data = read_dataset(make_dataset(tmp_path, cities=list("abc"), observations=rows))
    lines = lines_over_years(data, ["b", "a"], "total")
    assert [line.code for line in lines] == ["b", "a"]
    assert dict(lines[1].years) == {2019: Span(5), 2020: Span(None, None, 9), 2021: Span()}
    assert dict(lines_over_years(data, ["a"], "density")[0].years)[2019] == Span(5)
    assert lines_over_years(data, ["nowhere"], "total") == []


def test_only_consecutive_known_years_are_joined() -> None:
    figures = ((2015, Span(1)), (2016, Span(2)), (2017, Span()), (2018, Span(4)))
    lines = [
        YearLine("a", "A", "", figures),
        YearLine("b", "B", "", ((2015, Span(None, 1, 3)), (2016, Span(0)))),
    ]
    plot = years_plot(lines, Label("Total", "Total", "u"))
    assert [(curve.series, curve.points) for curve in plot.curves] == [
        (0, ((2015, 1), (2016, 2))),
        (0, ((2018, 4),)),
        (1, ((2016, 0),)),
    ]
    assert [(mark.code, mark.x.value) for mark in plot.marks] == [("b", 2015)]
    assert plot.left_out == {"missing": 1, "zero": 0}
    assert plot.x.ticks(9) == [2015, 2016, 2017, 2018]
    assert plot.frame.height == 6
    log = years_plot(lines, Label("Total", "Total", "u"), log=True)
    assert log.left_out == {"missing": 1, "zero": 1}


def test_no_lines_are_an_empty_chart() -> None:
    plot = years_plot([], Label("Total", "Total", "u"))
    assert (plot.curves, plot.marks, plot.frame.height) == ((), (), 0)
