"""Cities of institutions against the sources that state them."""

from __future__ import annotations

import polars as pl
import pytest

from citytech_data.ingest.gazetteer import APPLICANTS_FILE, MUNICIPALITIES, city_codes, read
from citytech_data.ingest.place_names import applicant_key
from citytech_data.ingest.places import place


def test_known_applicants_are_each_in_one_city() -> None:
    names = read(APPLICANTS_FILE).with_columns(pl.col("names").str.split(";")).explode("names")
    keys = names.with_columns(applicant_key(pl.col("names")))
    cities = keys.group_by("names").agg(pl.col("city").n_unique())
    assert cities["city"].max() == 1
    assert set(names["city"]) <= city_codes()
    assert set(names["city"]) >= MUNICIPALITIES


@pytest.mark.parametrize(
    ("name", "city"),
    [
        ("中山大学", "440100"),
        ("吉林大学", "220100"),
        ("江苏大学", "321100"),
        ("河北大学", "130600"),
        ("南京航空航天大学", "320100"),
        ("中国地质大学（武汉）", "420100"),
    ],
)
def test_universities_are_where_the_ministry_says_not_their_name(name: str, city: str) -> None:
    assert place(pl.DataFrame({"applicant": [name]}))["place"].to_list() == [city]
