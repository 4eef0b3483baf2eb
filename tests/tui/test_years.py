"""Year and technology change what all tabs show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers import city, make_dataset, observation
from tests.tui.helpers import (
    WIDE,
    each_size,
    host,
    lines,
    running,
    screen_text,
    table,
    told,
    widget_lines,
)
from tests.tui.walk import (
    rows_of,
)


@pytest.fixture
def years(tmp_path: Path) -> Path:
    """A dataset of three years and two technologies."""
    return make_dataset(
        tmp_path,
        cities=[city("a", "Aa"), city("b", "Bb")],
        observations=[
            observation(place, "apps", value, year=year, technology=technology)
            for place, factor in (("a", 1), ("b", 2))
            for year in (2018, 2019, 2020)
            for technology, share in (("all", 10), ("ai", 3), ("iot", 7))
            for value in [factor * share * (year - 2000)]
        ],
    )


@each_size
async def test_year_and_technology_change_what_all_tabs_show(
    years: Path, size: tuple[int, int]
) -> None:
    async with running(years, size=size) as pilot:
        app = host(pilot)

        def shown() -> list[float]:
            return [row["total_value"] for row in rows_of(table(pilot))]

        assert shown() == [400, 200]
        await pilot.press("left_square_bracket")
        assert shown() == [380, 190]
        assert "2019" in lines(pilot)[0]
        await pilot.press("right_square_bracket", "t")
        assert shown() == [120, 60]
        assert "artificial intelligence" in lines(pilot)[0]
        await pilot.press("t")
        assert shown() == [280, 140]
        assert "Internet of Things" in lines(pilot)[0]
        await pilot.press("5")
        assert "280" in screen_text(pilot)
        await pilot.press("2", "t")
        assert shown() == [400, 200]
        told(pilot)
        await pilot.press("right_square_bracket")
        assert "2020 is the last year" in told(pilot)
        await pilot.press("left_square_bracket", "left_square_bracket")
        assert app.selection.year == 2018
        await pilot.press("left_square_bracket")
        assert "2018 is the first year" in told(pilot)
        assert app.selection.year == 2018
        footer = widget_lines(pilot, app.query_one("#footer"))[0]
        if size == WIDE:
            assert "[ ] year" in footer
            assert "t technology" in footer
