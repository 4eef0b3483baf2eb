"""What the app sends to a terminal: the same screens as Textual sends, in far fewer bytes."""

from __future__ import annotations

import asyncio
import codecs
import fcntl
import os
import signal
import struct
import sys
import termios
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Any

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Region, Size
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip
from textual.widget import Widget

from bench.terminal import Terminal, clean_environment
from citytech_data.opening import read_opening
from citytech_tui.app import CityTechApp
from citytech_tui.serve.keyboard import Keyboard
from citytech_tui.wire import WiredApp
from tests.tui.emulator import Cell, Emulator
from tests.tui.helpers import make_app
from tests.tui.loop import idle
from tests.tui.terminal import LIMIT

WIDTH, HEIGHT = 120, 40
DOWN, PAGE_DOWN, PAGE_UP, ESCAPE = b"\x1b[B", b"\x1b[6~", b"\x1b[5~", b"\x1b[27u"
SORT_BY_CITY = b"\x1b[<0;12;3M\x1b[<0;12;3m"
_DRAWS_DIFFERENCES = vars(WiredApp)["_draws_differences"]  # the tests run as if at a terminal
_RUN = "import sys; from citytech_tui.__main__ import main; sys.exit(main())"
_PLAIN = f"from citytech_tui.wire import WiredApp as W; del W._display, W._register; {_RUN}"


# --- The app itself in a pseudo-terminal -------------------------------------------------


