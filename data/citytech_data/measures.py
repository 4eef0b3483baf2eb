"""The measures: what they are, and every city's figure in each, with how it is known.

Definitions (docs/method.md): total is a count of applications; density is total per 10,000
residents; proportion is total as percent of all applications. Each can also be found from the
others, so a printed ratio gives a total and a bound on one gives a bound on the next.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.intervals import Interval
from citytech_data.manifest import PER_COUNTRY
from citytech_data.tables import compact
from citytech_data.vocabulary import ALL, MEASURES, POPULATION

RESIDENTS = 10_000
"""Density counts per this many residents."""
PERCENT = 100
RATIOS = ("density", "proportion")
"""The stored measures that a total can be computed from, where a source prints them."""


class Method(StrEnum):
    """How a figure came about; `left` and `right` of a figure are the operands."""

    OBSERVED = "observed"
    CLAIMED = "claimed"
    DENSITY_TIMES_POPULATION = "density_times_population"
    PROPORTION_TIMES_ALL = "proportion_times_all"
    TOTAL_PER_POPULATION = "total_per_population"
    TOTAL_PER_ALL = "total_per_all"
    PROVEN = "proven"


def density(total: Interval, population: Interval) -> Interval:
    """Return applications per 10,000 residents."""
    return (total / population).scaled(RESIDENTS)


def total_from_density(density: Interval, population: Interval) -> Interval:
    """Return the applications that a density per 10,000 residents means."""
    return (density * population).scaled(1 / RESIDENTS)


def proportion(total: Interval, applications: Interval) -> Interval:
    """Return the total as percent of all applications."""
    return (total / applications).scaled(PERCENT)


def total_from_proportion(proportion: Interval, applications: Interval) -> Interval:
    """Return the applications that a proportion in percent means."""
    return (proportion * applications).scaled(1 / PERCENT)


def year_on_year(value: pl.Expr, year: pl.Expr) -> pl.Expr:
    """Return the growth since the year before as a fraction; null where that year is unknown or 0.

    The rows must be in the order of `year`.
    """
    before = value.shift(1)
    return pl.when((year - year.shift(1) == 1) & (before > 0)).then(value / before - 1)


def compound_annual_growth_rate(first: pl.Expr, last: pl.Expr, years: pl.Expr) -> pl.Expr:
    """Return the yearly growth as a fraction that leads from `first` to `last` in `years`."""
    return pl.when((first > 0) & (years > 0)).then((last / first) ** (1 / years) - 1)


FIGURE = (
    "value",
    "lower",
    "upper",
    "basis",
    "source",
    "note",
    "method",
    "left",
    "left_source",
    "right",
    "right_source",
)
"""The columns of a figure, beside its place."""

_RIGHT = "_right"
Formula = Callable[[Interval, Interval], Interval]


def figures(
    dataset: Dataset, year: int, technology: str = ALL, population: str = POPULATION
) -> dict[str, pl.DataFrame]:
    """Return the figures of every city in each of `MEASURES`, for one year and technology.

    Density is per head of the stored measure `population`. What sources print or claim of it is
    per resident, so that another one leaves it out and computes all.

    Each frame has one row per city, in the order of the cities, and the columns `code` and
    `FIGURE`. `source` joins the ids of all sources used by `;`.
    """
    residents = _observed(dataset, POPULATION, year)
    heads = residents if population == POPULATION else _observed(dataset, population, year)
    applications = _applications(dataset, year, technology)
    printed_density = _observed(dataset, "density", year, technology)
    printed_proportion = _observed(dataset, "proportion", year, technology)
    counts = _observed(dataset, dataset.manifest.count, year, technology)
    own_population = _own_denominator(dataset, POPULATION, printed_density, residents, year)
    own_applications = applications
    if dataset.manifest.share_of != PER_COUNTRY:
        own_applications = _own_denominator(
            dataset, dataset.manifest.share_measure, printed_proportion, applications, year
        )
    total_of = {
        Method.DENSITY_TIMES_POPULATION: (printed_density, own_population, total_from_density),
        Method.PROPORTION_TIMES_ALL: (printed_proportion, own_applications, total_from_proportion),
    }
    derived = [
        _combined(left, right, formula, method)
        for method, (left, right, formula) in total_of.items()
    ]
    claimed = {measure: _claimed_bounds(dataset, measure, year, technology) for measure in MEASURES}
    total = _first(counts, *derived, claimed["total"])
    per_population = _combined(total, heads, density, Method.TOTAL_PER_POPULATION)
    per_all = _combined(total, applications, proportion, Method.TOTAL_PER_ALL)
    known = pl.col("value").is_not_null()
    per_resident = _first(
        printed_density, per_population.filter(known), claimed["density"], per_population
    )
    found = {
        "total": total,
        "density": per_resident if population == POPULATION else per_population,
        "proportion": _first(
            printed_proportion, per_all.filter(known), claimed["proportion"], per_all
        ),
    }
    codes = dataset.cities.select("code")
    return {measure: _of_all(codes, frame) for measure, frame in found.items()}


def _of_all(codes: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return the figures of all cities in the order of `codes`; `missing` where there is none."""
    if not found["code"].equals(codes["code"]):  # a join would take time for nothing
        found = compact(codes.join(found, on="code", how="left", maintain_order="left"))
    return found.with_columns(pl.col("basis").fill_null("missing"))


