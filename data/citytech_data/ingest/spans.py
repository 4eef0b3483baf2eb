"""Parts of a large text file that can be read apart, as by several workers at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from citytech_data.ingest.labelled import is_labelled
from citytech_data.ingest.marks import Marks, count
from citytech_data.ingest.text import LONGEST_LINE, Span, TextBlocks

# Each worker has to begin, which takes longer than it takes to read a little.
_SPAN: Final = 1 << 28
_AT_ONCE: Final = 1 << 24
_MARKS: Final = Marks(b'"\n')


def spans(path: Path, encoding: str = "") -> list[Span]:
    """Return the parts of a text file, or none if it must be read as a whole.

    It can be parted where every line has an even number of quotes: then no record goes on behind a
    line, however damaged the lines are. Else only who reads all of it knows where records begin.
    """
    blocks = TextBlocks(path, encoding)
    blocks.close()
    if not blocks.as_it_is or path.stat().st_size <= _SPAN or is_labelled(blocks.sample()):
        return []
    found: list[Span] = []
    start, line = 0, 1
    with path.open("rb") as file:
        while piece := file.read(_AT_ONCE):
            piece += file.readline(LONGEST_LINE)
            if _has_open_quote(piece):
                return []
            stop = start + len(piece)
            if not found or found[-1].stop - found[-1].start >= _SPAN:
                found.append(Span(start, stop, line))
            found[-1] = replace(found[-1], stop=stop)
            start, line = stop, line + count(b"\n", piece)
            if not piece.endswith(b"\n") and file.peek(1):
                return []
    return found


def _has_open_quote(lines: bytes) -> bool:
    """Return whether some line has an odd number of quotes."""
    return b'"' in lines and b'"' in _MARKS.of(lines).replace(b'""', b"")
