"""Open whatever a person names: an embedded dataset, a folder, or a table of counts."""

from __future__ import annotations

from pathlib import Path

from citytech_data import DEFAULT
from citytech_data.catalogue import embedded_names
from citytech_data.errors import CityTechError
from citytech_data.manifest import read_manifest
from citytech_data.opening import read_opening, unread
from citytech_tui.dataview import DataView
from citytech_tui.language import _, error_text
from citytech_tui.selection import Selection, Slice

LARGE = 4_000_000
"""Bytes of a table that takes so long to read that a frame is shown meanwhile."""
PACKED = 25
"""Bytes of CSV that one of Parquet can stand for."""


def is_large(name: str) -> bool:
    """Whether `name` names a folder with a large table, and no embedded dataset."""
    if name in embedded_names():
        return False
    try:
        files = Path(name).expanduser().iterdir()
        return any(
            file.stat().st_size * (PACKED if file.suffix == ".parquet" else 1) >= LARGE
            for file in files
        )
    except (OSError, RuntimeError, ValueError):  # who reads it tells what is wrong
        return False


def unread_view(folder: Path) -> DataView:
    """Return the dataset in a folder, of which only what it declares is read.

    Raises:
        CityTechError: if that is wrong.
    """
    return DataView(unread(read_manifest(folder)), None, str(folder.resolve()))


def default_view() -> DataView:
    """Return the dataset that is shown where no other is asked for."""
    opening = read_opening(DEFAULT)
    return open_view(DEFAULT) if opening is None else DataView(opening)


def unopened(error: CityTechError) -> str:
    """Return the notice that another dataset is shown than the one shown last."""
    words = _("The dataset shown last cannot be opened: {error}")
    return words.format(error=error_text(error))


def open_view(name: str) -> DataView:
    """Return the dataset, read and ready to be shown.

    Raises:
        CityTechError: if it cannot be read.
    """
    from citytech_data.dataset import open_dataset

    if name in embedded_names():
        return DataView(None, open_dataset(name))
    try:
        path = Path(name).expanduser()
        is_file = path.is_file()
    except (OSError, RuntimeError, ValueError):  # a name too long, or the home of nobody known
        path, is_file = Path(name), False
    if is_file:
        from citytech_data.counts import read_counts

        table = read_counts(path)
        view = DataView(None, table.dataset, str(path.resolve()))
        view.reading = table.reading
    else:
        dataset = open_dataset(name)
        view = DataView(None, dataset, str(path.resolve()))
    # What the first screen needs is computed here, which may be off the event loop.
    view.standings(Selection(Slice(view.year)))
    return view
