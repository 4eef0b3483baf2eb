"""What must hold for any data: ranks, intervals, orders, clean text, and the way to disk and back.

Hypothesis looks for the smallest data for which it does not.
"""

from __future__ import annotations

import re
import sys
import tempfile
import unicodedata
from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from citytech_data.dataset import read_dataset, write_dataset
from citytech_data.errors import DatasetError
from citytech_data.filtering import filter_places
from citytech_data.intervals import Interval, rounding_interval
from citytech_data.measures import density, proportion, total_from_density, total_from_proportion
from citytech_data.ranking import (
    competition_rank,
    rank_difference,
    ranking,
    sort_places,
    standings,
)
from citytech_data.schema import TABLES
from citytech_data.text import clean, search_key
from citytech_data.vocabulary import MEASURES
from tests.helpers import YEAR, city, claim, make_dataset, observation

amounts = st.floats(0, 1e15, allow_nan=False)
maybe_amounts = st.none() | amounts | st.integers(0, 3).map(float)  # few integers: many ties
columns = st.lists(maybe_amounts, max_size=30)
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
BIDI_MARKS = {"\u061c", "\u200e", "\u200f"}


# --- Ranks -------------------------------------------------------------------------


def ranks_of(values: list[float | None]) -> list[int | None]:
    frame = pl.DataFrame({"value": values}, schema={"value": pl.Float64})
    return frame.select(competition_rank(pl.col("value"))).to_series().to_list()


@given(columns)
def test_a_rank_is_the_number_of_better_values_plus_one(values: list[float | None]) -> None:
    known = [value for value in values if value is not None]
    expected = [
        None if value is None else sum(other > value for other in known) + 1 for value in values
    ]
    assert ranks_of(values) == expected


@given(columns)
def test_a_better_value_never_has_a_worse_rank(values: list[float | None]) -> None:
    pairs = [
        (value, rank)
        for value, rank in zip(values, ranks_of(values), strict=True)
        if value is not None and rank is not None
    ]
    for value, rank in pairs:
        for other, other_rank in pairs:
            assert (value > other) == (rank < other_rank)


@given(columns.flatmap(lambda values: st.tuples(st.just(values), st.permutations(values))))
def test_the_order_of_the_rows_does_not_change_the_ranks(
    lists: tuple[list[float | None], list[float | None]],
) -> None:
    first, second = (Counter(zip(each, ranks_of(each), strict=True)) for each in lists)
    assert first == second


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 60)), min_size=1))
def test_rank_difference_is_the_opposite_of_the_reverse_one(ranks: list[tuple[int, int]]) -> None:
    frame = pl.DataFrame(ranks, schema=["a", "b"], orient="row")
    a, b = pl.col("a"), pl.col("b")
    found = frame.select(rank_difference(a, b) + rank_difference(b, a)).to_series()
    assert found.to_list() == [0] * len(ranks)


# --- Intervals ---------------------------------------------------------------------


@st.composite
def intervals(draw: st.DrawFn, minimum: float = 0) -> tuple[float, float, float, float]:
    """A lower bound, value and upper bound, and another member of the interval."""
    lower, value, upper = sorted(draw(st.lists(st.floats(minimum, 1e12), min_size=3, max_size=3)))
    return lower, value, upper, draw(st.floats(lower, upper))


def evaluate(interval: Interval, left: Any, right: Any) -> dict[str, Any]:
    frame = pl.DataFrame(
        {"lower": left[0], "value": left[1], "upper": left[2]}
        | {"lower_right": right[0], "value_right": right[1], "upper_right": right[2]},
        schema_overrides=dict.fromkeys(
            [f"{name}{side}" for name in ("lower", "value", "upper") for side in ("", "_right")],
            pl.Float64,
        ),
    )
    return frame.select(lower=interval.lower, value=interval.value, upper=interval.upper).row(
        0, named=True
    )


