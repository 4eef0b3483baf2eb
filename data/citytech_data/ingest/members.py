"""The several applicants of a cell, told apart for fractional counting."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import polars as pl

from citytech_data.ingest.clean import PART, PLACE_COLUMNS, PLACE_YEAR, values_pattern

_VALUE: Final = "\x1e"
"""What stands between values, whatever parted them."""
_AT: Final = "_at"


def members(places: pl.DataFrame, separators: Collection[str]) -> pl.DataFrame:
    """Return a row for each applicant of each place, in their order.

    The columns are those of `places`. The first applicant has the first value of every column and
    so on; one whose own address or city is not given has none, and is placed by name. A cell made
    of parts, such as province and city, is parted in each of them.
    """
    patterns = sorted(filter(None, map(values_pattern, separators)))
    named = _values(pl.col("applicant").fill_null(""), patterns)
    doubled = named.str.contains(f"{_VALUE}{_VALUE}", literal=True)
    whole = places.with_columns(
        # Where two separators stand between applicants, they do in every column.
        pl.when(doubled).then(_single(cell)).otherwise(cell).alias(name)
        for name, cell in ((name, _values(pl.col(name), patterns)) for name in PLACE_COLUMNS)
    )
    count = pl.col("applicant").fill_null("").str.strip_chars(_VALUE).str.split(_VALUE).list.len()
    trimmed = whole.with_columns(pl.col("applicant").str.strip_chars(_VALUE))
    rows = trimmed.with_columns(pl.int_ranges(0, count).alias(_AT)).explode(_AT)
    return rows.select(
        "place", PLACE_YEAR, *(_member(name, _parts(places[name])) for name in PLACE_COLUMNS)
    )


def _values(cell: pl.Expr, patterns: list[str]) -> pl.Expr:
    """Return a cell with its values parted by one character and without blanks around them."""
    if patterns:
        cell = cell.str.replace_all("|".join(patterns), _VALUE)
    return cell.str.replace_all(rf"[ \t]*([{_VALUE}{PART}])[ \t]*", "$1")


def _single(cell: pl.Expr) -> pl.Expr:
    return cell.str.replace_all(f"{_VALUE}+", _VALUE)


def _parts(cells: pl.Series) -> int:
    """Return of how many parts cells are made."""
    most = cells.str.count_matches(PART, literal=True).max()
    return 1 + (most if isinstance(most, int) else 0)


def _member(name: str, parts: int) -> pl.Expr:
    """Return the value of each row's member in a column: of its parts, joined."""
    values = [
        pl.col(name)
        .str.split(PART)
        .list.get(part, null_on_oob=True)
        .str.split(_VALUE)
        .list.get(pl.col(_AT), null_on_oob=True)
        .str.strip_chars()
        for part in range(parts)
    ]
    found = values[0] if parts == 1 else pl.concat_str(values, separator=" ", ignore_nulls=True)
    found = found.str.strip_chars()
    return pl.when(found != "").then(found).alias(name)
