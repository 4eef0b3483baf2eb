"""A text above the tabs: help, explanations, comparisons."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from citytech_tui.bindings import all_keys
from citytech_tui.language import _
from citytech_tui.widgets.cells import fit
from citytech_tui.widgets.lines import Line, Lines, text


class TextScreen(ModalScreen[None]):
    """Lines in a frame; escape closes them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter,i,x,b,question_mark,f1", "dismiss", "Close", show=False),
        Binding("j", "scroll(1)", "Down", show=False),
        Binding("k", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, title: str, build: Callable[[int], list[Line]]) -> None:
        """Show what `build` returns for the width in cells."""
        super().__init__()
        self._title = title
        self._build = build

    def compose(self) -> ComposeResult:
        """Lay out the frame."""
        lines = Lines(classes="dialog")
        lines.border_title = self._title.replace("[", "\\[")
        lines.border_subtitle = _("esc closes")
        yield lines

    def on_mount(self) -> None:
        """Show the text."""
        for shown in self.query(Lines):  # none if it is closed already
            shown.show(self._build)

    def action_scroll(self, lines: int) -> None:
        """Scroll by `lines`."""
        # None is there when keys come while the screen closes.
        for shown in self.query(Lines):
            shown.scroll_relative(y=lines, animate=False)

    @property
    def plain(self) -> str:
        """The text as shown, without styles."""
        return self.query_one(Lines).plain


def help_lines(width: int) -> list[Line]:
    """Return all keys with what they do, under the places where they work."""
    lines: list[Line] = []
    heading = None
    for place, key in all_keys():
        if place is not heading:
            lines += [(), text(_(place.value), "heading")]
            heading = place
        lines.append(((f"  {fit(key.shown, 10)} ", "strong"), (_(key.help), "")))
    return lines[1:]
