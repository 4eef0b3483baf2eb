"""The first stage: every row of every file to what counting needs of it, or to the rejects."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import polars as pl

from citytech_data.ingest.clean import (
    KEY,
    NO_NUMBER,
    PLACE,
    PLACE_YEAR,
    RECORD,
    UNKNOWN_KIND,
    WRONG_KIND,
    Cleaner,
)
from citytech_data.ingest.count import LINES_OF_FILE, NO_DAY
from citytech_data.ingest.delimited import LINE
from citytech_data.ingest.gathering import Input
from citytech_data.ingest.joining import JoinReader
from citytech_data.ingest.known import MOST_SLOTS, Known, slots_for
from citytech_data.ingest.options import Listener, Options, Progress
from citytech_data.ingest.place_names import applicant_key
from citytech_data.ingest.readers import Batch, Reader
from citytech_data.ingest.recognise import Layout
from citytech_data.ingest.store import Store, rejects_frame
from citytech_data.ingest.symbols import normalised
from citytech_data.ingest.technologies import RuleSet
from citytech_data.ingest.values import KINDS
from citytech_data.vocabulary import TECHNOLOGIES

_AT_ONCE = 2
_DAY_OF_1970 = 719163


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read: what it cannot tell, and what the store notes of it."""

    path: Input
    lacks: Sequence[str]
    note: Mapping[str, Any]


@dataclass(slots=True)
class Seen:
    """What was seen in a file, or in a part of it, beside its records."""

    rows: int = 0
    newest: int = 0
    with_codes: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    def add(self, other: Seen) -> None:
        """Add what was seen in another part."""
        self.rows += other.rows
        self.newest = max(self.newest, other.newest)
        self.with_codes += other.with_codes
        self.rejected += other.rejected


def read_file(
    reader: Reader | JoinReader, number: int, store: Store, definition: Definition, tell: Listener
) -> None:
    """Read a file into the store as file `number`, and note what was found."""
    size = reader.path.stat().st_size
    reading = Reading(reader.layout, number, definition, slots_for(size))
    seen = Seen()
    for done, part in _kept(reader, reading, store):
        seen.add(part)
        # All is done only when the last part is kept.
        tell(Progress("read", min(done, size - 1), size, seen.rows, str(reader.path)))
    store.finish(number, note(reader, seen))
    tell(Progress("read", size, size, seen.rows, str(reader.path)))


def note(reader: Reader | JoinReader, seen: Seen) -> dict[str, Any]:
    """Return what the report says of a file that was read."""
    layout = reader.layout
    joined = {"joined": reader.joined} if isinstance(reader, JoinReader) else {}
    return joined | {
        "size": reader.path.stat().st_size,
        "sha256": reader.sha256,
        "format": layout.format.name,
        "columns": {name: list(map(list, groups)) for name, groups in layout.columns.items()},
        "separator": layout.format.separator,
        "rows_read": seen.rows,
        "rows_with_codes": seen.with_codes,
        "rejected": dict(sorted(seen.rejected.items())),
        "repaired": dict(sorted(reader.repairs.items())),
        "newest": seen.newest,
    }


