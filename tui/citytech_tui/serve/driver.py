"""The way between the app and a client's terminal."""

from __future__ import annotations

from typing import Any, Protocol

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message
from textual.message_pump import MessagePump

from citytech_tui.serve.charset import encode
from citytech_tui.serve.keyboard import Keyboard
from citytech_tui.surroundings import ClosedDoors

# Alternate screen, mouse buttons in SGR form, no cursor, focus, keys in kitty's form, paste, no
# wrapping, and the question whether frames can be synchronised.
_ENTER = (
    "\x1b[?1049h\x1b[?1000h\x1b[?1002h\x1b[?1015h\x1b[?1006h\x1b[?25l\x1b[?1004h\x1b[>25u"
    "\x1b[?2004h\x1b[?7l\x1b[?2026$p"
)
_LEAVE = (
    "\x1b[m\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1002l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h"
    "\x1b[?1004l"
)

MOUTHFUL = 256
"""Bytes or characters of input handled at once, so that nobody's paste holds up the others."""
PAUSE = 0.01
"""Seconds until it is looked again whether a session has swallowed a mouthful."""
CLOSING = 5.0
"""Seconds that an app may take to end."""
_MOST_WAITING = 16


class Carrier(Protocol):
    """What carries the bytes."""

    charset: str

    @property
    def is_behind(self) -> bool:
        """Whether what was sent is still on its way."""

    def send(self, data: bytes) -> None:
        """Send without waiting."""

    def ready(self, driver: SessionDriver) -> None:
        """Let the keys come."""


class SessionDriver(ClosedDoors, Driver):
    """Draws on a terminal at the other end of a connection."""

    resets_pen = True

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        """Use the connection of `app`."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._carrier: Carrier = app.carrier  # type: ignore[attr-defined]
        self._waiting: list[str] = []
        self.keyboard = Keyboard(self._carrier.charset, self.process_message)

    @property
    def is_behind(self) -> bool:
        """Whether the client has not yet taken what was written before."""
        return self._carrier.is_behind

    def write(self, data: str) -> None:
        """Send data, at the latest in the next turn of the event loop."""
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting.append(data)

    def flush(self) -> None:
        """Send what is waiting."""
        if self._waiting:
            data, self._waiting = "".join(self._waiting), []
            self._carrier.send(encode(data, self._carrier.charset))

    def send_message(self, message: Message) -> None:
        """Hand a message to the app, whose loop this is."""
        self._app.post_message(message)

    def resize(self, size: tuple[int, int]) -> None:
        """Tell the app the new size."""
        self._size = size
        self._app.post_message(events.Resize(Size(*size), Size(*size)))

    def start_application_mode(self) -> None:
        """Take over the terminal."""
        self.write(_ENTER)
        self.flush()
        self._carrier.ready(self)

    def disable_input(self) -> None:
        """Take no more keys."""
        self.keyboard.close()

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self.disable_input()
        self.write(_LEAVE)
        self.flush()


def backlog(app: App[Any]) -> int:
    """Return how many messages wait to be handled where keys go."""
    focused = app.focused if app._screen_stack else None
    pumps: list[MessagePump] = [
        app,
        *app._screen_stack[-1:],
        *([focused] if focused is not None else []),
    ]
    return sum(pump._message_queue.qsize() for pump in pumps)


def is_busy(app: App[Any]) -> bool:
    """Whether so much waits in a session that its next input has to wait too."""
    return backlog(app) > _MOST_WAITING
