"""Print measurements side by side, without judging them: `make bench`.

Everything that is compared runs in one go, in turns, so that a busy moment of the machine
touches all sides. Usage: python -m bench.run [--runs N] [--only NAME] [--rows N] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from bench import core, evidence, imports, ingest, interactive, pictures, report, serve, table
from bench.terminal import Timeout, clean_environment

NAMES = (
    *("first-screen", "keys", "memory", "imports", "core", "table", "ingest", "evidence"),
    *("pictures", "serve"),
)
_INTERACTIVE = ("first-screen", "keys", "memory")
_RUNS = 9
_READING = """
Medians of {} rounds; in each round every program once, in turn. Terminal of 120x40, warm page
cache, compiled .pyc files, animations off. A ratio is the median of the rounds' own ratios to
the yardstick, the row without one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for and print it."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure CityTech, side by side.")
    parser.add_argument("--runs", type=int, default=_RUNS, help=f"rounds; without it {_RUNS}")
    parser.add_argument(
        "--only", action="append", choices=NAMES, default=[], help="measure only this; repeatable"
    )
    parser.add_argument(
        "--rows",
        type=int,
        default=ingest.ROWS,
        help=f"records that ingest imports; without it {ingest.ROWS:,}",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples to FILE too")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error("--runs must be 1 or more")
    if options.rows < 1:
        parser.error("--rows must be 1 or more")
    _compile()
    machine = _machine()
    print("CityTech bench:", ", ".join(machine.values()))
    print(_READING.format(options.runs), flush=True)
    try:
        groups = _measure(options.runs, options.rows, options.only)
    except Timeout as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(report.table(groups))
    if options.json is not None:
        text = json.dumps(report.document(groups, machine), ensure_ascii=False, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    return 0


def _measure(runs: int, rows: int, only: Sequence[str]) -> list[report.Group]:
    steps: list[tuple[Sequence[str], Callable[[], list[report.Group]]]] = [
        (_INTERACTIVE, lambda: interactive.measure(runs, only)),
        (("imports",), lambda: [*imports.measure(runs), interactive.imported_at_paint()]),
        (("core",), lambda: core.measure(runs)),
        (("table",), lambda: table.measure(runs)),
        (("ingest",), lambda: ingest.measure(runs, rows)),
        (("evidence",), lambda: evidence.measure(runs)),
        (("pictures",), lambda: pictures.measure(runs)),
        (("serve",), lambda: serve.measure(runs)),
    ]
    groups: list[report.Group] = []
    for names, step in steps:
        if not only or set(names) & set(only):
            groups += step()
    return groups


def _compile() -> None:
    """Write .pyc files for everything: a start without them measures the compiler."""
    here = Path(__file__).parent
    root = here.parent
    folders = [sysconfig.get_path("purelib"), root / "tui", root / "data", here]
    # Some packages hold files that no Python of this version compiles: not our fault.
    subprocess.run(
        [sys.executable, "-m", "compileall", "-qq", "-j", "0", *map(str, folders)],
        env=clean_environment(),
        check=False,
    )


def _machine() -> dict[str, str]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": f"{cores} cores",
        "python": f"Python {platform.python_version()}",
        "textual": f"Textual {version('textual')}",
        "polars": f"Polars {version('polars')}",
    }


if __name__ == "__main__":
    sys.exit(main())
