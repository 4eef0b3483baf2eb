"""The rows of a table of counts as entries: a place as written, a year, a technology, a count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from citytech_data.counts import words
from citytech_data.counts.layout import Layout
from citytech_data.counts.numbers import Number, read_number
from citytech_data.counts.reading import LeftOut
from citytech_data.errors import DatasetError, quoted, shortened
from citytech_data.messages import Message
from citytech_data.vocabulary import ALL

NATIONAL = "CN"


@dataclass(frozen=True, slots=True)
class Entry:
    """One count. A `None` in place, year or technology of a stated sum: all of them together."""

    row: int
    place: tuple[str, str, str] | None
    """Code, province and city as written; `NATIONAL` as code is the whole country."""
    year: int | None
    technology: str | None
    number: Number
    label: str = ""

    @property
    def is_sum(self) -> bool:
        """Whether it sums up others."""
        return self.place is None or self.year is None or self.technology is None


@dataclass(slots=True)
class Entries:
    """All entries of a table, and the rows that have none."""

    counts: list[Entry] = field(default_factory=list)
    sums: list[Entry] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    empty: int = 0
    filled: int = 0


def read_entries(file: str, layout: Layout, year: int | None) -> Entries:
    """Read every row of a table; `year` is that of a table that names none.

    Raises:
        DatasetError: for the first cell that is not as expected.
    """
    reader = _Reader(file, layout, year)
    for number, row in layout.body:
        reader.read(number, row)
    return reader.entries


class _Reader:
    def __init__(self, file: str, layout: Layout, year: int | None) -> None:
        self.file, self.layout, self.year = file, layout, year
        self.entries = Entries()
        self.above = ("", "", "")
        has_year = words.YEAR in layout.roles or all(each.year for each in layout.counts.values())
        if not has_year and year is None:
            raise DatasetError(
                file,
                Message("does not say of which year its counts are"),
                Message("Add a column year (年份), or head the counts by years such as 2021."),
                row=layout.row,
            )

    def read(self, number: int, row: list[str]) -> None:
        """Take a row in."""
        layout, entries = self.layout, self.entries
        text = shortened(" ".join(filter(None, row)))
        if tuple(row) == layout.header:
            entries.left_out.append(LeftOut(number, text, Message("the headers again"), None))
            return
        columns = [*layout.counts, *layout.sums]
        cells = {index: row[index] if index < len(row) else "" for index in columns}
        if all(words.is_nothing(cell) for cell in cells.values()):
            entries.left_out.append(LeftOut(number, text, Message("it has no count"), None))
            return
        if layout.is_by_city:
            place, text = None, " ".join(layout.cell(row, role) for role in layout.roles)
        else:
            place = self._place(row)
        if place is not None and not any(place):
            entries.left_out.append(LeftOut(number, text, Message("it names no city"), None))
            return
        technology = self._technology(row)
        if technology == "":
            cell = quoted(layout.cell(row, words.TECHNOLOGY))
            reason = Message(
                "{cell} is none of the technologies {known}",
                cell=cell,
                known=words.KNOWN_TECHNOLOGIES,
            )
            entries.left_out.append(LeftOut(number, text, reason, self._sum(number, cells)))
            return
        year = self._year(number, row)
        for index, cell in cells.items():
            self._add(Entry(number, place, year, technology, Number(0), text), index, cell)

    def _add(self, entry: Entry, index: int, cell: str) -> None:
        if words.is_nothing(cell):
            self.entries.empty += index in self.layout.counts
            return
        number = self._number(entry.row, index, cell)
        slice_ = self.layout.counts.get(index)
        place, year, technology = entry.place, entry.year, entry.technology
        label = entry.label if slice_ else f"{entry.label} ({self.layout.header[index]})"
        if slice_ is None:  # a column that sums up the others of its row
            wide = self.layout.counts.values()
            year = None if any(each.year for each in wide) else year
            technology = None if any(each.technology for each in wide) else technology
        else:
            year = slice_.year or year
            technology = slice_.technology or technology
        if slice_ is not None and slice_.city is not None:
            place = (NATIONAL if words.is_national(slice_.city) else "", "", slice_.city)
            label = f"{slice_.city}: {entry.label}"
        found = Entry(entry.row, place, year, technology, number, label)
        (self.entries.sums if found.is_sum else self.entries.counts).append(found)

    def _place(self, row: list[str]) -> tuple[str, str, str] | None:
        """The place as written; that of the row above where merged cells leave it empty."""
        layout = self.layout
        code, province, city = (
            layout.cell(row, role) for role in (words.CODE, words.PROVINCE, words.CITY)
        )
        labels = [each for each in (city, code, province) if each]
        if labels and words.is_sum(labels[0]):
            return None
        if labels and words.is_national(labels[0]):
            return (NATIONAL, "", labels[0])
        if not code and not city:
            years = layout.cell(row, words.YEAR) or layout.cell(row, words.TECHNOLOGY)
            if years and any(self.above) and province in ("", self.above[1]):
                self.entries.filled += 1
                return self.above
            return ("", "", "")
        self.above = (code, province, city)
        return self.above

    def _technology(self, row: list[str]) -> str | None:
        """The technology; None for a sum of them, empty if it is not known."""
        if words.TECHNOLOGY not in self.layout.roles:
            return ALL
        cell = self.layout.cell(row, words.TECHNOLOGY)
        found = words.technology(cell)
        if found is None and (words.is_sum(cell) or self._is_label_of_sum(row, cell)):
            return None
        return found or ""

    def _is_label_of_sum(self, row: list[str], cell: str) -> bool:
        return words.is_nothing(cell) and words.is_sum(self.layout.cell(row, words.CITY))

    def _year(self, number: int, row: list[str]) -> int | None:
        index = self.layout.roles.get(words.YEAR)
        if index is None:
            return self.year
        cell = self.layout.cell(row, words.YEAR)
        if words.is_sum(cell) or self._is_label_of_sum(row, cell):
            return None
        found = words.year(cell)
        if found is None:
            raise DatasetError(
                self.file,
                Message("expected a year, found {cell}", cell=quoted(cell)),
                Message("Correct the cell."),
                row=number,
                column=self.layout.header[index],
            )
        return found

    def _number(self, row: int, index: int, cell: str) -> Number:
        number = read_number(cell)
        if isinstance(number, Message):
            raise DatasetError(
                self.file,
                Message("expected {number}, found {cell}", number=number, cell=quoted(cell)),
                Message("Correct the cell, or leave it empty where the count is not known."),
                row=row,
                column=self.layout.header[index],
            )
        return number

    def _sum(self, row: int, cells: dict[int, str]) -> float:
        known: Sequence[tuple[int, str]] = [
            (index, cell)
            for index, cell in cells.items()
            if index in self.layout.counts and not words.is_nothing(cell)
        ]
        return sum(self._number(row, index, cell).value for index, cell in known)
