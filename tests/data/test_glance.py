"""The first places of a large dataset are those that the whole of it shows, or none are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citytech_data import glance as module
from citytech_data.dataset import read_dataset
from citytech_data.files import read_files
from citytech_data.glance import MEASURE, glance, glimpses
from citytech_data.manifest import PACKAGE_FILE
from citytech_data.opening import Opening
from citytech_data.ranking import ranking, standings
from tests.helpers import YEAR, claim, make_dataset, observation


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at three places."""
    monkeypatch.setattr(module, "MOST", 3)


def seen(folder: Path) -> Opening | None:
    contents = read_files(folder)
    return glance(contents.manifest, glimpses(contents))


def codes(opening: Opening | None) -> str:
    assert opening is not None
    return "".join(opening.ranking(MEASURE).columns["code"])


_COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 4), min_size=1)


@settings(max_examples=40)  # each writes a dataset and reads it twice
@given(_COUNTS, st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 3)))
def test_it_shows_what_the_whole_dataset_does(
    tmp_path_factory: pytest.TempPathFactory, counts: dict[str, int], gdp: dict[str, int]
) -> None:
    folder = make_dataset(
        tmp_path_factory.mktemp("world"),
        cities="abcdef",
        observations=[
            *(
                observation(f" {place}", " apps", f"{n} ", year=f"{YEAR} ")
                for place, n in counts.items()
            ),
            *(observation(place, "gdp", value) for place, value in gdp.items()),
            *(observation(place, "all_apps", 10) for place in counts),
            observation("CN", "apps", 99),
            observation("f", "apps", 50, technology="ai"),
            observation("f", "apps", 50, year=YEAR - 1),
        ],
        year=YEAR,
    )
    opening = seen(folder)
    whole = ranking(standings(read_dataset(folder), YEAR), MEASURE)
    if opening is None:
        return
    found = opening.ranking(MEASURE)
    assert 0 < found.height <= 4
    for index, expected in enumerate(whole.head(found.height).iter_rows(named=True)):
        row = dict(found.row(index))
        for name, value in row.items():
            hidden = "rank" in name and not name.startswith(f"{MEASURE}_rank")
            hidden |= name == f"{MEASURE}_rank_change" or "_vs_" in name
            assert value == (None if hidden else expected[name]), name


def world(parent: Path, *more: dict[str, Any], **declared: Any) -> Path:
    counts = {"a": 1, "b": 9, "c": 5, "d": 3, "e": 3}
    figures = [observation(place, "apps", count) for place, count in counts.items()]
    return make_dataset(parent, cities="abcde", observations=[*figures, *more], **declared)


def as_parquet(folder: Path) -> None:
    dataset = read_dataset(folder)
    for table in ("cities", "observations"):
        getattr(dataset, table).write_parquet(folder / f"{table}.parquet")
    package = (folder / PACKAGE_FILE).read_text()
    for table in ("cities", "observations"):
        package = package.replace(f"{table}.csv", f"{table}.parquet")
    (folder / PACKAGE_FILE).write_text(package)


def without_quotes(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        path.write_text(path.read_text().replace('"', ""))


def with_breaks_of_windows(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("write", [as_parquet, without_quotes, with_breaks_of_windows])
def test_the_form_of_the_file_does_not_matter(
    tmp_path: Path, write: Callable[[Path], None]
) -> None:
    folder = world(tmp_path, year=YEAR)
    before = seen(folder)
    write(folder)
    assert codes(before) == "bc"
    assert seen(folder) == before


def test_places_that_share_the_last_rank_are_left_out(tmp_path: Path) -> None:
    assert codes(seen(world(tmp_path, year=YEAR))) == "bc"


@pytest.mark.parametrize(
    "more",
    [
        {"claims": [claim("1", "ranking", "total", "a;b")]},
        {"year": None},
        {"year": YEAR + 1},
    ],
)
def test_nothing_is_told_where_more_than_counts_decides(tmp_path: Path, more: Any) -> None:
    assert seen(world(tmp_path, **{"year": YEAR} | more)) is None


def test_nothing_is_told_where_a_ratio_is_printed(tmp_path: Path) -> None:
    printed = observation("a", "density", 5.0)
    assert seen(world(tmp_path, printed, observation("a", "population", 1e6), year=YEAR)) is None


def test_nothing_is_told_of_counts_of_two_sources(tmp_path: Path) -> None:
    other = observation("a", "apps", 8, source="t")
    assert seen(world(tmp_path, other, sources=("s", "t"), year=YEAR)) is None


def test_nothing_is_told_of_first_places_that_are_wrong(tmp_path: Path) -> None:
    assert seen(world(tmp_path, observation("b", "gdp", "x"), year=YEAR)) is None


def test_nothing_is_told_of_first_places_that_the_cities_lack(tmp_path: Path) -> None:
    assert seen(world(tmp_path, observation("x", "apps", 7), year=YEAR)) is None


def test_a_fault_elsewhere_does_not_matter_yet(tmp_path: Path) -> None:
    assert codes(seen(world(tmp_path, observation("a", "gdp", "x"), year=YEAR))) == "bc"


def test_names_are_cleaned(tmp_path: Path) -> None:
    folder = make_dataset(
        tmp_path,
        cities=[{"code": "a", "name_en": "A\x1b[2J"}],
        observations=[observation("a", "apps", 1)],
        year=YEAR,
    )
    opening = seen(folder)
    assert opening is not None
    assert opening.columns["city"] == ["A\ufffd[2J"]
