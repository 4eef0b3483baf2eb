"""What the person looks at: the one state that all tabs, exports and deep links share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from citytech_data.errors import CityTechError, quoted
from citytech_data.scope import EVERYWHERE, Scope, parse_scope, resolve
from citytech_data.text import clean
from citytech_data.vocabulary import ALL, POPULATION
from citytech_tui.language import _
from citytech_tui.names import listed

if TYPE_CHECKING:
    from citytech_tui.dataview import DataView

Order = tuple[tuple[str, bool], ...]
"""Columns of the standings to sort by, the most important first, and whether each descends."""


def check_slice(
    year: int | None, technology: str, years: Sequence[int], technologies: Sequence[str]
) -> None:
    """Refuse a year or technology that a dataset has not; None stands for the year shown first.

    Raises:
        CityTechError: naming what the dataset has.
    """
    if year is not None and year not in years:
        known = listed(map(str, years)) or _("none for any year")
        words = _("the dataset has no figures for {year}. It has {known}.")
        raise CityTechError(words.format(year=year, known=known))
    if technology not in technologies:
        words = _("the dataset does not count {technology}. It counts {known}.")
        raise CityTechError(words.format(technology=quoted(technology), known=listed(technologies)))


@dataclass(frozen=True)
class Slice:
    """Which figures are shown, and which cities are ranked against each other."""

    year: int
    technology: str = ALL
    scope: Scope = EVERYWHERE
    population: str = POPULATION
    """The stored measure that density is per head of."""
    proven: bool = True
    """Whether bounds that the claims prove are shown, or only what is printed."""

    @property
    def options(self) -> dict[str, str]:
        """What the command line takes to show the same, without what is so anyway.

        The values of flags are empty. The year is always there: what a dataset shows first may
        change.
        """
        found = {"--year": str(self.year)}
        if self.technology != ALL:
            found["--technology"] = self.technology
        if self.scope != EVERYWHERE:
            found["--scope"] = self.scope.text
        if self.population != POPULATION:
            found["--population"] = self.population
        return found if self.proven else found | {"--printed": ""}


class SliceOptions(NamedTuple):
    """A slice as the command line asks for it; None is what the dataset shows first."""

    year: int | None = None
    technology: str | None = None
    scope: str | None = None
    population: str | None = None
    printed: bool = False


def chosen_slice(view: DataView, options: SliceOptions) -> Slice:
    """Return the slice that `options` ask for.

    Raises:
        CityTechError: if the dataset has no such year, technology, scope or population.
    """
    year, technology = options.year, options.technology or ALL
    check_slice(year, technology, view.years, view.technologies)
    population = options.population or POPULATION
    if population not in view.populations:
        words = _("the dataset has no population {population}. It has {known}.")
        known = listed(view.populations)
        raise CityTechError(words.format(population=quoted(population), known=known))
    scope = parse_scope(options.scope or "all")
    if scope != EVERYWHERE and view.dataset is not None:
        scope = resolve(scope, view.dataset.cities)
    year = view.year if year is None else year
    return Slice(year, technology, scope, population, proven=not options.printed)


@dataclass(frozen=True)
class Selection:
    """The slice of the dataset, the filter, the orders, the marked cities and the one in focus."""

    slice: Slice
    filter: str = ""
    marked: frozenset[str] = field(default_factory=frozenset)
    city: str | None = None
    orders: Mapping[str, Order] = field(default_factory=dict)
    """How the table of a measure is sorted, where it is not by its rank."""

    @property
    def year(self) -> int:
        """The year of the slice."""
        return self.slice.year

    @property
    def technology(self) -> str:
        """The technology of the slice."""
        return self.slice.technology

    @property
    def proven(self) -> bool:
        """Whether bounds that the claims prove are shown."""
        return self.slice.proven

    @property
    def undoable(self) -> dict[str, Any]:
        """What a change of can be taken back."""
        return {"slice": self.slice, "orders": self.orders, "filter": self.filter}

    def changed(self, **changes: Any) -> Self:
        """Return the selection with other values; names of the slice change the slice."""
        own = {name: changes.pop(name) for name in _SLICE & changes.keys()}
        if own:
            changes["slice"] = replace(changes.get("slice", self.slice), **own)
        cleaned = {"filter": clean(changes["filter"]).strip()} if "filter" in changes else {}
        return replace(self, **changes | cleaned)


_SLICE = {field.name for field in fields(Slice)}
