"""Text files as blocks of whole lines in UTF-8, whatever they are encoded and packed in.

Nothing is decoded at once: a block is a few megabytes.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import zipfile
import zlib
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from citytech_data.errors import DatasetError
from citytech_data.ingest.archives import InputFile
from citytech_data.ingest.decoding import DAMAGED, UTF16, Decoder, sniff_encoding
from citytech_data.ingest.heap import keep_freed_blocks
from citytech_data.messages import Message, message_text

BLOCK: Final = 1 << 25
"""Bytes read at once."""
LONGEST_LINE: Final = 1 << 24
"""A longer line is no record: it is rejected without being kept in memory."""
_SAMPLE = 1 << 18
# What is read at once stays in the processor's cache until it is hashed and copied into a block.
_PIECE = 1 << 20
_WORTH_A_THREAD = 1 << 16
# Where the last line feed of a block is looked for: few lines are longer.
_LINE = 1 << 16
_BEHIND = 8
_SHOWN = 200
TOO_LONG = message_text("line too long")


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that is not counted, and why. Lines are counted from 1."""

    line: int
    reason: str
    text: str = ""


@dataclass(slots=True)
class Block:
    """Whole lines of UTF-8, each ended by a line feed, or how a line begins that is left out.

    Which lines these are, who reads them knows: most count their records anyway.
    """

    data: bytes
    done: int
    left_out: str | None = None

    def rejects(self, line: int) -> list[Reject]:
        """Return what was left out on this line."""
        return [] if self.left_out is None else [Reject(line, TOO_LONG, self.left_out)]


@dataclass(frozen=True, slots=True)
class Span:
    """Whole lines of a file: where their bytes begin and end, and the number of the first."""

    start: int
    stop: int
    line: int


