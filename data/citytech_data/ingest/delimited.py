"""Records of delimited text: parsed by Polars where a block is sound, else one by one.

Polars fills short lines with nulls without saying so and gives up a whole file for one bad line.
So the structure of every block is compared with what it should be, which takes a fraction of
the time of parsing, and only a block that differs is read by the careful reader.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from citytech_data.ingest.marks import Marks
from citytech_data.ingest.text import Block, Reject

DELIMITERS = (",", "\t", ";", "|", "，")
LINE = "_line"
TOO_FEW, TOO_MANY, OPEN_QUOTE = "too few fields", "too many fields", "quote not closed"
STRAY_QUOTE = "stray quote kept as text"
_MOST_LINES = 1000
_MOST_BYTES = 1 << 20
_SHOWN = 2000

csv.field_size_limit(1 << 30)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields and names stand in a file: the header on line `header`, counted from 1; 0: none.

    `width` is the number of fields in a row, which can be one more than there are names.
    """

    delimiter: str
    names: tuple[str, ...]
    width: int
    header: int


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the fields of one line."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def unique_names(names: Sequence[str], width: int) -> tuple[str, ...]:
    """Return names for `width` columns; the second of a name, and what has none, gets a number."""
    seen: Counter[str] = Counter()
    unique: list[str] = []
    for index in range(width):
        name = names[index].strip() if index < len(names) else ""
        seen[name] += 1
        again = seen[name] > 1 or not name
        unique.append(f"{name}#{index + 1}" if again else name)
    return tuple(unique)


class Parser:
    """Turns the blocks of one file into frames of the columns that are used."""

    def __init__(
        self, dialect: Dialect, used: Sequence[str], decode: Callable[[bytes], str]
    ) -> None:
        self._dialect = dialect
        self._decode = decode
        self._used = used
        self._indexes = [dialect.names.index(name) for name in used]
        self.repairs: Counter[str] = Counter()
        self._rest = self._rest_marks = b""
        self._rest_line = 0
        delimiter = dialect.delimiter.encode()
        self.marks = Marks(delimiter + b'"\n')
        """What the marks of the blocks are to be."""
        self._sound = delimiter * (dialect.width - 1) + b"\n"

    def parse(self, block: Block, *, last: bool) -> tuple[pl.DataFrame, list[Reject]]:
        """Return the records of a block, with the line each begins on, and what is rejected.

        A record that goes on in the next block is kept until then, unless this is the last.
        """
        data = self._rest + block.data
        line = self._rest_line if self._rest else block.line
        if block.rejects and data:
            line = block.line  # a line left out stands before this block
        marks = self._rest_marks + block.marks
        cut = len(data)
        if not last and marks.count(b'"') % 2:
            cut = _whole_records(data)
        data, self._rest = data[:cut], data[cut:]
        self._rest_marks = self.marks.of(self._rest)
        marks = marks[: len(marks) - len(self._rest_marks)]
        lines = marks.count(b"\n")
        self._rest_line = line + lines
        frame = self._fast(data, marks, line, lines) if data else self._frame([], [])
        if frame is not None:
            return frame, list(block.rejects)
        frame, rejects = self._careful(data, line)
        return frame, [*block.rejects, *rejects]

    def _fast(self, data: bytes, marks: bytes, line: int, lines: int) -> pl.DataFrame | None:
        """Return the records if their structure, which the marks tell, is sound."""
        if b'"' in marks:
            marks = b"".join(marks.replace(b'""', b"").split(b'"')[::2])
        records = marks.count(b"\n")
        if marks != self._sound * records or len(self._dialect.delimiter) > 1:
            return None
        try:
            frame = pl.read_csv(
                data,
                has_header=False,
                infer_schema=False,
                separator=self._dialect.delimiter,
                columns=self._indexes,
                low_memory=False,
            )
        except pl.exceptions.PolarsError:
            return None
        if frame.height != records:
            return None
        if records < lines:
            return self._numbered(frame, data, line)
        return self._named(frame).with_columns(
            pl.int_range(line, line + records, dtype=pl.Int64).alias(LINE)
        )

    def _numbered(self, frame: pl.DataFrame, data: bytes, line: int) -> pl.DataFrame:
        """Number records of which some take several lines."""
        starts, number, inside = [], line, False
        for each in data.split(b"\n")[:-1]:
            if not inside:
                starts.append(number)
            inside ^= each.count(b'"') % 2 == 1
            number += 1
        return self._named(frame).with_columns(pl.Series(LINE, starts, pl.Int64))

    def _named(self, frame: pl.DataFrame) -> pl.DataFrame:
        order = sorted(range(len(self._used)), key=self._indexes.__getitem__)
        frame.columns = [self._used[index] for index in order]
        return frame

    def _careful(self, data: bytes, line: int) -> tuple[pl.DataFrame, list[Reject]]:
        rows: list[list[str]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        width = self._dialect.width
        for number, text, found in self._records(self._decode(data).split("\n")[:-1], line):
            spare = found is not None and not any(found[width:])
            fields = found[:width] if found is not None and spare else found
            if fields is None:
                rejects.append(Reject(number, OPEN_QUOTE, text[:_SHOWN]))
            elif len(fields) == width:
                rows.append([fields[index] for index in self._indexes])
                numbers.append(number)
            else:
                reason = TOO_FEW if len(fields) < width else TOO_MANY
                rejects.append(Reject(number, reason, text[:_SHOWN]))
        return self._frame(rows, numbers), rejects

    def _frame(self, rows: list[list[str]], numbers: list[int]) -> pl.DataFrame:
        frame = pl.DataFrame(rows, dict.fromkeys(self._used, pl.String), orient="row")
        return frame.with_columns(pl.Series(LINE, numbers, pl.Int64))

    def _records(
        self, lines: Sequence[str], first: int
    ) -> Iterator[tuple[int, str, list[str] | None]]:
        """Yield line number, text and fields of every record; None where a quote stays open."""
        at = 0
        while at < len(lines):
            text = lines[at].removesuffix("\r")
            if not text.strip():
                at += 1
                continue
            end, fields = self._record(lines, at)
            yield first + at, text, fields
            at = end

    def _record(self, lines: Sequence[str], at: int) -> tuple[int, list[str] | None]:
        """Return where the record that begins at a line ends, and its fields."""
        text, end = lines[at], at + 1
        delimiter, width = self._dialect.delimiter, self._dialect.width
        while text.count('"') % 2 and end < len(lines) and end - at < _MOST_LINES:
            text += "\n" + lines[end]
            end += 1
            if len(text) > _MOST_BYTES:
                break
        if text.count('"') % 2 == 0:
            fields = split_line(text.removesuffix("\r"), delimiter)
            if len(fields) == width or end == at + 1:
                return end, fields
        # What seemed a record of several lines is none: the quote means nothing, or is not closed.
        fields = lines[at].removesuffix("\r").split(delimiter)
        if len(fields) == width:
            self.repairs[STRAY_QUOTE] += 1
            return at + 1, fields
        return at + 1, None


def _whole_records(data: bytes) -> int:
    """Return where the last whole record ends: the open quote is looked for from the end."""
    end = len(data) - 1
    for _ in range(_MOST_LINES):
        start = data.rfind(b"\n", 0, end) + 1
        if len(data) - start > _MOST_BYTES:
            break
        if data.count(b'"', start, end) % 2:
            return start
        if start == 0:
            break
        end = start - 1
    return len(data)
