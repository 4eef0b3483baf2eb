"""Tables of counts: every row is counted, a checked total, or left out with a reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from frictionless import Package
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citytech_data.counts import Reading, read_counts
from citytech_data.counts.numbers import Number, read_number
from citytech_data.counts.words import Slice, wide
from citytech_data.dataset import Dataset, open_dataset, read_dataset, write_dataset
from citytech_data.errors import DatasetError
from citytech_data.ranking import ranking, standings
from tests.data.ingest.inputs import write_xlsx
from tests.helpers import row_of

LONG = """\
2021年各城市数字技术专利统计
序号,省份,城市,年份,技术领域,专利申请量（件）,占比
1,北京市,北京,2021,人工智能,"12,345",10%
2,广东省,深圳市,2021,人工智能,"10,290",9%
3,江苏省,苏州市,2021,人工智能,1.2万,5%
4,江苏省,昆山市,2021,人工智能,300,5%
5,,东京,2021,人工智能,99,5%
6,江苏省,江苏,2021,人工智能,20000,5%
,,合计,2021,人工智能,"55,034",
数据来源：某数据库,,,,,,
"""


@pytest.fixture
def write(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def read(path: Path, text: str, year: int | None = None) -> tuple[Dataset, Reading]:
    path.write_text(text, encoding="utf-8")
    return read_counts(path, year)


def counts(dataset: Dataset) -> dict[tuple[str, int, str], float | None]:
    rows = dataset.observations.filter(pl.col("measure") == "counts")
    return {
        (place, year, technology): value
        for place, year, technology, value in rows.select(
            "place", "year", "technology", "value"
        ).iter_rows()
    }


def refusal(path: Path, text: str) -> str:
    with pytest.raises(DatasetError) as caught:
        read(path, text)
    message = str(caught.value)
    assert message.startswith("table.csv")
    assert "\n" not in message
    return message


# --- A table as a statistics page gives it


def test_a_chinese_table_of_one_technology(write: Path) -> None:
    dataset, reading = read(write, LONG)
    assert counts(dataset) == {
        ("110000", 2021, "ai"): 12_345,
        ("440300", 2021, "ai"): 10_290,
        ("320500", 2021, "ai"): 12_000,
        ("110000", 2021, "all"): None,
        ("440300", 2021, "all"): None,
        ("320500", 2021, "all"): None,
    }
    assert reading.header_row == 2
    assert reading.unused == ("序号", "占比")
    reasons = {row.row: row.reason for row in reading.left_out}
    assert reasons == {
        6: "it is a part of Suzhou (Jiangsu), which has a row of its own",
        7: "it lies outside the cities that are counted",
        8: "it names a province, not a city",
        10: "it has no count",
    }
    (total,) = reading.totals
    assert (total.row, total.stated, total.summed, total.agrees) == (9, 55_034, 55_034, True)
    assert reading.counted + len(reading.left_out) + len(reading.totals) == reading.rows


def test_a_rounded_count_carries_its_bounds(write: Path) -> None:
    dataset, _ = read(write, LONG)
    row = row_of(standings(dataset, 2021, "ai"), "320500")
    assert (row["total_lower"], row["total_value"], row["total_upper"]) == (11_500, 12_000, 12_500)


def test_without_a_total_all_technologies_are_only_bounded(write: Path) -> None:
    text = "city,year,ai,blockchain,cloud,bigdata,iot\nShenzhen,2021,5,1,2,3,4\nWuhan,2021,7,,,,\n"
    dataset, _ = read(write, text)
    frame = standings(dataset, 2021)
    shenzhen, wuhan = row_of(frame, "440300"), row_of(frame, "420100")
    assert (shenzhen["total_lower"], shenzhen["total_upper"]) == (5, 15)
    assert (wuhan["total_lower"], wuhan["total_upper"]) == (7, None)
    assert shenzhen["total_basis"] == wuhan["total_basis"] == "bounded"
    assert row_of(standings(dataset, 2021, "iot"), "440300")["total_value"] == 4


def test_a_column_for_each_year_with_totals(write: Path) -> None:
    text = "城市,2019年,2020年,合计\n深圳,1,2,3\n广州,4,5,10\n合计,5,7,12\n"
    dataset, reading = read(write, text)
    assert counts(dataset) == {
        ("440300", 2019, "all"): 1,
        ("440300", 2020, "all"): 2,
        ("440100", 2019, "all"): 4,
        ("440100", 2020, "all"): 5,
    }
    assert [(t.row, t.stated, t.summed) for t in reading.disagreeing] == [(3, 10, 9)]
    assert len(reading.totals) == 5
    doubt = dataset.notes.filter(pl.col("topic") == "doubt")["text_en"].to_list()
    assert len(doubt) == 1
    assert "states 10, but the sum is 9" in doubt[0]


def test_a_total_of_distinct_applications_counts_and_a_mere_sum_does_not(write: Path) -> None:
    text = "city,year,AI,IoT,total\nShenzhen,2020,1 000,20,1 015\nWuhan,2020,10,20,30\n"
    dataset, reading = read(write, text)
    found = counts(dataset)
    assert found["440300", 2020, "all"] == 1_015
    assert found["420100", 2020, "all"] is None
    assert [(total.row, total.agrees) for total in reading.totals] == [(3, True)]


def test_a_total_beyond_the_sum_is_told(write: Path) -> None:
    _, reading = read(write, "city,year,AI,IoT,total\nShenzhen,2020,1,2,4\n")
    assert [(t.stated, t.summed, t.agrees) for t in reading.totals] == [(4, 3, False)]


def test_a_year_and_a_technology_in_one_header(write: Path) -> None:
    dataset, _ = read(write, "City,AI 2020,AI 2021,物联网2021年\nHangzhou,1,2,3\n")
    found = {key: value for key, value in counts(dataset).items() if key[2] != "all"}
    assert found == {
        ("330100", 2020, "ai"): 1,
        ("330100", 2021, "ai"): 2,
        ("330100", 2021, "iot"): 3,
    }


def test_the_country_gives_shares_and_a_trend(write: Path) -> None:
    text = "城市,年份,数量\n深圳,2020,10\n深圳,2021,20\n全国,2020,100\n全国,2021,100\n"
    dataset, reading = read(write, text)
    assert row_of(standings(dataset, 2021), "440300")["proportion_value"] == 20
    assert dataset.manifest.series == ("counts",)
    assert "proportion" not in dataset.manifest.absent
    assert (reading.places, reading.counted) == (1, 4)


def test_what_is_not_known_is_said_for_every_tab(write: Path) -> None:
    dataset, _ = read(write, "city,year,count\nShenzhen,1999,3\n")
    assert dataset.manifest.absent.keys() == {"density", "proportion", "trend"}
    known, _ = read(write, "city,year,count\nShenzhen,2021,17681.6\n")
    assert "density" not in known.manifest.absent
    assert row_of(standings(known, 2021), "440300")["density_value"] == pytest.approx(10)


def test_districts_count_for_their_city_where_it_has_no_row(write: Path) -> None:
    dataset, _ = read(write, "城市,年份,数量\n昆山市,2020,10\n常熟市,2020,5\n")
    assert counts(dataset) == {("320500", 2020, "all"): 15}
    row = dataset.observations.row(0, named=True)
    assert (row["basis"], row["note"]) == ("derived", "sum of the rows 2, 3")


def test_merged_cells_leave_the_city_above(write: Path) -> None:
    dataset, reading = read(write, "城市,年份,数量\n深圳,2019,1\n,2020,2\n")
    assert counts(dataset) == {("440300", 2019, "all"): 1, ("440300", 2020, "all"): 2}
    assert reading.filled == 1


def test_cities_by_code_and_an_empty_count(write: Path) -> None:
    dataset, reading = read(write, "code,2020,2021\n440300,—,7\n999999,1,1\n")
    assert counts(dataset) == {("440300", 2021, "all"): 7}
    assert reading.empty == 1
    assert [row.reason for row in reading.left_out] == ["its code is none of a city that is known"]


def test_an_unknown_technology_is_left_out_by_name(write: Path) -> None:
    _, reading = read(write, "city,year,technology,count\nWuhan,2020,AI,1\nWuhan,2020,5G,7\n")
    (row,) = reading.left_out
    assert row.row == 3
    assert "'5G' is none of the technologies" in row.reason
    assert row.sum_of_counts == 7


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_delimiters(write: Path, encoding: str, delimiter: str) -> None:
    text = "城市,年份,数量\n深圳市,2020,1\n广州市,2020,2\n".replace(",", delimiter)
    write.write_bytes(text.encode(encoding))
    found = counts(read_counts(write).dataset)
    assert found == {("440300", 2020, "all"): 1, ("440100", 2020, "all"): 2}


def test_a_workbook_is_read_as_a_csv_is(tmp_path: Path) -> None:
    rows: Sequence[Sequence[object]] = [
        ["Statistics"],
        ["City", "Year", "Technology", "Count"],
        ["Shenzhen", "2020", "AI", "1234"],
        ["Guangzhou", "2020", "AI", "2,345"],
        ["Total", "2020", "AI", "3579"],
    ]
    path = tmp_path / "table.xlsx"
    write_xlsx(path, rows, sheet="数据")
    dataset, reading = read_counts(path)
    assert counts(dataset)["440300", 2020, "ai"] == 1234
    assert counts(dataset)["440100", 2020, "ai"] == 2345
    assert (reading.sheet, reading.header_row) == ("数据", 2)
    assert [total.agrees for total in reading.totals] == [True]


def test_it_is_opened_as_any_dataset_and_can_be_saved(write: Path, tmp_path: Path) -> None:
    dataset, _ = read(write, LONG)
    opened = open_dataset(str(write))
    order = ranking(standings(opened, 2021, "ai"), "total")["code"].to_list()
    assert order == ["110000", "320500", "440300"]
    folder = tmp_path / "saved"
    write_dataset(dataset, folder)
    again = read_dataset(folder)
    assert again.observations.equals(dataset.observations)
    assert again.notes.equals(dataset.notes)
    report = Package(str(folder / "datapackage.json")).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])


# --- What is refused, in one sentence that names file, row and remedy

REFUSED = {
    "": "the file is empty|holds nothing",
    "a,b\n1,2\n": "is no table of counts.*begins 'a, b'.*Name the columns",
    "city,count\nShenzhen,1\n": "row 1: does not say of which year.*Add a column year",
    "city,year,count\nShenzhen,2020,x\n": "row 2, column count: expected a number, found 'x'",
    "city,year,count\nShenzhen,2020,-3\n": "row 2, column count: expected a number, found '-3'",
    "city,year,count\nShenzhen,2020,1.234\n": "row 2, column count: expected a whole number",
    "city,year,count\nShenzhen,soon,1\n": "row 2, column year: expected a year, found 'soon'",
    "city,year,count\nShenzhen,2020,1\n深圳市,2020,2\n": "row 3: gives the same count again",
    "city,year,count,applications\nShenzhen,2020,1,2\n": "row 1: has several columns of counts",
    "city,year,2020,2021\nShenzhen,2020,1,2\n": "row 1: has a column of its own for the year",
    "city,2020,2020年\nShenzhen,1,2\n": "row 1: the columns '2020' and '2020年' mean the same",
    "city,year,count\nTokyo,2020,1\n": r"holds no count of a city; row 2 \(Tokyo 2020 1\)",
    "city,year,count\n": "holds no row below its headers",
    'city,year,count\n"Shen,2020,1\n': "Is a quote not closed",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str, write: Path) -> None:
    write.write_text(text, encoding="utf-8")
    with pytest.raises(DatasetError, match=REFUSED[text]):
        read_counts(write)


def test_a_year_given_from_outside_is_that_of_all(write: Path) -> None:
    dataset, _ = read(write, "city,count\nShenzhen,1\n", 2020)
    assert counts(dataset) == {("440300", 2020, "all"): 1}


def test_hostile_cells_reach_no_screen_as_they_are(write: Path) -> None:
    text = "city,year,count,\x1b]52;c;aGk=\x07\n深圳,2020,1,\n\x1b[31mX\x1b[0m,2020,2,\n"
    dataset, reading = read(write, text)
    said = "".join([*reading.unused, *(row.text for row in reading.left_out)])
    said += "".join(dataset.notes["text_en"])
    assert "\x1b" not in said and "\x07" not in said


def test_a_folder_or_device_is_no_table(tmp_path: Path) -> None:
    for path in (tmp_path, Path("/dev/null")):
        with pytest.raises(DatasetError, match="is no file"):
            read_counts(path)


def test_a_dataset_that_cannot_be_written_is_told_in_a_sentence(
    write: Path, tmp_path: Path
) -> None:
    dataset, _ = read(write, LONG)
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match=r"cannot be written.*nothing was written"):
        write_dataset(dataset, tmp_path / "file" / "folder")


# --- Numbers and headers


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,234", Number(1234)),
        ("1 234", Number(1234)),
        ("１２３４", Number(1234)),
        ("1，234", Number(1234)),
        ("1234件", Number(1234)),
        ("12.5", Number(12.5)),
        ("3.0", Number(3)),
        ("1.2万", Number(12_000, 11_500, 12_500)),
        ("3万", Number(30_000, 25_000, 35_000)),
    ],
)
def test_numbers(cell: str, number: Number) -> None:
    assert read_number(cell) == number


@pytest.mark.parametrize("cell", ["1,23", "1,2345", "1.234", "-1", "1e5", "12%", "<5", "9" * 16])
def test_what_is_no_number(cell: str) -> None:
    assert isinstance(read_number(cell), str)


@pytest.mark.parametrize(
    ("header", "slice_"),
    [
        ("2021", Slice(2021, None)),
        ("2021年", Slice(2021, None)),
        ("2021年申请量（件）", Slice(2021, None)),
        ("人工智能", Slice(None, "ai")),
        ("人工智能专利申请量", Slice(None, "ai")),
        ("Big Data (2020)", Slice(2020, "bigdata")),
        ("All technologies", Slice(None, "all")),
        ("2021 growth", None),
        ("占比", None),
    ],
)
def test_headers_of_wide_tables(header: str, slice_: Slice | None) -> None:
    assert wide(header) == slice_


# --- Properties

CITIES = {"深圳": "440300", "Guangzhou": "440100", "湖北武汉市": "420100", "北京": "110000"}
ROWS = st.dictionaries(
    st.tuples(st.sampled_from(list(CITIES)), st.integers(2015, 2021)),
    st.integers(0, 10**7),
    min_size=1,
)


@given(rows=ROWS, form=st.sampled_from(["{}", "{:,}"]), wide_=st.booleans())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_count_comes_out_as_it_went_in(
    rows: dict[tuple[str, int], int], form: str, wide_: bool, tmp_path: Path
) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    if wide_:
        years = sorted({year for _, year in rows})
        writer.writerow(["城市", *years])
        for name in {name for name, _ in rows}:
            cells = [rows.get((name, year)) for year in years]
            writer.writerow([name, *("" if n is None else form.format(n) for n in cells)])
    else:
        writer.writerow(["city", "year", "count"])
        writer.writerows([name, year, form.format(n)] for (name, year), n in rows.items())
        writer.writerow(["总计", "", form.format(sum(rows.values()))])
    dataset, reading = read(tmp_path / "table.csv", text.getvalue())
    expected = {(CITIES[name], year, "all"): n for (name, year), n in rows.items()}
    assert counts(dataset) == expected
    assert all(total.agrees for total in reading.totals)
    assert wide_ or len(reading.totals) == 1
    assert reading.left_out == []


@given(rows=st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=5), max_size=6))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_table_is_read_or_refused_in_one_sentence(
    rows: list[list[str]], tmp_path: Path
) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["城市", "2020", "AI 2021", "合计", "技术"])
    writer.writerow(["深圳", "1", "2", "3", ""])
    writer.writerows(rows)
    path = tmp_path / "table.csv"
    path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    try:
        table = read_counts(path)
    except DatasetError as error:
        assert "\n" not in str(error)
    else:
        assert table.reading.counted >= 1


# --- A column for each city


def test_a_column_for_each_city(write: Path) -> None:
    text = (
        "各城市专利申请量\n年份,北京,上海市,Shenzhen（件）,全国,东京,合计\n"
        '2020,10,20,-,900,7,30\n2021,"1,000",1.2万,5,2万,7,13005\n合计,1010,12020,6,20900,,\n'
    )
    dataset, reading = read(write, text)
    assert counts(dataset) == {
        ("110000", 2020, "all"): 10,
        ("310000", 2020, "all"): 20,
        ("CN", 2020, "all"): 900,
        ("110000", 2021, "all"): 1_000,
        ("310000", 2021, "all"): 12_000,
        ("440300", 2021, "all"): 5,
        ("CN", 2021, "all"): 20_000,
    }
    assert reading.header_row == 2
    assert reading.unused == ("东京",)
    assert reading.empty == 1
    assert {row.label: row.agrees for row in reading.totals} == {
        "2020 (合计)": True,
        "2021 (合计)": True,
        "北京: 合计": True,
        "上海市: 合计": True,
        "Shenzhen: 合计": False,
        "全国: 合计": True,
    }
    assert ("city", "上海市") in reading.columns
    assert dataset.manifest.share_of == "country"
    assert reading.counted == 2


@pytest.mark.parametrize("corner", ["", "年份/城市", "x"])
def test_the_years_beside_cities_need_no_header(write: Path, corner: str) -> None:
    dataset, _ = read(write, f"{corner},武汉,成都\n2020年,1,2\n2021年,3,4\n")
    assert counts(dataset) == {
        ("420100", 2020, "all"): 1,
        ("510100", 2020, "all"): 2,
        ("420100", 2021, "all"): 3,
        ("510100", 2021, "all"): 4,
    }


def test_years_and_technologies_beside_cities(write: Path) -> None:
    text = "year,technology,Wuhan,Chengdu\n2021,AI,5,6\n2021,IoT,7,8\n"
    dataset, _ = read(write, text)
    found = counts(dataset)
    assert (found["420100", 2021, "ai"], found["510100", 2021, "iot"]) == (5, 8)
    dataset, _ = read(write, ",Wuhan,Chengdu\n人工智能,5,6\n", year=2019)
    assert counts(dataset)["510100", 2019, "ai"] == 6


def test_districts_beside_cities(write: Path) -> None:
    dataset, reading = read(write, "年份,苏州,昆山,海淀区,朝阳区\n2021,10,3,4,5\n")
    assert counts(dataset)["320500", 2021, "all"] == 10
    (lost,) = reading.left_out
    assert (lost.row, lost.text, lost.sum_of_counts) == (2, "昆山: 2021", 3)
    assert "a part of Suzhou" in lost.reason


def test_a_city_of_which_only_parts_have_columns_is_their_sum(write: Path) -> None:
    dataset, _ = read(write, "年份,昆山,太仓\n2021,3,4\n")
    assert counts(dataset) == {("320500", 2021, "all"): 7}
    (row,) = dataset.observations.filter(pl.col("measure") == "counts").to_dicts()
    assert (row["basis"], row["note"]) == ("derived", "sum of 2 columns of row 2")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("年份,深圳,深圳\n2021,1,2\n", "'深圳' and '深圳' mean the same"),
        ("年份,深圳,深圳市\n2021,1,2\n", "gives the same count again"),
        (",Wuhan,Chengdu\nAI,5,6\n", "does not say of which year"),
        ("年份,深圳,广州\n2021,1,many\n", "column 广州: expected a number, found 'many'"),
        ("name,深圳\nx,1\n", "is no table of counts"),
    ],
)
def test_a_table_by_city_that_is_wrong_is_refused(write: Path, text: str, said: str) -> None:
    assert said in refusal(write, text)


def test_a_workbook_by_city(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    write_xlsx(path, [["年份", "北京", "上海"], ["2021", "5", "6"]])
    assert counts(read_counts(path).dataset) == {
        ("110000", 2021, "all"): 5,
        ("310000", 2021, "all"): 6,
    }
