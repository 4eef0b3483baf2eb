"""Tables read at once are those that are read row by row, faults included."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from citytech_data import tablefiles
from citytech_data.errors import DatasetError
from citytech_data.files import File
from citytech_data.schema import CITIES
from citytech_data.tablefiles import glimpse, read_table
from citytech_data.tables import collected, compact

_CELLS = st.sampled_from(["", " ", "a", " a ", "北京", "-", "1.5", "\t", "\x1b", "\u2028", "'"])
_LINES = st.lists(_CELLS, min_size=1, max_size=4).map(",".join)
_RAW = st.lists(st.one_of(_LINES, st.sampled_from(["", ",", ",,", '"', '"a"', "\r", "\xff"])))


@given(_RAW, st.sampled_from(["", "\n", "\n\n"]))
def test_a_table_is_read_at_once_only_if_row_by_row_gives_the_same(
    lines: list[str], end: str
) -> None:
    data = "\n".join(["x,y,z", *lines]).encode("latin-1" if "\xff" in lines else "utf-8", "replace")
    data += end.encode()
    at_once = tablefiles._read_plain(data)
    found = glimpse(File(Path("t.csv"), data))
    glimpsed = None if found is None else found.collect()
    again = tablefiles._read_plain(data, glimpsed)
    assert (again is None) == (at_once is None)
    if at_once is not None:
        assert glimpsed is not None
        assert again is glimpsed
        assert_frame_equal(glimpsed, at_once)
        assert_frame_equal(at_once, tablefiles._read_any(Path("t.csv"), data))


@given(st.lists(st.lists(_CELLS.filter(lambda cell: cell != "\u2028"), min_size=3, max_size=3)))
def test_whole_tables_without_quotes_are_read_at_once(rows: list[list[str]]) -> None:
    data = "".join(f"{','.join(row)}\n" for row in [["x", "y", "z"], *rows]).encode()
    at_once = tablefiles._read_plain(data)
    assert at_once is not None
    assert at_once.rows() == [tuple(cell or None for cell in row) for row in rows]


@given(st.lists(st.tuples(_CELLS, st.none() | st.floats(), st.none()), max_size=3))
def test_compact_changes_no_cell(rows: list[tuple[str, float | None, None]]) -> None:
    schema = {"a": pl.String, "b": pl.Float64, "c": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    assert_frame_equal(compact(frame), frame)
    assert_frame_equal(collected(frame.lazy()), frame)
    file = io.BytesIO()
    frame.write_parquet(file, row_group_size=2)
    assert_frame_equal(collected(pl.scan_parquet(file.getvalue())), frame)


def test_a_fault_that_stands_in_every_row_is_told_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "cities.csv"
    header = ",".join(CITIES.column_names)
    path.write_text(f"{header}\na,A,,,,99,0\nb,B,,,,99,0\n")
    with pytest.raises(DatasetError, match="row 2, column lat: expected at most 90, found '99'"):
        read_table(path, CITIES)


def test_what_stands_in_every_row_is_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "cities.csv"
    header = ",".join(CITIES.column_names)
    path.write_text(f"{header}\na, A\x1b[2J ,, ,P\u202e,1,0\nb, A\x1b[2J ,, ,P\u202e,1,0\n")
    found = read_table(path, CITIES)
    assert found["name_en"].to_list() == ["A\ufffd[2J"] * 2
    assert found["province_en"].to_list() == [None] * 2
    assert found["province_zh"].to_list() == ["P\ufffd"] * 2
    assert found["lat"].to_list() == [1.0] * 2
