"""What a link opens: the app at a dataset, tab, slice, filter or city of a client's choice."""

from __future__ import annotations

from collections.abc import Iterable

import typer

from citytech_data import DEFAULT
from citytech_data.catalogue import embedded_names
from citytech_data.errors import CityTechError, quoted
from citytech_data.opening import read_opening
from citytech_tui.access import open_any
from citytech_tui.dataview import DataView
from citytech_tui.language import _
from citytech_tui.launch import LaunchOptions, selected, tab_of
from citytech_tui.options import Asked, CityOption, FilterOption, LangOption, TabOption
from citytech_tui.selection import Selection, Slice


def load_view(name: str | None) -> DataView:
    """Read a dataset, and compute what every session would else wait for."""
    opening = read_opening(name or DEFAULT) if (name or DEFAULT) in embedded_names() else None
    view = DataView(opening, None if opening else open_any(name))
    view.load()
    for proven in (True, False):
        view.standings(Selection(Slice(view.year, proven=proven)))
    return view


def link(
    context: typer.Context,
    *,
    tab: TabOption = None,
    city: CityOption = None,
    text: FilterOption = None,
    asked: Asked,
    lang: LangOption = None,
) -> LaunchOptions:
    """Return what is to be opened; a verb takes its options behind it."""
    options = LaunchOptions(
        *(asked.dataset, tab, city, asked.year, asked.technology, text, asked.scope),
        *(asked.population, asked.printed),
        lang=lang,
    )
    verb = context.invoked_subcommand
    if verb is not None and options != LaunchOptions():
        words = _("put the options of {verb} after it")
        raise CityTechError(words.format(verb=verb))
    return options


class Links:
    """Opens what is linked to, of the datasets that are served; sessions share them."""

    def __init__(self, served: DataView) -> None:
        """Serve `served`, and the embedded datasets to those who name one."""
        self._served = served
        self._views = {served.manifest.name: served}

    def open(self, options: LaunchOptions) -> tuple[DataView, Selection, str]:
        """Return what is to be shown: a dataset, what of it, and on which tab.

        Raises:
            CityTechError: if there is no such dataset, tab, slice or city.
        """
        tab = tab_of(options)
        view = self._view(options.dataset)
        return view, selected(view, options), tab

    def _view(self, name: str | None) -> DataView:
        if name is None:
            return self._served
        if name not in self._views:
            if name not in embedded_names():
                raise no_dataset(name, self._views)
            self._views[name] = load_view(name)
        return self._views[name]


def no_dataset(name: str, known: Iterable[str]) -> CityTechError:
    """Return the error of a dataset that is not served."""
    words = _("no dataset is called {name} here. There are {names}.")
    names = ", ".join(sorted({*embedded_names(), *known}))
    return CityTechError(words.format(name=quoted(name), names=names))
