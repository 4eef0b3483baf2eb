"""What a client sends, turned into Textual's messages: bounded, and never the end of a session."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Callable, Iterable, Iterator

from textual import constants, events, messages
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START
from textual.message import Message

from citytech_tui.parser import Parser

LONGEST_PASTE = 4096
"""Characters; what is pasted can only become a filter or a name to search."""

_MARK = len(BRACKETED_PASTE_START)
# A client's size comes by SSH; a sequence that claims another one could claim any.
_IGNORED = (events.Resize, messages.InBandWindowResize)


class Keyboard:
    """Bytes in a character set in, messages out."""

    def __init__(self, charset: str, post: Callable[[Message], object]) -> None:
        """Hand each message to `post`."""
        self._decode = codecs.getincrementaldecoder(charset)(errors="replace").decode
        self._post = post
        self._parser = Parser()
        self._timer: asyncio.TimerHandle | None = None
        self._tail = ""
        self._room: int | None = None

    def feed(self, data: bytes) -> None:
        """Take what came."""
        for text in self._bounded(self._decode(data)):
            self._take(lambda text=text: self._parser.feed(text))  # type: ignore[misc]
        self.close()
        if self._parser._timeout_time is not None:
            # An escape that nothing follows is the key.
            delay = constants.ESCAPE_DELAY + 0.01
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def close(self) -> None:
        """Wait for nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self._timer = None
        self._take(self._parser.tick)

    def _take(self, parsed: Callable[[], Iterable[Message]]) -> None:
        try:
            for message in parsed():
                if not isinstance(message, _IGNORED):
                    self._post(message)
        except Exception:  # Textual's parser fails on numbers that are no characters
            self._parser = Parser()

    def _bounded(self, text: str) -> Iterator[str]:
        """Yield the text without what a paste has beyond its limit."""
        while text:
            pasting = self._room is not None
            window = self._tail + text
            found = window.find(BRACKETED_PASTE_END if pasting else BRACKETED_PASTE_START)
            end = len(text) if found < 0 else found + _MARK - len(self._tail)
            piece, text = text[:end], text[end:]
            self._tail = window[1 - _MARK :] if found < 0 else ""
            if self._room is not None and len(piece) > self._room:
                piece = piece[: self._room] + (BRACKETED_PASTE_END if found >= 0 else "")
            if found >= 0:
                self._room = None if pasting else LONGEST_PASTE
            elif self._room is not None:
                self._room = max(0, self._room - len(piece))
            if piece:
                yield piece
