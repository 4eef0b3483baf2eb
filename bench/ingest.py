"""Import of patent records, beside only reading them and beside DuckDB.

Every sample runs in a process of its own and prints JSON. Usage:
python -m bench.ingest {records,floor,counting,import,codes,duckdb} FILE FOLDER [ROWS]
python -m bench.ingest compare FOLDER
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench.probe import Probe, printed
from bench.report import Group
from bench.terminal import clean_environment
from citytech_data.ingest.options import MEMORY
from citytech_data.vocabulary import ALL, TECHNOLOGIES

ROWS = 1_000_000
DUCKDB = "duckdb"
_TIMES = 3
_KINDS = {"parquet": "Parquet", "csv": "CSV"}
_TASKS: Mapping[str, str] = {
    "floor": "only reading the columns, Polars (the floor)",
    "import": "import, all strict rules (ratio to the floor)",
    DUCKDB: "DuckDB, strict codes only",
    "codes": "import, strict codes only (ratio to DuckDB)",
    "counting": "its classifying and counting alone (ratio to DuckDB)",
}
_COUNTS = ("applications", ALL, *TECHNOLOGIES)
_CODES, _CITY = "IPC分类号", "原始申请(专利权)人地市"
_APPLICATION, _FILED, _PUBLISHED = "申请号", "申请日", "公开(公告)日"
# The records are made with ` | ` between codes, so DuckDB needs to know no other spelling.
_BEFORE, _AFTER = "(?:^|[ |])", "(?:$|[ |])"
_REMARK = """\
{rows:,} made-up records in PatSnap's columns; Parquet {parquet:,.0f} MB, CSV {csv:,.0f} MB.
Each sample is a process of its own; starting Python and importing modules does not count.
Floor: reads the columns in use and adds up the lengths of their texts; nothing else.
Import: everything. Recognises the format, checks every row, brings application numbers, dates,
kinds and codes of any spelling to one, hashes the file, places each distinct applicant by city,
address, postcode and name, keeps its rows on disk, writes dataset, report and rejects. All
strict rules are codes, codes beside a keyword, and keywords in titles. --memory {limit} MB.
Codes only: the same, with only those strict rules that need no keyword.
Classifying and counting alone: the import's own code for codes, de-duplication and counts, on
columns taken as they are, in memory. As DuckDB, it trusts spellings and takes the city column as
it is; unlike DuckDB it also brings codes to one spelling. No limit of memory.
DuckDB {version}: codes by regular expressions that know only the spelling of this file, the text
before the point as application number, the first four letters of the date as year, the city
column as it is. No check of rows, no places, no keywords, no output but the counts. Flags only
for rows that match any code, counts and flags grouped apart. memory_limit {limit} MB, which bounds
its buffers and not all of the process; --memory is about how much the whole program takes.
{agreement}"""


def measure(runs: int, rows: int) -> list[Group]:
    """Measure in turns, in rounds of all tasks, for both kinds of file."""
    title = f"Import of {rows:,} records"
    seconds = Group("ingest", f"{title}: time", "s")
    computed = Group("ingest", f"{title}: processor time", "s")
    memory = Group("ingest", f"{title}: highest memory", "MB")
    groups = (seconds, computed, memory)
    tasks = [task for task in _TASKS if task != DUCKDB or find_spec(DUCKDB)]
    version = "not installed"
    sizes: dict[str, float] = {}
    agreement = []
    with tempfile.TemporaryDirectory() as parent:
        for form, kind in _KINDS.items():
            path = Path(parent, f"records.{form}")
            _child("records", path, Path(parent), rows)
            sizes[form] = path.stat().st_size / 1e6
            for _ in range(min(runs, _TIMES)):
                for task in tasks:
                    found = _child(task, path, Path(parent))
                    version = found.get("version", version)
                    _add(groups, kind, task, found, DUCKDB in tasks)
            if DUCKDB in tasks:
                agreement.append(f"{kind}: {_child('compare', Path(parent))['text']}")
    said = "\n".join(agreement) or "DuckDB is not installed: there is nothing to compare with."
    facts = {"rows": rows, "limit": MEMORY // 10**6, "version": version, "agreement": said}
    memory.remark = _REMARK.format(**facts, **sizes)
    return list(groups)


def _add(
    groups: Iterable[Group], kind: str, task: str, found: Mapping[str, Any], duckdb: bool
) -> None:
    against = {"import": "floor"}
    if duckdb:
        against |= {"codes": DUCKDB, "counting": DUCKDB}
    other = against.get(task)
    for group, name in zip(groups, ("seconds", "computed", "megabytes"), strict=True):
        row = group.row(f"{kind}: {_TASKS[task]}", other and f"{kind}: {_TASKS[other]}")
        row.samples.append(found[name])


def _child(task: str, *arguments: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.ingest", task, *map(str, arguments)],
        env=clean_environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"bench: {task} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# --- In a process of its own ------------------------------------------------------------


def _make(path: Path, folder: Path, rows: str) -> dict[str, Any]:
    from bench.records import write_records

    del folder
    write_records(int(rows), path)
    return {}


def _columns(path: Path) -> tuple[Any, tuple[str, ...]]:
    """Return the layout of a file, and the columns that the import reads of it."""
    from citytech_data.ingest.readers import open_reader

    reader = open_reader(path, None)
    reader.close()
    return reader.layout, reader.layout.used


def _scan(path: Path) -> Any:
    import polars as pl

    if path.suffix == ".parquet":
        return pl.scan_parquet(path)
    return pl.scan_csv(path, infer_schema=False)


def _floor(path: Path, folder: Path) -> dict[str, Any]:
    import polars as pl

    del folder
    _, used = _columns(path)
    with Probe() as probe:
        lengths = _scan(path).select(pl.col(used).str.len_bytes().cast(pl.Int64).sum())
        lengths.collect(engine="streaming")
    return probe.found()


def _import(path: Path, folder: Path) -> dict[str, Any]:
    return _imported(path, folder / "all-rules", None)


def _codes(path: Path, folder: Path) -> dict[str, Any]:
    rules = folder / "codes.toml"
    rules.write_text(_rules_of_codes(), encoding="utf-8")
    return _imported(path, folder / "codes-only", rules)


def _imported(path: Path, to: Path, rules: Path | None) -> dict[str, Any]:
    from citytech_data.ingest.options import Options
    from citytech_data.ingest.run import ingest

    with Probe() as probe:
        ingest(Options(inputs=(str(path),), to=to, rules=rules))
    return probe.found()


def _strict_rules() -> list[Any]:
    """Return the strict rules that need a code and nothing else."""
    from citytech_data.ingest.technologies import DEFAULT_PRESET, load

    return [rule for rule in load().rules(DEFAULT_PRESET) if rule.level == "code"]


def _rules_of_codes() -> str:
    tables = [
        'title = "Codes only"',
        '[presets.strict]\ntitle = "codes"',
        '[sources.x]\ntitle = "x"',
    ]
    for rule in _strict_rules():
        lines = [f'technology = "{rule.technology}"', 'preset = "strict"', 'source = ["x"]']
        lines.append(f"codes = {json.dumps(rule.codes)}")
        lines += [f"and = {json.dumps(rule.together)}"] * bool(rule.together)
        tables.append("\n".join(["[[rule]]", *lines]))
    return "\n\n".join(tables) + "\n"


def _counting(path: Path, folder: Path) -> dict[str, Any]:
    import narwhals as nw
    import polars as pl

    from citytech_data.ingest.count import applications, cube
    from citytech_data.ingest.gazetteer import gazetteer
    from citytech_data.ingest.reading import Classifier
    from citytech_data.ingest.technologies import load

    rules = folder / "codes.toml"
    rules.write_text(_rules_of_codes(), encoding="utf-8")
    layout, _ = _columns(path)
    classify = Classifier(load(rules), "strict", layout)
    spots = gazetteer()["name_zh"]
    spot = pl.col(_CITY).replace_strict(spots, pl.int_range(len(spots), eager=True), default=None)
    day = pl.col(_PUBLISHED).str.replace_all("-", "", literal=True)
    wanted = {
        "key": pl.col(_APPLICATION).str.head(-2).hash(),
        "year": pl.col(_FILED).str.head(4).cast(pl.Int16),
        "day": (day.cast(pl.Int32) - 18_000_000).cast(pl.Int32),
        "spot": spot.cast(pl.UInt32),
        "codes": pl.col(_CODES),
        "title": pl.lit(None, pl.String),
        "abstract": pl.lit(None, pl.String),
        "unplaced": pl.lit(0, pl.Int8),
        "row": pl.lit(0, pl.Int64),
    }
    with Probe() as probe:
        batches = _scan(path).select(**wanted).collect_batches(chunk_size=250_000)
        rows = pl.concat([classify(batch) for batch in batches])
        counted: Any = cube(applications(nw.from_native(rows.lazy()))).to_native()
        flags = pl.QueryOptFlags(comm_subplan_elim=False)
        counted = counted.collect(engine="streaming", optimizations=flags)
    cities = pl.DataFrame({"city": spots}).with_row_index("spot").cast({"spot": pl.Int64})
    counted = counted.cast({"spot": pl.Int64}).join(cities, on="spot")
    counted.select("city", "year", *_COUNTS).write_parquet(folder / "counting.parquet")
    return probe.found()


def _duckdb(path: Path, folder: Path) -> dict[str, Any]:
    duckdb = importlib.import_module(DUCKDB)
    spill = folder / "spill"
    query = _query(path)
    with Probe() as probe:
        connection = duckdb.connect(":memory:")
        connection.execute(f"SET memory_limit = '{MEMORY // 10**6}MB'")
        connection.execute(f"SET temp_directory = '{spill}'")
        rows = connection.execute(query).fetchall()
    import polars as pl

    columns = ["city", "year", *_COUNTS]
    pl.DataFrame(rows, columns, orient="row").write_parquet(folder / "duckdb.parquet")
    return probe.found() | {"version": duckdb.__version__}


def _query(path: Path) -> str:
    """Return the counts as SQL: flags only for rows with any such code, grouped apart."""
    rules = _strict_rules()
    flags = {}
    for technology in TECHNOLOGIES:
        own = [rule for rule in rules if rule.technology == technology]
        alone = [code for rule in own if not rule.together for code in rule.codes]
        both = [f"{_has(r.codes)} AND {_has(r.together)}" for r in own if r.together]
        flags[technology] = " OR ".join([*([_has(alone)] if alone else []), *both]) or "false"
    every = {code for rule in rules for code in (*rule.codes, *rule.together)}
    source = f"read_parquet('{path}')"
    if path.suffix != ".parquet":
        source = f"read_csv('{path}', header = true, all_varchar = true)"
    marks = ", ".join(f"bool_or({flag}) AS {name}" for name, flag in flags.items())
    counts = ", ".join(f"count(*) FILTER ({name}) AS {name}" for name in TECHNOLOGIES)
    return f"""
        WITH read AS (
            SELECT hash(split_part("{_APPLICATION}", '.', 1)) AS key,
                left("{_FILED}", 4)::SMALLINT AS year,
                "{_PUBLISHED}" AS day, "{_CITY}" AS city, "{_CODES}" AS codes
            FROM {source}
        ), once AS (
            SELECT key, min(year) AS year, arg_min(city, day) AS city FROM read GROUP BY key
        ), marked AS (
            SELECT key, {marks} FROM read WHERE {_has(sorted(every))} GROUP BY key
        )
        SELECT city, year, count(*) AS applications,
            count(*) FILTER ({" OR ".join(TECHNOLOGIES)}) AS "{ALL}", {counts}
        FROM once LEFT JOIN marked USING (key) GROUP BY city, year
    """


def _has(codes: Iterable[str]) -> str:
    from citytech_data.ingest.patterns import code_sequences, factored

    return f"regexp_matches(codes, '{_BEFORE}{factored(_sequences(codes, code_sequences))}')"


def _sequences(
    codes: Iterable[str], read: Callable[[str], Iterable[tuple[str, ...]]]
) -> Iterator[tuple[str, ...]]:
    """Yield what codes look like in this file: in the import, `;` stands around each."""
    for _, *atoms in (sequence for code in codes for sequence in read(code)):
        yield tuple(re.sub("^;$", _AFTER, atom) for atom in atoms)


def _compare(folder: Path) -> dict[str, Any]:
    """Say whether the import with codes only, and its counting alone, agree with DuckDB."""
    import polars as pl

    from citytech_data.dataset import read_dataset

    keys = ["city", "year", "measure"]
    dataset = read_dataset(folder / "codes-only")
    count = dataset.manifest.count
    names = dataset.cities.select(place="code", city="name_zh")
    measure = pl.when(pl.col("measure") == count).then("technology").otherwise("measure")
    own = dataset.observations.filter(pl.col("basis") == "counted").join(names, on="place")
    tables = {"import": own.select("city", "year", measure.alias("measure"), "value")}
    for name in (DUCKDB, "counting"):
        table = pl.read_parquet(folder / f"{name}.parquet")
        tables[name] = table.unpivot(
            _COUNTS, index=["city", "year"], variable_name="measure", value_name="value"
        )
    cast: Any = {"year": pl.Int64, "value": pl.Float64}
    wanted = tables.pop(DUCKDB).cast(cast)
    said = []
    for name, table in tables.items():
        both = wanted.join(table.cast(cast), on=keys, how="full", coalesce=True).fill_null(0)
        different = both.filter(pl.col("value") != pl.col("value_right"))
        said.append(f"{name} differs in {different.height:,} of {both.height:,} counts")
    return {"text": f"against DuckDB's, {' and '.join(said)}."}


_RUN: Mapping[str, Callable[..., dict[str, Any]]] = {
    "records": _make,
    "floor": _floor,
    "counting": _counting,
    "import": _import,
    "codes": _codes,
    DUCKDB: _duckdb,
}


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    if task == "compare":
        printed(_compare(Path(arguments[0])))
    else:
        printed(_RUN[task](Path(arguments[0]), Path(arguments[1]), *arguments[2:]))
