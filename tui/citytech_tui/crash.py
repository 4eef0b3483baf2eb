"""What remains after the app: a usable terminal, one line on what went wrong, and a log file."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import termios
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from citytech_data.errors import system_reason
from citytech_tui.language import _, translated

if TYPE_CHECKING:
    from textual.app import App

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)
GONE = 128 + signal.SIGHUP
"""The exit status where the terminal has vanished, whether a signal has told so or not."""
_GRACE = 0.8
"""Seconds in which an app must have left."""
_RESTORE = "\x1b[?2026l\x1b[?1000;1002;1003;1006;1015;1016;2004;1004;2048l\x1b[<u\x1b[?7h\x1b[m"
_RESTORE += "\x1b[?1049l\x1b[?25h"


def leave(app: App[int], status: int, loop: asyncio.AbstractEventLoop) -> None:
    """End the app in order, from any thread; and within a second, whatever keeps it."""
    timer = threading.Timer(_GRACE, _cut_off, (app, status))
    timer.daemon = True
    timer.start()
    loop.call_soon_threadsafe(partial(app.exit, return_code=status))


def _cut_off(app: App[int], status: int) -> None:
    """End the process, with the terminal as it was as far as it takes that."""
    fd, before = getattr(app._driver, "fileno", None), getattr(app._driver, "attrs_before", None)
    with suppress(OSError, termios.error):  # there is nobody to tell any more
        if fd is not None and before is not None:
            termios.tcsetattr(fd, termios.TCSANOW, before)
            # It may take nothing, which is why the app could not leave.
            if select.select([], [fd], [], 0)[1]:
                os.write(fd, _RESTORE.encode())
    os._exit(status)


def catch_signals(app: App[int]) -> None:
    """Leave `app` in order on SIGTERM and SIGHUP, which otherwise leave the terminal raw.

    To be called within its event loop, once it owns the process.
    """
    loop = asyncio.get_running_loop()

    def end(number: int, _: FrameType | None) -> None:
        if loop.is_closed():
            raise SystemExit(128 + number)
        leave(app, 128 + number, loop)

    for number in _SIGNALS:
        with suppress(ValueError):  # not outside the main thread
            # The loop's own handlers would wait for whatever it is busy with.
            signal.signal(number, end)


class LogFile:
    """Keeps the traceback of a crash and tells in one line where it is."""

    def __init__(self, keep: Callable[[str], str] | None = None) -> None:
        """`keep` takes a traceback and says where it is; without it, it is a file of the person."""
        self.message = ""
        self._keep = keep or keep_in_file

    def write(self, error: BaseException) -> None:
        """Keep the traceback, without the values of variables, and remember where."""
        if self.message:
            return
        place = self._keep("".join(traceback.format_exception(error)))
        words = _("{error} in CityTech. {place}")
        self.message = words.format(error=type(error).__name__, place=place)

    def report(self, return_code: int) -> int:
        """Print the message if there is one; return the exit status."""
        if self.message:
            print(f"citytech-tui: error: {self.message}", file=sys.stderr)  # noqa: T201
            return return_code or 1
        return return_code


def keep_in_file(text: str) -> str:
    """Write a traceback to a new file in the person's log folder; say where, or why not."""
    try:
        path = _path()
        # Private from the first moment: a traceback can name the person's files.
        with os.fdopen(os.open(path, _NEW_FILE, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as failure:
        return _("No log could be written: {reason}").format(
            reason=translated(system_reason(failure))
        )
    return _("The details are in {path}").format(path=path)


def place_of(text: str) -> str:
    """Say where in the program a crash came from, where nothing may be written."""
    places = [line.strip() for line in text.splitlines() if line.strip().startswith('File "')]
    name, line = places[-1].split(", ")[:2] if places else ('File "?"', "line ?")
    words = _("It came from {file}, {line}; a kiosk keeps no log.")
    return words.format(file=Path(name[6:-1]).name, line=line)


def _path() -> Path:
    from datetime import UTC, datetime

    from platformdirs import user_log_path

    folder = user_log_path("citytech-tui", ensure_exists=True)
    return folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
