"""Bars: exactly as wide as they should be, solid as far as proven, shaded as far as possible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from citytech_tui.widgets.bars import OPEN_END, POSSIBLE, SOLID, UNKNOWN, bar

EIGHTHS = " ▏▎▍▌▋▊▉"
amounts = st.floats(0, 1e12)
bounds = st.none() | amounts
widths = st.integers(0, 60)


def solid_cells(drawn: str) -> float:
    """Return how many cells of a bar are solid, in eighths."""
    solid = drawn.count(SOLID)
    rest = drawn[solid:][:1]
    return solid + (EIGHTHS.index(rest) / 8 if rest and rest in EIGHTHS else 0)


@pytest.mark.parametrize(
    ("lower", "upper", "width", "expected"),
    [
        # Known: in eighths of a cell.
        (10, 10, 8, "████████"),
        (5, 5, 8, "████    "),
        (0, 0, 4, "    "),
        (10 / 8, 10 / 8, 1, "▏"),
        (10 * 7 / 8, 10 * 7 / 8, 1, "▉"),
        (5.625, 5.625, 8, "████▌   "),
        # An interval: what is possible begins with a whole cell.
        (5, 10, 8, "████▒▒▒▒"),
        (2.5, 7.5, 8, "██▒▒▒▒  "),
        (0, 5, 8, "▒▒▒▒    "),
        (None, 5, 8, "▒▒▒▒    "),
        # Without an upper bound: open at the end.
        (5, None, 9, "████▒▒▒▒▸"),
        (10, None, 9, "████████▸"),
        (0, None, 3, "▒▒▸"),
        (0, None, 1, "▸"),
        # Nothing known.
        (None, None, 4, "·   "),
        (None, None, 1, "·"),
        (5, 5, 0, ""),
        (None, None, 0, ""),
        (None, 5, -1, ""),
        # Beyond the largest: no longer than the column.
        (20, 20, 4, "████"),
        (5, 99, 4, "██▒▒"),
    ],
)
def test_known_bars(lower: float | None, upper: float | None, width: int, expected: str) -> None:
    assert bar(lower, upper, 10, width) == expected


def test_without_a_largest_figure_there_is_nothing_to_draw() -> None:
    assert bar(0, 0, 0, 4) == "    "
    assert bar(None, None, 0, 4) == "·   "


@given(bounds, bounds, amounts, widths)
def test_a_bar_has_exactly_its_width(
    lower: float | None, upper: float | None, largest: float, width: int
) -> None:
    drawn = bar(lower, upper, largest, width)
    assert len(drawn) == cell_len(drawn) == width


@given(bounds, bounds, amounts, widths)
def test_a_bar_is_solid_then_shaded_then_empty(
    lower: float | None, upper: float | None, largest: float, width: int
) -> None:
    drawn = bar(lower, upper, largest, width)
    order = [SOLID, *EIGHTHS[:0:-1], POSSIBLE, OPEN_END, UNKNOWN, " "]
    places = [order.index(glyph) for glyph in drawn]
    assert places == sorted(places)
    assert sum(glyph in EIGHTHS[1:] for glyph in drawn) <= 1
    assert (OPEN_END in drawn) == (upper is None and lower is not None and largest > 0 < width)
    assert (UNKNOWN in drawn) == (lower is None and upper is None and width > 0)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=2), st.none() | st.just(100.0), widths)
def test_more_proven_is_never_less_solid(
    lowers: list[float], upper: float | None, width: int
) -> None:
    less, more = (bar(lower, upper, 101, width) for lower in sorted(lowers))
    assert solid_cells(less) <= solid_cells(more)


@given(st.lists(amounts, min_size=2, max_size=2), widths)
def test_a_larger_value_is_never_a_shorter_bar(values: list[float], width: int) -> None:
    less, more = (bar(value, value, 1e12, width) for value in sorted(values))
    assert solid_cells(less) <= solid_cells(more)


@given(st.floats(0, 100), st.integers(1, 60))
def test_a_value_is_drawn_to_the_nearest_eighth(value: float, width: int) -> None:
    drawn = solid_cells(bar(value, value, 100, width))
    assert drawn == pytest.approx(value / 100 * width, abs=1 / 16 + 1e-9)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=2, unique=True), st.integers(1, 60))
def test_an_interval_is_drawn_to_the_nearest_cell(ends: list[float], width: int) -> None:
    lower, upper = sorted(ends)
    drawn = bar(lower, upper, 100, width)
    assert solid_cells(drawn) == pytest.approx(lower / 100 * width, abs=0.5 + 1e-9)
    assert len(drawn.rstrip()) == pytest.approx(upper / 100 * width, abs=0.5 + 1e-9)
