"""City Detail: a city's figures and ranks, facts, neighbours in rank, and what is said of it."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from citytech_data.rows import Row, StoredRows
from citytech_data.scope import EVERYWHERE
from citytech_data.vocabulary import MEASURES
from citytech_tui.bindings import Place
from citytech_tui.citydetail import Background, city_figures, city_lines, figure_columns
from citytech_tui.format import city_text, scope_text
from citytech_tui.keymap import bindings
from citytech_tui.language import _
from citytech_tui.pane import Pane
from citytech_tui.widgets.lines import Lines, paragraph, text
from citytech_tui.widgets.table import NO_ROWS, Table


class CityPane(Pane):
    """The table of figures of the city in focus, and its facts."""

    places = (Place.CITY, Place.FIGURE)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.CITY, Place.FIGURE)]

    def __init__(self) -> None:
        """Show the city in focus."""
        super().__init__(id="city", classes="city")
        self.city: Row | None = None

    def compose(self) -> ComposeResult:
        """Lay out the table of figures and the facts."""
        with Container(classes="columns"):
            yield Table((), key="key")
            yield Lines(classes="facts")

    def show(self) -> None:
        """Show the city in focus, else the first of Total."""
        view, selection = self.host.view, self.host.selection
        facts, table = self.query_one(Lines), self.query_one(Table)
        dataset = view.dataset
        if dataset is None:
            facts.show(lambda width: [text(_("Reading the dataset …"), "dim")])
            return
        code = selection.city or self._neighbour(0)
        self.city = view.city(code, selection) if code else None
        city = self.city
        if city is None:
            table.show(NO_ROWS)
            facts.show(lambda width: paragraph(self._nothing(), width, "dim"))
            self.status = ""
            return
        figures = city_figures(dataset, city, selection.year)
        rows = StoredRows(
            {name: [figure[name] for figure in figures] for name in figures[0]},
            range(len(figures)),
        )
        focus_on = table.current["key"] if table.current else None
        columns = figure_columns(figures, gdp=view.ranks_gdp(selection))
        table.show(rows, columns=columns, focus_on=focus_on)
        among = selection.changed(filter="", orders={})
        against = Background(
            dataset,
            view.standings(selection),
            lambda measure: view.ranking(measure, among),
            view.evidence(selection),
            view.mix(selection),
        )
        facts.show(lambda width: city_lines(against, city, width))
        self.status = city_text(city)

    def _nothing(self) -> str:
        scope, places = self.host.selection.slice.scope, self.host.view.manifest.places
        if scope == EVERYWHERE:
            return _("There is no {city} to show.").format(city=places.one)
        among = scope_text(scope, places)
        words = _("The {city} in focus is not among {scope}; w chooses which are ranked.")
        return words.format(city=places.one, scope=among)

    def show_city(self) -> None:
        """Show the city in focus."""
        self.show()
        self.host.show_frame()

    def take_focus(self) -> None:
        """Give the keys to the table of figures."""
        self.screen.set_focus(self.query_one(Table))

    def action_next_city(self, step: int) -> None:
        """Go to the next city in the order of Total."""
        code = self._neighbour(step)
        if code is not None:
            self.host.select(city=code)

    def action_find_city(self) -> None:
        """Search a city by name in the palette."""
        self.app.action_command_palette()

    def action_back(self) -> None:
        """Go back to the tab before."""
        self.app.call_later(self.host.action_back)

    def action_explain(self) -> None:
        """Show how the figure under the cursor is known."""
        from citytech_tui.screens.explain import explain_measure, explain_observation

        figure = self.query_one(Table).current
        if self.still_reading() or figure is None or self.city is None:
            return
        if figure["key"] in MEASURES:
            explain_measure(self.host, self.city, figure["key"])
        else:
            explain_observation(self.host, self.city, figure)

    def action_copy(self) -> None:
        """Copy the figure under the cursor."""
        figure = self.query_one(Table).current
        if not self.still_reading() and figure is not None and self.city is not None:
            parts = (self.city["city"], figure["figure"], figure["value"], figure["basis"])
            self.host.copy("\t".join(map(str, parts)), figure["figure"])

    def action_export(self) -> None:
        """Write all that is known of the city to a file."""
        from citytech_tui.dossier import Dossier
        from citytech_tui.exporting import report_takeaway

        view, selection, dataset = self.host.view, self.host.selection, self.host.view.dataset
        if not self.still_reading() and dataset is not None and self.city is not None:
            code = self.city["code"]
            report = Dossier(view, dataset, selection, code).report()
            self.host.take_away(report_takeaway(f"city-{code}", report, dataset, selection))

    def _neighbour(self, step: int) -> str | None:
        rows = self.host.view.ranking("total", self.host.selection)
        if rows is None or rows.height == 0:
            return None
        shown = self.host.selection.city or rows.row(0)["code"]
        here = rows.find("code", shown)
        index = 0 if here is None else here + step
        return str(rows.row(index % rows.height)["code"])
