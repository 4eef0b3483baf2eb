"""Marked cities side by side."""

from __future__ import annotations

from collections.abc import Sequence

from citytech_data.manifest import Manifest
from citytech_data.rows import Row
from citytech_data.vocabulary import MEASURES
from citytech_tui.format import city_text, figure_text, number_text, rank_text
from citytech_tui.language import _
from citytech_tui.names import basis_text, measure_title, province_text
from citytech_tui.screens.text import TextScreen
from citytech_tui.widgets.cells import fit
from citytech_tui.widgets.lines import Line, text

_LABEL = 14
_LEAST = 12


def compare_screen(rows: Sequence[Row], manifest: Manifest) -> TextScreen:
    """Return a screen that shows the figures and ranks of `rows`, one city a column."""

    def build(width: int) -> list[Line]:
        column = max(_LEAST, min(22, (width - _LABEL) // len(rows)))
        shown = rows[: (width - _LABEL) // column]

        def line(label: str, cells: Sequence[str], style: str = "") -> Line:
            drawn = "".join(fit(cell, column - 1, right=True) + " " for cell in cells)
            return text(fit(label, _LABEL) + drawn, style)

        lines = [line("", [city_text(row) for row in shown], "heading")]
        for measure in MEASURES:
            unit = manifest.labels[measure].unit
            ranks = [
                rank_text(row[f"{measure}_rank"], row[f"{measure}_rank_worst"]) for row in shown
            ]
            bases = [basis_text(row[f"{measure}_basis"]) for row in shown]
            lines += [
                (),
                line(measure_title(measure), [figure_text(row, measure, unit) for row in shown]),
                line("  " + _("rank"), ranks),
                line("  " + _("basis"), bases, "dim"),
            ]
        by_gdp = [rank_text(row["gdp_rank"]) for row in shown]
        knows_gdp = any(row["gdp_rank"] is not None for row in shown)
        lines += [
            (),
            *([line(_("GDP rank"), by_gdp)] if knows_gdp else []),
            line(_("Population"), [number_text(row["population"]) for row in shown]),
            line(manifest.places.region, [province_text(row) for row in shown]),
        ]
        return lines

    return TextScreen(_("Compare"), build)
