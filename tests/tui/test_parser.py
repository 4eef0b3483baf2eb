"""What a terminal sends, cut anywhere: no key is lost, and what is pasted stays what it was."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import constants, events
from textual.message import Message

from citytech_tui.parser import Parser

PASTE = "\x1b[200~{}\x1b[201~"


def typed(*pieces: str) -> list[str]:
    """Return the keys and pastes that come of pieces of input, then of silence."""
    parser = Parser()
    found: list[Message] = []
    for piece in pieces:
        found += parser.feed(piece)
    if parser._timeout_time is not None:
        time.sleep(constants.ESCAPE_DELAY)
    found += parser.tick()
    return [
        event.key if isinstance(event, events.Key) else repr(event.text)
        for event in found
        if isinstance(event, events.Key | events.Paste)
    ]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("\x1bs", ["escape", "s"]),
        ("\x1b/", ["escape", "slash"]),
        ("\x1b2", ["escape", "2"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b 京", ["escape", "space", "京"]),
        ("\x1b\x1bj", ["escape", "escape", "j"]),
        ("j\x1bjj", ["j", "escape", "j", "j"]),
        ("\x1b[A", ["up"]),
        ("\x1bOA", ["up"]),
        ("\x1b\x1b[A", ["escape", "up"]),
        ("\x1b[27u", ["escape"]),
        ("\x1bb", ["ctrl+left"]),
        ("\x1b", ["escape"]),
        (PASTE.format("a/b"), [repr("a/b")]),
        (PASTE.format("a") + "\x1bs", [repr("a"), "escape", "s"]),
        (PASTE.format("a\x1b[Bb\x1bs\x1b[27u"), [repr("a[Bbs[27u")]),
        (PASTE.format("a\x1b[200~b"), [repr("a[200~b")]),
        (PASTE.format("") + "j", [repr(""), "j"]),
    ],
)
def test_keys(text: str, keys: list[str]) -> None:
    assert typed(text) == keys


def test_a_key_long_after_esc() -> None:
    parser = Parser()
    assert not list(parser.feed("\x1b"))
    time.sleep(constants.ESCAPE_DELAY)
    assert [event.key for event in parser.tick() if isinstance(event, events.Key)] == ["escape"]
    assert [event.key for event in parser.feed("s") if isinstance(event, events.Key)] == ["s"]


@given(
    st.lists(st.sampled_from(["\x1b", "j", "/", "2", "\r", "\x1b[B", PASTE.format("x\x1b[B\x1b")]))
)
def test_it_does_not_matter_where_the_input_is_cut(parts: list[str]) -> None:
    text = "".join(parts) + "q"
    assert typed(text) == typed(*text)
