"""Clicks and the wheel."""

from __future__ import annotations

from textual.geometry import Offset

from citytech_data.vocabulary import MEASURES
from citytech_tui.bindings import KEYS, Place
from citytech_tui.format import city_text
from tests.tui.helpers import (
    NARROW,
    click_text,
    each_measure,
    each_size,
    each_tab,
    find_on,
    host,
    lines,
    pane,
    running,
    screen_text,
    scroll_wheel,
    table,
    widget_lines,
)
from tests.tui.walk import (
    Walk,
    is_sorted,
    parsed,
    rows_of,
)


@each_measure
@each_size
async def test_a_click_on_a_header_sorts_and_another_reverses(
    size: tuple[int, int], measure: str
) -> None:
    async with running(tab=measure, size=size) as pilot:
        shown = table(pilot)
        header = Offset(0, shown.region.y)
        columns = [column for column in shown.shown_columns if column.sort]
        assert len(columns) >= 4
        for column in columns:
            directions = []
            for _ in range(2):
                label = find_on(pilot, column.label, shown)
                assert label.y == header.y
                await pilot.click(offset=label)
                by, descending = is_sorted(pilot)
                assert by == column.sort
                directions.append(descending)
            assert set(directions) == {True, False}, column.label


async def test_a_click_on_the_header_of_an_unsorted_column_does_nothing() -> None:
    async with running() as pilot:
        shown = table(pilot)
        before = lines(pilot)
        bar = find_on(pilot, "█", shown)
        await pilot.click(offset=(bar.x, shown.region.y))
        assert lines(pilot) == before


@each_tab
@each_size
async def test_a_click_moves_and_a_double_click_opens(size: tuple[int, int], tab: str) -> None:
    async with running(tab=tab, size=size) as pilot:
        shown, walk = table(pilot), Walk(pilot, tab)
        await pilot.click(shown, offset=(5, 3))
        walk.cursor_is_on(2)
        row = rows_of(shown)[4]
        await pilot.click(shown, offset=(5, 5), times=2)
        await pilot.pause()
        if tab in MEASURES:
            assert host(pilot).tab == "city"
            assert city_text(row) in lines(pilot)[0]
        else:
            assert host(pilot).tab == tab
            walk.cursor_is_on(4)


async def test_a_click_below_the_last_row_does_nothing() -> None:
    async with running("china-inventions-2016") as pilot:
        shown = table(pilot)
        assert shown.rows.height + 2 < shown.size.height
        await pilot.click(shown, offset=(5, shown.rows.height + 1), times=2)
        assert shown.cursor_row == 0
        assert host(pilot).tab == "total"


@each_size
async def test_a_click_on_a_tab_opens_it(size: tuple[int, int]) -> None:
    async with running(size=size) as pilot:
        for key in KEYS[Place.APP]:
            name, tab = parsed(key.action)
            if name == "tab":
                await click_text(pilot, key.label, pilot.app.query_one("#tabs"), 1)
                assert host(pilot).tab == tab
                assert pane(pilot).id == tab


async def test_the_wheel_scrolls_and_leaves_the_cursor_where_it_was() -> None:
    async with running(size=NARROW) as pilot:
        shown = table(pilot)
        first, last = (rows_of(shown)[row]["city"] for row in (0, -1))
        assert first in screen_text(pilot)
        assert last not in screen_text(pilot)
        await scroll_wheel(pilot, shown, down=True, times=30)
        assert first not in screen_text(pilot)
        assert last in screen_text(pilot)
        assert shown.cursor_row == 0
        await scroll_wheel(pilot, shown, down=False, times=30)
        assert first in screen_text(pilot)


async def test_a_row_can_be_clicked_after_scrolling() -> None:
    async with running(size=NARROW) as pilot:
        shown = table(pilot)
        await scroll_wheel(pilot, shown, down=True, times=4)
        top = shown.scroll_offset.y
        assert top > 0
        name = rows_of(shown)[top + 2]["city"]
        assert name in widget_lines(pilot, shown)[3]
        await pilot.click(shown, offset=(8, 3))
        assert shown.cursor_row == top + 2
