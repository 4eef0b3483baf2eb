"""The files of a dataset, read before anything is made of what they hold.

Nothing here needs Polars: large files are read while it is still being imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from citytech_data.errors import DatasetError, quoted
from citytech_data.manifest import PACKAGE_FILE, Manifest, read_manifest, readable
from citytech_data.messages import Message
from citytech_data.schema import CLAIMS, NOTES, TABLES

_OPTIONAL = (CLAIMS, NOTES)


class File(NamedTuple):
    """The file of a table, read whole; of Parquet, from which columns are taken, only its path."""

    path: Path
    data: bytes | None

    @classmethod
    def read(cls, path: Path) -> File:
        """Read the file at `path`."""
        return cls(path, None if path.suffix == ".parquet" else path.read_bytes())


@dataclass(frozen=True)
class Contents:
    """A dataset as it lies on the disk: its declarations, and the file of each of its tables."""

    folder: Path
    manifest: Manifest
    files: Mapping[str, File]


def read_files(folder: Path) -> Contents:
    """Read the files of the dataset in `folder`.

    Raises:
        DatasetError: if one is missing or cannot be read, or for what is wrong in
            `datapackage.json`.
    """
    manifest = read_manifest(folder)
    with readable(folder):
        paths = _table_paths(folder, manifest.package)
        _check_paths(paths)
        files = {name: File.read(path) for name, path in paths.items()}
    return Contents(folder, manifest, files)


def _table_paths(folder: Path, package: Mapping[str, Any]) -> dict[str, Path]:
    """Return where the tables of a dataset are; what else it lists does not matter."""
    resources = package.get("resources")
    if not isinstance(resources, list):
        raise DatasetError(
            PACKAGE_FILE, Message("names no resources"), Message("List one resource per table.")
        )
    paths: dict[str, Path] = {}
    for resource in resources:
        name, path = (
            (resource.get("name"), resource.get("path")) if isinstance(resource, dict) else (0, 0)
        )
        if not isinstance(name, str) or not isinstance(path, str):
            raise DatasetError(
                PACKAGE_FILE,
                Message("a resource lacks name or path"),
                Message("Give every resource both as text."),
            )
        # The Data Package standard forbids paths that leave the folder; they could read anything.
        pure = PurePosixPath(path)
        if pure.is_absolute() or ".." in pure.parts or "://" in path:
            raise DatasetError(
                PACKAGE_FILE,
                Message("path {path} leaves the folder", path=quoted(path)),
                Message("Put the table into the folder."),
            )
        paths[name] = folder / pure
    return {table.name: paths[table.name] for table in TABLES if table.name in paths}


def _check_paths(paths: Mapping[str, Path]) -> None:
    for table in TABLES:
        path = paths.get(table.name)
        if path is None and table not in _OPTIONAL:
            raise DatasetError(
                PACKAGE_FILE,
                Message("the table {name!r} is missing", name=table.name),
                Message("Add it to the resources."),
            )
        if path is not None and not path.is_file():
            raise DatasetError(
                path.name,
                Message("the file is missing"),
                Message(
                    "{package_file} names it: add it or correct the path.",
                    package_file=PACKAGE_FILE,
                ),
            )
