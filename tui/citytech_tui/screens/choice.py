"""A short list to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option


class ChoiceScreen(ModalScreen[int | None]):
    """Choose one of a few names: by its number, by arrows and enter, or by click."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", show=False),
        Binding("j", "down", "Down", show=False),
        Binding("k", "up", "Up", show=False),
    ]

    def __init__(self, title: str, names: Sequence[str]) -> None:
        """Offer `names`; the result is the index of the chosen one, or None."""
        super().__init__()
        self._title = title
        self._names = names

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        options = [Option(Content(f"{i} {name}")) for i, name in enumerate(self._names, 1)]
        choices = OptionList(*options, classes="dialog")
        choices.border_title = self._title
        yield choices

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def on_key(self, event: events.Key) -> None:
        """Choose by number."""
        character = event.character or ""
        if character.isdecimal() and 1 <= int(character) <= len(self._names):
            event.stop()
            self.dismiss(int(character) - 1)

    def action_down(self) -> None:
        """Move down."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """Move up."""
        self.query_one(OptionList).action_cursor_up()
