from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.errors import DatasetError
from citytech_data.ingest import numbers
from citytech_data.ingest.delimited import LINE, Dialect, Parser
from citytech_data.ingest.files import find_files
from citytech_data.ingest.formats import known_formats, read_mapping
from citytech_data.ingest.readers import open_reader
from citytech_data.ingest.tabular import check_workbook
from citytech_data.ingest.text import Block
from citytech_data.ingest.values import read_date, read_kind
from tests.data.ingest.inputs import csv_text, lines_of, read_all, record, write_xlsx

EXPECTED = {
    "key": "CN202110012345",
    "kind": "invention",
    "year": 2021,
    "day": date(2021, 9, 10).toordinal(),
    "codes": "G06N3/08 | G06F17/16",
    "title": "一种神经网络训练方法",
    "applicant": "某某科技有限公司",
    "address": "浙江省杭州市西湖区文三路1号",
    "city": "杭州",
}


def first(frame: pl.DataFrame) -> dict[str, object]:
    row = frame.row(0, named=True)
    return {name: row[name] for name in EXPECTED}


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


# --- Encodings, packing and lines -------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_every_encoding_and_delimiter_reads_alike(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = [record(), record(1)]
    path = write(tmp_path / "a.csv", csv_text(rows, delimiter).encode(encoding))
    frame, rejects, _ = read_all(path)
    assert (first(frame), lines_of(frame), rejects) == (EXPECTED, [2, 3], [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_reads_alike(tmp_path: Path, end: str) -> None:
    path = write(tmp_path / "a.csv", csv_text([record(), record(1)], end=end))
    frame, rejects, _ = read_all(path)
    assert (first(frame), frame.height, rejects) == (EXPECTED, 2, [])


def test_line_ends_of_both_kinds_in_one_file(tmp_path: Path) -> None:
    lines = csv_text([record(), record(1), record(2)]).splitlines()
    path = write(tmp_path / "a.csv", "\r\n".join(lines[:2]) + "\n" + "\n".join(lines[2:]))
    assert read_all(path)[0].height == 3


def test_packed_files(tmp_path: Path) -> None:
    import zstandard

    data = csv_text([record()]).encode()
    packed = {"a.csv.gz": gzip.compress(data), "a.csv.zst": zstandard.compress(data)}
    for name, content in packed.items():
        frame, _, reader = read_all(write(tmp_path / name, content))
        assert first(frame) == EXPECTED
        assert len(reader.sha256) == 64


def test_line_breaks_and_quotes_inside_fields(tmp_path: Path) -> None:
    title = '一种"智能"\n方法, 及\n\n装置'
    rows = [record(title=title), record(1), record(2, title='"'), record(3)]
    frame, rejects, _ = read_all(write(tmp_path / "a.csv", csv_text(rows)))
    assert (frame["title"][0], frame["title"][2], rejects) == (title, '"', [])
    assert lines_of(frame) == [2, 6, 7, 8]


def test_a_record_that_two_blocks_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("citytech_data.ingest.text._SAMPLE", 300)
    rows = [record(i, title=f"第{i}\n号\n“{i}”") for i in range(50)]
    frame, rejects, _ = read_all(write(tmp_path / "a.csv", csv_text(rows)), block=100)
    assert (frame.height, rejects) == (50, [])
    assert frame["title"].to_list() == [row["标题"] for row in rows]
    assert lines_of(frame) == [2 + 3 * i for i in range(50)]


# --- Damage ------------------------------------------------------------------------------


def damaged(tmp_path: Path, *bad: str) -> tuple[list[int], list[tuple[int, str]], dict[str, int]]:
    """Read a file with bad lines between good ones: lines read, lines rejected, repairs."""
    lines = csv_text([record(i) for i in range(4)]).splitlines()
    path = write(tmp_path / "a.csv", "\n".join([*lines[:3], *bad, *lines[3:]]) + "\n")
    frame, rejects, reader = read_all(path)
    return lines_of(frame), [(each.line, each.reason) for each in rejects], dict(reader.repairs)


def test_short_and_long_lines_are_rejected_and_the_rest_is_read(tmp_path: Path) -> None:
    bad = ["CN1,CN2A", ",".join("abcdefghijklmnop")]
    read, rejected, _ = damaged(tmp_path, *bad)
    assert read == [2, 3, 6, 7]
    assert rejected == [(4, "too few fields"), (5, "too many fields")]


def test_empty_fields_at_the_end_and_empty_lines_are_no_damage(tmp_path: Path) -> None:
    line = csv_text([record(9)]).splitlines()[1]
    assert damaged(tmp_path, line + ",,", "", "  ")[:2] == ([2, 3, 4, 7, 8], [])


def test_a_short_and_a_long_line_do_not_make_up_for_each_other(tmp_path: Path) -> None:
    line = csv_text([record(9)]).splitlines()[1]
    first, _, others = line.partition(",")
    last = line.rpartition(",")[0]
    assert damaged(tmp_path, others, f"x,{first},{others}")[1] == [
        (4, "too few fields"),
        (5, "too many fields"),
    ]
    assert damaged(tmp_path, f"x,{line}", last)[1] == [
        (4, "too many fields"),
        (5, "too few fields"),
    ]


@given(
    st.lists(st.lists(st.sampled_from(["", "a", " ", "一种"]), min_size=1, max_size=4), max_size=8),
    st.sampled_from(["\n", "\r\n"]),
)
def test_plain_lines_are_read_as_python_reads_them(rows: list[list[str]], end: str) -> None:
    """Where nothing is quoted, counting must tell every line that is too short or too long."""
    lines = [",".join(row) for row in rows]
    data = "".join(f"{line}{end}" for line in lines).encode()
    whole = [n for n, row in enumerate(rows, 1) if len(row) == 3 or (row[3:] == [""])]
    bad = [n for n, line in enumerate(lines, 1) if n not in whole and line.strip()]
    for used in (["c"], ["b", "a"], ["a"]):
        parser = Parser(Dialect(",", ("a", "b", "c"), 3, 0), used, 1)
        frame, rejects = next(parser.parse(Block(data, 0), last=True))
        assert frame.select(pl.col(name).fill_null("") for name in used).rows() == [
            tuple(rows[n - 1]["abc".index(name)] for name in used) for n in whole
        ]
        assert (frame[LINE].to_list(), [each.line for each in rejects]) == (whole, bad)


def test_a_delimiter_of_several_bytes(tmp_path: Path) -> None:
    lines = ["申请号，申请日，IPC分类号，地址", "CN202110012345.9，2021-01-02，G06N3/08，Beijing"]
    frame, rejects, _ = read_all(write(tmp_path / "a.csv", "\n".join(lines)))
    assert (frame["key"][0], frame["address"][0], rejects) == ("CN202110012345", "Beijing", [])


def test_a_quote_that_is_never_closed_takes_one_line_only(tmp_path: Path) -> None:
    read, rejected, repairs = damaged(tmp_path, '"CN202110099999,x')
    assert (read, rejected) == ([2, 3, 5, 6], [(4, "quote not closed")])
    line = csv_text([record(9)]).splitlines()[1].replace("一种", '一"种')
    read, rejected, repairs = damaged(tmp_path, line)
    assert (read, rejected) == ([2, 3, 4, 5, 6], [])
    assert repairs == {"stray quote kept as text": 1}


@pytest.mark.parametrize("second", ['"一种', '一种"'], ids=["opens", "closes"])
def test_a_quote_that_another_record_seems_to_close_takes_no_record(
    tmp_path: Path, second: str
) -> None:
    lines = csv_text([record(i) for i in range(90, 110)]).splitlines()[1:]
    lines[0] = lines[0].replace("一种", '"一种')
    lines[5] = "too,few"
    lines[-1] = lines[-1].replace("一种神经网络训练方法", second)
    read, rejected, repairs = damaged(tmp_path, *lines)
    assert read == [n for n in range(2, 26) if n != 9]
    assert rejected == [(9, "too few fields")]
    assert repairs == {"stray quote kept as text": 2}


def test_lines_of_a_record_that_look_like_records_stay_together(tmp_path: Path) -> None:
    rows = [["CN1", "2021", "G06N3/08", "a"], ["CN2", "2021", "x,y\nz,u,v", "a"]]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["申请号", "申请日", "IPC", "地址"], *rows])
    assert [line.count(",") for line in text.getvalue().splitlines()] == [3] * 4
    frame, rejects, _ = read_all(write(tmp_path / "a.csv", text.getvalue()))
    assert (lines_of(frame), rejects) == ([2, 3], [])