def merged(notes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one note of those on parts of a file."""
    whole = dict(notes[0])
    for each in notes[1:]:
        for name in ("rows_read", "rows_with_codes"):
            whole[name] += each[name]
        for name in ("rejected", "repaired"):
            whole[name] = dict(sorted((Counter(whole[name]) + Counter(each[name])).items()))
        whole["newest"] = max(whole["newest"], each["newest"])
        whole["sha256"] = whole["sha256"] or each["sha256"]
    return whole


def _kept(
    reader: Reader | JoinReader, reading: Reading, store: Store
) -> Iterator[tuple[int, Seen]]:
    """Yield what was seen in every part: a few are worked on at once, while the next is read."""

    def keep(index: int, batch: Batch) -> Seen:
        part = reading.reduce(batch)
        store.write_rejects(reading.number, index, part.rejects)
        store.write_rows(reading.number, part.rows)
        store.write_places(reading.number, part.places)
        return part.seen

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        pending: deque[tuple[int, Future[Seen]]] = deque()
        for index, batch in enumerate(reader):
            if batch.frame.is_empty() and not batch.rejects:
                yield batch.done, Seen()
                continue
            pending.append((batch.done, pool.submit(keep, index, batch)))
            if len(pending) > _AT_ONCE:
                done, seen = pending.popleft()
                yield done, seen.result()
        for done, seen in pending:
            yield done, seen.result()


@dataclass(frozen=True, slots=True)
class Definition:
    """What decides how a record counts."""

    options: Options
    rules: RuleSet
    dated: Sequence[str] = ()
    """Applicants, as `dated_names` gives them, whose city depends on the year."""


@dataclass(frozen=True, slots=True)
class Part:
    """A batch of records, reduced to what counting needs; see `store` for the columns."""

    rows: pl.DataFrame
    places: pl.DataFrame
    rejects: pl.DataFrame
    seen: Seen


class Reading:
    """Reduces the batches of one file, which is file `number`."""

    def __init__(
        self, layout: Layout, number: int, definition: Definition, slots: int = MOST_SLOTS
    ) -> None:
        self.number = number
        self._options = definition.options
        self._cleaner = Cleaner(
            layout,
            whole_applicants=self._options.count_by == "fractional",
            kinds=self._options.kinds != KINDS,
        )
        self._dated = list(definition.dated)
        self._places = Known(slots)
        self._classify = Classifier(definition.rules, self._options.preset, layout)

    def reduce(self, batch: Batch) -> Part:
        """Return the records of a batch, and among the rejects the others."""
        rejects = [(each.line, each.reason, each.text) for each in batch.rejects]
        seen = Seen(batch.frame.height + len(rejects))
        # In one piece: where there are several, every step joins them anew.
        raw = batch.frame.rechunk()
        records = self._cleaner.clean(raw)
        bad = records.select(self._fault()).to_series()
        if bad.null_count() < bad.len():
            refused = records.filter(bad.is_not_null())[LINE].to_list()
            rejects += zip(refused, bad.drop_nulls().to_list(), [""] * len(refused), strict=True)
            raw, records = raw.filter(bad.is_null()), records.filter(bad.is_null())
        seen.rejected.update(reason for _, reason, _ in rejects)
        seen.with_codes += int(records["codes"].str.contains("/", literal=True).sum())
        rows = self._reduced(self._classify(self._with_place_year(raw, records)))
        newest = rows["day"].filter(rows["day"] < NO_DAY).max()
        seen.newest = max(seen.newest, newest if isinstance(newest, int) else 0)
        new = self._places.new(rows[PLACE])
        places = rows.select(PLACE, PLACE_YEAR)[new].hstack(self._cleaner.places(raw, new))
        return Part(rows, places, rejects_frame(self.number, sorted(rejects)), seen)

    def _fault(self) -> pl.Expr:
        """Return why a row is not counted, or null. A row without a date may still have a twin."""
        fault: Any = pl.when(pl.col(KEY).is_null()).then(pl.lit(NO_NUMBER))
        if self._options.kinds != KINDS:
            kind = pl.col("kind")
            fault = fault.when(kind.is_null()).then(pl.lit(UNKNOWN_KIND))
            fault = fault.when(~kind.is_in(self._options.kinds)).then(pl.lit(WRONG_KIND))
        expression: pl.Expr = fault.otherwise(None).alias("fault")
        return expression

    def _with_place_year(self, raw: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
        """Add the filing year where an applicant may have moved to another city, to `place` too."""
        if not self._dated:
            return records.with_columns(pl.lit(None, pl.Int16).alias(PLACE_YEAR))
        applicants = raw.select(applicant_key(self._cleaner.applicants())).to_series()
        moved = applicants.str.contains_any(self._dated)
        year = pl.when(moved).then("year").alias(PLACE_YEAR)
        return records.with_columns(
            year, pl.struct(PLACE, year).hash().reinterpret(signed=True).alias(PLACE)
        )

    def _reduced(self, records: pl.DataFrame) -> pl.DataFrame:
        year = pl.col("year")
        if self._options.year == "publication":
            year = (pl.col("day") - _DAY_OF_1970).cast(pl.Date).dt.year().cast(pl.Int16)
        return records.with_columns(
            year.alias("year"),
            pl.col("day").fill_null(NO_DAY),
            (pl.col(LINE) + self.number * LINES_OF_FILE).alias("row"),
        )


@lru_cache(maxsize=8)
def _expressions(
    rules: RuleSet, preset: str, there: tuple[str, ...]
) -> tuple[list[pl.Expr], pl.Expr]:
    """Return flags and candidates of records in which some columns are there.

    Making them takes longer than reading a small file does, and many files have the same columns.
    """
    fields: dict[str, Any] = {name: name if name in there else None for name in RECORD}
    flags = rules.flags(preset, **fields, api=pl)
    return flags, rules.candidates(preset, **fields, api=pl)


class Classifier:
    """Marks the records of one file with their technologies."""

    def __init__(self, rules: RuleSet, preset: str, layout: Layout) -> None:
        there = tuple(name for name in RECORD if layout.has(name))
        self._flags, self._candidates = _expressions(rules, preset, there)
        self._codes = layout.has("codes")

    def __call__(self, records: pl.DataFrame) -> pl.DataFrame:
        """Return the records without texts, with a column of 0 and 1 for each technology."""
        texts = records.select(RECORD)
        # Few records can have a technology, and only in those is it worth a closer look.
        at = texts.with_columns(self._candidates.alias("maybe"))["maybe"].arg_true()
        some = texts[at]
        if self._codes:
            some = some.with_columns(normalised(some["codes"]).alias("codes"))
        flags = some.with_columns(self._flags).select(pl.col(TECHNOLOGIES).cast(pl.Int8))
        none = pl.zeros(records.height, pl.Int8, eager=True)
        return records.drop(RECORD).with_columns(
            none.clone().scatter(at, flags[name]).alias(name) for name in TECHNOLOGIES
        )
