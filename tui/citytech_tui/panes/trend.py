"""Trend: the country's index and yearly applications, as a chart and a table of growth."""

from __future__ import annotations

import math
from itertools import cycle
from typing import TYPE_CHECKING, ClassVar, TypeGuard

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from citytech_data.rows import FrameRows, Row
from citytech_tui.bindings import Place
from citytech_tui.citydetail import country_lines
from citytech_tui.format import MISSING, number_text, percent_text
from citytech_tui.keymap import bindings
from citytech_tui.language import _, localized
from citytech_tui.pane import Pane
from citytech_tui.widgets.cells import fit
from citytech_tui.widgets.chart import MARKERS, Chart, Series
from citytech_tui.widgets.lines import Line, Lines, paragraph, text
from citytech_tui.widgets.table import Column, Table

if TYPE_CHECKING:
    import polars as pl

_FIRST_DRAWN = 2


class TrendPane(Pane):
    """A chart of the marked series above the table of all."""

    places = (Place.TREND, Place.FIGURE)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.TREND, Place.FIGURE)]

    def __init__(self) -> None:
        """Draw the first series of the dataset, indexed, on a linear scale."""
        super().__init__(id="trend", classes="trend")
        self.logarithmic = False
        self.indexed = True
        self.drawn: frozenset[str] | None = None
        self.glyphs: dict[str, str] = {}
        """The markers of the series in the chart."""

    def compose(self) -> ComposeResult:
        """Lay out chart, table and panel."""
        with Horizontal():
            with Vertical():
                yield Chart()
                table = Table((), key="measure")
                table.follow = lambda row: self._draw()
                yield table
            yield Lines(classes="panel")

    def show(self) -> None:
        """Show the series of the dataset."""
        dataset = self.host.view.dataset
        if dataset is None:
            return
        from citytech_data.trend import growth, series

        self.series = series(dataset)
        table = growth(self.series)
        if self.drawn is None:
            self.drawn = frozenset(table["measure"].head(_FIRST_DRAWN))
        widget = self.query_one(Table)
        widget.marked = self.drawn
        widget.empty_text = _("No series.")
        widget.show(
            FrameRows(table),
            columns=self._columns(),
            focus_on=widget.current["measure"] if widget.current else None,
        )
        self._draw()

    def show_city(self) -> None:
        """Nothing here depends on the city."""

    def take_focus(self) -> None:
        """Give the keys to the table."""
        self.screen.set_focus(self.query_one(Table))

    def action_mark(self) -> None:
        """Draw the series under the cursor, or no longer."""
        current = self.query_one(Table).current
        if self._has(current) and self.drawn is not None:
            self.drawn = self.drawn ^ {current["measure"]}
            self.show()

    def action_scale(self) -> None:
        """Change between a linear and a logarithmic scale."""
        self.logarithmic = not self.logarithmic
        self._draw()

    def action_indexed(self) -> None:
        """Change between figures and the first year = 100."""
        self.indexed = not self.indexed
        self._draw()

    def action_explain(self) -> None:
        """Show how the series under the cursor is known."""
        from citytech_tui.screens.explain import explain_series

        current = self.query_one(Table).current
        if self._has(current):
            explain_series(self.host, current["measure"])

    def action_copy(self) -> None:
        """Copy the series under the cursor as tab-separated text."""
        current = self.query_one(Table).current
        if self._has(current):
            rows = self._rows(current["measure"]).select("year", "value", "year_on_year")
            self.host.copy(rows.write_csv(separator="\t"), current["title"])

    def action_export(self) -> None:
        """Write all series to a file."""
        from citytech_tui.exporting import report_takeaway
        from citytech_tui.reports import trend_report

        dataset = self.host.view.dataset
        if self._has(self.query_one(Table).current) and dataset is not None:
            self.host.take_away(report_takeaway("trend", trend_report(dataset), dataset))

    def _has(self, current: Row | None) -> TypeGuard[Row]:
        """Whether there is a series under the cursor; else the person is told why not."""
        if self.still_reading():
            return False
        if current is None:
            self.host.tell(self._absent)
        return current is not None

    @property
    def _absent(self) -> str:
        absent = self.host.view.manifest.absent
        return absent.get("trend", _("This dataset has no national series."))

    def _rows(self, measure: str) -> pl.DataFrame:
        return self.series.filter(self.series["measure"] == measure)

    def _columns(self) -> list[Column]:
        def glyph(row: Row, width: int) -> str:
            # What is marked but has no place in the chart as it is has no glyph there either.
            marked = "·" if row["measure"] in (self.drawn or ()) else " "
            return self.glyphs.get(row["measure"], marked)

        def years(row: Row, width: int) -> str:
            last = f"–{row['last_year']}" if row["points"] > 1 else ""
            return f"{row['first_year']}{last}"

        def times(row: Row, width: int) -> str:
            grown = row["factor"] and row["points"] > 1
            return "×" + localized(f"{row['factor']:,.2f}") if grown else MISSING

        def known(row: Row, width: int) -> str:
            return _("ends only") if row["end_points_only"] else str(row["points"])

        return [
            Column("glyph", "", glyph, 1),
            Column("title", _("Series"), lambda row, width: row["title"], 24, grows=True),
            Column("years", _("Years"), years, 9, priority=2),
            Column(
                "first",
                _("First"),
                lambda row, width: number_text(row["first"]),
                10,
                priority=3,
                right=True,
            ),
            Column(
                "last",
                _("Last"),
                lambda row, width: number_text(row["last"]),
                10,
                priority=1,
                right=True,
            ),
            Column("factor", _("Times"), times, 7, priority=2, right=True),
            Column(
                "cagr",
                _("A year"),
                lambda row, width: percent_text(row["cagr"]),
                8,
                priority=1,
                right=True,
            ),
            Column("points", _("Known"), known, 9, priority=1, right=True),
        ]

    def _draw(self) -> None:
        current = self.query_one(Table).current
        if current is None:
            self.query_one(Chart).show((), heading=self._absent, logarithmic=False)
            self._show_notes()
            return
        chosen = {
            measure: row
            for measure, row in self._drawn_series(current).items()
            if len(row.points) > 1
        }
        self.glyphs = dict(zip(chosen, cycle(MARKERS), strict=False))
        self.query_one(Table).repaint()
        self.query_one(Chart).show(
            list(chosen.values()),
            heading=self._heading(current, bool(chosen)),
            logarithmic=self.logarithmic,
        )
        self._show_years(current)

    def _drawn_series(self, current: Row) -> dict[str, Series]:
        """The drawn series; as figures only those of the unit of the one under the cursor."""
        drawn = self.drawn or frozenset([current["measure"]])
        value = "indexed" if self.indexed else "value"
        chosen = {}
        for (measure,), rows in self.series.group_by("measure", maintain_order=True):
            if measure in drawn and (self.indexed or rows["unit"][0] == current["unit"]):
                points = rows.select("year", value).iter_rows()
                known = tuple((year, figure) for year, figure in points if self._has_place(figure))
                chosen[str(measure)] = Series(str(rows["title"][0]), known)
        return chosen

    def _has_place(self, figure: float | None) -> bool:
        # What begins with zero has no index, and zero no logarithm.
        if figure is None or not math.isfinite(figure):
            return False
        return figure > 0 or not self.logarithmic

    def _heading(self, current: Row, drawn: bool) -> str:
        if not drawn:
            if "trend" in self.host.view.manifest.absent:
                return self._absent
            return _("Nothing to draw: mark a series of two years or more with space.")
        if self.indexed:
            what = _("first known year = 100")
        elif current["unit"]:
            what = _("in {unit}").format(unit=current["unit"])
        else:
            what = _("as figures")
        if self.logarithmic:
            words = _("{what}, logarithmic scale; only consecutive years are joined")
        else:
            words = _("{what}, linear scale; only consecutive years are joined")
        return words.format(what=what)

    def _show_years(self, current: Row) -> None:
        rows = self._rows(current["measure"])

        def build(width: int) -> list[Line]:
            lines = [
                *paragraph(current["title"], width, "heading"),
                text(current["unit"] or "", "dim"),
                (),
            ]
            for row in rows.iter_rows(named=True):
                change = (
                    percent_text(row["year_on_year"]) if row["year_on_year"] is not None else ""
                )
                value = fit(number_text(row["value"]), 13, right=True)
                lines.append(
                    ((f"{row['year']} {value} ", ""), (fit(change, 10, right=True), "dim"))
                )
            lines.append(())
            if current["end_points_only"]:
                if set(rows["basis"]) == {"counted"}:
                    words = _("Only {first} and {last} are known: no records between were counted.")
                else:
                    words = _(
                        "Only {first} and {last} are known; the years between were not printed."
                    )
                gap = words.format(first=current["first_year"], last=current["last_year"])
                lines += paragraph(gap, width, "warning")
            elif current["points"] == 1:
                one = _("Only one year is known: there is no trend.")
                absent = self.host.view.manifest.absent.get("trend", one)
                lines += paragraph(absent, width, "warning")
            return lines + self._notes(width)

        self.query_one(Lines).show(build)

    def _notes(self, width: int) -> list[Line]:
        dataset = self.host.view.dataset
        return [] if dataset is None else country_lines(dataset, width)

    def _show_notes(self) -> None:
        self.query_one(Lines).show(lambda width: self._notes(width)[1:])
