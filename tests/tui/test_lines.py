"""Lines of text: wrapped, scrolled, never wider than the widget, repainted only where changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip

from citytech_tui.widgets.lines import Line, Lines, paragraph, text
from citytech_tui.widgets.scrollbar import Bar
from tests.tui.helpers import scroll_wheel, widget_lines

JUST_WIDE = "fourteen of it end"
"""As wide as a screen of 20 cells leaves without a scrollbar."""


class Host(App[int]):
    """Shows nothing but lines, and counts those that are drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[int] = []

    def compose(self) -> ComposeResult:
        drawn = self.drawn

        class Counted(Lines):
            def render_line(self, y: int) -> Strip:
                drawn.append(y)
                return super().render_line(y)

        yield Counted()

    @property
    def area(self) -> Lines:
        return self.query_one(Lines)


def numbered(count: int, changed: frozenset[int] = frozenset()) -> list[Line]:
    """Return lines that name their number."""
    return [text(f"line {number}{'!' * (number in changed)}") for number in range(count)]


@given(st.text("ab 北京", max_size=60), st.integers(8, 30), st.sampled_from(["", "  "]))
def test_a_paragraph_keeps_its_width(content: str, width: int, indent: str) -> None:
    lines = paragraph(content, width, "dim", indent)
    assert all(cell_len(part) <= width for line in lines for part, _ in line)
    assert all(part.startswith(indent) for line in lines[1:] for part, _ in line)
    assert {style for line in lines for _, style in line} <= {"dim"}
    shown = "".join(part for line in lines for part, _ in line)
    assert "".join(shown.split()) == "".join(content.split())


async def test_what_fits_is_shown_and_what_does_not_is_cut() -> None:
    app = Host()
    async with app.run_test(size=(12, 6)) as pilot:
        app.area.show(
            lambda width: [
                (("ab", "strong"), ("cd", "dim")),
                (),
                text("x" * 30),
                (("北京", ""), ("上海杭州", "")),
            ]
        )
        await pilot.pause()
        assert widget_lines(pilot, app.area) == [
            " abcd       ",
            "            ",
            " xxxxxxxxx… ",
            " 北京上海 … ",
            "            ",
            "            ",
        ]
        assert app.area.plain == "abcd\n\n" + "x" * 30 + "\n北京上海杭州"


async def test_the_lines_are_built_for_the_width_there_is() -> None:
    app = Host()
    async with app.run_test(size=(30, 5)) as pilot:
        app.area.show(lambda width: [text(f"{width} wide")])
        await pilot.pause()
        assert widget_lines(pilot, app.area)[0].strip() == "28 wide"
        await pilot.resize_terminal(20, 5)
        assert widget_lines(pilot, app.area)[0].strip() == "18 wide"
        app.area.show(lambda width: [text(f"{width} wide")] * 20)
        await pilot.pause()
        # One cell is for the scroll bar.
        assert widget_lines(pilot, app.area)[0][:-1].strip() == "17 wide"


async def test_it_scrolls_by_keys_and_wheel_and_back_to_the_top() -> None:
    app = Host()
    async with app.run_test(size=(20, 5)) as pilot:
        app.area.show(lambda width: numbered(20))
        app.area.focus()
        await pilot.pause()
        assert "line 0" in widget_lines(pilot, app.area)[0]
        await pilot.press("down", "down")
        assert "line 2" in widget_lines(pilot, app.area)[0]
        await pilot.press("end")
        assert "line 19" in widget_lines(pilot, app.area)[4]
        await scroll_wheel(pilot, app.area, down=False)
        assert "line 19" not in "".join(widget_lines(pilot, app.area))
        app.area.show(lambda width: numbered(20, frozenset({3})), from_top=False)
        await pilot.pause()
        assert app.area.scroll_offset.y > 0
        app.area.show(lambda width: numbered(20))
        await pilot.pause()
        assert "line 0" in widget_lines(pilot, app.area)[0]


async def test_fewer_lines_leave_nothing_behind() -> None:
    app = Host()
    async with app.run_test(size=(20, 5)) as pilot:
        app.area.show(lambda width: numbered(20))
        app.area.focus()
        await pilot.pause()
        await pilot.press("end")
        app.area.show(lambda width: numbered(2), from_top=False)
        await pilot.pause()
        shown = [line.strip() for line in widget_lines(pilot, app.area)]
        assert shown == ["line 0", "line 1", "", "", ""]


@pytest.mark.parametrize("changed", [set(), {0}, {1, 3}, {0, 1, 2, 3, 4}])
async def test_only_changed_lines_are_drawn_again(changed: set[int]) -> None:
    app = Host()
    async with app.run_test(size=(20, 5)) as pilot:
        app.area.show(lambda width: numbered(5))
        await pilot.pause()
        app.drawn.clear()
        app.area.show(lambda width: numbered(5, frozenset(changed)))
        await pilot.pause()
        assert sorted(app.drawn) == sorted(changed)


async def test_the_pointer_moves_over_it_without_a_line_being_drawn() -> None:
    app = Host()
    async with app.run_test(size=(20, 5)) as pilot:
        app.area.show(lambda width: numbered(20))
        await pilot.pause()
        app.drawn.clear()
        for y in range(5):
            await pilot.hover(Lines, offset=(3, y))
        assert app.drawn == []


async def test_the_last_line_is_reached_though_a_scrollbar_takes_some_width() -> None:
    host = Host()
    async with host.run_test(size=(20, 10)) as pilot:
        # As wide as the widget without a scrollbar: beside one each takes a second line.
        host.area.show(
            lambda width: [line for _ in range(9) for line in paragraph(JUST_WIDE, width)]
        )
        host.area.show(
            lambda width: [line for _ in range(12) for line in paragraph(JUST_WIDE, width)]
        )
        await pilot.pause()
        host.area.scroll_end(animate=False)
        await pilot.pause()
        assert host.area.virtual_size.height == len(host.area.plain.splitlines()) == 24
        assert widget_lines(pilot, host.area)[-1].strip() == "end"


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
@pytest.mark.parametrize("is_under_the_pointer", [False, True])
async def test_the_scrollbar_is_drawn_as_textual_does(
    theme: str, is_under_the_pointer: bool
) -> None:
    app = Host()
    app.theme = theme
    async with app.run_test(size=(20, 11)) as pilot:
        app.area.show(lambda width: numbered(100))
        bar = app.area.vertical_scrollbar
        bar.mouse_over = is_under_the_pointer
        for top in range(0, 90, 7):
            app.area.scroll_to(y=top, animate=False, immediate=True)
            await pilot.pause()
            assert isinstance(bar, Bar)
            for crop in (bar.size.region, Region(0, 3, 1, 4)):
                expected = [[*strip] for strip in bar.render_lines(crop)]
                assert [[*strip] for strip in bar.render_changed(crop)] == expected
