"""Datasets are read and slices computed behind the screen, which shows them when they are there."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace

from textual import work
from textual.widgets import Input

from citytech_data.catalogue import embedded_names
from citytech_data.errors import CityTechError
from citytech_data.vocabulary import MEASURES
from citytech_tui.dataview import DataView
from citytech_tui.language import _, hearing
from citytech_tui.names import listed
from citytech_tui.preferences import Habits
from citytech_tui.selection import Selection, Slice
from citytech_tui.sharing import SharingApp
from citytech_tui.surroundings import Surroundings

_PATIENCE = 0.5
"""Seconds that reading may wait for what was read to be shown."""


class LoadingApp(SharingApp):
    """An app that shows one tab of a dataset at a time, as soon as what it shows is known."""

    def __init__(
        self,
        view: DataView,
        selection: Selection,
        tab: str,
        habits: Habits | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        """Show `selection` of `view`, first on `tab`."""
        super().__init__(view, selection, habits, surroundings)
        self.tab = tab
        self.reads_files = self.surroundings.writes_files
        """Whether any file may be opened, or only the embedded datasets, as in a kiosk."""
        self.first_selection: Callable[[DataView], Selection] | None = None
        """What is selected of a dataset that is read while its first screen is shown."""
        self.opens_otherwise = False
        """Whether the default dataset is opened if the first cannot be read."""

    def show_selection(self) -> None:
        """Show the selection on the active tab, as soon as its slice is computed."""
        raise NotImplementedError

    async def rebuild(self) -> None:
        """Build the active tab anew, and forget the others."""
        raise NotImplementedError

    def fail(self, error: CityTechError) -> None:
        """End the app with an error that the person can mend."""
        raise NotImplementedError

    @work(thread=True, exclusive=True, exit_on_error=False)
    def load_dataset(self) -> None:
        """Read the dataset while the first screen is shown, then let the panes show all of it."""
        view, select = self.view, self.first_selection
        measure = self._ranked or MEASURES[0]
        show_first: Callable[[], bool | Awaitable[bool]] = self._show_first
        with hearing(self.speech):
            try:
                view.load(select, measure, lambda: self.call_from_thread(show_first))
                selection = select(view) if select is not None and view is self.view else None
            except CityTechError as error:
                self.call_from_thread(self._not_read, view, error)
            else:
                self.call_from_thread(self._is_read, view, selection)
                view.prepare_filter()

    async def _show_first(self) -> bool:
        """Show the first rows before anything else is done; return whether that was in time."""
        shown = asyncio.Event()
        self.show_selection()
        self.call_after_refresh(shown.set)
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await shown.wait()
        return shown.is_set()

    def _is_read(self, view: DataView, selection: Selection | None) -> None:
        if view is not self.view:
            return  # another was opened meanwhile
        if selection is not None:
            self.first_selection = None
            before = self.selection  # with what the person has done meanwhile
            self.set_reactive(
                SharingApp.selection,
                replace(
                    before,
                    slice=selection.slice,
                    filter=before.filter or selection.filter,
                    city=selection.city or before.city,
                ),
            )
            if self._remembers:
                self.remember_dataset()
        self.show_selection()
        if self.surroundings.owns_process:
            self.call_after_refresh(_leave_out_of_collections)

    def _not_read(self, view: DataView, error: CityTechError) -> None:
        if view is self.view and self.opens_otherwise:
            self.call_later(self._open_default, error)
        elif view is self.view:
            self.fail(error)

    async def _open_default(self, error: CityTechError) -> None:
        from citytech_tui.opened import default_view, unopened

        await self.show_dataset(default_view())
        self.tell(unopened(error), seconds=12)

    def opens_dropped(self, text: str) -> bool:
        """Open a file that was dropped on the terminal, which pastes its path."""
        if not self.reads_files or len(self.screen_stack) > 1 or isinstance(self.focused, Input):
            return False
        from citytech_tui.paths import dropped_path

        path = dropped_path(text)
        if path is not None:
            self.action_open_dataset(path)
        return path is not None

    def action_open_dataset(self, path: str = "") -> None:
        """Choose another dataset; a `path` is opened at once."""
        from citytech_tui.screens.open import OpenScreen

        self.push_screen(OpenScreen(path), self.show_dataset)

    def open_view(self, origin: str) -> DataView:
        """Read a dataset, if it may be read here.

        Raises:
            CityTechError: if it may not, or cannot be read.
        """
        from citytech_tui.opened import open_view

        if not self.reads_files and origin not in embedded_names():
            words = _("only {names} can be opened here.")
            raise CityTechError(words.format(names=listed(embedded_names())))
        return open_view(origin)

    async def show_dataset(self, view: DataView | None) -> None:
        """Show another dataset on the present tab, all of it."""
        if view is None:
            return
        self.view, self.first_selection, self.opens_otherwise = view, None, False
        self.set_reactive(SharingApp.selection, Selection(Slice(view.year)))
        self.undone.clear()
        await self.rebuild()
        if self._remembers:
            self.remember_dataset()
        if view.dataset is None:
            self.load_dataset()
        self.show_reading()

    def show_reading(self) -> None:
        """Show the account of a table of counts, if the dataset was read from one."""
        if self.view.reading is not None and self.view.dataset is not None:
            from citytech_tui.screens.reading import ReadingScreen

            self.push_screen(ReadingScreen(self.view.dataset, self.view.reading))

    @property
    def _ranked(self) -> str:
        """The measure that the active tab ranks by; empty if it is another tab."""
        return self.tab if self.tab in MEASURES else ""

    @property
    def is_reading(self) -> bool:
        """Whether what is to be shown is still being read or computed."""
        return self.view.is_partial or not self.view.is_ready(self.selection, self._ranked)

    @work(thread=True, exclusive=True, group="slice", exit_on_error=False)
    def prepare_slice(self, selection: Selection, measure: str) -> None:
        """Compute a slice that takes longer than a key may wait; what is shown stays till then."""
        with hearing(self.speech):
            try:
                if measure:
                    self.view.ranking(measure, selection)
                else:
                    self.view.standings(selection)
            except CityTechError as error:
                self.call_from_thread(self.fail, error)
            else:
                self.call_from_thread(self.show_selection)


def _leave_out_of_collections() -> None:
    """Tell the garbage collector that what is there will stay, or each dialog waits for it."""
    gc.collect()
    gc.freeze()
