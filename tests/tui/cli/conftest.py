"""The program called in this process, and what it would launch or complete."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from citytech_tui import cli, launch
from citytech_tui.__main__ import main
from citytech_tui.launch import LaunchOptions
from tests.tui.cli.program import (
    Result,
    Run,
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["citytech-tui", *arguments])
        try:
            status = main()
        except SystemExit as leave:
            status = int(leave.code or 0)
        captured = capsys.readouterr()
        return Result(status, captured.out, captured.err)

    return call


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[LaunchOptions]:
    seen: list[LaunchOptions] = []

    def record(options: LaunchOptions, frame: object) -> int:
        seen.append(options)
        return 7

    monkeypatch.setattr(launch, "launch", record)
    monkeypatch.setattr(cli, "launch", record)
    return seen


@pytest.fixture
def complete(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    def call(line: str) -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv("_CITYTECH_TUI_COMPLETE", "complete_bash")
        # Typer's script for bash joins the words by line breaks.
        monkeypatch.setenv("COMP_WORDS", "\n".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        result = run()
        assert result.err == ""
        return [line for line in result.lines if line]

    return call
