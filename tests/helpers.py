"""What several tests need: small datasets written for one test, and rows found by code."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from citytech_data.manifest import PACKAGE_FILE
from citytech_data.schema import TABLES, Table
from citytech_data.vocabulary import MEASURES

YEAR = 2020
SOURCE = "s"


def city(code: str, name_en: str | None = None, **more: object) -> dict[str, object]:
    """Return a row of the table cities."""
    return {"code": code, "name_en": name_en or f"City {code}", **more}


def observation(
    place: str, measure: str, value: object = None, **more: object
) -> dict[str, object]:
    """Return a row of the table observations: counted, for all technologies, in `YEAR`."""
    common = {"year": YEAR, "technology": "all", "basis": "counted", "source": SOURCE}
    return {"place": place, "measure": measure, "value": value, **common, **more}


def claim(name: str, kind: str, measure: str, places: str, **more: object) -> dict[str, object]:
    """Return a row of the table claims, about `YEAR`."""
    common = {"year": YEAR, "source": SOURCE}
    return {"id": name, "kind": kind, "measure": measure, "places": places, **common, **more}


def package(**citytech: object) -> dict[str, Any]:
    """Return the content of a `datapackage.json`, with these declarations of its own."""
    own = {
        "count": {"measure": "apps"},
        "share_of": "place",
        "share_measure": "all_apps",
        "country": "CN",
        "labels": {measure: {"title": measure.title(), "unit": "u"} for measure in MEASURES},
        "preference": [SOURCE],
    }
    return {
        "name": "made",
        "title": "Made for a test",
        "resources": [
            {"name": table.name, "path": f"{table.name}.csv", "encoding": "utf-8"}
            for table in TABLES
        ],
        "citytech": own | citytech,
    }


def make_dataset(
    parent: Path,
    *,
    cities: Iterable[str | Mapping[str, object]] = ("a", "b"),
    observations: Iterable[Mapping[str, object]] = (),
    claims: Iterable[Mapping[str, object]] = (),
    sources: Iterable[str] = (SOURCE,),
    notes: Iterable[Mapping[str, object]] = (),
    name: str = "made",
    **citytech: object,
) -> Path:
    """Write a dataset into a new folder under `parent` and return that folder.

    `cities` may be codes, and `sources` are ids. What is not named in a row stays empty; unknown
    names become extra columns. Further arguments are declarations, see `package`.
    """
    folder = parent / name
    folder.mkdir()
    rows: dict[str, list[Mapping[str, object]]] = {
        "cities": [city(each) if isinstance(each, str) else each for each in cities],
        "observations": list(observations),
        "claims": list(claims),
        "sources": [{"id": each, "title": f"Source {each}"} for each in sources],
        "notes": list(notes),
    }
    for table in TABLES:
        write_table(folder / f"{table.name}.csv", table, rows[table.name])
    content = json.dumps(package(**citytech), ensure_ascii=False)
    (folder / PACKAGE_FILE).write_text(content, encoding="utf-8")
    return folder


def write_table(path: Path, table: Table, rows: Iterable[Mapping[str, object]]) -> None:
    """Write `rows` as the CSV file of `table`."""
    rows = list(rows)
    names = dict.fromkeys([*table.column_names, *(name for row in rows for name in row)])
    with path.open("w", encoding="utf-8", newline="") as file:
        # Quotes around all: Python before 3.13 leaves a lone carriage return without.
        writer = csv.DictWriter(file, names, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def row_of(frame: pl.DataFrame, code: str) -> dict[str, Any]:
    """Return the row of the city with this code."""
    return frame.row(by_predicate=pl.col("code") == code, named=True)
