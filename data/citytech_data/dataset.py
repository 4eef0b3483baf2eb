"""Open, validate and write datasets: folders that are Frictionless Data Packages."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from citytech_data import DEFAULT
from citytech_data.catalogue import embedded_folder, embedded_names
from citytech_data.errors import DatasetError, quoted, system_reason
from citytech_data.files import Contents, read_files
from citytech_data.manifest import PACKAGE_FILE, Manifest, readable
from citytech_data.messages import Message
from citytech_data.schema import TABLES, Table
from citytech_data.tablefiles import table_cells
from citytech_data.tables import check_table, empty_table, first_rows, spreadsheet_row
from citytech_data.text import search_text
from citytech_data.vocabulary import ALL, MEASURES


@dataclass(frozen=True)
class Dataset:
    """A dataset in memory: its declarations and its five tables, checked and cleaned."""

    manifest: Manifest
    cities: pl.DataFrame
    observations: pl.DataFrame
    claims: pl.DataFrame
    sources: pl.DataFrame
    notes: pl.DataFrame

    @property
    def name(self) -> str:
        """The dataset's name."""
        return self.manifest.name

    @cached_property
    def preferred(self) -> pl.DataFrame:
        """The observations, one per place, year, measure and technology.

        Where several sources give a figure, the first in the dataset's `preference` is kept,
        then the first in the file; a row that says `missing` only where no source gives one.
        """
        if self.observations["source"].n_unique() < 2:
            return self.observations
        sources = self.observations.group_by("measure").agg(pl.col("source").n_unique())
        if not (sources["source"] > 1).any():
            return self.observations  # the key of the table allows none to choose from
        order = {source: index for index, source in enumerate(self.manifest.preference)}
        rank = pl.col("source").replace_strict(order, default=len(order), return_dtype=pl.Int64)
        return (
            self.observations.with_row_index("_row")
            .sort(pl.col("basis") == "missing", rank, "_row")
            .unique(["place", "year", "measure", "technology"], keep="first", maintain_order=True)
            .sort("_row")
            .drop("_row")
        )

    @cached_property
    def search(self) -> pl.Series:
        """The text of each city that a filter looks in: names, provinces and code, a line each."""
        provinces = self.cities.select("province_en", "province_zh")
        # Cities share provinces, so that these are brought to their search keys once.
        keys = provinces.unique().with_columns(keys=search_text("province_en", "province_zh"))
        joined = provinces.join(
            keys, on=provinces.columns, how="left", nulls_equal=True, maintain_order="left"
        )
        own = self.cities.select(search_text("name_en", "name_zh", "code").alias("own"))
        both = pl.concat([own, joined.select("keys")], how="horizontal")
        return both.select(pl.concat_str("own", "keys", separator="\n").alias("search")).to_series()

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The years for which a city has a figure or a claim to rank it by, ascending."""
        ranked = pl.col("measure").is_in([self.manifest.count, *MEASURES])
        country = self.manifest.country
        # What is not about a city is about the country, whose code a city may have, too.
        in_cities = (pl.col("place") != country) | pl.lit(country in self.cities["code"])
        observed = self.observations.filter(ranked & in_cities).select(pl.col("year").unique())
        claimed = self.claims.filter(pl.col("measure").is_in(MEASURES))["year"]
        return tuple(pl.concat([observed["year"], claimed]).unique().sort().to_list())

    @cached_property
    def technologies(self) -> tuple[str, ...]:
        """The technologies that are counted apart, `all` first."""
        counted = self.observations.filter(pl.col("measure") == self.manifest.count)
        others = counted["technology"].unique().sort().to_list()
        return (ALL, *(name for name in others if name != ALL))

    @property
    def year(self) -> int:
        """The year shown first: the declared one, else the latest."""
        if self.manifest.year is not None:
            return self.manifest.year
        return self.years[-1] if self.years else 0

    def translated(self, language: str) -> Dataset:
        """Return the dataset with its declarations and units in a language, where it has them."""
        manifest = self.manifest.translated(language)
        if manifest is self.manifest:
            return self
        unit = pl.col("unit").replace(dict(manifest.units))
        return replace(self, manifest=manifest, observations=self.observations.with_columns(unit))

    def source(self, source_id: str) -> dict[str, Any]:
        """Return the row of the source with this id."""
        return self.sources.row(by_predicate=pl.col("id") == source_id, named=True)


def open_dataset(name_or_path: str = DEFAULT) -> Dataset:
    """Open an embedded dataset by name, the dataset in a folder, or a table of counts.

    Raises:
        DatasetError: if it cannot be read or is not valid.
    """
    if name_or_path in embedded_names():
        return read_dataset(embedded_folder(name_or_path))
    try:
        path = Path(name_or_path).expanduser()
        found, is_folder = path.exists(), path.is_dir()
    except (OSError, RuntimeError, ValueError):  # a name too long, or the home of nobody known
        found = False
    if not found:
        raise DatasetError(
            name_or_path,
            Message("there is no such dataset"),
            Message(
                "Give a folder, a table of counts, or one of {names}.",
                names=", ".join(embedded_names()),
            ),
        )
    if not is_folder:
        from citytech_data.counts import read_counts

        return read_counts(path).dataset
    return read_dataset(path)


def read_dataset(folder: Path) -> Dataset:
    """Read and validate the dataset in `folder`.

    Raises:
        DatasetError: naming file, row and column of the first fault.
    """
    return check_dataset(read_cells(read_files(folder)))


@dataclass(frozen=True)
class Cells:
    """A dataset as it stands in its files: its declarations, and the cells of its tables."""

    manifest: Manifest
    files: Mapping[str, str]
    """The names of the tables' files."""
    tables: Mapping[str, pl.DataFrame]


