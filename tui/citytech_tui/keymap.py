"""Turn the table of keys into Textual bindings."""

from __future__ import annotations

from textual.binding import Binding

from citytech_tui.bindings import KEYS, Place


def bindings(*places: Place) -> list[Binding]:
    """Return the bindings that work at `places`, hidden from Textual's own footer."""
    return [
        Binding(key.keys, key.action, key.help, show=False, priority=key.priority)
        for place in places
        for key in KEYS[place]
    ]
