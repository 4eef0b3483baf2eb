"""Draw the pictures of the documentation: `python -m citytech_tui.screenshots DIR`.

The same program draws the same bytes, so a picture changes only when the screen does.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape, unescape
from itertools import groupby
from pathlib import Path

from rich.cells import cell_len
from textual.pilot import Pilot

from citytech_data import DEFAULT
from citytech_data.dataset import open_dataset
from citytech_tui.app import CityTechApp
from citytech_tui.dataview import DataView
from citytech_tui.selection import Selection, Slice

SIZE = (120, 40)
_SHANGHAI, _HANGZHOU, _SHENZHEN = "310000", "330100", "440300"
_THEME = "textual-dark"

_TEXT = re.compile(
    r'<text class="(?P<style>[^"]+)" x="(?P<x>[^"]+)" y="(?P<y>[^"]+)" '
    r'textLength="[^"]+" clip-path="(?P<clip>[^"]+)">(?P<content>[^<]*)</text>'
)
_CELL, _LINE, _BASELINE = 12.2, 24.65, 18.5
"""The width of a cell in Rich's SVG, the height of its background, and where text stands in it."""
_BLOCKS = dict(zip("▏▎▍▌▋▊▉█", range(1, 9), strict=True))
"""Eighths of a cell that block glyphs fill from the left."""
_BRAILLE = "".join(map(chr, range(0x2801, 0x2900)))
_DOT_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_DOT = 2.4
_ID = re.compile(r"\bterminal-\d+\b")
_WEB_FONT = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
_RICH_FONTS = "Fira Code, monospace"
_FONTS = (
    "Fira Code, DejaVu Sans Mono, Menlo, Consolas, "
    "Noto Sans Mono CJK SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, monospace"
)


@dataclass(frozen=True, slots=True)
class Picture:
    """What to open, and the keys pressed before the picture is taken."""

    name: str
    tab: str
    dataset: str = DEFAULT
    city: str | None = None
    keys: tuple[str, ...] = ()


PICTURES = (
    Picture("total", "total"),
    Picture("density", "density", "china-inventions-2016"),
    Picture("trend", "trend"),
    Picture("flow", "pictures", city=_SHENZHEN),
    Picture("scatter", "pictures", city=_SHANGHAI, keys=("v",)),
    Picture("map", "pictures", "china-inventions-2016", city=_SHANGHAI, keys=("v", "v")),
    Picture("city", "city", city=_SHANGHAI),
    Picture("explain", "total", city=_HANGZHOU, keys=("i",)),
)


async def draw(picture: Picture) -> str:
    """Return a picture as SVG."""
    dataset = open_dataset(picture.dataset)
    selection = Selection(Slice(dataset.year), city=picture.city)
    app = CityTechApp(DataView(None, dataset), selection, picture.tab)
    app.theme = _THEME
    app.animation_level = "none"
    async with app.run_test(size=SIZE) as pilot:
        await _rest(pilot)
        await pilot.press(*picture.keys)
        await _rest(pilot)
        return tidy(app.export_screenshot(title=app.TITLE))


async def _rest(pilot: Pilot[int]) -> None:
    """Wait until all is shown, also what a thread computes."""
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def tidy(svg: str) -> str:
    """Return Rich's SVG with a fixed id, no fonts from the web, and wide characters in place."""
    svg = _WEB_FONT.sub("", _ID.sub("citytech", svg)).replace(_RICH_FONTS, _FONTS)
    svg = _TEXT.sub(_placed, svg)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def _placed(text: re.Match[str]) -> str:
    """Return a text element as one element per word and script, each at its own place.

    Rich gives a text as many cells as it has characters, but a Chinese one takes two; and not
    every viewer heeds `textLength` or keeps spaces.
    """
    content = unescape(text["content"]).replace("\N{NO-BREAK SPACE}", " ")
    start, top, parts = float(text["x"]), float(text["y"]) - _BASELINE, []
    for _, characters in groupby(content, key=_kind):
        run = "".join(characters)
        width = cell_len(run) * _CELL
        if run[0] in _BLOCKS:
            # Drawn, because the glyphs of a font do not touch.
            filled = width - _CELL + _CELL * _BLOCKS[run[0]] / 8
            parts.append(
                f'<rect class="{text["style"]}" x="{start:g}" y="{top:g}" width="{filled:g}" '
                f'height="{_LINE}" shape-rendering="crispEdges"/>'
            )
        elif run[0] in _BRAILLE:
            parts.append(f'<path class="{text["style"]}" d="{_dots(run, start, top)}"/>')
        elif not run.isspace():
            parts.append(
                f'<text class="{text["style"]}" x="{start:g}" y="{text["y"]}" '
                f'textLength="{width:g}" clip-path="{text["clip"]}">{escape(run)}</text>'
            )
        start += width
    return "".join(parts)


def _dots(run: str, left: float, top: float) -> str:
    """Return a path of the dots of braille, which few fonts have as wide as other characters."""
    squares = []
    for index, character in enumerate(run):
        for column, bits in enumerate(_DOT_BITS):
            for row, bit in enumerate(bits):
                if ord(character) & bit:
                    x = left + (index + 0.25 + column / 2) * _CELL - _DOT / 2
                    y = top + (row + 0.5) * _LINE / 4 - _DOT / 2
                    squares.append(f"M{x:.1f} {y:.1f}h{_DOT}v{_DOT}h-{_DOT}z")
    return "".join(squares)


def _kind(character: str) -> tuple[bool, int, str]:
    block = character if character in _BLOCKS else _BRAILLE[0] if character in _BRAILLE else ""
    return character.isspace(), cell_len(character), block


def main(arguments: Sequence[str]) -> int:
    """Draw all pictures into the folder that is the only argument."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m citytech_tui.screenshots DIR\n")
        return 2
    os.environ.pop("NO_COLOR", None)
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        path = folder / f"{picture.name}.svg"
        path.write_text(asyncio.run(draw(picture)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
