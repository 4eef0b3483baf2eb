"""The parts that need no connection: keyboard, character sets, what a client says of itself."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual import events
from textual.message import Message

from citytech_tui.serve.charset import charset_of, encode
from citytech_tui.serve.client import Client, Environment, bounded
from citytech_tui.serve.keyboard import LONGEST_PASTE, Keyboard
from tests.tui.terminal import LIMIT

PASTE, DONE = b"\x1b[200~", b"\x1b[201~"


async def typed(*chunks: bytes, charset: str = "utf-8", wait: bool = False) -> list[Message]:
    """Return the messages that chunks of input become."""
    messages: list[Message] = []
    keyboard = Keyboard(charset, messages.append)
    for chunk in chunks:
        keyboard.feed(chunk)
        async with asyncio.timeout(LIMIT):
            while wait and keyboard._timer is not None:
                await asyncio.sleep(0.01)
    keyboard.close()
    return messages


def keys(messages: list[Message]) -> list[str]:
    return [message.key for message in messages if isinstance(message, events.Key)]


async def test_keys_split_anywhere() -> None:
    assert keys(await typed(b"j\x1b", b"[", b"A", "京".encode()[:1], "京".encode()[1:])) == [
        "j",
        "up",
        "京",
    ]


async def test_an_escape_that_nothing_follows_is_a_key() -> None:
    assert keys(await typed(b"\x1b", wait=True)) == ["escape"]


@pytest.mark.parametrize(
    "bad", [b"\x1b[9999999999u", b"\x1b[1;1;1114112u", b"\x1b[1;1;x:y~", b"\x1b[48;9;9;9;9t"]
)
async def test_what_no_terminal_sends_does_no_harm(bad: bytes) -> None:
    assert keys(await typed(bad, b"j", wait=True))[-1:] == ["j"]
    assert not [each for each in await typed(bad) if isinstance(each, events.Resize)]


@given(st.lists(st.binary(max_size=8)), st.integers(0, LONGEST_PASTE + 20))
def test_a_paste_is_whole_up_to_its_limit(cuts: list[bytes], length: int) -> None:
    data = PASTE + b"x" * length + DONE + b"k"
    ends = sorted({len(cut) * 37 % len(data) for cut in cuts})
    chunks = [data[a:b] for a, b in zip([0, *ends], [*ends, len(data)], strict=True)]
    messages = asyncio.run(typed(*chunks))
    pasted = [message.text for message in messages if isinstance(message, events.Paste)]
    assert "".join(pasted) == "x" * min(length, LONGEST_PASTE)
    assert keys(messages) == ["k"]


@pytest.mark.parametrize(
    ("environ", "charset"),
    [
        ({}, "utf-8"),
        ({"LANG": "de_DE.UTF-8"}, "utf-8"),
        ({"LANG": "de_DE"}, "utf-8"),
        ({"LANG": "C"}, "ascii"),
        ({"LANG": "C.UTF-8"}, "utf-8"),
        ({"LANG": "C", "LC_ALL": "zh_CN.GBK"}, "gbk"),
        ({"LANG": "de_DE.ISO-8859-15@euro"}, "iso8859-15"),
        ({"LANG": "x.zip"}, "utf-8"),
        ({"LANG": "x.rot13"}, "utf-8"),
        ({"LANG": "x.iso-8859-99"}, "utf-8"),
        ({"LANG": "x.../../etc"}, "utf-8"),
    ],
)
def test_the_character_set_is_the_locales(environ: dict[str, str], charset: str) -> None:
    assert charset_of(environ) == charset


@given(st.text(), st.sampled_from(["ascii", "gbk", "iso8859-1"]))
def test_what_is_replaced_keeps_its_width(text: str, charset: str) -> None:
    written = encode(text, charset).decode(charset)
    assert [cell_len(c) for c in written if c != "?"] == [cell_len(c) for c in written if c != "?"]
    assert sum(map(cell_len, written)) == sum(map(cell_len, text))


def test_lone_surrogates_are_no_fault() -> None:
    assert encode("a\ud800", "utf-8") == b"a?"


def test_a_client_is_believed_as_far_as_it_must_be() -> None:
    sent = Environment()
    for name, value in (
        (b"LANG", b"de_DE.UTF-8"),
        (b"PATH", b"/tmp"),
        (b"TEXTUAL_DEVTOOLS_HOST", b"x"),
        (b"TEXTUAL_THEME", b"nord"),
        (b"COLORTERM", b"x" * 1000),
        (b"\xff", b"x"),
    ):
        sent[name] = value
    client = Client.of("xterm\x1b[2J" + "x" * 1000, sent)
    assert set(client.environ) == {"LANG", "TEXTUAL_THEME", "TERM"}
    assert client.theme == "nord"
    assert client.term.isprintable() and len(client.term) <= 64
    assert bounded(0, 0) == (80, 24)
    assert bounded(2**32 - 1, 1) == (640, 6)
