from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from citytech_data.catalogue import embedded_folder, embedded_names
from citytech_data.dataset import Dataset, read_dataset
from citytech_tui.language import SOURCE, Speech
from citytech_tui.serve.app import SharedStylesheet
from tests.tui.loop import FRAME, Loop, all_taken, idle

settings.load_profile("citytech")  # those of the core try fewer examples

_FOREIGN = (
    "TEXTUAL",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "UNICODE_VERSION",
    "CITYTECH",
)


def pytest_asyncio_loop_factories() -> dict[str, type[Loop]]:
    """Run the tests on a loop that tells when it is idle."""
    return {"idle": Loop}


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Hide what the person's own environment says; return the empty folder that tests work in."""
    for name in os.environ:
        if name.startswith(_FOREIGN):
            monkeypatch.delenv(name)
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    home.mkdir()
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("HOME", str(home))
    for folder in ("STATE", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{folder}_HOME", str(home / folder.lower()))
    monkeypatch.chdir(work)
    return work


@pytest.fixture(autouse=True)
def _garbage_is_collected() -> Iterator[None]:
    """Let no start of the program in this process switch it off for good."""
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _own_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test begin in English, whatever language the one before has left."""
    speech = ContextVar("speech", default=Speech(SOURCE))  # noqa: B039
    monkeypatch.setattr("citytech_tui.language._speech", speech)


_EMBEDDED = frozenset(map(embedded_folder, embedded_names()))
_read = cache(read_dataset)


def read_once(folder: Path) -> Dataset:
    """Read a dataset, an embedded one at the first time only."""
    return _read(folder) if folder in _EMBEDDED else read_dataset(folder)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("textual.app", "textual.pilot"):
        monkeypatch.setattr(f"{module}.wait_for_idle", idle)
    monkeypatch.setattr("textual.pilot.Pilot._wait_for_screen", all_taken)
    monkeypatch.setattr("textual.screen.UPDATE_PERIOD", FRAME)
    # Embedded datasets, which nothing changes, are read once.
    monkeypatch.setattr("citytech_data.dataset.read_dataset", read_once)
    # Frames are drawn as for a terminal, though none is there.
    monkeypatch.setattr("citytech_tui.wire.WiredApp._draws_differences", True)
    # Rules are parsed once, as for the sessions of a server.
    monkeypatch.setattr("textual.app.Stylesheet", SharedStylesheet)


@pytest.fixture
def drawn_by_textual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw frames as without a terminal: each line that is not kept is asked of its widget."""
    monkeypatch.setattr("citytech_tui.wire.WiredApp._draws_differences", False)
