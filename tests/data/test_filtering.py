"""The filter language: what it keeps, what it refuses and where, and that it never fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citytech_data.dataset import open_dataset, read_dataset
from citytech_data.filtering import (
    FIELDS,
    FLAGS,
    NUMBER_FIELDS,
    FilterError,
    completed,
    filter_places,
    parse_filter,
)
from citytech_data.proven import proven_standings
from citytech_data.ranking import standings
from citytech_data.text import search_key
from citytech_data.vocabulary import MEASURES
from tests.helpers import YEAR, city, make_dataset, observation


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return proven_standings(open_dataset(), 2021)


@pytest.fixture
def five(tmp_path: Path) -> pl.DataFrame:
    """a 10, b 20 (printed), c at least 15, d at most 12, e nothing."""
    cities: list[Any] = [
        city("a", "Xi'an", name_zh="西安", province_en="Shaanxi", province_zh="陕西省"),
        city("b", "New York", province_en="East Side"),
        city("c", "Conflict Town"),
        city("d", "density"),
        "e",
    ]
    observations = [
        observation("a", "apps", 10, note="doubtful: why"),
        observation("b", "apps", 20, basis="printed"),
        observation("c", "apps", lower=15, basis="bounded"),
        observation("d", "apps", upper=12, basis="bounded"),
        observation("a", "gdp", 2e12),
        observation("b", "gdp", 1_500),
    ]
    return standings(
        read_dataset(make_dataset(tmp_path, cities=cities, observations=observations)), YEAR
    )


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", "abcde"),
        ("   ", "abcde"),
        ("xian", "a"),
        ("XI'AN 西", "a"),
        ('"new york"', "b"),
        ("new york", "b"),
        ("york new", "b"),
        ('"york new"', ""),
        ("!york", "acde"),
        ("！york", "acde"),
        ("! ", "abcde"),
        ('"', "abcde"),
        ("density", "d"),
        ('"conflict"', "c"),
        ("total>10", "bc"),
        ("total > 10", "bc"),
        ("total>=10", "abc"),
        ("total≥10", "abc"),
        ("total<15", "ad"),
        ("total<=12", "ad"),
        ("total=10", "a"),
        ("total==10", "a"),
        ("total!=10", "bc"),
        ("total:10..20", "ab"),
        ("total:..12", "ad"),
        ("total:15..", "bc"),
        ("total:10,20", "ab"),
        ("total:1,000", ""),
        ("!total>10", "ade"),
        ("value>10", "bc"),
        ("gdp>1k", "ab"),
        ("gdp>1.5k", "a"),
        ("gdp:1,500", "b"),
        ("gdp>=2000bn", "a"),
        ("gdp≥2万亿", None),
        ("gdp>1亿", "a"),
        ("gdp_rank<=1", "a"),
        ("rank:1", "b"),
        ("basis:printed", "b"),
        ("basis:pri,miss", "be"),
        ("basis!=bounded", "abe"),
        ("!basis:bounded", "abe"),
        ("province:shaanxi", "a"),
        ("province:陕西", "a"),
        ("province：陕西", "a"),
        ('province:"east side"', "b"),
        ("PROVINCE:eastside", "b"),
        ("province: east", "b"),
        ("!province:east", "acde"),
        ("city:york,xian", "ab"),
        ("code:e", "e"),
        ("source:s", "abcd"),
        ("doubtful", "a"),
        ("!doubtful", "bcde"),
        ("!conflict", "abcde"),
        ("xian total>100", ""),
    ],
)
def test_it_keeps_what_fits(five: pl.DataFrame, text: str, codes: str | None) -> None:
    if codes is None:
        with pytest.raises(FilterError):
            filter_places(five, text)
        return
    assert "".join(filter_places(five, text)["code"]) == codes


def test_the_measure_decides_what_basis_rank_and_flags_are_about(frame: pl.DataFrame) -> None:
    for measure in MEASURES:
        printed = frame.filter(frame[f"{measure}_basis"] == "printed")
        assert filter_places(frame, "basis:printed", measure).equals(printed)
        best = frame.filter(frame[f"{measure}_rank"] <= 3)
        assert filter_places(frame, "rank<=3", measure).equals(best)
        disputed = frame.filter(frame[f"{measure}_disputed"])
        assert filter_places(frame, "conflict", measure).equals(disputed)
    example = filter_places(
        frame, "province:guangdong density>2 basis:printed !conflict", "density"
    )
    assert example["city"].to_list() == ["Shenzhen"]


@pytest.mark.parametrize(
    ("text", "wrong", "problem"),
    [
        ("guang densty>2", "densty", "no field is called 'densty'; did you mean density?"),
        ("zzzz:1", "zzzz", "there are city, province"),
        ("a density>", "density>", "density needs a number after >"),
        ("density>x y", "x", "'x' is no number"),
        ("density:1..x", "x", "'x' is no number"),
        ("total:5,abc", "abc", "'abc' is no number"),
        ("basis:counted,foo", "foo", "no basis is called 'foo'; there are counted"),
        ("!province:", "province:", "province needs a text"),
        ("city>a", "city>a", "city is a text: write city:a"),
    ],
)
def test_an_error_points_at_the_word(text: str, wrong: str, problem: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert text[caught.value.start : caught.value.end] == wrong
    assert problem in caught.value.problem
    assert f"character {caught.value.start + 1}: " in str(caught.value)


_WORDS = st.sampled_from(
    [*FIELDS, *FLAGS, *"!:<>=,\"' .", "..", ">=", "1", "2.5", "1e9", "k", "广东", "guang", "basis:"]
)


@settings(max_examples=300)
@given(st.one_of(st.text(), st.lists(_WORDS).map("".join)), st.sampled_from(MEASURES))
def test_whatever_is_typed_is_a_filter_or_an_error_within_the_text(text: str, measure: str) -> None:
    everyone = _world()
    try:
        kept = filter_places(everyone, text, measure)
    except FilterError as error:
        assert 0 <= error.start <= error.end <= len(text)
        assert "\n" not in str(error)
    else:
        assert set(kept["code"]) <= set(everyone["code"])
    completed(text, {"city": ["Xi'an", "New York"], "province": ["Guangdong"]})


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1), max_size=4))
def test_plain_words_keep_their_meaning(words: list[str]) -> None:
    everyone = _world()
    keys = [search_key(word) for word in words]
    plain = [row["code"] for row in everyone.iter_rows(named=True) if _has(row, keys)]
    if not any(word.lower() in FLAGS for word in words):
        assert filter_places(everyone, " ".join(words))["code"].to_list() == plain


@given(st.sampled_from([*NUMBER_FIELDS]), st.floats(0, 1e13), st.sampled_from(["<", ">"]))
def test_a_number_is_below_or_above_but_never_both(field: str, number: float, sign: str) -> None:
    everyone = _world()
    other = {"<": ">=", ">": "<="}[sign]
    one = set(filter_places(everyone, f"{field}{sign}{number!r}")["code"])
    both = one & set(filter_places(everyone, f"{field}{other}{number!r}")["code"])
    assert not both
    rest = set(filter_places(everyone, f"!{field}{sign}{number!r}")["code"])
    assert one | rest == set(everyone["code"])
    assert not one & rest


_WORLDS: list[pl.DataFrame] = []


def _world() -> pl.DataFrame:
    if not _WORLDS:
        _WORLDS.append(proven_standings(open_dataset(), 2021))
    return _WORLDS[0]


def _has(row: dict[str, Any], keys: list[str]) -> bool:
    names = ("city", "city_zh", "province", "province_zh", "code")
    searched = [search_key(row[name] or "") for name in names]
    return all(any(key in name for name in searched) for key in keys)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prov", "province:"),
        ("x province:guang", "x province:guangdong"),
        ("province:Guangdong,in", "province:Guangdong,innerMongolia"),
        ("dens", "density>"),
        ("basis:pr", "basis:printed"),
        ("!dou", "!doubtful"),
        ("dou", None),
        ("xi'", "xi'an"),
        ("new", "newYork"),
        ("Xi'an", None),
        ("", None),
        ("xi ", None),
        ('"new', None),
        ("province:", None),
        ("nothing:x", None),
    ],
)
def test_names_are_completed(text: str, expected: str | None) -> None:
    names = {"city": ["Xi'an", "New York"], "province": ["Guangdong", "Inner Mongolia"]}
    found = completed(text, names)
    assert found == expected
    if found is not None and not found.endswith((":", ">")):
        parse_filter(found)
