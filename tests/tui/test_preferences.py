"""What is remembered: read and written whole, privately, and never in the way."""

from __future__ import annotations

import json
import stat
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citytech_data.opening import read_opening
from citytech_tui import PREFERENCES, PROGRAM
from citytech_tui.app import FIRST_HINT, CityTechApp
from citytech_tui.dataview import DataView
from citytech_tui.launch import LaunchOptions, _first_view
from citytech_tui.preferences import Habits, Preferences, TableColumns
from citytech_tui.selection import Selection, Slice
from citytech_tui.themes import THEMES
from tests.helpers import make_dataset
from tests.tui.helpers import TABS, host, running, told, wait_until
from tests.tui.terminal import PROGRAM as COMMAND
from tests.tui.terminal import Terminal

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)
COLUMNS = st.builds(
    TableColumns,
    st.lists(TEXTS, max_size=4).map(tuple),
    st.dictionaries(TEXTS, st.integers(1, 999), max_size=3),
)
ANY_PREFERENCES = st.builds(
    Preferences,
    TEXTS,
    TEXTS,
    st.lists(TEXTS, max_size=10).map(tuple),
    st.dictionaries(st.sampled_from(TABS), COLUMNS),
    st.booleans(),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["theme", "dataset", "recent", "columns", "hinted"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder" / PREFERENCES


@given(ANY_PREFERENCES)
def test_what_is_written_is_read(preferences: Preferences) -> None:
    assert Preferences.from_json(json.loads(json.dumps(preferences.to_json()))) == preferences


@given(st.dictionaries(KEYS, JSON), st.booleans())
def test_any_json_is_read_or_refused_in_a_sentence(content: dict[str, object], own: bool) -> None:
    try:
        read = Preferences.from_json(content | ({"program": PROGRAM} if own else {}))
    except ValueError as error:
        assert str(error)
    else:
        assert own
        assert Preferences.from_json(json.loads(json.dumps(read.to_json()))) == read


def test_a_file_is_private_whole_and_alone(path: Path) -> None:
    Habits(path).remember(theme="nord")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [PREFERENCES]
    assert json.loads(path.read_text())["theme"] == "nord"


def test_two_windows_keep_each_others_changes(path: Path) -> None:
    first, second = Habits(path), Habits(path)
    first.remember(theme="nord")
    second.remember(columns={"total": TableColumns(("rank", "city"), {"city": 30})})
    kept = Habits(path).preferences
    assert kept.theme == "nord"
    assert kept.columns["total"] == TableColumns(("rank", "city"), {"city": 30})


def test_the_latest_dataset_comes_first_and_stands_once(path: Path) -> None:
    habits = Habits(path)
    for number in (*range(12), 5):
        habits.opened(f"/d{number}")
    assert habits.preferences.dataset == "/d5"
    assert habits.preferences.recent[:3] == ("/d5", "/d11", "/d10")
    assert len(habits.preferences.recent) == 10


FOREIGN = {
    "empty": b"",
    "cut off": b'{"program": "citytech-tui", "theme": "no',
    "of another program": b'{"theme": "nord"}',
    "a list": b"[]",
    "no text": b"\xff\xfe\x00",
    "nested": b"[" * 100_000,
    "a wrong type": b'{"program": "citytech-tui", "recent": "published"}',
    "a wrong width": b'{"program": "citytech-tui", "columns": {"total": {"widths": {"a": true}}}}',
    "large": b" " * (1 << 20) + b"{}",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_damaged_or_foreign_file_is_left_alone_with_one_notice(name: str, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(FOREIGN[name])
    habits = Habits(path)
    assert habits.preferences == Preferences()
    assert str(path) in habits.notice()
    habits.remember(theme="nord")
    assert habits.preferences.theme == "nord"
    assert habits.notice() == ""
    assert path.read_bytes() == FOREIGN[name]


def test_a_folder_in_its_place_is_told_once(path: Path) -> None:
    path.mkdir(parents=True)
    habits = Habits(path)
    assert "it is no small file" in habits.notice()


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    habits = Habits(tmp_path / "file" / PREFERENCES)
    assert "cannot be read" in habits.notice()
    habits.remember(theme="nord")
    assert habits.notice() == ""


def test_without_a_file_it_is_remembered_until_the_end() -> None:
    habits = Habits(None)
    habits.remember(theme="nord")
    habits.opened("gii")
    assert (habits.preferences.theme, habits.preferences.dataset) == ("nord", "gii")


# --- In the app


def _remembering(app: CityTechApp) -> str:
    return app.habits.preferences.dataset


def app_of(path: Path) -> CityTechApp:
    view = DataView(read_opening("published"))
    return CityTechApp(view, Selection(Slice(view.year)), "total", Habits(path))


async def test_the_first_start_gives_a_hint_and_no_other_does(path: Path) -> None:
    for hints in (1, 0):
        app = app_of(path)
        async with app.run_test(notifications=True) as pilot:
            await wait_until(pilot, partial(_remembering, app))
            focused = app.focused
            assert [each.message for each in app._notifications].count(FIRST_HINT) == hints
            assert app.focused is focused
    assert Habits(path).preferences.recent == ("published",)


async def test_a_theme_is_remembered(path: Path) -> None:
    app = app_of(path)
    async with app.run_test() as pilot:
        await wait_until(pilot, lambda: app.habits.preferences.dataset)
        app.theme = "high-contrast"
        await wait_until(pilot, lambda: Habits(path).preferences.theme)
    again = app_of(path)
    async with again.run_test():
        assert again.theme == "high-contrast"


async def test_a_theme_that_is_no_more_is_ignored(path: Path) -> None:
    Habits(path).remember(theme="gone")
    app = app_of(path)
    async with app.run_test():
        assert app.theme == "textual-dark"


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_every_theme_of_our_own_draws(theme: str) -> None:
    async with running() as pilot:
        host(pilot).theme = theme
        await pilot.pause()
        await pilot.press("i", "escape", "1", "5", "question_mark")
        assert not told(pilot)


async def test_a_damaged_file_is_told_in_the_app(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("{")
    app = app_of(path)
    async with app.run_test(notifications=True) as pilot:
        await wait_until(pilot, lambda: len(app._notifications))
        assert "Preferences are not remembered" in told(pilot)


# --- At the start


def test_the_dataset_shown_last_is_shown_first(path: Path, tmp_path: Path) -> None:
    folder = make_dataset(tmp_path, observations=[])
    Habits(path).opened(str(folder))
    view, notice = _first_view(LaunchOptions(), Habits(path))
    assert (view.origin, notice) == (str(folder), "")
    (folder / "cities.csv").unlink()
    view, notice = _first_view(LaunchOptions(), Habits(path))
    assert view.origin == "published"
    assert "cannot be opened: cities.csv" in notice


def test_a_link_means_the_same_for_everybody(path: Path) -> None:
    Habits(path).opened("china-inventions-2016")
    assert _first_view(LaunchOptions(filter="a"), Habits(path))[0].origin == "published"
    asked = LaunchOptions("published")
    assert _first_view(asked, Habits(path))[0].origin == "published"
    assert _first_view(LaunchOptions(), Habits(path))[0].origin == "china-inventions-2016"


@pytest.mark.pty
def test_the_program_remembers_and_no_config_does_not(tmp_path: Path) -> None:
    config = tmp_path / "config"
    env = {"XDG_CONFIG_HOME": str(config)}
    for _ in range(2):
        with Terminal((*COMMAND, "--no-config"), env=env) as terminal:
            terminal.wait_for("Beijing")
            terminal.send("q")
            assert terminal.finish() == 0
            assert b"Welcome" not in terminal.written
        assert not config.exists()
    with Terminal((*COMMAND, "--dataset", "china-inventions-2016"), env=env) as terminal:
        terminal.wait_for("Welcome")
        terminal.send("q")
        assert terminal.finish() == 0
    with Terminal(env=env) as terminal:
        terminal.wait_for("china-inventions-2016")
        terminal.send("q")
        assert terminal.finish() == 0
        assert b"Welcome" not in terminal.written
