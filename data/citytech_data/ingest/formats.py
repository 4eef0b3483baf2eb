"""The formats of patent exports, read from `formats.toml`, and a user's own from a mapping file."""

from __future__ import annotations

import codecs
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from citytech_data.errors import DatasetError, quoted, unreadable
from citytech_data.messages import Message

COLUMNS = (
    "application",
    "publication",
    "kind",
    "filing_date",
    "publication_date",
    "codes",
    "title",
    "abstract",
    "applicant",
    "address",
    "city",
    "postcode",
    "country",
)
"""The columns of a record, beside the file and line it came from."""

AUTO = "auto"
MAPPING = "mapping"
_IGNORED = re.compile(r"[\s()\[\]【】{}/\\\-_.\u00ad\u200b\ufeff]+")

Groups = tuple[tuple[str | int, ...], ...]
"""Headers (or column numbers) to take a value from: the first group not empty, its parts joined."""


def header_key(header: str) -> str:
    """Return a header as it is compared: no case, brackets, blanks, slashes; half-width forms."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", header)).casefold()


@dataclass(frozen=True, slots=True)
class Format:
    """What one kind of export looks like."""

    name: str
    title: str
    separator: str
    office: str
    recognise: tuple[frozenset[str], ...]
    columns: Mapping[str, Groups]
    current: frozenset[str] = frozenset()
    delimiter: str = ""
    encoding: str = ""
    has_header: bool = True
    is_part: bool = False
    """Whether its files hold only a part of each record, to be joined with others."""

    @classmethod
    def from_table(cls, name: str, table: Mapping[str, Any], file: str) -> Self:
        """Read a format from a parsed table of TOML.

        Raises:
            DatasetError: if it names a column that records do not have.
        """
        columns = _section(table, "columns", file)
        for column in columns:
            if column not in COLUMNS:
                raise DatasetError(
                    file,
                    Message("{column} is no column of a record", column=quoted(column)),
                    Message("The columns are {columns}.", columns=", ".join(COLUMNS)),
                )
        return cls(
            name,
            _text(table, "title", name, file),
            _text(table, "separator", ";", file),
            _text(table, "office", "CN", file),
            tuple(frozenset(map(header_key, headers)) for headers in table.get("recognise", ())),
            {column: _groups(value, column, file) for column, value in columns.items()},
            frozenset(map(header_key, table.get("current", ()))),
            _text(table, "delimiter", "", file),
            _encoding(table, file),
            table.get("header", True) is not False,
        )


def _section(table: Mapping[str, Any], key: str, file: str) -> Mapping[str, Any]:
    value = table.get(key)
    if not isinstance(value, dict) or not value:
        raise DatasetError(
            file,
            Message("has no section [{key}]", key=key),
            Message('It maps columns of a record to headers: filing_date = "Date filed".'),
        )
    return value


def _text(table: Mapping[str, Any], key: str, default: str, file: str) -> str:
    value = table.get(key, default)
    if not isinstance(value, str):
        raise DatasetError(
            file,
            Message("expected a text, found {value}", value=quoted(value)),
            Message("Write it in quotes."),
            column=key,
        )
    return value


def _encoding(table: Mapping[str, Any], file: str) -> str:
    name = _text(table, "encoding", "", file)
    try:
        found = name and codecs.lookup(name).name.removesuffix("-sig")
        fits = not found or found.startswith("utf-16") or ",\n".encode(found) == b",\n"
    except (LookupError, ValueError):
        fits = False
    if not fits:
        raise DatasetError(
            file,
            Message("{name} is no encoding that can be read", name=quoted(name)),
            Message("Use UTF-8, UTF-16, GB18030 or another that Python knows."),
            column="encoding",
        )
    return found


def _groups(value: object, column: str, file: str) -> Groups:
    items = value if isinstance(value, list) else [value]
    groups = [item if isinstance(item, list) else [item] for item in items]
    for part in (part for group in groups for part in group):
        if not isinstance(part, str | int) or isinstance(part, bool):
            raise DatasetError(
                file,
                Message("expected a header or a column number, found {part}", part=quoted(part)),
                Message("Name headers as texts, columns as numbers from 1."),
                column=column,
            )
    return tuple(map(tuple, groups))


@cache
def known_formats() -> Mapping[str, Format]:
    """Return the formats the program knows, by name, in the order in which they are tried."""
    path = Path(__file__).with_name("formats.toml")
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Format.from_table(name, table, path.name) for name, table in tables.items()}


def read_mapping(path: Path) -> Format:
    """Return the format that a user's mapping file describes.

    Raises:
        DatasetError: if it cannot be read or is not as expected.
    """
    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise unreadable(str(path), error) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DatasetError(
            path.name, Message("is not TOML ({error})", error=error), Message("Correct that line.")
        ) from None
    return Format.from_table(MAPPING, table, path.name)
