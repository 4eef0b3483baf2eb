"""Several applicants of a cell: told apart by hand, and as a plain loop would tell them apart."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.ingest.clean import PART, PLACE_COLUMNS, PLACE_YEAR
from citytech_data.ingest.members import members

Cells = dict[str, str | None]
SCHEMA = {"place": pl.Int64, PLACE_YEAR: pl.Int16} | dict.fromkeys(PLACE_COLUMNS, pl.String)


def told_apart(*rows: Cells, separators: tuple[str, ...] = (";",)) -> list[dict[str, Any]]:
    numbered = [{"place": number} | row for number, row in enumerate(rows)]
    found = members(pl.DataFrame(numbered, SCHEMA), separators)
    assert found.schema == SCHEMA
    return found.drop(PLACE_YEAR).rows(named=True)


def in_columns(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


@pytest.mark.parametrize(
    ("applicant", "address", "separators", "expected"),
    [
        ("甲", "A", (";",), [("甲", "A")]),
        ("甲; 乙；丙", "A;B", (";",), [("甲", "A"), ("乙", "B"), ("丙", None)]),
        ("甲 | 乙", "A | B", (" | ",), [("甲", "A"), ("乙", "B")]),
        ("甲;乙", "; B", (";",), [("甲", None), ("乙", "B")]),
        ("甲;乙;丙", "A;;C", (";",), [("甲", "A"), ("乙", None), ("丙", "C")]),
        # Two separators, or one at the end, make no applicant without a name.
        ("甲;;乙", "A;;B", (";",), [("甲", "A"), ("乙", "B")]),
        ("甲;乙;", "A;B;", (";",), [("甲", "A"), ("乙", "B")]),
        (None, "A;B", (";",), [(None, "A")]),
        ("甲|乙;丙", None, (";", "|"), [("甲", None), ("乙", None), ("丙", None)]),
        ("甲;乙", "A;B", ("",), [("甲;乙", "A;B")]),
    ],
)
def test_known_applicants(
    applicant: str | None,
    address: str | None,
    separators: tuple[str, ...],
    expected: list[tuple[str | None, str | None]],
) -> None:
    rows = told_apart({"applicant": applicant, "address": address}, separators=separators)
    assert in_columns(rows, "applicant", "address") == expected


def test_cells_made_of_parts_are_parted_in_each_of_them() -> None:
    city = f"江苏 ; 浙江{PART}苏州 ; 台州{PART}昆山"
    rows = told_apart({"applicant": "甲;乙", "city": city}, {"applicant": "丙", "city": "北京"})
    assert in_columns(rows, "place", "applicant", "city") == [
        (0, "甲", "江苏 苏州 昆山"),
        (0, "乙", "浙江 台州"),
        (1, "丙", "北京"),
    ]


names = st.lists(st.sampled_from(["甲", "乙 公司", "x"]), min_size=1, max_size=4).map("; ".join)
cells = st.none() | st.text(f"ab ;；{PART}", max_size=9)


@given(st.lists(st.fixed_dictionaries({"applicant": names, "address": cells, "city": cells})))
def test_applicants_are_told_apart_as_in_a_loop(rows: list[Cells]) -> None:
    expected = []
    for number, row in enumerate(rows):
        applicants = str(row["applicant"]).split("; ")
        for index, applicant in enumerate(applicants):
            member = {"place": number, "applicant": applicant}
            for name in ("address", "city"):
                parts = [re.split("[;；]", part) for part in (row[name] or "").split(PART)]
                values = (part[index].strip() for part in parts if index < len(part))
                member[name] = " ".join(values).strip() or None
            expected.append(member)
    found = told_apart(*rows)
    assert [
        {key: row[key] for key in ("place", "applicant", "address", "city")} for row in found
    ] == expected
