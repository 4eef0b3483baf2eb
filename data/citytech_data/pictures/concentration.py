"""How concentrated a measure is: Gini coefficient, Lorenz curve and concentration curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import polars as pl

from citytech_data.manifest import Manifest
from citytech_data.pictures.axes import Axis, Span, usable
from citytech_data.pictures.plot import Curve, Mark, Plot

PERCENT = 100


def gini(values: Sequence[float]) -> float | None:
    """Return the Gini coefficient of values that are not negative: 0 where all are equal.

    With n values it is at most 1 - 1/n. None without values, or where all are 0.
    """
    known = sorted(values)
    total, count = sum(known), len(known)
    if total <= 0:
        return None
    weighted = sum(rank * value for rank, value in enumerate(known, 1))
    return 2 * weighted / (count * total) - (count + 1) / count


def curve(values: Sequence[float], weights: Sequence[float]) -> list[tuple[float, float]]:
    """Return shares of weight and of value, in percent, summed from the least value per weight.

    The first point is (0, 0) and the last (100, 100); the weights are above 0.
    """
    order = sorted(range(len(values)), key=lambda i: (values[i] / weights[i], i))
    across = accumulate((weights[i] for i in order), initial=0.0)
    up = accumulate((values[i] for i in order), initial=0.0)
    width, height = sum(weights), sum(values)
    return [
        (min(100.0, PERCENT * x / width), min(100.0, PERCENT * y / height))
        for x, y in zip(across, up, strict=True)
    ]


def area_coefficient(points: Sequence[tuple[float, float]]) -> float:
    """Return twice the area between a curve in percent and the diagonal: its Gini coefficient."""
    under = sum((x1 - x0) * (y0 + y1) / 2 for (x0, y0), (x1, y1) in pairwise(points))
    return 1 - 2 * under / PERCENT**2


@dataclass(frozen=True, slots=True)
class Concentration:
    """The plot of a measure's Lorenz curve and what it comes to.

    `by_residents` is the same for the curve by residents instead of places, where there is one.
    `bounded` and `missing` count the places that are in neither.
    """

    plot: Plot
    gini: float | None
    by_residents: float | None
    counted: int
    bounded: int
    missing: int


def concentration(standings: pl.DataFrame, manifest: Manifest, measure: str) -> Concentration:
    """Return the Lorenz curve of `measure` over the places whose value is known.

    For Total also the concentration curve by residents: places from the lowest density up, each
    as wide as its population. A mark stands where a place is reached.
    """
    names = standings.select("code", "city", pl.col("city_zh").fill_null("")).iter_rows()
    known = [
        (name, value)
        for name, raw in zip(names, standings[f"{measure}_value"], strict=True)
        if (value := usable(raw)) is not None
    ]
    known.sort(key=lambda item: (item[1], item[0][0]))
    values = [value for _, value in known]
    coefficient = gini(values)
    curves: list[Curve] = [Curve("equality", ((0, 0), (PERCENT, PERCENT)), dashed=True)]
    marks: tuple[Mark, ...] = ()
    by_residents = None
    if coefficient is not None:
        points = curve(values, [1.0] * len(values))
        curves.append(Curve("places", tuple(points)))
        marks = tuple(
            Mark(name[0], name[1], name[2], Span(x), Span(y))
            for (name, _), (x, y) in reversed([*zip(known, points[1:], strict=True)])
        )
        weighted = _by_residents(standings, measure)
        if weighted:
            curves.append(Curve("residents", tuple(weighted)))
            by_residents = area_coefficient(weighted)
    bounded = _bounded(standings, measure)
    missing = standings.height - len(known) - bounded
    left_out: Mapping[str, int] = {"bounded": bounded, "missing": missing}
    title = manifest.labels[measure].title
    plot = Plot(
        Axis("Share of the places, from the lowest up", "%", 0, PERCENT),
        Axis(f"Share of: {title}", "%", 0, PERCENT),
        marks,
        standings,
        left_out,
        tuple(curves),
    )
    return Concentration(plot, coefficient, by_residents, len(known), bounded, missing)


def _bounded(standings: pl.DataFrame, measure: str) -> int:
    value, lower, upper = (pl.col(f"{measure}_{part}") for part in ("value", "lower", "upper"))
    return standings.filter(value.is_null() & (lower.is_not_null() | upper.is_not_null())).height


def _by_residents(standings: pl.DataFrame, measure: str) -> list[tuple[float, float]]:
    """The curve by residents; none where a place with a value lacks its population."""
    if measure != "total":
        return []
    known = standings.filter(pl.col("total_value").is_not_null())
    people = known["population"]
    if people.null_count() or not (people > 0).all():
        return []
    return curve(known["total_value"].to_list(), people.to_list())
