"""What `bench.ingest` measures: each task in a process of its own, which prints JSON.

python -m bench.ingest_tasks TASK FILE FOLDER [ROWS], where TASK is one of `_RUN`, or
python -m bench.ingest_tasks compare FOLDER
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.probe import Probe, printed
from citytech_data.ingest.options import MEMORY
from citytech_data.vocabulary import ALL, TECHNOLOGIES

RECORDS, COMPARE = "records", "compare"
FLOOR, SAME_FLOOR, IMPORT, CODES = "floor", "floor-same", "import", "codes"
SAME, UNHASHED = "same", "unhashed"
DUCKDB, SPARK = "duckdb", "spark"
_THREADS, _PARTS = 2, 4  # the latter a power of two
_DAY_OF_1970 = 719163
_COUNTS = ("applications", ALL, *TECHNOLOGIES)
_CLASSES, _CITY = "IPC分类号", "原始申请(专利权)人地市"
_APPLICATION, _FILED, _PUBLISHED = "申请号", "申请日", "公开(公告)日"
# The records are made with ` | ` between codes, so DuckDB needs to know no other spelling.
_BEFORE, _AFTER = "(?:^|[ |])", "(?:$|[ |])"


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
    del folder
    return _read_only(path, _columns(path)[1])


def _same_floor(path: Path, folder: Path) -> dict[str, Any]:
    del folder
    return _read_only(path, (_APPLICATION, _FILED, _PUBLISHED, _CITY, _CLASSES))


def _read_only(path: Path, columns: Sequence[str]) -> dict[str, Any]:
    import polars as pl

    with Probe() as probe:
        lengths = _scan(path).select(pl.col(columns).str.len_bytes().cast(pl.Int64).sum())
        lengths.collect(engine="streaming")
    return probe.found()


def _import(path: Path, folder: Path) -> dict[str, Any]:
    return _imported(path, folder / "all-rules", None)


def _codes(path: Path, folder: Path) -> dict[str, Any]:
    rules = folder / "codes.toml"
    rules.write_text(_rules_of_codes(), encoding="utf-8")
    return _imported(path, folder / "codes-only", rules)


def _spark(path: Path, folder: Path) -> dict[str, Any]:
    from citytech_data.ingest.options import Options
    from citytech_data.ingest.run import ingest
    from citytech_data.ingest.spark_session import session

    with session("local[2]"), Probe() as probe:
        ingest(Options(inputs=(str(path),), to=folder / "spark", engine="spark"))
    # What Java and the workers compute and hold is not of this process.
    return {"seconds": probe.found()["seconds"]}


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


def _same(path: Path, folder: Path) -> dict[str, Any]:
    return _same_work(path, folder, SAME, None)


def _unhashed(path: Path, folder: Path) -> dict[str, Any]:
    from citytech_data.ingest.text import Span

    # A part of a file is not hashed, as Spark's workers read it: here all behind the header.
    with path.open("rb") as file:
        header = file.readline()
    return _same_work(path, folder, UNHASHED, Span(len(header), path.stat().st_size, 2))


def _same_work(path: Path, folder: Path, task: str, span: Any) -> dict[str, Any]:
    import narwhals as nw
    import polars as pl

    from citytech_data.ingest.count import applications, cube
    from citytech_data.ingest.gazetteer import gazetteer
    from citytech_data.ingest.readers import open_reader
    from citytech_data.ingest.reading import Classifier
    from citytech_data.ingest.run import block_size
    from citytech_data.ingest.technologies import load

    rules = folder / "codes.toml"
    rules.write_text(_rules_of_codes(), encoding="utf-8")
    cities = gazetteer()["name_zh"]
    wanted = _taken_as_they_are(cities)
    reader = open_reader(path, _five_columns(folder), block_size(MEMORY), span)
    classify = Classifier(load(rules), "strict", reader.layout)
    counted = []
    with Probe() as probe:
        with ThreadPoolExecutor(_THREADS) as pool:
            frames = (batch.frame for batch in reader)
            work = _worked_on(pool, lambda frame: classify(frame.select(**wanted)), frames)
            rows = pl.concat(work).lazy()
        for part in range(_PARTS):
            some = rows.filter((pl.col("key") & (_PARTS - 1)) == part)
            counts: Any = cube(applications(nw.from_native(some))).to_native()
            flags = pl.QueryOptFlags(comm_subplan_elim=False)
            counted.append(counts.collect(engine="streaming", optimizations=flags))
        summed = pl.concat(counted).group_by("spot", "year").agg(pl.col(_COUNTS).sum())
    named = pl.DataFrame({"city": cities}).with_row_index("spot").cast({"spot": pl.Int64})
    summed = summed.cast({"spot": pl.Int64}).join(named, on="spot")
    summed.select("city", "year", *_COUNTS).write_parquet(folder / f"{task}.parquet")
    return probe.found()


def _five_columns(folder: Path) -> Any:
    """Return a format of the columns that the same work takes."""
    from citytech_data.ingest.formats import read_mapping

    columns = {
        "application": _APPLICATION,
        "filing_date": _FILED,
        "publication_date": _PUBLISHED,
        "codes": _CLASSES,
        "city": _CITY,
    }
    mapping = folder / "five.toml"
    lines = [
        f"{name} = {json.dumps(header, ensure_ascii=False)}" for name, header in columns.items()
    ]
    mapping.write_text("\n".join(["[columns]", *lines]) + "\n", encoding="utf-8")
    return read_mapping(mapping)


def _taken_as_they_are(cities: Any) -> dict[str, Any]:
    """Return the columns of records as the definition of the counts wants them."""
    import polars as pl

    spot = pl.col(_CITY).cast(pl.Enum(cities), strict=False).to_physical()
    day = pl.col(_PUBLISHED).str.to_date("%Y-%m-%d", cache=False).to_physical()
    return {
        "key": pl.col(_APPLICATION).str.head(-2).hash().reinterpret(signed=True),
        "year": pl.col(_FILED).str.head(4).cast(pl.Int16),
        "day": day + _DAY_OF_1970,
        "spot": spot.cast(pl.UInt32),
        "codes": pl.col(_CLASSES),
        "title": pl.lit(None, pl.String),
        "abstract": pl.lit(None, pl.String),
        "unplaced": pl.lit(0, pl.Int8),
        "row": pl.lit(0, pl.Int64),
    }


def _worked_on(
    pool: ThreadPoolExecutor, work: Callable[[Any], Any], batches: Iterable[Any]
) -> Iterator[Any]:
    """Yield what comes of batches: a few are worked on while the next is read."""
    pending: deque[Future[Any]] = deque()
    for batch in batches:
        pending.append(pool.submit(work, batch))
        if len(pending) > _THREADS:
            yield pending.popleft().result()
    yield from (each.result() for each in pending)


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
                "{_PUBLISHED}" AS day, "{_CITY}" AS city, "{_CLASSES}" AS codes
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
    """Say whether the import with codes only, and the same work, agree with DuckDB."""
    import polars as pl

    from citytech_data.dataset import read_dataset

    keys = ["city", "year", "measure"]
    dataset = read_dataset(folder / "codes-only")
    count = dataset.manifest.count
    names = dataset.cities.select(place="code", city="name_zh")
    measure = pl.when(pl.col("measure") == count).then("technology").otherwise("measure")
    own = dataset.observations.filter(pl.col("basis") == "counted").join(names, on="place")
    tables = {"import": own.select("city", "year", measure.alias("measure"), "value")}
    written = {name: folder / f"{name}.parquet" for name in (DUCKDB, SAME, UNHASHED)}
    for name, path in written.items():
        if path.exists():
            table = pl.read_parquet(path)
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
    return {"text": f"against DuckDB's, {', '.join(said)}."}


_RUN: Mapping[str, Callable[..., dict[str, Any]]] = {
    RECORDS: _make,
    FLOOR: _floor,
    SAME_FLOOR: _same_floor,
    SAME: _same,
    UNHASHED: _unhashed,
    IMPORT: _import,
    CODES: _codes,
    DUCKDB: _duckdb,
    SPARK: _spark,
}


if __name__ == "__main__":
    task, *arguments = sys.argv[1:]
    if task == COMPARE:
        printed(_compare(Path(arguments[0])))
    else:
        printed(_RUN[task](Path(arguments[0]), Path(arguments[1]), *arguments[2:]))
