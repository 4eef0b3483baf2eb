"""What single cells mean: dates and kinds, in the shapes that exports write them in.

Both have few different values, so each is read once, by plain Python, and remembered.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

KINDS = ("invention", "utility", "design")

_FIRST_YEAR, _LAST_YEAR = 1850, 2100
_EXCEL_EPOCH = date(1899, 12, 30).toordinal()
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_YEAR_FIRST = re.compile(r"(\d{4})(?:[-./年](\d{1,2})(?:[-./月](\d{1,2})日?)?月?|年)?(?!\d)")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})(?!\d)")
_SERIAL = re.compile(r"([2-5]\d{4})(?:\.\d*)?$")


@lru_cache(1 << 16)
def read_date(text: str) -> tuple[int, int] | None:
    """Return the year and the day (proleptic ordinal) of a date; None where it is none.

    `4/2/15` is read as Excel in America writes it, unless only the day can stand first; the
    year is the same in either case. A month or day that is not given counts as the first.
    """
    text = _INVISIBLE.sub("", text).strip()
    if found := _SERIAL.match(text):
        day = date.fromordinal(_EXCEL_EPOCH + int(found[1]))
        return day.year, day.toordinal()
    if found := _COMPACT.match(text) or _YEAR_FIRST.match(text):
        year, month, day_of_month = (int(part or 1) for part in found.groups())
    elif found := _YEAR_LAST.match(text):
        month, day_of_month, year = (int(part) for part in found.groups())
        if year < 100:
            year += 2000 if year < 50 else 1900
        if month > 12:
            month, day_of_month = day_of_month, month
    else:
        return None
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return year, date(year, month, day_of_month).toordinal()
    except ValueError:
        return None


@lru_cache(1 << 12)
def read_kind(text: str) -> str | None:
    """Return `invention`, `utility` or `design` for a kind in words or a kind code."""
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    if "实用" in folded or "utility model" in folded or re.fullmatch(r"[uy]\d?", folded):
        return "utility"
    if "外观" in folded or "design" in folded or re.fullmatch(r"[sdf]\d?", folded):
        return "design"
    if "发明" in folded or "invention" in folded or re.fullmatch(r"[abcw]\d?", folded):
        return "invention"
    return None
