"""The remembered frame: the same as the live one, never stale, and harmless whatever it holds."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from citytech_data import DEFAULT
from citytech_data.catalogue import embedded_folder
from citytech_tui import remembered
from citytech_tui.opened import LARGE
from citytech_tui.preferences import Habits
from citytech_tui.remembered import ENTER, LEAVE, MOST_FRAMES, OFF, RememberedFrame
from tests.tui.emulator import Cell, Emulator
from tests.tui.terminal import PROGRAM, Terminal
from tests.tui.test_terminal import restored

pytestmark = pytest.mark.pty

# What prepares a terminal and asks what it can do, and draws nothing.
_MODES = re.compile(rb"(\x1b\[[?>][0-9;]*(\$p|[hlu])|\x1b\]22;default\x07)*")
# The program, which waits after the remembered frame until a file is there, then does something.
_WAITING = """
import sys, time
from pathlib import Path
from citytech_tui import launch
from citytech_data.errors import CityTechError
real = launch.launch
def waiting(*arguments):
    while not Path("go").exists():
        time.sleep(0.01)
    {}
    return real(*arguments)
launch.launch = waiting
sys.argv = ["citytech-tui"]
from citytech_tui.__main__ import main
sys.exit(main())
"""
_THEN_START = (sys.executable, "-c", _WAITING.format("pass"))
_THEN_FAIL = (sys.executable, "-c", _WAITING.format("raise CityTechError('it is broken')"))


@pytest.fixture
def cache(surroundings: Path) -> Path:
    """Return the folder of the remembered frames, which the program makes."""
    Habits.of_person().remember(hinted=True, dataset=DEFAULT, recent=(DEFAULT,))
    return Path(os.environ["XDG_CACHE_HOME"], "citytech-tui")


def settle(
    terminal: Terminal, text: str = "Beijing", like: list[list[Cell]] | None = None
) -> list[list[Cell]]:
    """Wait for the first screen and all that follows by itself; return the cells as they look.

    Where they must become `like` others, they have time.
    """
    terminal.wait_for(text)
    terminal.until(lambda: b"\x1b[?2004h" in terminal.written, "the app itself")
    terminal.settle()
    if like is not None:
        terminal.until(lambda: seen(terminal) == like, "the screen of a fresh start")
    return seen(terminal)


def seen(terminal: Terminal) -> list[list[Cell]]:
    emulator = Emulator(terminal.screen.columns, terminal.screen.lines)
    emulator.feed(terminal.written.decode())
    return emulator.seen()


def quit_(terminal: Terminal) -> None:
    terminal.send("q")
    assert terminal.finish() == 0
    restored(terminal)


def visit(
    command: tuple[str, ...] = PROGRAM,
    size: tuple[int, int] = (120, 40),
    env: Mapping[str, str] | None = None,
    text: str = "Beijing",
    like: list[list[Cell]] | None = None,
) -> tuple[list[list[Cell]], bytes]:
    """Start and leave; return the first screen, and all that was written for it."""
    with Terminal(command, size, env) as terminal:
        cells = settle(terminal, text, like)
        written = terminal.written
        quit_(terminal)
    return cells, written


def was_remembered(written: bytes) -> bool:
    """Whether the screen was taken with a remembered frame."""
    return written.startswith(ENTER.encode())


def draws_nothing_more(written: bytes) -> bool:
    """Whether the app has left a remembered frame as it is."""
    _, start, after = written.partition(b"\x1b[?1000h")
    return _MODES.fullmatch(start + after) is not None and start != b""


def only(folder: Path) -> Path:
    (frame,) = folder.iterdir()
    return frame


@pytest.mark.parametrize(
    ("size", "env", "arguments"),
    [
        ((120, 40), {}, ()),
        ((80, 24), {"COLORTERM": ""}, ("--tab", "density")),
        ((60, 20), {"TERM": "screen", "COLORTERM": ""}, ()),
        ((200, 60), {"NO_COLOR": "1"}, ("--tab", "proportion")),
        ((100, 30), {"TEXTUAL_THEME": "nord"}, ("--city", "shanghai")),
    ],
    ids=["design size", "256 colours", "too small", "no colours", "theme and city"],
)
def test_the_live_frame_is_identical(
    cache: Path, size: tuple[int, int], env: dict[str, str], arguments: tuple[str, ...]
) -> None:
    command = (*PROGRAM, *arguments)
    text = "80x24" if size == (60, 20) else "CityTech"
    fresh, written = visit(command, size, env, text)
    assert not was_remembered(written)
    before = only(cache).read_bytes()
    _, written = visit(command, size, env, text, like=fresh)
    assert was_remembered(written)
    assert draws_nothing_more(written)
    assert only(cache).read_bytes() == before


def test_it_can_be_switched_off(cache: Path) -> None:
    visit(env={OFF: "1"})
    assert not cache.exists()


def test_keys_typed_meanwhile_are_kept(cache: Path) -> None:
    visit()
    with Terminal(_THEN_START) as terminal:
        terminal.wait_for("Beijing")
        for key in "jj/xi'an\r":
            terminal.send(key)
        Path("go").touch()
        terminal.wait_for("2 cities")
        assert "jj" not in terminal.text and "filter “xi'an”" in terminal.text
        quit_(terminal)


def test_a_change_of_size_meanwhile_is_seen(cache: Path) -> None:
    visit()
    expected, _ = visit(env={OFF: "1"}, size=(90, 30))
    with Terminal(_THEN_START) as terminal:
        terminal.wait_for("Beijing")
        terminal.resize(90, 30)
        Path("go").touch()
        settle(terminal, like=expected)
        quit_(terminal)


def test_a_start_that_fails_gives_the_terminal_back(cache: Path) -> None:
    visit()
    Path("go").touch()
    with Terminal(_THEN_FAIL) as terminal:
        assert terminal.finish() == 2
        assert was_remembered(terminal.written)
        restored(terminal)
        after = terminal.written.rpartition(LEAVE.encode())[2]
        assert after.strip() == b"citytech-tui: error: it is broken"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(cache: Path, number: signal.Signals) -> None:
    visit()
    with Terminal(_THEN_START) as terminal:
        terminal.wait_for("Beijing")
        os.kill(terminal.pid, number)
        assert terminal.finish() == 128 + number
        restored(terminal)


def test_a_folder_that_has_changed_is_not_remembered(tmp_path: Path, cache: Path) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(embedded_folder(DEFAULT), folder)
    command = (*PROGRAM, "--dataset", str(folder))
    written_at = max(path.stat().st_ctime_ns for path in folder.iterdir())
    while time.time_ns() - written_at <= remembered._STEADY:
        time.sleep(0.1)
    visit(command)
    assert was_remembered(visit(command)[1])
    cities = folder / "cities.csv"
    before = cities.stat()
    cities.write_text(cities.read_text().replace("Beijing", "Nowhere"))
    os.utime(cities, ns=(before.st_atime_ns, before.st_mtime_ns))  # of the same size, too
    _, written = visit(command, text="Nowhere")
    assert not was_remembered(written)
    assert b"Beijing" not in written


def test_of_a_folder_that_takes_long_the_frame_is_kept_that_shows_all(
    tmp_path: Path, cache: Path
) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(embedded_folder(DEFAULT), folder)
    with (folder / "cities.csv").open("a") as file:
        file.write("\n" * LARGE)
    command = (*PROGRAM, "--dataset", str(folder))
    time.sleep(2.1)
    fresh, written = visit(command)
    assert not was_remembered(written)
    assert "reading …".encode() in written
    _, written = visit(command, like=fresh)
    assert was_remembered(written)
    assert "reading …".encode() not in written
    assert draws_nothing_more(written)
    with Terminal(command) as terminal:
        terminal.wait_for("Beijing")
        terminal.send("\x1b[B")  # asks for an answer before all is read
        settle(terminal, "Beijing")
        assert "reading …".encode() in terminal.written
        quit_(terminal)
    assert visit(command, like=fresh)[0] == fresh


def test_the_second_start_of_all_is_remembered() -> None:
    visit()  # which writes down that the hint was shown, and which dataset
    _, written = visit()
    assert was_remembered(written)
    assert draws_nothing_more(written)


def test_each_dataset_has_its_frame(cache: Path) -> None:
    other, inventions = "china-inventions-2016", (*PROGRAM, "--dataset", "china-inventions-2016")
    visit(inventions)
    visit((*PROGRAM, "--dataset", DEFAULT))
    _, written = visit(inventions)
    assert was_remembered(written)
    assert not was_remembered(visit()[1])  # the dataset shown last
    _, written = visit()
    assert was_remembered(written)
    assert other in written.decode()
    visit((*PROGRAM, "--dataset", DEFAULT))
    _, written = visit()
    assert not was_remembered(written)
    assert other not in written.decode()


def test_settings_of_the_person_count(cache: Path) -> None:
    visit()
    Habits.of_person().remember(theme="nord")
    _, written = visit()
    assert not was_remembered(written)
    assert was_remembered(visit()[1])


@pytest.mark.usefixtures("at_a_terminal")
def test_settings_that_the_app_does_not_use_are_others() -> None:
    Habits.of_person().remember(theme="nord")
    kept("kept")
    assert RememberedFrame([]).text == "kept"
    path = Path(os.environ["XDG_CONFIG_HOME"], "citytech-tui", "preferences.json")
    path.write_text(path.read_text().replace("citytech-tui", "another"))
    remembered._settings.cache_clear()
    assert RememberedFrame([]).text == ""


# --- Files that are not what they should be ----------------------------------------------

_STRAY = "\x1b]0;title\x07stray"


def _truncate(frame: Path) -> None:
    frame.write_bytes(frame.read_bytes()[:-10])


def _exchange(frame: Path) -> None:
    frame.write_bytes(frame.read_bytes().replace(b"Beijing", b"Nanjing"))


def _inject(frame: Path) -> None:
    frame.write_bytes(frame.read_bytes() + _STRAY.encode())


def _open_to_others(frame: Path) -> None:
    frame.chmod(0o644)


def _link(frame: Path) -> None:
    frame.rename(frame.with_name("elsewhere"))
    frame.symlink_to("elsewhere")


def _pipe(frame: Path) -> None:
    frame.unlink()
    os.mkfifo(frame, 0o600)


def _folder(frame: Path) -> None:
    frame.unlink()
    frame.mkdir()


def _empty(frame: Path) -> None:
    frame.write_bytes(b"")


def _binary(frame: Path) -> None:
    frame.write_bytes(bytes(range(256)) * 20)


def _large(frame: Path) -> None:
    frame.write_bytes(frame.read_bytes() + b" " * remembered.MOST_BYTES)


def _foreign(frame: Path) -> None:
    if os.geteuid():
        pytest.skip("only root can give files away")
    os.chown(frame, 12345, 12345)


_FAULTS: tuple[Callable[[Path], None], ...] = (
    _truncate,
    _exchange,
    _inject,
    _open_to_others,
    _link,
    _pipe,
    _folder,
    _empty,
)
_FAULTS += (_binary, _large, _foreign)


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have frames kept and found in this process, without showing them."""
    monkeypatch.setattr(remembered, "_has_terminal", lambda: True)
    monkeypatch.setattr(os, "get_terminal_size", lambda fd=0: os.terminal_size((120, 40)))
    remembered._program_states.cache_clear()
    remembered._settings.cache_clear()


