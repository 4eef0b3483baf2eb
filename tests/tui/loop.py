"""An event loop that tells when it has nothing more to do."""

from __future__ import annotations

import asyncio
import selectors

from tests.tui.terminal import LIMIT

FRAME = 0.002
"""Seconds after which the app draws what has changed; 1/60 would only make the tests slower."""
_SOON = 4 * FRAME
_WORD_OF_THREADS = 0.001


class _Selector(selectors.DefaultSelector):
    """Is asked for as long as the loop can wait: until its next timer, or for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.asking: list[asyncio.Future[None]] = []

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not self.asking or (timeout is not None and timeout < _SOON):
            return super().select(timeout)
        events = super().select(_WORD_OF_THREADS)
        if not events:
            for asking in self.asking:
                if not asking.done():
                    asking.set_result(None)
            self.asking.clear()
        return events


class Loop(asyncio.SelectorEventLoop):
    """Runs as any other."""

    def __init__(self) -> None:
        self._watched = _Selector()
        super().__init__(self._watched)

    async def idle(self) -> None:
        """Wait until there is nothing to do now or in the next frames."""
        idle = self.create_future()
        self._watched.asking.append(idle)
        async with asyncio.timeout(LIMIT):
            await idle


async def idle(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Let the app work until it has nothing to do now or in the next frames.

    Takes the place of Textual's own function, which watches the clock: it takes 80 ms for a key,
    and on a busy machine it takes a process that gets no time for an idle one.
    """
    loop = asyncio.get_running_loop()
    assert isinstance(loop, Loop)
    await loop.idle()


async def all_taken(pilot: object, timeout: float = LIMIT) -> bool:
    """Let the app take all messages, as an idle loop has none left.

    Takes the place of what Textual's pilot does: it sends each widget a message, to see it taken.
    """
    await idle()
    return True
