"""Read and check one table of a dataset: CSV or Parquet in, a typed and cleaned frame out."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from citytech_data.errors import DatasetError, quoted
from citytech_data.schema import Column, Table
from citytech_data.text import BREAKS, CONTROLS, REPLACEMENT, clean

_DTYPES: dict[str, pl.DataType] = {
    "string": pl.String(),
    "integer": pl.Int64(),
    "number": pl.Float64(),
}
_KINDS = {"string": "a text", "integer": "a whole number", "number": "a number"}
# csv's own limit of 128 KiB a field would refuse what this program merely shortens on screen.
csv.field_size_limit(1 << 30)


def read_table(path: Path, table: Table) -> pl.DataFrame:
    """Return the table stored at `path`, its columns typed as `table` says, others kept as text.

    Raises:
        DatasetError: for the first cell, row or column that is not as expected.
    """
    frame = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    missing = [name for name in table.column_names if name not in frame.columns]
    if missing:
        raise DatasetError(
            path.name,
            f"column {missing[0]!r} is missing",
            f"Expected the columns {', '.join(table.column_names)}.",
            row=1,
        )
    extra = [name for name in frame.columns if name not in table.column_names]
    frame = frame.select(*table.column_names, pl.col(extra).cast(pl.String))
    frame = frame.with_columns(pl.col(pl.String).str.strip_chars().replace("", None))
    typed = frame.with_columns(_typed(column) for column in table.columns)
    typed = typed.with_columns(_cleaned(pl.col(pl.String)))
    for column in table.columns:
        _check_column(path.name, frame, typed, column)
    _check_key(path.name, typed, table)
    return typed


def empty_table(table: Table) -> pl.DataFrame:
    """Return `table` without rows."""
    return pl.DataFrame(schema={column.name: _DTYPES[column.type] for column in table.columns})


def first_row(frame: pl.DataFrame, bad: pl.Expr) -> int | None:
    """Return the index of the first row where `bad` is true, or None."""
    index = frame.select(bad.fill_null(False).arg_true().first()).item()
    return None if index is None else int(index)


def spreadsheet_row(index: int) -> int:
    """Return the row number of row `index` as a spreadsheet shows it, the header being row 1."""
    return index + 2


def _read_csv(path: Path) -> pl.DataFrame:
    text = _decode(path)
    header, height = _check_shape(path, text)
    try:
        frame = pl.read_csv(
            io.BytesIO(text.encode()),
            has_header=False,
            schema=dict.fromkeys(header, pl.String),
        )
    except pl.exceptions.PolarsError as error:
        reason, _, _ = str(error).partition("\n")
        raise DatasetError(
            path.name, clean(reason), "Put every field with a quote in quotes."
        ) from None
    if frame.height != height + 1:
        problem = f"{height:,} rows or {frame.height - 1:,}, by how one reads it"
        raise DatasetError(path.name, problem, "Put every field with a quote in quotes.")
    return frame.slice(1)


def _decode(path: Path) -> str:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise DatasetError(
            path.name,
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            "Save the file with the encoding UTF-8.",
            row=row,
        ) from None
    if not text.strip():
        raise DatasetError(path.name, "the file is empty", "Give it at least its header row.")
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
                raise DatasetError(path.name, "the row is empty", "Remove it.", row=empty)
            header = header or [clean(name.strip()) for name in row]
            if len(row) != len(header):
                raise DatasetError(
                    path.name,
                    f"expected {len(header)} fields, found {len(row)}",
                    "Is the file cut off, or a comma not inside quotes?",
                    row=number,
                )
    except csv.Error as error:
        raise DatasetError(
            path.name, str(error), "Is the file cut off, or a quote not closed?", row=number + 1
        ) from None
    repeated = {name for name in header if header.count(name) > 1}
    if repeated:
        raise DatasetError(
            path.name,
            f"column {quoted(min(repeated))} stands twice",
            "Name every column once.",
            row=1,
        )
    return header, number - 1 - (number - empty + 1 if empty else 0)


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(path, glob=False).rename(clean)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason, _, _ = str(error).partition("\n")
        problem = f"not a readable Parquet file ({clean(reason)})"
        raise DatasetError(path.name, problem, "Write the file again.") from None
    for name, dtype in frame.schema.items():
        if dtype.is_nested() or dtype == pl.Binary:
            raise DatasetError(
                path.name,
                f"its cells are {dtype}",
                "Write them as text or numbers.",
                column=name,
            )
    return frame.with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))


def _typed(column: Column) -> pl.Expr:
    return pl.col(column.name).cast(_DTYPES[column.type], strict=False)


def _cleaned(texts: pl.Expr) -> pl.Expr:
    return texts.str.replace_all(BREAKS, " ").str.replace_all(CONTROLS, REPLACEMENT)


def _check_column(file: str, raw: pl.DataFrame, typed: pl.DataFrame, column: Column) -> None:
    cell = pl.col(column.name)
    kind = _KINDS[column.type]
    checks: list[tuple[pl.Expr, str]] = [(cell.is_null() & raw[column.name].is_not_null(), kind)]
    if column.type == "number":
        checks.append((~cell.is_finite(), "a finite number"))
    if column.required:
        checks.append((cell.is_null(), f"{kind}, not an empty cell"))
    if column.one_of:
        checks.append((~cell.is_in(column.one_of), f"one of {', '.join(column.one_of)}"))
    if column.minimum is not None:
        checks.append((cell < column.minimum, f"at least {column.minimum:g}"))
    if column.maximum is not None:
        checks.append((cell > column.maximum, f"at most {column.maximum:g}"))
    for bad, expected in checks:
        index = first_row(typed, bad)
        if index is not None:
            found = raw[column.name][index]
            raise DatasetError(
                file,
                f"expected {expected}, found {'nothing' if found is None else quoted(found)}",
                f"{column.description}.",
                row=spreadsheet_row(index),
                column=column.name,
            )


def _check_key(file: str, frame: pl.DataFrame, table: Table) -> None:
    if not table.key:
        return
    again = first_row(frame, ~pl.struct(table.key).is_first_distinct())
    if again is not None:
        key = " / ".join(str(frame[name][again]) for name in table.key)
        raise DatasetError(
            file,
            f"{' / '.join(table.key)} {quoted(key)} stands twice",
            "Keep one row per key.",
            row=spreadsheet_row(again),
        )
