"""Places against what others say: labels that are not ours.

`addresses_baidu.csv` is a sample of the places that Baidu Maps finds for 大学, each with the
province, city and district that the map itself gives, as collected at
https://github.com/pg7go/The-Location-Data-of-Schools-in-China (commit of 2019). It was drawn by
province, seeded, from 8,084, with nothing left out: many addresses name a street only.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from citytech_data.ingest.gazetteer import APPLICANTS_FILE, MUNICIPALITIES, city_codes, read
from citytech_data.ingest.place_names import applicant_key
from citytech_data.ingest.place_texts import read_cities
from citytech_data.ingest.places import place

SAMPLE = Path(__file__).with_name("addresses_baidu.csv")


def labelled() -> pl.DataFrame:
    table = pl.read_csv(SAMPLE, infer_schema=False)
    verdicts = read_cities(table["city"])
    short = pl.col("city").str.replace("(?:市|地区|盟)$", "")
    return table.with_columns(
        right=verdicts["place"],
        # The text has the map's own name of the city or district: what can be told from it.
        tells=pl.col("address").str.contains(short, literal=False)
        | (pl.col("address").str.contains(pl.col("area"), literal=True) & (pl.col("area") != "")),
    )


def test_a_sample_labelled_by_a_map(capsys: pytest.CaptureFixture[str]) -> None:
    table = labelled()
    result = table.hstack(place(table.select("address")).drop("address"))
    placed = result.filter(pl.col("place").is_not_null())
    telling = result.filter("tells", pl.col("right").is_not_null())
    right = (placed["place"] == placed["right"]).sum()
    found = (telling["place"] == telling["right"]).sum()
    with capsys.disabled():
        print(  # noqa: T201
            f"\nplaces labelled by a map: {result.height} addresses, {placed.height} placed, "
            f"precision {right / placed.height:.4f}; of {telling.height} that name their city or "
            f"district, recall {found / telling.height:.4f}"
        )
    assert result.height >= 600
    assert right / placed.height >= 0.995
    assert found / telling.height >= 0.97
    exact = placed.filter(pl.col("confidence") == "exact")
    assert exact.height >= 350
    assert exact.filter(pl.col("place") != pl.col("right")).is_empty()


def test_what_is_under_no_prefecture_is_not_placed() -> None:
    table = labelled().filter(pl.col("right").is_null())
    assert table.height >= 1
    assert place(table.select("address"))["place"].null_count() == table.height


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
