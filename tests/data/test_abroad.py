"""The embedded datasets of other countries: as printed, in their own codes and words."""

from __future__ import annotations

import polars as pl
import pytest

from citytech_data.confirming import confirm
from citytech_data.dataset import Dataset, open_dataset
from citytech_data.errors import CityTechError, UnknownCityError
from citytech_data.lookup import find_city
from citytech_data.ranking import ranking, standings
from citytech_data.trend import series
from tests.helpers import row_of


@pytest.fixture(scope="module")
def metros() -> Dataset:
    return open_dataset("us-metros-2015")


@pytest.fixture(scope="module")
def clusters() -> Dataset:
    return open_dataset("gii-2023")


def test_200_metro_areas_have_every_figure(metros: Dataset) -> None:
    frame = standings(metros, 2015)
    assert frame.height == 200
    for measure in ("total", "density", "proportion"):
        assert frame[f"{measure}_value"].null_count() == 0
    assert frame["total_value"].sum() < 140_962
    assert frame["proportion_value"].sum() < 100


@pytest.mark.parametrize(
    ("code", "total", "population"),
    [("41940", 14_618, 1_969_897), ("41860", 9_732, 4_641_820), ("35620", 7_754, 20_192_042)],
)
def test_a_metro_area_has_its_printed_figures(
    metros: Dataset, code: str, total: int, population: int
) -> None:
    row = row_of(standings(metros, 2015), code)
    assert (row["total_value"], row["population"]) == (total, population)
    assert row["density_value"] == pytest.approx(total / population * 10_000)
    assert row["proportion_value"] == pytest.approx(total / 140_962 * 100)


def test_san_jose_is_first_in_all(metros: Dataset) -> None:
    row = row_of(standings(metros, 2015), "41940")
    assert [row[f"{each}_rank"] for each in ("total", "density", "proportion")] == [1, 1, 1]
    assert row["density_value"] == pytest.approx(74.2, abs=0.05)


def test_47_areas_of_another_outline_are_doubtful_in_density_only(metros: Dataset) -> None:
    frame = standings(metros, 2015)
    assert frame["density_note"].str.starts_with("doubtful").sum() == 47
    assert frame["total_note"].drop_nulls().is_empty()


def test_the_eight_that_are_left_out_are_named(metros: Dataset) -> None:
    (note,) = metros.notes.filter(pl.col("topic") == "bounds")["text_en"]
    named = [part for part in note.split(": ")[1].split("; ") if part]
    assert len(named) == 8
    assert named[0].startswith("Poughkeepsie-Newburgh-Middletown, NY (871)")
    shown = set(metros.cities["name_en"])
    assert not any(each.rsplit(" (")[0] in shown for each in named)


def test_a_state_tells_two_of_one_name_apart(metros: Dataset) -> None:
    with pytest.raises(UnknownCityError, match=r"Columbus, IN \(18020\), Columbus, OH \(18140\)"):
        find_city(metros.cities, "columbus")
    assert find_city(metros.cities, "Columbus, OH") == "18140"
    assert find_city(metros.cities, "boulder") == "14500"


@pytest.mark.parametrize(
    ("code", "total", "share", "publications"),
    [
        ("tokyo-yokohama", 127_418, 10.1, 115_020),
        ("beijing", 38_067, 3.0, 279_485),
        ("tehran", 249, 0.0, 63_113),
    ],
)
def test_a_cluster_has_its_printed_figures(
    clusters: Dataset, code: str, total: int, share: float, publications: int
) -> None:
    row = row_of(standings(clusters, 2023), code)
    assert (row["total_value"], row["proportion_value"]) == (total, share)
    assert row["proportion_lower"] == pytest.approx(max(0, share - 0.05))
    assert row["proportion_upper"] == pytest.approx(share + 0.05)
    stored = clusters.observations.filter(
        (pl.col("place") == code) & (pl.col("measure") == "publications")
    )
    assert stored["value"].to_list() == [publications]


def test_34_clusters_without_density_and_the_dataset_says_why(clusters: Dataset) -> None:
    frame = standings(clusters, 2023)
    assert frame.height == 34
    assert frame["density_basis"].unique().to_list() == ["missing"]
    assert "population" in clusters.manifest.absent["density"]
    printed = clusters.observations.filter(pl.col("measure") == "rank_printed")["value"]
    assert printed.to_list() == list(range(1, 35))


def test_clusters_are_ranked_by_applications_not_by_the_printed_rank(clusters: Dataset) -> None:
    order = ranking(standings(clusters, 2023), "total")["code"].to_list()
    assert order[3] == "san-jose-san-francisco"  # sixth in the index


def test_without_a_series_there_is_no_trend_and_the_dataset_says_why(clusters: Dataset) -> None:
    assert series(clusters).is_empty()
    assert clusters.manifest.absent["trend"]


@pytest.mark.parametrize("name", ["us-metros-2015", "gii-2023"])
def test_nothing_is_said_of_china(name: str) -> None:
    dataset = open_dataset(name)
    manifest = dataset.manifest
    words = [manifest.title, manifest.description, *manifest.places]
    words += [
        text for label in (*manifest.labels.values(), *manifest.measures.values()) for text in label
    ]
    words += [str(unit) for unit in dataset.observations["unit"].unique()]
    for word in words:
        for foreign in ("CNY", "Province", "province", "Resident population", "China"):
            assert foreign not in word


def test_no_code_of_one_scheme_is_one_of_another() -> None:
    names = ("published", "us-metros-2015", "gii-2023")
    first, second, third = (set(open_dataset(name).cities["code"]) for name in names)
    assert not (first & second or first & third or second & third)


def test_claims_are_not_held_against_another_country(metros: Dataset) -> None:
    with pytest.raises(CityTechError, match="places of US"):
        confirm(open_dataset(), metros, 2021)