def read_cells(contents: Contents, glimpsed: Mapping[str, pl.LazyFrame] | None = None) -> Cells:
    """Return the cells of a dataset without a look at what they say.

    `glimpsed` holds what `glimpse` has found of some of the tables.

    Raises:
        DatasetError: naming file, row and column of the first fault.
    """
    files, seen = contents.files, glimpsed or {}
    with readable(contents.folder):
        frames = {
            table.name: table_cells(files[table.name], table, seen.get(table.name))
            if table.name in files
            else empty_table(table)
            for table in TABLES
        }
    return Cells(contents.manifest, {name: file.path.name for name, file in files.items()}, frames)


def check_dataset(cells: Cells) -> Dataset:
    """Return the dataset that was read, if it is valid.

    Raises:
        DatasetError: naming file, row and column of the first fault.
    """
    frames = {
        table.name: check_table(cells.files.get(table.name, ""), cells.tables[table.name], table)
        for table in TABLES
    }
    dataset = Dataset(cells.manifest, **frames)
    _check_references(dataset, cells.files)
    return dataset


def write_dataset(dataset: Dataset, folder: Path) -> None:
    """Write `dataset` to `folder`, which must not exist or be empty, whole or not at all.

    Raises:
        DatasetError: if something is there already, or it cannot be written there.
    """
    try:
        _write_whole(dataset, folder)
    except OSError as error:
        problem = Message("cannot be written ({reason})", reason=system_reason(error))
        raise DatasetError(
            str(folder), problem, Message("Choose another folder; nothing was written.")
        ) from None


def _write_whole(dataset: Dataset, folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DatasetError(
            str(folder),
            Message("is not empty"),
            Message("Choose another folder; nothing was written."),
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for table in TABLES:
            frame: pl.DataFrame = getattr(dataset, table.name)
            frame.write_csv(partial / f"{table.name}.csv")
        package = dict(dataset.manifest.package) | {
            "resources": [_resource(table, getattr(dataset, table.name)) for table in TABLES]
        }
        text = json.dumps(package, ensure_ascii=False, indent=2)
        (partial / PACKAGE_FILE).write_text(text + "\n", encoding="utf-8", errors="replace")
        partial.chmod(0o755)
        partial.replace(folder)
    except BaseException:
        shutil.rmtree(partial)
        raise


def _resource(table: Table, frame: pl.DataFrame) -> dict[str, Any]:
    fields = [column.field() for column in table.columns]
    extra = [name for name in frame.columns if name not in table.column_names]
    fields += [{"name": name, "type": "string"} for name in extra]
    schema: dict[str, Any] = {"fields": fields}
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "name": table.name,
        "type": "table",
        "path": f"{table.name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _check_references(dataset: Dataset, files: Mapping[str, str]) -> None:
    codes = dataset.cities["code"]
    known = pl.concat([codes, pl.Series([dataset.manifest.country])]).implode()
    ids = dataset.sources["id"].implode()
    ranked = pl.Series([*MEASURES]).implode()
    lower, value, upper = pl.col("lower"), pl.col("value"), pl.col("upper")
    unknown_city = ("place", ~pl.col("place").is_in(known), Message("a code of the table cities"))
    unknown_source = ("source", ~pl.col("source").is_in(ids), Message("an id of the table sources"))
    places = pl.col("places").str.split(";")
    kind, op = pl.col("kind"), pl.col("op")
    rules: dict[str, list[tuple[str, pl.Expr, Message]]] = {
        "observations": [
            # One figure of each city: to look all of them up would take time for nothing.
            *([] if dataset.observations["place"].equals(codes) else [unknown_city]),
            unknown_source,
            ("lower", (lower > value) | (lower > upper), Message("at most value and upper")),
            ("upper", upper < value, Message("at least value")),
            (
                "basis",
                (pl.col("basis") != "missing")
                & value.is_null()
                & lower.is_null()
                & upper.is_null(),
                Message("missing, as there is no value"),
            ),
        ],
        "notes": [unknown_city, unknown_source],
        "claims": [
            unknown_source,
            (
                "measure",
                ~pl.col("measure").is_in(ranked),
                Message("one of {names}", names=", ".join(MEASURES)),
            ),
            (
                "places",
                places.list.eval(~pl.element().is_in(codes.implode())).list.any(),
                Message("codes of the table cities, joined by ;"),
            ),
            ("places", places.list.n_unique() < places.list.len(), Message("every code once")),
            ("op", (kind == "bound") & (op.is_null() | (op == "top")), Message("a comparison")),
            ("op", (kind == "member") & op.ne_missing("top"), Message.restored("top")),
            ("value", (kind != "ranking") & value.is_null(), Message("a number to compare with")),
        ],
    }
    for table, checks in rules.items():
        frame: pl.DataFrame = getattr(dataset, table)
        if frame.is_empty():
            continue
        found = first_rows(frame, [bad for _, bad, _ in checks])
        for (column, _, expected), index in zip(checks, found, strict=True):
            if index is not None:
                raise DatasetError(
                    files[table],
                    Message(
                        "expected {expected}, found {found}",
                        expected=expected,
                        found=quoted(frame[column][index]),
                    ),
                    Message("Correct the cell, or add what it refers to."),
                    row=spreadsheet_row(index),
                    column=column,
                )
