"""The palette of commands and of themes."""

from __future__ import annotations

from textual.command import CommandList, CommandPalette
from textual.widgets import Input


class Palette(CommandPalette):
    """Textual's palette, without the fault that pages are turned before there are any."""

    def on_mount(self) -> None:
        """Keep the terminal at rest: a blinking cursor would write to it twice a second."""
        for field in self.query(Input):
            field.cursor_blink = False

    def _action_command_list(self, action: str) -> None:
        laid_out = bool(self.query_one(CommandList).scrollable_content_region)
        if laid_out or not action.startswith("page"):
            super()._action_command_list(action)
