"""Walk from mark to mark with arrow keys."""

from __future__ import annotations

import math
from collections.abc import Sequence

from citytech_tui.drawing.plot import Placed

_ASIDE = 2.0
"""How much farther a mark seems for each cell that it lies aside of the direction."""
_ROW = 2.0
"""A row is as high as so many cells are wide."""


def next_mark(placed: Sequence[Placed], code: str | None, dx: int, dy: int) -> str | None:
    """Return the mark next to that of `code` in a direction; the same where there is none.

    Marks that stand on the same point follow each other in their order. Without a mark of `code`
    it is the first.
    """
    here = next((index for index, mark in enumerate(placed) if mark.code == code), None)
    if here is None:
        return placed[0].code if placed else code
    from_x, from_y = placed[here].x, placed[here].y * _ROW
    best, nearest = here, (math.inf, 0)
    for index, (_, x, y) in enumerate(placed):
        right, down = x - from_x, y * _ROW - from_y
        ahead, aside = right * dx + down * dy, abs(right * dy) + abs(down * dx)
        if ahead < 0 or (ahead == 0 and (aside > 0 or (index - here) * (dx + dy) <= 0)):
            continue
        score = ahead + _ASIDE * aside, abs(index - here)
        if score < nearest:
            best, nearest = index, score
    return placed[best].code


def nearest_mark(placed: Sequence[Placed], x: float, y: float) -> str | None:
    """Return the mark that stands nearest to a point; None if there is none."""
    nearest = min(
        placed, key=lambda mark: (mark.x - x) ** 2 + ((mark.y - y) * _ROW) ** 2, default=None
    )
    return None if nearest is None else nearest.code
