"""The datasets that come with the program."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

from citytech_data import DEFAULT
from citytech_data.manifest import PACKAGE_FILE, Manifest

COMPUTED = ("evidence.json", "opening.json")
"""Files stored beside an embedded dataset that are computed from it, by `make opening`."""
_EMBEDDED = (DEFAULT, "china-inventions-2016", "us-metros-2015", "gii-2023")


def embedded_names() -> tuple[str, ...]:
    """Return the names of the embedded datasets, the default one first."""
    return _EMBEDDED


def embedded_folder(name: str) -> Path:
    """Return the folder of an embedded dataset."""
    return Path(__file__).parent / name


def fingerprint(folder: Path) -> str:
    """Return a checksum of a dataset's own files: it detects edits, not attacks.

    What is computed from them and stored beside them does not count.
    """
    total = 0
    for path in sorted(folder.iterdir()):
        if path.name not in COMPUTED:
            total = zlib.crc32(path.read_bytes(), total)
    return f"{total:08x}"


def embedded_manifest(name: str) -> Manifest:
    """Return the declarations of an embedded dataset, without reading its tables."""
    path = embedded_folder(name) / PACKAGE_FILE
    return Manifest.from_package(json.loads(path.read_text(encoding="utf-8")))
