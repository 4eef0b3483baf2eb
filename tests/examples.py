"""The documentation's code blocks, and what the commands in them really print.

`python -m tests.examples` writes the outputs in the documentation anew. Of an output that has a
line `...`, as many lines as before are kept above and below it.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from citytech_tui import PROGRAM
from citytech_tui.__main__ import main

ROOT = Path(__file__).parent.parent
DOCUMENTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md")))
ELISION = "..."
PROMPT = "$ "
_FENCED = re.compile(r"^```(\w*) ?(\S*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced code block: its language, the file name that follows it, and its content."""

    document: Path
    language: str
    name: str
    content: str

    def __str__(self) -> str:
        first = self.content.partition("\n")[0]
        return f"{self.document.name}: {first}"


@dataclass(frozen=True)
class Example:
    """A command of a `console` block and the output that the documentation gives."""

    command: str
    output: tuple[str, ...]


def blocks(*languages: str) -> list[Block]:
    """Return the code blocks of all documents in one of `languages`."""
    return [
        Block(document, *found.groups())
        for document in DOCUMENTS
        for found in _FENCED.finditer(document.read_text(encoding="utf-8"))
        if found[1] in languages
    ]


def without_blocks(text: str) -> str:
    """Return a document's text without its code blocks."""
    return _FENCED.sub("", text)


def examples(content: str) -> Iterator[Example]:
    """Yield the commands of a `console` block with their outputs."""
    command, output = "", list[str]()
    for line in content.splitlines():
        if line.startswith(PROMPT):
            if command:
                yield Example(command, tuple(output))
            command, output = line.removeprefix(PROMPT), []
        else:
            output.append(line)
    if command:
        yield Example(command, tuple(output))


def run(command: str) -> tuple[int, str]:
    """Run a command of this program here; return its exit status and what it prints."""
    program, *arguments = command.split()
    if program != PROGRAM:
        raise ValueError(f"not a command of this program: {command}")
    printed = io.StringIO()
    with (
        redirect_stdout(printed),
        redirect_stderr(printed),
        patch.object(sys, "argv", [program, *arguments]),
        patch.dict(os.environ, LC_ALL="C.UTF-8"),
    ):
        status = main()
    return status, printed.getvalue()


def elided(lines: list[str], like: tuple[str, ...]) -> list[str]:
    """Return what is shown of `lines` where the documentation shows `like`."""
    lines = [line.rstrip() for line in lines]
    if ELISION not in like:
        return lines
    above = like.index(ELISION)
    below = len(like) - above - 1
    if len(lines) <= above + below:
        return lines
    return [*lines[:above], ELISION, *lines[len(lines) - below :]]


def renewed(content: str) -> str:
    """Return a `console` block with what its commands print now."""
    lines: list[str] = []
    for example in examples(content):
        _, printed = run(example.command)
        lines += [PROMPT + example.command, *elided(printed.splitlines(), example.output)]
    return "\n".join(lines) + "\n"


def renew() -> None:
    """Write the outputs in all documents anew."""
    for document in DOCUMENTS:
        before = document.read_text(encoding="utf-8")
        after = _FENCED.sub(
            lambda found: (
                f"```console\n{renewed(found[3])}```" if found[1] == "console" else found[0]
            ),
            before,
        )
        if after != before:
            document.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    renew()
