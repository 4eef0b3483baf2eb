"""A service on loopback, and clients of it with an emulated terminal."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import asyncssh

from citytech_tui import verbs
from citytech_tui.dataview import DataView
from citytech_tui.serve.journal import LOGGER
from citytech_tui.serve.limits import Limits
from citytech_tui.serve.links import load_view
from citytech_tui.serve.ssh import Service, Settings
from tests.tui.emulator import Emulator
from tests.tui.terminal import LIMIT

VERBS = verbs.READING
ALONE: dict[str, Any] = {"known_hosts": None, "config": None, "agent_path": None}
"""What keeps a client from the person's own keys and settings."""


@cache
def published() -> DataView:
    """Return the default dataset, loaded."""
    return load_view(None)


async def wait_until(holds: Callable[[], object], what: str = "") -> None:
    """Wait until something holds."""
    async with asyncio.timeout(LIMIT):
        while not holds():
            await asyncio.sleep(0.005)


@contextmanager
def logged() -> Iterator[list[dict[str, Any]]]:
    """Return the lines of the log as they come."""
    lines: list[dict[str, Any]] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append({"event": record.getMessage(), **getattr(record, "fields", {})})

    handler = Keep()
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        LOGGER.removeHandler(handler)


class Served(Service):
    """A service with its port, and what it has logged."""

    port: int
    lines: list[dict[str, Any]]

    def logged(self, event: str) -> list[dict[str, Any]]:
        """Return the lines about an event."""
        return [line for line in self.lines if line["event"] == event]


@asynccontextmanager
async def serving(
    folder: Path, *, authorized_keys: Path | None = None, **limits: Any
) -> AsyncIterator[Served]:
    """Serve on a free port of loopback; everybody may come in unless there are keys."""
    usual = {"max_per_address": 1000, "max_failures": 1_000_000}
    settings = Settings(
        port=0,
        authorized_keys=authorized_keys,
        anonymous=authorized_keys is None,
        host_key=folder / "host_key",
        limits=Limits(**(usual | limits)),
    )
    service = Served(settings, published(), "total", VERBS)
    with logged() as service.lines:
        try:
            service.port = await service.start()
            yield service
        finally:
            await service.stop()


@asynccontextmanager
async def connected(service: Served, **options: Any) -> AsyncIterator[asyncssh.SSHClientConnection]:
    """Connect to the service."""
    options = {"username": "guest", "client_keys": None, **ALONE, **options}
    async with asyncssh.connect("127.0.0.1", service.port, **options) as connection:
        yield connection


class Guest:
    """A terminal on which the app is shown."""

    def __init__(self, process: asyncssh.SSHClientProcess[bytes], size: tuple[int, int]) -> None:
        self.process = process
        self.screen = Emulator(*size)
        self.raw = b""
        self.charset = "utf-8"

    @property
    def text(self) -> str:
        """What the terminal shows."""
        return self.screen.text()

    async def read(self) -> bool:
        """Take in what came; False at the end."""
        data = await self.process.stdout.read(65536)
        self.raw += data
        self.screen.feed(data.decode(self.charset))
        return bool(data)

    async def until(self, holds: Callable[[], object], what: str = "") -> None:
        """Take in until something holds."""
        try:
            async with asyncio.timeout(LIMIT):
                while not holds():
                    assert await self.read(), f"ended before {what}:\n{self.text}"
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what or holds}:\n{self.text}") from None

    async def wait_for(self, text: str) -> None:
        """Take in until the terminal shows a text."""
        await self.until(lambda: text in self.text, repr(text))

    def send(self, keys: str | bytes) -> None:
        """Press keys."""
        self.process.stdin.write(keys.encode() if isinstance(keys, str) else keys)

    async def press(self, keys: str, text: str) -> None:
        """Press keys, then wait until the terminal shows a text."""
        self.send(keys)
        await self.wait_for(text)

    async def end(self) -> int | None:
        """Take in to the end; return the exit status."""
        async with asyncio.timeout(LIMIT):
            while await self.read():
                pass
            await self.process.wait_closed()
        return self.process.exit_status


async def shell(
    connection: asyncssh.SSHClientConnection,
    term: str = "xterm-256color",
    env: Mapping[str, str] | None = None,
    size: tuple[int, int] = (120, 40),
    **options: Any,
) -> Guest:
    """Ask for a shell on a terminal."""
    process = await connection.create_process(
        term_type=term, term_size=size, env=dict(env or {}), encoding=None, **options
    )
    return Guest(process, size)


@asynccontextmanager
async def visiting(
    service: Served,
    term: str = "xterm-256color",
    env: Mapping[str, str] | None = None,
    size: tuple[int, int] = (120, 40),
    **options: Any,
) -> AsyncIterator[Guest]:
    """Connect, and wait until the app is shown."""
    async with connected(service, **options) as connection:
        guest = await shell(connection, term, env, size)
        await guest.wait_for("q quit" if size[0] > 100 else "CityTech")
        yield guest
