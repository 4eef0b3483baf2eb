"""Every screen of the made-up dataset says so; and a slice of it travels through all tabs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.synthetic import NAME, main
from tests.tui.helpers import TABS, each_size, host, lines, pane, running, screen_text, table


@pytest.fixture
def made(tmp_path: Path) -> Path:
    folder = tmp_path / "made"
    main([str(folder), "--places", "60", "--years", "2019", "2021"])
    return folder


@each_size
async def test_every_screen_says_that_it_is_made_up(made: Path, size: tuple[int, int]) -> None:
    async with running(made, size=size) as pilot:
        for key in ("1", "2", "3", "4", "5", "v"):
            await pilot.press(key)
            await pilot.pause()
            assert NAME in screen_text(pilot)
        assert len(TABS) <= 6
        await pilot.press("2", "question_mark")
        assert NAME in screen_text(pilot)


async def test_the_slice_travels_into_every_tab(made: Path) -> None:
    async with running(made) as pilot:
        await pilot.press("left_square_bracket", "t", "w", "2", "D")
        slice_ = host(pilot).selection.slice
        assert slice_.options == {
            "--year": "2020",
            "--technology": "ai",
            "--scope": "gdp10",
            "--population": "registered_population",
        }
        for key in "2345":
            await pilot.press(key)
            await pilot.pause()
            for part in ("2020", "artificial intelligence", "top 10 by GDP", "Registered"):
                assert part in lines(pilot)[0]
        await pilot.press("3")
        rows = [table(pilot).rows.row(at) for at in range(table(pilot).rows.height)]
        assert len(rows) == 10
        ranks = [row["density_rank"] for row in rows if row["density_rank"] is not None]
        assert ranks == list(range(1, len(ranks) + 1))
        assert any(row["density_rank_since"] is not None for row in rows)
        assert "Δ 2019" in lines(pilot)[2]
        assert "history" in [column.key for column in table(pilot).columns]
        for _ in range(4):
            await pilot.press("u")
        assert host(pilot).selection.slice.options == {"--year": "2021"}
        assert pane(pilot).id == "density"
