"""Databases that come as several tables: which tables they have, and how to know them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

import polars as pl

from citytech_data.errors import DatasetError
from citytech_data.ingest.archives import InputFile, Stat
from citytech_data.ingest.formats import Format, header_key
from citytech_data.ingest.gazetteer import gazetteer
from citytech_data.ingest.readers import header_of

BETWEEN: Final = "|"
"""What stands between the applicants of an application in a joined record."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the columns it is known by, and those that are read if they are there.

    `lacking` says what cannot be told without it; `needed` tables must be there.
    """

    name: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    lacking: str = ""
    needed: bool = False

    @property
    def format(self) -> Format:
        """How its files are read: as a part of a record only."""
        columns = {name: ((name,),) for name in (*self.columns, *self.optional)}
        return Format(self.name, self.name, "", "", (), columns, is_part=True)

    def fits(self, keys: frozenset[str]) -> bool:
        """Return whether a header, as keys, has all columns of this table."""
        return keys.issuperset(map(header_key, self.columns))


@dataclass(frozen=True, slots=True)
class Side:
    """A table beside the main one: of several rows per record, the first, or all its values.

    `order` names the column by which the first is told, `value` the column that has the values
    joined, and what they are.
    """

    table: Table
    order: str = ""
    value: tuple[str, pl.Expr] | None = None


@dataclass(frozen=True, slots=True)
class People:
    """The applicants: which record has which (`links`), and where each is (`whereabouts`).

    `order` counts the applicants of a record from `first`; `by` ties both tables; `values` are
    the columns that come of them.
    """

    links: Table
    order: str
    first: int
    by: str
    whereabouts: Table
    values: Callable[[], Mapping[str, pl.Expr]]


@dataclass(frozen=True, slots=True, eq=False)
class TableSet:
    """The tables of a database. A row of `main` is a record; `key` ties the others to it.

    `derived` are columns made of those of the main table, `says` what holds of all its data, and
    `names` is the beginning of the names of its files, so that what is not used is known.
    """

    format: str
    title: str
    key: str
    main: Table
    sides: tuple[Side, ...]
    people: People
    derived: Mapping[str, pl.Expr]
    says: tuple[str, ...]
    names: str

    @property
    def tables(self) -> tuple[Table, ...]:
        """All its tables, the main one first."""
        sides = (side.table for side in self.sides)
        return (self.main, *sides, self.people.links, self.people.whereabouts)


@dataclass(frozen=True)
class JoinedFile:
    """A file of a main table, and the files of the tables that belong to it."""

    tables: TableSet
    main: InputFile
    files: Mapping[str, tuple[InputFile, ...]]
    unused: tuple[str, ...] = ()

    def __str__(self) -> str:
        return str(self.main)

    @property
    def name(self) -> str:
        """The name of the main file."""
        return self.main.name

    @property
    def suffix(self) -> str:
        """Its ending."""
        return self.main.suffix

    @cached_property
    def parts(self) -> tuple[InputFile, ...]:
        """All files that it is joined from."""
        return (self.main, *(file for files in self.files.values() for file in files))

    def stat(self) -> Stat:
        """Return the size of the main file, and the last change of any."""
        times = (file.stat().st_mtime_ns for file in self.parts)
        return Stat(self.main.stat().st_size, max(times))


Input = InputFile | JoinedFile
"""What records are read from."""


def gather(files: Sequence[InputFile], wanted: Format | None) -> list[Input]:
    """Return the files to read: each by itself, but tables of a database joined.

    Raises:
        DatasetError: if a table is missing without which nothing can be counted.
    """
    sets = [each for each in TABLE_SETS if wanted is None or each.format == wanted.name]
    if not sets:
        return list(files)
    of_sets: dict[TableSet, dict[str, list[InputFile]]] = {}
    alone: list[InputFile] = []
    for file in files:
        keys = frozenset(map(header_key, header_of(file)))
        fitting = [(each, table) for each in sets if (table := _table(each, keys))]
        for each, table in fitting:
            of_sets.setdefault(each, {}).setdefault(table.name, []).append(file)
        if not fitting:
            alone.append(file)
    whole = {each: tables for each, tables in of_sets.items() if each.main.name in tables}
    if of_sets and not whole:
        raise _without_main(of_sets)
    if wanted is not None and not whole:
        raise DatasetError(
            files[0].name,
            f"is no table of {sets[0].title}",
            f"Give the folder with {sets[0].main.name} and the tables beside it.",
        )
    found: list[Input] = []
    for each, tables in whole.items():
        unused = [file for file in alone if wanted or re.match(each.names, _own_name(file))]
        alone = [file for file in alone if file not in unused]
        found += _joined(each, tables, tuple(_own_name(file) for file in unused))
    return [*found, *alone]


def _own_name(file: InputFile) -> str:
    return file.name.rpartition("/")[2]


def _joined(
    each: TableSet, tables: Mapping[str, list[InputFile]], unused: tuple[str, ...]
) -> list[JoinedFile]:
    missing = [table for table in each.tables if table.name not in tables]
    first = tables[each.main.name][0]
    for table in missing:
        if table.needed:
            raise DatasetError(
                first.name,
                f"{each.title} needs the table {table.name}: {table.lacking}",
                "Put it into the same folder, or name it too.",
            )
    others = {name: tuple(files) for name, files in tables.items() if name != each.main.name}
    return [JoinedFile(each, file, others, unused) for file in tables[each.main.name]]


def _without_main(of_sets: Mapping[TableSet, Mapping[str, list[InputFile]]]) -> DatasetError:
    each, tables = next(iter(of_sets.items()))
    name, files = next(iter(tables.items()))
    return DatasetError(
        files[0].name,
        f"is the table {name} of {each.title}, but {each.main.name}, which has the "
        "applications, is missing",
        "Give the folder with all tables, or name it too.",
    )


def _table(tables: TableSet, keys: frozenset[str]) -> Table | None:
    return next((table for table in tables.tables if table.fits(keys)), None)


_NO_CPC: Final = "rules that need a CPC code find nothing"


def _text(name: str) -> pl.Expr:
    return pl.col(name).str.strip_chars()


# --- PATSTAT -----------------------------------------------------------------------------

# What the Chinese office gives a number tells kind and year; elsewhere the kind belongs to it.
_PATSTAT_NUMBER = (
    pl.when((_text("appln_auth") == "CN") & (_text("appln_kind").fill_null("A") != "W"))
    .then(pl.concat_str(_text("appln_auth"), _text("appln_nr")))
    .otherwise(
        pl.concat_str(_text("appln_auth"), _text("appln_kind").fill_null(""), _text("appln_nr"))
    )
)
_IPR_TYPES: Final = {"PI": "A", "UM": "U", "DP": "S"}


def _persons() -> Mapping[str, pl.Expr]:
    names = ("person_name", "person_address", "person_ctry_code")
    return {name: pl.col(name) for name in names}


PATSTAT = TableSet(
    format="patstat",
    title="EPO PATSTAT",
    key="appln_id",
    main=Table(
        "tls201_appln",
        ("appln_id", "appln_auth", "appln_nr"),
        (
            "appln_kind",
            "appln_filing_date",
            "appln_filing_year",
            "ipr_type",
            "earliest_publn_date",
            "earliest_publn_year",
        ),
        needed=True,
    ),
    sides=(
        Side(Table("tls202_appln_title", ("appln_id", "appln_title"))),
        Side(Table("tls203_appln_abstr", ("appln_id", "appln_abstract"))),
        Side(
            Table("tls209_appln_ipc", ("appln_id", "ipc_class_symbol")),
            value=("ipc_class_symbol", pl.col("ipc_class_symbol")),
        ),
        Side(
            Table(
                "tls224_appln_cpc",
                ("appln_id", "cpc_class_symbol"),
                lacking=_NO_CPC,
            ),
            value=("cpc_class_symbol", pl.col("cpc_class_symbol")),
        ),
        Side(Table("tls211_pat_publn", ("appln_id", "publn_date")), order="publn_date"),
    ),
    people=People(
        links=Table(
            "tls207_pers_appln",
            ("appln_id", "person_id", "applt_seq_nr"),
            lacking="it tells whose an application is",
            needed=True,
        ),
        order="applt_seq_nr",
        first=1,
        by="person_id",
        whereabouts=Table(
            "tls206_person",
            ("person_id", "person_name"),
            ("person_address", "person_ctry_code"),
            lacking="it tells who and where the applicants are",
            needed=True,
        ),
        values=_persons,
    ),
    derived={
        "application": _PATSTAT_NUMBER,
        "kind": pl.coalesce(
            _text("ipr_type").replace_strict(_IPR_TYPES, default=None, return_dtype=pl.String),
            "appln_kind",
        ),
    },
    says=(
        "person_address is often empty for applicants in China: these are placed by their name, "
        "or by --names",
        "applications at all offices, and international ones, are counted if they are in "
        "tls201_appln",
    ),
    names=r"(?i)tls\d{3}",
)


# --- PatentsView -------------------------------------------------------------------------

_PATENT_TYPES: Final = {"design": "S"}
_KIND = _text("patent_type").replace_strict(_PATENT_TYPES, default="A", return_dtype=pl.String)
_IPC: Final = ("section", "ipc_class", "subclass", "main_group", "subgroup")
_NAMES: Final = (
    "disambig_assignee_organization",
    "disambig_assignee_individual_name_first",
    "disambig_assignee_individual_name_last",
)
_PERSON = pl.concat_str(*(pl.col(name) for name in _NAMES[1:]), separator=" ", ignore_nulls=True)
_NEAR: Final = 2.0
"""Degrees within which a place of a city's name is that city."""


