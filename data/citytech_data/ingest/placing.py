"""The second stage: every distinct place once, and a number (a spot) for what came of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import polars as pl

from citytech_data.ingest.clean import PART, PLACE_COLUMNS, PLACE_YEAR, values_pattern
from citytech_data.ingest.engine import Engine
from citytech_data.ingest.options import Progress
from citytech_data.ingest.places import place

_AT_ONCE, _SLICE = 2, 50_000
_FIELD, _MEMBER = "\x1f", "\x1e"
_OUTCOME = ("place", "method", "confidence", "reason")


@dataclass(frozen=True, slots=True)
class Spots:
    """What came of placing.

    `of_place` has a `spot` for every place hash, and whether it is `unplaced`; `parts` says what
    a spot stands for: one row per applicant, each of which counts 1/`n`.
    """

    of_place: pl.DataFrame
    parts: pl.DataFrame


def place_all(
    engine: Engine,
    names: Any,
    separators: set[str] | None,
    tell: Callable[[Progress], None],
) -> Spots:
    """Place the distinct places that an engine has read, part by part.

    `separators` are what parts several applicants in a cell, or None to count the first only.
    """
    outcomes = []
    parts = engine.places()
    for part, places in enumerate(parts, 1):
        distinct = engine.collect(places).unique("place")
        members = distinct if separators is None else _members(distinct, separators)
        outcomes.append(_outcomes(members, names))
        tell(Progress("place", part, len(parts)))
    found = pl.concat(outcomes)
    texts = found["outcome"].unique().sort()
    spots = pl.DataFrame({"outcome": texts}).with_row_index("spot")
    meanings = (
        spots.with_columns(pl.col("outcome").str.split(_MEMBER))
        .with_columns(pl.col("outcome").list.len().cast(pl.Int64).alias("n"))
        .explode("outcome")
        .with_columns(pl.col("outcome").str.split_exact(_FIELD, len(_OUTCOME) - 1).alias("field"))
        .select("spot", "n", pl.col("field").struct.rename_fields(_OUTCOME).struct.unnest())
        .with_columns(pl.when(pl.col(name) != "").then(name) for name in _OUTCOME)
    )
    known = meanings.group_by("spot").agg(
        (pl.col("place").is_null() & ~is_outside()).all().cast(pl.Int8).alias("unplaced")
    )
    of_place = found.join(spots, on="outcome").join(known, on="spot")
    return Spots(of_place.select("place", "spot", "unplaced"), meanings)


def is_outside() -> pl.Expr:
    """Return whether a place is known to be outside the cities that are counted."""
    return pl.col("reason").str.starts_with("outside").fill_null(False)


def _outcomes(members: pl.DataFrame, names: Any) -> pl.DataFrame:
    """Return the outcome of each place; each distinct member is placed once."""
    columns = [*PLACE_COLUMNS, "year"]
    members = members.rename({PLACE_YEAR: "year"}).with_columns(same=pl.struct(columns).hash())
    distinct = members.unique("same", maintain_order=True)
    # What is remembered of the gazetteer is made here, not once in each thread.
    placed = [_outcome(distinct.head(0), names)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        placed += pool.map(lambda some: _outcome(some, names), distinct.iter_slices(_SLICE))
    joined = members.select("same", id="place").join(
        pl.concat(placed), on="same", maintain_order="left"
    )
    by_place = joined.group_by("id", maintain_order=True).agg(pl.col("outcome").str.join(_MEMBER))
    return by_place.rename({"id": "place"})


def _outcome(distinct: pl.DataFrame, names: Any) -> pl.DataFrame:
    told = place(distinct.select(*PLACE_COLUMNS, "year"), names)
    cells = [pl.col(name).cast(pl.String).fill_null("") for name in _OUTCOME]
    outcome = told.select(pl.concat_str(cells, separator=_FIELD).alias("outcome"))
    return outcome.with_columns(distinct["same"])


def _members(distinct: pl.DataFrame, separators: set[str]) -> pl.DataFrame:
    """Return a row per applicant; one whose own address or city is not given is placed by name."""
    patterns = sorted(filter(None, (values_pattern(each) for each in separators)))
    pattern = re.compile("|".join(patterns) or "(?!)")
    rows = []
    for row in distinct.iter_rows(named=True):
        cells = {name: _values(row[name], pattern) for name in PLACE_COLUMNS}
        count = max(len(cells["applicant"]), 1)
        for index in range(count):
            member = {name: values[index] for name, values in cells.items() if index < len(values)}
            rows.append({"place": row["place"], PLACE_YEAR: row[PLACE_YEAR]} | member)
    schema = {"place": pl.Int64, PLACE_YEAR: pl.Int16} | dict.fromkeys(PLACE_COLUMNS, pl.String)
    return pl.DataFrame(rows, schema)


def _values(cell: str | None, pattern: re.Pattern[str]) -> list[str | None]:
    """Return the values of a cell; of a cell made of parts, such as province and city, joined."""
    if cell is None:
        return []
    split = [[value.strip() for value in pattern.split(part)] for part in cell.split(PART)]
    longest = max(map(len, split))
    joined = (" ".join(part[i] for part in split if i < len(part)) for i in range(longest))
    return [value.strip() or None for value in joined]
