"""Reports, and how they are written: as an aligned table, CSV, JSON or Markdown."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from citytech_tui.blocks import Block, Column, Heading, Lines, Table
from citytech_tui.language import _
from citytech_tui.markup import markdown_text
from citytech_tui.names import listed
from citytech_tui.sentences import exact

if TYPE_CHECKING:
    from rich.console import Console

Format = Literal["table", "csv", "json", "markdown"]
Record = Mapping[str, Any]

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Report:
    """What a verb has to say: for people as blocks, for programs as records.

    `document` is what JSON holds where that is more than the records. All are computed on
    demand, as a format needs only one of them.
    """

    blocks: Callable[[], Sequence[Block]]
    columns: Sequence[str] = ()
    records: Callable[[], Iterable[Record]] = tuple
    document: Callable[[], Record] | None = None
    status: int = 0
    """The exit status, where what is reported is bad news."""
    title: Callable[[], str] = str
    """What it is about, where it can be taken away."""


def write_report(report: Report, form: Format) -> None:
    """Write `report` to the standard output."""
    if sys.stdout is None:
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Another encoding than UTF-8 lacks characters; a `?` for them is better than to stop.
        sys.stdout.reconfigure(errors="replace")
    if form == "table" and sys.stdout.isatty():
        _print_blocks(report.blocks())
    else:
        escaped = (sys.stdout.encoding or "utf-8").lower().replace("-", "") != "utf8"
        sys.stdout.write(report_text(report, form, escaped=escaped))


def report_text(report: Report, form: Format, *, escaped: bool = False) -> str:
    """Return `report` as text without styles; `escaped` leaves ASCII only in JSON."""
    match form:
        case "csv":
            return csv_text(report.columns, report.records())
        case "json":
            content = report.document() if report.document else list(report.records())
            return json_text(content, escaped=escaped)
        case "markdown":
            return markdown_text(report.blocks())
        case "table":
            return plain_text(report.blocks())


def csv_text(columns: Sequence[str], records: Iterable[Record]) -> str:
    """Return records as CSV with a header; what is unknown is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_csv_cell(record[name]) for name in columns] for record in records)
    return text.getvalue()


def _csv_cell(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    number = exact(value)
    return None if number is None else f"{Decimal(str(number)):f}"


def json_text(content: Any, *, escaped: bool = False) -> str:
    """Return records, or a document of them, as JSON; `escaped` leaves ASCII only."""
    return json.dumps(_json_value(content), ensure_ascii=escaped, indent=2) + "\n"


def _json_value(value: Any) -> Any:
    if isinstance(value, float):
        return exact(value)
    if isinstance(value, Mapping):
        return {name: _json_value(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(item) for item in value]
    return value


def plain_text(blocks: Sequence[Block]) -> str:
    """Return blocks as plain text, whole and aligned, for a pipe or a file."""
    lines: list[str] = []
    for block, gap in _spaced(blocks):
        lines += [""] if gap else []
        lines += _plain_lines(block)
    return "\n".join(lines) + "\n"


def _spaced(blocks: Sequence[Block]) -> Iterator[tuple[Block, bool]]:
    """Yield blocks and whether an empty line parts them from what is above."""
    above: Block | None = None
    for block in blocks:
        yield block, above is not None and not isinstance(above, Heading)
        above = block


def _plain_lines(block: Block) -> Sequence[str]:
    match block:
        case Heading(text):
            return [text]
        case Lines(lines):
            return lines
        case Table(columns, rows):
            return _aligned(columns, rows)


def _aligned(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    from rich.cells import cell_len

    widths = _widths(columns, rows)

    def padded(cell: str, column: Column, width: int) -> str:
        space = " " * (width - cell_len(cell))
        return space + cell if column.right else cell + space

    cells = [[column.title for column in columns], *rows]
    lines = (zip(row, columns, widths, strict=True) for row in cells)
    return [_GAP.join(padded(*cell) for cell in line).rstrip() for line in lines]


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[int]:
    from rich.cells import cell_len

    cells = [[column.title for column in columns], *rows]
    return [max(map(cell_len, column)) for column in zip(*cells, strict=True)]


def fitted(table: Table, width: int) -> tuple[Table, list[int]]:
    """Return what of `table` fits into a terminal of this width, and its columns' widths."""
    columns, kept = table.columns, list(range(len(table.columns)))
    natural = _widths(columns, table.rows)
    least = [min(natural[i], columns[i].least or natural[i]) for i in kept]

    def excess(widths: Sequence[int]) -> int:
        return sum(widths[i] for i in kept) + len(_GAP) * (len(kept) - 1) - width

    while excess(least) > 0 and any(columns[i].priority for i in kept):
        kept.remove(max(kept, key=lambda i: columns[i].priority))
    widths = list(natural)
    for i in sorted(kept, key=lambda i: natural[i], reverse=True):
        widths[i] = max(least[i], widths[i] - max(excess(widths), 0))
    part = Table([columns[i] for i in kept], [[row[i] for i in kept] for row in table.rows])
    return part, [widths[i] for i in kept]


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the lines of `text` in `width` cells, indented as it is; words stay in one piece.

    A URL cut in two could not be opened from the terminal.
    """
    from rich.cells import cell_len

    indent = " " * (len(text) - len(text.lstrip()))
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else indent + word
        if line and cell_len(longer) > width:
            yield line
            longer = indent + word
        line = longer
    yield line


def _print_blocks(blocks: Sequence[Block]) -> None:
    """Write blocks to a terminal: fitted to its width, with bold headings."""
    from rich.console import Console
    from rich.text import Text

    console = Console(
        file=sys.stdout, force_terminal=True, markup=False, highlight=False, emoji=False
    )
    for block, gap in _spaced(blocks):
        if gap:
            console.print()
        if isinstance(block, Table):
            _print_table(console, block)
            continue
        style = "bold" if isinstance(block, Heading) else ""
        for line in _plain_lines(block):
            for part in wrapped(line, console.width):
                console.print(Text(part, style=style), soft_wrap=True)


def _print_table(console: Console, table: Table) -> None:
    from rich.table import Table as RichTable
    from rich.text import Text

    part, widths = fitted(table, console.width)
    grid = RichTable(box=None, pad_edge=False, header_style="bold")
    for column, width in zip(part.columns, widths, strict=True):
        grid.add_column(
            Text(column.title),
            justify="right" if column.right else "left",
            width=width,
            no_wrap=not column.wraps,
            overflow="fold" if column.wraps else "ellipsis",
        )
    for row in part.rows:
        grid.add_row(*map(Text, row))
    console.print(grid)
    hidden = [column.title for column in table.columns if column not in part.columns]
    if hidden:
        words = _("A wider terminal also shows {columns}.")
        console.print(Text(words.format(columns=listed(hidden))), soft_wrap=True)
