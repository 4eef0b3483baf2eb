"""One session that nobody sees, before the first client: it imports and fills what all share."""

from __future__ import annotations

import asyncio
import gc

from citytech_data.errors import CityTechError
from citytech_tui.serve.app import ServedApp
from citytech_tui.serve.client import Client
from citytech_tui.serve.driver import SessionDriver, backlog
from citytech_tui.serve.offer import Offer

# Each tab, an explanation, the help, the palette.
_KEYS = ("1", "3", "4", "5", "i", "\x1b[27u", "2", "?", "\x1b[27u", "s", "\x1b[27u", "\x10", "q")
_PATIENCE = 60.0
_GLANCE = 0.005
_QUIET = 2
"""Glances in a row that find nothing to do."""
# Objects made before young ones are looked through, and rounds before the old ones are. With a
# hundred sessions a full round takes a tenth of a second, in which nobody is answered.
_THRESHOLDS = (20_000, 50, 1_000)


class _Nowhere:
    """Takes what is drawn to no terminal."""

    charset = "utf-8"
    is_behind = False

    def __init__(self) -> None:
        self.driver: SessionDriver | None = None

    def send(self, data: bytes) -> None:
        """Send nothing."""

    def ready(self, driver: SessionDriver) -> None:
        """Remember whom to give keys."""
        self.driver = driver


async def rehearse(offer: Offer) -> None:
    """Run a session through the tabs, then settle the garbage collector.

    Raises:
        CityTechError: if the app does not run.
    """
    carrier = _Nowhere()
    app = await offer.app(carrier, Client.of("xterm-256color", {}), {"kind": "rehearsal"})
    task = asyncio.create_task(app.run_async(size=(120, 40)))
    async with asyncio.timeout(_PATIENCE):
        for key in _KEYS:
            await _settled(app, task)
            if carrier.driver is not None and not task.done():
                carrier.driver.keyboard.feed(key.encode())
        await _settled(app, task)
        app.exit()
        await task
    if app.log_file.message:
        raise CityTechError(app.log_file.message)
    del app, task, carrier
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


async def _settled(app: ServedApp, task: asyncio.Task[object]) -> None:
    """Wait until the app has nothing to do."""
    quiet = 0
    while quiet < _QUIET and not task.done():
        await asyncio.sleep(_GLANCE)
        still = app._dom_ready and app.is_drawn and not backlog(app)
        quiet = quiet + 1 if still else 0
