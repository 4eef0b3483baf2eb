"""Rank flow and stacked bars on screen: pictures that scroll by rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rich.cells import cell_len

from citytech_data.manifest import Places
from citytech_data.pictures.axes import Span
from citytech_data.pictures.bars import Bars, technology_bars
from citytech_data.pictures.flow import Flow, Leap, rank_flow
from citytech_data.ranking import ranking
from citytech_data.vocabulary import MEASURES
from citytech_tui.drawing.bars import BarStyle, draw_bars
from citytech_tui.drawing.flow import Cell, draw_flow
from citytech_tui.drawing.look import Look
from citytech_tui.drawing.shown import (
    Shown,
    Subject,
    city_column,
    city_label,
    span_text,
)
from citytech_tui.drawing.surface import FILLS, Surface
from citytech_tui.format import TECHNOLOGY_NAMES, change_text, rank_text, technology_text
from citytech_tui.language import _, count_text
from citytech_tui.names import counted, listed, measure_title, two_names
from citytech_tui.widgets.table import Column

_LETTERS = {"ai": "A", "blockchain": "B", "cloud": "C", "bigdata": "D", "iot": "I"}


class RankFlow(Shown):
    """The places in the order of one measure after another."""

    def __init__(self, subject: Subject) -> None:
        """Follow the ranks through all measures."""
        self.title = _("Rank flow: who leaps from measure to measure")
        self.flow = rank_flow(subject.standings)
        self.measures = self.flow.measures
        self.titles = {measure: measure_title(measure) for measure in MEASURES}
        self.frame = ranking(self.flow.frame, self.measures[0])
        self.columns = [city_column(subject.manifest), *_rank_columns(self.measures)]
        self.legend = [_("▲▼ against the column before"), _("thick: in focus"), _("● marked")]
        if any(slot.rank is None for column in self.flow.columns for slot in column):
            self.legend.append(_("≤20: in a top list"))
        leaps = " ".join(map(_leap_words, self.flow.leaps()))
        remarks = (
            _("Largest leaps: {leaps}").format(leaps=leaps) if leaps else "",
            _unranked_words(self.flow, subject.manifest.places),
        )
        self.remarks = [*filter(None, remarks)]
        self._cells: list[Cell] = []
        self._page = 1

    @property
    def height(self) -> int:
        """A heading and the rows of the longest column."""
        return 1 + max(map(len, self.flow.columns), default=0)

    def draw(self, surface: Surface, look: Look) -> None:
        """Draw the rows around the place in focus."""
        self._page = max(1, surface.height - 1)
        column = min(look.column, len(self.flow.columns) - 1)
        slot = None if look.code is None else self.flow.slot_of(column, look.code)
        longest = max(map(len, self.flow.columns), default=0)
        top = top_of(slot or 0, self._page, longest)
        self._cells = draw_flow(
            surface, self.flow, self.titles, replace(look, column=column), top=top
        )

    def step(self, look: Look, dx: int, dy: int) -> Look:
        """Move within the column, or to where the place stands in the next."""
        column = min(max(0, look.column + dx), len(self.flow.columns) - 1)
        slots = self.flow.columns[column]
        here = None if look.code is None else self.flow.slot_of(column, look.code)
        if dx and here is None:
            return look  # the place is not in that column
        if not slots:
            return look
        slot = 0 if here is None else min(max(0, here + dy), len(slots) - 1)
        return replace(look, code=slots[slot].code, column=column)

    def at(self, x: int, y: int) -> Look | None:
        """Return the place whose name stands there."""
        for cell in self._cells:
            if cell.row == y and cell.left <= x < cell.right:
                return Look(cell.code, cell.column)
        return None

    def page(self) -> int:
        """Return how many rows are shown."""
        return self._page

    def readout(self, row: Mapping[str, Any]) -> str:
        """Return the place's ranks."""
        ranks = (
            f"{measure_title(measure)} "
            f"{rank_text(row[f'{measure}_rank'], row[f'{measure}_rank_worst'])}"
            for measure in self.measures
        )
        return _("{city}: {figures}").format(city=city_label(row), figures=" → ".join(ranks))


def _rank_columns(measures: Sequence[str]) -> list[Column]:
    columns = []
    for index, measure in enumerate(measures):
        columns.append(_rank_column(measure))
        if index:
            columns.append(_change_column(measure, measures[index - 1]))
    return columns


def _rank_column(measure: str) -> Column:
    title = f"{measure_title(measure)} #"
    return Column(
        f"{measure}_rank",
        title,
        lambda row, width: rank_text(row[f"{measure}_rank"], row[f"{measure}_rank_worst"]),
        cell_len(title),
        right=True,
    )


