"""Counts as statistics pages print them."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from citytech_data.messages import Message

_UNIT = re.compile(r"(?:件|项|个|篇|族|条)$")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_EITHER = re.compile(r"\d{1,3}(?:\.\d{3})+")
_TEN_THOUSAND, _HUNDRED_MILLION = 1e4, 1e8
_FACTORS = {"万": _TEN_THOUSAND, "亿": _HUNDRED_MILLION}


class Number(NamedTuple):
    """A count, and the bounds that its rounding leaves; without them it is exact."""

    value: float
    lower: float | None = None
    upper: float | None = None


def read_number(cell: str) -> Number | Message:
    """Return the count in a cell, or why it is none.

    `1,234`, `1 234`, `１２３４` and `1234件` are 1234; `1.2万` is 12,000, give or take 500.
    """
    text = re.sub(r"[\s'’]", "", unicodedata.normalize("NFKC", cell))
    text = _UNIT.sub("", text)
    factor = _FACTORS.get(text[-1:], 1.0)
    digits = text[:-1] if factor > 1 else text
    if factor == 1 and _EITHER.fullmatch(digits):
        return Message(
            "a whole number without separators, as the point can part thousands or decimals"
        )
    if not _GROUPED.fullmatch(digits) and not _PLAIN.fullmatch(digits):
        return Message("a number")
    plain = digits.replace(",", "")
    if len(plain) > 15:
        return Message("a number of at most 15 digits")
    value = float(plain) * factor
    if factor == 1:
        return Number(value)
    _, _, decimals = plain.partition(".")
    half = factor * 10.0 ** -len(decimals) / 2
    return Number(value, max(0.0, value - half), value + half)
