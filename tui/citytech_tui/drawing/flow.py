"""Lay out a rank flow: a column of names per measure, and lines that show who leaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from rich.cells import cell_len

from citytech_data.pictures.flow import Flow, Slot
from citytech_tui.drawing.look import Look
from citytech_tui.drawing.plot import TOO_SMALL
from citytech_tui.drawing.surface import Style, Surface
from citytech_tui.format import change_text, rank_text
from citytech_tui.language import _
from citytech_tui.names import two_names
from citytech_tui.widgets.cells import fit

_LEAST_LABEL, _WIDEST_LABEL = 14, 45
_GAP_SHARE = 0.25
"""How much of the width the lines get, at most."""
_RANK, _LEAP = 4, 4


class Cell(NamedTuple):
    """A slot on screen: its column and row of cells, where its name begins and ends."""

    code: str
    column: int
    row: int
    left: int
    right: int


def draw_flow(
    surface: Surface, flow: Flow, titles: Mapping[str, str], look: Look, *, top: int = 0
) -> list[Cell]:
    """Draw the slots of `flow` from number `top` on and return where they stand.

    `titles` name the measures. The name in the column that is looked at is the selected one.
    """
    count = len(flow.columns)
    width = min(_WIDEST_LABEL, int(surface.width * (1 - _GAP_SHARE) / count))
    rows = surface.height - 1
    if width < _LEAST_LABEL or rows < 1:
        surface.text(0, 0, _(TOO_SMALL), "dim")
        return []
    gap = (surface.width - width * count) / (count - 1) if count > 1 else 0
    columns = []
    for index, slots in enumerate(flow.columns):
        left, shown = round(index * (width + gap)), slots[top : top + rows]
        columns.append(_Column(index, shown, left, left + _label_width(shown, width, index)))
    for before, after in pairwise(columns):
        _draw_links(surface, flow, (before, after), top, look)
    cells: list[Cell] = []
    for column in columns:
        title = titles[flow.measures[column.number]]
        surface.text(column.left, 0, fit(title, width), "strong")
        cells += _draw_column(surface, column, look)
    return cells


class _Column(NamedTuple):
    """What is shown of a column: its slots, and between which cells their labels stand."""

    number: int
    slots: tuple[Slot, ...]
    left: int
    right: int


def _draw_column(surface: Surface, column: _Column, look: Look) -> Iterator[Cell]:
    for row, slot in enumerate(column.slots, 1):
        style: Style = "text"
        if slot.code == look.code:
            style = "selected" if column.number == look.column else "strong"
        elif slot.code in look.marked:
            style = "marked"
        text = _label(slot, column, marked=slot.code in look.marked)
        surface.text(column.left, row, text, style)
        yield Cell(slot.code, column.number, row, column.left, column.right)


def _head(slot: Slot, column: int, *, marked: bool) -> str:
    rank = fit(rank_text(slot.rank, slot.worst), _RANK, right=True)
    leap = fit(change_text(slot.leap), _LEAP) if column else ""
    return f"{rank}{'●' if marked else ' '}{leap}"


def _name(slot: Slot) -> str:
    return two_names(slot.name, slot.name_zh)


def _label_width(slots: tuple[Slot, ...], width: int, column: int) -> int:
    """How many cells the labels of a column need, at most `width`."""
    head = _RANK + 1 + (_LEAP if column else 0)
    longest = max((cell_len(_name(slot)) for slot in slots), default=0)
    return min(width, head + longest)


def _label(slot: Slot, column: _Column, *, marked: bool) -> str:
    head = _head(slot, column.number, marked=marked)
    width = column.right - column.left
    name = _name(slot)
    if cell_len(head) + cell_len(name) > width:
        name = slot.name
    return fit(head + name, width)


def _draw_links(
    surface: Surface, flow: Flow, sides: tuple[_Column, _Column], top: int, look: Look
) -> None:
    """Join the slots of two columns; dashed where a rank is only bounded, else solid."""
    left, right = sides
    before = {slot.code: number for number, slot in enumerate(flow.columns[left.number])}
    links = []

    def shown(number: int) -> bool:
        return 0 <= number - top < surface.height - 1

    for number, slot in enumerate(flow.columns[right.number]):
        start = before.get(slot.code)
        # Where neither end is shown, a line would only hide the others.
        if start is None or not (shown(start) or shown(number)):
            continue
        bounded = slot.rank is None or flow.columns[left.number][start].rank is None
        style: Style = "focus" if slot.code == look.code else "dim"
        if slot.code in look.marked and style == "dim":
            style = "marked"
        links.append((style != "dim", style, start - top, number - top, bounded))
    # What is looked at is drawn last, over the others.
    for emphasised, style, start, end, bounded in sorted(links, key=lambda link: link[0]):
        ends = (left.right + 0.3, start + 1.5), (right.left - 0.3, end + 1.5)
        clipped = _clipped(*ends, surface.height)
        if clipped is not None:
            surface.line(*clipped, style, thick=emphasised, dashed=bounded)


def _clipped(
    start: tuple[float, float], end: tuple[float, float], height: int
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The part of a line that lies between the heading and the bottom; None if no part does."""
    low, high = 1.0, height - 0.01
    if max(start[1], end[1]) < low or min(start[1], end[1]) > high:
        return None

    def limited(point: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
        y = min(max(point[1], low), high)
        if y == point[1]:
            return point
        share = (y - point[1]) / (other[1] - point[1])
        return point[0] + (other[0] - point[0]) * share, y

    return limited(start, end), limited(end, start)
