"""How the program ends when nobody presses `q`: signals, and terminals that vanish."""

from __future__ import annotations

import os
import signal
import sys
import termios
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from citytech_tui.crash import GONE
from tests.tui.terminal import PROGRAM, Terminal
from tests.tui.test_terminal import restored

pytestmark = pytest.mark.pty

# What is done before the program is started: as nohup does, and as without a session of its own.
_IGNORED = "signal.signal(signal.SIGHUP, signal.SIG_IGN)"
_DETACHED = f"{_IGNORED}; fcntl.ioctl(0, termios.TIOCNOTTY)"
_WAYS = {
    "as usual": "pass",
    "SIGHUP ignored": _IGNORED,
    "no controlling terminal": f"{_DETACHED}; signal.signal(signal.SIGHUP, signal.SIG_DFL)",
    "both": _DETACHED,
}
_START = "import fcntl, os, signal, sys, termios; {}; os.execv(sys.executable, {!r})"
# The event loop does nothing else for a minute once Trend is opened.
_BUSY = """
import sys, time
from pathlib import Path
from citytech_tui.panes.trend import TrendPane
def wait(self):
    Path("busy").touch()
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pass
TrendPane.show = wait
from citytech_tui.__main__ import main
sys.argv = ["citytech-tui"]
sys.exit(main())
"""


def started(way: str, env: Mapping[str, str] | None = None) -> Terminal:
    return Terminal((sys.executable, "-c", _START.format(_WAYS[way], [*PROGRAM])), env=env)


def settings_are_back(terminal: Terminal) -> bool:
    return termios.tcgetattr(terminal.theirs)[:6] == terminal.settings[:6]


def status_after_hanging_up(terminal: Terminal) -> int:
    """Close the terminal's side and wait for the end of the program."""
    os.close(terminal.fd)
    terminal.fd = os.open(os.devnull, os.O_RDONLY)
    return terminal.finish()


def has_taken_over(terminal: Terminal) -> bool:
    return b"\x1b[?1049h" in terminal.written


@pytest.mark.parametrize("way", _WAYS)
def test_a_vanished_terminal_ends_it(way: str) -> None:
    with started(way) as terminal:
        terminal.wait_for("51 cities")
        assert status_after_hanging_up(terminal) == GONE


@pytest.mark.parametrize("way", ["as usual", "both"])
def test_a_terminal_that_vanishes_during_the_start_ends_it(way: str) -> None:
    for _ in range(2):  # the second time with a remembered frame
        with started(way) as terminal:
            terminal.until(partial(has_taken_over, terminal))
            # Before the app runs, the signal itself ends it, or it finds no terminal.
            assert status_after_hanging_up(terminal) in (GONE, -signal.SIGHUP, 2)


def test_it_can_be_left_before_it_has_started() -> None:
    for _ in range(3):
        with Terminal() as terminal:
            terminal.send("q")
            assert terminal.finish() == 0
            restored(terminal)


@pytest.mark.parametrize("way", ["as usual", "both"])
def test_a_terminal_that_stops_reading_and_vanishes_ends_it(way: str) -> None:
    with started(way) as terminal:
        terminal.wait_for("51 cities")
        stop_reading(terminal)
        assert status_after_hanging_up(terminal) == GONE


def stop_reading(terminal: Terminal) -> None:
    """Have the program draw more than the terminal takes."""
    for _ in range(20):
        terminal.send("\x0c")
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["TERM", "HUP"]
)
@pytest.mark.parametrize("way", ["as usual", "both"])
def test_a_signal_ends_it_though_the_terminal_stops_reading(
    way: str, number: signal.Signals, status: int
) -> None:
    with started(way) as terminal:
        terminal.wait_for("51 cities")
        stop_reading(terminal)
        os.kill(terminal.pid, number)
        terminal.status = os.waitstatus_to_exitcode(os.waitpid(terminal.pid, 0)[1])
        assert terminal.status == status
        assert settings_are_back(terminal)


def test_a_signal_ends_it_though_it_is_busy() -> None:
    with Terminal((sys.executable, "-c", _BUSY)) as terminal:
        terminal.wait_for("51 cities")
        terminal.send("1")
        terminal.until(Path("busy").exists, "the loop to be busy")
        os.kill(terminal.pid, signal.SIGTERM)
        assert terminal.finish() == 143
        assert settings_are_back(terminal)
        assert terminal.written.endswith(b"\x1b[?1049l\x1b[?25h")
