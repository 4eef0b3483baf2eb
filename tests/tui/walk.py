"""A walk through a running app: for each action a check of what its help says."""

from __future__ import annotations

import ast
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from textual.command import CommandList, CommandPalette
from textual.widgets import Input, OptionList

from citytech_data.scope import Scope
from citytech_data.vocabulary import MEASURES
from citytech_tui.app import CityTechApp
from citytech_tui.bindings import KEYS, Key, Place, all_keys
from citytech_tui.format import city_text
from citytech_tui.language import spoken, translated
from citytech_tui.names import city_name
from citytech_tui.panes.city import CityPane
from citytech_tui.screens.ask import AskScreen
from citytech_tui.screens.choice import ChoiceScreen
from citytech_tui.screens.export import ExportScreen
from citytech_tui.screens.open import OpenScreen
from citytech_tui.screens.picks import PicksScreen
from citytech_tui.widgets.chart import Chart
from citytech_tui.widgets.line import Line
from citytech_tui.widgets.lines import Lines
from citytech_tui.widgets.table import Table
from tests.tui.helpers import (
    TABS,
    Running,
    cells,
    find_on,
    host,
    lines,
    screen_text,
    table,
    text_screen,
    told,
    wait_until,
    widget_lines,
)

Fire = Callable[[], Awaitable[None]]
TAB_KEYS = dict(zip(TABS, "12345", strict=True))


def parsed(action: str) -> tuple[str, Any]:
    """Split an action into its name and its argument, None if it has none."""
    name, _, arguments = action.partition("(")
    return name, ast.literal_eval(arguments.removesuffix(")")) if arguments else None


