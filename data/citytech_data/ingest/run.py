"""An import from beginning to end: survey, read, place, count, write."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

import polars as pl

from citytech_data.errors import CityTechError, DatasetError
from citytech_data.ingest import placing, technologies, write
from citytech_data.ingest.attributes import Attributes, embedded_attributes, own_attributes
from citytech_data.ingest.clean import PLACE_COLUMNS
from citytech_data.ingest.engine import Engine, Inputs, PolarsEngine
from citytech_data.ingest.files import PACKED, PARQUET, SHEETS, find_files, kind_of
from citytech_data.ingest.formats import Format, read_mapping
from citytech_data.ingest.gathering import Input, JoinedFile, gather
from citytech_data.ingest.gazetteer import gazetteer
from citytech_data.ingest.joining import layout_of, says
from citytech_data.ingest.options import PROGRAM, Listener, Options, Outcome, Progress, Surveyed
from citytech_data.ingest.place_names import dated_names, read_names
from citytech_data.ingest.placing import Spots
from citytech_data.ingest.readers import open_reader
from citytech_data.ingest.reading import Definition, FileRead
from citytech_data.ingest.recognise import lost_technologies, wanted_format
from citytech_data.ingest.report import build_report, parameters, versions
from citytech_data.ingest.store import Store
from citytech_data.ingest.tabular import check_workbook
from citytech_data.ingest.tally import Tally, tally
from citytech_data.ingest.text import BLOCK
from citytech_data.messages import Message
from citytech_data.text import clean

_BYTES_PER_ROW = 200
_PACKING = 8
_LEAST_BLOCK = 1 << 21
_BLOCKS = 20
_WORKING_SET = 100
_SHOWN_UNPLACED = 10_000
_SHOWN_FAULTS = 9
_FULL = os.strerror(errno.ENOSPC)


def ingest(options: Options, listener: Listener | None = None) -> Outcome:
    """Import patent records: read `options.inputs`, write a dataset to `options.to`.

    `listener` is told what was found in each file, and then of the progress.

    Raises:
        CityTechError: if the input or the options are not as they must be.
    """
    tell = listener or (lambda event: None)
    write.put_back(options.to)
    write.check_target(options.to)
    mapping = read_mapping(options.mapping) if options.mapping else None
    wanted = wanted_format(options.format, mapping)
    found = find_files(options.inputs)
    for path in found:
        if kind_of(path) in SHEETS:
            check_workbook(path, options.memory - PROGRAM)
    files = gather(found, wanted)
    names = read_names(options.names) if options.names else None
    definition = Definition(options, technologies.load(options.rules), dated_names(names))
    definition.rules.rules(options.preset)
    file = definition.rules.file
    rules = " ".join(filter(None, (file.title, file.version)))
    own = options.attributes
    attributes = own_attributes(own, gazetteer()) if own else embedded_attributes()
    lacks = list(_surveyed(files, lambda path: _survey(path, wanted, definition, names, tell)))
    store = Store(options.to, parts_needed(files, options.memory))
    plan = parameters(options) | {"versions": versions(options.engine), "files": _identities(files)}
    scratch, free = store.folder / "tables", options.memory - PROGRAM
    inputs = Inputs(files, wanted, block_size(options.memory), scratch, free)
    with _working(store, plan, options), _engine(options, store, free) as engine:
        notes = engine.read(inputs, definition, tell)
        read = [FileRead(*each) for each in zip(files, lacks, notes, strict=True)]
        spots = placing.place_all(engine, names, _separators(options, read), tell)
        return _finish(_Job(options, read, store, engine, tell, rules), spots, attributes)


@contextmanager
def _working(store: Store, plan: dict[str, Any], options: Options) -> Iterator[None]:
    """Have a working folder; it is kept only if an interrupted import can go on from it."""
    with closing(store):
        store.begin(plan | {"parts": store.parts}, resume=options.resume)
        try:
            yield
        except BaseException as error:
            write.put_back(options.to)  # interrupted twice, the old dataset may still be in there
            # What is wrong with the files or options does not go away by going on.
            if isinstance(error, CityTechError) or not store.any_finished():
                store.remove()
            if isinstance(error, OSError | pl.exceptions.ComputeError) and _FULL in str(error):
                said = f"{_FULL}: make room, or choose another disk with --to"
                raise OSError(errno.ENOSPC, said, str(options.to.parent)) from None
            raise
        store.remove()


def _engine(options: Options, store: Store, free: int) -> AbstractContextManager[Engine]:
    if options.engine == "polars":
        return nullcontext(PolarsEngine(store, free))
    from citytech_data.ingest.spark_session import check_installed

    check_installed()
    from citytech_data.ingest.spark import running

    return running(options.master, store)


def _surveyed(
    files: Sequence[Input], survey: Callable[[Input], list[Message]]
) -> Iterator[list[Message]]:
    """Yield what each file cannot tell; in the end name all together that cannot be used."""
    faults: list[DatasetError] = []
    for path in files:
        try:
            yield survey(path)
        except DatasetError as error:
            faults.append(error)
    if not faults:
        return
    first, *others = faults
    if not others:
        raise first
    names = ", ".join(each.file for each in others[:_SHOWN_FAULTS])
    if len(others) > _SHOWN_FAULTS:
        names += ", …"
    raise CityTechError(
        Message(
            "{problem} Nor can these files be used: {names}.", problem=first.message, names=names
        )
    )


def _survey(
    path: Input,
    wanted: Format | None,
    definition: Definition,
    names: pl.DataFrame | None,
    tell: Listener,
) -> list[Message]:
    """Say what a file cannot tell, before anything is counted."""
    lacks: list[Message] = []
    if isinstance(path, JoinedFile):
        layout = layout_of(path)
        lacks += says(path)
    else:
        reader = open_reader(path, wanted)
        reader.close()
        layout = reader.layout
    lacks += layout.lacks(names=names is not None)
    lacks += lost_technologies(layout, definition.rules.needs(definition.options.preset))
    tell(Surveyed(str(path), layout.format.title, tuple(lacks)))
    return lacks


def parts_needed(files: Sequence[Input], memory: int) -> int:
    """Return into how many parts the rows are split, so that one fits into what is free."""
    size = 0
    for path in files:
        packed = path.suffix.lower() in (*PACKED, *PARQUET)
        size += path.stat().st_size * (_PACKING if packed else 1)
    return max(1, -(-size * _WORKING_SET // _BYTES_PER_ROW // ((memory - PROGRAM) // 2)))


def block_size(memory: int) -> int:
    """Return how many bytes of a file are read at once: some blocks are worked on at a time."""
    return max(_LEAST_BLOCK, min(BLOCK, (memory - PROGRAM) // _BLOCKS))


def _identities(files: Sequence[Input]) -> list[list[Any]]:
    each = (file.parts if isinstance(file, JoinedFile) else (file,) for file in files)
    stats = [(path, path.stat()) for path in chain.from_iterable(each)]
    return [[clean(str(path)), stat.st_size, stat.st_mtime_ns] for path, stat in stats]


def _separators(options: Options, read: Sequence[FileRead]) -> set[str] | None:
    """Return what parts several applicants, if they are to be told apart."""
    if options.count_by == "first-applicant":
        return None
    return {each.note["separator"] for each in read}


@dataclass(frozen=True, slots=True)
class _Job:
    """An import whose files are all read."""

    options: Options
    read: Sequence[FileRead]
    store: Store
    engine: Engine
    tell: Listener
    rules: str


def _finish(job: _Job, spots: Spots, attributes: Attributes) -> Outcome:
    options, read, store, tell = job.options, job.read, job.store, job.tell
    counts = tally(job.engine, spots, tell)
    _check_counts(counts)
    newest = max(each.note["newest"] for each in read)
    counted = write.Counted(
        counts, date.fromordinal(newest) if newest else None, options, attributes
    )
    cities = dict(gazetteer().select("code", "name_en").iter_rows())
    report = build_report(options, read, counts, cities)
    report["data_ends"] = counted.newest and counted.newest.isoformat()
    dataset = write.build_dataset(counted, len(read), job.rules)
    known = write.populations(dataset.observations, dataset.cities["code"].to_list())
    report["population"] = {str(year): cities for year, cities in known.items()}
    tell(Progress("write", 0, 1))
    rejects = [_rejects(store, counts, read, number) for number in range(len(read))]
    write.write_all(dataset, report, options.to, rejects, _unplaced(job.engine, spots))
    tell(Progress("write", 1, 1))
    return Outcome(options.to, report)


def _check_counts(counts: Tally) -> None:
    totals = counts.total()
    if not totals["applications"]:
        raise DatasetError(
            "the files",
            Message("hold no application that can be counted"),
            Message("Nothing was written."),
        )
    if not counts.total(pl.col("state") == "placed")["applications"]:
        reasons = counts.by("reason", where=pl.col("state") != "placed")
        said = ", ".join(
            f"{key or '?'}: {each['applications']}" for (key,), each in reasons.items()
        )
        raise DatasetError(
            "the files",
            Message("hold no application that can be placed in a city ({said})", said=said),
            Message("Give a table of applicants and cities with --names. Nothing was written."),
        )


def _rejects(store: Store, counts: Tally, read: Sequence[FileRead], number: int) -> pl.LazyFrame:
    dateless = counts.dateless.lazy().filter(pl.col("file") == number)
    name = pl.lit(clean(str(read[number].path))).alias("file")
    return pl.concat([store.rejects(number), dateless]).sort("line").with_columns(name)


def _unplaced(engine: Engine, spots: Spots) -> pl.DataFrame:
    """Return the most frequent of what could not be placed, and how many rows have it."""
    unplaced = spots.of_outcome.filter(pl.col("unplaced") == 1)
    reasons = spots.parts.group_by("spot").agg(pl.col("reason").first())
    most = engine.frequent(unplaced.select("outcome"), _SHOWN_UNPLACED)
    return (
        most.join(unplaced.join(reasons, on="spot"), on="outcome")
        .group_by(*PLACE_COLUMNS, "reason")
        .agg(pl.col("rows").sum())
        .with_columns(pl.col(PLACE_COLUMNS).str.replace_all("[\x1f\r\n]+", " "))
        .sort(["rows", *PLACE_COLUMNS], descending=[True] + [False] * len(PLACE_COLUMNS))
    )
