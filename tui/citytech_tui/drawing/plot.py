"""Lay out a plot: axes with ticks, marks, names where there is room, curves, crosshair."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice, pairwise
from typing import NamedTuple

from rich.cells import cell_len

from citytech_data.pictures.axes import Axis, Known, Span
from citytech_data.pictures.plot import Curve, Mark, Plot
from citytech_tui.drawing.labels import Room
from citytech_tui.drawing.look import Look
from citytech_tui.drawing.surface import CURVE_GLYPHS, RANGE, VALUE, Style, Surface
from citytech_tui.format import tick_text
from citytech_tui.language import N_, _
from citytech_tui.names import short_name, two_names

LEAST_WIDTH, LEAST_HEIGHT = 24, 7
_TITLES = {
    title: title
    for title in (
        N_("Longitude"),
        N_("Latitude"),
        N_("Share of the places, from the lowest up"),
    )
}
"""The titles of axes that are not those of measures."""
TOO_SMALL = N_("There is no room for the picture here.")
_MOST_NAMES = 160
"""So many marks are tried for a name; a screen has room for fewer."""
_FEW_ON_CURVE = 40
_LARGEST_RADIUS, _SMALLEST_RADIUS = 2.5, 0.25
"""Of a bubble, in rows."""
_BUBBLES_SHARE = 0.4
_TICK_SPACE, _TICK_ROWS = 10, 3
_HIGH = 14
"""From so many rows on the title of x has a row of its own."""


class Placed(NamedTuple):
    """Where the mark of a place stands, in cells."""

    code: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class _Area:
    """Where marks may stand, between the axes `x` and `y`."""

    left: int
    top: int
    right: int
    bottom: int
    title_row: int
    """The row of the title of x; the names of its ticks may share it."""
    x: Axis
    y: Axis

    def column(self, place: float) -> float:
        """Return the column of a place on the x axis."""
        return self.left + 0.25 + place * (self.right - self.left - 0.5)

    def row(self, place: float) -> float:
        """Return the row of a place on the y axis, which runs up."""
        return self.bottom - 0.13 - place * (self.bottom - self.top - 0.26)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return where two values meet."""
        return self.column(self.x.place(x)), self.row(self.y.place(y))


def glyph_of(x: Span, y: Span) -> str:
    """Return the glyph of a mark; where only a bound is known it points to where it may lie."""
    return _glyph(x.known, y.known)


@cache
def _glyph(x: Known, y: Known) -> str:
    left, right = x is Known.AT_MOST, x is Known.AT_LEAST
    down, up = y is Known.AT_MOST, y is Known.AT_LEAST
    if left or right:
        if down:
            return "◣" if left else "◢"
        if up:
            return "◤" if left else "◥"
        return "◁" if left else "▷"
    if down or up:
        return "▽" if down else "△"
    return VALUE if x is y is Known.VALUE else RANGE


def draw_plot(
    surface: Surface, plot: Plot, look: Look, placed: Sequence[Placed] = ()
) -> Sequence[Placed]:
    """Draw `plot` over the whole surface and return where its marks stand, in their order.

    `placed` is what this has returned for a surface of the same size, to do without computing it.
    """
    if surface.width < LEAST_WIDTH or surface.height < LEAST_HEIGHT:
        surface.text(0, 0, _(TOO_SMALL), "dim")
        return []
    area = _area(surface, plot)
    _draw_axes(surface, area)
    drawing = _Drawing(surface, area, plot, look, placed=placed or _placed(area, plot.marks))
    drawing.draw()
    return drawing.placed


def _placed(area: _Area, marks: Sequence[Mark]) -> list[Placed]:
    return [
        Placed(
            mark.code,
            area.column(area.x.span_place(mark.x)),
            area.row(area.y.span_place(mark.y)),
        )
        for mark in marks
    ]


def _by_importance(marks: Sequence[Mark], look: Look) -> dict[int, Style]:
    """The index of each mark with its style: the one in focus first, then marked ones."""
    order: dict[int, Style] = {}
    for index, mark in enumerate(marks):
        if mark.code == look.code:
            order[index] = "focus"
    for index, mark in enumerate(marks):
        if mark.code in look.marked:
            order.setdefault(index, "marked")
    for index in range(len(marks)):
        order.setdefault(index, "mark")
    return order


