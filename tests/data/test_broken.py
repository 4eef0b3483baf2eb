"""Broken datasets: each gives one message that says where the fault is and what was expected."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from frictionless import Package

from citytech_data.dataset import Dataset, open_dataset, read_dataset, write_dataset
from citytech_data.errors import DatasetError, quoted
from citytech_data.filtering import filter_places
from citytech_data.manifest import PACKAGE_FILE
from citytech_data.ranking import ranking, standings
from citytech_data.schema import CITIES, OBSERVATIONS, TABLES, Table
from citytech_data.text import clean
from citytech_data.trend import growth, series
from citytech_data.vocabulary import MEASURES
from tests.helpers import YEAR, city, claim, make_dataset, observation, package, write_table

Change = Callable[[Path], object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small valid dataset."""
    return make_dataset(
        tmp_path,
        cities=[city("a", lat=30.5), city("b")],
        observations=[
            observation("a", "apps", 5, lower=4, upper=6),
            observation("b", "apps", 7),
            observation("b", "population", 10_000),
        ],
        claims=[claim("1", "ranking", "total", "a;b")],
        notes=[{"place": "a", "topic": "t", "text_en": "A note", "source": "s"}],
    )


def fault(folder: Path) -> DatasetError:
    """Return the error that reading gives, which must be a single clean line."""
    with pytest.raises(DatasetError) as caught:
        read_dataset(folder)
    assert clean(str(caught.value)) == str(caught.value)
    return caught.value


# --- Ways to break a dataset ---------------------------------------------------------


def table_with(table: Table, *rows: dict[str, object]) -> Change:
    """Write the table anew with these rows."""
    return lambda folder: write_table(folder / f"{table.name}.csv", table, rows)


def figure(**cells: object) -> Change:
    """Write the observations anew, the second and last row with these cells."""
    good = observation("a", "apps", 5)
    return table_with(OBSERVATIONS, good, observation("b", "apps", 7) | cells)


def statement(**cells: object) -> Change:
    """Write the claims anew, with one row."""
    table = next(each for each in TABLES if each.name == "claims")
    return table_with(table, claim("1", "bound", "total", "a", op=">", value=3) | cells)


def note(**cells: object) -> Change:
    table = next(each for each in TABLES if each.name == "notes")
    good = {"place": "a", "topic": "t", "text_en": "x", "source": "s"}
    return table_with(table, good | cells)


def content(file: str, data: bytes) -> Change:
    return lambda folder: (folder / file).write_bytes(data)


def replaced(file: str, old: bytes, new: bytes) -> Change:
    def change(folder: Path) -> None:
        data = (folder / file).read_bytes()
        assert old in data
        (folder / file).write_bytes(data.replace(old, new, 1))

    return change


def removed(file: str) -> Change:
    return lambda folder: (folder / file).unlink()


def without_resource(name: str) -> Change:
    def change(folder: Path) -> None:
        content = package()
        content["resources"] = [each for each in content["resources"] if each["name"] != name]
        (folder / PACKAGE_FILE).write_text(json.dumps(content))

    return change


def with_package(content: object) -> Change:
    return lambda folder: (folder / PACKAGE_FILE).write_text(json.dumps(content))


def with_path(path: object) -> Change:
    """Give the table cities this path."""
    content = package()
    content["resources"][0]["path"] = path
    return with_package(content)


HEADER = ",".join(CITIES.column_names).encode()


