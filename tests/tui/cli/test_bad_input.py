"""What is wrong gets one line, and nothing in data can do harm."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.helpers import city, claim, make_dataset, observation
from tests.tui.cli.program import (
    Run,
    in_terminal,
    one_line_error,
    unstyled,
)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["city", "shangha"], "Nearest: Shanghai (310000)"),
        (["city", "taizhou"], "Taizhou (Jiangsu) (321200), Taizhou (Zhejiang) (331000)"),
        (["city", ""], "no city"),
        (["city", "no\x1b]0;x\x07\nwhere"], "no city is called"),
        (["rank", "speed"], "'total', 'density', 'proportion'"),
        (["rank"], "total, density, proportion"),
        (["rank", "total", "--format", "xml"], "'table', 'csv', 'json', 'markdown'"),
        (["rank", "total", "--year", "1999"], "no figures for 1999. It has 2021."),
        (["rank", "total", "--year", "soon"], "--year"),
        (["rank", "total", "--technology", "ai"], "It counts all."),
        (["rank", "total", "--top", "0"], "--top"),
        (["rank", "total", "--scope", "gdp0"], "'gdp0' is no scope. Write all, gdp50"),
        (["rank", "total", "--scope", "province:x\x1b[2J"], "no province is called 'x"),
        (["city", "hefei", "--scope", "gdp5"], "340100 is not among top 5 by GDP"),
        (["rank", "total", "--population", "dogs"], "It has population."),
        (["rank", "total", "--filter", "a densty>2"], "character 3: no field is called 'densty'"),
        (["--scope", "gdp"], "'gdp' is no scope"),
        (["--filter", "density>"], "density needs a number"),
        (["rank", "total", "--dataset", "nope"], "published, china-inventions-2016"),
        (["city", "shanghai", "--year", "1999"], "It has 2021."),
        (["trend", "--dataset", "no\x1b[31mpe"], "there is no such dataset"),
        (["validate", "/nowhere/at/all"], "there is no such dataset"),
        (["rnak", "total"], "'rank'"),
        (["ra\x1b[2J\nnk"], "there is no command"),
        (["--bogus"], "--bogus"),
        (["rank", "total", "--dataset"], "--dataset"),
    ],
)
def test_bad_input_gets_one_line(run: Run, arguments: list[str], told: str) -> None:
    assert told in one_line_error(run(*arguments))


def test_an_unreadable_file_is_no_traceback(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_dataset(tmp_path)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "Permission denied" in one_line_error(run("validate", str(folder)))


HOSTILE = {
    "markup": "[/] [@click=app.bell]x[/] [bold]",
    "control": "a\x1b]52;c;aGk=\x07b\x9b31mc\x00",
    "bidi": "\u202eevil\u2066",
    "breaks": "one\ntwo\r\nthree\u2028four",
    "table": "a|b`c`<script>alert(1)</script>&amp;**d**",
    "long": "N" * 10_000,
    "formula": "=1+1",
}


@pytest.fixture
def hostile(tmp_path: Path) -> str:
    cities = [
        city(f"c{index}", name, name_zh=name[:200], province_en=name[:200])
        for index, name in enumerate(HOSTILE.values())
    ]
    codes = [str(row["code"]) for row in cities]
    return str(
        make_dataset(
            tmp_path,
            cities=cities,
            observations=[
                observation(code, "apps", 10 - index, note=text[:500], unit=text[:50])
                for index, (code, text) in enumerate(zip(codes, HOSTILE.values(), strict=True))
            ],
            claims=[
                claim("k", "ranking", "density", ";".join(codes), quote=HOSTILE["control"]),
                claim("b", "bound", "proportion", "c0;c1", op=">", value=1, quote="[/]"),
            ],
            notes=[
                {"place": code, "topic": "# t", "text_en": text, "source": "s"}
                for code, text in zip(codes, HOSTILE.values(), strict=True)
            ],
        )
    )


def is_harmless(text: str) -> bool:
    return not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
def test_hostile_data_is_harmless(run: Run, hostile: str, form: str) -> None:
    for verb in ("rank", "total"), ("rank", "density"), *(("city", f"c{i}") for i in range(7)):
        result = run(*verb, "--dataset", hostile, "--format", form)
        assert result.status == 0
        assert result.err == ""
        assert is_harmless(result.out)


def test_nothing_is_cut_in_a_pipe(run: Run, hostile: str) -> None:
    assert HOSTILE["long"] in run("rank", "total", "--dataset", hostile).out
    assert HOSTILE["markup"] in run("rank", "total", "--dataset", hostile).out


def test_hostile_data_stays_in_its_markdown_cell(run: Run, hostile: str) -> None:
    lines = run("rank", "total", "--dataset", hostile, "--format", "markdown").lines
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + len(HOSTILE)
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {6}
    assert not any("<script" in line or "`c`" in line for line in table)


@pytest.mark.pty
def test_hostile_data_in_a_terminal(hostile: str) -> None:
    text = in_terminal(80, "rank", "total", "--dataset", hostile)
    assert is_harmless(unstyled(text))
    assert "[/] [@click" in text
