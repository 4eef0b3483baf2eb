"""Records of NDJSON files: an object a line, flat or nested as Google exports them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any

import polars as pl

from citytech_data.errors import DatasetError
from citytech_data.ingest.archives import InputFile
from citytech_data.ingest.delimited import LINE
from citytech_data.ingest.formats import Format
from citytech_data.ingest.marks import count
from citytech_data.ingest.readers import Batch, known_layout
from citytech_data.ingest.tabular import WANTED_FIELDS, flat
from citytech_data.ingest.text import Block, Reject, TextBlocks
from citytech_data.messages import Message, message_text

NOT_JSON = message_text("not a JSON object")
_SHOWN = 2000
_SAMPLE_LINES = 100


class JsonReader:
    """A file of JSON objects, one a line."""

    def __init__(self, path: InputFile, wanted: Format | None, block: int) -> None:
        self.path = path
        self.repairs: Counter[str] = Counter()
        self.sha256 = ""
        self._blocks = TextBlocks(path, block=block)
        self._line = 1
        try:
            self._schema = _sample_schema(self._blocks.sample(), path)
            self.layout = known_layout(path, list(self._schema), wanted)
        except BaseException:
            self._blocks.close()
            raise

    def __iter__(self) -> Iterator[Batch]:
        """Yield the objects in their order."""
        for block, _after in pairwise(chain(self._blocks, [None])):
            assert block is not None
            yield self._batch(block)
        self.repairs = self._blocks.repairs
        self.sha256 = self._blocks.sha256

    def close(self) -> None:
        """Let the file go without reading it."""
        self._blocks.close()

    def _batch(self, block: Block) -> Batch:
        lines, line = count(b"\n", block.data), self._line
        rejects = block.rejects(line)
        self._line += lines + len(rejects)
        frame = self._read(block.data, lines) if lines else _frame(self.layout.used, [])
        if frame is None:
            return self._careful(block, line)
        numbers = pl.int_range(line, line + lines, dtype=pl.Int64)
        return Batch(frame.with_columns(numbers.alias(LINE)), rejects, block.done)

    def _read(self, data: bytes, lines: int) -> pl.DataFrame | None:
        """Return an object for each line as Polars reads it, or None if it does not."""
        used = self.layout.used
        schema = {name: self._schema[name] for name in used}
        try:
            frame = pl.read_ndjson(data, schema=schema)
        except pl.exceptions.PolarsError:
            return None
        if frame.height != lines:
            return None
        return frame.select(flat(name, schema[name]) for name in used)

    def _careful(self, block: Block, first: int) -> Batch:
        """Read a block with damaged lines: what Polars can read alone, it reads, as elsewhere."""
        rejects: list[Reject] = []
        lines = dict(enumerate(block.data.split(b"\n")[:-1], first))
        lines = {number: line for number, line in lines.items() if line.strip()}
        values = {number: _object(line) for number, line in lines.items()}
        good = [number for number in lines if values[number] is not None]
        frames = [_numbered(_frame(self.layout.used, []), []), *self._readable(good, lines)]
        for number in lines.keys() - good:
            frames += self._readable([number], lines)
        left = lines.keys() - set(pl.concat(frame[LINE] for frame in frames))
        rows, numbers = [], []
        for number in sorted(left):
            value = values[number]
            if value is None:
                rejects.append(Reject(number, NOT_JSON, lines[number].decode()[:_SHOWN]))
            else:
                rows.append([flattened(value.get(name)) for name in self.layout.used])
                numbers.append(number)
        frames.append(_numbered(_frame(self.layout.used, rows), numbers))
        return Batch(pl.concat(frames).sort(LINE), rejects, block.done)

    def _readable(self, numbers: list[int], lines: Mapping[int, bytes]) -> list[pl.DataFrame]:
        """Return those of some lines that Polars can read: what it cannot is searched by halves."""
        if not numbers:
            return []
        some = b"\n".join(lines[number] for number in numbers)
        frame = self._read(some, len(numbers))
        if frame is not None:
            return [_numbered(frame, numbers)]
        if len(numbers) == 1:
            return []
        half = len(numbers) // 2
        return self._readable(numbers[:half], lines) + self._readable(numbers[half:], lines)


def _object(line: bytes) -> Mapping[str, Any] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _frame(names: Sequence[str], rows: list[list[str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, dict.fromkeys(names, pl.String), orient="row")


def _numbered(frame: pl.DataFrame, numbers: Sequence[int]) -> pl.DataFrame:
    return frame.with_columns(pl.Series(LINE, numbers, pl.Int64))


def flattened(value: Any) -> str | None:
    """Return a JSON value as the text that is wanted of it."""
    if value is None:
        return None
    if isinstance(value, list):
        return ";".join(filter(None, map(flattened, value)))
    if isinstance(value, dict):
        wanted = [value[name] for name in WANTED_FIELDS if name in value]
        return flattened(wanted[0]) if wanted else None
    return str(value)


def _sample_schema(sample: str, path: InputFile) -> dict[str, pl.DataType]:
    lines = sample.split("\n")[:_SAMPLE_LINES]
    whole = lines if len(lines) < _SAMPLE_LINES and sample.endswith("\n") else lines[:-1] or lines
    schema: dict[str, pl.DataType] = {}
    for line in whole:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            for name, item in value.items():
                if not schema.get(name, pl.Null()).is_nested():
                    schema[name] = _dtype(item)
    if not schema:
        raise DatasetError(
            path.name,
            Message("its first lines hold no JSON object"),
            Message("One object a line is expected."),
        )
    return schema


def _dtype(value: Any) -> pl.DataType:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return pl.List(_dtype(value[0]))
    if isinstance(value, list):
        return pl.List(pl.String())
    if isinstance(value, dict):
        name = next((name for name in WANTED_FIELDS if name in value), None)
        return pl.Struct({name or next(iter(value), "_"): pl.String})
    return pl.String()
