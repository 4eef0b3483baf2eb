"""Data and pasted text that try to drive the terminal or the app are shown harmless.

No control or bidirectional character reaches the screen, no data becomes a link or an action, and
every line keeps its width.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual import events
from textual.strip import Strip
from textual.widgets import Input

from citytech_data.manifest import PACKAGE_FILE
from citytech_data.schema import SOURCES
from citytech_data.vocabulary import MEASURES
from citytech_tui.screens.text import TextScreen
from tests.helpers import SOURCE, city, claim, make_dataset, observation, write_table
from tests.tui.helpers import (
    NARROW,
    WIDE,
    Running,
    host,
    pane,
    running,
    screen_text,
    strips,
    table,
    text_screen,
    wait_until,
)
from tests.tui.walk import close_all, found_by_palette

ESC, BEL, ST, CSI, OSC = "\x1b", "\x07", "\x1b\\", "\x9b", "\x9d"

HOSTILE = {
    "colour": f"{ESC}[31mred{ESC}[0m",
    "clear screen": f"{ESC}[2J{ESC}[H",
    "clipboard": f"{ESC}]52;c;aGFja2Vk{BEL}",
    "clipboard ended by ST": f"{ESC}]52;c;aGFja2Vk{ST}",
    "title": f"{ESC}]0;title{BEL}",
    "C1": f"{CSI}31m{OSC}52;c;aGFja2Vk\x9c",
    "device control": f"{ESC}Pq#0;2;0;0;0{ST}",
    "bell and back": f"{BEL}\x08\x7f",
    "markup end": "[/]",
    "markup": "[bold red]x[/bold red][/][[",
    "action": "[@click=app.quit]x[/]",
    "old action": "[@click='quit']x[/]",
    "link": "[link=http://evil.example]x[/link]",
    "backslash": "x\\",
    "override": "\u202egnp.exe\u202c",
    "isolate": "\u2066x\u2067y\u2069",
    "marks": "\u200e\u200f\u061c",
    "byte order mark": "\ufeffx",
    "line separators": "a\u2028b\u2029c\x85d",
    "tabs and newlines": "a\tb\nc\r\nd\x0be\x0cf",
    "long": "x" * 10_000,
    "long and wide": "北" * 10_000,
    "long combining": "e" + "\u0301" * 1_000,
    "family": "👨\u200d👩\u200d👧\u200d👦",
    "joiner at the end": "x\u200d",
    "joiner at the start": "\u200dx",
    "flag": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f🇨🇳",
    "emoji style": "❤\ufe0f☎\ufe0e",
    "combining": "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d",
    "full width": "ＦＵＬＬ　ｗｉｄｔｈ",
    "zero width": "a\u200bb\u200cc\u2060d\u00ade",
    "only space": "\u3000\u00a0",
    "right to left": "שלום مرحبا",
    "private use": "\U0010ffff\ue000",
}
SHORT = "".join(text for text in HOSTILE.values() if len(text) < 100)
LONG = [text for text in HOSTILE.values() if len(text) >= 100]
CITIES = dict(
    zip((f"{number:02}" for number in range(len(HOSTILE))), HOSTILE.values(), strict=True)
)


def hostile_dataset(parent: Path, everywhere: str) -> Path:
    """Return a dataset of a city for each hostile text, and one where only one text may stand."""
    label = {"title": f"T {everywhere}", "column": f"C {everywhere}", "unit": f"u {everywhere}"}
    folder = make_dataset(
        parent,
        cities=[
            city(code, f"Zq{code}{text}", name_zh=f"{text}城", province_en=f"P {text}")
            for code, text in CITIES.items()
        ],
        observations=[
            *(
                observation(code, "apps", 99 - int(code), note=f"doubtful {text}", unit=f"u{text}")
                for code, text in CITIES.items()
            ),
            *(observation(code, "population", 9_000 + 100 * int(code)) for code in CITIES),
            *(observation(code, f"m{text}", 7, unit=text) for code, text in CITIES.items()),
            *(
                observation("CN", "apps", value, year=year, unit=f"u{everywhere}", note=everywhere)
                for year, value in ((2018, 5), (2019, 6), (2020, 9))
            ),
        ],
        claims=[claim("1", "ranking", "total", ";".join(CITIES), quote=f"q {everywhere}")],
        notes=[
            {"place": code, "topic": f"t{text}", "text_en": f"n {text}", "source": SOURCE}
            for code, text in CITIES.items()
        ],
        labels=dict.fromkeys(MEASURES, label),
        measures={"apps": label},
        series=["apps"],
    )
    source = {name: f"{name} {everywhere}" for name in ("title", "publisher", "url", "licence")}
    write_table(folder / "sources.csv", SOURCES, [{"id": SOURCE, **source}])
    package = json.loads((folder / PACKAGE_FILE).read_text(encoding="utf-8"))
    package["name"] = f"made {everywhere}"
    (folder / PACKAGE_FILE).write_text(json.dumps(package), encoding="utf-8")
    return folder


@cache
def is_control(character: str) -> bool:
    """Whether a terminal obeys a character, or orders others by it."""
    bidirectional = unicodedata.bidirectional(character)
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or bidirectional in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        or character in "\u200e\u200f\u061c\ufeff"
    )


def is_harmless(pilot: Running) -> None:
    """Assert that the screen shows nothing that a terminal or the app would obey."""
    width = pilot.app.size.width
    drawn = strips(pilot)
    for strip in drawn:
        assert not [hex(ord(each)) for each in strip.text if is_control(each)]
        assert sum(cell_len(segment.text) for segment in strip) == strip.cell_length == width
        for segment in strip:
            assert segment.control is None
            if segment.style is not None:
                assert segment.style.link is None
                assert "@click" not in segment.style.meta
    assert not pilot.app._exit
    columns_line_up(pilot, drawn)


@cache
def spots_of(line: str) -> set[int]:
    """Return the cells at which a character of a line begins."""
    return {cell_len(line[:index]) for index in range(len(line))}


def columns_line_up(pilot: Running, drawn: list[Strip]) -> None:
    """Assert that every line of the table has a space before each of its columns."""
    shown = table(pilot)
    if len(pilot.app.screen_stack) > 1 or not shown.rows.height or pilot.app._notifications:
        return
    area = shown.region
    for strip in drawn[area.y : min(area.bottom, area.y + 1 + shown.rows.height)]:
        line = strip.crop(area.x, area.right).text
        if all(cell_len(character) == 1 for character in set(line)):
            continue
        border, spots = 0, spots_of(line)
        for _, cells in shown._columns:
            assert border in spots, f"a character lies across column {border}: {line!r}"
            border += cells + 1
    if area.right < pilot.app.size.width:
        for strip in drawn[area.y : area.bottom]:
            assert "│" in strip.text or "┃" in strip.text


def test_the_texts_are_hostile() -> None:
    assert sum(any(map(is_control, each)) for each in HOSTILE.values()) > 10


@pytest.mark.parametrize(
    ("everywhere", "size"),
    [(SHORT, WIDE), (SHORT, NARROW), ("x" * 10_000, NARROW), ("北" * 10_000, WIDE)],
    ids=["all-120x40", "all-80x24", "x-80x24", "北-120x40"],
)
async def test_every_screen_is_harmless(
    tmp_path: Path, everywhere: str, size: tuple[int, int]
) -> None:
    async with running(hostile_dataset(tmp_path, everywhere), size=size) as pilot:
        assert table(pilot).rows.height == len(CITIES)
        for tab in "23415":
            await pilot.press(tab)
            is_harmless(pilot)
            for keys in (["i"], ["i", "end"], ["s"], ["question_mark"]):
                await pilot.press(*keys)
                is_harmless(pilot)
                await close_all(pilot)
            await pilot.press("end")
            is_harmless(pilot)
        await pilot.press("2", "home", *["space"] * 6, "x")
        assert isinstance(pilot.app.screen, TextScreen)
        is_harmless(pilot)


async def test_every_text_is_harmless(tmp_path: Path) -> None:
    async with running(hostile_dataset(tmp_path, SHORT), size=NARROW) as pilot:
        for row in range(len(CITIES)):
            is_harmless(pilot)
            await pilot.press("i")
            text_screen(pilot)
            is_harmless(pilot)
            await pilot.press("escape", "y")
            assert pilot.app._notifications
            is_harmless(pilot)
            assert not any(map(is_control, pilot.app.clipboard.replace("\t", "")))
            pilot.app.clear_notifications()
            await pilot.press("enter")
            await pilot.pause()
            assert host(pilot).tab == "city"
            is_harmless(pilot)
            await pilot.press("end", "i")
            is_harmless(pilot)
            await pilot.press("escape", "b", "down")
            assert table(pilot).cursor_row == min(row + 1, len(CITIES) - 1)


async def test_files_have_harmless_names(tmp_path: Path) -> None:
    async with running(hostile_dataset(tmp_path, "".join(HOSTILE.values()))) as pilot:
        for tab in "25":
            await pilot.press(tab, "e")
            is_harmless(pilot)
            await pilot.press("enter")
            await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 1)
            await wait_until(pilot, lambda: pilot.app._notifications)
            is_harmless(pilot)
            pilot.app.clear_notifications()
        written = sorted(Path.cwd().iterdir())
        assert [path.suffix for path in written] == [".csv", ".json"] * 2
        assert all(path.name.isprintable() for path in written)


async def test_the_palette_is_harmless(tmp_path: Path) -> None:
    async with running(hostile_dataset(tmp_path, SHORT)) as pilot:
        await pilot.press("ctrl+p", *"zq")
        for ten in "0123":
            await pilot.press(ten)
            await wait_until(pilot, partial(palette_offers, pilot, f"Zq{ten}"))
            is_harmless(pilot)
            await pilot.press("backspace")
        await pilot.press(*"08")
        await wait_until(pilot, lambda: len(found_by_palette(pilot)) == 1)
        await pilot.press("enter")
        await wait_until(pilot, lambda: host(pilot).tab == "city")
        await pilot.pause()
        is_harmless(pilot)
        assert host(pilot).selection.city == "08"


def palette_offers(pilot: Running, text: str) -> bool:
    """Whether the palette offers something with this text."""
    return any(text in name for name in found_by_palette(pilot))


@pytest.mark.parametrize(
    ("key", "texts"),
    [("slash", [SHORT, *HOSTILE.values()]), ("ctrl+p", [SHORT, *LONG])],
    ids=["slash", "ctrl+p"],
)
async def test_pasted_text_is_harmless(key: str, texts: list[str]) -> None:
    async with running() as pilot:
        for text in texts:
            await pilot.press(key)
            assert isinstance(pilot.app.focused, Input)
            pilot.app.post_message(events.Paste(text))
            await pilot.pause()
            is_harmless(pilot)
            assert not any(map(is_control, host(pilot).selection.filter))
            await pilot.press("x", "left", "left")
            is_harmless(pilot)
            await pilot.press("escape", "escape")
            assert len(pilot.app.screen_stack) == 1
            assert pane(pilot).id == "total"


async def test_a_message_is_shown_as_it_is_and_harmless() -> None:
    async with running() as pilot:
        for text in HOSTILE.values():
            host(pilot).tell(f"From data: {text}")
            await pilot.pause()
            assert "From data" in screen_text(pilot)
            is_harmless(pilot)
            pilot.app.clear_notifications()


@pytest.mark.parametrize("code", ["../../x", "a b", "$(reboot)", "con", "x" * 300])
async def test_a_code_or_name_never_leads_out_of_the_folder(tmp_path: Path, code: str) -> None:
    folder = make_dataset(
        tmp_path, cities=[city(code)], observations=[observation(code, "apps", 1)]
    )
    package: dict[str, Any] = json.loads((folder / PACKAGE_FILE).read_text(encoding="utf-8"))
    package["name"] = f"/tmp/{code}"
    (folder / PACKAGE_FILE).write_text(json.dumps(package), encoding="utf-8")
    async with running(folder) as pilot:
        for tab in "25":
            await pilot.press(tab, "e", "enter")
            await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 1)
            await wait_until(pilot, lambda: pilot.app._notifications)
    written = sorted(Path.cwd().iterdir())
    assert all(path.is_file() for path in written)
    assert [path.suffix for path in written] == [".csv", ".json"] * 2
