"""What a terminal sends, cut anywhere: no key is lost, and what is pasted stays what it was."""

from __future__ import annotations

import os
import threading
import time
from queue import Queue

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import constants, events
from textual.message import Message

from citytech_tui.driver import TerminalDriver
from citytech_tui.parser import Parser
from tests.tui.terminal import LIMIT

PASTE = "\x1b[200~{}\x1b[201~"


def typed(*pieces: str) -> list[str]:
    """Return the keys and pastes that come of pieces of input, then of silence."""
    parser = Parser()
    found: list[Message] = []
    for piece in pieces:
        found += parser.feed(piece)
        found += parser.tick()  # as after every read
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


class Typed(TerminalDriver):
    """A driver that reads from a pipe."""

    def __init__(self, end: int) -> None:
        self.fileno, self._debug = end, False
        self.exit_event = threading.Event()
        self.keys: Queue[str] = Queue()

    def process_message(self, message: Message) -> None:
        if isinstance(message, events.Key):
            self.keys.put(message.key)


def test_a_character_of_which_a_byte_comes_alone() -> None:
    ours, theirs = os.pipe()
    driver = Typed(ours)
    reading = threading.Thread(target=driver.run_input_thread)
    reading.start()
    try:
        for data in (b"a\xe4", b"\xba", b"\xac", b"j"):
            os.write(theirs, data)
            time.sleep(0.05)
        assert [driver.keys.get(timeout=LIMIT) for _ in range(3)] == ["a", "京", "j"]
    finally:
        driver.exit_event.set()
        reading.join()
        os.close(ours)
        os.close(theirs)


def test_no_text_yet_is_not_the_end() -> None:
    assert typed("j", "", "\x1b", "", "s") == ["j", "escape", "s"]
