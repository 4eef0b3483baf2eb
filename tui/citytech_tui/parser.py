"""What a terminal sends, as Textual's messages.

A key typed right after esc is a key of its own, and nothing within a paste is a key.
"""

from __future__ import annotations

import sys
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

    No such key means anything here, and on a slow line both often come at once. Of a paste, Textual
    would take escape sequences for keys; here they lose their escapes, and all of it is text.
    """

    def __init__(self, debug: bool = False, longest_paste: int = sys.maxsize) -> None:
        """Nothing has been typed yet; of a paste so many characters are taken."""
        super().__init__(debug)
        self._most_pasted = longest_paste + _MARK
        self._last = ""
        self._pasted: list[str] | None = None

    def feed(self, data: str) -> Iterable[Message]:
        """Yield the messages for what came, which may be nothing yet.

        To Textual's parser an empty text is the end; here it is the first bytes of a character.
        """
        ready: list[str] = []
        for character in data:
            pasted, goes_on = self._pasted, character in _GO_ON
            if self._last[-1:] == _ESCAPE and not goes_on and pasted is None:
                if ready:
                    yield from super().feed("".join(ready))
                ready.clear()
                yield from self._end_escape()
            self._last = (self._last + character)[-_MARK:]
            if pasted is None:
                ready.append(character)
                if self._last == BRACKETED_PASTE_START:
                    self._pasted = []
                continue
            if len(pasted) < self._most_pasted:
                pasted.append(character)
            if self._last == BRACKETED_PASTE_END:
                ready += ["".join(pasted[:-_MARK]).replace(_ESCAPE, ""), BRACKETED_PASTE_END]
                self._pasted = None
        if ready:
            yield from super().feed("".join(ready))

    def tick(self) -> Iterable[Message]:
        """Yield the messages for what has not gone on for so long that it will not."""
        yield from super().tick()
        # Of a paste nothing times out: its end may come in two pieces.
        if self._timeout_time is None and self._pasted is None:
            self._last = ""

    def _end_escape(self) -> Iterator[Message]:
        self._timeout_time = 0.0
        yield from self.tick()

    def _parse_extended_key(  # type: ignore[override]
        self, sequence: str
    ) -> list[events.Key] | None:
        # Textual caches this per parser, which keeps the parsers of all who were here.
        return XTermParser._parse_extended_key.__wrapped__(self, sequence)
