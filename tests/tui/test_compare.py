"""Cities side by side: differences in words, mixes and years."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from citytech_data.dataset import open_dataset, read_dataset
from citytech_tui.dataview import DataView
from citytech_tui.screens.compare import differences
from citytech_tui.screens.text import TextScreen
from citytech_tui.selection import Selection, Slice
from tests.helpers import city, make_dataset, observation
from tests.tui.helpers import NARROW, WIDE, running, wait_until

COUNTS = {"a": (40, 60), "b": (30, 10), "c": (5, 15)}


def made(parent: Path) -> Path:
    rows = []
    for year in (2019, 2020):
        for code, (ai, iot) in COUNTS.items():
            rows += [
                observation(code, "apps", ai * (year - 2018), technology="ai", year=year),
                observation(code, "apps", iot * (year - 2018), technology="iot", year=year),
                observation(code, "apps", (ai + iot) * (year - 2018), year=year),
            ]
    cities = [city(code, f"City {code}", name_zh=f"城市{code}") for code in COUNTS]
    return make_dataset(parent, cities=cities, observations=rows)


@pytest.fixture(scope="module")
def view() -> DataView:
    return DataView(None, open_dataset("published"))


@pytest.mark.parametrize(
    ("codes", "measure", "sentences"),
    [
        (("440300", "310000"), "density", ["Density: Shenzhen has 1.64 times what Shanghai has."]),
        # Beijing's total lies between 10,279 and 12,836, Hangzhou's at most at 4,375.
        (
            ("330100", "110000"),
            "total",
            ["Total: Beijing has at least 2.35 times what Hangzhou has."],
        ),
        (
            ("110000", "440300"),
            "total",
            ["Total: Beijing has 1.00 to 1.25 times what Shenzhen has."],
        ),
        (
            ("330100", "440100"),
            "total",
            ["Total: Hangzhou and Guangzhou cannot be compared, too little is known."],
        ),
    ],
)
def test_differences_claim_no_more_than_is_known(
    view: DataView, codes: tuple[str, ...], measure: str, sentences: list[str]
) -> None:
    selection = Selection(Slice(view.year))
    rows = [row for code in codes if (row := view.city(code, selection)) is not None]
    assert [*differences(rows, measure)] == sentences


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["120x40", "80x24"])
async def test_marked_cities_side_by_side(tmp_path: Path, size: tuple[int, int]) -> None:
    folder = made(tmp_path)
    assert read_dataset(folder).technologies == ("all", "ai", "iot")
    async with running(folder, size=size) as pilot:
        await pilot.press("space", "space", "space", "x")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, TextScreen))
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, TextScreen)
        shown = screen.plain
    lines = shown.split("\n")
    assert max(map(cell_len, lines)) <= size[0]
    assert lines[0].split() == ["City", "a", "City", "b", "City", "c"]
    assert "Total: City a has 2.50 times what City b has." in shown
    # 40 of 100 against 75 of 160: City a is less special in AI than all three together.
    mix = next(line for line in lines if line.startswith("artificial"))
    assert mix.split("(")[1].startswith("0.85")
    assert [line.split()[-1] for line in lines if "2019" in line] == ["2020"]
    assert all(f"{glyph} City {name}" in shown for glyph, name in zip("●◆▲", "abc", strict=True))
