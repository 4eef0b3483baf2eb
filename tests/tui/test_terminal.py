"""The real program, from launch to quit: what it shows, how it ends, and what it leaves behind."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.helpers import make_dataset
from tests.tui.terminal import PROGRAM, Terminal

pytestmark = pytest.mark.pty

_MODES = {
    "1049": "alternate screen",
    "25": "cursor",
    "1000": "mouse",
    "1003": "mouse movement",
    "1006": "mouse format",
    "2004": "bracketed paste",
    "1004": "focus",
}
_SHIFT = 4
"""What a terminal adds to the number of a mouse button."""
# The modes as a terminal has them when it is given to a program.
_AT_REST = {mode: mode == "25" for mode in _MODES}


def restored(terminal: Terminal) -> None:
    """Assert that modes and settings are what they were before the program."""
    modes = dict(_AT_REST)
    for numbers, state in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", terminal.written):
        for number in numbers.decode().split(";"):
            if number in modes:
                modes[number] = state == b"h"
    left = [_MODES[mode] for mode, on in modes.items() if on != _AT_REST[mode]]
    assert not left, f"still changed: {left}"
    now = termios.tcgetattr(terminal.theirs)
    assert now[:6] == terminal.settings[:6]


def opened(terminal: Terminal) -> None:
    terminal.wait_for("Beijing")
    terminal.wait_for("51 cities")


def test_from_launch_to_quit() -> None:
    with Terminal() as terminal:
        opened(terminal)
        assert "Shenzhen" in terminal.text
        terminal.press("3", "Per 10,000")
        terminal.press("1", "only consecutive years are joined")
        terminal.press("5", "Around it by total")
        terminal.press("2", "Applications")
        terminal.press("/guang", "5 cities")
        terminal.press("\x1b", "51 cities")
        terminal.press("i", "How do we know this?")
        terminal.send("\x1b")
        terminal.until(lambda: "How do we know this?" not in terminal.text, "the panel to close")
        terminal.send("q")
        assert terminal.finish() == 0
        restored(terminal)


def test_keys_typed_at_once_are_taken_in_their_order() -> None:
    with Terminal() as terminal:
        opened(terminal)
        terminal.press("1", "only consecutive years are joined")
        terminal.press("3/guang", "“guang” · 5 cities")
        terminal.wait_for("Per 10,000")


def test_keys_typed_right_after_esc_are_keys_of_their_own() -> None:
    with Terminal() as terminal:
        opened(terminal)
        terminal.press("s", "Sort by")
        # closes the list, opens it anew, sorts, and filters
        terminal.press("\x1bs3/xian", "2 cities")
        assert "Applications▼" in terminal.text
        terminal.press("\x1b3", "Per 10,000")  # empties the field, goes to another tab
        terminal.wait_for("51 cities")


def test_a_click_with_shift_adds_a_column_to_sort_by() -> None:
    def click(header: str, button: int = 0) -> None:
        terminal.wait_for(header)
        lines = terminal.text.splitlines()
        y = next(y for y, line in enumerate(lines) if header in line)
        place = f"{button};{lines[y].index(header) + 1};{y + 1}"
        terminal.send(f"\x1b[<{place}M\x1b[<{place}m")

    with Terminal() as terminal:
        opened(terminal)
        click("City  ")
        terminal.wait_for("City▲")
        click("Applications", _SHIFT)
        terminal.wait_for("City▲¹")
        terminal.wait_for("Applications▼²")
        click("Applications")
        terminal.wait_for("by Applications ▲ ·")


@pytest.mark.parametrize("key", ["\x03", "\x11"], ids=["ctrl+c", "ctrl+q"])
def test_it_can_be_left_while_typing(key: str) -> None:
    with Terminal() as terminal:
        opened(terminal)
        terminal.press("/xian", "2 cities")
        terminal.send(key)
        assert terminal.finish() == 0
        restored(terminal)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["TERM", "HUP"]
)
def test_a_signal_ends_it_in_order(number: signal.Signals, status: int) -> None:
    with Terminal() as terminal:
        opened(terminal)
        os.kill(terminal.pid, number)
        assert terminal.finish() == status
        restored(terminal)


def test_a_crash_prints_one_line_and_no_values(tmp_path: Path) -> None:
    program = """
