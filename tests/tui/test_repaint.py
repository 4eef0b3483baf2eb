"""A key repaints what it changes, and nothing else; the pointer repaints nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from textual.strip import Strip
from textual.widget import Widget

from citytech_tui.widgets.chart import Chart
from citytech_tui.widgets.line import Line
from citytech_tui.widgets.lines import Lines
from citytech_tui.widgets.table import Table
from tests.tui.helpers import NARROW, WIDE, each_tab, host, lines, running, strips, table

Drawn = list[tuple[str, int]]


@pytest.fixture
def drawn(drawn_by_textual: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawn]:
    """The lines that the app's own widgets draw: the kind of widget and the line."""
    lines: Drawn = []
    for kind in (Table, Lines, Line, Chart):
        render_line = kind.render_line

        def counted(
            self: Widget, y: int, render_line: Any = render_line, name: str = kind.__name__
        ) -> Strip:
            lines.append((name, y))
            strip: Strip = render_line(self, y)
            return strip

        monkeypatch.setattr(kind, "render_line", counted)
    yield lines


def of(drawn: Drawn, name: str) -> list[int]:
    """Return the lines that a kind of widget has drawn, in order."""
    return sorted(y for kind, y in drawn if kind == name)


async def test_a_move_repaints_two_rows_and_what_differs_in_the_panel(drawn: Drawn) -> None:
    async with running() as pilot:
        panel = pilot.app.query_one("#total Lines", Lines)
        for row in range(1, 6):
            before = panel.plain.split("\n")
            drawn.clear()
            await pilot.press("down")
            after = panel.plain.split("\n")
            height = max(len(before), len(after))
            differ = [
                y for y in range(height) if before[y : y + 1] != after[y : y + 1]
            ]  # of lines that only one of them has, too
            assert of(drawn, "Table") == [row, row + 1]
            assert set(of(drawn, "Lines")) <= set(differ)
            assert of(drawn, "Line") == []


async def test_a_move_without_a_panel_repaints_two_rows(drawn: Drawn) -> None:
    async with running(size=NARROW) as pilot:
        drawn.clear()
        await pilot.press("down")
        assert drawn == [("Table", 1), ("Table", 2)]


async def test_a_move_at_the_edge_repaints_nothing(drawn: Drawn) -> None:
    async with running() as pilot:
        drawn.clear()
        await pilot.press("up", "home")
        assert drawn == []


async def test_scrolling_repaints_the_table_once(drawn: Drawn) -> None:
    async with running(size=NARROW) as pilot:
        height = table(pilot).size.height
        drawn.clear()
        await pilot.press("G")
        assert len(of(drawn, "Table")) <= 2 * height
        assert of(drawn, "Line") == []


async def test_a_mark_repaints_its_row_the_next_and_the_title(drawn: Drawn) -> None:
    async with running() as pilot:
        drawn.clear()
        await pilot.press("space")
        assert set(of(drawn, "Table")) == {1, 2}
        assert of(drawn, "Line") == [0]


async def test_a_move_among_series_does_not_draw_the_chart_again(drawn: Drawn) -> None:
    async with running(tab="trend") as pilot:
        drawn.clear()
        await pilot.press("down")
        assert of(drawn, "Table") == [1, 2]
        assert of(drawn, "Chart") == []


@each_tab
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])
async def test_the_pointer_repaints_nothing(drawn: Drawn, tab: str, size: tuple[int, int]) -> None:
    async with running(tab=tab, size=size) as pilot:
        before = strips(pilot)
        drawn.clear()
        for y in range(1, 21):
            await pilot.hover(offset=(5 + 3 * y, y))
        assert drawn == []
        assert strips(pilot) == before


async def test_a_message_repaints_no_other_line_of_the_app(drawn: Drawn) -> None:
    async with running() as pilot:
        drawn.clear()
        host(pilot).tell("Done.")
        await pilot.pause()
        covered = of(drawn, "Line") + of(drawn, "Table")
        assert len(covered) <= 8


async def test_what_changed_while_a_tab_was_hidden_is_drawn_when_it_is_shown() -> None:
    async with running() as pilot:
        await pilot.press("g", "5", "n", "b")
        city = table(pilot).current
        assert city is not None
        assert host(pilot).selection.city == city["code"]
        assert lines(pilot)[2].rstrip().endswith(f"{city['city']} {city['city_zh']} · Guangdong")