class Watched:
    """The app in a pseudo-terminal, and what a person would see there."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.emulator = Emulator(WIDTH, HEIGHT)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._taken = 0

    def settle(self) -> None:
        """Wait until the app is at rest."""
        self.terminal.settle(timeout=LIMIT)

    def press(self, keys: bytes) -> None:
        """Press keys and wait for the answer."""
        self.send(keys)
        self.settle()

    def send(self, keys: bytes) -> None:
        """Send keys without reading the answer."""
        os.write(self.terminal._master, keys)

    def resize(self, width: int, height: int) -> None:
        """Change the size of the terminal, whose content then is lost."""
        self.screen()
        size = struct.pack("HHHH", height, width, 0, 0)
        fcntl.ioctl(self.terminal._master, termios.TIOCSWINSZ, size)
        self.emulator.resize(width, height)

    def screen(self) -> list[list[Cell]]:
        """Return the cells of the screen as they look."""
        self.terminal.drain()
        data = bytes(self.terminal.output[self._taken :])
        self._taken += len(data)
        self.emulator.feed(self._decoder.decode(data))
        return self.emulator.seen()

    def text(self) -> str:
        self.screen()
        return self.emulator.text()


@contextmanager
def watched(code: str = _RUN, **env: str) -> Iterator[Watched]:
    environment = clean_environment(**env)
    with Terminal([sys.executable, "-c", code], environment) as terminal:
        terminal.wait_for("Beijing", LIMIT)
        app = Watched(terminal)
        app.settle()
        wait_until(lambda: "51 cities" in app.text())
        yield app


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.05)


def same_screens(first: Watched, second: Watched, after: object) -> None:
    deadline = time.monotonic() + LIMIT
    while first.screen() != second.screen():
        if time.monotonic() > deadline:
            lines = zip(first.screen(), second.screen(), strict=True)
            y = next(y for y, (one, other) in enumerate(lines) if one != other)
            row, other = first.screen()[y], second.screen()[y]
            cells = [(x, *each) for x, each in enumerate(zip(row, other, strict=True))]
            x, one, two = next(each for each in cells if each[1] != each[2])
            pytest.fail(
                f"after {after!r} cell {x} of line {y} differs: {one}, {two}\n"
                f"{first.text()}\n{second.text()}"
            )
        time.sleep(0.05)


WALK = (
    *(DOWN, b"j", b"k", PAGE_DOWN, PAGE_UP, b"G", b"g"),
    *(b"1", DOWN, b"L", b"d", b" ", b"3", b"4", b"2", b"5", DOWN, b"n", b"b"),
    *(SORT_BY_CITY, SORT_BY_CITY, b"s", DOWN, b"\r", b" ", b" ", b"x", ESCAPE),
    *(b"/", b"h", b"a", b"n", b"\r", ESCAPE, b"i", DOWN, ESCAPE, b"?", PAGE_DOWN, ESCAPE, b"p"),
    *(b"\x10", b"s", ESCAPE, b"\x0c", DOWN),
)
SIZES = ((100, 30), (80, 24), (70, 20), (120, 40))


COLOURS = {
    "truecolor": {},
    "256": {"COLORTERM": ""},
    "16": {"COLORTERM": "", "TERM": "xterm"},
    "screen": {"COLORTERM": "", "TERM": "screen-256color"},
    "none": {"NO_COLOR": "1"},
}


# In processes of their own, as Textual keeps the colours of the first app for all.
@pytest.mark.pty
@pytest.mark.slow
@pytest.mark.parametrize("colours", COLOURS)
def test_the_screen_is_the_same_in_all_colours(colours: str) -> None:
    with ExitStack() as stack:
        ours = stack.enter_context(watched(**COLOURS[colours]))
        plain = stack.enter_context(watched(_PLAIN, **COLOURS[colours]))
        same_screens(ours, plain, "the start")
        for key in WALK[::5]:
            for app in (ours, plain):
                app.send(key)
                app.settle()
            same_screens(ours, plain, key)
        for size in SIZES[::2]:
            for app in (ours, plain):
                app.resize(*size)
                app.settle()
            same_screens(ours, plain, size)
        assert len(ours.terminal.output) < len(plain.terminal.output) / 4


@pytest.mark.pty
def test_a_terminal_that_stops_reading_gets_all_keys_and_the_last_frame() -> None:
    opening = read_opening("published")
    assert opening is not None
    rows = 40
    last = opening.ranking("total").row(rows)["city"]
    with watched() as app:
        before = len(app.terminal.output)
        for _ in range(rows):  # each time the whole screen anew, and a row down
            app.send(b"\x0cj")
            time.sleep(0.03)  # typed one by one, not pasted
        # Were a key lost, the panel would show another city.
        wait_until(lambda: last in app.text().splitlines()[2])
        app.settle()
        assert len(app.terminal.output) - before < rows * 4_000 / 2, "no frame was dropped"
        settled = app.screen()
        app.emulator.feed("\x1b[2J")
        app.send(b"\x0c")
        wait_until(lambda: app.screen() == settled)


@pytest.mark.pty
def test_what_others_wrote_is_gone_after_ctrl_l() -> None:
    with watched() as app:
        before = app.screen()
        app.emulator.feed("\x1b[20;5Hstray\x1b[2;2H杭州\x1b[31mx")
        app.emulator.pen = Cell()
        app.press(DOWN)
        assert "stray" in app.text()
        app.press(b"k")
        app.press(b"\x0c")
        assert app.screen() == before


@pytest.mark.pty
def test_after_a_suspension_the_screen_is_whole() -> None:
    with watched() as app:
        before = app.screen()
        os.kill(app.terminal.pid, signal.SIGTSTP)
        os.waitpid(app.terminal.pid, os.WUNTRACED)
        app.emulator.feed("\x1b[m\x1b[2J$ ls\r\nfiles")
        os.kill(app.terminal.pid, signal.SIGCONT)
        wait_until(lambda: app.screen() == before)
        app.press(DOWN)
        app.press(b"k")
        assert app.screen() == before


# --- Apps of any kind, in this process ---------------------------------------------------


class Recorder(HeadlessDriver):
    """A driver that keeps what is written."""

    is_headless = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.writes: list[str] = []
        self.is_behind = False
        self.resets_pen = False

    def write(self, data: str) -> None:
        self.writes.append(data)

    async def type(self, keys: bytes) -> int:
        """Press keys; return how many bytes the answer has."""
        before = len(self.writes)
        Keyboard("utf-8", self.process_message).feed(keys)
        await idle()
        return size_of(self.writes[before:])

    async def resize(self, size: Size) -> None:
        """Change the size of the terminal."""
        self.process_message(events.Resize(size, size))
        await idle()


def size_of(writes: list[str]) -> int:
    return len("".join(writes).encode())


class Lines(Widget):
    """Lines of text in one style, of which one at a time can be repainted."""

    def __init__(self, *lines: str, style: Style | None = None) -> None:
        super().__init__()
        self.lines = list(lines)
        self.style = style

    def render_line(self, y: int) -> Strip:
        text = self.lines[y] if y < len(self.lines) else ""
        return Strip([Segment(text, self.style)]).adjust_cell_length(self.size.width)

    def change(self, y: int, text: str) -> None:
        self.lines[y] = text
        self.refresh(Region(0, y, self.size.width, 1))


class Small(WiredApp[None]):
    """An app of a few lines."""

    CSS = "Lines { height: 1fr; }"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, *lines: str, style: Style | None = None) -> None:
        super().__init__(driver_class=Recorder)
        self.lines = Lines(*lines, style=style)

    def compose(self) -> ComposeResult:
        yield self.lines

    @property
    def writes(self) -> list[str]:
        assert isinstance(self._driver, Recorder)
        return self._driver.writes

    def shown(self) -> str:
        emulator = Emulator(*self.size)
        emulator.feed("".join(self.writes))
        return emulator.text().strip()


@asynccontextmanager
async def shown(app: App[Any], size: tuple[int, int] = (40, 6)) -> AsyncIterator[Recorder]:
    task = asyncio.create_task(app.run_async(size=size))
    try:
        async with asyncio.timeout(LIMIT):
            while not (isinstance(app._driver, Recorder) and app._driver.writes):
                await idle()
        yield app._driver
    finally:
        app.exit()
        await task


@asynccontextmanager
async def whole() -> AsyncIterator[Recorder]:
    """Run CityTech until its dataset is read and all of it is shown."""
    app = make_app()
    app.driver_class = Recorder
    async with shown(app, (WIDTH, HEIGHT)) as driver:
        async with asyncio.timeout(LIMIT):
            while app.view.dataset is None:
                await idle()
            await app.workers.wait_for_complete()
            await idle()
        yield driver


async def walked() -> tuple[list[list[list[Cell]]], int]:
    """Walk; return the screen after each key and each size, and how many bytes they took."""
    async with whole() as driver:
        emulator, screens, taken = Emulator(WIDTH, HEIGHT), [], 0

        def look() -> None:
            nonlocal taken
            emulator.feed("".join(driver.writes[taken:]))
            taken = len(driver.writes)
            screens.append(emulator.seen())

        look()
        for key in WALK:
            await driver.type(key)
            look()
        for size in SIZES:
            emulator.resize(*size)
            await driver.resize(Size(*size))
            look()
        return screens, size_of(driver.writes)


async def test_the_screen_is_the_same_after_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    ours, few = await walked()
    monkeypatch.delattr(WiredApp, "_display")
    monkeypatch.delattr(WiredApp, "_register")
    plain, many = await walked()
    for after, one, other in zip(("the start", *WALK, *SIZES), ours, plain, strict=True):
        for y, (line, line_of_other) in enumerate(zip(one, other, strict=True)):
            assert line == line_of_other, f"line {y} after {after!r}"
    assert few < many / 4


async def test_few_bytes_are_written(
    record_property: Callable[[str, object], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    async with whole() as driver:
        written = {"first screen": size_of(driver.writes)}
        for name, key in {
            "cursor": DOWN,
            "page": PAGE_DOWN,
            "page back": PAGE_UP,
            "sort": SORT_BY_CITY,
            "sort again": SORT_BY_CITY,
            "to Density": b"3",
            "to Trend": b"1",
            "to City Detail": b"5",
            "to Total": b"2",
            "help": b"?",
            "help closed": ESCAPE,
            "all anew": b"\x0c",
        }.items():
            written[name] = await driver.type(key)
            assert written[name] > 0, name
        written["20 pointer moves"] = 0
        for step in range(20):
            move = b"\x1b[<35;%d;%dM" % (10 + 2 * step, 5 + step)
            written["20 pointer moves"] += await driver.type(move)
        await driver.resize(Size(80, 40))
        await driver.type(DOWN)
        written["cursor, no panel"] = await driver.type(DOWN)
    for name, count in written.items():
        record_property(name, count)
    limits = {"first screen": 12_000, "cursor": 900, "cursor, no panel": 300}
    limits |= {"20 pointer moves": 1_000}
    limits |= {"page": 5_000, "page back": 5_000, "sort": 5_000, "sort again": 5_000}
    too_many = {name: n for name, n in written.items() if n > limits.get(name, 7_000)}
    assert not too_many, written


async def test_a_screen_that_opens_slowly_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with whole() as driver:
        at_once = await driver.type(b"?")
        await driver.type(ESCAPE)
        action_help = CityTechApp.action_help

        def slow(app: CityTechApp) -> None:
            action_help(app)
            time.sleep(0.2)  # as an import on a slow machine

        monkeypatch.setattr(CityTechApp, "action_help", slow)
        assert await driver.type(b"?") == at_once


async def test_a_dialog_draws_what_is_behind_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[object] = []
    render = BackgroundScreen.__rich_console__

    def counted(self: BackgroundScreen, *rest: Any) -> Any:
        drawn.append(self)
        return render(self, *rest)

    async with whole() as driver:
        monkeypatch.setattr(BackgroundScreen, "__rich_console__", counted)
        await driver.type(b"s")
        assert len(drawn) == 1
        await driver.type(DOWN)
        assert len(drawn) == 1


async def test_changes_of_one_turn_are_one_write() -> None:
    app = Small("one", "two", "three")
    async with shown(app) as driver:
        driver.writes.clear()
        app.lines.change(0, "1")
        await asyncio.sleep(0)
        app.lines.change(2, "杭州")
        app.lines.call_later(app.lines.change, 1, "2")
        await idle()
        assert len(driver.writes) == 1
        assert "杭州" in driver.writes[0]


async def test_nothing_is_written_where_nothing_changes() -> None:
    app = Small("one", "two")
    async with shown(app) as driver:
        driver.writes.clear()
        app.lines.refresh()
        app.screen.refresh(layout=True)
        await idle()
        assert driver.writes == []


async def test_frames_are_dropped_while_the_terminal_is_behind() -> None:
    app = Small("one", "two")
    async with shown(app) as driver:
        driver.is_behind = True
        before = len(driver.writes)
        for number in range(5):
            app.lines.change(0, f"frame {number}")
            await idle()
        app.bell()
        assert driver.writes[before:] == ["\a"]
        driver.is_behind = False
        async with asyncio.timeout(LIMIT):
            while len(driver.writes) < before + 2:
                await idle()
        assert len(driver.writes) == before + 2
        assert "4" in driver.writes[-1]
        assert app.shown() == "frame 4\ntwo"


async def test_controls_of_others_pass_unharmed() -> None:
    app = Small("one", "two")
    async with shown(app) as driver:
        driver.writes.clear()
        app.copy_to_clipboard("杭州")
        app.bell()
        app._set_pointer_shape("text")
        assert driver.writes == ["\x1b]52;c;5p2t5bee\a", "\a", "\x1b]22;text\a"]


@pytest.mark.parametrize("pixels", [None, Size(400, 120)])
async def test_a_change_of_size_there_and_back_repaints(pixels: Size | None) -> None:
    app = Small("one", "two")
    async with shown(app) as driver:
        driver.writes.clear()
        app.post_message(events.Resize(app.size, app.size, None, pixels))
        await idle()
        repainted = ["one" in text and "two" in text for text in driver.writes]
        assert repainted == ([True] if pixels is None else [])
        app.action_repaint()
        await idle()
        assert "one" in driver.writes[-1]


@pytest.mark.parametrize("resets", [True, False])
async def test_colours_are_taken_back_unless_the_driver_does_it(resets: bool) -> None:
    app = Small("one", style=Style.parse("red on blue"))
    async with shown(app) as driver:
        driver.resets_pen = resets
        app.lines.change(0, "two")
        await idle()
        assert driver.writes[-1].endswith("\x1b[m") is not resets


async def test_synchronized_output_is_used_where_there_is_some() -> None:
    app = Small("one")
    async with shown(app) as driver:
        app._sync_available = True
        app.lines.change(0, "two")
        await idle()
        assert driver.writes[-1].startswith("\x1b[?2026h")
        assert driver.writes[-1].endswith("\x1b[?2026l")


async def test_apps_side_by_side_have_their_own_colours() -> None:
    style = Style.parse("#204060 on #f0e0d0")
    apps = {system: Small("one", style=style) for system in ColorSystem}
    sent = {}
    for system, app in apps.items():
        app.console._color_system = system
        async with shown(app):
            sent[system] = "".join(app.writes)
    assert "38;2;32;64;96" in sent[ColorSystem.TRUECOLOR]
    assert "38;5;" in sent[ColorSystem.EIGHT_BIT]
    assert "38;" not in sent[ColorSystem.STANDARD]


async def test_text_cannot_steer_the_terminal() -> None:
    app = Small("a\x1b]0;title\x07b\x9b2Jc\u202ed\tz")
    async with shown(app):
        assert app.shown() == "a]0;titleb2Jcdz"


async def test_without_a_terminal_textual_does_it_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WiredApp, "_draws_differences", _DRAWS_DIFFERENCES)
    app = Small("one")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app._wire.size is None
        assert isinstance(app, App)
