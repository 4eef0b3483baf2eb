"""A scrollbar that is drawn in a fraction of the time: it changes with every page."""

from __future__ import annotations

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip


class Bar(ScrollBar):
    """Textual's scrollbar, whose lines are of no more than five kinds."""

    def render_changed(self, crop: Region) -> list[Strip]:
        """Render a part as `render_lines` does, but each kind of line once."""
        bar = self.render()
        if not isinstance(bar, ScrollBarRender) or not isinstance(bar.style, Style):
            return self.render_lines(crop)
        cells = bar.render_bar(
            self.size.height,
            bar.virtual_size,
            bar.window_size,
            bar.position,
            self.size.width,
            bar.vertical,
            bar.style.bgcolor or Color.default(),
            bar.style.color or Color.default(),
        ).segments
        base = self.visual_style.rich_style
        kinds = {
            kind: Strip([*Segment.apply_style([cell], base)]).crop(*crop.column_span)
            for kind, cell in {id(cell): cell for cell in cells}.items()
        }
        background = self.background_colors[1]
        for each in self.get_line_filters():
            kinds = {kind: strip.apply_filter(each, background) for kind, strip in kinds.items()}
        return [kinds[id(cell)] for cell in cells[crop.y : crop.bottom]]
