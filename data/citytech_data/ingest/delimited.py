"""Records of delimited text: parsed by Polars where a block is sound, else one by one.

Polars fills short lines with nulls without saying so and gives up a whole file for one bad line.
So the structure of every block is compared with what it should be, which takes a fraction of
the time of parsing, and only a block that differs is read by the careful reader. Which of them
reads a record never matters to what is read: blocks can be of any size.

Where there is no quote, each line is a record, and counting tells enough: no line is short if each
has a last field, and none is long if there are no more delimiters than that takes. Else, as where
a last field is empty, the marks of the block are compared, one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from citytech_data.ingest.damaged import MOST_BYTES, MOST_LINES, SURELY_APART, Careful
from citytech_data.ingest.marks import Marks, count
from citytech_data.ingest.text import Block, Reject

DELIMITERS = (",", "\t", ";", "|", "，")
LINE = "_line"
_PIECE = 1 << 19
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How fields and names stand in a file: the header on line `header`, counted from 1; 0: none.

    `width` is the number of fields in a row, which can be one more than there are names.
    """

    delimiter: str
    names: tuple[str, ...]
    width: int
    header: int


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

    def __init__(self, dialect: Dialect, used: Sequence[str], line: int) -> None:
        """Set up for the columns `used` of what begins at a line of the file."""
        self._used = used
        self._columns = {dialect.names.index(name): name for name in used}
        self._last = dialect.width - 1
        self._delimiter = dialect.delimiter
        # Polars knows only delimiters of one byte, and no empty line of one column.
        self._can_be_fast = dialect.delimiter.isascii() and dialect.width > 1
        self._careful = Careful(dialect.delimiter, dialect.width, [*self._columns])
        self.repairs = self._careful.repairs
        self._rest = b""
        self._line = line
        self._marks = Marks(dialect.delimiter.encode() + b'"\n')
        self._sound = self._careful.sound + b"\n"

    def parse(self, block: Block, *, last: bool) -> Iterator[tuple[pl.DataFrame, list[Reject]]]:
        """Yield the records of a block, with the line each begins on, and what is rejected.

        A record that may go on in the next block is kept until then, unless this is the last.
        """
        data = self._rest + block.data
        # No record goes on behind a line that was left out.
        last = last or block.left_out is not None
        frame = self._sound_ones(data, self._line, last=last)
        if frame is not None:
            yield frame, self._left_out(block)
            return
        # So little at once that what is rejected fits into memory; and most pieces are sound.
        self._rest = b""
        for start, end in _pieces(data):
            whole = self._rest + data[start:end]
            rejects: list[Reject] = []
            ends = last and end == len(data)
            line = self._line
            frame = self._sound_ones(whole, line, last=ends)
            if frame is None:
                frame, rejects, cut = self._slow(whole, line, last=ends)
                self._keep(whole, cut, line + whole.count(b"\n", 0, cut))
            yield frame, rejects
        if rejects := self._left_out(block):
            yield self._none(), rejects

    def _left_out(self, block: Block) -> list[Reject]:
        rejects = block.rejects(self._line)
        self._line += len(rejects)
        return rejects

    def _sound_ones(self, data: bytes, line: int, *, last: bool) -> pl.DataFrame | None:
        """Return the records of some lines if all are sound; keep what may go on behind them."""
        if not data:
            return self._none()
        if (frame := self._plain(data, line)) is not None:
            self._keep(data, len(data), line + frame.height)
            return frame
        marks = self._marks.of(data)
        cut = _open_record(data) if not last and marks.count(b'"') % 2 else len(data)
        own = marks[: len(marks) - len(self._marks.of(data[cut:]))]
        frame = self._fast(data[:cut], own, line) if self._can_be_fast and cut else None
        if cut == 0:
            frame = self._none()
        if frame is not None:
            self._keep(data, cut, line + own.count(b"\n"))
        return frame

    def _keep(self, data: bytes, cut: int, line: int) -> None:
        """Keep what comes behind some lines, which begins at a line."""
        self._rest, self._line = data[cut:], line

    def _none(self) -> pl.DataFrame:
        return self._frame([]).with_columns(pl.Series(LINE, [], pl.Int64))

    def _plain(self, data: bytes, line: int) -> pl.DataFrame | None:
        """Return the records if there is no quote, and counting tells that they are sound."""
        if not data or not self._can_be_fast or b'"' in data or data.startswith(_BOM):
            return None
        frame = self._parsed(data, {*self._columns, self._last}, quote=None)
        if frame is None or count(self._delimiter.encode(), data) != frame.height * self._last:
            return None
        if frame[:, -1].null_count() and self._marks.of(data) != self._sound * frame.height:
            return None
        lines = pl.int_range(line, line + frame.height, dtype=pl.Int64).alias(LINE)
        return self._named(frame).with_columns(lines)

    def _fast(self, data: bytes, marks: bytes, line: int) -> pl.DataFrame | None:
        """Return the records if their structure, which the marks tell, is sound."""
        lines = marks.count(b"\n")
        quoted = b'"' in marks
        if quoted:
            pieces = marks.replace(b'""', b"").split(b'"')
            if len(pieces) % 2 == 0:
                return None
            marks = b"".join(pieces[::2])
        records = marks.count(b"\n")
        if marks != self._sound * records:
            return None
        numbers = pl.int_range(line, line + records, dtype=pl.Int64, eager=True)
        if records < lines:
            # Only where each record is a line do as many rows as records mean the same rows.
            starts = self._starts(data, line)
            if starts is None:
                return None
            numbers = pl.Series(starts, dtype=pl.Int64)
        frame = self._read(data, records, guarded=quoted)
        return None if frame is None else frame.with_columns(numbers.alias(LINE))

    def _starts(self, data: bytes, line: int) -> list[int] | None:
        """Return where records of which some take several lines begin.

        None if one is too long or looks like several, or a quote stands where none may.
        """
        whole = pl.Series([data], dtype=pl.Binary).cast(pl.String)
        if not whole.str.contains(rf"\A{self._careful.strict}\z").item():
            return None
        starts: list[int] = []
        size, inside = 0, False
        lines = data.split(b"\n")[:-1]
        for number, each in enumerate(lines, line):
            if not inside:
                starts.append(number)
                size = 0
            size += len(each) + 1
            inside ^= each.count(b'"') % 2 == 1
            taken = number - starts[-1] + 1
            if taken > 1 and (taken > MOST_LINES or size > MOST_BYTES):
                return None
            if taken > SURELY_APART and not inside:
                own = lines[starts[-1] - line : number - line + 1]
                if self._careful.are_apart(own):
                    return None
        return starts

    def _read(self, data: bytes, records: int, *, guarded: bool) -> pl.DataFrame | None:
        """Return so many records as Polars reads them, or None if it reads others."""
        if not records:
            return self._frame([])
        # The first line tells Polars how many fields there are, and a quote that is not closed
        # would end with the last: so what is damaged stands between two empty records.
        guarded = guarded or data.startswith(_BOM)
        frame = self._parsed(self._sound + data + self._sound if guarded else data, self._columns)
        if frame is None or frame.height != records + 2 * guarded:
            return None
        return self._named(frame.slice(1, records) if guarded else frame)

    def _parsed(
        self, data: bytes, columns: Iterable[int], quote: str | None = '"'
    ) -> pl.DataFrame | None:
        """Return some columns, in their order in the file, or None if Polars refuses."""
        try:
            return pl.read_csv(
                data,
                has_header=False,
                infer_schema=False,
                separator=self._delimiter,
                columns=sorted(columns),
                quote_char=quote,
            )
        except pl.exceptions.PolarsError:
            return None

    def _named(self, frame: pl.DataFrame) -> pl.DataFrame:
        named = frame[:, : len(self._columns)]
        named.columns = [self._columns[index] for index in sorted(self._columns)]
        return named

    def _slow(
        self, data: bytes, line: int, *, last: bool
    ) -> tuple[pl.DataFrame, list[Reject], int]:
        """Return the records of a block that are sound, what is not, and where the rest begins."""
        found = self._careful.sort(data, line, last=last)
        frames = [self._frame(found.rows).with_columns(pl.Series(LINE, found.numbers, pl.Int64))]
        # Those of one line and those of several are apart for the reason that `_fast` gives.
        for records in (found.single, found.several):
            frame, numbers = None, list(records)
            if self._can_be_fast:
                frame = self._read(b"".join(records.values()), len(records), guarded=True)
            if frame is None:
                rows, rejects = self._careful.read_each(records)
                frame, numbers = self._frame(list(rows.values())), list(rows)
                found.rejects += rejects
            frames.append(frame.with_columns(pl.Series(LINE, numbers, pl.Int64)))
        whole = pl.concat(frame.select(*self._used, LINE) for frame in frames).sort(LINE)
        return whole, sorted(found.rejects, key=lambda each: each.line), found.cut

    def _frame(self, rows: Sequence[Sequence[str | None]]) -> pl.DataFrame:
        return pl.DataFrame(rows, dict.fromkeys(self._used, pl.String), orient="row")


def _pieces(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where pieces of whole lines begin and end."""
    start = 0
    while start < len(data):
        end = data.rfind(b"\n", start, start + _PIECE) + 1 or data.index(b"\n", start) + 1
        yield start, end
        start = end


def _open_record(data: bytes) -> int:
    """Return where the record begins whose quote is open; it is looked for from the end."""
    end = len(data) - 1
    for _ in range(MOST_LINES):
        start = data.rfind(b"\n", 0, end) + 1
        if len(data) - start > MOST_BYTES:
            break
        if data.count(b'"', start, end) % 2:
            return start
        if start == 0:
            break
        end = start - 1
    return len(data)
