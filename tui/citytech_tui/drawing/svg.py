"""A picture as SVG: the same layout in shapes and text, without colour as the only difference."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from rich.cells import cell_len

from citytech_data.text import clean
from citytech_tui.drawing.surface import RANGE, VALUE, Style
from citytech_tui.widgets.cells import fit

CELL, ROW = 8.4, 17.0
"""The width and height of a cell in pixels, for a font of `_FONT_SIZE`."""
_FONT_SIZE = 14
_BASELINE = 12.9
_MARGIN = 16
_FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"
_WIDE_FONTS = "Noto Sans Mono CJK SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"
_WIDE, _NARROW, _SPACE = range(3)
_INK = {
    "text": "#1f2933",
    "dim": "#616e7c",
    "strong": "#102a43",
    "mark": "#0b5c8f",
    "marked": "#a8430f",
    "focus": "#a8430f",
    "selected": "#a8430f",
}
# Okabe and Ito's colours, which colour-blind people tell apart, under patterns of their own.
_PART_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00")
_PATTERNS = (
    "",
    '<path d="M0 0L6 6M-1 5L1 7M5 -1L7 1" stroke="#fff" stroke-width="1.2"/>',
    '<circle cx="3" cy="3" r="1.3" fill="#fff"/>',
    '<path d="M3 0V6" stroke="#fff" stroke-width="1.2"/>',
    '<path d="M0 3H6" stroke="#fff" stroke-width="1.2"/>',
    '<path d="M0 0L6 6M6 0L0 6" stroke="#fff" stroke-width="1"/>',
)


class SvgSurface:
    """Shapes and texts, collected as elements of SVG."""

    def __init__(self, width: int, height: int) -> None:
        """Begin with nothing."""
        self.width, self.height = max(1, width), max(1, height)
        self._shapes: list[str] = []
        self._texts: list[str] = []

    def text(self, x: float, y: float, text: str, style: Style = "text") -> None:
        """Write a text, cut at the right edge; what is selected is bold."""
        if not -1 < y < self.height or x >= self.width:
            return
        text = clean(text)
        text = fit(text, min(cell_len(text), int(self.width - x)))
        weight = ' font-weight="bold"' if style in ("strong", "selected") else ""
        # Words, and Chinese ones apart, have places of their own: fonts differ in their widths.
        for wide, characters in groupby(text, key=_kind):
            run = "".join(characters)
            if not run.isspace():
                fonts = f' font-family="{_WIDE_FONTS}"' if wide == _WIDE else ""
                self._texts.append(
                    f'<text x="{x * CELL:.1f}" y="{y * ROW + _BASELINE:.1f}" '
                    f'fill="{_INK[style]}"{weight}{fonts}>{_escaped(run)}</text>'
                )
            x += cell_len(run)

    def mark(self, x: float, y: float, glyph: str, style: Style = "mark") -> None:
        """Draw a glyph around a point; discs and rings as circles."""
        if not (0 <= x <= self.width and 0 <= y <= self.height):
            return
        centre = f'cx="{x * CELL:.1f}" cy="{y * ROW:.1f}"'
        colour = _INK[style]
        if glyph == VALUE:
            self._shapes.append(f'<circle {centre} r="3.6" fill="{colour}" stroke="#fff"/>')
        elif glyph == RANGE:
            self._shapes.append(f'<circle {centre} r="3.6" fill="#fff" stroke="{colour}"/>')
        else:
            self._texts.append(
                f'<text x="{x * CELL:.1f}" y="{y * ROW + 4.5:.1f}" fill="{colour}" '
                f'text-anchor="middle">{_escaped(glyph)}</text>'
            )

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        style: Style = "mark",
        *,
        thick: bool = False,
        dashed: bool = False,
    ) -> None:
        """Draw a line."""
        dash = ' stroke-dasharray="4 4"' if dashed else ""
        self._shapes.append(
            f'<line x1="{start[0] * CELL:.1f}" y1="{start[1] * ROW:.1f}" '
            f'x2="{end[0] * CELL:.1f}" y2="{end[1] * ROW:.1f}" stroke="{_INK[style]}" '
            f'stroke-width="{2.6 if thick else 1}"{dash}/>'
        )

    def disc(self, x: float, y: float, solid: float, ring: float, style: Style = "mark") -> None:
        """Draw a disc and a circle around it."""
        centre = f'cx="{x * CELL:.1f}" cy="{y * ROW:.1f}"'
        if solid:
            self._shapes.append(
                f'<circle {centre} r="{max(1.0, solid * ROW):.1f}" fill="{_INK[style]}" '
                f'fill-opacity="0.75" stroke="#fff"/>'
            )
        if ring:
            self._shapes.append(
                f'<circle {centre} r="{max(1.0, ring * ROW):.1f}" fill="none" '
                f'stroke="{_INK[style]}" stroke-dasharray="3 2"/>'
            )

    def fill(self, x: float, y: int, width: float, part: int, letter: str = "") -> None:
        """Draw a part of a bar in its colour and pattern, with its letter where there is room."""
        if width <= 0 or not 0 <= y < self.height:
            return
        part %= len(_PATTERNS)
        place = f'x="{x * CELL:.1f}" y="{y * ROW + 2:.1f}" height="{ROW - 4:.1f}"'
        for fill in (_PART_COLOURS[part], f"url(#part{part})"):
            self._shapes.append(f'<rect {place} width="{width * CELL:.1f}" fill="{fill}"/>')
        if letter and width >= 3:
            self._shapes.append(
                f'<rect {place} width="{CELL + 4:.1f}" fill="#fff" fill-opacity="0.85"/>'
            )
            self._texts.append(
                f'<text x="{x * CELL + 2:.1f}" y="{y * ROW + _BASELINE:.1f}" '
                f'fill="{_INK["strong"]}">{_escaped(letter)}</text>'
            )

    def document(self, title: str, caption: Sequence[str] = ()) -> str:
        """Return the picture under `title` and above the lines of `caption`.

        Texts are escaped, and what XML cannot hold is replaced.
        """
        width = self.width * CELL + 2 * _MARGIN
        top = _MARGIN + 2 * ROW
        bottom = top + self.height * ROW + ROW
        height = bottom + len(caption) * ROW + _MARGIN
        patterns = "".join(
            f'<pattern id="part{index}" width="6" height="6" patternUnits="userSpaceOnUse">'
            f"{shape}</pattern>"
            for index, shape in enumerate(_PATTERNS)
        )
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" height="{height:.0f}" font-family="{_FONTS}" '
            f'font-size="{_FONT_SIZE}" role="img">',
            f"<title>{_escaped(title)}</title>",
            f"<desc>{_escaped(' '.join(caption))}</desc>",
            f"<defs>{patterns}</defs>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            f'<text x="{_MARGIN}" y="{_MARGIN + _BASELINE:.1f}" font-weight="bold" '
            f'fill="{_INK["strong"]}">{_escaped(title)}</text>',
            f'<g transform="translate({_MARGIN} {top:.1f})" xml:space="preserve">',
            *self._shapes,
            # A seam of white keeps names legible on lines.
            '<g stroke="#fff" stroke-width="3" paint-order="stroke">',
            *self._texts,
            "</g></g>",
            f'<g fill="{_INK["dim"]}" font-size="12">',
            *(_line(_MARGIN, bottom + index * ROW, line) for index, line in enumerate(caption)),
            "</g>",
            "</svg>",
        ]
        return "\n".join(lines) + "\n"


def _line(x: float, y: float, text: str) -> str:
    """A line of the caption, its Chinese parts in fonts that have them."""
    parts = []
    for wide, characters in groupby(clean(text), key=lambda character: _kind(character) == _WIDE):
        run = _escaped("".join(characters))
        parts.append(f'<tspan font-family="{_WIDE_FONTS}">{run}</tspan>' if wide else run)
    return f'<text x="{x}" y="{y:.1f}">{"".join(parts)}</text>'


def _kind(character: str) -> int:
    if character.isspace():
        return _SPACE
    return _WIDE if cell_len(character) > 1 else _NARROW


def _escaped(text: str) -> str:
    # U+FFFE and U+FFFF are no control characters, but XML cannot hold them.
    return escape(clean(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd"))
