"""The palette, and keys that come before it shows anything."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import Input

from citytech_tui.screens.palette import Palette
from tests.tui.helpers import running


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
