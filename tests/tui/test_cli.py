from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any, get_args
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from typer.main import get_command

from citytech_data.catalogue import embedded_folder, embedded_names
from citytech_data.dataset import open_dataset
from citytech_data.errors import CityTechError
from citytech_data.ranking import RANK_COLUMNS
from citytech_data.vocabulary import MEASURES
from citytech_tui import cli, launch, verbs
from citytech_tui.__main__ import main
from citytech_tui.blocks import Column, Table
from citytech_tui.dossier import CITY_COLUMNS
from citytech_tui.launch import FLAGS, TABS, LaunchOptions, plain_options
from citytech_tui.markup import escape_markdown
from citytech_tui.output import fitted, wrapped
from citytech_tui.reports import TREND_COLUMNS
from citytech_tui.sentences import (
    claim_text,
    derivation_text,
    exact,
    exact_text,
    ordinal,
    source_text,
)
from tests.helpers import city, claim, make_dataset, observation

PROGRAM = [sys.executable, "-m", "citytech_tui"]
INVENTIONS = ("--dataset", "china-inventions-2016")
FLAGS_ALONE = ("--printed", "--no-config", "--kiosk")
VALUED = [flag for flag in FLAGS.values() if flag not in FLAGS_ALONE]
VERBS = ("rank", "city", "trend", "datasets", "validate")
ESCAPE = "\x1b"


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


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


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*PROGRAM, *arguments], capture_output=True, env=os.environ | environment, check=False
    )


def one_line_error(result: Result) -> str:
    assert result.status == 2
    assert result.out == ""
    assert result.err.startswith("citytech-tui: error: ")
    assert result.err.count("\n") == 1
    assert ESCAPE not in result.err
    return result.err


