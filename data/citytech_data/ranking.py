"""Rank, compare, filter and sort places by a measure."""

from __future__ import annotations

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.measures import FIGURE, figures
from citytech_data.text import search_key
from citytech_data.vocabulary import ALL, MEASURES

RANK_COLUMNS = (
    "rank",
    "code",
    "city",
    "city_zh",
    "province",
    "value",
    "lower",
    "upper",
    "basis",
    "source",
    "gdp_rank",
    "rank_change",
)
"""The columns of an exported ranking."""


def competition_rank(value: pl.Expr) -> pl.Expr:
    """Return the standard competition rank, 1 for the highest: equal values share the best place.

    A missing value has no rank.
    """
    return value.rank("min", descending=True).cast(pl.Int64)


def rank_difference(rank: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Return by how many places `rank` is better than `other`; negative where it is worse."""
    return other - rank


def standings(dataset: Dataset, year: int, technology: str = ALL) -> pl.DataFrame:
    """Return every city with its figure and rank in each measure, one row per city.

    Columns: code, city, city_zh, province, province_zh, gdp, gdp_rank, population, search (the
    text that a filter looks in), and for each measure `m` of `MEASURES`: `m_value`, `m_lower`,
    ... (`FIGURE`), `m_rank`, `m_rank_worst` (the worst place that its sources allow, known also
    for a member of a top list), `m_rank_change` (against the GDP rank) and `m_rank_vs_n` for
    every other measure `n`, and `m_disputed` (false until `proven.with_evidence` knows better).
    """
    frame = _attributes(dataset, year)
    for measure, found in figures(dataset, year, technology).items():
        ranked = found.join(
            _printed_places(dataset, measure, year, technology), on="code", how="left"
        ).with_columns(_rank().alias("rank"))
        ranked = ranked.with_columns(pl.coalesce("rank", "rank_worst").alias("rank_worst"))
        columns = ("rank", "rank_worst", *FIGURE)
        frame = frame.join(
            ranked.select("code", *(pl.col(name).alias(f"{measure}_{name}") for name in columns)),
            on="code",
            how="left",
            maintain_order="left",
        )
    undisputed = [pl.lit(False).alias(f"{measure}_disputed") for measure in MEASURES]
    return frame.with_columns(*_rank_differences(), *undisputed)


def sort_places(frame: pl.DataFrame, column: str, descending: bool = False) -> pl.DataFrame:
    """Return `frame` sorted by `column`, missing values last in either direction.

    A measure's `_value` is sorted by what is proven: the value, else the lower bound; cities
    of which only an upper bound is known follow, then those without any. Equal rows keep their
    order.
    """
    keys, directions = [pl.col(column)], [descending]
    if column.endswith("_value"):
        measure = column.removesuffix("_value")
        keys = [pl.coalesce(column, f"{measure}_lower"), pl.col(f"{measure}_upper")]
        directions = [descending, descending]
    elif column.endswith("_rank"):
        keys.append(pl.col(f"{column}_worst") if f"{column}_worst" in frame.columns else keys[0])
        directions.append(descending)
    return frame.sort(keys, descending=directions, nulls_last=True, maintain_order=True)


def ranking(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Return the `standings` in the order of `measure`.

    Ranked cities come first, then members of a top list, then those of which a value or bound
    is known, then the others by GDP rank.
    """
    by_gdp = frame.sort("gdp_rank", "code", nulls_last=True)
    return sort_places(sort_places(by_gdp, f"{measure}_value", descending=True), f"{measure}_rank")


def filter_places(frame: pl.DataFrame, text: str) -> pl.DataFrame:
    """Return the places in whose names, province or code every word of `text` occurs.

    Case, accents, apostrophes and spaces do not matter: `xian` finds Xi'an.
    """
    words = [key for key in map(search_key, text.split()) if key]
    if not words:
        return frame
    search = pl.col("search")
    return frame.filter(
        pl.all_horizontal(search.str.contains(word, literal=True) for word in words)
    )


def export_ranking(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Return a ranking in the columns of `RANK_COLUMNS`."""
    own = {"rank", "value", "lower", "upper", "basis", "source", "rank_change"}
    return frame.select(
        pl.col(f"{measure}_{name}").alias(name) if name in own else pl.col(name)
        for name in RANK_COLUMNS
    )


def _attributes(dataset: Dataset, year: int) -> pl.DataFrame:
    cities = dataset.cities.select(
        "code",
        pl.col("name_en").alias("city"),
        pl.col("name_zh").alias("city_zh"),
        pl.col("province_en").alias("province"),
        pl.col("province_zh"),
    )
    wanted = dataset.preferred.filter(
        (pl.col("year") == year) & pl.col("measure").is_in(["gdp", "population"])
    )
    for measure in ("gdp", "population"):
        values = wanted.filter(pl.col("measure") == measure).select(
            pl.col("place").alias("code"), pl.col("value").alias(measure)
        )
        cities = cities.join(values, on="code", how="left", maintain_order="left")
    names = pl.concat_str(
        "city", "city_zh", "province", "province_zh", "code", separator="\n", ignore_nulls=True
    )
    # NFKD splits accents off, and what is neither letter, digit nor separator is dropped.
    key = names.str.normalize("NFKD").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}\n]", "")
    return cities.with_columns(
        competition_rank(pl.col("gdp")).alias("gdp_rank"), key.alias("search")
    )


def _printed_places(dataset: Dataset, measure: str, year: int, technology: str) -> pl.DataFrame:
    """The places that ranking and member claims print: code, printed rank, rank_worst."""
    claims = dataset.claims.filter(
        (pl.col("measure") == measure) & (pl.col("year") == year) & (technology == ALL)
    ).with_columns(pl.col("places").str.split(";").alias("code"))
    lists = claims.filter(pl.col("kind") == "ranking").with_columns(
        pl.int_ranges(1, pl.col("code").list.len() + 1).alias("printed")
    )
    members = claims.filter((pl.col("kind") == "member") & (pl.col("op") == "top"))
    ranked = lists.explode("code", "printed").group_by("code").agg(pl.col("printed").min())
    worst = (
        members.explode("code")
        .group_by("code")
        .agg(pl.col("value").min().cast(pl.Int64).alias("rank_worst"))
    )
    return ranked.join(worst, on="code", how="full", coalesce=True)


def _rank() -> pl.Expr:
    """The printed rank where a listed city has no value, else the computed one."""
    listed = pl.col("printed").is_not_null()
    only_ranks = (listed & pl.col("value").is_null()).any()
    return pl.when(only_ranks).then("printed").otherwise(competition_rank(pl.col("value")))


def _rank_differences() -> list[pl.Expr]:
    def rank(measure: str) -> pl.Expr:
        return pl.col(f"{measure}_rank")

    gdp = [
        rank_difference(rank(measure), pl.col("gdp_rank")).alias(f"{measure}_rank_change")
        for measure in MEASURES
    ]
    others = [
        rank_difference(rank(measure), rank(other)).alias(f"{measure}_rank_vs_{other}")
        for measure in MEASURES
        for other in MEASURES
        if other != measure
    ]
    return [*gdp, *others]
