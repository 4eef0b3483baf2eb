"""The top of a large dataset's ranking, found long before all of its cells are checked.

Only what is sure to be the same in the end is told: the person looks at the first places, while
those of a million take seconds to check and rank.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citytech_data.dataset import Cells, Dataset
from citytech_data.errors import DatasetError
from citytech_data.measures import RATIOS
from citytech_data.opening import Opening, unread
from citytech_data.ranking import ranking_order, standings
from citytech_data.schema import CITIES, CLAIMS, NOTES, OBSERVATIONS, SOURCES, Table
from citytech_data.tables import check_table, empty_table
from citytech_data.vocabulary import ALL, MEASURES

MEASURE = "total"
"""What is ranked: the one measure that needs but one figure of each place."""
MOST = 200
"""Places at most."""
LARGE = 50_000
"""Observations; fewer are checked and ranked in the time that a glance takes."""


def glance(cells: Cells) -> Opening | None:
    """Return the first places by `MEASURE` of a dataset that was read, with their figures.

    Ranks that depend on figures of other places are null. None where the dataset is small, where
    claims, several sources or printed ratios have a say in the ranking, or where something is
    wrong with the first places.
    """
    year, observations = cells.manifest.year, cells.tables[OBSERVATIONS.name]
    claims = cells.tables[CLAIMS.name].height
    if year is None or claims or observations.height < LARGE:
        return None
    first = _first(observations, cells.manifest.count, year)
    if not first:
        return None
    try:
        dataset = Dataset(
            cells.manifest,
            _among(cells, CITIES, "code", first),
            _among(cells, OBSERVATIONS, "place", [*first, cells.manifest.country]),
            empty_table(CLAIMS),
            check_table("", cells.tables[SOURCES.name], SOURCES),
            empty_table(NOTES),
        )
    except DatasetError:
        return None  # which row it stands in is told when the whole table is checked
    return _opening(dataset, year) if dataset.cities.height else None


def _first(cells: pl.DataFrame, count: str, year: int) -> list[str]:
    """Return the codes of the places of the largest counts, none if more than these have a say.

    The country may be among them.
    """
    texts = ("measure", "technology", "basis", "source")
    numbers = {"year": pl.Int64, "value": pl.Float64}
    counted = (
        cells.lazy()
        .select(
            "place",
            pl.col(texts).str.strip_chars(),
            *(
                pl.col(name).str.strip_chars().cast(dtype, strict=False)
                for name, dtype in numbers.items()
            ),
        )
        .filter(
            pl.col("year") == year,
            pl.col("technology") == ALL,
            pl.col("basis") != "missing",
            pl.col("measure").is_in([count, *RATIOS]),
        )
        .collect()
    )
    if counted["measure"].unique().to_list() != [count] or counted["source"].n_unique() > 1:
        return []
    largest = counted.select("place", "value").drop_nulls().top_k(MOST + 1, by="value")
    if largest.height > MOST:
        # Which of the places that share the last rank come first, all of them decide.
        largest = largest.filter(pl.col("value") > pl.col("value").min())
    return largest["place"].str.strip_chars().to_list()


def _among(cells: Cells, table: Table, column: str, values: Sequence[str]) -> pl.DataFrame:
    """Return the rows of a table whose `column` is among `values`, checked and cleaned."""
    kept = pl.col(column).str.strip_chars().is_in(values)
    return check_table("", cells.tables[table.name].filter(kept), table)


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
