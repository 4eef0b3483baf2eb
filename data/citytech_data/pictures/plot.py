"""Pictures with two axes: any measure against another, and places on a map."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from citytech_data.manifest import Label, Manifest
from citytech_data.pictures.axes import Axis, Span, axis_over, usable
from citytech_data.vocabulary import MEASURES

PLOTTED = (*MEASURES, "gdp", "population")
"""The measures that a picture can have on an axis."""


class Mark(NamedTuple):
    """A place in a picture. `size` is a figure that its area stands for."""

    code: str
    name: str
    name_zh: str
    x: Span
    y: Span
    size: Span | None = None


class Curve(NamedTuple):
    """A line through points in the order of `x`, told from others by its place in the picture.

    With the number of a `series` every point has the glyph of that series.
    """

    name: str
    points: tuple[tuple[float, float], ...]
    dashed: bool = False
    series: int | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """Marks and curves on two axes; `frame` is the table behind them, with every place.

    `left_out` counts the places that have no mark: `missing` figures, and `zero` where an axis is
    logarithmic. `aspect` is how long a unit of x is beside one of y, where that matters.
    """

    x: Axis
    y: Axis
    marks: tuple[Mark, ...]
    frame: pl.DataFrame
    left_out: Mapping[str, int] = field(default_factory=dict)
    curves: tuple[Curve, ...] = ()
    aspect: float | None = None
    size: Axis | None = None


def label_of(manifest: Manifest, measure: str) -> Label:
    """Return how a plotted measure is named."""
    return manifest.labels[measure] if measure in MEASURES else manifest.stored_label(measure)


def spans(frame: pl.DataFrame, measure: str) -> Iterator[Span]:
    """Yield every place's figure in `measure`, which is one of `PLOTTED`."""
    if measure not in MEASURES:
        for value in frame[measure].to_list():
            yield Span(usable(value))
        return
    figures = frame.select(f"{measure}_{part}" for part in ("value", "lower", "upper"))
    for value, lower, upper in figures.rows():
        exact = usable(value)
        # Bounds of a value tell how its source rounds: too little to be seen.
        yield Span(exact) if exact is not None else Span(None, usable(lower), usable(upper))


def scatter(
    standings: pl.DataFrame,
    manifest: Manifest,
    x: str,
    y: str,
    log: tuple[bool, bool] = (False, False),
) -> Plot:
    """Return the places of `standings` by measure `x` across and measure `y` up.

    `log` says for each axis whether it is logarithmic.
    """
    across, up = [*spans(standings, x)], [*spans(standings, y)]
    axis_x = _measure_axis(label_of(manifest, x), across, log=log[0])
    axis_y = _measure_axis(label_of(manifest, y), up, log=log[1])
    names = standings.select("code", "city", pl.col("city_zh").fill_null("")).iter_rows()
    marks = []
    missing = zero = 0
    for (code, name, name_zh), left, right in zip(names, across, up, strict=True):
        if not left.ends or not right.ends:
            missing += 1
        elif axis_x.can_place(left) and axis_y.can_place(right):
            marks.append(Mark(code, name, name_zh, left, right))
        else:
            zero += 1
    left_out = {"missing": missing, "zero": zero}
    return Plot(axis_x, axis_y, _by_height(marks), standings, left_out)


def _measure_axis(label: Label, found: Sequence[Span], *, log: bool = False) -> Axis:
    ends = (end for span in found for end in span.ends)
    return axis_over(label.title, label.unit, ends, log=log)


def point_map(
    standings: pl.DataFrame, cities: pl.DataFrame, manifest: Manifest, measure: str
) -> Plot:
    """Return the places of `standings` where they lie, as large as their figure in `measure`.

    `cities` has code, lon and lat in degrees.
    """
    frame = standings.join(
        cities.select("code", "lon", "lat"), on="code", how="left", maintain_order="left"
    )
    sizes = [*spans(frame, measure)]
    rows = frame.select("code", "city", pl.col("city_zh").fill_null(""), "lon", "lat").iter_rows()
    marks = []
    missing = nowhere = 0
    for (code, name, name_zh, lon, lat), size in zip(rows, sizes, strict=True):
        if lon is None or lat is None:
            nowhere += 1
        elif not size.ends:
            missing += 1
        else:
            marks.append(Mark(code, name, name_zh, Span(lon), Span(lat), size))
    x = axis_over("Longitude", "°", (mark.x.ends[0] for mark in marks), from_zero=False)
    y = axis_over("Latitude", "°", (mark.y.ends[0] for mark in marks), from_zero=False)
    middle = math.radians((y.lowest + y.highest) / 2)
    label = label_of(manifest, measure)
    return Plot(
        x,
        y,
        tuple(sorted(marks, key=lambda mark: -max(mark.size.ends if mark.size else (0,)))),
        frame,
        {"missing": missing, "nowhere": nowhere},
        aspect=max(0.05, math.cos(middle)),
        size=_measure_axis(label, sizes),
    )


def _by_height(marks: list[Mark]) -> tuple[Mark, ...]:
    """The marks from the highest down: names are written in this order, as far as there is room."""
    return tuple(sorted(marks, key=lambda mark: (-mark.y.ends[-1], -mark.x.ends[-1], mark.code)))
