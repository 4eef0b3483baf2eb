"""What starts the app, and with which options."""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext
from itertools import chain
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from typer.main import get_command

from citytech_data.errors import CityTechError
from citytech_tui import cli, launch
from citytech_tui.launch import FLAGS, TABS, LaunchOptions, plain_options
from tests.tui.cli.program import (
    INVENTIONS,
    Result,
    Run,
    one_line_error,
)

FLAGS_ALONE = ("--printed", "--no-config", "--kiosk")
VALUED = [flag for flag in FLAGS.values() if flag not in FLAGS_ALONE]


def test_no_arguments_launch_the_app(run: Run, launched: list[LaunchOptions]) -> None:
    assert run().status == 7
    assert launched == [LaunchOptions()]


def test_options_reach_the_app(run: Run, launched: list[LaunchOptions]) -> None:
    result = run(
        *("--dataset", "d", "--tab", "density", "--city", "杭州", "--year", "2016"),
        *("--technology", "ai", "--filter", "zhe jiang", "--scope", "gdp5"),
        *("--population", "registered", "--printed"),
    )
    assert result.status == 7
    given = ("d", "density", "杭州", 2016, "ai", "zhe jiang", "gdp5", "registered", True)
    assert launched == [LaunchOptions(*given)]


_VALUES = st.sampled_from(["2021", "٣", "2_0", "-1", "-", "--", "", "x", "x y", "rank", "--tab=x"])
_FLAGS = st.sampled_from([*FLAGS.values()])


@given(st.lists(st.tuples(_FLAGS) | st.tuples(_VALUES) | st.tuples(_FLAGS, _VALUES), max_size=5))
@example([*((flag, "2021") for flag in VALUED), FLAGS_ALONE])
def test_options_are_read_without_typer_as_typer_reads_them(given: list[tuple[str, ...]]) -> None:
    arguments = [*chain.from_iterable(given)]
    plain = plain_options(arguments)
    if plain is not None:
        asked: list[LaunchOptions] = []
        with (
            patch.object(cli, "launch", lambda options, frame: asked.append(options)),
            patch.object(cli, "addressing", nullcontext),  # in any language
        ):
            cli.run(arguments, "citytech-tui")
        assert asked == [plain]


def test_each_option_of_the_app_can_be_read_without_typer() -> None:
    command: Any = get_command(cli.app)
    options = {
        flag: not each.is_flag
        for each in command.params
        for flag in each.opts
        if not each.is_eager and each.expose_value
    }
    assert options == {flag: flag in VALUED for flag in FLAGS.values()}
    for flag, has_value in options.items():
        assert plain_options([flag, "2021"] if has_value else [flag]) not in (None, LaunchOptions())


def test_launching_imports_neither_typer_nor_polars() -> None:
    code = (
        "import sys; from citytech_tui import launch; launch.launch = lambda *_: 7\n"
        "from citytech_tui.__main__ import main; sys.argv = ['', '--tab', 'total', '--kiosk']\n"
        "assert main() == 7\n"
        "print({'typer', 'polars', 'rich', 'textual', '_ssl', '_hashlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "set()"


def test_an_error_before_the_app_starts_is_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(options: LaunchOptions, frame: object) -> int:
        raise CityTechError("broken\x1b[31m data")

    monkeypatch.setattr(launch, "launch", fail)
    assert "broken" in one_line_error(run())


def test_ctrl_c_is_quiet(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(options: LaunchOptions, frame: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(launch, "launch", interrupt)
    assert run() == Result(130, "", "")


def test_launch_options_before_a_verb_are_not_dropped_silently(run: Run) -> None:
    error = one_line_error(run(*INVENTIONS, "rank", "total"))
    assert "citytech-tui rank --help" in error


def test_an_unknown_tab_names_the_tabs(run: Run) -> None:
    assert ", ".join(TABS) in one_line_error(run("--tab", "nowhere"))
