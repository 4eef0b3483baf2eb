"""What a service offers: a dataset, verbs on it, and the app, which begins alike for everybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from citytech_tui.dataview import DataView
from citytech_tui.language import SOURCE, _, checked, speaking, spoken, switch
from citytech_tui.selection import Selection, Slice
from citytech_tui.serve.app import ServedApp
from citytech_tui.serve.client import Client
from citytech_tui.serve.driver import Carrier, SessionDriver
from citytech_tui.serve.journal import tell
from citytech_tui.serve.links import Links
from citytech_tui.serve.verbs import Verbs
from citytech_tui.surroundings import kiosk


class Offer:
    """What all sessions share."""

    def __init__(
        self, view: DataView, tab: str, verbs: Mapping[Callable[..., Any], str] | None = None
    ) -> None:
        """Offer `view`, which must have its dataset loaded; `verbs` are what may be run."""
        if view.dataset is None:
            raise ValueError("the dataset is not loaded")
        self._shown = view, Selection(Slice(view.year)), tab
        self._links = Links(view)
        with speaking(SOURCE):  # clients speak other languages than the operator
            self.verbs = Verbs(verbs or {}, view.dataset)

    async def app(
        self, carrier: Carrier, client: Client, who: Mapping[str, Any], link: str = ""
    ) -> ServedApp:
        """Return the app of a session, at what a link opens if there is one.

        The task speaks the language of the link from now on; `who` is there, for the log.

        Raises:
            CityTechError: if a link is wrong: an option, dataset, tab, slice or city.
        """
        shown = self._shown
        if link:
            options = self.verbs.link(link)
            switch(checked(options.lang or spoken()))
            # A dataset that nobody has opened yet takes a moment to read.
            shown = await asyncio.to_thread(self._links.open, options)

        def keep_crash(text: str) -> str:
            tell("app failed", logging.ERROR, **who, traceback=text)
            return _("The operator's log has the details.")

        surroundings = kiosk(client.environ, keep_crash, SessionDriver, owns_process=False)
        return ServedApp(*shown, client=client, carrier=carrier, surroundings=surroundings)
