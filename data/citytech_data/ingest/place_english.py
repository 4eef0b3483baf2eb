"""The words by which an address in Latin letters tells its place, and what they say together.

A text is matched in lower case, without accents, apostrophes and digits, with two blanks between
words and one at either end, so that a pattern with its own blanks fits whole words only.
A comma stands as a word of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from citytech_data.ingest.gazetteer import (
    COUNTRIES_FILE,
    MUNICIPALITIES,
    city_codes,
    names,
    read,
    word_lists,
)
from citytech_data.ingest.place_rules import (
    AMBIGUOUS,
    EXACT,
    LIKELY,
    NO_CITY,
    OUTSIDE,
    PINYIN,
    PROVINCE_ONLY,
    UNKNOWN,
    Verdict,
    refused,
)
from citytech_data.ingest.place_words import Found, Level, Meaning, Words

XIAN: Final = "xianshi"
"""What the name of the city of Xi'an is written as: xian by itself is a county."""

_COUNTY: Final = "xian"
_KINDS: Final = {
    "区": ("qu", "district", "dist", "new district"),
    "县": ("xian", "county"),
    "旗": ("qi", "banner"),
    "市": ("shi", "city"),
}


@cache
def english_words() -> Words:
    """Return the words of addresses in Latin letters."""
    found: defaultdict[str, set[Meaning]] = defaultdict(set)

    lists = word_lists("english")
    decoys = list(lists["decoys"])

    def add(phrases: Iterable[str], meaning: Meaning) -> None:
        for phrase in phrases:
            found[pattern(phrase)].add(meaning)

    for name, _, spelt, level, province, unit in names().iter_rows():
        forms = [form for spelling in filter(None, spelt.split(";")) for form in _forms(spelling)]
        match level:
            case "province":
                meaning = Meaning("province", province, unit)
                add([*forms, *(f"{form}sheng" for form in forms)], meaning)
            case "city":
                meaning = Meaning("city", province, unit)
                add(_with_kinds(forms, _KINDS["市"]), meaning)
                for form in forms:
                    if form != _COUNTY:
                        add([form], meaning._replace(full=form not in lists["common"]))
                decoys += _with_kinds(forms, (*_KINDS["区"], *_KINDS["县"], *lists["smaller"]))
            case "county":
                meaning = Meaning("county", province, unit)
                add(_with_kinds(forms, _KINDS[name[-1]]), meaning)
                bare: Level = "county" if name.endswith("市") else "part"
                add(forms, Meaning(bare, province, unit, full=False))
    add([", xian ,", "xian shaanxi", "xian shanxi", XIAN], Meaning("city", "610000", "610100"))
    countries = read(COUNTRIES_FILE)["name_en"].str.to_lowercase().str.replace_all("[^a-z]+", " ")
    add([f"{each.strip()} ," for each in (*countries, *lists["outside_last"])], Meaning("outside"))
    add([f", {each} ," for each in lists["outside_whole"]], Meaning("outside"))
    add(lists["outside"], Meaning("outside"))
    return Words.of(found, map(pattern, decoys))


def pattern(phrase: str) -> str:
    """Return what matches the words of a phrase, and nothing within a word."""
    return f" {'  '.join(phrase.split())} "


def _forms(spelling: str) -> list[str]:
    """A spelling as one word; one of syllables also with blanks."""
    word = spelling.lower().replace("'", "")
    return [word] if spelling != word else list(dict.fromkeys((word.replace(" ", ""), word)))


def _with_kinds(forms: Iterable[str], kinds: Iterable[str]) -> list[str]:
    """Names with what they are: suzhou shi, suzhou city, suzhoushi."""
    return [f"{form}{gap}{kind}" for form in forms for kind in kinds for gap in (" ", "")]


def judge_english(
    words: Sequence[str], meanings: Mapping[str, tuple[Meaning, ...]], in_china: bool
) -> Verdict:
    """Judge the words of an address in Latin letters, whatever their order.

    `in_china` says that it is known to lie in China.
    """
    found = Found.all(words, meanings)
    if any(each.has("outside") for each in found):
        return refused(OUTSIDE)
    provinces, found = _provinces(found)
    if not provinces:
        found = [each for each in found if each.full or not each.has("city")]
    kept = [each.within(provinces) for each in found]
    cities = [each for each in kept if each.has("city")]
    # A city elsewhere may be the name of a part here: Chaoyang in Beijing.
    astray = [
        each
        for each, rest in zip(found, kept, strict=True)
        if each.has("city") and not rest.has("city", "county", "part")
    ]
    if astray:
        return refused(AMBIGUOUS)
    others = [each for each in kept if not each.has("city")]
    if cities:
        return _of_cities(cities, others, sure=bool(provinces) or in_china)
    if len(provinces) == 1 and provinces & MUNICIPALITIES:
        return Verdict(min(provinces), EXACT if in_china else LIKELY, PINYIN)
    counties = [each for each in others if each.has("county")]
    if counties and (provinces or in_china):
        return _of_counties(counties, sure=bool(provinces))
    return refused(PROVINCE_ONLY, provinces) if provinces else refused(UNKNOWN)


def _provinces(found: list[Found]) -> tuple[set[str], list[Found]]:
    """The provinces that are named, and the words without what they cannot mean.

    Jilin and Hainan are also cities: only where the province is named beside them.
    """
    plain = [each for each in found if each.has("province") and not each.has("city")]
    double = [each for each in found if each.has("province") and each.has("city")]
    provinces = {code for each in plain or double for code in each.provinces()}
    if plain or len(double) > 1:
        return provinces, found
    return provinces, [
        Found(each.word, tuple(one for one in each.meanings if one.level == "province"))
        if each in double
        else each
        for each in found
    ]


def _of_cities(cities: Sequence[Found], others: Sequence[Found], *, sure: bool) -> Verdict:
    named = set.union(*(each.units("city") for each in cities))
    units = set.intersection(*(each.units("city") for each in cities))
    if not units:
        wide = [each.units("city", "county", "part") for each in cities]
        units = named.intersection(*wide)
    narrowed = False
    for each in others:
        near = units & each.units("county", "part")
        if near and near != units:
            units, narrowed = near, True
    if len(units) != 1:
        return refused(AMBIGUOUS, units or named)
    (unit,) = units
    for each in cities:
        # A city under another one may be written the same: Jinzhou is 锦州 and 晋州.
        if len(cities) == 1 and not narrowed and each.units("county") - units:
            return refused(AMBIGUOUS, units | each.units("county"))
    alone = all(each.units("part") <= units for each in cities)
    return Verdict(unit, EXACT if sure and alone and not narrowed else LIKELY, PINYIN)


def _of_counties(counties: Sequence[Found], *, sure: bool) -> Verdict:
    units = set.intersection(*(each.units("county") for each in counties))
    if len(units) != 1:
        return refused(AMBIGUOUS, units)
    (unit,) = units
    if unit not in city_codes():
        return refused(NO_CITY)
    parts = any(each.has("part") for each in counties)
    return Verdict(unit, EXACT if sure and not parts else LIKELY, PINYIN)
