"""Collect what is translated: messages of the program, and texts of the embedded datasets.

`python -m tests.messages FILE` writes them as a template for catalogues; `make messages` does.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

import citytech_data
import citytech_tui
from citytech_data.catalogue import embedded_names
from citytech_data.dataset import open_dataset
from citytech_data.ingest.formats import known_formats

PACKAGES = tuple(Path(package.__file__ or "").parent for package in (citytech_tui, citytech_data))
KEYWORDS = {
    **{"_": None, "plural": (1, 2), "N_": None},  # of the face
    **{"Message": None, "message_text": None},  # of the core
}
TRANSLATED_COLUMNS = {"observations": ("note",), "claims": ("note",), "sources": ("title",)}
"""The texts of the embedded datasets that the catalogues translate; notes bring their own."""


def messages_of_code() -> Iterator[str | tuple[str, ...]]:
    """Yield what is marked in the two packages; a plural as both its forms."""
    for package in PACKAGES:
        found = extract_from_dir(package, [("**.py", "python")], keywords=KEYWORDS)
        yield from (message for _file, _line, message, _comments, _context in found)


def texts_of_datasets() -> Iterator[str]:
    """Yield the texts of the embedded datasets that have no translation beside them."""
    for name in embedded_names():
        dataset = open_dataset(name)
        for table, columns in TRANSLATED_COLUMNS.items():
            frame: pl.DataFrame = getattr(dataset, table)
            for column in set(columns) & set(frame.columns):
                yield from frame[column].drop_nulls().unique(maintain_order=True)


def titles_of_formats() -> Iterator[str]:
    """Yield what the formats of patent records are called."""
    return (known.title for known in known_formats().values())


def collected() -> Iterator[str | tuple[str, ...]]:
    """Yield all that is translated."""
    yield from messages_of_code()
    yield from texts_of_datasets()
    yield from titles_of_formats()


def main() -> None:
    """Write the template."""
    catalogue = Catalog()
    for message in collected():
        catalogue.add(message)
    with Path(sys.argv[1]).open("wb") as file:
        write_po(file, catalogue, omit_header=True, no_location=True)


if __name__ == "__main__":
    main()