@pytest.mark.parametrize(
    ("change", "place", "expected"),
    [
        # The package file.
        (removed(PACKAGE_FILE), ("", None, ""), "has no datapackage.json"),
        (content(PACKAGE_FILE, b""), (PACKAGE_FILE, 1, ""), "not JSON"),
        (content(PACKAGE_FILE, b'{\n"name": x}'), (PACKAGE_FILE, 2, ""), "not JSON"),
        (content(PACKAGE_FILE, b'{"name": "x'), (PACKAGE_FILE, 1, ""), "not JSON"),
        (content(PACKAGE_FILE, b"[1, 2]"), (PACKAGE_FILE, None, ""), "not a JSON object"),
        (content(PACKAGE_FILE, b'{"name": "\xff"}'), (PACKAGE_FILE, None, ""), "not UTF-8"),
        (content(PACKAGE_FILE, b"[" * 100_000), (PACKAGE_FILE, None, ""), "beyond what is read"),
        (content(PACKAGE_FILE, b"9" * 5_000), (PACKAGE_FILE, None, ""), "beyond what is read"),
        (with_package({"name": "x"}), (PACKAGE_FILE, None, ""), "citytech: expected an object"),
        (
            with_package(package() | {"name": 5}),
            (PACKAGE_FILE, None, ""),
            "name: expected a text, found '5'",
        ),
        (
            with_package(package(share_of="world")),
            (PACKAGE_FILE, None, ""),
            "citytech.share_of: expected 'place' or 'country', found 'world'",
        ),
        (with_package(package(count={})), (PACKAGE_FILE, None, ""), "count.measure: expected"),
        (with_package(package(labels={})), (PACKAGE_FILE, None, ""), "labels.total: expected"),
        (with_package(package(year="x")), (PACKAGE_FILE, None, ""), "expected a year, found 'x'"),
        (with_package(package(year=True)), (PACKAGE_FILE, None, ""), "expected a year"),
        (with_package(package(preference="s")), (PACKAGE_FILE, None, ""), "a list of texts"),
        (with_package(package(series=[1])), (PACKAGE_FILE, None, ""), "a list of texts"),
        (with_package(package(measures=[])), (PACKAGE_FILE, None, ""), "measures: expected an o"),
        (with_package(package() | {"resources": {}}), (PACKAGE_FILE, None, ""), "no resources"),
        (
            with_package(package() | {"resources": ["cities.csv"]}),
            (PACKAGE_FILE, None, ""),
            "a resource lacks name or path",
        ),
        # Tables and their files.
        (without_resource("cities"), (PACKAGE_FILE, None, ""), "table 'cities' is missing"),
        (without_resource("sources"), (PACKAGE_FILE, None, ""), "table 'sources' is missing"),
        (removed("cities.csv"), ("cities.csv", None, ""), "the file is missing"),
        (removed("notes.csv"), ("notes.csv", None, ""), "the file is missing"),
        (with_path("../cities.csv"), (PACKAGE_FILE, None, ""), "leaves the folder"),
        (with_path("x/../../cities.csv"), (PACKAGE_FILE, None, ""), "leaves the folder"),
        (with_path("/etc/passwd"), (PACKAGE_FILE, None, ""), "'/etc/passwd' leaves the folder"),
        (with_path("https://example.org/c.csv"), (PACKAGE_FILE, None, ""), "leaves the folder"),
        (with_path(["cities.csv"]), (PACKAGE_FILE, None, ""), "lacks name or path"),
        (with_path("a\0b.csv"), ("a\ufffdb.csv", None, ""), "the file is missing"),
        (with_path(""), ("made", None, ""), "the file is missing"),
        # The form of a table.
        (content("cities.csv", b""), ("cities.csv", None, ""), "the file is empty"),
        (content("cities.csv", b" \r\n\n"), ("cities.csv", None, ""), "the file is empty"),
        (content("cities.csv", b"\xef\xbb\xbf"), ("cities.csv", None, ""), "the file is empty"),
        (
            replaced("cities.csv", b'"lon"', b'"longitude"'),
            ("cities.csv", 1, ""),
            "column 'lon' is missing",
        ),
        (
            replaced("cities.csv", b'"name_zh"', b'"name_en"'),
            ("cities.csv", 1, ""),
            "column 'name_en' stands twice",
        ),
        (content("cities.csv", b"code;name_en\n"), ("cities.csv", 1, ""), "'code' is missing"),
        (
            replaced("cities.csv", b"City b", b"City \xff"),
            ("cities.csv", 3, ""),
            "byte 0xff is not UTF-8",
        ),
        (
            content("cities.csv", HEADER + "\na,北京,,,,,".encode("gb18030")),
            ("cities.csv", 2, ""),
            "is not UTF-8",
        ),
        (content("cities.csv", HEADER.decode().encode("utf-16")), ("cities.csv", 1, ""), "UTF-8"),
        (
            content("cities.csv", HEADER + b"\na,A,,,,,\nb,B,,"),
            ("cities.csv", 3, ""),
            "expected 7 fields, found 4",
        ),
        (
            content("cities.csv", HEADER + b"\na,A, B,,,,,\n"),
            ("cities.csv", 2, ""),
            "expected 7 fields, found 8",
        ),
        (
            content("cities.csv", HEADER + b'\na,A,,,,,\nb,"B,,,,,\nc,C,,,,,\n'),
            ("cities.csv", 3, ""),
            "unexpected end of data",
        ),
        (content("cities.csv", HEADER + b'\na,"A"x,,,,,\n'), ("cities.csv", 2, ""), "expected"),
        (
            content("cities.csv", HEADER + b"\na,A,,,,,\n\nb,B,,,,,\n"),
            ("cities.csv", 3, ""),
            "the row is empty",
        ),
        # Cells.
        (figure(value="many"), ("observations.csv", 3, "value"), "expected a number, found 'many'"),
        (figure(value="1,000"), ("observations.csv", 3, "value"), "expected a number"),
        (figure(value="NaN"), ("observations.csv", 3, "value"), "expected a finite number"),
        (figure(value="inf"), ("observations.csv", 3, "value"), "expected a finite number"),
        (figure(lower="-inf"), ("observations.csv", 3, "lower"), "expected a finite number"),
        (figure(upper="1e999"), ("observations.csv", 3, "upper"), "expected a finite number"),
        (figure(value=-1), ("observations.csv", 3, "value"), "expected at least 0, found '-1'"),
        (figure(year="2020.5"), ("observations.csv", 3, "year"), "expected a whole number"),
        (figure(year="9" * 30), ("observations.csv", 3, "year"), "expected a whole number"),
        (figure(year=20), ("observations.csv", 3, "year"), "expected at least 1800"),
        (figure(year=""), ("observations.csv", 3, "year"), "not an empty cell, found nothing"),
        (figure(place=" "), ("observations.csv", 3, "place"), "not an empty cell, found nothing"),
        (
            figure(basis="guessed"),
            ("observations.csv", 3, "basis"),
            "one of counted, printed, derived, bounded, missing, found 'guessed'",
        ),
        (
            table_with(CITIES, city("a", lat=91), city("b")),
            ("cities.csv", 2, "lat"),
            "expected at most 90, found '91'",
        ),
        (
            table_with(CITIES, city("a"), city("b", " \t")),
            ("cities.csv", 3, "name_en"),
            "expected a text, not an empty cell",
        ),
        (figure(value="x" * 10_000), ("observations.csv", 3, "value"), "x…'"),
        (figure(value="\x1b[2J\x07"), ("observations.csv", 3, "value"), "found '\ufffd[2J\ufffd'"),
        # Rows against each other.
        (
            table_with(CITIES, city("a"), city("b"), city("a", "Other")),
            ("cities.csv", 4, ""),
            "code 'a' stands twice",
        ),
        (
            figure(place="a"),
            ("observations.csv", 3, ""),
            "place / year / measure / technology / source 'a / 2020 / apps / all / s' stands twice",
        ),
        (
            figure(place="c"),
            ("observations.csv", 3, "place"),
            "expected a code of the table cities, found 'c'",
        ),
        (
            figure(source="t"),
            ("observations.csv", 3, "source"),
            "expected an id of the table sources, found 't'",
        ),
        (figure(lower=8), ("observations.csv", 3, "lower"), "at most value and upper, found '8.0'"),
        (figure(upper=6), ("observations.csv", 3, "upper"), "at least value, found '6.0'"),
        (figure(value="", lower=9, upper=8), ("observations.csv", 3, "lower"), "at most value"),
        (
            figure(value=""),
            ("observations.csv", 3, "basis"),
            "expected missing, as there is no value, found 'counted'",
        ),
        (note(place="c"), ("notes.csv", 2, "place"), "a code of the table cities"),
        (note(source="t"), ("notes.csv", 2, "source"), "an id of the table sources"),
        (statement(source="t"), ("claims.csv", 2, "source"), "an id of the table sources"),
        (statement(kind="rumour"), ("claims.csv", 2, "kind"), "one of ranking, bound, member"),
        (statement(measure="apps"), ("claims.csv", 2, "measure"), "total, density, proportion"),
        (statement(places="a;c"), ("claims.csv", 2, "places"), "codes of the table cities"),
        (statement(places="a; b"), ("claims.csv", 2, "places"), "joined by ;, found 'a; b'"),
        (statement(places="a;b;a"), ("claims.csv", 2, "places"), "every code once"),
        (statement(op="="), ("claims.csv", 2, "op"), "one of >, <, >=, <=, top, found '='"),
        (statement(op=""), ("claims.csv", 2, "op"), "a comparison"),
        (statement(op="top"), ("claims.csv", 2, "op"), "a comparison, found 'top'"),
        (statement(kind="member", op=">"), ("claims.csv", 2, "op"), "expected top, found '>'"),
        (statement(value=""), ("claims.csv", 2, "value"), "a number to compare with"),
    ],
)
def test_the_message_names_the_place_and_what_was_expected(
    folder: Path, change: Change, place: tuple[str, int | None, str], expected: str
) -> None:
    change(folder)
    error = fault(folder)
    file, row, column = place
    assert (error.file, error.row, error.column) == (file or str(folder), row, column)
    assert expected in str(error)
    assert str(error).startswith(error.file)
    if row is not None:
        assert f"row {row}" in str(error)
    assert len(str(error)) < 400