def test_broken_bytes_cost_characters_and_no_record(tmp_path: Path) -> None:
    data = csv_text([record(i) for i in range(3)]).encode()
    at = data.index("神经".encode(), data.index("神经".encode()) + 1)
    path = write(tmp_path / "a.csv", data[: at + 1] + data[at + 2 :])
    frame, rejects, reader = read_all(path)
    assert (frame.height, rejects) == (3, [])
    assert "\ufffd" in frame["title"][1]
    assert reader.repairs == {"bytes in no known encoding replaced": 1}


@pytest.mark.parametrize("encodings", [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_two_encodings_in_one_file(tmp_path: Path, encodings: tuple[str, str]) -> None:
    lines = csv_text([record(i) for i in range(9)]).splitlines(keepends=True)
    data = "".join(lines[:8]).encode(encodings[0]) + "".join(lines[8:]).encode(encodings[1])
    frame, rejects, reader = read_all(write(tmp_path / "a.csv", data))
    assert frame["title"].to_list() == [EXPECTED["title"]] * 9
    assert reader.repairs == {"line in another encoding": 2}
    assert rejects == []


def test_nul_bytes_are_removed(tmp_path: Path) -> None:
    data = csv_text([record()]).replace("一种", "一\0种")
    frame, _, reader = read_all(write(tmp_path / "a.csv", data))
    assert first(frame) == EXPECTED
    assert reader.repairs == {"NUL bytes removed": 1}


def test_a_line_without_end_is_not_kept_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citytech_data.ingest.text.LONGEST_LINE", 1 << 18)
    lines = csv_text([record(i) for i in range(3)]).splitlines()
    text = "\n".join([*lines[:2], "x" * (1 << 20), *lines[2:]])
    frame, rejects, _ = read_all(write(tmp_path / "a.csv", text), block=1 << 16)
    assert lines_of(frame) == [2, 4, 5]
    assert [(each.line, each.reason) for each in rejects] == [(3, "line too long")]
    path = write(tmp_path / "b.csv", "\n".join([*lines, "x" * (1 << 20)]))
    frame, rejects, _ = read_all(path, block=1 << 16)
    assert (lines_of(frame), rejects[0].line) == ([2, 3, 4], 5)


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.ndjson", "a.parquet", "a.xlsx"])
def test_an_empty_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DatasetError, match="empty"):
        open_reader(write(tmp_path / name, b""), None)


def test_blank_lines_only_are_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="empty"):
        open_reader(write(tmp_path / "a.csv", "\ufeff\n\n"), None)


