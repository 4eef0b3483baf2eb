"""The embedded datasets: valid, complete in what they promise, and exactly as printed."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from frictionless import Package

from citytech_data.catalogue import embedded_folder, embedded_manifest, embedded_names
from citytech_data.dataset import Dataset, open_dataset
from citytech_data.manifest import PACKAGE_FILE
from citytech_data.schema import TABLES, Table
from citytech_data.vocabulary import ALL, TECHNOLOGIES
from tests.helpers import row_of

ARTICLE = "article-2023"
each_dataset = pytest.mark.parametrize("name", embedded_names())
CHINESE = ("published", "china-inventions-2016")
each_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


def resource(name: str, table: str) -> dict[str, Any]:
    package = json.loads((embedded_folder(name) / PACKAGE_FILE).read_text(encoding="utf-8"))
    (found,) = (each for each in package["resources"] if each["name"] == table)
    return dict(found)


def figures_of(dataset: Dataset, place: str, measure: str) -> dict[tuple[int, str], float | None]:
    rows = dataset.observations.filter(
        (pl.col("place") == place) & (pl.col("measure") == measure)
    ).select("year", "source", "value")
    return {(year, source): value for year, source, value in rows.iter_rows()}


# --- The package ---------------------------------------------------------------


@each_dataset
def test_is_a_valid_frictionless_package(name: str) -> None:
    report = Package(str(embedded_folder(name) / PACKAGE_FILE)).validate()
    assert report.flatten(["rowNumber", "fieldName", "message"]) == []
    assert report.valid
    assert [task.name for task in report.tasks] == [table.name for table in TABLES]


@each_table
@each_dataset
def test_table_schema_agrees_with_the_core(name: str, table: Table) -> None:
    schema = resource(name, table.name)["schema"]
    fields = {field["name"]: field for field in schema["fields"]}
    assert list(fields)[: len(table.columns)] == list(table.column_names)
    assert tuple(schema.get("primaryKey", ())) == table.key
    for column in table.columns:
        field = fields[column.name]
        constraints = field.get("constraints", {})
        assert field["type"] == column.type, column.name
        # The package may demand more than the core, never less.
        assert constraints.get("required", False) or not column.required, column.name
        if column.one_of:
            assert constraints.get("enum") == list(column.one_of), column.name
        elif column.name == "technology":
            assert set(constraints["enum"]) == {*TECHNOLOGIES, ALL}


@each_table
@each_dataset
def test_file_has_the_columns_of_its_schema(name: str, table: Table) -> None:
    declared = resource(name, table.name)
    frame: pl.DataFrame = getattr(open_dataset(name), table.name)
    assert frame.columns == [field["name"] for field in declared["schema"]["fields"]]


@each_dataset
def test_manifest_can_be_read_without_the_tables(name: str) -> None:
    manifest = embedded_manifest(name)
    assert manifest == open_dataset(name).manifest
    assert manifest.name == name


@each_dataset
def test_every_source_is_used_and_every_used_source_exists(name: str) -> None:
    dataset = open_dataset(name)
    tables = (dataset.observations, dataset.claims, dataset.notes)
    used = {source for table in tables for source in table["source"]}
    used |= set(dataset.observations["confirmed_by"].drop_nulls())
    assert used == set(dataset.sources["id"])


@each_dataset
def test_every_observation_names_a_source_that_can_be_read(name: str) -> None:
    dataset = open_dataset(name)
    assert dataset.observations["source"].null_count() == 0
    assert dataset.sources["url"].str.contains("^https?://").all()
    assert dataset.sources["publisher"].null_count() == 0


@each_dataset
def test_every_preferred_source_exists(name: str) -> None:
    dataset = open_dataset(name)
    assert set(dataset.manifest.preference) <= set(dataset.sources["id"])
    assert len(set(dataset.manifest.preference)) == len(dataset.manifest.preference)


@each_dataset
def test_every_measure_has_a_label_with_the_unit_of_its_figures(name: str) -> None:
    dataset = open_dataset(name)
    pairs = dataset.observations.select("measure", "unit").unique()
    declared = dataset.manifest.measures
    assert {(m, declared[m].unit) for m in pairs["measure"]} == set(pairs.iter_rows())
    assert set(dataset.manifest.series) <= set(pairs["measure"])


@each_dataset
def test_no_figure_is_from_memory(name: str) -> None:
    dataset = open_dataset(name)
    for table in TABLES:
        texts = getattr(dataset, table.name).select(pl.col(pl.String))
        for column in texts.iter_columns():
            assert not column.str.to_lowercase().str.contains("memory").any(), column.name


@pytest.mark.parametrize("name", CHINESE)
def test_cities_have_codes_both_names_and_coordinates_in_china(name: str) -> None:
    cities = open_dataset(name).cities
    assert cities["code"].is_unique().all()
    assert cities["code"].str.contains("^[1-6][0-9]{5}$").all()
    assert cities["name_en"].is_unique().all()
    assert cities["name_zh"].is_unique().all()
    assert cities["name_zh"].str.contains(r"^\p{Han}+$").all()
    assert cities["province_zh"].str.contains(r"^\p{Han}+$").all()
    assert cities["lat"].is_between(18, 54).all()
    assert cities["lon"].is_between(73, 135).all()


def test_a_city_has_the_same_code_and_place_in_both_datasets(
    published: Dataset, inventions: Dataset
) -> None:
    both = published.cities.join(inventions.cities, on="code", suffix="_2016")
    assert both.height == 19
    for column in published.cities.columns[1:]:
        assert (both[column] == both[f"{column}_2016"]).all(), column


# --- published -------------------------------------------------------------------


def test_published_has_51_cities(published: Dataset) -> None:
    assert published.cities.height == 51


@pytest.mark.parametrize(
    ("place", "measure", "year", "expected"),
    [
        ("440300", "population", 2021, ("population-panel", 17_681_600)),
        ("440300", "population", 2021, (ARTICLE, 17_560_000)),
        ("310000", "population", 2021, ("population-panel", 24_894_300)),
        ("230100", "population", 2021, ("harbin-bulletin-2021", 9_885_000)),
        ("310000", "gdp", 2021, ("gdp-panel", 4_321_485_000_000)),
        ("110000", "gdp", 2021, ("gdp-panel", 4_026_960_000_000)),
        ("140100", "gdp", 2021, ("gdp-panel", 512_161_000_000)),
        ("450100", "gdp", 2021, ("gdp-panel", 512_094_000_000)),
        ("310000", "gdp_later_revision", 2021, ("gdp-revised-cities", 4_703_226_000_000)),
        ("110000", "urbanization", 2021, ("beijing-chongqing-2021", 87.5)),
        ("CN", "digital_applications", 2013, (ARTICLE, 5_067)),
        ("CN", "digital_applications", 2021, (ARTICLE, 74_656)),
        ("CN", "digital_economy_index", 2013, ("index-2022-edition", 1_000)),
        ("CN", "digital_economy_index", 2021, ("index-2022-edition", 5_610.6)),
        ("CN", "sub_index_digital_industrialization", 2021, ("index-2022-sub-indices", 3_905.43)),
        ("CN", "sub_index_industry_digitalization", 2021, ("index-2022-sub-indices", 1_350.37)),
        ("CN", "sub_index_digital_infrastructure", 2021, ("index-2022-sub-indices", 11_597.78)),
        ("CN", "sub_index_digital_technology", 2021, ("index-2022-sub-indices", 9_628.58)),
        ("CN", "sub_index_digital_talent", 2021, ("index-2022-sub-indices", 6_440.46)),
        ("CN", "invention_applications", 2021, ("cnipa-2022-a2", 1_585_663)),
        ("CN", "utility_model_applications", 2021, ("cnipa-2022-a2", 2_852_219)),
        ("CN", "design_applications", 2021, ("cnipa-2022-a2", 805_710)),
    ],
)
def test_figure_is_as_its_source_prints_it(
    published: Dataset, place: str, measure: str, year: int, expected: tuple[str, float]
) -> None:
    source, value = expected
    assert figures_of(published, place, measure)[year, source] == value


@pytest.mark.parametrize(
    ("measure", "names"),
    [
        (
            "total",
            "Beijing Shenzhen Hangzhou Shanghai Guangzhou Nanjing Chengdu Wuhan Suzhou Jinan",
        ),
        (
            "density",
            "Shenzhen Beijing Shanghai Hangzhou Nanjing Guangzhou Jinan Wuhan Hefei Suzhou",
        ),
        (
            "proportion",
            "Shanghai Nanjing Beijing Shenzhen Hangzhou Kunming Nanning Guangzhou Changsha Jinan "
            "Wuhan Chengdu Zhengzhou",
        ),
    ],
)
def test_ranking_claim_has_the_order_of_the_article(
    published: Dataset, measure: str, names: str
) -> None:
    claim = published.claims.row(
        by_predicate=(pl.col("kind") == "ranking") & (pl.col("measure") == measure), named=True
    )
    name_of = dict(published.cities.select("code", "name_en").iter_rows())
    assert [name_of[code] for code in claim["places"].split(";")] == names.split()
    assert (claim["year"], claim["source"]) == (2021, ARTICLE)


def test_bounds_and_memberships_are_those_of_the_article(published: Dataset) -> None:
    others = published.claims.filter(pl.col("kind") != "ranking")
    found = others.select("measure", "places", "op", "value", "source").rows()
    assert sorted(found) == [
        ("density", "370200", "top", 20, ARTICLE),  # Qingdao
        ("proportion", "130100", "top", 20, ARTICLE),  # Shijiazhuang
        ("proportion", "320600", "top", 20, ARTICLE),  # Nantong
        ("total", "110000", ">", 10_000, ARTICLE),  # Beijing
        ("total", "440300", ">", 10_000, ARTICLE),  # Shenzhen
    ]


def test_only_the_four_printed_city_values_are_stored(published: Dataset) -> None:
    measures = ["density", "proportion", "total", "digital_applications", "applications"]
    rows = published.observations.filter(
        pl.col("measure").is_in(measures) & (pl.col("place") != "CN")
    )
    found = rows.select("place", "measure", "value", "lower", "upper", "basis", "source").rows()
    assert sorted(found) == [
        ("310000", "density", 3.58, 3.575, 3.585, "printed", ARTICLE),
        ("310000", "proportion", 11.3, 11.25, 11.35, "printed", ARTICLE),
        ("320100", "proportion", 8.4, 8.35, 8.45, "printed", ARTICLE),
        ("440300", "density", 5.86, 5.855, 5.865, "printed", ARTICLE),
    ]


@pytest.mark.parametrize("measure", ["digital_applications", "digital_economy_index"])
def test_nothing_between_the_end_points_is_filled_in(published: Dataset, measure: str) -> None:
    assert [year for year, _ in figures_of(published, "CN", measure)] == [2013, 2021]


def test_national_applications_by_kind_run_from_2017_to_2022(published: Dataset) -> None:
    for kind in ("invention", "utility_model", "design"):
        for suffix in ("", "_domestic"):
            found = figures_of(published, "CN", f"{kind}_applications{suffix}")
            assert list(found) == [(year, "cnipa-2022-a2") for year in range(2017, 2023)]


def test_gdp_ranks_run_from_shanghai_to_nanning(published_standings: pl.DataFrame) -> None:
    by_rank = published_standings.sort("gdp_rank")
    assert by_rank["gdp_rank"].to_list() == list(range(1, 52))
    assert by_rank["city"].to_list()[:5] == [
        "Shanghai",
        "Beijing",
        "Shenzhen",
        "Guangzhou",
        "Chongqing",
    ]
    assert by_rank["city"].to_list()[-2:] == ["Taiyuan", "Nanning"]


def test_every_city_has_a_population_and_the_best_known_one_is_preferred(
    published_standings: pl.DataFrame,
) -> None:
    assert published_standings["population"].null_count() == 0
    assert row_of(published_standings, "440300")["population"] == 17_681_600
    assert row_of(published_standings, "230100")["population"] == 9_885_000


@pytest.mark.parametrize(
    "code", ["110000", "440300", "310000", "330100", "370200", "320100", "320600", "130100"]
)
def test_facts_of_the_article_stand_as_notes_in_both_languages(
    published: Dataset, code: str
) -> None:
    notes = published.notes.filter((pl.col("place") == code) & (pl.col("source") == ARTICLE))
    assert notes.height >= 1
    assert notes["text_zh"].str.contains(r"\p{Han}").all()
    assert notes["text_en"].str.len_chars().min() >= 20  # type: ignore[operator]


@each_dataset
def test_quotes_have_at_most_twelve_words(name: str) -> None:
    quotes = open_dataset(name).claims["quote"].drop_nulls()
    assert all(len(quote.split()) <= 12 for quote in quotes)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "published",
            {("230100", "population"), ("440300", "share_aged_65_plus"), ("610100", "population")},
        ),
        ("china-inventions-2016", {("220100", "population"), ("230100", "population")}),
    ],
)
def test_doubtful_figures_are_marked_as_the_schema_says(
    name: str, expected: set[tuple[str, str]]
) -> None:
    rows = open_dataset(name).observations.filter(pl.col("note").str.starts_with("doubtful"))
    assert set(rows.select("place", "measure").iter_rows()) == expected


# --- china-inventions-2016 ---------------------------------------------------------


def test_inventions_has_19_cities_with_complete_figures(
    inventions: Dataset, inventions_standings: pl.DataFrame
) -> None:
    assert inventions.cities.height == 19
    assert inventions.observations.height == 2 * 19 + 1
    for measure in ("total", "density", "proportion"):
        assert inventions_standings[f"{measure}_value"].null_count() == 0
        assert sorted(inventions_standings[f"{measure}_rank"]) == list(range(1, 20))


@pytest.mark.parametrize(
    ("place", "measure", "source", "value"),
    [
        ("110000", "invention_applications_domestic", "cnipa-2016-12", 104_643),
        ("440300", "invention_applications_domestic", "cnipa-2016-12", 56_326),
        ("310000", "invention_applications_domestic", "cnipa-2016-12", 54_339),
        ("CN", "invention_applications_domestic", "cnipa-2016-12", 1_204_981),
        ("110000", "population", "population-panel", 21_954_000),
        ("440300", "population", "population-panel", 14_953_500),
        ("220100", "population", "population-panel", 8_483_640),
        ("230100", "population", "population-panel", 9_620_520),
    ],
)
def test_inventions_figure_is_as_its_source_prints_it(
    inventions: Dataset, place: str, measure: str, source: str, value: float
) -> None:
    assert figures_of(inventions, place, measure) == {(2016, source): value}


def test_the_19_cities_have_less_than_the_country(inventions_standings: pl.DataFrame) -> None:
    assert inventions_standings["total_value"].sum() < 1_204_981
    assert inventions_standings["proportion_value"].sum() < 100


def test_doubt_about_harbin_and_changchun_reaches_their_density_only(
    inventions: Dataset, inventions_standings: pl.DataFrame
) -> None:
    doubtful = inventions_standings.filter(pl.col("density_note").str.starts_with("doubtful"))
    assert set(doubtful["city"]) == {"Harbin", "Changchun"}
    assert inventions_standings["total_note"].drop_nulls().is_empty()
    explained = inventions.notes.filter(pl.col("topic") == "doubt")["place"].to_list()
    assert {"220100", "230100"} <= set(explained)
