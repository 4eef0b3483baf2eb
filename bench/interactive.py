"""What a person waits for: the first screen, each key, and the memory that it takes."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.report import Group
from bench.terminal import Terminal, clean_environment
from citytech_data.catalogue import DEFAULT, embedded_folder

CITYTECH = "citytech-tui"
MINIMAL = "minimal DataTable app"
MINIMAL_TABS = "minimal app, 3 tabs"
_MINIMAL_CODE = "import sys; from bench.minimal_datatable import main; sys.exit(main())"
_PROGRAM = str(Path(sys.executable).with_name(CITYTECH))

DOWN, PAGE_DOWN, PAGE_UP, ESCAPE = b"\x1b[B", b"\x1b[6~", b"\x1b[5~", b"\x1b"
_KEYS = {
    "down": "down, one row",
    "page": "page down",
    "sort": "sort: click on the header City",
    "filter": "filter: a letter typed",
    "first visit": "tab, first visit",
    "again": "tab, visited before",
}


def _click(column: int, line: int) -> bytes:
    return b"\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (column, line, column, line)


# Where the header City stands: below title and tabs in one, on the first line in the other.
_HEADER = {CITYTECH: _click(12, 3), MINIMAL: _click(8, 1)}


def measure(runs: int, only: Sequence[str]) -> list[Group]:
    """Measure in rounds: in each, every program once, one after the other."""
    screen = Group("first-screen", "First screen: until a city's name arrives", "ms")
    computed = Group("first-screen", "The same, processor time of the program", "ms")
    paint = Group("first-screen", "Bytes written until the program is at rest", "bytes")
    milliseconds = Group("keys", "A key, until the answer is complete", "ms")
    written = Group("keys", "A key, what is written", "bytes")
    memory = Group(
        "memory",
        "Memory (PSS) at rest, the dataset read",
        "MB",
        remark="What is shared with other running programs, such as Polars, counts in part only.",
    )
    wants_keys = _wanted("keys", only)
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent, "dataset")
        shutil.copytree(embedded_folder(DEFAULT), folder)
        variants: dict[str, list[str]] = {
            CITYTECH: [_PROGRAM],
            MINIMAL: [sys.executable, "-c", _MINIMAL_CODE],
            "citytech-tui --tab density": [_PROGRAM, "--tab", "density"],
            "citytech-tui --dataset china-inventions-2016": [
                _PROGRAM,
                "--dataset",
                "china-inventions-2016",
            ],
            "citytech-tui --dataset DIR (Polars first)": [_PROGRAM, "--dataset", str(folder)],
        }
        env = clean_environment()
        for name, command in variants.items():
            _visit(command, env, first_name(name))  # pages cached, .pyc files written
        for _ in range(runs):
            for name, command in variants.items():
                with Terminal(command, env) as terminal:
                    against = None if name == MINIMAL else MINIMAL
                    seconds = terminal.wait_for(first_name(name))
                    used = terminal.processor_time()
                    screen.row(name, against).samples.append(seconds * 1000)
                    if used is not None:
                        computed.row(name, against).samples.append(used * 1000)
                    if name not in (CITYTECH, MINIMAL):
                        continue
                    terminal.settle()
                    paint.row(name, against).samples.append(len(terminal.output))
                    pss = terminal.proportional_memory()
                    if pss is not None:
                        memory.row(name, against).samples.append(pss / 1e6)
                    if wants_keys:
                        _press_keys(terminal, name, milliseconds, written)
            if wants_keys:
                _press_tabs(env, milliseconds, written)
    groups = [screen, computed, paint, milliseconds, written, memory]
    return [group for group in groups if _wanted(group.name, only) and group.rows]


def first_name(program: str) -> str:
    """Return the city that a program shows first: the embedded table's, or the ranking's."""
    if program == MINIMAL:
        return "Shanghai"
    return "Shenzhen" if "density" in program else "Beijing"


def _wanted(name: str, only: Sequence[str]) -> bool:
    return not only or name in only


def _visit(command: Sequence[str], env: Mapping[str, str], name: str) -> None:
    with Terminal(command, env) as terminal:
        terminal.wait_for(name)
        terminal.settle()


def _add(name: str, program: str, answer: tuple[float, int], groups: Sequence[Group]) -> None:
    against = None if program == MINIMAL else f"{_KEYS[name]} · {MINIMAL}"
    for group, value in zip(groups, (answer[0] * 1000, float(answer[1])), strict=True):
        group.row(f"{_KEYS[name]} · {program}", against).samples.append(value)


def _press_keys(terminal: Terminal, program: str, *groups: Group) -> None:
    def press(name: str, keys: bytes) -> None:
        _add(name, program, terminal.press(keys), groups)

    press("down", DOWN)
    press("page", PAGE_DOWN)
    terminal.press(PAGE_UP)
    press("sort", _HEADER[program])
    terminal.press(b"/")
    terminal.settle()
    press("filter", b"h")
    terminal.press(ESCAPE)
    if program == CITYTECH:
        terminal.settle()
        press("first visit", b"3")
        terminal.settle()
        press("again", b"2")


def _press_tabs(env: Mapping[str, str], *groups: Group) -> None:
    """The tabs of the yardstick are in an app of their own: they would slow its first screen."""
    with Terminal([sys.executable, "-c", _MINIMAL_CODE, "--tabs"], env) as terminal:
        terminal.wait_for(first_name(MINIMAL))
        terminal.settle()
        _add("first visit", MINIMAL, terminal.press(b"3"), groups)
        terminal.settle()
        _add("again", MINIMAL, terminal.press(b"1"), groups)


def imported_at_paint() -> Group:
    """Tell which of the heavy modules are imported when the first screen is painted."""
    cases = ((), ("--tab", "density"), ("--dataset", "china-inventions-2016"))
    lines = []
    for options in cases:
        program = " ".join(("citytech-tui", *options))
        with tempfile.TemporaryDirectory() as parent:
            path = Path(parent, "modules.json")
            name = first_name(program)
            command = [sys.executable, "-m", "bench.paint_probe", str(path), name, *options]
            with Terminal(command, clean_environment()) as terminal:
                terminal.wait_for(name)
                terminal.settle()
            found = json.loads(path.read_text(encoding="utf-8"))
        lines.append(f"{program}: {', '.join(found) or 'none'}")
    title = "Which of polars, typer, plotext are imported when the first screen is written"
    return Group("imports", title, "", remark="\n".join(lines))
