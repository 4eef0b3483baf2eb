"""One page of a browser that is open: the app, drawn on its terminal."""

from __future__ import annotations

import asyncio
import json
import shlex
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import WSMsgType, web

from citytech_data.errors import CityTechError
from citytech_tui.language import Speech, _, error_text, speak_as
from citytech_tui.serve.app import ServedApp
from citytech_tui.serve.client import Client, bounded, speech_of
from citytech_tui.serve.driver import CLOSING, MOUTHFUL, PAUSE, SessionDriver, is_busy
from citytech_tui.serve.journal import stamp, tell

if TYPE_CHECKING:
    from citytech_tui.serve.web import Service

GOODBYE = 1.0
"""Seconds in which a page may answer that it is closed; its place is taken until then."""
_LONGEST_MESSAGE = 64 * 1024
_HEARTBEAT = 20.0
_DIGITS = 5
_CLIENT = Client.of("xterm-256color", {b"COLORTERM": b"truecolor"})


class WebSession:
    """One page that is open: the app, drawn on its terminal."""

    charset = "utf-8"

    def __init__(self, service: Service, request: web.Request) -> None:
        """Take the request; nothing is answered yet."""
        self._service, self._request = service, request
        self._socket = web.WebSocketResponse(
            timeout=GOODBYE, heartbeat=_HEARTBEAT, max_msg_size=_LONGEST_MESSAGE
        )
        self._outgoing: asyncio.Queue[bytes] = asyncio.Queue()
        self._driver: SessionDriver | None = None
        self._ready = asyncio.Event()
        self._last_input = time.monotonic()
        self._began = time.time()
        self._sent = self._received = 0
        self.address = request.remote or ""

    # --- What the app needs of its carrier ----------------------------------------------

    @property
    def is_behind(self) -> bool:
        """Whether what was sent is still on its way."""
        transport = self._request.transport
        # Gone is not behind: what is written then is dropped.
        return transport is not None and (
            not self._outgoing.empty() or transport.get_write_buffer_size() > 0
        )

    def send(self, data: bytes) -> None:
        """Send without waiting."""
        self._sent += len(data)
        self._outgoing.put_nowait(data)

    def ready(self, driver: SessionDriver) -> None:
        """Let the keys come."""
        self._driver = driver
        self._ready.set()

    # --- From beginning to end ----------------------------------------------------------

    async def run(self) -> web.WebSocketResponse:
        """Serve the page until it is closed, left, or idle for too long."""
        await self._socket.prepare(self._request)
        # What this task and those that it starts show is in the browser's language.
        speak_as(speech_for(self._request))
        size = [whole_number(self._request.query.get(name)) for name in ("width", "height")]
        link = line_of(parse_qsl(self._request.match_info.get("link", ""), keep_blank_values=True))
        try:
            app = await self._service.offer.app(self, _CLIENT, {"address": self.address}, link)
        except CityTechError as error:
            await self._refuse(error)
            return self._socket
        self._app = app
        running = asyncio.create_task(app.run_async(size=bounded(size[0], size[1])))
        writing = asyncio.create_task(self._write())
        reading = asyncio.create_task(self._read())
        try:
            done, _ = await asyncio.wait(
                (running, writing, reading), return_when=asyncio.FIRST_COMPLETED
            )
            reason = "left" if running in done else await _outcome(reading, writing)
        except asyncio.CancelledError:
            reason = "stopped"
        await self._end(app, running, (reading, writing))
        self._tell("failed" if app.log_file.message else reason)
        return self._socket

    async def _refuse(self, error: CityTechError) -> None:
        """Say on the page why what it links to cannot be opened."""
        words = _("error: {problem}").format(problem=error_text(error))
        data = f"citytech-tui: {words}\r\n".encode()
        self._sent += len(data)
        await self._socket.send_bytes(data)
        await self._socket.close()
        self._tell("refused")

    async def _end(
        self, app: ServedApp, running: asyncio.Task[Any], others: tuple[asyncio.Task[Any], ...]
    ) -> None:
        if not running.done():
            app.exit()
            await asyncio.wait((running,), timeout=CLOSING)
        for task in (running, *others):
            task.cancel()
        await asyncio.gather(running, *others, return_exceptions=True)
        await self._socket.close()

    async def _write(self) -> str:
        while True:
            data = await self._outgoing.get()
            await self._socket.send_bytes(data)

    async def _read(self) -> str:
        await self._ready.wait()
        while True:
            idle = self._service.settings.limits.idle_timeout
            left = self._last_input + idle - time.monotonic()
            try:
                message = await self._socket.receive(timeout=max(left, 0.001))
            except TimeoutError:
                return "idle"
            if message.type is not WSMsgType.TEXT:
                return "connection lost"
            self._received += len(message.data)
            await self._take(json.loads(message.data))

    async def _take(self, message: Any) -> None:
        """Handle a message of the page: a list of its kind and its content."""
        match message:
            case ["stdin", str(text)]:
                self._last_input = time.monotonic()
                await self._feed(text)
            case ["resize", {"width": int(width), "height": int(height)}]:
                if self._driver is not None:
                    self._driver.resize(bounded(max(0, width), max(0, height)))
            case ["ping", (str() | int() | float()) as content]:
                await self._socket.send_json(["pong", content])
            case ["focus" | "blur", *_]:
                pass
            case _:
                raise ValueError("the page has sent what it never sends")

    async def _feed(self, text: str) -> None:
        for start in range(0, len(text), MOUTHFUL):
            while is_busy(self._app):
                await asyncio.sleep(PAUSE)
            if self._driver is not None:
                piece = text[start : start + MOUTHFUL]
                self._driver.keyboard.feed(piece.encode("utf-8", "replace"))

    def _tell(self, reason: str) -> None:
        tell(
            "session",
            address=self.address,
            kind="web",
            start=stamp(self._began),
            end=stamp(time.time()),
            received=self._received,
            sent=self._sent,
            reason=reason,
        )


def line_of(link: Iterable[tuple[str, str]]) -> str:
    """Return the command line that says what a page's address does: `?tab=density&printed`."""
    return shlex.join(f"--{name}={value}" if value else f"--{name}" for name, value in link)


async def _outcome(*tasks: asyncio.Task[str]) -> str:
    """Return why a page is served no longer."""
    for task in tasks:
        if task.done():
            error = task.exception()
            if isinstance(error, ValueError):
                return "refused"
            return "connection lost" if error is not None else task.result()
    return "connection lost"


def whole_number(text: str | None) -> int:
    """Return the number that a text is, 0 if it is none, or none that is meant."""
    is_number = text is not None and text.isascii() and text.isdigit() and len(text) <= _DIGITS
    return int(text) if text is not None and is_number else 0


def speech_for(request: web.Request) -> Speech:
    """Return the language that a browser asks for first, with its way to write numbers."""
    preferred = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    return speech_of({"LANG": f"{preferred.replace('-', '_')}.UTF-8"})
