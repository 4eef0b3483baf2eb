"""A table of a million rows: opened, moved in, sorted and filtered, beside visidata.

All show the same rows: CityTech a dataset of one count for each place, its tables CSV or Parquet,
visidata the same as one flat CSV file, already in the order of the counts. No frame is remembered,
so that the first row is one that was read and ranked; but in a start for itself, of a dataset that
was opened before.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.processes import processor_time, proportional_memory
from bench.programs import CITYTECH, DOWN, PAGE_DOWN, Compared, visidata
from bench.report import Group
from bench.synthetic import synthetic_dataset
from bench.terminal import Terminal, clean_environment
from citytech_data.dataset import Dataset, write_dataset
from citytech_data.manifest import PACKAGE_FILE
from citytech_tui.remembered import OFF

ROWS = 1_000_000
FORMS = ("CSV", "Parquet")
_RUNS = 5
"""Rounds at most: one takes half a minute, and most differences are large."""
_SETTLED = 2.5
"""Seconds after which files that were just written are taken to stay as they are."""
_WAIT = 180
_MOVES = 9
_COUNT = "digital_applications"


def measure(runs: int, rows: int = ROWS) -> list[Group]:
    """Measure in rounds, each program once in each."""
    other, remark = visidata()
    remark = remark.replace("cities.csv", "the same rows as one CSV file")
    start = Group("table", f"A table of {rows:,} rows", "ms", remark=remark)
    computed = Group("table", "The same, processor time of the program", "ms")
    memory = Group("table", "Its memory (PSS) at rest", "MB")
    with tempfile.TemporaryDirectory() as parent:
        flat = Path(parent, "flat.csv")
        first = _write(rows, Path(parent), flat)
        home = {f"XDG_{name}_HOME": f"{parent}/{name}" for name in ("CACHE", "CONFIG", "STATE")}
        programs = [
            Compared(
                f"citytech-tui, {form}",
                (*CITYTECH.command, "--dataset", str(Path(parent, form))),
                env={"CITYTECH_NO_CONFIG": "", **home},
            )
            for form in FORMS
        ]
        time.sleep(_SETTLED)
        for program in programs:
            with Terminal(program.command, clean_environment(**program.env)) as terminal:
                _rest(terminal)
        if other is not None:
            programs.append(Compared(other.name, (*other.command[:-1], str(flat))))
        for _ in range(min(runs, _RUNS)):
            for program in programs:
                groups = start, computed, memory
                is_other = other is not None and program.name == other.name
                _use(program, first, groups, is_other=is_other)
                if not is_other:
                    _open_again(program, first, start)
    return [group for group in (start, computed, memory) if group.rows]


def _write(rows: int, parent: Path, flat: Path) -> str:
    """Write the rows as datasets and as one file; return the name of the first place."""
    made = synthetic_dataset(rows)
    counts = made.observations.filter(made.observations["measure"] == _COUNT)
    dataset = replace(made, observations=counts)
    for form in FORMS:
        write_dataset(dataset, parent / form)
    _as_parquet(dataset, parent / FORMS[1])
    named = made.cities.select("code", "name_en", "name_zh", "province_en")
    table = named.join(counts.select(code="place", applications="value"), on="code")
    table = table.sort("applications", descending=True, maintain_order=True)
    table.write_csv(flat)
    return str(table["name_en"][0])


def _as_parquet(dataset: Dataset, folder: Path) -> None:
    """Put Parquet in place of the tables that are large."""
    package = (folder / PACKAGE_FILE).read_text(encoding="utf-8")
    for name, table in (("cities", dataset.cities), ("observations", dataset.observations)):
        table.write_parquet(folder / f"{name}.parquet")
        (folder / f"{name}.csv").unlink()
        package = package.replace(f"{name}.csv", f"{name}.parquet")
    (folder / PACKAGE_FILE).write_text(package, encoding="utf-8")


def _use(
    program: Compared, first: str, groups: tuple[Group, Group, Group], *, is_other: bool
) -> None:
    """Start a program and press its keys; the yardstick is the other one."""
    start, computed, memory = groups

    def add(group: Group, name: str, value: float) -> None:
        against = None if is_other else f"{name} · visidata"
        group.row(f"{name} · {program.name}", against).samples.append(value)

    def add_computed(name: str) -> None:
        used = processor_time(terminal.pid)
        if used is not None:
            add(computed, name, used * 1000)

    env = clean_environment(**program.env, **{OFF: "1"})
    with Terminal(program.command, env) as terminal:
        add(start, "first row", terminal.wait_for(first, _WAIT) * 1000)
        add_computed("first row")
        _rest(terminal)
        add(start, "all rows read, at rest", (terminal.last_byte - terminal.started) * 1000)
        pss = proportional_memory(terminal.pid)
        if pss is not None:
            add(memory, "at rest", pss / 1e6)
        for key, name in ((DOWN, "down"), (PAGE_DOWN, "page down")):
            found = sorted(terminal.press(key)[0] for _ in range(_MOVES))
            add(start, name, found[_MOVES // 2] * 1000)
        if is_other:
            add(start, "sort by name", _press(terminal, b"l[") * 1000)
            chosen = _press(terminal, b"|Province 7\r")
            add(start, "filter", (chosen + _press(terminal, b'"')) * 1000)
        else:
            add(start, "sort by name", _press(terminal, CITYTECH.keys["sort"]) * 1000)
            _press(terminal, b"/")
            _press(terminal, b"Province")
            add(start, "filter", _press(terminal, b"7") * 1000)


def _open_again(program: Compared, first: str, start: Group) -> None:
    """Start a program that has shown the dataset before."""
    row = start.row(f"first row, opened before · {program.name}", "first row · visidata")
    with Terminal(program.command, clean_environment(**program.env)) as terminal:
        row.samples.append(terminal.wait_for(first, _WAIT) * 1000)


def _press(terminal: Terminal, keys: bytes) -> float:
    """Return the seconds until the last byte of the answer, however long it is computed."""
    terminal.drain()
    sent = time.monotonic()
    terminal.write(keys)
    _rest(terminal)
    return terminal.last_byte - sent


def _rest(terminal: Terminal) -> None:
    terminal.settle(quiet=0.4, timeout=_WAIT)
