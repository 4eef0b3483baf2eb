"""Arithmetic on figures that are known only to lie between two bounds.

All figures here are counts or ratios of counts, hence not negative. An unknown bound is
null and makes the bound that depends on it null.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import polars as pl


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure as expressions: its value and bounds, each null where unknown."""

    value: pl.Expr
    lower: pl.Expr
    upper: pl.Expr

    @classmethod
    def of(cls, suffix: str = "") -> Interval:
        """Return the figure whose columns are `value`, `lower` and `upper` with this suffix.

        An exact value is its own bounds.
        """
        value = pl.col(f"value{suffix}")
        lower, upper = pl.col(f"lower{suffix}"), pl.col(f"upper{suffix}")
        return cls(value, pl.coalesce(lower, value), pl.coalesce(upper, value))

    def __mul__(self, other: Interval) -> Interval:
        """Return the product."""
        return Interval(
            self.value * other.value, self.lower * other.lower, self.upper * other.upper
        )

    def __truediv__(self, other: Interval) -> Interval:
        """Return the quotient; null where the divisor may be 0."""
        return Interval(
            self.value / _positive(other.value),
            self.lower / _positive(other.upper),
            self.upper / _positive(other.lower),
        )

    def scaled(self, factor: float) -> Interval:
        """Return the figure times an exact positive `factor`."""
        return Interval(self.value * factor, self.lower * factor, self.upper * factor)

    def finite(self) -> Interval:
        """Return the figure with what overflowed made unknown."""
        return Interval(*(_finite(part) for part in (self.value, self.lower, self.upper)))


def _finite(number: pl.Expr) -> pl.Expr:
    return pl.when(number.is_finite()).then(number)


def _positive(divisor: pl.Expr) -> pl.Expr:
    return pl.when(divisor > 0).then(divisor)


def rounding_interval(printed: str) -> tuple[float, float]:
    """Return the values that are printed as `printed` after rounding: `5.86` is 5.855 to 5.865.

    Raises:
        ValueError: if `printed` is not a plain decimal number.
    """
    try:
        number = Decimal(printed)
        exponent = number.as_tuple().exponent
        if not isinstance(exponent, int):
            raise ValueError(printed)
    except ArithmeticError as error:
        raise ValueError(printed) from error
    half = Decimal(5).scaleb(exponent - 1)
    return float(number - half), float(number + half)
