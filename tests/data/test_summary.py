"""Sums, means, medians and Gini coefficients, by hand and by another way to compute them."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.summary import gini, summary


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5, 5, 5], 0),
        ([0, 0, 1], 2 / 3),
        ([1, 2, 3, 4], 0.25),
        ([7], 0),
        ([0, 0], None),
        ([], None),
    ],
)
def test_gini(values: list[float], expected: float | None) -> None:
    found = gini(pl.Series(values, dtype=pl.Float64))
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-12))


@given(st.lists(st.floats(0, 1e300, allow_subnormal=False), min_size=1, max_size=20))
def test_gini_is_half_the_relative_mean_difference(values: list[float]) -> None:
    found = gini(pl.Series(values))
    largest = max(values)
    if largest == 0:
        assert found is None
        return
    shares = [value / largest for value in values]
    differences = math.fsum(abs(a - b) for a in shares for b in shares)
    expected = differences / (2 * len(shares) * math.fsum(shares))
    assert found == pytest.approx(expected, abs=1e-9)


def test_only_values_count_and_their_bases_are_named() -> None:
    frame = pl.DataFrame(
        {
            "total_value": [1.0, None, 2.0, 6.0],
            "total_basis": ["printed", "bounded", "counted", "printed"],
        }
    )
    found = summary(frame, "total")
    assert (found.known, found.bases) == (3, ("counted", "printed"))
    assert (found.sum, found.mean, found.median) == (9, 3, 2)
    assert summary(frame.clear(), "total") == (0, (), None, None, None, None)
