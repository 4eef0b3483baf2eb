"""Apache Spark: many machines, or one with the same code. Imported only when it is asked for.

Workers read, clean and classify files with Polars, as one machine does (`spark_tasks`); Spark
keeps the rows, and de-duplicates and counts them as `count` defines it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from citytech_data.errors import CityTechError
from citytech_data.ingest.count import LINES_OF_FILE
from citytech_data.ingest.engine import MOST_FIRST, Inputs, Note, Placer
from citytech_data.ingest.files import LINES, PARQUET, SHEETS, kind_of
from citytech_data.ingest.formats import Format
from citytech_data.ingest.gathering import Input, JoinedFile
from citytech_data.ingest.options import Listener, Progress
from citytech_data.ingest.reading import Definition, merged
from citytech_data.ingest.report import versions
from citytech_data.ingest.spans import spans
from citytech_data.ingest.spark_session import session, watched
from citytech_data.ingest.spark_tasks import (
    FAULT,
    NOTE,
    OUTCOMES_SCHEMA,
    PLACE,
    PLACES_COLUMNS,
    REJECT,
    ROW,
    ROW_COLUMNS,
    SCHEMA,
    Item,
    arrow,
    placing_task,
    spark_schema,
    task,
)
from citytech_data.ingest.store import Store
from citytech_data.ingest.text import Span
from citytech_data.messages import Message

_ROWS_OF_ITEM = 1 << 19
_REJECTS_AT_ONCE = 1 << 20


@contextmanager
def running(master: str | None, store: Store) -> Iterator[SparkEngine]:
    """Start Spark, or find it at `master`, and stop it in the end.

    Raises:
        CityTechError: if it cannot be used, or fails.
    """
    with session(master) as spark:
        engine = SparkEngine(spark, store)
        try:
            yield engine
        finally:
            engine.close()


class SparkEngine:
    """Keeps the rows in Spark, which computes all of them at once."""

    def __init__(self, spark: Any, store: Store) -> None:
        self._spark = spark
        self._store = store
        self._records: Any = None
        self._outcomes: Any = None

    def close(self) -> None:
        """Let the rows go: a server would keep them."""
        for kept in (self._records, self._outcomes):
            if kept is not None:
                kept.unpersist()

    def read(self, inputs: Inputs, definition: Definition, tell: Listener) -> list[Note]:
        """Read all files at once, large Parquet files by several workers."""
        items = list(_items(inputs))
        # Of as many partitions as there are indexes, each holds one: an item is a task.
        indexes = self._spark.range(0, len(items), 1, len(items))
        work = task(inputs, definition, items)
        self._records = indexes.mapInArrow(work, SCHEMA).persist()

        def done(tasks: int) -> None:
            tell(Progress("spark", tasks, len(items)))

        done(0)
        with watched(self._spark, done):
            told = self.collect(self._kept("what", "row", "text", of=(NOTE, FAULT)))
        done(len(items))
        notes = _notes(told.sort("row"), len(inputs.files))
        self._write_rejects(notes)
        for path, note in zip(inputs.files, notes, strict=True):
            tell(Progress("read", note["size"], note["size"], note["rows_read"], str(path)))
        return notes

    def _kept(self, *columns: str, of: Iterable[int]) -> nw.LazyFrame[Any]:
        records: nw.LazyFrame[Any] = nw.from_native(self._records)
        return records.filter(nw.col("what").is_in(list(of))).select(*columns)

    def _write_rejects(self, notes: Sequence[Note]) -> None:
        """Put the rejects into the store, so many files at once as are good to collect."""
        row = nw.col("row")
        kept = self._kept("row", "reason", "text", of=[REJECT])
        for files in _together([sum(note["rejected"].values()) for note in notes]):
            first, end = files.start * LINES_OF_FILE, files.stop * LINES_OF_FILE
            rejects = self.collect(kept.filter(row >= first, row < end)).sort("row")
            file, line = pl.col("row") // LINES_OF_FILE, pl.col("row") % LINES_OF_FILE
            told = rejects.select(file.alias("file"), line.alias("line"), "reason", "text")
            for (number,), of_file in told.group_by("file", maintain_order=True):
                self._store.write_rejects(int(str(number)), 0, of_file)

    def place(self, placer: Placer, tell: Listener) -> pl.DataFrame:
        """Place the distinct places in the workers; only the different outcomes come here."""
        distinct = self._kept(*PLACES_COLUMNS, of=[PLACE]).unique("place").to_native()
        self._outcomes = distinct.mapInArrow(placing_task(placer), OUTCOMES_SCHEMA).persist()
        outcomes: nw.LazyFrame[Any] = nw.from_native(self._outcomes)
        tell(Progress("place", 0, 1))
        found = self.collect(outcomes.select("outcome", "text").unique())
        tell(Progress("place", 1, 1))
        return found

    def rows(self) -> Sequence[nw.LazyFrame[Any]]:
        """Return the rows: Spark parts them by itself."""
        return [self._with_outcomes()]

    def frequent(self, outcomes: pl.DataFrame, most: int) -> pl.DataFrame:
        """Return the most frequent places: Spark counts and sorts them."""
        rows = self._with_outcomes().join(self.lazy(outcomes), on="outcome")
        counted = rows.group_by("place", "outcome").agg(nw.len().alias("rows"))
        top = self.collect(counted.sort(*MOST_FIRST, descending=[True, False]).head(most))
        wanted = self.lazy(top.select("place"))
        places = self._kept(*PLACES_COLUMNS, of=[PLACE]).join(wanted, on="place", how="semi")
        return top.join(self.collect(places).unique("place"), on="place")

    def _with_outcomes(self) -> nw.LazyFrame[Any]:
        outcomes: nw.LazyFrame[Any] = nw.from_native(self._outcomes)
        rows = self._kept(*ROW_COLUMNS, of=[ROW])
        return rows.join(outcomes.select("place", "outcome"), on="place", how="left")

    def lazy(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """Send a table of ours to Spark, which knows no unsigned numbers."""
        signed = frame.with_columns(pl.col(pl.UInt32).cast(pl.Int64))
        native = self._spark.createDataFrame(arrow(signed), spark_schema(signed.schema))
        table: nw.LazyFrame[Any] = nw.from_native(native)
        return table

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """Compute a table and bring it here."""
        table = pl.from_arrow(frame.to_native().toArrow())
        assert isinstance(table, pl.DataFrame)
        return table


def _items(inputs: Inputs) -> Iterator[Item]:
    """Yield what the tasks read: files, or rows or lines where a file lets them be found.

    Files that are joined with the same tables are one task, which reads those only once.
    """
    files = dict(enumerate(inputs.files))
    if joined := tuple(number for number, file in files.items() if isinstance(file, JoinedFile)):
        yield Item(joined)
    for number, file in files.items():
        if number in joined:
            continue
        parts = _parts(file, inputs.wanted)
        yield from (Item((number,), part) for part in parts)
        if not parts:
            yield Item((number,))


def _parts(file: Input, wanted: Format | None) -> Sequence[range | Span]:
    """Return the parts of a file that can be read apart, none if there are not several."""
    if not isinstance(file, Path) or (kind := kind_of(file)) in (*SHEETS, *LINES):
        return []
    if kind not in PARQUET:
        return spans(file, wanted.encoding if wanted else "")
    height = pl.scan_parquet(file, glob=False).select(pl.len()).collect().item()
    starts = range(0, max(height, 1), _ROWS_OF_ITEM)
    return [range(start, min(start + _ROWS_OF_ITEM, height)) for start in starts]


def _together(counts: Sequence[int]) -> Iterator[range]:
    """Yield ranges of files that have some rejects together, but not too many."""
    start = total = 0
    for end, count in enumerate(counts, 1):
        total += count
        if total >= _REJECTS_AT_ONCE or (total and end == len(counts)):
            yield range(start, end)
            start, total = end, 0


def _notes(told: pl.DataFrame, files: int) -> list[Note]:
    """Return a note for each file.

    Raises:
        CityTechError: if a file is not as it must be, or workers have other versions.
    """
    notes: dict[int, list[Note]] = defaultdict(list)
    here = versions()
    for what, row, text in told.iter_rows():
        if what == FAULT:
            raise CityTechError(Message.unpacked(json.loads(text)))
        note = json.loads(text)
        for package, version in note.pop("versions").items():
            if package != "python" and version != here.get(package):
                raise CityTechError(
                    Message(
                        "a worker of Spark has {package} {version}, and here is {other}: "
                        "results could differ; install the same",
                        package=package,
                        version=version,
                        other=here.get(package, "none"),
                    )
                )
        notes[row // LINES_OF_FILE].append(note)
    return [merged(notes[number]) for number in range(files)]
