"""A line of small bars over the years."""

from __future__ import annotations

from collections.abc import Sequence

GAP = " "
ZERO = "_"
_LEVELS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float | None], width: int) -> str:
    """Return a bar for each of the last `width` values, the highest for the largest of them.

    Bars start at 0, so that their heights compare; a value of 0 is `_`, an unknown one a gap.
    """
    shown = values[-width:] if width > 0 else ()
    largest = max((value for value in shown if value is not None), default=0)
    return "".join(_bar(value, largest) for value in shown)


def _bar(value: float | None, largest: float) -> str:
    if value is None:
        return GAP
    if value <= 0 or largest <= 0:
        return ZERO
    return _LEVELS[min(len(_LEVELS) - 1, int(value / largest * len(_LEVELS)))]
