"""Opening another dataset: chosen, typed, completed, dropped; and the account of a table."""

from __future__ import annotations

import os
from itertools import cycle
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from textual import events
from textual.widgets import Input, OptionList

from citytech_data.catalogue import embedded_names
from citytech_data.dataset import read_dataset
from citytech_tui.paths import common_start, completions, dropped_path, typed_path
from citytech_tui.preferences import Habits
from citytech_tui.screens.open import OpenScreen
from citytech_tui.screens.reading import ReadingScreen
from citytech_tui.widgets.lines import Lines
from tests.data.test_counts import LONG
from tests.helpers import city, make_dataset, observation
from tests.tui.helpers import (
    TABS,
    Running,
    click_text,
    each_size,
    host,
    lines,
    running,
    screen_text,
    table,
    told,
    wait_until,
)
from tests.tui.terminal import PROGRAM, Terminal


@pytest.fixture
def counts(surroundings: Path) -> Path:
    path = surroundings / "counts.csv"
    path.write_text(LONG, encoding="utf-8")
    return path


def offered(pilot: Running) -> list[str]:
    choices = pilot.app.screen.query_one(OptionList)
    return [str(choices.get_option_at_index(i).prompt) for i in range(choices.option_count)]


def message(pilot: Running) -> str:
    return " ".join(pilot.app.screen.query_one(Lines).plain.split())


async def open_dialog(pilot: Running) -> None:
    await pilot.press("o")
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, OpenScreen) and offered(pilot))


async def type_text(pilot: Running, text: str) -> None:
    field = pilot.app.screen.query_one(Input)
    field.value = text
    field.cursor_position = len(text)
    await pilot.pause()


async def shows(pilot: Running, dataset: str) -> None:
    app = host(pilot)
    await wait_until(
        pilot, lambda: app.view.manifest.name == dataset and not isinstance(app.screen, OpenScreen)
    )
    await pilot.pause()


# --- Choosing


@pytest.mark.parametrize(("name", "tab"), [*zip(cycle(embedded_names()[1:]), TABS, strict=False)])
async def test_every_embedded_dataset_can_be_opened_on_every_tab(name: str, tab: str) -> None:
    async with running(tab=tab) as pilot:
        await open_dialog(pilot)
        assert len(offered(pilot)) == len(embedded_names())
        await pilot.press(*name)
        await wait_until(pilot, lambda: len(offered(pilot)) == 1)
        await pilot.press("enter")
        await shows(pilot, name)
        assert host(pilot).tab == tab
        assert name in lines(pilot)[0]
        await pilot.press("2", "3", "4", "5", "1", "2")
        assert table(pilot).rows.height == len(read_dataset_cities(pilot))


def read_dataset_cities(pilot: Running) -> list[str]:
    dataset = host(pilot).view.dataset
    assert dataset is not None
    return dataset.cities["code"].to_list()


async def test_arrows_choose_while_the_field_keeps_the_keys() -> None:
    async with running() as pilot:
        await open_dialog(pilot)
        await pilot.press("down", "down", "down", "enter")
        await shows(pilot, "us-metros-2015")


async def test_a_click_opens(counts: Path) -> None:
    async with running() as pilot:
        await open_dialog(pilot)
        await click_text(pilot, "gii-2023")
        await shows(pilot, "gii-2023")


async def test_escape_keeps_everything() -> None:
    async with running() as pilot:
        await pilot.press("j", "j")
        before = host(pilot).selection
        await open_dialog(pilot)
        await pilot.press("escape")
        assert host(pilot).selection == before
        assert host(pilot).view.manifest.name == "published"


async def test_filter_marks_and_ways_back_do_not_outlive_the_dataset() -> None:
    async with running() as pilot:
        await pilot.press("space", "5", "b", "slash", *"shen", "enter")
        await open_dialog(pilot)
        await type_text(pilot, "gii")
        await pilot.press("enter")
        await shows(pilot, "gii-2023")
        selection = host(pilot).selection
        assert (selection.filter, selection.marked, selection.city) == ("", frozenset(), None)
        assert host(pilot).tabs_before == []


