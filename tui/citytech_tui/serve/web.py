"""The app in a browser: a page with a terminal, and a session behind each that is open.

The terminal in the page is that of textual-serve; everything comes from this server. The sessions
are those of `serve ssh`: kiosks, all in one process.
"""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import time
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web

from citytech_data.errors import CityTechError, quoted
from citytech_tui.dataview import DataView
from citytech_tui.language import Speech, _, hearing, speak_as, spoken
from citytech_tui.selection import Selection, Slice
from citytech_tui.serve.app import ServedApp, surroundings_of
from citytech_tui.serve.client import Client, bounded, speech_of
from citytech_tui.serve.driver import SessionDriver, backlog
from citytech_tui.serve.journal import cannot_listen, stamp, start_logging, tell
from citytech_tui.serve.limits import Doorkeeper, Limits, party_of
from citytech_tui.serve.rehearsal import rehearse

_MOUTHFUL = 256
"""Characters of input that are handled at once, so that nobody's paste holds up the others."""
_MOST_WAITING = 16
_PAUSE = 0.01
_LONGEST_MESSAGE = 64 * 1024
_HEARTBEAT = 20.0
_CLOSING = 5.0
_GOODBYE = 1.0
"""Seconds in which a page may answer that it is closed; its place is taken until then."""
_SCHEMES = ("http", "https")
_FULL = 1013
"""The code of WebSocket for: come back later."""
_CLIENT = Client.of("xterm-256color", {b"COLORTERM": b"truecolor"})
# Nothing but what this server sends; the terminal sets styles of its elements.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Settings:
    """Where to listen and whom to let in.

    `origins` are the addresses, such as `https://cities.example.org`, under which a proxy offers
    the page, beside the server's own.
    """

    host: str
    port: int
    origins: frozenset[str]
    limits: Limits

    def check(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            CityTechError: naming the option.
        """
        for origin in self.origins:
            parts = urlsplit(origin)
            if f"{parts.scheme}://{parts.netloc}" != origin or parts.scheme not in _SCHEMES:
                words = _(
                    "--origin is an address without a path, as https://cities.example.org, "
                    "not {origin}."
                )
                raise CityTechError(words.format(origin=quoted(origin)))


class WebSession:
    """One page that is open: the app, drawn on its terminal."""

    charset = "utf-8"

    def __init__(self, service: Service, request: web.Request) -> None:
        """Take the request; nothing is answered yet."""
        self._service, self._request = service, request
        self._socket = web.WebSocketResponse(
            timeout=_GOODBYE, heartbeat=_HEARTBEAT, max_msg_size=_LONGEST_MESSAGE
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
        speak_as(_speech(self._request))
        size = [_number(self._request.query.get(name)) for name in ("width", "height")]
        app = self._app = ServedApp(
            self._service.view,
            self._service.selection,
            self._service.tab,
            client=_CLIENT,
            carrier=self,
            surroundings=surroundings_of(_CLIENT, self._keep_crash),
        )
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
        self._tell(reason, app)
        return self._socket

    async def _end(
        self, app: ServedApp, running: asyncio.Task[Any], others: tuple[asyncio.Task[Any], ...]
    ) -> None:
        if not running.done():
            app.exit()
            await asyncio.wait((running,), timeout=_CLOSING)
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
        for start in range(0, len(text), _MOUTHFUL):
            while backlog(self._app) > _MOST_WAITING:
                await asyncio.sleep(_PAUSE)
            if self._driver is not None:
                piece = text[start : start + _MOUTHFUL]
                self._driver.keyboard.feed(piece.encode("utf-8", "replace"))

    def _keep_crash(self, text: str) -> str:
        tell("app failed", logging.ERROR, address=self.address, traceback=text)
        return _("The operator's log has the details.")

    def _tell(self, reason: str, app: ServedApp) -> None:
        tell(
            "session",
            address=self.address,
            kind="web",
            start=stamp(self._began),
            end=stamp(time.time()),
            received=self._received,
            sent=self._sent,
            reason="failed" if app.log_file.message else reason,
        )


async def _outcome(*tasks: asyncio.Task[str]) -> str:
    """Return why a page is served no longer."""
    for task in tasks:
        if task.done():
            error = task.exception()
            if isinstance(error, ValueError):
                return "refused"
            return "connection lost" if error is not None else task.result()
    return "connection lost"


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else 0


class Service:
    """The server, its page and its sessions."""

    def __init__(self, settings: Settings, view: DataView, tab: str) -> None:
        """Prepare to serve `view`."""
        self.settings, self.view, self.tab = settings, view, tab
        self.selection = Selection(Slice(view.year))
        self._door = Doorkeeper(settings.limits)
        self._sessions: set[asyncio.Task[Any]] = set()
        self._page = Template((Path(__file__).parent / "page/index.html").read_text("utf-8"))

    def application(self) -> web.Application:
        """Return what answers requests: a page, its files, and the way of its terminal."""
        application = web.Application(middlewares=[_guarded])
        application.router.add_get("/", self._index)
        application.router.add_get("/ws", self._socket)
        application.router.add_static("/static", _static(), name="static")
        application.router.add_static("/page", Path(__file__).parent / "page", name="page")
        application.on_shutdown.append(self._stop)
        return application

    async def _index(self, request: web.Request) -> web.Response:
        if not self._is_known(request.host):
            raise web.HTTPForbidden(
                text=f"This server does not know itself as {request.host}: "
                f"start it with --origin http://{request.host}\n"
            )
        scheme = "wss" if f"https://{request.host}" in self.settings.origins else "ws"
        address = f"{scheme}://{request.host}/ws"
        size = min(max(_number(request.query.get("fontsize")) or 16, 8), 40)
        with hearing(_speech(request)):
            text = self._page.substitute(
                address=escape(address),
                size=size,
                language=spoken(),
                ended=_("The session has ended."),
                again=_("Start again"),
            )
        return web.Response(text=text, content_type="text/html")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        party = party_of(request.remote or "")
        refusal = self._refusal(request)
        if refusal is not None:
            tell("refused", logging.WARNING, address=request.remote, reason=refusal)
            raise web.HTTPForbidden(text=f"{refusal}\n")
        if self._door.is_full or self._door.refusal(party, time.monotonic()):
            tell("refused", logging.WARNING, address=request.remote, reason="full")
            return await _full(request)
        session = WebSession(self, request)
        task = asyncio.current_task()
        assert task is not None
        self._door.enter(party)
        self._sessions.add(task)
        self._door.sessions = len(self._sessions)
        try:
            return await session.run()
        finally:
            self._door.leave(party)
            self._sessions.discard(task)
            self._door.sessions = len(self._sessions)

    def _refusal(self, request: web.Request) -> str | None:
        """Return why a page may not open a session: only this server's own pages may."""
        origin = request.headers.get("Origin", "")
        own = origin == f"http://{request.host}" and self._is_known(request.host)
        if own or origin in self.settings.origins:
            return None
        return "a page of another site may not connect"

    def _is_known(self, host: str) -> bool:
        """Return whether `host` is this server, and no name that another site lets point to it."""
        name = urlsplit(f"//{host}").hostname or ""
        if name in ("localhost", self.settings.host):
            return True
        if any(urlsplit(origin).netloc == host for origin in self.settings.origins):
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True

    async def _stop(self, application: web.Application) -> None:
        for task in list(self._sessions):
            task.cancel()
        if self._sessions:
            await asyncio.wait(self._sessions, timeout=_CLOSING)

    async def run(self) -> None:
        """Serve until a signal ends it.

        Raises:
            CityTechError: if the address cannot be used.
        """
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, stopped.set)
        await rehearse(self.view, self.selection, self.tab)
        runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=_CLOSING)
        await runner.setup()
        host, port = self.settings.host, self.settings.port
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            raise cannot_listen(host, port, error) from None
        tell("listening", host=host, port=runner.addresses[0][1])
        await stopped.wait()
        await runner.cleanup()
        tell("stopped")


