from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import Any

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.ingest.count import COUNTS, LINES_OF_FILE, NO_DAY, applications, cube
from citytech_data.vocabulary import TECHNOLOGIES

SCHEMA = {
    "key": pl.Int64,
    "year": pl.Int16,
    "day": pl.Int32,
    "row": pl.Int64,
    "spot": pl.UInt32,
    "unplaced": pl.Int8,
    **dict.fromkeys(TECHNOLOGIES, pl.Int8),
}
PLACED, ELSEWHERE, NOWHERE = 0, 1, 2
Row = Mapping[str, Any]


def row(key: int = 1, line: int = 1, **more: Any) -> dict[str, Any]:
    cells = {"key": key, "year": 2021, "day": 100, "row": line, "spot": PLACED}
    unplaced = more.get("spot") == NOWHERE
    return cells | dict.fromkeys(TECHNOLOGIES, 0) | {"unplaced": int(unplaced)} | more


def counted(rows: Iterable[Row]) -> list[dict[str, Any]]:
    frame = pl.LazyFrame(list(rows), SCHEMA)
    found: pl.DataFrame = applications(nw.from_native(frame)).to_native().collect()
    return found.sort("key").to_dicts()


def cubed(rows: Iterable[Row]) -> list[dict[str, Any]]:
    frame = pl.LazyFrame(list(rows), SCHEMA)
    found: pl.DataFrame = cube(applications(nw.from_native(frame))).to_native().collect()
    return found.sort("spot", "year", "file").to_dicts()


def test_publications_of_one_application_are_one_with_all_their_technologies() -> None:
    rows = [
        row(line=3, year=2022, day=300, iot=1),
        row(line=2, day=200, ai=1),
        row(line=1, day=400, ai=1, cloud=1),
    ]
    for order in permutations(rows):
        (found,) = counted(order)
        assert (found["year"], found["row"]) == (2021, 1)
        assert {name for name in TECHNOLOGIES if found[name]} == {"ai", "cloud", "iot"}
        (cell,) = cubed(order)
        assert {name: cell[name] for name in COUNTS} == {
            "applications": 1,
            "all": 1,
            "ai": 1,
            "blockchain": 0,
            "cloud": 1,
            "bigdata": 0,
            "iot": 1,
            "several": 1,
        }


@pytest.mark.parametrize(
    ("rows", "spot"),
    [
        # The earliest publication decides, wherever it stands.
        ([row(day=200), row(day=100, spot=ELSEWHERE)], ELSEWHERE),
        # One whose place is not known gives way to any whose is.
        ([row(day=100, spot=NOWHERE), row(day=200, spot=ELSEWHERE)], ELSEWHERE),
        ([row(day=100, spot=NOWHERE), row(day=NO_DAY, spot=PLACED)], PLACED),
        ([row(day=100, spot=NOWHERE), row(day=200, spot=NOWHERE)], NOWHERE),
        # On the same day, the lower spot: not the order of the rows.
        ([row(spot=ELSEWHERE), row(spot=PLACED)], PLACED),
    ],
)
def test_an_application_is_where_its_earliest_placed_publication_says(
    rows: list[Row], spot: int
) -> None:
    for order in permutations(rows):
        assert [found["spot"] for found in counted(order)] == [spot]


def test_an_application_whose_publications_disagree_counts_in_one_city_only() -> None:
    rows = [row(day=1, ai=1), row(day=2, spot=ELSEWHERE, ai=1), row(key=2, spot=ELSEWHERE)]
    cells = {cell["spot"]: (cell["applications"], cell["ai"]) for cell in cubed(rows)}
    assert cells == {PLACED: (1, 1), ELSEWHERE: (1, 0)}


def test_a_date_of_any_publication_dates_the_application() -> None:
    assert counted([row(year=None), row(line=2)])[0]["year"] == 2021
    assert counted([row(year=None)])[0]["year"] is None


def test_the_first_row_names_the_file() -> None:
    rows = [row(line=2 * LINES_OF_FILE + 1), row(line=LINES_OF_FILE + 7)]
    assert [cell["file"] for cell in cubed(rows)] == [1]


ROWS = st.lists(
    st.builds(
        row,
        key=st.integers(1, 4),
        line=st.integers(0, 3 * LINES_OF_FILE),
        year=st.none() | st.integers(2019, 2021),
        day=st.integers(1, 3) | st.just(NO_DAY),
        spot=st.integers(0, 2),
        **dict.fromkeys(TECHNOLOGIES, st.integers(0, 1)),
    ),
    max_size=12,
)


@given(ROWS)
def test_counts_agree_with_plain_python(rows: list[Row]) -> None:
    expected: dict[tuple[int, int | None, int], dict[str, int]] = {}
    for key in {each["key"] for each in rows}:
        own = [each for each in rows if each["key"] == key]
        years = [each["year"] for each in own if each["year"] is not None]
        spot = min((each["unplaced"], each["day"], each["spot"]) for each in own)[2]
        cell = (spot, min(years, default=None), min(each["row"] for each in own) // LINES_OF_FILE)
        flags = [max(each[name] for each in own) for name in TECHNOLOGIES]
        ones = dict(zip(COUNTS, (1, max(flags), *flags, int(sum(flags) > 1)), strict=True))
        sums = expected.setdefault(cell, dict.fromkeys(COUNTS, 0))
        expected[cell] = {name: sums[name] + ones[name] for name in COUNTS}
    found = {
        (cell["spot"], cell["year"], cell["file"]): {name: cell[name] for name in COUNTS}
        for cell in cubed(rows)
    }
    assert found == expected
