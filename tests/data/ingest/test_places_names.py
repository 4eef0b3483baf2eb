"""The user's table of applicants and their cities."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from citytech_data.errors import DatasetError
from citytech_data.ingest.places import place, read_names


def table(folder: Path, text: str) -> Path:
    path = folder / "names.csv"
    path.write_text(text, encoding="utf-8")
    return path


def placed(path: Path, *applicants: str, **more: object) -> list[str | None]:
    rows = pl.DataFrame({"applicant": applicants, **more})
    return place(rows, read_names(path))["place"].to_list()


def test_names_are_compared_without_case_blanks_and_punctuation(tmp_path: Path) -> None:
    path = table(
        tmp_path, "applicant,city\n阿里巴巴集团控股有限公司,杭州\nAcme (China) Ltd.,Shenzhen\n"
    )
    names = ("阿里巴巴 集团控股有限公司", "ACME CHINA LTD", "ａｃｍｅ（China）ltd", "Acme")
    assert placed(path, *names) == ["330100", "440300", "440300", None]


@pytest.mark.parametrize(
    "city", ["苏州", "苏州市", "320500", "昆山市", "江苏省苏州市", "Suzhou, Jiangsu"]
)
def test_a_city_may_be_written_in_many_ways(tmp_path: Path, city: str) -> None:
    path = table(tmp_path, f'applicant,city\nA Firm,"{city}"\n')
    row = place(pl.DataFrame({"applicant": ["A Firm"]}), read_names(path)).row(0, named=True)
    assert (row["place"], row["confidence"], row["method"]) == ("320500", "exact", "names table")


def test_years_choose_between_cities(tmp_path: Path) -> None:
    path = table(tmp_path, "applicant,city,from,to\nA,北京,,2015\nA,上海,2016,\nB,广州,2010,2012\n")
    years = {"year": [2015, 2016, 2011, 2013]}
    assert placed(path, "A", "A", "B", "B", **years) == ["110000", "310000", "440100", None]
    assert placed(path, "A", "B") == [None, "440100"]
    reasons = place(pl.DataFrame({"applicant": ["A"]}), read_names(path))["reason"]
    assert reasons.to_list() == ["ambiguous"]


def test_the_table_is_asked_only_where_nothing_better_is_known(tmp_path: Path) -> None:
    path = table(tmp_path, "applicant,city\n深圳市某某有限公司,上海\n")
    rows = pl.DataFrame(
        {
            "applicant": ["深圳市某某有限公司"] * 4,
            "address": ["浙江省杭州市", None, "香港九龙", "广东省"],
        }
    )
    result = place(rows, read_names(path))
    assert result["place"].to_list() == ["330100", "310000", None, "310000"]


@pytest.mark.parametrize(
    ("text", "row", "column", "problem"),
    [
        ("applicant,city\nA,北京\nB,Atlantis\n", 3, "city", "'Atlantis' is no city (unknown)"),
        ("applicant,city\nA,Suzhou\n", 2, "city", "'Suzhou' is the name of several cities"),
        ("applicant,city\nA,江苏省\n", 2, "city", "'江苏省' is no city (province only)"),
        ("applicant,city\nA,仙桃\n", 2, "city", "'仙桃' is no city (not prefecture-level)"),
        ("applicant,city\nA,999999\n", 2, "city", "'999999' is no city (unknown)"),
        ("applicant,city\n,北京\n", 2, "applicant", "expected a text, not an empty cell"),
        ("applicant,city\nA,\n", 2, "city", "expected a text, not an empty cell"),
        ("applicant\nA\n", 1, "", "column 'city' is missing"),
        ("applicant,city,from\nA,北京,soon\n", 2, "from", "expected a year, found 'soon'"),
        ("applicant,city,from,to\nA,北京,2015,2010\n", 2, "to", "expected a year not before"),
        ("applicant,city\nA,北京\na.,上海\n", 3, "", "its city differs from that in row 2"),
        (
            "applicant,city,from,to\nA,北京,,2015\nA,上海,2015,\n",
            3,
            "",
            "differs from that in row 2",
        ),
    ],
)
def test_an_error_names_file_row_and_remedy(
    tmp_path: Path, text: str, row: int, column: str, problem: str
) -> None:
    with pytest.raises(DatasetError) as caught:
        read_names(table(tmp_path, text))
    assert (caught.value.file, caught.value.row, caught.value.column) == ("names.csv", row, column)
    assert problem in caught.value.problem
    assert caught.value.remedy


def test_the_same_city_twice_is_no_error(tmp_path: Path) -> None:
    path = table(tmp_path, "applicant,city\nA,北京\nA,北京市\n")
    assert placed(path, "A") == ["110000"]