class _Drawing:
    """The marks and curves of a plot, drawn into an area."""

    def __init__(
        self, surface: Surface, area: _Area, plot: Plot, look: Look, *, placed: Sequence[Placed]
    ) -> None:
        self.surface, self.area, self.plot = surface, area, plot
        self.order = _by_importance(plot.marks, look)
        self.placed = placed
        self.room = Room(area.left, area.top, area.right, area.bottom)
        self.gaps: dict[int, float] = {}
        """How many cells a mark takes to either side, where it is more than its own."""

    def draw(self) -> None:
        """Draw crosshair, curves, marks and names."""
        for index, style in self.order.items():
            if style == "focus":
                self._crosshair(self.placed[index])
        for index, curve in enumerate(self.plot.curves):
            self._curve(curve, index)
        if self.plot.size is not None:
            self._bubbles(self.plot.size)
        else:
            self._marks()
        for mark in self.placed:
            self.room.take(int(mark.x), int(mark.y))
        self._names()

    def _crosshair(self, at: Placed) -> None:
        area = self.area
        self.surface.line((at.x, area.top), (at.x, area.bottom), "dim", dashed=True)
        self.surface.line((area.left, at.y), (area.right, at.y), "dim", dashed=True)

    def _curve(self, curve: Curve, index: int) -> None:
        points = [*_apart(self.area.point(x, y) for x, y in curve.points)]
        style: Style = "dim" if curve.dashed else "mark"
        for start, end in pairwise(points):
            self.surface.line(start, end, style, dashed=curve.dashed)
            self.room.take(int(start[0]), int(start[1]))
        if curve.series is not None:
            for x, y in curve.points:
                glyph = CURVE_GLYPHS[curve.series % len(CURVE_GLYPHS)]
                self.surface.mark(*self.area.point(x, y), glyph)
            return
        if curve.dashed or not points:
            return
        glyph = CURVE_GLYPHS[(index - 1) % len(CURVE_GLYPHS)]
        for share in (0.5, 0.75, 0.9):
            self.surface.mark(*points[int((len(points) - 1) * share)], glyph)

    def _marks(self) -> None:
        """Draw the marks, those that matter most last."""
        area = self.area
        many_on_curve = bool(self.plot.curves) and len(self.plot.marks) > _FEW_ON_CURVE
        for index, style in reversed(self.order.items()):
            mark, at = self.plot.marks[index], self.placed[index]
            if many_on_curve and style == "mark":
                continue
            across, up = mark.x.known, mark.y.known
            if _has_line(across, style):
                left, right = (area.column(place) for place in _reach(area.x, mark.x))
                self.surface.line((left, at.y), (right, at.y), style)
            if _has_line(up, style):
                low, high = (area.row(place) for place in _reach(area.y, mark.y))
                self.surface.line((at.x, low), (at.x, high), style)
            self.surface.mark(at.x, at.y, _glyph(across, up), style)

    def _bubbles(self, scale: Axis) -> None:
        """Draw what is proven as discs and what is possible as circles, the largest first."""
        largest = self._largest_radius(scale)

        def radius(figure: float | None) -> float:
            # The area stands for the figure.
            share = (figure or 0.0) / scale.highest
            return max(_SMALLEST_RADIUS, largest * math.sqrt(share)) if figure else 0.0

        for index, mark in enumerate(self.plot.marks):
            size, style, at = mark.size or Span(), self.order[index], self.placed[index]
            solid = radius(size.value if size.value is not None else size.lower)
            ring = radius(size.upper) if size.value is None else 0.0
            self.surface.disc(at.x, at.y, solid, ring, style)
            if size.known is Known.AT_LEAST:
                self.surface.mark(at.x, at.y, "+", style)
            elif size.value == 0:
                self.surface.mark(at.x, at.y, "0", style)
            self.gaps[index] = max(solid, ring) * 2
        for index, style in self.order.items():
            if style == "mark":
                break
            glyph = "┼" if style == "focus" else "●"
            self.surface.mark(self.placed[index].x, self.placed[index].y, glyph, style)

    def _largest_radius(self, scale: Axis) -> float:
        """Return the radius, in rows, with which bubbles cover no more than part of the picture."""
        rows, width = self.area.bottom - self.area.top, self.area.right - self.area.left
        whole = sum(max(mark.size.ends) for mark in self.plot.marks if mark.size) / scale.highest
        covering = math.sqrt(_BUBBLES_SHARE * rows * width / 2 / (math.pi * (whole or 1)))
        return min(_LARGEST_RADIUS, max(1.0, rows / 10), covering)

    def _names(self) -> None:
        shown: dict[Style, Style] = {"mark": "text", "focus": "selected"}
        for index, style in islice(self.order.items(), _MOST_NAMES):
            mark, at = self.plot.marks[index], self.placed[index]
            names = [two_names(mark.name, mark.name_zh), short_name(mark.name, mark.name_zh)]
            found = self.room.place(at.x, at.y, self.gaps.get(index, 0.0), names)
            if found is not None:
                self.surface.text(*found, shown.get(style, style))


