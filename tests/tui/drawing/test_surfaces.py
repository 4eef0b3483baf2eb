"""The two surfaces: cells of a terminal, and SVG that no name can break out of."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from citytech_tui.drawing.canvas import Canvas
from citytech_tui.drawing.svg import SvgSurface

SVG = "{http://www.w3.org/2000/svg}"


def test_text_is_cut_at_the_right_edge() -> None:
    canvas = Canvas(8, 1)
    canvas.text(3, 0, "Beijing")
    assert canvas.plain() == ["   Beij…"]


def test_a_wide_character_that_is_half_covered_is_gone() -> None:
    canvas = Canvas(6, 2)
    canvas.text(0, 0, "北京")
    canvas.mark(1, 0, "●")
    canvas.text(0, 1, "北京")
    canvas.mark(2, 1, "●")
    assert canvas.plain() == [" ●京  ", "北●   "]


def test_a_line_is_made_of_dots() -> None:
    canvas = Canvas(4, 1)
    canvas.line((0, 0), (4, 0))
    assert canvas.plain() == ["⠉⠉⠉⠉"]
    canvas.line((0, 0), (4, 0), thick=True)
    assert canvas.plain() == ["⠛⠛⠛⠛"]


def test_a_dashed_line_has_gaps() -> None:
    canvas = Canvas(6, 1)
    canvas.line((0, 0), (6, 0), dashed=True)
    assert "⠀" not in canvas.plain()[0] and " " in canvas.plain()[0]


def test_a_disc_is_solid_and_a_ring_hollow() -> None:
    disc, ring = Canvas(9, 5), Canvas(9, 5)
    disc.disc(4.5, 2.5, 1.5, 0)
    ring.disc(4.5, 2.5, 0, 1.5)
    assert disc.plain()[2][4] == "⣿"
    assert ring.plain()[2][4] == " "
    assert ring.plain()[2].strip()


def test_texts_stand_above_lines() -> None:
    canvas = Canvas(5, 1)
    canvas.text(1, 0, "abc")
    canvas.line((0, 0.5), (5, 0.5))
    assert canvas.plain()[0][1:4] == "abc"


@given(
    st.integers(0, 20),
    st.integers(0, 6),
    st.floats(-30, 30),
    st.floats(-10, 10),
    st.text(max_size=30).filter(str.isprintable),
)
def test_nothing_leaves_the_canvas(width: int, height: int, x: float, y: float, text: str) -> None:
    canvas = Canvas(width, height)
    canvas.text(x, y, text)
    canvas.mark(x, y, "●")
    canvas.line((x, y), (y, x))
    canvas.disc(x, y, 2, 3)
    canvas.fill(x, int(y), 40, 3, "A")
    assert [cell_len(line) for line in canvas.plain()] == [width] * height


HOSTILE = '</text><script>alert("1")</script>&<!--\x1b]52;c;x\x07\u202e\ufffe\ud800'


@pytest.mark.parametrize("where", ["text", "title", "caption", "letter"])
def test_names_are_escaped(where: str) -> None:
    surface = SvgSurface(60, 5)
    title, caption = "Title", ["Caption"]
    if where == "text":
        surface.text(0, 0, HOSTILE)
    elif where == "title":
        title = HOSTILE
    elif where == "caption":
        caption = [HOSTILE]
    else:
        surface.fill(0, 0, 9, 0, HOSTILE)
    document = surface.document(title, caption)
    document.encode("utf-8")
    root = ElementTree.fromstring(document)
    assert {element.tag for element in root.iter()}.isdisjoint({f"{SVG}script"})
    assert "alert" in "".join(root.itertext())
    assert "\x1b" not in document and "\u202e" not in document


def test_shapes_of_svg() -> None:
    surface = SvgSurface(60, 5)
    surface.mark(1, 1, "●")
    surface.mark(2, 1, "○")
    surface.line((0, 0), (5, 5), dashed=True)
    surface.disc(5, 2, 1, 2)
    surface.fill(0, 3, 10, 1, "B")
    root = ElementTree.fromstring(surface.document("Title", ["One", "Two"]))
    fills = [circle.get("fill") for circle in root.iter(f"{SVG}circle") if circle.get("r") == "3.6"]
    assert len(fills) == 2 and fills[0] != fills[1] == "#fff"
    assert [text for text in root.itertext() if text in {"One", "Two"}] == ["One", "Two"]
    assert any(line.get("stroke-dasharray") for line in root.iter(f"{SVG}line"))
    assert any("part1" in (rect.get("fill") or "") for rect in root.iter(f"{SVG}rect"))
