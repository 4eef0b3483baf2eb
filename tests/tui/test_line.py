"""One line of parts: as wide as the screen, and cut with a sign wherever the cut falls."""

from __future__ import annotations

from rich.cells import cell_len
from textual.app import App, ComposeResult

from citytech_tui.widgets.line import Line, Part

PARTS = (Part(" q", "key"), Part(" quit "), Part(" b", "key"), Part(" 北京 "))


class Host(App[int]):
    """Shows nothing but one line."""

    def compose(self) -> ComposeResult:
        yield Line()


async def test_a_cut_shows_wherever_it_falls() -> None:
    app = Host()
    async with app.run_test(size=(40, 3)) as pilot:
        line = app.query_one(Line)
        line.show(*PARTS)
        whole = cell_len(line.plain)
        for width in range(1, whole + 3):
            await pilot.resize_terminal(width, 3)
            shown = line.render_line(0).text
            assert cell_len(shown) == width
            assert ("…" in shown) is (width < whole), shown
            assert shown.rstrip().removesuffix("…").rstrip() in line.plain
