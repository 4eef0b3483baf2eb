"""Every key on every tab does what its help says; so does every key in the footer when clicked."""

from __future__ import annotations

from functools import partial
from itertools import product

import pytest

from citytech_data.vocabulary import MEASURES
from citytech_tui.bindings import KEYS, Place, all_keys, footer_keys
from citytech_tui.language import speaking, translated
from citytech_tui.widgets.line import Line
from citytech_tui.widgets.lines import Lines
from tests.tui.helpers import (
    NARROW,
    TABS,
    WIDE,
    click_text,
    host,
    pane,
    running,
    screen_text,
    scroll_wheel,
    text_screen,
    wait_until,
    widget_lines,
)
from tests.tui.walk import (
    Walk,
    has_left,
    parsed,
)


def test_every_action_has_a_check() -> None:
    # test_pictures.py checks the keys of the pictures.
    missing = [
        key.action
        for place, key in all_keys()
        if place is not Place.PICTURES and not hasattr(Walk, f"do_{parsed(key.action)[0]}")
    ]
    assert not missing


WALKS = [
    # Each tab in both languages, each language in a size of its own. The other datasets differ in
    # what there is.
    *product(["published"], [NARROW], ["zh"], TABS),
    *product(["published"], [WIDE], ["en"], TABS),
    ("china-inventions-2016", NARROW, "en", "total"),
    *product(["gii-2023"], [NARROW], ["zh"], ["trend", "total"]),
    *product(["us-metros-2015"], [WIDE], ["en"], ["density", "city"]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("dataset", "size", "language", "tab"), WALKS, ids=str)
async def test_every_key_does_what_its_help_says(
    dataset: str, size: tuple[int, int], language: str, tab: str
) -> None:
    with speaking(language):
        await every_key_does_what_its_help_says(dataset, size, tab)


async def every_key_does_what_its_help_says(dataset: str, size: tuple[int, int], tab: str) -> None:
    async with running(dataset, tab, size) as pilot:
        walk = Walk(pilot, tab, brief=(dataset, size, tab) != ("published", WIDE, "total"))
        places = (*pane(pilot).places, Place.TABLE)
        if dataset == "published" or tab in MEASURES:  # else pressed there in the same dataset
            places += (Place.APP,)
        for key in (key for place in places for key in KEYS[place]):
            if key.action != "quit":
                for name in key.keys.split(","):
                    await walk.check(key, partial(pilot.press, name))


# Total, Density and Proportion are of one class.
CLICKED = [
    *product([WIDE], ["en"], ["trend", "total", "city"]),
    *product([NARROW], ["zh"], ["trend", "density", "city"]),
]


@pytest.mark.parametrize(("size", "language", "tab"), CLICKED, ids=str)
async def test_every_key_of_the_footer_can_be_clicked(
    size: tuple[int, int], language: str, tab: str
) -> None:
    with speaking(language):
        await every_key_of_the_footer_can_be_clicked(size, tab)


async def every_key_of_the_footer_can_be_clicked(size: tuple[int, int], tab: str) -> None:
    async with running(tab=tab, size=size) as pilot:
        walk, footer = Walk(pilot, tab), pilot.app.query_one("#footer", Line)
        shown = widget_lines(pilot, footer)[0]
        clicked = 0
        for key in footer_keys(*pane(pilot).places, Place.APP):
            label = f"{key.in_footer} {translated(key.label)} "
            if f" {label}" in shown and key.action != "quit":
                # Now on the key, now on what stands behind it.
                shift = 0 if clicked % 2 else len(key.in_footer) + 2
                await walk.check(key, partial(click_text, pilot, label, footer, shift))
                clicked += 1
        assert clicked >= 5
        await click_text(pilot, f"q {translated('quit')}", footer)
        await wait_until(pilot, lambda: has_left(pilot))


LEAVING = [name for key in KEYS[Place.APP] if key.action == "quit" for name in key.keys.split(",")]


@pytest.mark.parametrize(
    ("tab", "name"),
    [
        *product(["total"], LEAVING),
        *product(["trend", "density", "proportion", "city"], LEAVING[:1]),
    ],
)
async def test_every_tab_can_be_left(tab: str, name: str) -> None:
    async with running(tab=tab) as pilot:
        await pilot.press(name)
        await wait_until(pilot, lambda: has_left(pilot))
    assert pilot.app.return_code == 0


async def test_what_is_pressed_after_leaving_does_nothing() -> None:
    async with running() as pilot:
        app = host(pilot)
        app.exit()
        for number in "1345":
            await app.run_action(f"app.{KEYS[Place.APP][int(number) - 1].action}")
        await app.rebuild()
        assert app.tab == "total"


@pytest.mark.parametrize("opened", ["question_mark", "i", "s", "slash", "ctrl+p", "C"])
async def test_the_app_can_be_left_from_above_the_tabs_and_while_typing(opened: str) -> None:
    async with running() as pilot:
        await pilot.press(opened, "ctrl+c")
        await wait_until(pilot, lambda: has_left(pilot))
    assert pilot.app.return_code == 0


async def test_what_is_opened_above_the_tabs_is_closed_by_the_key_that_opened_it() -> None:
    async with running() as pilot:
        await pilot.press("space", "space")
        for key in ("question_mark", "f1", "i", "x"):
            await pilot.press(key)
            text_screen(pilot)
            await pilot.press(key)
            assert len(pilot.app.screen_stack) == 1, key


async def test_a_long_text_scrolls_by_keys_and_wheel() -> None:
    async with running(size=NARROW) as pilot:
        await pilot.press("question_mark")
        area = text_screen(pilot).query_one(Lines)
        first, last = next(all_keys())[1].help, list(all_keys())[-1][1].help
        assert first in screen_text(pilot)
        assert last not in screen_text(pilot)
        await pilot.press("end")
        assert last in screen_text(pilot)
        assert first not in screen_text(pilot)
        await pilot.press("home", "j", "j", "k", "down")
        assert area.scroll_offset.y == 2
        await scroll_wheel(pilot, area, down=True, times=40)
        assert last in screen_text(pilot)
