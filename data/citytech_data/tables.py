"""One table of a dataset: CSV or Parquet in, a checked, typed and cleaned frame out."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from citytech_data.errors import DatasetError, quoted
from citytech_data.messages import Message
from citytech_data.schema import Column, Table
from citytech_data.text import BREAKS, CONTROLS, REPLACEMENT, clean

_DTYPES: dict[str, pl.DataType] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
}
_KINDS = {
    "string": Message("a text"),
    "integer": Message("a whole number"),
    "number": Message("a number"),
}
_UNCLEAN = rf"^\s|\s$|^$|{BREAKS}|{CONTROLS}"
# csv's own limit of 128 KiB a field would refuse what this program merely shortens on screen.
csv.field_size_limit(1 << 30)


def read_table(path: Path, table: Table) -> pl.DataFrame:
    """Return the table stored at `path`, checked, cleaned and typed as `table` says.

    Raises:
        DatasetError: for the first cell, row or column that is not as expected.
    """
    return check_table(path.name, read_table_cells(path, table), table)


def read_table_cells(path: Path, table: Table) -> pl.DataFrame:
    """Return the cells of the table stored at `path`, its columns as `table` orders them.

    Raises:
        DatasetError: if the file is not such a table.
    """
    frame = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    missing = [name for name in table.column_names if name not in frame.columns]
    if missing:
        raise DatasetError(
            path.name,
            Message("column {name!r} is missing", name=missing[0]),
            Message("Expected the columns {names}.", names=", ".join(table.column_names)),
            row=1,
        )
    extra = [name for name in frame.columns if name not in table.column_names]
    return compact(frame.select(*table.column_names, pl.col(extra).cast(pl.String)))


def check_table(file: str, cells: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return the `cells` of a `file` cleaned, and typed as `table` says, other columns as text.

    Raises:
        DatasetError: for the first cell or row that is not as expected.
    """
    unclean = _unclean(cells)
    raw = cells.with_columns(pl.col(unclean).str.strip_chars().replace("", None))
    typed = raw.with_columns(_typed(column) for column in table.columns)
    texts = [name for name in unclean if typed.schema[name] == pl.String]
    typed = typed.with_columns(_cleaned(pl.col(texts)))
    _check_columns(file, raw, typed, table)
    _check_key(file, typed, table)
    return typed


def compact(frame: pl.DataFrame) -> pl.DataFrame:
    """Return `frame` with every column that says the same in all rows kept as that one value.

    Polars then neither stores nor computes it row by row.
    """
    if frame.is_empty():
        return frame
    same = {*frame.columns} - {*varying(frame)}
    return frame.with_columns(
        pl.lit(value, frame.schema[name]).alias(name)
        for name, value in frame.row(0, named=True).items()
        if name in same
    )


def varying(frame: pl.DataFrame) -> list[str]:
    """Return the columns that do not say the same in all rows."""
    if frame.is_empty():
        return []
    differs = frame.select(pl.all().ne_missing(pl.all().first()).any())
    return [name for name, value in differs.row(0, named=True).items() if value]


def empty_table(table: Table) -> pl.DataFrame:
    """Return `table` without rows."""
    return pl.DataFrame(schema={column.name: _DTYPES[column.type] for column in table.columns})


def first_rows(frame: pl.DataFrame, faults: Sequence[pl.Expr]) -> tuple[int | None, ...]:
    """Return of each fault the index of the first row where it is true, or None.

    All at once, as each alone would take the time to go through the rows.
    """
    return frame.select(
        bad.fill_null(False).arg_true().first().alias(str(number))
        for number, bad in enumerate(faults)
    ).row(0)


def spreadsheet_row(index: int) -> int:
    """Return the row number of row `index` as a spreadsheet shows it, the header being row 1."""
    return index + 2


def _read_csv(path: Path) -> pl.DataFrame:
    data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    frame = _read_plain(data)
    return _read_any(path, data) if frame is None else frame


