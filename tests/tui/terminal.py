"""The real program in a pseudo-terminal, its screen read through a terminal emulator."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyte

LIMIT = 120
"""Seconds after which what is waited for will not come any more, however slow the machine is."""

_QUIET = 6
"""How many looks must find a program at rest: timers may be a tenth of a second apart."""
PROGRAM = (sys.executable, "-m", "citytech_tui")
# What a real terminal answers: primary attributes, cursor position, no synchronised output.
_ANSWERS = {b"\x1b[c": b"\x1b[?62;c", b"\x1b[6n": b"\x1b[1;1R", b"\x1b[?2026$p": b"\x1b[?2026;0$y"}


class Terminal:
    """A program under a pseudo-terminal of a size; what it writes is kept and emulated."""

    def __init__(
        self,
        command: Sequence[str] = PROGRAM,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
        *,
        inherit: bool = True,
    ) -> None:
        """Start `command`; `env` is added to this process's environment, or replaces it."""
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.status: int | None = None
        self.pid, self.fd = self._fork(command, size, env or {}, inherit)

    def _fork(
        self, command: Sequence[str], size: tuple[int, int], env: Mapping[str, str], inherit: bool
    ) -> tuple[int, int]:
        ours, theirs = os.openpty()
        self.settings = termios.tcgetattr(theirs)
        self._set_size(ours, size)
        base = dict(os.environ) if inherit else {}
        base |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"} if inherit else {}
        pid = os.fork()
        if pid == 0:
            os.close(ours)
            control(theirs)
            os.execve(command[0], list(command), base | dict(env))
        # Kept open, so that the settings can be read after the program has gone.
        self.theirs = theirs
        return pid, ours

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
        os.close(self.theirs)

    @staticmethod
    def _set_size(fd: int, size: tuple[int, int]) -> None:
        columns, rows = size
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def text(self) -> str:
        """What the emulated screen shows."""
        # pyte's own `display` stops at what is left of a wide character cut in half.
        screen = self.screen
        columns = range(screen.columns)
        lines = (screen.buffer[y] for y in range(screen.lines))
        return "\n".join("".join(line[x].data for x in columns) for line in lines)

    def pump(self, seconds: float = 0.05) -> bool:
        """Take in what the program has written; False if nothing came."""
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.written += data
        # pyte does not know the private `>` sequences of keyboard protocols.
        self._stream.feed(data.replace(b"\x1b[>25u", b"").replace(b"\x1b[<u", b""))
        for question, answer in _ANSWERS.items():
            if question in data:
                os.write(self.fd, answer)
        return bool(data)

    def until(self, holds: Callable[[], Any], what: str = "") -> None:
        """Take in until something holds."""
        end = time.monotonic() + LIMIT
        while not holds():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what or holds}:\n{self.text}")
            self.pump()

    def wait_for(self, text: str) -> None:
        """Take in until the screen shows a text."""
        self.until(lambda: text in self.text, repr(text))

    def settle(self) -> None:
        """Take in until the program has nothing to do: it writes nothing, and no thread runs."""
        quiet = 0
        end = time.monotonic() + LIMIT
        while quiet < _QUIET:
            assert time.monotonic() < end, "the program does not come to rest"
            quiet = 0 if self.pump(0.02) or is_running(self.pid) else quiet + 1

    def send(self, keys: str) -> None:
        """Press keys."""
        os.write(self.fd, keys.encode())

    def press(self, keys: str, text: str) -> None:
        """Press keys, then wait until the screen shows a text."""
        self.send(keys)
        self.wait_for(text)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, as a person does who drags the window."""
        # A new emulator, as what is still under way was drawn for the old size.
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._set_size(self.fd, (columns, rows))
        os.kill(self.pid, signal.SIGWINCH)

    def finish(self) -> int:
        """Wait for the end of the program; return its exit status."""

        def gone() -> bool:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            return bool(pid)

        self.until(gone, "the end of the program")
        while self.pump(0.1):
            pass
        assert self.status is not None
        return self.status


def is_running(pid: int) -> bool:
    """Whether a thread of a process computes, or waits for a processor or a disk."""
    try:
        states = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:  # a thread has ended meanwhile
        return True
    return any(state.rpartition(")")[2].split()[0] in "RD" for state in states)


def control(fd: int) -> None:
    """Make a terminal the controlling one of this process, and its standard streams."""
    os.setsid()
    fcntl.ioctl(fd, termios.TIOCSCTTY, 0)
    for stream in range(3):
        os.dup2(fd, stream)
    if fd > 2:
        os.close(fd)
