from __future__ import annotations

import pytest

from citytech_tui.screenshots import PICTURES, Picture, draw, tidy
from tests.examples import ROOT

FOLDER = ROOT / "docs" / "screenshots"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
async def test_the_stored_picture_is_what_the_program_draws(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    stored = (FOLDER / f"{picture.name}.svg").read_text(encoding="utf-8")
    assert await draw(picture) == stored, "run `make screenshots` and look at the pictures"


def test_no_other_picture_is_stored() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == {picture.name for picture in PICTURES}


def test_a_chinese_character_takes_two_cells() -> None:
    text = '<text class="a" x="12.2" y="20" textLength="0" clip-path="url(#b)">&#160;A北 B</text>'
    assert tidy(text) == (
        '<text class="a" x="24.4" y="20" textLength="12.2" clip-path="url(#b)">A</text>'
        '<text class="a" x="36.6" y="20" textLength="24.4" clip-path="url(#b)">北</text>'
        '<text class="a" x="73.2" y="20" textLength="12.2" clip-path="url(#b)">B</text>\n'
    )


def test_a_bar_is_drawn_without_seams() -> None:
    text = '<text class="a" x="0" y="20" textLength="0" clip-path="url(#b)">██▌</text>'
    assert tidy(text) == (
        '<rect class="a" x="0" y="1.5" width="24.4" height="24.65" shape-rendering="crispEdges"/>'
        '<rect class="a" x="24.4" y="1.5" width="6.1" height="24.65" shape-rendering="crispEdges"/>'
        "\n"
    )


def test_nothing_is_loaded_from_the_web() -> None:
    for picture in PICTURES:
        svg = (FOLDER / f"{picture.name}.svg").read_text(encoding="utf-8")
        assert "url(http" not in svg
        assert "@font-face" not in svg
