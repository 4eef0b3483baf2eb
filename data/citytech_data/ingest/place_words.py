"""The words by which a Chinese address tells its place, and what each can mean.

Polars matches them, leftmost and longest, in a text with `^` before it. A bare short name
(深圳) counts only where an address begins or after its province: elsewhere it is mostly part of
a street, a firm or another word (广州路, 华南通).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from citytech_data.ingest.gazetteer import COUNTRIES_FILE, names, read, word_lists

if TYPE_CHECKING:
    import polars as pl

START = "^"
Level = Literal["province", "city", "county", "part", "outside"]


class Meaning(NamedTuple):
    """One place that a word can mean.

    `unit` is the city it lies in, or the county itself where none is above it; empty for a
    province of several cities. A `part` is the bare name of a district or county, which tells
    nothing by itself. `full` tells 苏州市 and 江苏苏州 from a bare 苏州.
    """

    level: Level
    province: str = ""
    unit: str = ""
    full: bool = True


_FIRST, _MANY = 5, 50_000
"""How many letters are the beginning of a pattern, and how many are many in texts."""


@dataclass(frozen=True)
class Words:
    """Patterns, longest first, with their meanings; one without any is a decoy."""

    patterns: list[str]
    meanings: Mapping[str, tuple[Meaning, ...]]

    @classmethod
    def of(cls, found: Mapping[str, Iterable[Meaning]], decoys: Iterable[str] = ()) -> Words:
        """Return these words, and decoys that mean nothing."""
        meanings = {word: tuple(sorted(found.get(word, ()))) for word in {*found, *decoys}}
        return cls(sorted(meanings, key=lambda word: (-len(word), word)), meanings)

    def patterns_for(self, texts: pl.Series) -> list[str]:
        """Return the patterns that may be in texts: where these are few, those that begin in them.

        To look for all takes a tenth of a second before the first letter is looked at.
        """
        if texts.str.len_chars().sum() > _MANY:
            return self.patterns
        text = "\n".join(texts.drop_nulls())
        starts = {
            text[at : at + length] for length in range(1, _FIRST + 1) for at in range(len(text))
        }
        found = [pattern for pattern in self.patterns if pattern[:_FIRST] in starts]
        return found or self.patterns[:1]  # Polars looks for one at least


@dataclass(frozen=True, slots=True)
class Found:
    """A word found, with what is left of its meanings."""

    word: str
    meanings: tuple[Meaning, ...]

    @classmethod
    def all(cls, words: Iterable[str], meanings: Mapping[str, tuple[Meaning, ...]]) -> list[Self]:
        """Return the words that mean something, in their order."""
        return [cls(word, meanings[word]) for word in words if meanings[word]]

    @property
    def first(self) -> bool:
        """Whether the text begins with it."""
        return self.word.startswith(START)

    @property
    def full(self) -> bool:
        """Whether it is more than a bare short name."""
        return any(meaning.full for meaning in self.meanings)

    def has(self, *levels: Level) -> bool:
        """Return whether it can mean a place of one of these levels."""
        return any(meaning.level in levels for meaning in self.meanings)

    def provinces(self) -> set[str]:
        """Return the provinces that it can mean."""
        return {meaning.province for meaning in self.meanings if meaning.level == "province"}

    def units(self, *levels: Level) -> set[str]:
        """Return the cities that it can mean, or that what it means lies in."""
        return {meaning.unit for meaning in self.meanings if meaning.level in levels}

    def agrees(self, provinces: set[str], units: set[str]) -> bool:
        """Return whether it can mean a place in these provinces, and one of these cities if any."""
        kept = self.within(provinces)
        return bool(kept.meanings) and (
            not units or bool(kept.units("city", "province") & (units | {""}))
        )

    def within(self, provinces: set[str]) -> Self:
        """Keep the meanings that lie in one of these provinces; no provinces, keep all."""
        kept = (each for each in self.meanings if not provinces or each.province in provinces)
        return replace(self, meanings=tuple(kept))


@cache
def chinese_words() -> Words:
    """Return the words of Chinese addresses."""
    return _Collector().collect()


@cache
def exact_names() -> Mapping[str, tuple[Meaning, ...]]:
    """Return what a name means that stands by itself, as in a column of cities.

    There 吉林 is the city, but 海南 may be the province.
    """
    found: defaultdict[str, set[Meaning]] = defaultdict(set)
    for name, short, _, level, province, unit in names().iter_rows():
        if level == "moved":
            continue
        meaning = Meaning(level, province, unit)
        found[name].add(meaning)
        if short and (level != "county" or name.endswith("市")):
            found[short].add(meaning)
    found["吉林"] = {each for each in found["吉林"] if each.level == "city"}
    return {name: tuple(sorted(meanings)) for name, meanings in found.items() if len(name) > 1}


class _Collector:
    """Gathers the words of the gazetteer."""

    def __init__(self) -> None:
        self._found: defaultdict[str, set[Meaning]] = defaultdict(set)
        self._lists = word_lists("chinese")
        self._common = frozenset(self._lists["common"])
        self._provinces: dict[str, tuple[str, str]] = {}
        self._stems: defaultdict[str, set[str]] = defaultdict(set)
        for short, unit in names().select("short", "unit").iter_rows():
            self._stems[short].add(unit)

    def collect(self) -> Words:
        """Return all words."""
        for name, short, _, level, province, unit in names().iter_rows():
            match level:
                case "province":
                    self._add_province(name, short, Meaning("province", province, unit))
                case "city":
                    self._add_city(name, short, Meaning("city", province, unit))
                case "moved":
                    self._add_moved(name, Meaning("city", province, unit))
                case _:
                    self._add_county(name, short, Meaning("county", province, unit))
        for word, unit in self._lists["landmarks"].items():
            self._add([word], Meaning("county", f"{unit[:2]}0000", unit))
        self._add_outside()
        markets = [f"{word}场" for word in self._found if word.endswith("市")]
        decoys = [*self._lists["decoys"], *markets]
        return Words.of(self._found, [*decoys, *(START + decoy for decoy in decoys)])

    def _add(self, words: Iterable[str], meaning: Meaning) -> None:
        """Add words that count wherever they are."""
        for word in words:
            self._found[word].add(meaning)
            self._found[START + word].add(meaning)

    def _add_first(self, word: str, meaning: Meaning) -> None:
        """Add a word that counts only where the text begins."""
        self._found[START + word].add(meaning._replace(full=False))

    def _add_bare(self, short: str, meaning: Meaning) -> None:
        alone = meaning.level == "city" or len(self._stems[short]) == 1
        if alone and short not in self._common:
            self._add_first(short, meaning)
            self._add_zones(short, meaning)

    def _add_zones(self, short: str, meaning: Meaning) -> None:
        for zone in self._lists["zones"]:
            self._found[short + zone].add(meaning)

    def _add_province(self, name: str, short: str, meaning: Meaning) -> None:
        self._provinces[meaning.province] = name, short
        self._add([name], meaning)
        if "自治区" in name:
            self._add([f"{short}自治区", f"{short}省"], meaning)
        self._add_first(short, meaning)
        if meaning.unit:
            self._add_zones(short, meaning._replace(level="city"))

    def _add_city(self, name: str, short: str, meaning: Meaning) -> None:
        self._add([name], meaning)
        if short and name.endswith("自治州"):
            self._add([f"{short}州"], meaning)
        if short:
            self._add_after_province(name, short, meaning)
            self._add_bare(short, meaning)

    def _add_county(self, name: str, short: str, meaning: Meaning) -> None:
        if len(name) == 2 and not name.endswith("县"):
            return  # 城区, 郊区: parts of many words, and never enough without their city
        self._add([name], meaning)
        if name.endswith("自治县"):
            self._add([f"{short}县"], meaning)
        if name.endswith("市"):
            self._add_after_province(name, short, meaning)
            self._add_bare(short, meaning)

    def _add_moved(self, name: str, meaning: Meaning) -> None:
        self._add([name], meaning)
        for province in self._provinces[meaning.province]:
            self._add([province + name], meaning)

    def _add_after_province(self, name: str, short: str, meaning: Meaning) -> None:
        for province in self._provinces[meaning.province]:
            self._add([province + name, province + short], meaning)

    def _add_outside(self) -> None:
        outside = Meaning("outside")
        self._add(self._lists["outside"], outside)
        countries = [name.removeprefix("中国") for name in read(COUNTRIES_FILE)["name_zh"]]
        for word in (*self._lists["outside_first"], *countries):
            self._add_first(word, outside)
