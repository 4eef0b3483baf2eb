"""Scopes: how they are written, what they mean, and ranks among the cities of one."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.dataset import Dataset, read_dataset
from citytech_data.errors import CityTechError
from citytech_data.ranking import RANK_COLUMNS, export_ranking, ranking, standings, within
from citytech_data.scope import EVERYWHERE, Scope, parse_scope, resolve
from citytech_data.vocabulary import MEASURES
from tests.helpers import YEAR, city, claim, make_dataset, observation, row_of


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("all", EVERYWHERE),
        (" ALL ", EVERYWHERE),
        ("gdp50", Scope(gdp=50)),
        ("province:guangdong", Scope(provinces=("guangdong",))),
        ("province: 广东 , zhejiang", Scope(provinces=("广东", "zhejiang"))),
        ("city:310000", Scope(cities=("310000",))),
    ],
)
def test_a_scope_is_read(text: str, scope: Scope) -> None:
    assert parse_scope(text) == scope


@pytest.mark.parametrize(
    "text",
    ["", "gdp", "gdp0", "gdp-1", "gdp٣", "gdp9999999999", "province:", "all:x", "x", "gdp5:a"],
)
def test_what_is_no_scope_is_refused_with_the_shapes_that_there_are(text: str) -> None:
    with pytest.raises(CityTechError, match=r"is no scope\. Write all, gdp50"):
        parse_scope(text)


@given(st.text())
def test_any_text_is_a_scope_or_an_error_in_one_line(text: str) -> None:
    try:
        scope = parse_scope(text)
    except CityTechError as error:
        assert "\n" not in str(error)
    else:
        assert parse_scope(scope.text) == scope


def test_provinces_and_cities_are_found_by_any_of_their_names(published: Dataset) -> None:
    cities = published.cities
    for text in ("province:GUANG dong", "province:广东", "province:广东省,guangdong"):
        assert resolve(parse_scope(text), cities) == Scope(provinces=("Guangdong",))
    assert resolve(parse_scope("city:杭州,shanghai"), cities).cities == ("330100", "310000")
    for text in ("province:guang", "province:atlantis", "city:atlantis"):
        with pytest.raises(CityTechError, match="is called"):
            resolve(parse_scope(text), cities)


@pytest.fixture
def four(tmp_path: Path) -> pl.DataFrame:
    """Four cities: a is ahead by total, d by GDP; b and c are of one province."""
    provinces = {"a": "P", "b": "Q", "c": "Q", "d": "R"}
    total = {"a": 40, "b": 30, "c": 30, "d": 10}
    gdp = {"a": 1, "b": 2, "c": 3, "d": 4}
    return standings(
        read_dataset(
            make_dataset(
                tmp_path,
                cities=[city(code, province_en=name) for code, name in provinces.items()],
                observations=[
                    *(observation(code, "apps", value) for code, value in total.items()),
                    *(observation(code, "gdp", value) for code, value in gdp.items()),
                ],
            )
        ),
        YEAR,
    )


def test_ranks_are_those_within_the_scope_beside_those_among_all(four: pl.DataFrame) -> None:
    assert within(four, EVERYWHERE).equals(four)
    scoped = within(four, Scope(provinces=("Q", "R")))
    found = {row["code"]: row for row in ranking(scoped, "total").iter_rows(named=True)}
    assert [(c, r["total_rank"], r["total_rank_all"]) for c, r in found.items()] == [
        ("c", 1, 2),
        ("b", 1, 2),
        ("d", 3, 4),
    ]
    assert [(c, r["gdp_rank"], r["gdp_rank_all"]) for c, r in found.items()] == [
        ("c", 2, 2),
        ("b", 3, 3),
        ("d", 1, 1),
    ]
    assert [row["total_rank_change"] for row in found.values()] == [1, 2, -2]
    assert export_ranking(scoped, "total").columns == [*RANK_COLUMNS, "rank_all", "gdp_rank_all"]


def test_the_largest_by_gdp(four: pl.DataFrame) -> None:
    assert sorted(within(four, Scope(gdp=2))["code"]) == ["c", "d"]
    assert within(four, Scope(gdp=9)).height == 4
    assert within(four, Scope(cities=("a", "gone")))["code"].to_list() == ["a"]


def test_a_member_of_a_top_list_is_at_worst_the_last_of_a_smaller_scope(tmp_path: Path) -> None:
    dataset = read_dataset(
        make_dataset(
            tmp_path,
            cities="abc",
            claims=[
                claim("r", "ranking", "total", "a"),
                claim("m", "member", "total", "a;b", op="top", value=20),
            ],
        )
    )
    frame = standings(dataset, YEAR)
    assert row_of(frame, "b")["total_rank_worst"] == 20
    scoped = within(frame, Scope(cities=("b", "c")))
    b, c = row_of(scoped, "b"), row_of(scoped, "c")
    assert (b["total_rank"], b["total_rank_worst"], b["total_rank_worst_all"]) == (None, 2, 20)
    assert c["total_rank_worst"] is None


def test_every_scope_keeps_the_order_among_all(published_standings: pl.DataFrame) -> None:
    for scope in (Scope(gdp=20), Scope(provinces=("Guangdong", "Zhejiang", "Jiangsu"))):
        scoped = within(published_standings, scope)
        for measure in MEASURES:
            ranked = scoped.drop_nulls(f"{measure}_rank").sort(f"{measure}_rank")
            assert ranked[f"{measure}_rank_all"].is_sorted()
            assert ranked[f"{measure}_rank"].to_list() == list(range(1, ranked.height + 1))


def test_density_per_head_of_another_population(tmp_path: Path) -> None:
    folder = make_dataset(
        tmp_path,
        cities="ab",
        observations=[
            observation("a", "apps", 100),
            observation("b", "apps", 100),
            observation("a", "density", 7),
            observation("a", "population", 10_000),
            observation("a", "registered", 5_000),
            observation("b", "registered", 20_000),
        ],
        populations=["registered"],
    )
    dataset = read_dataset(folder)
    assert dataset.manifest.populations == ("registered",)
    assert standings(dataset, YEAR)["density_value"].to_list() == [7, None]
    other = standings(dataset, YEAR, population="registered")
    assert other["density_value"].to_list() == [200, 50]
    assert other["population"].to_list() == [5_000, 20_000]
    assert other["density_rank"].to_list() == [1, 2]
    assert other["total_value"].to_list() == [100, 100]
