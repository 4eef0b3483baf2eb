"""What the figures of several cities come to: how many, sum, mean, median and inequality."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import polars as pl


class Summary(NamedTuple):
    """The known values of one measure; bounds do not count. None where there are no values."""

    known: int
    bases: tuple[str, ...]
    """The bases of the values, in alphabetical order."""
    sum: float | None
    mean: float | None
    median: float | None
    gini: float | None
    """From 0, where all are equal, to nearly 1, where one has all."""


def summary(frame: pl.DataFrame, measure: str) -> Summary:
    """Return the summary of `measure` over the rows of the standings `frame`."""
    import polars as pl

    figures = frame.select(value=f"{measure}_value", basis=f"{measure}_basis").drop_nulls("value")
    values = figures["value"]
    if values.is_empty():
        return Summary(0, (), None, None, None, None)
    bases = tuple(figures["basis"].unique().sort())
    total = float(values.sum())
    return Summary(
        len(values),
        bases,
        total,
        total / len(values),
        figures.select(pl.col("value").median()).item(),
        gini(values),
    )


def gini(values: pl.Series) -> float | None:
    """Return the Gini coefficient of values that are not negative; None if they add up to 0.

    Over n values x in ascending order: 2 * sum(i * x_i) / (n * sum(x)) - (n + 1) / n.
    """
    import polars as pl

    count, largest = len(values), values.max()
    if not isinstance(largest, float | int) or largest <= 0:
        return None
    # Divided by the largest, sums of huge values stay finite.
    shares = (values / largest).sort()
    weighted = float((shares * pl.int_range(1, count + 1, eager=True)).sum())
    return max(0.0, 2 * weighted / (count * float(shares.sum())) - (count + 1) / count)
