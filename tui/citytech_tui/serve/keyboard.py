"""What a client sends, turned into Textual's messages: bounded, and never the end of a session."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Callable, Iterable

from textual import constants, events, messages
from textual.message import Message

from citytech_tui.parser import Parser

LONGEST_PASTE = 4096
"""Characters; what is pasted can only become a filter or a name to search."""

# A client's size comes by SSH; a sequence that claims another one could claim any.
_IGNORED = (events.Resize, messages.InBandWindowResize)


class Keyboard:
    """Bytes in a character set in, messages out."""

    def __init__(self, charset: str, post: Callable[[Message], object]) -> None:
        """Hand each message to `post`."""
        self._decode = codecs.getincrementaldecoder(charset)(errors="replace").decode
        self._post = post
        self._parser = Parser(longest_paste=LONGEST_PASTE)
        self._timer: asyncio.TimerHandle | None = None

    def feed(self, data: bytes) -> None:
        """Take what came."""
        text = self._decode(data)
        self._take(lambda: self._parser.feed(text))
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
            self._parser = Parser(longest_paste=LONGEST_PASTE)
