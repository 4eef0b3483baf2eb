"""From what a record says of its applicant to the city, each distinct combination once.

A city is one of GB/T 2260 at prefecture level, or a municipality, in the boundaries of 2021.
What tells no single city is not placed, and the reason is given: nothing is guessed silently.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Final

import polars as pl

from citytech_data.ingest.gazetteer import (
    COUNTRIES_FILE,
    POSTCODES_FILE,
    gazetteer,
    read,
    word_lists,
)
from citytech_data.ingest.place_names import by_known, by_table, read_names
from citytech_data.ingest.place_rules import (
    EMPTY,
    LIKELY,
    NAME_ONLY,
    NO_CITY,
    OUTSIDE,
    POSTCODE,
)
from citytech_data.ingest.place_texts import (
    HAN,
    VERDICT,
    read_applicants,
    read_cities,
    read_texts,
)

__all__ = ["COLUMNS", "gazetteer", "place", "read_names"]

COLUMNS: Final = ("address", "city", "applicant", "postcode", "country")
"""What a place is told from; any may be missing."""
PLACED: Final = ("place", "confidence", "method", "reason")
"""What is added."""

# What stands in a cell for nothing.
_NOTHING = r"(?i)^(?:[-—–_/\\.?*\s]*|null|none|nan|n/?a|无|未知|不详|暂无)$"
_FINAL = (OUTSIDE, NO_CITY)
_IN_CHINA = "China"
_PART_OF_CHINA = re.compile(r"cn-(?!hk|mo|tw)")
_FIRST_OF_SEVERAL = r"^([^;；|]+)"
_POSTCODES = (r"^\D{0,2}(\d{6})(?:\D|$)", r"\D(\d{6})\D{0,2}$")

_Step = Callable[[pl.DataFrame], pl.DataFrame]


def place(addresses: pl.DataFrame, names: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the rows with `place` (a code), `confidence`, `method` and, without place, `reason`.

    `addresses` has columns of `COLUMNS`, in any of which a row may be null, and perhaps `year`.
    `names` is a table that `read_names` read; it is asked where address and city tell nothing.
    """
    rows = _prepared(addresses)
    told = _by_text(rows)
    by_name = "applicant" in rows.columns
    if by_name and names is not None:
        told = _settled(rows, told, lambda some: by_table(some, names), trusted=True)
    told = _settled(rows, told, _by_postcode)
    if by_name:
        told = _settled(rows, told, by_known)
        told = _settled(rows, told, _by_applicant)
        only_name = (told["reason"] == EMPTY) & rows["applicant"].is_not_null()
        told = told.with_columns(
            reason=pl.when(only_name).then(pl.lit(NAME_ONLY)).otherwise("reason")
        )
    placed = pl.col("place").is_not_null()
    told = told.with_columns(reason=pl.when(~placed).then("reason"))
    return addresses.hstack(told.select(PLACED))


def _prepared(addresses: pl.DataFrame) -> pl.DataFrame:
    """The columns that hold something, numbered; what their country column says in `lies`."""
    columns: dict[str, pl.Series] = {}
    for name in COLUMNS:
        if name in addresses.columns:
            text = addresses[name].cast(pl.String).str.strip_chars()
            text = text.set(text.str.contains(_NOTHING), None)
            if text.null_count() < len(text):
                columns[name] = text
    if "year" in addresses.columns:
        columns["year"] = addresses["year"]
    rows = pl.DataFrame(
        {"at": pl.int_range(addresses.height, eager=True, dtype=pl.UInt32)} | columns
    )
    if "country" not in columns:
        return rows.with_columns(lies=pl.lit(None, pl.String))
    kinds = {value: _lies(value) for value in columns["country"].drop_nulls().unique()}
    return rows.with_columns(
        lies=pl.col("country").replace_strict(kinds, default=None, return_dtype=pl.String)
    )


