"""The table: its columns in the width there is, its cursor, and how little it draws."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.strip import Strip

from citytech_data.rows import FrameRows, Row, Rows, StoredRows
from citytech_tui.widgets.table import Column, Table, arrange
from tests.tui.helpers import click_text, scroll_wheel, widget_lines

COLUMNS = (
    Column("number", "No", lambda row, width: str(row["number"]), 4, right=True, sort="number"),
    Column("name", "Name", lambda row, width: row["name"], 6, 8),
    Column("more", "More", lambda row, width: "m" * width, 5, priority=1, grows=True),
    Column("last", "Last", lambda row, width: "北京", 5, priority=2, sort="last"),
)


def rows(count: int) -> StoredRows:
    """Return numbered rows."""
    names = [f"n{number}" for number in range(count)]
    return StoredRows({"number": range(count), "name": names}, range(count))


class Host(App[int]):
    """Shows nothing but a table, and counts the lines and cells that are drawn."""

    def __init__(self, shown: Rows) -> None:
        super().__init__()
        self.shown = shown
        self.drawn: list[int] = []
        self.cells = 0
        self.messages: list[Any] = []

    def compose(self) -> ComposeResult:
        host = self

        class Counted(Table):
            def render_line(self, y: int) -> Strip:
                host.drawn.append(y)
                return super().render_line(y)

        def counted(row: Row, width: int) -> str:
            host.cells += 1
            return str(row["number"])

        first = Column("number", "No", counted, 7, right=True, sort="number")
        yield Counted((first, *COLUMNS[1:]), key="name")

    def on_mount(self) -> None:
        self.table.follow = lambda row: self.messages.append(("followed", row["number"]))
        self.table.show(self.shown)
        self.table.focus()

    @property
    def table(self) -> Table:
        return self.query_one(Table)

    def on_table_header_selected(self, event: Table.HeaderSelected) -> None:
        self.messages.append(("header", event.column.key))

    def on_table_opened(self, event: Table.Opened) -> None:
        current = event.table.current
        self.messages.append(("opened", current and current["number"]))


# --- Columns in a width ------------------------------------------------------------------


@st.composite
def columns(draw: st.DrawFn) -> list[Column]:
    """Return columns of any widths and priorities."""
    made = []
    for number in range(draw(st.integers(1, 8))):
        width = draw(st.integers(1, 12))
        widest = draw(st.integers(0, 20))
        priority, grows = draw(st.integers(0, 5)), draw(st.booleans())
        name = f"c{number}"
        made.append(Column(name, name, lambda row, w: "", width, widest, priority, grows=grows))
    return made


def taken(arranged: list[tuple[Column, int]]) -> int:
    """Return the cells that arranged columns take, each with the space before it."""
    return sum(width + 1 for _, width in arranged)


@given(columns(), st.integers(0, 120))
def test_arranged_columns_fit(given_columns: list[Column], width: int) -> None:
    arranged = arrange(given_columns, width)
    assert arranged
    assert taken(arranged) <= width or len(arranged) == 1
    assert all(cells >= column.width for column, cells in arranged)
    assert all(
        cells <= max(column.width, column.widest) or column.grows for column, cells in arranged
    )


@given(columns(), st.integers(0, 120))
def test_arranged_columns_keep_their_order_and_the_more_important(
    given_columns: list[Column], width: int
) -> None:
    shown = [column for column, _ in arrange(given_columns, width)]
    assert shown == [column for column in given_columns if column in shown]
    left_out = [column for column in given_columns if column not in shown]
    for column in left_out:
        assert all(column.priority >= other.priority for other in shown)
    if left_out:
        # There was really no room for the next one.
        following = min(left_out, key=lambda column: column.priority)
        assert sum(column.width + 1 for column in (*shown, following)) > width


@given(columns(), st.integers(0, 120))
def test_what_is_left_over_goes_to_a_column_that_grows(
    given_columns: list[Column], width: int
) -> None:
    arranged = arrange(given_columns, width)
    if any(column.grows for column, _ in arranged) and len(arranged) > 1:
        assert taken(arranged) == width


@given(columns(), st.integers(0, 119))
def test_more_width_never_shows_less(given_columns: list[Column], width: int) -> None:
    fewer, more = (
        {column.key for column, _ in arrange(given_columns, cells)} for cells in (width, width + 1)
    )
    assert fewer <= more


def test_known_arrangements() -> None:
    def widths(width: int) -> list[tuple[str, int]]:
        return [(column.key, cells) for column, cells in arrange(COLUMNS, width)]

    assert widths(24) == [("number", 4), ("name", 6), ("more", 5), ("last", 5)]
    assert widths(23) == [("number", 4), ("name", 8), ("more", 8)]
    assert widths(30) == [("number", 4), ("name", 8), ("more", 9), ("last", 5)]
    assert widths(18) == [("number", 4), ("name", 6), ("more", 5)]
    assert widths(17) == [("number", 4), ("name", 8)]
    assert widths(3) == [("number", 4)]


# --- What it shows -----------------------------------------------------------------------


@pytest.mark.parametrize("width", [6, 12, 20, 26, 40, 80])
async def test_every_line_has_the_width(width: int) -> None:
    app = Host(rows(30))
    async with app.run_test(size=(width, 8)) as pilot:
        for line in widget_lines(pilot, app.table):
            assert cell_len(line) == width


async def test_the_header_names_the_columns_and_the_order() -> None:
    app = Host(rows(3))
    async with app.run_test(size=(40, 6)) as pilot:
        shown = app.table
        assert widget_lines(pilot, shown) == [
            "      No Name     More            Last  ",
            "       0 n0       mmmmmmmmmmmmmmm 北京  ",
            "       1 n1       mmmmmmmmmmmmmmm 北京  ",
            "       2 n2       mmmmmmmmmmmmmmm 北京  ",
            " " * 40,
            " " * 40,
        ]
        for descending, mark in ((False, "▲"), (True, "▼")):
            shown.sorted_by = (("number", descending),)
            shown.show(shown.rows)
            await pilot.pause()
            assert f"No{mark} Name" in widget_lines(pilot, shown)[0]


async def test_the_mark_of_the_order_stands_before_a_label_that_takes_the_whole_width() -> None:
    app = Host(rows(1))
    async with app.run_test(size=(40, 4)) as pilot:
        full = Column("last", "Lasts", lambda row, width: "", 5, sort="last")
        app.table.sorted_by = (("last", True),)
        app.table.show(rows(1), columns=[*COLUMNS[:2], full])
        await pilot.pause()
        assert "▼Lasts" in widget_lines(pilot, app.table)[0]


async def test_without_rows_it_says_so() -> None:
    app = Host(rows(0))
    async with app.run_test(size=(40, 4)) as pilot:
        app.table.empty_text = "Nothing here."
        app.table.show(rows(0))
        await pilot.pause()
        assert widget_lines(pilot, app.table)[1].strip() == "Nothing here."
        assert app.table.current is None
        await pilot.press("down", "G", "g", "pagedown")
        await pilot.click(Table, offset=(3, 2), times=2)
        assert app.messages == []


# --- Its cursor --------------------------------------------------------------------------


async def test_the_cursor_moves_by_keys_within_the_rows() -> None:
    app = Host(rows(30))
    async with app.run_test(size=(40, 11)) as pilot:
        found = []
        for key in ("up", "down", "j", "k", "pagedown", "pagedown", "pageup", "G", "down", "g"):
            await pilot.press(key)
            found.append(app.table.cursor_row)
        assert found == [0, 1, 2, 1, 11, 21, 11, 29, 29, 0]
        rows_told = [row for kind, row in app.messages if kind == "followed"]
        assert rows_told == [1, 2, 1, 11, 21, 11, 29, 0]


@settings(max_examples=20)
@given(moves=st.lists(st.integers(-40, 40), max_size=8))
async def test_the_cursor_is_always_in_sight(moves: list[int]) -> None:
    app = Host(rows(30))
    async with app.run_test(size=(40, 6)) as pilot:
        for move in moves:
            app.table.move_to(app.table.cursor_row + move)
            await pilot.pause()
            assert 0 <= app.table.cursor_row < 30
            seen = widget_lines(pilot, app.table)[1:]
            assert any(f" n{app.table.cursor_row} " in line for line in seen)


async def test_the_cursor_stays_on_its_row_in_another_order() -> None:
    app = Host(rows(30))
    async with app.run_test(size=(40, 6)) as pilot:
        app.table.move_to(3)
        reverse = StoredRows(rows(30).columns, range(29, -1, -1))
        app.table.show(reverse, focus_on="n3")
        await pilot.pause()
        assert app.table.cursor_row == 26
        assert any(" n3 " in line for line in widget_lines(pilot, app.table))
        app.table.show(reverse, focus_on="not there")
        assert app.table.cursor_row == 0
        for key, row in (("n9", 20), ("not there", 20), (None, 20)):
            app.table.move_to_key(key)
            assert app.table.cursor_row == row


async def test_clicks() -> None:
    app = Host(rows(30))
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.click(Table, offset=(3, 3))
        assert app.table.cursor_row == 2
        await click_text(pilot, "No", app.table)
        await click_text(pilot, "Last", app.table)
        await pilot.click(Table, offset=(3, 4), times=2)
        assert app.messages == [
            ("followed", 2),
            ("header", "number"),
            ("header", "last"),
            ("followed", 3),
            ("opened", 3),
        ]
        await scroll_wheel(pilot, app.table, down=True)
        top = app.table.scroll_offset.y
        assert top > 0
        await pilot.click(Table, offset=(3, 1))
        assert app.table.cursor_row == top


# --- How little it draws -----------------------------------------------------------------


async def test_a_million_rows_are_drawn_as_far_as_they_are_seen() -> None:
    frame = pl.DataFrame({"number": pl.int_range(1_000_000, eager=True)}).with_columns(
        pl.format("n{}", "number").alias("name")
    )
    app = Host(FrameRows(frame))
    height = 40
    async with app.run_test(size=(80, height)) as pilot:
        assert 0 < app.cells <= 4 * height
        for key, row in (
            ("down", 1),
            ("pagedown", height),
            ("G", 999_999),
            ("pageup", 999_999 - height + 1),
            ("g", 0),
        ):
            app.cells = 0
            app.drawn.clear()
            await pilot.press(key)
            assert app.table.cursor_row == row
            assert app.cells <= 4 * height
            assert len(app.drawn) <= 2 * height
        app.cells = 0
        app.table.show(FrameRows(frame.reverse()))
        await pilot.pause()
        assert app.cells <= 4 * height
        await pilot.press("G")
        assert f" {0} n0 " in widget_lines(pilot, app.table)[-1]


async def test_a_move_draws_two_lines() -> None:
    app = Host(rows(30))
    async with app.run_test(size=(40, 11)) as pilot:
        for key, expected in (("down", [1, 2]), ("down", [2, 3]), ("up", [2, 3])):
            app.drawn.clear()
            await pilot.press(key)
            assert sorted(app.drawn) == expected
        app.drawn.clear()
        app.table.show(app.table.rows, focus_on="n1")
        await pilot.pause()
        assert app.drawn == []


async def test_a_move_at_the_edge_draws_nothing() -> None:
    app = Host(rows(3))
    async with app.run_test(size=(40, 11)) as pilot:
        app.drawn.clear()
        await pilot.press("up", "home", "pageup")
        assert app.drawn == []


async def test_the_pointer_moves_over_it_without_a_line_being_drawn() -> None:
    app = Host(rows(30))
    async with app.run_test(size=(40, 22)) as pilot:
        app.drawn.clear()
        app.cells = 0
        for y in range(1, 21):
            await pilot.hover(Table, offset=(5 + y, y))
        assert app.drawn == []
        assert app.cells == 0
