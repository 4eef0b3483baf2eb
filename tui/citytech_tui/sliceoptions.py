"""A slice as the command line asks for it, held against what a dataset has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from citytech_data.errors import CityTechError, quoted
from citytech_data.scope import EVERYWHERE, parse_scope, resolve
from citytech_data.vocabulary import ALL, POPULATION
from citytech_tui.dataview import DataView
from citytech_tui.language import _
from citytech_tui.names import listed
from citytech_tui.selection import Slice


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
    _check(year, technology, view.years, view.technologies)
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


def _check(
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
