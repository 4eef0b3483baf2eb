"""Datasets and sizes that are out of the ordinary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from citytech_tui.bindings import KEYS, Place
from tests.helpers import make_dataset, observation
from tests.tui.helpers import (
    NARROW,
    WIDE,
    host,
    lines,
    pane,
    running,
    screen_text,
    strips,
    table,
)
from tests.tui.walk import (
    TAB_KEYS,
    Walk,
    close_all,
)

ODD: dict[str, dict[str, Any]] = {
    "one city": {"cities": ["a"], "observations": [observation("a", "apps", 5)]},
    "zeros": {
        "observations": [
            *(observation(place, kind, 0) for place in "ab" for kind in ("apps", "all_apps")),
            *(
                observation("CN", measure, value, year=year)
                for measure in ("apps", "index")
                for year, value in ((2018, 0), (2019, 5), (2020, 0))
            ),
        ],
        "series": ["apps", "index"],
    },
    "bounds": {
        "observations": [
            observation("a", "apps", lower=3, basis="bounded"),
            observation("b", "apps", upper=4, basis="bounded"),
            observation("CN", "apps", lower=3, upper=4, basis="bounded"),
        ],
        "series": ["apps"],
    },
    "equal figures": {
        "observations": [
            observation(place, "apps", 7, year=year)
            for place in ("a", "b", "CN")
            for year in (2019, 2020)
        ],
        "series": ["apps"],
    },
    "huge figures": {
        "observations": [
            observation(place, "apps", value, year=year)
            for place in ("a", "b", "CN")
            for year, value in ((2018, 1e-300), (2019, 1), (2020, 1e300))
        ],
        "series": ["apps"],
    },
}


@pytest.mark.parametrize("kind", ODD)
async def test_no_key_fails_on_an_odd_dataset(kind: str, tmp_path: Path) -> None:
    async with running(make_dataset(tmp_path, **ODD[kind])) as pilot:
        for tab in ("total", "proportion", "trend", "city"):  # Density is of the first class, too
            everywhere = (Place.APP, Place.TABLE) if tab == "total" else ()
            await pilot.press(TAB_KEYS[tab])
            for key in (key for place in (*pane(pilot).places, *everywhere) for key in KEYS[place]):
                if key.action != "quit":
                    await pilot.press(key.keys.split(",")[0])
                    await close_all(pilot)
                    if host(pilot).tab != tab:
                        await pilot.press(TAB_KEYS[tab])
                    await pilot.press("down")
            assert host(pilot).tab == tab


async def test_every_tab_can_be_resized_at_any_moment() -> None:
    sizes = [(60, 20), NARROW, (1, 1), (79, 24), (80, 23), (110, 24), WIDE, (200, 60)]
    async with running() as pilot:
        for tab in "12345":
            await pilot.press(tab)
            for width, height in sizes:
                await pilot.resize_terminal(width, height)
                drawn = strips(pilot)
                assert len(drawn) == height
                assert {strip.cell_length for strip in drawn} == {width}
                assert all(cell_len(strip.text) == width for strip in drawn)
                fits = width >= NARROW[0] and height >= NARROW[1]
                assert ("CityTech" in lines(pilot)[0]) == fits or height == 1
                assert ("80x24" in screen_text(pilot)) != fits or width < 60
            await pilot.resize_terminal(*WIDE)


async def test_the_tabs_fit_after_the_terminal_was_resized_below_a_dialog() -> None:
    async with running(size=NARROW) as pilot:
        narrow = lines(pilot)
    async with running() as pilot:
        wide = lines(pilot)
        for sizes, expected in (((NARROW,), narrow), ((WIDE,), wide), ((NARROW, WIDE), wide)):
            await pilot.press("question_mark")
            for size in sizes:
                await pilot.resize_terminal(*size)
            await close_all(pilot)
            assert lines(pilot) == expected


async def test_the_cursor_stays_in_sight_when_the_terminal_shrinks() -> None:
    async with running() as pilot:
        await pilot.press("G")
        await pilot.resize_terminal(*NARROW)
        Walk(pilot, "total").cursor_is_on(table(pilot).rows.height - 1)
