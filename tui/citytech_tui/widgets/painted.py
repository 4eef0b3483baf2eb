"""A scrolling widget that repaints only the lines that differ from those on screen."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from citytech_tui.widgets.edges import Edges, edges_of
from citytech_tui.widgets.scrollbar import Bar

_UNKNOWN = object()
"""In place of what has yet to be looked at."""
_MOST_DRAWN = 200


def filled(segments: Sequence[Segment], width: int, style: Style) -> Strip:
    """Return a line of `width` cells: filled up with spaces of a style, or cut."""
    spare = width - sum(segment.cell_length for segment in segments)
    if spare > 0:
        segments = [*segments, Segment(" " * spare, style)]
    return Strip(segments, max(width, width - spare)).crop(0, width)


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
        self._area: tuple[object, Size] = (_UNKNOWN, Size())
        self._strips: dict[Hashable, Strip] = {}

    def draw_lines(self, lines: Iterable[int]) -> Iterator[Strip]:
        """Yield these lines of the visible part, each as wide as `line_area`."""
        raise NotImplementedError

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scrollbar, made when it is first asked for."""
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = bar = Bar(
                name="vertical", thickness=self.scrollbar_size_vertical
            )
            bar.display = False
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    @property
    def line_area(self) -> Size:
        """The cells of the lines: those beside the scrollbar, if there is one."""
        place = self._size, self.show_vertical_scrollbar
        known, area = self._area
        if known != place:
            width, height = self.size
            area = Size(width - self.scrollbar_size_vertical, height)
            # Where a widget is not shown it has no size.
            self._area = place if width else _UNKNOWN, area
        return area

    def drawn(self, key: Hashable, draw: Callable[[], Strip]) -> Strip:
        """Return a line that is drawn anew only where the one of this key is not remembered."""
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) >= _MOST_DRAWN:
                self._strips.clear()
            strip = self._strips[key] = draw()
        return strip

    def line_span(self, width: int) -> tuple[int, int]:
        """From which column of the widget, of this width, to before which the lines stand."""
        gutter = self.gutter
        return gutter.left, width - gutter.right - self.scrollbar_size_vertical

    def render_line(self, y: int) -> Strip:
        """Draw one line and remember it."""
        (strip,) = self.draw_lines([y])
        self._painted[y] = strip
        return strip

    def render_changed(self, crop: Region) -> list[Strip]:
        """Render a part of the widget as `render_lines` does, but anew, and with less effort."""
        if self._edges is _UNKNOWN:
            self._edges = edges_of(self)
        edges = self._edges
        if not isinstance(edges, Edges):
            return self.render_lines(crop)
        width, height = self.line_area
        lines = range(crop.y, min(crop.bottom, height))
        strips = [*self.draw_lines(lines)]
        self._painted.update(zip(lines, strips, strict=True))
        strips += [Strip.blank(width, edges.blank)] * (crop.height - len(strips))
        start = edges.left.cell_length
        if crop.column_span != (start, start + width):
            right = [Segment(" " * self.scrollbar_size_vertical, edges.blank), *edges.right]
            strips = [
                Strip([*edges.left, *strip, *right]).crop(*crop.column_span) for strip in strips
            ]
        for each in self.get_line_filters():
            strips = [strip.apply_filter(each, edges.background) for strip in strips]
        return strips

    def repaint(self) -> None:
        """Repaint the lines that have changed; a hidden widget has none until it is shown."""
        if not self.size:
            self._styles_cache.clear()
        drawn = enumerate(self.draw_lines(range(self.size.height)))
        self.repaint_lines(y for y, strip in drawn if self._painted.get(y) != strip)

    def forget_lines(self) -> None:
        """Let go of lines that were drawn, as they take memory; nothing changes on screen."""
        self._painted.clear()
        self._strips.clear()
        self._styles_cache.clear()

    def repaint_lines(self, lines: Iterable[int]) -> None:
        """Repaint these lines of the visible part, so far as they are in it."""
        width, height = self.line_area
        regions = [Region(0, y, width, 1) for y in lines if 0 <= y < height]
        if not regions:
            return
        if not self.is_attached or not self.is_mounted:
            self.refresh(*regions)
            return
        # What `refresh` comes to after three messages, of which each key would send six.
        self._set_dirty(*regions)
        self.screen._dirty_widgets.add(self)
        self.screen._update_timer.resume()

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
        self._strips.clear()
        self._style_of.clear()
        self._edges, self._area = _UNKNOWN, (_UNKNOWN, Size())
