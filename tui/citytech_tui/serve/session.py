"""One channel of a client: the app on its terminal, or the output of one command."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import asyncssh
from asyncssh.constants import EXTENDED_DATA_STDERR

from citytech_data.errors import CityTechError
from citytech_tui.language import (
    SOURCE,
    Speech,
    _,
    error_text,
    hearing,
    plural,
    translated,
)
from citytech_tui.serve.app import ServedApp
from citytech_tui.serve.charset import encode
from citytech_tui.serve.client import Client, Environment, bounded, speech_of
from citytech_tui.serve.driver import CLOSING, MOUTHFUL, PAUSE, SessionDriver, is_busy
from citytech_tui.serve.journal import stamp, tell

if TYPE_CHECKING:
    from citytech_tui.serve.ssh import Connection

_FULL = 16_384
"""Bytes of input after which the client is told to wait, by SSH's flow control."""
_RESTING = 2.0
"""Seconds without a key after which a session is made small."""


class Session(asyncssh.SSHServerSession[bytes]):
    """A shell or a command; it ends with the channel, and nothing outlives it."""

    charset = "utf-8"

    def __init__(self, connection: Connection) -> None:
        """Nothing is asked for yet."""
        self._connection = connection
        self._service = connection.service
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._terminal: tuple[str, tuple[int, int]] | None = None
        self._command: str | None = None
        self._link = ""
        self._app: ServedApp | None = None
        self._driver: SessionDriver | None = None
        self._task: asyncio.Task[None] | None = None
        self._input = bytearray()
        self._pumping: asyncio.TimerHandle | None = None
        self._begun = self._rests = False
        self._client = Client.of("", {})
        self._speech = Speech(SOURCE)
        self._farewell = ""
        self._kind, self._end, self._status = "none", "left", 0
        self._began = time.time()
        self._received = self._sent = 0
        self.last_input = time.monotonic()
        self.ended: float | None = None

    # --- What the client asks for -------------------------------------------------------

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        """Take the channel; it keeps only the variables that are of use."""
        self._channel = chan
        chan._env = Environment()

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], term_modes: Any
    ) -> bool:
        """Accept a terminal."""
        self._terminal = (term_type, term_size[:2])
        return True

    def shell_requested(self) -> bool:
        """Accept; whether there is a terminal for it is said in the session."""
        return True

    def exec_requested(self, command: str) -> bool:
        """Accept a verb, or a link to the app; what is neither is refused in words."""
        if self._terminal is not None and self._service.offer.verbs.is_link(command):
            self._link = command
        else:
            self._command = command
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        """Refuse, SFTP too."""
        return False

    def session_started(self) -> None:
        """Run what was asked for, in the client's language."""
        self._connection.session_started()
        term = self._terminal[0] if self._terminal else ""
        channel = self._channel
        self._client = Client.of(term, channel._env if channel is not None else {})
        self._speech = speech_of(self._client.environ)
        if self._command is not None:
            name = self._service.offer.verbs.name_of(self._command)
            self._kind = f"command {name}"
            work: Coroutine[Any, Any, None] = self._run_command(self._command)
        else:
            self._kind = "app"
            work = self._run_app()
        with hearing(self._speech):
            refusal = self._service.admit(self)
            if refusal is not None:
                work.close()
                work = self._refuse(refusal)
            self._task = asyncio.create_task(self._run(work))

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:
        """Pass a new size on."""
        if self._terminal is not None:
            self._terminal = (self._terminal[0], (width, height))
        if self._driver is not None:
            self._driver.resize(bounded(width, height))

    def signal_received(self, signal: str) -> None:
        """End on whatever would end a program."""
        self.end("", f"signal {signal[:8]}")

    def data_received(self, data: bytes, datatype: Any) -> None:
        """Take keys; a command has no input."""
        self.last_input, self._rests = time.monotonic(), False
        self._received += len(data)
        if self._command is None:
            self._input += data
            self._pump()

    def eof_received(self) -> bool:
        """End the app, as no key can come any more; a command runs to its end."""
        if self._command is None and self._terminal is not None:
            self.end("", "end of input")
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """End at once: there is nobody any more."""
        self._channel = None
        if self._task is None:  # refused, or never asked for anything
            self._connection.session_ended()
        self.end("", "connection lost")

    def watch(self, now: float, idle_timeout: float) -> None:
        """End a session in which nothing is pressed; before that, make it small."""
        idle = now - self.last_input
        if idle > idle_timeout:
            minutes = max(1, round(idle_timeout / 60))
            with hearing(self._speech):
                words = plural(
                    "Nothing was pressed for {number} minute.",
                    "Nothing was pressed for {number} minutes.",
                    minutes,
                )
            self.end(words.format(number=minutes), "idle")
        elif idle > _RESTING and not self._rests and self._app is not None:
            self._rests = True
            self._app.forget_lines()

    # --- What the app needs of its carrier ----------------------------------------------

    @property
    def is_behind(self) -> bool:
        """Whether what was sent is still on its way."""
        channel = self._channel
        held = 0 if channel is None else channel.get_write_buffer_size()
        return held > 0 or self._connection.unsent > 0

    def send(self, data: bytes) -> None:
        """Send without waiting; what nobody can receive any more is dropped."""
        channel = self._channel
        if channel is None or channel.is_closing():
            return
        self._sent += len(data)
        channel.write(data)

    def ready(self, driver: SessionDriver) -> None:
        """Let the keys come."""
        self._driver = driver
        self._pump()

    def _pump(self) -> None:
        """Hand a mouthful of input to the app, if it has swallowed the one before."""
        driver, app = self._driver, self._app
        if self._pumping is None and driver is not None and app is not None and self._input:
            if not is_busy(app):
                mouthful = bytes(self._input[:MOUTHFUL])
                del self._input[:MOUTHFUL]
                driver.keyboard.feed(mouthful)
            if self._input:
                self._pumping = asyncio.get_running_loop().call_later(PAUSE, self._pump_on)
        if self._channel is not None and not self._channel.is_closing():
            if len(self._input) > _FULL:
                self._channel.pause_reading()
            else:
                self._channel.resume_reading()

    def _pump_on(self) -> None:
        self._pumping = None
        self._pump()

    # --- From beginning to end ----------------------------------------------------------

    def end(self, farewell: str, reason: str) -> None:
        """Let the app leave the terminal, then say farewell; the first reason counts."""
        if self._task is None or self.ended is not None or self._end != "left":
            return
        with hearing(self._speech):  # others end sessions too
            self._farewell, self._end = translated(farewell), reason
        if self._app is not None and self._app._running:
            self._app.exit()
            asyncio.get_running_loop().call_later(CLOSING, self._task.cancel)
        elif self._command is None and self._begun:
            self._task.cancel()

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        # A task that is cancelled before its first step would never come to an end here.
        self._begun = True
        try:
            if self._end == "left":
                await work
            else:
                work.close()
        except asyncio.CancelledError:
            self._status = 1
        except Exception:
            # Whatever it is, it is nobody else's business, and none of the client's.
            self._status, self._end = 1, "failed"
            tell_failure("session failed", self._connection.who)
        finally:
            self._finish()

    async def _run_app(self) -> None:
        if self._terminal is None:
            await self._refuse(_("CityTech needs a terminal: connect with `ssh -t`."))
            return
        client, size = self._client, self._terminal[1]
        self.charset = client.charset
        if not client.can_draw:
            await self._refuse(_("this is no terminal that the app can draw on."))
            return
        try:
            app = await self._service.offer.app(self, client, self._connection.who, self._link)
        except CityTechError as error:
            await self._refuse(_("error: {problem}").format(problem=error_text(error)))
            return
        self._app = app
        self.last_input = time.monotonic()
        await app.run_async(size=bounded(*size))
        self._status = app.return_code or 0
        if app.log_file.message:
            self._farewell, self._end = f"citytech-tui: error: {app.log_file.message}", "failed"

    async def _run_command(self, command: str) -> None:
        output, errors, self._status = await asyncio.to_thread(
            self._service.offer.verbs.run, command
        )
        self._end = "done"
        self._print(output)
        self._print(errors, EXTENDED_DATA_STDERR)

    async def _refuse(self, message: str) -> None:
        self._end, self._status = "refused", 1
        self._print(f"citytech-tui: {message}\n", EXTENDED_DATA_STDERR)

    def _print(self, text: str, datatype: int | None = None) -> None:
        channel = self._channel
        if not text or channel is None or channel.is_closing():
            return
        if self._terminal is not None:
            text = text.replace("\n", "\r\n")
        data = encode(text, self.charset)
        self._sent += len(data)
        channel.write(data, datatype)

    def _finish(self) -> None:
        if self._pumping is not None:
            self._pumping.cancel()
        if self._farewell:
            self._print(f"{self._farewell}\n")
        if self._channel is not None and not self._channel.is_closing():
            self._channel.exit(self._status)
        self._app = self._driver = None
        self._input.clear()
        self.ended = time.monotonic()
        self._service.dismiss(self)
        self._connection.session_ended()
        tell(
            "session",
            **self._connection.who,
            kind=self._kind,
            terminal=Client.of(self._terminal[0], {}).term if self._terminal else None,
            start=stamp(self._began),
            end=stamp(time.time()),
            received=self._received,
            sent=self._sent,
            reason=self._end,
            status=self._status,
        )


def tell_failure(event: str, who: dict[str, Any]) -> None:
    """Log the exception that is being handled."""
    import traceback

    tell(event, logging.ERROR, **who, traceback=traceback.format_exc())
