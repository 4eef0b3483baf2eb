"""The app of one session among many in a process."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console
from textual import constants
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.filter import NoColor
from textual.widget import Widget

import citytech_tui
from citytech_tui.app import CityTechApp
from citytech_tui.dataview import DataView
from citytech_tui.selection import Selection
from citytech_tui.serve.client import Client
from citytech_tui.serve.driver import Carrier
from citytech_tui.surroundings import Surroundings
from citytech_tui.widgets.painted import Painted


@cache
def _parsed(variables: frozenset[tuple[str, str]], *source: Any) -> list[RuleSet]:
    css, read_from, is_default, tie_breaker, scope = source
    sheet = Stylesheet(variables=dict(variables))
    return sheet._parse_rules(css, read_from, is_default, tie_breaker, scope)


class SharedStylesheet(Stylesheet):
    """Rules are parsed once for all sessions of a theme."""

    def _parse_rules(
        self,
        css: str,
        read_from: tuple[str, str],
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        variables = frozenset(self._variables.items())
        return _parsed(variables, css, read_from, is_default_rules, tie_breaker, scope)


class ServedApp(CityTechApp):
    """CityTech on the terminal of a client, about whom the server's environment says nothing."""

    CSS_PATH = Path(citytech_tui.__file__).with_name("styles.tcss")  # type: ignore[assignment]

    def __init__(  # noqa: PLR0913
        self,
        view: DataView,
        selection: Selection,
        tab: str,
        *,
        client: Client,
        carrier: Carrier,
        surroundings: Surroundings,
    ) -> None:
        """Show `selection` of `view`, which other sessions read too."""
        self.carrier = carrier
        super().__init__(view, selection, tab, surroundings=surroundings)
        self.features = frozenset()
        self.no_color = "NO_COLOR" in client.environ
        self._filters[1:] = [NoColor()] if self.no_color else []
        self.console = Console(
            file=self.console.file,
            markup=True,
            highlight=False,
            emoji=False,
            legacy_windows=False,
            force_terminal=True,
            safe_box=False,
            _environ={name: text for name, text in client.environ.items() if name != "NO_COLOR"},
        )
        # Textual points these at the app while it runs; sessions end in any order.
        self._capture_stdout = sys.stdout  # type: ignore[assignment]
        self._capture_stderr = sys.stderr  # type: ignore[assignment]
        self.stylesheet = SharedStylesheet(variables=self.get_css_variables())
        self.animation_level = client.animation
        self.habits.preferences = replace(self.habits.preferences, theme=client.theme)
        self.theme = constants.DEFAULT_THEME
        self._choose_theme(no_color=self.no_color)

    def forget_lines(self) -> None:
        """Let go of the lines drawn so far: they take half of a session's memory."""
        for screen in self.screen_stack:
            for widget in (screen, *screen.walk_children(Widget)):
                if isinstance(widget, Painted):
                    widget.forget_lines()
                else:
                    widget._styles_cache.clear()
