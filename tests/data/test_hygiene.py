"""What importing the core loads: the first screen must not wait for what it does not use."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import citytech_data

TERMINAL = {"textual", "rich", "typer", "plotext", "citytech_tui"}
LIGHT = ["", ".catalogue", ".errors", ".manifest", ".opening", ".rows", ".schema", ".text"]


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has after running `code`."""
    code += "\nimport sys\nprint(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_probe_sees_what_is_loaded() -> None:
    assert {"polars", "citytech_data"} <= loaded_by("import citytech_data.ranking")


@pytest.mark.parametrize("module", LIGHT)
def test_a_light_module_loads_neither_polars_nor_a_terminal(module: str) -> None:
    loaded = loaded_by(f"import citytech_data{module}")
    assert "citytech_data" in loaded
    assert not loaded & (TERMINAL | {"polars", "numpy", "pyarrow"})


def test_the_stored_opening_is_read_without_polars() -> None:
    code = "from citytech_data.opening import read_opening\nassert read_opening('published')"
    assert "polars" not in loaded_by(code)


def test_no_module_of_the_core_loads_a_terminal() -> None:
    found = pkgutil.walk_packages(citytech_data.__path__, "citytech_data.")
    names = [each.name for each in found]
    assert {"citytech_data.dataset", "citytech_data.measures", "citytech_data.trend"} <= set(names)
    loaded = loaded_by("\n".join(f"import {name}" for name in names))
    assert "polars" in loaded
    assert not loaded & TERMINAL
