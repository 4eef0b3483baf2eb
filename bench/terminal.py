"""Run a program in a pseudo-terminal that answers as a real one does, and time its raw bytes."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

COLUMNS, LINES = 120, 40

# What programs ask a terminal: status, cursor, attributes, modes, keyboard, sizes, colours.
_QUERY = re.compile(
    rb"\x1b\[(?:(?P<report>[56])n|(?P<attributes>0?)c|(?P<secondary>>0?)c|\?(?P<mode>\d+)\$p"
    rb"|(?P<keyboard>\?)u|(?P<size>14|16|18)t)|\x1b\](?P<colour>1[01]);\?(?:\x07|\x1b\\)"
)
_SYNCHRONIZED_OUTPUT = b"2026"
_CELL_WIDTH, _CELL_HEIGHT = 10, 20
_LONGEST_QUERY = 32
_POLL = 0.02


class Timeout(Exception):
    """The program did not do what was waited for; holds the end of its output."""


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment of a usual terminal, without settings of the caller for Python.

    PYTHONDONTWRITEBYTECODE above all would make every start compile. Animations are off for
    every program, because the ones compared do not agree on them.
    """
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR") if name in os.environ}
    fixed = {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "TEXTUAL_ANIMATIONS": "none",
        "CITYTECH_NO_CONFIG": "1",
    }
    return kept | fixed | more


class Terminal:
    """A program in a pseudo-terminal, of 120x40 cells unless another size is given."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        size: tuple[int, int] = (COLUMNS, LINES),
    ) -> None:
        """Start `command`; the clock runs from here."""
        self._size = size
        self.output = bytearray()
        self._searched = 0
        self.started = time.monotonic()
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            _become(command, env, size)
        self.last_byte = self.started

    def __enter__(self) -> Self:
        """Return the running program."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the program, whatever it does."""
        self.close()

    def wait_for(self, text: str, timeout: float = 20) -> float:
        """Return how many seconds after the start `text` has arrived."""
        wanted = text.encode()
        deadline = time.monotonic() + timeout
        searched = 0
        while self.output.find(wanted, searched) < 0:
            searched = max(0, len(self.output) - len(wanted))
            if time.monotonic() > deadline or not self._read(deadline - time.monotonic()):
                raise Timeout(f"{text!r} did not appear; the output ends with {self._tail()}")
        return self.last_byte - self.started

    def settle(self, quiet: float = 0.1, timeout: float = 20) -> None:
        """Wait until the program neither writes nor computes for `quiet` seconds."""
        deadline = time.monotonic() + timeout
        busy = self._cpu_ticks()
        idle_since = time.monotonic()
        while time.monotonic() - idle_since < quiet:
            wrote = self._read(_POLL)
            now = self._cpu_ticks()
            if wrote or now != busy or self._is_running():
                busy, idle_since = now, time.monotonic()
            if time.monotonic() > deadline:
                raise Timeout(f"the program does not come to rest; {self._tail()}")

    def press(self, keys: bytes, quiet: float = 0.08) -> tuple[float, int]:
        """Send `keys`; return the seconds until the last byte of the answer, and its bytes.

        The answer is complete when nothing came for `quiet` seconds and nothing is computed:
        several frames of 1/60 second may be written one after the other.
        """
        self.drain()
        before = len(self.output)
        sent = time.monotonic()
        os.write(self._master, keys)
        if not self._read(2):
            raise Timeout(f"no answer to {keys!r}; the output ends with {self._tail()}")
        while self._read(quiet) or self._is_running():
            pass
        return self.last_byte - sent, len(self.output) - before

    def write(self, keys: bytes) -> None:
        """Send `keys` and wait for nothing."""
        os.write(self._master, keys)

    def drain(self) -> None:
        """Read what has come already."""
        while self._read(0):
            pass

    def close(self) -> None:
        """Ask the program to quit, then make it."""
        if self.pid == 0:
            return
        with contextlib.suppress(OSError):
            os.write(self._master, b"\x11")  # ctrl+q
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self._read(_POLL)
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._master)
        self.pid = 0

    def _read(self, timeout: float) -> bool:
        """Read once and answer what is asked; return whether something came in time."""
        ready, _, _ = select.select([self._master], [], [], max(0, timeout))
        if not ready:
            return False
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # the program has closed its side
            return False
        if not data:
            return False
        self.last_byte = time.monotonic()
        self.output += data
        self._answer()
        return True

    def _answer(self) -> None:
        for query in _QUERY.finditer(self.output, self._searched):
            os.write(self._master, _reply(query, *self._size))
            self._searched = query.end()
        self._searched = max(self._searched, len(self.output) - _LONGEST_QUERY)

    def _is_running(self) -> bool:
        """Whether a thread computes, or waits for a processor."""
        try:
            texts = [path.read_text() for path in Path(f"/proc/{self.pid}/task").glob("*/stat")]
        except OSError:  # a thread has ended meanwhile
            return True
        return any(text.rpartition(")")[2].split()[0] == "R" for text in texts)

    def _cpu_ticks(self) -> int:
        """The processor time used so far; 0 where /proc does not tell."""
        return sum(map(int, self._status()[11:13]))

    def _status(self) -> list[str]:
        try:
            text = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8")
        except OSError:
            return []
        return text.rpartition(")")[2].split()

    def _tail(self) -> str:
        return repr(bytes(self.output[-400:]))


def _become(command: Sequence[str], env: Mapping[str, str], size: tuple[int, int]) -> None:
    """In the child: set the size of the terminal and run the program."""
    try:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        os.execvpe(command[0], list(command), dict(env))
    finally:
        os._exit(127)


def _reply(query: re.Match[bytes], columns: int, lines: int) -> bytes:
    asked = query[query.lastgroup or 0]
    match query.lastgroup:
        case "mode":  # 2: known and off; 0: not known
            reply = b"\x1b[?%s;%s$y" % (asked, b"2" if asked == _SYNCHRONIZED_OUTPUT else b"0")
        case "report":
            reply = b"\x1b[0n" if asked == b"5" else b"\x1b[1;1R"
        case "secondary":
            reply = b"\x1b[>1;10;0c"
        case "keyboard":
            reply = b"\x1b[?0u"
        case "colour":
            shade = b"e5e5" if asked == b"10" else b"1e1e"
            reply = b"\x1b]%s;rgb:%s\x1b\\" % (asked, b"/".join([shade] * 3))
        case "size":
            reply = {
                b"14": b"\x1b[4;%d;%dt" % (lines * _CELL_HEIGHT, columns * _CELL_WIDTH),
                b"16": b"\x1b[6;%d;%dt" % (_CELL_HEIGHT, _CELL_WIDTH),
                b"18": b"\x1b[8;%d;%dt" % (lines, columns),
            }[asked]
        case _:
            reply = b"\x1b[?62;22c"
    return reply
