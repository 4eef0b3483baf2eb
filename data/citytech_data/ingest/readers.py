"""Read the columns of records from CSV, TSV, XLSX, Parquet and NDJSON, a part at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import polars as pl

from citytech_data.errors import DatasetError, quoted, unreadable
from citytech_data.ingest.archives import InputFile
from citytech_data.ingest.damaged import split_line
from citytech_data.ingest.delimited import (
    DELIMITERS,
    LINE,
    Dialect,
    Parser,
    unique_names,
)
from citytech_data.ingest.files import LINES, PACKED, PARQUET, SHEETS, kind_of
from citytech_data.ingest.formats import Format
from citytech_data.ingest.recognise import Layout, recognise
from citytech_data.ingest.text import BLOCK, Block, HashedFile, Reject, Span, TextBlocks
from citytech_data.messages import Message

_HEADER_WITHIN = 10
_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of a file: the columns in use as they stand there, and the line of each."""

    frame: pl.DataFrame
    rejects: Sequence[Reject]
    done: int


class Reader(Protocol):
    """One input file, opened: its layout is known, its records are read once."""

    layout: Layout
    path: InputFile
    repairs: Counter[str]
    sha256: str

    def __iter__(self) -> Iterator[Batch]:
        """Yield the records; afterwards `sha256` and `repairs` are known."""

    def close(self) -> None:
        """Let the file go without reading it."""


def open_reader(
    path: InputFile,
    wanted: Format | None,
    block: int = BLOCK,
    part: range | Span | None = None,
) -> Reader:
    """Open a file and recognise its format, unless one is wanted; about `block` bytes at once.

    Only a `part` can be read: of a Parquet file some rows, counted from 0, of a text some lines.

    Raises:
        DatasetError: if it cannot be read, or its format is not known.
    """
    from citytech_data.ingest.tabular import ParquetReader, SheetReader

    try:
        if path.stat().st_size == 0:
            raise DatasetError(path.name, Message("the file is empty"), Message("Leave it out."))
        kind = kind_of(path)
        if kind in PARQUET:
            return ParquetReader(path, wanted, block, part if isinstance(part, range) else None)
        if kind in SHEETS and path.suffix.lower() not in PACKED:
            return SheetReader(path, wanted)
        if kind in LINES:
            from citytech_data.ingest.jsonlines import JsonReader

            return JsonReader(path, wanted, block)
        span = part if isinstance(part, Span) else None
        blocks = TextBlocks(path, wanted.encoding if wanted else "", block, span)
        return _open_text(path, blocks, wanted, span)
    except OSError as error:
        raise unreadable(path.name, error) from None


def _open_text(
    path: InputFile, blocks: TextBlocks, wanted: Format | None, span: Span | None
) -> Reader:
    from citytech_data.ingest.labelled import LabelledReader, is_labelled

    if is_labelled(blocks.sample()):
        return LabelledReader(path, wanted, blocks)
    return TextReader(path, wanted, blocks, span)


def header_of(path: InputFile) -> list[str]:
    """Return the names of the columns of a text or Parquet file; of others none.

    Raises:
        DatasetError: if it cannot be read.
    """
    from citytech_data.ingest.labelled import is_labelled
    from citytech_data.ingest.tabular import parquet_names

    kind = kind_of(path)
    if path.stat().st_size == 0 or kind in (*SHEETS, *LINES):
        return []
    if kind in PARQUET:
        return parquet_names(path)
    blocks = TextBlocks(path)
    blocks.close()
    sample = blocks.sample()
    return [] if is_labelled(sample) else list(find_dialect(sample, None).names)


def known_layout(path: InputFile, header: Sequence[str], wanted: Format | None) -> Layout:
    """Return the layout of a file with this header.

    Raises:
        DatasetError: if no format fits, or nothing could be counted from it.
    """
    layout = recognise(header, wanted)
    if layout is None:
        shown = ", ".join(name for name in header if name)[:200] or "nothing"
        problem = Message("is of no format that is known")
        if wanted:
            problem = Message("has no column of the format {name}", name=wanted.name)
        raise DatasetError(
            path.name,
            Message(
                "{problem}; its first line holds {shown}", problem=problem, shown=quoted(shown)
            ),
            Message("Name the --format, or describe its columns in a --mapping file."),
        )
    if not layout.format.is_part and (refusal := layout.refusal()):
        raise DatasetError(
            path.name,
            Message(
                "nothing can be counted from it (format {name}): {refusal}",
                name=layout.format.name,
                refusal=refusal,
            ),
            Message(
                "Export it again with these columns, or describe its columns in a --mapping file."
            ),
        )
    return layout


