"""From places as written to cities, each city's counts once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import NamedTuple

import polars as pl

from citytech_data.counts.entries import NATIONAL, Entry
from citytech_data.counts.numbers import Number
from citytech_data.counts.reading import LeftOut
from citytech_data.errors import DatasetError, shortened
from citytech_data.ingest.gazetteer import city_codes, gazetteer, names
from citytech_data.ingest.places import place
from citytech_data.messages import Message
from citytech_data.text import search_key

_KIND = re.compile(r"(?:市|地区|州|盟|city|shi|prefecture|municipality)$")
_REASONS = {
    "province only": Message("it names a province, not a city"),
    "ambiguous": Message("it can mean several cities; add the province, or the code"),
    "outside China": Message("it lies outside the cities that are counted"),
    "unknown": Message("it is no city that is known"),
    "empty": Message("it names no city"),
    "not prefecture-level": Message("it lies in no city of prefecture level"),
}
_NONE = Message.restored("")

Key = tuple[str, int, str]
"""A place's code, a year and a technology."""


class Figure(NamedTuple):
    """The count of a key, and the rows that it comes from."""

    number: Number
    rows: tuple[int, ...]


class Resolved(NamedTuple):
    """The counts by key, and the rows whose place is no single city."""

    figures: Mapping[Key, Figure]
    left_out: list[LeftOut]
    codes: Mapping[tuple[str, str, str], str]
    """The code of every place that has one, as it is written."""


def resolve(file: str, entries: Iterable[Entry]) -> Resolved:
    """Place the entries, and bring together what is of one city.

    A district or county counts for its city, unless the city has a row of its own.

    Raises:
        DatasetError: if two rows give the same count.
    """
    entries = list(entries)
    placed = _placed({_written(entry) for entry in entries})
    lost: dict[tuple[int, str], LeftOut] = {}

    def lose(entry: Entry, reason: Message) -> None:
        before = lost.get((entry.row, entry.label))
        count = (before.sum_of_counts or 0.0 if before else 0.0) + entry.number.value
        lost[entry.row, entry.label] = LeftOut(entry.row, entry.label, reason, count)

    own: dict[Key, list[Entry]] = defaultdict(list)
    parts: dict[Key, list[Entry]] = defaultdict(list)
    for entry in entries:
        code, reason = placed[_written(entry)]
        if code is None:
            lose(entry, reason)
        else:
            assert entry.year is not None and entry.technology is not None
            group = own if _is_own(_written(entry), code) else parts
            group[code, entry.year, entry.technology].append(entry)
    whole = {code for code, _, _ in own}
    for key in [key for key in parts if key[0] in whole]:
        for entry in parts.pop(key):
            lose(
                entry,
                Message(
                    "it is a part of {city}, which has a row of its own", city=_names()[key[0]]
                ),
            )
    for same in own.values():
        _check_once(file, same, lambda entry: "")
    for same in parts.values():
        _check_once(file, same, _spelt)
    figures = {
        key: Figure(_sum(same), tuple(entry.row for entry in same))
        for key, same in {**own, **parts}.items()
    }
    codes = {written: code for written, (code, _) in placed.items() if code is not None}
    return Resolved(figures, sorted(lost.values()), codes)


def _written(entry: Entry) -> tuple[str, str, str]:
    assert entry.place is not None
    return entry.place


def _spelt(entry: Entry) -> str:
    return search_key(" ".join(_written(entry)))


def _placed(
    places: set[tuple[str, str, str]],
) -> dict[tuple[str, str, str], tuple[str | None, Message]]:
    """Return the code of each place as written, or why it has none."""
    told: dict[tuple[str, str, str], tuple[str | None, Message]] = {}
    texts: dict[tuple[str, str, str], str] = {}
    for written in sorted(places):
        code, province, city = written
        if code == NATIONAL:
            told[written] = (NATIONAL, _NONE)
        elif code.removesuffix(".0") in city_codes():
            told[written] = (code.removesuffix(".0"), _NONE)
        elif city:
            known = not province or search_key(province) in search_key(city)
            texts[written] = city if known else f"{province} {city}"
        else:
            told[written] = (None, Message("its code is none of a city that is known"))
    frame = place(pl.DataFrame({"city": list(texts.values())}, schema={"city": pl.String}))
    for written, code, reason in zip(texts, frame["place"], frame["reason"], strict=True):
        told[written] = (code, _NONE if code else _REASONS.get(reason, Message.restored(reason)))
    return told


def _is_own(written: tuple[str, str, str], code: str) -> bool:
    """Whether a place as written is the city of this code itself, and not a part of it."""
    given, _, city = written
    if code == NATIONAL or given.removesuffix(".0") == code:
        return True
    # 广东省深圳市 ends with the city; `Shenzhen, Guangdong` begins with it.
    first = re.split(r"[,，;；(（]", city)[0]
    return any(_bare(city).endswith(name) for name in _own_names()[code]) or (
        _bare(first) in _own_names()[code]
    )


def _bare(name: str) -> str:
    return _KIND.sub("", search_key(name))


@cache
def _own_names() -> Mapping[str, frozenset[str]]:
    """The names of each city itself, as they are compared."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for code, english, chinese in gazetteer().select("code", "name_en", "name_zh").iter_rows():
        found[code] |= {_bare(english.split("(")[0]), _bare(chinese)}
    cities = names().filter(pl.col("level").is_in(["city", "province"]))
    for name, short, unit in cities.select("name", "short", "unit").iter_rows():
        found[unit] |= {_bare(name), _bare(short)}
    return {code: frozenset(each - {""}) for code, each in found.items()}


@cache
def _names() -> Mapping[str, str]:
    return dict(gazetteer().select("code", "name_en").iter_rows())


def _check_once(file: str, group: list[Entry], key: Callable[[Entry], str]) -> None:
    seen: dict[str, Entry] = {}
    for entry in group:
        again = seen.setdefault(key(entry), entry)
        if again is not entry:
            code, _, city = _written(entry)
            what = Message(
                "{city}, {year}, technology {technology}",
                city=shortened(city or code),
                year=entry.year,
                technology=entry.technology,
            )
            raise DatasetError(
                file,
                Message(
                    "gives the same count again as row {row}: {what}", row=again.row, what=what
                ),
                Message("Keep one row per city, year and technology."),
                row=entry.row,
            )


def _sum(group: list[Entry]) -> Number:
    numbers = [entry.number for entry in group]
    value = sum(number.value for number in numbers)
    if all(number.lower is None for number in numbers):
        return Number(value)
    lower = sum(n.value if n.lower is None else n.lower for n in numbers)
    upper = sum(n.value if n.upper is None else n.upper for n in numbers)
    return Number(value, lower, upper)
