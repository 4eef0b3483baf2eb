"""Where the output goes: pipes, full disks, other encodings, terminals."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.tui.cli.program import (
    PROGRAM,
    in_terminal,
    process,
    unstyled,
)


def test_a_pipe_is_plain_even_if_colour_is_forced() -> None:
    done = process("rank", "total", FORCE_COLOR="1", COLUMNS="20")
    assert done.returncode == 0
    assert done.stderr == b""
    assert b"\x1b" not in done.stdout
    assert "…" not in done.stdout.decode()
    assert done.stdout.decode().splitlines()[1].split()[1:3] == ["City", "Province"]


def test_a_reader_that_leaves_is_no_error() -> None:
    child = subprocess.Popen(
        [*PROGRAM, "rank", "total"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*PROGRAM, "--version"], stdout=full, stderr=-1, check=False)
    assert done.returncode == 2
    assert done.stderr == b"citytech-tui: error: No space left on device\n"


@pytest.mark.parametrize("form", ["table", "json"])
def test_an_encoding_without_chinese(form: str) -> None:
    done = process("rank", "total", "--top", "1", "--format", form, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stderr == b""
    if form == "json":
        assert json.loads(done.stdout)[0]["city_zh"] == "北京"
    else:
        assert b"Beijing ??" in done.stdout


@pytest.mark.pty
def test_a_terminal_gets_bold_headings_and_whole_urls() -> None:
    text = in_terminal(80, "rank", "total", "--top", "3")
    assert "\x1b[1m" in text
    assert re.search(r"^https://flycatcoo\.com/\S+-strength/$", text, re.MULTILINE)


@pytest.mark.pty
def test_no_color_is_honoured() -> None:
    text = in_terminal(80, "trend", NO_COLOR="1")
    assert set(re.findall(r"\x1b\[([0-9;]*)m", text)) <= {"0", "1"}
    assert max(cell_len(line) for line in unstyled(text).splitlines() if "http" not in line) <= 80


@pytest.mark.pty
def test_a_narrow_terminal_tells_what_it_leaves_out() -> None:
    text = unstyled(in_terminal(40, "rank", "total", "--top", "2", "--printed"))
    assert "1  Beijing 北京       ≥ 10,000  bounded" in text
    assert "A wider terminal also shows Province, GDP #, Δ GDP." in text
