"""Records of databases that come as several tables: joined part by part, on disk where need be.

Every table is read once and cut into parts by the key of its record, so that one part of all
tables fits into memory. What belongs to no record of the main table is left out.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from citytech_data.errors import DatasetError
from citytech_data.ingest.archives import InputFile
from citytech_data.ingest.delimited import LINE
from citytech_data.ingest.files import PACKED, PARQUET
from citytech_data.ingest.formats import known_formats
from citytech_data.ingest.gathering import JoinedFile
from citytech_data.ingest.readers import Batch, open_reader
from citytech_data.ingest.recognise import Layout, recognise
from citytech_data.ingest.tablesets import BETWEEN, People, Side, Table
from citytech_data.ingest.text import BLOCK, Reject
from citytech_data.messages import Message

_LINKED: Final = "people"
_MARK: Final = "read.json"
_PACKING = 8
_WORKING_SET = 8
_BUFFERS = 8
_ROWS_AT_ONCE = 50_000
# What stands for a value that an applicant lacks, so that the others keep their places.
_NONE: Final = "-"


def columns_of(file: JoinedFile) -> list[str]:
    """Return the columns of the joined records: those that the tables that are there can give."""
    tables, there = file.tables, file.files
    columns = [*_columns(tables.main, file.main), *tables.derived]
    for side in tables.sides:
        if side.table.name in there:
            columns += [side.value[0]] if side.value else side.table.columns
    columns += tables.people.values()
    return list(dict.fromkeys(columns))


def layout_of(file: JoinedFile) -> Layout:
    """Return what holds the columns of a record.

    Raises:
        DatasetError: if nothing could be counted from these tables.
    """
    layout = recognise(columns_of(file), known_formats()[file.tables.format])
    refusal = layout.refusal() if layout else Message("it has no known columns")
    if layout is None or refusal:
        raise DatasetError(
            file.name,
            Message(
                "nothing can be counted from these tables ({title}): {refusal}",
                title=file.tables.title,
                refusal=refusal,
            ),
            Message("Add {names}.", names=_names(side.table for side in file.tables.sides)),
        )
    return layout


def says(file: JoinedFile) -> list[Message]:
    """Say which tables are joined, and what cannot be told from them."""
    there = file.files
    said = [Message("joined with {tables}", tables=", ".join(there)), *file.tables.says]
    said += [
        Message("no {table}: {lacking}", table=table.name, lacking=table.lacking)
        for table in file.tables.tables[1:]
        if table.name not in there and table.lacking
    ]
    if file.unused:
        said.append(Message("not used: {files}", files=", ".join(file.unused)))
    return said


def _names(tables: Iterable[Table]) -> str:
    return " or ".join(table.name for table in tables)


def _columns(table: Table, file: InputFile) -> list[str]:
    reader = open_reader(file, table.format)
    reader.close()
    return list(reader.layout.columns)


class JoinReader:
    """The records of a main file with what the other tables have of them; lines are the main's."""

    def __init__(self, file: JoinedFile, scratch: Path, memory: int, block: int = BLOCK) -> None:
        """Set up; `scratch` is a folder for the parts, of which one takes up to `memory` bytes."""
        self.path = file
        self.layout = layout_of(file)
        self.repairs: Counter[str] = Counter()
        self.sha256 = ""
        self.joined: list[dict[str, Any]] = []
        self._scratch = scratch / file.tables.main.name
        self._block = block
        self._memory = memory
        self._total = sum(map(_unpacked_size, file.parts))
        self._parts = max(1, -(-self._total * _WORKING_SET // memory))
        self._done = 0

    def __iter__(self) -> Iterator[Batch]:
        """Yield the records, part by part, and while that is prepared nothing but the progress."""
        yield from self._prepared()
        folder = self._scratch / "main"
        shutil.rmtree(folder, ignore_errors=True)
        main = _Shelf(folder, self.path.tables.main.name, self._parts, self._memory // _BUFFERS)
        tables = self.path.tables
        yield from self._read(tables.main, self.path.main, main, tables.key, with_lines=True)
        main.flush()
        for part in range(self._parts):
            yield from self._joined_part(main, part)
        shutil.rmtree(folder)

    def close(self) -> None:
        """Let the files go: none is open while none is read."""

    def _prepared(self) -> Iterator[Batch]:
        """Read the other tables, unless that was done for another file of the main table."""
        mark = self._scratch / _MARK
        if not mark.is_file():
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch.mkdir(parents=True)
            people = self.path.tables.people
            linked = (people.links, people.whereabouts)
            for table in self.path.tables.tables[1:]:
                by = people.by if table in linked else self.path.tables.key
                shelf = self._shelf(table.name)
                for file in self.path.files.get(table.name, ()):
                    yield from self._read(table, file, shelf, by)
                shelf.flush()
            self._link(people)
            mark.write_text(json.dumps(self.joined), encoding="utf-8")
        self.joined = json.loads(mark.read_text(encoding="utf-8"))

    def _shelf(self, name: str) -> _Shelf:
        return _Shelf(self._scratch, name, self._parts, self._memory // _BUFFERS)

    def _read(
        self,
        table: Table,
        file: InputFile,
        shelf: _Shelf,
        by: str,
        *,
        with_lines: bool = False,
    ) -> Iterator[Batch]:
        """Put the rows of a file on a shelf; those of the main file keep their lines."""
        reader = open_reader(file, table.format, self._block)
        names = {groups[0][0]: name for name, groups in reader.layout.columns.items()}
        rows = 0
        before = self._done
        size = _unpacked_size(file)
        for batch in reader:
            frame = batch.frame.select(
                *(_cell(name).alias(column) for name, column in names.items()),
                *([LINE] if with_lines else []),
            )
            shelf.put(frame, by)
            rows += frame.height + len(batch.rejects)
            if not with_lines:
                self.repairs.update(f"{table.name}: {each.reason}" for each in batch.rejects)
            share = batch.done / max(file.stat().st_size, 1)
            self._done = before + int(size * share)
            yield self._progress(batch.rejects if with_lines else ())
        self.repairs += reader.repairs
        if with_lines:
            self.sha256 = reader.sha256
        else:
            note = {"table": table.name, "file": str(file), "size": file.stat().st_size}
            self.joined.append(note | {"sha256": reader.sha256, "rows_read": rows})

    def _progress(self, rejects: Sequence[Reject]) -> Batch:
        # Reading is half of it, joining the other.
        done = self.path.stat().st_size * self._done // max(2 * self._total, 1)
        schema = dict.fromkeys(self.layout.used, pl.String) | {LINE: pl.Int64}
        return Batch(pl.DataFrame(schema=schema), rejects, done)

    def _link(self, people: People) -> None:
        """Bring the applicants of each record together with where they are."""
        links, places = self._shelf(people.links.name), self._shelf(people.whereabouts.name)
        linked = self._shelf(_LINKED)
        order = pl.col(people.order).cast(pl.Int64, strict=False)
        for part in range(self._parts):
            if (rows := links.take(part)) is None:
                continue
            rows = rows.with_columns(order).filter(pl.col(people.order) >= people.first)
            where = places.take(part)
            if where is not None:
                found = where.unique(people.by, keep="first", maintain_order=True)
                rows = rows.join(found, on=people.by, how="left")
            rows = _with(rows, _all_of(people.links) + _all_of(people.whereabouts))
            values = (
                value.str.replace_all(BETWEEN, " ", literal=True).fill_null(_NONE).alias(name)
                for name, value in people.values().items()
            )
            kept = (self.path.tables.key, people.order, people.by)
            linked.put(rows.select(*kept, *values), self.path.tables.key)
        linked.flush()
        links.remove()
        places.remove()

    def _joined_part(self, main: _Shelf, part: int) -> Iterator[Batch]:
        rows = main.take(part)
        if rows is None:
            return
        tables, key = self.path.tables, self.path.tables.key
        rows = _with(rows, _all_of(tables.main)).with_columns(
            value.alias(name) for name, value in tables.derived.items()
        )
        for side in tables.sides:
            found = self._shelf(side.table.name).take(part)
            if found is not None:
                rows = rows.join(_side(found, side, key), on=key, how="left")
        linked = self._shelf(_LINKED).take(part)
        if linked is not None:
            applicants = linked.sort(tables.people.order, tables.people.by, nulls_last=True)
            joined = (pl.col(name).str.join(BETWEEN) for name in tables.people.values())
            found = applicants.group_by(key, maintain_order=True).agg(*joined)
            rows = rows.join(found, on=key, how="left")
        rows = _with(rows, self.layout.used).select(*self.layout.used, LINE).sort(LINE)
        for start in range(0, rows.height, _ROWS_AT_ONCE):
            share = (part + start / rows.height) / self._parts
            done = int(self.path.stat().st_size * (1 + share) / 2)
            yield Batch(rows.slice(start, _ROWS_AT_ONCE), (), done)


def _side(rows: pl.DataFrame, side: Side, key: str) -> pl.DataFrame:
    """Return one row per record: all values joined, or the first of each column."""
    if side.value is not None:
        name, value = side.value
        values = rows.select(key, value.alias(name)).drop_nulls()
        return values.group_by(key, maintain_order=True).agg(pl.col(name).str.join(";"))
    if side.order:
        rows = rows.sort(side.order, nulls_last=True, maintain_order=True)
    return rows.group_by(key, maintain_order=True).agg(pl.all().drop_nulls().first())


class _Shelf:
    """Rows of one table on disk, in parts by the hash of a key."""

    def __init__(self, folder: Path, name: str, parts: int, buffer: int) -> None:
        self._folder = folder
        self._name = name
        self._parts = parts
        self._buffer = buffer
        self._waiting: dict[int, list[pl.DataFrame]] = {}
        self._size = 0
        self._batch = 0
        folder.mkdir(parents=True, exist_ok=True)

    def put(self, frame: pl.DataFrame, key: str) -> None:
        """Add rows; they are written when enough are there."""
        if frame.is_empty():
            return
        part = (pl.col(key).hash() % self._parts).cast(pl.Int64).alias("part")
        parted = frame.with_columns(part).partition_by("part", as_dict=True, include_key=False)
        for (number,), rows in parted.items():
            self._waiting.setdefault(int(number), []).append(rows)
        self._size += int(frame.estimated_size())
        if self._size > self._buffer:
            self.flush()

    def flush(self) -> None:
        """Write what is still in memory."""
        for part, frames in self._waiting.items():
            whole = pl.concat(frames, how="diagonal")
            whole.write_ipc(self._folder / f"{self._name}-{part:05}-{self._batch:06}.arrow")
        self._waiting.clear()
        self._size = 0
        self._batch += 1

    def take(self, part: int) -> pl.DataFrame | None:
        """Return the rows of a part, or None if there are none."""
        paths = self._files(part)
        frames = [pl.read_ipc(path) for path in paths]
        return pl.concat(frames, how="diagonal") if frames else None

    def remove(self) -> None:
        """Remove all rows."""
        for part in range(self._parts):
            for path in self._files(part):
                path.unlink()

    def _files(self, part: int) -> list[Path]:
        return sorted(self._folder.glob(f"{self._name}-{part:05}-*.arrow"))


def _unpacked_size(file: InputFile) -> int:
    packed = file.suffix.lower() in (*PACKED, *PARQUET)
    return file.stat().st_size * (_PACKING if packed else 1)


def _cell(name: str) -> pl.Expr:
    text = pl.col(name).str.strip_chars()
    return pl.when(text != "").then(text)


def _all_of(table: Table) -> tuple[str, ...]:
    return (*table.columns, *table.optional)


def _with(rows: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return rows that have all these columns; what is missing is null."""
    missing = [name for name in names if name not in rows.columns]
    return rows.with_columns(pl.lit(None, pl.String).alias(name) for name in missing)
