"""What a client says of its terminal, as far as it is believed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from citytech_tui.format import separators_of
from citytech_tui.language import Speech, language_of
from citytech_tui.serve.charset import charset_of

_MOST_COLUMNS, _MOST_ROWS = 640, 240
# Textual cannot lay text out in no width at all, and nobody reads what is smaller than this.
_LEAST_COLUMNS, _LEAST_ROWS = 20, 6
_LONGEST_VALUE = 64
_ACCEPTED = frozenset(
    (
        *("COLORTERM", "LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_NUMERIC"),
        *("NO_COLOR", "TEXTUAL_ANIMATIONS", "TEXTUAL_THEME"),
    )
)
_ANIMATIONS = ("none", "basic", "full")
# ssh does not send COLORTERM unless told to; these have no fewer colours.
_TRUE_COLOUR = re.compile(r"alacritty|foot|contour|wezterm|xterm-(ghostty|kitty)|.+-direct")


class Environment(dict[bytes, bytes]):
    """The variables that a client sends; all but a few are forgotten at once."""

    def __setitem__(self, name: bytes, value: bytes) -> None:
        """Keep an accepted variable."""
        if name.decode(errors="replace") in _ACCEPTED and len(value) <= _LONGEST_VALUE:
            super().__setitem__(name, value)


def speech_of(environ: Mapping[str, str]) -> Speech:
    """Return the language that a client's locale asks for, with its way to write numbers."""
    names = (environ.get(name, "") for name in ("LC_ALL", "LC_NUMERIC", "LANG"))
    return Speech(language_of(environ), separators_of(next(filter(None, names), "C")))


@dataclass(frozen=True)
class Client:
    """A client's terminal: what the app needs to know to draw on it."""

    term: str
    environ: Mapping[str, str]
    charset: str
    theme: str
    animation: Any

    @classmethod
    def of(cls, term: str, sent: Mapping[bytes, bytes]) -> Client:
        """Read what was sent with the request of a terminal."""
        environ = {
            name.decode(): value.decode(errors="replace")
            for name, value in sent.items()
            if name.decode(errors="replace") in _ACCEPTED
        }
        term = "".join(c for c in term if c.isprintable())[:_LONGEST_VALUE]
        environ["TERM"] = term
        if _TRUE_COLOUR.fullmatch(term):
            environ.setdefault("COLORTERM", "truecolor")
        animation = environ.get("TEXTUAL_ANIMATIONS", "").lower()
        return cls(
            term,
            environ,
            charset_of(environ),
            environ.get("TEXTUAL_THEME", ""),
            animation if animation in _ANIMATIONS else "none",
        )

    @property
    def can_draw(self) -> bool:
        """Whether it is a terminal on which the app can be shown."""
        return self.term not in ("", "dumb", "unknown")


def bounded(columns: int, rows: int) -> tuple[int, int]:
    """Return a size that can be drawn, and costs no more than a large screen; 0 is 80 or 24."""
    return (
        max(_LEAST_COLUMNS, min(columns or 80, _MOST_COLUMNS)),
        max(_LEAST_ROWS, min(rows or 24, _MOST_ROWS)),
    )
