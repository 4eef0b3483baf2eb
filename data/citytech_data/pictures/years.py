"""Lines over years: one measure of a few places, year by year, on one chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.measures import figures
from citytech_data.pictures.axes import Span, usable
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
