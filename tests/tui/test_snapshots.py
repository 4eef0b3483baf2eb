"""The screens as text, looked at by a person: every tab, dialog and size.

`make test ARGS="--snapshot-update tests/tui/test_snapshots.py"` stores them anew.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from citytech_tui.drawing.gallery import KINDS
from tests.helpers import city, make_dataset, observation
from tests.tui.helpers import (
    NARROW,
    TABS,
    WIDE,
    each_dataset,
    each_size,
    host,
    running,
    screen_text,
)


@each_size
@each_dataset
@pytest.mark.parametrize("tab", TABS)
async def test_tab(
    tab: str, dataset: str, size: tuple[int, int], snapshot: SnapshotAssertion
) -> None:
    async with running(dataset, tab, size) as pilot:
        assert screen_text(pilot) == snapshot


@each_size
@pytest.mark.parametrize(
    "keys",
    [
        ["question_mark"],
        ["j", "j", "i"],
        ["space", "space", "space", "x"],
        ["s"],
        ["p"],
        ["slash", "g", "u", "a"],
    ],
    ids=["help", "explain", "compare", "sort", "printed", "filter"],
)
async def test_dialog(keys: list[str], size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with running(size=size) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert screen_text(pilot) == snapshot


MORE = {
    "a printed figure": ["3", "i"],
    "a derived figure": ["j", "i"],
    "an observation": ["5", "j", "j", "j", "i"],
    "a series": ["1", "i"],
    "sorted by a narrow column": ["s", "7"],
    "no city fits": ["slash", *"xyz"],
    "a message": ["t"],
    "the last rows": ["G"],
}


@each_size
@pytest.mark.parametrize("name", MORE)
async def test_more(name: str, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with running(size=size) as pilot:
        await pilot.press(*MORE[name])
        await pilot.pause()
        assert screen_text(pilot) == snapshot


@pytest.mark.parametrize("size", [(60, 20), (30, 3)])
async def test_much_too_small(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with running(size=size) as pilot:
        assert screen_text(pilot) == snapshot


async def test_trend_as_figures_on_a_logarithmic_scale(snapshot: SnapshotAssertion) -> None:
    async with running(tab="trend") as pilot:
        await pilot.press("G", "k", "k", "space", "d", "L")
        await pilot.pause()
        assert screen_text(pilot) == snapshot


def dataset_of_technologies(folder: Path) -> Path:
    """Write a dataset with three technologies: complete, bounded, missing in one city each."""
    names = (("a", "Alpha", "甲城"), ("b", "Beta", "呼和浩特"), ("c", "Gamma", None))
    figures = {"ai": (90, 20, 5), "cloud": (30, 40, None), "iot": (60, None, 15)}
    rows = [
        observation(code, "apps", value, technology=technology)
        for technology, values in figures.items()
        for (code, *_), value in zip(names, values, strict=True)
        if value is not None
    ]
    rows.append(observation("b", "apps", None, technology="iot", upper=25, basis="bounded"))
    rows += [observation(code, "apps", total) for code, total in (("a", 150), ("b", 70))]
    cities = [city(code, name, name_zh=name_zh) for code, name, name_zh in names]
    return make_dataset(folder, cities=cities, observations=rows)


@pytest.mark.parametrize(
    ("name", "dataset", "size"),
    [
        *product([kind.name for kind in KINDS], ["published"], [WIDE, NARROW]),
        ("flow", "china-inventions-2016", NARROW),
        ("map", "us-metros-2015", NARROW),
        ("concentration", "china-inventions-2016", NARROW),
        ("flow", "gii-2023", WIDE),
    ],
    ids=str,
)
async def test_picture(
    name: str, dataset: str, size: tuple[int, int], snapshot: SnapshotAssertion
) -> None:
    async with running(dataset, "pictures", size) as pilot:
        await host(pilot).run_action(f"app.pane_action({f'picture({name!r})'!r})")
        host(pilot).select(city="330100", marked=frozenset({"320100", "440300"}))
        await pilot.pause()
        assert screen_text(pilot) == snapshot


@each_size
@pytest.mark.parametrize("keys", ["", "d"])
async def test_technologies(
    keys: str, size: tuple[int, int], snapshot: SnapshotAssertion, tmp_path: Path
) -> None:
    async with running(dataset_of_technologies(tmp_path), "pictures", size) as pilot:
        await pilot.press("v", "v", "v", "down", *([keys] if keys else []))
        await pilot.pause()
        assert screen_text(pilot) == snapshot


@each_size
async def test_a_logarithmic_scatter(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with running("published", "pictures", size) as pilot:
        await pilot.press("v", "M", "L", "left", "left", "space")
        await pilot.pause()
        assert screen_text(pilot) == snapshot


async def test_too_small(snapshot: SnapshotAssertion) -> None:
    async with running(size=(79, 23)) as pilot:
        await host(pilot).workers.wait_for_complete()
        assert screen_text(pilot) == snapshot
