"""The programs that are compared: what starts them, and which keys do the same in each."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from citytech_data import DEFAULT
from citytech_data.catalogue import embedded_folder
from citytech_tui import PROGRAM
from citytech_tui.remembered import OFF

_MINIMAL_CODE = "import sys; from bench.minimal_datatable import main; sys.exit(main())"
DOWN, PAGE_DOWN, PAGE_UP, ESCAPE = b"\x1b[B", b"\x1b[6~", b"\x1b[5~", b"\x1b"


@dataclass(frozen=True)
class Compared:
    """A program, the city that it shows first, and the keys that it has for an action.

    `keys` maps each action that it has to what is pressed. `itself` is what it writes when it is
    running: what stands on the screen before that is a remembered frame.
    """

    name: str
    command: tuple[str, ...]
    first: str = "Beijing"
    itself: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, bytes] = field(default_factory=dict)


def click(column: int, line: int) -> bytes:
    """Return what a terminal sends for a click."""
    return b"\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (column, line, column, line)


_MOVES = {"down": DOWN, "page": PAGE_DOWN}
CITYTECH = Compared(
    PROGRAM,
    (str(Path(sys.executable).with_name(PROGRAM)),),
    itself="\x1b[?2004h",
    keys=_MOVES | {"sort": click(16, 3), "filter": b"h", "first visit": b"3", "again": b"2"},
)
MINIMAL = Compared(
    "minimal DataTable app",
    (sys.executable, "-c", _MINIMAL_CODE),
    first="Shanghai",
    keys=_MOVES | {"sort": click(8, 1), "filter": b"h"},
)
MINIMAL_TABS = Compared(
    MINIMAL.name,
    (*MINIMAL.command, "--tabs"),
    first="Shanghai",
    keys={"first visit": b"3", "again": b"1"},
)


def citytech(*options: str, first: str = "Beijing") -> Compared:
    """Return CityTech with options."""
    return Compared(
        " ".join((PROGRAM, *options)), (*CITYTECH.command, *options), first, CITYTECH.itself
    )


def without_remembered_frame() -> Compared:
    """Return CityTech as at its very first start."""
    return Compared(f"{PROGRAM}, no remembered frame", CITYTECH.command, env={OFF: "1"})


def visidata() -> tuple[Compared | None, str]:
    """Return visidata with the same 51 rows, None if it is not installed, and what to say of it."""
    beside = Path(sys.executable).with_name("vd")
    program = str(beside) if beside.exists() else shutil.which("vd")
    if program is None:
        return None, "visidata is not installed: `pip install --group bench` brings it."
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = told.stdout.strip().rpartition(" ")[2] or "of an unknown version"
    table = embedded_folder(DEFAULT) / "cities.csv"
    # --nothing: none of the person's own settings.
    command = (program, "--nothing", str(table))
    keys = _MOVES | {"sort": b"["}
    return Compared("visidata", command, keys=keys), f"visidata {version} shows cities.csv."