@pytest.mark.parametrize("cut", [0.5, 0.99])
def test_a_packed_file_that_is_cut_off_is_an_error(tmp_path: Path, cut: float) -> None:
    import random

    noise = random.Random(1)
    rows = [record(i, title=str(noise.random())) for i in range(30_000)]
    data = gzip.compress(csv_text(rows).encode())
    path = write(tmp_path / "a.csv.gz", data[: int(len(data) * cut)])
    with pytest.raises(DatasetError, match="cut off"):
        read_all(path)


def test_damaged_files_of_other_kinds_are_errors(tmp_path: Path) -> None:
    for name in ("a.parquet", "a.xlsx", "a.csv.gz", "a.csv.zst", "a.ndjson"):
        with pytest.raises(DatasetError, match=r"a\."):
            read_all(write(tmp_path / name, b"nonsense" * 100))


# --- Formats -----------------------------------------------------------------------------


def test_a_header_of_no_format_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "one,two\n1,2\n")
    with pytest.raises(DatasetError, match=r"of no format.*one, two.*--mapping"):
        open_reader(path, None)
    with pytest.raises(DatasetError, match="no column of the format lens"):
        open_reader(path, known_formats()["lens"])


def test_a_file_that_nothing_can_be_counted_from_is_refused(tmp_path: Path) -> None:
    rows = [{"[标]当前申请(专利权)人": "x", "公开(公告)号": "CN1A", "受理局": "中国"}]
    with pytest.raises(DatasetError, match="neither classification codes nor titles"):
        open_reader(write(tmp_path / "a.csv", csv_text(rows)), None)


def test_main_codes_alone_are_said_to_find_little(tmp_path: Path) -> None:
    text = csv_text([record()])
    whole = open_reader(write(tmp_path / "a.csv", text), None)
    path = write(tmp_path / "b.csv", text.replace("IPC分类号", "IPC主分类号(小类)"))
    main = open_reader(path, None)
    for each in (whole, main):
        each.close()
    assert whole.layout.lacks() == []
    assert "only the main code" in main.layout.lacks()[0]


