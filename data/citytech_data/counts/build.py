"""From a table of counts to a dataset."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from citytech_data.counts import words
from citytech_data.counts.entries import NATIONAL, Entries, read_entries
from citytech_data.counts.grid import read_grids
from citytech_data.counts.layout import Layout, find_layout
from citytech_data.counts.numbers import Number
from citytech_data.counts.reading import CountsTable, LeftOut, Reading, TotalCheck
from citytech_data.counts.resolve import Key, Resolved, resolve
from citytech_data.counts.totals import bounded_total, check_totals, distinct_totals
from citytech_data.dataset import Dataset
from citytech_data.errors import DatasetError, shortened
from citytech_data.ingest.attributes import Attributes, embedded_attributes
from citytech_data.ingest.gazetteer import gazetteer
from citytech_data.manifest import PER_COUNTRY, PER_PLACE, SECTION, Manifest
from citytech_data.messages import Message
from citytech_data.schema import CLAIMS, NOTES, OBSERVATIONS, SOURCES, Table
from citytech_data.tables import empty_table
from citytech_data.text import clean
from citytech_data.vocabulary import ALL, TECHNOLOGIES

MEASURE: Final = "counts"
SOURCE: Final = "table"
_UNITS: Final = (
    ("applications", ("申请", "application", "filing")),
    ("grants", ("授权", "grant")),
    ("publications", ("公开", "公告", "publication")),
)
_UNIT: Final = "patents"
_NO_TOTAL: Final = "the table gives no total of the technologies; an application can be in several"


def read_counts(path: Path, year: int | None = None) -> CountsTable:
    """Read a table of counts; `year` is that of all counts if the table names none.

    Raises:
        DatasetError: naming file, row and column of what is not as expected.
    """
    file = clean(path.name)
    layout = find_layout(file, read_grids(path))
    entries = read_entries(file, layout, year)
    totals, sums = distinct_totals(entries.counts, entries.sums)
    resolved = resolve(file, [*entries.counts, *totals])
    cities = {code for code, _, _ in resolved.figures} - {NATIONAL}
    if not cities:
        raise DatasetError(file, *_nothing_placed(entries, resolved))
    checks = check_totals([*entries.counts, *totals], sums)
    reading = _reading(file, layout, entries, resolved, checks)
    dataset = _dataset(path, layout, resolved, reading)
    return CountsTable(dataset, reading)


def _nothing_placed(entries: Entries, resolved: Resolved) -> tuple[Message, Message]:
    left_out = [*entries.left_out, *resolved.left_out]
    if not left_out:
        return (
            Message("holds no row below its headers"),
            Message("Give at least one city with a count."),
        )
    row, text, reason, _ = left_out[0]
    return (
        Message(
            "holds no count of a city; row {row} ({text}): {reason}",
            row=row,
            text=text,
            reason=reason,
        ),
        Message("Name cities in English or Chinese, or by their GB/T 2260 code."),
    )


def _reading(
    file: str,
    layout: Layout,
    entries: Entries,
    resolved: Resolved,
    checks: Sequence[TotalCheck],
) -> Reading:
    def slice_text(index: int) -> str:
        year, technology, city = layout.counts[index]
        if city is not None:
            return words.CITY
        return " ".join(str(each) for each in (year, technology) if each) or words.COUNT

    columns = [(role, layout.header[index]) for role, index in layout.roles.items()]
    columns += [(slice_text(index), layout.header[index]) for index in layout.counts]
    columns += [(words.SUM, layout.header[index]) for index in layout.sums]
    left_out: list[LeftOut] = sorted([*entries.left_out, *resolved.left_out])
    counted = {row for figure in resolved.figures.values() for row in figure.rows}
    return Reading(
        file=file,
        sheet=layout.sheet,
        header_row=layout.row,
        columns=columns,
        unused=layout.unused,
        rows=len(layout.body),
        counted=len(counted),
        places=len({code for code, _, _ in resolved.figures} - {NATIONAL}),
        empty=entries.empty,
        filled=entries.filled,
        left_out=left_out,
        totals=checks,
    )


def _dataset(path: Path, layout: Layout, resolved: Resolved, reading: Reading) -> Dataset:
    codes = sorted({code for code, _, _ in resolved.figures} - {NATIONAL})
    years = sorted({year for _, year, _ in resolved.figures})
    attributes = _attributes(codes, years)
    unit = _unit(layout)
    own = {"id": SOURCE, "title": _source_title(reading), "publisher": None}
    rows = list(_observations(resolved, unit))
    national = any(row["place"] == NATIONAL for row in rows)
    knows = set(attributes.observations["measure"])
    package = _package(path, reading, unit, national=national, knows=knows)
    package[SECTION] |= {"preference": [SOURCE, *attributes.sources["id"]], "year": years[-1]}
    return Dataset(
        Manifest.from_package(package),
        cities=gazetteer().filter(pl.col("code").is_in(codes)).sort("code"),
        observations=pl.concat(
            [_like(rows, OBSERVATIONS), attributes.observations], how="vertical_relaxed"
        ),
        claims=empty_table(CLAIMS),
        sources=pl.concat([_like([own], SOURCES), attributes.sources], how="vertical_relaxed"),
        notes=_like(list(_notes(reading)), NOTES),
    )


def _attributes(codes: Sequence[str], years: Sequence[int]) -> Attributes:
    """Population and GDP of these years that come with the program."""
    known = embedded_attributes()
    rows = known.observations.filter(pl.col("year").is_in(years))
    return Attributes(rows, known.sources).of(codes)


def _observations(resolved: Resolved, unit: str) -> Iterator[dict[str, Any]]:
    of_slice: dict[tuple[str, int], dict[str, Number]] = defaultdict(dict)
    for (place, year, technology), (number, rows) in resolved.figures.items():
        of_slice[place, year][technology] = number
        basis = "derived" if len(rows) > 1 else "printed"
        different = sorted(set(rows))
        note = f"sum of the rows {', '.join(map(str, different))}" if len(rows) > 1 else None
        if len(different) < len(rows):
            note = f"sum of {len(rows)} columns of row {different[0]}"
        yield _observation((place, year, technology), number, unit, basis, note)
    for (place, year), numbers in of_slice.items():
        parts = {name: each for name, each in numbers.items() if name in TECHNOLOGIES}
        complete = parts.keys() == set(TECHNOLOGIES)
        if ALL not in numbers and (total := bounded_total(parts, complete)) is not None:
            yield _observation((place, year, ALL), total, unit, "bounded", _NO_TOTAL)


def _observation(
    key: Key, number: Number, unit: str, basis: str, note: str | None
) -> dict[str, Any]:
    place, year, technology = key
    return {
        "place": place,
        "year": year,
        "measure": MEASURE,
        "technology": technology,
        "value": None if math.isnan(number.value) else number.value,
        "lower": number.lower,
        "upper": number.upper,
        "unit": unit,
        "basis": basis,
        "source": SOURCE,
        "note": note,
    }


def _notes(reading: Reading) -> Iterator[dict[str, str]]:
    """What the account says, kept with the dataset."""
    for row, text, reason, _ in reading.left_out:
        yield _note("left-out", f"Row {row} ({text}): {reason}.")
    for total in reading.totals:
        said = f"Row {total.row} ({total.label}) states {total.stated:,.10g}"
        if total.agrees:
            yield _note("total", f"{said}, which is the sum.")
        else:
            yield _note("doubt", f"{said}, but the sum is {total.summed:,.10g}.")
    if reading.unused:
        yield _note("columns", f"Not used: {', '.join(reading.unused)}.")


def _note(topic: str, text: str) -> dict[str, str]:
    return {"place": NATIONAL, "topic": topic, "text_en": text, "source": SOURCE}


def _source_title(reading: Reading) -> str:
    sheet = f", sheet {reading.sheet}" if reading.sheet else ""
    return f"Table of counts {shortened(reading.file)}{sheet}"


def _unit(layout: Layout) -> str:
    """The unit of the counts, as far as a header tells it."""
    headers = [layout.header[index] for index in (*layout.counts, *layout.sums)]
    text = " ".join(headers).casefold()
    return next((unit for unit, told in _UNITS if any(each in text for each in told)), _UNIT)


def _package(
    path: Path, reading: Reading, unit: str, *, national: bool, knows: set[str]
) -> dict[str, Any]:
    title = f"Patent {unit}" if unit != _UNIT else "Patents"
    absent: dict[str, str] = {}
    if "population" not in knows:
        absent["density"] = "No density: no population of these cities and years is known here."
    if not national:
        absent["proportion"] = "No proportion: the table has no count of the whole country (全国)."
        absent["trend"] = "No trend: the table has no counts of the whole country (全国)."
    labels = {
        "total": {"title": title, "column": unit.capitalize(), "unit": unit},
        "density": {
            "title": f"{title} per 10,000 residents",
            "column": "Per 10,000",
            "unit": "per 10,000 residents",
        },
        "proportion": {"title": f"Share of the country's {unit}", "column": "Share", "unit": "%"},
    }
    measures: Mapping[str, tuple[str, str]] = {
        MEASURE: (title, unit),
        "population": ("Resident population", "persons"),
        "gdp": ("Gross domestic product", "CNY"),
    }
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": re.sub(r"[^\w.-]+", "-", clean(path.stem).lower()).strip("-.") or SOURCE,
        "title": _source_title(reading),
        "description": (
            f"Counts as the table {shortened(reading.file)} states them; what counts as a patent, "
            f"and in which technology, is the table's own. {reading.counted} of {reading.rows} "
            "rows are counted; the notes say what became of the others."
        ),
        SECTION: {
            "count": {"measure": MEASURE},
            "share_of": PER_COUNTRY if national else PER_PLACE,
            "country": NATIONAL,
            "labels": labels,
            "measures": {
                name: {"title": label, "unit": unit_} for name, (label, unit_) in measures.items()
            },
            "series": [MEASURE] if national else [],
            "absent": absent,
        },
    }


def _like(rows: list[dict[str, Any]], table: Table) -> pl.DataFrame:
    empty = empty_table(table)
    if not rows:
        return empty
    own = pl.DataFrame(rows, infer_schema_length=None)
    full = pl.concat([empty, own], how="diagonal_relaxed")
    return full.select(empty.columns).cast(empty.schema)
