"""What a widget's style sheet draws left and right of its lines."""

from __future__ import annotations

from typing import NamedTuple

from rich.style import Style
from textual._border import get_box
from textual.color import Color
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.widget import Widget

_OVER_LINES = ("hatch", "tint", "text_opacity")


class Edges(NamedTuple):
    """The same for every line of a widget: what stands beside it, and the colour of its spaces."""

    left: Strip
    blank: Style
    background: Color
    right: Strip


def edges_of(widget: Widget) -> Edges | None:
    """Return what stands beside the lines; None if something is above, below or over them."""
    styles, (base, background) = widget.styles, widget.background_colors
    padding, (top, right, bottom, (kind, color)) = styles.padding, styles.border
    others = (*styles.outline, top, right, bottom)
    if (
        any(edge for edge, _ in others)
        or any(styles.has_rule(name) for name in _OVER_LINES)
        or padding.height
        or widget.opacity != 1.0
    ):
        return None
    inner, outer = VisualStyle(background=base + background), VisualStyle(background=base)
    border = get_box(kind, inner, outer, VisualStyle(foreground=base + color))[1][:1]
    blank = inner.rich_style
    left = Strip([*(border if kind else ()), *Strip.blank(padding.left, blank)])
    return Edges(left, blank, background, Strip.blank(padding.right, blank))
