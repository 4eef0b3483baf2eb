"""ZIP archives: what is in them is read like files, and what is wrong with them is told."""

from __future__ import annotations

import io
import stat
import warnings
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citytech_data.dataset import read_dataset
from citytech_data.errors import DatasetError
from citytech_data.ingest import archives
from citytech_data.ingest.archives import zip_members
from citytech_data.ingest.files import find_files
from citytech_data.ingest.options import Options
from citytech_data.ingest.run import ingest
from tests.data.ingest.inputs import HANGZHOU, csv_text, read_all, record, write_xlsx


def packed(path: Path, files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def rows_of(path: Path) -> list[tuple[str, int]]:
    """Return the name and number of records of each file found at a path."""
    return [(each.name, read_all(each)[0].height) for each in find_files([str(path)])]


def refusal(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        for each in find_files([str(path)]):
            read_all(each)
    assert caught.value.file.startswith(path.name)
    assert caught.value.remedy
    return caught.value.problem


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("method", METHODS)
def test_members_are_read_like_files(tmp_path: Path, method: int) -> None:
    text = csv_text([record(), record(1)])
    write_xlsx(tmp_path / "c.xlsx", [list(record()), *([list(record(7).values())] * 3)])
    frame = io.BytesIO()
    pl.DataFrame([record()]).write_parquet(frame)
    files: dict[str, bytes | str] = {
        "2021/a.csv": text,
        "b.csv": text.encode("gb18030"),
        "c.xlsx": (tmp_path / "c.xlsx").read_bytes(),
        "d.parquet": frame.getvalue(),
        "readme.pdf": "",
        "__MACOSX/._a.csv": "x",
        ".hidden.csv": "x",
    }
    (tmp_path / "c.xlsx").unlink()
    path = packed(tmp_path / "all.zip", files, method)
    expected = [("all.zip/2021/a.csv", 2), ("all.zip/b.csv", 2)]
    expected += [("all.zip/c.xlsx", 3), ("all.zip/d.parquet", 1)]
    assert rows_of(path) == expected
    assert rows_of(tmp_path) == expected


def test_an_import_from_an_archive_accounts_for_its_files(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "a.csv": csv_text([record(), record(1)]),
        "b.csv": csv_text([record(1), record(2, application="-", publication="-")]),
    }
    path = packed(tmp_path / "all.zip", files)
    outcome = ingest(Options((str(path),), tmp_path / "out"))
    report: Any = outcome.report
    assert (report["rows_read"], report["applications"], report["duplicates"]) == (4, 2, 1)
    described = [(each["file"], each["size"]) for each in report["files"]]
    assert described == [
        (f"{path}/a.csv", len(str(files["a.csv"]).encode())),
        (f"{path}/b.csv", len(str(files["b.csv"]).encode())),
    ]
    assert pl.read_parquet(outcome.folder / "rejects.parquet")["file"][0] == f"{path}/b.csv"
    assert HANGZHOU in read_dataset(outcome.folder).cities["code"].to_list()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["all.zip", "out"]


def test_names_from_a_chinese_windows(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("年度.csv".encode("gb18030").decode("cp437"), csv_text([record()]))
    data = path.read_bytes()
    # The flag that says that names are in UTF-8, in both headers of the entry.
    for mark, at in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        where = data.index(mark) + at
        data = data[:where] + bytes([data[where] & ~0x08]) + data[where + 1 :]
    utf8 = "年度.csv".encode("gb18030").decode("cp437").encode()
    path.write_bytes(data.replace(utf8, "年度.csv".encode("gb18030").ljust(len(utf8), b"_")))
    assert zip_members(path)[0].inside.name.startswith("年度.csv")


@pytest.mark.parametrize(
    "name", ["../a.csv", "/etc/a.csv", "x/../../a.csv", "..\\a.csv", "C:\\a.csv"]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "a.zip", {name: csv_text([record()])})
    assert "leads out of the archive" in refusal(path)


def test_links_are_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("a.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    assert "leads out" in refusal(tmp_path / "a.zip")


def test_control_characters_in_names_are_not_shown(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a\x1b[2J.csv": csv_text([record()])})
    assert "\x1b" not in zip_members(path)[0].name
    assert rows_of(path)[0][1] == 1


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.csv": csv_text([record()])})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert refusal(path) == "'a.csv' in it is encrypted"


def test_other_packing_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.csv": csv_text([record()])})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 10] = 9
    path.write_bytes(data)
    assert "method 9" in refusal(path)


def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = csv_text([record()]).encode()
    path = packed(tmp_path / "a.zip", {"a.csv": header + b"\n" * (1 << 20)})
    assert rows_of(path) == [("a.zip/a.csv", 1)]
    monkeypatch.setattr(archives, "_HARMLESS", 1 << 17)
    assert "times as large unpacked" in refusal(path)


def test_a_size_that_is_not_true_is_an_error(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.csv": csv_text([record()] * 2000)})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (1000).to_bytes(4, "little")
    path.write_bytes(data)
    assert "cut off or damaged" in refusal(path)


def test_members_that_share_bytes_or_names_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", csv_text([record()]))
        archive.writestr("b.csv", csv_text([record()]))
        archive.filelist[1].header_offset = archive.filelist[0].header_offset
    assert "shares its bytes" in refusal(path)
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("a.csv", csv_text([record()]))
        archive.writestr("a.csv", csv_text([record(1)]))
    assert "more than once" in refusal(path)


def test_archives_in_archives_damage_and_emptiness_are_told(tmp_path: Path) -> None:
    inner = packed(tmp_path / "in.zip", {"a.csv": csv_text([record()])}).read_bytes()
    assert "archive in an archive" in refusal(packed(tmp_path / "a.zip", {"in.zip": inner}))
    assert "no file that can be read" in refusal(packed(tmp_path / "b.zip", {"a.pdf": "x"}))
    assert "no readable ZIP archive" in refusal_of(tmp_path / "c.zip", b"nonsense")
    whole = packed(tmp_path / "d.zip", {"a.csv": csv_text([record()] * 500)}).read_bytes()
    assert "no readable ZIP archive" in refusal_of(tmp_path / "d.zip", whole[:-30])
    middle = bytearray(whole)
    middle[len(whole) // 2] ^= 0xFF
    assert "cut off or damaged" in refusal_of(tmp_path / "e.zip", bytes(middle))


def refusal_of(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return refusal(path)


def test_what_must_be_held_in_memory_has_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = io.BytesIO()
    pl.DataFrame([record()]).write_parquet(frame)
    path = packed(tmp_path / "a.zip", {"a.parquet": frame.getvalue()})
    monkeypatch.setattr(archives, "IN_MEMORY", 100)
    assert "too large to be read inside an archive" in refusal(path)
