"""The first screen is drawn before the dataset is read: nothing changes when it is, and no key
that is pressed before is lost.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.widget import Widget

from citytech_data.catalogue import embedded_names
from citytech_data.vocabulary import MEASURES
from citytech_tui.dataview import DataView
from citytech_tui.panes.city import CityPane
from citytech_tui.screens.choice import ChoiceScreen
from citytech_tui.screens.text import TextScreen
from citytech_tui.widgets.lines import Lines
from citytech_tui.widgets.table import Table
from tests.tui.helpers import (
    NARROW,
    WIDE,
    Running,
    cells,
    each_measure,
    host,
    lines,
    make_app,
    screen_text,
    table,
    told,
    wait_until,
)
from tests.tui.terminal import LIMIT
from tests.tui.walk import found_by_palette


class Reading:
    """Lets the dataset be read only when the test says so."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.begun = threading.Event()
        self.ended = False

    async def end(self, pilot: Running) -> None:
        """Let the dataset be read, and wait until all of it is shown."""
        assert not self.ended
        self.may_end.set()
        await wait_until(pilot, lambda: host(pilot).view.dataset is not None)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reading]:
    """Hold the reading of datasets back."""
    held, load = Reading(), DataView.load

    def wait_and_load(view: DataView, *how: Any) -> None:
        held.begun.set()
        assert held.may_end.wait(LIMIT)
        load(view, *how)

    monkeypatch.setattr(DataView, "load", wait_and_load)
    yield held
    held.may_end.set()


@asynccontextmanager
async def opening(
    reading: Reading, dataset: str = "published", tab: str = "total", size: tuple[int, int] = WIDE
) -> AsyncIterator[Running]:
    """Run the app up to its first screen, the dataset not yet read."""
    app = make_app(dataset, tab)
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_until(pilot, reading.begun.is_set)
        assert app.view.dataset is None
        yield pilot
        reading.may_end.set()


@pytest.mark.parametrize(
    ("dataset", "measure", "size"),
    [
        (dataset, measure, (WIDE, NARROW)[(row + column) % 2])
        for row, dataset in enumerate(embedded_names())
        for column, measure in enumerate(MEASURES)
    ],
    ids=str,
)
async def test_nothing_changes_when_the_dataset_is_read(
    reading: Reading, dataset: str, measure: str, size: tuple[int, int]
) -> None:
    async with opening(reading, dataset, measure, size) as pilot:
        before = cells(pilot)
        assert table(pilot).rows.height > 10
        await reading.end(pilot)
        after = cells(pilot)
        for y, (line, line_after) in enumerate(zip(before, after, strict=True)):
            assert line == line_after, f"line {y}: {lines(pilot)[y]}"


