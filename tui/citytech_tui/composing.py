"""What a screen of Textual looks like in the lines that have changed, and no others.

Textual renders all widgets in the smallest rectangle around what has changed: for a row of a table
and a line of the panel beside it that is most of the screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from textual._compositor import Compositor
from textual.geometry import Region
from textual.strip import Strip


class Piece(NamedTuple):
    """A strip and where it begins."""

    x: int
    y: int
    strip: Strip


class Pieces(tuple[Piece, ...]):
    """An update of the screen: what comes later covers what came before."""


def changed_pieces(compositor: Compositor) -> Pieces | None:
    """Return what has changed since the last update, if there is something; then it has not."""
    screen = compositor.size.region
    dirty = [region.intersection(screen) for region in compositor._dirty_regions]
    compositor._dirty_regions.clear()
    pieces = [piece for crop in joined(dirty) for piece in _pieces(compositor, crop)]
    return Pieces(pieces) if pieces else None


def joined(regions: Iterable[Region]) -> list[Region]:
    """Return regions with those joined that lie below each other, as wide as each other."""
    result: list[Region] = []
    for region in sorted(filter(None, regions), key=lambda each: (each.x, each.width, each.y)):
        last = result[-1] if result else Region()
        if last.column_span == region.column_span and region.y <= last.bottom:
            result[-1] = last.union(region)
        else:
            result.append(region)
    return result


def _pieces(compositor: Compositor, crop: Region) -> Iterator[Piece]:
    """Yield what is seen in a part of the screen, from the back to the front."""
    found: list[tuple[Region, list[Strip]]] = []
    for widget, (region, clip) in compositor.visible_widgets.items():  # from the front on
        seen = region.intersection(clip).intersection(crop)
        if seen:
            # A widget can have a quicker way for a few lines.
            render = getattr(widget, "render_changed", widget.render_lines)
            found.append((seen, render(seen.translate(-region.offset))))
            if seen == crop:
                break  # a widget paints all of its cells
    for seen, strips in reversed(found):
        for y, strip in enumerate(strips, seen.y):
            yield Piece(seen.x, y, strip)
