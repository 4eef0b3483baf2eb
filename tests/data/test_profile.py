"""Technology mix, specialisation, proximity and percentiles on values worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from citytech_data.dataset import Dataset, read_dataset
from citytech_data.profile import nearest, percentile, technology_mix
from tests.helpers import YEAR, make_dataset, observation

COUNTS = {"a": {"ai": 30, "iot": 10}, "b": {"ai": 10, "iot": 10}, "c": {"ai": 0, "iot": 7}}
COUNTRY = {"CN": {"ai": 300, "iot": 700}}


def counted(folder: Path, counts: Mapping[str, Mapping[str, float]], **more: object) -> Dataset:
    rows = [
        observation(place, "apps", value, technology=technology)
        for place, values in counts.items()
        for technology, value in values.items()
    ]
    rows += [observation(place, "apps", 1) for place in counts]
    return read_dataset(make_dataset(folder, cities="abc", observations=rows, **more))  # type: ignore[arg-type]


def of(frame: pl.DataFrame, code: str, column: str) -> dict[str, float]:
    rows = frame.filter(pl.col("code") == code)
    return dict(zip(rows["technology"], rows[column], strict=True))


def test_a_mix_is_held_against_the_sum_of_the_cities(tmp_path: Path) -> None:
    mix = technology_mix(counted(tmp_path, COUNTS), YEAR)
    assert not mix.national
    assert of(mix.frame, "a", "share") == {"ai": 0.75, "iot": 0.25}
    # All cities have 40 of AI and 27 of IoT.
    assert of(mix.frame, "a", "advantage") == pytest.approx(
        {"ai": 0.75 / (40 / 67), "iot": 0.25 / (27 / 67)}
    )
    assert of(mix.frame, "c", "advantage") == pytest.approx({"ai": 0, "iot": 67 / 27})


def test_a_mix_is_held_against_the_country_where_it_is_known(tmp_path: Path) -> None:
    mix = technology_mix(counted(tmp_path, COUNTS | COUNTRY), YEAR)
    assert mix.national
    assert of(mix.frame, "b", "advantage") == pytest.approx({"ai": 0.5 / 0.3, "iot": 0.5 / 0.7})
    assert "CN" not in mix.frame["code"]


def test_a_city_with_an_unknown_count_has_no_mix(tmp_path: Path) -> None:
    mix = technology_mix(counted(tmp_path, COUNTS | {"b": {"ai": 10}}), YEAR)
    assert mix.of("b").is_empty()
    assert nearest(mix, "b").is_empty()
    # Nor does it count for all: those are 30 of AI and 17 of IoT.
    assert of(mix.frame, "a", "share_of_all") == pytest.approx({"ai": 30 / 47, "iot": 17 / 47})


def test_a_technology_that_nobody_has_gives_no_advantage(tmp_path: Path) -> None:
    counts = {"a": {"ai": 3, "iot": 0}, "b": {"ai": 4, "iot": 0}}
    assert of(technology_mix(counted(tmp_path, counts), YEAR).frame, "a", "advantage") == {
        "ai": 1.0,
        "iot": None,
    }


def test_proximity_is_the_cosine_of_the_counts(tmp_path: Path) -> None:
    found = nearest(technology_mix(counted(tmp_path, COUNTS), YEAR), "a")
    assert found["code"].to_list() == ["b", "c"]
    assert found["proximity"].to_list() == pytest.approx(
        [(300 + 100) / (math.hypot(30, 10) * math.hypot(10, 10)), 10 / math.hypot(30, 10)]
    )


def test_a_dataset_without_technologies_has_no_mix(published: Dataset) -> None:
    mix = technology_mix(published, published.year)
    assert mix.frame.is_empty()
    assert nearest(mix, "110000").is_empty()


def test_a_percentile_counts_equal_values_half() -> None:
    standings = pl.DataFrame({"code": list("abcde"), "total_value": [10.0, 10.0, 5.0, 20.0, None]})
    assert percentile(standings, "a", "total") == pytest.approx(100 * 1.5 / 3)
    assert percentile(standings, "d", "total") == 100
    assert percentile(standings, "c", "total") == 0
    assert percentile(standings, "e", "total") is None
    assert percentile(standings.head(1), "a", "total") is None
