"""Lines of styled text that scroll; only lines that change are repainted."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from citytech_tui.widgets.cells import fit, wrap

Span = tuple[str, str]
"""A text and the name of its style: one of `STYLES`, or empty."""
Line = tuple[Span, ...]
STYLES = ("heading", "dim", "strong", "warning")


def text(content: str, style: str = "") -> Line:
    """Return a line of one style."""
    return ((content, style),)


def paragraph(content: str, width: int, style: str = "", indent: str = "") -> list[Line]:
    """Return `content` wrapped to `width` cells, the lines after the first indented."""
    lines = wrap(content, max(1, width - len(indent)))
    return [((indent * (index > 0) + line, style),) for index, line in enumerate(lines)]


class Lines(ScrollView, can_focus=True):
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
    auto_links = False

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        """Show nothing yet."""
        super().__init__(id=id, classes=classes)
        self._build: Callable[[int], list[Line]] = lambda width: []
        self._lines: list[Line] = []

    def show(self, build: Callable[[int], list[Line]], *, from_top: bool = True) -> None:
        """Show the lines that `build` returns for the width in cells."""
        self._build = build
        before = self._lines
        self._rebuild()
        if from_top and self.scroll_offset.y:
            self.scroll_to(y=0, animate=False, immediate=True)
            self.refresh()
            return
        for number in range(max(len(before), len(self._lines))):
            if before[number : number + 1] != self._lines[number : number + 1]:
                y = number - self.scroll_offset.y
                if 0 <= y < self.size.height:
                    # The region counts from the widget's edge, the lines from its padding.
                    self.refresh(Region(0, y, self.outer_size.width, 1))

    @property
    def plain(self) -> str:
        """The text as shown, without styles."""
        return "\n".join("".join(part for part, _ in line) for line in self._lines)

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        number = self.scroll_offset.y + y
        width = self.size.width
        segments = []
        if number < len(self._lines):
            for part, style in self._lines[number]:
                name = f"lines--{style}"
                segments.append(
                    Segment(part, self.get_component_rich_style(name) if style else self.rich_style)
                )
        strip = Strip(segments)
        if strip.cell_length > width:
            strip = Strip([Segment(fit(strip.text, width), self.rich_style)])
        return strip.adjust_cell_length(width, self.rich_style)

    def _on_resize(self, event: events.Resize) -> None:
        self._rebuild()

    def _rebuild(self) -> None:
        width = self.scrollable_content_region.width or self.size.width
        if width > 0:
            self._lines = self._build(width)
            self.virtual_size = Size(width, len(self._lines))
