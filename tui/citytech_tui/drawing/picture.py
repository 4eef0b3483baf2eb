"""A widget that shows what is drawn on a canvas of its size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from citytech_tui.drawing.canvas import Canvas, Run
from citytech_tui.drawing.surface import STYLES, Surface
from citytech_tui.widgets.painted import Painted, filled


class Picture(Painted, can_focus=True):
    """Draws anew what changes; a click tells the cell."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"picture--{style}" for style in STYLES}
    DEFAULT_CSS = """
    Picture {
        height: 1fr;
        overflow: hidden;
        & > .picture--dim { color: $text-muted; }
        & > .picture--strong { text-style: bold; }
        & > .picture--mark { color: $primary-lighten-1; }
        & > .picture--marked { color: $accent; text-style: bold; }
        & > .picture--focus { color: $accent; text-style: bold; }
        & > .picture--selected { background: $primary; color: $foreground; text-style: bold; }
        &:ansi > .picture--selected, &:nocolor > .picture--selected { text-style: reverse; }
        &:ansi > .picture--marked, &:nocolor > .picture--marked { text-style: bold underline; }
    }
    """

    class Pressed(Message):
        """A cell was clicked, `times` in a row."""

        def __init__(self, picture: Picture, x: int, y: int, times: int) -> None:
            self.picture = picture
            self.x, self.y, self.times = x, y, times
            super().__init__()

        @property
        def control(self) -> Picture:
            """The picture."""
            return self.picture

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._draw: Callable[[Surface], None] = lambda surface: None
        self._drawn: tuple[tuple[int, int], list[list[Run]]] = ((0, 0), [])

    def show(self, draw: Callable[[Surface], None]) -> None:
        """Show what `draw` draws."""
        self._draw = draw
        self._drawn = ((0, 0), [])
        self.repaint()

    @property
    def plain(self) -> str:
        """The picture as text."""
        return "\n".join("".join(text for text, _ in row) for row in self._rows)

    def draw_lines(self, lines: Iterable[int]) -> Iterator[Strip]:
        """Yield rows of the picture."""
        rows, width = self._rows, self.line_area.width
        for y in lines:
            runs = rows[y] if y < len(rows) else []
            segments = [Segment(text, self._style(style)) for text, style in runs]
            yield filled(segments, width, self._style("text"))

    def _style(self, name: str) -> Style:
        return self.component_style(f"picture--{name}")

    @property
    def _rows(self) -> list[list[Run]]:
        """The rows for the present size, which changes before `Resize` comes."""
        size = (self.size.width, self.size.height)
        if self._drawn[0] != size:
            canvas = Canvas(*size)
            self._draw(canvas)
            self._drawn = (size, canvas.rows())
        return self._drawn[1]

    async def _on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None:
            self.post_message(self.Pressed(self, offset.x, offset.y, event.chain))