def test_headers_without_brackets_or_in_full_width_are_known(tmp_path: Path) -> None:
    text = csv_text([record()])
    header, row = text.splitlines()
    for changed in (header.replace("(", "").replace(")", ""), header.replace("(", "（")):
        path = write(tmp_path / "a.csv", f"{changed}\n{row}\n")
        assert first(read_all(path)[0]) == EXPECTED


def test_lens(tmp_path: Path) -> None:
    header = (
        "#,Jurisdiction,Kind,Display Key,Lens ID,Publication Date,Publication Year,"
        "Application Number,Application Date,Title,Abstract,Applicants,CPC Classifications,"
        "IPCR Classifications,Document Type"
    )
    row = (
        "1,CN,A,CN 112345678 A,122-778-618-820-635,4/2/15,2015,CN 202110012345 A,12/2/2020,"
        "A method,,HANGZHOU HIKVISION;;UNIV ZHEJIANG,G06N3/08;;G06N3/08,G06N3/04,Patent Application"
    )
    path = write(tmp_path / "lens.csv", f"\ufeff{header}\n{row}\n")
    frame, _, reader = read_all(path)
    assert reader.layout.format.name == "lens"
    assert frame.row(0, named=True) == {
        "kind": "invention",
        "codes": "G06N3/04;G06N3/08;;G06N3/08",
        "title": "A method",
        "abstract": None,
        "address": None,
        "city": None,
        "applicant": "HANGZHOU HIKVISION",
        "postcode": None,
        "country": None,
        "_line": 2,
        "key": "CN202110012345",
        "year": 2020,
        "day": date(2015, 4, 2).toordinal(),
    }
    assert any("--names" in each for each in reader.layout.lacks())


@pytest.mark.parametrize("above", ["search URL:,https://patents.google.com/?q=x,,\n", ""])
def test_google_with_and_without_its_first_line(tmp_path: Path, above: str) -> None:
    header = (
        "id,title,assignee,inventor/author,priority date,filing/creation date,publication date,"
        "grant date,result link,representative figure link"
    )
    row = (
        'CN-112345678-A,一种方法 ,"Acme, Inc., Ltd.",x,2020-01-01,10/14/2021,2022-01-05,,http://x,'
    )
    path = write(tmp_path / "gp.csv", f"{above}{header}\n{row}\n")
    frame, _, reader = read_all(path)
    assert frame.select("key", "year", "title", "applicant").row(0) == (
        "P:CN112345678A",
        2021,
        "一种方法 ",
        "Acme, Inc., Ltd.",
    )
    said = " ".join(reader.layout.lacks())
    assert "no classification codes" in said
    assert "no application number" in said
    assert "no address or city" in said


def test_incopat_workbook_that_lies_about_its_size(tmp_path: Path) -> None:
    header = ["标题 (中文)", "申请人", "公开（公告）号", "公开（公告）日", "申请号", "申请日"]
    header += ["专利类型", "IPC", "CPC", "链接到incoPat", "申请人地址", "中国申请人地市"]
    row: list[object] = ["一种方法", "甲公司; 乙公司", "CN113000000A", 44449, "CN202110012345.9"]
    row += [44260, "发明申请", "G06N3/08; G06F17/16", "", "查看\n链接"]
    row += ["浙江省杭州市", "杭州市"]
    write_xlsx(tmp_path / "a.XLSX", [header, row], sheet="下载的著录项1", lie=True)
    frame, _, reader = read_all(tmp_path / "a.XLSX")
    assert reader.layout.format.name == "incopat"
    assert frame.select("key", "year", "day", "kind", "applicant", "city", "_line").row(0) == (
        "CN202110012345",
        2021,
        date(2021, 9, 10).toordinal(),
        "invention",
        "甲公司",
        "杭州市",
        2,
    )


def test_patsnap_workbook_of_texts(tmp_path: Path) -> None:
    rows = [record(), record(1, city="-", address="-", filing_date="-")]
    write_xlsx(tmp_path / "a.xlsx", [list(rows[0]), *(list(row.values()) for row in rows)])
    frame, _, _ = read_all(tmp_path / "a.xlsx")
    assert first(frame) == EXPECTED
    # Without a date, the number tells the year.
    assert frame.select("address", "city", "year").row(1) == (None, None, 2021)