# --- What lies in place of a file ------------------------------------------------------


@contextmanager
def no_hanging() -> Iterator[None]:
    """Interrupt what waits for ever, so that a failure does not stop all tests."""

    def interrupt(*_: object) -> None:
        raise AssertionError("still waiting")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(20)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


OBSTACLES: dict[str, Change] = {
    "directory": Path.mkdir,
    "pipe": os.mkfifo,
    "link to a directory": lambda path: path.symlink_to(path.parent),
    "link to nothing": lambda path: path.symlink_to("nothing"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("obstacle", OBSTACLES)
@pytest.mark.parametrize("file", [PACKAGE_FILE, "cities.csv", "notes.csv", "cities.parquet"])
def test_what_is_no_file_is_not_read(folder: Path, file: str, obstacle: str) -> None:
    if file.endswith(".parquet"):
        with_path(file)(folder)
    else:
        (folder / file).unlink()
    OBSTACLES[obstacle](folder / file)
    with no_hanging():
        error = fault(folder)
    if file == PACKAGE_FILE:
        assert "has no datapackage.json" in str(error)
    else:
        assert (error.file, error.problem) == (file, "the file is missing")


def test_a_link_to_a_table_is_followed(folder: Path, tmp_path: Path) -> None:
    (folder / "cities.csv").rename(tmp_path / "elsewhere.csv")
    (folder / "cities.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert read_dataset(folder).cities.height == 2


def test_a_path_too_long_for_the_system_is_no_crash(folder: Path) -> None:
    with_path("x" * 5_000)(folder)
    assert "cannot be read" in str(fault(folder))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_no_crash(folder: Path) -> None:
    (folder / "cities.csv").chmod(0)
    assert "cannot be read (Permission denied)" in str(fault(folder))


def test_a_file_that_cannot_be_read_is_no_crash(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> bytes:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(Path, "read_bytes", fail)
    assert "cannot be read (Input/output error)" in str(fault(folder))


@pytest.mark.parametrize(
    "name", ["no such place", "", "a\0b", "x" * 5_000, "~nobody-of-this-name/x", "\x1b[31m"]
)
def test_what_is_no_dataset_is_not_opened(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError) as caught:
        open_dataset(name)
    assert clean(str(caught.value)) == str(caught.value)


def test_a_folder_is_opened_by_its_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_dataset(str(folder)).name == "made"
    monkeypatch.setenv("HOME", str(folder.parent))
    assert open_dataset("~/made").name == "made"


def test_a_name_of_an_embedded_dataset_is_not_taken_for_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "published").mkdir()
    monkeypatch.chdir(tmp_path)
    assert open_dataset("published").cities.height == 51


# --- What is odd but right -----------------------------------------------------------


def same(first: Dataset, second: Dataset) -> bool:
    return all(getattr(first, t.name).equals(getattr(second, t.name)) for t in TABLES)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: data.rstrip(b"\n"),
        lambda data: data + b"\n\n",
        lambda data: data.replace(b'"', b""),
        lambda data: data.replace(b'","', b' "," '),
    ],
    ids=["BOM", "CRLF", "CR", "no last newline", "blank last lines", "no quotes", "spaces"],
)
def test_forms_of_csv_that_programs_write_are_read_alike(
    folder: Path, change: Callable[[bytes], bytes]
) -> None:
    before = read_dataset(folder)
    for table in TABLES:
        path = folder / f"{table.name}.csv"
        data = path.read_bytes()
        path.write_bytes(change(data))
        assert path.read_bytes() != data
    assert same(read_dataset(folder), before)


def test_a_byte_order_mark_in_the_package_file_is_accepted(folder: Path) -> None:
    path = folder / PACKAGE_FILE
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_dataset(folder).name == "made"


def test_a_quote_inside_a_bare_cell_is_refused_with_its_remedy(folder: Path) -> None:
    data = HEADER + b'\na,City 6" wide,,,,,\nb,O"Brien "x",,,,,\n'
    (folder / "cities.csv").write_bytes(data)
    with pytest.raises(DatasetError, match=r"^cities\.csv: .*in quotes\.$"):
        read_dataset(folder)


def test_columns_may_stand_in_any_order_and_extra_ones_are_kept(folder: Path) -> None:
    header = ",".join(reversed(CITIES.column_names))
    text = f"mayor,{header},x\x1b[1m\nMa,,,,,,A,a,\n,,,,,,B,b,y\n"
    (folder / "cities.csv").write_text(text)
    cities = read_dataset(folder).cities
    assert cities.columns == [*CITIES.column_names, "mayor", "x\ufffd[1m"]
    assert cities["name_en"].to_list() == ["A", "B"]
    assert cities["mayor"].to_list() == ["Ma", None]


def test_a_column_without_a_name_is_kept(folder: Path, tmp_path: Path) -> None:
    (folder / "cities.csv").write_bytes(b"," + HEADER + b"\n0,a,A,,,,,\n1,b,B,,,,,\n")
    dataset = read_dataset(folder)
    assert dataset.cities[""].to_list() == ["0", "1"]
    write_dataset(dataset, tmp_path / "written")
    assert same(read_dataset(tmp_path / "written"), dataset)


def test_header_only_tables_are_a_dataset_without_rows(folder: Path) -> None:
    for table in TABLES:
        write_table(folder / f"{table.name}.csv", table, [])
    dataset = read_dataset(folder)
    assert (dataset.years, dataset.technologies, dataset.year) == ((), ("all",), 0)
    frame = standings(dataset, dataset.year)
    for measure in MEASURES:
        assert ranking(frame, measure).is_empty()
    assert filter_places(frame, "x").is_empty()
    assert growth(series(dataset)).is_empty()


@pytest.mark.parametrize("name", ["claims", "notes"])
def test_a_dataset_needs_neither_claims_nor_notes(folder: Path, name: str) -> None:
    without_resource(name)(folder)
    frame: pl.DataFrame = getattr(read_dataset(folder), name)
    assert frame.is_empty()
    assert tuple(frame.columns) == next(t.column_names for t in TABLES if t.name == name)


def test_a_name_of_10000_characters_is_kept_whole(tmp_path: Path) -> None:
    long = "京" * 9_999 + "x"
    dataset = read_dataset(make_dataset(tmp_path, cities=[city("a", long), city("b")]))
    assert dataset.cities["name_en"][0] == long
    frame = standings(dataset, YEAR)
    assert filter_places(frame, long)["code"].to_list() == ["a"]
    write_dataset(dataset, tmp_path / "written")
    assert same(read_dataset(tmp_path / "written"), dataset)


def test_a_cell_longer_than_the_csv_modules_own_limit_is_read(tmp_path: Path) -> None:
    dataset = read_dataset(make_dataset(tmp_path, cities=[city("a", "x" * 200_000)]))
    assert dataset.cities["name_en"].str.len_chars()[0] == 200_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A\x1b]52;c;aGk=\x07B", "A\ufffd]52;c;aGk=\ufffdB"),
        ("A\x9b31mB", "A\ufffd31mB"),
        ("A\u202eB\u2066C", "A\ufffdB\ufffdC"),
        ("A\x00B", "A\ufffdB"),
        ("A\nB\r\n\tC", "A B C"),
        ("  A\u00a0B\u3000 ", "A\u00a0B"),
        ("[@click=app.quit]A[/]", "[@click=app.quit]A[/]"),
        ("=1+1", "=1+1"),
    ],
)
def test_text_is_cleaned_when_it_is_read(tmp_path: Path, text: str, shown: str) -> None:
    dataset = read_dataset(
        make_dataset(
            tmp_path,
            cities=[city("a", text, name_zh=text, mayor=text)],
            notes=[{"place": "a", "topic": text, "text_en": text, "source": "s"}],
        )
    )
    assert dataset.cities.row(0, named=True)["name_en"] == shown
    assert dataset.cities.row(0, named=True)["name_zh"] == shown
    assert dataset.cities.row(0, named=True)["mayor"] == shown
    assert dataset.notes.row(0, named=True)["text_en"] == shown


