"""The palette finds, offers and runs; keys that come before it shows anything count."""

from __future__ import annotations

import pytest
from textual import events
from textual.command import CommandPalette
from textual.widgets import Input

from citytech_tui.bindings import KEYS, Place
from citytech_tui.screens.palette import Palette
from tests.tui.helpers import (
    Running,
    each_tab,
    host,
    lines,
    pane,
    running,
    table,
    wait_until,
)
from tests.tui.walk import (
    found_by_palette,
)


async def search(pilot: Running, text: str) -> list[str]:
    """Open the palette, type into it, and return what it then offers."""
    await pilot.press("ctrl+p")
    before = found_by_palette(pilot)
    for character in text:
        await pilot.press(character)
    await wait_until(pilot, lambda: found_by_palette(pilot) not in ([], before))
    return found_by_palette(pilot)


SHANGHAI = ("Shanghai 上海", "310000")
SAN_JOSE = ("San Jose-Sunnyvale-Santa Clara, CA", "41940")
SOUGHT = {
    "published": [(text, *SHANGHAI) for text in ("shanghai", "Shangh", "上海", "310000")],
    "china-inventions-2016": [(text, *SHANGHAI) for text in ("shanghai", "上海")],
    "us-metros-2015": [(text, *SAN_JOSE) for text in ("san jose", "41940")],
    "gii-2023": [("tokyo", "Tokyo–Yokohama", "tokyo-yokohama")],
}


@pytest.mark.parametrize("dataset", SOUGHT)
async def test_the_palette_finds_a_city_and_opens_it(dataset: str) -> None:
    async with running(dataset) as pilot:
        for text, city, code in SOUGHT[dataset]:
            await host(pilot).show_tab("total")
            await pilot.press("home")
            assert city not in lines(pilot)[0]
            found = await search(pilot, text)
            assert any(city in name and code in name for name in found), text
            await pilot.press("enter")
            await wait_until(pilot, lambda: not isinstance(pilot.app.screen, CommandPalette))
            await pilot.pause()
            assert host(pilot).tab == "city"
            assert city in lines(pilot)[0]


async def test_the_palette_finds_cities_that_the_filter_hides() -> None:
    async with running() as pilot:
        await pilot.press("slash", *"shanghai", "enter")
        assert table(pilot).rows.height == 1
        assert any("Wuhan" in name for name in await search(pilot, "wuhan"))


async def test_the_palette_tells_two_cities_of_one_name_apart() -> None:
    async with running() as pilot:
        found = [name for name in await search(pilot, "taizhou") if name.startswith("Taizhou")]
        assert len(found) == len(set(found)) >= 1
        assert all("(3" in name for name in found)


@each_tab
async def test_the_palette_offers_every_action_of_the_place(tab: str) -> None:
    async with running(tab=tab) as pilot:
        places = (*pane(pilot).places, Place.APP)
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: found_by_palette(pilot))
        found = found_by_palette(pilot)
        for key in (key for place in places for key in KEYS[place]):
            if key.action != "command_palette":
                assert key.help.split(";")[0] in found


@pytest.mark.parametrize(
    ("text", "tab"), [("open the tab density", "density"), ("open the tab trend", "trend")]
)
async def test_the_palette_runs_an_action(text: str, tab: str) -> None:
    async with running() as pilot:
        await search(pilot, text)
        await pilot.press("enter")
        await wait_until(pilot, lambda: host(pilot).tab == tab)


async def test_the_palette_runs_an_action_of_the_pane() -> None:
    async with running() as pilot:
        await search(pilot, "copy the row")
        await pilot.press("enter")
        await wait_until(pilot, lambda: pilot.app.clipboard)
        assert "Beijing" in pilot.app.clipboard


async def test_the_palette_offers_nothing_that_writes_on_the_server() -> None:
    async with running() as pilot:
        await pilot.press("ctrl+p")
        await wait_until(pilot, lambda: found_by_palette(pilot))
        assert not any("screenshot" in name.lower() for name in found_by_palette(pilot))


@pytest.mark.parametrize("key", ["pageup", "pagedown"])
async def test_a_page_is_turned_before_there_is_one(key: str) -> None:
    async with running() as pilot:
        for pressed in ("ctrl+p", key):
            pilot.app.post_message(events.Key(pressed, None))
        await pilot.pause()
        assert isinstance(pilot.app.screen, Palette)
        await pilot.press("escape")
        assert len(pilot.app.screen_stack) == 1


async def test_the_cursor_of_the_palette_does_not_blink() -> None:
    async with running() as pilot:
        await pilot.press("ctrl+p")
        fields = list(pilot.app.screen.query(Input))
        assert fields
        assert not any(field.cursor_blink for field in fields)