def kept(text: str) -> None:
    frame = RememberedFrame([])
    frame.comes_from()
    frame.keep(text)


@pytest.mark.usefixtures("at_a_terminal")
@pytest.mark.parametrize("fault", _FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_a_file_that_is_wrong_is_not_shown(cache: Path, fault: Callable[[Path], None]) -> None:
    kept("\x1b[mBeijing 北京")
    assert RememberedFrame([]).text == "\x1b[mBeijing 北京"
    fault(only(cache))
    assert RememberedFrame([]).text == ""
    kept("Beijing")  # does not fail
    assert RememberedFrame([]).text in ("Beijing", "")


def test_nothing_of_a_file_that_is_wrong_reaches_the_terminal(cache: Path) -> None:
    visit()
    _inject(only(cache))
    _, written = visit()
    assert not was_remembered(written)
    assert b"stray" not in written and b"title" not in written
    assert was_remembered(visit()[1]), "the next frame was not kept"


@pytest.mark.usefixtures("at_a_terminal")
@pytest.mark.parametrize(
    "text", ["\x1b]0;title\x07", "\x1b[5n", "\x1b[?1h", "\x1bc", "\x07", "\x9b2J", "\x00", "\x1b[2"]
)
def test_what_steers_a_terminal_is_neither_kept_nor_shown(
    cache: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"a{text}b"
    kept(text)
    assert not cache.exists()
    with monkeypatch.context() as patch:
        patch.setattr(remembered, "is_harmless", lambda text: True)
        kept(text)  # with the right seal
        assert RememberedFrame([]).text == (text if "\0" not in text else "")
    assert cache.exists()
    assert RememberedFrame([]).text == ""


@pytest.mark.usefixtures("at_a_terminal")
def test_files_that_were_just_written_may_change_unseen(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept("before")  # the program's own files are looked at once
    file = tmp_path / "cities.csv"
    file.touch()
    for steady, expected in ((10**18, "before"), (0, "Beijing")):
        monkeypatch.setattr(remembered, "_STEADY", steady)
        frame = RememberedFrame([])
        frame.comes_from(str(file))
        frame.keep("Beijing")
        assert RememberedFrame([]).text == expected


@pytest.mark.usefixtures("at_a_terminal")
def test_few_frames_are_kept(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in range(MOST_FRAMES + 5):
        size = os.terminal_size((width, 40))
        monkeypatch.setattr(os, "get_terminal_size", lambda fd=0, size=size: size)
        kept(f"{width} wide")
    assert len([*cache.iterdir()]) == MOST_FRAMES
    assert RememberedFrame([]).text == f"{width} wide"


@pytest.mark.usefixtures("at_a_terminal")
def test_a_cache_that_cannot_be_written_does_not_matter(cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("a file, not a folder")
    kept("Beijing")
    assert RememberedFrame([]).text == ""
