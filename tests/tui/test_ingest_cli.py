from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from citytech_data.errors import CityTechError
from citytech_data.vocabulary import TECHNOLOGIES
from citytech_tui.__main__ import main
from citytech_tui.ingesting import created
from tests.data.ingest.inputs import csv_text, record

Run = Callable[..., tuple[int, str, str]]
PROGRAM = [sys.executable, "-m", "citytech_tui"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["citytech-tui", *arguments])
        status = main()
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


@pytest.fixture
def source(place: Path) -> Path:
    path = place / "records.csv"
    plain = {"codes": "B65G17/00", "title": "一种输送装置"}
    suzhou = {"address": "江苏省苏州市昆山市", "city": "苏州"}
    nowhere = {"address": "-", "city": "-", "applicant": "-"}
    rows = [
        record(1),
        record(1, publication="CN113000001B"),
        record(2, **suzhou),
        record(3, **plain),
        record(4, **plain, **nowhere),
        record(5, **plain, application="-", publication="-"),
    ]
    path.write_text(csv_text(rows), encoding="utf-8")
    return path


def test_from_records_to_ranks(run: Run, source: Path, place: Path) -> None:
    folder = str(place / "out")
    status, out, err = run("ingest", str(source), "--to", folder)
    assert status == 0
    assert err == f"{source}: PatSnap (智慧芽)\n{source}: 6 rows read\n"
    lines = {" ".join(line.split()) for line in out.splitlines()}
    assert {
        "1 file counted",
        "Rows read 6",
        "of these rejected 1",
        "further publications of an application 1",
        "Applications 4",
        "placed in a city 3",
        "not placed 1",
        "no application or publication number 1",
        "Any of the five 2",
        "Artificial intelligence 2",
        "1 Hangzhou 1 2",
        f"The dataset is in {folder}: citytech-tui --dataset {folder}",
    } <= lines
    status, out, _ = run("rank", "total", "--dataset", folder, "--format", "csv")
    rows = csv.DictReader(io.StringIO(out))
    assert {(row["code"], row["value"], row["basis"]) for row in rows} == {
        ("330100", "1", "counted"),
        ("320500", "1", "counted"),
    }
    status, out, _ = run("rank", "proportion", "--dataset", folder, "--format", "json")
    assert {row["code"]: row["value"] for row in json.loads(out)} == {"330100": 50, "320500": 100}
    assert run("validate", folder)[0] == 0
    assert run("rank", "density", "--dataset", folder)[0] == 0
    assert run("trend", "--dataset", folder)[0] == 0
    assert run("city", "Hangzhou", "--dataset", folder)[0] == 0


