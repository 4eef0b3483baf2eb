"""The cities of China at prefecture level, and the names by which an address may mean one.

Boundaries are those of 2021: Laiwu lies in Jinan, Chaohu in Hefei. The tables beside this
module were cut from packages by `gazetteer_build`; `gazetteer_data/NOTICE.md` names them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from citytech_data.schema import CITIES

FOLDER = Path(__file__).with_name("gazetteer_data")
CITIES_FILE = FOLDER / "cities.csv"
NAMES_FILE = FOLDER / "names.csv"
POSTCODES_FILE = FOLDER / "postcodes.csv"
COUNTRIES_FILE = FOLDER / "countries.csv"
APPLICANTS_FILE = FOLDER / "applicants.csv"
WORDS_FILE = FOLDER / "words.toml"

MUNICIPALITIES = frozenset({"110000", "120000", "310000", "500000"})
"""The provinces that are one city."""


@cache
def gazetteer() -> pl.DataFrame:
    """Return all cities at prefecture level and municipalities, in the columns of `CITIES`."""
    return read(CITIES_FILE).select(
        pl.col(column.name).cast(pl.Float64 if column.type == "number" else pl.String)
        for column in CITIES.columns
    )


@cache
def city_codes() -> frozenset[str]:
    """Return the codes of all cities of the gazetteer."""
    return frozenset(gazetteer()["code"])


@cache
def names() -> pl.DataFrame:
    """Return every name of a province, city or county, and the unit that it lies in.

    Columns: `name`, `short` (without 市, 县, ...), `spelt` (in Latin letters: words, or
    the syllables of its pinyin; several parted by `;`), `level` (`province`, `city`, `county`,
    or `moved`: a city and a county that is no longer its own), `province`, and `unit`: the
    code of the city, or of the county itself where it has none above it. Names that are no
    more stand there with the unit they lie in now.
    """
    return read(NAMES_FILE).fill_null("")


@cache
def word_lists(language: str) -> Mapping[str, Any]:
    """Return the lists of further words: `chinese`, `english`, or what a `country` column says."""
    table: dict[str, Any] = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))[language]
    return {key: value.split() if isinstance(value, str) else value for key, value in table.items()}


def read(path: Path) -> pl.DataFrame:
    """Return one of the tables, all of it text."""
    return pl.read_csv(path, infer_schema=False)
