"""What a screen of Textual looks like in the lines that have changed, and no others.

Textual renders all widgets in the smallest rectangle around what has changed: for a row of a table
and a line of the panel beside it that is most of the screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from rich.segment import Segment
from textual._compositor import Compositor
from textual.geometry import Region
from textual.widget import Widget

Span = tuple[int, int]
"""From which column to before which."""
_MOST_SIGHTS = 200


class Piece(NamedTuple):
    """A part of a line and where it begins."""

    x: int
    y: int
    segments: Iterable[Segment]


class Pieces(tuple[Piece, ...]):
    """An update of the screen: what comes later covers what came before."""


class Sight(NamedTuple):
    """What is seen of a widget in a part of the screen."""

    widget: Widget
    x: int
    y: int
    crop: Region
    """The part of the widget."""
    rows: tuple[int, ...]
    """The lines of the screen in which it is seen."""


class Sights:
    """What is seen where, found again until the next layout: keys change the same few places."""

    def __init__(self, compositor: Compositor) -> None:
        """Nothing has been looked for."""
        self._compositor = compositor
        self._layout: object = None
        self._found: dict[Region, tuple[Region, list[Sight]]] = {}

    def of(self, crop: Region) -> tuple[Region, list[Sight]]:
        """Return what has to be drawn for a part of the screen, from the back to the front."""
        layout = self._compositor.visible_widgets
        if self._layout is not layout or len(self._found) > _MOST_SIGHTS:
            self._layout = layout
            self._found.clear()
        found = self._found.get(crop)
        if found is None:
            wider = _widened(self._compositor, crop)
            found = self._found[crop] = wider, _seen(self._compositor, wider)
        return found


def changed_pieces(compositor: Compositor, sights: Sights | None = None) -> Pieces | None:
    """Return what has changed since the last update, if there is something; then it has not."""
    screen, sights = compositor.size.region, sights or Sights(compositor)
    dirty = [region.intersection(screen) for region in compositor._dirty_regions]
    compositor._dirty_regions.clear()
    crops = joined(dirty)
    wider = [sights.of(crop)[0] for crop in crops]
    if wider != crops:
        crops = joined(wider)
    pieces = [piece for crop in crops for piece in _drawn(sights.of(crop)[1])]
    return Pieces(pieces) if pieces else None


def all_pieces(compositor: Compositor) -> Pieces:
    """Return the whole screen."""
    compositor._dirty_regions.clear()
    return Pieces(_drawn(_seen(compositor, compositor.size.region)))


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


def _widened(compositor: Compositor, crop: Region) -> Region:
    """Return a part of the screen, or all of its lines if it could cut a wide character."""
    width = compositor.size.width
    if all(_is_clean(compositor, crop, x) for x in (crop.x, crop.right) if 0 < x < width):
        return crop
    return Region(0, crop.y, width, crop.height)


def _is_clean(compositor: Compositor, crop: Region, edge: int) -> bool:
    """Whether no widget goes on at an edge of `crop`, but beside its lines."""
    rows = {*crop.line_range}
    for widget, (region, clip) in compositor.visible_widgets.items():  # from the front on
        if not (region.x <= edge <= region.right and region.y < crop.bottom):
            continue
        seen = region.intersection(clip)
        here = rows.intersection(seen.line_range) if seen.x <= edge <= seen.right else ()
        if here and seen.x < edge < seen.right and not _is_beside(edge - region.x, widget, region):
            return False
        rows.difference_update(here)
        if not rows:
            break
    return True


def _is_beside(column: int, widget: Widget, region: Region) -> bool:
    """Whether the lines of a widget begin or end at a column of it."""
    line_span = getattr(widget, "line_span", None)
    return line_span is not None and column in line_span(region.width)


def _seen(compositor: Compositor, crop: Region) -> list[Sight]:
    """Return what is seen in a part of the screen, from the back to the front."""
    sights: list[Sight] = []
    open_cells = {y: [crop.column_span] for y in crop.line_range}
    for widget, (region, clip) in compositor.visible_widgets.items():  # from the front on
        seen = region.intersection(clip).intersection(crop)
        rows = (
            [y for y in seen.line_range if _overlaps(open_cells.get(y, ()), seen)] if seen else []
        )
        if not rows:
            continue
        seen = Region(seen.x, rows[0], seen.width, rows[-1] - rows[0] + 1)
        sights.append(Sight(widget, seen.x, seen.y, seen.translate(-region.offset), (*rows,)))
        for y in rows:  # a widget paints all of its cells
            open_cells[y] = list(_without(open_cells[y], seen))
            if not open_cells[y]:
                del open_cells[y]
        if not open_cells:
            break
    return sights[::-1]


def _drawn(sights: Iterable[Sight]) -> Iterator[Piece]:
    for widget, x, top, crop, rows in sights:
        # A widget can have a quicker way for a few lines.
        render = getattr(widget, "render_changed", widget.render_lines)
        lines = render(crop)
        for y in rows:
            yield Piece(x, y, lines[y - top])


def _overlaps(spans: Iterable[Span], region: Region) -> bool:
    return any(start < region.right and region.x < end for start, end in spans)


def _without(spans: Iterable[Span], region: Region) -> Iterator[Span]:
    """Yield what a region leaves of spans."""
    for start, end in spans:
        if start < min(end, region.x):
            yield start, min(end, region.x)
        if max(start, region.right) < end:
            yield max(start, region.right), end
