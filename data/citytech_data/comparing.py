"""By how much one figure exceeds another, as far as their bounds prove it."""

from __future__ import annotations

from typing import NamedTuple

from citytech_data.rows import Row


class Ratio(NamedTuple):
    """How many times a figure is another: at least `lowest`, at most `highest`.

    `highest` is None where there is no limit; both are the same where the ratio is known.
    """

    lowest: float
    highest: float | None


def ratio(one: Row, other: Row, measure: str) -> Ratio | None:
    """Return how many times `one` has what `other` has in a measure; None if nothing is known.

    Both are rows of the standings. Known values give the ratio itself, without their rounding.
    """
    values = one[f"{measure}_value"], other[f"{measure}_value"]
    if None not in values:
        return Ratio(values[0] / values[1], values[0] / values[1]) if values[1] else None
    least, most = _bounds(one, measure)
    other_least, other_most = _bounds(other, measure)
    if (least is None and most is None) or (other_least is None and other_most is None):
        return None
    lowest = (least or 0) / other_most if other_most else 0
    highest = most / other_least if most is not None and other_least else None
    return None if not lowest and highest is None else Ratio(lowest, highest)


def _bounds(row: Row, measure: str) -> tuple[float | None, float | None]:
    value = row[f"{measure}_value"]
    if value is not None:
        return value, value
    return row[f"{measure}_lower"], row[f"{measure}_upper"]
