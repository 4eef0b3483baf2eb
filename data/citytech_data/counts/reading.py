"""What was read of a table of counts, and what became of every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from citytech_data.messages import Message

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset


class LeftOut(NamedTuple):
    """A row that is not counted: its number, what it says, why not, and the sum of its counts."""

    row: int
    text: str
    reason: Message
    sum_of_counts: float | None


class TotalCheck(NamedTuple):
    """A total that the table states, held against the sum of what it sums up."""

    row: int
    label: str
    stated: float
    summed: float
    agrees: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """The account of a table; every row below the header is in one of its numbers."""

    file: str
    sheet: str
    header_row: int
    columns: Sequence[tuple[str, str]]
    """What was used: a role or slice, and the header of its column."""
    unused: Sequence[str]
    rows: int
    """How many rows stand below the header, empty ones not counted."""
    counted: int
    """How many of them are counted."""
    places: int
    empty: int
    """How many cells of counts in counted rows are empty or a dash."""
    filled: int
    """How many rows have their city from the row above, as merged cells leave it."""
    left_out: Sequence[LeftOut]
    totals: Sequence[TotalCheck]

    @property
    def disagreeing(self) -> list[TotalCheck]:
        """The totals that are not the sum."""
        return [total for total in self.totals if not total.agrees]


class CountsTable(NamedTuple):
    """The dataset of a table of counts, and the account of how it was read."""

    dataset: Dataset
    reading: Reading
