"""Text of any encoding as UTF-8, each line judged by itself.

So it never matters which lines are read together.
"""

from __future__ import annotations

import codecs
from collections import Counter
from typing import Final

import polars as pl

from citytech_data.messages import message_text

UTF8, GB18030, UTF16 = "utf-8", "gb18030", "utf-16"
DAMAGED = message_text("bytes in no known encoding replaced")
OTHER_ENCODING = message_text("line in another encoding")
NULS = message_text("NUL bytes removed")

# What stays in the processor's cache.
_AT_ONCE = 1 << 19
_FEW = 0.1
_VOTERS = 500
# From here on a character of UTF-8 has three bytes or more, as Chinese ones have.
_WIDE: Final = "\u0800"


def sniff_encoding(sample: bytes) -> tuple[str, int]:
    """Return the encoding that a file begins in, and how many bytes its byte order mark takes."""
    if sample.startswith(codecs.BOM_UTF8):
        return UTF8, 3
    if sample.startswith(codecs.BOM_UTF16_LE):
        return f"{UTF16}-le", 2
    if sample.startswith(codecs.BOM_UTF16_BE):
        return f"{UTF16}-be", 2
    zeros = len(sample) // 5
    if sample[1::2].count(0) > zeros:
        return f"{UTF16}-le", 0
    if sample[::2].count(0) > zeros:
        return f"{UTF16}-be", 0
    # GB18030 can often be made of UTF-8, but hardly ever the reverse: so lines vote.
    lines = [line for line in sample.splitlines()[:_VOTERS] if not line.isascii()]
    others = [line for line in lines if not _is(UTF8, line)]
    chinese = sum(_is(GB18030, line) for line in others)
    return (GB18030, 0) if chinese > len(lines) - len(others) else (UTF8, 0)


class Decoder:
    """Turns lines that should be in one encoding, which UTF-16 is not, into UTF-8."""

    def __init__(self, encoding: str) -> None:
        self.encoding = UTF8 if encoding.startswith(UTF16) else encoding
        self.repairs: Counter[str] = Counter()
        """What had to be repaired: lines, and of NUL bytes each."""

    def utf8(self, lines: bytes) -> bytes:
        """Return whole lines in UTF-8, without NUL bytes."""
        if self.encoding == UTF8 and _is_plain(lines):
            return lines
        if b"\0" in lines:
            self.repairs[NULS] += lines.count(b"\0")
            lines = lines.replace(b"\0", b"")
        if lines.isascii():
            return lines
        if self.encoding == UTF8:
            return self._each(lines)
        if any(map(_is_wide_utf8, lines.split(b"\n"))):
            return self._each(lines)
        try:
            return lines.decode(self.encoding).encode()
        except UnicodeDecodeError:
            return self._each(lines)

    def shown(self, beginning: bytes) -> str:
        """Return the beginning of a line that is not read, cut anywhere."""
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        return decoder.decode(beginning).replace("\0", "")

    def _each(self, lines: bytes) -> bytes:
        return b"\n".join(map(self._line, lines.split(b"\n")))

    def _line(self, line: bytes) -> bytes:
        if line.isascii():
            return line
        in_utf8, first = _is(UTF8, line), self.encoding
        if first == UTF8:
            if in_utf8:
                return line
            # Broken UTF-8 can often be read, wrongly, as GB18030: so it is taken for that only
            # where much of it is broken.
            if _share_wrong(line) > _FEW and _is(GB18030, line):
                self.repairs[OTHER_ENCODING] += 1
                return line.decode(GB18030).encode()
        else:
            in_first = _is(first, line)
            if in_utf8 and (not in_first or _is_wide_utf8(line)):
                self.repairs[OTHER_ENCODING] += 1
                return line
            if in_first:
                return line.decode(first).encode()
        self.repairs[DAMAGED] += 1
        return line.decode(first, "replace").encode()


def _is_plain(lines: bytes) -> bool:
    """Return whether whole lines are UTF-8 without NUL: a tenth of the time of decoding them."""
    at = 0
    while at < len(lines):
        # No character goes on behind a line feed.
        end = lines.rfind(b"\n", at, at + _AT_ONCE) + 1 or lines.find(b"\n", at) + 1 or len(lines)
        piece = lines[at:end]
        if b"\0" in piece or not (piece.isascii() or _is_utf8(piece)):
            return False
        at = end
    return True


def _is_utf8(piece: bytes) -> bool:
    try:
        pl.Series([piece], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def _is_wide_utf8(line: bytes) -> bool:
    """Return whether a line is Chinese in UTF-8, which other encodings hardly ever look like."""
    if line.isascii():
        return False
    try:
        return max(line.decode()) >= _WIDE
    except UnicodeDecodeError:
        return False


def _is(encoding: str, line: bytes) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _share_wrong(line: bytes) -> float:
    """Return how much of what is not ASCII cannot be UTF-8, the cut end left out."""
    text = codecs.getincrementaldecoder(UTF8)("replace").decode(line)
    other = sum(1 for character in text if character > "\x7f")
    return text.count("\ufffd") / other if other else 0.0
