"""Stacked bars: what a place's applications are made of, technology by technology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.pictures.axes import Span, usable
from citytech_data.vocabulary import ALL, TECHNOLOGIES


class Bar(NamedTuple):
    """A place and its figure of each part; what is no `value` has no length."""

    code: str
    name: str
    name_zh: str
    parts: tuple[Span, ...]

    @property
    def length(self) -> float:
        """The sum of the parts whose value is known."""
        return sum(part.value or 0.0 for part in self.parts)


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars of the same `parts`, in the order of the frame; `frame` is the table behind them.

    `empty` counts the places of which no part is known: they have no bar.
    """

    parts: tuple[str, ...]
    bars: tuple[Bar, ...]
    empty: int
    frame: pl.DataFrame

    @property
    def longest(self) -> float:
        """The length of the longest bar."""
        return max((bar.length for bar in self.bars), default=0.0)


def counted_technologies(dataset: Dataset) -> tuple[str, ...]:
    """Return the technologies that the dataset counts apart, in their usual order."""
    counted = [name for name in dataset.technologies if name != ALL]
    usual = [name for name in TECHNOLOGIES if name in counted]
    return (*usual, *(name for name in counted if name not in TECHNOLOGIES))


def technology_frame(dataset: Dataset, places: pl.DataFrame, year: int) -> pl.DataFrame:
    """Return `places` (code, city, city_zh) with their count of each technology in a year.

    For each technology `t` the columns `t_value`, `t_lower` and `t_upper`.
    """
    frame = places.select("code", "city", "city_zh")
    counts = dataset.preferred.filter(
        (pl.col("measure") == dataset.manifest.count) & (pl.col("year") == year)
    )
    parts = ("value", "lower", "upper")
    for technology in counted_technologies(dataset):
        found = counts.filter(pl.col("technology") == technology).select(
            pl.col("place").alias("code"), *(pl.col(p).alias(f"{technology}_{p}") for p in parts)
        )
        frame = frame.join(found, on="code", how="left", maintain_order="left")
    return frame


def technology_bars(dataset: Dataset, places: pl.DataFrame, year: int) -> Bars:
    """Return a bar for each of `places` (code, city, city_zh), in their order.

    An application in several technologies counts in each, so that a bar may be longer than the
    place's Total.
    """
    parts = counted_technologies(dataset)
    frame = technology_frame(dataset, places, year)
    columns = [[*_spans(frame, part)] for part in parts]
    names = frame.select("code", "city", pl.col("city_zh").fill_null("")).iter_rows()
    found = zip(names, zip(*columns, strict=True) if columns else [()] * frame.height, strict=True)
    bars = [Bar(name[0], name[1], name[2], spans) for name, spans in found]
    shown = tuple(bar for bar in bars if any(part.ends for part in bar.parts))
    return Bars(parts, shown, len(bars) - len(shown), frame)


def _spans(frame: pl.DataFrame, part: str) -> Sequence[Span]:
    columns = (frame[f"{part}_{end}"] for end in ("value", "lower", "upper"))
    return [
        Span(usable(value)) if value is not None else Span(None, usable(lower), usable(upper))
        for value, lower, upper in zip(*columns, strict=True)
    ]
