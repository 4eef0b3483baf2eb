"""A table that draws only the rows on screen, from a Polars frame or stored rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from citytech_data.rows import Row, Rows, StoredRows
from citytech_tui.bindings import Place
from citytech_tui.keymap import bindings
from citytech_tui.selection import Order
from citytech_tui.widgets.cells import fit
from citytech_tui.widgets.painted import Painted, filled

NO_ROWS = StoredRows({}, ())
_NUMBERS = "¹²³⁴⁵⁶⁷⁸⁹"


class Column(NamedTuple):
    """One column: what it is called, how wide it may be, and how a row's cell is drawn.

    `cell` gets the row and the width in cells. A column with a higher `priority` number is left
    out first where the screen is narrow. `sort` names the column of the frame to sort by.
    `grows` takes what width is left. `style` names a component class for the cells.
    """

    key: str
    label: str
    cell: Callable[[Row, int], str]
    width: int
    widest: int = 0
    priority: int = 0
    right: bool = False
    grows: bool = False
    sort: str = ""
    style: str = ""
    about: str = ""
    """What it is called where columns are chosen, if not by its label."""
    hidden: bool = False
    """Whether it is shown only where it is chosen."""
    frozen: bool = False
    """Whether it stays where it is when columns are scrolled."""

    @property
    def name(self) -> str:
        """What it is called in lists of columns."""
        return self.about or self.label


Arranged = list[tuple[Column, int]]
"""The columns that there is room for, and their widths in cells."""


def arrange(columns: Sequence[Column], width: int, scrolled: int = 0) -> Arranged:
    """Return the columns that fit into `width` cells and their widths, in their order.

    One cell of space stands before every column. `scrolled` of those that are not frozen are left
    out from the left; those that follow are then kept in their order, as far as they fit.
    """
    if scrolled:
        frozen = [column for column in columns if column.frozen]
        rest = [column for column in columns if not column.frozen][scrolled:]
        columns = [*frozen, *(column._replace(priority=at) for at, column in enumerate(rest, 1))]
    shown = sorted(columns, key=lambda column: column.priority)
    while len(shown) > 1 and sum(column.width + 1 for column in shown) > width:
        shown.pop()
    spare = max(0, width - sum(column.width + 1 for column in shown))
    widths = {column.key: column.width for column in shown}
    for column in shown:
        more = min(spare, max(0, column.widest - column.width))
        widths[column.key] += more
        spare -= more
    for column in shown:
        if column.grows:
            widths[column.key] += spare
            break
    return [(column, widths[column.key]) for column in columns if column.key in widths]


def sort_marks(order: Order) -> dict[str, str]:
    """Return the mark of each column that is sorted by; of several, with their number."""
    marks = {}
    for number, (column, descending) in enumerate(order):
        which = _NUMBERS[number] if len(order) > 1 and number < len(_NUMBERS) else ""
        marks[column] = ("▼" if descending else "▲") + which
    return marks


class Table(Painted, can_focus=True):
    """A table with a header, a cursor row and a sort mark."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.TABLE)]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--row",
        "table--header",
        "table--cursor",
        "table--marked",
        "table--bar",
        "table--dim",
    }
    DEFAULT_CSS = """
    Table {
        height: 1fr;
        scrollbar-size-horizontal: 0;
        scrollbar-size-vertical: 1;
        & > .table--header { text-style: bold; color: $text-muted; background: $surface; }
        & > .table--cursor { background: $primary; color: $foreground; text-style: bold; }
        & > .table--marked { color: $accent; text-style: bold; }
        & > .table--bar { color: $primary-lighten-1; }
        & > .table--dim { color: $text-muted; }
        &:ansi > .table--cursor, &:nocolor > .table--cursor { text-style: reverse; }
        &:ansi > .table--header, &:nocolor > .table--header { text-style: bold underline; }
    }
    """

    class HeaderSelected(Message):
        """The header of a column was clicked."""

        def __init__(self, table: Table, column: Column, *, further: bool) -> None:
            self.table = table
            self.column = column
            self.further = further
            """Whether it was clicked with shift: to sort by it beside the present order."""
            super().__init__()

        @property
        def control(self) -> Table:
            """The table."""
            return self.table

    class Opened(Message):
        """A row was double-clicked."""

        def __init__(self, table: Table) -> None:
            self.table = table
            super().__init__()

        @property
        def control(self) -> Table:
            """The table."""
            return self.table

    def __init__(self, columns: Sequence[Column], *, key: str, id: str | None = None) -> None:  # noqa: A002
        """Draw `columns`; the row column `key` identifies a row."""
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.key = key
        self.rows: Rows = NO_ROWS
        self.marked: frozenset[str] = frozenset()
        """The keys of the rows shown as marked."""
        self.sorted_by: Order = ()
        """The `sort` of columns and whether each descends, for the marks in the header."""
        self.scrolled_columns = 0
        """How many columns are left out beside the frozen ones."""
        self.empty_text = ""
        """What is shown in place of rows where there are none."""
        self.cursor_row = 0
        self.follow: Callable[[Row], object] = lambda row: None
        """What is told of each row that the cursor comes to, before the next key is taken."""
        self._arranged: tuple[int, Arranged] = (0, [])

    def show(
        self,
        rows: Rows,
        *,
        columns: Sequence[Column] | None = None,
        focus_on: str | None = None,
    ) -> None:
        """Show `rows`, with the cursor on the row of key `focus_on`, else on the first.

        What `marked`, `sorted_by` and `empty_text` say is shown too.
        """
        if columns is not None:
            self.columns = tuple(columns)
        self.rows = rows
        self._arranged = (0, [])
        self.cursor_row = self._find(focus_on)
        self.set_line_count(rows.height + 1)
        self._reveal()
        self.repaint()

    def repaint(self) -> None:
        """Repaint the rows that have changed; what cells say can depend on more than the rows."""
        self._strips.clear()
        super().repaint()

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        if not 0 <= self.cursor_row < self.rows.height:
            return None
        return self.rows.row(self.cursor_row)

    @property
    def shown_columns(self) -> list[Column]:
        """The columns that the present width has room for."""
        return [column for column, _ in self._columns]

    def move_to(self, row: int) -> None:
        """Move the cursor to `row`, or the nearest there is, and repaint only what changed."""
        row = max(0, min(row, self.rows.height - 1))
        if row == self.cursor_row:
            return
        before, self.cursor_row = self.cursor_row, row
        self._reveal()
        self.repaint_lines(changed - self.scroll_offset.y + 1 for changed in (before, row))
        if (current := self.current) is not None:
            self.follow(current)

    def move_to_key(self, key: str | None) -> None:
        """Move the cursor to the row of this key, if it is there."""
        if key is not None and (current := self.current) is not None and current[self.key] != key:
            self.move_to(self._find(key, self.cursor_row))

    def draw_lines(self, lines: Iterable[int]) -> Iterator[Strip]:
        """Yield lines: the header, rows, or nothing."""
        top, width, height = self.scroll_offset.y, self.line_area.width, self.rows.height
        columns = self._columns
        for y in lines:
            if y and (row := top + y - 1) < height:
                base = self._base(row)
                yield self.drawn((row, base, width), partial(self._draw_row, row, base, width))
                continue
            if y == 0:
                segments, style = self._header(columns), "table--header"
            else:
                text = f" {self.empty_text}" if y == 1 and not height else ""
                segments, style = [Segment(text, self._style("table--dim"))], ""
            yield filled([*Segment.simplify(segments)], width, self._style(style))

    def scroll_columns(self, step: int) -> None:
        """Scroll the columns that are not frozen by `step`, as far as there are some."""
        last = sum(not column.frozen for column in self.columns) - 1
        self.scrolled_columns = max(0, min(last, self.scrolled_columns + step))
        self._arranged = (0, [])
        self.repaint()

    def action_cursor(self, rows: int) -> None:
        """Move the cursor by `rows`."""
        self.move_to(self.cursor_row + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by `pages` screens of rows."""
        self.move_to(self.cursor_row + pages * max(1, self._page))

    def action_edge(self, edge: int) -> None:
        """Move the cursor to the first (-1) or last (1) row."""
        self.move_to(0 if edge < 0 else self.rows.height - 1)

    def _on_resize(self, event: events.Resize) -> None:
        self._reveal()

    async def _on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            end = 0
            for column, width in self._columns:
                end += width + 1
                if offset.x < end:
                    self.post_message(self.HeaderSelected(self, column, further=event.shift))
                    return
            return
        row = self.scroll_offset.y + offset.y - 1
        if row < self.rows.height:
            self.move_to(row)
            if event.chain == 2:
                self.post_message(self.Opened(self))

    @property
    def _page(self) -> int:
        return self.size.height - 1

    @property
    def _columns(self) -> Arranged:
        """The columns arranged for the present width, which changes before `Resize` comes."""
        width = self.scrollable_content_region.width
        if self._arranged[0] != width:
            # The last cell stays free, or figures would touch the scrollbar.
            self._arranged = (width, arrange(self.columns, width - 1, self.scrolled_columns))
        return self._arranged[1]

    def _reveal(self) -> None:
        top = self.scroll_offset.y
        if self._page > 0 and not top <= self.cursor_row < top + self._page:
            target = self.cursor_row - (self._page - 1 if self.cursor_row > top else 0)
            self.scroll_to(y=target, animate=False, immediate=True)

    def _find(self, key: str | None, default: int = 0) -> int:
        if key is None:
            return default
        found = self.rows.find(self.key, key) if self.rows.height else None
        return default if found is None else found

    def _header(self, columns: Arranged) -> list[Segment]:
        style = self._style("table--header")
        marks = sort_marks(self.sorted_by)
        segments = []
        for column, width in columns:
            label, space = column.label, " "
            if column.sort and (mark := marks.get(column.sort)):
                # Where the label takes the whole width, the mark stands before it.
                if cell_len(label + mark) <= width:
                    label += mark
                elif cell_len(mark) == 1:
                    space = mark
                else:
                    label = fit(label, width - cell_len(mark)) + mark
            segments.append(Segment(space + fit(label, width, right=column.right), style))
        return segments

    def _base(self, index: int) -> str:
        """Return the style of a whole row, if it has one."""
        if index == self.cursor_row:
            return "table--cursor"
        return "table--marked" if self.rows.row(index)[self.key] in self.marked else ""

    def _draw_row(self, index: int, base: str, width: int) -> Strip:
        row = self.rows.row(index)
        segments = [
            Segment(
                " " + fit(column.cell(row, room), room, right=column.right),
                self._style(base or column.style),
            )
            for column, room in self._columns
        ]
        return filled([*Segment.simplify(segments)], width, self._style(base))

    def _style(self, name: str) -> Style:
        return self.component_style(name or "table--row")
