"""Lines over years: one measure of a few places, year by year, on one chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.manifest import Label
from citytech_data.measures import figures
from citytech_data.pictures.axes import Axis, Span, axis_over, usable
from citytech_data.pictures.plot import Curve, Mark, Plot
from citytech_data.vocabulary import ALL


class YearLine(NamedTuple):
    """A place and its figure in each year of the dataset, `Span()` where nothing is known."""

    code: str
    name: str
    name_zh: str
    years: tuple[tuple[int, Span], ...]


def lines_over_years(
    dataset: Dataset, codes: Sequence[str], measure: str, technology: str = ALL
) -> list[YearLine]:
    """Return the figures in `measure`, one of `MEASURES`, of the places `codes`, in their order.

    Bounds are those of the sources and single claims, not what all claims together prove.
    """
    manifest = dataset.manifest
    wanted = [*codes, manifest.country]
    few = replace(
        dataset,
        cities=dataset.cities.filter(pl.col("code").is_in(list(codes))),
        observations=dataset.observations.filter(pl.col("place").is_in(wanted)),
    )
    found: dict[str, list[tuple[int, Span]]] = {code: [] for code in codes}
    for year in dataset.years:
        frame = figures(few, year, technology)[measure]
        for row in frame.select("code", "value", "lower", "upper").iter_rows():
            code, value, lower, upper = row
            exact = usable(value)
            span = Span(exact) if exact is not None else Span(None, usable(lower), usable(upper))
            found[code].append((year, span))
    names = {
        code: (name, name_zh or "")
        for code, name, name_zh in few.cities.select("code", "name_en", "name_zh").iter_rows()
    }
    return [YearLine(code, *names[code], tuple(found[code])) for code in codes if code in names]


def years_plot(lines: Sequence[YearLine], label: Label, *, log: bool = False) -> Plot:
    """Return `lines` on one chart: the n-th is series n, joined in consecutive known years only.

    A figure that is only bounded is a mark of its own. `left_out` counts the years of which
    nothing is known, and those of 0 where the axis is logarithmic.
    """
    known = [(line, year, span) for line in lines for year, span in line.years if span.ends]
    years = sorted({year for line in lines for year, _ in line.years})
    first, last = (years[0], years[-1]) if years else (0, 0)
    x = Axis("Year", "", first - 0.5, last + 0.5, years=True)
    ends = (end for _, _, span in known for end in span.ends)
    y = axis_over(label.title, label.unit, ends, log=log)
    drawn = [found for found in known if y.can_place(found[2])]
    curves = [
        Curve(line.name, run, series=number)
        for number, line in enumerate(lines)
        for run in _runs([(year, span) for each, year, span in drawn if each is line])
    ]
    marks = tuple(
        Mark(line.code, line.name, line.name_zh, Span(year), span)
        for line, year, span in drawn
        if span.value is None
    )
    missing = sum(len(line.years) for line in lines) - len(known)
    left_out = {"missing": missing, "zero": len(known) - len(drawn)}
    return Plot(x, y, marks, _frame(lines), left_out, tuple(curves))


def _runs(figures: Sequence[tuple[int, Span]]) -> list[tuple[tuple[float, float], ...]]:
    """The runs of consecutive years whose value is known."""
    runs: list[list[tuple[float, float]]] = []
    for year, span in figures:
        if span.value is None:
            continue
        if runs and runs[-1][-1][0] == year - 1:
            runs[-1].append((year, span.value))
        else:
            runs.append([(year, span.value)])
    return [tuple(run) for run in runs]


def _frame(lines: Sequence[YearLine]) -> pl.DataFrame:
    rows = [
        (line.code, line.name, line.name_zh, year, span.value, span.lower, span.upper)
        for line in lines
        for year, span in line.years
    ]
    text, number = pl.String, pl.Float64
    schema = {"code": text, "city": text, "city_zh": text, "year": pl.Int64}
    schema |= {"value": number, "lower": number, "upper": number}
    return pl.DataFrame(rows, schema=schema, orient="row")
