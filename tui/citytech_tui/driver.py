"""The way to the person's own terminal: Textual's driver, and what it does not do.

It ends the app on signals, and when the terminal has vanished, also where no signal tells; it
leaves a remembered frame on the screen; and bytes that are no text do not end the app.
"""

from __future__ import annotations

import os
import select
import time
from codecs import getincrementaldecoder
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from citytech_tui.crash import GONE, catch_signals, leave
from citytech_tui.parser import Parser

_ALTERNATE_SCREEN = "\x1b[?1049h"
_POLL = 0.1
_TURN = 1e-5
_MOST_READ = 4096


class TerminalDriver(LinuxDriver):
    """Reads from and writes to the terminal that the process was started in."""

    resets_pen = True
    """Colours that a frame ends with are taken back when the app leaves the terminal."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        """Drive the terminal for `app`."""
        super().__init__(app, **options)
        self._vanished = False
        self._entered = False
        catch_signals(app)

    @property
    def is_behind(self) -> bool:
        """Whether the terminal has not yet taken what was written before."""
        thread = self._writer_thread
        return thread is not None and not thread._queue.empty()

    def write(self, data: str) -> None:
        """Write, as long as there is a terminal."""
        if self._vanished or (self._entered and data == _ALTERNATE_SCREEN):
            return
        super().write(data)

    def flush(self) -> None:
        """Let the thread that writes have its turn, which else comes five milliseconds later."""
        time.sleep(_TURN)

    def start_application_mode(self) -> None:
        """Take over the terminal, with the remembered frame if it shows one."""
        frame = getattr(self._app, "remembered", None)
        settings = frame.take() if frame is not None else None
        # Some terminals clear the screen when they are told once more to change to it.
        self._entered = settings is not None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._entered = False
        if settings is not None:
            self.attrs_before = settings

    def stop_application_mode(self) -> None:
        """Give the terminal back, without the colours of the last frame."""
        self.write("\x1b[m")
        super().stop_application_mode()

    def run_input_thread(self) -> None:
        """Pass on what is typed until the app ends or the terminal vanishes."""
        parser = Parser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            if self._is_ready(_POLL):
                data = self._read()
                if not data:
                    self._vanished = True
                    leave(self._app, GONE, self._loop)
                    return
                for event in parser.feed(decode(data)):
                    self.process_message(event)
            for event in parser.tick():
                self.process_message(event)
        if self._is_ready(0):  # typed before the app is suspended
            for event in parser.feed(decode(self._read(), final=True)):
                self.process_message(event)

    def _is_ready(self, seconds: float) -> bool:
        return bool(select.select([self.fileno], [], [], seconds)[0])

    def _read(self) -> bytes:
        """Return what was typed; nothing where the terminal has vanished."""
        try:
            return os.read(self.fileno, _MOST_READ)
        except OSError:
            return b""
