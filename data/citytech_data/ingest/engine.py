"""What reads the files and counts their rows. What is counted is in `count`, for every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import narwhals as nw
import polars as pl

from citytech_data.ingest.formats import Format
from citytech_data.ingest.gathering import Input, JoinedFile
from citytech_data.ingest.joining import JoinReader
from citytech_data.ingest.options import Listener, Progress
from citytech_data.ingest.readers import Reader, open_reader
from citytech_data.ingest.reading import Definition, read_file
from citytech_data.ingest.store import Store
from citytech_data.ingest.text import Span

Note = Mapping[str, Any]
"""What `reading.note` returns of a file."""
MOST_FIRST: Final = ("rows", "place")
"""The order of the most frequent places: by `rows` descending, then by `place`."""
# Placing takes several times what the places take that are placed at once.
_SHARE, _LEAST_SHARE = 8, 1 << 24


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

    def open(self, number: int, part: range | Span | None = None) -> Reader | JoinReader:
        """Open a file, or some rows of a Parquet file, or some lines of a text."""
        file = self.files[number]
        if isinstance(file, JoinedFile):
            return JoinReader(file, self.scratch, self.free, self.block)
        return open_reader(file, self.wanted, self.block, part)


Placer = Callable[[pl.DataFrame], pl.DataFrame]
"""Returns `place`, `outcome` and `text` of distinct places: what came of each as text, hashed."""


class Engine(Protocol):
    """Reads files, then places and hands out what it kept of them."""

    def read(self, inputs: Inputs, definition: Definition, tell: Listener) -> list[Note]:
        """Read all files and return the notes on them; what they reject goes to the store."""

    def place(self, placer: Placer, tell: Listener) -> pl.DataFrame:
        """Place each distinct place once, and return `outcome` and `text` of all outcomes."""

    def rows(self) -> Sequence[nw.LazyFrame[Any]]:
        """Return the rows with their `outcome`, in parts: all of an application in one."""

    def frequent(self, outcomes: pl.DataFrame, most: int) -> pl.DataFrame:
        """Return the places with some `outcome`s that the most rows have, with these `rows`."""

    def lazy(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """Return a table of ours as one of the engine's, to join with."""

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Compute a table of the engine's."""


class PolarsEngine:
    """One machine: keeps all in a store on disk, and computes a part at a time.

    `free` is how many bytes of memory it may take.
    """

    def __init__(self, store: Store, free: int) -> None:
        self._store = store
        self._free = free

    def read(self, inputs: Inputs, definition: Definition, tell: Listener) -> list[Note]:
        """Read file after file, but not those that the store has finished."""
        numbers = range(len(inputs.files))
        for number in numbers:
            if self._store.finished(number) is None:
                with closing(inputs.open(number)) as reader:
                    read_file(reader, number, self._store, definition, tell)
        return [self._store.finished(number) or {} for number in numbers]

    def place(self, placer: Placer, tell: Listener) -> pl.DataFrame:
        """Place part by part, and part the rows anew by their application."""
        store = self._store
        known = pl.DataFrame(schema={"outcome": pl.Int64, "text": pl.String})
        for part in range(store.parts):
            for places in self._distinct(part):
                placed = placer(places)
                store.write_outcomes(part, placed)
                known = pl.concat([known, placed.select("outcome", "text")]).unique("outcome")
            rows = store.part("rows", part).join(store.part("outcomes", part), on="place")
            store.write_placed(_collected(rows))
            tell(Progress("place", part + 1, store.parts))
        store.finish_placed()
        return known

    def _distinct(self, part: int) -> Iterator[pl.DataFrame]:
        """Yield the distinct places of a part, so many at once as fit into memory."""
        share = max(self._free // _SHARE, _LEAST_SHARE)
        slices = max(1, -(-self._store.size("places", part) // share))
        places, parts = self._store.part("places", part), self._store.parts
        for number in range(slices):
            some = places.filter(pl.col("place") // parts % slices == number)
            yield _collected(some if slices > 1 else places).unique("place")

    def rows(self) -> Sequence[nw.LazyFrame[Any]]:
        """Return the rows, by the hash of their application."""
        parts = range(self._store.parts)
        return [nw.from_native(self._store.part("placed", part)) for part in parts]

    def frequent(self, outcomes: pl.DataFrame, most: int) -> pl.DataFrame:
        """Return the most frequent places, of each part and then of these."""
        found = []
        for part in range(self._store.parts):
            places = self._store.part("outcomes", part).join(outcomes.lazy(), on="outcome")
            rows = self._store.part("rows", part).join(places, on="place")
            counted = _collected(rows.group_by("place", "outcome").agg(rows=pl.len()))
            top = counted.sort(*MOST_FIRST, descending=[True, False]).head(most)
            texts = self._store.part("places", part).join(top.lazy(), on="place", how="semi")
            found.append(top.join(_collected(texts).unique("place"), on="place"))
        return pl.concat(found).sort(*MOST_FIRST, descending=[True, False]).head(most)

    def lazy(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """Return a table of ours, lazily."""
        return nw.from_native(frame.lazy())

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Compute a table."""
        return _collected(frame.to_native())


def _collected(frame: pl.LazyFrame) -> pl.DataFrame:
    # Elimination of common parts would keep a whole part of the rows in memory.
    optimizations = pl.QueryOptFlags(comm_subplan_elim=False)
    return frame.collect(engine="streaming", optimizations=optimizations)
