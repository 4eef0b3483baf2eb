"""What every picture with axes is made of: figures known or bounded, axes and their ticks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

_LEAST, _GREATEST = 1e-140, 1e140
"""Beyond these sums and ratios of figures may be no numbers any more."""


class Known(Enum):
    """How much is known of a figure."""

    VALUE = "value"
    RANGE = "range"
    AT_MOST = "at most"
    AT_LEAST = "at least"
    NOTHING = "nothing"


class Span(NamedTuple):
    """A figure that is not negative: its value, or the bounds between which it lies."""

    value: float | None = None
    lower: float | None = None
    upper: float | None = None

    @property
    def known(self) -> Known:
        """How much is known: a value, both bounds, one of them, or nothing.

        That a figure is at least 0 says nothing.
        """
        if self.value is not None:
            return Known.VALUE
        if self.upper is not None:
            return Known.RANGE if self.lower else Known.AT_MOST
        return Known.AT_LEAST if self.lower else Known.NOTHING

    @property
    def ends(self) -> tuple[float, ...]:
        """The value, or what bounds are known, in ascending order."""
        if self.value is not None:
            return (self.value,)
        return tuple(bound for bound in (self.lower or None, self.upper) if bound is not None)


def usable(number: float | None) -> float | None:
    """Return a figure that can be drawn; None for what is negative, no number or endless."""
    if number is None or not 0 <= number <= _GREATEST:
        return None
    return number if number >= _LEAST else 0.0


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `lowest` to `highest`, which is more; a `log` one begins above 0.

    One of `years` has ticks at whole years only.
    """

    title: str
    unit: str
    lowest: float
    highest: float
    log: bool = False
    years: bool = False

    def place(self, value: float) -> float:
        """Return where `value` stands: 0 at the beginning of the axis, 1 at its end."""
        if not self.log:
            return (value - self.lowest) / (self.highest - self.lowest)
        low, high = math.log10(self.lowest), math.log10(self.highest)
        return (math.log10(max(value, _LEAST)) - low) / (high - low)

    def span_place(self, span: Span) -> float:
        """Return where the mark of a figure stands: at its value or bound, or amid its range."""
        if span.value is not None:  # most have one
            return self.place(span.value)
        ends = [self.place(end) for end in span.ends]
        return sum(ends) / len(ends)

    def can_place(self, span: Span) -> bool:
        """Whether a figure has a place: something is known of it, and 0 has none on `log`."""
        ends = span.ends
        return bool(ends) and (not self.log or ends[0] > 0)

    def ticks(self, most: int = 6) -> list[float]:
        """Return at most `most` round values on the axis; on `log` powers of ten, or 1, 2, 5."""
        found = _log_ticks(self.lowest, self.highest, most) if self.log else self._linear(most)
        return found[: max(0, most)]

    def _linear(self, most: int) -> list[float]:
        span = self.highest - self.lowest
        step = _round_step(span / max(1, most - 1))
        step = max(1.0, step) if self.years else step
        first = math.ceil(self.lowest / step - 1e-9)
        last = math.floor(self.highest / step + 1e-9)
        return [step * number for number in range(first, min(last, first + most) + 1)]


def axis_over(
    title: str, unit: str, values: Iterable[float], *, log: bool = False, from_zero: bool = True
) -> Axis:
    """Return an axis on which all `values` have their place; on `log` those above 0.

    A linear axis begins at 0 if `from_zero`. One for no or equal values has a length too.
    """
    known = [value for value in values if value > 0 or not log]
    if log:
        lowest, highest = min(known, default=1.0), max(known, default=1.0)
        if highest < lowest * 1.001:
            lowest, highest = lowest / 2, highest * 2
        margin = (highest / lowest) ** 0.03
        return Axis(title, unit, max(lowest / margin, _LEAST), highest * margin, log=True)
    lowest = 0.0 if from_zero else min(known, default=0.0)
    highest = max(known, default=1.0)
    if highest - lowest < max(abs(highest) * 1e-9, _LEAST):
        highest = lowest + (abs(lowest) or 1.0)
        lowest = lowest if from_zero else lowest - (highest - lowest)
    margin = (highest - lowest) * 0.03
    return Axis(title, unit, lowest if from_zero else lowest - margin, highest + margin)


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is no less than `least`."""
    power = 10.0 ** math.floor(math.log10(max(least, _LEAST)))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _log_ticks(lowest: float, highest: float, most: int) -> list[float]:
    first, last = math.floor(math.log10(lowest)), math.ceil(math.log10(highest))
    if last - first <= most:
        for factors in ((1, 2, 5), (1, 3), (1,)):
            steps = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
            inside = [step for step in steps if lowest <= step <= highest]
            if 2 <= len(inside) <= most:
                return inside
    stride = max(1, math.ceil((last - first) / max(1, most - 1)))
    powers = [10.0**power for power in range(first, last + 1) if power % stride == 0]
    found = [power for power in powers if lowest <= power <= highest]
    # Where no two powers fit, what is shown is nearly linear.
    if len(found) > 1:
        return found
    return [tick for tick in Axis("", "", lowest, highest).ticks(most) if tick >= lowest]
