"""Which column of a table of counts holds what, told from its headers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from citytech_data.counts import words
from citytech_data.counts.grid import Grid
from citytech_data.counts.words import Slice
from citytech_data.errors import DatasetError, quoted, shortened
from citytech_data.ingest.places import place
from citytech_data.messages import Message

_HEADER_WITHIN = 20


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table, by index; `counts` are those that hold counts."""

    sheet: str
    row: int
    """The number of the header's row."""
    header: tuple[str, ...]
    roles: Mapping[str, int]
    counts: Mapping[int, Slice]
    sums: tuple[int, ...] = ()
    """Columns that sum up others."""
    unused: tuple[str, ...] = field(default=())
    body: Sequence[tuple[int, list[str]]] = field(default=(), repr=False)

    def cell(self, row: Sequence[str], role: str) -> str:
        """Return the cell of a row that has a role, empty if none has."""
        index = self.roles.get(role)
        return row[index] if index is not None and index < len(row) else ""

    @property
    def is_by_city(self) -> bool:
        """Whether each city has a column of its own."""
        return any(each.city for each in self.counts.values())


def find_layout(file: str, grids: Iterable[Grid]) -> Layout:
    """Return the layout of the first sheet that holds a table of counts.

    Raises:
        DatasetError: if none does, or its columns leave open which one counts.
    """
    first = ""
    for grid in grids:
        for at, (number, cells) in enumerate(grid.rows[:_HEADER_WITHIN]):
            roles = [words.role(cell) for cell in cells]
            if words.CITY in roles or words.CODE in roles:
                found = _layout(file, grid, number, cells)
                if found is not None:
                    return replace(found, body=grid.rows[at + 1 :])
        for at, (number, cells) in enumerate(grid.rows[:_HEADER_WITHIN]):
            found = _by_city(file, grid, number, cells, grid.rows[at + 1 :])
            if found is not None:
                return found
        first = first or next((", ".join(filter(None, row)) for _, row in grid.rows), "")
    if not first:
        raise DatasetError(
            file, Message("holds nothing"), Message("Give a table with a row of headers.")
        )
    raise DatasetError(
        file,
        Message(
            "is no table of counts: no row is headed by a city and a count; it begins {first}",
            first=quoted(first),
        ),
        Message(
            "Name the columns city, year, technology and count (城市, 年份, 技术, 数量), or head "
            "a column by each city; patent records are imported with citytech-tui ingest."
        ),
    )


def _layout(file: str, grid: Grid, number: int, header: list[str]) -> Layout | None:
    roles: dict[str, int] = {}
    counts: dict[int, Slice] = {}
    plain: list[int] = []
    sums: list[int] = []
    unused: list[str] = []
    for index, name in enumerate(header):
        role = words.role(name)
        if role == words.COUNT:
            plain.append(index)
        elif role == words.SUM:
            sums.append(index)
        elif role is not None and role not in roles:
            roles[role] = index
        elif (slice_ := words.wide(name)) is not None:
            counts[index] = slice_
        elif name:
            unused.append(name)
    if not counts and not plain and len(sums) == 1:
        plain, sums = sums, []
    if counts:
        sums += plain
    elif len(plain) > 1:
        names = ", ".join(shortened(header[index]) for index in plain)
        raise DatasetError(
            file,
            Message("has several columns of counts ({names})", names=names),
            Message("Keep the one that is to be counted."),
            row=number,
        )
    else:
        counts = dict.fromkeys(plain, Slice())
    if not counts:
        return None
    _check_slices(file, number, header, roles, counts)
    return Layout(
        grid.sheet, number, tuple(header), roles, counts, tuple(sums), tuple(map(shortened, unused))
    )


def _by_city(
    file: str, grid: Grid, number: int, header: list[str], body: Sequence[tuple[int, list[str]]]
) -> Layout | None:
    """Return the layout of a table with a column for each city, None if it is none.

    The rows are years, technologies or both. Their column needs no header.
    """
    roles: dict[str, int] = {}
    sums: list[int] = []
    others: dict[int, str] = {}
    for index, name in enumerate(header):
        role = words.role(name)
        if role in (words.YEAR, words.TECHNOLOGY) and role not in roles:
            roles[role] = index
        elif role == words.SUM:
            sums.append(index)
        elif name:
            others[index] = words.without_brackets(name)
    if not roles and 0 not in sums and (told := _role_of_cells([row[0] for _, row in body if row])):
        roles[told] = 0
        others.pop(0, None)
    placed = _placed(others.values())
    counts = {index: Slice(city=name) for index, name in others.items() if name in placed}
    if len(counts) < (1 if roles else 2):
        return None
    _check_slices(file, number, header, roles, counts)
    unused = tuple(shortened(header[index]) for index in others if index not in counts)
    return Layout(grid.sheet, number, tuple(header), roles, counts, tuple(sums), unused, body)


def _role_of_cells(cells: Sequence[str]) -> str | None:
    """Return what a column holds by its cells: years or technologies; sums can be among them."""
    said = [cell for cell in cells if cell and not words.is_sum(cell)]
    if said and all(words.year(cell) is not None for cell in said):
        return words.YEAR
    if said and all(words.technology(cell) is not None for cell in said):
        return words.TECHNOLOGY
    return None


def _placed(names: Iterable[str]) -> set[str]:
    """Return the names that mean one city, or the country."""
    asked = list(dict.fromkeys(names))
    codes = place(pl.DataFrame({"city": asked}, schema={"city": pl.String}))["place"]
    return {
        name
        for name, code in zip(asked, codes, strict=True)
        if code is not None or words.is_national(name)
    }


def _check_slices(
    file: str, number: int, header: list[str], roles: dict[str, int], counts: dict[int, Slice]
) -> None:
    """Refuse a year or technology that stands both in a column and in the headers, or twice."""
    for role in (words.YEAR, words.TECHNOLOGY):
        wide = [index for index, each in counts.items() if getattr(each, role) is not None]
        if wide and role in roles:
            raise DatasetError(
                file,
                Message(
                    "has a column of its own for the {role}, and one headed {header}",
                    role=Message.restored(role),
                    header=quoted(header[wide[0]]),
                ),
                Message("Keep one of them."),
                row=number,
            )
    seen: dict[Slice, int] = {}
    for index, slice_ in counts.items():
        if slice_ in seen:
            first, second = quoted(header[seen[slice_]]), quoted(header[index])
            raise DatasetError(
                file,
                Message(
                    "the columns {first} and {second} mean the same", first=first, second=second
                ),
                Message("Keep one of them."),
                row=number,
            )
        seen[slice_] = index
