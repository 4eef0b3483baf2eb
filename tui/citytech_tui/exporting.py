"""Take away what is shown: as a CSV file, or as text for the clipboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from citytech_data.rows import FrameRows, Row
from citytech_data.vocabulary import ALL
from citytech_tui.dataview import Sort
from citytech_tui.format import figure_text, rank_text

if TYPE_CHECKING:
    import polars as pl

    from citytech_tui.app import CityTechApp

_MOST_NAMES = 1000
_LONGEST_STEM = 200
"""Bytes; most file systems allow 255 for the whole name."""


def row_text(row: Row, measure: str) -> str:
    """Return a city's rank, names and figure as tab-separated text."""
    rank = rank_text(row[f"{measure}_rank"], row[f"{measure}_rank_worst"])
    figure, basis = figure_text(row, measure), row[f"{measure}_basis"]
    return "\t".join((rank, row["code"], row["city"], row["city_zh"] or "", figure, basis))


def export_ranking(host: CityTechApp, measure: str, sort: Sort | None) -> None:
    """Write the cities shown, in their order, to a new CSV file."""
    rows = host.view.ranking(measure, host.selection, sort)
    if host.still_reading() or not isinstance(rows, FrameRows):
        return
    from citytech_data.ranking import export_ranking as columns

    selection = host.selection
    technology = "" if selection.technology == ALL else f"-{selection.technology}"
    export_frame(host, columns(rows.frame, measure), f"{measure}-{selection.year}{technology}")


def export_frame(host: CityTechApp, frame: pl.DataFrame, name: str) -> None:
    """Write `frame` to a new CSV file in the current folder and tell its name."""
    write_file(host, name, ".csv", frame.write_csv().encode(), f"{frame.height} rows")


def write_file(host: CityTechApp, name: str, suffix: str, content: bytes, what: str) -> None:
    """Write `content` to a new file in the current folder and tell its name and `what` is in it."""
    try:
        path = new_path(Path.cwd(), f"{host.view.manifest.name}-{name}", suffix)
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        host.tell(f"Nothing was written: {error.strerror}.")
    else:
        host.tell(f"Wrote {what} to {path.name} in the current folder.")


def new_path(folder: Path, stem: str, suffix: str) -> Path:
    """Return a path in `folder` where nothing is yet: `stem.csv`, `stem-2.csv` ...

    Raises:
        FileExistsError: if a thousand such names are taken.
    """
    safe = "".join(c if c.isalnum() or c in "-_." else "-" for c in stem)
    safe = safe.encode()[:_LONGEST_STEM].decode(errors="ignore")
    for number in range(1, _MOST_NAMES):
        path = folder / (f"{safe}{suffix}" if number == 1 else f"{safe}-{number}{suffix}")
        if not path.exists():
            return path
    raise FileExistsError(0, "too many exports of this name")
