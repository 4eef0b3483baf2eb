"""Which cities are ranked against each other: all, those of the largest GDP, or some by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from citytech_data.errors import CityTechError, quoted, shortened
from citytech_data.messages import Message
from citytech_data.text import clean, search_key

if TYPE_CHECKING:
    import polars as pl


class Scope(NamedTuple):
    """The cities that are ranked against each other; at most one field is set, none means all."""

    gdp: int = 0
    """Only the cities whose GDP rank is this or better."""
    provinces: tuple[str, ...] = ()
    """Only the cities of these provinces, by their English names."""
    cities: tuple[str, ...] = ()
    """Only these cities, by their codes."""

    @property
    def text(self) -> str:
        """The scope as the command line takes it: `gdp50`, `province:Guangdong`."""
        if self.gdp:
            return f"gdp{self.gdp}"
        if self.provinces:
            return f"province:{','.join(self.provinces)}"
        return f"city:{','.join(self.cities)}" if self.cities else "all"


EVERYWHERE = Scope()


def parse_scope(text: str) -> Scope:
    """Return the scope that `text` writes; provinces and cities are as typed, see `resolve`.

    Raises:
        CityTechError: naming the shapes that there are.
    """
    kind, _, names = clean(text).strip().partition(":")
    kind = kind.strip().lower()
    wanted = tuple(name.strip() for name in names.split(",") if name.strip())
    if kind == "all" and not names:
        return EVERYWHERE
    number = kind.removeprefix("gdp")
    if kind.startswith("gdp") and not names and number.isascii() and number.isdecimal():
        if 0 < len(number.lstrip("0")) <= 9:
            return Scope(gdp=int(number))
    elif kind == "province" and wanted:
        return Scope(provinces=wanted)
    elif kind == "city" and wanted:
        return Scope(cities=wanted)
    raise CityTechError(
        Message(
            "{text} is no scope. Write all, gdp50, province:guangdong,zhejiang or "
            "city:shanghai,beijing.",
            text=quoted(text),
        )
    )


def province_names(cities: pl.DataFrame) -> dict[str, str | None]:
    """Return the provinces of the table `cities`, English to Chinese, in alphabetical order."""
    names = cities.select("province_en", "province_zh").drop_nulls("province_en")
    return dict(names.unique("province_en", keep="first").sort("province_en").iter_rows())


def resolve(scope: Scope, cities: pl.DataFrame) -> Scope:
    """Return `scope` with its provinces by their full English names, its cities by their codes.

    Case, accents, spaces and a final 省 or 市 do not matter.

    Raises:
        CityTechError: if there is no such province or city, with what there is.
    """
    if scope.cities:
        from citytech_data.lookup import find_city

        codes = dict.fromkeys(find_city(cities, name) for name in scope.cities)
        return Scope(cities=tuple(codes))
    if not scope.provinces:
        return scope
    names = province_names(cities)
    known: dict[str, str] = {}
    for english, chinese in names.items():
        for name in (english, chinese or "", (chinese or "").rstrip("省市")):
            if name:
                known.setdefault(search_key(name), english)
    found = []
    for name in scope.provinces:
        if search_key(name) not in known:
            there = ", ".join(map(shortened, names)) or "none"
            raise CityTechError(
                Message(
                    "no province is called {name}. There are {there}.",
                    name=quoted(name),
                    there=there,
                )
            )
        found.append(known[search_key(name)])
    return Scope(provinces=tuple(dict.fromkeys(found)))
