"""Any frame after any other: the difference shows what a full repaint of the frame shows."""

from __future__ import annotations

from copy import deepcopy

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.geometry import Offset, Region, Size
from textual.strip import Strip

from citytech_tui.frame import Frame, Screenful, is_doubtful
from tests.tui.emulator import Cell, Emulator

WIDTH, HEIGHT = 24, 5
SIZE = Size(WIDTH, HEIGHT)
SYSTEMS = (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT, ColorSystem.STANDARD)
JOINED = "👩‍🚀"

colours = st.one_of(
    st.none(),
    st.sampled_from(["default", "red", "bright_blue", "color(99)", "#012345", "#fedcba"]).map(
        Color.parse
    ),
)
attributes = st.sets(
    st.sampled_from(["bold", "dim", "italic", "underline", "reverse", "strike", "overline"])
)
styles = st.builds(
    lambda color, bgcolor, on, link: (
        Style.parse(" ".join(on) or "none") + Style(color=color, bgcolor=bgcolor, link=link)
    ),
    colours,
    colours,
    attributes,
    st.sampled_from([None, None, None, "https://example.org"]),
)
# pyte knows these as rich does: letters, spaces in plenty, Chinese, signs, marks and emoji.
_UNITS = ["a", "b", "Z", "0", " ", " ", "  ", " " * 10, "█", "│", "杭", "州", "。", "e\u0301", "é"]
texts = st.lists(st.sampled_from([*_UNITS, "🚀"]), min_size=1, max_size=8).map("".join)
hard_texts = st.lists(
    st.sampled_from([*_UNITS, "🚀", JOINED, "❤\ufe0f", "🇨🇳"]), min_size=1, max_size=8
).map("".join)


def rows(text: st.SearchStrategy[str]) -> st.SearchStrategy[Strip]:
    """Return rows of some segments, filled up with spaces."""
    segment = st.tuples(text, st.one_of(st.none(), styles)).map(lambda pair: Segment(*pair))
    segments = st.lists(segment, max_size=5)
    return st.builds(
        lambda parts, rest: Strip(parts).adjust_cell_length(WIDTH, rest), segments, styles
    )


def sequences(text: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[Strip]]]:
    """Return frames one after the other, of few different rows, so that many stay as they are."""
    pool = st.lists(rows(text), min_size=2, max_size=6)
    return pool.flatmap(
        lambda some: st.lists(
            st.lists(st.sampled_from(some), min_size=HEIGHT, max_size=HEIGHT),
            min_size=2,
            max_size=4,
        )
    )


def frame_of(strips: list[Strip], system: ColorSystem = ColorSystem.TRUECOLOR) -> Frame:
    frame = Frame(SIZE)
    for y, strip in enumerate(strips):
        frame.put(0, y, strip, system)
    return frame


def repainted(strips: list[Strip], system: ColorSystem) -> str:
    """Return what Textual itself writes for the frame."""
    name = {"TRUECOLOR": "truecolor", "EIGHT_BIT": "256", "STANDARD": "standard"}[system.name]
    console = Console(color_system=name, force_terminal=True)  # type: ignore[arg-type]
    # Strips and styles keep what they were rendered to, whatever the colours were.
    anew = [
        Strip([Segment(text, style and style.copy()) for text, style, _ in strip])
        for strip in strips
    ]
    Strip.render_ansi.cache_clear()
    return LayoutUpdate([[strip] for strip in anew], Region(0, 0, *SIZE)).render_segments(console)


def pyte_screen() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    # It erases only cells that were ever written.
    stream.feed("\x1b[?7l" + "\r\n".join([" " * WIDTH] * HEIGHT))
    return screen, stream


def pyte_cells(screen: pyte.Screen) -> list[list[pyte.screens.Char]]:
    return [
        [_pyte_seen(screen.buffer[y][x]) for x in range(screen.columns)]
        for y in range(screen.lines)
    ]


def _pyte_seen(cell: pyte.screens.Char) -> pyte.screens.Char:
    if cell.data != " " or cell.underscore or cell.reverse or cell.strikethrough:
        return cell
    return pyte.screens.Char(" ", bg=cell.bg)


