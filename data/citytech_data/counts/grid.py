"""The cells of a CSV file or workbook as text, each row with its number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from citytech_data.errors import DatasetError, unreadable
from citytech_data.ingest.decoding import sniff_encoding
from citytech_data.messages import Message
from citytech_data.text import clean
from citytech_data.workbooks import workbook_reader

SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_DELIMITERS = (",", "\t", ";", "|", "，")
_SAMPLE = 1 << 16
_MOST_BYTES = 64 << 20
_MEGABYTE = 1 << 20


class Grid(NamedTuple):
    """One sheet: its name (empty for a text file) and its rows that are not empty."""

    sheet: str
    rows: list[tuple[int, list[str]]]
    """The number of each row, as a spreadsheet shows it, and its cells."""


def read_grids(path: Path) -> Iterator[Grid]:
    """Yield the sheets of a workbook, or the one of a text file.

    Raises:
        DatasetError: if the file cannot be read as either.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise DatasetError(
                path.name, Message("is no file"), Message("Give a CSV file or a workbook.")
            )
        if size > _MOST_BYTES:
            raise DatasetError(
                path.name,
                Message("is too large for a table of counts ({size} MB)", size=size // _MEGABYTE),
                Message("Patent records are imported with citytech-tui ingest."),
            )
        if path.suffix.lower() in SHEETS:
            yield from _sheets(path)
        else:
            yield Grid("", list(_numbered(_text_rows(path, path.read_bytes()))))
    except OSError as error:
        raise unreadable(path.name, error) from None


def _numbered(rows: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, 1):
        cells = [clean(cell).strip() for cell in row]
        if any(cells):
            yield number, cells


def _text_rows(path: Path, data: bytes) -> Iterator[list[str]]:
    encoding, mark = sniff_encoding(data[:_SAMPLE])
    try:
        text = data[mark:].decode(encoding)
    except UnicodeDecodeError as error:
        raise DatasetError(
            path.name,
            Message(
                "byte 0x{byte:02x} is not {encoding}",
                byte=error.object[error.start],
                encoding=encoding,
            ),
            Message("Save the file with the encoding UTF-8."),
            row=data.count(b"\n", 0, error.start) + 1,
        ) from None
    if "\0" in text:
        raise DatasetError(
            path.name, Message("is no text"), Message("Give a CSV file or a workbook.")
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text[:_SAMPLE].split("\n")
    # That which parts most rows into the same number of cells, as titles have none.
    delimiter = max(_DELIMITERS, key=lambda each: _evenness(lines, each))
    number = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            number += 1
            yield row
    except csv.Error as error:
        raise DatasetError(
            path.name,
            Message("is no readable CSV ({reason})", reason=error),
            Message("Is a quote not closed?"),
            row=number + 1,
        ) from None


def _evenness(lines: list[str], delimiter: str) -> tuple[int, int]:
    counts = [line.count(delimiter) for line in lines if delimiter in line]
    most = max(set(counts), key=counts.count, default=0)
    return counts.count(most) * bool(most), most


def _sheets(path: Path) -> Iterator[Grid]:
    fastexcel = workbook_reader(path.name)
    try:
        book = fastexcel.read_excel(path)
        for name in book.sheet_names:
            sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            cells = sheet.to_polars().fill_null("").rows()
            yield Grid(clean(name), list(_numbered(map(list, cells))))
    except fastexcel.FastExcelError as error:
        reason, _, _ = str(error).partition("\n")
        raise DatasetError(
            path.name,
            Message("not a readable workbook ({reason})", reason=clean(reason)),
            Message("Save the file again."),
        ) from None