def test_a_workbook_too_large_for_the_memory_is_refused(tmp_path: Path) -> None:
    rows = [list(record()), *(list(record(number).values()) for number in range(3000))]
    write_xlsx(tmp_path / "a.xlsx", rows)
    check_workbook(tmp_path / "a.xlsx", 20_000_000)
    # Its archive is far smaller than what it unpacks to, which is what counts.
    with pytest.raises(DatasetError, match=r"a\.xlsx.*read as a whole.*MB.*--memory.*CSV"):
        check_workbook(tmp_path / "a.xlsx", 2_000_000)


def test_patentics_hyperlinks_and_a_header_one_name_short(tmp_path: Path) -> None:
    header = "公开号,申请号,标题,申请日,公开日,国际分类,国际主分类,申请人,标准化申请人"
    row = (
        '"=HYPERLINK(""http://x"",""CN212345678U"")",CN202120012345.9,一种方法,20211209,'
        "20220107,H04W  4/40 | H04L 9/32,H04W  4/40,甲公司 | 乙公司,甲"
    )
    for spare in (",", ",,,"):
        path = write(tmp_path / "a.csv", f"\ufeff{header}\n{row}{spare}\n")
        frame, rejects, reader = read_all(path)
    assert (reader.layout.format.name, rejects) == ("patentics", [])
    assert frame.select("key", "year", "kind", "applicant").row(0) == (
        "CN202120012345",
        2021,
        "utility",
        "甲公司",
    )


def test_cnipa_export_with_soft_hyphens(tmp_path: Path) -> None:
    header = "发明名称,申请号\u00ad,申请日,公开（公告）号,公开（公告）日,IPC分类号,申请（专利权）人"
    header += ",申请人邮编,申请人地址,申请人所在国（省）,CPC分类号,文献类型"
    row = "一种方法,CN202110012345.9\u00ad,2021.03.05,CN113000000A\u00ad,2021.09.10,"
    row += "E01B3/32(2006.01)I;E01B9/10(2006.01)I,甲公司;乙公司,215300,江苏省苏州市,江苏;32,,A"
    frame, _, reader = read_all(write(tmp_path / "a.csv", f"{header}\n{row}\n"))
    assert reader.layout.format.name == "cnipa"
    assert frame.select("key", "year", "kind", "applicant", "address", "postcode").row(0) == (
        "CN202110012345",
        2021,
        "invention",
        "甲公司",
        "江苏省苏州市",
        "215300",
    )


def test_national_year_file(tmp_path: Path) -> None:
    header = (
        "专利名称,专利类型,申请人,申请人类型,申请人地址,申请人地区,申请人城市,申请人区县,申请号"
    )
    header += ",申请日,申请年份,公开公告号,公开公告日,IPC分类号,IPC主分类号,摘要文本"
    row = "一种方法,发明授权,甲公司；乙公司,企业,215300 江苏省苏州市昆山市,江苏,苏州,昆山,"
    row += "CN202110012345.9,20210305,2021,CN113000000B,20230910,G06N3/08；G06F17/16,G06N3/08,摘要"
    path = tmp_path / "中国专利数据库2021年.csv"
    frame, _, reader = read_all(write(path, f"{header}\n{row}\n".encode("gb18030")))
    assert reader.layout.format.name == "national"
    assert frame.select("key", "year", "kind", "applicant", "city").row(0) == (
        "CN202110012345",
        2021,
        "invention",
        "甲公司",
        "江苏 苏州 昆山",
    )


GOOGLE = {
    "publication_number": "CN-113000000-A",
    "application_number": "CN-202110012345-A",
    "country_code": "CN",
    "application_kind": "A",
    "filing_date": 20210305,
    "publication_date": 20210910,
    "title_localized": [{"text": "一种方法", "language": "zh"}],
    "abstract_localized": [{"text": "摘要", "language": "zh"}],
    "assignee_harmonized": [{"name": "HANGZHOU X", "country_code": "CN"}],
    "ipc": [{"code": "G06N3/08", "first": True}, {"code": "G06F17/16", "first": False}],
    "cpc": [],
}


