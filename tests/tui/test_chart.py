"""The chart: what is joined, what the axes say, and that no figures break it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from citytech_tui.widgets.chart import MARKERS, Chart, Series, draw, joined, ticks
from tests.tui.helpers import lines

BRAILLE = {chr(code) for code in range(0x2801, 0x2900)}
ENDS = Series("Ends", ((2013, 100.0), (2021, 561.0)))
YEARS = Series("Years", tuple((2013 + number, 100.0 + 50 * number) for number in range(9)))
GAP = Series("Gap", ((2013, 100.0), (2014, 120.0), (2017, 300.0), (2018, 310.0)))

years = st.lists(st.integers(1990, 2030), min_size=2, max_size=12, unique=True).map(sorted)
positive = st.floats(1e-6, 1e15)


def plain(series: Sequence[Series], width: int = 60, height: int = 15, *, log: bool = False) -> str:
    """Return a chart as text."""
    return "\n".join(line.plain for line in draw(series, width, height, log=log))


@st.composite
def made_series(draw: st.DrawFn, least: float = 0) -> Series:
    """Return a series of any years and figures."""
    known = draw(years)
    figures = st.floats(least, 1e15)
    points = tuple((year, draw(figures)) for year in known)
    return Series(draw(st.sampled_from(["plain", "北京 GDP", "x" * 90])), points)


# --- What is joined ----------------------------------------------------------------------


def test_only_consecutive_years_are_joined() -> None:
    assert joined([]) == []
    assert joined([(2013, 1.0)]) == [[(2013, 1.0)]]
    assert joined(ENDS.points) == [[ENDS.points[0]], [ENDS.points[1]]]
    assert joined(YEARS.points) == [list(YEARS.points)]
    assert joined(GAP.points) == [list(GAP.points[:2]), list(GAP.points[2:])]


@given(years)
def test_joining_loses_no_point_and_bridges_no_gap(known: list[int]) -> None:
    points = [(year, 1.0) for year in known]
    runs = joined(points)
    assert [point for run in runs for point in run] == points
    for run in runs:
        assert run[-1][0] - run[0][0] == len(run) - 1
    for run, following in pairwise(runs):
        assert following[0][0] - run[-1][0] > 1


@pytest.mark.parametrize("log", [False, True])
def test_two_ends_are_two_points_without_a_line(log: bool) -> None:
    drawn = plain([ENDS], log=log)
    assert drawn.count(MARKERS[0]) == 2
    assert not BRAILLE & set(drawn)


@pytest.mark.parametrize("log", [False, True])
def test_consecutive_years_have_a_line(log: bool) -> None:
    drawn = plain([YEARS], log=log)
    assert drawn.count(MARKERS[0]) == len(YEARS.points)
    assert len([glyph for glyph in drawn if glyph in BRAILLE]) > 10


def test_a_line_ends_where_years_are_missing() -> None:
    rows = plain([GAP], 80).split("\n")
    spots = [row.index(MARKERS[0]) for row in rows if MARKERS[0] in row]
    columns = sorted(x for row in rows for x, glyph in enumerate(row) if glyph == MARKERS[0])
    assert len(columns) == 4
    gap = range(columns[1] + 2, columns[2] - 1)
    assert not any(row[x] in BRAILLE for row in rows for x in gap if x < len(row))
    assert spots


# --- Axes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lowest", "highest", "expected"),
    [
        (1, 10, [1, 2, 5, 10]),
        (100, 1473, [100, 200, 500, 1000]),
        (3, 4, []),
        (2, 1000, [10, 100, 1000]),
        (0.5, 5, [0.5, 1, 2, 5]),
        (7, 7, []),
        (5_000, 3_000_000, [10_000, 100_000, 1_000_000]),
    ],
)
def test_known_logarithmic_ticks(lowest: float, highest: float, expected: list[float]) -> None:
    assert ticks(lowest, highest, log=True) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("highest", "expected"),
    [
        (1473, [0, 500, 1000, 1500]),
        (100, [0, 20, 40, 60, 80, 100]),
        (0, [0]),
        (74_656, [0, 20_000, 40_000, 60_000, 80_000]),
    ],
)
def test_known_linear_ticks(highest: float, expected: list[float]) -> None:
    assert ticks(0, highest, log=False) == pytest.approx(expected)


@given(positive, positive)
def test_linear_ticks_are_even_and_cover_what_is_drawn(one: float, two: float) -> None:
    lowest, highest = sorted((one, two))
    marks = ticks(lowest, highest, log=False)
    assert marks[0] <= lowest * (1 + 1e-9)
    assert marks[-1] >= highest * (1 - 1e-9)
    assert 1 <= len(marks) <= 8
    steps = [after - before for before, after in pairwise(marks)]
    assert steps == pytest.approx(steps[:1] * len(steps))


@given(positive, positive)
def test_logarithmic_ticks_are_ones_twos_and_fives_within_what_is_drawn(
    one: float, two: float
) -> None:
    lowest, highest = sorted((one, two))
    marks = ticks(lowest, highest, log=True)
    assert marks == sorted(set(marks))
    for mark in marks:
        assert lowest <= mark <= highest
        assert round(mark / 10 ** math.floor(math.log10(mark) + 1e-9)) in (1, 2, 5)


def test_the_axes_name_years_and_figures() -> None:
    drawn = plain([YEARS], 90, 20)
    assert all(str(year) in drawn for year, _ in YEARS.points)
    assert all(f"{figure}┤" in drawn for figure in (0, 100, 200, 300, 400, 500))
    # Where there is no room for all, the first and the last.
    drawn = plain([YEARS], 40, 20)
    assert "2013" in drawn
    assert "2021" in drawn
    assert "2017" not in drawn


def test_a_logarithmic_axis_has_equal_steps_for_equal_ratios() -> None:
    rows = plain([Series("x", ((2013, 1.0), (2021, 1000.0)))], 60, 22, log=True).split("\n")
    marks = ["1,000", "100", "10", "1"]
    named = [row.partition("┤")[0].strip() for row in rows]
    places = [named.index(mark) for mark in marks]
    steps = [after - before for before, after in pairwise(places)]
    assert max(steps) - min(steps) <= 1


# --- Any figures -------------------------------------------------------------------------


@settings(max_examples=25)
@given(
    st.lists(made_series(1e-6), min_size=1, max_size=9),
    st.integers(30, 100),
    st.integers(6, 30),
    st.booleans(),
)
def test_any_figures_fit_into_any_size(
    series: list[Series], width: int, height: int, log: bool
) -> None:
    rows = draw(series, width, height, log=log)
    assert len(rows) <= height
    assert all(cell_len(row.plain) <= width for row in rows)


@settings(max_examples=15)
@given(st.lists(made_series(), min_size=1, max_size=3))
def test_zero_is_drawn_on_a_linear_scale(series: list[Series]) -> None:
    assert draw(series, 60, 12, log=False)


# --- The widget --------------------------------------------------------------------------


class Host(App[int]):
    """Shows nothing but a chart."""

    def compose(self) -> ComposeResult:
        yield Chart()

    @property
    def chart(self) -> Chart:
        return self.query_one(Chart)


async def test_it_has_a_heading_a_legend_and_a_chart() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.chart.show([ENDS, YEARS], heading="in points", logarithmic=False)
        await pilot.pause()
        shown = lines(pilot)
        assert shown[0].strip() == "in points"
        assert shown[1].split() == [MARKERS[0], "Ends", MARKERS[1], "Years"]
        assert "┌" in shown[2]
        assert "2013" in shown[-1]
        assert all(cell_len(line) == 60 for line in shown)


async def test_a_long_legend_takes_more_lines_or_is_cut() -> None:
    app = Host()
    async with app.run_test(size=(40, 20)) as pilot:
        names = ["Digital economy development index", "北京" * 30, "x"]
        app.chart.show(
            [Series(name, YEARS.points) for name in names], heading="h", logarithmic=False
        )
        await pilot.pause()
        shown = lines(pilot)
        assert shown[1].startswith(f" {MARKERS[0]} Digital economy development index")
        assert shown[2].startswith(f" {MARKERS[1]} 北京北京")
        assert shown[2].rstrip().endswith("…")
        assert shown[3].startswith(f" {MARKERS[2]} x")


@pytest.mark.parametrize("size", [(29, 20), (60, 6), (10, 3), (1, 1)])
async def test_without_room_there_is_no_chart(size: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=size) as pilot:
        app.chart.show([YEARS], heading="h", logarithmic=False)
        await pilot.pause()
        assert "┌" not in app.chart.plain
        await pilot.resize_terminal(60, 20)
        assert "┌" in app.chart.plain
        await pilot.resize_terminal(*size)
        assert "┌" not in app.chart.plain


async def test_it_is_drawn_again_only_when_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    app, drawn = Host(), []

    def counted(*arguments: object, **options: object) -> list[object]:
        drawn.append(arguments)
        return []

    monkeypatch.setattr("citytech_tui.widgets.chart.draw", counted)
    async with app.run_test(size=(60, 20)) as pilot:
        for expected in (1, 1):
            app.chart.show([YEARS], heading="h", logarithmic=False)
            await pilot.pause()
            assert len(drawn) == expected
        app.chart.show([YEARS], heading="h", logarithmic=True)
        app.chart.show([ENDS], heading="h", logarithmic=True)
        assert len(drawn) == 3