def _observed(dataset: Dataset, measure: str, year: int, technology: str = ALL) -> pl.DataFrame:
    rows = dataset.preferred.filter(
        (pl.col("measure") == measure)
        & (pl.col("year") == year)
        & (pl.col("technology") == technology)
        & (pl.col("basis") != "missing")
    )
    return _figure_columns(rows.rename({"place": "code"}), Method.OBSERVED)


def _figure_columns(rows: pl.DataFrame, method: Method) -> pl.DataFrame:
    number, text = pl.lit(None, pl.Float64), pl.lit(None, pl.String)
    known = Interval.of()
    return rows.with_columns(
        known.lower.alias("lower"),
        known.upper.alias("upper"),
        pl.lit(str(method)).alias("method"),
        number.alias("left"),
        text.alias("left_source"),
        number.alias("right"),
        text.alias("right_source"),
    ).select("code", *FIGURE)


def _applications(dataset: Dataset, year: int, technology: str) -> pl.DataFrame:
    """All applications: of each place itself, or the country's for every place."""
    manifest = dataset.manifest
    if manifest.share_of != PER_COUNTRY:
        return _observed(dataset, manifest.share_measure, year)
    country = _observed(dataset, manifest.share_measure, year, technology).filter(
        pl.col("code") == manifest.country
    )
    return dataset.cities.select("code").join(country.drop("code"), how="cross")


def _own_denominator(
    dataset: Dataset, measure: str, printed: pl.DataFrame, preferred: pl.DataFrame, year: int
) -> pl.DataFrame:
    """The denominator that the source of a printed ratio gives itself, else the preferred one."""
    own = dataset.observations.filter(
        (pl.col("measure") == measure)
        & (pl.col("year") == year)
        & (pl.col("technology") == ALL)
        & (pl.col("basis") != "missing")
    ).rename({"place": "code"})
    own = own.join(printed.select("code", "source"), on=["code", "source"], how="semi")
    return _first(_figure_columns(own, Method.OBSERVED), preferred)


def _combined(
    left: pl.DataFrame,
    right: pl.DataFrame,
    formula: Formula,
    method: Method,
) -> pl.DataFrame:
    joined = _beside(left, right)
    result = formula(Interval.of(), Interval.of(_RIGHT)).finite()
    value = result.value
    sources = _both_sources(joined)
    notes = pl.concat_str("note", f"note{_RIGHT}", separator="; ", ignore_nulls=True)
    return joined.select(
        "code",
        value=value.round_sig_figs(12),
        lower=result.lower.round_sig_figs(12),
        upper=result.upper.round_sig_figs(12),
        basis=pl.when(value.is_not_null()).then(pl.lit("derived")).otherwise(pl.lit("bounded")),
        source=sources,
        note=pl.when(notes != "").then(notes),
        method=pl.lit(str(method)),
        left=pl.coalesce("value", "lower", "upper"),
        left_source=pl.col("source"),
        right=pl.coalesce(f"{name}{_RIGHT}" for name in ("value", "lower", "upper")),
        right_source=pl.col(f"source{_RIGHT}"),
    ).filter(pl.any_horizontal(pl.col("value", "lower", "upper").is_not_null()))


def _beside(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Return the figures of the cities that both frames have, those of `right` with a suffix."""
    if not left["code"].equals(right["code"]):
        return left.join(right, on="code", suffix=_RIGHT)
    # The same cities in the same order: a join would take time for nothing.
    named = (pl.col(name).alias(f"{name}{_RIGHT}") for name in right.columns if name != "code")
    return pl.concat([left, right.select(named)], how="horizontal")


def _both_sources(joined: pl.DataFrame) -> pl.Series:
    """Return the ids of the sources of both operands, each once; computed once for each pair."""
    pairs = joined.select(pl.concat_str("source", f"source{_RIGHT}", separator=";"))
    distinct = pairs.unique("source")
    ids = distinct["source"].str.split(";").list.unique(maintain_order=True).list.join(";")
    return pairs["source"].replace_strict(distinct["source"], ids, return_dtype=pl.String)


def _claimed_bounds(dataset: Dataset, measure: str, year: int, technology: str) -> pl.DataFrame:
    """The bounds that claims such as `more than 10,000` state, the narrowest of several."""
    claims = dataset.claims.filter(
        (pl.col("kind") == "bound")
        & (pl.col("measure") == measure)
        & (pl.col("year") == year)
        & (technology == ALL)
    )
    value, op = pl.col("value"), pl.col("op")
    rows = (
        claims.with_columns(pl.col("places").str.split(";").alias("code"))
        .explode("code")
        .group_by("code", maintain_order=True)
        .agg(
            value.filter(op.is_in([">", ">="])).max().alias("lower"),
            value.filter(op.is_in(["<", "<="])).min().alias("upper"),
            pl.col("source").unique(maintain_order=True).str.join(";"),
            pl.lit(None, pl.String).alias("note"),
        )
        .with_columns(pl.lit(None, pl.Float64).alias("value"), pl.lit("bounded").alias("basis"))
    )
    return _figure_columns(rows, Method.CLAIMED)


def _first(*candidates: pl.DataFrame) -> pl.DataFrame:
    """Return each city's figure from the first frame that has one; each has a city at most once."""
    known: list[pl.DataFrame] = []
    for frame in candidates:
        # One that adds no city would take time for nothing.
        adds = not frame.is_empty() and not any(frame["code"].equals(a["code"]) for a in known)
        known += [frame] if adds else []
    if len(known) < 2:
        return known[0] if known else candidates[0]
    return pl.concat(known).unique("code", keep="first", maintain_order=True)
