"""Axes: where figures stand, and ticks that a person can read."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.pictures.axes import Axis, Known, Span, axis_over, usable

figures = st.floats(0, 1e300, allow_nan=False)


@pytest.mark.parametrize(
    ("span", "known", "ends"),
    [
        (Span(3.0), Known.VALUE, (3.0,)),
        (Span(0.0), Known.VALUE, (0.0,)),
        (Span(3.0, 2.0, 4.0), Known.VALUE, (3.0,)),
        (Span(None, 2.0, 4.0), Known.RANGE, (2.0, 4.0)),
        (Span(None, None, 4.0), Known.AT_MOST, (4.0,)),
        (Span(None, 0.0, 4.0), Known.AT_MOST, (4.0,)),
        (Span(None, 2.0, None), Known.AT_LEAST, (2.0,)),
        (Span(None, 0.0, None), Known.NOTHING, ()),
        (Span(), Known.NOTHING, ()),
    ],
)
def test_how_much_is_known(span: Span, known: Known, ends: tuple[float, ...]) -> None:
    assert span.known is known
    assert span.ends == ends


@pytest.mark.parametrize("number", [None, math.nan, math.inf, -math.inf, -1.0, 1e141])
def test_what_cannot_be_drawn(number: float | None) -> None:
    assert usable(number) is None


def test_what_can_be_drawn() -> None:
    assert usable(0.0) == 0
    assert usable(2.5) == 2.5
    assert usable(1e-150) == 0


def test_places_on_a_linear_axis() -> None:
    axis = Axis("", "", 0, 10)
    assert [axis.place(value) for value in (0, 5, 10)] == [0, 0.5, 1]


def test_places_on_a_logarithmic_axis() -> None:
    axis = Axis("", "", 1, 100, log=True)
    assert [axis.place(value) for value in (1, 10, 100)] == [0, 0.5, 1]


def test_a_range_stands_amid_its_ends_on_either_scale() -> None:
    span = Span(None, 1, 100)
    assert Axis("", "", 0, 100).span_place(span) == pytest.approx(0.505)
    assert Axis("", "", 1, 100, log=True).span_place(span) == 0.5


def test_nothing_and_zero_on_a_logarithmic_axis_have_no_place() -> None:
    linear, log = Axis("", "", 0, 10), Axis("", "", 1, 10, log=True)
    assert linear.can_place(Span(0.0)) and not log.can_place(Span(0.0))
    assert not linear.can_place(Span()) and not linear.can_place(Span(None, 0.0))
    assert log.can_place(Span(None, 0.0, 4.0))


@pytest.mark.parametrize(
    ("lowest", "highest", "log", "ticks"),
    [
        (0, 10, False, [0, 2, 4, 6, 8, 10]),
        (0, 12_836, False, [0, 5000, 10_000]),
        (73.5, 135.1, False, [80, 100, 120]),
        (1, 1000, True, [1, 10, 100, 1000]),
        (8.3, 11.4, True, [9, 10, 11]),
        (900, 14_000, True, [1000, 2000, 5000, 10_000]),
    ],
)
def test_ticks(lowest: float, highest: float, log: bool, ticks: list[float]) -> None:
    assert Axis("", "", lowest, highest, log=log).ticks() == pytest.approx(ticks)


@given(st.lists(figures, max_size=6), st.booleans(), st.booleans(), st.integers(1, 9))
def test_every_usable_figure_has_its_place(
    raw: list[float], log: bool, from_zero: bool, most: int
) -> None:
    values = [value for figure in raw if (value := usable(figure)) is not None]
    axis = axis_over("", "", values, log=log, from_zero=from_zero)
    assert axis.lowest < axis.highest
    for value in values:
        if value > 0 or not log:
            assert -1e-6 <= axis.place(value) <= 1 + 1e-6
    ticks = axis.ticks(most)
    assert len(ticks) <= most
    assert ticks == sorted(set(ticks))
    assert all(-1e-6 <= axis.place(tick) <= 1 + 1e-6 for tick in ticks)


@pytest.mark.parametrize("value", [0.0, 1.0, 117.0])
@pytest.mark.parametrize("from_zero", [True, False])
def test_equal_values_have_an_axis_with_a_length(value: float, from_zero: bool) -> None:
    axis = axis_over("", "", [value, value], from_zero=from_zero)
    assert axis.lowest <= value <= axis.highest
    assert axis.lowest < axis.highest


def test_negative_degrees_have_a_place_too() -> None:
    axis = axis_over("Longitude", "°", [-122.4, -70.0], from_zero=False)
    assert 0 < axis.place(-122.4) < axis.place(-70.0) < 1