class Walk:
    """A running app, and for each action a check of what its help says.

    A check brings the app into a place where the action shows, fires it, looks at the effect, and
    leaves the app as it was but for the row of the cursor.
    """

    def __init__(self, pilot: Running, tab: str, *, brief: bool = True) -> None:
        self.pilot = pilot
        self.brief = brief
        self.tab = tab
        self.app = host(pilot)
        self.other = "density" if tab == "total" else "total"

    async def check(self, key: Key, fire: Fire) -> None:
        """Check that an action does what it should when it is fired."""
        name, argument = parsed(key.action)
        before = self.app.selection
        if self.tab == "trend" and self.table.rows.height == 0 and key not in KEYS[Place.APP]:
            await self._does_nothing(key, fire)
            return
        await getattr(self, f"do_{name}")(fire, *([] if argument is None else [argument]))
        await self.pilot.pause()
        after = self.app.selection
        assert self.app.tab == self.tab
        assert self.app.screen is self.app.screen_stack[0]
        assert replace(after, city=before.city) == before

    async def _does_nothing(self, key: Key, fire: Fire) -> None:
        """Check a key where there is no series: what needs one says why there is none."""
        told(self.pilot)
        await fire()
        await self.pilot.pause()
        assert self.app.screen is self.app.screen_stack[0]
        reason = self.app.view.manifest.absent["trend"]
        needs = key in KEYS[Place.FIGURE] or key.action == "mark"
        assert told(self.pilot) == (reason if needs else "")
        assert reason in screen_text(self.pilot).replace("\n", " ")

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    @property
    def table(self) -> Table:
        return table(self.pilot)

    @property
    def title(self) -> str:
        return lines(self.pilot)[0]

    def cursor_is_on(self, row: int) -> None:
        """Assert that the cursor is on a row, and that this row alone is drawn as such."""
        assert self.table.cursor_row == row
        area, style = self.table.content_region, self.table.get_component_rich_style
        background = style("table--cursor").bgcolor
        drawn = [
            y for y, line in enumerate(cells(self.pilot)) if _background(line, area.x) == background
        ]
        assert drawn == [area.y + 1 + row - self.table.scroll_offset.y]
        assert area.y < drawn[0] < area.bottom

    def opened_palette(self) -> None:
        assert isinstance(self.app.screen, CommandPalette)

    # --- Everywhere

    async def do_tab(self, fire: Fire, tab: str) -> None:
        await fire()
        assert self.app.tab == tab
        tabs = (*TABS, "pictures")
        shown = [each for each in tabs if (found := self.app.query(f"#{each}")) and _seen(found)]
        assert shown == [tab]
        place = next(key for key in KEYS[Place.APP] if parsed(key.action) == ("tab", tab))
        words = f"{place.shown} {translated(place.label)}"
        label = find_on(self.pilot, words, self.app.query_one("#tabs"))
        style = cells(self.pilot)[label.y][label.x][1]
        assert style is not None
        assert style.reverse
        await self.press(TAB_KEYS[self.tab])

    async def do_year(self, fire: Fire, step: int) -> None:
        told(self.pilot)
        await fire()
        assert str(self.app.selection.year) in told(self.pilot)

    async def do_technology(self, fire: Fire) -> None:
        told(self.pilot)
        await fire()
        words = translated("This dataset counts all technologies together, none apart.")
        assert words in told(self.pilot)

    async def do_choose_year(self, fire: Fire) -> None:
        told(self.pilot)
        await fire()
        assert str(self.app.selection.year) in told(self.pilot)

    async def do_population(self, fire: Fire) -> None:
        told(self.pilot)
        await fire()
        assert translated("This dataset has one population only.") in told(self.pilot)

    async def do_scope(self, fire: Fire) -> None:
        everyone = rows_of_view(self.app)
        await fire()
        assert isinstance(self.app.screen, ChoiceScreen)
        offered = self.app.screen.query_one(OptionList)
        await self.press(*["down"] * (offered.option_count - 1), "enter")
        assert isinstance(self.app.screen, AskScreen)
        chosen = [row["code"] for row in everyone[1:4]]
        self.app.screen.query_one(Input).value = f"city:{','.join(chosen)}"
        await self.press("enter")
        shown = rows_of_view(self.app)
        assert [row["code"] for row in shown] == chosen
        assert [row["total_rank"] for row in shown] == [1, 2, 3]
        assert [row["total_rank_all"] for row in shown] == [row["total_rank"] for row in everyone][
            1:4
        ]
        words = translated("{number} chosen {cities}")
        assert words.format(number=3, cities=self.app.view.manifest.places.many) in self.title
        await fire()
        await self.press("1")
        assert rows_of_view(self.app) == everyone

    async def do_undo(self, fire: Fire) -> None:
        self.app.undone.clear()
        told(self.pilot)
        await fire()
        assert translated("There is no slice, order or filter to go back to.") in told(self.pilot)
        before = self.app.selection
        self.app.select(filter="bei")
        self.app.select(scope=Scope(gdp=3))
        await self.pilot.pause()
        await fire()
        assert self.app.selection.slice == before.slice
        assert self.app.selection.filter == "bei"
        await fire()
        assert self.app.selection.filter == ""

    async def do_back(self, fire: Fire) -> None:
        await self.press(TAB_KEYS[self.other], TAB_KEYS[self.tab])
        await fire()
        await self.pilot.pause()
        assert self.app.tab == self.other
        await self.press(TAB_KEYS[self.tab])

    async def do_help(self, fire: Fire) -> None:
        await fire()
        screen = text_screen(self.pilot)
        for _, key in all_keys():
            assert translated(key.help) in screen.plain
        await self.press("escape")

    async def do_command_palette(self, fire: Fire) -> None:
        await fire()
        self.opened_palette()
        await self.press("escape")

    async def do_change_theme(self, fire: Fire) -> None:
        before = self.app.theme
        await fire()
        self.opened_palette()
        await self.press(*"nord")
        await wait_until(self.pilot, lambda: "nord" in found_by_palette(self.pilot))
        await self.press("enter")
        await wait_until(self.pilot, lambda: not isinstance(self.app.screen, CommandPalette))
        assert self.app.theme == "nord"
        self.app.theme = before
        await self.pilot.pause()

    async def do_repaint(self, fire: Fire) -> None:
        before = lines(self.pilot)
        await fire()
        assert lines(self.pilot) == before

    async def do_language(self, fire: Fire) -> None:
        shown = lines(self.pilot)
        await fire()
        assert {"en": "City Detail", "zh": "城市详情"}[spoken()] in lines(self.pilot)[1]
        await fire()
        assert lines(self.pilot) == shown

    async def do_quit(self, fire: Fire) -> None:
        raise AssertionError("is checked by a test of its own")

    # --- In every table

    async def do_cursor(self, fire: Fire, rows: int) -> None:
        await self._moves(fire, rows)

    async def do_page(self, fire: Fire, pages: int) -> None:
        await self._moves(fire, pages * (self.table.size.height - 1))

    async def do_edge(self, fire: Fire, edge: int) -> None:
        await self._moves(fire, edge * self.table.rows.height)

    async def _moves(self, fire: Fire, rows: int) -> None:
        last = self.table.rows.height - 1
        start = 0 if rows > 0 else last
        await self.press("home" if rows > 0 else "end")
        self.cursor_is_on(start)
        await fire()
        self.cursor_is_on(max(0, min(last, start + rows)))
        await self.press("home")

    async def do_open_dataset(self, fire: Fire) -> None:
        before = self.app.view
        await fire()
        assert isinstance(self.app.screen, OpenScreen)
        await self.press("escape")
        assert self.app.view is before

    # --- Total, Density, Proportion

    async def do_filter(self, fire: Fire) -> None:
        everyone = self.table.rows.height
        await fire()
        await self.press(*"shen")
        assert 0 < self.table.rows.height < everyone
        names = ("city", "province", "code")
        for row in rows_of(self.table):
            assert any("shen" in row[name].lower().replace(" ", "") for name in names)
        assert "shen" in self.title
        await self.press("enter")
        assert not self.app.query(Input)
        assert self.app.focused is self.table
        assert self.app.selection.filter == "shen"
        await self.press("escape")
        assert self.table.rows.height == everyone

    async def do_clear_filter(self, fire: Fire) -> None:
        everyone = self.table.rows.height
        await self.press("slash", *"guang", "enter")
        assert self.table.rows.height < everyone
        await fire()
        assert self.table.rows.height == everyone
        assert "guang" not in self.title
        await self.press("slash", *"guang")
        await fire()
        assert not self.app.query(Input)
        assert self.table.rows.height == everyone

    async def do_sort(self, fire: Fire) -> None:
        await fire()
        assert isinstance(self.app.screen, ChoiceScreen)
        choices = self.app.screen.query_one(OptionList).option_count
        await self.press("escape")
        found = set()
        for index in range(2 if self.brief else choices):
            await fire()
            # The first nine have numbers; arrows reach all, the last ones from the end.
            moves = ["down"] * index if index < 9 else ["end", *["up"] * (choices - 1 - index)]
            choice = [str(index + 1)] if 1 < index < 9 else [*moves, "enter"]
            await self.press(*choice)
            by, descending = is_sorted(self.pilot)
            await fire()
            await self.press(*choice)
            assert is_sorted(self.pilot) == (by, not descending)
            found.add(by)
        assert self.brief or found >= {column.sort for column in self.table.columns if column.sort}
        for _ in range(2):
            if is_sorted(self.pilot) != (f"{self.tab}_rank", False):
                await fire()
                await self.press("1")
        assert is_sorted(self.pilot) == (f"{self.tab}_rank", False)

    async def do_sort_further(self, fire: Fire) -> None:
        await self.press("s", "3")
        first = self.table.sorted_by
        await fire()
        await self.press("2")
        assert self.table.sorted_by == (*first, ("city", False))
        header = widget_lines(self.pilot, self.table)[0]
        place = self.app.view.manifest.places.one.capitalize()
        assert f"{place}▲²" in header
        assert "¹" in header
        await fire()
        await self.press("2")
        assert self.table.sorted_by == (*first, ("city", True))
        assert f"{place} ▼ ·" in self.app.query_one(f"#{self.tab} Line", Line).plain
        for _ in range(3):
            self.app.action_undo()
        await self.pilot.pause()
        assert self.table.sorted_by == ((f"{self.tab}_rank", False),)

    async def do_columns(self, fire: Fire) -> None:
        before = [column.key for column in self.table.columns]
        await fire()
        assert isinstance(self.app.screen, PicksScreen)
        await self.press("escape")
        await fire()
        # Without the first, the second below the third, and wider.
        await self.press("space", "down", "J", "plus", "plus", "enter")
        first, second, third = before[3:6]
        assert [column.key for column in self.table.columns][:5] == [*before[:3], third, second]
        assert first not in [column.key for column in self.table.columns]
        assert [*self.app.habits.preferences.columns[self.tab].widths] == [second]
        self.app.habits.remember(columns={})
        self.app.show_selection()
        await self.pilot.pause()
        assert [column.key for column in self.table.columns] == before

    async def do_scroll_columns(self, fire: Fire, step: int) -> None:
        self.table.scroll_columns(1 if step < 0 else 0)
        before = self.table.scrolled_columns
        await fire()
        assert self.table.scrolled_columns == before + step
        header = widget_lines(self.pilot, self.table)[0]
        assert self.app.view.manifest.places.one.capitalize() in header
        rest = [column for column in self.table.columns if not column.frozen]
        assert self.table.shown_columns[3].key == rest[before + step].key
        self.table.scroll_columns(-before - step)

    async def do_mark(self, fire: Fire) -> None:
        if self.tab == "trend":
            await self._draws(fire)
            return
        await self.press("home")
        row = rows_of(self.table)[0]
        await fire()
        assert self.app.selection.marked == {row["code"]}
        assert "●" in row_line(self.pilot, 0)
        words = translated("{cities}, {number} marked")
        assert shows(self.title, words.format(cities="", number=1))
        self.cursor_is_on(min(1, self.table.rows.height - 1))
        await self.press("home")
        await fire()
        assert "●" not in row_line(self.pilot, 0)

    async def _draws(self, fire: Fire) -> None:
        chart = self.app.query_one(Chart)
        await self.press("home")
        title = rows_of(self.table)[0]["title"]
        for _ in range(2):
            before, drawn = chart.plain, row_line(self.pilot, 0)[:2].strip() != ""
            assert drawn == (title in before) or self.table.rows.height == 1
            await fire()
            assert (row_line(self.pilot, 0)[:2].strip() != "") is not drawn
            assert chart.plain != before or self.table.rows.height == 1

    async def do_proven(self, fire: Fire) -> None:
        bounds = [row["total_upper"] for row in rows_of_view(self.app)]
        await fire()
        assert not self.app.selection.proven
        assert translated("printed only") in self.title
        printed = [row["total_upper"] for row in rows_of_view(self.app)]
        assert printed != bounds or self.app.view.manifest.name != "published"
        await fire()
        assert self.app.selection.proven
        assert translated("printed only") not in self.title

    async def do_compare(self, fire: Fire) -> None:
        told(self.pilot)
        await fire()
        words = translated("Mark two to six {cities} with space, then compare them with x.")
        assert words.split("{")[0] in told(self.pilot)
        await self.press("home", "space", "space")
        names = [city_name(row) for row in rows_of(self.table)[:2]]
        await fire()
        compared = text_screen(self.pilot).plain
        assert all(shows(compared, name) for name in names)
        assert translated("In words") in compared
        await self.press("escape", "home", "space", "space", "home")

    async def do_open(self, fire: Fire) -> None:
        await self.press("home", "down")
        chosen = rows_of(self.table)[1]
        await fire()
        await self.pilot.pause()
        assert self.app.tab == "city"
        assert shows(self.title, city_text(chosen))
        assert city_text(chosen) in self.app.query_one(CityPane).query_one(Lines).plain
        await self.press("b", "home")

    # --- Trend

    async def do_scale(self, fire: Fire) -> None:
        await self._redraws(fire)

    async def do_indexed(self, fire: Fire) -> None:
        await self._redraws(fire)

    async def _redraws(self, fire: Fire) -> None:
        chart = self.app.query_one(Chart)
        first = widget_lines(self.pilot, chart)
        await fire()
        if self.table.rows.height > 1:  # else there is nothing to draw
            assert widget_lines(self.pilot, chart) != first
        await fire()
        assert widget_lines(self.pilot, chart) == first

    # --- City Detail

    async def do_next_city(self, fire: Fire, step: int) -> None:
        order = rows_of_view(self.app)
        codes = [row["code"] for row in order]
        here = codes.index(self.app.selection.city) if self.app.selection.city else 0
        there = order[(here + step) % len(order)]
        await fire()
        assert self.app.selection.city == there["code"]
        assert shows(self.title, city_text(there))
        assert there["code"] in self.app.query_one(CityPane).query_one(Lines).plain

    async def do_find_city(self, fire: Fire) -> None:
        await fire()
        self.opened_palette()
        await self.press("escape")

    # --- On a figure

    async def do_explain(self, fire: Fire) -> None:
        await self.press("home")
        await fire()
        plain = text_screen(self.pilot).plain
        assert self._under_cursor() in plain.replace("\n", " ")
        assert translated("basis: {basis}, {meaning}").split("{")[0] in plain
        await self.press("escape")

    async def do_export(self, fire: Fire) -> None:
        told(self.pilot)
        for _ in range(2):
            before = {path: path.read_bytes() for path in Path.cwd().iterdir()}
            await fire()
            assert isinstance(self.app.screen, ExportScreen)
            await self.press("enter")
            await wait_until(self.pilot, lambda: not isinstance(self.app.screen, ExportScreen))
            after = {path: path.read_bytes() for path in Path.cwd().iterdir()}
            assert before.items() <= after.items()
            new, about = sorted(after.keys() - before.keys())
            await wait_until(self.pilot, lambda: bool(self.app._notifications))
            assert new.name in told(self.pilot)
            assert json.loads(about.read_bytes())["url"] == new.name
            frame = pl.read_csv(new)
            if self.tab in MEASURES:
                shown = [row["city"] for row in rows_of(self.table)]
                assert frame["city"].to_list() == shown
                assert {"value", "lower", "upper", "basis", "source"} <= set(frame.columns)
            assert frame.height > 0

    async def do_copy_more(self, fire: Fire) -> None:
        await self.press("home")
        rows = rows_of(self.table)
        for choice, wanted in (("1", ""), ("2", rows[0]["city"]), ("3", rows[-1]["city"])):
            self.app.copy_to_clipboard("")
            await fire()
            await self.press(choice)
            assert self.app.clipboard
            assert wanted in self.app.clipboard
        assert self.app.clipboard.count("\n") == len(rows) + 1

    async def do_copy(self, fire: Fire) -> None:
        told(self.pilot)
        await self.press("home")
        await fire()
        copied = self.app.clipboard.rstrip("\n").split("\n")
        row = rows_of(self.table)[0]
        if self.tab == "trend":
            assert len(copied) == row["points"] + 1
            assert copied[-1].split("\t")[0] == str(row["last_year"])
        elif self.tab == "city":
            assert copied[0].split("\t")[1] == row["figure"]
        else:
            assert {row["code"], row["city"], row["city_zh"] or ""} <= set(copied[0].split("\t"))
        words = translated("{thing}: sent to your terminal's clipboard.")
        assert words.split("}")[1] in told(self.pilot)

    def _under_cursor(self) -> str:
        row = rows_of(self.table)[0]
        if self.tab == "trend":
            return str(row["title"])
        if self.tab == "city":
            name = self.app.query_one(CityPane).city
            assert name is not None
            return city_text(name)
        return city_text(row)


