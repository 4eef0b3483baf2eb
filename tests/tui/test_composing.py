"""What has changed on a screen, drawn apart, fits to the rest of it."""

from __future__ import annotations

import pytest
from rich.color import ColorSystem
from textual._context import active_app
from textual.geometry import Region

from citytech_tui.composing import Pieces, all_pieces, changed_pieces
from citytech_tui.frame import Frame
from tests.tui.helpers import host, running


def draw(frame: Frame, pieces: Pieces) -> None:
    for x, y, segments in pieces:
        frame.put(x, y, segments, ColorSystem.TRUECOLOR)


@pytest.mark.parametrize("before", ["", "x"])
async def test_no_wide_character_of_a_message_is_cut(before: str) -> None:
    async with running() as pilot:
        host(pilot).tell(before + "大" * 60)
        await pilot.pause()
        active_app.set(pilot.app)
        compositor = pilot.app.screen._compositor
        frame, whole = Frame(compositor.size), Frame(compositor.size)
        for each in (frame, whole):
            draw(each, all_pieces(compositor))
        assert any("大" in row.cells for row in whole.rows)
        for column in range(60, 118):
            for y in range(compositor.size.height):
                compositor._dirty_regions = {
                    Region(0, y, column, 1),
                    Region(column, y, compositor.size.width - column, 1),
                }
                draw(frame, changed_pieces(compositor) or Pieces())
            assert [row.cells for row in frame.rows] == [row.cells for row in whole.rows]
