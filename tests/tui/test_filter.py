"""The filter as it is typed, on all tabs."""

from __future__ import annotations

from pathlib import Path

import pytest

from citytech_tui.app import CityTechApp
from citytech_tui.widgets.table import Table
from tests.tui.helpers import (
    host,
    lines,
    running,
    screen_text,
    table,
)
from tests.tui.walk import (
    close_all,
    has_left,
    rows_of,
)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("xian", "610100"),
        ("XI AN", "610100"),
        ("西安", "610100"),
        ("haerbin", None),
        ("Shaanxi", "610100"),
        ("610100", "610100"),
    ],
)
async def test_the_filter_finds_by_name_pinyin_chinese_province_and_code(
    typed: str, code: str | None
) -> None:
    async with running() as pilot:
        await pilot.press("slash", *("space" if c == " " else c for c in typed), "enter")
        found = [row["code"] for row in rows_of(table(pilot))]
        assert code in found if code is not None else not found
        assert len(found) < 15
        if code is None:
            assert "haerbin" in screen_text(pilot)
            for key in ("i", "e", "y", "space", "x", "enter", "s", "1", "down", "G", "5", "2"):
                await pilot.press(key)
                await close_all(pilot)


async def test_the_filter_holds_on_every_tab_and_is_cleared_on_all() -> None:
    async with running() as pilot:
        await pilot.press("slash", *"guangdong", "enter")
        found = table(pilot).rows.height
        assert found > 1
        for key in "34":
            await pilot.press(key)
            assert table(pilot).rows.height == found
            assert "guangdong" in lines(pilot)[0]
        await pilot.press("escape", "2")
        assert table(pilot).rows.height > found


async def test_the_cursor_stays_on_its_city_through_filter_sort_and_tabs() -> None:
    async with running() as pilot:
        await pilot.press("down", "down", "down", "down")
        code = rows_of(table(pilot))[4]["code"]

        def is_on_it() -> bool:
            current = table(pilot).current
            return current is not None and current["code"] == code

        for keys in (["slash", "g", "enter"], ["escape"], ["s", "3"], ["3"], ["4"], ["2"]):
            await pilot.press(*keys)
            assert is_on_it(), keys


async def test_a_move_counts_though_the_rows_are_shown_anew_before_the_selection_follows() -> None:
    async with running() as pilot:
        app, table = pilot.app, pilot.app.query_one(Table)
        assert isinstance(app, CityTechApp)
        table.action_cursor(1)
        app.show_selection()  # as when the dataset has been read
        table.action_cursor(1)
        await pilot.pause()
        assert table.cursor_row == 2
        assert app.selection.city == table.rows.row(2)["code"]


async def test_typing_in_the_filter_runs_no_action() -> None:
    async with running() as pilot:
        await pilot.press("slash", *"q12345tx", "question_mark", "e")
        assert not has_left(pilot)
        assert host(pilot).tab == "total"
        assert host(pilot).selection.filter == "q12345tx?e"
        assert not list(Path.cwd().iterdir())
