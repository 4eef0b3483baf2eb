"""The databases that come as several tables, with the headers of their tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import polars as pl

from citytech_data.ingest.gazetteer import gazetteer
from citytech_data.ingest.tablesets import People, Side, Table, TableSet
from citytech_data.messages import Message

_NO_CPC: Final = Message("rules that need a CPC code find nothing")


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
            lacking=Message("it tells whose an application is"),
            needed=True,
        ),
        order="applt_seq_nr",
        first=1,
        by="person_id",
        whereabouts=Table(
            "tls206_person",
            ("person_id", "person_name"),
            ("person_address", "person_ctry_code"),
            lacking=Message("it tells who and where the applicants are"),
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
        Message(
            "person_address is often empty for applicants in China: these are placed by their "
            "name, or by --names"
        ),
        Message(
            "applications at all offices, and international ones, are counted if they are in "
            "tls201_appln"
        ),
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
    Message(
        "applications at the American office: another measure than applications at the Chinese "
        "one, never to be added to them"
    ),
    Message("assignees stand for applicants; an application without one is not placed"),
)
_LOCATION: Final = ("location_id", "disambig_city", "disambig_country")
_NO_ASSIGNEES = Message("it tells whose a patent is")
_NO_LOCATIONS = Message("it tells where the assignees are")


def _assigned(prefix: str, key: str) -> People:
    """Return the assignees of patents (`g`) or of published applications (`pg`)."""
    return People(
        links=Table(
            f"{prefix}_assignee_disambiguated",
            (key, "assignee_sequence", "location_id"),
            _NAMES,
            lacking=_NO_ASSIGNEES,
            needed=True,
        ),
        order="assignee_sequence",
        first=0,
        by="location_id",
        whereabouts=Table(
            f"{prefix}_location_disambiguated",
            _LOCATION,
            ("latitude", "longitude"),
            lacking=_NO_LOCATIONS,
            needed=True,
        ),
        values=_assignees,
    )


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
                lacking=Message("it has the application numbers and filing dates"),
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
    people=_assigned("g", "patent_id"),
    derived={"publication": pl.format("US{}", "patent_id"), "kind": _KIND},
    says=(Message("granted patents only: what is pending or refused is not counted"), *_AMERICAN),
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
    people=_assigned("pg", "pgpub_id"),
    derived={"publication": pl.format("US{}", "pgpub_id"), "kind": _KIND},
    says=_AMERICAN,
    names=r"(?i)pg_",
)

TABLE_SETS: Final = (PATSTAT, GRANTS, PUBLISHED)
