"""Footer, help, palette, README and the keys that work come from one table, and agree with it."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from textual.binding import Binding

from citytech_tui.app import CityTechApp
from citytech_tui.bindings import KEYS, Place, all_keys, footer_keys, keys_markdown
from citytech_tui.pane import Pane
from citytech_tui.panes.city import CityPane
from citytech_tui.panes.pictures import PicturesPane
from citytech_tui.panes.ranking import RankingPane
from citytech_tui.panes.trend import TrendPane
from citytech_tui.widgets.line import Line
from citytech_tui.widgets.table import Table
from tests.tui.helpers import (
    NARROW,
    TABS,
    WIDE,
    each_dataset,
    host,
    pane,
    running,
    screen_text,
    table,
    text_screen,
)

README = Path(__file__).parents[2] / "README.md"
PANES = (RankingPane, TrendPane, CityPane)


def names(*places: Place) -> list[str]:
    """Return all keys of some places as Textual names them."""
    return [name for place in places for key in KEYS[place] for name in key.keys.split(",")]


# --- The keys that work ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "places"),
    [
        (CityTechApp, (Place.APP,)),
        (Table, (Place.TABLE,)),
        *((each, each.places) for each in PANES),
    ],
)
def test_the_bindings_are_those_of_the_table(owner: type, places: tuple[Place, ...]) -> None:
    found = [each for each in vars(owner)["BINDINGS"] if isinstance(each, Binding)]
    assert len(found) == len(vars(owner)["BINDINGS"])
    expected = [(key.keys, key.action, key.help) for place in places for key in KEYS[place]]
    assert [(each.key, each.action, each.description) for each in found] == expected
    assert not any(each.show for each in found)


@pytest.mark.parametrize("owner", PANES)
def test_no_key_has_two_meanings_in_one_place(owner: type[Pane]) -> None:
    everything = names(Place.APP, Place.TABLE, *owner.places)
    twice = {name for name in everything if everything.count(name) > 1}
    assert not twice


async def test_every_key_leads_to_an_action() -> None:
    async with running() as pilot:
        for tab in TABS:
            await host(pilot).show_tab(tab)
            owners = [(Place.APP, host(pilot)), (Place.TABLE, table(pilot))]
            owners += [(place, pane(pilot)) for place in pane(pilot).places]
            for place, owner in owners:
                for key in KEYS[place]:
                    assert hasattr(owner, f"action_{key.action.partition('(')[0]}"), (tab, key)


def test_every_place_belongs_to_a_pane_or_to_all() -> None:
    assert {Place.APP, Place.TABLE}.union(
        *(owner.places for owner in (*PANES, PicturesPane))
    ) == set(Place)
    assert list(KEYS) == list(Place)


def test_every_key_is_explained_in_one_short_line() -> None:
    for _, key in all_keys():
        assert key.help[0].isupper()
        assert not key.help.endswith(".")
        assert len(key.shown) <= 10
        assert len(key.help) <= 60


# --- Footer ------------------------------------------------------------------------------


@each_dataset
async def test_the_footer_shows_the_keys_of_its_place(dataset: str) -> None:
    async with running(dataset) as pilot:
        view, footer = host(pilot).view, pilot.app.query_one("#footer", Line)
        useless = {"technology"} if len(view.technologies) == 1 else set()
        useless |= {"year(-1)"} if len(view.years) == 1 else set()
        for size, tab in product((WIDE, NARROW), TABS):
            await pilot.resize_terminal(*size)
            await host(pilot).show_tab(tab)
            await pilot.pause()
            expected = [
                f"{key.in_footer} {key.label}"
                for key in footer_keys(*pane(pilot).places, Place.APP)
                if key.action not in useless
            ]
            assert re.split(r"\s{2,}", footer.plain.strip()) == expected, (tab, size)
            # As much of it as there is room for.
            line = screen_text(pilot).split("\n")[-1]
            assert footer.plain.rstrip().startswith(line.removesuffix("…").rstrip()), (tab, size)


def test_the_footer_begins_with_what_matters_most() -> None:
    for owner in PANES:
        keys = footer_keys(*owner.places, Place.APP)
        assert [key.footer for key in keys] == sorted(key.footer or 0 for key in keys)
        shown = "".join(
            f" {key.in_footer} {key.label} " for key in keys if key.action != "technology"
        )
        assert "? help" in shown[:80], owner.__name__
        assert "q quit" in shown[:100], owner.__name__


# --- Help --------------------------------------------------------------------------------


async def test_the_help_lists_all_keys_under_their_places() -> None:
    async with running() as pilot:
        await pilot.press("question_mark")
        lines = [line.strip() for line in text_screen(pilot).plain.split("\n") if line.strip()]
    expected = []
    for place, keys in KEYS.items():
        expected.append(place.value)
        expected += [f"{key.shown.ljust(10)} {key.help}" for key in keys]
    assert lines == expected


# --- README ------------------------------------------------------------------------------


def test_the_readme_has_the_table_of_keys() -> None:
    _, found, rest = README.read_text(encoding="utf-8").partition("\n## Keys\n")
    assert found
    section = re.sub("<!--.*?-->", "", rest.split("\n## ")[0], flags=re.DOTALL).strip()
    assert section == keys_markdown(), "put what bindings.keys_markdown() returns under ## Keys"


def test_the_table_of_keys_has_a_row_for_each() -> None:
    rows = re.findall(r"^\| `(.+?)` \| (.+) \|$", keys_markdown(), flags=re.MULTILINE)
    assert rows == [(key.shown, key.help) for _, key in all_keys()]
    headings = re.findall("^### (.+)$", keys_markdown(), flags=re.MULTILINE)
    assert headings == [place.value for place in Place]