def _read_plain(data: bytes) -> pl.DataFrame | None:
    """Read a table without quotes, blank lines and faults; None if it is another one.

    Polars refuses rows that are too long but fills those that are too short, so that all are of
    one length if there are as many commas as that takes.
    """
    header = _decoded_header(data)
    if len(header) < 2 or b'"' in data or b"\r" in data:
        return None
    try:
        frame = _parse(data, header)
    except pl.exceptions.PolarsError:
        return None
    whole = data.count(b",") == frame.height * (len(header) - 1)
    return frame.slice(1) if whole else None


def _decoded_header(data: bytes) -> list[str]:
    """Return the names in the first row, none if one stands twice or is not UTF-8."""
    end = data.find(b"\n")
    first = data if end < 0 else data[:end]
    try:
        names = [clean(name.strip()) for name in first.decode().split(",")]
    except UnicodeDecodeError:
        return []
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


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path, glob=False).rename(clean)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason, _, _ = str(error).partition("\n")
        problem = Message("not a readable Parquet file ({reason})", reason=clean(reason))
        raise DatasetError(path.name, problem, Message("Write the file again.")) from None
    for name, dtype in frame.schema.items():
        if dtype.is_nested() or dtype == pl.Binary:
            raise DatasetError(
                path.name,
                Message("its cells are {dtype}", dtype=dtype),
                Message("Write them as text or numbers."),
                column=name,
            )
    return frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))


def _typed(column: Column) -> pl.Expr:
    return pl.col(column.name).cast(_DTYPES[column.type], strict=False)


def _unclean(frame: pl.DataFrame) -> list[str]:
    """Return the text columns of which a cell is not as `_cleaned` leaves it."""
    found = frame.select(pl.col(pl.String).str.contains(_UNCLEAN).any())
    return [name for name, unclean in found.row(0, named=True).items() if unclean]


def _cleaned(texts: pl.Expr) -> pl.Expr:
    return texts.str.replace_all(BREAKS, " ").str.replace_all(CONTROLS, REPLACEMENT)


def _check_columns(file: str, raw: pl.DataFrame, typed: pl.DataFrame, table: Table) -> None:
    nulls = [frame.select(table.column_names).null_count().row(0) for frame in (raw, typed)]
    checks = [
        (column, bad, expected)
        for column, before, after in zip(table.columns, *nulls, strict=True)
        for bad, expected in _checks(column, raw if before != after else None)
    ]
    found = first_rows(typed, [bad for _, bad, _ in checks])
    for (column, _, expected), index in zip(checks, found, strict=True):
        if index is not None:
            cell = raw[column.name][index]
            raise DatasetError(
                file,
                Message(
                    "expected {expected}, found {found}",
                    expected=expected,
                    found=Message("nothing") if cell is None else quoted(cell),
                ),
                Message("{description}.", description=column.description),
                row=spreadsheet_row(index),
                column=column.name,
            )


def _checks(column: Column, raw: pl.DataFrame | None) -> Iterator[tuple[pl.Expr, Message]]:
    """Yield what is wrong with a cell, and what was expected.

    `raw` has the cells as text, if some are not what they should be.
    """
    cell, kind = pl.col(column.name), _KINDS[column.type]
    if raw is not None:
        yield cell.is_null() & raw[column.name].is_not_null(), kind
    if column.type == "number":
        yield ~cell.is_finite(), Message("a finite number")
    if column.required:
        yield cell.is_null(), Message("{kind}, not an empty cell", kind=kind)
    if column.one_of:
        yield ~cell.is_in(column.one_of), Message("one of {names}", names=", ".join(column.one_of))
    if column.minimum is not None:
        yield cell < column.minimum, Message("at least {number:g}", number=column.minimum)
    if column.maximum is not None:
        yield cell > column.maximum, Message("at most {number:g}", number=column.maximum)


def _check_key(file: str, frame: pl.DataFrame, table: Table) -> None:
    if not table.key:
        return
    differing = varying(frame.select(table.key)) or [*table.key]
    key = pl.col(differing[0]) if len(differing) == 1 else pl.struct(differing)
    (again,) = first_rows(frame, [~key.is_first_distinct()])
    if again is not None:
        cells = " / ".join(str(frame[name][again]) for name in table.key)
        raise DatasetError(
            file,
            Message(
                "{columns} {key} stands twice", columns=" / ".join(table.key), key=quoted(cells)
            ),
            Message("Keep one row per key."),
            row=spreadsheet_row(again),
        )
