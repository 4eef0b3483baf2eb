"""What a dataset says of itself in `datapackage.json`: its count, labels, years and sources."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, Self

from citytech_data.errors import DatasetError, quoted, unreadable
from citytech_data.messages import Message
from citytech_data.text import clean
from citytech_data.vocabulary import MEASURES

PACKAGE_FILE = "datapackage.json"
SECTION = "citytech"
TRANSLATIONS = "translations"
PER_PLACE, PER_COUNTRY = "place", "country"


class Label(NamedTuple):
    """How a measure is named on screen: in full, as a column header, and its unit."""

    title: str
    column: str
    unit: str


class Places(NamedTuple):
    """What the places of a dataset are called: one, several, and the region that they lie in."""

    one: str = "city"
    many: str = "cities"
    region: str = "Province"


@dataclass(frozen=True)
class Manifest:
    """The dataset's own declarations; see docs/dataset.md for their meaning."""

    name: str
    title: str
    description: str
    count: str
    share_of: str
    share_measure: str
    country: str
    year: int | None
    preference: tuple[str, ...]
    populations: tuple[str, ...]
    labels: Mapping[str, Label]
    measures: Mapping[str, Label]
    series: tuple[str, ...]
    places: Places
    absent: Mapping[str, str]
    """Why a dataset has nothing for a tab, by the name of the tab."""
    units: Mapping[str, str]
    """How units of the tables are called, where that is not their name there."""
    package: Mapping[str, Any] = field(repr=False, compare=False)

    @classmethod
    def from_package(cls, package: object) -> Self:
        """Read the declarations of a parsed `datapackage.json`.

        Raises:
            DatasetError: if one is missing or has another shape than expected.
        """
        top = _Section(package, "")
        own = top.section(SECTION)
        count = own.section("count").text("measure")
        share_of = own.text("share_of", PER_PLACE)
        if share_of not in (PER_PLACE, PER_COUNTRY):
            raise _wrong(f"{SECTION}.share_of", f"{PER_PLACE!r} or {PER_COUNTRY!r}", share_of)
        year = own.value.get("year")
        if year is not None and type(year) is not int:
            raise _wrong(f"{SECTION}.year", "a year", year)
        labels = own.section("labels")
        places, absent = own.section("places", {}), own.section("absent", {})
        measures, units = own.section("measures", {}), own.section("units", {})
        return cls(
            name=top.text("name"),
            title=top.text("title", top.text("name")),
            description=top.text("description", ""),
            count=count,
            share_of=share_of,
            share_measure=own.text("share_measure", count if share_of == PER_COUNTRY else ""),
            country=own.text("country", ""),
            year=year,
            preference=own.texts("preference"),
            populations=own.texts("populations"),
            labels={measure: _label(labels.section(measure)) for measure in MEASURES},
            measures={clean(key): _label(measures.section(key)) for key in measures.value},
            series=own.texts("series"),
            places=Places(
                *(places.text(name, default) for name, default in Places()._asdict().items())
            ),
            absent={clean(tab): absent.text(tab) for tab in absent.value},
            units={unit: units.text(unit) for unit in units.value},
            package=top.value,
        )

    def translated(self, language: str) -> Self:
        """Return the declarations in a language, as far as the dataset translates them.

        Raises:
            DatasetError: if a translation has another shape than what it translates.
        """
        translations = _Section(self.package, "").section(SECTION).section(TRANSLATIONS, {})
        if language not in translations.value:
            return self
        other = dict(translations.section(language).value)
        top: dict[str, Any] = {
            name: other.pop(name) for name in ("title", "description") if name in other
        }
        own = merged(self.package[SECTION], other)
        package: dict[str, Any] = {**self.package, **top, SECTION: own}
        found = self.from_package(package)
        return replace(
            found,
            labels={name: found.in_units(label) for name, label in found.labels.items()},
            measures={name: found.in_units(label) for name, label in found.measures.items()},
            package=self.package,
        )

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the dataset translates its declarations into."""
        return tuple(_Section(self.package, "").section(SECTION).section(TRANSLATIONS, {}).value)

    def in_units(self, label: Label) -> Label:
        """Return a label with its unit as the dataset calls it."""
        return label._replace(unit=self.units.get(label.unit, label.unit))

    def stored_label(self, measure: str) -> Label:
        """Return the label of a stored measure; an undeclared one is shown by its id."""
        return self.measures.get(measure, Label(measure.replace("_", " "), measure, ""))


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return two JSON objects as one: what `above` has, else what `below` has, at any depth."""
    both = dict(below)
    for key, value in above.items():
        under = both.get(key)
        deep = isinstance(value, dict) and isinstance(under, dict)
        both[key] = merged(under or {}, value) if deep else value
    return both


def _label(section: _Section) -> Label:
    title = section.text("title")
    return Label(title, section.text("column", title), section.text("unit", ""))


def _wrong(where: str, expected: str, found: object) -> DatasetError:
    return DatasetError(
        PACKAGE_FILE,
        Message(
            "property {where}: expected {expected}, found {found}",
            where=where,
            expected=expected,
            found=quoted(found),
        ),
        Message("See docs/dataset.md for the properties of a dataset."),
    )


class _Section:
    """An object inside `datapackage.json` that knows where it stands, for messages."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise _wrong(where or "(the whole file)", "an object", value)
        self.value: dict[str, Any] = value
        self.where = where

    def _path(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def section(self, key: str, default: dict[str, Any] | None = None) -> _Section:
        return _Section(self.value.get(key, default), self._path(key))

    def text(self, key: str, default: str | None = None) -> str:
        value = self.value.get(key, default)
        if not isinstance(value, str):
            raise _wrong(self._path(key), "a text", value)
        return clean(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.value.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise _wrong(self._path(key), "a list of texts", value)
        return tuple(clean(item) for item in value)


def read_manifest(folder: Path) -> Manifest:
    """Return what the dataset in `folder` declares.

    Raises:
        DatasetError: naming what is wrong with its `datapackage.json`.
    """
    with readable(folder):
        manifest = Manifest.from_package(_read_package(folder))
    for language in manifest.languages:
        manifest.translated(language)  # raises what is wrong with it
    return manifest


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Say of a file of the dataset in `folder` that it cannot be read, where that is so.

    Raises:
        DatasetError: in place of an OSError.
    """
    try:
        yield
    except OSError as error:
        raise unreadable(quoted(error.filename or folder), error) from None


def _read_package(folder: Path) -> dict[str, Any]:
    path = folder / PACKAGE_FILE
    if not path.is_file():
        raise DatasetError(
            str(folder),
            Message("has no {package_file}", package_file=PACKAGE_FILE),
            Message("A dataset is a folder with that file and tables."),
        )
    try:
        package = json.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise DatasetError(
            PACKAGE_FILE, Message("is not UTF-8"), Message("Save it with that encoding.")
        ) from None
    except json.JSONDecodeError as error:
        raise DatasetError(
            PACKAGE_FILE,
            Message("is not JSON ({reason})", reason=error.msg),
            Message("Correct that line."),
            row=error.lineno,
        ) from None
    except (RecursionError, ValueError):  # valid JSON, but nested too deep or a number too long
        raise DatasetError(
            PACKAGE_FILE, Message("is beyond what is read"), Message("Simplify it.")
        ) from None
    if not isinstance(package, dict):
        raise DatasetError(
            PACKAGE_FILE, Message("is not a JSON object"), Message("See docs/dataset.md.")
        )
    return package
