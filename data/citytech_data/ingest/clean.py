"""Bring the columns of any export to the columns of a record, cleaned and in one spelling.

Most cells are in the usual spelling, and many repeat. So a number is looked at closely only where
it is not in that spelling, dates and places only where they are new.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

import polars as pl

from citytech_data.ingest import numbers
from citytech_data.ingest.delimited import LINE
from citytech_data.ingest.known import Memo
from citytech_data.ingest.recognise import Layout
from citytech_data.ingest.values import read_date, read_kind
from citytech_data.messages import message_text

KEY, PLACE = "key", "place"
NO_NUMBER, NO_DATE, WRONG_KIND, UNKNOWN_KIND = (
    message_text("no application or publication number"),
    message_text("no date"),
    message_text("kind not asked for"),
    message_text("kind not known"),
)
PLACE_COLUMNS: Final = ("address", "city", "applicant", "postcode", "country")
PLACE_YEAR: Final = "place_year"
"""The year of the application, for applicants whose city depends on it; else null."""
RECORD: Final = ("codes", "title", "abstract")
PART = "\x1f"
"""What parts the cells that make up a city, until the several applicants are told apart."""

_EMPTY = ["", "-", "--", "—", "/", "NULL", "null", "None", "N/A", "nan", "NaN"]
_LONGEST_EMPTY = max(len(each.encode()) for each in _EMPTY)
_HYPERLINK = r'(?i)^=HYPERLINK\(.*[,;]\s*"([^"]*)"\s*\)$'
_JOINED_BY: Final = {"codes": ";", "title": " ", "abstract": " ", "city": PART}


class Cleaner:
    """Cleans the batches of one file."""

    def __init__(
        self, layout: Layout, *, whole_applicants: bool = False, kinds: bool = True
    ) -> None:
        """Set up for a layout.

        `whole_applicants` keeps all applicants, not the first only; without `kinds` they are not
        looked at.
        """
        self._layout = layout
        self._whole = whole_applicants
        self._kinds = kinds
        self._years = Memo(lambda texts: _read_each(texts, _year, pl.Int16), pl.Int16)
        self._kind_of = Memo(
            lambda texts: _read_each(texts, read_kind, pl.String), pl.String, 1 << 10
        )
        self._days = Memo(lambda texts: _read_each(texts, _day, pl.Int32), pl.Int32)
        self._place_parts = self._parts(*PLACE_COLUMNS)
        # The same cells can mean something else in a file of another layout.
        meaning = (layout.format.separator, *(layout.columns.get(name) for name in PLACE_COLUMNS))
        self._seed = int.from_bytes(sha256(repr(meaning).encode()).digest()[:8])

    def clean(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Return records: `key`, kind, year, day, texts, `place` and line of each row.

        `place` is a hash of all cells that tell the place; `places` cleans these.
        """
        texts = _without_formulas(raw.select(self._parts(*RECORD)))
        year = self._date(raw, "filing_date", self._years, pl.Int16)
        unknown = year.is_null()
        if unknown.any():
            told = self.numbers(raw.filter(unknown)).to_frame().select(numbers.year_of(pl.col(KEY)))
            year = year.scatter(unknown.arg_true(), told.to_series())
        frame = texts.select(
            self._keys(raw),
            *(self._text(name) for name in RECORD),
            # Spark has no unsigned numbers.
            raw.select(self._place_parts)
            .hash_rows(self._seed)
            .reinterpret(signed=True)
            .alias(PLACE),
            raw[LINE],
            year.alias("year"),
            self._date(raw, "publication_date", self._days, pl.Int32).alias("day"),
        )
        return frame.with_columns(self._kind(raw).alias("kind")) if self._kinds else frame

    def places(self, raw: pl.DataFrame, at: pl.Series | None = None) -> pl.DataFrame:
        """Return the place columns of each row, or of the rows that stand `at` some indices."""
        cells = raw.select(self._place_parts)
        raw = _without_formulas(cells if at is None else cells[at])
        return raw.select(self._place_column(raw, name) for name in PLACE_COLUMNS)

    def applicants(self) -> pl.Expr:
        """Return all that the columns of applicants hold, as it stands there."""
        return pl.concat_str(
            pl.lit(""), *self._parts("applicant"), separator=" ", ignore_nulls=True
        )

    def numbers(self, raw: pl.DataFrame) -> pl.Series:
        """Return the application number of each row in one spelling, else that of publication."""
        found = _without_formulas(raw).select(
            self._column("application"), self._column("publication")
        )
        own = numbers.spelled(found["application"], self._layout.format.office)
        return numbers.or_publications(own, found["publication"]).alias(KEY)

    def _keys(self, raw: pl.DataFrame) -> pl.Series:
        first, *_ = self._layout.columns.get("application", ((),))
        home = self._layout.format.office or numbers.HOME
        if len(first) != 1 or home != numbers.HOME:
            return numbers.keys(self.numbers(raw))
        found = numbers.plain_keys(raw[first[0]])
        odd = found.is_null()
        if odd.any():
            found = found.scatter(odd.arg_true(), numbers.keys(self.numbers(raw.filter(odd))))
        return found.alias(KEY)

    def _kind(self, raw: pl.DataFrame) -> pl.Series:
        clean = _without_formulas(raw)
        kind = self._kind_of(clean.select(self._column("kind"), LINE)["kind"])
        unknown = kind.is_null()
        if unknown.any():
            some = clean.filter(unknown)
            told = some.select(self.numbers(some), self._column("publication")).select(
                pl.coalesce(
                    numbers.kind_of(pl.col(KEY)),
                    numbers.kind_of_publication(pl.col("publication")),
                )
            )
            kind = kind.scatter(unknown.arg_true(), told.to_series())
        return kind

    def _parts(self, *names: str) -> list[str]:
        """Return the columns of the file that hold these columns of a record, each once."""
        groups = (group for name in names for group in self._layout.columns.get(name, ()))
        return list(dict.fromkeys(part for group in groups for part in group))

    def _cell(self, name: str) -> pl.Expr:
        # Nearly all cells are longer than any that means nothing, so most are not looked up.
        text = pl.col(name).str.strip_chars()
        return pl.when((text.str.len_bytes() > _LONGEST_EMPTY) | ~text.is_in(_EMPTY)).then(text)

    def _column(self, name: str) -> pl.Expr:
        groups = [
            [self._cell(part) for part in group] for group in self._layout.columns.get(name, ())
        ]
        return _coalesced(groups, _JOINED_BY.get(name, " ")).alias(name)

    def _text(self, name: str) -> pl.Expr:
        """Return a column that is only searched: as it is, which costs nothing."""
        parts = self._parts(name)
        if len(parts) == 1:
            return pl.col(*parts).alias(name)
        joined = pl.concat_str([*parts], separator=_JOINED_BY[name], ignore_nulls=True)
        return (joined if parts else pl.lit(None, pl.String)).alias(name)

    def _date(
        self, raw: pl.DataFrame, name: str, read: Memo, dtype: type[pl.DataType]
    ) -> pl.Series:
        """Return what the first column with a date tells."""
        found = pl.Series([None], dtype=dtype).new_from_index(0, raw.height)
        for part in self._parts(name):
            if found.null_count():
                found = found.zip_with(found.is_not_null(), read(raw[part]))
        return found

    def _place_column(self, raw: pl.DataFrame, name: str) -> pl.Expr:
        if self._whole:
            return self._column(name)
        separator = self._layout.format.separator
        groups = [
            [self._first(raw[part], separator) for part in group]
            for group in self._layout.columns.get(name, ())
        ]
        return _coalesced(groups, " ").alias(name)

    def _first(self, column: pl.Series, separator: str) -> pl.Expr:
        """Return the first of several values of a cell."""
        cell = self._cell(column.name)
        if separator in (";", "；"):
            separator = ";"
            if wide := column.str.contains("；", literal=True).any():
                cell = cell.str.replace_all("；", ";", literal=True)
        else:
            wide = False
        if not separator or not (wide or column.str.contains(separator, literal=True).any()):
            return cell
        first = cell.str.strip_chars_start(separator + " ").str.splitn(separator, 2)
        several = cell.str.contains(separator, literal=True)
        return (
            pl.when(several).then(first.struct.field("field_0").str.strip_chars()).otherwise(cell)
        )


