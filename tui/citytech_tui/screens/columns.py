"""Choose the columns of a ranking, their order and width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.app import App

from citytech_tui.columns import laid_out
from citytech_tui.language import _
from citytech_tui.preferences import TableColumns
from citytech_tui.screens.picks import Pick, PicksScreen
from citytech_tui.widgets.table import Column


def choose_columns(
    app: App[Any],
    columns: Sequence[Column],
    chosen: TableColumns,
    take: Callable[[TableColumns], object],
) -> None:
    """Offer all `columns` that are not frozen, those of `chosen` first; `take` what is chosen."""
    shown = [column for column in laid_out(columns, chosen) if not column.frozen]
    keys = [column.key for column in shown]
    rest = [column for column in columns if not column.frozen and column.key not in keys]
    picks = [
        Pick(column.key, column.name, column in shown, column.width) for column in (*shown, *rest)
    ]

    def taken(result: tuple[Pick, ...] | None) -> None:
        if result is None:
            return
        before = {pick.key: pick.width for pick in picks}
        wider = {pick.key: pick.width for pick in result if pick.width != before[pick.key]}
        keys = tuple(pick.key for pick in result if pick.picked)
        take(TableColumns(keys, {**chosen.widths, **wider}))

    app.push_screen(PicksScreen(_("Columns"), picks, ordered=True), taken)
