"""Total, Density and Proportion: cities in the order of one measure."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from citytech_data.rows import Row
from citytech_data.text import clean
from citytech_tui.bindings import KEYS, Place
from citytech_tui.columns import ranking_columns
from citytech_tui.dataview import Sort
from citytech_tui.keymap import bindings
from citytech_tui.pane import Pane
from citytech_tui.widgets.card import city_card
from citytech_tui.widgets.lines import Lines, paragraph
from citytech_tui.widgets.table import Table

_MOST_COMPARED = 6
_FILTER_KEY = next(key.keys for key in KEYS[Place.RANKING] if key.action == "filter")


def _starts_highest(column: str) -> bool:
    """Figures and gains are read from the highest down, ranks and names from the first."""
    gain = column.endswith("_change") or "_vs_" in column
    return gain or column.endswith(("_value", "_lower", "_upper"))


class RankingPane(Pane):
    """A sortable table of cities with a panel for the one under the cursor."""

    places = (Place.RANKING, Place.FIGURE)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.RANKING, Place.FIGURE)]

    def __init__(self, measure: str) -> None:
        """Rank by `measure`."""
        super().__init__(id=measure, classes="ranking")
        self.measure = measure
        self.sort: Sort | None = None

    def compose(self) -> ComposeResult:
        """Lay out table and panel."""
        yield Lines(classes="absent")
        yield Table((), key="code")
        yield Lines(classes="panel")

    @property
    def table(self) -> Table:
        """The table of cities."""
        return self.query_one(Table)

    @property
    def city(self) -> Row | None:
        """The row under the cursor."""
        return self.table.current

    def show(self) -> None:
        """Show the cities of the selection."""
        view, selection = self.host.view, self.host.selection
        rows = view.ranking(self.measure, selection, self.sort)
        if rows is None:
            return  # asked for more than the stored opening holds: shown when the dataset is read
        largest = view.largest(self.measure, selection)
        columns = ranking_columns(
            self.measure,
            view.manifest,
            largest,
            selection.marked,
            gdp=view.ranks_gdp(selection),
        )
        self.table.marked = selection.marked
        self.table.sorted_by = self.sort or (f"{self.measure}_rank", False)
        places = view.manifest.places
        self._show_absent(view.manifest.absent.get(self.measure, "") if largest == 0 else "")
        self.table.empty_text = f"No {places.one} fits “{selection.filter}”. esc clears the filter."
        self.table.show(rows, columns=columns, focus_on=self.table.announced or selection.city)
        noun = places.one if rows.height == 1 else places.many
        self.status = f"{rows.height:,} {noun}"
        if selection.marked:
            self.status += f", {len(selection.marked)} marked"
        self._show_card()

    def _show_absent(self, reason: str) -> None:
        """Say why there is nothing to rank by, if that is so."""
        widget = self.query_one(".absent", Lines)
        widget.display = bool(reason)
        if reason:
            widget.show(lambda width: paragraph(reason, width, "warning"))

    def show_city(self) -> None:
        """Move to the city in focus."""
        self.table.move_to_key(self.host.selection.city)
        self._show_card()

    def take_focus(self) -> None:
        """Give the keys to the table."""
        self.screen.set_focus(self.table)

    @on(Table.Highlighted)
    def _follow(self, event: Table.Highlighted) -> None:
        if event.row["code"] == self.table.announced:
            self.table.announced = None
        self.host.select(city=event.row["code"])

    @on(Table.HeaderSelected)
    def _sort_by_header(self, event: Table.HeaderSelected) -> None:
        self.sort_by(event.column.sort)

    @on(Table.Opened)
    async def _open_row(self) -> None:
        await self.action_open()

    def sort_by(self, column: str) -> None:
        """Sort by a column of the standings; the same column again reverses."""
        if not column:
            return
        now, descending = self.sort or (f"{self.measure}_rank", False)
        descending = not descending if now == column else _starts_highest(column)
        own_order = (column, descending) == (f"{self.measure}_rank", False)
        self.sort = None if own_order else (column, descending)
        self.show()
        self.host.show_frame()

    async def action_open(self) -> None:
        """Open the city under the cursor in City Detail."""
        if self.city is not None:
            await self.host.open_city(self.city["code"])

    def action_mark(self) -> None:
        """Mark or unmark the city under the cursor, and move on."""
        if self.city is None:
            return
        code = self.city["code"]
        self.host.select(marked=self.host.selection.marked ^ {code}, city=code)
        self.table.action_cursor(1)

    def action_sort(self) -> None:
        """Choose a column to sort by."""
        from citytech_tui.screens.choice import ChoiceScreen

        choices: dict[str, str] = {}
        for column in self.table.columns:
            if column.sort:
                choices["Rank" if column.key == "rank" else column.label] = column.sort
            if column.key == "value":
                choices["  its lower bound"] = f"{self.measure}_lower"
                choices["  its upper bound"] = f"{self.measure}_upper"

        def chosen(index: int | None) -> None:
            if index is not None:
                self.sort_by([*choices.values()][index])

        title = "Sort by (the same again: reverse)"
        self.app.push_screen(ChoiceScreen(title, [*choices]), chosen)

    async def action_filter(self) -> None:
        """Type a filter; the table follows every key."""
        if not self.query(Input):
            field = Input(
                self.host.selection.filter,
                placeholder=f"name, {self.host.view.manifest.places.region.lower()} or code",
                compact=True,
                select_on_focus=False,
            )
            # A blinking cursor would write to the terminal twice a second.
            field.cursor_blink = False
            await self.mount(field)
        # `focus` would wait its turn behind the keys already typed, which belong to the field.
        self.screen.set_focus(self.query_one(Input))

    async def on_key(self, event: events.Key) -> None:
        """Give the field what is typed after the key that opens it, however fast.

        Textual has sent those keys to the table before the field was there.
        """
        field = self.query(Input)
        if not field and event.key == _FILTER_KEY:
            event.stop()
            await self.action_filter()
        elif field and self.screen.focused is field.first() and event.is_printable:
            event.stop()
            field.first().insert_text_at_cursor(event.character or "")

    def action_clear_filter(self) -> None:
        """Clear the filter and close its field."""
        self.query(Input).remove()
        self.take_focus()
        if self.host.selection.filter:
            self.host.select(filter="")

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        self.host.select(filter=clean(event.value).strip())

    @on(Input.Submitted)
    def _filter_done(self) -> None:
        self.query(Input).remove()
        self.take_focus()

    def action_proven(self) -> None:
        """Change between what is printed and all that the claims prove."""
        self.host.select(proven=not self.host.selection.proven)

    def action_compare(self) -> None:
        """Show the marked cities side by side."""
        from citytech_tui.screens.compare import compare_screen

        selection = self.host.selection
        codes = sorted(selection.marked)[:_MOST_COMPARED]
        rows = [row for code in codes if (row := self.host.view.city(code, selection)) is not None]
        if len(rows) < 2:
            many = self.host.view.manifest.places.many
            self.host.tell(f"Mark two to six {many} with space, then compare them with x.")
            return
        self.app.push_screen(compare_screen(rows, self.host.view.manifest))

    def action_explain(self) -> None:
        """Show how the figure under the cursor is known."""
        from citytech_tui.screens.explain import explain_measure

        if self.city is not None:
            explain_measure(self.host, self.city, self.measure)

    def action_copy(self) -> None:
        """Copy the row under the cursor as tab-separated text."""
        if self.city is None:
            return
        from citytech_tui.exporting import row_text

        self.app.copy_to_clipboard(row_text(self.city, self.measure))
        self.host.tell(f"{self.city['city']}: sent to your terminal's clipboard.")

    def action_export(self) -> None:
        """Write the cities shown to a CSV file."""
        from citytech_tui.exporting import export_ranking

        export_ranking(self.host, self.measure, self.sort)

    def _show_card(self) -> None:
        city, manifest, measure = self.city, self.host.view.manifest, self.measure
        panel = self.query_one(".panel", Lines)
        if city is None:
            panel.show(lambda width: [])
        else:
            panel.show(lambda width: city_card(city, manifest, measure, width))
