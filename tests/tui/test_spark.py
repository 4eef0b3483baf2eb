"""Bars over the years: known values by hand, and what holds of any."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_tui.widgets.spark import GAP, ZERO, sparkline


@pytest.mark.parametrize(
    ("values", "width", "expected"),
    [
        ((), 5, ""),
        ((5,), 5, "█"),
        ((1, 2, 3, 4, 5, 6, 7, 8), 8, "▂▃▄▅▆▇██"),
        # Halves, quarters and eighths of the largest; less than an eighth is still a bar.
        ((8, 4, 2, 1, 0.5, 0.001), 6, "█▅▃▂▁▁"),
        # Of 0 there is no bar, and of what nobody has counted nothing.
        ((0, 4, None, 2), 4, "_█ ▅"),
        ((0, 0), 2, "__"),
        ((None, None), 2, "  "),
        ((-3, 6), 2, "_█"),
        # The last years, by the largest of these.
        ((800, 1, 2), 2, "▅█"),
        ((1, 2), 0, ""),
    ],
)
def test_known_values(values: Sequence[float | None], width: int, expected: str) -> None:
    assert sparkline(values, width) == expected


@given(st.lists(st.none() | st.floats(0, 1e12)), st.integers(0, 30))
def test_larger_values_never_have_lower_bars(values: list[float | None], width: int) -> None:
    line = sparkline(values, width)
    shown = values[-width:] if width else []
    assert len(line) == len(shown)
    bars = [(value, bar) for value, bar in zip(shown, line, strict=True) if value is not None]
    assert [value is None for value in shown] == [bar == GAP for bar in line]
    order = ZERO + "▁▂▃▄▅▆▇█"
    heights = [order.index(bar) for _, bar in sorted(bars, key=lambda pair: pair[0])]
    assert heights == sorted(heights)
    if any(value > 0 for value, _ in bars):
        assert heights[-1] == len(order) - 1