def test_declarations_are_cleaned_when_they_are_read(folder: Path) -> None:
    labels = {each: {"title": "T\x1b[1m\n\u202e"} for each in MEASURES}
    with_package(package(labels=labels) | {"title": "A\x07\ud800B"})(folder)
    manifest = read_dataset(folder).manifest
    assert manifest.title == "A\ufffd?B"
    assert manifest.labels["total"].column == "T\ufffd[1m \ufffd"


def test_a_quoted_value_is_short_and_clean() -> None:
    assert quoted("a\x1b\nb") == "'a\ufffd b'"
    assert quoted("x" * 60) == f"'{'x' * 60}'"
    assert quoted("x" * 61) == f"'{'x' * 59}…'"


# --- Parquet -------------------------------------------------------------------------


def as_parquet(folder: Path, table: str = "cities", /, **columns: Any) -> Path:
    """Turn a table into Parquet, with these columns changed."""
    frame: pl.DataFrame = getattr(read_dataset(folder), table)
    path = folder / f"{table}.parquet"
    frame.with_columns(**columns).write_parquet(path)
    content = package()
    for each in content["resources"]:
        if each["name"] == table:
            each["path"] = path.name
    (folder / PACKAGE_FILE).write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("table", [table.name for table in TABLES])
def test_a_table_is_the_same_in_parquet(folder: Path, table: str) -> None:
    before = read_dataset(folder)
    as_parquet(folder, table)
    assert same(read_dataset(folder), before)


