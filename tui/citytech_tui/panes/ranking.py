"""Total, Density and Proportion: cities in the order of one measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.dom import DOMNode
from textual.widgets import Input

from citytech_data.rows import Row, Rows
from citytech_data.scope import EVERYWHERE
from citytech_data.text import clean
from citytech_tui.bindings import Place
from citytech_tui.columns import facts_of, laid_out, ranking_columns
from citytech_tui.keymap import bindings
from citytech_tui.language import _
from citytech_tui.names import counted, listed
from citytech_tui.pane import Pane
from citytech_tui.preferences import TableColumns
from citytech_tui.selection import Order, Selection
from citytech_tui.totals import totals_text
from citytech_tui.widgets.card import city_card
from citytech_tui.widgets.line import Line, Part
from citytech_tui.widgets.lines import Lines, paragraph
from citytech_tui.widgets.table import Column, Table

if TYPE_CHECKING:
    from citytech_tui.takeaway import Takeaway

_OF_A_ROW = {"cursor", "page", "edge", "open", "mark", "explain", "copy", "copy_more"}
"""The actions that are nothing without rows."""
_MOST_COMPLETED = 20_000
"""Names offered while a filter is typed; looking through more would delay the keys."""


def _starts_highest(column: str) -> bool:
    """Figures and gains are read from the highest down, ranks and names from the first."""
    gain = column.endswith(("_change", "_since")) or "_vs_" in column
    figure = column in ("gdp", "population") or column.endswith(("_value", "_lower", "_upper"))
    return gain or figure


class RankingPane(Pane):
    """A sortable table of cities with a panel for the one under the cursor."""

    places = (Place.RANKING, Place.FIGURE)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.RANKING, Place.FIGURE)]

    def __init__(self, measure: str) -> None:
        """Rank by `measure`."""
        super().__init__(id=measure, classes="ranking")
        self.measure = measure
        self.columns: list[Column] = []
        """All columns that the table can have."""
        self._held: list[tuple[str, DOMNode]] = []
        """What was asked of rows that are not known yet."""
        self.table = Table((), key="code")
        self.table.follow = lambda row: self.host.select(city=row["code"])
        self._panel = Lines(classes="panel")

    def compose(self) -> ComposeResult:
        """Lay out table and panel."""
        with Vertical():
            if self.measure in self.host.view.manifest.absent:
                yield Lines(classes="absent")
            yield self.table
            yield Line()
        yield self._panel

    @property
    def city(self) -> Row | None:
        """The row under the cursor."""
        return self.table.current

    def show(self) -> None:
        """Show the cities of the selection."""
        view, selection = self.host.view, self.host.selection
        rows = view.ranking(self.measure, selection)
        if rows is None:
            return  # asked for more than the stored opening holds: shown when the dataset is read
        facts = facts_of(view, selection, self.measure)
        self.columns = ranking_columns(self.measure, facts)
        self.table.marked = selection.marked
        largest = facts.largest
        self._show_absent(view.manifest.absent.get(self.measure, ""), largest == 0)
        self.table.sorted_by = selection.orders.get(self.measure) or self._own_order
        self.table.empty_text = self._empty_text(selection)
        shown = laid_out(self.columns, self._chosen)
        self.table.show(rows, columns=shown, focus_on=selection.city)
        if self._held and not self._awaits_rows:
            self.call_next(self._do_held)
        self.status = self._status(rows.height, selection)
        self._show_card()
        self._show_totals(rows)

    @property
    def _awaits_rows(self) -> bool:
        return self.host.view.is_partial and not self.table.rows.height

    def holds(self, action: str, namespace: DOMNode) -> bool:
        """Keep what is asked of a row until the first rows are known."""
        held = action.partition("(")[0] in _OF_A_ROW and self._awaits_rows
        if held:
            self._held.append((action, namespace))
        return held

    def let_go(self) -> None:
        """Forget what waits, or it would be done when this tab is shown again."""
        self._held.clear()

    async def _do_held(self) -> None:
        held, self._held = self._held, []
        place = self.host.tab, self.app.screen
        for action, namespace in held:
            if (self.host.tab, self.app.screen) != place:
                return  # pressed for what has opened, and the table is behind it
            await self.app.run_action(action, namespace)

    @property
    def _chosen(self) -> TableColumns:
        """The columns that the person wants to see."""
        return self.host.habits.preferences.columns.get(self.measure, TableColumns())

    @property
    def _own_order(self) -> Order:
        return ((f"{self.measure}_rank", False),)

    def _empty_text(self, selection: Selection) -> str:
        if self.host.view.is_partial:
            return _("Reading the dataset …")
        places = self.host.view.manifest.places
        if selection.filter:
            words = _("No {city} fits “{filter}”. esc clears the filter.")
            return words.format(city=places.one, filter=selection.filter)
        scope = selection.slice.scope
        if scope.gdp and not self.host.view.ranks_gdp(selection.changed(scope=EVERYWHERE)):
            words = _("No GDP is known for {year}: w chooses others, u goes back.")
            return words.format(year=selection.year)
        words = _("There is no {city} here: w chooses which are ranked, u goes back.")
        return words.format(city=places.one)

    def _status(self, height: int, selection: Selection) -> str:
        """Say how many cities there are."""
        if self.host.view.is_partial:
            return ""
        places = self.host.view.manifest.places
        cities, marked = counted(height, places), len(selection.marked)
        if not marked:
            return cities
        return _("{cities}, {number} marked").format(cities=cities, number=marked)

    def _order_text(self) -> str:
        """Return by what the rows are sorted, which no header may show."""
        order = self.host.selection.orders.get(self.measure)
        if not order:
            return ""
        names = {sort: name.strip() for name, sort in self._sort_choices().items()}
        marks = [f"{names.get(by, by)} {'▼' if down else '▲'}" for by, down in order]
        return _("by {columns}").format(columns=listed(marks)) + " · "

    def _show_totals(self, rows: Rows) -> None:
        view, measure = self.host.view, self.measure
        if view.is_partial:
            self.query_one(Line).show()
            return
        found, unit = view.summary(measure, rows), view.manifest.labels[measure].unit
        totals = totals_text(found, rows.height, measure, unit)
        self.query_one(Line).show(Part(f" {self._order_text()}", "key"), Part(totals))

    def _show_absent(self, reason: str, is_so: bool) -> None:
        """Say why there is nothing to rank by, if that is so."""
        for widget in self.query(".absent").results(Lines):
            widget.display = is_so
            if is_so:
                widget.show(lambda width: paragraph(reason, width, "warning"))

    def show_city(self) -> None:
        """Move to the city in focus."""
        self.table.move_to_key(self.host.selection.city)
        self._show_card()

    def take_focus(self) -> None:
        """Give the keys to the table."""
        self.screen.set_focus(self.table)

    @on(Table.HeaderSelected)
    def _sort_by_header(self, event: Table.HeaderSelected) -> None:
        self.sort_by(event.column.sort, further=event.further)

    @on(Table.Opened)
    async def _open_row(self) -> None:
        await self.action_open()

    def sort_by(self, column: str, *, further: bool = False) -> None:
        """Sort by a column of the standings; the same column again reverses.

        With `further` the present order stays, and the column decides among equal rows.
        """
        if not column:
            return
        orders = dict(self.host.selection.orders)
        order = orders.get(self.measure) or self._own_order
        directions = dict(order)
        if column in directions:
            new = (column, not directions[column])
        else:
            new = (column, _starts_highest(column))
        if not further:
            order = (new,)
        elif column in directions:
            order = tuple(new if key == column else (key, down) for key, down in order)
        else:
            order = (*order, new)
        if order == self._own_order:
            orders.pop(self.measure, None)
        else:
            orders[self.measure] = order
        self.host.select(orders=orders)

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
        self._choose_sort(_("Sort by (the same again: reverse)"), further=False)

    def action_sort_further(self) -> None:
        """Choose a column that decides among rows that are equal in the present order."""
        self._choose_sort(_("Then sort by (the same again: reverse)"), further=True)

    def _choose_sort(self, title: str, *, further: bool) -> None:
        from citytech_tui.screens.choice import ChoiceScreen

        choices = self._sort_choices()

        def chosen(index: int | None) -> None:
            if index is not None:
                self.sort_by([*choices.values()][index], further=further)

        self.app.push_screen(ChoiceScreen(title, [*choices]), chosen)

    def _sort_choices(self) -> dict[str, str]:
        """What can be sorted by, and its column of the standings: shown columns first."""
        shown = self.table.columns
        hidden = [column for column in self.columns if column not in shown and column.hidden]
        choices: dict[str, str] = {}
        for column in (*shown, *hidden):
            if column.sort:
                choices[column.name if column.frozen else column.label] = column.sort
            if column.key == "value":
                choices["  " + _("its lower bound")] = f"{self.measure}_lower"
                choices["  " + _("its upper bound")] = f"{self.measure}_upper"
        return choices

    def action_columns(self) -> None:
        """Choose columns, their order and width."""
        from citytech_tui.screens.columns import choose_columns

        def taken(chosen: TableColumns) -> None:
            habits = self.host.habits
            habits.remember(columns={**habits.preferences.columns, self.measure: chosen})
            self.show()
            self.host.show_frame()

        choose_columns(self.app, self.columns, self._chosen, taken)

    def action_scroll_columns(self, step: int) -> None:
        """Scroll the columns beside rank and city."""
        self.table.scroll_columns(step)

    async def action_filter(self) -> None:
        """Type a filter; the table follows every key."""
        if not self.query(Input):
            from citytech_tui.widgets.filterfield import FilterField, FilterProblem

            region = self.host.view.manifest.places.region.lower()
            field = FilterField(self.host.selection.filter, self._filter_names, region)
            await self.query_one(Vertical).mount_all([FilterProblem(), field])
        # `focus` would wait its turn behind the keys already typed, which belong to the field.
        for shown in self.query(Input):  # none if another tab was opened meanwhile
            self.screen.set_focus(shown)

    def _filter_names(self) -> dict[str, list[str]]:
        dataset = self.host.view.dataset
        if dataset is None:
            return {}
        cities = dataset.cities.head(_MOST_COMPLETED)
        provinces = cities["province_en"].drop_nulls().unique(maintain_order=True)
        return {"city": cities["name_en"].to_list(), "province": provinces.to_list()}

    def action_clear_filter(self) -> None:
        """Clear the filter and close its field."""
        self._close_filter()
        if self.host.selection.filter:
            self.host.select(filter="")

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        if self._check_filter(clean(event.value)):
            self.host.select(step=event.input, filter=event.value)

    @on(Input.Submitted)
    def _filter_done(self, event: Input.Submitted) -> None:
        if self._check_filter(clean(event.value)):
            self._close_filter()

    def _check_filter(self, text: str) -> bool:
        """Whether a filter is understood; if not, the line above it points at the word."""
        from citytech_data.filtering import FilterError, parse_filter
        from citytech_tui.widgets.filterfield import FilterProblem

        error: FilterError | None = None
        try:
            parse_filter(text)
        except FilterError as found:
            error = found
        for problem in self.query(FilterProblem):  # none once the field is closed
            problem.point(text, error)
        return error is None

    def _close_filter(self) -> None:
        self.query("FilterField, FilterProblem").remove()
        self.take_focus()

    def action_proven(self) -> None:
        """Change between what is printed and all that the claims prove."""
        if self.host.still_partial():
            return
        self.host.select(proven=not self.host.selection.proven)

    def action_compare(self) -> None:
        """Show the marked cities side by side."""
        from citytech_tui.screens.compare import compare_marked

        compare_marked(self.host, self.measure)

    def action_explain(self) -> None:
        """Show how the figure under the cursor is known."""
        from citytech_tui.screens.explain import explain_measure

        if self.city is not None:
            explain_measure(self.host, self.city, self.measure)

    def action_copy(self) -> None:
        """Copy the row under the cursor as tab-separated text."""
        from citytech_tui.screens.copying import copy_row

        if self.city is not None:
            copy_row(self.host, self.city, self.measure)

    def action_copy_more(self) -> None:
        """Copy the figure or row under the cursor, or the whole table."""
        from citytech_tui.screens.copying import choose_copy

        if self.city is not None and not self.still_reading():
            choose_copy(self.host, self.city, self.measure, self._copy_table)

    def _copy_table(self) -> None:
        taken = self._taken()
        if taken is not None:
            self.host.copy(taken.text(), self.status)

    def action_export(self) -> None:
        """Write the cities shown to a file."""
        taken = self._taken()
        if taken is not None:
            self.host.take_away(taken)

    def _taken(self) -> Takeaway | None:
        from citytech_tui.exporting import ranking_takeaway

        view, selection = self.host.view, self.host.selection
        if self.still_reading() or view.dataset is None:
            return None
        return ranking_takeaway(view, view.dataset, selection, self.measure, self._chosen)

    def _show_card(self) -> None:
        city, manifest, measure = self.city, self.host.view.manifest, self.measure
        if city is None:
            self._panel.show(lambda width: [])
        else:
            self._panel.show(lambda width: city_card(city, manifest, measure, width))