class Stream(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


class HashedFile:
    """A file that knows the SHA-256 and the number of the bytes read from it.

    It is hashed by a thread of its own, a few pieces behind what is read.
    """

    def __init__(self, path: InputFile) -> None:
        self._file = path.open("rb", buffering=0)
        self._hash = hashlib.sha256()
        self._hasher = ThreadPoolExecutor(1, "sha256")
        self._pending: deque[Future[None]] = deque()
        self._due = 0
        self._stop: int | None = None
        self.done = 0

    def keep_to(self, start: int, stop: int) -> None:
        """Read only what stands between two places, which is not hashed."""
        self._file.seek(start)
        self.done, self._stop = start, stop

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes, none at the end."""
        piece = self._file.read(self._at_most(size))
        self._add(piece, _BEHIND)
        return piece

    def read_lines(self, size: int) -> bytes:
        """Read `size` bytes, but what stands behind the last line feed only with the next ones.

        So the lines are one piece, which need not be joined from others. None at the end; where no
        line feed is near, the end of a line is not waited for.
        """
        due, self._due = self._at_most(self._due + size), 0
        near, start = min(_LINE, due), self._file.tell()
        self._file.seek(start + due - near)
        last = self._file.read(near)
        self._file.seek(start)
        if len(last) == near and (end := last.rfind(b"\n") + 1):
            self._due = near - end
        piece = self._file.read(due - self._due)
        # A block is large: the last one at most is still to be hashed.
        self._add(piece, 1)
        return piece

    def finish(self) -> str:
        """Read what is left and return the SHA-256 of all."""
        while self.read(_PIECE):
            pass
        self._wait(0)
        return self._hash.hexdigest()

    def close(self) -> None:
        """Close the file."""
        self._hasher.shutdown()
        self._file.close()

    def _at_most(self, size: int) -> int:
        return size if self._stop is None else min(size, self._stop - self.done)

    def _add(self, piece: bytes, behind: int) -> None:
        self.done += len(piece)
        if self._stop is not None:
            return
        if len(piece) < _WORTH_A_THREAD:
            self._wait(0)
            self._hash.update(piece)
        else:
            self._pending.append(self._hasher.submit(self._hash.update, piece))
            self._wait(behind)

    def _wait(self, most: int) -> None:
        """Wait until at most so many pieces are still to be hashed."""
        while len(self._pending) > most:
            self._pending.popleft().result()


def unpacked(raw: HashedFile, path: InputFile) -> Stream:
    """Return the content of a file, unpacked as its name says.

    Raises:
        DatasetError: if what unpacks it is not installed.
    """
    match path.suffix.lower():
        case ".gz":
            packed: Any = raw
            return gzip.GzipFile(fileobj=packed)
        case ".zst" | ".zstd":
            try:
                import zstandard
            except ImportError:
                raise DatasetError(
                    path.name,
                    Message("needs zstandard"),
                    Message("pip install 'citytech-tui[ingest]'."),
                ) from None
            packed = raw
            return zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True)
        case _:
            return raw


def read_some(stream: Stream, path: InputFile, size: int) -> list[bytes]:
    """Read up to `size` bytes in pieces; fewer only at the end.

    Raises:
        DatasetError: if the packed file is damaged or cut off.
    """
    parts: list[bytes] = []
    try:
        while size > 0 and (part := stream.read(min(size, _PIECE))):
            parts.append(part)
            size -= len(part)
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
        raise _cut_off(path, error) from None
    except Exception as error:
        if type(error).__name__ == "ZstdError":
            raise _cut_off(path, error) from None
        raise
    return parts


def _cut_off(path: InputFile, error: Exception) -> DatasetError:
    return DatasetError(
        path.name,
        Message("is cut off or damaged ({error})", error=error),
        Message("Get the file again; a part of it would give wrong counts."),
    )


def line_end(sample: bytes) -> bytes:
    """Return what ends lines: a lone carriage return only where there is no line feed at all."""
    return b"\r" if b"\r" in sample and b"\n" not in sample else b"\n"


class TextBlocks:
    """The blocks of a text file, and what had to be repaired in them."""

    def __init__(
        self, path: InputFile, encoding: str = "", block: int = BLOCK, span: Span | None = None
    ) -> None:
        """Open a file, to be read `block` bytes at once; an encoding not given is told from it.

        Only a `span` of it is read if it is given and the file is read as it is.

        Raises:
            DatasetError: if it cannot be unpacked, or is empty.
        """
        keep_freed_blocks()
        self.path = path
        self._block = block
        self._raw = HashedFile(path)
        try:
            self._stream = unpacked(self._raw, path)
            self._start = b"".join(read_some(self._stream, path, _SAMPLE))
            if not self._start.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
                raise DatasetError(
                    path.name, Message("the file is empty"), Message("Leave it out.")
                )
        except BaseException:
            self._raw.close()
            raise
        self.encoding, mark = sniff_encoding(self._start)
        if encoding and not self.encoding.startswith(encoding):
            self.encoding = encoding
        self._decoder = Decoder(self.encoding)
        self.repairs = self._decoder.repairs
        self._start = self._start[mark:]
        end = self._start
        if self.encoding.startswith(UTF16):
            end = end.decode(self.encoding, "replace").encode()
        self._line_end = line_end(end)
        wide = self.encoding.startswith(UTF16)
        raw = self._stream is self._raw and isinstance(path, Path)
        self.as_it_is = raw and self._line_end == b"\n" and not wide
        """Whether blocks are what stands in the file, but for what is repaired."""
        self.first_line = 1 if span is None else span.line
        self._first_pieces = [self._start]
        if span is not None:
            self._first_pieces = []
            self._raw.keep_to(max(span.start, mark), span.stop)
        self.sha256 = ""

    def sample(self) -> str:
        """Return the first lines, to look at."""
        text = self._start.decode(self.encoding, "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")

    def __iter__(self) -> Iterator[Block]:
        """Yield the file block by block, once."""
        try:
            yield from _ahead(self._lines())
            self.sha256 = self._raw.finish()
        finally:
            self._raw.close()

    def close(self) -> None:
        """Close the file without reading it to its end."""
        self._raw.close()

    def _lines(self) -> Generator[Block, None, None]:
        """Cut the file into whole lines; what is too long for a line is left out, piece by piece.

        A line left out is a block without lines, so that none goes on behind it.
        """
        rest = b""
        skipped: bytes | None = None
        for each in self._pieces():
            pieces = each
            if skipped is not None:
                pieces = _after_line(each)
                if not pieces:
                    continue
                yield self._left_out(skipped)
                skipped = None
            data, rest = _whole_lines([rest, *pieces])
            for part, long in _parts(data):
                yield self._block_of(part)
                if long is not None:
                    yield self._left_out(long)
            if len(rest) > LONGEST_LINE:
                skipped, rest = rest[:_SHOWN], b""
        if skipped is not None:
            yield self._left_out(skipped)
        elif rest:
            yield self._block_of(rest + b"\n")

    def _block_of(self, lines: bytes) -> Block:
        return Block(self._decoder.utf8(lines), self._raw.done)

    def _left_out(self, beginning: bytes) -> Block:
        return Block(b"", self._raw.done, self._decoder.shown(beginning))

    def _pieces(self) -> Iterator[list[bytes]]:
        """Yield what a block of the file holds, lines ended by line feeds; UTF-16 as UTF-8."""
        wide = None
        if self.encoding.startswith(UTF16):
            wide = codecs.getincrementaldecoder(self.encoding)("replace")
        pieces = self._first_pieces or self._more()
        while pieces:
            if wide is not None:
                text = wide.decode(b"".join(pieces))
                if "\ufffd" in text:
                    self.repairs[DAMAGED] += text.count("\ufffd")
                pieces = [text.encode("utf-8", "replace")]
            if self._line_end == b"\r":
                pieces = [piece.replace(b"\r", b"\n") for piece in pieces]
            yield pieces
            pieces = self._more()

    def _more(self) -> list[bytes]:
        """Read a block in pieces, or in one, which is quicker, where nothing is to be changed."""
        if self.as_it_is:
            piece = self._raw.read_lines(self._block)
            return [piece] if piece else []
        return read_some(self._stream, self.path, self._block)


def _ahead(blocks: Generator[Block, None, None]) -> Iterator[Block]:
    """Yield blocks; a thread reads and checks the next one while the last is worked on."""
    with closing(blocks), ThreadPoolExecutor(1, "blocks") as thread:
        coming = thread.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = thread.submit(next, blocks, None)
            yield block


def _parts(lines: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield lines together, and with them how the line too long begins that follows, if any."""
    start = at = 0
    while len(lines) - at > LONGEST_LINE:
        end = lines.rfind(b"\n", at, at + LONGEST_LINE + 1)
        if end >= 0:
            at = end + 1
        else:
            yield lines[start:at], lines[at : at + _SHOWN]
            start = at = lines.index(b"\n", at) + 1
    yield lines[start:], None


def _whole_lines(pieces: list[bytes]) -> tuple[bytes, bytes]:
    """Join pieces up to the last line feed; return what comes after it too.

    Most often it is in the last piece, and nothing else is copied twice.
    """
    *before, last = pieces
    cut = last.rfind(b"\n") + 1
    if cut:
        # Nothing is copied where nothing is to be joined.
        whole = [piece for piece in (*before, last[:cut]) if piece]
        return b"".join(whole), last[cut:]
    data = b"".join(pieces)
    cut = data.rfind(b"\n") + 1
    return data[:cut], data[cut:]


def _after_line(pieces: list[bytes]) -> list[bytes]:
    """Return what comes after the first line feed; nothing if there is none."""
    for index, piece in enumerate(pieces):
        end = piece.find(b"\n")
        if end >= 0:
            return [piece[end + 1 :], *pieces[index + 1 :]]
    return []