def _lies(country: str) -> str | None:
    """What a cell of a country column says: in China, outside, or nothing known (`广东;44`)."""
    text = unicodedata.normalize("NFKC", country).casefold().strip()
    if _PART_OF_CHINA.match(text):
        return _IN_CHINA
    parts = {text, *(part.strip() for part in re.split(r"[;|,/()]+", text))} - {""}
    if {part.removeprefix("中国") for part in parts} & _outside():
        return OUTSIDE
    return _IN_CHINA if parts & set(word_lists("country")["china"]) else None


@cache
def _outside() -> frozenset[str]:
    """The names and codes of all countries but China, in lower case."""
    table = read(COUNTRIES_FILE)
    names = (table[name].str.to_lowercase() for name in table.columns)
    known = {name.removeprefix("中国") for column in names for name in column}
    more = word_lists("country")["outside"], word_lists("english")["outside_last"]
    return frozenset(known.union(*more))


# --- Addresses and cities ----------------------------------------------------


def _by_text(rows: pl.DataFrame) -> pl.DataFrame:
    """What city and address say, one row per row of `rows`."""
    known = (rows["lies"] == _IN_CHINA).fill_null(False)
    verdicts = []
    if "city" in rows.columns:
        verdicts.append(_city_verdicts(rows["city"], known))
    if "address" in rows.columns:
        verdicts.append(read_texts(rows["address"], known))
    if not verdicts:
        told = pl.DataFrame({name: pl.repeat(None, rows.height, eager=True) for name in VERDICT})
        told = told.cast(pl.String)
    elif len(verdicts) == 1:
        told = verdicts[0]
    else:
        told = _reconciled(*verdicts)
        told = _read_together(rows, told, known)
    outside = (rows["lies"] == OUTSIDE).fill_null(False)
    return told.with_columns(
        pl.when(~outside).then(pl.col("place", "confidence", "method")),
        reason=pl.when(outside)
        .then(pl.lit(OUTSIDE))
        .when(pl.col("place").is_null())
        .then(pl.col("reason").fill_null(EMPTY)),
        options=pl.col("options").fill_null(""),
    ).insert_column(0, rows["at"])


