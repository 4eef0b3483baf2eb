"""Lines of styled text that scroll; only lines that change are repainted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import zip_longest
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from citytech_tui.widgets.cells import apart, fit, wrap
from citytech_tui.widgets.painted import Painted, filled

Span = tuple[str, str]
"""A text and the name of its style: one of `STYLES`, or empty."""
Line = tuple[Span, ...]
STYLES = ("text", "heading", "dim", "strong", "warning")


def text(content: str, style: str = "") -> Line:
    """Return a line of one style."""
    return ((content, style),)


def paragraph(content: str, width: int, style: str = "", indent: str = "") -> list[Line]:
    """Return `content` wrapped to `width` cells, the lines after the first indented."""
    lines = wrap(content, max(1, width - len(indent)))
    return [((indent * (index > 0) + line, style),) for index, line in enumerate(lines)]


class Lines(Painted, can_focus=True):
    """A scrolling text whose lines are built anew for the width that there is."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"lines--{style}" for style in STYLES}
    DEFAULT_CSS = """
    Lines {
        height: 1fr;
        padding: 0 1;
        scrollbar-size-horizontal: 0;
        scrollbar-size-vertical: 1;
        & > .lines--heading { text-style: bold; color: $primary-lighten-2; }
        & > .lines--dim { color: $text-muted; }
        & > .lines--strong { text-style: bold; }
        & > .lines--warning { text-style: bold; color: $text-warning; }
        &:ansi > .lines--heading, &:nocolor > .lines--heading { text-style: bold underline; }
    }
    """

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Show nothing yet."""
        super().__init__(id=id, classes=classes)
        self._build: Callable[[int], list[Line]] = lambda width: []
        self._built: tuple[int, list[Line]] = (0, [])
        self._asked: tuple[tuple[int, int], list[Line]] = ((0, 0), [])
        """The width, the scroll offset and the visible lines of the last repaint."""

    def show(self, build: Callable[[int], list[Line]], *, from_top: bool = True) -> None:
        """Show the lines that `build` returns for the width in cells."""
        self._build = build
        self._rebuild()
        self.set_line_count(len(self._built[1]))
        if from_top and self.scroll_offset.y:
            self.scroll_to(y=0, animate=False, immediate=True)
        self.repaint()

    @property
    def plain(self) -> str:
        """The text as shown, without styles."""
        return "\n".join("".join(part for part, _ in line) for line in self._lines)

    def repaint(self) -> None:
        """Repaint the lines that have changed."""
        top, (width, height) = self.scroll_offset.y, self.size
        (place, before), lines = self._asked, self._lines[top : top + height]
        self._asked = (width, top), lines
        if place == (width, top) and height:
            # Lines are compared by what they say, which is quicker than by how they are drawn.
            pairs = enumerate(zip_longest(before, lines))
            self.repaint_lines(y for y, (old, new) in pairs if old != new)
        else:
            super().repaint()

    def draw_lines(self, lines: Iterable[int]) -> Iterator[Strip]:
        """Yield lines of the text."""
        top, width, texts = self.scroll_offset.y, self.line_area.width, self._lines
        for y in lines:
            line = texts[top + y] if top + y < len(texts) else ()
            # A key redraws the panel beside the table, where most lines are those of the city
            # before.
            yield self.drawn((line, width), partial(self._draw, line, width))

    def _draw(self, line: Line, width: int) -> Strip:
        segments = [Segment(apart(part), self._style(style)) for part, style in line]
        if sum(segment.cell_length for segment in segments) > width:
            content = "".join(segment.text for segment in segments)
            segments = [Segment(fit(content, width), self._style())]
        return filled(segments, width, self._style())

    def _style(self, name: str = "") -> Style:
        return self.component_style(f"lines--{name or 'text'}")

    def _size_updated(
        self,
        size: Size,
        virtual_size: Size,
        container_size: Size,
        layout: bool = True,
    ) -> bool:
        """Build the lines for the width that a layout leaves, before they are drawn.

        `Resize` comes later, and does not tell that a scrollbar has taken some of the width.
        """
        resized = super()._size_updated(size, virtual_size, container_size, layout)
        if self._built[0] != self.scrollable_content_region.width:
            self._rebuild()
        self.set_line_count(len(self._lines))
        return resized

    @property
    def _lines(self) -> list[Line]:
        return self._built[1]

    def _rebuild(self) -> None:
        width = self.scrollable_content_region.width
        self._built = (width, self._build(width) if width else [])
