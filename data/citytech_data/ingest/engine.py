"""What reads the files and counts their rows. What is counted is in `count`, for every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import narwhals as nw
import polars as pl

from citytech_data.ingest.formats import Format
from citytech_data.ingest.gathering import Input, JoinedFile
from citytech_data.ingest.joining import JoinReader
from citytech_data.ingest.options import Listener
from citytech_data.ingest.readers import Reader, open_reader
from citytech_data.ingest.reading import Definition, read_file
from citytech_data.ingest.store import Store

Note = Mapping[str, Any]
"""What `reading.note` returns of a file."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files of an import, and how they are read: a `block` of bytes at once.

    Tables that must be joined go to the folder `scratch`, in parts that take `free` bytes.
    """

    files: Sequence[Input]
    wanted: Format | None
    block: int
    scratch: Path
    free: int

    def open(self, number: int, rows: range | None = None) -> Reader | JoinReader:
        """Open a file, or some rows of a Parquet file."""
        file = self.files[number]
        if isinstance(file, JoinedFile):
            return JoinReader(file, self.scratch, self.free, self.block)
        return open_reader(file, self.wanted, self.block, rows)


class Engine(Protocol):
    """Reads files, then hands out what it kept of them, in parts of which each is whole."""

    def read(self, inputs: Inputs, definition: Definition, tell: Listener) -> list[Note]:
        """Read all files and return the notes on them; what they reject goes to the store."""

    def rows(self) -> Sequence[nw.LazyFrame[Any]]:
        """Return the rows, all of an application in one part."""

    def places(self) -> Sequence[nw.LazyFrame[Any]]:
        """Return the places of the rows; the same can be there several times, in one part."""

    def lazy(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """Return a table of ours as one of the engine's, to join with."""

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Compute a table of the engine's."""


class PolarsEngine:
    """One machine: keeps the rows in a store on disk, and computes a part at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, inputs: Inputs, definition: Definition, tell: Listener) -> list[Note]:
        """Read file after file, but not those that the store has finished."""
        numbers = range(len(inputs.files))
        for number in numbers:
            if self._store.finished(number) is None:
                with closing(inputs.open(number)) as reader:
                    read_file(reader, number, self._store, definition, tell)
        return [self._store.finished(number) or {} for number in numbers]

    def rows(self) -> Sequence[nw.LazyFrame[Any]]:
        """Return the rows, by the hash of their application."""
        return [nw.from_native(self._store.rows(part)) for part in range(self._store.parts)]

    def places(self) -> Sequence[nw.LazyFrame[Any]]:
        """Return the places, by their hash."""
        return [nw.from_native(self._store.places(part)) for part in range(self._store.parts)]

    def lazy(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """Return a table of ours, lazily."""
        return nw.from_native(frame.lazy())

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Compute a table."""
        native: pl.LazyFrame = frame.to_native()
        # Elimination of common parts would keep a whole part of the rows in memory.
        optimizations = pl.QueryOptFlags(comm_subplan_elim=False)
        return native.collect(engine="streaming", optimizations=optimizations)