class TextReader:
    """A delimited text file, or a `span` of it; the reader of the first finds its SHA-256."""

    def __init__(
        self, path: InputFile, wanted: Format | None, blocks: TextBlocks, span: Span | None
    ) -> None:
        self.path = path
        self._span = span
        self.repairs: Counter[str] = Counter()
        self.sha256 = ""
        self._blocks = blocks
        try:
            self._dialect = find_dialect(blocks.sample(), wanted)
            self.layout = known_layout(path, self._dialect.names, wanted)
        except BaseException:
            blocks.close()
            raise

    def __iter__(self) -> Iterator[Batch]:
        parser, blocks = _body(self._blocks, self._dialect, self.layout.used)
        for block, after in pairwise(_chain(blocks)):
            assert block is not None
            for frame, rejects in parser.parse(block, last=after is None):
                yield Batch(frame, rejects, block.done)
        self.repairs = self._blocks.repairs + parser.repairs
        if self._span is None:
            self.sha256 = self._blocks.sha256
        elif self._span.start == 0:
            self.sha256 = sha256_of(self.path)

    def close(self) -> None:
        """Let the file go without reading it."""
        self._blocks.close()


def _chain(blocks: Iterable[Block]) -> Iterator[Block | None]:
    yield from blocks
    yield None


def find_dialect(sample: str, wanted: Format | None) -> Dialect:
    """Return the delimiter and the header line that fit best, known or not."""
    lines = sample.split("\n")
    delimiters = (wanted.delimiter,) if wanted and wanted.delimiter else DELIMITERS
    if wanted and not wanted.has_header:
        row = max((split_line(lines[0], each) for each in delimiters), key=len)
        best = max(delimiters, key=lambda each: len(split_line(lines[0], each)))
        return Dialect(best, tuple(f"#{i + 1}" for i in range(len(row))), len(row), 0)
    found: list[tuple[int, int, str]] = []
    for number, line in enumerate(lines[:_HEADER_WITHIN]):
        # Without any, they all find the same.
        for delimiter in [each for each in delimiters if each in line] or [max(delimiters)]:
            names = split_line(line.removesuffix("\r"), delimiter)
            layout = recognise(names, wanted)
            score = len(layout.columns) if layout else 0
            found.append((score, -number, delimiter))
        # A format is known by several columns together, which no line above its header names.
        if wanted is None and any(score for score, *_ in found):
            break
    # Without a known header, the first line and the delimiter that makes most of it.
    score, above, delimiter = max(found, key=lambda each: each[0])
    if score == 0:
        above, delimiter = 0, max(delimiters, key=lines[0].count)
    names = split_line(lines[-above].removesuffix("\r"), delimiter)
    below = split_line(lines[1 - above].removesuffix("\r"), delimiter) if lines[1 - above :] else []
    spare = len(below) > len(names) and not any(below[len(names) :])
    width = len(below) if spare else len(names)
    return Dialect(delimiter, unique_names(names, width), width, 1 - above)


def open_columns(path: Path) -> pl.DataFrame:
    """Return a small table, such as one of attributes, all of it as text.

    Raises:
        DatasetError: if it cannot be read, or a row has not as many cells as the header.
    """
    from citytech_data.ingest.tabular import read_sheet

    if not path.is_file():
        raise DatasetError(
            str(path), Message("there is no such file"), Message("Correct its name.")
        )
    if kind_of(path) in SHEETS:
        frame, header = read_sheet(path, None)
        names = unique_names([name or "" for name in frame.row(header)], frame.width)
        frame.columns = list(names)
        return frame.slice(header + 1)
    blocks = TextBlocks(path)
    lines = blocks.sample().split("\n")
    delimiter = max(DELIMITERS, key=lines[0].count)
    names = unique_names(split_line(lines[0], delimiter), len(split_line(lines[0], delimiter)))
    parser, body = _body(blocks, Dialect(delimiter, names, len(names), 1), names)
    frames = []
    for block, after in pairwise(_chain(body)):
        assert block is not None
        for frame, rejects in parser.parse(block, last=after is None):
            if rejects:
                raise DatasetError(
                    path.name,
                    Message.restored(rejects[0].reason),
                    Message("Correct that row."),
                    row=rejects[0].line,
                )
            frames.append(frame.drop(LINE))
    return pl.concat(frames)


def _body(
    blocks: TextBlocks, dialect: Dialect, used: Sequence[str]
) -> tuple[Parser, Iterator[Block]]:
    """Return what reads the records of a file, and its blocks without the lines of the header."""
    above = dialect.header if blocks.first_line == 1 else 0
    return Parser(dialect, used, blocks.first_line + above), _without_lines(blocks, above)


def _without_lines(blocks: Iterable[Block], count: int) -> Iterator[Block]:
    for block in blocks:
        while count and block.data:
            block.data = block.data[block.data.index(b"\n") + 1 :]
            count -= 1
        yield block


def sha256_of(path: InputFile) -> str:
    """Return the SHA-256 of a file."""
    file = HashedFile(path)
    try:
        return file.finish()
    finally:
        file.close()


def at_once(frame: pl.DataFrame, done: int) -> Iterator[Batch]:
    """Yield a frame that is in memory anyway in parts of a size that is good to work on."""
    for start in range(0, frame.height, _ROWS_AT_ONCE):
        part = frame.slice(start, _ROWS_AT_ONCE)
        yield Batch(part, (), done * (start + part.height) // frame.height)


__all__ = ["LINE", "Batch", "Reader", "at_once", "known_layout", "open_reader", "sha256_of"]