def _with_province() -> pl.Expr:
    """Return the city; one of two of the same name with the province that its coordinates tell."""
    city = pl.col("disambig_city")
    place = [pl.col(name).cast(pl.Float64, strict=False) for name in ("latitude", "longitude")]
    told: Any = pl.when(pl.lit(False)).then(city)
    named = gazetteer().with_columns(name=pl.col("name_en").str.replace(r" \(.*", ""))
    for row in named.filter(pl.col("name").is_duplicated()).iter_rows(named=True):
        apart = (place[0] - row["lat"]) ** 2 + (place[1] - row["lon"]) ** 2
        here = (city == row["name"]) & (pl.col("disambig_country") == "CN") & (apart < _NEAR**2)
        told = told.when(here).then(pl.lit(f"{row['name']}, {row['province_en']}"))
    expression: pl.Expr = told.otherwise(city)
    return expression


@cache
def _assignees() -> Mapping[str, pl.Expr]:
    return {
        "assignee": pl.coalesce(_NAMES[0], _PERSON),
        "disambig_city": _with_province(),
        "disambig_country": pl.col("disambig_country"),
    }


# G, 06, N, 3, 08: each part of a symbol has a column of its own.
_SYMBOL = pl.concat_str(
    "section",
    _text("ipc_class").str.zfill(2),
    "subclass",
    _text("main_group").str.strip_chars_start("0"),
    pl.lit("/"),
    "subgroup",
)
_AMERICAN = (
    "applications at the American office: another measure than applications at the Chinese one, "
    "never to be added to them",
    "assignees stand for applicants; an application without one is not placed",
)
_LOCATION: Final = ("location_id", "disambig_city", "disambig_country")
_NO_ASSIGNEES = "it tells whose a patent is"
_NO_LOCATIONS = "it tells where the assignees are"

