"""Marked cities side by side: figures, ranks, technology mix, years, and differences in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from citytech_data.comparing import ratio
from citytech_data.manifest import Manifest
from citytech_data.pictures.plot import Plot
from citytech_data.pictures.years import lines_over_years, years_plot
from citytech_data.profile import Mix
from citytech_data.rows import Row
from citytech_data.vocabulary import MEASURES
from citytech_tui.drawing.canvas import Canvas
from citytech_tui.drawing.look import Look
from citytech_tui.drawing.plot import draw_plot
from citytech_tui.drawing.surface import CURVE_GLYPHS
from citytech_tui.format import figure_text, number_text, rank_text, technology_text
from citytech_tui.language import _
from citytech_tui.names import basis_text, city_name, measure_title, province_text
from citytech_tui.screens.text import TextScreen
from citytech_tui.widgets.cells import fit
from citytech_tui.widgets.lines import Line, paragraph, text

if TYPE_CHECKING:
    from citytech_tui.sharing import SharingApp

_MOST_COMPARED = 6
_LEAST_LABEL, _MOST_LABEL = 12, 19
_LEAST, _MOST = 9, 22
_CHART_HEIGHT = 14


class Comparison(NamedTuple):
    """What is compared."""

    rows: Sequence[Row]
    """The cities' rows of the standings, in the order of `measure`."""
    manifest: Manifest
    mix: Mix
    years: Plot | None = None
    """Their figures in `measure` over the years; None where the dataset has one year."""
    measure: str = "total"


def compare_marked(host: SharingApp, measure: str) -> None:
    """Show the marked cities side by side, in the order of `measure`."""
    view, selection = host.view, host.selection
    dataset = view.dataset
    if host.still_reading() or dataset is None:
        return
    found = (view.city(code, selection) for code in selection.marked)
    rank = f"{measure}_rank"
    rows = sorted(
        (row for row in found if row is not None),
        key=lambda row: (row[rank] is None, row[rank], row["code"]),
    )[:_MOST_COMPARED]
    if len(rows) < 2:
        words = _("Mark two to six {cities} with space, then compare them with x.")
        host.tell(words.format(cities=view.manifest.places.many))
        return
    plot = None
    if len(view.years) > 1:
        codes = [row["code"] for row in rows]
        lines = lines_over_years(dataset, codes, measure, selection.technology)
        plot = years_plot(lines, view.manifest.labels[measure])
    mix = view.mix(selection)
    host.push_screen(compare_screen(Comparison(rows, view.manifest, mix, plot, measure)))


def compare_screen(compared: Comparison) -> TextScreen:
    """Return a screen that shows cities, one a column."""

    def build(width: int) -> list[Line]:
        grid = _grid(width, len(compared.rows))
        lines = grid.heads(compared.rows)
        for measure in MEASURES:
            lines += _figure_lines(grid, compared, measure)
        lines += _fact_lines(grid, compared)
        lines += _mix_lines(grid, compared)
        lines += _word_lines(compared, width)
        return lines + _year_lines(compared, width)

    return TextScreen(_("Compare"), build)


class _Grid(NamedTuple):
    """Columns of one width beside labels."""

    label: int
    column: int

    def line(self, label: str, cells: Sequence[str], style: str = "") -> Line:
        drawn = "".join(fit(cell, self.column - 1, right=True) + " " for cell in cells)
        return text(fit(label, self.label) + drawn, style)

    def heads(self, rows: Sequence[Row]) -> list[Line]:
        lines = [self.line("", [row["city"] for row in rows], "heading")]
        if any(row["city_zh"] for row in rows):
            lines.append(self.line("", [row["city_zh"] or "" for row in rows], "heading"))
        return lines


