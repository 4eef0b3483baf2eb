"""What the words found in one text say together: a place, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from citytech_data.ingest.gazetteer import MUNICIPALITIES, city_codes
from citytech_data.ingest.place_words import Found, Meaning
from citytech_data.messages import message_text

EXACT: Final = "exact"
LIKELY: Final = "likely"
ADDRESS, COUNTY_CITY, DISTRICT, PINYIN = "address", "county-level city", "district", "pinyin"
CITY_COLUMN, POSTCODE, NAMES_TABLE = "city column", "postcode", "names table"
KNOWN_APPLICANT, APPLICANT = "known applicant", "applicant name"
EMPTY, OUTSIDE, AMBIGUOUS = (
    message_text("empty"),
    message_text("outside China"),
    message_text("ambiguous"),
)
UNKNOWN, PROVINCE_ONLY = message_text("unknown"), message_text("province only")
NO_CITY = message_text("not prefecture-level")
NAME_ONLY = message_text("applicant name only")


class Verdict(NamedTuple):
    """A place with its confidence and method, or the reason why there is none.

    `options` are the codes that it could be, parted by `;`: cities, or one province.
    """

    place: str | None = None
    confidence: str | None = None
    method: str | None = None
    reason: str | None = None
    options: str = ""


def refused(reason: str, options: Iterable[str] = ()) -> Verdict:
    """Return that there is no place, and which it could be."""
    return Verdict(reason=reason, options=";".join(sorted(options)))


def judge_chinese(
    words: Sequence[str], meanings: Mapping[str, tuple[Meaning, ...]], named_first: bool
) -> Verdict:
    """Judge the words of a Chinese address, in their order.

    `named_first` says that what the text begins with names a street, a school or a firm there
    (上海路, 北京大学, 上海贝尔公司), and no place.
    """
    found = Found.all(words, meanings)
    if found and named_first and found[0].first:
        more = any(each.has("city", "province") for each in found[1:])
        if more or not found[0].full:
            found = found[1:]
    if not found:
        return refused(UNKNOWN)
    if found[0].has("outside"):
        return refused(OUTSIDE)
    provinces = _provinces(found)
    if provinces is None:
        return refused(AMBIGUOUS)
    return _within(found, provinces)


def _within(found: Sequence[Found], provinces: set[str]) -> Verdict:
    """Judge what is left of the words in these provinces."""
    kept = [each.within(provinces) for each in found]
    kept = [each for each in kept if each.has("city", "county")]
    if any(each.has("city") for each in kept):
        return _of_city(kept, sure=bool(provinces))
    if provinces & MUNICIPALITIES:
        return Verdict(min(provinces), EXACT, ADDRESS)
    if kept and (provinces or kept[0].first or kept[0].word.endswith("市")):
        return _of_county(kept[0], sure=bool(provinces) or kept[0].first)
    if not provinces:
        return refused(UNKNOWN)
    elsewhere = any(each.has("city") for each in found)
    return refused(AMBIGUOUS) if elsewhere else refused(PROVINCE_ONLY, provinces)


def _provinces(found: Sequence[Found]) -> set[str] | None:
    """The province that the place must lie in; empty if none is named, None if several are.

    What an address begins with decides: what follows may be part of a firm's name. But a bare
    name at the beginning may be one itself, so that it needs a city or district of its own if
    the full name of a place elsewhere follows.
    """
    lead, others = found[0], found[1:]
    area = lead.provinces() or {meaning.province for meaning in lead.meanings}
    named = lead.provinces() or next(
        (each.provinces() for each in others if each.provinces()), set()
    )
    if not lead.first:
        return named if not named or named & area else None
    units = lead.units("city")
    abroad = [each for each in others if each.full and each.has("province", "city")]
    abroad = [each for each in abroad if not each.agrees(area, units)]
    if not abroad:
        return named or set()
    if lead.full:
        return area if lead.has("province") or len(lead.units("city", "county")) == 1 else named
    near = (each.within(area) for each in others)
    speaks = any(
        each.units("county") & units if units else each.has("city", "county") for each in near
    )
    return area if speaks else None


def _of_city(kept: Sequence[Found], *, sure: bool) -> Verdict:
    """Judge words of which one is a city's name.

    A bare name that nothing supports, such as 铁岭 of 铁岭河, is only likely.
    """
    units = next(each.units("city") for each in kept if each.has("city"))
    lead = kept[0].units("city", "county")
    if not units & lead:
        if kept[0].first and len(lead) == 1:
            return _of_county(kept[0], sure=False)
        return refused(AMBIGUOUS, units | lead)
    if len(units) > 1:
        return refused(AMBIGUOUS, units)
    (unit,) = units
    counties = [each.units("county") for each in kept if each.has("county")]
    agree = not counties or any(unit in county for county in counties)
    told = sure or any(each.full and unit in each.units("city", "county") for each in kept)
    return Verdict(unit, EXACT if agree and told else LIKELY, ADDRESS)


def judge_name(meanings: Sequence[Meaning]) -> Verdict:
    """Judge a name that stands by itself, as in a column of cities."""
    units = {each.unit for each in meanings if each.level != "province"}
    provinces = {each.province for each in meanings if each.level == "province"}
    if provinces and not units:
        (province,) = provinces
        known = province in MUNICIPALITIES
        return Verdict(province, EXACT, CITY_COLUMN) if known else refused(PROVINCE_ONLY, provinces)
    units |= provinces
    if len(units) > 1:
        return refused(AMBIGUOUS, units)
    return Verdict(units.pop(), EXACT, CITY_COLUMN) if units <= city_codes() else refused(NO_CITY)


def judge_applicant(
    words: Sequence[str], meanings: Mapping[str, tuple[Meaning, ...]], is_school: bool
) -> Verdict:
    """Judge the words of an applicant's name: all of them must mean one city, and one be first.

    A school is often named after a city or province that it does not lie in.
    """
    found = Found.all(words, meanings)
    provinces = next((each.provinces() for each in found if each.has("province")), set())
    kept = [each.within(provinces) for each in found]
    counties = [each for each in kept[:1] if each.first]
    units = {
        unit for each in kept for unit in each.units("city") | (each.units("province") - {""})
    } or {unit for each in counties for unit in each.units("county")}
    if is_school or len(units) != 1 or not units <= city_codes():
        return refused(UNKNOWN)
    return Verdict(units.pop(), LIKELY, APPLICANT)


def _of_county(county: Found, *, sure: bool) -> Verdict:
    units = county.units("county")
    if len(units) > 1:
        return refused(AMBIGUOUS, units)
    (unit,) = units
    if unit not in city_codes():
        return refused(NO_CITY)
    is_city = not county.word.endswith(("区", "县", "旗"))
    return Verdict(
        unit, EXACT if sure and is_city else LIKELY, COUNTY_CITY if is_city else DISTRICT
    )
