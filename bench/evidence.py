"""What claims prove, from a few cities to thousands. Runs in processes of its own.

Usage: python -m bench.evidence CITIES, where 0 cities stand for the dataset `published`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from bench.probe import Probe, highest_memory, printed
from bench.report import Group
from bench.terminal import clean_environment

_SIZES = (0, 500, 3_000)
_SEED = 1
_REMARK = """\
Each sample is a process of its own; only its one call of compute_evidence is timed. Memory is
that of the whole process; in brackets the highest before that call. published: 51 cities, eight
claims, with contradictions. Made up: full rank lists of all cities by total, density and
proportion, all populations, half of the cities' applications, some densities; no contradiction."""


def measure(runs: int) -> list[Group]:
    """Measure every size once a round."""
    seconds = Group("evidence", "What claims prove: compute_evidence", "ms")
    memory = Group("evidence", "What claims prove: highest memory", "MB", remark=_REMARK)
    for _ in range(runs):
        for cities in _SIZES:
            name = f"made up, {cities:,} cities, three full lists" if cities else "published"
            found = _child(cities)
            seconds.row(name).samples.append(found["seconds"] * 1000)
            memory.row(name).samples.append(found["megabytes"])
            memory.row(f"({name}: before)").samples.append(found["before"])
    return [seconds, memory]


def _child(cities: int) -> dict[str, Any]:
    output = subprocess.run(
        [sys.executable, "-m", "bench.evidence", str(cities)],
        env=clean_environment(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found: dict[str, Any] = json.loads(output)
    return found


def _sample(cities: int) -> dict[str, Any]:
    from citytech_data.dataset import open_dataset
    from citytech_data.evidence.build import compute_evidence
    from tests.data.evidence_worlds import full_lists

    dataset = full_lists(cities, _SEED).dataset() if cities else open_dataset()
    before = highest_memory() / 1e6
    with Probe() as probe:
        compute_evidence(dataset, dataset.year)
    return probe.found() | {"before": before}


if __name__ == "__main__":
    printed(_sample(int(sys.argv[1])))
