"""Numbers, derivations, claims and sources in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.catalogue import embedded_names
from citytech_data.dataset import open_dataset
from citytech_data.vocabulary import MEASURES
from citytech_tui.sentences import (
    claim_text,
    derivation_text,
    exact,
    exact_text,
    ordinal,
    source_text,
)
from tests.helpers import claim


@given(st.floats(-1e300, 1e300))
def test_exact_keeps_ten_digits(value: float) -> None:
    found = exact(value)
    assert found == pytest.approx(value, rel=1e-9)
    assert isinstance(found, int) == (found is not None and found == int(found))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("inf"), "–"),
        (float("nan"), "–"),
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (24894300.0, "24,894,300"),
        (99.81, "99.81"),
        (0.0000001, "0.0000001"),
        (1e21, "1,000,000,000,000,000,000,000"),
    ],
)
def test_exact_text(value: float | None, text: str) -> None:
    assert exact_text(value) == text


def test_ordinals() -> None:
    numbers = (1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111)
    assert " ".join(map(ordinal, numbers)) == (
        "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th"
    )


def figure(**more: object) -> Mapping[str, object]:
    names = ("value", "lower", "upper", "method", "left", "right")
    common = {f"total_{name}": None for name in names} | {"total_basis": "derived"}
    return common | {f"total_{name}": value for name, value in more.items()}


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            figure(
                method="density_times_population", left=5.86, right=17_560_000.0, value=10290.16
            ),
            "5.86 per 10,000 residents × 17,560,000 residents ÷ 10,000 = 10,290",
        ),
        (
            figure(method="proportion_times_all", left=8.0, right=500.0, upper=40.0),
            "at most 8 % × 500 applications in all = at most 40",
        ),
        (
            figure(method="proportion_times_all", left=8.0, right=500.0, lower=40.0, upper=50.0),
            "at least 8 % × 500 applications in all = at least 40, and at most 50",
        ),
        (
            figure(method="total_per_population", left=5.0, right=0.0, lower=2.5, upper=5.0),
            "5 applications ÷ 0 residents × 10,000, by the bounds of both: 3–5",
        ),
        (figure(), "no source gives it, and nothing proves a bound"),
        (figure(method="observed"), "arithmetic on other figures"),
        (
            figure(method="claimed", lower=10_000.0),
            "the source states only a bound: ≥ 10,000 applications",
        ),
    ],
)
def test_derivations(row: Mapping[str, Any], text: str) -> None:
    assert derivation_text(row, "total", open_dataset().manifest) == text


@pytest.mark.parametrize(
    ("row", "code", "text"),
    [
        (claim("k", "ranking", "total", "b;a"), "a", "ranks Ay 2nd of 2 by total, 2020"),
        (claim("k", "ranking", "total", "b;a"), None, "ranks by total, 2020: 1 Bee, 2 Ay"),
        (
            claim("k", "bound", "total", "a", op=">=", value=1500.0),
            "a",
            "gives Ay at least 1,500 applications, 2020",
        ),
        (
            claim("k", "bound", "proportion", "a;b", op="<", value=8.5),
            None,
            "gives Ay, Bee less than 8.5 %, 2020",
        ),
        (
            claim("k", "member", "density", "a", op="top", value=20.0, quote="in the top 20"),
            "a",
            "counts Ay among the top 20 by density, 2020: “in the top 20”",
        ),
    ],
)
def test_claims(row: dict[str, object], code: str | None, text: str) -> None:
    whole = {"op": None, "value": None, "quote": None} | row
    names = {"a": "Ay", "b": "Bee"}
    assert claim_text(whole, names, open_dataset().manifest, code) == text


def test_every_derivation_of_the_embedded_datasets_is_an_equation() -> None:
    from citytech_data.ranking import standings

    for name in embedded_names():
        dataset = open_dataset(name)
        frame = standings(dataset, dataset.year)
        for measure in MEASURES:
            derived = frame.filter(pl.col(f"{measure}_basis") == "derived")
            for row in derived.iter_rows(named=True):
                assert re.search(
                    r" = [\d.,]+( %)?$", derivation_text(row, measure, dataset.manifest)
                )


def test_sources() -> None:
    whole = {"id": "i", "title": "T", "publisher": "P", "date": "2020", "url": "https://u"}
    assert source_text(whole) == "i: T (P, 2020) https://u"
    assert source_text(whole | {"publisher": None, "date": None, "url": None}) == "i: T"
