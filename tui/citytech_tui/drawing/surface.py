"""What a picture is drawn on, measured in cells of a terminal, which are twice as high as wide."""

from __future__ import annotations

from typing import Literal, Protocol

Style = Literal["text", "dim", "strong", "mark", "marked", "focus", "selected"]
STYLES: tuple[Style, ...] = ("text", "dim", "strong", "mark", "marked", "focus", "selected")
"""`selected` is for the name of the place in focus, `focus` for its lines and mark."""

VALUE, RANGE = "●", "○"
CURVE_GLYPHS = "●◆▲■○◇△□"
FILLS = "█▓▒░╳╱"
"""What fills the parts of a stacked bar, in their order."""


class Surface(Protocol):
    """An area of `width` times `height` cells; x runs to the right and y down.

    What lies outside is not drawn. Texts stand above marks, and these above lines, in the order
    in which they are drawn.
    """

    width: int
    height: int

    def text(self, x: float, y: float, text: str, style: Style = "text") -> None:
        """Write `text` from cell `x` of row `y` on, or from the nearest that there is."""

    def mark(self, x: float, y: float, glyph: str, style: Style = "mark") -> None:
        """Draw a glyph of one cell at a point."""

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        style: Style = "mark",
        *,
        thick: bool = False,
        dashed: bool = False,
    ) -> None:
        """Draw a line between two points."""

    def disc(self, x: float, y: float, solid: float, ring: float, style: Style = "mark") -> None:
        """Draw a disc of the radius `solid` and a circle of `ring`, in rows; 0 leaves one out."""

    def fill(self, x: float, y: int, width: float, part: int, letter: str = "") -> None:
        """Fill `width` cells of row `y` from `x` on as a `part` is filled; a letter names it."""
