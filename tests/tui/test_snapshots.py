"""The screens as text, looked at by a person: every tab, dialog and size.

`make test ARGS="--snapshot-update tests/tui/test_snapshots.py"` stores them anew.
"""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.tui.helpers import (
    TABS,
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
        await pilot.press("G", "k", "k", "space", "d", "o")
        await pilot.pause()
        assert screen_text(pilot) == snapshot


async def test_too_small(snapshot: SnapshotAssertion) -> None:
    async with running(size=(79, 23)) as pilot:
        await host(pilot).workers.wait_for_complete()
        assert screen_text(pilot) == snapshot
