"""What remains after the app: a usable terminal, one line on what went wrong, and a log file."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.app import App

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class SignalExit:
    """Leave the app in order on SIGTERM and SIGHUP, which otherwise leave the terminal raw."""

    def __init__(self, app: App[int]) -> None:
        """Prepare for `app`; `install` must run inside its event loop."""
        self._app = app

    def install(self) -> None:
        """Catch the signals, where this is the process's own event loop."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            try:
                loop.add_signal_handler(number, self._leave, number)
            except (NotImplementedError, RuntimeError, ValueError):
                return  # not on Windows, and not outside the main thread

    def _leave(self, number: signal.Signals) -> None:
        self._app.exit(return_code=128 + number)


class LogFile:
    """Writes a crash to a file in the user's state folder and tells its place in one line."""

    def __init__(self) -> None:
        """Nothing has gone wrong yet."""
        self.message = ""

    def write(self, error: BaseException) -> None:
        """Write the traceback, without the values of variables, and remember where."""
        if self.message:
            return
        summary = f"{type(error).__name__} in CityTech"
        text = "".join(traceback.format_exception(error))
        try:
            path = self._path()
            # Private from the first moment: a traceback can name the person's files.
            with os.fdopen(os.open(path, _NEW_FILE, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            self.message = f"{summary}. The details are in {path}"
        except OSError as failure:
            self.message = f"{summary}. No log could be written: {failure.strerror}"

    def report(self, return_code: int) -> int:
        """Print the message if there is one; return the exit status."""
        if self.message:
            print(f"citytech-tui: error: {self.message}", file=sys.stderr)  # noqa: T201
            return return_code or 1
        return return_code

    def _path(self) -> Path:
        from datetime import UTC, datetime

        from platformdirs import user_log_path

        folder = user_log_path("citytech-tui", ensure_exists=True)
        return folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
