"""Lay out stacked bars: a row for each place, its parts told by fill and letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from citytech_data.pictures.axes import Known, Span
from citytech_data.pictures.bars import Bar, Bars
from citytech_tui.drawing.look import Look
from citytech_tui.drawing.plot import TOO_SMALL
from citytech_tui.drawing.surface import Style, Surface
from citytech_tui.format import interval_text, number_text
from citytech_tui.language import _
from citytech_tui.names import short_name, two_names
from citytech_tui.widgets.cells import fit

_LEAST_WIDTH = 30
_NAME_SHARE = 0.3
_WIDEST_NAME, _FIGURE = 24, 9


@dataclass(frozen=True, slots=True)
class BarStyle:
    """How bars are drawn: the letters of their parts, and `shares` for bars of one length.

    With shares a bar has a length only if all its parts have a value.
    """

    letters: Sequence[str]
    shares: bool = False


def draw_bars(
    surface: Surface, bars: Bars, how: BarStyle, look: Look, *, top: int = 0
) -> list[tuple[str, int]]:
    """Draw the bars from number `top` on; return the code and row of each.

    What is only bounded or missing stands in words behind the bar.
    """
    if surface.width < _LEAST_WIDTH or surface.height < 1:
        surface.text(0, 0, _(TOO_SMALL), "dim")
        return []
    rows = bars.bars[top : top + surface.height]
    longest_name = max((cell_len(_name(bar)) for bar in rows), default=0)
    name_width = min(longest_name, _WIDEST_NAME, int(surface.width * _NAME_SHARE)) + 2
    longest = 0 if how.shares else bars.longest
    placed = []
    for row, bar in enumerate(rows):
        style: Style = "text"
        if bar.code == look.code:
            style = "selected"
        elif bar.code in look.marked:
            style = "marked"
        name = (
            _name(bar)
            if cell_len(_name(bar)) <= name_width - 2
            else short_name(bar.name, bar.name_zh)
        )
        mark = "●" if bar.code in look.marked else " "
        surface.text(0, row, mark + fit(name, name_width - 2), style)
        length = fit(number_text(bar.length), _FIGURE - 1, right=True)
        surface.text(name_width, row, length, "dim")
        _draw_parts(surface, bar, how, (name_width + _FIGURE, row), longest)
        placed.append((bar.code, row))
    return placed


def _name(bar: Bar) -> str:
    return two_names(bar.name, bar.name_zh)


def _draw_parts(
    surface: Surface, bar: Bar, how: BarStyle, at: tuple[int, int], longest: float
) -> None:
    """Draw the parts of a bar from a cell on; a `longest` of 0 stands for its own length."""
    left, row = at
    unknown = [(i, part) for i, part in enumerate(bar.parts) if part.value is None]
    full = longest or (0 if unknown else bar.length)
    begin, room = float(left), surface.width - left - 2
    for index, part in enumerate(bar.parts if full > 0 else ()):
        width = (part.value or 0.0) / full * room
        surface.fill(begin, row, width, index, how.letters[index])
        begin += width
    if unknown:
        text = ", ".join(_note(how.letters[index], part) for index, part in unknown)
        space = surface.width - round(begin) - 1
        column = round(begin) + 1 if space >= cell_len(text) else surface.width - cell_len(text)
        surface.text(max(left, column), row, text, "dim")


def _note(letter: str, part: Span) -> str:
    if part.known is Known.NOTHING:
        return f"{letter} ?"
    return f"{letter} {interval_text(part.lower or None, part.upper, whole=True)}"
