"""Blocks of a report as Markdown or HTML, with nothing in them taken for markup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from citytech_tui.blocks import Block, Heading, Lines, Table

_URL = re.compile(r"(https?://[^\s<>|`\\\"]+)")
_MARKDOWN = re.compile(r"([\\`*_\[\]|~$])")
_STYLE = """\
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { border-bottom: 1px solid #8885; padding: .2rem .7rem; text-align: left }
th { border-bottom-width: 2px } .right { text-align: right }
:root { color-scheme: light dark }"""


def markdown_text(blocks: Sequence[Block]) -> str:
    """Return blocks as GitHub's Markdown."""
    return "\n\n".join(map(_markdown_block, blocks)) + "\n"


def _markdown_block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"## {escape_markdown(text)}"
        case Lines(lines):
            return "\n".join(f"- {_list_item(line.strip())}" for line in lines)
        case Table(columns, rows):
            rules = ["---:" if column.right else "---" for column in columns]
            titles = [escape_markdown(column.title) for column in columns]
            cells = [[escape_markdown(cell) for cell in row] for row in rows]
            return "\n".join(f"| {' | '.join(row)} |" for row in [titles, rules, *cells])


def _list_item(line: str) -> str:
    """Return a line that does not begin as a heading or another list does."""
    return re.sub(r"^(\d*)([-#+=.)])", r"\1\\\2", escape_markdown(line))


def escape_markdown(text: str) -> str:
    """Return `text` so that Markdown shows it as it is; only URLs become links."""
    parts = _URL.split(" ".join(text.splitlines()))
    return "".join(f"<{part}>" if i % 2 else _escape(part) for i, part in enumerate(parts))


def _escape(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", text)


def html_text(title: str, blocks: Sequence[Block]) -> str:
    """Return blocks as one page of HTML that needs nothing else: no script, font or picture."""
    body = "\n".join(line for block in blocks for line in _html_block(block))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _html_block(block: Block) -> Iterator[str]:
    match block:
        case Heading(text):
            yield f"<h2>{escape(text)}</h2>"
        case Lines(lines):
            yield "<ul>"
            yield from (f"<li>{_linked(line)}</li>" for line in lines)
            yield "</ul>"
        case Table(columns, rows):
            right = [' class="right"' if column.right else "" for column in columns]
            yield "<table>"
            yield f"<thead>{_html_row('th', right, [column.title for column in columns])}</thead>"
            yield "<tbody>"
            yield from (_html_row("td", right, row) for row in rows)
            yield "</tbody>\n</table>"


def _html_row(tag: str, attributes: Sequence[str], cells: Sequence[str]) -> str:
    both = zip(attributes, cells, strict=True)
    return f"<tr>{''.join(f'<{tag}{each}>{escape(cell)}</{tag}>' for each, cell in both)}</tr>"


def _linked(line: str) -> str:
    parts = _URL.split(line)
    return "".join(
        f'<a href="{escape(part)}" rel="noreferrer">{escape(part)}</a>' if i % 2 else escape(part)
        for i, part in enumerate(parts)
    )