async def test_a_widget_is_styled_once_and_again_only_for_the_focus(
    reading: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    styled: list[object] = []
    apply = Stylesheet.apply

    def counted(self: Stylesheet, node: DOMNode, **how: Any) -> None:
        if node.parent is not None and isinstance(node, Widget):
            styled.append(node)
        apply(self, node, **how)

    monkeypatch.setattr(Stylesheet, "apply", counted)
    async with opening(reading) as pilot:
        assert Counter(styled) == Counter(
            [*pilot.app.screen.walk_children(with_self=True), table(pilot)]
        )


@each_measure
async def test_nothing_is_drawn_again_when_the_dataset_is_read(
    drawn_by_textual: None, reading: Reading, measure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []
    for kind in (Table, Lines):
        render_line = kind.render_line

        def counted(self: object, y: int, render_line: object = render_line) -> object:
            drawn.append((self, y))
            return render_line(self, y)  # type: ignore[operator]

        monkeypatch.setattr(kind, "render_line", counted)
    async with opening(reading, tab=measure) as pilot:
        assert drawn
        drawn.clear()
        await reading.end(pilot)
        assert drawn == []


@each_measure
async def test_moving_and_switching_need_no_dataset(reading: Reading, measure: str) -> None:
    async with opening(reading, tab=measure) as pilot:
        await pilot.press("down", "down")
        assert table(pilot).cursor_row == 2
        city = table(pilot).current
        for key in "234":
            await pilot.press(key)
            assert table(pilot).rows.height == 51
            assert (table(pilot).current or {})["code"] == (city or {})["code"]
        before = cells(pilot)
        await reading.end(pilot)
        assert cells(pilot) == before


# --- Keys pressed before the dataset is read ---------------------------------------------


async def test_a_filter_typed_before_is_applied_when_it_is_read(reading: Reading) -> None:
    async with opening(reading) as pilot:
        await pilot.press("slash", *"shanghai")
        assert "shanghai" in lines(pilot)[0]
        await reading.end(pilot)
        assert table(pilot).rows.height == 1
        assert "Shanghai 上海" in lines(pilot)[3]
        await pilot.press("enter", "escape")
        assert table(pilot).rows.height == 51


async def test_a_filter_cleared_before_leaves_all_cities(reading: Reading) -> None:
    async with opening(reading) as pilot:
        before = screen_text(pilot)
        await pilot.press("slash", *"shanghai", "escape")
        await reading.end(pilot)
        assert screen_text(pilot) == before


async def test_an_order_chosen_before_is_applied_when_it_is_read(reading: Reading) -> None:
    async with opening(reading) as pilot:
        await pilot.press("s")
        assert isinstance(pilot.app.screen, ChoiceScreen)
        await pilot.press("2")
        await reading.end(pilot)
        names = [table(pilot).rows.row(index)["city"] for index in range(51)]
        assert names == sorted(names)
        assert "City▲" in lines(pilot)[2]


async def test_an_order_reversed_before_is_reversed_when_it_is_read(reading: Reading) -> None:
    async with opening(reading) as pilot:
        await pilot.press("s", "2", "s", "2")
        await reading.end(pilot)
        names = [table(pilot).rows.row(index)["city"] for index in range(51)]
        assert names == sorted(names, reverse=True)


async def test_cities_marked_before_stay_marked(reading: Reading) -> None:
    async with opening(reading) as pilot:
        await pilot.press("space", "space")
        marked = host(pilot).selection.marked
        assert len(marked) == 2
        assert "2 marked" in lines(pilot)[0]
        before = cells(pilot)
        await reading.end(pilot)
        assert host(pilot).selection.marked == marked
        assert cells(pilot) == before
        await pilot.press("x")
        assert isinstance(pilot.app.screen, TextScreen)


async def test_city_detail_opened_before_is_filled_when_it_is_read(reading: Reading) -> None:
    async with opening(reading) as pilot:
        await pilot.press("down", "enter")
        assert host(pilot).tab == "city"
        assert "eading" in screen_text(pilot)
        await pilot.press("right")
        await reading.end(pilot)
        assert "Hangzhou 杭州" in lines(pilot)[0]
        assert "330100" in pilot.app.query_one(CityPane).query_one(Lines).plain
        assert "eading" not in screen_text(pilot)


async def test_the_trend_opened_before_is_filled_when_it_is_read(reading: Reading) -> None:
    async with opening(reading) as pilot:
        await pilot.press("1", "L", "d", "down")
        await reading.end(pilot)
        assert "logarithmic" in screen_text(pilot)
        assert "in points" in screen_text(pilot)
        assert table(pilot).rows.height > 5


@pytest.mark.parametrize("tab", ["1", "2", "5"])
async def test_a_key_that_needs_the_dataset_says_so(reading: Reading, tab: str) -> None:
    done_at_once = {"1": "", "2": "y space", "5": "space"}  # or not a key of this tab
    async with opening(reading) as pilot:
        await pilot.press(tab)
        for key in ("i", "e", "y", "space"):
            told(pilot)
            await pilot.press(key)
            assert ("still being read" in told(pilot)) is (key not in done_at_once[tab].split())
        assert not list(Path.cwd().iterdir())
        await reading.end(pilot)


@pytest.mark.parametrize("tab", ["1", "2", "5"])
async def test_other_keys_before_are_harmless(reading: Reading, tab: str) -> None:
    async with opening(reading) as pilot:
        await pilot.press(tab, "t", "left_square_bracket", "C", "escape")
        await pilot.press("ctrl+p", *"wuhan")
        await wait_until(pilot, lambda: any("Wuhan" in name for name in found_by_palette(pilot)))
        await pilot.press("enter")
        await reading.end(pilot)
        assert len(pilot.app.screen_stack) == 1
        assert host(pilot).tab == "city"
        assert "Wuhan" in lines(pilot)[0]


async def test_it_can_be_left_before_the_dataset_is_read(reading: Reading) -> None:
    async with opening(reading) as pilot:
        await pilot.press("q")
        await wait_until(pilot, lambda: pilot.app._exit)
    assert pilot.app.return_code == 0


async def test_printed_only_asked_for_before_is_shown_when_it_is_read(reading: Reading) -> None:
    async with opening(reading) as pilot:
        await pilot.press("p")
        await reading.end(pilot)
        assert "printed only" in lines(pilot)[0]
        assert "≥ 10,000" in screen_text(pilot)
