"""One line of text across the screen, parts of which can be clicked."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from citytech_tui.widgets.cells import fit


class Part(NamedTuple):
    """A piece of the line: its text, style (`STYLES`) and the action a click on it runs."""

    text: str
    style: str = ""
    action: str = ""


class Line(Widget):
    """Parts side by side; what does not fit is left out from the right, or cut with `…`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line--text",
        "line--key",
        "line--active",
        "line--strong",
    }
    DEFAULT_CSS = """
    Line {
        height: 1;
        background: $surface;
        color: $text-muted;
        & > .line--key { text-style: bold; color: $accent; }
        & > .line--active { text-style: bold reverse; color: $primary-lighten-2; }
        & > .line--strong { text-style: bold; color: $foreground; }
    }
    """
    auto_links = False

    def __init__(self, id: str | None = None) -> None:  # noqa: A002
        """Show nothing yet."""
        super().__init__(id=id)
        self._parts: tuple[Part, ...] = ()

    def show(self, *parts: Part) -> None:
        """Show these parts."""
        if parts != self._parts:
            self._parts = parts
            self.refresh()

    @property
    def plain(self) -> str:
        """The text as given, without styles."""
        return "".join(part.text for part in self._parts)

    def render_line(self, y: int) -> Strip:
        """Draw the line."""
        width, used, segments = self.size.width, 0, []
        is_cut = cell_len(self.plain) > width
        for part in self._parts:
            length = cell_len(part.text)
            if is_cut and used + length >= width:
                shown = fit(f"{part.text}…", width - used)
                segments.append(Segment(shown, self._style(part.style)))
                break
            segments.append(Segment(part.text, self._style(part.style)))
            used += length
        return Strip(segments).adjust_cell_length(width, self._style(""))

    async def _on_click(self, event: events.Click) -> None:
        end = 0
        for part in self._parts:
            end += cell_len(part.text)
            if event.x < end:
                if part.action:
                    await self.run_action(part.action)
                return

    def _style(self, name: str) -> Style:
        # Unlike `rich_style`, the style of a component class is computed once.
        return self.get_component_rich_style(f"line--{name or 'text'}")
