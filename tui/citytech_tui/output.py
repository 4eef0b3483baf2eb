"""Write a report as an aligned table, CSV, JSON or Markdown."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from citytech_tui.sentences import exact

if TYPE_CHECKING:
    from rich.console import Console

Format = Literal["table", "csv", "json", "markdown"]
Record = Mapping[str, Any]

_GAP = "  "
_URL = re.compile(r"(https?://[^\s<>|`\\\"]+)")
_MARKDOWN = re.compile(r"([\\`*_\[\]|~$])")


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Sentences, each a line or list item of its own."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; one that does not wrap is cut where a terminal is too narrow."""

    title: str
    right: bool = False
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Cells in columns."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


Block = Heading | Lines | Table


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


def write_report(report: Report, form: Format) -> None:
    """Write `report` to the standard output."""
    if sys.stdout is None:
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Another encoding than UTF-8 lacks characters; a `?` for them is better than to stop.
        sys.stdout.reconfigure(errors="replace")
    match form:
        case "csv":
            sys.stdout.write(csv_text(report.columns, report.records()))
        case "json":
            escaped = sys.stdout.encoding.lower().replace("-", "") != "utf8"
            content = report.document() if report.document else list(report.records())
            sys.stdout.write(json_text(content, escaped=escaped))
        case "markdown":
            sys.stdout.write(markdown_text(report.blocks()))
        case "table" if sys.stdout.isatty():
            _print_blocks(report.blocks())
        case "table":
            sys.stdout.write(plain_text(report.blocks()))


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


def markdown_text(blocks: Sequence[Block]) -> str:
    """Return blocks as GitHub's Markdown, with nothing in them taken for markup."""
    return "\n\n".join(map(_markdown_block, blocks)) + "\n"


def _markdown_block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"## {escape_markdown(text)}"
        case Lines(lines):
            return "\n".join(f"- {escape_markdown(line.strip())}" for line in lines)
        case Table(columns, rows):
            rules = ["---:" if column.right else "---" for column in columns]
            titles = [escape_markdown(column.title) for column in columns]
            cells = [[escape_markdown(cell) for cell in row] for row in rows]
            return "\n".join(f"| {' | '.join(row)} |" for row in [titles, rules, *cells])


def escape_markdown(text: str) -> str:
    """Return `text` so that Markdown shows it as it is; only URLs become links."""
    parts = _URL.split(" ".join(text.splitlines()))
    return "".join(f"<{part}>" if i % 2 else _escape(part) for i, part in enumerate(parts))


def _escape(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", text)


def plain_text(blocks: Sequence[Block]) -> str:
    """Return blocks as plain text, whole and aligned, for a pipe or a file."""
    return "\n\n".join("\n".join(_plain_lines(block)) for block in blocks) + "\n"


def _plain_lines(block: Block) -> list[str]:
    match block:
        case Heading(text):
            return [text]
        case Lines(lines):
            return list(lines)
        case Table(columns, rows):
            return _aligned(columns, rows)


def _aligned(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    from rich.cells import cell_len

    cells = [[column.title for column in columns], *rows]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]

    def padded(cell: str, column: Column, width: int) -> str:
        space = " " * (width - cell_len(cell))
        return space + cell if column.right else cell + space

    return [_GAP.join(map(padded, row, columns, widths, strict=False)).rstrip() for row in cells]


def _print_blocks(blocks: Sequence[Block]) -> None:
    """Write blocks to a terminal: fitted to its width, with bold headings."""
    from rich.console import Console

    console = Console(
        file=sys.stdout, force_terminal=True, markup=False, highlight=False, emoji=False
    )
    for index, block in enumerate(blocks):
        if index:
            console.print()
        _print_block(console, block)


def _print_block(console: Console, block: Block) -> None:
    from rich.table import Table as RichTable
    from rich.text import Text

    if isinstance(block, Table):
        grid = RichTable(box=None, pad_edge=False, header_style="bold")
        for column in block.columns:
            grid.add_column(
                Text(column.title),
                justify="right" if column.right else "left",
                no_wrap=not column.wraps,
                overflow="fold" if column.wraps else "ellipsis",
            )
        for row in block.rows:
            grid.add_row(*map(Text, row))
        console.print(grid)
        return
    heading = isinstance(block, Heading)
    for line in [block.text] if isinstance(block, Heading) else block.lines:
        # Words wrap, but a URL stays in one piece, or it could not be opened.
        text = Text(line, style="bold" if heading else "")
        console.print(text, overflow="ignore", crop=False)