def _grid(width: int, columns: int) -> _Grid:
    label = min(_MOST_LABEL, max(_LEAST_LABEL, width - _LEAST * columns))
    return _Grid(label, max(_LEAST, min(_MOST, (width - label) // columns)))


def _figure_lines(grid: _Grid, compared: Comparison, measure: str) -> list[Line]:
    rows, unit = compared.rows, compared.manifest.labels[measure].unit
    ranks = [rank_text(row[f"{measure}_rank"], row[f"{measure}_rank_worst"]) for row in rows]
    bases = [basis_text(row[f"{measure}_basis"]) for row in rows]
    return [
        (),
        grid.line(measure_title(measure), [figure_text(row, measure, unit) for row in rows]),
        grid.line("  " + _("rank"), ranks),
        grid.line("  " + _("basis"), bases, "dim"),
    ]


def _fact_lines(grid: _Grid, compared: Comparison) -> list[Line]:
    rows = compared.rows
    lines: list[Line] = [()]
    if any(row["gdp_rank"] is not None for row in rows):
        lines.append(grid.line(_("GDP rank"), [rank_text(row["gdp_rank"]) for row in rows]))
    lines.append(grid.line(_("Population"), [number_text(row["population"]) for row in rows]))
    region = compared.manifest.places.region
    return [*lines, grid.line(region, [province_text(row) for row in rows])]


def _mix_lines(grid: _Grid, compared: Comparison) -> list[Line]:
    """Return each technology's share of a city, and in brackets the specialisation index."""
    frame = compared.mix.frame
    if frame.is_empty():
        return []
    cells: dict[str, dict[str, str]] = {}
    for row in frame.iter_rows(named=True):
        share = number_text(row["share"] * 100, "%")
        cell = f"{share} ({number_text(row['advantage'])})"
        cells.setdefault(row["technology"], {})[row["code"]] = cell
    lines: list[Line] = [(), text(_("Technology mix (specialisation index)"), "heading")]
    for technology, by_code in cells.items():
        found = [by_code.get(row["code"], "–") for row in compared.rows]
        lines.append(grid.line(technology_text(technology), found))
    return lines


def _word_lines(compared: Comparison, width: int) -> list[Line]:
    lines: list[Line] = [(), text(_("In words"), "heading")]
    for measure in MEASURES:
        for sentence in differences(compared.rows, measure):
            lines += paragraph(sentence, width, "", "  ")
    return lines


def differences(rows: Sequence[Row], measure: str) -> Iterator[str]:
    """Yield how each city differs in a measure from the next, the one of the best rank first."""
    known = sorted(rows, key=lambda row: _place(row, measure))
    for one, other in pairwise(known):
        found = ratio(one, other, measure)
        names = {
            "measure": measure_title(measure),
            "one": city_name(one),
            "other": city_name(other),
        }
        if found is None:
            words = _("{measure}: {one} and {other} cannot be compared, too little is known.")
            yield words.format(**names)
            continue
        lowest, highest = number_text(found.lowest), number_text(found.highest)
        if found.lowest == found.highest:
            words = _("{measure}: {one} has {lowest} times what {other} has.")
        elif found.highest is None:
            words = _("{measure}: {one} has at least {lowest} times what {other} has.")
        elif not found.lowest:
            words = _("{measure}: {one} has at most {highest} times what {other} has.")
        else:
            words = _("{measure}: {one} has {lowest} to {highest} times what {other} has.")
        yield words.format(**names, lowest=lowest, highest=highest)


def _place(row: Row, measure: str) -> tuple[bool, int]:
    rank = row[f"{measure}_rank"]
    return rank is None, rank or 0


def _year_lines(compared: Comparison, width: int) -> list[Line]:
    """Return the figures of all years as lines on one chart."""
    if compared.years is None:
        return []
    canvas = Canvas(width, _CHART_HEIGHT)
    draw_plot(canvas, compared.years, Look())
    names = (
        f"{glyph} {row['city']}" for glyph, row in zip(CURVE_GLYPHS, compared.rows, strict=False)
    )
    title = compared.manifest.labels[compared.measure].title
    drawn = [text(line) for line in canvas.plain()]
    legend = paragraph("   ".join(names), width)
    return [(), text(_("{title} over the years").format(title=title), "heading"), *drawn, *legend]
