"""What a person waits for: the first screen, each key, and the memory that it takes."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.processes import processor_time, proportional_memory
from bench.programs import (
    CITYTECH,
    DOWN,
    ESCAPE,
    MINIMAL,
    MINIMAL_TABS,
    PAGE_UP,
    Compared,
    citytech,
    visidata,
    without_remembered_frame,
)
from bench.report import Group
from bench.terminal import COLUMNS, LINES, Terminal, clean_environment
from citytech_data import DEFAULT
from citytech_data.catalogue import embedded_folder

_KEYS = {
    "down": "down, one row",
    "narrow": "down, one row, 80 columns (no side panel)",
    "page": "page down",
    "sort": "sort by city",
    "filter": "filter: a letter typed",
    "first visit": "tab, first visit",
    "again": "tab, visited before",
}
_NARROW = (80, LINES)
_QUIET = 0.5
"""Seconds in which nothing happens; a busy machine lets a program wait for some time, too."""
_ROWS = 3
"""Rows that the cursor goes down; the median counts."""


def measure(runs: int, only: Sequence[str]) -> list[Group]:
    """Measure in rounds: in each, every program once, one after the other."""
    other, remark = visidata()
    compared = [CITYTECH, MINIMAL, *([other] if other is not None else [])]
    with tempfile.TemporaryDirectory() as parent:
        found = _Found(Path(parent))
        found.paint.remark = remark
        folder = Path(parent, "dataset")
        shutil.copytree(embedded_folder(DEFAULT), folder)
        starts = [
            without_remembered_frame(),
            citytech("--tab", "density", first="Shenzhen"),
            citytech("--dataset", "china-inventions-2016"),
            replace(
                citytech("--dataset", str(folder)),
                name="citytech-tui --dataset DIR (read with Polars)",
                env=without_remembered_frame().env,
            ),
        ]
        for program in (*compared, *starts):
            for _ in range(2):  # pages cached, .pyc files written, frames remembered
                with found.started(program) as terminal:
                    _rest(program, terminal)
        for _ in range(runs):
            for program in (*compared, *starts):
                with found.started(program) as terminal:
                    found.add_start(program, terminal)
                    if program not in compared:
                        continue
                    _rest(program, terminal)
                    found.add_rest(program, terminal)
                    if _wanted("keys", only):
                        found.press_keys(program, terminal)
            if _wanted("keys", only):
                found.press_tabs()
                for program in compared:
                    found.press_narrow(program)
    return [group for group in found.groups() if _wanted(group.name, only) and group.rows]


class _Found:
    """The measurements so far; `home` is a folder for what programs remember."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.screen = Group("first-screen", "First screen: until a city's name arrives", "ms")
        self.computed = Group("first-screen", "The same, processor time of the program", "ms")
        self.paint = Group("first-screen", "Bytes written until the program is at rest", "bytes")
        self.milliseconds = Group("keys", "A key, until the answer is complete", "ms")
        self.written = Group("keys", "A key, what is written", "bytes")
        self.memory = Group(
            "memory",
            "Memory (PSS) at rest, the dataset read",
            "MB",
            remark="What is shared with other running programs, such as Polars, counts in part.",
        )

    def groups(self) -> tuple[Group, ...]:
        return (
            self.screen,
            self.computed,
            self.paint,
            self.milliseconds,
            self.written,
            self.memory,
        )

    @contextmanager
    def started(
        self, program: Compared, size: tuple[int, int] = (COLUMNS, LINES)
    ) -> Iterator[Terminal]:
        """Run a program until its first screen is there."""
        # Each has its own, as CityTech opens the dataset that it showed last.
        home = self._home / re.sub(r"\W", "-", program.name)
        folders = {f"XDG_{name}_HOME": str(home / name) for name in ("CACHE", "CONFIG", "STATE")}
        env = clean_environment(**{"CITYTECH_NO_CONFIG": "", **folders, **program.env})
        with Terminal(program.command, env, size) as terminal:
            terminal.wait_for(program.first)
            yield terminal

    def add_start(self, program: Compared, terminal: Terminal) -> None:
        seconds = terminal.wait_for(program.first)
        self._add(self.screen, program, seconds * 1000)
        used = processor_time(terminal.pid)
        if used is not None:
            self._add(self.computed, program, used * 1000)

    def add_rest(self, program: Compared, terminal: Terminal) -> None:
        self._add(self.paint, program, len(terminal.output))
        pss = proportional_memory(terminal.pid)
        if pss is not None:
            self._add(self.memory, program, pss / 1e6)

    def press_keys(self, program: Compared, terminal: Terminal) -> None:
        self._press_rows("down", program, terminal)
        self._press("page", program, terminal)
        terminal.press(PAGE_UP)
        self._press("sort", program, terminal)
        if "filter" in program.keys:
            terminal.press(b"/")
            terminal.settle()
            self._press("filter", program, terminal)
            terminal.press(ESCAPE)
        if "again" in program.keys:
            terminal.settle()
            self._press("first visit", program, terminal)
            self._press("again", program, terminal)

    def press_tabs(self) -> None:
        """The tabs of the yardstick are in an app of their own: they would slow its start."""
        with self.started(MINIMAL_TABS) as terminal:
            terminal.settle()
            self._press("first visit", MINIMAL_TABS, terminal)
            self._press("again", MINIMAL_TABS, terminal)

    def press_narrow(self, program: Compared) -> None:
        with self.started(program, _NARROW) as terminal:
            _rest(program, terminal)
            self._press_rows("narrow", program, terminal)

    def _press_rows(self, name: str, program: Compared, terminal: Terminal) -> None:
        answers = [_answer(terminal, DOWN) for _ in range(_ROWS)]
        seconds, count = (median(values) for values in zip(*answers, strict=True))
        self._add_key(name, program, seconds, count)

    def _press(self, name: str, program: Compared, terminal: Terminal) -> None:
        self._add_key(name, program, *_answer(terminal, program.keys[name]))

    def _add_key(self, name: str, program: Compared, seconds: float, count: float) -> None:
        for group, value in ((self.milliseconds, seconds * 1000), (self.written, count)):
            self._add(group, program, value, f"{_KEYS[name]} · ")

    def _add(self, group: Group, program: Compared, value: float, what: str = "") -> None:
        against = None if program.name == MINIMAL.name else f"{what}{MINIMAL.name}"
        group.row(f"{what}{program.name}", against).samples.append(value)


