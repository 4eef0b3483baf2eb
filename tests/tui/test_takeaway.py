"""What is taken away: names, forms, and files that are whole or not there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from citytech_data.errors import CityTechError
from citytech_data.extract import Extract
from citytech_tui.blocks import Block, Column, Heading, Lines, Table
from citytech_tui.takeaway import FORMS, Takeaway, proposed, write_away

FRAME = pl.DataFrame({"city": ["<b>杭州</b>", "b"], "value": [1.5, None]})


def blocks() -> Sequence[Block]:
    table = Table([Column("City"), Column("Value", right=True)], [["<b>杭州</b>", "1.5"]])
    return [Heading("Total & more"), table, Lines(["see https://example.org/?a=1&b=2 <i>"])]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "exports"
    made.mkdir()
    return made


def taken(frame: pl.DataFrame = FRAME) -> Takeaway:
    return Takeaway("made-total/2021", lambda: Extract(frame, "Total"), blocks)


@pytest.mark.parametrize("suffix", FORMS)
def test_every_form_is_written_whole(folder: Path, suffix: str) -> None:
    path = proposed(taken(), folder, suffix)
    assert path.name == f"made-total-2021{suffix}"
    files = write_away(taken(), path)
    assert sorted(folder.iterdir()) == sorted(files)
    assert all(file.stat().st_size for file in files)
    assert [file.name for file in files[1:]] == (
        [f"{path.name}-metadata.json"] if suffix in (".csv", ".tsv") else []
    )


def test_the_next_name_is_proposed_where_a_file_is(folder: Path) -> None:
    (folder / "made-total-2021.csv").touch()
    (folder / "made-total-2021-2.csv-metadata.json").touch()
    assert proposed(taken(), folder, ".csv").name == "made-total-2021-3.csv"


@pytest.mark.parametrize("there", ["a.csv", "a.csv-metadata.json"])
def test_a_file_that_is_there_stays_as_it_is(folder: Path, there: str) -> None:
    (folder / there).write_text("mine")
    with pytest.raises(CityTechError, match=f"'{there}' is there already; nothing was written"):
        write_away(taken(), folder / "a.csv")
    assert [path.name for path in folder.iterdir()] == [there]
    assert (folder / there).read_text() == "mine"


def test_a_file_is_replaced_where_that_is_asked_for(folder: Path) -> None:
    path = folder / "a.json"
    path.write_text("mine")
    write_away(taken(), path, replace=True)
    assert len(json.loads(path.read_text(encoding="utf-8"))["rows"]) == 2


def test_what_fails_leaves_nothing_and_loses_nothing(folder: Path) -> None:
    def fails() -> Extract:
        raise ValueError("too many rows")

    broken = Takeaway("x", fails, blocks)
    for replace in (False, True):
        path = folder / f"{replace}.json"
        if replace:
            path.write_text("mine")
        with pytest.raises(CityTechError, match="was not written: too many rows"):
            write_away(broken, path, replace=replace)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"True.json": "mine"}


@pytest.mark.parametrize("name", ["a", "a.doc", "csv"])
def test_a_name_without_a_form_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(CityTechError, match=r"must end in one of \.csv, \.tsv"):
        write_away(taken(), folder / name)


def test_a_folder_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(CityTechError, match=r"'a\.csv' was not written: No such file"):
        write_away(taken(), folder / "none" / "a.csv")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.links: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_html_shows_what_is_in_the_data_as_text(folder: Path) -> None:
    path = folder / "a.html"
    write_away(taken(), path)
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    assert not {"b", "i", "script", "img"} & set(page.tags)
    assert "<b>杭州</b>" in page.texts
    assert page.links == ["https://example.org/?a=1&b=2"]


def test_a_picture_has_its_own_forms_first(folder: Path) -> None:
    picture = Takeaway("p", lambda: Extract(FRAME, "P"), blocks, {".svg": lambda: b"<svg/>"})
    assert [*picture.forms][:2] == [".svg", ".csv"]
    (file,) = write_away(picture, folder / "p.svg")
    assert file.read_bytes() == b"<svg/>"
    with pytest.raises(CityTechError, match="must end in one of"):
        write_away(taken(), folder / "q.svg")
