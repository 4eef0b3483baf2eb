"""The top of a large dataset's ranking, found before its tables are checked and ranked.

Only what is sure to be the same in the end is told: the person looks at the first places, while
those of a million take seconds to check and rank.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.errors import DatasetError
from citytech_data.files import Contents
from citytech_data.manifest import Manifest
from citytech_data.measures import RATIOS
from citytech_data.opening import Opening, unread
from citytech_data.ranking import ranking_order, standings
from citytech_data.schema import CITIES, CLAIMS, NOTES, OBSERVATIONS, SOURCES, Table
from citytech_data.tablefiles import glimpse, in_order
from citytech_data.tables import check_table, collected, empty_table
from citytech_data.vocabulary import ALL, MEASURES

MEASURE = "total"
"""What is ranked: the one measure that needs but one figure of each place."""
TABLES = (CITIES, OBSERVATIONS, CLAIMS, SOURCES)
"""The tables that the ranking depends on."""
MOST = 200
"""Places at most."""


def glimpses(contents: Contents) -> dict[str, pl.LazyFrame]:
    """Return the cells of `TABLES` as Polars finds them, where it finds any."""
    files = contents.files
    found = {
        table.name: glimpse(files[table.name]) if table.name in files else empty_table(table).lazy()
        for table in TABLES
    }
    return {name: frame for name, frame in found.items() if frame is not None}


def glance(manifest: Manifest, glimpsed: Mapping[str, pl.LazyFrame]) -> Opening | None:
    """Return the first places by `MEASURE` of a dataset of which `TABLES` were glimpsed.

    Ranks that depend on figures of other places are null. None where claims, several sources or
    printed ratios have a say in the ranking, or where something is wrong with the first places.
    """
    if manifest.year is None or any(table.name not in glimpsed for table in TABLES):
        return None
    try:
        found = {table: in_order("", glimpsed[table.name], table) for table in TABLES}
        dataset = _first_places(manifest, manifest.year, found)
    except (DatasetError, OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None  # what is wrong where is told when the whole tables are read and checked
    return None if dataset is None else _opening(dataset, manifest.year)


def _first_places(
    manifest: Manifest, year: int, cells: Mapping[Table, pl.LazyFrame]
) -> Dataset | None:
    if cells[CLAIMS].head(1).collect().height:
        return None
    observations = collected(cells[OBSERVATIONS])
    codes = _first(observations, manifest.count, year)
    cities = {*codes} - {manifest.country}
    named = cells[CITIES].filter(pl.col("code").is_in(cities)).collect(engine="streaming")
    if not cities or named.height != len(cities):
        return None
    own = _text("place").is_in([*codes, manifest.country])
    return Dataset(
        manifest,
        check_table("", named, CITIES),
        check_table("", observations.filter(own), OBSERVATIONS),
        empty_table(CLAIMS),
        check_table("", cells[SOURCES].collect(), SOURCES),
        empty_table(NOTES),
    )


def _first(cells: pl.DataFrame, count: str, year: int) -> list[str]:
    """Return the codes of the places of the largest counts, none if more than these have a say.

    The country may be among them.
    """
    counted = cells.filter(
        *_are(cells, "year", _text("year").cast(pl.Int64, strict=False) == year),
        *_are(cells, "technology", _text("technology") == ALL),
        *_are(cells, "basis", _text("basis") != "missing"),
        *_are(cells, "measure", _text("measure").is_in([count, *RATIOS])),
    ).select("place", "measure", "value", "source")
    measures, sources = (
        {*counted.select(pl.col(column).unique()).select(_text(column)).to_series()}
        for column in ("measure", "source")
    )
    if measures != {count} or len(sources) > 1:
        return []
    values = _numbers(counted["value"])
    largest = values.drop_nulls().top_k(MOST + 1)
    # Which of the places that share the last rank come first, all of them decide.
    chosen = values.is_not_null() if len(largest) <= MOST else values > largest.min()
    return counted.filter(chosen).select(_text("place")).to_series().to_list()


def _are(cells: pl.DataFrame, column: str, wanted: pl.Expr) -> list[pl.Expr]:
    """Return how to find the rows in which a column is as `wanted`; nothing if it always is.

    Only its distinct cells are asked.
    """
    distinct = cells.select(pl.col(column).unique())
    found = distinct.filter(wanted)
    if found.height == distinct.height:
        return []
    return [pl.col(column).is_in(found[column].implode())]


def _text(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.strip_chars()


def _numbers(cells: pl.Series) -> pl.Series:
    found = cells.cast(pl.Float64, strict=False)
    if found.null_count() == cells.null_count():
        return found  # to strip them all would take time for nothing
    return cells.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)


def _opening(dataset: Dataset, year: int) -> Opening:
    frame = standings(dataset, year)
    unknown = [
        name
        for name in frame.columns
        if "rank" in name.split("_") and not name.startswith(f"{MEASURE}_rank")
    ]
    unknown += [name for name in frame.columns if name.startswith(f"{MEASURE}_rank_vs_")]
    unknown.append(f"{MEASURE}_rank_change")
    frame = frame[ranking_order(frame, MEASURE)].with_columns(
        pl.lit(None, pl.Int64).alias(name) for name in unknown
    )
    nothing = unread(dataset.manifest)
    orders = dict.fromkeys(MEASURES, ()) | {MEASURE: range(frame.height)}
    return nothing._replace(columns=frame.to_dict(as_series=False), orders=orders)
