"""The columns of the ranking tables, as data: what there is, what is shown, in what order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.cells import cell_len

from citytech_data.manifest import Manifest
from citytech_data.rows import Row
from citytech_data.scope import EVERYWHERE
from citytech_data.vocabulary import MEASURES
from citytech_tui.format import (
    change_text,
    city_text,
    figure_text,
    is_doubtful,
    number_text,
    rank_text,
    rank_width,
    short_text,
)
from citytech_tui.language import _
from citytech_tui.names import basis_text, city_name, measure_title, province_text
from citytech_tui.preferences import TableColumns
from citytech_tui.widgets.bars import bar
from citytech_tui.widgets.spark import sparkline
from citytech_tui.widgets.table import Column

if TYPE_CHECKING:
    from citytech_tui.dataview import DataView
    from citytech_tui.selection import Selection

MARKED = "●"
DOUBT = "?"
DISPUTED = "!"


class Facts(NamedTuple):
    """What the columns depend on beside the measure."""

    manifest: Manifest
    largest: float
    """The figure that a full bar stands for."""
    marked: frozenset[str]
    gdp: bool
    """Whether any GDP is known."""
    scoped: bool = False
    """Whether ranks are those within a scope, so that those among all are worth a column."""
    year_before: int | None = None
    years: int = 1
    """How many years the dataset has."""
    places: int = 0
    """How many places may have a rank, as far as that is known."""


def facts_of(view: DataView, selection: Selection, measure: str) -> Facts:
    """Return what the columns of a ranking depend on."""
    return Facts(
        view.manifest,
        view.largest(measure, selection),
        selection.marked,
        gdp=view.ranks_gdp(selection),
        scoped=selection.slice.scope != EVERYWHERE,
        year_before=view.year_before(selection),
        years=len(view.years),
        places=0 if view.dataset is None else view.dataset.cities.height,
    )


def flags(row: Row, measure: str, marked: frozenset[str]) -> str:
    """Return the flags of a city: marked; a claim on its figure is retracted; figure doubtful."""
    mark = MARKED if row["code"] in marked else ""
    disputed = DISPUTED if row[f"{measure}_disputed"] else ""
    return mark + disputed + (DOUBT if is_doubtful(row[f"{measure}_note"]) else "")


def laid_out(columns: Sequence[Column], chosen: TableColumns) -> list[Column]:
    """Return the columns that a person has chosen, in their order and widths.

    Those that are frozen come first in any case.
    """
    by_key = {column.key: column for column in columns}
    frozen = [column for column in columns if column.frozen]
    if chosen.shown:
        rest = [by_key[key] for key in chosen.shown if key in by_key]
        rest = [column for column in rest if not column.frozen]
    else:
        rest = [column for column in columns if not column.frozen and not column.hidden]
    return [_widened(column, chosen.widths.get(column.key)) for column in (*frozen, *rest)]


def _widened(column: Column, width: int | None) -> Column:
    return column if width is None else column._replace(width=width, widest=width, grows=False)


def ranking_columns(measure: str, facts: Facts) -> list[Column]:
    """Return all columns that the ranking by `measure` can have, the usual ones in their order.

    Those of which nothing can be known are left out.
    """
    columns = [*_frozen_columns(measure, facts), *_figure_columns(measure, facts)]
    columns += _change_columns(measure, facts)
    columns.append(
        Column(
            "province",
            facts.manifest.places.region,
            lambda row, width: province_text(row),
            12,
            priority=9,
            sort="province",
            style="table--dim",
        )
    )
    return columns + _more_columns(measure, facts)


def _city(row: Row, width: int) -> str:
    both = city_text(row)
    return both if cell_len(both) <= width else city_name(row)


def _frozen_columns(measure: str, facts: Facts) -> list[Column]:
    rank = f"{measure}_rank"
    return [
        Column(
            "rank",
            "#",
            lambda row, width: rank_text(row[rank], row[f"{rank}_worst"]),
            rank_width(facts.places),
            right=True,
            sort=rank,
            about=_("Rank"),
            frozen=True,
        ),
        Column(
            "flags",
            "",
            lambda row, width: flags(row, measure, facts.marked),
            3,
            about=_("Flags"),
            frozen=True,
        ),
        Column(
            "city", facts.manifest.places.one.capitalize(), _city, 19, 22, sort="city", frozen=True
        ),
    ]


def _figure_columns(measure: str, facts: Facts) -> list[Column]:
    label = facts.manifest.labels[measure]
    value, basis = f"{measure}_value", f"{measure}_basis"
    lower, upper, history = f"{measure}_lower", f"{measure}_upper", f"{measure}_history"
    columns = [
        Column(
            "value",
            label.column,
            lambda row, width: figure_text(row, measure, label.unit),
            13,
            15,
            right=True,
            sort=value,
        ),
        Column(
            "bar",
            "",
            lambda row, width: bar(row[lower], row[upper], facts.largest, width),
            12,
            priority=3,
            grows=True,
            style="table--bar",
            about=_("Bar"),
        ),
    ]
    if facts.years > 1:
        columns.append(
            Column(
                "history",
                _("Years"),
                lambda row, width: sparkline(row.get(history) or (), width),
                6,
                min(facts.years, 15),
                priority=3,
                style="table--bar",
                about=_("Sparkline over the years"),
            )
        )
    columns.append(
        Column(
            "basis",
            _("Basis"),
            lambda row, width: basis_text(row[basis]),
            7,
            8,
            priority=2,
            sort=basis,
            style="table--dim",
        )
    )
    return columns


def _change_columns(measure: str, facts: Facts) -> list[Column]:
    rank = f"{measure}_rank"
    columns = []
    if facts.scoped:
        about = _("Rank among all cities")
        columns.append(_rank_column("rank_all", _("# all"), f"{rank}_all", about, 2))
    if facts.year_before is not None:
        since = f"{rank}_since"
        columns.append(
            _change_column("since", f"Δ {facts.year_before}", since, _("Rank movement since"), 2)
        )
    if facts.gdp:
        columns.append(_rank_column("gdp_rank", _("GDP #"), "gdp_rank", _("GDP rank"), 4))
        about = _("Rank against GDP")
        columns.append(_change_column("change", _("Δ GDP"), f"{rank}_change", about, 1))
    for order, other in enumerate(MEASURES):
        if other != measure:
            name = measure_title(other)
            about = _("Rank against {measure}").format(measure=name)
            columns.append(
                _change_column(f"vs_{other}", f"Δ {name}", f"{rank}_vs_{other}", about, 5 + order)
            )
    room = rank_width(facts.places) + 1
    return [column._replace(width=max(column.width, room)) for column in columns]


def _more_columns(measure: str, facts: Facts) -> list[Column]:
    """Columns that are shown only where they are chosen."""
    label, gdp = facts.manifest.labels, facts.manifest.stored_label("gdp").unit
    columns = [
        Column(
            f"of_{other}",
            label[other].column,
            lambda row, width, other=other: figure_text(  # type: ignore[misc]
                row, other, label[other].unit
            ),
            11,
            13,
            priority=8,
            right=True,
            sort=f"{other}_value",
            about=measure_title(other),
            hidden=True,
        )
        for other in MEASURES
        if other != measure
    ]
    stored: list[tuple[str, str, Callable[[Any], str]]]
    stored = [("population", _("Population"), number_text)]
    if facts.gdp:
        stored.append(("gdp", _("GDP"), lambda value: short_text(value, gdp)))
    for key, name, text in stored:
        columns.append(
            Column(
                key,
                name,
                lambda row, width, key=key, text=text: (  # type: ignore[misc]
                    text(row[key]) if row[key] is not None else ""
                ),
                11,
                15,
                priority=8,
                right=True,
                sort=key,
                hidden=True,
            )
        )
    code = Column(
        "code",
        _("Code"),
        lambda row, width: row["code"],
        6,
        9,
        priority=9,
        sort="code",
        hidden=True,
    )
    return [*columns, code]


def _rank_column(key: str, label: str, column: str, about: str, priority: int) -> Column:
    return Column(
        key,
        label,
        lambda row, width: rank_text(row.get(column), row.get(f"{column}_worst")),
        5,
        priority=priority,
        right=True,
        sort=column,
        about=about,
    )


def _change_column(key: str, label: str, column: str, about: str, priority: int) -> Column:
    return Column(
        key,
        label,
        lambda row, width: change_text(row.get(column)),
        max(5, cell_len(label)),
        priority=priority,
        right=True,
        sort=column,
        about=about,
    )
