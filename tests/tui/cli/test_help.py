"""Help, version and completion."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import get_args

import pytest

from citytech_data.vocabulary import MEASURES
from citytech_tui import verbs
from tests.helpers import city, make_dataset
from tests.tui.cli.program import (
    Result,
    Run,
)

VERBS = ("rank", "city", "trend", "datasets", "validate")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_verbs_and_options(run: Run, flag: str) -> None:
    result = run(flag)
    assert result.status == 0
    for word in (*VERBS, "--dataset", "--tab", "--city", "--year", "--technology", "--filter"):
        assert re.search(rf"^  {word}\b", result.out, re.MULTILINE)
    assert "--version" in result.out
    assert "--install-completion" in result.out


_SLICE = ("--dataset", "--year", "--technology", "--scope", "--population", "--printed")


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        (
            "rank",
            [*_SLICE, "--filter", "--top", "--format"],
        ),
        ("city", [*_SLICE, "--format"]),
        ("trend", ["--dataset", "--format"]),
        ("datasets", []),
        ("validate", []),
    ],
)
def test_each_verb_has_exactly_its_options(run: Run, verb: str, options: list[str]) -> None:
    found = re.findall(r"^  (--[a-z]+)", run(verb, "--help").out, re.MULTILINE)
    assert found == options


def test_version(run: Run) -> None:
    assert run("--version") == Result(0, f"citytech-tui {version('citytech-tui')}\n", "")


def test_the_measures_are_those_of_the_core() -> None:
    assert get_args(verbs.Measure) == MEASURES


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("citytech-tui ra", ["rank"]),
        ("citytech-tui rank d", ["density"]),
        ("citytech-tui rank total --format m", ["markdown"]),
        ("citytech-tui rank total --dataset c", ["china-inventions-2016"]),
        ("citytech-tui rank total --year 2", ["2021"]),
        ("citytech-tui rank total --technology a", ["all"]),
        ("citytech-tui --tab t", ["trend", "total"]),
        ("citytech-tui --scope gdp1", ["gdp10", "gdp100"]),
        ("citytech-tui rank total --scope province:gu", ["province:guangdong", "province:guangxi"]),
        ("citytech-tui --population p", ["population"]),
        ("citytech-tui --city Shang", ["Shanghai"]),
        ("citytech-tui city shang", ["shanghai"]),
        ("citytech-tui city xi", ["xian", "xiamen", "xiangyang"]),
        ("citytech-tui city taiz", ["taizhou-Jiangsu", "taizhou-Zhejiang"]),
        ("citytech-tui city 杭", ["杭州"]),
        ("citytech-tui city 3101", []),
        ("citytech-tui city 3100", ["310000"]),
        ("citytech-tui city --dataset china-inventions-2016 su", []),
        ("citytech-tui city --dataset /nowhere sh", []),
    ],
)
def test_completion(complete: Callable[[str], list[str]], line: str, offered: list[str]) -> None:
    assert sorted(complete(line)) == sorted(offered)


def test_what_completion_offers_is_found(complete: Callable[[str], list[str]], run: Run) -> None:
    for name in (complete("citytech-tui city taiz")[0], "xian"):
        assert run("city", name, "--format", "json").status == 0


def test_completion_of_a_hostile_dataset_holds_nothing_a_shell_obeys(
    complete: Callable[[str], list[str]], tmp_path: Path
) -> None:
    folder = make_dataset(tmp_path, cities=[city("a", "Evil$(reboot)`x`';|&")])
    assert complete(f"citytech-tui city --dataset {folder} ev") == ["evil-reboot-x"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(run: Run, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    monkeypatch.setenv("_CITYTECH_TUI_COMPLETE", f"source_{shell}")
    result = run()
    assert result.status == 0
    assert "_CITYTECH_TUI_COMPLETE" in result.out
