"""The last stage: the dataset, its rejects and its report, all at once or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import polars as pl

from citytech_data.dataset import Dataset, read_dataset, write_dataset
from citytech_data.errors import DatasetError
from citytech_data.extract import spreadsheet_safe
from citytech_data.ingest.attributes import Attributes
from citytech_data.ingest.count import COUNTS
from citytech_data.ingest.gazetteer import gazetteer
from citytech_data.ingest.options import REPORT_FILE, Options
from citytech_data.ingest.report import Report
from citytech_data.ingest.store import work_folder
from citytech_data.ingest.tally import OUTSIDE, PLACED, Count, Tally
from citytech_data.manifest import PACKAGE_FILE, SECTION, Manifest
from citytech_data.messages import Message
from citytech_data.schema import CLAIMS, NOTES, OBSERVATIONS, SOURCES
from citytech_data.tables import empty_table
from citytech_data.vocabulary import ALL, TECHNOLOGIES

REJECTS_FILE = "rejects.parquet"
UNPLACED_FILE = "unplaced.csv"
COUNT, APPLICATIONS = "digital_applications", "applications"
RECORDS = "records"
COUNTRY = "CN"
ONLY_DIGITAL: Final = 0.9
"""From this share on, the input is taken for a search for digital technologies."""
_LAG_MONTHS = 18
_ROW_GROUP = 1 << 18
_UNIT = "applications"
_LABELS: Final = {
    "total": ("Digital-technology patent applications", "Applications", _UNIT),
    "density": (
        "Digital-technology patent applications per 10,000 residents",
        "Per 10,000",
        "per 10,000 residents",
    ),
    "proportion": (
        "Digital technology's share of all patent applications of the city",
        "Share",
        "%",
    ),
}
_MEASURES: Final = {
    COUNT: ("Digital-technology patent applications", _UNIT),
    APPLICATIONS: ("Patent applications of the import, all technologies and others", _UNIT),
    "population": ("Resident population", "persons"),
    "gdp": ("Gross domestic product", "CNY"),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """What goes into a dataset: the counts, and when the data ends."""

    tally: Tally
    newest: date | None
    options: Options
    attributes: Attributes

    @property
    def only_digital(self) -> bool:
        """Whether the input holds digital technologies only, so that shares mean nothing."""
        totals = self.tally.total()
        return totals[ALL] >= ONLY_DIGITAL * totals[APPLICATIONS]

    def incomplete(self, year: int) -> str:
        """Return a note if applications of a year can still be to come, else an empty text."""
        if self.newest is None:
            return ""
        if self.options.year == "publication":
            late = year >= self.newest.year and self.newest < date(self.newest.year, 12, 31)
            return f"doubtful: the year is not over in the data, which ends {self.newest}" * late
        months = self.newest.year * 12 + self.newest.month - _LAG_MONTHS
        late = (year + 1) * 12 > months
        return (
            f"doubtful: incomplete, as applications are published up to {_LAG_MONTHS} months "
            f"after filing and the data ends {self.newest}" * late
        )


def build_dataset(counted: Counted, files: int, rules: str) -> Dataset:
    """Return the dataset of what was counted; `rules` names the technologies' definition."""
    tally = counted.tally
    codes = sorted({code for (code,) in tally.by("place", where=pl.col("state") == PLACED)})
    cities = gazetteer().filter(pl.col("code").is_in(codes)).sort("code")
    rows = _observations(counted, codes)
    attributes = counted.attributes.of(codes)
    title = f"Patent applications counted from {files} file{'s' * (files != 1)}"
    newest = counted.newest and counted.newest.isoformat()
    own = pl.DataFrame([{"id": RECORDS, "title": title, "date": newest}])
    sources = pl.concat([_like(own, SOURCES), attributes.sources], how="vertical_relaxed")
    observations = pl.concat(
        [_like(rows, OBSERVATIONS), attributes.observations], how="vertical_relaxed"
    )
    lacking = [year for year, known in populations(observations, codes).items() if not known]
    package = _package(counted, title, sources["id"].to_list(), rules, lacking)
    if (observations["value"].fill_null(0) % 1 == 0).all():
        observations = observations.with_columns(pl.col("value").cast(pl.Int64))
    return Dataset(
        Manifest.from_package(package),
        cities=cities,
        observations=observations,
        claims=empty_table(CLAIMS),
        sources=sources,
        notes=empty_table(NOTES),
    )


def populations(observations: pl.DataFrame, codes: Sequence[str]) -> dict[int, int]:
    """Return of how many of some cities the population is known, for each year with counts."""
    counted = observations.filter(pl.col("measure") == COUNT)["year"].unique().sort()
    known = observations.filter((pl.col("measure") == "population") & pl.col("place").is_in(codes))
    found = dict(known.group_by("year").agg(pl.col("place").n_unique()).iter_rows())
    return {year: found.get(year, 0) for year in counted}


def _like(frame: pl.DataFrame, table: Any) -> pl.DataFrame:
    empty = empty_table(table)
    full = pl.concat([empty, frame], how="diagonal_relaxed")
    return full.select(empty.columns).cast(empty.schema)


