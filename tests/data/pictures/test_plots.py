"""Scatter and map: who has a mark, where, and how many have none."""

from __future__ import annotations

from pathlib import Path

from citytech_data.dataset import Dataset, read_dataset
from citytech_data.pictures.axes import Known
from citytech_data.pictures.plot import Plot, point_map, scatter
from citytech_data.ranking import standings
from tests.helpers import YEAR, city, make_dataset, observation


def dataset(tmp_path: Path) -> Dataset:
    """Return four cities: a value of each kind, and one of which nothing is known."""
    folder = make_dataset(
        tmp_path,
        cities=[
            city("a", lon=116.4, lat=39.9, name_zh="甲"),
            city("b", lon=121.5, lat=31.2),
            city("c", lon=113.3, lat=23.1),
            city("d"),
        ],
        observations=[
            observation("a", "apps", 100),
            observation("b", "apps", None, lower=20, upper=60, basis="bounded"),
            observation("c", "apps", None, upper=50, basis="bounded"),
            observation("a", "population", 20_000),
            observation("b", "population", 0),
            observation("c", "population", 50_000),
        ],
    )
    return read_dataset(folder)


def known(plot: Plot) -> dict[str, tuple[Known, Known]]:
    return {mark.code: (mark.x.known, mark.y.known) for mark in plot.marks}


def test_scatter(tmp_path: Path) -> None:
    data = dataset(tmp_path)
    plot = scatter(standings(data, YEAR), data.manifest, "population", "total")
    assert known(plot) == {
        "a": (Known.VALUE, Known.VALUE),
        "b": (Known.VALUE, Known.RANGE),
        "c": (Known.VALUE, Known.AT_MOST),
    }
    assert [mark.code for mark in plot.marks] == ["a", "b", "c"]  # from the highest down
    assert plot.left_out == {"missing": 1, "zero": 0}
    assert plot.frame["code"].to_list() == ["a", "b", "c", "d"]
    assert plot.x.title == "population" and plot.y.title == "Total"


def test_zero_has_no_place_on_a_logarithmic_axis(tmp_path: Path) -> None:
    data = dataset(tmp_path)
    plot = scatter(standings(data, YEAR), data.manifest, "population", "total", (True, False))
    assert set(known(plot)) == {"a", "c"}
    assert plot.left_out == {"missing": 1, "zero": 1}
    assert plot.x.log and not plot.y.log


def test_map(tmp_path: Path) -> None:
    data = dataset(tmp_path)
    plot = point_map(standings(data, YEAR), data.cities, data.manifest, "total")
    sizes = {mark.code: mark.size for mark in plot.marks}
    assert list(sizes) == ["a", "b", "c"]  # the largest first
    assert [size.known for size in sizes.values() if size] == [
        Known.VALUE,
        Known.RANGE,
        Known.AT_MOST,
    ]
    assert plot.left_out == {"missing": 0, "nowhere": 1}
    assert plot.size is not None and plot.size.place(100) < 1
    # At 31 degrees north a degree of longitude is 0.86 as long as one of latitude.
    assert plot.aspect is not None and 0.8 < plot.aspect < 0.9


def test_a_map_without_figures_counts_them(tmp_path: Path) -> None:
    data = dataset(tmp_path)
    plot = point_map(standings(data, YEAR), data.cities, data.manifest, "proportion")
    assert plot.marks == ()
    assert plot.left_out == {"missing": 3, "nowhere": 1}