def _rest(program: Compared, terminal: Terminal) -> None:
    """Wait until a program itself is running, and has nothing more to do."""
    terminal.wait_for(program.itself)
    terminal.settle(_QUIET)


def _answer(terminal: Terminal, keys: bytes) -> tuple[float, int]:
    """Press keys; return the seconds to the answer, and the bytes of all that follows from them."""
    before = len(terminal.output)
    seconds, _ = terminal.press(keys)
    terminal.settle()
    return seconds, len(terminal.output) - before


def _wanted(name: str, only: Sequence[str]) -> bool:
    return not only or name in only


def imported_at_paint() -> Group:
    """Tell which of the heavy modules are imported when the first screen is painted."""
    cases = (
        citytech(),
        citytech("--tab", "density", first="Shenzhen"),
        citytech("--dataset", "china-inventions-2016"),
    )
    lines = []
    env = clean_environment(**without_remembered_frame().env)
    for program in cases:
        with tempfile.TemporaryDirectory() as parent:
            path = Path(parent, "modules.json")
            options = [str(path), program.first, *program.command[1:]]
            with Terminal([sys.executable, "-m", "bench.paint_probe", *options], env) as terminal:
                terminal.wait_for(program.first)
                terminal.settle()
            found = json.loads(path.read_text(encoding="utf-8"))
        lines.append(f"{program.name}: {', '.join(found) or 'none'}")
    title = "Which of polars, typer, plotext are imported when the first screen is written"
    return Group("imports", title, "", remark="\n".join(lines))
