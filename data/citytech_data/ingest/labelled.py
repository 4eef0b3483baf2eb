"""Records of labelled text, as CNIPR and the discs of CNIPA write them.

Every field is a line `<申请号>=CN202110012345.9`; a line without a label belongs to the field above
it. Records are parted by `<REC>`, or begin with the label that the file begins with.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

import polars as pl

from citytech_data.ingest.archives import InputFile
from citytech_data.ingest.delimited import LINE
from citytech_data.ingest.formats import Format
from citytech_data.ingest.readers import Batch, known_layout
from citytech_data.ingest.text import Block, Reject, TextBlocks

OUTSIDE_RECORD, TOO_LONG = "line outside a record", "end of a long field left out"
_RECORD: Final = "<REC>"
_FIELD: Final = re.compile(r"<([^<>=\s]{1,40})>=(.*)")
_MOST_LINES = 1000
_SHOWN = 200


def is_labelled(sample: str) -> bool:
    """Return whether a text begins with a labelled field or the mark of a record."""
    first = sample.lstrip("\ufeff \t\n").partition("\n")[0].strip()
    return first == _RECORD or _FIELD.match(first) is not None


class LabelledReader:
    """A file of labelled text; a record's line is the one it begins on."""

    def __init__(self, path: InputFile, wanted: Format | None, blocks: TextBlocks) -> None:
        self.path = path
        self.repairs: Counter[str] = Counter()
        self.sha256 = ""
        self._blocks = blocks
        try:
            lines = [line.lstrip() for line in blocks.sample().split("\n")]
            labels = [found[1] for line in lines if (found := _FIELD.match(line))]
            # Where the sample holds no mark of records, the first label begins each.
            self._begins = _RECORD if _RECORD in map(str.strip, lines) else labels[0]
            self.layout = known_layout(path, list(dict.fromkeys(labels)), wanted)
        except BaseException:
            blocks.close()
            raise
        self._used = self.layout.used
        self._fields: dict[str, list[str]] | None = None
        self._line, self._next = 0, 1
        self._last: list[str] | None = None

    def __iter__(self) -> Iterator[Batch]:
        """Yield the records in their order."""
        done = 0
        for block in self._blocks:
            rows: list[list[str | None]] = []
            numbers: list[int] = []
            rejects = block.rejects(self._next)
            self._next += len(rejects)
            for line, row in self._records(block, rejects):
                rows.append(row)
                numbers.append(line)
            done = block.done
            yield self._batch(rows, numbers, rejects, done)
        if (last := self._finished()) is not None:
            yield self._batch([last], [self._line], [], done)
        self.repairs += self._blocks.repairs
        self.sha256 = self._blocks.sha256

    def close(self) -> None:
        """Let the file go without reading it."""
        self._blocks.close()

    def _batch(
        self,
        rows: list[list[str | None]],
        numbers: list[int],
        rejects: list[Reject],
        done: int,
    ) -> Batch:
        frame = pl.DataFrame(rows, dict.fromkeys(self._used, pl.String), orient="row")
        return Batch(frame.with_columns(pl.Series(LINE, numbers, pl.Int64)), rejects, done)

    def _records(
        self, block: Block, rejects: list[Reject]
    ) -> Iterator[tuple[int, list[str | None]]]:
        """Yield the records that end in a block, each with its line."""
        lines = block.data.decode().split("\n")[:-1]
        begin, self._next = self._next, self._next + len(lines)
        for number, text in enumerate(lines, begin):
            line = text.strip()
            found = _FIELD.match(line)
            label = found[1] if found else line
            if label == self._begins:
                if (row := self._finished()) is not None:
                    yield self._line, row
                self._fields, self._last, self._line = {}, None, number
            if found:
                self._add(number, found, rejects)
            elif line and label != self._begins:
                self._continue(number, line, rejects)

    def _add(self, number: int, found: re.Match[str], rejects: list[Reject]) -> None:
        if self._fields is None:
            rejects.append(Reject(number, OUTSIDE_RECORD, found[0][:_SHOWN]))
        else:
            self._last = self._fields.setdefault(found[1], [])
            self._last.append(found[2].strip())

    def _continue(self, number: int, line: str, rejects: list[Reject]) -> None:
        if self._last is None:
            rejects.append(Reject(number, OUTSIDE_RECORD, line[:_SHOWN]))
        elif len(self._last) < _MOST_LINES:
            self._last.append(line)
        else:
            self.repairs[TOO_LONG] += 1

    def _finished(self) -> list[str | None] | None:
        """Return the fields of the record that has ended, if it has any."""
        if not self._fields:
            return None
        return [
            "\n".join(self._fields[name]) if name in self._fields else None for name in self._used
        ]
