"""A kiosk writes no files, starts no programs and reads nothing but the dataset."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.serve.guests import serving, visiting
from tests.tui.serve.kiosk_probe import PARTS
from tests.tui.terminal import PROGRAM, Terminal

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_nothing_that_can_be_pressed_or_run_leaves_the_kiosk(part: str) -> None:
    probe = subprocess.run(
        [sys.executable, "-m", "tests.tui.serve.kiosk_probe", part],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert probe.returncode == 0, probe.stderr[-3000:]
    found = json.loads(probe.stdout)
    assert found["done"] == []
    assert found["tried"] > 450


async def test_an_export_is_shown_and_copied(tmp_path: Path) -> None:
    async with serving(tmp_path) as service, visiting(service) as guest:
        await guest.press("e", "1,110000,Beijing,北京")
        await guest.wait_for("published-total-2021: sent to your terminal's clipboard.")
        copied = [each for each in guest.screen.others if each.startswith("52;c;")]
        assert len(copied) == 1
        await guest.press("\x1b[27u", "Tangshan")


async def test_what_is_too_long_to_copy_is_not_said_to_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citytech_tui.sharing._LONGEST_COPY", 100)
    async with serving(tmp_path) as service, visiting(service) as guest:
        await guest.press("e", "a filter makes it shorter")


@pytest.mark.parametrize("tab", ["1", "5"])
async def test_other_exports_are_shown_too(tmp_path: Path, tab: str) -> None:
    async with serving(tmp_path) as service, visiting(service) as guest:
        guest.send(tab)
        await guest.wait_for("Known" if tab == "1" else "Around it by total")
        await guest.press("e", ".csv")


@pytest.mark.pty
def test_the_kiosk_of_a_process_of_its_own(surroundings: Path) -> None:
    home = surroundings.parent / "home"
    env = {"TEXTUAL_LOG": str(home / "log"), "TEXTUAL_SCREENSHOT": "1", "TEXTUAL_DRIVER": "no:no"}
    with Terminal((*PROGRAM, "--kiosk"), env=env) as terminal:
        terminal.wait_for("Tangshan")
        terminal.press("C", "nord")
        terminal.send("\r")
        terminal.until(lambda: "nord" not in terminal.text)
        terminal.press("5", "Around it by total")  # the dataset is read
        terminal.press("e", ".csv")
        terminal.send("\x1b[27u")
        terminal.until(lambda: ".csv" not in terminal.text)
        terminal.send("q")
        assert terminal.finish() == 0
    assert not [path for path in surroundings.parent.rglob("*") if path.is_file()]
