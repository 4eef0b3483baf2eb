"""Logarithms as whole numbers, so that sums of them decide ties and strictness reliably.

A claim `x <= k y` becomes an edge of weight log k. Sums of floats misjudge ties, and ties are
the rule here: every ratio is used in both directions, so a path that goes and returns must weigh
exactly nothing. Fractions along whole paths would be exact but grow with every step. So a weight
counts units of 2^-160, and a strict claim weighs 2^-128 less: far more than all rounding on a path
of 10^9 steps, and less than the distance of any two different figures that data hold (two products
that differ at all differ by more than one part in 10^38 unless their terms have over 38 digits
together). What is reported (bounds, conflicts) is computed anew as exact fractions.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache

STRICT = 1 << 32
"""What a strict claim weighs less than one that allows equality."""
HALF = STRICT >> 1
"""Sums nearer than this are equal."""
FAR = 1 << 200
"""No path weighs as much: the distance of what no path reaches."""

_SCALE = Decimal(1 << 160)
_CONTEXT = Context(prec=60)
# exp(-2000): no product of figures is as small, so it stands for the logarithm of 0.
_NOTHING = -(2000 << 160)


def weight(factor: Fraction, strict: bool = False) -> int:
    """Return the weight of `x <= factor y`, or of `x < factor y` if strict."""
    if factor == 0:
        return _NOTHING
    return _log(factor.numerator) - _log(factor.denominator) - (STRICT if strict else 0)


def exact(value: float) -> Fraction:
    """Return the decimal number that `value` is printed as: 5.855 is 1171/200."""
    return Fraction(repr(float(value)))


def estimate(total: int) -> float:
    """Return about the product of the factors whose weights sum to `total`."""
    # Nothing that data hold is as large or small as e^700, but an unreached node's distance is.
    return math.exp(max(-700.0, min(700.0, total / (1 << 160))))


@lru_cache(maxsize=1 << 16)
def _log(number: int) -> int:
    return int(_CONTEXT.multiply(_CONTEXT.ln(Decimal(number)), _SCALE).to_integral_value())
