"""The data core: open, rank, filter, sort. Runs in a process of its own and prints JSON.

Usage: python -m bench.core RUNS
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from bench.report import Group
from bench.terminal import clean_environment

SYNTHETIC_CITIES = 1_000_000
_EMBEDDED = "published (51 cities)"
_SYNTHETIC = f"synthetic ({SYNTHETIC_CITIES:,} cities, made up)"


def measure(runs: int) -> list[Group]:
    """Measure in a fresh process, so that this one stays without threads and can fork."""
    output = subprocess.run(
        [sys.executable, "-m", "bench.core", str(runs)],
        env=clean_environment(),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    group = Group("core", "Data core", "ms")
    for name, samples in json.loads(output).items():
        group.row(name).samples.extend(samples)
    return [group]


def _samples(runs: int) -> dict[str, list[float]]:
    from bench.synthetic import YEAR, synthetic_dataset
    from citytech_data.dataset import open_dataset
    from citytech_data.filtering import filter_places
    from citytech_data.ranking import ranking, sort_places, standings

    found: dict[str, list[float]] = {}

    def timed(name: str, run: Callable[[], Any], times: int = runs) -> Any:
        result = None
        for _ in range(times):
            start = perf_counter()
            result = run()
            found.setdefault(name, []).append((perf_counter() - start) * 1000)
        return result

    standings(open_dataset(), YEAR)  # what is imported and started only once
    timed(f"open · {_EMBEDDED}", open_dataset)
    embedded, synthetic = open_dataset(), synthetic_dataset(SYNTHETIC_CITIES)
    for label, dataset in ((_EMBEDDED, embedded), (_SYNTHETIC, synthetic)):
        # On the large one they take seconds each and are steady: three times say enough.
        times = runs if dataset is embedded else min(runs, 3)
        frame = timed(f"standings · {label}", partial(standings, dataset, YEAR), times)
        timed(f"ranking · {label}", partial(ranking, frame, "density"), times)
        timed(f"filter · {label}", partial(filter_places, frame, "12 34"))
        timed(f"sort by value · {label}", partial(sort_places, frame, "density_value", True))
        timed(f"sort by name · {label}", partial(sort_places, frame, "city"))
    return found


if __name__ == "__main__":
    json.dump(_samples(int(sys.argv[1])), sys.stdout)
