"""`ingest-report.json`: where every row went. It has no clock, so a repetition gives the same."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import polars as pl

from citytech_data.errors import CityTechError
from citytech_data.ingest.clean import NO_DATE
from citytech_data.ingest.count import COUNTS
from citytech_data.ingest.options import EngineName, Options
from citytech_data.ingest.readers import sha256_of
from citytech_data.ingest.reading import FileRead
from citytech_data.ingest.tally import OUTSIDE, PLACED, UNPLACED, Count, Counts, Tally
from citytech_data.ingest.technologies import DEFAULT_FILE
from citytech_data.messages import Message
from citytech_data.text import clean
from citytech_data.vocabulary import ALL

_PACKAGES = ("citytech-tui", "polars", "narwhals", "fastexcel", "zstandard")
_OF_ENGINE: Mapping[EngineName, Sequence[str]] = {"polars": (), "spark": ("pyspark",)}
_DIGITS = 9
Report = dict[str, Any]


def versions(engine: EngineName = "polars") -> dict[str, str]:
    """Return the versions of all that has a part in the result."""
    found = {"python": platform.python_version()}
    for name in (*_PACKAGES, *_OF_ENGINE[engine]):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def parameters(options: Options) -> dict[str, Any]:
    """Return what was asked for, as far as it decides the result."""
    return {
        "inputs": [clean(each) for each in options.inputs],
        "format": options.format,
        "mapping": _file(options.mapping),
        "technologies": _file(options.rules or DEFAULT_FILE),
        "preset": options.preset,
        "names": _file(options.names),
        "attributes": _file(options.attributes),
        "count_by": options.count_by,
        "kinds": list(options.kinds),
        "year": options.year,
    }


def _file(path: Path | None) -> dict[str, str] | None:
    if path is None:
        return None
    name = path.name if path == DEFAULT_FILE else str(path)
    return {"file": clean(name), "sha256": sha256_of(path)}


def number(count: Count) -> int | float:
    """Return a count as JSON holds it."""
    return count if isinstance(count, int) else round(float(count), _DIGITS)


def build_report(
    options: Options, read: Sequence[FileRead], tally: Tally, names: Mapping[str, str]
) -> Report:
    """Return the report; `names` are those of the cities.

    Raises:
        CityTechError: if the rows do not add up, which would be a fault of this program.
    """
    file_reports = _file_reports(read, tally)
    rejected: Counter[str] = Counter()
    for each in file_reports:
        rejected.update(each["rejected_by_reason"])
    totals = tally.total()
    sums = {
        name: sum(each[name] for each in file_reports)
        for name in ("rows_read", "applications", "duplicates", "rejected")
    }
    report: Report = {
        "parameters": parameters(options),
        "versions": versions(options.engine),
        **sums,
        "rejected_by_reason": dict(sorted(rejected.items())),
        **_states(tally.by("state")),
        **_reasons(tally),
        "technologies": {name: number(totals[name]) for name in COUNTS if name != "applications"},
        "years": _years(tally.by("year")),
        "cities": _cities(tally, names),
        "files": file_reports,
    }
    _check(report)
    return report


def _check(report: Report) -> None:
    """Check what the report promises: every row and every application is accounted for."""
    rows = report["applications"] + report["duplicates"] + report["rejected"]
    places = report[PLACED] + report[UNPLACED] + report[OUTSIDE]
    if rows != report["rows_read"] or abs(places - report["applications"]) > 1e-3:
        raise CityTechError(
            Message(
                "the rows do not add up ({read} read, {rows} accounted for); "
                "nothing was written, please report this",
                read=report["rows_read"],
                rows=rows,
            )
        )


def _states(counts: Counts) -> dict[str, int | float]:
    none: Mapping[str, Count] = {"applications": 0}
    return {
        state: number(counts.get((state,), none)["applications"])
        for state in (PLACED, UNPLACED, OUTSIDE)
    }


def _reasons(tally: Tally) -> dict[str, dict[str, int | float]]:
    def by(column: str, state: str) -> dict[str, int | float]:
        counts = tally.by(column, where=pl.col("state") == state)
        return {key or "?": number(each["applications"]) for (key,), each in counts.items()}

    return {
        "placed_by_method": by("method", PLACED),
        "placed_by_confidence": by("confidence", PLACED),
        "unplaced_by_reason": by("reason", UNPLACED),
        "outside_by_reason": by("reason", OUTSIDE),
    }


def _years(counts: Counts) -> dict[str, dict[str, int | float]]:
    return {
        str(year): {name: number(count) for name, count in each.items()}
        for (year,), each in counts.items()
    }


def _cities(tally: Tally, names: Mapping[str, str]) -> list[dict[str, Any]]:
    counts = tally.by("place", where=pl.col("state") == PLACED)
    rows = [
        {"code": code, "name": names.get(code, code)}
        | {name: number(count) for name, count in each.items()}
        for (code,), each in counts.items()
    ]
    return sorted(rows, key=lambda row: (-row[ALL], -row["applications"], row["code"]))


def _file_reports(read: Sequence[FileRead], tally: Tally) -> list[Report]:
    counts = tally.by("file")
    by_state = tally.by("file", "state")
    dateless = Counter(tally.dateless["file"].to_list())
    none: Mapping[str, Count] = {"applications": 0}
    reports = []
    for index, each in enumerate(read):
        note = each.note
        rejected = Counter(note["rejected"])
        if dateless[index]:
            rejected[NO_DATE] = dateless[index]
        applications = number(counts.get((index,), none)["applications"])
        states = {
            state: number(by_state.get((index, state), none)["applications"])
            for state in (PLACED, UNPLACED, OUTSIDE)
        }
        refused = rejected.total()
        reports.append(
            {
                "file": clean(str(each.path)),
                "size": note["size"],
                "sha256": note["sha256"],
                "format": note["format"],
                "columns": note["columns"],
                "lacks": list(each.lacks),
                "rows_read": note["rows_read"],
                "applications": applications,
                "duplicates": note["rows_read"] - applications - refused,
                "rejected": refused,
                **states,
                "rejected_by_reason": dict(sorted(rejected.items())),
                "repaired": note["repaired"],
                "rows_with_codes": note["rows_with_codes"],
            }
            | ({"joined": note["joined"]} if "joined" in note else {})
        )
    return reports