def test_parquet_of_other_types_is_converted_and_cleaned(folder: Path) -> None:
    before = read_dataset(folder)
    as_parquet(
        folder,
        name_en=pl.format("  {}\t", "name_en").cast(pl.Categorical),
        name_zh=pl.lit(" "),
        lat=pl.col("lat").cast(pl.String),
        lon=pl.lit(None),
    )
    assert same(read_dataset(folder), before)


@pytest.mark.parametrize(
    ("columns", "row", "column", "expected"),
    [
        ({"name_en": pl.lit("")}, 2, "name_en", "not an empty cell"),
        ({"name_en": pl.concat_list("code")}, None, "name_en", "its cells are List(String)"),
        ({"name_en": pl.struct("code")}, None, "name_en", "its cells are Struct"),
        ({"name_en": pl.lit(b"\xff")}, None, "name_en", "its cells are Binary"),
        ({"extra": pl.concat_list("lat")}, None, "extra", "its cells are List(Float64)"),
        ({"lat": pl.lit("north")}, 2, "lat", "expected a number, found 'north'"),
        ({"lat": pl.lit(float("nan"))}, 2, "lat", "expected a finite number"),
        ({"code": pl.lit("a")}, 3, "", "code 'a' stands twice"),
    ],
)
def test_wrong_parquet_gives_a_message(
    folder: Path, columns: dict[str, pl.Expr], row: int | None, column: str, expected: str
) -> None:
    as_parquet(folder, **columns)
    error = fault(folder)
    assert (error.file, error.row, error.column) == ("cities.parquet", row, column)
    assert expected in str(error)