LEFT, RIGHT = Interval.of(), Interval.of("_right")


@given(intervals(), intervals())
def test_a_product_contains_the_products_of_all_members(left: Any, right: Any) -> None:
    found = evaluate(LEFT * RIGHT, left, right)
    assert found["lower"] <= left[3] * right[3] <= found["upper"]
    assert found["lower"] <= found["value"] <= found["upper"]


@given(intervals(), intervals(minimum=1e-6))
def test_a_quotient_contains_the_quotients_of_all_members(left: Any, right: Any) -> None:
    found = evaluate(LEFT / RIGHT, left, right)
    assert found["lower"] <= left[3] / right[3] <= found["upper"]
    assert found["lower"] <= found["value"] <= found["upper"]


@given(intervals(minimum=1), intervals(minimum=1))
def test_a_ratio_and_its_inverse_lead_back_to_an_interval_around_the_total(
    total: Any, people: Any
) -> None:
    for ratio, back in ((density, total_from_density), (proportion, total_from_proportion)):
        found = evaluate(back(ratio(LEFT, RIGHT), RIGHT), total, people)
        slack = 1 + 1e-12
        assert found["lower"] <= total[0] * slack
        assert total[2] <= found["upper"] * slack
        assert abs(found["value"] - total[1]) <= total[1] * 1e-12


@given(intervals(), st.floats(0, 1e12))
def test_a_divisor_that_may_be_0_bounds_nothing_above(left: Any, upper: float) -> None:
    found = evaluate(LEFT / RIGHT, left, (0.0, None, upper))
    assert found["upper"] is None
    assert found["value"] is None
    assert (found["lower"] is None) == (upper == 0)


@given(intervals(), intervals(minimum=1))
def test_an_unknown_bound_leaves_open_only_what_depends_on_it(left: Any, right: Any) -> None:
    found = evaluate(LEFT * RIGHT, (None, None, left[2]), right)
    assert found == {"lower": None, "value": None, "upper": left[2] * right[2]}
    found = evaluate(LEFT / RIGHT, left, (right[0], None, None))
    assert found == {"lower": None, "value": None, "upper": left[2] / right[0]}


@given(st.floats(0, 1e12))
def test_an_exact_value_is_its_own_interval(value: float) -> None:
    found = evaluate(LEFT, (None, value, None), (None, None, None))
    assert found == {"lower": value, "value": value, "upper": value}


@given(
    st.decimals(0, 10**6, places=2) | st.integers(0, 10**6).map(Decimal),
    st.integers(-3000, 3000).filter(lambda n: abs(n) != 1000),
)
def test_a_rounding_interval_contains_exactly_what_rounds_there(
    printed: Decimal, thousandths: int
) -> None:
    lower, upper = rounding_interval(str(printed))
    unit = Decimal(1).scaleb(int(printed.as_tuple().exponent))
    value = printed + unit / 2 * thousandths / 1000
    rounded = value.quantize(unit, ROUND_HALF_EVEN)
    assert (lower < value < upper) == (rounded == printed)


# --- Orders ------------------------------------------------------------------------


@st.composite
def rankings(draw: st.DrawFn) -> pl.DataFrame:
    """Standings of one measure with values, bounds or nothing, partly ranked."""
    rows = draw(
        st.lists(
            st.tuples(maybe_amounts, maybe_amounts, maybe_amounts, st.none() | st.integers(1, 9)),
            max_size=20,
        )
    )
    data = [
        (
            str(number),
            value,
            value if value is not None else lower,
            value if value is not None else upper,
            rank,
            rank,
            number % 7 or None,
        )
        for number, (value, lower, upper, rank) in enumerate(rows)
    ]
    schema: dict[str, Any] = {"code": pl.String}
    schema |= {f"total_{name}": pl.Float64 for name in ("value", "lower", "upper")}
    schema |= {"total_rank": pl.Int64, "total_rank_worst": pl.Int64, "gdp_rank": pl.Int64}
    return pl.DataFrame(data, schema=schema, orient="row")


