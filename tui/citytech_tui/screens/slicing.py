"""Choose the slice: the year, and the cities that are ranked against each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from citytech_data.scope import EVERYWHERE, Scope, parse_scope, province_names, resolve
from citytech_tui.language import _, plural
from citytech_tui.names import two_names
from citytech_tui.screens.ask import AskScreen
from citytech_tui.screens.choice import ChoiceScreen
from citytech_tui.screens.picks import Pick, PicksScreen

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset
    from citytech_tui.sharing import SharingApp

_TOPS = (10, 20, 50, 100)


def choose_year(host: SharingApp) -> None:
    """Offer the years of the dataset, the latest first."""
    years = [*reversed(host.view.years)]
    if len(years) < 2:
        host.action_year(1)  # says what there is
        return

    def chosen(index: int | None) -> None:
        if index is not None:
            host.select(year=years[index])

    at = years.index(host.selection.year)
    host.push_screen(ChoiceScreen(_("Year"), [*map(str, years)], at), chosen)


def choose_scope(host: SharingApp) -> None:
    """Offer the scopes: all cities, the largest by GDP, provinces, the marked, or one as text."""
    dataset = host.view.dataset
    if dataset is None:
        return
    places = dataset.manifest.places
    choices: dict[str, Callable[[], object]] = {
        _("All {cities}").format(cities=places.many): lambda: host.select(scope=EVERYWHERE)
    }
    everyone = host.view.standings(host.selection.changed(scope=EVERYWHERE))
    known = everyone["gdp_rank"].count()
    for top in _TOPS:
        if top < known:
            name = _("Top {number} by GDP").format(number=top)
            choices[name] = lambda top=top: host.select(  # type: ignore[misc]
                scope=Scope(gdp=top)
            )
    if dataset.cities["province_en"].n_unique() > 1:
        name = _("{region}: one or several …").format(region=places.region)
        choices[name] = lambda: _choose_provinces(host, dataset)
    marked = sorted(host.selection.marked)
    if marked:
        words = plural("Only the marked {city}", "Only the marked {number} {city}", len(marked))
        noun = places.many if len(marked) > 1 else places.one
        name = words.format(number=len(marked), city=noun)
        choices[name] = lambda: host.select(scope=Scope(cities=tuple(marked)))
    choices[_("Write it: gdp30, province:…, city:… …")] = lambda: _write_scope(host, dataset)

    def chosen(index: int | None) -> None:
        if index is not None:
            [*choices.values()][index]()

    title = _("Which {cities} are ranked").format(cities=places.many)
    host.push_screen(ChoiceScreen(title, [*choices]), chosen)


def _choose_provinces(host: SharingApp, dataset: Dataset) -> None:
    now = host.selection.slice.scope.provinces
    picks = [
        Pick(english, two_names(english, chinese), english in now)
        for english, chinese in province_names(dataset.cities).items()
    ]

    def taken(result: tuple[Pick, ...] | None) -> None:
        if result is not None:
            names = tuple(pick.key for pick in result if pick.picked)
            host.select(scope=Scope(provinces=names) if names else EVERYWHERE)

    host.push_screen(PicksScreen(dataset.manifest.places.region, picks), taken)


def _write_scope(host: SharingApp, dataset: Dataset) -> None:
    def resolved(text: str) -> Scope:
        return resolve(parse_scope(text), dataset.cities)

    def written(text: str | None) -> None:
        if text is not None:
            host.select(scope=resolved(text))

    now = host.selection.slice.scope.text
    host.push_screen(AskScreen(_("Scope"), now, resolved), written)
