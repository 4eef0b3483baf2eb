"""A picture in the cells of a terminal: lines are dots of braille, everything else glyphs."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import groupby

from rich.cells import cell_len

from citytech_tui.drawing.surface import FILLS, Style
from citytech_tui.widgets.cells import fit

_BRAILLE = 0x2800
# The bit of each dot in a cell of braille: two columns of four.
_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_DASH = 6
_REPEATED_LINE = 1 << 16

Run = tuple[str, Style]
"""A text and its style."""


@lru_cache(maxsize=4096)
def _disc(solid: float, ring: float, x: int, y: int) -> list[tuple[int, int, int, int]]:
    """Return the cells of a disc and a circle around the dot at `x` and `y` of the first one.

    Each with the dots to draw and those to keep.
    """
    reach = math.ceil(max(solid, ring)) + 1
    drawn: dict[tuple[int, int], int] = {}
    kept: dict[tuple[int, int], int] = {}
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            distance = math.hypot(dx, dy)
            if distance > reach:
                continue
            cell, bit = ((x + dx) >> 1, (y + dy) >> 2), _BITS[(x + dx) & 1][(y + dy) & 3]
            kept[cell] = kept.get(cell, 0xFF) & ~bit
            on = (solid > 0 and distance <= solid) or (ring > 0 and abs(distance - ring) < 0.5)
            drawn[cell] = drawn.get(cell, 0) | (bit if on else 0)
    return [(*cell, dots, kept[cell]) for cell, dots in drawn.items()]


class Canvas:
    """Cells that hold a glyph, or dots."""

    def __init__(self, width: int, height: int) -> None:
        """Begin with nothing."""
        self.width, self.height = max(0, width), max(0, height)
        self._glyphs: list[list[str | None]] = [[None] * self.width for _ in range(self.height)]
        self._dots = [[0] * self.width for _ in range(self.height)]
        self._styles: list[list[Style]] = [["text"] * self.width for _ in range(self.height)]

    def text(self, x: float, y: float, text: str, style: Style = "text") -> None:
        """Write `text`, cut with `…` at the right edge."""
        x, y = max(0, math.floor(x + 0.5)), math.floor(y + 0.5)
        if not 0 <= y < self.height or x >= self.width:
            return
        length = cell_len(text)
        if length > self.width - x:
            text = fit(text, self.width - x)
        self._write(x, y, text, style)

    def _write(self, x: int, y: int, text: str, style: Style) -> None:
        glyphs, styles = self._glyphs[y], self._styles[y]
        for character in text:
            width = cell_len(character)
            if not width:  # a combining mark belongs to the cell before
                if x and glyphs[x - 1]:
                    glyphs[x - 1] = f"{glyphs[x - 1]}{character}"
                continue
            if x + width > self.width:
                return
            self._clear(x, y)
            glyphs[x], styles[x] = character, style
            if width == 2:
                self._clear(x + 1, y)
                glyphs[x + 1], styles[x + 1] = "", style
            x += width

    def _clear(self, x: int, y: int) -> None:
        """Empty a cell, and the other half of a wide character that is cut by it."""
        row = self._glyphs[y]
        if row[x] == "" and x:
            row[x - 1] = " "
        elif x + 1 < self.width and row[x + 1] == "":
            row[x + 1] = " "
        row[x] = None

    def mark(self, x: float, y: float, glyph: str, style: Style = "mark") -> None:
        """Draw a glyph in the cell of a point."""
        column, row = math.floor(x), math.floor(y)
        if 0 <= column < self.width and 0 <= row < self.height:
            self._clear(column, row)
            self._glyphs[row][column] = glyph
            self._styles[row][column] = style

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        style: Style = "mark",
        *,
        thick: bool = False,
        dashed: bool = False,
    ) -> None:
        """Draw a line of dots."""
        x0, y0, x1, y1 = start[0] * 2, start[1] * 4, end[0] * 2, end[1] * 4
        steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0))))
        if steps > _REPEATED_LINE:
            return
        flat = abs(x1 - x0) >= abs(y1 - y0)
        for step in range(steps + 1):
            if dashed and step % _DASH >= _DASH // 2:
                continue
            x = math.floor(x0 + (x1 - x0) * step / steps)
            y = math.floor(y0 + (y1 - y0) * step / steps)
            self._dot(x, y, style)
            if thick:
                self._dot(x + (not flat), y + flat, style)

    def disc(self, x: float, y: float, solid: float, ring: float, style: Style = "mark") -> None:
        """Draw a disc and a circle around it, with a gap to what lies under them."""
        centre_x, centre_y = math.floor(x * 2), math.floor(y * 4)
        # Rounded to a part of a dot, most bubbles have the shape of another.
        dots, styles, glyphs = self._dots, self._styles, self._glyphs
        width, height = self.width, self.height
        left, top = centre_x >> 1, centre_y >> 2
        shape = _disc(round(solid * 4, 1), round(ring * 4, 1), centre_x & 1, centre_y & 3)
        for column_off, row_off, drawn, kept in shape:
            column, row = left + column_off, top + row_off
            if not (0 <= column < width and 0 <= row < height):
                continue
            dots[row][column] = dots[row][column] & kept | drawn
            if drawn and glyphs[row][column] is None:
                styles[row][column] = style

    def fill(self, x: float, y: int, width: float, part: int, letter: str = "") -> None:
        """Fill whole cells, the first of three or more with the letter."""
        begin, end = round(x), round(x + width)
        if not 0 <= y < self.height or end <= begin:
            return
        glyphs = FILLS[part % len(FILLS)] * (end - begin)
        self.text(begin, y, glyphs, "mark")
        if letter and end - begin >= 3:
            self.text(begin, y, letter, "strong")

    def rows(self) -> list[list[Run]]:
        """Return each row as runs of one style; they fill the width."""
        return [
            [
                ("".join(glyph for glyph, _ in run), style)
                for style, run in groupby(self._cells(y), key=lambda cell: cell[1])
            ]
            for y in range(self.height)
        ]

    def _cells(self, y: int) -> list[tuple[str, Style]]:
        rows = zip(self._glyphs[y], self._dots[y], self._styles[y], strict=True)
        return [
            (glyph, style)
            if glyph is not None
            else (chr(_BRAILLE + dots), style)
            if dots
            else (" ", "text")
            for glyph, dots, style in rows
        ]

    def plain(self) -> list[str]:
        """Return each row as text."""
        return ["".join(text for text, _ in row) for row in self.rows()]

    def _dot(self, x: int, y: int, style: Style) -> None:
        column, row = x >> 1, y >> 2
        if 0 <= column < self.width and 0 <= row < self.height:
            self._dots[row][column] |= _BITS[x & 1][y & 3]
            if self._glyphs[row][column] is None:
                self._styles[row][column] = style