@web.middleware
async def _guarded(request: web.Request, handler: Any) -> web.StreamResponse:
    """Send with everything what a browser may do with it."""
    try:
        response: web.StreamResponse = await handler(request)
    except web.HTTPException as error:
        error.headers.update(_HEADERS)
        raise
    if not response.prepared:
        response.headers.update(_HEADERS)
    return response


def _speech(request: web.Request) -> Speech:
    """Return the language that a browser asks for first, with its way to write numbers."""
    preferred = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip()
    return speech_of({"LANG": f"{preferred.replace('-', '_')}.UTF-8"})


async def _full(request: web.Request) -> web.WebSocketResponse:
    """Tell a page that all places are taken; of a refused request it would not see why."""
    socket = web.WebSocketResponse(timeout=_GOODBYE)
    await socket.prepare(request)
    with hearing(_speech(request)):
        await socket.send_bytes(_("All places are taken; please come back later.").encode())
    await socket.close(code=_FULL)
    return socket


def _static() -> Path:
    spec = find_spec("textual_serve")
    if spec is None or not spec.submodule_search_locations:
        raise CityTechError(_("textual-serve is not installed"))
    return Path(spec.submodule_search_locations[0]) / "static"


def run(settings: Settings, view: DataView, tab: str) -> int:
    """Serve until a signal ends it; return the exit status.

    Raises:
        CityTechError: if the service cannot start.
    """
    start_logging()
    asyncio.run(Service(settings, view, tab).run())
    return 0
