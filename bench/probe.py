"""What a process of its own measures of itself: time, processor time, highest memory."""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Self


class Probe:
    """Measures what runs within it."""

    def __enter__(self) -> Self:
        """Start the clocks."""
        self._start = perf_counter(), process_time()
        self._end = self._start
        self._highest = 0
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them; the memory is read now, before results are kept or compared."""
        self._end = perf_counter(), process_time()
        self._highest = highest_memory()

    def found(self) -> dict[str, Any]:
        """Return what was measured."""
        seconds, computed = (end - start for start, end in zip(self._start, self._end, strict=True))
        return {"seconds": seconds, "computed": computed, "megabytes": self._highest / 1e6}


def highest_memory() -> int:
    """Return the most bytes that this process has had in memory so far.

    Not the maximum that `getrusage` gives where /proc has a better one: that counts the process
    that started this one too.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        status = ""
    if found := re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE):
        return int(found[1]) * 1024
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def printed(found: dict[str, Any]) -> None:
    """Print what was found for the process that waits for it."""
    json.dump(found, sys.stdout)
