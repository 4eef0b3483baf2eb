"""What the system tells of a running process."""

from __future__ import annotations

import re
from pathlib import Path


def proportional_memory(pid: int) -> int | None:
    """Return the proportional set size of a process in bytes, None where /proc has none."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def processor_time(pid: int) -> float | None:
    """Return the seconds that all threads have computed, None where /proc does not tell.

    Other programs on the machine hardly touch it.
    """
    used = 0
    try:
        for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            used += int(path.read_text(encoding="ascii").split()[0])
    except OSError:
        return None
    return used / 1e9 if used else None