def test_what_a_format_cannot_tell_is_said_before(run: Run, place: Path) -> None:
    path = place / "gp.csv"
    header = "id,title,assignee,inventor/author,priority date,filing/creation date,"
    header += "publication date,grant date,result link"
    row = "CN-112345678-A,一种深度学习方法,某某公司,x,2020-01-01,2021-01-01,2022-01-05,,http://x"
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    status, out, err = run("ingest", str(path), "--to", str(place / "out"))
    assert (status, out) == (2, "")
    assert "no address or city" in err
    assert "no classification codes" in err
    assert "error: the files: hold no application that can be placed in a city" in err
    assert not (place / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing.csv", "--to", "out"), "no such file"),
        ((), "is missing"),
        (("{source}",), "--to"),
        (("{source}", "--to", "out", "--memory", "little"), "is no size"),
        (("{source}", "--to", "out", "--kinds", "x"), "the kinds are"),
        (("{source}", "--to", "out", "--preset", "x"), "no preset"),
        (("{source}", "--to", "out", "--format", "x"), "is none of"),
        (("{source}", "--to", "out", "--format", "lens"), "no column of the format lens"),
        (("{source}", "--to", "out", "--mapping", "none.toml"), "none.toml"),
        (("{source}", "--to", "out", "--names", "none.csv"), "none.csv"),
        (("{source}", "--to", "out", "--attributes", "none.csv"), "none.csv"),
        (("{source}", "--to", "out", "--technologies", "none.toml"), "none.toml"),
        (("{source}", "--to", "{source}"), "not from an import"),
    ],
)
def test_mistakes_are_told_in_one_line(
    run: Run,
    source: Path,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(place)
    status, out, err = run("ingest", *(each.format(source=source) for each in arguments))
    last = err.splitlines()[-1]
    assert (status, out) == (2, "")
    assert last.startswith("citytech-tui: error: ")
    assert said in last
    assert [path.name for path in place.iterdir()] == ["records.csv"]


def test_missing_packages_are_told(
    run: Run, source: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citytech_tui.ingesting.find_spec", lambda _: None)
    for arguments in (("ingest", str(source), "--to", str(place / "out")), ("technologies",)):
        status, out, err = run(*arguments)
        assert (status, out) == (2, "")
        assert "citytech-tui[ingest]" in err


def test_the_date_of_a_dataset_comes_from_outside(
    run: Run, source: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1763942400")
    assert run("ingest", str(source), "--to", str(place / "out"))[0] == 0
    package = json.loads((place / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["created"] == "2025-11-24T00:00:00Z"
    assert created("") == ""
    for wrong in ("x", "1e99", "9" * 30):
        with pytest.raises(CityTechError, match="not a number of seconds"):
            created(wrong)


@pytest.mark.pty
def test_a_terminal_shows_bars(source: Path, place: Path) -> None:
    main_end, program_end = pty.openpty()
    command = [*PROGRAM, "ingest", str(source), "--to", str(place / "out")]
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=program_end, env=environment, check=True
    )
    os.close(program_end)
    shown = b""
    try:
        while part := os.read(main_end, 1 << 16):
            shown += part
    except OSError:  # how a pseudo-terminal says that it has ended
        pass
    os.close(main_end)
    text = shown.decode()
    assert "Reading records.csv" in text
    assert "100 %" in text
    assert "1 file counted" in done.stdout.decode()


def test_an_interrupt_leaves_nothing(
    run: Run, source: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("citytech_data.ingest.engine.read_file", interrupt)
    assert run("ingest", str(source), "--to", str(place / "out"))[0] == 130
    assert [path.name for path in place.iterdir()] == ["records.csv"]


def test_what_can_be_resumed_is_told(
    run: Run, source: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    arguments = ("ingest", str(source), "--to", str(place / "out"))
    with monkeypatch.context() as patch:
        patch.setattr("citytech_data.ingest.tally.applications", interrupt)
        status, out, err = run(*arguments)
    assert (status, out) == (130, "")
    assert err.splitlines()[-1].endswith("are kept; --resume goes on from there.")
    status, out, err = run(*arguments, "--resume")
    assert (status, err) == (0, f"{source}: PatSnap (智慧芽)\n")
    assert sorted(path.name for path in place.iterdir()) == ["out", "records.csv"]


def test_a_full_disk_is_told_in_one_line(
    run: Run, source: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "rows.arrow")

    monkeypatch.setattr("citytech_data.ingest.store.Store.write_rows", full)
    status, _, err = run("ingest", str(source), "--to", str(place / "out"))
    assert status == 2
    assert err.splitlines()[-1] == (
        f"citytech-tui: error: {place}: No space left on device: "
        "make room, or choose another disk with --to"
    )
    assert [path.name for path in place.iterdir()] == ["records.csv"]


def test_rules_are_printed_as_they_can_be_read_again(run: Run, place: Path) -> None:
    status, out, _ = run("technologies")
    assert status == 0
    assert {rule["technology"] for rule in tomllib.loads(out)["rule"]} == set(TECHNOLOGIES)
    own = place / "own.toml"
    own.write_text(out, encoding="utf-8")
    assert run("technologies", str(own))[1] == out
    rows = json.loads(run("technologies", "--format", "json")[1])
    assert {row["technology"] for row in rows} == set(TECHNOLOGIES)
    assert "G06N20" in run("technologies", "--format", "table")[1]
    own.write_text("[[rule]]\n", encoding="utf-8")
    assert run("technologies", str(own))[0] == 2
