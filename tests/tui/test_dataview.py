"""What is asked of the data again is not computed again, and never that of another selection."""

from __future__ import annotations

from citytech_data.dataset import open_dataset
from citytech_tui.columns import facts_of, ranking_columns
from citytech_tui.dataview import DataView
from citytech_tui.selection import Selection, Slice


def a_view() -> tuple[DataView, Selection]:
    view = DataView(None, open_dataset("china-inventions-2016"))
    return view, Selection(Slice(view.year))


def test_the_same_selection_gives_the_same_rows() -> None:
    view, selection = a_view()
    rows = view.ranking("total", selection)
    assert view.ranking("total", selection.changed(marked=frozenset({"110000"}))) is rows


def test_another_selection_gives_other_rows_and_totals() -> None:
    view, selection = a_view()
    for changed in (
        selection.changed(filter="guangdong"),
        selection.changed(orders={"total": (("city", False),)}),
        selection,
    ):
        rows = view.ranking("total", changed)
        fresh = a_view()[0].ranking("total", changed)
        assert rows is not None
        assert fresh is not None
        assert [rows.row(at) for at in range(rows.height)] == [
            fresh.row(at) for at in range(fresh.height)
        ]
        assert view.summary("total", rows) == a_view()[0].summary("total", fresh)
    assert view.largest("total", selection) != view.largest("density", selection)


def test_a_rank_has_room_where_there_are_many_places() -> None:
    view, selection = a_view()
    few = facts_of(view, selection, "total")
    many = few._replace(places=1_000_000)
    widths = {column.key: column.width for column in ranking_columns("total", many)}
    assert ranking_columns("total", few)[0].width == 4
    assert widths["rank"] == len("1000000")
    assert widths["vs_density"] >= len("▲999999")
