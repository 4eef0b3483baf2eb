"""How long modules take to import, each in an interpreter of its own."""

from __future__ import annotations

import subprocess
import sys

from bench.report import Group
from bench.terminal import clean_environment

MODULES = ("textual.app", "polars", "typer", "plotext")
_CODE = """
import time
start = time.perf_counter()
import {}
print(time.perf_counter() - start)
"""


def measure(runs: int) -> list[Group]:
    """Import every module once a round."""
    group = Group("imports", "Import in a fresh interpreter", "ms")
    for round_ in range(runs + 1):
        for module in MODULES:
            output = subprocess.run(
                [sys.executable, "-c", _CODE.format(module)],
                env=clean_environment(),
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            if round_:  # the first only warms the page cache
                against = None if module == MODULES[0] else MODULES[0]
                group.row(module, against).samples.append(float(output) * 1000)
    return [group]
