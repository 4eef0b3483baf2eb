"""Figures as text: known values by hand, and bounds that stay true."""

from __future__ import annotations

import locale
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.manifest import Places
from citytech_data.vocabulary import MEASURES, TECHNOLOGIES
from citytech_tui import format as formats
from citytech_tui.format import (
    bound_text,
    change_text,
    city_text,
    figure_text,
    interval_text,
    is_doubtful,
    number_text,
    percent_text,
    rank_text,
    short_text,
    technology_text,
    tick_text,
)
from citytech_tui.language import count_text, speaking
from citytech_tui.names import counted
from citytech_tui.sentences import exact_text

amounts = st.floats(1e-3, 1e12)


def number(text: str) -> float:
    """Return the number that a text shows."""
    return float(text.removesuffix(" %").replace(",", ""))


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "", "–"),
        (float("nan"), "", "–"),
        (float("inf"), "", "–"),
        (0, "", "0"),
        (1, "", "1"),
        (0, "%", "0.00 %"),
        (3.578, "", "3.58"),
        (5.86, "", "5.86"),
        (47.664, "", "47.7"),
        (999.94, "", "999.9"),
        (1000, "", "1,000"),
        (1000.4, "", "1,000"),
        (8912.16, "", "8,912"),
        (10290.16, "applications", "10,290"),
        (24894300, "persons", "24,894,300"),
        (11.3, "%", "11.3 %"),
        (0.4844, "%", "0.48 %"),
        (8.0, "%", "8.0 %"),
        (100, "%", "100.0 %"),
        (12345.6, "%", "12,346 %"),
        (0.0034, "", "0.0034"),
        (0.00033349, "", "0.00033"),
        (0.06, "", "0.06"),
        (0.0949, "", "0.095"),
        (0.0999, "", "0.10"),
        (0.000099999, "", "0.0001"),
        (-0.0034, "", "-0.0034"),
        (0.0034, "%", "0.0034 %"),
        (0.00000034, "", "3.4e-07"),
    ],
)
def test_known_numbers(value: float | None, unit: str, expected: str) -> None:
    assert number_text(value, unit) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "CNY", "–"),
        (4_027_000_000_000, "CNY", "4,027.0 bn CNY"),
        (1_000_000_000, "", "1.0 bn"),
        (999_999_999, "CNY", "999,999,999 CNY"),
        (87.5, "%", "87.5 %"),
        (155.84, "patents", "155.8 patents"),
    ],
)
def test_known_short_texts(value: float | None, unit: str, expected: str) -> None:
    assert short_text(value, unit) == expected


@pytest.mark.parametrize(
    ("lower", "upper", "unit", "whole", "expected"),
    [
        (None, None, "", False, "–"),
        (10_000, None, "", True, "≥ 10,000"),
        (None, 4375, "", True, "≤ 4,375"),
        (0, 4375, "", True, "≤ 4,375"),
        (10_353, 12_836, "", True, "10,353–12,836"),
        (8.35, 8.45, "%", False, "8.35–8.45 %"),
        (None, 8.4, "%", False, "≤ 8.4 %"),
        (4.57, None, "", False, "≥ 4.57"),
        (0.00034, 0.0123, "", False, "0.00034–0.013"),
        (None, 0.0034, "%", False, "≤ 0.0034 %"),
        # A whole number below 2,171.6 is at most 2,171; above 2,171.6 it is at least 2,172.
        (None, 2171.6, "", True, "≤ 2,171"),
        (2171.6, None, "", True, "≥ 2,172"),
        # Other bounds are rounded outwards, so that they stay true.
        (None, 2171.2, "", False, "≤ 2,172"),
        (2171.8, None, "", False, "≥ 2,171"),
    ],
)
def test_known_intervals(
    lower: float | None, upper: float | None, unit: str, whole: bool, expected: str
) -> None:
    assert interval_text(lower, upper, unit, whole=whole) == expected


@given(amounts, st.sampled_from(["", "%"]))
def test_a_shown_bound_is_a_true_one(bound: float, unit: str) -> None:
    slack = bound * 1e-8
    assert number(bound_text(bound, unit, upper=True)) >= bound - slack
    assert number(bound_text(bound, unit, upper=False)) <= bound + slack


@given(st.floats(0.5, 1e9))
def test_a_shown_bound_of_a_whole_number_allows_the_same_numbers(bound: float) -> None:
    most = number(bound_text(bound, upper=True, whole=True))
    least = number(bound_text(bound, upper=False, whole=True))
    slack = bound * 1e-8
    assert most.is_integer()
    assert least.is_integer()
    assert bound - 1 - slack < most <= bound + slack
    assert bound - slack <= least < bound + 1 + slack


