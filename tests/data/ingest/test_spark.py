from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citytech_data.errors import CityTechError
from citytech_data.ingest import spans, spark_session
from citytech_data.ingest import spark as engine
from citytech_data.ingest.options import Options, Progress, Surveyed
from citytech_data.ingest.reading import merged
from citytech_data.ingest.report import versions
from citytech_data.ingest.run import ingest
from citytech_data.ingest.spark_tasks import FAULT, NOTE
from citytech_data.messages import Message
from citytech_tui.language import error_text, speaking
from tests.data.ingest.conftest import Spark
from tests.data.ingest.inputs import HANGZHOU, SUZHOU, csv_text, record, write_xlsx
from tests.data.ingest.test_run import CITIES, CODES, contents
from tests.data.ingest.test_tablesets import PATSTAT

PROGRAM = [sys.executable, "-m", "citytech_tui", "ingest"]
REPORT = "ingest-report.json"


def records(seed: int, count: int) -> list[dict[str, str]]:
    """Return records of which some are twins, in several cities, damaged or without a place."""
    noise = random.Random(seed)
    odd: list[dict[str, str]] = [
        {"application": "-", "publication": "-"},
        {"filing_date": "-", "application": f"US {65784810 + seed} A"},
        {"address": "-", "city": "-", "applicant": "-"},
        {"address": "美国加利福尼亚州", "city": "-", "applicant": "Example Inc."},
        {"kind": "外观设计"},
        {
            "applicant": "甲公司 | 乙公司",
            "address": "浙江省杭州市 | 江苏省苏州市",
            "city": "杭州 | 苏州",
        },
        {"codes": "g06n 3/04;G06N0020000000(2019.01)I", "publication_date": "2023/5/6"},
        {"address": "鼓楼区", "city": "-", "applicant": "某某公司"},
    ]
    rows = []
    for _ in range(count):
        cells = CITIES[noise.choice((HANGZHOU, SUZHOU))] | {
            "codes": noise.choice([*CODES.values()]),
            "publication_date": f"2021-{noise.randrange(1, 13):02}-15",
        }
        cells |= noise.choice(odd) if noise.random() < 0.3 else {}
        rows.append(record(noise.randrange(120), **cells))
    return rows


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    """Every kind of file: with damaged lines, Parquet of several items, tables to be joined."""
    folder = tmp_path / "in"
    folder.mkdir()
    text = csv_text(records(1, 60)) + "too,few\n" + csv_text(records(2, 5)).split("\n")[1] + "\n"
    (folder / "a.csv").write_bytes(text.encode("gb18030"))
    (folder / "b.csv.gz").write_bytes(gzip.compress(csv_text(records(3, 40)).encode()))
    pl.DataFrame(records(4, 50)).write_parquet(folder / "c.parquet")
    lines = [json.dumps(each, ensure_ascii=False) for each in records(5, 30)] + ["{broken"]
    (folder / "d.ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = records(6, 20)
    write_xlsx(folder / "e.xlsx", [list(rows[0]), *(list(row.values()) for row in rows)])
    (folder / "f.csv").write_text(csv_text([record(900, **{"city": "-"})]), encoding="utf-8")
    main = "tls201_part01.csv"
    header, *rest = PATSTAT[main]
    tables = {**PATSTAT, main: [header, *rest[::2]], "tls201_part02.csv": [header, *rest[1::2]]}
    for name, lines in tables.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return (str(folder),)


def told(folder: Path) -> dict[str, Any]:
    """Return the contents of a dataset, the report without what tells the engine."""
    found: dict[str, Any] = contents(folder)
    found[REPORT] = json.loads(found[REPORT])
    found[REPORT]["versions"].pop("pyspark", None)
    return found


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"in"}


# --- The same from both engines ----------------------------------------------------------


