"""Records of damaged delimited text, one by one: what is sound, what can be mended, what not."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from citytech_data.ingest.text import Reject
from citytech_data.messages import message_text

TOO_FEW, TOO_MANY = message_text("too few fields"), message_text("too many fields")
OPEN_QUOTE = message_text("quote not closed")
STRAY_QUOTE = message_text("stray quote kept as text")
MOST_LINES: Final = 1000
MOST_BYTES: Final = 1 << 20
"""What takes more lines or bytes is no record of several lines: its quote is not closed."""
SURELY_APART: Final = 2
"""As many lines that look like a record each can still be one with its quotes as they should be."""
_DAMAGED = 10
_SHOWN = 2000
# Of two quotes within quotes one is meant, a single one is left out.
_QUOTES: Final = re.compile('"("?)')

csv.field_size_limit(1 << 30)


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the fields of one line."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


@dataclass(slots=True)
class Sorted:
    """The records of a block: sound ones of one line or several, by number; others, mended."""

    single: dict[int, bytes] = field(default_factory=dict)
    several: dict[int, bytes] = field(default_factory=dict)
    rows: list[list[str | None]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    cut: int = 0
    """Where the record begins that is not over."""

    def add(self, number: int, row: list[str | None]) -> None:
        """Add a mended record."""
        self.rows.append(row)
        self.numbers.append(number)


class Careful:
    """Reads the records of one file, of `width` fields, of which those at `indexes` are used."""

    def __init__(self, delimiter: str, width: int, indexes: Sequence[int]) -> None:
        self._delimiter, self._width, self._indexes = delimiter, width, indexes
        self.repairs: Counter[str] = Counter()
        mark = delimiter.encode()
        self.sound = mark * (width - 1)
        """The delimiters of a record outside quotes."""
        end = re.escape(delimiter)
        self.strict = rf'(?:[^"{end}\n]*[{end}\n]|"[^"]*(?:""[^"]*)*"(?:{end}|\r?\n))*'
        """A pattern of records of which each quote opens, closes or doubles as it should."""
        self._strict = re.compile(self.strict)
        self._others = bytes(sorted(set(range(256)) - set(mark + b'"')))

    def sort(self, data: bytes, line: int, *, last: bool) -> Sorted:
        """Tell apart the records of whole lines of which the first is number `line`.

        Unless these are the last lines, a record that may go on behind them is left.
        """
        found = Sorted()
        lines = data.split(b"\n")[:-1]
        at = 0
        while at < len(lines):
            end = _end(lines, at)
            if end is None and not last and _may_go_on(lines[at : at + MOST_LINES]):
                break
            taken = self._take(lines[at : end or at + 1], line + at, found, closed=end is not None)
            found.cut += sum(map(len, lines[at : at + taken])) + taken
            at += taken
        return found

    def _take(self, lines: Sequence[bytes], number: int, found: Sorted, *, closed: bool) -> int:
        """Sort one record, closed or not, and return how many of its lines it is."""
        if closed and len(lines) == 1:
            self._take_line(lines[0], number, found)
            return 1
        whole = b"\n".join(lines) + b"\n"
        if closed:
            apart = self.are_apart(lines)
            strict = self._is_sound(whole) and self._strict.fullmatch(whole.decode())
            if strict and not (apart and len(lines) > SURELY_APART):
                found.several[number] = whole
                return len(lines)
            fields = self._fitting(split_line(_text(whole), self._delimiter))
            if fields is not None and not apart:
                found.add(number, self._used(fields))
                return len(lines)
        # What seemed a record of several lines is none: the quote means nothing, or is not closed.
        text = _text(lines[0])
        fields = self._fitting(text.split(self._delimiter))
        if fields is not None:
            self.repairs[STRAY_QUOTE] += 1
            found.add(number, self._used(fields))
        else:
            found.rejects.append(Reject(number, OPEN_QUOTE, text[:_SHOWN]))
        return 1

    def are_apart(self, lines: Sequence[bytes]) -> bool:
        """Return whether lines, but few of many, have the delimiters of a record of their own.

        Then they are no record of several lines, but stray quotes stand in the first and last.
        """
        mark = self._delimiter.encode()
        others = sum(line.count(mark) != self._width - 1 for line in lines)
        return others <= len(lines) // _DAMAGED

    def _take_line(self, line: bytes, number: int, found: Sorted) -> None:
        if line.strip() and self._is_sound(line):
            found.single[number] = line + b"\n"
            return
        text = _text(line)
        if not text.strip():
            return
        read = split_line(text, self._delimiter)
        fields = self._fitting(read)
        if fields is not None:
            found.add(number, self._used(fields))
        else:
            found.rejects.append(self._misfit(number, text, read))

    def read_each(
        self, records: Mapping[int, bytes]
    ) -> tuple[dict[int, list[str | None]], list[Reject]]:
        """Return the used fields of records with sound delimiters, and those that do not fit."""
        rows: dict[int, list[str | None]] = {}
        rejects = []
        for number, record in records.items():
            text = _text(record)
            row = self._as_polars(record.decode().removesuffix("\n"))
            if row is None:
                read = split_line(text, self._delimiter)
                fields = self._fitting(read)
                row = None if fields is None else self._used(fields)
            if row is None:
                rejects.append(self._misfit(number, text, read))
            else:
                rows[number] = row
        return rows, rejects

    def _as_polars(self, text: str) -> list[str | None] | None:
        """Return the used fields as Polars reads them, or None if it does not.

        Polars looks no further than to the last field that is used, unless all are, reads a quote
        within a field as text, and leaves out a carriage return at the end of each. A block must
        not be read otherwise for what else is in it.
        """
        fields: list[str] = []
        pieces = text.split(self._delimiter)
        last = max(self._indexes)
        while pieces and len(fields) <= last:
            field = pieces.pop(0)
            if field.startswith('"'):
                while field.count('"') % 2 and pieces:
                    field += self._delimiter + pieces.pop(0)
                if field.count('"') % 2:
                    return None
            fields.append(field)
        every = len(set(self._indexes)) == self._width
        if sum(piece.count('"') for piece in pieces) % 2 or (pieces and every):
            return None
        row = []
        for index in self._indexes:
            field = fields[index].removesuffix("\r") if index < len(fields) else ""
            if not field.startswith('"'):
                row.append(field or None)
            elif len(field) > 1 and field.endswith('"'):
                row.append(_QUOTES.sub(r"\1", field[1:-1]))
            else:
                return None
        return row

    def _is_sound(self, record: bytes) -> bool:
        """Return whether outside quotes there are as many delimiters as should be."""
        marks = record.translate(None, self._others)
        if b'"' in marks:
            marks = b"".join(marks.replace(b'""', b"").split(b'"')[::2])
        return marks == self.sound

    def _fitting(self, fields: list[str]) -> list[str] | None:
        """Return as many fields as should be; empty ones behind them are no damage."""
        spare = len(fields) >= self._width and not any(fields[self._width :])
        return fields[: self._width] if spare else None

    def _used(self, fields: Sequence[str]) -> list[str | None]:
        return [fields[index] for index in self._indexes]

    def _misfit(self, number: int, text: str, fields: Sequence[str]) -> Reject:
        reason = TOO_FEW if len(fields) < self._width else TOO_MANY
        return Reject(number, reason, text[:_SHOWN])


def _text(record: bytes) -> str:
    return record.decode().removesuffix("\n").removesuffix("\r")


def _end(lines: Sequence[bytes], at: int) -> int | None:
    """Return where the record that begins at a line ends; None if its quote is not closed."""
    open_, end, size = lines[at].count(b'"') % 2, at + 1, len(lines[at]) + 1
    while open_:
        if end == len(lines) or end - at == MOST_LINES:
            return None
        size += len(lines[end]) + 1
        if size > MOST_BYTES:
            return None
        open_ ^= lines[end].count(b'"') % 2
        end += 1
    return end


def _may_go_on(lines: Sequence[bytes]) -> bool:
    """Return whether an open record of so many lines is still short enough to be closed."""
    return len(lines) < MOST_LINES and sum(map(len, lines)) + len(lines) < MOST_BYTES
