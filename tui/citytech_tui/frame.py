"""A screen as cells, and the fewest bytes that turn what a terminal shows into another one."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, permutations
from operator import is_not, ne, or_
from typing import NamedTuple
from weakref import WeakValueDictionary

from rich.cells import split_graphemes
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset, Size

from citytech_tui.pen import BLANK, CONTROLS, PLAIN, Pen, pens_of, switch

Styled = tuple[str, Style | None]
# Runs are erased but never repeated (REP): tmux (until 2024) and others repeat nothing but ASCII,
# and runs of ASCII other than spaces are rare here.
_SHORT_GAP = 4
_SHORT_TAIL = 3
_SHORT_BLANK = 8
_FEW_PENS = 5
_UNKNOWN = -1
# What is remembered for all who show the same.
_MOST_BLANKS, _MOST_ROWS, _MOST_SCREENS, _MOST_CHANGES = 64, 4096, 256, 1024


@lru_cache(1024)
def split(text: str) -> tuple[str, ...]:
    """Return the cells of a text; after a wide character comes an empty one."""
    text = CONTROLS.sub("", text)
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:  # a mark with nothing to stand on is left out
            cells += (text[start:end], *[""] * (width - 1))
    return tuple(cells)


def is_doubtful(cell: str) -> bool:
    """Whether terminals disagree on how wide it is."""
    return len(cell) > 1 or cell > "\uffff"


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class Row:
    """The cells of a line and their pens; never changed, as all who show the same share it."""

    cells: tuple[str, ...]
    pens: tuple[Pen, ...]

    @classmethod
    def of(cls, cells: tuple[str, ...], pens: tuple[Pen, ...]) -> Row:
        """Return the one row of these cells, however they came about."""
        row = _rows.get((cells, pens))
        if row is None:
            row = _rows[cells, pens] = cls(cells, pens)
        return row


_rows: WeakValueDictionary[tuple[tuple[str, ...], tuple[Pen, ...]], Row] = WeakValueDictionary()


@lru_cache(_MOST_BLANKS)
def blank_row(width: int, pen: Pen) -> Row:
    """Return spaces."""
    return Row.of((" ",) * width, (pen,) * width)


@lru_cache(_MOST_ROWS)
def drawn(row: Row, x: int, texts: tuple[Styled, ...], system: ColorSystem) -> Row:
    """Return a row with texts drawn on it; half of a wide character becomes a space."""
    more_cells: list[str] = []
    more_pens: list[Pen] = []
    for text, style in texts:
        pen, blank = pens_of(style, system)
        more: Sequence[str] = text if text.isascii() and text.isprintable() else split(text)
        more_cells += more
        if blank is pen or " " not in more:
            more_pens += [pen] * len(more)
        else:
            more_pens += [blank if cell == " " else pen for cell in more]
    cells, pens, width = [*row.cells], [*row.pens], len(row.cells)
    end = min(x + len(more_cells), width)
    if x < end and cells[x] == "":
        cells[x - 1] = " "
    if more_cells[end - x : end - x + 1] == [""]:
        more_cells[end - x - 1] = " "
    cells[x:end], pens[x:end] = more_cells[: end - x], more_pens[: end - x]
    if end < width and cells[end] == "":
        cells[end] = " "
    return Row.of(tuple(cells), tuple(pens))


class Frame:
    """A screen of cells: a character and a pen for each."""

    def __init__(self, size: Size, pen: Pen = BLANK) -> None:
        """Begin with spaces."""
        self.size = size
        self.rows = [blank_row(size.width, pen)] * size.height

    def put(self, x: int, y: int, segments: Iterable[Segment], system: ColorSystem) -> None:
        """Draw segments from a cell on."""
        texts = tuple([(text, style) for text, style, control in segments if not control])
        self.rows[y] = drawn(self.rows[y], x, texts, system)


class Run(NamedTuple):
    """Something to write at a place, after which the cursor is `width` cells further."""

    pen: Pen
    y: int
    x: int
    text: str
    width: int = 0


class Screenful:
    """What a terminal shows, and how to change it with the fewest bytes."""

    def __init__(self, *, fills: bool) -> None:
        """`fills` says that erasing leaves the pen's background."""
        self.fills = fills
        self.shown: Frame | None = None
        """The frame on the terminal, None if that is not known."""
        self._cursor = Offset(-1, -1)
        self._pen = PLAIN

    def change(self, frame: Frame, cursor: Offset) -> str:
        """Return what makes the terminal show `frame` with the cursor at a place."""
        start, shown = "", self.shown
        if shown is None or shown.size != frame.size:
            blank = _commonest(tuple(frame.rows), self.fills)
            # A link goes on after `\x1b[m`.
            text, self._pen = switch(PLAIN._replace(link=self._pen.link), blank)
            start, self.shown = f"\x1b[m{text}\x1b[2J", Frame(frame.size, blank)
            shown = self.shown
        rows = zip(range(frame.size.height), shown.rows, frame.rows, strict=True)
        changed = tuple(each for each in rows if each[1] is not each[2])
        shown.rows[:] = frame.rows
        text, self._pen = difference(changed, self._pen, cursor, self.fills)
        if not text and (start or cursor != self._cursor):
            text = _move(_UNKNOWN, _UNKNOWN, *cursor)
        self._cursor = cursor
        return start + text

    def reset(self) -> str:
        """Return what takes back all colours and attributes, before others write."""
        pen, self._pen = self._pen, PLAIN
        return switch(pen, PLAIN)[0]


