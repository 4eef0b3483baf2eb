"""Bring the columns of any export to the columns of a record, cleaned and in one spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from citytech_data.ingest.delimited import LINE
from citytech_data.ingest.recognise import Layout
from citytech_data.ingest.values import read_date, read_kind

KEY = "key"
NO_NUMBER, NO_DATE, WRONG_KIND, UNKNOWN_KIND = (
    "no application or publication number",
    "no date",
    "kind not asked for",
    "kind not known",
)
PLACE_COLUMNS: Final = ("address", "city", "applicant", "postcode", "country")
PLACE_YEAR: Final = "place_year"
"""The year of the application, for applicants whose city depends on it; else null."""
RECORD: Final = ("codes", "title", "abstract")
PART = "\x1f"
"""What parts the cells that make up a city, until the several applicants are told apart."""

_EMPTY = ["", "-", "--", "—", "/", "NULL", "null", "None", "N/A", "nan", "NaN"]
_LONGEST_EMPTY = max(len(each.encode()) for each in _EMPTY)
_INVISIBLE = "[\u00ad\u200b-\u200f\u2060\ufeff]"
_HYPERLINK = r'(?i)^=HYPERLINK\(.*[,;]\s*"([^"]*)"\s*\)$'
_CHINESE = r"^(?:CN|ZL)?([0-9]{12}|[0-9]{8})(?:\.?[0-9X])?$"
_KIND_OF_DIGIT: Final = {
    "1": "invention",
    "8": "invention",
    "2": "utility",
    "9": "utility",
    "3": "design",
}
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

    def clean(self, raw: pl.DataFrame) -> pl.DataFrame:
        """Return records: `key`, kind, year, day, texts, place columns and line of each row."""
        raw = _without_formulas(raw)
        numbers = raw.select(self._column("application"), LINE)
        keys = _keys(numbers["application"], self._layout.format.office)
        if keys.null_count() or self._kinds:
            numbers = raw.select(self._column("publication"), self._column("kind"), LINE)
            keys = _with_publications(keys, numbers["publication"])
        frame = raw.select(
            keys,
            *(self._text(name) for name in RECORD),
            *(self._place_column(raw, name) for name in PLACE_COLUMNS),
            LINE,
        )
        frame = frame.with_columns(
            self._date(raw, "filing_date", _year, pl.Int16).alias("year"),
            self._date(raw, "publication_date", _day, pl.Int32).alias("day"),
        )
        if frame["year"].null_count():
            frame = frame.with_columns(pl.coalesce("year", _year_of_number()))
        if self._kinds:
            frame = frame.with_columns(_mapped(numbers["kind"], _kind, pl.String))
            if frame["kind"].null_count():
                frame = frame.with_columns(numbers["publication"])
                kind = pl.coalesce("kind", _kind_of_number(), _kind_of_publication())
                frame = frame.with_columns(kind).drop("publication")
        return frame

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
        groups = self._layout.columns.get(name, ())
        parts = dict.fromkeys(part for group in groups for part in group)
        if len(parts) == 1:
            return pl.col(*parts).alias(name)
        joined = pl.concat_str([*parts], separator=_JOINED_BY[name], ignore_nulls=True)
        return (joined if parts else pl.lit(None, pl.String)).alias(name)

    def _date(
        self,
        raw: pl.DataFrame,
        name: str,
        read: Callable[[str], object],
        dtype: type[pl.DataType],
    ) -> pl.Series:
        """Return what the first column with a date tells."""
        found = pl.Series([None], dtype=dtype).new_from_index(0, raw.height)
        for part in (part for group in self._layout.columns.get(name, ()) for part in group):
            if found.null_count():
                found = found.zip_with(found.is_not_null(), _mapped(raw[part], read, dtype))
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
        return first.struct.field("field_0").str.strip_chars()


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
    marked = raw.select(pl.col(texts).str.starts_with("=").any())
    formulas = [name for name in texts if marked[name].item()]
    shown = (pl.coalesce(pl.col(name).str.extract(_HYPERLINK, 1), name) for name in formulas)
    return raw.with_columns(shown) if formulas else raw


def _keys(column: pl.Series, office: str) -> pl.Series:
    """Return application numbers in one spelling."""
    column = column.str.to_uppercase()
    home = office or "CN"
    keys = home + column.str.extract(_CHINESE, 1)
    odd = keys.is_null() & column.is_not_null()
    if odd.any():
        keys = keys.zip_with(~odd, _odd_keys(column, home))
    return keys.alias(KEY)


def _with_publications(keys: pl.Series, publications: pl.Series) -> pl.Series:
    """Return the keys, and where there is none, the publication number marked as such."""
    letters = publications.str.to_uppercase().str.normalize("NFKC")
    instead = ("P:" + letters.str.replace_all("[^0-9A-Z]", "")).to_frame("p")
    usable = instead.select(pl.when(pl.col("p").str.contains("[0-9]{4}")).then("p")).to_series()
    return keys.zip_with(keys.is_not_null(), usable).alias(KEY)


def _odd_keys(column: pl.Series, home: str) -> pl.Series:
    """Bring numbers in rarer spellings to one: prefixes, blanks, full width, kind letters."""
    text = column.str.normalize("NFKC").str.replace_all("[^0-9A-Z.]", "").str.strip_prefix("ZL")
    text = text.str.replace(r"\.[0-9X]?$", "").str.replace_all(".", "", literal=True)
    office = text.str.extract("^([A-Z]{2})", 1).fill_null(home)
    rest = text.str.replace("^[A-Z]{2}", "").str.replace("^ZL", "")
    rest = rest.str.replace("^([0-9]{12})[0-9X]?$", "$1").str.replace("^([0-9]{8})[0-9X]$", "$1")
    rest = rest.str.replace("^(.*[0-9])[A-Z][0-9]?$", "$1")
    keys = (office + rest).to_frame("k")
    return keys.select(pl.when(pl.col("k").str.contains("[0-9]{4}")).then("k")).to_series()


def _mapped(
    column: pl.Series, read: Callable[[str], object], dtype: type[pl.DataType]
) -> pl.Series:
    """Return what `read` makes of every text; each different one is read once."""
    if column.null_count() == column.len():
        return pl.Series(column.name, [None], dtype).new_from_index(0, column.len())
    different = column.drop_nulls().unique()
    values = pl.Series([read(text) for text in different], dtype=dtype)
    return column.replace_strict(different, values, default=None)


def _year(text: str) -> int | None:
    found = read_date(text)
    return found[0] if found else None


def _day(text: str) -> int | None:
    found = read_date(text)
    return found[1] if found else None


def _kind(text: str) -> str | None:
    return read_kind(text)


def _year_of_number() -> pl.Expr:
    """Return the filing year that a Chinese application number tells."""
    key = pl.col(KEY)
    long = key.str.extract("^CN((?:19|20)[0-9]{2})[0-9]{8}$", 1).cast(pl.Int16)
    short = key.str.extract("^CN([0-9]{2})[0-9]{6}$", 1).cast(pl.Int16)
    century = pl.when(short >= 85).then(short + 1900).otherwise(short + 2000)
    return pl.coalesce(long, pl.when((short >= 85) | (short <= 3)).then(century))


def _kind_of_number() -> pl.Expr:
    key = pl.col(KEY)
    digit = pl.coalesce(
        key.str.extract("^CN[0-9]{4}([0-9])[0-9]{7}$", 1),
        key.str.extract("^CN[0-9]{2}([0-9])[0-9]{5}$", 1),
    )
    return digit.replace_strict(_KIND_OF_DIGIT, default=None, return_dtype=pl.String)


def _kind_of_publication() -> pl.Expr:
    letter = pl.col("publication").str.to_uppercase().str.extract("[0-9 ./-]([A-Z])[0-9]?$", 1)
    known = {"A": "invention", "B": "invention", "C": "invention", "U": "utility", "Y": "utility"}
    known |= {"S": "design", "D": "design"}
    return letter.replace_strict(known, default=None, return_dtype=pl.String)