def values_pattern(separator: str) -> str | None:
    """Return what parts several values of a cell, as a regular expression."""
    if separator in (";", "；"):
        return "[;；]"
    return re.escape(separator) if separator else None


def _coalesced(groups: Sequence[Sequence[pl.Expr]], joined_by: str) -> pl.Expr:
    if not groups:
        return pl.lit(None, pl.String)
    joined = [
        group[0]
        if len(group) == 1
        else pl.concat_str(group, separator=joined_by, ignore_nulls=True)
        for group in groups
    ]
    filled = [pl.when(text != "").then(text) for text in joined]
    return filled[0] if len(filled) == 1 else pl.coalesce(filled)


def _without_formulas(raw: pl.DataFrame) -> pl.DataFrame:
    """Return the cells with what a hyperlink formula shows in place of the formula."""
    texts = [name for name, dtype in raw.schema.items() if dtype == pl.String]
    # What begins with "=" stands between these two in the order of texts, which is quicker to tell.
    marked = raw.select(((pl.col(texts) >= "=") & (pl.col(texts) < ">")).any())
    formulas = [name for name in texts if marked[name].item()]
    shown = (pl.coalesce(pl.col(name).str.extract(_HYPERLINK, 1), name) for name in formulas)
    return raw.with_columns(shown) if formulas else raw


def _read_each(
    texts: pl.Series, read: Callable[[str], object], dtype: type[pl.DataType]
) -> pl.Series:
    shown = _without_formulas(texts.to_frame()).to_series()
    return pl.Series([read(text) for text in shown], dtype=dtype)


def _year(text: str) -> int | None:
    found = read_date(text)
    return found[0] if found else None


def _day(text: str) -> int | None:
    found = read_date(text)
    return found[1] if found else None