@given(rankings(), st.sampled_from(["gdp_rank", "total_rank", "total_upper"]), st.booleans())
def test_sorting_keeps_every_row_and_puts_missing_values_last(
    frame: pl.DataFrame, column: str, descending: bool
) -> None:
    found = sort_places(frame, column, descending)
    assert found.sort("code").equals(frame.sort("code"))
    known = found[column].drop_nulls()
    assert found[column].to_list() == [*known, *[None] * (frame.height - len(known))]
    assert known.is_sorted(descending=descending)


@given(rankings(), st.booleans())
def test_sorting_values_goes_by_what_is_proven_then_by_the_upper_bound(
    frame: pl.DataFrame, descending: bool
) -> None:
    found = sort_places(frame, "total_value", descending)
    assert Counter(found["code"]) == Counter(frame["code"])
    proven = found["total_lower"].drop_nulls()
    assert proven.is_sorted(descending=descending)
    rest = found[len(proven) :]
    assert rest["total_lower"].null_count() == rest.height
    upper = rest["total_upper"].drop_nulls()
    assert upper.is_sorted(descending=descending)
    assert rest["total_upper"][: len(upper)].null_count() == 0


@given(rankings(), st.sampled_from(["gdp_rank", "total_value", "total_rank"]), st.booleans())
def test_sorting_twice_changes_nothing(frame: pl.DataFrame, column: str, descending: bool) -> None:
    once = sort_places(frame, column, descending)
    assert sort_places(once, column, descending).equals(once)


@given(rankings(), st.randoms(use_true_random=False))
def test_a_ranking_does_not_depend_on_the_order_of_the_rows(
    frame: pl.DataFrame, random: Any
) -> None:
    order = list(range(frame.height))
    random.shuffle(order)
    assert ranking(frame[order], "total").equals(ranking(frame, "total"))


# --- Text --------------------------------------------------------------------------

any_text = st.text(
    st.characters() | st.sampled_from("\t\n\r\x00\x1b\x7f\x85\x9b\u2028\u202e\ufeff")
)


def dangerous(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or unicodedata.bidirectional(character) in BIDI
        or character in BIDI_MARKS
    )


def test_no_control_or_bidi_character_of_all_unicode_survives_cleaning() -> None:
    all_of_them = [chr(n) for n in range(sys.maxunicode + 1) if dangerous(chr(n))]
    assert {"\x1b", "\x9b", "\u2028", "\u202a", "\u202e", "\u2069", "\ud800"} < set(all_of_them)
    assert [each for each in all_of_them if any(map(dangerous, clean(each)))] == []


@given(any_text)
def test_clean_text_is_one_harmless_line(text: str) -> None:
    found = clean(text)
    assert not any(map(dangerous, found))
    assert len(found.splitlines()) <= 1


@given(any_text)
def test_cleaning_twice_changes_nothing_and_never_lengthens(text: str) -> None:
    found = clean(text)
    assert clean(found) == found
    assert len(found) <= len(text)


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S"])))
def test_cleaning_keeps_ordinary_text(text: str) -> None:
    assert clean(text) == text


@given(any_text)
def test_a_search_key_does_not_depend_on_case_spaces_or_composition(text: str) -> None:
    key = search_key(text)
    assert re.search(r"[\W_]", key) is None
    for other in (
        f" {text} ",
        "-".join(["", text, ""]),
        unicodedata.normalize("NFD", text),
        unicodedata.normalize("NFC", text),
    ):
        assert search_key(other) == key


# --- To disk and back ----------------------------------------------------------------

odd = st.text(
    st.characters(exclude_categories=["Cs"])
    | st.sampled_from("\",;\n\r\t\\'\0 \x1b\u202e北京市[/]=@#")
)
odd_names = odd.map(lambda text: f"N{text}")
numbers = st.none() | st.floats(0, allow_nan=False, allow_infinity=False) | st.integers(0, 10**15)


