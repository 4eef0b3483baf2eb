"""Import of patent records, beside only reading them and beside DuckDB.

Every sample is taken in a process of its own, by `bench.ingest_tasks`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.ingest_tasks import (
    CODES,
    COMPARE,
    DUCKDB,
    FLOOR,
    IMPORT,
    RECORDS,
    SAME,
    SAME_FLOOR,
    SPARK,
    UNHASHED,
)
from bench.report import Group
from bench.terminal import clean_environment
from citytech_data.ingest.options import MEMORY

ROWS = 1_000_000
_TIMES = 3
_KINDS = {"parquet": "Parquet", "csv": "CSV"}
# What each row shows: a name, whose samples, and by whose samples they are divided.
_ROWS: Sequence[tuple[str, str, str | None]] = (
    ("whole import: only reading its columns, Polars (its floor)", FLOOR, None),
    ("whole import, all strict rules (ratio to its floor)", IMPORT, FLOOR),
    ("whole import, all strict rules, Spark on two cores (ratio to the import)", SPARK, IMPORT),
    ("whole import, strict codes only (ratio to DuckDB)", CODES, DUCKDB),
    ("same work: only reading its columns, Polars (its floor)", SAME_FLOOR, None),
    ("same work: DuckDB (ratio to its floor)", DUCKDB, SAME_FLOOR),
    ("same work: ours (ratio to DuckDB)", SAME, DUCKDB),
    ("same work: ours (ratio to its floor)", SAME, SAME_FLOOR),
    ("same work: ours, the file not hashed (ratio to DuckDB)", UNHASHED, DUCKDB),
)
_REMARK = """\
{rows:,} made-up records in PatSnap's columns; Parquet {parquet:,.0f} MB, CSV {csv:,.0f} MB.
Each sample is a process of its own; starting Python and importing modules does not count.
Whole import: everything. Recognises the format, checks every row, brings application numbers,
dates, kinds and codes of any spelling to one, hashes the file, places each distinct applicant by
city, address, postcode and name, keeps its rows on disk, writes dataset, report and rejects. All
strict rules are codes, codes beside a keyword, and keywords in titles; codes only are those of the
strict rules that need no keyword. --memory {limit} MB. DuckDB does far less than that: the same
work, which is
Same work: classify by the strict codes that need no keyword, take each application once, count by
city and year. Columns are taken as they are: the text before the point as application number, the
first four letters of the date as year, the city column as city. No check of rows, no places, no
keywords, no output but the counts.
Ours is the import's own code: its readers, which also check the structure of each line and hash the
file, its classification, which knows every spelling of codes, de-duplication and counts, in two
threads, with the rows in memory. Of CSV it is measured without the hash too.
DuckDB {version}: regular expressions that know only the spelling of this file; flags only for rows
that match any code, counts and flags grouped apart. memory_limit {limit} MB, which bounds its
buffers and not all of the process; --memory is about how much the whole program takes.
Spark: the whole import by Java and workers of its own, of which only the time is known; starting
Spark does not count.
A floor reads the columns in use and adds up the lengths of their texts; nothing else.
{agreement}"""


def measure(runs: int, rows: int) -> list[Group]:
    """Measure in turns, in rounds of all tasks, for both kinds of file."""
    title = f"Import of {rows:,} records"
    seconds = Group("ingest", f"{title}: time", "s")
    computed = Group("ingest", f"{title}: processor time", "s")
    memory = Group("ingest", f"{title}: highest memory", "MB")
    groups = (seconds, computed, memory)
    missing = [DUCKDB] * (not find_spec(DUCKDB))
    missing += [SPARK] * (not (find_spec("pyspark") and shutil.which("java")))
    tasks = list(dict.fromkeys(task for _, task, _ in _ROWS if task not in missing))
    without_text = [task for task in tasks if task != UNHASHED]
    version = "not installed"
    sizes: dict[str, float] = {}
    agreement = []
    with tempfile.TemporaryDirectory() as parent:
        for form, kind in _KINDS.items():
            path = Path(parent, f"records.{form}")
            _child(RECORDS, path, Path(parent), rows)
            sizes[form] = path.stat().st_size / 1e6
            for _ in range(min(runs, _TIMES)):
                for task in tasks if form == "csv" else without_text:
                    found = _child(task, path, Path(parent))
                    version = found.get("version", version)
                    _add(groups, kind, task, found, DUCKDB in tasks)
            if DUCKDB in tasks:
                agreement.append(f"{kind}: {_child(COMPARE, Path(parent))['text']}")
    said = "\n".join(agreement) or "DuckDB is not installed: there is nothing to compare with."
    facts = {"rows": rows, "limit": MEMORY // 10**6, "version": version, "agreement": said}
    memory.remark = _REMARK.format(**facts, **sizes)
    return list(groups)


def _add(
    groups: Iterable[Group], kind: str, task: str, found: Mapping[str, Any], duckdb: bool
) -> None:
    first = {task: name for name, task, _ in reversed(_ROWS)}
    for group, measured in zip(groups, ("seconds", "computed", "megabytes"), strict=True):
        for name, of, other in _ROWS:
            if of == task and measured in found:
                compared = other and (duckdb or other != DUCKDB)
                against = f"{kind}: {first[other]}" if other and compared else None
                group.row(f"{kind}: {name}", against).samples.append(found[measured])


def _child(task: str, *arguments: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.ingest_tasks", task, *map(str, arguments)],
        env=clean_environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"bench: {task} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
