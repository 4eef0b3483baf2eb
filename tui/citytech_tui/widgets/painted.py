"""A scrolling widget that repaints only the lines that differ from those on screen."""

from __future__ import annotations

from collections.abc import Iterable

from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from citytech_tui.widgets.edges import Edges, edges_of

_UNKNOWN = object()
"""In place of edges that have yet to be looked at."""


class Painted(ScrollView):
    """Remembers the lines it has drawn, so that a change repaints no more than it must."""

    # Textual would repaint the whole widget whenever the pointer moves over it.
    auto_links = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Nothing is painted yet."""
        super().__init__(id=id, classes=classes)
        self._painted: dict[int, Strip] = {}
        self._style_of: dict[str, Style] = {}
        self._edges: Edges | object | None = _UNKNOWN

    def draw_line(self, y: int) -> Strip:
        """Return line `y` of the visible part, as wide as the widget."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Draw one line and remember it."""
        strip = self._painted[y] = self.draw_line(y)
        return strip

    def render_changed(self, crop: Region) -> list[Strip]:
        """Render a part of the widget as `render_lines` does, but anew, and with less effort."""
        if self._edges is _UNKNOWN:
            self._edges = edges_of(self)
        edges = self._edges
        if not isinstance(edges, Edges):
            return self.render_lines(crop)
        background, filters = self.background_colors[1], self.get_line_filters()
        (width, height), strips = self.size, []
        for y in crop.line_range:
            line = self.render_line(y) if y < height else Strip.blank(width, edges.blank)
            line = line.adjust_cell_length(width, edges.blank)
            pieces = [piece for piece in (edges.left, line, edges.right) if piece]
            for each in filters:
                pieces = [piece.apply_filter(each, background) for piece in pieces]
            strips.append(Strip.join(pieces).crop(*crop.column_span))
        return strips

    def repaint(self) -> None:
        """Repaint the lines that have changed; a hidden widget has none until it is shown."""
        if not self.size:
            self._styles_cache.clear()
        self.repaint_lines(
            y for y in range(self.size.height) if self._painted.get(y) != self.draw_line(y)
        )

    def forget_lines(self) -> None:
        """Let go of lines that were drawn, as they take memory; nothing changes on screen."""
        self._painted.clear()
        self._styles_cache.clear()

    def repaint_lines(self, lines: Iterable[int]) -> None:
        """Repaint these lines of the visible part, so far as they are in it."""
        width, top, height = self.outer_size.width, self.gutter.top, self.size.height
        if regions := [Region(0, y + top, width, 1) for y in lines if 0 <= y < height]:
            self.refresh(*regions)

    def component_style(self, name: str) -> Style:
        """Return the style of a component class, which Textual forgets at every repaint."""
        style = self._style_of.get(name)
        if style is None:
            style = self._style_of[name] = self.get_component_rich_style(name)
        return style

    def set_line_count(self, count: int) -> None:
        """Say how many lines there are to scroll through.

        Textual lays out and paints the whole screen when `virtual_size` changes, so it is told
        only where the layout depends on it.
        """
        size = Size(1, count)
        height, shown = self.styles.height, self.show_vertical_scrollbar
        fits = count <= self.container_size.height
        if not self.container_size or shown is fits or (height is not None and height.is_auto):
            self.virtual_size = size
            return
        self.set_reactive(Widget.virtual_size, size)
        if shown:
            self.vertical_scrollbar.window_virtual_size = count
        if self.scroll_offset.y > self.max_scroll_y:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)

    def notify_style_update(self) -> None:
        """Repaint everything in new colours."""
        super().notify_style_update()
        self._painted.clear()
        self._style_of.clear()
        self._edges = _UNKNOWN