@given(
    frames=sequences(texts),
    system=st.sampled_from(SYSTEMS),
    fills=st.booleans(),
    resets=st.booleans(),
    cursor=st.builds(Offset, st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1)),
)
def test_a_difference_shows_what_a_repaint_shows(
    frames: list[list[Strip]], system: ColorSystem, fills: bool, resets: bool, cursor: Offset
) -> None:
    terminal = Emulator(WIDTH, HEIGHT, fills=fills)
    other, stream = pyte_screen()
    screenful = Screenful(fills=fills)
    for strips in frames:
        text = screenful.change(frame_of(strips, system), cursor)
        text += screenful.reset() if resets else ""
        full = repainted(strips, system)
        terminal.feed(text)
        expected = Emulator(WIDTH, HEIGHT)
        expected.feed(full)
        assert terminal.seen() == expected.seen()
        assert (terminal.x, terminal.y) == cursor
        assert not resets or terminal.pen == Cell()

        stream.feed(text)
        fresh, fresh_stream = pyte_screen()
        fresh_stream.feed(full)
        assert pyte_cells(other) == pyte_cells(fresh)
    assert screenful.change(frame_of(frames[-1], system), cursor) == ""
    terminal.feed(screenful.reset())
    assert terminal.pen == Cell()


@given(
    steps=st.lists(
        st.tuples(
            st.lists(
                st.tuples(
                    st.integers(0, WIDTH - 1),
                    st.integers(0, HEIGHT - 1),
                    st.builds(Segment, hard_texts, st.none() | styles),
                ),
                max_size=3,
            ),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_what_is_drawn_on_a_frame_shows_as_the_whole_frame_does(
    steps: list[tuple[list[tuple[int, int, Segment]], bool]],
) -> None:
    frame, screenful = Frame(SIZE), Screenful(fills=True)
    terminal = Emulator(WIDTH, HEIGHT)
    for puts, forgets in steps:
        for x, y, segment in puts:
            frame.put(x, y, [segment], ColorSystem.TRUECOLOR)
        if forgets:
            screenful.shown = None
        terminal.feed(screenful.change(frame, Offset(0, 0)))
        whole = Emulator(WIDTH, HEIGHT)
        whole.feed(Screenful(fills=True).change(deepcopy(frame), Offset(0, 0)))
        assert terminal.seen() == whole.seen()


@given(frames=sequences(hard_texts), legacy=st.booleans())
def test_a_terminal_with_other_widths_shows_all_else(
    frames: list[list[Strip]], legacy: bool
) -> None:
    terminal = Emulator(WIDTH, HEIGHT, legacy=legacy)
    screenful = Screenful(fills=True)
    for strips in frames:
        frame = frame_of(strips)
        terminal.feed(screenful.change(frame, Offset(0, 0)))
        for y, row in enumerate(frame.rows):
            for x, cell in enumerate(row.cells):
                owner = row.cells[x - 1] if cell == "" else cell
                if not is_doubtful(owner):
                    assert terminal.rows[y][x].text == cell, terminal.text()


@given(
    st.lists(st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), texts), max_size=20),
)
def test_no_half_of_a_wide_character_is_left(puts: list[tuple[int, int, str]]) -> None:
    frame = Frame(SIZE)
    for x, y, text in puts:
        frame.put(x, y, [Segment(text)], ColorSystem.TRUECOLOR)
        for row, pens in ((each.cells, each.pens) for each in frame.rows):
            assert (len(row), len(pens)) == SIZE[:1] * 2
            after = [*row[1:], " "]
            assert row[0] and all(
                (cell_len(cell) == 2) == (follower == "")
                for cell, follower in zip(row, after, strict=True)
                if cell
            )


def test_no_link_goes_on_when_the_screen_is_drawn_anew() -> None:
    frame, screenful, terminal = Frame(SIZE), Screenful(fills=True), Emulator(WIDTH, HEIGHT)
    for style in (Style(link="https://example.org"), None):
        frame.put(0, 0, [Segment("a", style)], ColorSystem.TRUECOLOR)
        screenful.shown = None
        terminal.feed(screenful.change(frame, Offset(0, 0)))
    assert terminal.seen() == [[Cell("a"), *[Cell()] * (WIDTH - 1)], *[[Cell()] * WIDTH] * 4]
