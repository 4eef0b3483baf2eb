"""Pictures from the command line: the same as those that the screen gives."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest

from citytech_tui.__main__ import main
from citytech_tui.drawing.gallery import KINDS
from citytech_tui.drawing.shown import Wish
from citytech_tui.panes.pictures import PicturesPane
from citytech_tui.takeaway import Takeaway
from tests.tui.helpers import pane, running, screen_text, wait_until

PNG = b"\x89PNG\r\n\x1a\n"


def export(*arguments: str) -> int:
    with patch("sys.argv", ["citytech-tui", "export", *arguments]):
        return main()


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
async def test_a_picture_is_that_of_the_screen(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.svg"
    wished = ["--across", "gdp", "--log", "up"] if kind == "scatter" else []
    assert export("density", str(file), "--picture", kind, "--city", "上海", *wished) == 0
    taken: list[Takeaway] = []
    async with running(tab="pictures") as pilot:
        await wait_until(pilot, lambda: "Reading" not in screen_text(pilot))
        pictures = pane(pilot)
        assert isinstance(pictures, PicturesPane)
        monkeypatch.setattr(pictures.host, "take_away", taken.append)
        pictures.host.select(city="310000")
        pictures.wish = Wish("density", "gdp", log_y=True) if wished else Wish("density")
        pictures.action_picture(kind)
        pictures.action_export()
    (shown,) = taken
    assert shown.pictures is not None
    assert file.read_bytes() == shown.pictures[".svg"]()
    assert ET.parse(file).getroot().tag.endswith("svg")


def test_forms_of_a_picture(tmp_path: Path) -> None:
    drawing, table = tmp_path / "a.png", tmp_path / "a.csv"
    asked = ("total", "--picture", "map", "--filter", "guangdong")
    assert export(*asked, str(drawing)) == export(*asked, str(table)) == 0
    assert drawing.read_bytes().startswith(PNG)
    assert pl.read_csv(table)["city"].sort().to_list() == [
        *("Dongguan", "Foshan", "Guangzhou", "Shenzhen")
    ]


def test_a_picture_speaks_the_language_asked_for(tmp_path: Path) -> None:
    assert export("total", str(tmp_path / "a.svg"), "--picture", "map", "--lang", "zh") == 0
    assert "数字技术专利申请量" in (tmp_path / "a.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("total {file} --picture flow --across gdp", "--across is not for the picture flow"),
        ("total {file} --picture map --log up", "--log is not for the picture map"),
        ("total {file} --picture map --shares", "--shares is not for the picture map"),
        ("total {file} --picture map --columns gdp", "--columns is not for the picture map"),
        ("total {file} --picture scatter --across luck", "has no measure 'luck' here"),
        ("density {file} --picture map --dataset gii-2023", "has no measure 'density' here"),
        ("trend {file} --picture map", "pictures and their options are for"),
        ("city {file} --city hangzhou --picture map", "pictures and their options are for"),
        ("total {file} --shares", "pictures and their options are for"),
        ("total {file} --picture photo", "'photo' is none of 'flow', 'scatter', 'map'"),
        ("total {file} --picture map --city nowhere", "no city is called 'nowhere'"),
        ("total {file}", "must end in one of .csv"),
    ],
)
def test_what_cannot_be_drawn_is_told(
    arguments: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(*arguments.format(file=tmp_path / "a.svg").split()) == 2
    assert said in capsys.readouterr().err
    assert not [*tmp_path.glob("a.*"), *tmp_path.glob(".a.*")]


def test_without_its_package_png_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with patch.dict("sys.modules", {"resvg_py": None}):
        assert export("total", str(tmp_path / "a.png"), "--picture", "map") == 2
    assert "pip install 'citytech-tui[png]'" in capsys.readouterr().err
    assert not [*tmp_path.glob("a.*"), *tmp_path.glob(".a.*")]
