"""Open whatever a person names: an embedded dataset, a folder, or a table of counts."""

from __future__ import annotations

from pathlib import Path

from citytech_data.catalogue import embedded_names
from citytech_tui.dataview import DataView
from citytech_tui.selection import Selection, Slice


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
