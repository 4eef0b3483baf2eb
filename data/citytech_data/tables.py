"""One table of a dataset: cells in, a checked, typed and cleaned frame out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from citytech_data.errors import DatasetError, quoted
from citytech_data.messages import Message
from citytech_data.schema import Column, Table
from citytech_data.text import BREAKS, CONTROLS, REPLACEMENT

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
_HEAD = 100
"""Rows that are looked at first, as they tell of most columns that they differ."""
_UNCLEAN = rf"^\s|\s$|^$|{BREAKS}|{CONTROLS}"


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


def collected(frame: pl.LazyFrame) -> pl.DataFrame:
    """Return `frame` as `compact` leaves it.

    Of a Parquet file whole columns need not be read for that: it tells the range of their values.
    """
    head = frame.head(_HEAD).collect()
    differing = {*varying(head)}
    same = {
        name: pl.lit(value, head.schema[name])
        for name, value in (head.row(0, named=True) if head.height else {}).items()
        if name not in differing
    }
    others = pl.collect_all(
        frame.filter(pl.col(name).ne_missing(value)).select(pl.len())
        for name, value in same.items()
    )
    return frame.with_columns(
        value.alias(name)
        for (name, value), found in zip(same.items(), others, strict=True)
        if not found.item()
    ).collect()


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
