"""Records of NDJSON files: an object a line, flat or nested as Google exports them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

import polars as pl

from citytech_data.errors import DatasetError
from citytech_data.ingest.archives import InputFile
from citytech_data.ingest.delimited import LINE
from citytech_data.ingest.formats import Format
from citytech_data.ingest.readers import Batch, known_layout
from citytech_data.ingest.tabular import WANTED_FIELDS, flat
from citytech_data.ingest.text import Block, Reject, TextBlocks

NOT_JSON = "not a JSON object"
_SHOWN = 2000
_SAMPLE_LINES = 100


class JsonReader:
    """A file of JSON objects, one a line."""

    def __init__(self, path: InputFile, wanted: Format | None, block: int) -> None:
        self.path = path
        self.repairs: Counter[str] = Counter()
        self.sha256 = ""
        self._blocks = TextBlocks(path, block=block)
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
        used = self.layout.used
        lines = block.marks.count(b"\n")
        schema = {name: self._schema[name] for name in used}
        try:
            frame = pl.read_ndjson(block.data, schema=schema) if lines else pl.DataFrame([], schema)
        except pl.exceptions.PolarsError:
            frame = None
        if frame is None or frame.height != lines:
            return self._careful(block)
        frame = frame.select(flat(name, schema[name]) for name in used)
        numbers = pl.int_range(block.line, block.line + lines, dtype=pl.Int64)
        return Batch(frame.with_columns(numbers.alias(LINE)), block.rejects, block.done)

    def _careful(self, block: Block) -> Batch:
        used = self.layout.used
        rows: list[list[str | None]] = []
        numbers: list[int] = []
        rejects = list(block.rejects)
        for number, line in enumerate(self._blocks.decode(block.data).split("\n"), block.line):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                value = None
            if isinstance(value, dict):
                rows.append([flattened(value.get(name)) for name in used])
                numbers.append(number)
            else:
                rejects.append(Reject(number, NOT_JSON, line[:_SHOWN]))
        frame = pl.DataFrame(rows, dict.fromkeys(used, pl.String), orient="row")
        return Batch(frame.with_columns(pl.Series(LINE, numbers, pl.Int64)), rejects, block.done)


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
            path.name, "its first lines hold no JSON object", "One object a line is expected."
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