def shows(shown: str, name: str) -> bool:
    """Return whether a text shows a name, whole or cut with an ellipsis."""
    return name in shown or any(f"{name[:end]}…" in shown for end in range(8, len(name)))


def _seen(found: Any) -> bool:
    return bool(found.first().region) and found.first().display


def _background(line: Sequence[tuple[str, Any]], x: int) -> Any:
    style = line[x][1] if x < len(line) else None
    return None if style is None else style.bgcolor


def rows_of(shown: Table) -> list[dict[str, Any]]:
    """Return all rows of a table."""
    return [dict(shown.rows.row(index)) for index in range(shown.rows.height)]


def rows_of_view(app: CityTechApp) -> list[dict[str, Any]]:
    """Return the selected cities in the order of Total."""
    rows = app.view.ranking("total", app.selection)
    assert rows is not None
    return [dict(rows.row(index)) for index in range(rows.height)]


def row_line(pilot: Running, row: int) -> str:
    """Return the line on which a row is drawn."""
    shown = table(pilot)
    return widget_lines(pilot, shown)[1 + row - shown.scroll_offset.y]


def is_sorted(pilot: Running) -> tuple[str, bool]:
    """Assert that the table is sorted as its header says; return by what, and if it descends."""
    shown = table(pilot)
    ((by, descending),) = shown.sorted_by
    mark, header = "▼" if descending else "▲", widget_lines(pilot, shown)[0]
    for column in shown.shown_columns:
        if column.sort == by:
            assert column.label + mark in header or mark + column.label in header
    assert header.count("▲") + header.count("▼") <= 1
    values = [sort_value(row, by) for row in rows_of(shown)]
    known = [value for value in values if value is not None]
    assert values == known + [None] * (len(values) - len(known)), "missing values are not last"
    assert known == sorted(known, reverse=descending)
    return by, descending


def sort_value(row: dict[str, Any], by: str) -> Any:
    """Return what a row is sorted by: of a figure its proven part, of a rank the row's own."""
    if by.endswith("_value") and row[by] is None:
        return row[by.replace("_value", "_lower")]
    return row[by]


def found_by_palette(pilot: Running) -> list[str]:
    """Return what the open palette offers."""
    offered = pilot.app.screen.query_one(CommandList)
    prompts = [offered.get_option_at_index(index).prompt for index in range(offered.option_count)]
    return [str(prompt).split("\n")[0].strip() for prompt in prompts]


async def close_all(pilot: Running) -> None:
    """Close what is open above the tabs."""
    for _ in range(3):
        if len(pilot.app.screen_stack) > 1:
            await pilot.press("escape")
    assert len(pilot.app.screen_stack) == 1


def has_left(pilot: Running) -> bool:
    """Whether the app is being left."""
    return pilot.app._exit
