"""Take away what is shown: as a CSV file, or as text for the clipboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from citytech_data.rows import FrameRows, Row
from citytech_data.scope import EVERYWHERE
from citytech_data.vocabulary import ALL, POPULATION
from citytech_tui.format import figure_text, rank_text
from citytech_tui.language import _, plural
from citytech_tui.selection import Selection

if TYPE_CHECKING:
    import polars as pl

    from citytech_tui.app import CityTechApp

_MOST_NAMES = 1000
_LONGEST_COPY = 74_000
"""Bytes; what many terminals take at most at once by OSC 52."""
_LONGEST_STEM = 200
"""Bytes; most file systems allow 255 for the whole name."""


def row_text(row: Row, measure: str) -> str:
    """Return a city's rank, names and figure as tab-separated text."""
    rank = rank_text(row[f"{measure}_rank"], row[f"{measure}_rank_worst"])
    figure, basis = figure_text(row, measure), row[f"{measure}_basis"]
    return "\t".join((rank, row["code"], row["city"], row["city_zh"] or "", figure, basis))


def export_ranking(host: CityTechApp, measure: str) -> None:
    """Take the cities shown, in their order."""
    rows = host.view.ranking(measure, host.selection)
    if host.still_reading() or not isinstance(rows, FrameRows):
        return
    from citytech_data.ranking import export_ranking as columns

    host.surroundings.export(
        host, columns(rows.frame, measure), f"{measure}-{slice_stem(host.selection)}"
    )


def slice_stem(selection: Selection) -> str:
    """Return the slice for the name of a file: `2021-ai-gdp50`."""
    slice_ = selection.slice
    parts = [str(slice_.year)]
    parts += [] if slice_.technology == ALL else [slice_.technology]
    if slice_.scope != EVERYWHERE:
        # So many names would not fit into that of a file.
        cities = len(slice_.scope.cities)
        parts.append(f"{cities}-cities" if cities else slice_.scope.text.replace(":", "-"))
    parts += [] if slice_.population == POPULATION else [slice_.population]
    return "-".join(parts if slice_.proven else [*parts, "printed"])


def write_frame(host: CityTechApp, frame: pl.DataFrame, name: str) -> None:
    """Write `frame` to a new CSV file in the current folder and tell its name."""
    rows = plural("{number} row", "{number} rows", frame.height).format(number=frame.height)
    write_file(host, name, ".csv", frame.write_csv().encode(), rows)


def write_file(host: CityTechApp, name: str, suffix: str, content: bytes, what: str) -> None:
    """Write `content` to a new file in the current folder and tell its name and `what` is in it."""
    try:
        path = new_path(Path.cwd(), f"{host.view.manifest.name}-{name}", suffix)
        with path.open("xb") as file:
            file.write(content)
    except OSError as error:
        host.tell(_("Nothing was written: {reason}.").format(reason=error.strerror))
    else:
        words = _("Wrote {what} to {file} in the current folder.")
        host.tell(words.format(what=what, file=path.name))


def show_frame(host: CityTechApp, frame: pl.DataFrame, name: str) -> None:
    """Show `frame` as CSV above the tabs, and send it to the clipboard if it is not too long."""
    from citytech_tui.screens.text import TextScreen

    content = frame.write_csv()
    from citytech_tui.widgets.lines import Line, paragraph

    def build(width: int) -> list[Line]:
        return [part for line in content.splitlines() for part in paragraph(line, width)]

    host.push_screen(TextScreen(f"{host.view.manifest.name}-{name}.csv", build))
    if len(content.encode()) <= _LONGEST_COPY:
        host.copy_to_clipboard(content)
        words = plural(
            "{number} row: sent to your terminal's clipboard as CSV.",
            "{number} rows: sent to your terminal's clipboard as CSV.",
            frame.height,
        )
    else:
        words = plural(
            "{number} row is too long for a terminal's clipboard.",
            "{number} rows are too long for a terminal's clipboard.",
            frame.height,
        )
    host.tell(words.format(number=frame.height))


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
    raise FileExistsError(0, _("too many exports of this name"))
