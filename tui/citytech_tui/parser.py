"""What a terminal sends, as Textual's messages: a key typed right after esc is a key of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.message import Message

_MARK = len(BRACKETED_PASTE_START)
_ESCAPE = "\x1b"
# What may go on after an escape: control sequences, and the keys that move and delete by words.
_GO_ON = frozenset("[]OPX^_\x1b\x7f\bbf")


class Parser(XTermParser):
    """Textual's parser, but esc and a key that come at once are not taken for one key with alt.

    No such key means anything here, and on a slow line both often come at once.
    """

    def __init__(self, debug: bool = False) -> None:
        """Nothing has been typed yet."""
        super().__init__(debug)
        self._last = ""
        self._pasting = False

    def feed(self, data: str) -> Iterable[Message]:
        """Yield the messages for what came; nothing more comes after an empty text."""
        start = 0
        for at, character in enumerate(data):
            alone = self._last[-1:] == _ESCAPE and character not in _GO_ON
            if alone and not self._pasting:
                if at > start:
                    yield from super().feed(data[start:at])
                start = at
                yield from self._end_escape()
            self._last = (self._last + character)[-_MARK:]
            if self._last == (BRACKETED_PASTE_END if self._pasting else BRACKETED_PASTE_START):
                self._pasting = not self._pasting
        yield from super().feed(data[start:])

    def tick(self) -> Iterable[Message]:
        """Yield the messages for what has not gone on for so long that it will not."""
        yield from super().tick()
        if self._timeout_time is None:
            self._last = ""

    def _end_escape(self) -> Iterator[Message]:
        self._timeout_time = 0.0
        yield from self.tick()

    def _parse_extended_key(  # type: ignore[override]
        self, sequence: str
    ) -> list[events.Key] | None:
        # Textual caches this per parser, which keeps the parsers of all who were here.
        return XTermParser._parse_extended_key.__wrapped__(self, sequence)
