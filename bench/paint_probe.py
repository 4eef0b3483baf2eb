"""Run citytech-tui and store which modules are imported when a city's name is first written.

Usage: python -m bench.paint_probe FILE NAME [OPTION ...]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

WATCHED = ("polars", "typer", "plotext")


def main() -> int:
    """Run the program with the options that follow file and name."""
    from textual.drivers.linux_driver import LinuxDriver

    from citytech_tui.__main__ import main as citytech

    path, name, *options = sys.argv[1:]
    write = LinuxDriver.write

    def watching(self: LinuxDriver, data: str) -> None:
        if name in data and not Path(path).exists():
            imported = [module for module in WATCHED if module in sys.modules]
            Path(path).write_text(json.dumps(imported), encoding="utf-8")
        write(self, data)

    LinuxDriver.write = watching  # type: ignore[method-assign]
    sys.argv = ["citytech-tui", *options]
    return citytech()


if __name__ == "__main__":
    sys.exit(main())
