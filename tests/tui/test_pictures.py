"""The tab Pictures: how it is reached, walked through, and taken away."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest

from citytech_tui.bindings import KEYS, Place
from citytech_tui.drawing.gallery import KINDS, Kind
from citytech_tui.drawing.picture import Picture
from citytech_tui.drawing.shown import Wish
from citytech_tui.language import LANGUAGES, speaking
from citytech_tui.language import _ as translated
from citytech_tui.panes import pictures as panes
from citytech_tui.panes.pictures import PicturesPane
from citytech_tui.screens.text import TextScreen
from citytech_tui.widgets.line import Line
from citytech_tui.widgets.lines import Lines
from citytech_tui.widgets.table import Table
from tests.helpers import city, make_dataset, observation
from tests.tui.helpers import (
    NARROW,
    Running,
    cells,
    click_text,
    each_size,
    find_on,
    host,
    pane,
    running,
    screen_text,
    told,
    wait_until,
    widget_lines,
)

COMPLETE = "china-inventions-2016"
BEIJING, SHENZHEN, SHANGHAI = "110000", "440300", "310000"


def pictures(pilot: Running) -> PicturesPane:
    found = pane(pilot)
    assert isinstance(found, PicturesPane)
    return found


def drawn(pilot: Running) -> str:
    return pane(pilot).query_one(Picture).plain


def focus(pilot: Running) -> str | None:
    return host(pilot).selection.city


async def open_picture(pilot: Running, name: str) -> None:
    await pilot.press("v")
    while pictures(pilot).kind.name != name:
        await pilot.press("v")
    await pilot.pause()


# --- How they are reached ----------------------------------------------------------------


async def test_v_opens_the_pictures_and_goes_through_them() -> None:
    async with running() as pilot:
        for kind in (*KINDS, KINDS[0]):
            await pilot.press("v")
            assert pictures(pilot).kind is kind
        await pilot.press("V")
        assert pictures(pilot).kind is KINDS[-1]
        await pilot.press("escape")
        await pilot.pause()
        assert host(pilot).tab == "total"


async def test_a_click_on_its_name_opens_a_picture() -> None:
    async with running(size=NARROW) as pilot:
        await pilot.press("v")
        for kind in (*KINDS[1:], KINDS[0]):
            await click_text(pilot, f" {kind.title} ", shift=2)
            assert pictures(pilot).kind is kind


async def test_the_palette_opens_a_picture_by_name() -> None:
    async with running() as pilot:
        await pilot.press("ctrl+p", *"scatter")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await pilot.pause()
        assert pictures(pilot).kind.name == "scatter"


async def test_the_measure_is_that_of_the_tab_come_from() -> None:
    async with running(COMPLETE, "density") as pilot:
        await open_picture(pilot, "scatter")
        assert drawn(pilot).startswith("↑ Domestic invention applications per 10,000 residents")


# --- What is drawn -----------------------------------------------------------------------


@each_size
async def test_bounded_figures_are_not_drawn_as_values(size: tuple[int, int]) -> None:
    async with running(size=size) as pilot:
        await open_picture(pilot, "scatter")
        # Of all cities only Shenzhen and Shanghai have both values.
        assert drawn(pilot).count("●") == 2
        assert "○" in drawn(pilot) and "◣" in drawn(pilot)
        assert "51 of 51 cities drawn." in screen_text(pilot)


async def test_missing_figures_are_counted_in_words(tmp_path: Path) -> None:
    rows = [observation("a", "apps", 5), observation("a", "gdp", 7), observation("b", "apps", 3)]
    folder = make_dataset(tmp_path, cities=[city("a", lon=1, lat=2), city("b")], observations=rows)
    async with running(folder) as pilot:
        await open_picture(pilot, "scatter")
        assert "1 of 2 cities drawn; of the others 1 without a figure." in screen_text(pilot)
        assert drawn(pilot).count("●") == 1
        await open_picture(pilot, "map")
        assert "1 of 2 cities drawn; of the others 1 without coordinates." in screen_text(pilot)


async def test_where_one_measure_is_known_nobody_leaps(tmp_path: Path) -> None:
    figures = [observation(code, "apps", count) for code, count in (("a", 2), ("b", 1))]
    folder = make_dataset(tmp_path, cities="ab", observations=figures)
    async with running(folder) as pilot:
        await open_picture(pilot, "flow")
        picture = pictures(pilot).picture
        assert picture is not None
        assert not any("leaps" in remark for remark in picture.remarks)


async def test_the_filter_of_the_slice_is_heeded() -> None:
    async with running(COMPLETE) as pilot:
        host(pilot).select(filter="liaoning")
        await open_picture(pilot, "scatter")
        assert drawn(pilot).count("●") == 2
        assert "2 of 2 cities drawn." in screen_text(pilot)


async def test_of_too_many_cities_the_first_are_drawn_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(panes, "_MOST", 5)
    async with running(COMPLETE) as pilot:
        for kind in KINDS:
            await open_picture(pilot, kind.name)
            picture = pictures(pilot).picture
            assert picture is not None
            assert picture.frame["code"].to_list()[0] == BEIJING
            assert picture.frame.height == 5
            assert "Only the first 5 of " in picture.remarks[0]
        host(pilot).select(filter="beijing")
        await pilot.pause()
        picture = pictures(pilot).picture
        assert picture is not None
        assert not any("Only the first" in remark for remark in picture.remarks)


async def test_printed_only_takes_the_bounds_away() -> None:
    async with running() as pilot:
        await pilot.press("p")
        await open_picture(pilot, "scatter")
        assert "◣" not in drawn(pilot)


async def test_gini_of_the_complete_dataset() -> None:
    async with running(COMPLETE) as pilot:
        await open_picture(pilot, "concentration")
        assert "Gini coefficient 0.396 of the 19 cities with a value" in screen_text(pilot)


async def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    async with running(make_dataset(tmp_path, cities=[])) as pilot:
        for _ in KINDS:
            await pilot.press("v", "down", "right", "enter", "space", "i", "y", "m", "M", "L", "d")
            assert isinstance(pane(pilot), PicturesPane)
        await open_picture(pilot, "concentration")
        assert "No value above 0 is known" in screen_text(pilot)


async def test_a_dataset_without_technologies_says_so() -> None:
    async with running() as pilot:
        await open_picture(pilot, "technologies")
        assert "counts all technologies together, none apart" in drawn(pilot)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_without_colour_the_city_in_focus_stands_out(
    kind: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    rows = [
        observation(code, "apps", value, technology=technology)
        for code, value in (("a", 5), ("b", 9))
        for technology in ("all", "ai")
    ]
    rows += [observation(code, "population", 7) for code in "ab"] if kind.across else []
    cities = [city("a", "Alpha", lon=1, lat=2), city("b", "Beta", lon=9, lat=8)]
    async with running(make_dataset(tmp_path, cities=cities, observations=rows)) as pilot:
        await open_picture(pilot, kind.name)
        host(pilot).select(city="a")
        await pilot.pause()
        picture = pane(pilot).query_one(Picture)
        at = find_on(pilot, "Alpha", picture)
        style = cells(pilot)[at.y][at.x][1]
        assert style is not None and style.reverse
        assert not style.color or style.color.is_default
        at = find_on(pilot, "Beta", picture)
        other = cells(pilot)[at.y][at.x][1]
        assert other is not None and not other.reverse


# --- Keys --------------------------------------------------------------------------------


async def test_arrow_keys_move_the_crosshair_and_enter_opens_the_city() -> None:
    async with running(COMPLETE) as pilot:
        await open_picture(pilot, "concentration")
        assert focus(pilot) is None
        await pilot.press("right")
        assert focus(pilot) == BEIJING
        await pilot.press("left")
        assert focus(pilot) == SHENZHEN
        await pilot.pause()
        assert "the first 2 hold 29.2 %" in screen_text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert host(pilot).tab == "city" and focus(pilot) == SHENZHEN
        await pilot.press("escape")
        await pilot.pause()
        assert host(pilot).tab == "pictures"


async def test_a_place_is_followed_through_the_rank_flow() -> None:
    async with running() as pilot:
        await open_picture(pilot, "flow")
        await pilot.press("down", "down")
        assert focus(pilot) == SHENZHEN
        await pilot.press("right")
        assert (focus(pilot), pictures(pilot).column) == (SHENZHEN, 1)
        await pilot.press("down")
        assert focus(pilot) == BEIJING
        await pilot.pause()
        assert "Beijing 北京: Total 1 → Density 2 → Proportion 3" in screen_text(pilot)


async def test_the_scales_of_the_scatter() -> None:
    async with running(COMPLETE) as pilot:
        await open_picture(pilot, "scatter")
        seen = []
        for _ in range(4):
            await pilot.press("L")
            await pilot.pause()
            seen.append(drawn(pilot).count(", log"))
        assert seen == [2, 1, 1, 0]


async def test_measures_go_round_and_never_meet() -> None:
    async with running() as pilot:
        await open_picture(pilot, "scatter")
        seen = set()
        for key in ("m", "m", "M", "M", "m", "M"):
            await pilot.press(key)
            picture = pictures(pilot).picture
            assert picture is not None and len(picture.measures) == 2
            seen.add(picture.measures)
        assert len(seen) > 4


async def test_tab_shows_the_table_with_every_city() -> None:
    async with running() as pilot:
        for kind in KINDS:
            await open_picture(pilot, kind.name)
            await pilot.press("tab")
            table = pane(pilot).query_one(Table)
            assert table.display and table.rows.height == 51
            await pilot.press("down")
            await pilot.pause()
            assert focus(pilot) == table.current["code"] if table.current else False
            await pilot.press("tab")
            assert not table.display


async def test_space_marks_and_marked_places_stand_out() -> None:
    async with running(COMPLETE) as pilot:
        await open_picture(pilot, "concentration")
        await pilot.press("right", "space", "left")
        assert host(pilot).selection.marked == {BEIJING}


async def test_i_explains_the_figure_and_y_copies_what_is_said() -> None:
    async with running(COMPLETE) as pilot:
        await open_picture(pilot, "concentration")
        await pilot.press("right", "i")
        await pilot.pause()
        assert isinstance(pilot.app.screen, TextScreen)
        await pilot.press("escape", "y")
        assert pilot.app.clipboard.startswith("Beijing 北京: 104,643, 19.0 % of all")


async def test_the_mouse_finds_the_nearest_mark() -> None:
    async with running(COMPLETE) as pilot:
        await open_picture(pilot, "concentration")
        await click_text(pilot, "Shanghai", pane(pilot).query_one(Picture))
        assert focus(pilot) == SHANGHAI
        await open_picture(pilot, "flow")
        await click_text(pilot, "Qingdao", pane(pilot).query_one(Picture), times=2)
        await pilot.pause()
        assert host(pilot).tab == "city" and focus(pilot) == "370200"


async def test_what_a_picture_has_not_is_told() -> None:
    async with running() as pilot:
        await open_picture(pilot, "flow")
        for key, words in {"L": "no scales", "d": "no bars", "m": "no other measure"}.items():
            await pilot.press(key)
            assert words in told(pilot)


async def test_the_footer_lists_only_what_the_picture_has() -> None:
    async with running() as pilot:
        await open_picture(pilot, "flow")
        assert "log/linear" not in screen_text(pilot).splitlines()[-1]
        await open_picture(pilot, "scatter")
        assert "log/linear" in screen_text(pilot).splitlines()[-1]
        find_on(pilot, "M across")


class Before(NamedTuple):
    """What was shown before a key was pressed, with Jinan in focus, which is amid the others."""

    kind: Kind
    wish: Wish
    drawn: str


JINAN = "370100"


def figures(pilot: Running, code: str | None) -> tuple[float, float]:
    """Return what a city has across and up."""
    row, wish = host(pilot).view.city(code or "", host(pilot).selection), pictures(pilot).wish
    assert row is not None
    return row[f"{wish.across}_value"], row[f"{wish.measure}_value"]


def title_of(pilot: Running, measure: str) -> str:
    manifest = host(pilot).view.manifest
    if measure in manifest.labels:
        return manifest.labels[measure].title
    return manifest.stored_label(measure).title


def turned(pilot: Running, before: Before, step: int) -> None:
    kind = KINDS[(KINDS.index(before.kind) + step) % len(KINDS)]
    assert pictures(pilot).kind is kind
    at = find_on(pilot, f" {kind.title} ", pilot.app.query_one("#kinds"))
    style = cells(pilot)[at.y][at.x][1]
    assert style is not None and style.reverse


def moved(pilot: Running, before: Before, dx: int, dy: int) -> None:
    (x, y), (x_before, y_before) = figures(pilot, focus(pilot)), figures(pilot, JINAN)
    assert focus(pilot) != JINAN
    assert (x - x_before) * dx + (y_before - y) * dy > 0
    city = host(pilot).view.city(focus(pilot) or "", host(pilot).selection)
    assert city is not None and city["city_zh"] in pane(pilot).query_one(".caption", Lines).plain


def paged(pilot: Running, before: Before, pages: int) -> None:
    moved(pilot, before, 0, pages)


def shows_table(pilot: Running, before: Before) -> None:
    table = pane(pilot).query_one(Table)
    assert table.display and not pane(pilot).query_one(Picture).display
    assert table.current is not None and table.current["code"] == JINAN
    assert table.columns[0].label in widget_lines(pilot, table)[0]


def measures_up(pilot: Running, before: Before) -> None:
    assert pictures(pilot).wish.measure != before.wish.measure
    assert drawn(pilot).startswith(f"↑ {title_of(pilot, pictures(pilot).wish.measure)}")


def measures_across(pilot: Running, before: Before) -> None:
    assert pictures(pilot).wish.across != before.wish.across
    assert title_of(pilot, pictures(pilot).wish.across) in drawn(pilot).splitlines()[-1]


def scales(pilot: Running, before: Before) -> None:
    assert (pictures(pilot).wish.log_x, pictures(pilot).wish.log_y) == (True, True)
    assert drawn(pilot).count(translated("{title}, log").format(title="")) == 2


def draws_shares(pilot: Running, before: Before) -> None:
    assert pictures(pilot).wish.shares and drawn(pilot) != before.drawn


def marks(pilot: Running, before: Before) -> None:
    assert host(pilot).selection.marked == {JINAN}


def opens(pilot: Running, before: Before) -> None:
    assert host(pilot).tab == "city" and "济南" in screen_text(pilot)


def goes_back(pilot: Running, before: Before) -> None:
    assert host(pilot).tab == "total"


def counted_apart(parent: Path) -> Path:
    rows = [
        observation(code, "apps", value, technology=technology)
        for code, value in ((JINAN, 50), (BEIJING, 90))
        for technology in ("all", "ai", "iot")
    ]
    return make_dataset(parent, cities=[JINAN, BEIJING], observations=rows)


EFFECTS: dict[str, Callable[..., None]] = {
    "turn": turned,
    "move": moved,
    "page": paged,
    "text": shows_table,
    "measure": measures_up,
    "across": measures_across,
    "scale": scales,
    "shares": draws_shares,
    "mark": marks,
    "open": opens,
    "back": goes_back,
}


async def show_anew(pilot: Running, name: str) -> Before:
    """Show a picture as when it is opened, with Jinan in focus, whatever was pressed before."""
    app = host(pilot)
    app.tabs_before[:] = ["total"]
    await app.show_tab("pictures")
    shown = pictures(pilot)
    shown.kind = next(kind for kind in KINDS if kind.name == name)
    shown.wish, shown.as_table = Wish(), False
    app.select(city=JINAN, marked=frozenset())
    app.show_selection()
    shown.take_focus()
    await pilot.pause()
    return Before(shown.kind, shown.wish, drawn(pilot))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_key_does_what_its_help_says(
    language: str, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    for dataset, picture in ((counted_apart(tmp_path), "technologies"), (COMPLETE, "scatter")):
        with speaking(language):
            async with running(dataset) as pilot:
                await pilot.press("v")
                for key in KEYS[Place.PICTURES]:
                    name, _, arguments = key.action.partition("(")
                    if (name == "shares") is not (picture == "technologies"):
                        continue
                    for pressed in key.keys.split(","):
                        with subtests.test(key=pressed, action=key.action):
                            before = await show_anew(pilot, picture)
                            await pilot.press(pressed)
                            await pilot.pause()
                            numbers = map(int, filter(None, arguments[:-1].split(",")))
                            EFFECTS[name](pilot, before, *numbers)


# --- To take away ------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def take_away(pilot: Running, downs: int = 0) -> None:
    """Write the picture in the form so many below the first."""
    await pilot.press("e", *["down"] * downs, "enter")
    await wait_until(pilot, lambda: len(pilot.app.screen_stack) == 1)


async def test_svg_carries_dataset_slice_and_sources(folder: Path) -> None:
    async with running() as pilot:
        for kind in KINDS:
            await open_picture(pilot, kind.name)
            await take_away(pilot)
            name = f"published-{kind.name}-2021.svg"
            await wait_until(pilot, lambda name=name: name in told(pilot))  # type: ignore[misc]
            root = ElementTree.fromstring((folder / name).read_bytes())
            text = " ".join("".join(root.itertext()).split())
            assert "published" in text and "2021 · all technologies" in text
            assert kind.name == "technologies" or "article-2023" in text
        # What is there already is never overwritten.
        before = (folder / name).read_bytes()
        await take_away(pilot)
        again = folder / name.replace(".svg", "-2.svg")
        await wait_until(pilot, again.exists)
        assert (folder / name).read_bytes() == before


async def test_png_is_a_picture(folder: Path) -> None:
    async with running() as pilot:
        await open_picture(pilot, "map")
        await take_away(pilot, 1)
    content = (folder / "published-map-2021.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n") and len(content) > 10_000


async def test_png_without_its_package_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    async with running() as pilot:
        await open_picture(pilot, "map")
        await pilot.press("e", "down", "enter")
        await wait_until(pilot, lambda: "citytech-tui[png]" in message(pilot))
    assert not [*folder.glob("*.png")]


def message(pilot: Running) -> str:
    return pilot.app.screen.query_one(Line).plain


async def test_the_table_behind_a_picture_as_csv(folder: Path) -> None:
    async with running(COMPLETE) as pilot:
        await open_picture(pilot, "concentration")
        await take_away(pilot, 2)
    with (folder / f"{COMPLETE}-concentration-2016.csv").open(encoding="utf-8") as file:
        rows = [*csv.DictReader(file)]
    assert len(rows) == 19
    assert rows[0]["code"] == BEIJING and float(rows[0]["share"]) == pytest.approx(
        100 * 104_643 / 551_416
    )
    assert float(rows[-1]["share_from_top"]) == pytest.approx(100)