async def test_a_folder_is_completed_and_opened(surroundings: Path) -> None:
    folder = make_dataset(
        surroundings, cities=[city("a", "Alpha")], observations=[observation("a", "apps", 3)]
    )
    (surroundings / "other").mkdir()
    async with running() as pilot:
        await open_dialog(pilot)
        await type_text(pilot, f"{surroundings}/m")
        await wait_until(pilot, lambda: len(offered(pilot)) == 1)
        await pilot.press("tab")
        assert pilot.app.screen.query_one(Input).value == f"{folder}/"
        await pilot.press("enter")
        await shows(pilot, "made")
        assert "Alpha" in screen_text(pilot)
        assert host(pilot).habits.preferences.recent == ()


async def test_a_way_is_gone_and_not_opened(surroundings: Path) -> None:
    (surroundings / "other").mkdir()
    async with running() as pilot:
        await open_dialog(pilot)
        await type_text(pilot, f"{surroundings}/")
        await wait_until(pilot, lambda: any("other" in each for each in offered(pilot)))
        await pilot.press("down", "enter")
        assert pilot.app.screen.query_one(Input).value == f"{surroundings}/other/"
        assert isinstance(pilot.app.screen, OpenScreen)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("/no/such/place", "there is no such dataset"),
        ("~nobody-at-all/x", "there is no such dataset"),
        ("x" * 5000, "there is no such dataset"),
        ("/dev/null", "is no file"),
        (".", "has no datapackage.json"),
    ],
)
async def test_what_cannot_be_opened_is_told_in_the_dialog(text: str, wrong: str) -> None:
    async with running() as pilot:
        await open_dialog(pilot)
        await type_text(pilot, text)
        await pilot.press("enter")
        await wait_until(pilot, lambda: wrong in message(pilot))
        assert isinstance(pilot.app.screen, OpenScreen)
        assert pilot.app.screen.query_one(Input).value == text
        await pilot.press("escape")
        assert host(pilot).view.manifest.name == "published"


async def test_recent_datasets_come_first_and_are_remembered(surroundings: Path) -> None:
    folder = make_dataset(surroundings, observations=[observation("a", "apps", 3)])
    async with running() as pilot:
        app = host(pilot)
        app.habits = Habits(surroundings / "preferences.json")
        app._remembers = True
        await app.show_dataset(app.open_view(str(folder)))
        await open_dialog(pilot)
        assert "made" in offered(pilot)[0]
        assert "shown now" in offered(pilot)[0]
    assert Habits(surroundings / "preferences.json").preferences.dataset == str(folder)


# --- A kiosk


async def test_a_kiosk_offers_and_opens_embedded_datasets_only(counts: Path) -> None:
    async with running() as pilot:
        host(pilot).reads_files = False
        host(pilot).habits.opened(str(counts))
        await open_dialog(pilot)
        assert len(offered(pilot)) == len(embedded_names())
        await type_text(pilot, str(counts))
        await wait_until(pilot, lambda: not offered(pilot))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "can be opened here" in message(pilot))
        await pilot.press("escape")
        pilot.app.post_message(events.Paste(str(counts)))
        await pilot.pause()
        assert len(pilot.app.screen_stack) == 1


# --- Tables of counts


@each_size
async def test_a_table_of_counts(
    counts: Path, size: tuple[int, int], snapshot: SnapshotAssertion
) -> None:
    async with running(size=size) as pilot:
        await open_dialog(pilot)
        await type_text(pilot, "./counts.csv")
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReadingScreen))
        await pilot.pause()
        assert screen_text(pilot) == snapshot
        await pilot.press("escape")
        await shows(pilot, "counts")
        assert screen_text(pilot) == snapshot


async def test_its_account_saves_it_beside_what_is_there(counts: Path, surroundings: Path) -> None:
    (surroundings / "counts").mkdir()
    (surroundings / "counts" / "mine").write_text("")
    async with running() as pilot:
        pilot.app.post_message(events.Paste(str(counts)))
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ReadingScreen))
        await pilot.press("s")
        assert "Saved in counts-2" in told(pilot)
        assert isinstance(pilot.app.screen, ReadingScreen)
    assert read_dataset(surroundings / "counts-2").cities.height == 3


