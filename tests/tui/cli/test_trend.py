"""The verbs `trend`, `datasets` and `validate`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from citytech_data.catalogue import embedded_folder, embedded_names
from citytech_data.dataset import open_dataset
from citytech_tui.reports import TREND_COLUMNS
from tests.helpers import make_dataset, observation
from tests.tui.cli.program import (
    INVENTIONS,
    Run,
    one_line_error,
)


def test_trend(run: Run) -> None:
    result = run("trend")
    assert result.status == 0
    applications = next(line for line in result.lines if line.startswith("Digital-technology"))
    assert re.split(r"  +", applications) == [
        *("Digital-technology patent applications", "applications", "2013–2021"),
        *("5,067", "74,656", "14.7", "+40.0 %", "ends only"),
    ]
    inventions = next(line for line in result.lines if line.startswith("Invention applications "))
    assert inventions.endswith("6 years")
    assert "ends only: no year between the first and the last is known." in result.lines
    assert "cnipa-2022-a2: " in result.out


def test_trend_csv_and_json(run: Run) -> None:
    rows = run("trend", "--format", "csv").rows
    assert tuple(rows[0]) == TREND_COLUMNS
    index = [row for row in rows if row["measure"] == "digital_economy_index"]
    assert [(row["year"], row["value"]) for row in index] == [("2013", "1000"), ("2021", "5610.6")]
    assert [row["indexed"] for row in index] == ["100", "561.06"]
    assert [row["year_on_year"] for row in index] == ["", ""]
    items = run("trend", "--format", "json").json
    assert len(items) == len(rows)
    assert tuple(items[0]) == TREND_COLUMNS


def test_trend_of_one_year(run: Run) -> None:
    line = run("trend", *INVENTIONS).lines[2]
    assert line.split("  ")[-1] == "1 year"
    assert "ends only" not in line
    assert "| 1 year |" in run("trend", *INVENTIONS, "--format", "markdown").out


def test_trend_of_a_dataset_without_series(run: Run, tmp_path: Path) -> None:
    folder = str(make_dataset(tmp_path))
    assert "The dataset has none." in run("trend", "--dataset", folder).out
    assert run("trend", "--dataset", folder, "--format", "json").json == []


def test_datasets(run: Run) -> None:
    out = run("datasets").out
    for name in embedded_names():
        assert re.search(rf"^{name}  ", out, re.MULTILINE)
    assert re.search(r"51  2021  +Digital-technology patent applications", out)


def test_validate(run: Run) -> None:
    folder = str(embedded_folder("published"))
    dataset = open_dataset()
    assert run("validate", folder).out == (
        f"{folder}: valid: 51 cities, {dataset.observations.height} observations, 8 claims\n"
    )


def test_validate_names_the_first_fault(run: Run, tmp_path: Path) -> None:
    folder = make_dataset(tmp_path, observations=[observation("nowhere", "apps", 1)])
    error = one_line_error(run("validate", str(folder)))
    assert "observations.csv, row 2, column place" in error


def test_validate_prefers_a_folder_to_an_embedded_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dataset(tmp_path, name="published", cities=["a"])
    monkeypatch.chdir(tmp_path)
    assert run("validate", "published").out == (
        "published: valid: 1 city, 0 observations, 0 claims\n"
    )
