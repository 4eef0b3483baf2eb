"""Rank, compare and sort places by a measure."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.measures import FIGURE, figures
from citytech_data.scope import EVERYWHERE, Scope
from citytech_data.tables import compact, varying
from citytech_data.vocabulary import ALL, MEASURES, POPULATION

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
"""The columns of an exported ranking of all cities."""


def competition_rank(value: pl.Expr) -> pl.Expr:
    """Return the standard competition rank, 1 for the highest: equal values share the best place.

    A missing value has no rank.
    """
    return value.rank("min", descending=True).cast(pl.Int64)


def rank_difference(rank: pl.Expr, other: pl.Expr) -> pl.Expr:
    """Return by how many places `rank` is better than `other`; negative where it is worse."""
    return other - rank


def standings(
    dataset: Dataset, year: int, technology: str = ALL, population: str = POPULATION
) -> pl.DataFrame:
    """Return every city with its figure and rank in each measure, one row per city.

    Density is per head of the stored measure `population`.

    Columns: code, city, city_zh, province, province_zh, gdp, gdp_rank, population, and for each
    measure `m` of `MEASURES`: `m_value`, `m_lower`, ... (`FIGURE`), `m_rank`, `m_rank_worst` (the
    worst place that its sources allow, known also for a member of a top list), `m_rank_change`
    (against the GDP rank) and `m_rank_vs_n` for every other measure `n`, and `m_disputed` (false
    until `proven.with_evidence` knows better).
    """
    frames = [_attributes(dataset, year, population)]
    for measure, found in figures(dataset, year, technology, population).items():
        printed = _printed_places(dataset, measure, year, technology)
        if measure == "density" and population != POPULATION:
            printed = printed.clear()  # what is printed is per resident
        ranked = _with_printed(found, printed).with_columns(_rank().alias("rank"))
        ranked = ranked.with_columns(pl.coalesce("rank", "rank_worst").alias("rank_worst"))
        columns = ("rank", "rank_worst", *FIGURE)
        frames.append(ranked.select(pl.col(name).alias(f"{measure}_{name}") for name in columns))
    undisputed = [pl.lit(False).alias(f"{measure}_disputed") for measure in MEASURES]
    frame = pl.concat(frames, how="horizontal")
    return compact(frame.with_columns(*_rank_differences(), *undisputed))


def within(frame: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Return the `standings` of the cities in `scope`, ranked among themselves.

    All ranks and rank differences are those within the scope. `m_rank_all`, `m_rank_worst_all`
    and `gdp_rank_all` keep those among all cities; they are there only if the scope is narrower.
    """
    if scope == EVERYWHERE:
        return frame
    if scope.gdp:
        chosen = pl.col("gdp_rank") <= scope.gdp
    elif scope.provinces:
        chosen = pl.col("province").is_in(scope.provinces)
    else:
        chosen = pl.col("code").is_in(scope.cities)
    kept = frame.filter(chosen)
    ranks = ["gdp_rank", *(f"{measure}_rank" for measure in MEASURES)]
    worsts = [f"{measure}_rank_worst" for measure in MEASURES]
    befores = [f"{measure}_rank_before" for measure in MEASURES if has_past(frame)]
    kept = kept.with_columns(pl.col(name).alias(f"{name}_all") for name in (*ranks, *worsts))
    kept = kept.with_columns(pl.col(*ranks, *befores).rank("min").cast(pl.Int64))
    # Who is among the best 20 of all is among the best 20 of some, or the last of fewer.
    worst = [
        pl.coalesce(
            f"{measure}_rank", pl.min_horizontal(f"{measure}_rank_worst", pl.lit(kept.height))
        ).alias(f"{measure}_rank_worst")
        for measure in MEASURES
    ]
    known = [
        pl.when(pl.col(f"{measure}_rank_worst").is_not_null()).then(expression)
        for measure, expression in zip(MEASURES, worst, strict=True)
    ]
    kept = kept.with_columns(known).with_columns(_rank_differences())
    return kept.with_columns(rank_movements()) if befores else kept


def has_past(frame: pl.DataFrame) -> bool:
    """Whether the standings know the ranks of a year before, see `years.with_rank_before`."""
    return f"{MEASURES[0]}_rank_before" in frame.columns


def rank_movements() -> list[pl.Expr]:
    """Return `m_rank_since` for each measure `m`: the places won since the year before."""
    return [
        rank_difference(pl.col(f"{m}_rank"), pl.col(f"{m}_rank_before")).alias(f"{m}_rank_since")
        for m in MEASURES
    ]


def sort_places(frame: pl.DataFrame, column: str, descending: bool = False) -> pl.DataFrame:
    """Return `frame` sorted by `column`, missing values last in either direction.

    A measure's `_value` is sorted by what is proven: the value, else the lower bound; cities
    of which only an upper bound is known follow, then those without any. Equal rows keep their
    order.
    """
    return frame[in_order(frame, pl.int_range(frame.height, eager=True), [(column, descending)])]