@pytest.mark.parametrize("size", [0, 4, 100, -1])
def test_a_cut_off_parquet_file_gives_a_message(folder: Path, size: int) -> None:
    path = as_parquet(folder)
    path.write_bytes(path.read_bytes()[:size])
    error = fault(folder)
    assert error.file == "cities.parquet"
    assert "not a readable Parquet file" in str(error)


def test_a_panic_of_the_parquet_reader_gives_a_message(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_parquet(folder)

    def panic(*_: object, **__: object) -> pl.DataFrame:
        raise pl.exceptions.PanicException("unwrap on None\nbacktrace")

    monkeypatch.setattr(pl, "scan_parquet", panic)
    error = fault(folder)
    assert error.problem == "not a readable Parquet file (unwrap on None)"


def test_extra_columns_of_parquet_become_text(folder: Path, tmp_path: Path) -> None:
    as_parquet(folder, number=pl.lit(5), day=pl.date(2020, 1, 31))
    dataset = read_dataset(folder)
    assert dataset.cities["number"].to_list() == ["5", "5"]
    assert dataset.cities["day"].to_list() == ["2020-01-31", "2020-01-31"]
    write_dataset(dataset, tmp_path / "written")
    assert same(read_dataset(tmp_path / "written"), dataset)


def test_a_parquet_file_of_any_name_is_read_as_that_file(folder: Path) -> None:
    path = as_parquet(folder)
    path.rename(folder / "[c]*.parquet")
    with_path("[c]*.parquet")(folder)
    assert read_dataset(folder).cities.height == 2


# --- Writing -------------------------------------------------------------------------


def everything_in(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("name", ["published", "china-inventions-2016"])
def test_a_written_dataset_is_the_same_and_a_valid_package(name: str, tmp_path: Path) -> None:
    dataset = open_dataset(name)
    write_dataset(dataset, tmp_path / "new" / "copy")
    copy = open_dataset(str(tmp_path / "new" / "copy"))
    assert same(copy, dataset)
    assert copy.manifest == dataset.manifest
    report = Package(str(tmp_path / "new" / "copy" / PACKAGE_FILE)).validate()
    assert report.flatten(["rowNumber", "fieldName", "message"]) == []
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["copy"]


def test_an_empty_folder_may_be_written_to(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_dataset(read_dataset(folder), tmp_path / "empty")
    assert same(read_dataset(tmp_path / "empty"), read_dataset(folder))


@pytest.mark.parametrize("there", ["folder", "hidden file", "file"])
def test_what_is_there_already_is_not_written_over(
    folder: Path, tmp_path: Path, there: str
) -> None:
    target = tmp_path / "there"
    if there == "file":
        target.write_text("precious")
    else:
        target.mkdir()
        (target / (".x" if there == "hidden file" else "x")).write_text("precious")
    before = everything_in(tmp_path)
    with pytest.raises(DatasetError, match="is not empty"):
        write_dataset(read_dataset(folder), target)
    assert everything_in(tmp_path) == before


def test_a_dataset_is_not_written_over_itself(folder: Path) -> None:
    before = everything_in(folder)
    with pytest.raises(DatasetError, match="is not empty"):
        write_dataset(read_dataset(folder), folder)
    assert everything_in(folder) == before


def test_a_failure_leaves_nothing_behind(folder: Path, tmp_path: Path) -> None:
    dataset = read_dataset(folder)
    # The last table cannot be written as CSV.
    nested = dataset.notes.with_columns(pl.concat_list("topic").alias("topics"))
    before = everything_in(tmp_path)
    with pytest.raises(pl.exceptions.ComputeError):
        write_dataset(dataclasses.replace(dataset, notes=nested), tmp_path / "new")
    assert everything_in(tmp_path) == before


def test_an_interruption_leaves_nothing_behind(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = read_dataset(folder)

    def interrupt(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    before = everything_in(tmp_path)
    monkeypatch.setattr(json, "dumps", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_dataset(dataset, tmp_path / "new")
    assert everything_in(tmp_path) == before


def test_a_description_that_no_file_can_hold_is_still_written(folder: Path, tmp_path: Path) -> None:
    with_package(package() | {"description": "A\ud800B"})(folder)
    write_dataset(read_dataset(folder), tmp_path / "new")
    assert read_dataset(tmp_path / "new").manifest.description == "A?B"
