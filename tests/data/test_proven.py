from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citytech_data.dataset import open_dataset, read_dataset
from citytech_data.proven import evidence_of, proven_standings
from citytech_data.ranking import standings
from citytech_data.vocabulary import MEASURES
from tests.helpers import YEAR, claim, make_dataset, observation


@pytest.fixture(scope="module")
def published() -> pl.DataFrame:
    return proven_standings(open_dataset(), 2021)


def bounds(frame: pl.DataFrame, city: str, measure: str) -> tuple[Any, Any]:
    row = frame.row(by_predicate=pl.col("city") == city, named=True)
    return row[f"{measure}_lower"], row[f"{measure}_upper"]


def test_what_the_article_proves_of_totals(published: pl.DataFrame) -> None:
    # Shanghai's density is at most 3.585, and Hangzhou's lies below it.
    hangzhou = 3.585 * 12_204_500 / 10_000
    assert bounds(published, "Hangzhou", "total") == (None, pytest.approx(hangzhou))
    assert bounds(published, "Guangzhou", "total") == (None, pytest.approx(hangzhou))
    # Nanjing's density lies below Hangzhou's.
    nanjing = 3.585 * 9_423_400 / 10_000
    assert bounds(published, "Nanjing", "total") == (None, pytest.approx(nanjing))
    # Jinan's density lies below Guangzhou's, whose total lies below Hangzhou's.
    jinan = hangzhou / 18_810_600 * 9_336_100
    assert bounds(published, "Jinan", "total") == (None, pytest.approx(jinan))
    # Beijing has more than Shenzhen in total, and less per resident.
    beijing = (5.855 * 17_555_000 / 10_000, 5.865 * 21_886_500 / 10_000)
    assert bounds(published, "Beijing", "total") == pytest.approx(beijing)


def test_only_the_pair_in_conflict_is_disputed(published: pl.DataFrame) -> None:
    disputed = {
        measure: set(published.filter(f"{measure}_disputed")["city"]) for measure in MEASURES
    }
    assert disputed == {"total": {"Hangzhou", "Shanghai"}, "density": set(), "proportion": set()}


def test_a_value_is_left_as_it_is(published: pl.DataFrame) -> None:
    plain = standings(open_dataset(), 2021)
    known = pl.col("total_value").is_not_null()
    columns = [f"total_{name}" for name in ("value", "lower", "upper", "basis", "source", "note")]
    assert published.filter(known).select(columns).equals(plain.filter(known).select(columns))


def test_every_bounded_figure_names_method_and_source(published: pl.DataFrame) -> None:
    for measure in MEASURES:
        proven = published.filter(pl.col(f"{measure}_value").is_null())
        assert not proven.is_empty()
        assert set(proven[f"{measure}_basis"]) == {"bounded"}
        assert set(proven[f"{measure}_method"]) == {"proven"}
        assert proven[f"{measure}_source"].null_count() == 0


def test_without_claims_there_is_no_evidence() -> None:
    dataset = open_dataset("china-inventions-2016")
    assert evidence_of(dataset, 2016) is None
    assert proven_standings(dataset, 2016).equals(standings(dataset, 2016))


def test_claims_of_another_year_prove_nothing(tmp_path: Path) -> None:
    claims = [claim("k", "bound", "total", "a", op=">", value=5)]
    dataset = read_dataset(make_dataset(tmp_path, claims=claims))
    assert evidence_of(dataset, YEAR + 1) is None
    assert bounds(proven_standings(dataset, YEAR), "City a", "total") == (5, None)


def test_a_definition_needs_no_source(tmp_path: Path) -> None:
    claims = [claim("k", "bound", "total", "a", op=">", value=5)]
    observations = [observation("b", "all_apps", 50)]
    dataset = read_dataset(make_dataset(tmp_path, claims=claims, observations=observations))
    assert bounds(proven_standings(dataset, YEAR), "City b", "total") == (None, 50)
