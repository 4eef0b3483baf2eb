"""Every city over the years: its figures, and how its rank has moved since the year before."""

from __future__ import annotations

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.measures import figures
from citytech_data.ranking import rank_movements
from citytech_data.vocabulary import ALL, MEASURES, POPULATION


def histories(
    dataset: Dataset, technology: str = ALL, population: str = POPULATION
) -> pl.DataFrame:
    """Return every city's values in all years of the dataset, in the order of the cities.

    Columns: code, and `m_history` for each measure `m`: a list with the value of each year of
    `dataset.years`, null where none is known.
    """
    by_year = [figures(dataset, year, technology, population) for year in dataset.years]
    columns = [
        pl.DataFrame([found[measure]["value"].alias(str(at)) for at, found in enumerate(by_year)])
        .select(pl.concat_list(pl.all()).alias(f"{measure}_history"))
        .to_series()
        for measure in MEASURES
        if by_year
    ]
    return dataset.cities.select("code").hstack(columns)


def with_rank_before(frame: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the standings `frame` with the ranks of the standings `before` of another year.

    Adds `m_rank_before` and `m_rank_since` for each measure `m`: places won since then.
    """
    ranks = before.select(
        "code", *(pl.col(f"{m}_rank").alias(f"{m}_rank_before") for m in MEASURES)
    )
    joined = frame.join(ranks, on="code", how="left", maintain_order="left")
    return joined.with_columns(rank_movements())
