"""The app in a browser: a page with a terminal, and a session behind each that is open.

The terminal in the page is that of textual-serve; everything comes from this server. The sessions
are those of `serve ssh`: kiosks, all in one process.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import web

from citytech_data.errors import CityTechError, quoted
from citytech_tui.dataview import DataView
from citytech_tui.language import _, hearing, spoken
from citytech_tui.serve.driver import CLOSING
from citytech_tui.serve.journal import cannot_listen, start_logging, tell
from citytech_tui.serve.limits import Doorkeeper, Limits, party_of
from citytech_tui.serve.offer import Offer
from citytech_tui.serve.rehearsal import rehearse
from citytech_tui.serve.websession import GOODBYE, WebSession, speech_for, whole_number

_SCHEMES = ("http", "https")
_FULL = 1013
"""The code of WebSocket for: come back later."""
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


class Service:
    """The server, its page and its sessions."""

    def __init__(self, settings: Settings, view: DataView, tab: str) -> None:
        """Prepare to serve `view`, which must have its dataset loaded."""
        self.settings = settings
        self.offer = Offer(view, tab)  # no verbs: none is run from a page
        self._door = Doorkeeper(settings.limits)
        self._sessions: set[asyncio.Task[Any]] = set()
        self._runner: web.AppRunner | None = None
        self._page = Template((Path(__file__).parent / "page/index.html").read_text("utf-8"))

    def application(self) -> web.Application:
        """Return what answers requests: a page, its files, and the way of its terminal."""
        application = web.Application(middlewares=[_guarded])
        application.router.add_get("/", self._index)
        application.router.add_get("/ws", self._socket)
        application.router.add_get("/ws/{link:.*}", self._socket)
        application.router.add_static("/static", _static(), name="static")
        application.router.add_static("/page", Path(__file__).parent / "page", name="page")
        application.on_shutdown.append(self._end_sessions)
        return application

    async def _index(self, request: web.Request) -> web.Response:
        if not self._is_known(request.host):
            raise web.HTTPForbidden(
                text=f"This server does not know itself as {request.host}: "
                f"start it with --origin http://{request.host}\n"
            )
        scheme = "wss" if f"https://{request.host}" in self.settings.origins else "ws"
        # The page's script adds a query of its own, so that of the page goes into the path.
        link = quote(urlencode([*_linked(request)]), safe="")
        address = f"{scheme}://{request.host}/ws/{link}".rstrip("/")
        size = min(max(whole_number(request.query.get("fontsize")) or 16, 8), 40)
        with hearing(speech_for(request)):
            text = self._page.substitute(
                address=escape(address),
                size=size,
                language=spoken(),
                ended=_("The session has ended."),
                again=_("Start again"),
                here=escape(str(request.rel_url)),
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

    async def _end_sessions(self, application: web.Application) -> None:
        for task in list(self._sessions):
            task.cancel()
        if self._sessions:
            await asyncio.wait(self._sessions, timeout=CLOSING)

    async def start(self) -> int:
        """Accept pages; return the port.

        Raises:
            CityTechError: if the address cannot be used.
        """
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=CLOSING)
        await self._runner.setup()
        host, port = self.settings.host, self.settings.port
        site = web.TCPSite(self._runner, host, port)
        try:
            await site.start()
        except OSError as error:
            await self.stop()
            raise cannot_listen(host, port, error) from None
        port = int(self._runner.addresses[0][1])
        tell("listening", host=host, port=port)
        return port

    async def stop(self) -> None:
        """End all sessions, and close."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def run(self) -> None:
        """Serve until a signal ends it."""
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, stopped.set)
        await rehearse(self.offer)
        await self.start()
        await stopped.wait()
        await self.stop()
        tell("stopped")


def _linked(request: web.Request) -> Iterator[tuple[str, str]]:
    """Yield what an address says of what is to be opened."""
    return ((name, value) for name, value in request.query.items() if name != "fontsize")


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


async def _full(request: web.Request) -> web.WebSocketResponse:
    """Tell a page that all places are taken; of a refused request it would not see why."""
    socket = web.WebSocketResponse(timeout=GOODBYE)
    await socket.prepare(request)
    with hearing(speech_for(request)):
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
