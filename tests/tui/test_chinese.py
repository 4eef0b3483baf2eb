"""The interface in Chinese: no English is left on any screen, and nothing is out of line."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from citytech_data.catalogue import embedded_names
from citytech_data.dataset import open_dataset
from citytech_data.schema import TABLES
from citytech_tui.__main__ import main
from citytech_tui.app import CityTechApp
from citytech_tui.bindings import KEYS, Place
from citytech_tui.drawing.gallery import KINDS
from citytech_tui.language import SOURCE, speaking, spoken
from citytech_tui.names import remark_text
from citytech_tui.preferences import Habits, Preferences
from tests.messages import TRANSLATED_COLUMNS
from tests.tui.helpers import (
    NARROW,
    TABS,
    WIDE,
    Running,
    each_dataset,
    each_size,
    host,
    lines,
    pane,
    running,
    screen_text,
    told,
    wait_until,
)
from tests.tui.test_language import ids, messages

EVERYWHERE = (*TABS, "pictures")
_ENGLISH = re.compile(r"[A-Za-z][a-z'’]+(?: [A-Za-z]?[a-z'’]+)+")
"""Several words in a row."""
_KEYS = ("page down", "page up")


@asynccontextmanager
async def chinese(
    dataset: str = "published", tab: str = "total", size: tuple[int, int] = WIDE
) -> AsyncIterator[Running]:
    """Run the app in Chinese."""
    with speaking("zh"):
        async with running(dataset, tab, size) as pilot:
            yield pilot


@cache
def said_by_sources() -> str:
    """Return all texts of the datasets that stay as they are: names, publishers, quotes."""
    texts: list[str] = []
    for name in embedded_names():
        dataset = open_dataset(name)
        for table in TABLES:
            frame: pl.DataFrame = getattr(dataset, table.name)
            translated = TRANSLATED_COLUMNS.get(table.name, ())
            for column in frame.select(pl.col(pl.String).exclude(*translated, "text_en")):
                texts += column.drop_nulls().unique().to_list()
    return " ".join(" ".join(texts).split())


@cache
def messages_in_english() -> frozenset[str]:
    """Return the English of whole messages that are translated by something else."""
    texts = ((ids(message.id), ids(message.string)) for message in messages("zh"))
    found = {one for english, other in texts for one in english if (one,) != other}
    found -= {*_KEYS}
    return frozenset(text for text in found if re.search("[a-z]{3}", text) and "{" not in text)


def english_on(text: str) -> list[str]:
    """Return what is said in English, though no source says it."""
    # What is broken into lines is joined; frames and bars part what stands beside each other.
    found = []
    for line in text.splitlines():
        for part in re.split(r"[│▁-█▏╭╮╰╯─]| {2,}", line):
            said = part.strip()
            if said in messages_in_english():
                found.append(said)
            found += [
                run
                for run in _ENGLISH.findall(said)
                if run not in said_by_sources() and run not in _KEYS
            ]
    return found


def test_english_is_found() -> None:
    assert english_on("│ Go to the first row │ 城市") == [
        "Go to the first row",
        "Go to the first row",
    ]
    assert english_on("  Basis  ") == ["Basis"]
    assert not english_on("北京 Beijing  digital_applications  esc")


@pytest.mark.parametrize(
    ("tab", "size"),
    [*((tab, WIDE) for tab in EVERYWHERE), *((tab, NARROW) for tab in ("total", "city"))],
)
async def test_no_key_shows_english(tab: str, size: tuple[int, int]) -> None:
    async with chinese(tab=tab, size=size) as pilot:
        assert not english_on(screen_text(pilot))
        base = pilot.app.screen
        # What is the same on every tab is looked at once in each size.
        everywhere = (Place.APP, Place.TABLE) if tab == "total" else ()
        for place in (*pane(pilot).places, *everywhere):
            for key in KEYS[place]:
                if key.action in ("quit", "language"):
                    continue
                name = key.keys.split(",")[0]
                await pilot.press(name)
                await pilot.pause()
                assert not english_on(screen_text(pilot)), key
                assert not english_on(told(pilot)), key
                while pilot.app.screen is not base:
                    await pilot.press("escape")
                    await pilot.pause()


@each_dataset
async def test_no_dataset_shows_english(dataset: str) -> None:
    async with chinese(dataset) as pilot:
        for tab in EVERYWHERE:
            await host(pilot).show_tab(tab)
            await pilot.pause()
            assert not english_on(screen_text(pilot)), tab
            if tab in ("total", "city"):
                await pilot.press("i")
                await pilot.pause()
                assert not english_on(screen_text(pilot)), tab
                await pilot.press("escape")


@each_size
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("density>much", "'much'不是数值"),
        ("basis:guess", "没有数据依据'guess'"),
        ("densty>2", "没有字段'densty'；是否指density？"),
    ],
)
async def test_what_is_wrong_with_a_filter_is_told_in_chinese(
    typed: str, said: str, size: tuple[int, int]
) -> None:
    async with chinese(size=size) as pilot:
        await pilot.press("slash", *typed)
        await pilot.pause()
        assert said in screen_text(pilot)


async def test_no_picture_shows_english() -> None:
    async with chinese() as pilot:
        for kind in KINDS:
            await pilot.press("v")
            await pilot.pause()
            assert not english_on(screen_text(pilot)), kind
            await pilot.press("tab")
            await pilot.pause()
            assert not english_on(screen_text(pilot)), kind
            await pilot.press("tab")


@each_size
@pytest.mark.parametrize("tab", EVERYWHERE)
async def test_tab(tab: str, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with chinese(tab=tab, size=size) as pilot:
        assert screen_text(pilot) == snapshot
        assert all(cell_len(line) == size[0] for line in lines(pilot))


@each_size
@pytest.mark.parametrize(
    "keys",
    [["question_mark"], ["j", "j", "i"], ["space", "space", "space", "x"], ["s"], ["o"], ["w"]],
    ids=["help", "explain", "compare", "sort", "open", "scope"],
)
async def test_dialog(keys: list[str], size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with chinese(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert screen_text(pilot) == snapshot


@pytest.mark.parametrize("tab", EVERYWHERE)
async def test_the_language_changes_at_once_on_every_tab(tab: str) -> None:
    async with chinese(tab=tab) as pilot:
        before = screen_text(pilot)
        await pilot.press("Z")
        await pilot.pause()
        english = screen_text(pilot)
    async with running(tab=tab, size=WIDE) as pilot:
        assert screen_text(pilot) == english
        await pilot.press("Z")
        await pilot.pause()
        assert screen_text(pilot) == before


async def test_the_language_is_remembered(surroundings: object) -> None:
    from citytech_tui.dataview import DataView
    from citytech_tui.selection import Selection, Slice

    dataset = open_dataset()
    habits = Habits.of_person()
    app = CityTechApp(DataView(None, dataset), Selection(Slice(dataset.year)), "total", habits)
    async with app.run_test(size=NARROW) as pilot:
        await wait_until(pilot, lambda: app.habits.preferences.hinted)
        await pilot.press("Z")
        await pilot.pause()
    assert Habits.of_person().preferences.language == "zh"


@pytest.mark.parametrize("stored", ["xx", "../../etc", ""])
def test_a_remembered_language_that_is_not_there_is_that_of_the_locale(stored: str) -> None:
    content = {"program": "citytech-tui", "language": stored}
    assert Preferences.from_json(content).language == ""


def output_of(arguments: list[str], capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    from unittest.mock import patch

    with patch("sys.argv", ["citytech-tui", *arguments]):
        assert main() == status
    out, err = capsys.readouterr()
    return err if status == 2 else out


@pytest.mark.parametrize("verb", [[], ["rank"], ["city"], ["trend"], ["check"], ["ingest"]])
def test_help_is_in_chinese(verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    shown = output_of(["--lang", "zh", *verb, "--help"], capsys)
    said = " ".join(shown.split())
    assert "用法：" in said and "显示本说明后退出。" in said
    assert not re.search(r"Usage|Arguments:|Options:|Commands:|\[default|\[required", said)
    assert re.search("[\u4e00-\u9fff]", said)
    known = messages_in_english()
    assert not [text for text in known if text.count(" ") > 2 and " ".join(text.split()) in said]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["rank", "total"], 0),
        (["rank", "density", "--dataset", "gii-2023"], 0),
        (["city", "杭州"], 0),
        (["trend"], 0),
        (["datasets"], 0),
        (["check"], 1),
    ],
)
def test_reports_are_in_chinese(
    arguments: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = output_of([*arguments, "--lang", "zh"], capsys, status)
    assert not english_on(shown)


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("verb", [["rank", "total"], ["city", "杭州"], ["trend"]])
def test_what_programs_read_is_english(
    verb: list[str], form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    english = output_of([*verb, "--format", form], capsys)
    assert output_of(["--lang=zh", *verb, "--format", form], capsys) == english
    if form == "json":
        json.loads(english)


def test_the_locale_chooses_the_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "申请量" in output_of(["rank", "total"], capsys)
    assert "Applications" in output_of(["rank", "total", "--lang", "en"], capsys)
    assert spoken() == SOURCE


def test_errors_are_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert "没有1900年的数据" in output_of(
        ["rank", "total", "--year", "1900", "--lang", "zh"], capsys, 2
    )
    assert "there is no language 'xx'" in output_of(["rank", "total", "--lang", "xx"], capsys, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["rank", "total", "--filter", "colour>3"], "没有字段'colour'"),
        (["rank", "total", "--filter", "density>much"], "筛选条件第9个字符：'much'不是数值"),
        (["rank", "total", "--scope", "moon"], "'moon'不是有效范围"),
        (["rank", "total", "--scope", "province:utopia"], "没有名为'utopia'的省份"),
        (["rank", "total", "--dataset", "nowhere"], "nowhere：没有该数据集"),
        (["city", "atlantis"], "没有名为'atlantis'的城市"),
        (["city", "taizhou"], "'taizhou'对应多个城市，请给出代码"),
        (["validate", "{folder}"], "缺少datapackage.json"),
        (["counts", "{folder}/none.csv"], "无法读取（没有该文件或文件夹）"),
        (["counts", "{folder}/counts.csv"], "未写明城市"),
        (["rank", "size"], "'measure'：'size'不在"),
        (["rank", "total", "--top", "0"], "'--top'：不得小于1"),
        (["rank", "total", "--year", "soon"], "'--year'：应为整数"),
        (["rank", "total", "--colour"], "没有选项--colour"),
        (["ranks"], "没有命令'ranks'；是否指'rank'？"),
        (["rank"], "缺少'measure'，可选：total"),
        (["rank", "total", "--year"], "'--year'需要一个值"),
        (["rank", "total", "twice"], "多余的参数：twice"),
        (["serve", "ssh"], "请说明谁可以连接"),
    ],
)
def test_mistakes_are_told_in_chinese(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "counts.csv").write_text("city,year,count\n,2021,5\n")
    filled = [each.format(folder=tmp_path) for each in arguments]
    told = output_of([*filled, "--lang", "zh"], capsys, 2)
    assert said in told
    told = re.sub("citytech-tui(: error| [a-z]+ --help)", "", told)
    assert not english_on(told)


def test_what_a_table_of_counts_lost_is_told_in_chinese(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    table = tmp_path / "counts.csv"
    table.write_text(
        "city,year,technology,count\n上海,2021,ai,5\nAtlantis,2021,ai,5\n省,2021,x,5\n"
    )
    told = output_of(["counts", str(table), "--lang", "zh"], capsys)
    assert "第3行：Atlantis 2021 ai 5：不是已知的城市" in told
    assert "technology（技术）" in told


def test_remarks_on_both_figures_are_translated() -> None:
    joined = "domestic holders; stock; year end"  # of which one has a semicolon itself
    assert remark_text(joined) == joined
    with speaking("zh"):
        assert remark_text(joined) == "国内专利权人；存量；年末"
        assert remark_text("mine; and mine alone") == "mine; and mine alone"


def test_exports_are_the_same_in_both_languages() -> None:
    from citytech_tui.citydetail import city_figures
    from citytech_tui.dataview import DataView
    from citytech_tui.selection import Selection, Slice

    view = DataView(None, open_dataset())
    city = view.city("310000", Selection(Slice(view.year)))
    assert city is not None
    assert view.dataset is not None
    english = city_figures(view.dataset, city, view.year)
    with speaking("zh"):
        assert view.dataset is not None
        assert city_figures(view.dataset, city, view.year) != english
        with speaking(SOURCE):
            assert city_figures(view.dataset, city, view.year) == english
