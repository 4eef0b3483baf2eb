"""Places by the applicant's name: a user's table, and one of universities and well-known firms."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from citytech_data.errors import DatasetError, quoted
from citytech_data.ingest.gazetteer import APPLICANTS_FILE, city_codes, read
from citytech_data.ingest.place_rules import AMBIGUOUS, EXACT, KNOWN_APPLICANT, LIKELY, NAMES_TABLE
from citytech_data.ingest.place_texts import read_cities
from citytech_data.messages import Message
from citytech_data.schema import Column, Table
from citytech_data.tablefiles import read_table
from citytech_data.tables import spreadsheet_row

_TABLE = Table(
    "names",
    (
        Column("applicant", "string", Message("The name as the records write it"), required=True),
        Column("city", "string", Message("City: its name or its GB/T 2260 code"), required=True),
    ),
)
_YEARS = ("from", "to")
_EARLIEST, _LATEST = 0, 9999


def read_names(path: Path) -> pl.DataFrame:
    """Read a table of applicants and their cities: `applicant,city`, perhaps with `from` and `to`.

    A row holds from one year to another, both included; without a year, for all of them.
    Returns the columns `applicant` (as it is compared), `place`, `from` and `to`.

    Raises:
        DatasetError: for a city that is none or several, a year that is none, or two rows that
            place one applicant differently in the same year.
    """
    table = read_table(path, _TABLE)
    table = table.with_columns(
        pl.lit(None, pl.String).alias(name) for name in _YEARS if name not in table.columns
    )
    years = table.with_columns(pl.col(_YEARS).cast(pl.Int64, strict=False))
    for name in _YEARS:
        _refuse(
            path, table, years[name].is_null() & table[name].is_not_null(), name, Message("a year")
        )
    _refuse(path, table, years["to"] < years["from"], "to", Message("a year not before the first"))
    places = years.select(
        applicant_key(pl.col("applicant")).alias("applicant"),
        _city_of(path, table).alias("place"),
        pl.col("from").fill_null(_EARLIEST),
        pl.col("to").fill_null(_LATEST),
    )
    _refuse_overlaps(path, places)
    return places


def dated_names(names: pl.DataFrame | None) -> list[str]:
    """Return the applicants of such a table, as they are compared, whose city has years."""
    if names is None:
        return []
    dated = (pl.col("from") > _EARLIEST) | (pl.col("to") < _LATEST)
    return names.filter(dated)["applicant"].unique().sort().to_list()


def applicant_key(name: pl.Expr) -> pl.Expr:
    """Return a name as it is compared: no case, blanks, punctuation; half-width forms."""
    return name.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}]+", "")


def by_table(rows: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Return a verdict for the rows whose applicant stands in a table that `read_names` read.

    Where the table gives an applicant several cities and a row has no `year` to choose by, it is
    ambiguous.
    """
    found = rows.select(
        "at", applicant_key(pl.col("applicant")).alias("applicant"), _year_of(rows)
    ).join(names, on="applicant")
    year = pl.col("year")
    found = (
        found.filter(year.is_null() | year.is_between("from", "to"))
        .group_by("at")
        .agg(pl.col("place").unique().sort())
    )
    single = pl.col("place").list.len() == 1
    return found.select(
        "at",
        pl.when(single).then(pl.col("place").list.first()).alias("place"),
        pl.when(single).then(pl.lit(EXACT)).alias("confidence"),
        pl.when(single).then(pl.lit(NAMES_TABLE)).alias("method"),
        pl.when(~single).then(pl.lit(AMBIGUOUS)).alias("reason"),
        pl.col("place").list.join(";").alias("options"),
    )


def by_known(rows: pl.DataFrame) -> pl.DataFrame:
    """Return a verdict for the rows whose applicant is well known."""
    found = rows.select("at", applicant_key(pl.col("applicant")).alias("applicant"))
    return found.join(_known(), on="applicant").select(
        "at",
        "place",
        pl.lit(LIKELY).alias("confidence"),
        pl.lit(KNOWN_APPLICANT).alias("method"),
        pl.lit(None, pl.String).alias("reason"),
        pl.lit("").alias("options"),
    )


@cache
def _known() -> pl.DataFrame:
    """The well-known applicants under each of their names."""
    names = read(APPLICANTS_FILE).with_columns(pl.col("names").str.split(";"))
    return names.explode("names").select(
        applicant_key(pl.col("names")).alias("applicant"), pl.col("city").alias("place")
    )


def _year_of(rows: pl.DataFrame) -> pl.Expr:
    year = pl.col("year") if "year" in rows.columns else pl.lit(None)
    return year.cast(pl.Int64).alias("year")


def _city_of(path: Path, table: pl.DataFrame) -> pl.Series:
    """The code of the city that each row names."""
    codes = city_codes()
    verdicts = read_cities(table["city"], pl.repeat(True, table.height, eager=True))
    is_code = table["city"].is_in(codes)
    places = verdicts.select(pl.when(is_code).then(table["city"]).otherwise("place"))
    wrong = places.to_series().is_null()
    index = wrong.index_of(True)
    if index is not None:
        verdict = verdicts.row(index, named=True)
        raise DatasetError(
            path.name,
            Message(
                "{name} is {fault}",
                name=quoted(table["city"][index]),
                fault=_fault(verdict["reason"]),
            ),
            Message("Give the Chinese name of a city at prefecture level, or its GB/T 2260 code."),
            row=spreadsheet_row(index),
            column="city",
        )
    return places.to_series()


def _fault(reason: str) -> Message:
    if reason == AMBIGUOUS:
        return Message("the name of several cities")
    return Message("no city ({reason})", reason=Message.restored(reason))


def _refuse(
    path: Path, table: pl.DataFrame, bad: pl.Series, column: str, expected: Message
) -> None:
    index = bad.fill_null(False).index_of(True)
    if index is not None:
        raise DatasetError(
            path.name,
            Message(
                "expected {expected}, found {found}",
                expected=expected,
                found=quoted(table[column][index]),
            ),
            Message("Write years as 2021."),
            row=spreadsheet_row(index),
            column=column,
        )


def _refuse_overlaps(path: Path, places: pl.DataFrame) -> None:
    rows = places.with_row_index("row").sort("applicant", "from", "to", maintain_order=True)
    before = rows.select(
        pl.col("place", "row").shift().over("applicant").name.prefix("last_"),
        pl.col("to").cum_max().shift().over("applicant").alias("last_to"),
    )
    both = rows.hstack(before).filter(
        (pl.col("from") <= pl.col("last_to")) & (pl.col("place") != pl.col("last_place"))
    )
    if both.height:
        row, other = both.select("row", "last_row").row(0)
        raise DatasetError(
            path.name,
            Message(
                "its city differs from that in row {row}",
                row=spreadsheet_row(min(row, other)),
            ),
            Message("Keep one of them, or give both years in from and to."),
            row=spreadsheet_row(max(row, other)),
        )