from citytech_tui.panes.trend import TrendPane
def fail(self):
    password = "hunter2"
    raise RuntimeError("it broke")
TrendPane.show = fail
import sys
from citytech_tui.__main__ import main
sys.argv = ["citytech-tui"]
sys.exit(main())
"""
    env = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    with Terminal((sys.executable, "-c", program), env=env) as terminal:
        opened(terminal)
        terminal.send("1")
        assert terminal.finish() == 1
        restored(terminal)
        _, _, after = terminal.written.rpartition(b"\x1b[?1049l")
        message = re.sub(rb"\x1b\[[0-9;?<>]*[a-zA-Z]", b"", after).decode().strip()
    assert re.fullmatch(
        r"citytech-tui: error: RuntimeError in CityTech\. The details are in \S+\.log", message
    )
    log = Path(message.rpartition(" ")[2])
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    text = log.read_text()
    assert "it broke" in text
    assert "hunter2" not in terminal.written.decode(errors="replace")
    assert text.count("hunter2") == text.count('password = "hunter2"')


def test_it_can_be_resized_at_any_moment() -> None:
    with Terminal() as terminal:
        opened(terminal)
        terminal.resize(60, 20)
        terminal.wait_for("80x24")
        assert "Beijing" not in terminal.text
        terminal.resize(80, 24)
        terminal.wait_for("Beijing")
        assert "Population" not in terminal.text
        terminal.resize(200, 60)
        terminal.wait_for("Δ Proportion")
        terminal.wait_for("Yulin (Shaanxi)")
        terminal.resize(120, 40)
        terminal.wait_for("Population")
        terminal.send("q")
        assert terminal.finish() == 0


@pytest.mark.parametrize("term", ["linux", "screen-256color", "xterm-256color"])
def test_no_color_and_few_colours(term: str) -> None:
    with Terminal(env={"TERM": term, "COLORTERM": "", "NO_COLOR": "1"}) as terminal:
        opened(terminal)
        terminal.press("j", "Shenzhen")
        colours = set(re.findall(rb"\x1b\[([0-9;]*)m", terminal.written))
        codes = {code for group in colours for code in group.split(b";")}
        assert codes <= {b"", b"0", b"1", b"2", b"4", b"7", b"22", b"24", b"27", b"39", b"49"}
        terminal.until(lambda: cursor_rows(terminal) == ["Shenzhen"], "the cursor on Shenzhen")
        terminal.send("q")
        assert terminal.finish() == 0


def cursor_rows(terminal: Terminal) -> list[str]:
    """Return the cities whose names are shown in reverse."""
    return [
        name
        for y, line in enumerate(terminal.screen.display)
        for name in ("Beijing", "Shenzhen", "Hangzhou")
        if (x := line.find(name)) in range(5, 20) and terminal.screen.buffer[y][x].reverse
    ]


def test_a_bare_environment_is_enough() -> None:
    env = {"TERM": "xterm", "LANG": "C", "PATH": os.environ["PATH"]}
    with Terminal(env=env, inherit=False) as terminal:
        terminal.wait_for("Beijing")
        terminal.send("q")
        assert terminal.finish() == 0


def test_a_broken_dataset_draws_nothing(tmp_path: Path) -> None:
    folder = make_dataset(tmp_path)
    (folder / "cities.csv").write_text("code,name_en\n")
    with Terminal((*PROGRAM, "--dataset", str(folder))) as terminal:
        assert terminal.finish() == 2
        assert b"\x1b[?1049h" not in terminal.written
        assert "cities.csv, row 1" in terminal.text


@pytest.mark.parametrize("env", [{}, {"TERM": "dumb"}], ids=["no terminal", "dumb"])
def test_what_is_no_terminal_gets_one_line(env: dict[str, str]) -> None:
    done = subprocess.run(
        PROGRAM, env=os.environ | env, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.decode().count("\n") == 1
    assert "citytech-tui rank total" in done.stderr.decode()


def test_errors_that_go_to_a_file_leave_nothing_to_draw_on(tmp_path: Path) -> None:
    file = tmp_path / "errors"
    with Terminal(("/bin/sh", "-c", f'exec "$@" 2>{file}', "sh", *PROGRAM)) as terminal:
        assert terminal.finish() == 2
        assert terminal.written == b""
    assert "citytech-tui rank total" in file.read_text()
