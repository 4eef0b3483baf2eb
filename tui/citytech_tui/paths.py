"""Paths as people give them: typed, completed, or dropped on the terminal."""

from __future__ import annotations

import os
import shlex
from itertools import islice
from pathlib import Path, PurePath
from typing import Final
from urllib.parse import unquote, urlsplit

from citytech_data.manifest import PACKAGE_FILE
from citytech_data.text import clean

TABLES: Final = frozenset((".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"))
"""How the names of files end that may hold a table of counts."""
_MOST_LISTED = 5_000
_LONGEST_PATH = 4_096


def is_path(text: str) -> bool:
    """Whether a text is written as a path, and not as a name."""
    return text.startswith(("/", "~", ".")) or os.sep in text


def dropped_path(text: str) -> str | None:
    """Return the path that a terminal pastes when a file is dropped on it; None if it is none.

    Terminals quote it, escape it, or make it a `file://` address.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST_PATH:
        return None
    if text.startswith("file://"):
        return unquote(urlsplit(text).path) or None
    if Path(text).is_absolute() and _exists(text):
        return text
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    return words[0] if len(words) == 1 and is_path(words[0]) else None


def typed_path(text: str) -> str:
    """Return the path or name that a person has typed or pasted."""
    text = text.strip()
    if _exists(text):
        return text
    return dropped_path(text) or text


def _exists(text: str) -> bool:
    try:
        return Path(text).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False


def completions(text: str, most: int) -> list[str]:
    """Return the folders, and the files that may hold a table, whose paths begin with `text`.

    Folders end with a slash; those that are datasets come first. Names that cannot be shown as
    they are, are left out.
    """
    folder, _, start = text.rpartition(os.sep)
    try:
        place = Path(folder + os.sep if folder or text.startswith(os.sep) else ".").expanduser()
        with os.scandir(place) as entries:
            found = [
                (not is_folder, entry.name + os.sep * is_folder)
                for entry in islice(entries, _MOST_LISTED)
                if _fits(entry.name, start)
                and ((is_folder := entry.is_dir()) or _ending(entry.name) in TABLES)
            ]
    except (OSError, RuntimeError, ValueError):
        return []
    prefix = text[: len(text) - len(start)]
    paths = [prefix + name for _, name in sorted(found)][:most]
    return sorted(paths, key=lambda path: not is_dataset(path))


def is_dataset(path: str) -> bool:
    """Whether a folder holds a dataset."""
    try:
        return (Path(path).expanduser() / PACKAGE_FILE).is_file()
    except (OSError, RuntimeError, ValueError):
        return False


def common_start(paths: list[str]) -> str:
    """Return what all paths begin with."""
    if not paths:
        return ""
    first, last = min(paths), max(paths)
    pairs = zip(first, last, strict=False)
    same = next((at for at, (one, other) in enumerate(pairs) if one != other), None)
    return first if same is None else first[:same]


def short_path(path: str) -> str:
    """Return a path as it is shown, the person's own folder as `~`."""
    home = str(Path.home())
    return clean("~" + path[len(home) :] if path.startswith(home + os.sep) else path)


def _fits(name: str, start: str) -> bool:
    shown = start.startswith(".") or not name.startswith(".")
    return shown and name.casefold().startswith(start.casefold()) and clean(name) == name


def _ending(name: str) -> str:
    return PurePath(name).suffix.lower()
