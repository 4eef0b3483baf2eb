"""What all tabs share: the dataset, the selection, the person's habits, and what changes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from textual.app import CallThreadReturnType
from textual.reactive import var

from citytech_data.text import clean
from citytech_tui.dataview import DataView
from citytech_tui.language import _, hearing, speech
from citytech_tui.preferences import Habits
from citytech_tui.selection import Selection, Slice
from citytech_tui.surroundings import Surroundings, own_machine
from citytech_tui.wire import WiredApp

_LONGEST_MESSAGE = 200
_LONGEST_COPY = 74_000
"""Bytes; what many terminals take at most at once by OSC 52."""
_MOST_UNDONE = 50


class SharingApp(WiredApp[int]):
    """An app with one selection of one dataset, which its tabs show and keys change."""

    selection: var[Selection] = var(Selection(Slice(0)), init=False)
    """What all panes show; they change it only through `select`."""

    def __init__(
        self,
        view: DataView,
        selection: Selection,
        habits: Habits | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        """Share `selection` of `view`.

        Without `habits` none are remembered; without `surroundings` it is the person's machine.
        """
        self.surroundings = surroundings or own_machine()
        no_color = "NO_COLOR" in self.surroundings.environ
        # Only with the terminal's own colours does Textual send none at all.
        super().__init__(self.surroundings.driver, ansi_color=True if no_color else None)
        self.view = view
        self.set_reactive(SharingApp.selection, selection)
        self.habits = habits or Habits(None)
        self._remembers = habits is not None
        self.speech = speech()
        self.undone: list[Selection] = []
        """The selections before each change of slice, order or filter, the latest last."""
        self._step: object = None

    def select(self, *, step: object = None, **changes: Any) -> None:
        """Change the selection that all tabs share; names of the slice change the slice.

        Changes of one `step`, such as all that is typed into one field, are undone together.
        """
        before, after = self.selection, self.selection.changed(**changes)
        if before.undoable != after.undoable:
            if step is None or step is not self._step:
                self.undone = [*self.undone[1 - _MOST_UNDONE :], before]
            self._step = step
        self.selection = after

    @property
    def selection_unfiltered(self) -> Selection:
        """The selection with all cities."""
        return self.selection.changed(filter="")

    def action_undo(self) -> None:
        """Take back the last change of slice, order or filter; marks and city stay."""
        self._step = None
        while self.undone:
            before = self.undone.pop()
            if before.undoable != self.selection.undoable:
                self.selection = replace(self.selection, **before.undoable)
                return
        self.tell(_("There is no slice, order or filter to go back to."))

    def action_year(self, step: int) -> None:
        """Show the year before or after, among those that the dataset has."""
        years = self.view.years
        if self.still_partial():
            return
        index = years.index(self.selection.year) + step
        if 0 <= index < len(years):
            self.select(year=years[index])
        elif len(years) == 1:
            words = _("This dataset has figures of {cities} for {year} only.")
            self.tell(words.format(cities=self.view.manifest.places.many, year=years[0]))
        else:
            words = _("{year} is the first year.") if step < 0 else _("{year} is the last year.")
            self.tell(words.format(year=self.selection.year))

    def action_choose_year(self) -> None:
        """Choose a year from a list."""
        from citytech_tui.screens.slicing import choose_year

        if not self.still_partial():
            choose_year(self)

    def action_scope(self) -> None:
        """Choose which cities are ranked against each other."""
        from citytech_tui.screens.slicing import choose_scope

        if not self.still_reading():
            choose_scope(self)

    def action_population(self) -> None:
        """Show density per head of the next population that the dataset has."""
        only = _("This dataset has one population only.")
        self._select_next("population", self.view.populations, only)

    def action_technology(self) -> None:
        """Show the next technology that is counted apart."""
        only = _("This dataset counts all technologies together, none apart.")
        self._select_next("technology", self.view.technologies, only)

    def _select_next(self, name: str, values: Sequence[str], only: str) -> None:
        """Select the next of the values that a part of the slice can have; say `only` if of one."""
        if self.still_partial():
            return
        if len(values) == 1:
            self.tell(only)
            return
        index = values.index(getattr(self.selection.slice, name)) + 1
        self.select(**{name: values[index % len(values)]})

    def still_partial(self) -> bool:
        """Whether it is not yet known what can be selected; the person is told so."""
        return self.view.is_partial and self.still_reading()

    def still_reading(self) -> bool:
        """Whether the dataset is still being read; the person is told so."""
        if self.view.dataset is None:
            self.tell(_("The dataset is still being read; try again in a moment."))
        return self.view.dataset is None

    def remember(self, **changes: Any) -> None:
        """Remember some preferences; the person is told once if that fails."""
        self.habits.remember(**changes)
        self._tell_notice()

    def remember_dataset(self) -> None:
        """Remember which dataset is shown."""
        self.habits.opened(self.view.origin)
        self._tell_notice()

    def _tell_notice(self) -> None:
        notice = self.habits.notice()
        if notice:
            self.tell(notice, seconds=12)

    def tell(self, message: str, seconds: float = 4) -> None:
        """Show a message that may hold text from data; the keys stay where they are."""
        message = clean(message)
        if len(message) > _LONGEST_MESSAGE:
            message = f"{message[:_LONGEST_MESSAGE]}…"
        self.notify(message, markup=False, timeout=seconds)

    def copy(self, text: str, what: str) -> None:
        """Send a text to the clipboard of the terminal, and say so of `what`."""
        if len(text.encode()) > _LONGEST_COPY:
            words = _("{thing}: too long for a terminal's clipboard; a filter makes it shorter.")
            if self.surroundings.writes_files:
                words = _("{thing}: too long for a terminal's clipboard; e writes it to a file.")
            self.tell(words.format(thing=what))
            return
        self.copy_to_clipboard(text)
        self.tell(_("{thing}: sent to your terminal's clipboard.").format(thing=what))

    def call_from_thread(
        self,
        callback: Callable[..., CallThreadReturnType | Awaitable[CallThreadReturnType]],
        *args: Any,
        **kwargs: Any,
    ) -> CallThreadReturnType:
        """Call from a thread, which has a context of its own, what speaks the app's language."""

        def call() -> CallThreadReturnType | Awaitable[CallThreadReturnType]:
            with hearing(self.speech):
                return callback(*args, **kwargs)

        return super().call_from_thread(call)
