"""The screen of the tabs, which is shown first and does once what Textual does several times."""

from __future__ import annotations

from textual import events
from textual.geometry import Size
from textual.screen import Screen


class TabsScreen(Screen[None]):
    """Title, tabs, the pane of the active tab, and footer."""

    AUTO_FOCUS = ""
    """Nothing: a tab that is opened gives the keys to one of its widgets itself."""

    def __init__(self, size: Size, classes: str) -> None:
        """Have the `classes` of a size from the first on."""
        super().__init__(id="_default", classes=classes)
        self._fitted = size

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Let no widget be styled again that was styled when it was mounted."""
        event.refresh_styles = False

    def on_resize(self, event: events.Resize) -> None:
        """Lay nothing out again for the same size."""
        if event.size == self._fitted:
            event.prevent_default()
        self._fitted = event.size
