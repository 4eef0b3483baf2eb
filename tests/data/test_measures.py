"""Total, density, proportion and growth on values that were worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citytech_data.dataset import Dataset, read_dataset
from citytech_data.intervals import rounding_interval
from citytech_data.measures import (
    FIGURE,
    Method,
    compound_annual_growth_rate,
    figures,
    year_on_year,
)
from citytech_data.trend import growth, series
from tests.helpers import YEAR, claim, make_dataset, observation, row_of

MISSING = dict.fromkeys(FIGURE, None) | {"basis": "missing"}


def figure(dataset: Dataset, measure: str, code: str, technology: str = "all") -> dict[str, Any]:
    row = row_of(figures(dataset, dataset.year, technology)[measure], code)
    del row["code"]
    return row


def numbers(figure: dict[str, Any]) -> tuple[Any, Any, Any]:
    return figure["value"], figure["lower"], figure["upper"]


# --- The article's cities ----------------------------------------------------------


def test_total_of_shenzhen_follows_from_the_articles_own_population(published: Dataset) -> None:
    found = figure(published, "total", "440300")
    # 5.86 x 17.56 million / 10,000, not the official 17.6816 million.
    assert numbers(found) == (10290.16, 10278.4525, 10301.8725)
    assert found["basis"] == "derived"
    assert found["source"] == "article-2023"
    assert found["method"] == Method.DENSITY_TIMES_POPULATION
    assert (found["left"], found["right"]) == (5.86, 17_560_000)
    assert (found["left_source"], found["right_source"]) == ("article-2023", "article-2023")


def test_total_of_shanghai_is_8912(published: Dataset) -> None:
    found = figure(published, "total", "310000")
    # 3.575 x 24,894,250 and 3.585 x 24,894,350, both / 10,000.
    assert numbers(found) == pytest.approx((8912.1594, 8899.694375, 8924.624475))
    assert (found["basis"], found["source"]) == ("derived", "article-2023")


def test_printed_ratios_keep_their_rounding_as_an_interval(published: Dataset) -> None:
    density = figure(published, "density", "310000")
    assert numbers(density) == (3.58, 3.575, 3.585)
    proportion = figure(published, "proportion", "310000")
    assert numbers(proportion) == (11.3, 11.25, 11.35)
    assert numbers(figure(published, "proportion", "320100")) == (8.4, 8.35, 8.45)
    for found in (density, proportion):
        assert (found["basis"], found["method"]) == ("printed", Method.OBSERVED)
        assert found["source"] == "article-2023"


def test_total_of_beijing_is_only_bounded_and_so_is_its_density(published: Dataset) -> None:
    total = figure(published, "total", "110000")
    assert numbers(total) == (None, 10_000, None)
    assert (total["basis"], total["method"]) == ("bounded", Method.CLAIMED)
    density = figure(published, "density", "110000")
    # 10,000 applications / 21.886 million residents.
    assert numbers(density) == (None, pytest.approx(4.5691, abs=5e-5), None)
    assert (density["basis"], density["method"]) == ("bounded", Method.TOTAL_PER_POPULATION)
    assert density["source"] == "article-2023;population-panel"


def test_what_was_not_printed_is_missing(published: Dataset) -> None:
    for measure in ("total", "density", "proportion"):
        assert figure(published, measure, "330100") == MISSING
    assert figure(published, "total", "320100") == MISSING  # no count of all applications
    known = {
        measure: set(frame.filter(pl.col("basis") != "missing")["code"])
        for measure, frame in figures(published, 2021).items()
    }
    assert known == {
        "total": {"110000", "310000", "440300"},
        "density": {"110000", "310000", "440300"},
        "proportion": {"310000", "320100"},
    }


def test_a_year_without_figures_has_only_missing_ones(published: Dataset) -> None:
    for frame in figures(published, 1999).values():
        assert frame["code"].to_list() == published.cities["code"].to_list()
        assert set(frame["basis"]) == {"missing"}


# --- china-inventions-2016 -----------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "measure", "expected"),
    [
        ("110000", "total", 104_643),
        ("110000", "density", 47.66),  # 104,643 / 2,195.4
        ("440300", "density", 37.67),  # 56,326 / 1,495.35
        ("370200", "density", 36.37),  # 34,953 / 961
        ("320100", "density", 34.54),  # 31,556 / 913.69
        ("110000", "proportion", 8.684),  # 104,643 / 1,204,981
        ("350200", "proportion", 0.457),  # 5,511 / 1,204,981
    ],
)
def test_inventions_of_2016(inventions: Dataset, code: str, measure: str, expected: float) -> None:
    found = figure(inventions, measure, code)
    assert found["value"] == pytest.approx(expected, abs=0.005 if measure == "density" else 5e-4)
    assert found["lower"] == found["value"] == found["upper"]
    assert found["basis"] == ("printed" if measure == "total" else "derived")


def test_share_of_the_country_names_its_operands(inventions: Dataset) -> None:
    found = figure(inventions, "proportion", "110000")
    assert found["method"] == Method.TOTAL_PER_ALL
    assert (found["left"], found["right"]) == (104_643, 1_204_981)
    assert found["source"] == "cnipa-2016-12"


# --- Small datasets --------------------------------------------------------------------


def test_counts_by_technology_are_kept_apart(tmp_path: Path) -> None:
    dataset = read_dataset(
        make_dataset(
            tmp_path,
            observations=[
                observation("a", "apps", 45),  # less than 30 + 20: some are in both
                observation("a", "apps", 30, technology="ai"),
                observation("a", "apps", 20, technology="iot"),
                observation("a", "all_apps", 90),
                observation("a", "population", 150_000),
                observation("b", "apps", 7, technology="ai"),
            ],
        )
    )
    assert dataset.technologies == ("all", "ai", "iot")
    assert figure(dataset, "total", "a")["value"] == 45
    assert figure(dataset, "total", "a", "ai")["value"] == 30
    assert figure(dataset, "density", "a", "ai")["value"] == 2
    assert figure(dataset, "proportion", "a")["value"] == 50
    assert figure(dataset, "proportion", "a", "iot")["value"] == pytest.approx(22.222, abs=5e-4)
    assert figure(dataset, "total", "b", "ai")["value"] == 7
    assert figure(dataset, "total", "b") == MISSING  # not the sum of its technologies
    assert figure(dataset, "total", "a", "cloud") == MISSING


def test_the_preferred_source_is_used_wherever_it_stands(tmp_path: Path) -> None:
    rows = [observation("a", "apps", n, source=source) for n, source in enumerate("xyz")]
    folder = make_dataset(tmp_path, observations=rows, sources="xyz", preference=["z", "y"])
    dataset = read_dataset(folder)
    assert figure(dataset, "total", "a")["source"] == "z"
    assert dataset.observations.height == 3
    assert dataset.preferred["value"].to_list() == [2]


def test_of_sources_without_preference_the_first_in_the_file_is_used(tmp_path: Path) -> None:
    rows = [observation("a", "apps", 1, source="y"), observation("a", "apps", 2, source="x")]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows, sources="xy", preference=[]))
    assert figure(dataset, "total", "a")["value"] == 1


def test_a_source_that_gives_no_figure_does_not_hide_one_that_does(tmp_path: Path) -> None:
    rows = [
        observation("a", "apps", source="x", basis="missing"),
        observation("a", "apps", 5, source="y"),
        observation("b", "apps", source="x", basis="missing"),
    ]
    dataset = read_dataset(
        make_dataset(tmp_path, observations=rows, sources="xy", preference=["x", "y"])
    )
    assert figure(dataset, "total", "a")["value"] == 5
    assert figure(dataset, "total", "b") == MISSING


def test_printed_proportion_times_all_applications_gives_the_total(tmp_path: Path) -> None:
    rows = [
        observation("a", "proportion", 25, lower=24.5, upper=25.5, basis="printed"),
        observation("a", "all_apps", 400),
        observation("a", "population", 50_000),
        observation("b", "proportion", 25, basis="printed"),
    ]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows))
    total = figure(dataset, "total", "a")
    assert numbers(total) == (100, 98, 102)
    assert (total["basis"], total["method"]) == ("derived", Method.PROPORTION_TIMES_ALL)
    assert numbers(figure(dataset, "density", "a")) == (20, 19.6, 20.4)
    assert numbers(figure(dataset, "proportion", "a")) == (25, 24.5, 25.5)
    assert figure(dataset, "total", "b") == MISSING


def test_a_printed_ratio_is_multiplied_by_its_sources_own_denominator(tmp_path: Path) -> None:
    rows = [
        observation("a", "density", 5, source="paper"),
        observation("a", "population", 10_000, source="office"),
        observation("a", "population", 20_000, source="paper"),
        observation("b", "proportion", 50, source="paper"),
        observation("b", "all_apps", 100, source="office"),
        observation("b", "all_apps", 300, source="paper"),
    ]
    sources = ["office", "paper"]
    dataset = read_dataset(
        make_dataset(tmp_path, observations=rows, sources=sources, preference=sources)
    )
    assert figure(dataset, "total", "a")["value"] == 10
    assert figure(dataset, "total", "b")["value"] == 150


@pytest.mark.parametrize("own", [None, {"basis": "missing"}])
def test_without_an_own_denominator_the_preferred_one_is_used(
    tmp_path: Path, own: dict[str, str] | None
) -> None:
    rows = [
        observation("a", "density", 5, source="paper"),
        observation("a", "population", 10_000, source="office"),
    ]
    if own:
        rows.append(observation("a", "population", source="paper", **own))
    sources = ["office", "paper"]
    dataset = read_dataset(
        make_dataset(tmp_path, observations=rows, sources=sources, preference=sources)
    )
    found = figure(dataset, "total", "a")
    assert (found["value"], found["source"]) == (5, "paper;office")


def test_a_count_comes_before_a_total_from_a_ratio(tmp_path: Path) -> None:
    rows = [
        observation("a", "apps", 7),
        observation("a", "density", 5, basis="printed"),
        observation("a", "population", 10_000),
    ]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows))
    assert figure(dataset, "total", "a")["value"] == 7
    # The printed ratio stays as printed.
    assert figure(dataset, "density", "a")["value"] == 5


def test_share_of_the_country_is_taken_technology_by_technology(tmp_path: Path) -> None:
    rows = [
        observation("a", "apps", 10),
        observation("a", "apps", 4, technology="ai"),
        observation("CN", "apps", 200),
        observation("CN", "apps", 16, technology="ai"),
        observation("a", "all_apps", 11),  # not what the share is of
    ]
    dataset = read_dataset(
        make_dataset(tmp_path, observations=rows, share_of="country", share_measure="apps")
    )
    assert figure(dataset, "proportion", "a")["value"] == 5
    assert figure(dataset, "proportion", "a", "ai")["value"] == 25
    assert figure(dataset, "proportion", "b") == MISSING


def test_share_of_a_country_without_a_figure_is_missing(tmp_path: Path) -> None:
    rows = [observation("a", "apps", 10)]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows, share_of="country"))
    assert dataset.manifest.share_measure == "all_apps"
    assert figure(dataset, "proportion", "a") == MISSING


def test_the_narrowest_of_several_claimed_bounds_holds(tmp_path: Path) -> None:
    claims = [
        claim("1", "bound", "total", "a;b", op=">", value=10),
        claim("2", "bound", "total", "a", op=">=", value=30, source="t"),
        claim("3", "bound", "total", "a", op="<", value=90),
        claim("4", "bound", "total", "a", op="<=", value=70),
        claim("5", "bound", "total", "b", op=">", value=99, year=YEAR + 1),
    ]
    rows = [observation(code, "population", 10_000) for code in "ab"]
    dataset = read_dataset(
        make_dataset(tmp_path, claims=claims, observations=rows, sources="st", year=YEAR)
    )
    found = figure(dataset, "total", "a")
    assert numbers(found) == (None, 30, 70)
    assert (found["basis"], found["source"]) == ("bounded", "s;t")
    assert numbers(figure(dataset, "total", "b")) == (None, 10, None)
    assert numbers(figure(dataset, "density", "a")) == (None, 30, 70)
    # A claim says nothing about a single technology.
    assert figure(dataset, "total", "a", "ai") == MISSING


def test_a_claimed_bound_does_not_hide_a_figure_that_can_be_computed(tmp_path: Path) -> None:
    rows = [
        observation("a", "apps", 100),
        observation("a", "all_apps", 400),
        observation("a", "population", 10_000),
    ]
    claims = [
        claim(measure, "bound", measure, "a;b", op=">", value=1)
        for measure in ("total", "density", "proportion")
    ]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows, claims=claims))
    assert figure(dataset, "total", "a")["value"] == 100
    assert figure(dataset, "density", "a")["value"] == 100
    assert figure(dataset, "proportion", "a")["value"] == 25
    for measure in ("total", "density", "proportion"):
        assert numbers(figure(dataset, measure, "b")) == (None, 1, None)


def test_a_claimed_bound_on_a_ratio_comes_before_one_that_follows_from_others(
    tmp_path: Path,
) -> None:
    claims = [
        claim("1", "bound", "total", "a", op=">", value=10),
        claim("2", "bound", "density", "a", op=">", value=30),
    ]
    rows = [observation("a", "population", 10_000)]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows, claims=claims))
    assert numbers(figure(dataset, "density", "a")) == (None, 30, None)


def test_nobody_to_divide_by_gives_no_ratio(tmp_path: Path) -> None:
    rows = [
        observation("a", "apps", 10),
        observation("a", "population", 0),
        observation("a", "all_apps", 0),
        observation("b", "apps", 0),
        observation("b", "population", 10_000),
    ]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows))
    assert figure(dataset, "total", "a")["value"] == 10
    assert figure(dataset, "density", "a") == MISSING
    assert figure(dataset, "proportion", "a") == MISSING
    # A count of 0 is a figure.
    assert numbers(figure(dataset, "density", "b")) == (0, 0, 0)


def test_a_population_that_may_be_0_leaves_the_ratio_open_above(tmp_path: Path) -> None:
    rows = [
        observation("a", "apps", 10),
        observation("a", "population", lower=0, upper=20_000, basis="bounded"),
    ]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows))
    assert numbers(figure(dataset, "density", "a")) == (None, 5, None)


def test_interval_of_a_ratio_takes_the_opposite_bounds_of_the_divisor(tmp_path: Path) -> None:
    rows = [
        observation("a", "apps", 100, lower=90, upper=120),
        observation("a", "population", 10_000, lower=9_000, upper=12_000),
    ]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows))
    # 90 / 1.2 and 120 / 0.9
    assert numbers(figure(dataset, "density", "a")) == (100, 75, pytest.approx(133.333, abs=5e-4))


def test_notes_of_both_operands_are_kept(tmp_path: Path) -> None:
    rows = [
        observation("a", "apps", 1, note="one"),
        observation("a", "population", 10_000, note="doubtful: two"),
    ]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows))
    assert figure(dataset, "density", "a")["note"] == "one; doubtful: two"


def test_every_figure_has_one_row_per_city_in_their_order(tmp_path: Path) -> None:
    rows = [observation(code, "apps", 1) for code in "bca"]
    dataset = read_dataset(make_dataset(tmp_path, cities="cab", observations=rows))
    for frame in figures(dataset, YEAR).values():
        assert frame.columns == ["code", *FIGURE]
        assert frame["code"].to_list() == ["c", "a", "b"]


# --- Growth ----------------------------------------------------------------------------


def cagr(first: float, last: float, years: int) -> float | None:
    frame = pl.DataFrame({"first": first, "last": last, "years": years})
    expression = compound_annual_growth_rate(pl.col("first"), pl.col("last"), pl.col("years"))
    found: float | None = frame.select(pl.col("first").cast(float), growth=expression).item(
        0, "growth"
    )
    return found


def test_compound_growth_by_hand() -> None:
    assert cagr(100, 121, 2) == pytest.approx(0.1)
    assert cagr(100, 25, 2) == pytest.approx(-0.5)
    assert cagr(100, 0, 3) == -1
    # The index: 5.6106 to the power 1/8.
    assert cagr(1000, 5610.6, 8) == pytest.approx(0.2406, abs=5e-5)


@pytest.mark.parametrize(("first", "last", "years"), [(0, 5, 3), (5, 6, 0), (5, 6, -2)])
def test_compound_growth_that_has_no_meaning_is_null(first: float, last: float, years: int) -> None:
    assert cagr(first, last, years) is None


@pytest.mark.parametrize(
    ("years", "values", "expected"),
    [
        ([2013, 2014, 2015], [100.0, 110.0, 99.0], [None, 0.1, -0.1]),
        ([2013, 2015, 2016], [100.0, 110.0, 121.0], [None, None, 0.1]),  # 2014 is missing
        ([2013, 2014, 2015], [100.0, None, 121.0], [None, None, None]),
        ([2013, 2014, 2015], [0.0, 5.0, 0.0], [None, None, -1.0]),  # nothing grows from 0
        ([2013], [1.0], [None]),
    ],
)
def test_year_on_year(
    years: list[int], values: list[float | None], expected: list[float | None]
) -> None:
    frame = pl.DataFrame({"year": years, "value": values})
    found = frame.select(year_on_year(pl.col("value"), pl.col("year"))).to_series().to_list()
    assert found == [None if each is None else pytest.approx(each) for each in expected]


def test_the_index_is_known_at_its_end_points_only(published: Dataset) -> None:
    rows = series(published).filter(pl.col("measure") == "digital_economy_index")
    assert rows["year"].to_list() == [2013, 2021]
    assert rows["indexed"].to_list() == pytest.approx([100, 561.06])
    assert rows["year_on_year"].to_list() == [None, None]
    ends = growth(series(published)).row(
        by_predicate=pl.col("measure") == "digital_economy_index", named=True
    )
    assert ends["end_points_only"] is True
    assert (ends["points"], ends["first_year"], ends["last_year"]) == (2, 2013, 2021)
    assert ends["factor"] == pytest.approx(5.6106)
    assert ends["cagr"] == pytest.approx(0.2406, abs=5e-5)


def test_two_years_in_a_row_are_not_end_points_only(tmp_path: Path) -> None:
    rows = [observation("CN", "apps", 5, year=year) for year in (2019, 2020)]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows, series=["apps"]))
    assert growth(series(dataset))["end_points_only"].to_list() == [False]


def test_digital_applications_grew_to_14_7_times(published: Dataset) -> None:
    ends = growth(series(published)).row(
        by_predicate=pl.col("measure") == "digital_applications", named=True
    )
    assert (ends["first"], ends["last"]) == (5_067, 74_656)
    assert ends["factor"] == pytest.approx(14.73, abs=0.005)
    assert ends["cagr"] == pytest.approx(0.3997, abs=5e-5)


def test_a_yearly_series_has_growth_year_by_year(published: Dataset) -> None:
    rows = series(published).filter(pl.col("measure") == "invention_applications")
    assert rows["year"].to_list() == list(range(2017, 2023))
    found = rows["year_on_year"].to_list()
    assert found[0] is None
    assert found[1] == pytest.approx(0.1161, abs=5e-5)  # 1,542,002 / 1,381,594
    assert found[2] == pytest.approx(-0.0917, abs=5e-5)  # 1,400,661 / 1,542,002
    ends = growth(rows).row(0, named=True)
    assert ends["end_points_only"] is False


def test_series_come_in_the_declared_order(published: Dataset) -> None:
    found = series(published)["measure"].unique(maintain_order=True).to_list()
    assert tuple(found) == published.manifest.series


def test_a_series_that_starts_at_0_has_no_index_and_no_infinite_growth(tmp_path: Path) -> None:
    rows = [observation("CN", "apps", n, year=YEAR + n) for n in range(3)]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows, series=["apps"]))
    found = series(dataset)
    assert found["indexed"].to_list() == [None, None, None]
    assert found["year_on_year"].to_list() == [None, None, 1.0]
    ends = growth(found).row(0, named=True)
    assert (ends["factor"], ends["cagr"]) == (None, None)


def test_a_dataset_without_series_has_an_empty_trend(tmp_path: Path) -> None:
    dataset = read_dataset(make_dataset(tmp_path))
    assert series(dataset).is_empty()
    assert growth(series(dataset)).is_empty()


# --- Rounding --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("5.86", (5.855, 5.865)),
        ("11.3", (11.25, 11.35)),
        ("8.40", (8.395, 8.405)),
        ("12", (11.5, 12.5)),
    ],
)
def test_rounding_interval_by_hand(printed: str, expected: tuple[float, float]) -> None:
    assert rounding_interval(printed) == expected


@pytest.mark.parametrize("printed", ["", "about 5", "5,86", "NaN", "Infinity", "5.86 %"])
def test_rounding_interval_refuses_what_is_no_number(printed: str) -> None:
    with pytest.raises(ValueError):
        rounding_interval(printed)
