"""The file of a table: CSV or Parquet in, its cells out, every row of one length."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import polars as pl

from citytech_data.errors import DatasetError, quoted
from citytech_data.files import File
from citytech_data.messages import Message
from citytech_data.schema import Table
from citytech_data.tables import check_table, collected, compact
from citytech_data.text import clean

# csv's own limit of 128 KiB a field would refuse what this program merely shortens on screen.
csv.field_size_limit(1 << 30)

_Frame = TypeVar("_Frame", pl.DataFrame, pl.LazyFrame)


def read_table(path: Path, table: Table) -> pl.DataFrame:
    """Return the table stored at `path`, checked, cleaned and typed as `table` says.

    Raises:
        DatasetError: for the first cell, row or column that is not as expected.
    """
    return check_table(path.name, table_cells(File.read(path), table), table)


def table_cells(file: File, table: Table, glimpsed: pl.LazyFrame | None = None) -> pl.DataFrame:
    """Return the cells of a table, its columns as `table` orders them.

    `glimpsed` is what `glimpse` has found, if it was asked.

    Raises:
        DatasetError: if the file is not such a table.
    """
    path, data = file
    if data is None:
        with _readable_parquet(path):
            scanned = _scan_parquet(path) if glimpsed is None else glimpsed
            return collected(in_order(path.name, scanned, table))
    data = data.removeprefix(codecs.BOM_UTF8)
    found = _read_plain(data, None if glimpsed is None else glimpsed.collect())
    frame = _read_any(path, data) if found is None else found
    return compact(in_order(path.name, frame, table))


def in_order(file: str, frame: _Frame, table: Table) -> _Frame:
    """Return a `frame` read from a `file`, its columns as `table` orders them, others as text.

    Raises:
        DatasetError: if one is missing.
    """
    names = frame.lazy().collect_schema().names()
    missing = [name for name in table.column_names if name not in names]
    if missing:
        raise DatasetError(
            file,
            Message("column {name!r} is missing", name=missing[0]),
            Message("Expected the columns {names}.", names=", ".join(table.column_names)),
            row=1,
        )
    extra = [name for name in names if name not in table.column_names]
    return frame.select(*table.column_names, pl.col(extra).cast(pl.String))


def glimpse(file: File) -> pl.LazyFrame | None:
    """Return the cells of a table as Polars finds them, None if it finds none.

    Whether its rows are whole has not been looked at: Polars fills those that are too short
    without a word.
    """
    path, data = file
    if data is not None:
        found = _glimpsed(data.removeprefix(codecs.BOM_UTF8))
        return None if found is None else found.lazy()
    try:
        with _readable_parquet(path):
            return _scan_parquet(path)
    except (DatasetError, OSError):
        return None  # what is wrong is told by who reads all of it


def _glimpsed(data: bytes) -> pl.DataFrame | None:
    header = _decoded_header(data)
    if len(header) < 2:
        return None
    try:
        return _parse(data, header).slice(1)
    except pl.exceptions.PolarsError:
        return None


def _read_plain(data: bytes, glimpsed: pl.DataFrame | None = None) -> pl.DataFrame | None:
    """Read a table without quotes, blank lines and faults; None if it is another one.

    Polars refuses rows that are too long but fills those that are too short, so that all are of
    one length if there are as many commas as that takes.
    """
    if b'"' in data or b"\r" in data:
        return None
    frame = _glimpsed(data) if glimpsed is None else glimpsed
    if frame is None or data.count(b",") != (frame.height + 1) * (frame.width - 1):
        return None
    return frame


def _decoded_header(data: bytes) -> list[str]:
    """Return the names in the first row, none if one stands twice or is not UTF-8."""
    end = data.find(b"\n")
    first = data if end < 0 else data[:end]
    try:
        row = next(csv.reader([first.decode().rstrip("\r")]), [])
    except (UnicodeDecodeError, csv.Error):
        return []
    names = [clean(name.strip()) for name in row]
    return names if len({*names}) == len(names) else []


def _parse(data: bytes, header: list[str]) -> pl.DataFrame:
    return pl.read_csv(data, has_header=False, schema=dict.fromkeys(header, pl.String))


def _read_any(path: Path, data: bytes) -> pl.DataFrame:
    """Read a table row by row first, to say what is wrong with it."""
    text = _decode(path, data)
    header, height = _check_shape(path, text)
    try:
        frame = _parse(text.encode(), header)
    except pl.exceptions.PolarsError as error:
        reason, _, _ = str(error).partition("\n")
        raise DatasetError(
            path.name,
            Message("is no readable CSV ({reason})", reason=clean(reason)),
            Message("Put every field with a quote in quotes."),
        ) from None
    if frame.height != height + 1:
        problem = Message(
            "{rows:,} rows or {other:,}, by how one reads it", rows=height, other=frame.height - 1
        )
        raise DatasetError(path.name, problem, Message("Put every field with a quote in quotes."))
    return frame.slice(1)


def _decode(path: Path, data: bytes) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise DatasetError(
            path.name,
            Message("byte 0x{byte:02x} is not UTF-8", byte=data[error.start]),
            Message("Save the file with the encoding UTF-8."),
            row=row,
        ) from None
    if not text.strip():
        raise DatasetError(
            path.name, Message("the file is empty"), Message("Give it at least its header row.")
        )
    # Line breaks of any system; inside a quoted cell they become a space in any case.
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def _check_shape(path: Path, text: str) -> tuple[list[str], int]:
    """Return the header and how many rows follow, all of one length.

    Polars fills and cuts rows of another length without a word.
    """
    number, empty = 0, 0
    header: list[str] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            number += 1
            if not row:
                empty = empty or number
                continue
            if empty:
                raise DatasetError(
                    path.name, Message("the row is empty"), Message("Remove it."), row=empty
                )
            header = header or [clean(name.strip()) for name in row]
            if len(row) != len(header):
                raise DatasetError(
                    path.name,
                    Message(
                        "expected {expected} fields, found {found}",
                        expected=len(header),
                        found=len(row),
                    ),
                    Message("Is the file cut off, or a comma not inside quotes?"),
                    row=number,
                )
    except csv.Error as error:
        raise DatasetError(
            path.name,
            Message("is no readable CSV ({reason})", reason=error),
            Message("Is the file cut off, or a quote not closed?"),
            row=number + 1,
        ) from None
    repeated = {name for name in header if header.count(name) > 1}
    if repeated:
        raise DatasetError(
            path.name,
            Message("column {name} stands twice", name=quoted(min(repeated))),
            Message("Name every column once."),
            row=1,
        )
    return header, number - 1 - (number - empty + 1 if empty else 0)


@contextmanager
def _readable_parquet(path: Path) -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason, _, _ = str(error).partition("\n")
        problem = Message("not a readable Parquet file ({reason})", reason=clean(reason))
        raise DatasetError(path.name, problem, Message("Write the file again.")) from None


def _scan_parquet(path: Path) -> pl.LazyFrame:
    frame = pl.scan_parquet(path, glob=False)
    schema = frame.collect_schema()
    for name, dtype in schema.items():
        if dtype.is_nested() or dtype == pl.Binary:
            raise DatasetError(
                path.name,
                Message("its cells are {dtype}", dtype=dtype),
                Message("Write them as text or numbers."),
                column=clean(name),
            )
    names = {name: clean(name) for name in schema.names()}
    return frame.rename(names).with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
