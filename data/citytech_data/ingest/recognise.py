"""Tell from its header which format a file has, and what that format can support."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from citytech_data.errors import DatasetError
from citytech_data.ingest.formats import AUTO, Format, Groups, header_key, known_formats
from citytech_data.ingest.technologies import Needs
from citytech_data.messages import Message

_PLACE = ("address", "city", "postcode")
_TEXT = ("title", "abstract")


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns of a file hold the columns of a record."""

    format: Format
    header: tuple[str, ...]
    columns: Mapping[str, tuple[tuple[str, ...], ...]]

    def has(self, *columns: str) -> bool:
        """Return whether the file has one of these columns."""
        return any(column in self.columns for column in columns)

    @property
    def used(self) -> tuple[str, ...]:
        """The columns of the file that are read, in its order."""
        names = {name for groups in self.columns.values() for group in groups for name in group}
        return tuple(name for name in self.header if name in names)

    def lacks(self, *, names: bool = False) -> list[Message]:
        """Say what this file cannot tell; `names` if there is a table of applicants' cities."""
        said: list[Message] = []
        if not self.has("application"):
            said.append(
                Message(
                    "no application number: publications of one application cannot be told to be "
                    "one, so an application and its grant count twice"
                )
            )
        if not self.has("filing_date"):
            said.append(
                Message("no filing date: its year is taken from the application number if it can")
            )
        if not self.has("codes"):
            said.append(
                Message("no classification codes: technologies are found by words in titles only")
            )
        elif all(_is_main(name) for group in self.columns["codes"] for name in group):
            said.append(
                Message(
                    "only the main code of each: most of what a technology has is not found (of "
                    "artificial intelligence about four fifths)"
                )
            )
        if self.has("codes") and not self.has(*_TEXT):
            said.append(Message("no titles: only codes that need no word beside them count"))
        said += self._lacks_place(names)
        return said

    def _lacks_place(self, names: bool) -> list[Message]:
        if not self.has(*_PLACE):
            if names and self.has("applicant"):
                return [
                    Message(
                        "no address or city: applications are placed by the table of names only"
                    )
                ]
            if self.has("applicant"):
                return [
                    Message(
                        "no address or city: only applicants with a city in their name can be "
                        "placed (give a table of applicants and cities with --names)"
                    )
                ]
            return [Message("no address, city or applicant: no application can be placed")]
        placed = {name for part in _PLACE for group in self.columns.get(part, ()) for name in group}
        if self.format.current and {header_key(name) for name in placed} <= self.format.current:
            return [
                Message("the place is that of the present owner, who need not be the applicant")
            ]
        return []

    def refusal(self) -> Message | None:
        """Return why nothing can be counted from this file, or None."""
        if not self.has("application", "publication"):
            return Message("it has neither application nor publication numbers")
        if not self.has("codes", *_TEXT):
            return Message("it has neither classification codes nor titles")
        if not self.has("filing_date", "publication_date", "application"):
            return Message("it has no dates")
        if not self.has(*_PLACE, "applicant", "country"):
            return Message("it has neither places nor applicants")
        return None


def _is_main(header: str) -> bool:
    return "主分类" in header or header_key(header) == "mainipc"


def recognise(header: Sequence[str], wanted: Format | None = None) -> Layout | None:
    """Return the layout of a file with this header: of the format `wanted`, or the first fitting.

    None if it fits none.
    """
    if wanted is None:
        return _fitting(tuple(header))
    layout = _layout(wanted, tuple(header), _keyed(header))
    return layout if layout.columns else None


@lru_cache(maxsize=256)
def _fitting(header: tuple[str, ...]) -> Layout | None:
    """Return the layout of the first format that fits; the files of an export share a header."""
    keys = _keyed(header)
    if keys.keys().isdisjoint(_telling()):
        return None  # as nearly all lines do that are no header
    for each in known_formats().values():
        if any(needed <= keys.keys() for needed in each.recognise):
            return _layout(each, header, keys)
    return None


def _keyed(header: Sequence[str]) -> dict[str, str]:
    keys: dict[str, str] = {}
    for name in header:
        keys.setdefault(header_key(name), name)
    return keys


@cache
def _telling() -> frozenset[str]:
    """Return all names of columns by which a format is recognised."""
    needed = (each for form in known_formats().values() for each in form.recognise)
    return frozenset[str]().union(*needed)


def _layout(form: Format, header: tuple[str, ...], keys: Mapping[str, str]) -> Layout:
    columns = {name: _found(groups, header, keys) for name, groups in form.columns.items()}
    return Layout(form, header, {name: found for name, found in columns.items() if found})


def _found(
    groups: Groups, header: Sequence[str], keys: Mapping[str, str]
) -> tuple[tuple[str, ...], ...]:
    def name_of(part: str | int) -> str | None:
        if isinstance(part, int):
            return header[part - 1] if 0 < part <= len(header) else None
        return keys.get(header_key(part))

    found = [tuple(filter(None, map(name_of, group))) for group in groups]
    return tuple(dict.fromkeys(group for group in found if group))


def lost_technologies(layout: Layout, needs: Mapping[str, Needs]) -> list[Message]:
    """Say which technologies cannot be found in a file at all with the rules in use."""
    codes = [header_key(name) for group in layout.columns.get("codes", ()) for name in group]
    cpc = any("cpc" in name or name == "codes" for name in codes)
    fields = {"codes": bool(codes), "cpc": cpc, "title": layout.has("title")}
    lost = [
        technology
        for technology, need in needs.items()
        if need.left(**fields, abstract=layout.has("abstract")) == "none"
    ]
    return [Message("none of the rules for {name} can be used with it", name=name) for name in lost]


def wanted_format(name: str, mapping: Format | None) -> Format | None:
    """Return the format that the user asked for, or None where it is to be recognised.

    Raises:
        DatasetError: if there is no such format.
    """
    if mapping is not None:
        return mapping
    if name == AUTO:
        return None
    formats = known_formats()
    if name not in formats:
        raise DatasetError(
            name,
            Message("is no known format"),
            Message("Formats: {names}; or --mapping.", names=", ".join((AUTO, *formats))),
        )
    return formats[name]