@given(st.floats(0, 1e15), st.sampled_from(["", "%", "persons"]))
def test_a_shown_number_has_the_significant_digits(value: float, unit: str) -> None:
    text = number_text(value, unit)
    assert re.fullmatch(r"\d{1,3}(,\d{3})*(\.\d+)?(e-\d+)?( %)?", text)
    assert len(text) < 30
    assert number(text) == pytest.approx(value, rel=0.06, abs=0)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"value": 5.86, "lower": 5.855, "upper": 5.865}, "5.86"),
        ({"value": None, "lower": 4.57, "upper": None}, "≥ 4.57"),
        ({"value": None, "lower": None, "upper": None}, "–"),
    ],
)
@pytest.mark.parametrize("measure", MEASURES)
def test_a_figure_is_its_value_or_its_bounds(
    row: dict[str, float | None], expected: str, measure: str
) -> None:
    named: dict[str, Any] = {f"{measure}_{name}": value for name, value in row.items()}
    if measure == "total" and row["value"] is None and row["lower"] is not None:
        expected = "≥ 5"  # applications are counted
    assert figure_text(named, measure) == expected


@pytest.mark.parametrize(
    ("rank", "worst", "expected"),
    [(1, 1, "1"), (3, None, "3"), (None, 20, "≤20"), (None, None, "–")],
)
def test_known_ranks(rank: int | None, worst: int | None, expected: str) -> None:
    assert rank_text(rank, worst) == expected


@pytest.mark.parametrize(
    ("places", "expected"), [(None, ""), (0, "="), (5, "▲5"), (-3, "▼3"), (44, "▲44")]
)
def test_known_changes(places: int | None, expected: str) -> None:
    assert change_text(places) == expected


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [(None, "–"), (0.2414, "+24.1 %"), (-0.108, "-10.8 %"), (0, "+0.0 %"), (12, "+1,200.0 %")],
)
def test_known_growth(fraction: float | None, expected: str) -> None:
    assert percent_text(fraction) == expected


def test_names() -> None:
    assert city_text({"city": "Xi'an", "city_zh": "西安"}) == "Xi'an 西安"
    assert city_text({"city": "Austin", "city_zh": None}) == "Austin"
    assert city_text({"city": "Austin", "city_zh": ""}) == "Austin"
    assert all(technology_text(name) for name in ("all", *TECHNOLOGIES))
    assert technology_text("fusion") == "fusion"


@pytest.mark.parametrize(
    ("note", "doubtful"),
    [(None, False), ("", False), ("revised", False), ("doubtful: registered", True)],
)
def test_doubt(note: str | None, doubtful: bool) -> None:
    assert is_doubtful(note) is doubtful


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (999.94, "", "999.9"),
        (999.96, "", "1,000"),
        (9.994, "", "9.99"),
        (9.996, "", "10.0"),
        (-999.96, "", "-1,000"),
        (0.996, "%", "1.0 %"),
        (999.96, "%", "1,000 %"),
    ],
)
def test_digits_are_those_of_the_number_as_it_is_shown(
    value: float, unit: str, expected: str
) -> None:
    assert number_text(value, unit) == expected


def test_numbers_are_written_as_the_locale_does(monkeypatch: pytest.MonkeyPatch) -> None:
    conventions = {"thousands_sep": ".", "decimal_point": ","}
    monkeypatch.setattr(locale, "setlocale", lambda *_: "C")
    monkeypatch.setattr(locale, "localeconv", lambda: conventions)
    with speaking("en"):
        formats.use_locale()
        assert number_text(1234567) == "1.234.567"
        assert number_text(12.34) == "12,3"
        assert percent_text(0.1234) == "+12,3 %"
        assert short_text(1.5e12, "CNY") == "1.500,0 bn CNY"
        assert [tick_text(tick) for tick in (2000, 0.05, 2.5e6)] == ["2.000", "0,05", "2,5 M"]
        assert exact_text(1234.5, "km") == "1.234,5 km"
        assert count_text(12_345) == "12.345"
        assert counted(12_345, Places()) == "12.345 cities"
        conventions["thousands_sep"] = ""
        formats.use_locale()
    assert number_text(1234567) == "1,234,567"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/tmp/evil", "a b", "x_Y.z/..", "nowhere_XX"])
def test_a_locale_that_is_none_writes_numbers_as_they_are(name: str) -> None:
    assert formats.separators_of(name) == {}
