"""The national series behind the rankings, and how fast they grow."""

from __future__ import annotations

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.measures import compound_annual_growth_rate, year_on_year
from citytech_data.vocabulary import ALL

INDEXED = 100
"""An indexed series has this value in its first year."""


def series(dataset: Dataset) -> pl.DataFrame:
    """Return the country's figures of the declared series, in their order, by year.

    Columns: measure, title, unit, year, value, basis, source, note, indexed (the first year =
    100), year_on_year (fraction; null where the year before is not known).
    """
    manifest = dataset.manifest
    order = {measure: index for index, measure in enumerate(manifest.series)}
    labels = {measure: manifest.stored_label(measure) for measure in manifest.series}
    measure, year, value = pl.col("measure"), pl.col("year"), pl.col("value")
    rows = dataset.preferred.filter(
        (pl.col("place") == manifest.country)
        & (pl.col("technology") == ALL)
        & measure.is_in(manifest.series)
        & value.is_not_null()
    )
    return (
        rows.sort(measure.replace_strict(order, return_dtype=pl.Int64), "year")
        .with_columns(
            measure.replace_strict(
                {name: label.title for name, label in labels.items()}, return_dtype=pl.String
            ).alias("title"),
            pl.when(value.first() > 0)
            .then(value / value.first() * INDEXED)
            .over("measure")
            .alias("indexed"),
            year_on_year(value, year).over("measure").alias("year_on_year"),
        )
        .select(
            "measure",
            "title",
            "unit",
            "year",
            "value",
            "basis",
            "source",
            "note",
            "indexed",
            "year_on_year",
        )
    )


def growth(frame: pl.DataFrame) -> pl.DataFrame:
    """Return one row per series of `series`: its ends and the growth between them.

    Columns: measure, title, unit, source, points (years known), first_year, last_year, first,
    last, factor (last / first), cagr (fraction a year), end_points_only (nothing is known
    between the two ends).
    """
    value, year = pl.col("value"), pl.col("year")
    years = pl.col("last_year") - pl.col("first_year")
    return (
        frame.group_by("measure", maintain_order=True)
        .agg(
            pl.col("title", "unit", "source").first(),
            pl.len().alias("points"),
            year.first().alias("first_year"),
            year.last().alias("last_year"),
            value.first().alias("first"),
            value.last().alias("last"),
        )
        .with_columns(
            pl.when(pl.col("first") > 0).then(pl.col("last") / pl.col("first")).alias("factor"),
            compound_annual_growth_rate(pl.col("first"), pl.col("last"), years).alias("cagr"),
            ((pl.col("points") == 2) & (years > 1)).alias("end_points_only"),
        )
    )
