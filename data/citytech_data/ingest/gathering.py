"""Find among the files of an import those that are tables of one database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from citytech_data.errors import DatasetError
from citytech_data.ingest.archives import InputFile, Stat
from citytech_data.ingest.databases import TABLE_SETS
from citytech_data.ingest.formats import Format, header_key
from citytech_data.ingest.readers import header_of
from citytech_data.ingest.tablesets import Table, TableSet
from citytech_data.messages import Message
from citytech_data.text import clean


@dataclass(frozen=True)
class JoinedFile:
    """A file of a main table, and the files of the tables that belong to it."""

    tables: TableSet
    main: InputFile
    files: Mapping[str, tuple[InputFile, ...]]
    unused: tuple[str, ...] = ()

    def __str__(self) -> str:
        return str(self.main)

    @property
    def name(self) -> str:
        """The name of the main file."""
        return self.main.name

    @property
    def suffix(self) -> str:
        """Its ending."""
        return self.main.suffix

    @cached_property
    def parts(self) -> tuple[InputFile, ...]:
        """All files that it is joined from."""
        return (self.main, *(file for files in self.files.values() for file in files))

    def stat(self) -> Stat:
        """Return the size of the main file, and the last change of any."""
        times = (file.stat().st_mtime_ns for file in self.parts)
        return Stat(self.main.stat().st_size, max(times))


Input = InputFile | JoinedFile
"""What records are read from."""


def gather(files: Sequence[InputFile], wanted: Format | None) -> list[Input]:
    """Return the files to read: each by itself, but tables of a database joined.

    Raises:
        DatasetError: if a table is missing without which nothing can be counted.
    """
    sets = [each for each in TABLE_SETS if wanted is None or each.format == wanted.name]
    if not sets:
        return list(files)
    of_sets: dict[TableSet, dict[str, list[InputFile]]] = {}
    alone: list[InputFile] = []
    for file in files:
        try:
            keys = frozenset(map(header_key, header_of(file)))
        except DatasetError:
            # It is no table of a database: what is wrong with it, a reader tells.
            keys = frozenset()
        fitting = [(each, table) for each in sets if (table := _table(each, keys))]
        for each, table in fitting:
            of_sets.setdefault(each, {}).setdefault(table.name, []).append(file)
        if not fitting:
            alone.append(file)
    whole = {each: tables for each, tables in of_sets.items() if each.main.name in tables}
    if of_sets and not whole:
        raise _without_main(of_sets)
    if wanted is not None and not whole:
        raise DatasetError(
            files[0].name,
            Message("is no table of {title}", title=sets[0].title),
            Message(
                "Give the folder with {name} and the tables beside it.", name=sets[0].main.name
            ),
        )
    found: list[Input] = []
    for each, tables in whole.items():
        unused = [file for file in alone if wanted or re.match(each.names, _own_name(file))]
        alone = [file for file in alone if file not in unused]
        found += _joined(each, tables, tuple(_own_name(file) for file in unused))
    return [*found, *alone]


def _own_name(file: InputFile) -> str:
    return clean(file.name.rpartition("/")[2])


def _joined(
    each: TableSet, tables: Mapping[str, list[InputFile]], unused: tuple[str, ...]
) -> list[JoinedFile]:
    missing = [table for table in each.tables if table.name not in tables]
    first = tables[each.main.name][0]
    for table in missing:
        if table.needed:
            raise DatasetError(
                first.name,
                Message(
                    "{title} needs the table {name}: {lacking}",
                    title=each.title,
                    name=table.name,
                    lacking=table.lacking,
                ),
                Message("Put it into the same folder, or name it too."),
            )
    others = {name: tuple(files) for name, files in tables.items() if name != each.main.name}
    return [JoinedFile(each, file, others, unused) for file in tables[each.main.name]]


def _without_main(of_sets: Mapping[TableSet, Mapping[str, list[InputFile]]]) -> DatasetError:
    each, tables = next(iter(of_sets.items()))
    name, files = next(iter(tables.items()))
    return DatasetError(
        files[0].name,
        Message(
            "is the table {name} of {title}, but {main}, which has the applications, is missing",
            name=name,
            title=each.title,
            main=each.main.name,
        ),
        Message("Give the folder with all tables, or name it too."),
    )


def _table(tables: TableSet, keys: frozenset[str]) -> Table | None:
    return next((table for table in tables.tables if table.fits(keys)), None)