def connect(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the address of a server be used, though this process has a session."""
    monkeypatch.setattr(spark_session, "_running", lambda: None)
    # Spark sets this, and would take all sessions afterwards for ones with a server.
    monkeypatch.setenv("SPARK_CONNECT_MODE_ENABLED", "1")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("server", "more"),
    [
        (False, {}),
        (
            True,
            {"count_by": "fractional", "kinds": ("invention", "utility"), "year": "publication"},
        ),
    ],
    ids=["default", "fractional-by-a-server"],
)
def test_spark_and_polars_write_the_same(
    spark: Spark,
    files: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    capfd: pytest.CaptureFixture[str],
    server: bool,
    more: dict[str, Any],
) -> None:
    if server:
        connect(monkeypatch)
        more = more | {"master": spark.address}
    monkeypatch.setattr(engine, "_ROWS_OF_ITEM", 13)
    monkeypatch.setattr(engine, "_REJECTS_AT_ONCE", 3)
    monkeypatch.setattr(spans, "_SPAN", 5000)
    monkeypatch.setattr(spans, "_AT_ONCE", 1000)
    events: list[Surveyed | Progress] = []
    options = Options(files, tmp_path / "two" / "out", engine="spark", **more)
    two = ingest(options, events.append).folder
    polars = replace(options, to=tmp_path / "one" / "out", engine="polars", master=None)
    one = ingest(polars).folder
    report = told(one)[REPORT]
    assert len(report["files"]) == 8
    reasons = {"no application or publication number", "too few fields", "not a JSON object"}
    reasons.add("kind not asked for" if more else "no date")
    assert reasons == report["rejected_by_reason"].keys()
    assert report["duplicates"] > 20
    assert min(report["placed"], report["unplaced"], report["outside"]) > 0
    assert told(two) == told(one)
    assert json.loads((two / REPORT).read_text())["versions"]["pyspark"] == spark.session.version
    stages = [each.stage for each in events if isinstance(each, Progress)]
    assert list(dict.fromkeys(stages)) == ["spark", "read", "place", "count", "write"]
    done = [each for each in events if isinstance(each, Progress) and each.stage == "spark"]
    # The Parquet file has 50 rows, hence four items; both files to be joined are one.
    parts = len(spans.spans(Path(files[0], "a.csv")))
    assert parts > 1
    assert (done[-1].done, done[-1].total) == (9 + parts, 9 + parts)
    assert left(tmp_path / "two") == {"out"}
    # Nothing of Spark's own stands between the lines.
    assert capfd.readouterr() == ("", "")
    # What was kept is let go, though the session is not ours to stop.
    assert not spark.session.sparkContext._jsc.getPersistentRDDs()


def error_text_in_chinese(error: CityTechError) -> str:
    with speaking("zh"):
        return error_text(error)


@pytest.mark.slow
def test_what_a_worker_cannot_read_is_told_as_on_one_machine(
    spark: Spark, files: tuple[str, ...], tmp_path: Path
) -> None:
    noise = random.Random(1)
    rows = [record(number, title=str(noise.random())) for number in range(2000)]
    packed = gzip.compress(csv_text(rows).encode())
    # Long enough for the survey, which looks at the first lines, to find nothing.
    (tmp_path / "in" / "b.csv.gz").write_bytes(packed[:-9])
    said = []
    for name in ("polars", "spark"):
        with pytest.raises(CityTechError, match="cut off or damaged") as error:
            ingest(Options(files, tmp_path / "out", engine=name))
        said.append((str(error.value), error_text_in_chinese(error.value)))
    assert said[0] == said[1]
    assert said[0][0] != said[0][1]
    assert left(tmp_path) == set()


# --- The program -------------------------------------------------------------------------


def run(*arguments: str, folder: Path) -> tuple[int, str, str]:
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    environment = os.environ | {"TMPDIR": str(folder / "tmp")}
    environment.pop("PYSPARK_PYTHON", None)
    done = subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.slow
def test_the_program_starts_spark_on_this_machine(
    files: tuple[str, ...], tmp_path: Path, brief_java: None
) -> None:
    file = f"{files[0]}/c.parquet"
    expected = run(file, "--to", "out", folder=tmp_path / "polars")
    assert expected[0] == 0
    more = ("--engine", "spark", "--master", "local[2]")
    found = run(file, "--to", "out", *more, folder=tmp_path / "spark")
    # Nothing of Spark's own stands between the lines.
    assert found == expected
    assert told(tmp_path / "spark" / "out") == told(tmp_path / "polars" / "out")
    assert not list((tmp_path / "spark" / "tmp").glob("citytech-spark-*"))


@pytest.mark.slow
def test_what_spark_refuses_is_told_in_one_line(
    files: tuple[str, ...], tmp_path: Path, brief_java: None
) -> None:
    options = ("--to", "out", "--engine", "spark", "--master", "nonsense")
    status, out, err = run(*files, *options, folder=tmp_path / "x")
    assert (status, out) == (2, "")
    last = err.splitlines()[-1]
    assert last.startswith("citytech-tui: error: Spark: ")
    assert "Master must either be yarn or start with spark, k8s, or local" in last
    # The log that the message names is there.
    (log,) = (tmp_path / "x" / "tmp").glob("citytech-spark-*.log")
    assert log.name in last
    assert left(tmp_path / "x") == {"tmp"}


# --- What is missing, or makes no sense --------------------------------------------------


def ingested(files: tuple[str, ...], to: Path, master: str | None = None) -> None:
    ingest(Options(files, to / "out", engine="spark", master=master))


def test_options_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CityTechError, match="add --engine spark"):
        Options(("a.csv",), tmp_path, master="local[2]")
    with pytest.raises(CityTechError, match="--resume is for the engine polars"):
        Options(("a.csv",), tmp_path, engine="spark", resume=True)


def test_missing_packages_and_java_are_told(
    files: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(spark_session, "_running", lambda: None)
    with monkeypatch.context() as patch:
        patch.setattr(spark_session, "find_spec", lambda _: None)
        with pytest.raises(CityTechError, match=r"pip install 'citytech-tui\[spark\]'"):
            ingested(files, tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CityTechError, match="needs Java 17 or newer"):
        ingested(files, tmp_path, "local[2]")
    assert left(tmp_path) == set()


def test_a_server_that_is_not_there_is_told(
    files: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark_session, "_running", lambda: None)
    monkeypatch.setattr(spark_session, "_PATIENCE", 0.5)
    with pytest.raises(CityTechError, match=r"answers at '127.0.0.1:1'; start") as error:
        ingested(files, tmp_path, "sc://127.0.0.1:1/;token=secret")
    assert "secret" not in str(error.value)
    with pytest.raises(CityTechError, match="no address of Spark Connect"):
        ingested(files, tmp_path, "sc://127.0.0.1:x")
    assert left(tmp_path) == set()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Traceback\n  File\nModuleNotFoundError: No module named 'citytech_data'", "workers lack"),
        ("Traceback (most recent call last):\n  x\nValueError: of a worker\n\n", "of a worker"),
        ("An error\n\tat org.apache.spark", "An error"),
        ("", "it stopped"),
    ],
)
def test_failures_of_spark_become_one_sentence(text: str, said: str) -> None:
    assert said in spark_session._reason(text)
    assert "\n" not in spark_session._reason(text)


def test_an_interruption_is_no_failure_of_spark() -> None:
    exceptions = pytest.importorskip("pyspark.errors")

    def interrupted() -> None:
        try:
            raise SystemExit(143)
        finally:
            raise exceptions.PySparkException("what Spark says of it")

    with pytest.raises(SystemExit), spark_session._failures(None):
        interrupted()
    with pytest.raises(CityTechError, match="lost"), spark_session._failures(None):
        raise exceptions.PySparkException("lost")


def test_workers_with_other_versions_are_refused() -> None:
    def notes(what: int, text: str) -> pl.DataFrame:
        return pl.DataFrame([(what, 0, text)], ["what", "row", "text"], orient="row")

    note = {"rows_read": 1}
    same = versions() | {"python": "3.99"}
    assert engine._notes(notes(NOTE, json.dumps(note | {"versions": same})), 1) == [note]
    other = json.dumps(note | {"versions": same | {"polars": "0.1"}})
    with pytest.raises(CityTechError, match=r"a worker of Spark has polars 0\.1"):
        engine._notes(notes(NOTE, other), 1)
    fault = json.dumps(Message("the file is {what}", what=Message("empty")).packed())
    with pytest.raises(CityTechError, match="the file is empty") as error:
        engine._notes(notes(FAULT, fault), 1)
    # So it can be said in another language.
    assert isinstance(error.value.message, Message)
    assert error.value.message.template == "the file is {what}"


def test_notes_on_parts_of_a_file_become_one() -> None:
    first = {"rows_read": 3, "rows_with_codes": 2, "newest": 5, "sha256": "", "size": 9}
    second = first | {"newest": 7, "sha256": "f"}
    parts = [
        first | {"rejected": {"b": 1}, "repaired": {}},
        second | {"rejected": {"a": 1, "b": 2}, "repaired": {"x": 1}},
    ]
    whole = merged(parts)
    assert whole == {
        "rows_read": 6,
        "rows_with_codes": 4,
        "newest": 7,
        "sha256": "f",
        "size": 9,
        "rejected": {"a": 1, "b": 3},
        "repaired": {"x": 1},
    }
    assert list(whole["rejected"]) == ["a", "b"]
