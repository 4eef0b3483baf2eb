"""The columns of the ranking tables."""

from __future__ import annotations

from rich.cells import cell_len

from citytech_data.manifest import Manifest
from citytech_data.rows import Row
from citytech_data.vocabulary import MEASURES
from citytech_tui.format import change_text, city_text, figure_text, is_doubtful, rank_text
from citytech_tui.widgets.bars import bar
from citytech_tui.widgets.table import Column

MARKED = "●"
DOUBT = "?"
DISPUTED = "!"


def flags(row: Row, measure: str, marked: frozenset[str]) -> str:
    """Return the flags of a city: marked; a claim on its figure is retracted; figure doubtful."""
    mark = MARKED if row["code"] in marked else ""
    disputed = DISPUTED if row[f"{measure}_disputed"] else ""
    return mark + disputed + (DOUBT if is_doubtful(row[f"{measure}_note"]) else "")


def _city(row: Row, width: int) -> str:
    both = city_text(row)
    return both if cell_len(both) <= width else str(row["city"])


def ranking_columns(
    measure: str, manifest: Manifest, largest: float, marked: frozenset[str], *, gdp: bool
) -> list[Column]:
    """Return the columns of the ranking by `measure`; a full bar stands for `largest`.

    The columns of the GDP rank are left out where no GDP is known.
    """
    label = manifest.labels[measure]

    def name(part: str) -> str:
        return f"{measure}_{part}"

    def drawn(row: Row, width: int) -> str:
        return bar(row[name("lower")], row[name("upper")], largest, width)

    columns = [
        Column(
            "rank",
            "#",
            lambda row, width: rank_text(row[name("rank")], row[name("rank_worst")]),
            4,
            right=True,
            sort=name("rank"),
        ),
        Column("flags", "", lambda row, width: flags(row, measure, marked), 3),
        Column("city", manifest.places.one.capitalize(), _city, 19, 22, sort="city"),
        Column(
            "value",
            label.column,
            lambda row, width: figure_text(row, measure, label.unit),
            13,
            15,
            right=True,
            sort=name("value"),
        ),
        Column("bar", "", drawn, 12, priority=3, grows=True, style="table--bar"),
        Column(
            "basis",
            "Basis",
            lambda row, width: row[name("basis")],
            7,
            8,
            priority=2,
            sort=name("basis"),
            style="table--dim",
        ),
        Column(
            "gdp_rank",
            "GDP #",
            lambda row, width: rank_text(row["gdp_rank"]),
            5,
            priority=4,
            right=True,
            sort="gdp_rank",
        ),
        Column(
            "change",
            "Δ GDP",
            lambda row, width: change_text(row[name("rank_change")]),
            5,
            priority=1,
            right=True,
            sort=name("rank_change"),
        ),
    ]
    if not gdp:
        columns = [column for column in columns if column.key not in ("gdp_rank", "change")]
    columns += [
        _versus(measure, other, order) for order, other in enumerate(MEASURES) if other != measure
    ]
    columns.append(
        Column(
            "province",
            manifest.places.region,
            lambda row, width: row["province"] or "",
            12,
            priority=9,
            sort="province",
            style="table--dim",
        )
    )
    return columns


def _versus(measure: str, other: str, order: int) -> Column:
    key = f"{measure}_rank_vs_{other}"
    return Column(
        key,
        f"Δ {other.capitalize()}",
        lambda row, width: change_text(row[key]),
        len(other) + 2,
        priority=5 + order,
        right=True,
        sort=key,
    )
