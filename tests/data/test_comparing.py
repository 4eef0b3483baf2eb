"""Ratios of figures of which some are only bounded."""

from __future__ import annotations

import pytest

from citytech_data.comparing import Ratio, ratio

Figure = dict[str, float | None]


def row(
    value: float | None = None, lower: float | None = None, upper: float | None = None
) -> Figure:
    return {"total_value": value, "total_lower": lower, "total_upper": upper}


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (row(10), row(4), Ratio(2.5, 2.5)),
        (row(10, 9, 11), row(4, 3, 5), Ratio(2.5, 2.5)),
        (row(10), row(None, 2, 5), Ratio(2, 5)),
        (row(10), row(None, None, 5), Ratio(2, None)),
        (row(None, 6, 9), row(None, 2, 3), Ratio(2, 4.5)),
        (row(None, None, 9), row(3), Ratio(0, 3)),
        (row(None, None, 9), row(None, None, 3), None),
        (row(None, 9), row(None, 3), None),
        (row(10), row(), None),
        (row(), row(10), None),
        (row(10), row(0), None),
        (row(10), row(None, 0, 0), None),
    ],
)
def test_a_ratio_is_as_sure_as_its_figures(
    one: Figure, other: Figure, wanted: Ratio | None
) -> None:
    assert ratio(one, other, "total") == wanted
