"""One line to write in, with what is wrong with it below."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from citytech_data.errors import CityTechError
from citytech_tui.language import _, error_text
from citytech_tui.widgets.line import Line, Part


class AskScreen(ModalScreen[str | None]):
    """Ask for a text until it is right; escape gives it up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close", show=False)]

    def __init__(self, title: str, value: str, check: Callable[[str], object]) -> None:
        """Offer `value` to change; `check` raises a CityTechError for what is not right."""
        super().__init__()
        self._title = title
        self._value = value
        self._check = check

    def compose(self) -> ComposeResult:
        """Lay out field and message."""
        frame = Vertical(classes="dialog")
        frame.border_title = self._title
        frame.border_subtitle = _("enter takes it, esc closes")
        with frame:
            field = Input(self._value, compact=True)
            field.cursor_blink = False
            yield field
            yield Line()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        try:
            self._check(event.value)
        except CityTechError as error:
            self.query_one(Line).show(Part(error_text(error), "key"))
        else:
            self.dismiss(event.value)
