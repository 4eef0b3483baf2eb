"""Rows that a table can draw one by one, wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import polars as pl

Row = Mapping[str, Any]


class Rows(Protocol):
    """A table of named columns that can be read row by row."""

    @property
    def height(self) -> int:
        """How many rows there are."""

    def row(self, index: int) -> Row:
        """Return one row."""

    def find(self, column: str, value: str) -> int | None:
        """Return the index of the first row with `value` in `column`."""


class StoredRows(NamedTuple):
    """Rows kept as columns, in an order of their own."""

    columns: Mapping[str, Sequence[Any]]
    order: Sequence[int]

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self.order)

    def row(self, index: int) -> Row:
        """Return one row."""
        position = self.order[index]
        return {name: values[position] for name, values in self.columns.items()}

    def find(self, column: str, value: str) -> int | None:
        """Return the index of the first row with `value` in `column`."""
        values = self.columns[column]
        return next((i for i, at in enumerate(self.order) if values[at] == value), None)


class FrameRows(NamedTuple):
    """The rows of a Polars frame."""

    frame: pl.DataFrame

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self.frame.height

    def row(self, index: int) -> Row:
        """Return one row."""
        return self.frame.row(index, named=True)

    def find(self, column: str, value: str) -> int | None:
        """Return the index of the first row with `value` in `column`."""
        return self.frame[column].index_of(value)
