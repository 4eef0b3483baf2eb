"""Copy from a ranking: the figure or the row under the cursor, or the whole table."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from citytech_data.rows import Row
from citytech_tui.exporting import row_text
from citytech_tui.format import figure_text
from citytech_tui.language import _
from citytech_tui.names import city_name
from citytech_tui.screens.choice import ChoiceScreen

if TYPE_CHECKING:
    from citytech_tui.sharing import SharingApp


def copy_row(host: SharingApp, city: Row, measure: str) -> None:
    """Copy a city's row as tab-separated text."""
    host.copy(row_text(city, measure), city_name(city))


def choose_copy(
    host: SharingApp, city: Row, measure: str, copy_table: Callable[[], object]
) -> None:
    """Offer to copy a city's figure, its row, or by `copy_table` the whole table."""

    def copy_figure() -> None:
        unit = host.view.manifest.labels[measure].unit
        host.copy(figure_text(city, measure, unit), city_name(city))

    copies: dict[str, Callable[[], object]] = {
        _("The figure"): copy_figure,
        _("The row"): lambda: copy_row(host, city, measure),
        _("The table, tab-separated"): copy_table,
    }

    def chosen(index: int | None) -> None:
        if index is not None:
            [*copies.values()][index]()

    host.push_screen(ChoiceScreen(_("Copy"), [*copies]), chosen)
