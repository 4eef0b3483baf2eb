"""Gini coefficient and curves, by values that are computed by hand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.dataset import read_dataset
from citytech_data.manifest import Manifest
from citytech_data.pictures.concentration import area_coefficient, concentration, curve, gini
from citytech_data.ranking import standings
from tests.helpers import YEAR, make_dataset, observation

values = st.lists(st.floats(0, 1e9), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("values", "coefficient"),
    [
        ([], None),
        ([0, 0], None),
        ([7], 0),
        ([3, 3, 3], 0),
        ([1, 2, 3, 4], 0.25),
        ([4, 1, 3, 2], 0.25),
        ([0, 0, 0, 1], 0.75),
        # The mean difference over all ordered pairs is 40/9; half of it over the mean 5 is 4/9.
        ([0, 5, 10], 4 / 9),
    ],
)
def test_gini(values: list[float], coefficient: float | None) -> None:
    assert gini(values) == (None if coefficient is None else pytest.approx(coefficient))


@given(values)
def test_gini_is_the_mean_difference_over_twice_the_mean(values: list[float]) -> None:
    coefficient, mean = gini(values), sum(values) / len(values)
    if coefficient is None:
        assert mean == 0
        return
    differences = [abs(a - b) for a in values for b in values]
    expected = sum(differences) / len(differences) / (2 * mean)
    assert coefficient == pytest.approx(expected, abs=1e-9)


@given(values)
def test_the_area_above_the_curve_gives_the_same_coefficient(values: list[float]) -> None:
    coefficient = gini(values)
    if coefficient is not None:
        points = curve(values, [1.0] * len(values))
        assert area_coefficient(points) == pytest.approx(coefficient, abs=1e-9)


def test_curve_of_places() -> None:
    assert curve([3, 1], [1, 1]) == [(0, 0), (50, 25), (100, 100)]


def test_curve_by_residents_begins_with_the_lowest_density() -> None:
    # Densities 1 and 3: the second has a quarter of the people and half of the total.
    assert curve([3, 3], [1, 3]) == [(0, 0), (75, 50), (100, 100)]


def made(tmp_path: Path, *rows: dict[str, object], cities: str = "abcd") -> pl.DataFrame:
    folder = make_dataset(tmp_path, cities=list(cities), observations=rows)
    return standings(read_dataset(folder), YEAR)


def manifest(tmp_path: Path) -> Manifest:
    return read_dataset(tmp_path / "made").manifest


def test_places_that_are_bounded_or_missing_are_counted_not_drawn(tmp_path: Path) -> None:
    frame = made(
        tmp_path,
        observation("a", "apps", 3),
        observation("b", "apps", 1),
        observation("c", "apps", None, upper=9, basis="bounded"),
    )
    found = concentration(frame, manifest(tmp_path), "total")
    assert (found.counted, found.bounded, found.missing) == (2, 1, 1)
    assert found.gini == pytest.approx(0.25)
    assert [mark.code for mark in found.plot.marks] == ["a", "b"]
    assert [mark.y.value for mark in found.plot.marks] == [100, 25]
    assert found.by_residents is None


def test_by_residents_where_all_populations_are_known(tmp_path: Path) -> None:
    rows = [observation("a", "apps", 3), observation("b", "apps", 3)]
    people = [observation("a", "population", 1), observation("b", "population", 3)]
    found = concentration(made(tmp_path, *rows, *people), manifest(tmp_path), "total")
    assert found.gini == 0
    # Under the curve: 0.75 * 0.5 / 2 + 0.25 * 0.75 = 0.375, and 1 - 2 * 0.375 = 0.25.
    assert found.by_residents == pytest.approx(0.25)
    assert found.plot.curves[-1].points == ((0, 0), (75, 50), (100, 100))


def test_nothing_known_is_no_curve(tmp_path: Path) -> None:
    found = concentration(made(tmp_path), manifest(tmp_path), "density")
    assert found.gini is None
    assert [curve.name for curve in found.plot.curves] == ["equality"]
    assert found.missing == 4
