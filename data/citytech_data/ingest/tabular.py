"""Records of Parquet files, a part at a time, and of spreadsheets, a sheet at a time."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import polars as pl

from citytech_data.errors import DatasetError
from citytech_data.ingest.archives import InputFile, ZipMember
from citytech_data.ingest.delimited import LINE, unique_names
from citytech_data.ingest.formats import Format
from citytech_data.ingest.readers import Batch, at_once, known_layout, sha256_of
from citytech_data.ingest.recognise import recognise
from citytech_data.messages import Message
from citytech_data.text import clean
from citytech_data.workbooks import workbook_reader

_SAMPLE = 1000
_HEADER_WITHIN = 10
# Measured: 2.2 bytes of memory a byte of a workbook's XML; repeated texts stand there only once.
_WORKBOOK = 3
# What a list of objects holds that is wanted here: a code, a text in a language, a name.
WANTED_FIELDS = ("code", "text", "name")


class ParquetReader:
    """A Parquet file; its rows count from 1.

    Of several readers that read some of its `rows` each, counted from 0, the one of the first
    finds its SHA-256.
    """

    def __init__(
        self, path: InputFile, wanted: Format | None, block: int, rows: range | None = None
    ) -> None:
        self.path = path
        self.repairs: Counter[str] = Counter()
        self.sha256 = ""
        self._block = block
        self._only = rows
        try:
            self._frame = pl.scan_parquet(_content(path), glob=False)
            self._schema = self._frame.collect_schema()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise _unreadable(path, Message("Parquet file"), error) from None
        self.layout = known_layout(path, self._schema.names(), wanted)

    def __iter__(self) -> Iterator[Batch]:
        """Yield the rows in their order."""
        used = self.layout.used
        columns = self._frame.select(flat(name, self._schema[name]) for name in used)
        height = self._frame.select(pl.len()).collect().item()
        size = self.path.stat().st_size
        rows = self._only or range(height)
        try:
            at_once = self._rows_at_once(columns)
            # Slices need a third of the memory of `collect_batches`, which reads ahead.
            for start in rows[::at_once]:
                part = columns.slice(start, min(at_once, rows.stop - start)).collect()
                done = start + part.height
                lines = pl.int_range(start + 1, done + 1, dtype=pl.Int64)
                yield Batch(part.with_columns(lines.alias(LINE)), (), size * done // height)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise _unreadable(self.path, Message("Parquet file"), error) from None
        if rows.start == 0:
            self.sha256 = sha256_of(self.path)

    def _rows_at_once(self, columns: pl.LazyFrame) -> int:
        """Return how many rows make a block of text, going by the first ones."""
        sample = columns.head(_SAMPLE).collect()
        size = sum(int(column.str.len_bytes().sum()) for column in sample)
        return max(1, self._block * sample.height // max(1, size))

    def close(self) -> None:
        """Let the file go: it is opened only while it is read."""


def parquet_names(path: InputFile) -> list[str]:
    """Return the names of the columns of a Parquet file.

    Raises:
        DatasetError: if it is none.
    """
    try:
        return pl.scan_parquet(_content(path), glob=False).collect_schema().names()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _unreadable(path, Message("Parquet file"), error) from None


def _content(path: InputFile) -> Any:
    """Return what the libraries can read: a path, or the bytes of a file in an archive."""
    return path.read_bytes() if isinstance(path, ZipMember) else path


def flat(name: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column as text: the codes, texts or names of a list joined by `;`."""
    column = pl.col(name)
    if isinstance(dtype, pl.List):
        inner = dtype.inner
        if isinstance(inner, pl.Struct):
            field = _wanted_field(inner)
            column = column.list.eval(pl.element().struct.field(field))
        return column.cast(pl.List(pl.String)).list.join(";").alias(name)
    if isinstance(dtype, pl.Struct):
        return column.struct.field(_wanted_field(dtype)).cast(pl.String).alias(name)
    return column.cast(pl.String)


def _wanted_field(struct: pl.Struct) -> str:
    names = [field.name for field in struct.fields]
    return next((name for name in WANTED_FIELDS if name in names), names[0])


class SheetReader:
    """The first sheet of a workbook that has a known header; its rows count as they do there."""

    def __init__(self, path: InputFile, wanted: Format | None) -> None:
        self.path = path
        self.repairs: Counter[str] = Counter()
        self.sha256 = ""
        self._frame, self._header = read_sheet(path, wanted)
        names = [clean(name or "") for name in self._frame.row(self._header)]
        self._names = unique_names(names, len(names))
        self.layout = known_layout(path, self._names, wanted)

    def __iter__(self) -> Iterator[Batch]:
        """Yield the rows below the header; empty ones are none."""
        frame, used = self._frame, self.layout.used
        frame.columns = list(self._names)
        lines = pl.int_range(1, frame.height + 1, dtype=pl.Int64).alias(LINE)
        rows = frame.with_columns(lines).slice(self._header + 1)
        rows = rows.select(*used, LINE).filter(pl.any_horizontal(pl.col(used).is_not_null()))
        yield from at_once(rows, self.path.stat().st_size)
        self.sha256 = sha256_of(self.path)

    def close(self) -> None:
        """Let the sheet go."""
        self._frame = pl.DataFrame()


def check_workbook(path: InputFile, memory: int) -> None:
    """Check that a workbook, which is read as a whole, fits into some bytes of memory.

    Raises:
        DatasetError: if it does not; one that is no archive of XML goes by its size.
    """
    size = path.stat().st_size
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(_opened(path)) as archive:
        size = sum(each.file_size for each in archive.infolist())
    if size * _WORKBOOK > memory:
        raise DatasetError(
            path.name,
            Message(
                "is read as a whole, which takes about {size:,} MB of memory",
                size=size * _WORKBOOK // 10**6,
            ),
            Message("Give more with --memory, or save it as CSV."),
        )


def _opened(path: InputFile) -> Any:
    return io.BytesIO(path.read_bytes()) if isinstance(path, ZipMember) else path


def read_sheet(path: InputFile, wanted: Format | None) -> tuple[pl.DataFrame, int]:
    """Return the sheet with a known header, all cells as text, and the index of the header."""
    fastexcel = workbook_reader(path.name)
    first: tuple[pl.DataFrame, int] | None = None
    try:
        book = fastexcel.read_excel(_content(path))
        for name in book.sheet_names:
            sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            frame = sheet.to_polars()
            for index in range(min(frame.height, _HEADER_WITHIN)):
                header = [clean(cell or "") for cell in frame.row(index)]
                if recognise(header, wanted) is not None:
                    return frame, index
            if first is None and frame.height:
                first = frame, 0
    except fastexcel.FastExcelError as error:
        raise _unreadable(path, Message("workbook"), error) from None
    if first is None:
        raise DatasetError(path.name, Message("the workbook is empty"), Message("Leave it out."))
    return first


def _unreadable(path: InputFile, what: Message, error: BaseException) -> DatasetError:
    reason, _, _ = str(error).partition("\n")
    problem = Message("not a readable {what} ({reason})", what=what, reason=clean(reason))
    return DatasetError(path.name, problem, Message("Write or download the file again."))
