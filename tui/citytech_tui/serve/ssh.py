"""The SSH server: who comes in, what each may ask for, and the end of all."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from citytech_data.errors import CityTechError
from citytech_tui.dataview import DataView
from citytech_tui.language import N_, _
from citytech_tui.serve.journal import cannot_listen, start_logging, tell
from citytech_tui.serve.keys import AuthorizedKeys, WatchedKeys, host_key
from citytech_tui.serve.limits import Doorkeeper, Limits, party_of
from citytech_tui.serve.offer import Offer
from citytech_tui.serve.rehearsal import rehearse
from citytech_tui.serve.session import Session

# Fast and sound. Hybrids with post-quantum exchanges cost a connection 75 ms. ChaCha20-Poly1305,
# which clients would prefer, takes eight times as long for a packet as AES-GCM does, and is open to
# prefix truncation (CVE-2023-48795) where a client knows no strict key exchange.
_ALGORITHMS = {
    "kex_algs": ["curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256"],
    "encryption_algs": [
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "aes128-ctr",
        "aes256-ctr",
    ],
    "mac_algs": ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256"],
    # The app sends little, and what a client compresses can be a bomb.
    "compression_algs": ["none"],
}
_MOST_TRIES = 10
"""Keys that a client may offer on one connection."""
_UNSENT = 16_384
"""Bytes that the kernel keeps of what is not yet on the wire, so that it is known early."""
_MOST_UNSENT = 4_000_000
_WINDOW = 65_536
_KEEPALIVE = 15
_LINGER = 5.0
"""Seconds that a connection may stay after its session."""
_STOPPING = 3.0
_COLLECTED_AFTER = 20
"""Sessions that end before their remains are collected."""


@dataclass(frozen=True)
class Settings:
    """How the service is run."""

    host: str = "127.0.0.1"
    port: int = 2222
    authorized_keys: Path | None = None
    anonymous: bool = False
    host_key: Path | None = None
    limits: Limits = field(default_factory=Limits)

    def check(self) -> None:
        """Refuse settings by which nobody or, unsaid, everybody could come in.

        Raises:
            CityTechError: naming the remedy.
        """
        if self.anonymous == (self.authorized_keys is not None):
            words = _("say who may connect: --authorized-keys FILE, or --anonymous for everybody.")
            if self.anonymous:
                words = _(
                    "say who may connect: --authorized-keys FILE, or --anonymous for everybody, "
                    "not both."
                )
            raise CityTechError(words)


class Connection(asyncssh.SSHServer):
    """One client: lets it in, and gives it one session at a time."""

    def __init__(self, service: Service) -> None:
        """Wait for the client."""
        self.service = service
        self._conn: asyncssh.SSHServerConnection | None = None
        self._transport: Any = None
        self._party = ""
        self._counted = self._authenticated = False
        self._offered = 0
        self._key: str | None = None
        self._user = ""
        self._address: tuple[str, int] = ("", 0)
        self._session: Session | None = None
        self._dropped_at: float | None = None

    @property
    def who(self) -> dict[str, Any]:
        """Who is there, for the log."""
        address, port = self._address
        return {"address": address, "port": port, "user": self._user, "key": self._key}

    @property
    def unsent(self) -> int:
        """How many bytes the network has not yet taken."""
        transport = self._transport
        return 0 if transport is None else transport.get_write_buffer_size()

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Count the client, or send it away."""
        self._conn, self._transport = conn, conn._transport
        self._address = conn.get_extra_info("peername", ("", 0))[:2]
        self._party = party_of(self._address[0])
        door = self.service.door
        refusal = door.refusal(self._party, time.monotonic())
        door.enter(self._party)
        self.service.connections.add(self)
        self._counted = True
        if refusal is not None:
            tell("refused", **self.who, reason=refusal)
            self._authenticated = True  # no login that failed
            code = asyncssh.DISC_TOO_MANY_CONNECTIONS
            asyncio.get_running_loop().call_soon(conn.disconnect, code, refusal)
            return
        sock = conn.get_extra_info("socket")
        if sock is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the client no more."""
        if self._counted:
            self._counted = False
            self.service.door.leave(self._party)
            self.service.connections.discard(self)
            if not self._authenticated:
                self.service.door.fail(self._party, time.monotonic())
                tell("login failed", **self.who, reason=type(exc).__name__ if exc else "left")
        self._conn = self._transport = None

    def begin_auth(self, username: str) -> bool:
        """Ask for a key, unless everybody may come in."""
        self._user = username[:64]
        keys = self.service.authorized_keys
        if keys is None:
            return False
        current = keys.current
        if current is not None and self._conn is not None:
            self._conn.set_authorized_keys(WatchedKeys(current, self._key_offered))
        return True

    def public_key_auth_supported(self) -> bool:
        """Accept keys, or nobody."""
        return True

    def auth_completed(self) -> None:
        """Give the client time to ask for something."""
        self._authenticated = True
        self._dropped_at = time.monotonic() + self.service.door.limits.login_grace

    def _key_offered(self, fingerprint: str, known: bool) -> None:
        self._key = fingerprint
        self._offered += 1
        if not known and self._offered >= _MOST_TRIES and self._conn is not None:
            tell("refused", **self.who, reason="too many keys")
            self._conn.abort()

    def session_requested(self) -> Session | bool:
        """Give the client a session if it has none."""
        if self._session is not None:
            return False
        self._session = Session(self)
        return self._session

    def session_started(self) -> None:
        """Stop waiting: the client has asked for something."""
        self._dropped_at = None

    def session_ended(self) -> None:
        """Wait for another session, but not long."""
        self._session, self._dropped_at = None, time.monotonic() + _LINGER

    def watch(self, now: float) -> None:
        """End what has lasted too long or holds too much."""
        conn, session, limits = self._conn, self._session, self.service.door.limits
        if conn is None:
            return
        lingers = self._dropped_at is not None and now > self._dropped_at
        if lingers or self.unsent > _MOST_UNSENT:
            conn.abort()
        elif session is not None:
            session.watch(now, limits.idle_timeout)

    def close(self) -> None:
        """Close the connection, what is under way included."""
        if self._conn is not None:
            self._conn.close()

    def abort(self) -> None:
        """Drop the connection."""
        if self._conn is not None:
            self._conn.abort()


class Service:
    """Sessions of many clients over one dataset."""

    def __init__(
        self,
        settings: Settings,
        view: DataView,
        tab: str,
        verbs: Mapping[Callable[..., Any], str],
    ) -> None:
        """Serve `view`, which must have its dataset loaded; `verbs` are what exec may run.

        Raises:
            CityTechError: if the settings are wrong or a key is missing.
        """
        settings.check()
        self._settings = settings
        self.offer = Offer(view, tab, verbs)
        self.door = Doorkeeper(settings.limits)
        self.connections: set[Connection] = set()
        self.sessions: set[Session] = set()
        path = settings.authorized_keys
        self.authorized_keys = None if path is None else AuthorizedKeys(path)
        self._host_key = host_key(settings.host_key)
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._watching: asyncio.Task[None] | None = None
        self._dismissed = 0

    async def start(self) -> int:
        """Accept clients; return the port.

        Raises:
            CityTechError: if the address cannot be used.
        """
        settings = self._settings
        try:
            self._acceptor = await asyncssh.listen(
                settings.host,
                settings.port,
                server_factory=lambda: Connection(self),
                server_host_keys=[self._host_key],
                server_version="CityTech",
                config=None,
                encoding=None,
                line_editor=False,
                window=_WINDOW,
                login_timeout=settings.limits.login_grace,
                keepalive_interval=_KEEPALIVE,
                password_auth=False,
                kbdint_auth=False,
                host_based_auth=False,
                gss_host=None,
                agent_forwarding=False,
                x11_forwarding=False,
                allow_scp=False,
                **_ALGORITHMS,
            )
        except OSError as error:
            raise cannot_listen(settings.host, settings.port, error) from None
        self._watching = asyncio.create_task(self._watch())
        port = self._acceptor.get_port()
        fingerprint = self._host_key.get_fingerprint()
        tell("listening", host=settings.host, port=port, host_key=fingerprint)
        return port

    def admit(self, session: Session) -> str | None:
        """Count a session; return why it may not begin, or None."""
        full = self.door.is_full
        self.sessions.add(session)
        self.door.sessions = len(self.sessions)
        return _("all places are taken; please come back later.") if full else None

    def dismiss(self, session: Session) -> None:
        """Count a session no more, and collect what sessions leave behind."""
        self.sessions.discard(session)
        self.door.sessions = len(self.sessions)
        self._dismissed += 1
        # Full collections cost time in proportion to the sessions that live.
        if self._dismissed >= _COLLECTED_AFTER + len(self.sessions) // 4 or not self.sessions:
            self._dismissed = 0
            asyncio.get_running_loop().call_later(0.1, gc.collect)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(1)
            for connection in list(self.connections):
                connection.watch(time.monotonic())

    async def stop(self, message: str = N_("CityTech is being stopped.")) -> None:
        """Tell everybody, and close within 5 seconds."""
        if self._acceptor is not None:
            self._acceptor.close()
        for session in list(self.sessions):
            session.end(message, "stopped")
        end = time.monotonic() + _STOPPING
        while self.sessions and time.monotonic() < end:
            await asyncio.sleep(0.02)
        for connection in list(self.connections):
            connection.close()
        end = time.monotonic() + 1
        while self.connections and time.monotonic() < end:
            await asyncio.sleep(0.02)
        for connection in list(self.connections):
            connection.abort()
        await asyncio.sleep(0.02)
        if self._watching is not None:
            self._watching.cancel()

    async def run(self) -> None:
        """Serve until a signal ends it."""
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, stopped.set)
        loop.set_exception_handler(_failed)
        await rehearse(self.offer)
        await self.start()
        await stopped.wait()
        await self.stop()
        tell("stopped")


def run(
    settings: Settings, view: DataView, tab: str, verbs: Mapping[Callable[..., Any], str]
) -> int:
    """Serve until a signal ends it; return the exit status.

    Raises:
        CityTechError: if the service cannot start.
    """
    start_logging()
    service = Service(settings, view, tab, verbs)
    asyncio.run(service.run())
    return 0


def _failed(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    import traceback

    text = "".join(traceback.format_exception(error)) if error is not None else None
    tell("failed", logging.ERROR, message=context.get("message"), traceback=text)
