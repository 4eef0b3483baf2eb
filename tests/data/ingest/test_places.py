"""Places against addresses whose city is known, and what must hold whatever the address.

`addresses.csv` was written from knowledge of places, not from the tables: each answer is
justified in `why`. A row without an answer must not be placed; `reason` says why, where only one
reason would do.
"""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citytech_data.catalogue import embedded_folder
from citytech_data.ingest.gazetteer import MUNICIPALITIES, names
from citytech_data.ingest.places import COLUMNS, gazetteer, place
from citytech_data.schema import CITIES
from citytech_data.tablefiles import read_table

ADDRESSES = Path(__file__).with_name("addresses.csv")
ODD = st.text(
    st.sampled_from("江苏省南京市鼓楼区中山路深圳北大学(), 1-Xi'an Suzhou中国"), max_size=30
)
NONE = dict.fromkeys(COLUMNS)


def labelled() -> pl.DataFrame:
    codes = dict(gazetteer().select("name_zh", "code").iter_rows())
    table = pl.read_csv(ADDRESSES, infer_schema=False).with_row_index("row", 2)
    return table.rename({"reason": "expected_reason"}).with_columns(
        right=pl.col("expected").replace_strict(codes, default=None)
    )


def evaluate() -> pl.DataFrame:
    """Return precision and recall for each shape of address, and for all of them."""
    table = place(labelled())
    placed, right = pl.col("place").is_not_null(), pl.col("place") == pl.col("right")
    figures = (
        pl.len().alias("addresses"),
        pl.col("right").is_null().sum().alias("without"),
        (right.sum() / placed.sum()).round(4).alias("precision"),
        (right.sum() / pl.col("right").is_not_null().sum()).round(4).alias("recall"),
    )
    shapes = table.group_by("shape", maintain_order=True).agg(figures)
    return pl.concat([shapes, table.select(pl.lit("all").alias("shape"), *figures)])


def placed(**cells: str | None) -> dict[str, str | None]:
    """Return what comes of one row."""
    row = place(pl.DataFrame([NONE | cells], schema=dict.fromkeys(COLUMNS, pl.String)))
    return row.row(0, named=True)


def code(**cells: str | None) -> str | None:
    return placed(**cells)["place"]


# --- The labelled addresses ----------------------------------------------------------


def test_the_labelled_addresses_are_enough_and_well_formed() -> None:
    table = labelled()
    assert table.height >= 300
    assert table["right"].null_count() >= 60
    assert table.filter(pl.col("expected").is_not_null() & pl.col("right").is_null()).is_empty()
    assert table["why"].null_count() == 0
    assert table.select(COLUMNS).is_duplicated().sum() == 0
    places = table.join(gazetteer(), left_on="right", right_on="code")
    assert places["province_en"].n_unique() == 31


def test_precision_and_recall(capsys: pytest.CaptureFixture[str]) -> None:
    figures = evaluate()
    with capsys.disabled(), pl.Config(tbl_rows=-1, tbl_hide_dataframe_shape=True):
        print(figures)  # noqa: T201
    of_all = figures.row(-1, named=True)
    assert of_all["precision"] >= 0.99
    assert of_all["recall"] >= 0.95


def test_every_labelled_address_gets_its_city_or_its_reason() -> None:
    table = place(labelled())
    wrong = pl.col("place").ne_missing(pl.col("right"))
    other_reason = pl.col("expected_reason") != pl.col("reason")
    failures = table.filter(wrong | other_reason.fill_null(False))
    assert failures.rows(named=True) == []


def test_what_is_exact_is_right() -> None:
    table = place(labelled()).filter(pl.col("confidence") == "exact")
    assert table.filter(pl.col("place") != pl.col("right")).is_empty()
    assert table.height > 250


# --- What place() promises -----------------------------------------------------------


def test_rows_come_back_in_their_order_with_a_place_or_a_reason() -> None:
    table = labelled()
    result = place(table)
    assert result.select(table.columns).equals(table)
    is_placed = result["place"].is_not_null()
    assert (is_placed == result["confidence"].is_not_null()).all()
    assert (is_placed == result["method"].is_not_null()).all()
    assert (is_placed == result["reason"].is_null()).all()
    assert set(result["confidence"].drop_nulls()) == {"exact", "likely"}
    assert set(result["place"].drop_nulls()) <= set(gazetteer()["code"])


@pytest.mark.parametrize("missing", COLUMNS)
def test_any_column_may_be_missing(missing: str) -> None:
    table = labelled().select(COLUMNS).drop(missing)
    full = place(table.with_columns(pl.lit(None, pl.String).alias(missing)))
    assert place(table).equals(full.drop(missing))


def test_there_may_be_no_rows_and_no_columns() -> None:
    empty = place(pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String)))
    assert empty.columns == [*COLUMNS, "place", "confidence", "method", "reason"]
    assert empty.is_empty()
    assert place(pl.DataFrame({"other": [1, 2]}))["reason"].to_list() == ["empty", "empty"]


def test_a_part_gives_what_the_whole_gives() -> None:
    table = labelled().select(COLUMNS)
    parts = pl.concat([place(table[:200]), place(table[200:201]), place(table[201:])])
    assert parts.equals(place(table))
    # In many texts all words are looked for, in few those that may be there.
    assert place(pl.concat([table] * 10)).equals(pl.concat([parts] * 10))


@settings(max_examples=5)
@given(st.lists(ODD, min_size=60, max_size=60))
def test_no_text_is_too_odd(texts: list[str]) -> None:
    cells = {name: texts[index:] + texts[:index] for index, name in enumerate(COLUMNS)}
    result = place(pl.DataFrame(cells, schema=dict.fromkeys(COLUMNS, pl.String)))
    assert (result["place"].is_null() == result["reason"].is_not_null()).all()


