"""The blocks that a report is made of, whatever it is written as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
    """A column of a table, and what becomes of it in a terminal that is too narrow.

    One with a `priority` is left out, the highest number first. One with `least` shrinks down to
    that width; its cells then wrap, or are cut with `…`.
    """

    title: str
    right: bool = False
    priority: int = 0
    least: int | None = None
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Cells in columns."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


Block = Heading | Lines | Table