def in_terminal(width: int, *arguments: str, **environment: str) -> str:
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    clean = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    child = subprocess.Popen(
        [*PROGRAM, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        env=clean | {"TERM": "xterm-256color"} | environment,
    )
    os.close(theirs)
    output = b""
    try:
        while chunk := os.read(ours, 65536):
            output += chunk
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    assert child.wait() == 0
    return output.decode().replace("\r\n", "\n")


def unstyled(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


# --- Launching ---------------------------------------------------------------


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


# --- Help, version, completion -----------------------------------------------


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


# --- rank --------------------------------------------------------------------


def test_rank_csv_prints_the_article_in_its_order(run: Run) -> None:
    result = run("rank", "density", "--top", "10", "--format", "csv")
    assert result.status == 0
    assert result.lines[0] == (
        "rank,code,city,city_zh,province,value,lower,upper,basis,source,gdp_rank,rank_change"
    )
    assert [row["city"] for row in result.rows] == [
        *("Shenzhen", "Beijing", "Shanghai", "Hangzhou", "Nanjing"),
        *("Guangzhou", "Jinan", "Wuhan", "Hefei", "Suzhou"),
    ]
    assert [row["rank"] for row in result.rows] == [str(rank) for rank in range(1, 11)]
    values = {row["city"]: row["value"] for row in result.rows}
    assert values["Shenzhen"] == "5.86"
    assert values["Shanghai"] == "3.58"
    assert values["Hangzhou"] == ""
    assert result.lines[1] == (
        "1,440300,Shenzhen,深圳,Guangdong,5.86,5.855,5.865,printed,article-2023,3,2"
    )


def test_rank_csv_has_no_binary_noise(run: Run) -> None:
    for measure in MEASURES:
        for row in run("rank", measure, *INVENTIONS, "--format", "csv").rows:
            assert len(row["value"].replace(".", "").lstrip("0")) <= 10
            assert "e" not in row["value"]


@pytest.mark.parametrize("measure", MEASURES)
def test_rank_json_says_the_same_as_csv(run: Run, measure: str) -> None:
    rows = run("rank", measure, "--format", "csv").rows
    result = run("rank", measure, "--format", "json")
    assert len(result.json) == len(rows) == 51
    assert "北京" in result.out
    for item, row in zip(result.json, rows, strict=True):
        assert tuple(item) == RANK_COLUMNS
        assert {name: "" if item[name] is None else str(item[name]) for name in item} == row


def test_rank_json_keeps_numbers_as_numbers(run: Run) -> None:
    beijing, shenzhen = run("rank", "total", "--top", "2", "--format", "json").json
    assert (beijing["value"], beijing["lower"], beijing["upper"]) == (None, 10278.4525, 12836.43225)
    assert shenzhen["value"] == 10290.16
    assert shenzhen["code"] == "440300"
    assert shenzhen["gdp_rank"] == 3


def test_rank_within_a_scope(run: Run) -> None:
    scoped = ("rank", "total", "--scope", "province:zhejiang,guangdong")
    result = run(*scoped)
    assert result.lines[0].endswith(" · Zhejiang, Guangdong")
    assert result.lines[1].split() == [
        *("#", "#", "all", "City", "Province", "Applications", "Basis", "GDP", "#", "Δ", "GDP")
    ]
    records = json.loads(run(*scoped, "--format", "json").out)
    assert [(r["rank"], r["rank_all"], r["city"]) for r in records][:3] == [
        (1, 2, "Shenzhen"),
        (2, 3, "Hangzhou"),
        (3, 5, "Guangzhou"),
    ]
    assert [record["gdp_rank"] for record in records][:3] == [1, 3, 2]
    filtered = run(*scoped, "--filter", "rank:2..3 !zhejiang", "--format", "csv")
    assert [line.split(",")[2] for line in filtered.lines[1:]] == ["Guangzhou"]


def test_rank_table(run: Run) -> None:
    result = run("rank", "total", "--top", "4", "--printed")
    assert result.status == 0
    assert result.lines[0] == (
        "Digital-technology patent applications · published · 2021 · all technologies · "
        "printed only"
    )
    assert result.lines[1:6] == [
        "#  City           Province   Applications  Basis    GDP #  Δ GDP",
        "1  Beijing 北京   Beijing        ≥ 10,000  bounded      2     ▲1",
        "2  Shenzhen 深圳  Guangdong        10,290  derived      3     ▲1",
        "3  Hangzhou 杭州  Zhejiang              –  missing      8     ▲5",
        "4  Shanghai 上海  Shanghai          8,912  derived      1     ▼3",
    ]
    assert result.lines[-1].startswith("article-2023: ")
    assert "https://flycatcoo.com/" in result.lines[-1]


def test_rank_shows_what_the_claims_prove(run: Run) -> None:
    lines = run("rank", "total", "--top", "10").lines
    assert re.match(r" *1 +Beijing 北京 .* 10,279–12,836  bounded", lines[2])
    assert re.match(r" *3 +Hangzhou 杭州 .* ≤ 4,375  bounded", lines[4])
    assert re.match(r"10 +Jinan 济南 .* ≤ 2,171  bounded", lines[11])
    assert "≥ 10,000" in run("rank", "total", "--printed").lines[2]


def test_rank_table_is_aligned_by_cells(run: Run) -> None:
    lines = run("rank", "proportion", *INVENTIONS).lines
    start = cell_len(lines[1].partition("Basis")[0])
    for line in lines[2:21]:
        assert cell_len(re.split(r"(derived)", line)[0]) == start


def test_rank_inventions_by_density(run: Run) -> None:
    lines = run("rank", "density", *INVENTIONS).lines
    assert re.match(r" 1  Beijing 北京 .* 47\.7  derived", lines[2])
    assert re.match(r" 2  Shenzhen 深圳 .* 37\.7  derived", lines[3])
    doubtful = [line for line in lines if "doubtful" in line]
    assert [line.split()[1] for line in doubtful] == ["Harbin", "Changchun"]


def test_rank_markdown(run: Run) -> None:
    result = run("rank", "total", "--top", "2", "--printed", "--format", "markdown")
    assert result.lines[:6] == [
        "## Digital-technology patent applications · published · 2021 · all technologies · "
        "printed only",
        "",
        r"| # | City | Province | Applications | Basis | GDP # | Δ GDP |",
        "| ---: | --- | --- | ---: | --- | ---: | ---: |",
        "| 1 | Beijing 北京 | Beijing | ≥ 10,000 | bounded | 2 | ▲1 |",
        "| 2 | Shenzhen 深圳 | Guangdong | 10,290 | derived | 3 | ▲1 |",
    ]
    assert re.search(r"^- article-2023: .*<https://flycatcoo\.com/\S+>$", result.out, re.MULTILINE)


def test_a_top_list_shows_the_worst_place(run: Run) -> None:
    lines = run("rank", "proportion").lines
    assert [line.split()[1] for line in lines if line.startswith("≤20")] == [
        "Nantong",
        "Shijiazhuang",
    ]


def test_filter(run: Run) -> None:
    rows = run("rank", "total", "--filter", "xian", "--format", "csv").rows
    assert [row["city"] for row in rows] == ["Xi'an", "Xiangyang"]
    result = run("rank", "total", "--filter", "浙江", "--top", "1")
    assert "Hangzhou" in result.out
    assert "filter '浙江'" in result.lines[0]


def test_a_filter_that_fits_nothing(run: Run) -> None:
    result = run("rank", "total", "--filter", "zz\x1b[2Jzz")
    assert result.status == 0
    assert result.lines[1:] == ["No city fits."]
    assert ESCAPE not in result.out
    assert run("rank", "total", "--filter", "zzzz", "--format", "json").json == []
    assert run("rank", "total", "--filter", "zzzz", "--format", "csv").rows == []


# --- city --------------------------------------------------------------------


@pytest.mark.parametrize("name", ["shanghai", "SHANGHAI", "上海", "上海市", "310000"])
def test_city_shanghai(run: Run, name: str) -> None:
    result = run("city", name)
    assert result.status == 0
    assert result.lines[:2] == [
        "Shanghai 上海",
        "310000 · Shanghai 上海市 · published · 2021 · all technologies",
    ]
    sections = result.out.split("\n\n")
    for section, heading in zip(
        sections[1:4],
        [
            "Total 8,912 applications (derived), rank 4",
            "Density 3.58 per 10,000 residents (printed), rank 3",
            "Proportion 11.3 % (printed), rank 1",
        ],
        strict=True,
    ):
        assert section.splitlines()[0] == heading
        assert "Source: article-2023: " in section
        assert "https://flycatcoo.com/" in section
    assert (
        "How known: 3.58 per 10,000 residents × 24,894,300 residents ÷ 10,000 = 8,912" in result.out
    )


def test_city_tells_the_rest(run: Run) -> None:
    out = run("city", "shanghai").out
    assert "Resident population, 2021: 24,894,300 persons (printed)" in out
    assert "4,321,485,000,000 CNY (printed), rank 1 of 51" in out
    assert "Urbanization rate, 2021: 89.3 %" in out
    assert "Utility models in force at year end, 2022: 493,714 patents" in out
    assert "ranks Shanghai 上海 4th of 10 by total, 2021" in out
    assert "doubt: The article contradicts itself" in out
    for line in out.partition("\nSources\n")[2].splitlines():
        assert re.match(r"[\w-]+: .+", line)


def test_every_source_that_a_city_cites_is_listed(run: Run) -> None:
    for code in open_dataset().cities["code"].head(8):
        body, _, sources = run("city", code).out.partition("\nSources\n")
        listed = {line.partition(":")[0] for line in sources.splitlines()}
        assert set(re.findall(r"\[([a-z0-9-]+)\]$", body, re.MULTILINE)) <= listed


def test_city_without_figures(run: Run) -> None:
    out = run("city", "ningbo", "--printed").out
    assert "Total – (missing), rank –" in out
    assert "no source gives it" in out


def test_city_json(run: Run) -> None:
    result = run("city", "310000", "--format", "json")
    found = result.json
    assert found["city"] == "Shanghai"
    assert "上海" in result.out
    total, density, proportion = found["figures"]
    assert (total["measure"], total["value"], total["basis"]) == ("total", 8912.1594, "derived")
    assert (density["value"], density["basis"]) == (3.58, "printed")
    assert (proportion["value"], proportion["basis"]) == (11.3, "printed")
    assert total["derivation"].endswith("= 8,912")
    assert found["claims"][0]["text"] == "ranks Shanghai 上海 4th of 10 by total, 2021"
    cited = {item["source"] for kind in ("observations", "notes", "claims") for item in found[kind]}
    assert cited <= {source["id"] for source in found["sources"]}
    assert all(source["url"] for source in found["sources"])


def test_city_csv(run: Run) -> None:
    result = run("city", "shenzhen", "--format", "csv")
    assert tuple(result.rows[0]) == CITY_COLUMNS
    first = {row["measure"]: row for row in reversed(result.rows)}
    assert first["total"]["value"] == "10290.16"
    assert first["density"]["value"] == "5.86"
    assert first["gdp"]["value"] == "3066485000000"
    assert first["population"]["source"] == "population-panel"
    assert [row["measure"] for row in result.rows].count("density") == 1


def test_city_markdown(run: Run) -> None:
    out = run("city", "shanghai", "--format", "markdown").out
    assert out.startswith("## Shanghai 上海\n\n")
    assert "\n## Total 8,912 applications (derived), rank 4\n" in out
    assert r"\[population-panel\]" in out


def test_city_of_another_dataset(run: Run) -> None:
    out = run("city", "beijing", *INVENTIONS).out
    assert "104,643 applications ÷ 21,954,000 residents × 10,000 = 47.7" in out
    assert "104,643 applications ÷ 1,204,981 applications in the whole country = 8.7 %" in out


def test_a_bound_is_told_as_one(run: Run) -> None:
    out = run("city", "beijing", "--printed").out
    assert "Total ≥ 10,000 applications (bounded), rank 1" in out
    assert "at least 10,000 applications ÷ 21,886,000 residents × 10,000 = at least 4.57" in out
    assert "gives Beijing 北京 more than 10,000 applications, 2021" in out


# --- trend, datasets, validate -----------------------------------------------


def test_trend(run: Run) -> None:
    result = run("trend")
    assert result.status == 0
    applications = next(line for line in result.lines if line.startswith("Digital-technology"))
    assert re.split(r"  +", applications) == [
        *("Digital-technology patent applications", "applications", "2013–2021"),
        *("5,067", "74,656", "14.7", "+40.0 %", "ends only"),
    ]
    inventions = next(line for line in result.lines if line.startswith("Invention applications "))
    assert inventions.endswith("6 years")
    assert "ends only: no year between the first and the last is known." in result.lines
    assert "cnipa-2022-a2: " in result.out


def test_trend_csv_and_json(run: Run) -> None:
    rows = run("trend", "--format", "csv").rows
    assert tuple(rows[0]) == TREND_COLUMNS
    index = [row for row in rows if row["measure"] == "digital_economy_index"]
    assert [(row["year"], row["value"]) for row in index] == [("2013", "1000"), ("2021", "5610.6")]
    assert [row["indexed"] for row in index] == ["100", "561.06"]
    assert [row["year_on_year"] for row in index] == ["", ""]
    items = run("trend", "--format", "json").json
    assert len(items) == len(rows)
    assert tuple(items[0]) == TREND_COLUMNS


def test_trend_of_one_year(run: Run) -> None:
    line = run("trend", *INVENTIONS).lines[2]
    assert line.split("  ")[-1] == "1 year"
    assert "ends only" not in line
    assert "| 1 year |" in run("trend", *INVENTIONS, "--format", "markdown").out


def test_trend_of_a_dataset_without_series(run: Run, tmp_path: Path) -> None:
    folder = str(make_dataset(tmp_path))
    assert "The dataset has none." in run("trend", "--dataset", folder).out
    assert run("trend", "--dataset", folder, "--format", "json").json == []


def test_datasets(run: Run) -> None:
    out = run("datasets").out
    for name in embedded_names():
        assert re.search(rf"^{name}  ", out, re.MULTILINE)
    assert re.search(r"51  2021  +Digital-technology patent applications", out)


def test_validate(run: Run) -> None:
    folder = str(embedded_folder("published"))
    dataset = open_dataset()
    assert run("validate", folder).out == (
        f"{folder}: valid: 51 cities, {dataset.observations.height} observations, 8 claims\n"
    )


def test_validate_names_the_first_fault(run: Run, tmp_path: Path) -> None:
    folder = make_dataset(tmp_path, observations=[observation("nowhere", "apps", 1)])
    error = one_line_error(run("validate", str(folder)))
    assert "observations.csv, row 2, column place" in error


def test_validate_prefers_a_folder_to_an_embedded_name(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dataset(tmp_path, name="published", cities=["a"])
    monkeypatch.chdir(tmp_path)
    assert run("validate", "published").out == (
        "published: valid: 1 city, 0 observations, 0 claims\n"
    )


# --- Bad input ---------------------------------------------------------------


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


# --- Where the output goes ---------------------------------------------------


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


# --- The pieces --------------------------------------------------------------


@given(st.floats(-1e300, 1e300))
def test_exact_keeps_ten_digits(value: float) -> None:
    found = exact(value)
    assert found == pytest.approx(value, rel=1e-9)
    assert isinstance(found, int) == (found is not None and found == int(found))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (float("inf"), "–"),
        (float("nan"), "–"),
        (0.1 + 0.2, "0.3"),
        (-0.0, "0"),
        (24894300.0, "24,894,300"),
        (99.81, "99.81"),
        (0.0000001, "0.0000001"),
        (1e21, "1,000,000,000,000,000,000,000"),
    ],
)
def test_exact_text(value: float | None, text: str) -> None:
    assert exact_text(value) == text


def test_ordinals() -> None:
    numbers = (1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111)
    assert " ".join(map(ordinal, numbers)) == (
        "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th"
    )


def figure(**more: object) -> Mapping[str, object]:
    names = ("value", "lower", "upper", "method", "left", "right")
    common = {f"total_{name}": None for name in names} | {"total_basis": "derived"}
    return common | {f"total_{name}": value for name, value in more.items()}


@pytest.mark.parametrize(
    ("row", "text"),
    [
        (
            figure(
                method="density_times_population", left=5.86, right=17_560_000.0, value=10290.16
            ),
            "5.86 per 10,000 residents × 17,560,000 residents ÷ 10,000 = 10,290",
        ),
        (
            figure(method="proportion_times_all", left=8.0, right=500.0, upper=40.0),
            "at most 8 % × 500 applications in all = at most 40",
        ),
        (
            figure(method="proportion_times_all", left=8.0, right=500.0, lower=40.0, upper=50.0),
            "at least 8 % × 500 applications in all = at least 40, and at most 50",
        ),
        (
            figure(method="total_per_population", left=5.0, right=0.0, lower=2.5, upper=5.0),
            "5 applications ÷ 0 residents × 10,000, by the bounds of both: 3–5",
        ),
        (figure(), "no source gives it, and nothing proves a bound"),
        (figure(method="observed"), "arithmetic on other figures"),
        (
            figure(method="claimed", lower=10_000.0),
            "the source states only a bound: ≥ 10,000 applications",
        ),
    ],
)
def test_derivations(row: Mapping[str, Any], text: str) -> None:
    assert derivation_text(row, "total", open_dataset().manifest) == text


@pytest.mark.parametrize(
    ("row", "code", "text"),
    [
        (claim("k", "ranking", "total", "b;a"), "a", "ranks Ay 2nd of 2 by total, 2020"),
        (claim("k", "ranking", "total", "b;a"), None, "ranks by total, 2020: 1 Bee, 2 Ay"),
        (
            claim("k", "bound", "total", "a", op=">=", value=1500.0),
            "a",
            "gives Ay at least 1,500 applications, 2020",
        ),
        (
            claim("k", "bound", "proportion", "a;b", op="<", value=8.5),
            None,
            "gives Ay, Bee less than 8.5 %, 2020",
        ),
        (
            claim("k", "member", "density", "a", op="top", value=20.0, quote="in the top 20"),
            "a",
            "counts Ay among the top 20 by density, 2020: “in the top 20”",
        ),
    ],
)
def test_claims(row: dict[str, object], code: str | None, text: str) -> None:
    whole = {"op": None, "value": None, "quote": None} | row
    names = {"a": "Ay", "b": "Bee"}
    assert claim_text(whole, names, open_dataset().manifest, code) == text


def test_every_derivation_of_the_embedded_datasets_is_an_equation() -> None:
    from citytech_data.ranking import standings

    for name in embedded_names():
        dataset = open_dataset(name)
        frame = standings(dataset, dataset.year)
        for measure in MEASURES:
            derived = frame.filter(pl.col(f"{measure}_basis") == "derived")
            for row in derived.iter_rows(named=True):
                assert re.search(
                    r" = [\d.,]+( %)?$", derivation_text(row, measure, dataset.manifest)
                )


def test_sources() -> None:
    whole = {"id": "i", "title": "T", "publisher": "P", "date": "2020", "url": "https://u"}
    assert source_text(whole) == "i: T (P, 2020) https://u"
    assert source_text(whole | {"publisher": None, "date": None, "url": None}) == "i: T"


def test_markdown_is_escaped_and_urls_are_links() -> None:
    assert escape_markdown("a|b\nc `d` <b> [x](y) *z* $m$") == (
        r"a\|b c \`d\` &lt;b&gt; \[x\](y) \*z\* \$m\$"
    )
    assert escape_markdown("see https://a_b.c/d*e now") == "see <https://a_b.c/d*e> now"


@given(st.text(alphabet="ab 中文", max_size=60), st.integers(5, 40))
def test_wrapping_loses_no_word(text: str, width: int) -> None:
    lines = list(wrapped(text, width))
    assert " ".join(lines).split() == text.split()
    assert all(cell_len(line) <= width or len(line.split()) == 1 for line in lines)


@given(st.integers(10, 120), st.lists(st.text("x中", max_size=60), min_size=3, max_size=3))
def test_a_fitted_table_is_no_wider_than_it_must_be(width: int, cells: list[str]) -> None:
    columns = (Column("A"), Column("B", least=8), Column("C", priority=1))
    part, widths = fitted(Table(columns, [cells]), width)
    total = sum(widths) + 2 * (len(widths) - 1)
    least = max(1, cell_len(cells[0])) + 2 + min(8, max(1, cell_len(cells[1])))
    assert total <= max(width, least)
    assert part.columns[:2] == list(columns[:2])
