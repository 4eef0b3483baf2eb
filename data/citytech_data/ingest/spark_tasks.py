"""What Spark's workers do: they read and reduce files with the same code as one machine does.

All that comes of a file goes through one table with a column `what`, because a task of Spark has
one result: rows, places and rejects, and a note on the file, or what is wrong with it, as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import polars as pl
import pyarrow as pa

from citytech_data.errors import CityTechError, DatasetError
from citytech_data.ingest.archives import InputFile
from citytech_data.ingest.clean import PLACE_COLUMNS, PLACE_YEAR
from citytech_data.ingest.count import LINES_OF_FILE
from citytech_data.ingest.engine import Inputs, Placer
from citytech_data.ingest.gathering import JoinedFile
from citytech_data.ingest.reading import Definition, Part, Reading, Seen, note
from citytech_data.ingest.report import versions
from citytech_data.ingest.text import Span
from citytech_data.messages import Message
from citytech_data.vocabulary import TECHNOLOGIES

ROW, PLACE, REJECT, NOTE, FAULT = range(5)

ROW_COLUMNS: Final = ("key", "year", "day", "row", "place", *TECHNOLOGIES)
PLACES_COLUMNS: Final = ("place", *PLACE_COLUMNS, PLACE_YEAR)
_DTYPES: Final[Mapping[str, Any]] = {
    "what": pl.Int8,
    "key": pl.Int64,
    "year": pl.Int16,
    "day": pl.Int32,
    "row": pl.Int64,
    "place": pl.Int64,
    **dict.fromkeys(TECHNOLOGIES, pl.Int8),
    **dict.fromkeys(PLACE_COLUMNS, pl.String),
    PLACE_YEAR: pl.Int16,
    "reason": pl.String,
    "text": pl.String,
}
_IN_SPARK: Final[Mapping[Any, tuple[str, pa.DataType]]] = {
    pl.Int8: ("tinyint", pa.int8()),
    pl.Int16: ("smallint", pa.int16()),
    pl.Int32: ("int", pa.int32()),
    pl.Int64: ("bigint", pa.int64()),
    pl.String: ("string", pa.string()),
}


def spark_schema(dtypes: Mapping[str, Any]) -> str:
    """Return the types of Polars as Spark writes them: `key bigint, year smallint`."""
    return ", ".join(f"{name} {_IN_SPARK[dtype][0]}" for name, dtype in dtypes.items())


SCHEMA: Final = spark_schema(_DTYPES)
_OUTCOMES: Final = {"place": pl.Int64, "outcome": pl.Int64, "text": pl.String}
OUTCOMES_SCHEMA: Final = spark_schema(_OUTCOMES)
# What Spark hands out at once is little: placing has a fixed cost each time.
_PLACES_AT_ONCE = 100_000
Batches = Iterable[pa.RecordBatch]


@dataclass(frozen=True, slots=True)
class Item:
    """What one task reads: some files one after another, or some rows or lines of one."""

    numbers: tuple[int, ...]
    part: range | Span | None = None


def task(
    inputs: Inputs, definition: Definition, items: list[Item]
) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """Return what a worker does with tables of indexes of `items`."""

    def work(batches: Batches) -> Iterator[pa.RecordBatch]:
        for index in chain.from_iterable(batch.column(0).to_pylist() for batch in batches):
            with TemporaryDirectory(prefix="citytech-") as folder:
                own = replace(inputs, scratch=Path(folder))
                for number in items[index].numbers:
                    for frame in _read(own, definition, number, items[index].part):
                        yield from _batches(frame)

    return work


def placing_task(placer: Placer) -> Callable[[Batches], Iterator[pa.RecordBatch]]:
    """Return what a worker does with tables of distinct places."""

    def work(batches: Batches) -> Iterator[pa.RecordBatch]:
        waiting: list[pa.RecordBatch] = []
        for batch in batches:
            waiting.append(batch)
            if sum(each.num_rows for each in waiting) >= _PLACES_AT_ONCE:
                yield from _placed(placer, waiting)
                waiting = []
        if waiting:
            yield from _placed(placer, waiting)

    return work


def _placed(placer: Placer, batches: list[pa.RecordBatch]) -> list[pa.RecordBatch]:
    places = pl.from_arrow(pa.Table.from_batches(batches))
    assert isinstance(places, pl.DataFrame)
    placed: list[pa.RecordBatch] = arrow(placer(places).select(*_OUTCOMES)).to_batches()
    return placed


def _read(
    inputs: Inputs, definition: Definition, number: int, part: range | Span | None
) -> Iterator[pl.DataFrame]:
    at = number * LINES_OF_FILE
    try:
        file = inputs.files[number]
        for path in file.parts if isinstance(file, JoinedFile) else [file]:
            _check_there(path)
        reader = inputs.open(number, part)
        reading = Reading(reader.layout, number, definition)
        seen = Seen()
        for batch in reader:
            if batch.frame.is_empty() and not batch.rejects:
                continue
            reduced = reading.reduce(batch)
            seen.add(reduced.seen)
            yield from _tables(reduced, at)
        told = note(reader, seen) | {"versions": versions()}
        yield _told(NOTE, at, json.dumps(told, ensure_ascii=False, sort_keys=True))
    except CityTechError as error:
        # Not raised here: a task that fails is tried again, and its message gets lost.
        said = error.message
        said = said if isinstance(said, Message) else Message.restored(said)
        yield _told(FAULT, at, json.dumps(said.packed(), ensure_ascii=False))


def _check_there(path: InputFile) -> None:
    try:
        path.stat()
    except OSError:
        raise DatasetError(
            str(path),
            Message("is not there for a worker of Spark"),
            Message("Put it where all find it so named."),
        ) from None


def _tables(part: Part, at: int) -> Iterator[pl.DataFrame]:
    yield part.rows.select(pl.lit(ROW).alias("what"), *ROW_COLUMNS)
    yield part.places.select(pl.lit(PLACE).alias("what"), *PLACES_COLUMNS)
    row = (pl.col("line") + at).alias("row")
    yield part.rejects.select(pl.lit(REJECT).alias("what"), row, "reason", "text")


def _told(what: int, row: int, text: str) -> pl.DataFrame:
    return pl.DataFrame({"what": [what], "row": [row], "text": [text]})


def _batches(frame: pl.DataFrame) -> list[pa.RecordBatch]:
    full = frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in _DTYPES.items()
    )
    batches: list[pa.RecordBatch] = arrow(full).to_batches()
    return batches


def arrow(frame: pl.DataFrame) -> pa.Table:
    """Return a table as Spark takes it."""
    schema = pa.schema((name, _IN_SPARK[dtype][1]) for name, dtype in frame.schema.items())
    return frame.to_arrow().cast(schema)