@pytest.mark.parametrize("name", ["a.parquet", "a.ndjson", "a.ndjson.gz"])
def test_nested_google_tables(tmp_path: Path, name: str) -> None:
    unknown = GOOGLE | {"filing_date": 0, "application_number": "CN-201910012345-A"}
    path = tmp_path / name
    if name == "a.parquet":
        schema = {"cpc": pl.List(pl.Struct({"code": pl.String}))}
        pl.DataFrame([GOOGLE, unknown], schema_overrides=schema).write_parquet(path)
    else:
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in (GOOGLE, unknown))
        data = text.replace("20210305", '"20210305"').encode()
        write(path, gzip.compress(data) if name.endswith("gz") else data)
    frame, rejects, reader = read_all(path)
    assert (reader.layout.format.name, rejects) == ("google-bigquery", [])
    columns = ("key", "year", "kind", "codes", "title", "abstract", "applicant")
    row = ("CN202110012345", 2021, "invention", "G06N3/08;G06F17/16;", "一种方法", "摘要")
    assert frame.select(columns).row(0) == (*row, "HANGZHOU X")
    assert frame["year"][1] == 2019


def test_bad_json_lines_are_rejected(tmp_path: Path) -> None:
    good = json.dumps({"application": "202110012345", "filing_date": "2021", "codes": "G06N3/08"})
    good = good[:-1] + ', "city": "杭州"}'
    lines = [good, '{"application": ', "[1]", "", good]
    frame, rejects, _ = read_all(write(tmp_path / "a.jsonl", "\n".join(lines)))
    assert lines_of(frame) == [1, 5]
    assert [(each.line, each.reason) for each in rejects] == [
        (2, "not a JSON object"),
        (3, "not a JSON object"),
    ]


def test_flat_parquet_with_real_types(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "application": [202110012345],
            "filing_date": [date(2021, 3, 5)],
            "codes": [["G06N3/08", "G06F17/16"]],
            "city": pl.Series(["杭州"], dtype=pl.Categorical),
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    read, _, reader = read_all(tmp_path / "a.parquet")
    assert reader.layout.format.name == "generic"
    row = ("CN202110012345", 2021, "G06N3/08;G06F17/16", "杭州")
    assert read.select("key", "year", "codes", "city").row(0) == row


def test_mapping_by_name_and_by_number(tmp_path: Path) -> None:
    by_name = write(
        tmp_path / "m.toml",
        'separator = "/"\n[columns]\napplication = "Nr"\nfiling_date = "When"\n'
        'codes = [["A", "B"]]\ncity = "Where"\n',
    )
    path = write(
        tmp_path / "a.csv", "Nr,When,A,B,Where\n202110012345,2021,G06N3/08,A01B1/00,杭州/苏州\n"
    )
    frame, _, _ = read_all(path, read_mapping(by_name))
    assert frame.select("key", "year", "codes", "city").row(0) == (
        "CN202110012345",
        2021,
        "G06N3/08;A01B1/00",
        "杭州",
    )
    by_number = write(
        tmp_path / "n.toml",
        "header = false\n[columns]\napplication = 1\nfiling_date = 2\ncodes = 3\ncity = 5\n",
    )
    path = write(tmp_path / "b.csv", "202110012345,2021,G06N3/08,x,杭州\n" * 2)
    frame, _, _ = read_all(path, read_mapping(by_number))
    assert frame.select("key", "codes", "city").row(0) == ("CN202110012345", "G06N3/08", "杭州")
    assert lines_of(frame) == [1, 2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "not TOML"),
        ("title = 'x'", "no section"),
        ("[columns]\nnumber = 'x'", "no column of a record"),
        ("[columns]\ncity = [true]", "a header or a column number"),
        ("encoding = 'nonsense'\n[columns]\ncity = 1", "'nonsense' is no encoding"),
        ("encoding = 'utf-32'\n[columns]\ncity = 1", "is no encoding that can be read"),
    ],
)
def test_a_mapping_that_is_none(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        read_mapping(write(tmp_path / "m.toml", text))


# --- Values ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("CN202110012345.9", "CN202110012345"),
        ("202110012345.X", "CN202110012345"),
        ("2021100123459", "CN202110012345"),
        ("CN 202110012345 A", "CN202110012345"),
        ("CN-202110012345-A", "CN202110012345"),
        ("ZL202110012345.9", "CN202110012345"),
        ("ZL 2021 1 0012345.9", "CN202110012345"),
        ("ＣＮ２０２１１００１２３４５．９", "CN202110012345"),
        ("cn202110012345.x", "CN202110012345"),
        ("85100123", "CN85100123"),
        ("CN02123456.7", "CN02123456"),
        ("US 65784810 A", "US65784810"),
        ("EP 17865168 A", "EP17865168"),
        ("US-87124404-A", "US87124404"),
        ("-", None),
        ("abc", None),
    ],
)
def test_application_numbers(tmp_path: Path, number: str, key: str | None) -> None:
    rows = [record(application=number, publication="-")]
    assert read_all(write(tmp_path / "a.csv", csv_text(rows)))[0]["key"].to_list() == [key]


