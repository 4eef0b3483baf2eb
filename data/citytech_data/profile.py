"""What a city is made of: its technology mix, how special that is, and whom it resembles.

Definitions (docs/method.md): a technology's share is its count by the sum of all technologies'
counts, as an application in several technologies counts in each. The specialisation index is the
revealed technological advantage (Soete 1987): a city's share by the share of all, above 1 where
the city is specialised. Two cities' proximity is the cosine of their counts (Jaffe 1986).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.vocabulary import ALL


@dataclass(frozen=True, slots=True)
class Mix:
    """The technology mix of the cities of a dataset in one year.

    `frame` has one row per city and technology, for the cities whose counts are known in every
    technology, in the order of cities and technologies: code, technology, value (count), share
    (fraction), share_of_all (fraction) and advantage (null where all have none). `national` tells
    whether all is the country, or else the sum of these cities.
    """

    frame: pl.DataFrame
    national: bool

    def of(self, code: str) -> pl.DataFrame:
        """Return a city's rows; none if its mix is not known."""
        return self.frame.filter(pl.col("code") == code)


def technology_mix(dataset: Dataset, year: int) -> Mix:
    """Return the mix of every city whose count is known in each technology of the dataset."""
    technologies = [name for name in dataset.technologies if name != ALL]
    counts = dataset.preferred.filter(
        (pl.col("measure") == dataset.manifest.count)
        & (pl.col("year") == year)
        & pl.col("technology").is_in(technologies)
        & pl.col("value").is_not_null()
    ).select(pl.col("place").alias("code"), "technology", "value")
    complete = pl.len().over("code") == len(technologies)
    known = counts.filter(complete & (pl.col("value").sum().over("code") > 0))
    order = {name: index for index, name in enumerate(technologies)}
    rank = pl.col("technology").replace_strict(order, return_dtype=pl.Int64)
    cities = dataset.cities.select("code").with_row_index("_city")
    rows = known.join(cities, on="code").sort("_city", rank).drop("_city")
    country = known.filter(pl.col("code") == dataset.manifest.country)
    national = bool(country.height)
    whole = (country if national else rows).group_by("technology").agg(pl.col("value").sum())
    all_shares = whole.select(
        "technology", (pl.col("value") / pl.col("value").sum()).alias("share_of_all")
    )
    share, of_all = pl.col("share"), pl.col("share_of_all")
    frame = (
        rows.with_columns((pl.col("value") / pl.col("value").sum().over("code")).alias("share"))
        .join(all_shares, on="technology", how="left", maintain_order="left")
        .with_columns(pl.when(of_all > 0).then(share / of_all).alias("advantage"))
    )
    return Mix(frame, national)


def nearest(mix: Mix, code: str) -> pl.DataFrame:
    """Return the other cities, the one of the most similar mix first: code, proximity (0 to 1).

    Empty if the mix of the city is not known.
    """
    value, own = pl.col("value"), pl.col("own")
    wanted = mix.of(code).select("technology", value.alias("own"))
    length = (value**2).sum().sqrt() * (own**2).sum().sqrt()
    return (
        mix.frame.join(wanted, on="technology", maintain_order="left")
        .group_by("code", maintain_order=True)
        .agg(((value * own).sum() / length).clip(0, 1).alias("proximity"))
        .filter(pl.col("code") != code)
        .sort("proximity", descending=True, maintain_order=True)
    )


def percentile(standings: pl.DataFrame, code: str, measure: str) -> float | None:
    """Return the percent of the other cities of known value that a city's value exceeds.

    Equal values count half. None if its value, or that of every other city, is not known.
    """
    values, at = standings[f"{measure}_value"], standings["code"].index_of(code)
    value, others = None if at is None else values[at], values.count() - 1
    if value is None or others < 1:
        return None
    below, equal = int((values < value).sum()), int((values == value).sum()) - 1
    return 100 * (below + equal / 2) / others