def _observations(counted: Counted, codes: Sequence[str]) -> pl.DataFrame:
    """Return a figure for every city, year and technology: none counted is nought, not unknown."""
    tally = counted.tally
    of_city = tally.by("place", "year", where=pl.col("state") == PLACED)
    of_country = tally.by("year", where=pl.col("state") != OUTSIDE)
    none: Mapping[str, Count] = dict.fromkeys(COUNTS, 0)
    years = sorted(year for (year,) in of_country)
    measures = [(COUNT, name, name) for name in (ALL, *TECHNOLOGIES)]
    if not counted.only_digital:
        measures.append((APPLICATIONS, ALL, APPLICATIONS))

    rows = [
        {
            "place": place,
            "year": year,
            "measure": measure,
            "technology": technology,
            "value": float(at[name]),
            "unit": _UNIT,
            "basis": "counted",
            "source": RECORDS,
            "note": counted.incomplete(year) or None,
        }
        for place in (*codes, COUNTRY)
        for year in years
        for at in [of_country[year,] if place == COUNTRY else of_city.get((place, year), none)]
        for measure, technology, name in measures
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _package(
    counted: Counted, title: str, sources: Sequence[str], rules: str, lacking: Sequence[int]
) -> dict[str, Any]:
    options = counted.options
    years = sorted(year for (year,) in counted.tally.by("year"))
    complete = [year for year in years if not counted.incomplete(year)]
    labels = {
        measure: {"title": name, "column": column, "unit": unit}
        for measure, (name, column, unit) in _LABELS.items()
    }
    measures = {name: {"title": label, "unit": unit} for name, (label, unit) in _MEASURES.items()}
    package: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": re.sub(r"[^a-z0-9._-]+", "-", options.to.name.lower()).strip("-") or RECORDS,
        "title": title,
        "description": _description(counted, rules, lacking),
        SECTION: {
            "count": {"measure": COUNT},
            "share_of": "place",
            "share_measure": APPLICATIONS,
            "country": COUNTRY,
            "year": (complete or years)[-1],
            "preference": list(sources),
            "labels": labels,
            "measures": measures,
            "series": [COUNT] if counted.only_digital else [COUNT, APPLICATIONS],
        },
    }
    if options.created:
        package["created"] = options.created
    return package


def _description(counted: Counted, rules: str, lacking: Sequence[int]) -> str:
    options = counted.options
    first = options.count_by == "first-applicant"
    said = [
        f"Patent applications ({', '.join(options.kinds)}) by {options.year} year, each counted "
        + ("once, where its first applicant is." if first else "in equal parts for its applicants.")
        + f" Technologies: {rules}, preset {options.preset}.",
        "Cities in the boundaries of 2021. The national figure includes what could not be placed.",
    ]
    if counted.only_digital:
        said.append(
            "The files hold digital-technology applications only, so the number of all "
            "applications, and the proportion, are not known."
        )
    if lacking:
        years = ", ".join(map(str, lacking))
        said.append(f"There is no population for {years}, and so no density.")
    if counted.newest is None:
        said.append("The files have no publication dates, so incomplete years are not marked.")
    return " ".join([*said, f"See {REPORT_FILE} for where every row went."])


def check_target(folder: Path) -> None:
    """Check that the dataset may be written to a folder: a new one, or one of an import.

    Raises:
        DatasetError: if something else is there.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / REPORT_FILE).is_file() or not (folder / PACKAGE_FILE).is_file():
        raise DatasetError(
            str(folder),
            Message("is there already, and not from an import"),
            Message("Choose another folder."),
        )


def write_all(
    dataset: Dataset,
    report: Report,
    folder: Path,
    rejects: Sequence[pl.LazyFrame],
    unplaced: pl.DataFrame,
) -> None:
    """Write a dataset with its report, rejects and unplaced, replacing that of an import before."""
    check_target(folder)
    # On the disk of the target, so that it can be renamed; the rename makes all appear at once.
    scratch = work_folder(folder) / "new"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        new = scratch / folder.name
        write_dataset(dataset, new)
        text = json.dumps(report, ensure_ascii=False, indent=2)
        (new / REPORT_FILE).write_text(text + "\n", encoding="utf-8", errors="replace")
        _write_rejects(rejects, new / REJECTS_FILE)
        spreadsheet_safe(unplaced).write_csv(new / UNPLACED_FILE)
        read_dataset(new)
        _replace(folder, new)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _replace(folder: Path, new: Path) -> None:
    try:
        if folder.exists():
            folder.rename(_replaced(folder))
        new.rename(folder)
    finally:
        put_back(folder)


def put_back(folder: Path) -> None:
    """Put a dataset back that was about to be replaced when an import ended."""
    old = _replaced(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _replaced(folder: Path) -> Path:
    return work_folder(folder) / "old"


def _write_rejects(rejects: Sequence[pl.LazyFrame], path: Path) -> None:
    try:
        pl.concat(rejects).sink_parquet(path, row_group_size=_ROW_GROUP, maintain_order=True)
    except pl.exceptions.ComputeError as error:
        if os.strerror(errno.ENOSPC) in str(error):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from None
        raise
