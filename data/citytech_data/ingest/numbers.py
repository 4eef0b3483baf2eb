"""Application numbers: every spelling brought to one, and to a key of 64 bits.

A Chinese number is its own key, so two of them never share one; any other number is hashed to
63 bits, and its key is negative. (Spark has no unsigned numbers.)
"""

from __future__ import annotations

from typing import Final

import polars as pl

HOME: Final = "CN"
"""Where a number without a prefix is from, unless its format says otherwise."""
_PLAIN: Final = r"^(?:CN|ZL)?[0-9]{12}(?:\.?[0-9X])?$"
_CHINESE: Final = r"^(?:CN|ZL)?([0-9]{12}|[0-9]{8})(?:\.?[0-9X])?$"
_OWN_KEY: Final = "^CN([0-9]{12}|[0-9]{8})$"
# Numbers of eight digits come after all of twelve.
_OF_EIGHT: Final = 10**12
_KIND_OF_DIGIT: Final = {
    "1": "invention",
    "8": "invention",
    "2": "utility",
    "9": "utility",
    "3": "design",
}


def plain_keys(applications: pl.Series) -> pl.Series:
    """Return the keys of Chinese numbers of twelve digits in their usual spelling, else null.

    Nearly all numbers are of this kind, and need no closer look.
    """
    text = pl.col(applications.name)
    digits = text.str.strip_chars_start("CNZL").str.head(12)
    plain = pl.when(text.str.contains(_PLAIN)).then(digits)
    return applications.to_frame().select(plain.cast(pl.Int64)).to_series()


def keys(spelled: pl.Series) -> pl.Series:
    """Return the keys of numbers that `spelled` or `or_publications` brought to one spelling."""
    number = pl.col(spelled.name)
    digits = number.str.extract(_OWN_KEY, 1)
    after = pl.when(digits.str.len_bytes() == 8).then(_OF_EIGHT).otherwise(0)
    negative = (number.hash() | pl.lit(1 << 63, pl.UInt64)).reinterpret(signed=True)
    hashed = pl.when(number.is_not_null()).then(negative)
    return spelled.to_frame().select(pl.coalesce(digits.cast(pl.Int64) + after, hashed)).to_series()


def spelled(applications: pl.Series, office: str) -> pl.Series:
    """Return application numbers in one spelling, such as CN202110012345; null where none is.

    `office` is where numbers without a prefix are from; an empty one stands for China.
    """
    column = applications.str.to_uppercase()
    home = office or HOME
    found = home + column.str.extract(_CHINESE, 1)
    odd = found.is_null() & column.is_not_null()
    return found.zip_with(~odd, _odd(column, home)) if odd.any() else found


def or_publications(numbers: pl.Series, publications: pl.Series) -> pl.Series:
    """Return the numbers, and where there is none, the publication number marked as such."""
    letters = publications.str.to_uppercase().str.normalize("NFKC")
    instead = ("P:" + letters.str.replace_all("[^0-9A-Z]", "")).to_frame("p")
    usable = instead.select(pl.when(pl.col("p").str.contains("[0-9]{4}")).then("p")).to_series()
    return numbers.zip_with(numbers.is_not_null(), usable)


def _odd(column: pl.Series, home: str) -> pl.Series:
    """Bring numbers in rarer spellings to one: prefixes, blanks, full width, kind letters."""
    text = column.str.normalize("NFKC").str.replace_all("[^0-9A-Z.]", "").str.strip_prefix("ZL")
    text = text.str.replace(r"\.[0-9X]?$", "").str.replace_all(".", "", literal=True)
    office = text.str.extract("^([A-Z]{2})", 1).fill_null(home)
    rest = text.str.replace("^[A-Z]{2}", "").str.replace("^ZL", "")
    rest = rest.str.replace("^([0-9]{12})[0-9X]?$", "$1").str.replace("^([0-9]{8})[0-9X]$", "$1")
    rest = rest.str.replace("^(.*[0-9])[A-Z][0-9]?$", "$1")
    found = (office + rest).to_frame("k")
    return found.select(pl.when(pl.col("k").str.contains("[0-9]{4}")).then("k")).to_series()


def year_of(number: pl.Expr) -> pl.Expr:
    """Return the filing year that a Chinese application number tells."""
    long = number.str.extract("^CN((?:19|20)[0-9]{2})[0-9]{8}$", 1).cast(pl.Int16)
    short = number.str.extract("^CN([0-9]{2})[0-9]{6}$", 1).cast(pl.Int16)
    century = pl.when(short >= 85).then(short + 1900).otherwise(short + 2000)
    return pl.coalesce(long, pl.when((short >= 85) | (short <= 3)).then(century))


def kind_of(number: pl.Expr) -> pl.Expr:
    """Return the kind that a Chinese application number tells."""
    digit = pl.coalesce(
        number.str.extract("^CN[0-9]{4}([0-9])[0-9]{7}$", 1),
        number.str.extract("^CN[0-9]{2}([0-9])[0-9]{5}$", 1),
    )
    return digit.replace_strict(_KIND_OF_DIGIT, default=None, return_dtype=pl.String)


def kind_of_publication(publication: pl.Expr) -> pl.Expr:
    """Return the kind that the letter at the end of a publication number tells."""
    letter = publication.str.to_uppercase().str.extract("[0-9 ./-]([A-Z])[0-9]?$", 1)
    known = {"A": "invention", "B": "invention", "C": "invention", "U": "utility", "Y": "utility"}
    known |= {"S": "design", "D": "design"}
    return letter.replace_strict(known, default=None, return_dtype=pl.String)
