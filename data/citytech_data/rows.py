"""Rows that a table can draw one by one, wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    import polars as pl

Row = Mapping[str, Any]
_MOST_KEPT = 8
"""Rows of a frame that are kept once read, as the one under a cursor is asked for again."""


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


class FrameRows:
    """The rows of a Polars frame, in an order of their own if one is given.

    Only the order is kept: a sorted copy of a wide frame would take far more time and memory.
    """

    def __init__(self, frame: pl.DataFrame, order: pl.Series | None = None) -> None:
        """Show the rows of `frame` whose indices `order` holds; without it all."""
        self._frame = frame
        self._order = order
        self._names = frame.columns
        self._read: dict[int, Row] = {}

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self._frame.height if self._order is None else len(self._order)

    @property
    def frame(self) -> pl.DataFrame:
        """All rows in their order, as a frame."""
        return self._frame if self._order is None else self._frame[self._order]

    def head(self, count: int) -> pl.DataFrame:
        """Return the first rows in their order, as a frame."""
        return self._frame.head(count) if self._order is None else self._frame[self._order[:count]]

    def select(self, measure: str) -> pl.DataFrame:
        """Return the value and basis of a measure of all rows, as a frame."""
        part = self._frame.select(f"{measure}_value", f"{measure}_basis")
        return part if self._order is None else part[self._order]

    def row(self, index: int) -> Row:
        """Return one row."""
        row = self._read.get(index)
        if row is None:
            if len(self._read) >= _MOST_KEPT:
                self._read.clear()
            at = index if self._order is None else self._order[index]
            values = self._frame.row(at)
            row = self._read[index] = dict(zip(self._names, values, strict=True))
        return row

    def find(self, column: str, value: str) -> int | None:
        """Return the index of the first row with `value` in `column`."""
        at = self._frame[column].index_of(value)
        if self._order is None or at is None:
            return at
        found = self._order.index_of(at)
        # The first in the frame may not be shown, or not first, but another of equal value.
        return self._frame[column].gather(self._order).index_of(value) if found is None else found
