"""What signals leave of an import: the dataset of before, and what `--resume` goes on from."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from citytech_data.ingest import engine, write
from citytech_data.ingest.store import Store
from citytech_tui.__main__ import INTERRUPTED, main
from tests.data.ingest.inputs import csv_text, record
from tests.data.ingest.test_run import CITIES, contents

Import = Callable[..., int]
NOTHING = "Interrupted: no dataset was written."
KEPT = f"{NOTHING} The files read so far are kept; --resume goes on from there."
# Between the renames there is no dataset at its place.
KILLED_BETWEEN_RENAMES = """
import os, signal, sys
from pathlib import Path
from citytech_tui.__main__ import main

rename = Path.rename

def killed(self, target):
    rename(self, target)
    if Path(target).name == "old":
        os.kill(os.getpid(), signal.SIGKILL)

Path.rename = killed
main()
"""


RULES = """
title = "One"
[presets.strict]
title = "one"
[presets.none]
title = "none"
[sources.own]
title = "own"
[[rule]]
technology = "ai"
preset = "strict"
codes = ["G06N3/*"]
source = ["own"]
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for number, cells in enumerate(CITIES.values()):
        rows = [record(10 * number + index, **cells) for index in range(9)]
        (folder / f"{number}.csv").write_text(csv_text(rows), encoding="utf-8")
    return folder


@pytest.fixture
def imported(tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch) -> Import:
    def call(*more: str) -> int:
        monkeypatch.setattr(sys, "argv", arguments(files, tmp_path, *more))
        try:
            return main()
        except SystemExit as end:
            return int(str(end.code))

    return call


def arguments(files: Path, folder: Path, *more: str) -> list[str]:
    rules = folder / "in" / "rules.toml"
    rules.write_text(RULES, encoding="utf-8")
    command = ["citytech-tui", "ingest", f"{files}/*.csv", "--to", str(folder / "out")]
    return [*command, "--technologies", str(rules), *more]


def sending(number: signal.Signals, original: Callable[..., Any], call: int) -> Any:
    """Return a function to which a signal comes at its call of this number."""
    calls: list[int] = []

    def sent(*rest: object) -> object:
        calls.append(1)
        if len(calls) == call:
            os.kill(os.getpid(), number)
        return original(*rest)

    return sent


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"in"}


def test_a_signal_leaves_the_dataset_of_before_and_what_was_read(
    imported: Import,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert imported("--preset", "none") == 0
    before = contents(tmp_path / "out")
    moments = [
        (signal.SIGINT, INTERRUPTED, engine, "read_file", 3),
        (signal.SIGTERM, 143, write, "_write_rejects", 1),
        (signal.SIGHUP, 129, write, "_replace", 1),
    ]
    for number, status, module, name, call in moments:
        with monkeypatch.context() as patch:
            patch.setattr(module, name, sending(number, vars(module)[name], call))
            assert imported("--resume") == status
        assert capsys.readouterr().err.splitlines()[-1] == KEPT
        assert left(tmp_path) == {"out", ".out-ingest"}
        assert not (tmp_path / ".out-ingest" / "new").exists()
        assert contents(tmp_path / "out") == before
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert imported("--resume") == 0
    assert "rows read" not in capsys.readouterr().err
    assert left(tmp_path) == {"out"}
    resumed = contents(tmp_path / "out")
    assert imported() == 0
    assert contents(tmp_path / "out") == resumed != before


def test_a_signal_before_a_file_is_finished_leaves_nothing(
    imported: Import,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def end(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(engine, "read_file", end)
    assert imported() == 143
    assert capsys.readouterr().err.splitlines()[-1] == NOTHING
    assert left(tmp_path) == set()


def test_a_hangup_that_is_ignored_does_not_end_it(
    imported: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        sent = sending(signal.SIGHUP, vars(engine)["read_file"], 1)
        monkeypatch.setattr(engine, "read_file", sent)
        assert imported() == 0
    finally:
        signal.signal(signal.SIGHUP, before)
    assert left(tmp_path) == {"out"}


def test_a_second_import_to_the_same_folder_is_refused(
    imported: Import, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store(tmp_path / "out", 1)
    with closing(store):
        store.begin({}, resume=False)
        assert imported() == 2
        (said,) = capsys.readouterr().err.splitlines()[-1:]
        assert "out: is being written by another import. Wait for its end" in said
        assert [path.name for path in store.folder.iterdir()] == ["plan.json"]
    assert imported() == 0
    assert left(tmp_path) == {"out"}


def test_a_dataset_about_to_be_replaced_when_all_was_killed_is_put_back(
    imported: Import, files: Path, tmp_path: Path
) -> None:
    assert imported("--preset", "none") == 0
    before = contents(tmp_path / "out")
    command = [sys.executable, "-c", KILLED_BETWEEN_RENAMES, *arguments(files, tmp_path)[1:]]
    done = subprocess.run(command, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL
    assert left(tmp_path) == {".out-ingest"}
    (files / "0.csv").write_text("nothing\n", encoding="utf-8")
    assert imported() == 2
    assert contents(tmp_path / "out") == before


def test_an_import_interrupted_twice_between_the_renames_puts_the_dataset_back(
    imported: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert imported("--preset", "none") == 0
    before = contents(tmp_path / "out")

    def interrupted(folder: Path, new: Path) -> None:
        folder.rename(write._replaced(folder))
        raise KeyboardInterrupt  # and once more before anything was put back

    monkeypatch.setattr(write, "_replace", interrupted)
    assert imported() == INTERRUPTED
    assert contents(tmp_path / "out") == before