async def test_a_fault_in_a_table_names_row_and_remedy(counts: Path) -> None:
    counts.write_text("city,year,count\nShenzhen,2020,many\n")
    async with running() as pilot:
        await open_dialog(pilot)
        await type_text(pilot, str(counts))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "row 2, column count" in message(pilot))
        assert "Correct the cell" in message(pilot)


@each_size
@pytest.mark.parametrize("kind", ["offers", "paths", "fault"])
async def test_dialog(
    kind: str, counts: Path, size: tuple[int, int], snapshot: SnapshotAssertion
) -> None:
    async with running(size=size) as pilot:
        await open_dialog(pilot)
        if kind == "paths":
            await type_text(pilot, "./")
            await wait_until(pilot, lambda: any("counts.csv" in each for each in offered(pilot)))
            await pilot.press("down")
        elif kind == "fault":
            await type_text(pilot, "./nothing.csv")
            await pilot.press("enter")
            await wait_until(pilot, lambda: "no such dataset" in message(pilot))
            await wait_until(pilot, lambda: not offered(pilot))
        await pilot.pause()
        assert screen_text(pilot) == snapshot


@pytest.mark.pty
def test_the_real_program_opens_what_is_named_and_what_is_dropped(counts: Path) -> None:
    quoted = counts.with_name("it's a table.csv")
    counts.rename(quoted)
    with Terminal((*PROGRAM, "--no-config", "gii-2023")) as terminal:
        terminal.wait_for("Tokyo")
        dropped = str(quoted).replace(" ", "\\ ").replace("'", "\\'")
        terminal.send(f"\x1b[200~{dropped} \x1b[201~")
        terminal.wait_for("Rows that are not counted")
        terminal.send("\x1b")
        terminal.until(lambda: "Rows that are not counted" not in terminal.text, "its end")
        terminal.send("q")
        assert terminal.finish() == 0


# --- Paths


@pytest.mark.parametrize(
    "form",
    ["{}", "'{}'", '"{}"', "{escaped}", "file://{url}", "{} ", "{escaped} "],
)
def test_a_dropped_file_is_known_in_every_form(form: str, tmp_path: Path) -> None:
    path = tmp_path / "a b 数据.csv"
    path.write_text("")
    text = form.format(
        path, escaped=str(path).replace(" ", "\\ "), url=str(path).replace(" ", "%20")
    )
    assert dropped_path(text) == str(path)
    assert typed_path(text) == str(path)


@pytest.mark.parametrize("text", ["", "hello world", "shen", "'", "/a /b", "x" * 9000, "'a' 'b'"])
def test_other_pasted_text_is_no_path(text: str) -> None:
    assert dropped_path(text) is None


def test_completions_offer_folders_and_tables_only(tmp_path: Path) -> None:
    place = tmp_path / "place"
    (place / "data").mkdir(parents=True)
    for name in ("Data.csv", "data.XLSX", "data.py", ".hidden.csv", "bad\x1b[31m.csv"):
        (place / name).write_text("")
    found = completions(f"{place}/", 99)
    assert [Path(each).name for each in found] == ["data", "Data.csv", "data.XLSX"]
    assert [Path(each).name for each in completions(f"{place}/.", 99)] == [".hidden.csv"]
    assert len(completions(f"{place}/", 1)) == 1
    assert completions("/no/such/place/", 9) == []
    assert completions("\0", 9) == []


def test_completion_goes_as_far_as_there_is_one_way() -> None:
    assert common_start(["/a/bc", "/a/bd"]) == "/a/b"
    assert common_start(["/a"]) == "/a"
    assert common_start([]) == ""


def test_an_unreadable_folder_completes_to_nothing(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    expected = [] if os.geteuid() else completions(f"{tmp_path}/closed/", 9)
    assert completions(f"{closed}/", 9) == expected
