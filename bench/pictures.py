"""Pictures of 3,000 places: from the standings to the cells. A process of its own prints JSON.

Usage: python -m bench.pictures RUNS
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from time import process_time
from typing import TYPE_CHECKING, Any

from bench.report import Group
from bench.terminal import COLUMNS, LINES, clean_environment

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset

PLACES = 3_000
_STEP = "a step of the crosshair"


def measure(runs: int) -> list[Group]:
    """Measure in a fresh process, so that this one stays without threads and can fork."""
    output = subprocess.run(
        [sys.executable, "-m", "bench.pictures", str(runs)],
        env=clean_environment(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    group = Group(
        "pictures",
        f"Pictures of {PLACES:,} made-up cities at {COLUMNS}x{LINES}, processor time",
        "ms",
        remark=f"The first row of each is from the standings on; {_STEP} draws it anew.",
    )
    for name, samples in json.loads(output).items():
        group.row(name).samples.extend(samples)
    return [group]


def _dataset() -> Dataset:
    """Return made-up places with technologies and all applications too."""
    from bench.synthetic import synthetic_dataset
    from citytech_data.vocabulary import TECHNOLOGIES

    return synthetic_dataset(PLACES, technologies=TECHNOLOGIES)


def _samples(runs: int) -> dict[str, list[float]]:
    from bench.synthetic import YEAR
    from citytech_data.ranking import standings
    from citytech_tui.drawing.canvas import Canvas
    from citytech_tui.drawing.gallery import KINDS, Kind
    from citytech_tui.drawing.look import Look
    from citytech_tui.drawing.shown import Shown, Subject, Wish

    dataset = _dataset()
    subject = Subject(dataset, standings(dataset, YEAR), YEAR, "all", Wish())
    found: dict[str, list[float]] = {}

    def timed(name: str, run: Callable[[], Any]) -> Any:
        start = process_time()
        result = run()
        found.setdefault(name, []).append((process_time() - start) * 1000)
        return result

    def drawn(shown: Shown, look: Look) -> Shown:
        canvas = Canvas(COLUMNS, LINES - 8)
        shown.draw(canvas, look)
        canvas.rows()
        return shown

    def first(kind: Kind) -> Shown:
        return drawn(kind.make(subject), Look())

    def step(shown: Shown, look: Look) -> Shown:
        return drawn(shown, shown.step(look, 0, 1))

    for kind in KINDS:
        drawn(kind.make(subject), Look())  # what is imported and started only once
    for kind in KINDS:
        for _ in range(runs):
            shown = timed(kind.title, partial(first, kind))
            look = Look(shown.frame["code"][PLACES // 2])
            drawn(shown, look)
            timed(f"{kind.title} · {_STEP}", partial(step, shown, look))
    return found


if __name__ == "__main__":
    json.dump(_samples(int(sys.argv[1])), sys.stdout)