def test_blanks_and_full_width_forms_change_nothing() -> None:
    table = labelled().filter(pl.col("address").str.contains(r"^[\p{Han}]+$"))
    spaced = table.with_columns(pl.col("address").str.replace_all("(.)", "$1 "))
    full_width = table.with_columns("\u3000" + pl.col("address") + "１号（Ａ座）")
    for changed in (spaced, full_width):
        assert place(changed)["place"].equals(place(table)["place"])


# --- Which evidence counts -----------------------------------------------------------


def test_a_contradiction_between_columns_is_only_likely() -> None:
    result = placed(city="苏州", address="广东省深圳市南山区")
    assert (result["place"], result["confidence"]) == ("320500", "likely")


def test_outside_is_final() -> None:
    for cells in ({"address": "香港九龙"}, {"country": "日本"}, {"country": "TW;台湾"}):
        result = placed(applicant="深圳市某某有限公司", postcode="518057", **cells)
        assert result["reason"] == "outside China"


@pytest.mark.parametrize("country", ["CN", "China", "中国", "CN-GD", "中国;CN", "People's Rep"])
def test_a_country_column_of_china_or_of_no_meaning_hinders_nothing(country: str) -> None:
    assert code(address="广东省深圳市", country=country) == "440300"


@pytest.mark.parametrize(
    "country", ["US", "美国", "美国;US", "United States of America", "HK", "德国"]
)
def test_a_country_column_of_another_country_is_believed(country: str) -> None:
    assert placed(address="广东省深圳市", country=country)["reason"] == "outside China"


def test_a_postcode_must_agree_with_the_address() -> None:
    assert code(address="江苏省开发区", postcode="210000") == "320100"
    assert placed(address="江苏省开发区", postcode="518057")["reason"] == "province only"
    assert placed(address="鼓楼区", postcode="518057")["reason"] == "ambiguous"


def test_six_digits_are_no_postcode_outside_china() -> None:
    assert code(address="Block 7, 560001") is None
    assert code(address="Block 7, 518057", country="CN") == "440300"


def test_an_applicant_must_agree_with_the_address() -> None:
    assert code(address="广东省", applicant="深圳市某某有限公司") == "440300"
    assert placed(address="江苏省", applicant="深圳市某某有限公司")["reason"] == "province only"
    assert placed(city="Suzhou", applicant="深圳市某某有限公司")["reason"] == "ambiguous"


def test_a_city_under_no_prefecture_is_never_placed_by_other_evidence() -> None:
    result = placed(city="仙桃", applicant="武汉某某有限公司", postcode="433000")
    assert result["reason"] == "not prefecture-level"


# --- The gazetteer -------------------------------------------------------------------


def test_the_gazetteer_is_a_table_of_cities() -> None:
    cities = gazetteer()
    assert cities.columns == list(CITIES.column_names)
    # 2021: 293 cities, 7 地区, 30 autonomous prefectures, 3 leagues, 4 municipalities.
    assert cities.height == 337
    assert cities["code"].is_unique().all()
    assert cities["name_en"].is_unique().all()
    assert cities["name_zh"].is_unique().all()
    assert set(cities["code"]) >= MUNICIPALITIES
    # No longer cities in 2021; and one that became one in 2015.
    assert not {"371200", "341400"} & set(cities["code"])
    assert "460400" in set(cities["code"])


def test_the_gazetteer_agrees_with_the_published_dataset() -> None:
    """Codes and coordinates there come from other lists."""
    theirs = read_table(embedded_folder("published") / "cities.csv", CITIES)
    both = theirs.join(gazetteer(), on="code", suffix="_ours")
    assert both.height == theirs.height
    for name in ("name_zh", "province_zh", "province_en"):
        assert (both[name] == both[f"{name}_ours"]).all()
    for name in ("lat", "lon"):
        assert ((both[name] - both[f"{name}_ours"]).abs() < 0.02).all()


def test_every_name_lies_in_a_city_or_is_none_itself() -> None:
    table = names().filter(pl.col("unit") != "")
    cities = set(gazetteer()["code"])
    elsewhere = table.filter(~pl.col("unit").is_in(cities))
    # Under a province directly: the third and fourth digit of their code are 90.
    assert elsewhere["unit"].str.contains("^..90").all()
    assert elsewhere["level"].unique().to_list() == ["county"]


def test_every_city_is_placed_by_its_own_names() -> None:
    cities = gazetteer()
    full = cities.select(address=pl.col("province_zh") + pl.col("name_zh") + "科技园")
    assert place(full)["place"].equals(cities["code"].alias("place"))
    named = cities.with_columns(pl.col("name_en").str.replace(r" \(.*", ""))
    english = named.select(city=pl.col("name_en") + ", " + pl.col("province_en"))
    assert place(english)["place"].equals(cities["code"].alias("place"))


@pytest.mark.slow
def test_a_million_addresses_would_take_five_seconds() -> None:
    """A tenth of them is read; two cores have ten seconds of work in five, whatever shares them."""
    counties = names().filter(level="county").select("name", "unit")
    cities = gazetteer().select("code", pl.col("province_zh") + pl.col("name_zh") + "市")
    city = counties.join(cities, left_on="unit", right_on="code")
    some = city.sample(100_000, with_replacement=True, seed=1).with_row_index("number")
    address = pl.format("518057 {}{}科技路{}号", "province_zh", "name", "number")
    table = some.select(address=address)
    place(table.head(10))
    begun = time.process_time()
    result = place(table)
    assert time.process_time() - begun < 1.0
    assert result["place"].null_count() < 1000
