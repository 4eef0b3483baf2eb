"""A large dataset is read while its first screen is shown: frame, first rows, then all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from citytech_data import dataset as reading_module
from citytech_data import glance
from citytech_data.dataset import check_dataset, read_dataset
from citytech_tui import opened
from citytech_tui.app import CityTechApp
from citytech_tui.dataview import DataView
from citytech_tui.launch import LaunchOptions, selected
from citytech_tui.opened import is_large, unread_view
from citytech_tui.selection import Selection, Slice
from tests.helpers import YEAR, city, make_dataset, observation
from tests.tui.helpers import (
    WIDE,
    Running,
    host,
    lines,
    screen_text,
    table,
    told,
    wait_until,
)
from tests.tui.terminal import LIMIT, PROGRAM, Terminal

PLACES = 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    places = [f"p{number:02}" for number in range(PLACES)]
    return make_dataset(
        tmp_path,
        cities=[city(place, f"City {place}") for place in places],
        observations=[
            observation(place, "apps", 100 * count, year=year)
            for year in (YEAR - 1, YEAR)
            for count, place in enumerate(places)
        ],
        year=YEAR,
    )


class Held:
    """Lets the cells be checked only when the test says so."""

    def __init__(self) -> None:
        self.may_check = threading.Event()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    found = Held()

    def wait_and_check(cells: Any) -> Any:
        assert found.may_check.wait(LIMIT)
        return check_dataset(cells)

    monkeypatch.setattr(reading_module, "check_dataset", wait_and_check)
    monkeypatch.setattr(glance, "MOST", 10)
    yield found
    found.may_check.set()


def app_of(folder: Path, tab: str = "total", **options: Any) -> CityTechApp:
    view = unread_view(folder)
    app = CityTechApp(view, Selection(Slice(view.year)), tab)
    app.first_selection = lambda read: selected(read, LaunchOptions(**options))
    return app


async def finish(pilot: Running, held: Held) -> None:
    held.may_check.set()
    await wait_until(pilot, lambda: host(pilot).view.dataset is not None)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_first_rows_then_all(folder: Path, held: Held) -> None:
    async with app_of(folder).run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: table(pilot).rows.height == 10)
        assert "reading …" in lines(pilot)[0]
        assert "City p39" in lines(pilot)[3]
        assert "3,900" in lines(pilot)[3]
        await pilot.press("down", "down", "space")
        await finish(pilot, held)
        assert "reading" not in screen_text(pilot)
        assert table(pilot).rows.height == PLACES
        assert host(pilot).selection.marked == {"p37"}
        assert table(pilot).cursor_row == 3
        assert host(pilot).view.years == (YEAR - 1, YEAR)


@pytest.mark.parametrize("tab", ["density", "trend", "city", "pictures"])
async def test_other_tabs_show_a_frame_first(folder: Path, held: Held, tab: str) -> None:
    async with app_of(folder, tab).run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: "reading …" in lines(pilot)[0])
        await finish(pilot, held)
        assert "eading" not in screen_text(pilot)


@pytest.mark.parametrize("key", ["[", "]", "Y", "t", "w", "e", "x", "i", "p", "D", "s", "S", "C"])
async def test_keys_meanwhile_are_harmless(folder: Path, held: Held, key: str) -> None:
    async with app_of(folder).run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: table(pilot).rows.height == 10)
        await pilot.press(key)
        await pilot.press("escape", "down")
        await finish(pilot, held)
        assert table(pilot).rows.height == PLACES
        assert host(pilot).selection.slice == Slice(YEAR)


async def test_a_year_is_not_chosen_before_the_years_are_known(folder: Path, held: Held) -> None:
    async with app_of(folder).run_test(size=WIDE, notifications=True) as pilot:
        await wait_until(pilot, lambda: table(pilot).rows.height == 10)
        await pilot.press("[")
        assert "still being read" in told(pilot)
        await finish(pilot, held)
        await pilot.press("[")
        assert host(pilot).selection.year == YEAR - 1


@pytest.fixture
def unseen(held: Held, monkeypatch: pytest.MonkeyPatch) -> Held:
    """Let not even the first rows be known while the dataset is read."""
    monkeypatch.setattr(glance, "MOST", 0)
    return held


@pytest.mark.parametrize("tab", ["total", "density"])
async def test_keys_before_any_row_is_known_are_not_lost(
    folder: Path, unseen: Held, tab: str
) -> None:
    async with app_of(folder, tab).run_test(size=WIDE) as pilot:
        assert table(pilot).rows.height == 0
        await pilot.press("j", "j", "j", "k", "space", "down")
        await finish(pilot, unseen)
        assert host(pilot).selection.marked == {table(pilot).rows.row(2)["code"]}
        assert table(pilot).cursor_row == 4
        await pilot.press("j")
        assert table(pilot).cursor_row == 5


async def test_what_waits_is_forgotten_with_its_tab(folder: Path, unseen: Held) -> None:
    app = app_of(folder)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("j", "enter", "3")
        await finish(pilot, unseen)
        assert app.tab == "density"
        await pilot.press("2")
        await pilot.pause()
        assert app.tab == "total"
        assert host(pilot).selection.city is None


@pytest.mark.parametrize("key", ["enter", "i"])
async def test_what_waits_behind_what_opens_does_not_move_the_table(
    folder: Path, unseen: Held, key: str
) -> None:
    async with app_of(folder).run_test(size=WIDE) as pilot:
        await pilot.press("j", key, "j", "j")
        await finish(pilot, unseen)
        await pilot.pause()
        assert host(pilot).selection.city == "p38"


async def test_what_is_asked_of_the_first_rows_waits_for_them(folder: Path, held: Held) -> None:
    app = app_of(folder)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: table(pilot).rows.height == 10)
        app.view._opening = unread_view(folder)._opening
        app.show_selection()
        await pilot.press("down", "enter")
        assert app.tab == "total"
        await finish(pilot, held)
        assert app.tab == "city"
        assert host(pilot).selection.city == "p38"


async def test_what_was_asked_for_is_selected(folder: Path, held: Held) -> None:
    async with app_of(folder, year=YEAR - 1, filter="p3", city="p35").run_test(size=WIDE) as pilot:
        await finish(pilot, held)
        assert host(pilot).selection == Selection(Slice(YEAR - 1), "p3", city="p35")
        assert table(pilot).rows.height == 10
        current = table(pilot).current
        assert current is not None
        assert current["code"] == "p35"


async def test_what_was_typed_meanwhile_counts(folder: Path, held: Held) -> None:
    async with app_of(folder).run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: table(pilot).rows.height == 10)
        await pilot.press("/", "p", "2", "enter")
        await finish(pilot, held)
        assert host(pilot).selection.filter == "p2"
        assert table(pilot).rows.height == 10


async def test_what_the_dataset_does_not_have_ends_the_app(folder: Path, held: Held) -> None:
    app = app_of(folder, year=1999)
    async with app.run_test(size=WIDE) as pilot:
        held.may_check.set()
        await wait_until(pilot, lambda: app.return_code is not None)
    assert app.return_code == 2
    assert "no figures for 1999" in app.log_file.message


async def test_in_place_of_the_dataset_shown_last_the_default_is_opened(
    folder: Path, held: Held
) -> None:
    with (folder / "observations.csv").open("a") as file:
        file.write('"p00","x","apps","all","1","","","","counted","s",""\n')
    app = app_of(folder)
    app.opens_otherwise = True
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        held.may_check.set()
        await wait_until(pilot, lambda: app.view.origin == "published")
        await wait_until(pilot, lambda: app.view.dataset is not None)
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "The dataset shown last cannot be opened: observations.csv, row 82" in told(pilot)
        assert "Beijing" in screen_text(pilot)


def test_loading_shows_the_same_as_reading_at_once(folder: Path) -> None:
    loaded, at_once = unread_view(folder), DataView(None, read_dataset(folder), str(folder))
    assert loaded.is_partial
    loaded.load()
    assert not loaded.is_partial
    assert loaded.origin == at_once.origin
    selection = Selection(Slice(YEAR))
    assert loaded.standings(selection).equals(at_once.standings(selection))


def test_only_large_folders_are_read_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_large(str(folder))
    monkeypatch.setattr(opened, "LARGE", 1000)
    assert is_large(str(folder))
    assert not is_large("published")
    assert not is_large(str(folder / "nothing"))
    packed = folder / "packed"
    packed.mkdir()
    (packed / "observations.csv").write_bytes(bytes(40))
    assert not is_large(str(packed))
    (packed / "observations.parquet").write_bytes(bytes(40))  # 1000 / PACKED
    assert is_large(str(packed))
    assert not is_large("x" * 10_000)


def test_the_real_program_ends_with_the_error(folder: Path) -> None:
    with (folder / "observations.csv").open("a") as file:
        file.write('"p00","x","apps","all","1","","","","counted","s",""\n')
        file.write("\n" * opened.LARGE)
    with Terminal((*PROGRAM, "--dataset", str(folder))) as terminal:
        assert terminal.finish() == 2
        assert "observations.csv, row 82, column year: expected a whole number" in terminal.text
