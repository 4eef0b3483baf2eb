"""Keys are taken in the order in which they were pressed, however fast they come.

Textual sends a key through the queues of the widgets around the focus and asks the bindings last;
meanwhile the next key can reach what has the focus until then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from textual import events
from textual.app import App
from textual.screen import Screen
from textual.widget import Widget

from citytech_tui.widgets.painted import Painted

_MOST_TURNS = 50
"""Of the event loop; more would be waited for in vain."""
_PATIENCE = 1.0
"""Seconds that a screen may take to open before a key goes to what there is."""


async def take_key(
    app: App[Any], event: events.Key, forward: Callable[[events.Key], Awaitable[None]]
) -> None:
    """Do what a key is bound to, else let `forward` send it on; return when that is done."""
    if event.is_forwarded or not app.app_focus or not app.screen_stack:
        await forward(event)
        return
    await _mounted(app.screen)
    focused = app.focused
    if focused is None or not focused.check_consume_key(event.key, event.character):
        await _emptied(focused)
        for priority in (True, False) if _has_priority(app, event.key) else (False,):
            if await app._check_bindings(event.key, priority=priority):
                await _emptied(focused)
                return
    await forward(event)
    await _emptied(focused)


def _has_priority(app: App[Any], key: str) -> bool:
    """Whether a key has a binding that goes before all others, as few have."""
    nodes = (app.focused or app.screen).ancestors_with_self
    bound = (node._bindings.key_to_bindings.get(key, ()) for node in nodes)
    return any(binding.priority for bindings in bound for binding in bindings)


async def _mounted(screen: Screen[Any]) -> None:
    """Let a screen that was just opened show what takes the key."""
    if not screen._mounted_event.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await screen._mounted_event.wait()


async def _emptied(widget: Widget | None) -> None:
    """Let a widget take what was sent to it, and what is around it what that led to.

    What is painted does at once what a key is bound to, so nothing is waited for.
    """
    if widget is None or isinstance(widget, Painted):
        return
    around = [node for node in widget.ancestors_with_self if not isinstance(node, App)]
    for _ in range(_MOST_TURNS):
        if not any(node.message_queue_size for node in around):
            return
        await asyncio.sleep(0)
