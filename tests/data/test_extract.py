"""Extracts, read back by other libraries than the one that wrote them."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from typing import IO

import openpyxl
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.extract import (
    ABOUT,
    Extract,
    metadata,
    write_csv,
    write_json,
    write_parquet,
    write_tsv,
    write_xlsx,
)

SOURCE = {"id": "stat", "title": "Bulletin", "url": "https://example.org/a?b=1", "date": None}
FRAME = pl.DataFrame(
    {
        "rank": [1, 2, None],
        "city": ["Xi'an", '杭州 "Hang", zhou', "a\tb"],
        "value": [10289.999999999998, 3.58, None],
        "change": [-3, 0, 5],
    }
)
EXTRACT = Extract(
    FRAME,
    "Total",
    {"dataset": "published", "year": "2021"},
    [SOURCE],
    {"value": "Applications"},
    {"printed": "stated by the source"},
)
ROWS = [
    (1, "Xi'an", 10290, -3),
    (2, '杭州 "Hang", zhou', 3.58, 0),
    (None, "a\tb", None, 5),
]
Writer = Callable[[Extract, IO[bytes], Callable[[int], None]], None]


def written(writer: Writer, extract: Extract = EXTRACT) -> bytes:
    file, ticks = io.BytesIO(), list[int]()
    writer(extract, file, ticks.append)
    assert ticks == sorted(ticks)
    assert not extract.frame.height or ticks[-1] == extract.frame.height
    return file.getvalue()


@pytest.mark.parametrize(("writer", "delimiter"), [(write_csv, ","), (write_tsv, "\t")])
def test_delimited_text_is_read_back_by_the_standard_library(
    writer: Writer, delimiter: str
) -> None:
    text = written(writer).decode()
    header, *rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    assert header == FRAME.columns
    assert rows == [["" if cell is None else str(cell) for cell in row] for row in ROWS]


def test_json_is_read_back_by_the_standard_library() -> None:
    content = json.loads(written(write_json))
    assert [tuple(row.values()) for row in content["rows"]] == ROWS
    assert content["dataset"] == "published"
    assert content["sources"] == [{k: v for k, v in SOURCE.items() if v}]
    assert content["basis"] == {"printed": "stated by the source"}


def test_parquet_is_read_back_by_arrow() -> None:
    file = pq.ParquetFile(io.BytesIO(written(write_parquet)))
    assert [tuple(row.values()) for row in file.read().to_pylist()] == ROWS
    about = json.loads(file.metadata.metadata[ABOUT.encode()])
    assert about["title"] == "Total"
    assert about["year"] == "2021"


def test_a_workbook_is_read_back_by_openpyxl() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(write_xlsx)))
    header, *rows = book["Data"].iter_rows(values_only=True)
    assert list(header) == FRAME.columns
    assert rows == ROWS
    facts = dict(row[:2] for row in book["About"].iter_rows(values_only=True))
    assert facts["dataset"] == "published"
    assert "https://example.org/a?b=1" in facts["source"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)", "https://a.b"])
def test_no_cell_is_a_formula(cell: str) -> None:
    extract = Extract(pl.DataFrame({"city": [cell]}), "x")
    for writer in (write_csv, write_tsv):
        shown = written(writer, extract).decode().splitlines()[1]
        assert shown == (cell if cell.startswith("http") else f"'{cell}")
    book = openpyxl.load_workbook(io.BytesIO(written(write_xlsx, extract)))
    found = book["Data"]["A2"]
    assert (found.value, found.data_type, found.hyperlink) == (cell, "s", None)


@pytest.mark.parametrize("writer", [write_csv, write_tsv, write_json, write_parquet, write_xlsx])
def test_no_rows_are_an_empty_file_with_columns(writer: Writer) -> None:
    content = written(writer, Extract(FRAME.clear(), "x"))
    assert content


def test_a_sheet_that_would_not_hold_all_rows_is_refused() -> None:
    frame = pl.DataFrame({"n": pl.int_range(1_048_576, eager=True)})
    with pytest.raises(ValueError, match="1,048,575 rows"):
        written(write_xlsx, Extract(frame, "x"))


def test_the_metadata_of_a_csv_file_tells_columns_and_sources() -> None:
    content = json.loads(metadata(EXTRACT, "total.csv", ","))
    assert content["url"] == "total.csv"
    assert content["dc:source"] == ["https://example.org/a?b=1"]
    assert [c["datatype"] for c in content["tableSchema"]["columns"]] == [
        "integer",
        "string",
        "double",
        "integer",
    ]
    assert content["tableSchema"]["columns"][2]["titles"] == "Applications"


@given(st.lists(st.floats() | st.none() | st.integers(-(2**53), 2**53).map(float), max_size=20))
def test_any_figure_survives_as_text(figures: list[float | None]) -> None:
    extract = Extract(
        pl.DataFrame({"n": [0] * len(figures), "f": figures}, {"n": int, "f": float}), "x"
    )
    _, *rows = csv.reader(io.StringIO(written(write_csv, extract).decode()))
    for figure, (_, text) in zip(figures, rows, strict=True):
        if figure is None or not math.isfinite(figure):
            assert text == ""
        else:
            assert math.isclose(float(text), figure, rel_tol=1e-9)