def in_order(
    frame: pl.DataFrame, order: pl.Series, columns: Sequence[tuple[str, bool]]
) -> pl.Series:
    """Return `order`, row indices of `frame`, sorted by `columns` as `sort_places` does.

    `columns` are pairs of a column and whether it descends, the most important first.
    """
    if not columns:
        return order
    keys: list[pl.Expr] = []
    directions = []
    for column, descending in columns:
        found = _sort_keys(frame, column)
        keys += [key.alias(f"key{len(keys) + index}") for index, key in enumerate(found)]
        directions += [descending] * len(found)
    narrow = frame.select(keys)[order]
    return order.gather(_arg_sort(narrow, narrow.columns, directions))


def _sort_keys(frame: pl.DataFrame, column: str) -> list[pl.Expr]:
    if column.endswith("_value"):
        measure = column.removesuffix("_value")
        return [pl.coalesce(column, f"{measure}_lower"), pl.col(f"{measure}_upper")]
    worst = f"{column}_worst"
    return [pl.col(column), pl.col(worst)] if worst in frame.columns else [pl.col(column)]


def ranking_order(frame: pl.DataFrame, measure: str) -> pl.Series:
    """Return the row indices of the `standings` in the order of `measure`.

    Ranked cities come first, then members of a top list, then those of which a value or bound
    is known, then the others by GDP rank.
    """
    value, upper = _sort_keys(frame, f"{measure}_value")
    rank, others = pl.col(f"{measure}_rank"), [pl.col("gdp_rank"), pl.col("code")]
    if not frame[f"{measure}_value"].null_count():
        # Where all values are known they are what is ranked by, and equal ones share a rank.
        return _arg_sort(frame, [rank, *others], [False] * 3)
    keys = [rank, pl.col(f"{measure}_rank_worst"), value, upper, *others]
    return _arg_sort(frame, keys, [False, False, True, True, False, False])


def _arg_sort(
    frame: pl.DataFrame, keys: Sequence[str | pl.Expr], descending: Sequence[bool]
) -> pl.Series:
    keyed = frame.select(
        (pl.col(key) if isinstance(key, str) else key).alias(str(number))
        for number, key in enumerate(keys)
    )
    order = pl.int_range(frame.height, dtype=pl.get_index_type(), eager=True)
    # One after the other, the least important first: several at once are compared as bytes, which
    # takes far longer.
    for name in reversed(varying(keyed)):
        narrow = keyed.select(name)[order]
        step = pl.arg_sort_by(
            name, descending=descending[int(name)], nulls_last=True, maintain_order=True
        )
        order = order.gather(narrow.select(step).to_series())
    return order


def ranking(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Return the `standings` in the order of `measure`, see `ranking_order`."""
    return frame[ranking_order(frame, measure)]


def export_ranking(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Return a ranking in the columns of `rank_columns`."""
    own = {"rank", "value", "lower", "upper", "basis", "source", "rank_change", "rank_all"}
    return frame.select(
        pl.col(f"{measure}_{name}").alias(name) if name in own else pl.col(name)
        for name in rank_columns(frame)
    )


def rank_columns(frame: pl.DataFrame) -> tuple[str, ...]:
    """Return the columns of an exported ranking; a scope adds the ranks among all cities."""
    scoped = "gdp_rank_all" in frame.columns
    return (*RANK_COLUMNS, "rank_all", "gdp_rank_all") if scoped else RANK_COLUMNS


def _attributes(dataset: Dataset, year: int, population: str) -> pl.DataFrame:
    cities = dataset.cities.select(
        "code",
        pl.col("name_en").alias("city"),
        pl.col("name_zh").alias("city_zh"),
        pl.col("province_en").alias("province"),
        pl.col("province_zh"),
    )
    wanted = dataset.preferred.filter(
        (pl.col("year") == year) & pl.col("measure").is_in(["gdp", population])
    )
    for measure, name in (("gdp", "gdp"), (population, "population")):
        values = wanted.filter(pl.col("measure") == measure).select(
            pl.col("place").alias("code"), pl.col("value").alias(name)
        )
        if values["code"].equals(cities["code"]):  # a join would take time for nothing
            cities = cities.with_columns(values[name])
        else:
            cities = cities.join(values, on="code", how="left", maintain_order="left")
    return cities.with_columns(competition_rank(pl.col("gdp")).alias("gdp_rank"))


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


def _with_printed(found: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    """Return the figures, in their order, with the printed rank and the worst rank."""
    if not printed.is_empty():
        return found.join(printed, on="code", how="left", maintain_order="left")
    none = [pl.lit(None, printed.schema[name]).alias(name) for name in ("printed", "rank_worst")]
    return found.with_columns(none)


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