GRANTS = TableSet(
    format="patentsview",
    title="PatentsView, granted patents",
    key="patent_id",
    main=Table(
        "g_patent",
        ("patent_id", "patent_type", "patent_date"),
        ("patent_title", "wipo_kind"),
        needed=True,
    ),
    sides=(
        Side(
            Table(
                "g_application",
                ("patent_id", "application_id", "filing_date"),
                lacking="it has the application numbers and filing dates",
                needed=True,
            )
        ),
        Side(Table("g_patent_abstract", ("patent_id", "patent_abstract"))),
        Side(Table("g_ipc_at_issue", ("patent_id", *_IPC)), value=("ipc", _SYMBOL)),
        Side(
            Table("g_cpc_current", ("patent_id", "cpc_group"), lacking=_NO_CPC),
            value=("cpc_group", pl.col("cpc_group")),
        ),
    ),
    people=People(
        links=Table(
            "g_assignee_disambiguated",
            ("patent_id", "assignee_sequence", "location_id"),
            _NAMES,
            lacking=_NO_ASSIGNEES,
            needed=True,
        ),
        order="assignee_sequence",
        first=0,
        by="location_id",
        whereabouts=Table(
            "g_location_disambiguated",
            _LOCATION,
            ("latitude", "longitude"),
            lacking=_NO_LOCATIONS,
            needed=True,
        ),
        values=_assignees,
    ),
    derived={"publication": pl.format("US{}", "patent_id"), "kind": _KIND},
    says=("granted patents only: what is pending or refused is not counted", *_AMERICAN),
    names=r"(?i)g_",
)

PUBLISHED = TableSet(
    format="patentsview",
    title="PatentsView, published applications",
    key="pgpub_id",
    main=Table(
        "pg_published_application",
        ("pgpub_id", "application_id", "filing_date"),
        ("published_date", "patent_type", "application_title"),
        needed=True,
    ),
    sides=(
        Side(Table("pg_ipc_at_issue", ("pgpub_id", *_IPC)), value=("ipc", _SYMBOL)),
        Side(
            Table("pg_cpc_current", ("pgpub_id", "cpc_group"), lacking=_NO_CPC),
            value=("cpc_group", pl.col("cpc_group")),
        ),
    ),
    people=People(
        links=Table(
            "pg_assignee_disambiguated",
            ("pgpub_id", "assignee_sequence", "location_id"),
            _NAMES,
            lacking=_NO_ASSIGNEES,
            needed=True,
        ),
        order="assignee_sequence",
        first=0,
        by="location_id",
        whereabouts=Table(
            "pg_location_disambiguated",
            _LOCATION,
            ("latitude", "longitude"),
            lacking=_NO_LOCATIONS,
            needed=True,
        ),
        values=_assignees,
    ),
    derived={"publication": pl.format("US{}", "pgpub_id"), "kind": _KIND},
    says=_AMERICAN,
    names=r"(?i)pg_",
)

TABLE_SETS: Final = (PATSTAT, GRANTS, PUBLISHED)
