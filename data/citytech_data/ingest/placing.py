"""The second stage: every distinct place once, and a number (a spot) for what came of it."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from citytech_data.ingest.clean import PLACE_COLUMNS, PLACE_YEAR
from citytech_data.ingest.engine import Engine
from citytech_data.ingest.members import members
from citytech_data.ingest.options import Listener
from citytech_data.ingest.places import place

# Polars makes its automaton of all words anew for each slice: a tenth of a second.
_AT_ONCE, _SLICE = 2, 200_000
_FIELD, _MEMBER = "\x1f", "\x1e"
_OUTCOME = ("place", "method", "confidence", "reason")


@dataclass(frozen=True, slots=True)
class Spots:
    """What came of placing, of which there are few different outcomes, however many places.

    `of_outcome` has a `spot` for every outcome, and whether it is `unplaced`; `parts` says what
    a spot stands for: one row per applicant, each of which counts 1/`n`.
    """

    of_outcome: pl.DataFrame
    parts: pl.DataFrame


def place_all(
    engine: Engine, names: pl.DataFrame | None, separators: Collection[str] | None, tell: Listener
) -> Spots:
    """Place the distinct places that an engine has read.

    `separators` are what parts several applicants in a cell, or None to count the first only.
    """
    found = engine.place(Placing(names, separators), tell)
    # By their texts, so that spots have the same order whatever was placed first.
    spots = found.sort("text").with_row_index("spot")
    meanings = (
        spots.with_columns(pl.col("text").str.split(_MEMBER))
        .with_columns(pl.col("text").list.len().cast(pl.Int64).alias("n"))
        .explode("text")
        .with_columns(pl.col("text").str.split_exact(_FIELD, len(_OUTCOME) - 1).alias("field"))
        .select("spot", "n", pl.col("field").struct.rename_fields(_OUTCOME).struct.unnest())
        .with_columns(pl.when(pl.col(name) != "").then(name) for name in _OUTCOME)
    )
    known = meanings.group_by("spot").agg(
        (pl.col("place").is_null() & ~is_outside()).all().cast(pl.Int8).alias("unplaced")
    )
    return Spots(spots.join(known, on="spot").select("outcome", "spot", "unplaced"), meanings)


def is_outside() -> pl.Expr:
    """Return whether a place is known to be outside the cities that are counted."""
    return pl.col("reason").str.starts_with("outside").fill_null(False)


@dataclass(frozen=True, slots=True)
class Placing:
    """Places distinct places by a table of names, if any; see `place_all`."""

    names: pl.DataFrame | None
    separators: Collection[str] | None

    def __call__(self, places: pl.DataFrame) -> pl.DataFrame:
        """Return the `outcome` of each place, and its `text`: each distinct member counts once."""
        each = places
        if self.separators is not None:
            slices = places.iter_slices(_SLICE)
            each = pl.concat(members(some, self.separators) for some in slices)
        columns = [*PLACE_COLUMNS, "year"]
        each = each.rename({PLACE_YEAR: "year"}).with_columns(same=pl.struct(columns).hash())
        distinct = each.unique("same", maintain_order=True)
        # What is remembered of the gazetteer is made here, not once in each thread.
        placed = [self._place(distinct.head(0))]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            placed += pool.map(self._place, distinct.iter_slices(_SLICE))
        joined = each.select("same", id="place").join(
            pl.concat(placed), on="same", maintain_order="left"
        )
        if self.separators is not None:
            joined = joined.group_by("id", maintain_order=True).agg(
                pl.col("text").str.join(_MEMBER)
            )
        outcome = pl.col("text").hash().reinterpret(signed=True)
        return joined.select(outcome.alias("outcome"), "text", place="id")

    def _place(self, distinct: pl.DataFrame) -> pl.DataFrame:
        told = place(distinct.select(*PLACE_COLUMNS, "year"), self.names)
        cells = [pl.col(name).cast(pl.String).fill_null("") for name in _OUTCOME]
        text = told.select(pl.concat_str(cells, separator=_FIELD).alias("text"))
        return text.with_columns(distinct["same"])
