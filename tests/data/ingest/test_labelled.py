"""Labelled text of CNIPR: `<label>=value` lines, one record after another."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citytech_data.errors import DatasetError
from citytech_data.ingest.labelled import OUTSIDE_RECORD
from citytech_data.ingest.options import Options
from citytech_data.ingest.readers import open_reader
from citytech_data.ingest.run import ingest
from tests.data.ingest.inputs import lines_of, read_all

RECORD = """<公开（公告）号>=CN11300000{n}A
<公开（公告）日>=2021.09.10
<申请号>=CN20211001234{n}.9
<申请日>=2021.03.05
<名称>=一种神经网络训练方法
<主分类号>=G06N3/08
<分类号>=G06N3/08(2006.01)I;G06F17/16(2006.01)I
<申请（专利权）人>=甲公司;乙公司
<发明（设计）人>=某某
<地址>=215300 江苏省苏州市昆山市前进路2号
<专利代理机构>=某某事务所
<摘要>=一种方法<sub>1</sub>，
<img file="a.GIF" wi="546" />其特征
<主权项>=1、一种方法
<国省代码>=江苏;32
"""


def text(numbers: range, mark: str = "<REC>\n", end: str = "\n") -> str:
    return "".join(mark + RECORD.replace("{n}", str(number)) for number in numbers).replace(
        "\n", end
    )


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("mark", ["<REC>\n", "", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_records_with_and_without_marks(tmp_path: Path, mark: str, encoding: str, end: str) -> None:
    path = write(tmp_path / "FMZL.txt", text(range(3), mark, end).encode(encoding))
    frame, rejects, reader = read_all(path)
    assert (reader.layout.format.name, rejects) == ("cnipa", [])
    assert frame.height == 3
    row = frame.row(0, named=True)
    assert (row["key"], row["year"], row["kind"]) == ("CN202110012340", 2021, "invention")
    assert row["applicant"] == "甲公司"
    assert row["address"] == "215300 江苏省苏州市昆山市前进路2号"
    assert row["city"] == "江苏"
    assert row["title"] == "一种神经网络训练方法"
    assert row["abstract"] == '一种方法<sub>1</sub>，\n<img file="a.GIF" wi="546" />其特征'
    assert row["codes"] == "G06N3/08(2006.01)I;G06F17/16(2006.01)I;G06N3/08"
    lines = RECORD.count("\n") + mark.count("\n")
    first = 2 if mark == "\n" else 1
    assert lines_of(frame) == [first + lines * number for number in range(3)]
    assert len(reader.sha256) == 64


def test_records_that_blocks_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("citytech_data.ingest.text._SAMPLE", 700)
    path = write(tmp_path / "a.trs.gz", gzip.compress(text(range(9)).encode()))
    frame, rejects, _ = read_all(path, block=100)
    assert (frame.height, rejects) == (9, [])
    assert frame["key"].to_list() == [f"CN20211001234{number}" for number in range(9)]
    assert lines_of(frame) == [1 + 16 * number for number in range(9)]


def test_fields_may_be_missing_and_lines_may_be_stray(tmp_path: Path) -> None:
    short = "<REC>\nstray\n<申请号>=CN202110012399.9\n<申请日>=2021.03.05\n<REC>\n<REC>\n"
    path = write(tmp_path / "a.txt", "<REC>\n" + RECORD.replace("{n}", "1") + short)
    frame, rejects, _ = read_all(path)
    assert frame["key"].to_list() == ["CN202110012341", "CN202110012399"]
    assert frame["address"].to_list()[1] is None
    assert [(each.line, each.reason, each.text) for each in rejects] == [
        (18, OUTSIDE_RECORD, "stray")
    ]


def test_a_field_without_end_is_not_kept_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citytech_data.ingest.labelled._MOST_LINES", 10)
    path = write(tmp_path / "a.txt", text(range(1)) + "more\n" * 50 + text(range(1, 2)))
    frame, _, reader = read_all(path)
    assert frame.height == 2
    assert reader.repairs == {"end of a long field left out": 41}


def test_labels_of_no_format_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "FLZT.txt", "<申请号>=CN202110012341.9\n<法律状态>=授权\n")
    with pytest.raises(DatasetError, match="申请号, 法律状态"):
        open_reader(path, None)


def test_a_folder_of_labelled_text_is_counted(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "FMZL.TXT", text(range(5)))
    write(folder / "FMSQ.trs", text(range(3, 7)))
    outcome = ingest(Options((str(folder),), tmp_path / "out"))
    report: Any = outcome.report
    assert (report["rows_read"], report["applications"], report["duplicates"]) == (9, 7, 2)
    assert [(each["name"], each["all"]) for each in report["cities"]] == [("Suzhou (Jiangsu)", 7)]
    assert pl.read_parquet(outcome.folder / "rejects.parquet").is_empty()