def _city_verdicts(cities: pl.Series, known: pl.Series) -> pl.DataFrame:
    """What the cells of a column of cities say; there are few different ones."""
    cells = pl.DataFrame({"city": cities.str.extract(_FIRST_OF_SEVERAL, 1), "known": known})
    distinct = cells.unique()
    verdicts = distinct.hstack(read_cities(distinct["city"], distinct["known"]))
    keys = ["city", "known"]
    joined = cells.join(verdicts, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return joined.select(*VERDICT)


def _reconciled(city: pl.DataFrame, address: pl.DataFrame) -> pl.DataFrame:
    """The city column's word, or the address's; where they differ it is only likely."""
    both = city.hstack(address.select(pl.all().name.prefix("address_")))
    first, second = pl.col("place"), pl.col("address_place")
    by_city = first.is_not_null() | pl.col("reason").eq_missing(pl.lit(NO_CITY))
    outside = pl.any_horizontal(
        pl.col(name).eq_missing(pl.lit(OUTSIDE)) for name in ("reason", "address_reason")
    )
    options = pl.when(pl.col("address_options") != "").then("address_options").otherwise("options")
    other = {"reason": pl.coalesce("address_reason", "reason"), "options": options}
    merged = both.select(
        pl.when(by_city)
        .then(name)
        .otherwise(other.get(name, pl.col(f"address_{name}")))
        .alias(name)
        for name in VERDICT
    )
    said = both.select(outside=outside, differ=(first != second).fill_null(False))
    return merged.with_columns(
        place=pl.when(~said["outside"]).then("place"),
        confidence=pl.when(said["differ"]).then(pl.lit(LIKELY)).otherwise("confidence"),
        reason=pl.when(said["outside"]).then(pl.lit(OUTSIDE)).otherwise("reason"),
    )


def _read_together(rows: pl.DataFrame, told: pl.DataFrame, known: pl.Series) -> pl.DataFrame:
    """Read city and address as one text where neither told a place: 江苏 and 昆山市..."""
    open_ = told["place"].is_null() & ~told["reason"].is_in(_FINAL).fill_null(False)
    open_ &= rows["city"].is_not_null() & rows["address"].is_not_null()
    some = rows.filter(open_)
    if some.is_empty():
        return told
    text = some.select(pl.concat_str("city", "address", separator=", ")).to_series()
    verdicts = read_texts(text, known.filter(open_)).insert_column(0, some["at"])
    numbered = told.insert_column(0, rows["at"])
    return numbered.update(verdicts, on="at").drop("at")


# --- Further evidence --------------------------------------------------------


def _settled(
    rows: pl.DataFrame, told: pl.DataFrame, step: _Step, *, trusted: bool = False
) -> pl.DataFrame:
    """Add what one more step tells of the rows without a place.

    Unless it is `trusted`, it must agree with what the text before could mean.
    """
    open_ = told["place"].is_null() & ~told["reason"].is_in(_FINAL)
    some = rows.filter(open_)
    if some.is_empty():
        return told
    found = step(some).select("at", *VERDICT)
    both = told.select("at", before="options").join(found, on="at")
    new = pl.col("place")
    fits = (
        pl.lit(trusted)
        | (pl.col("before") == "")
        | pl.col("before").str.contains(new, literal=True)
        | pl.col("before").str.split(";").list.contains(new.str.head(2) + pl.lit("0000"))
    )
    accepted = both.filter(fits.fill_null(False) | (new.is_null() & pl.col("reason").is_not_null()))
    return told.update(accepted.drop("before"), on="at")


def _by_postcode(rows: pl.DataFrame) -> pl.DataFrame:
    """What a postcode tells: the one given, or the one before or behind an address.

    Six digits are no Chinese postcode by themselves: the address must be in Chinese, or the
    country known.
    """
    has = [name for name in ("postcode", "address") if name in rows.columns]
    codes = {
        "postcode": [pl.col("postcode").str.normalize("NFKC").str.extract(r"^(\d{6})$")],
        "address": [
            pl.col("address").str.normalize("NFKC").str.extract(pattern) for pattern in _POSTCODES
        ],
    }
    given = [expression for name in has for expression in codes[name]]
    in_chinese = [pl.col(name) for name in ("address", "city", "applicant") if name in rows.columns]
    chinese = pl.any_horizontal(
        pl.lit(False), *(column.str.contains(HAN).fill_null(False) for column in in_chinese)
    )
    code = pl.coalesce(pl.lit(None, pl.String), *given)
    found = rows.filter(chinese | (pl.col("lies") == _IN_CHINA)).select("at", code=code)
    return found.select(
        "at",
        pl.coalesce(
            pl.col("code")
            .str.head(length)
            .replace_strict(_postcodes(), default=None, return_dtype=pl.String)
            for length in (4, 3, 2)
        ).alias("place"),
        *_constant(LIKELY, POSTCODE),
    ).filter(pl.col("place").is_not_null())


@cache
def _postcodes() -> dict[str, str]:
    """The beginnings of postcodes, each with its city."""
    table = read(POSTCODES_FILE)
    return dict(zip(table["prefix"], table["unit"], strict=True))


def _by_applicant(rows: pl.DataFrame) -> pl.DataFrame:
    """What the names of applicants tell."""
    names = rows.select("applicant").unique()
    told = names.hstack(read_applicants(names["applicant"])).with_columns(options=pl.lit(""))
    return rows.select("at", "applicant").join(
        told.filter(pl.col("place").is_not_null()), on="applicant"
    )


def _constant(confidence: str, method: str) -> list[pl.Expr]:
    """The columns of a verdict that places, but the place."""
    return [
        pl.lit(confidence).alias("confidence"),
        pl.lit(method).alias("method"),
        pl.lit(None, pl.String).alias("reason"),
        pl.lit("").alias("options"),
    ]
