"""Every picture on every surface: never a traceback, never wider than its box."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from citytech_data import DEFAULT
from citytech_data.dataset import Dataset, open_dataset
from citytech_data.manifest import Label
from citytech_data.pictures.axes import Axis, Span
from citytech_data.pictures.bars import Bar, Bars
from citytech_data.pictures.flow import rank_flow
from citytech_data.pictures.plot import PLOTTED, Mark, Plot
from citytech_data.pictures.years import YearLine, years_plot
from citytech_data.vocabulary import MEASURES
from citytech_tui.drawing.bars import BarStyle, draw_bars
from citytech_tui.drawing.canvas import Canvas
from citytech_tui.drawing.flow import draw_flow
from citytech_tui.drawing.gallery import KINDS, Kind
from citytech_tui.drawing.look import Look
from citytech_tui.drawing.plot import draw_plot, glyph_of
from citytech_tui.drawing.shown import Subject, Wish
from citytech_tui.drawing.svg import SvgSurface
from citytech_tui.drawing.walking import next_mark
from tests.tui.drawing.frames import frame_of, rows

DATASET = open_dataset(DEFAULT)
sizes = st.tuples(st.integers(0, 130), st.integers(0, 45))
STEPS = ((1, 0), (-1, 0), (0, 1), (0, -1))
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def dataset_of(found: list[dict[str, Any]]) -> Dataset:
    """Return the dataset with the coordinates of made-up places."""
    frame = frame_of(found)
    cities = frame.select("code", "lon", "lat").cast({"code": str})
    return replace(DATASET, cities=cities)


def plain(canvas: Canvas) -> str:
    lines = canvas.plain()
    assert len(lines) == canvas.height
    assert all(cell_len(line) == canvas.width for line in lines)
    return "\n".join(lines)


@each_kind
@settings(max_examples=60, deadline=None)
@given(
    found=rows(),
    size=sizes,
    wish=st.builds(
        Wish,
        st.sampled_from(PLOTTED),
        st.sampled_from(PLOTTED),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    code=st.sampled_from([None, "000000", "000003", "no such"]),
)
def test_any_frame_at_any_size(
    kind: Kind, found: list[dict[str, Any]], size: tuple[int, int], wish: Wish, code: str | None
) -> None:
    frame = frame_of(found)
    shown = kind.make(Subject(dataset_of(found), frame.drop("lon", "lat"), 2021, "all", wish))
    look = Look(code, 1, frozenset({"000001", "000003"}))
    canvas = Canvas(*size)
    shown.draw(canvas, look)
    plain(canvas)
    for dx, dy in STEPS:
        moved = shown.step(look, dx, dy)
        assert moved.code in {look.code, *frame["code"]}
    svg = SvgSurface(*size)
    shown.draw(svg, look)
    ElementTree.fromstring(svg.document(shown.title, [*shown.legend, *shown.remarks]))
    assert shown.frame.height == frame.height
    for row in shown.frame.iter_rows(named=True):
        assert shown.readout(row)
        for column in shown.columns:
            assert isinstance(column.cell(row, column.width), str)


# --- Plots ---------------------------------------------------------------------------------


def plot_of(*marks: Mark) -> Plot:
    return Plot(Axis("X", "", 0, 10), Axis("Y", "", 0, 10), marks, frame_of([]))


def drawn(plot: Plot, look: Look | None = None, width: int = 60, height: int = 15) -> str:
    canvas = Canvas(width, height)
    draw_plot(canvas, plot, look or Look())
    return plain(canvas)


def test_marks_stand_where_their_figures_are() -> None:
    plot = plot_of(
        Mark("a", "Low", "", Span(0), Span(0)), Mark("b", "High", "", Span(10), Span(10))
    )
    lines = drawn(plot).splitlines()
    assert lines[1].rstrip().endswith("High●")
    assert "●Low" in lines[-4] and lines[-4].index("●") < 5


BOUNDS = {
    "value": Span(5),
    "range": Span(None, 2, 8),
    "most": Span(None, None, 5),
    "least": Span(None, 5),
}
GLYPHS = {
    ("value", "value"): "●",
    ("range", "value"): "○",
    ("range", "range"): "○",
    ("most", "value"): "◁",
    ("least", "range"): "▷",
    ("value", "most"): "▽",
    ("value", "least"): "△",
    ("most", "most"): "◣",
    ("least", "most"): "◢",
    ("most", "least"): "◤",
    ("least", "least"): "◥",
}


@pytest.mark.parametrize("names", GLYPHS)
def test_what_is_only_bounded_has_another_glyph(names: tuple[str, str]) -> None:
    x, y = (BOUNDS[name] for name in names)
    assert glyph_of(x, y) == GLYPHS[names]
    assert GLYPHS[names] in drawn(plot_of(Mark("a", "A", "", x, y)))


def test_the_glyph_tells_a_value_from_everything_else() -> None:
    for (x, across), (y, up) in product(BOUNDS.items(), repeat=2):
        assert (glyph_of(across, up) == "●") is (x == y == "value")


def test_the_range_of_the_place_in_focus_is_drawn_to_its_ends() -> None:
    mark = Mark("a", "A", "", Span(5), Span(None, None, 9))
    braille = [sum(0x2800 < ord(c) < 0x2900 for c in drawn(plot_of(mark), Look(code)))
               for code in (None, "a")]  # fmt: skip
    assert braille[1] > braille[0] + 10


def test_names_do_not_cover_each_other_or_marks() -> None:
    marks = [Mark(str(i), f"City{i}", "城", Span(i), Span(i)) for i in range(10)]
    text = drawn(plot_of(*marks), width=70, height=24)
    assert text.count("●") == 10
    for i in range(10):
        assert f"City{i}" in text
    crowded = [Mark(str(i), f"City{i}", "城", Span(5), Span(5)) for i in range(10)]
    assert 1 <= drawn(plot_of(*crowded)).count("City") <= 2


def test_chinese_names_keep_the_frame_aligned() -> None:
    marks = [Mark(str(i), "Hohhot", "呼和浩特", Span(10 - i), Span(i)) for i in range(11)]
    drawn(plot_of(*marks), width=41)


def test_lines_over_years_are_told_by_glyph() -> None:
    lines = [
        YearLine("a", "A", "", tuple((2015 + n, Span(n)) for n in range(6))),
        YearLine("b", "B", "", tuple((2015 + n, Span(9 - n)) for n in range(6))),
    ]
    text = drawn(years_plot(lines, Label("Total", "Total", "")), width=70)
    assert text.count("●") == text.count("◆") == 6
    assert "2016" in text and "2020" in text and "2,0" not in text


# --- Walking -------------------------------------------------------------------------------


def test_arrow_keys_go_to_the_nearest_mark_in_their_direction() -> None:
    marks = {"a": (1, 1), "b": (9, 1), "c": (5, 5), "d": (1, 9), "e": (9, 9)}
    plot = plot_of(*(Mark(c, c, "", Span(x), Span(y)) for c, (x, y) in marks.items()))
    placed = draw_plot(Canvas(60, 20), plot, Look())
    assert next_mark(placed, "a", 1, 0) in {"b", "c"}
    assert next_mark(placed, "a", 0, -1) == "d"
    assert next_mark(placed, "e", 0, 1) in {"b", "c"}
    assert next_mark(placed, "e", 1, 0) == "e"
    assert next_mark(placed, None, 1, 0) == "a"
    assert next_mark([], None, 1, 0) is None


def test_marks_on_the_same_point_are_all_reached() -> None:
    plot = plot_of(*(Mark(c, c, "", Span(5), Span(5)) for c in "abcd"))
    placed = draw_plot(Canvas(60, 20), plot, Look())
    seen, code = ["a"], "a"
    for _ in range(3):
        code = next_mark(placed, code, 1, 0) or ""
        seen.append(code)
    assert seen == ["a", "b", "c", "d"]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=12))
def test_a_step_and_its_ends(points: list[tuple[int, int]]) -> None:
    plot = plot_of(*(Mark(str(i), "", "", Span(x), Span(y)) for i, (x, y) in enumerate(points)))
    placed = draw_plot(Canvas(60, 20), plot, Look())
    for dx, dy in STEPS:
        code, steps = placed[0].code, 0
        while (following := next_mark(placed, code, dx, dy)) != code:
            code, steps = following or "", steps + 1
            assert steps <= len(points)  # never in a circle


# --- Rank flow and bars --------------------------------------------------------------------

_DOTS = re.compile("[\u2801-\u28ff]")
TITLES = {measure: measure.capitalize() for measure in MEASURES}


def test_flow_joins_the_same_place() -> None:
    first = {"code": "000000", "city": "Up", "total_rank": 2, "density_rank": 1}
    second = {"code": "000001", "city": "Down", "total_rank": 1, "density_rank": 2}
    flow = rank_flow(frame_of([first, second]))
    canvas = Canvas(60, 3)
    cells = draw_flow(canvas, flow, TITLES, Look())
    heading, top, bottom = (_DOTS.sub(" ", line) for line in plain(canvas).splitlines())
    assert heading.split() == ["Total", "Density"]
    assert top.split()[:2] == ["1", "Down"] and top.split()[-3:] == ["1", "▲1", "Up"]
    assert bottom.split()[:2] == ["2", "Up"] and bottom.split()[-3:] == ["2", "▼1", "Down"]
    assert [(cell.code, cell.row) for cell in cells[:2]] == [("000001", 1), ("000000", 2)]


def test_flow_shows_a_member_of_a_top_list_with_its_worst_rank() -> None:
    row = {"code": "000000", "city": "Member", "total_rank_worst": 20}
    canvas = Canvas(60, 3)
    draw_flow(canvas, rank_flow(frame_of([row])), TITLES, Look())
    assert " ≤20 Member" in plain(canvas)


def bars_of(*parts: Span) -> Bars:
    return Bars(("ai", "iot"), (Bar("a", "A", "甲", parts),), 0, frame_of([]))


def bar_line(bars: Bars, **how: bool) -> str:
    canvas = Canvas(60, 1)
    draw_bars(canvas, bars, BarStyle("AI", **how), Look())
    return plain(canvas)


def test_parts_of_a_bar_are_told_by_fill_and_letter() -> None:
    line = bar_line(bars_of(Span(30), Span(10)))
    assert line.count("█") + line.count("A") - 1 == pytest.approx(
        3 * (line.count("▓") + line.count("I")), abs=3
    )
    assert "A█" in line and "I▓" in line


def test_what_is_bounded_or_missing_stands_behind_the_bar_and_has_no_length() -> None:
    line = bar_line(bars_of(Span(30), Span(None, None, 7)))
    assert line.rstrip().endswith("I ≤ 7") and "▓" not in line
    assert bar_line(bars_of(Span(30), Span())).rstrip().endswith("I ?")
    assert "█" not in bar_line(bars_of(Span(30), Span()), shares=True)
