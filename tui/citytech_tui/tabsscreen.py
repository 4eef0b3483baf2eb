"""The screen of the tabs, which is shown first and does once what Textual would do twice."""

from __future__ import annotations

from textual import events
from textual.screen import Screen


class TabsScreen(Screen[None]):
    """Title, tabs, the pane of the active tab, and footer."""

    AUTO_FOCUS = ""
    """Nothing: a tab that is opened gives the keys to one of its widgets itself."""

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Let no widget be styled again that was styled when it was mounted."""
        event.refresh_styles = False
