"""A chart of yearly series with axes, drawn by plotext, which is imported when first drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.text import Text
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from citytech_tui.format import number_text
from citytech_tui.widgets.cells import fit

MARKERS = "●◆▲■○◇△□"
COLOURS = ("cyan+", "orange+", "green+", "magenta+", "blue+", "red+", "white", "gray+")
_LEAST_WIDTH, _LEAST_HEIGHT = 30, 6
_TICKS = 6


@dataclass(frozen=True, slots=True)
class Series:
    """A named series: pairs of year and value, ascending by year."""

    name: str
    points: tuple[tuple[int, float], ...]


def ticks(lowest: float, highest: float, *, log: bool) -> list[float]:
    """Return round values that cover `lowest` to `highest`; for `log` steps of 1, 2 and 5."""
    if log:
        first, last = math.floor(math.log10(lowest)), math.ceil(math.log10(highest))
        steps = [step * 10.0**power for power in range(first, last + 1) for step in (1, 2, 5)]
        inside = [step for step in steps if lowest <= step <= highest]
        return inside if len(inside) <= _TICKS else [step for step in inside if _is_power(step)]
    span = (highest - lowest) or abs(highest) or 1
    raw = span / (_TICKS - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    first, last = math.floor(lowest / step), math.ceil(highest / step)
    return [step * number for number in range(first, last + 1)]


def _is_power(value: float) -> bool:
    return round(math.log10(value), 9).is_integer()


def joined(points: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    """Return the runs of consecutive years: only these may be joined by a line."""
    runs: list[list[tuple[int, float]]] = []
    for point in points:
        if runs and point[0] == runs[-1][-1][0] + 1:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def draw(series: Sequence[Series], width: int, height: int, *, log: bool) -> list[Text]:
    """Return the lines of a chart of at most `width` times `height` cells.

    Every known year is a marker, one glyph per series; only consecutive years are joined.
    """
    import plotext

    plotext.terminal.limit(False, False)
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(width, height)
    # plotext 6.1 draws nothing on a log ruler that has ticks of ours, so it gets logarithms.
    place = math.log10 if log else float
    values = [value for item in series for _, value in item.points]
    years = sorted({year for item in series for year, _ in item.points})
    marks = ticks(min(values) if log else 0, max(values), log=log)
    for index, item in enumerate(series):
        _draw_series(figure, [(year, place(value)) for year, value in item.points], index)
    span = [*marks, *values]
    figure.ruler("y").lim(place(min(span)), place(max(span)))
    figure.ruler("y").ticks([place(mark) for mark in marks], [number_text(mark) for mark in marks])
    shown = years if len(years) * 6 < width else [years[0], years[-1]]
    figure.ruler("x").lim(years[0] - 0.5, years[-1] + 0.5)
    figure.ruler("x").ticks(shown, [str(year) for year in shown])
    return [Text.from_ansi(line) for line in str(figure.build()).rstrip("\n").split("\n")]


def _draw_series(figure: Any, points: Sequence[tuple[int, float]], index: int) -> None:
    import plotext

    colour = COLOURS[index % len(COLOURS)]
    for run in joined(points):
        if len(run) > 1:
            line = plotext.marker("braille", colour)
            signal = figure.signal(*zip(*run, strict=True), marker=line)
            signal.lines()
            figure.draw(signal)
    mark = plotext.marker(MARKERS[index % len(MARKERS)], colour)
    figure.draw(figure.signal(*zip(*points, strict=True), marker=mark))


class Chart(Widget):
    """A chart with a heading, and a legend that tells series by glyph."""

    auto_links = False

    def __init__(self) -> None:
        """Show nothing yet."""
        super().__init__()
        self._heading = ""
        self._series: tuple[Series, ...] = ()
        self._logarithmic = False
        self._lines: list[Text] = []

    def show(self, series: Sequence[Series], *, heading: str, logarithmic: bool) -> None:
        """Draw `series`."""
        shown = self._series, self._heading, self._logarithmic
        self._series, self._heading, self._logarithmic = tuple(series), heading, logarithmic
        if (self._series, heading, logarithmic) != shown:
            self._redraw()

    @property
    def plain(self) -> str:
        """The chart as text."""
        return "\n".join(line.plain for line in self._lines)

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        segments: list[Segment] = []
        if y < len(self._lines):
            segments = list(self._lines[y].render(self.app.console))
        strip = Strip(segments).apply_style(self.rich_style)
        return strip.adjust_cell_length(self.size.width, self.rich_style)

    def _on_resize(self, event: events.Resize) -> None:
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.size
        legend = self._legend(width)
        room = height - 1 - len(legend)
        self._lines = [Text(fit(f" {self._heading}", width), "bold"), *legend]
        if self._series and width >= _LEAST_WIDTH and room >= _LEAST_HEIGHT:
            self._lines += draw(self._series, width, room, log=self._logarithmic)
        self.refresh()

    def _legend(self, width: int) -> list[Text]:
        lines: list[str] = []
        for index, item in enumerate(self._series):
            entry = f" {MARKERS[index % len(MARKERS)]} {item.name} "
            if lines and cell_len(lines[-1]) + cell_len(entry) <= width:
                lines[-1] += entry
            else:
                lines.append(entry)
        return [Text(fit(line, width)) for line in lines]
