"""The command palette: every action that has a key, and every city."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from citytech_data.filtering import SEARCHED
from citytech_data.text import search_key
from citytech_tui.bindings import KEYS, Place
from citytech_tui.format import city_text
from citytech_tui.language import _

if TYPE_CHECKING:
    from citytech_tui.app import CityTechApp

_MOST_CITIES = 20


class CityTechCommands(Provider):
    """Actions by name, cities by English or Chinese name or code."""

    @property
    def host(self) -> CityTechApp:
        """The app."""
        return cast("CityTechApp", self.app)

    async def discover(self) -> AsyncIterator[DiscoveryHit]:
        """Yield all actions of the present place."""
        for name, explanation, command in self._actions():
            yield DiscoveryHit(name, command, help=explanation)

    async def search(self, query: str) -> Hits:
        """Yield the actions and cities that fit `query`."""
        matcher = self.matcher(query)
        for name, explanation, command in self._actions():
            if (score := matcher.match(name)) > 0:
                yield Hit(score, matcher.highlight(name), command, help=explanation)
        for name, command in self._pictures():
            if (score := matcher.match(name)) > 0:
                yield Hit(
                    score, matcher.highlight(name), command, help=_("key {key}").format(key="v")
                )
        for score, name, code in self._cities(query):
            command = partial(self.host.open_city, code)
            yield Hit(score, Content(name), command, text=name, help=_("Open in City Detail"))

    def _actions(self) -> Iterator[tuple[str, str, IgnoreReturnCallbackType]]:
        pane = self.host.pane
        places = (*(pane.places if pane is not None else ()), Place.APP)
        for place in places:
            for key in KEYS[place]:
                target = self.host if place is Place.APP else pane
                if key.action != "command_palette" and target is not None:
                    name = _(key.help).split(_(";"))[0]
                    shown = _("key {key}").format(key=key.shown)
                    yield name, shown, partial(target.run_action, key.action)

    def _pictures(self) -> Iterator[tuple[str, IgnoreReturnCallbackType]]:
        from citytech_tui.drawing.gallery import KINDS

        async def show(name: str) -> None:
            await self.host.action_tab("pictures")
            if self.host.pane is not None:
                await self.host.pane.run_action(f"picture({name!r})")

        for kind in KINDS:
            yield (
                _("Show the picture {picture}").format(picture=kind.title),
                partial(show, kind.name),
            )

    def _cities(self, query: str) -> Iterator[tuple[float, str, str]]:
        wanted = search_key(query)
        if not wanted:
            return
        view, everyone = self.host.view, self.host.selection_unfiltered
        # A stored opening cannot be filtered, but has few cities.
        asked = everyone if view.dataset is None else everyone.changed(filter=f'"{wanted}"')
        rows = view.ranking("total", asked)
        found = 0
        for index in range(rows.height if rows is not None else 0):
            row = rows.row(index) if rows is not None else {}
            keys = [search_key(row[name]) for name in SEARCHED if row[name] is not None]
            if any(wanted in key for key in keys):
                found += 1
                start = any(key.startswith(wanted) for key in keys)
                yield (1.0 if start else 0.5), f"{city_text(row)} ({row['code']})", row["code"]
            if found == _MOST_CITIES:
                return