def _change_column(measure: str, before: str) -> Column:
    title = f"Δ {measure_title(before)}"
    return Column(
        f"{measure}_leap",
        title,
        lambda row, width: change_text(row[f"{measure}_rank_vs_{before}"]),
        cell_len(title),
        right=True,
    )


def _leap_words(leap: Leap) -> str:
    moved = [
        f"{change_text(slot.leap)} {two_names(slot.name, slot.name_zh)}"
        for slot in (leap.up, leap.down)
        if slot is not None
    ]
    return _("{before} → {after}: {moves}.").format(
        before=measure_title(leap.before),
        after=measure_title(leap.after),
        moves=listed(moved) or _("no change of rank is known"),
    )


def _unranked_words(flow: Flow, places: Places) -> str:
    counts = [
        f"{measure_title(measure)} {count_text(count)}"
        for measure, count in flow.unranked.items()
        if count
    ]
    if not counts:
        return ""
    words = _("No rank known, of {cities}: {counts}.")
    return words.format(cities=counted(flow.frame.height, places), counts=listed(counts))


class Technologies(Shown):
    """What the applications of each place are made of."""

    def __init__(self, subject: Subject) -> None:
        """Draw the places in the order of Total."""
        counts = subject.manifest.labels["total"].title
        self.title = _("Technologies: {title}").format(title=counts)
        self.measures = (subject.manifest.count,)
        ordered = ranking(subject.standings, "total")
        self.bars = technology_bars(subject.dataset, ordered, subject.year)
        self.frame = self.bars.frame
        self.letters = letters(self.bars.parts)
        self.how = BarStyle(self.letters, shares=subject.wish.shares)
        self.columns = [city_column(subject.manifest), *map(_count_column, self.bars.parts)]
        self.legend = [
            f"{letter}{FILLS[index % len(FILLS)]} {technology_text(part)}"
            for index, (letter, part) in enumerate(zip(self.letters, self.bars.parts, strict=True))
        ]
        self.remarks = [*_bar_words(self.bars, subject.manifest.places)]
        self._rows: list[tuple[str, int]] = []
        self._index = {bar.code: index for index, bar in enumerate(self.bars.bars)}
        self._page = 1

    @property
    def height(self) -> int:
        """A row for each bar."""
        return len(self.bars.bars) or 1

    def draw(self, surface: Surface, look: Look) -> None:
        """Draw the bars around the place in focus."""
        self._page = max(1, surface.height)
        if not self.bars.bars:
            surface.text(1, 0, self.remarks[0], "dim")
            return
        here = self._index.get(look.code or "", 0)
        top = top_of(here, self._page, len(self.bars.bars))
        self._rows = draw_bars(surface, self.bars, self.how, look, top=top)

    def step(self, look: Look, dx: int, dy: int) -> Look:
        """Move up or down."""
        if not self.bars.bars:
            return look
        here = self._index.get(look.code or "")
        index = 0 if here is None else min(max(0, here + dy), len(self.bars.bars) - 1)
        return replace(look, code=self.bars.bars[index].code)

    def at(self, x: int, y: int) -> Look | None:
        """Return the place of a row."""
        return next((Look(code) for code, row in self._rows if row == y), None)

    def page(self) -> int:
        """Return how many rows are shown."""
        return self._page

    def readout(self, row: Mapping[str, Any]) -> str:
        """Return the place's figure in each technology."""
        parts = (
            f"{letter} {span_text(_span(row, part), measure='total')}"
            for letter, part in zip(self.letters, self.bars.parts, strict=True)
        )
        return _("{city}: {figures}").format(city=city_label(row), figures=" · ".join(parts))


def letters(parts: tuple[str, ...]) -> list[str]:
    """Return a letter for each technology, by which its part of a bar is known."""
    free = iter("EFGHJKLMNOPQRSTUVWXYZ")
    return [_LETTERS[part] if part in TECHNOLOGY_NAMES else next(free, "?") for part in parts]


def top_of(here: int, page: int, count: int) -> int:
    """Return the first row to show so that row `here` is amid the page, as far as it can be."""
    return max(0, min(here - page // 2, count - page))


def _span(row: Mapping[str, Any], part: str) -> Span:
    return Span(*(row[f"{part}_{end}"] for end in ("value", "lower", "upper")))


def _count_column(part: str) -> Column:
    return Column(
        part,
        technology_text(part).capitalize(),
        lambda row, width: span_text(_span(row, part), measure="total"),
        10,
        12,
        right=True,
    )


def _bar_words(bars: Bars, places: Places) -> list[str]:
    if not bars.parts:
        return [_("This dataset counts all technologies together, none apart.")]
    words = [_("An application in several technologies counts in each.")]
    if bars.empty:
        without = _("{cities} without a figure of any technology.")
        words.append(without.format(cities=counted(bars.empty, places).capitalize()))
    return words