def _has_line(known: Known, style: Style) -> bool:
    """Whether the range of a figure is drawn; open ones would cover the picture."""
    return known is Known.RANGE or (style == "focus" and known is not Known.VALUE)


def _reach(axis: Axis, span: Span) -> tuple[float, float]:
    """Between which places of the axis a figure lies; open bounds reach to its end."""
    low = span.lower if span.lower else axis.lowest
    high = axis.highest if span.upper is None else span.upper
    return axis.place(max(low, axis.lowest)), axis.place(high)


def _apart(points: Iterable[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield the points that are a dot or more from the one before, and the last."""
    last = before = None
    for point in points:
        before = point
        if last is None or abs(point[0] - last[0]) >= 0.4 or abs(point[1] - last[1]) >= 0.2:
            last = point
            yield point
    if before is not None and before is not last:
        yield before


def _area(surface: Surface, plot: Plot) -> _Area:
    top, right, title_row = 1, surface.width, surface.height - 1
    bottom = title_row - (2 if surface.height >= _HIGH else 1)
    ticks = plot.y.ticks(_tick_count(bottom - top, _TICK_ROWS))
    left = min(max((cell_len(tick_text(tick)) for tick in ticks), default=0) + 1, right // 3)
    x, y = plot.x, plot.y
    if plot.aspect is not None:
        x, y = _in_proportion(x, y, right - left, bottom - top, plot.aspect)
    return _Area(left, top, right, bottom, title_row, x, y)


def _in_proportion(
    x: Axis, y: Axis, width: float, height: float, aspect: float
) -> tuple[Axis, Axis]:
    """Widen one axis so that a degree of x is `aspect` times as long as one of y."""
    cells_x, cells_y = (x.highest - x.lowest) * aspect * 2, y.highest - y.lowest
    scale = min(width / cells_x, height / cells_y)
    more_x = width / scale / (aspect * 2) - (x.highest - x.lowest)
    more_y = height / scale - (y.highest - y.lowest)
    return (
        replace(x, lowest=x.lowest - more_x / 2, highest=x.highest + more_x / 2),
        replace(y, lowest=y.lowest - more_y / 2, highest=y.highest + more_y / 2),
    )


def _tick_count(cells: int, space: int) -> int:
    return max(2, min(8, cells // space))


def _draw_axes(surface: Surface, area: _Area) -> None:
    surface.text(0, 0, f"↑ {_title(area.y)}", "dim")
    title = f"{_title(area.x)} →"
    surface.text(max(0, surface.width - cell_len(title)), area.title_row, title, "dim")
    surface.line((area.left - 0.3, area.top), (area.left - 0.3, area.bottom), "dim")
    surface.line((area.left, area.bottom + 0.1), (area.right, area.bottom + 0.1), "dim")
    last = surface.height
    for tick in area.y.ticks(_tick_count(area.bottom - area.top, _TICK_ROWS)):
        row = int(area.row(area.y.place(tick)))
        if area.top <= row < min(last, area.bottom):
            text = tick_text(tick)
            surface.text(max(0, area.left - 1 - cell_len(text)), row, text[: area.left], "dim")
            last = row
    row = area.bottom + 1
    limit = surface.width - (cell_len(title) + 1 if row == area.title_row else 0)
    taken = -1
    for tick in area.x.ticks(_tick_count(area.right - area.left, _TICK_SPACE)):
        text = str(round(tick)) if area.x.years else tick_text(tick)
        column = area.column(area.x.place(tick))
        begin = max(0, min(int(column - cell_len(text) / 2 + 0.5), limit - cell_len(text)))
        if begin > taken and begin <= column:
            surface.line((column, area.bottom - 0.1), (column, area.bottom + 0.4), "dim")
            surface.text(begin, row, text, "dim")
            taken = begin + cell_len(text)


def _title(axis: Axis) -> str:
    title = _(_TITLES[axis.title]) if axis.title in _TITLES else axis.title
    if axis.unit and axis.unit not in title:
        title = _("{title} ({unit})").format(title=title, unit=axis.unit)
    return _("{title}, log").format(title=title) if axis.log else title
