"""What the person looks at: the one state that all tabs, exports and deep links share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Self

from citytech_data.scope import EVERYWHERE, Scope
from citytech_data.text import clean
from citytech_data.vocabulary import ALL, POPULATION

Order = tuple[tuple[str, bool], ...]
"""Columns of the standings to sort by, the most important first, and whether each descends."""


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
