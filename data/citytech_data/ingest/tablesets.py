"""What a database that comes as several tables is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from citytech_data.ingest.formats import Format, header_key
from citytech_data.messages import Message

BETWEEN: Final = "|"
"""What stands between the applicants of an application in a joined record."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the columns it is known by, and those that are read if they are there.

    `lacking` says what cannot be told without it; `needed` tables must be there.
    """

    name: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    lacking: Message | None = None
    needed: bool = False

    @property
    def format(self) -> Format:
        """How its files are read: as a part of a record only."""
        columns = {name: ((name,),) for name in (*self.columns, *self.optional)}
        return Format(self.name, self.name, "", "", (), columns, is_part=True)

    def fits(self, keys: frozenset[str]) -> bool:
        """Return whether a header, as keys, has all columns of this table."""
        return keys.issuperset(map(header_key, self.columns))


@dataclass(frozen=True, slots=True)
class Side:
    """A table beside the main one: of several rows per record, the first, or all its values.

    `order` names the column by which the first is told, `value` the column that has the values
    joined, and what they are.
    """

    table: Table
    order: str = ""
    value: tuple[str, pl.Expr] | None = None


@dataclass(frozen=True, slots=True)
class People:
    """The applicants: which record has which (`links`), and where each is (`whereabouts`).

    `order` counts the applicants of a record from `first`; `by` ties both tables; `values` are
    the columns that come of them.
    """

    links: Table
    order: str
    first: int
    by: str
    whereabouts: Table
    values: Callable[[], Mapping[str, pl.Expr]]


@dataclass(frozen=True, slots=True, eq=False)
class TableSet:
    """The tables of a database. A row of `main` is a record; `key` ties the others to it.

    `derived` are columns made of those of the main table, `says` what holds of all its data, and
    `names` is the beginning of the names of its files, so that what is not used is known.
    """

    format: str
    title: str
    key: str
    main: Table
    sides: tuple[Side, ...]
    people: People
    derived: Mapping[str, pl.Expr]
    says: tuple[Message, ...]
    names: str

    @property
    def tables(self) -> tuple[Table, ...]:
        """All its tables, the main one first."""
        sides = (side.table for side in self.sides)
        return (self.main, *sides, self.people.links, self.people.whereabouts)
