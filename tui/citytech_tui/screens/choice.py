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

KEYS = "1234567890acdefghilmnoprstuvwxyz"
"""What chooses the first, second ... name; the letters left out move and close."""


class ChoiceScreen(ModalScreen[int | None]):
    """Choose one of a few names: by the key before it, by arrows and enter, or by click."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", "Close", show=False),
        Binding("j", "down", "Down", show=False),
        Binding("k", "up", "Up", show=False),
    ]

    def __init__(self, title: str, names: Sequence[str], at: int = 0) -> None:
        """Offer `names`, the cursor on number `at`; the result is an index, or None."""
        super().__init__()
        self._at = at
        self._title = title
        self._names = names

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        keys = KEYS.ljust(len(self._names))
        options = [
            Option(Content(f"{key} {name}")) for key, name in zip(keys, self._names, strict=False)
        ]
        choices = OptionList(*options, classes="dialog")
        choices.border_title = self._title
        choices.highlighted = self._at
        yield choices

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def on_key(self, event: events.Key) -> None:
        """Choose by the key before a name."""
        index = KEYS.find(event.character) if event.character else -1
        if 0 <= index < len(self._names):
            event.stop()
            self.dismiss(index)

    def action_down(self) -> None:
        """Move down."""
        # None is there when keys come while the screen closes.
        for choices in self.query(OptionList):
            choices.action_cursor_down()

    def action_up(self) -> None:
        """Move up."""
        for choices in self.query(OptionList):
            choices.action_cursor_up()