@st.composite
def made(draw: st.DrawFn) -> dict[str, Any]:
    """The arguments of `make_dataset` for a dataset with odd names and figures."""
    rows = draw(st.lists(st.tuples(odd_names, odd, odd, numbers, numbers), min_size=1, max_size=6))
    cities = []
    observations = []
    for number, (name, name_zh, note, count, people) in enumerate(rows):
        code = str(number)
        cities.append(city(code, name, name_zh=name_zh, extra=note))
        for measure, value in (("apps", count), ("population", people)):
            basis = "missing" if value is None else "counted"
            observations.append(observation(code, measure, value, basis=basis, note=note))
    return {
        "cities": cities,
        "observations": observations,
        "notes": [
            {"place": "0", "topic": "t", "text_en": name, "text_zh": name_zh, "source": "s"}
            for name, name_zh, *_ in rows
        ],
        "country": draw(odd_names),
    }


@settings(max_examples=20)
@given(made())
def test_a_written_dataset_opens_as_the_same_dataset(arguments: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        first = read_dataset(make_dataset(Path(name), **arguments))
        write_dataset(first, Path(name) / "written")
        second = read_dataset(Path(name) / "written")
    assert second.manifest == first.manifest
    for table in TABLES:
        assert getattr(second, table.name).equals(getattr(first, table.name)), table.name
    assert standings(second, YEAR).equals(standings(first, YEAR))


@settings(max_examples=20)
@given(made())
def test_an_opened_dataset_holds_only_clean_text(arguments: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        dataset = read_dataset(make_dataset(Path(name), **arguments))
    for table in TABLES:
        for column in getattr(dataset, table.name).select(pl.col(pl.String)).iter_columns():
            for text in column.drop_nulls():
                assert clean(text) == text == text.strip(" ")


@settings(max_examples=20)
@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1), min_size=1))
def test_ordinary_names_come_back_unchanged_and_a_filter_finds_them(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cities = [city(str(number), name) for number, name in enumerate(names)]
        dataset = read_dataset(make_dataset(Path(folder), cities=cities))
    assert dataset.cities["name_en"].to_list() == names
    frame = standings(dataset, YEAR)
    for number, name in enumerate(names):
        assert str(number) in filter_places(frame, f'"{name}"')["code"].to_list()


@st.composite
def damage(draw: st.DrawFn) -> tuple[str, float, int, bytes]:
    """A file, a place in it, how many bytes are lost there, and what stands there instead."""
    file = draw(st.sampled_from([*(f"{table.name}.csv" for table in TABLES), "datapackage.json"]))
    lost = draw(st.integers(0, 3) | st.just(10**6))
    new = draw(st.binary(max_size=3) | st.sampled_from([b'"', b",", b"\n", b"\r", b"\0", b"nan"]))
    return file, draw(st.floats(0, 1)), lost, new


@settings(max_examples=80)
@given(damage())
def test_a_damaged_dataset_opens_or_gives_one_clean_message(
    damaged: tuple[str, float, int, bytes],
) -> None:
    file, place, lost, new = damaged
    with tempfile.TemporaryDirectory() as name:
        folder = make_dataset(
            Path(name),
            observations=[observation("a", "apps", 1.5), observation("b", "population", 3)],
            claims=[claim("1", "ranking", "total", "a;b")],
            notes=[{"place": "a", "topic": "t", "text_en": "Text, or not", "source": "s"}],
        )
        data = (folder / file).read_bytes()
        at = round(place * len(data))
        (folder / file).write_bytes(data[:at] + new + data[at + lost :])
        try:
            dataset = read_dataset(folder)
        except DatasetError as error:
            assert clean(str(error)) == str(error)
        else:
            frame = standings(dataset, dataset.year)
            for measure in MEASURES:
                assert ranking(frame, measure).height == dataset.cities.height