digits = st.from_regex("[0-9]{12}|[0-9]{8}|[0-9X.]{0,20}", fullmatch=True)
ends = st.sampled_from(["", ".3", ".X", "X", "7", " A", "."])
numbers_of_any_kind = st.tuples(st.sampled_from(["CN", "ZL", "", "cn", "US", "CNZL"]), digits, ends)


@given(st.lists(st.none() | numbers_of_any_kind.map("".join), min_size=1))
def test_numbers_have_the_same_key_exactly_if_they_are_the_same(cells: list[str | None]) -> None:
    column = pl.Series("n", cells, pl.String)
    one_way = numbers.spelled(column, "")
    keys = numbers.keys(one_way)
    assert keys.is_null().equals(one_way.is_null())
    assert keys.n_unique() == one_way.n_unique()
    quick = numbers.plain_keys(column)
    assert (quick == keys).filter(quick.is_not_null()).all()


def test_a_chinese_number_is_its_own_key() -> None:
    column = pl.Series("n", ["CN202110012345.9", "85100123", "CN085100123000", "US65784810"])
    keys = numbers.keys(numbers.spelled(column, ""))
    assert keys.to_list()[:3] == [202110012345, 10**12 + 85100123, 85100123000]
    assert keys[3] < 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021-03-05", date(2021, 3, 5)),
        ("2021.03.05", date(2021, 3, 5)),
        ("2021/3/5", date(2021, 3, 5)),
        ("20210305", date(2021, 3, 5)),
        ("2021年3月5日", date(2021, 3, 5)),
        ("2021-03-05 00:00:00", date(2021, 3, 5)),
        ("2021", date(2021, 1, 1)),
        ("2021年", date(2021, 1, 1)),
        ("2021-03", date(2021, 3, 1)),
        ("4/2/15", date(2015, 4, 2)),
        ("25/04/13", date(2013, 4, 25)),
        ("12/2/2020", date(2020, 12, 2)),
        ("6/7/95", date(1995, 6, 7)),
        ("44260", date(2021, 3, 5)),
    ],
)
def test_dates(text: str, expected: date) -> None:
    assert read_date(text) == (expected.year, expected.toordinal())


@pytest.mark.parametrize(
    "text", ["0000-00-00", "9999-12-31", "2021-02-30", "2021-13-01", "x", "0", "202103051"]
)
def test_what_is_no_date(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("发明申请", "invention"),
        ("授权发明", "invention"),
        ("发明授权", "invention"),
        ("A", "invention"),
        ("B2", "invention"),
        ("实用新型", "utility"),
        ("U", "utility"),
        ("外观设计", "design"),
        ("S", "design"),
        ("Search Report", None),
    ],
)
def test_kinds(text: str, kind: str | None) -> None:
    assert read_kind(text) == kind


# --- Finding files -----------------------------------------------------------------------


def test_files_folders_and_patterns(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv.gz", "c.XLSX", "notes.md", ".hidden.csv", "~$c.xlsx"):
        write(tmp_path / name, b"x")
    (tmp_path / "d").mkdir()
    write(tmp_path / "d" / "e.parquet", b"x")

    def names(*inputs: str) -> list[str]:
        return [path.name for path in find_files(str(tmp_path / each) for each in inputs)]

    assert names(".") == ["a.csv.gz", "b.csv", "c.XLSX", "e.parquet"]
    assert names("*.csv", "b.csv") == ["b.csv"]
    assert names("c.XLSX", "b.csv") == ["c.XLSX", "b.csv"]
    for nothing in ("nothing.csv", "*.nothing"):
        with pytest.raises(DatasetError, match="no such file"):
            names(nothing)
    with pytest.raises(DatasetError, match="Copy or mount"):
        find_files(["s3://bucket/a.csv"])