def _erases(pen: Pen, fills: bool) -> bool:
    return pen.fg is None and (fills or not pen.bg)


@lru_cache(_MOST_SCREENS)
def _commonest(rows: tuple[Row, ...], fills: bool) -> Pen:
    """Return the pen of most cells among those with which the screen can be erased."""
    blanks = Counter(pen for row in rows for pen in row.pens if _erases(pen, fills))
    return max(blanks, key=blanks.__getitem__, default=BLANK)


@lru_cache(_MOST_CHANGES)
def difference(
    rows: tuple[tuple[int, Row, Row], ...], pen: Pen, cursor: Offset, fills: bool
) -> tuple[str, Pen]:
    """Return what changes rows and moves the cursor, beginning with a pen, and the pen at the end.

    On a server the same key leads many from the same rows to the same rows.
    """
    runs = [run for y, old, new in rows for run in _runs(old, new, y, fills)]
    if not runs:
        return "", pen
    first = [run for run in runs if run.width == _UNKNOWN]
    then = [run for run in runs if run.width != _UNKNOWN]
    width = len(rows[0][1].cells)
    orders = ((*first, *order) for order in (then, by_pen(then, pen)))
    ways = [written(order, pen, cursor, width) for order in orders]
    return min(ways, key=lambda way: len(way[0]))


def _runs(old: Row, new: Row, y: int, fills: bool) -> Iterator[Run]:
    """Yield what to write into a row."""
    changed = _changed(old, new)
    if not changed:
        return
    cells, pens = new.cells, new.pens
    tail = len(cells)
    if _erases(pens[-1], fills):
        while tail > changed[0] and pens[tail - 1] == pens[-1]:
            tail -= 1
    at = bisect_left(changed, tail)
    if len(changed) - at > _SHORT_TAIL:
        yield Run(pens[-1], y, changed[at], "\x1b[K")
        del changed[at:]
    text: tuple[Pen, int, int] | None = None
    for start, end in _pieces(cells, pens, changed):
        pen = pens[start]
        if is_doubtful(cells[start]):
            # Where it is drawn narrower than expected, nothing old remains beside it.
            yield Run(pen, y, start, f"\x1b[{end - start}X{cells[start]}", _UNKNOWN)
        elif _erases(pen, fills) and end - start > _SHORT_BLANK:
            yield Run(pen, y, start, f"\x1b[{end - start}X")
        elif text is not None and (both := _common_pen(text[0], cells, pens, text[2], start)):
            text = both, text[1], end
        else:
            if text is not None:
                yield _text_run(y, cells, *text)
            text = pen, start, end
    if text is not None:
        yield _text_run(y, cells, *text)


def _changed(old: Row, new: Row) -> list[int]:
    """Return the columns of a row to write."""
    cells, pens = new.cells, new.pens
    # Nearly all equal pens are one object.
    differs = map(or_, map(ne, cells, old.cells), map(is_not, pens, old.pens))
    changed = [
        x
        for x in compress(range(len(cells)), differs)
        if cells[x] != old.cells[x] or pens[x] != old.pens[x]
    ]
    if "" in cells:  # a wide character is written as a whole
        halves = {
            x + 1 for x in changed if cells[x] != old.cells[x] and cells[x + 1 : x + 2] == ("",)
        }
        changed = sorted(halves.union(changed))
    if changed and not "".join(cells).isascii():
        for at, x in enumerate(changed):
            if is_doubtful(cells[x]):
                # It may spill over what follows.
                return [*changed[:at], *range(x, len(cells))]
    return changed


