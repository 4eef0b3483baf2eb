"""The dataset made up for benchmarks: it is valid, and nobody can take it for real."""

from __future__ import annotations

from pathlib import Path

from bench.synthetic import NAME, main
from citytech_data.catalogue import embedded_names
from citytech_data.dataset import read_dataset
from citytech_data.vocabulary import TECHNOLOGIES
from citytech_data.years import histories


def test_it_is_written_as_a_valid_dataset_that_says_what_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    assert main([str(folder), "--places", "40", "--years", "2018", "2021"]) == 0
    dataset = read_dataset(folder)
    assert dataset.cities.height == 40
    assert dataset.years == (2018, 2019, 2020, 2021)
    assert dataset.technologies == ("all", *sorted(TECHNOLOGIES))
    assert dataset.manifest.name == NAME == "SYNTHETIC"
    assert all(NAME in label.title for label in dataset.manifest.labels.values())
    assert dataset.sources["id"].to_list() == [NAME]
    assert all(name.startswith("Synthetic") for name in dataset.cities["name_en"])
    assert NAME.lower() not in map(str.lower, embedded_names())
    # Some years of some places are missing, and stay so.
    gaps = histories(dataset)["total_history"].explode().null_count()
    assert 0 < gaps < 40
