"""Ranks, rank differences, filters and orders on cases that were worked out by hand."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.dataset import Dataset, read_dataset
from citytech_data.errors import UnknownCityError
from citytech_data.filtering import filter_places
from citytech_data.lookup import find_city
from citytech_data.ranking import (
    RANK_COLUMNS,
    competition_rank,
    export_ranking,
    in_order,
    rank_difference,
    ranking,
    sort_places,
    standings,
)
from citytech_data.vocabulary import MEASURES
from tests.helpers import YEAR, city, claim, make_dataset, observation, row_of


def names(frame: pl.DataFrame) -> list[str]:
    return frame["city"].to_list()


def codes(frame: pl.DataFrame) -> list[str]:
    return frame["code"].to_list()


# --- Ranks -------------------------------------------------------------------------


def test_equal_values_share_the_best_rank_and_missing_ones_have_none() -> None:
    frame = pl.DataFrame({"value": [8.0, None, 10.0, 5.0, 8.0, 0.0]})
    ranks = frame.select(competition_rank(pl.col("value"))).to_series().to_list()
    assert ranks == [2, None, 1, 4, 2, 5]


def test_rank_difference_counts_the_places_won() -> None:
    frame = pl.DataFrame({"rank": [1, 4, 2, None, 3], "other": [2, 1, 2, 5, None]})
    found = frame.select(rank_difference(pl.col("rank"), pl.col("other"))).to_series().to_list()
    assert found == [1, -3, 0, None, None]


def test_ranks_of_2016_are_computed(inventions_standings: pl.DataFrame) -> None:
    assert names(ranking(inventions_standings, "total"))[:4] == [
        "Beijing",
        "Shenzhen",
        "Shanghai",
        "Chengdu",
    ]
    by_density = ranking(inventions_standings, "density")
    assert names(by_density)[:4] == ["Beijing", "Shenzhen", "Qingdao", "Nanjing"]
    assert by_density["density_rank"].to_list() == list(range(1, 20))
    shanghai = row_of(inventions_standings, "310000")
    assert (shanghai["total_rank"], shanghai["density_rank"]) == (3, 8)
    assert shanghai["total_rank_vs_density"] == 5
    assert shanghai["density_rank_vs_total"] == -5
    # This dataset has no GDP.
    assert inventions_standings["total_rank_change"].null_count() == 19


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (
            "total",
            "Beijing Shenzhen Hangzhou Shanghai Guangzhou Nanjing Chengdu Wuhan Suzhou Jinan",
        ),
        (
            "density",
            "Shenzhen Beijing Shanghai Hangzhou Nanjing Guangzhou Jinan Wuhan Hefei Suzhou "
            "Qingdao",  # a member of the top 20 follows the ranked
        ),
        (
            "proportion",
            "Shanghai Nanjing Beijing Shenzhen Hangzhou Kunming Nanning Guangzhou Changsha Jinan "
            "Wuhan Chengdu Zhengzhou Nantong Shijiazhuang",
        ),
    ],
)
def test_printed_ranks_decide_the_order_of_the_published_rankings(
    published_standings: pl.DataFrame, measure: str, expected: str
) -> None:
    found = ranking(published_standings, measure)
    assert found.height == 51
    assert names(found)[: len(expected.split())] == expected.split()
    ranks = found[f"{measure}_rank"].drop_nulls().to_list()
    assert ranks == list(range(1, len(ranks) + 1))
    rest = found[len(expected.split()) :]
    assert rest["gdp_rank"].is_sorted()
    assert rest[f"{measure}_rank_worst"].null_count() == rest.height


def test_a_member_of_a_top_list_has_a_worst_rank_only(published_standings: pl.DataFrame) -> None:
    qingdao = row_of(published_standings, "370200")
    assert (qingdao["density_rank"], qingdao["density_rank_worst"]) == (None, 20)
    assert (qingdao["total_rank"], qingdao["total_rank_worst"]) == (None, None)
    assert row_of(published_standings, "440300")["density_rank_worst"] == 1


@pytest.mark.parametrize(
    ("code", "measure", "rank", "change"),
    [
        ("110000", "total", 1, 1),
        ("310000", "total", 4, -3),
        ("330100", "total", 3, 5),
        ("370100", "density", 7, 11),
        ("440300", "density", 1, 2),
        ("310000", "proportion", 1, 0),
        ("450100", "proportion", 7, 44),
        ("370200", "density", None, None),
    ],
)
def test_rank_against_gdp(
    published_standings: pl.DataFrame,
    code: str,
    measure: str,
    rank: int | None,
    change: int | None,
) -> None:
    row = row_of(published_standings, code)
    assert (row[f"{measure}_rank"], row[f"{measure}_rank_change"]) == (rank, change)


def test_rank_against_the_other_measures(published_standings: pl.DataFrame) -> None:
    shanghai = row_of(published_standings, "310000")  # total 4, density 3, proportion 1
    assert shanghai["total_rank_vs_density"] == -1
    assert shanghai["total_rank_vs_proportion"] == -3
    assert shanghai["proportion_rank_vs_total"] == 3
    kunming = row_of(published_standings, "530100")  # ranked by proportion only
    assert kunming["proportion_rank_vs_total"] is None


def test_a_ranking_is_computed_when_every_listed_city_has_a_value(tmp_path: Path) -> None:
    rows = [observation("a", "apps", 5), observation("b", "apps", 9), observation("c", "apps", 5)]
    printed = claim("1", "ranking", "total", "a;b")
    folder = make_dataset(tmp_path, cities="abcd", observations=rows, claims=[printed])
    found = standings(read_dataset(folder), YEAR)
    assert found["total_rank"].to_list() == [2, 1, 2, None]
    assert codes(ranking(found, "total")) == ["b", "a", "c", "d"]


def test_a_ranking_is_as_printed_when_a_listed_city_has_no_value(tmp_path: Path) -> None:
    rows = [observation("a", "apps", 5), observation("b", "apps", 9), observation("c", "apps", 7)]
    claims = [
        claim("1", "ranking", "total", "a;d;b"),
        claim("2", "ranking", "total", "d;c", year=YEAR + 1),
        claim("3", "ranking", "density", "d;c"),
    ]
    folder = make_dataset(tmp_path, cities="abcd", observations=rows, claims=claims)
    dataset = read_dataset(folder)
    found = standings(dataset, YEAR)
    # c has a value, but its place among the printed ones is not known.
    assert found["total_rank"].to_list() == [1, 3, None, 2]
    assert codes(ranking(found, "total")) == ["a", "d", "b", "c"]
    # A printed ranking covers all technologies together, and its own year.
    assert standings(dataset, YEAR, "ai")["total_rank"].null_count() == 4
    assert standings(dataset, YEAR + 1)["total_rank"].to_list() == [None, None, 2, 1]


def test_years_are_those_with_something_to_rank(tmp_path: Path) -> None:
    rows = [
        observation("a", "apps", 5, year=2018),
        observation("a", "gdp", 5, year=2010),
        observation("CN", "apps", 5, year=2011),
    ]
    claims = [claim("1", "ranking", "total", "a;b", year=2021)]
    dataset = read_dataset(make_dataset(tmp_path, observations=rows, claims=claims))
    assert dataset.years == (2018, 2021)
    assert dataset.year == 2021


# --- Orders ------------------------------------------------------------------------


def with_figures() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "code": ["none", "up9", "v5", "low7", "v8", "up3", "v5 again", "none again"],
            "total_value": [None, None, 5.0, None, 8.0, None, 5.0, None],
            "total_lower": [None, None, 5.0, 7.0, 8.0, None, 5.0, None],
            "total_upper": [None, 9.0, 5.0, None, 8.0, 3.0, 5.0, None],
        }
    )


def test_values_sort_by_what_is_proven_and_missing_ones_last_in_both_directions() -> None:
    falling = codes(sort_places(with_figures(), "total_value", descending=True))
    assert falling == ["v8", "low7", "v5", "v5 again", "up9", "up3", "none", "none again"]
    rising = codes(sort_places(with_figures(), "total_value"))
    assert rising == ["v5", "v5 again", "low7", "v8", "up3", "up9", "none", "none again"]


@pytest.mark.parametrize("descending", [False, True])
def test_equal_rows_keep_their_order(descending: bool) -> None:
    frame = pl.DataFrame({"code": ["c", "a", "d", "b"], "gdp_rank": [2, None, 2, None]})
    assert codes(sort_places(frame, "gdp_rank", descending)) == ["c", "d", "a", "b"]


@pytest.mark.parametrize("descending", [False, True])
def test_ranks_sort_with_members_of_a_top_list_before_the_unranked(descending: bool) -> None:
    frame = pl.DataFrame(
        {
            "code": ["unranked", "top20", "1st", "2nd", "top10"],
            "density_rank": [None, None, 1, 2, None],
            "density_rank_worst": [None, 20, 1, 2, 10],
        }
    )
    ranked, members = ["1st", "2nd"], ["top10", "top20"]
    if descending:
        ranked.reverse()
        members.reverse()
    found = codes(sort_places(frame, "density_rank", descending))
    assert found == [*ranked, *members, "unranked"]


def test_names_sort_in_both_directions(published_standings: pl.DataFrame) -> None:
    rising = names(sort_places(published_standings, "city"))
    assert (rising[0], rising[-1]) == ("Beijing", "Zhengzhou")
    assert names(sort_places(published_standings, "city", descending=True)) == rising[::-1]


def test_unranked_cities_follow_by_bound_and_then_by_gdp(tmp_path: Path) -> None:
    rows = [
        *(observation(code, "gdp", value) for value, code in enumerate("abcde")),
        observation("b", "apps", lower=3, basis="bounded"),
        observation("a", "apps", upper=4, basis="bounded"),
        observation("c", "apps", 2),
    ]
    folder = make_dataset(tmp_path, cities="abcdef", observations=rows)
    found = ranking(standings(read_dataset(folder), YEAR), "total")
    assert codes(found) == ["c", "b", "a", "e", "d", "f"]
    assert found["total_rank"].to_list() == [1, None, None, None, None, None]


@pytest.mark.parametrize("measure", MEASURES)
def test_export_has_the_columns_of_the_command_line(
    published_standings: pl.DataFrame, measure: str
) -> None:
    exported = export_ranking(ranking(published_standings, measure), measure)
    assert tuple(exported.columns) == RANK_COLUMNS
    assert ",".join(RANK_COLUMNS) == (
        "rank,code,city,city_zh,province,value,lower,upper,basis,source,gdp_rank,rank_change"
    )
    assert exported["rank"][0] == 1
    assert exported["value"].to_list() == (
        ranking(published_standings, measure)[f"{measure}_value"].to_list()
    )


# --- Filter ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("xian", {"Xi'an", "Xiangyang"}),
        ("XI'AN", {"Xi'an", "Xiangyang"}),
        ("Xī\N{RIGHT SINGLE QUOTATION MARK}ān", {"Xi'an", "Xiangyang"}),
        ("西安", {"Xi'an"}),
        ("北京", {"Beijing"}),
        ("běi jīng", {"Beijing"}),
        ("ｂｅｉｊｉｎｇ", {"Beijing"}),
        ("guang dong", {"Shenzhen", "Guangzhou", "Foshan", "Dongguan"}),
        ("广东", {"Shenzhen", "Guangzhou", "Foshan", "Dongguan"}),
        ("guangdong shen", {"Shenzhen"}),
        ("shen GUANGDONG", {"Shenzhen"}),
        ("440300", {"Shenzhen"}),
        ("4403", {"Shenzhen"}),
        ("taizhou", {"Taizhou (Jiangsu)", "Taizhou (Zhejiang)"}),
        ("taizhou (jiangsu)", {"Taizhou (Jiangsu)"}),
        ("台州", {"Taizhou (Zhejiang)"}),
        ("beijing shenzhen", set()),
        ("京上海", set()),
        ("nowhere", set()),
    ],
)
def test_filter_finds_names_provinces_and_codes(
    published_standings: pl.DataFrame, text: str, expected: set[str]
) -> None:
    assert set(names(filter_places(published_standings, text))) == expected


@pytest.mark.parametrize("text", ["", "   ", "'", "-- (.*) [", "。", "\N{COMBINING MACRON}"])
def test_filter_without_letters_or_digits_keeps_all(
    published_standings: pl.DataFrame, text: str
) -> None:
    assert filter_places(published_standings, text).equals(published_standings)


def test_filter_is_no_pattern(published_standings: pl.DataFrame) -> None:
    assert filter_places(published_standings, "b.*g").is_empty()
    assert filter_places(published_standings, "bei|shang").is_empty()


def test_filter_keeps_the_order(published_standings: pl.DataFrame) -> None:
    rows = sort_places(published_standings, "city", descending=True)
    found = names(filter_places(rows, "zhejiang"))
    assert found == sorted(found, reverse=True)
    assert len(found) == 7


def test_accents_in_the_data_do_not_matter_either(tmp_path: Path) -> None:
    cities = [city("1", "Ürümqi"), city("2", "São Paulo"), city("3", "İzmir"), city("4", "Ōsaka")]
    found = standings(read_dataset(make_dataset(tmp_path, cities=cities)), YEAR)
    for text, code in [("urumqi", "1"), ("SAO PAULO", "2"), ("izmir", "3"), ("osaka", "4")]:
        assert codes(filter_places(found, text)) == [code]
        assert codes(filter_places(found, cities[int(code) - 1]["name_en"])) == [code]  # type: ignore[arg-type]


# --- Lookup ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("shanghai", "310000"),
        ("SHANG HAI", "310000"),
        ("310000", "310000"),
        ("上海", "310000"),
        ("上海市", "310000"),
        ("xian", "610100"),
        ("Taizhou (Zhejiang)", "331000"),
        ("taizhou jiangsu", "321200"),
        ("台州", "331000"),
    ],
)
def test_a_city_is_found_by_name_or_code(published: Dataset, text: str, code: str) -> None:
    assert find_city(published.cities, text) == code


def test_a_name_of_two_cities_is_ambiguous(published: Dataset) -> None:
    with pytest.raises(UnknownCityError, match="fits several cities") as caught:
        find_city(published.cities, "Taizhou")
    assert caught.value.suggestions == [
        "Taizhou (Jiangsu) (321200)",
        "Taizhou (Zhejiang) (331000)",
    ]


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("Shangai", "Shanghai (310000)"),
        ("hangzou", "Hangzhou (330100)"),
        ("suz", "Suzhou (320500)"),
        ("哈尔", "Harbin (230100)"),
    ],
)
def test_a_wrong_name_gets_the_nearest_names(
    published: Dataset, text: str, suggestion: str
) -> None:
    with pytest.raises(UnknownCityError, match="no city is called") as caught:
        find_city(published.cities, text)
    assert suggestion in caught.value.suggestions
    assert suggestion in str(caught.value)
    assert len(caught.value.suggestions) <= 5


@pytest.mark.parametrize("text", ["", " ", "市", "!", "\x1b]52;c;x\x07", "zzzzqqqq"])
def test_what_is_no_name_finds_no_city(tmp_path: Path, text: str) -> None:
    dataset = read_dataset(make_dataset(tmp_path, cities=[city("1", "Only")]))
    with pytest.raises(UnknownCityError) as caught:
        find_city(dataset.cities, text)
    assert str(caught.value).isprintable()


_KEYS = st.tuples(
    st.none() | st.integers(1, 3), st.none() | st.sampled_from("xy"), st.none() | st.floats(0, 1)
)


@given(st.lists(_KEYS), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_several_columns_are_sorted_as_one_key(
    rows: list[tuple[int | None, str | None, float | None]], down: tuple[bool, bool, bool]
) -> None:
    schema = {"a": pl.Int64, "b": pl.String, "c": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_row_index("at")
    order = in_order(frame, frame["at"], [*zip(schema, down, strict=True)])
    expected = frame.sort([*schema], descending=down, nulls_last=True, maintain_order=True)
    assert order.to_list() == expected["at"].to_list()