def _common_pen(
    pen: Pen, cells: Sequence[str], pens: Sequence[Pen], stop: int, start: int
) -> Pen | None:
    """Return the pen for a text up to `stop` and one from `start` on, if it suits all between."""
    if start - stop > _SHORT_GAP:
        return None
    gap = cells[stop:start]
    short = len("".join(gap).encode()) <= _SHORT_GAP
    both = pens[start] if pens[start].draws(pen) else pen
    if short and both.draws(pens[start]) and all(map(both.draws, pens[stop:start])):
        return None if any(map(is_doubtful, gap)) else both
    return None


def _text_run(y: int, cells: Sequence[str], pen: Pen, start: int, end: int) -> Run:
    return Run(pen, y, start, "".join(cells[start:end]), end - start)


def _pieces(
    cells: Sequence[str], pens: Sequence[Pen], changed: list[int]
) -> Iterator[tuple[int, int]]:
    """Yield from where to where changed cells have one pen; each doubtful one stands alone."""
    index, count = 0, len(changed)
    while index < count:
        start = changed[index]
        end, pen, alone = start + 1, pens[start], is_doubtful(cells[start])
        index += 1
        while index < count and changed[index] == end and pens[end] == pen:
            if (alone and cells[end]) or is_doubtful(cells[end]):
                break
            end += 1
            index += 1
        yield start, end


def by_pen(runs: Iterable[Run], pen: Pen) -> Iterator[Run]:
    """Order runs so that no pen is taken twice, each after one that differs little from it.

    Spaces are drawn with a pen of another run.
    """
    groups: dict[Pen, list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.pen.fg is None):
        own = run.pen
        if own.fg is None:
            own = next((other for other in groups if other.draws(own)), own)
        groups.setdefault(own, []).append(run)
    for own in _in_short(tuple(groups), pen):
        yield from sorted(groups[own], key=lambda run: (run.y, run.x))


@lru_cache(1024)
def _in_short(pens: tuple[Pen, ...], pen: Pen) -> Sequence[Pen]:
    """Return pens in an order that takes few bytes from one to the next, after `pen`."""
    if len(pens) <= _FEW_PENS:

        def length(order: Sequence[Pen]) -> int:
            now, total = pen, 0
            for other in order:
                text, now = switch(now, other)
                total += len(text)
            return total

        return min(permutations(pens), key=length)
    left, order = list(pens), []
    while left:
        nearest = min(left, key=lambda other: len(switch(pen, other)[0]))
        left.remove(nearest)
        order.append(nearest)
        pen = switch(pen, nearest)[1]
    return order


def written(runs: Iterable[Run], pen: Pen, cursor: Offset, width: int) -> tuple[str, Pen]:
    """Return what writes the runs in their order, beginning with `pen`, and the pen at the end."""
    out: list[str] = []
    x = y = _UNKNOWN
    for run in runs:
        text, pen = switch(pen, run.pen)
        # After the last column the cursor is at one of two places, as terminals like.
        out += (text, _move(x if x < width else _UNKNOWN, y, run.x, run.y), run.text)
        x, y = run.x + run.width if run.width != _UNKNOWN else _UNKNOWN, run.y
    out.append(_move(x if x < width else _UNKNOWN, y, cursor.x, cursor.y))
    return "".join(out), pen


@lru_cache(8192)
def _move(x: int, y: int, to_x: int, to_y: int) -> str:
    """Return the shortest sequence that moves the cursor, from a column that may be unknown."""
    if (x, y) == (to_x, to_y):
        return ""
    ways = [f"\x1b[{to_y + 1};{to_x + 1}H" if to_x else f"\x1b[{to_y + 1 if to_y else ''}H"]
    if y != _UNKNOWN and to_y - y in (0, 1):
        down = "\x1b[B" if to_y > y else ""
        if x != _UNKNOWN:
            right, left = f"\x1b[{to_x - x}C", f"\x1b[{x - to_x}D"
            sideways = right if to_x > x else min(left, "\b" * (x - to_x), key=len)
            ways.append(down + (sideways if to_x != x else ""))
        elif not down:
            ways.append(f"\x1b[{to_x + 1}G")
        ways.append(("\r\n" if down else "\r") + (f"\x1b[{to_x}C" if to_x else ""))
    return min(ways, key=len)
