"""What tests of the app need: to run it without a terminal, and to read what it shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from citytech_data.catalogue import embedded_names
from citytech_data.dataset import open_dataset
from citytech_data.opening import read_opening
from citytech_data.vocabulary import MEASURES
from citytech_tui.app import CityTechApp
from citytech_tui.dataview import DataView
from citytech_tui.pane import Pane
from citytech_tui.screens.text import TextScreen
from citytech_tui.selection import Selection, Slice
from citytech_tui.widgets.table import Table
from tests.tui.terminal import LIMIT

TABS = ("trend", "total", "density", "proportion", "city")
WIDE, NARROW = (120, 40), (80, 24)

each_size = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])
each_dataset = pytest.mark.parametrize("dataset", embedded_names())
each_tab = pytest.mark.parametrize("tab", TABS)
each_measure = pytest.mark.parametrize("measure", MEASURES)

Running = Pilot[int]


# --- To run the app ------------------------------------------------------------------


def make_app(dataset: str | Path = "published", tab: str = "total") -> CityTechApp:
    """Return the app as the program starts it: from the stored opening where there is one."""
    opening = read_opening(dataset) if isinstance(dataset, str) and tab in MEASURES else None
    view = DataView(opening, None if opening else open_dataset(str(dataset)))
    return CityTechApp(view, Selection(Slice(view.year)), tab)


@asynccontextmanager
async def running(
    dataset: str | Path = "published", tab: str = "total", size: tuple[int, int] = WIDE
) -> AsyncIterator[Running]:
    """Run the app until its dataset is read and all of it is shown."""
    app = make_app(dataset, tab)
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_until(pilot, lambda: app.view.dataset is not None)
        await app.workers.wait_for_complete()
        await pilot.pause()
        yield pilot


async def wait_until(pilot: Running, holds: Callable[[], object]) -> None:
    """Let the app work until something holds."""
    async with asyncio.timeout(LIMIT):
        while not holds():
            assert pilot.app._exception is None
            await pilot.pause()


def host(pilot: Running) -> CityTechApp:
    """Return the app."""
    app = pilot.app
    assert isinstance(app, CityTechApp)
    return app


def pane(pilot: Running) -> Pane:
    """Return the pane of the active tab."""
    found = host(pilot).pane
    assert found is not None
    return found


def table(pilot: Running) -> Table:
    """Return the table of the active tab."""
    return pane(pilot).query_one(Table)


def text_screen(pilot: Running) -> TextScreen:
    """Return the text that is open above the tabs."""
    screen = pilot.app.screen
    assert isinstance(screen, TextScreen), f"no text is open but {screen}"
    return screen


def told(pilot: Running) -> str:
    """Return the messages that are shown, and clear them."""
    app = pilot.app
    messages = "\n".join(notification.message for notification in app._notifications)
    app.clear_notifications()
    return messages


# --- To read the screen --------------------------------------------------------------


def strips(pilot: Running) -> list[Strip]:
    """Return the lines of the screen as they are drawn."""
    return pilot.app.screen._compositor.render_strips()


def lines(pilot: Running) -> list[str]:
    """Return the lines of the screen as text."""
    return [strip.text for strip in strips(pilot)]


def screen_text(pilot: Running) -> str:
    """Return the screen as text, without the space at the end of lines."""
    return "\n".join(line.rstrip() for line in lines(pilot))


def cells(pilot: Running) -> list[list[tuple[str, Style | None]]]:
    """Return the screen cell by cell: a character and its style; a wide one has an empty second."""
    return [
        [
            (part, segment.style)
            for segment in strip
            for character in segment.text
            for part in (character, *[""] * (cell_len(character) - 1))
        ]
        for strip in strips(pilot)
    ]


def widget_lines(pilot: Running, widget: Widget) -> list[str]:
    """Return what the screen shows where `widget` is."""
    region = widget.region
    return [
        strip.crop(region.x, region.right).text for strip in strips(pilot)[region.y : region.bottom]
    ]


def find_on(pilot: Running, wanted: str, widget: Widget | None = None) -> Offset:
    """Return the cell of the screen where a text begins, within `widget` if one is given."""
    region = (widget or pilot.app.screen).region
    for y, line in enumerate(widget_lines(pilot, widget or pilot.app.screen)):
        if wanted in line:
            return Offset(region.x + cell_len(line[: line.index(wanted)]), region.y + y)
    raise AssertionError(f"{wanted!r} is not on the screen:\n{screen_text(pilot)}")


# --- To use the mouse ----------------------------------------------------------------


async def click_text(
    pilot: Running, wanted: str, widget: Widget | None = None, shift: int = 0, *, times: int = 1
) -> None:
    """Click on a text, `shift` cells from its beginning."""
    await pilot.click(offset=find_on(pilot, wanted, widget) + Offset(shift, 0), times=times)


async def scroll_wheel(pilot: Running, widget: Widget, *, down: bool, times: int = 1) -> None:
    """Turn the mouse wheel over the middle of a widget."""
    kind: Any = events.MouseScrollDown if down else events.MouseScrollUp
    middle = (widget.size.width // 2, widget.size.height // 2)
    for _ in range(times):
        await pilot._post_mouse_events([kind], widget, middle)
