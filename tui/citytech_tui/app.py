"""The app: the shared selection, the tabs, and what holds them together."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widgets import ContentSwitcher
from textual.worker import WorkerFailed

from citytech_data.errors import CityTechError
from citytech_data.text import clean
from citytech_data.vocabulary import MEASURES
from citytech_tui.bindings import KEYS, Place, footer_keys
from citytech_tui.crash import LogFile
from citytech_tui.dataview import DataView
from citytech_tui.format import slice_texts
from citytech_tui.keymap import bindings
from citytech_tui.keyorder import take_key
from citytech_tui.language import LANGUAGES, N_, _, error_text, spoken, switch
from citytech_tui.loading import LoadingApp
from citytech_tui.pane import Pane
from citytech_tui.preferences import Habits
from citytech_tui.selection import Selection
from citytech_tui.surroundings import Surroundings
from citytech_tui.tabsscreen import TabsScreen
from citytech_tui.themes import SIXTEEN, THEMES
from citytech_tui.widgets.line import Line, Part

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.command import Provider

    from citytech_tui.takeaway import Takeaway

TAB_KEYS = {key.action.split("'")[1]: key for key in KEYS[Place.APP] if "tab(" in key.action}

_PALETTE = "--command-palette"
"""How Textual names the one palette that there may be."""
FIRST_HINT = N_(
    "Welcome. ? lists all keys, / filters, i tells how a figure is known, o opens other datasets."
)
"""What is told at the first start, once."""


def _commands() -> type[Provider]:
    from citytech_tui.commands import CityTechCommands

    return CityTechCommands


class CityTechApp(LoadingApp):
    """CityTech on a terminal."""

    CSS_PATH = "styles.tcss"
    TITLE = "CityTech"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.APP)]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_commands}
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-too-narrow"),
        (80, "-narrow"),
        (110, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-too-short"),
        (24, "-tall"),
    ]

    def __init__(
        self,
        view: DataView,
        selection: Selection,
        tab: str,
        habits: Habits | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        """Show `selection` of `view`, first on `tab`."""
        super().__init__(view, selection, tab, habits, surroundings)
        self.tabs_before: list[str] = []
        self.export_suffix = ".csv"
        """The form of file that was written last."""
        self.log_file = LogFile(self.surroundings.keep_crash)
        environ = self.surroundings.environ
        if "TEXTUAL_ANIMATIONS" not in environ:
            self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self._choose_theme(no_color="NO_COLOR" in environ)

    def _choose_theme(self, *, no_color: bool) -> None:
        chosen = self.habits.preferences.theme
        if no_color:
            self.theme = "ansi-dark"
        elif chosen in self.available_themes:
            self.theme = chosen
        elif self.console.color_system == "standard":
            self.theme = SIXTEEN

    def get_default_screen(self) -> Screen[None]:
        """Return the screen with the classes of its size, which Textual finds after a layout."""
        classes = [
            [name for least, name in breakpoints if size >= least][-1]
            for size, breakpoints in zip(
                self.size,
                (self.HORIZONTAL_BREAKPOINTS or [], self.VERTICAL_BREAKPOINTS or []),
                strict=True,
            )
        ]
        return TabsScreen(self.size, " ".join(classes))

    def compose(self) -> ComposeResult:
        """Lay out title, tabs, the pane of the active tab, and footer."""
        yield Line(id="title")
        yield Line(id="tabs")
        yield ContentSwitcher(_make_pane(self.tab), id="panes", initial=self.tab)
        yield Line(id="footer")
        yield Line(id="too-small")

    def on_mount(self) -> None:
        """Show the first tab, then read the dataset behind it."""
        self._show_too_small()
        self.show_selection()
        if self.pane is not None:
            self.pane.take_focus()
        self.call_after_refresh(self._first_shown)

    def _show_too_small(self) -> None:
        too_small = Part(_("This terminal is too small: CityTech needs 80x24."))
        for line in self.query("#too-small").results(Line):  # none while the app closes
            line.show(too_small)

    def _first_shown(self) -> None:
        """Do what the first screen need not wait for."""
        if not self.is_running:
            return  # left already
        if self.surroundings.owns_process:
            gc.freeze()
            gc.enable()
        if self.view.dataset is None:
            self.load_dataset()
        if self._remembers:
            self._start_remembering()
        self.show_reading()

    def _start_remembering(self) -> None:
        self.theme_changed_signal.subscribe(
            self, lambda theme: self.remember(theme=theme.name), immediate=True
        )
        if not self.habits.preferences.hinted:
            self.tell(_(FIRST_HINT), seconds=12)
            self.remember(hinted=True)
        if not self.view.is_partial:
            self.remember_dataset()

    @property
    def pane(self) -> Pane | None:
        """The pane of the active tab."""
        current = self.query_one("#panes", ContentSwitcher).visible_content
        return current if isinstance(current, Pane) else None

    async def on_event(self, event: events.Event) -> None:
        """Clean what is pasted, before a field draws it as it is; keep the keys in their order."""
        if isinstance(event, events.Key | events.Paste | events.MouseDown | events.MouseScrollDown):
            self.show_provisional()
        if isinstance(event, events.Paste):
            event.text = clean(event.text)
            if self.opens_dropped(event.text):
                return
        if isinstance(event, events.Key):
            await take_key(self, event, super().on_event)
        else:
            await super().on_event(event)

    def watch_selection(self, before: Selection, after: Selection) -> None:
        """Show the new selection on the active tab; the others follow when they are opened."""
        if replace(before, city=after.city) == after:
            if self.pane is not None:
                self.pane.show_city()
            return
        self.show_selection()

    async def show_tab(self, tab: str) -> None:
        """Open a tab; its pane is built on its first visit."""
        if self._exit:
            return
        switcher = self.query_one("#panes", ContentSwitcher)
        if self.pane is not None:
            self.pane.let_go()
        with self.batch_update():
            if not switcher.query(f"#{tab}"):
                await switcher.mount(_make_pane(tab))
            self.tab = tab
            switcher.current = tab
            self.show_selection()
            if self.pane is not None:
                self.pane.take_focus()

    async def rebuild(self) -> None:
        """Build the active tab anew, and forget the others."""
        self.tabs_before.clear()
        switcher = self.query_one("#panes", ContentSwitcher)
        with self.batch_update():
            switcher.current = None
            await switcher.remove_children()
            await self.show_tab(self.tab)

    async def action_tab(self, tab: str) -> None:
        """Open a tab, to which `back` does not return."""
        if tab != self.tab:
            self.tabs_before.append(self.tab)
            await self.show_tab(tab)

    async def action_back(self) -> None:
        """Return to the tab before."""
        if self.tabs_before:
            await self.show_tab(self.tabs_before.pop())

    async def open_city(self, code: str) -> None:
        """Show a city in City Detail."""
        self.select(city=code)
        await self.action_tab("city")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Refuse what may not be done here."""
        if action in self.surroundings.refused:
            return False
        return super().check_action(action, parameters)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Perform an action, or let the active pane keep it till it has what it is about."""
        if self._exit:
            return False  # what was pressed after the app was left; nothing can be opened any more
        node = default_namespace
        while node is not None and not isinstance(node, Pane):
            node = node.parent
        if node is not None and node.holds(str(action), default_namespace or node):
            return True
        return await super().run_action(action, default_namespace, namespaces)

    def action_command_palette(self) -> None:
        """Show the palette, once the one before has gone: two of them would be a fault."""
        from citytech_tui.screens.palette import Palette

        before = next((node for node in self._nodes if node.id == _PALETTE), None)
        if before is None:
            self.push_screen(Palette(placeholder=_("Search for commands…"), id=_PALETTE))
        elif before not in self.screen_stack:
            self.call_later(self.action_command_palette)

    def pop_screen(self) -> AwaitComplete:
        """Close what is above the tabs; what is pressed twice at once asks for that twice."""
        return super().pop_screen() if len(self.screen_stack) > 1 else AwaitComplete()

    def action_language(self) -> None:
        """Speak the next language, and show all that is on the screen in it."""
        languages = [*LANGUAGES]
        language = languages[(languages.index(spoken()) + 1) % len(languages)]
        switch(language)
        self._show_too_small()
        self.show_selection()
        if self._remembers:
            self.remember(language=language)

    def search_themes(self) -> None:
        """Choose a theme by name."""
        from textual.theme import ThemeProvider

        from citytech_tui.screens.palette import Palette

        hint = _("Search for themes…")
        self.push_screen(Palette(providers=[ThemeProvider], placeholder=hint))

    def action_help(self) -> None:
        """Show all keys."""
        from citytech_tui.screens.text import TextScreen, help_lines

        self.push_screen(TextScreen(_("Keys"), help_lines))

    def take_away(self, taken: Takeaway) -> None:
        """Hand the person something to take away."""
        self.surroundings.export(self, taken)

    def fail(self, error: CityTechError) -> None:
        """End the app with an error that the person can mend."""
        self.log_file.message = error_text(error)
        self.exit(return_code=2)

    def finish(self) -> int:
        """After the app has left the terminal: report a failure, return the exit status."""
        return self.log_file.report(self.return_code or 0)

    def _handle_exception(self, error: Exception) -> None:
        if _is_palette_gone(error):
            return
        # Textual would print the traceback with the values of local variables.
        self.log_file.write(error)
        super()._handle_exception(error)
        self._exit_renderables.clear()

    def show_selection(self) -> None:
        """Show the selection on the active tab, as soon as its slice is computed."""
        if not self.view.is_ready(self.selection, self._ranked):
            self.prepare_slice(self.selection, self._ranked)
            self.show_frame()
            return
        if self.pane is not None:
            self.pane.show()
        self.show_frame()
        if self.provisional and not self.view.is_partial:
            self.call_after_refresh(self.end_provisional)

    def show_frame(self) -> None:
        """Show title, tabs and footer for the present selection and place."""
        selection, manifest = self.selection, self.view.manifest
        name, year, technology, *narrower = slice_texts(selection.slice, manifest)
        parts = [Part(" CityTech", "strong"), Part(f"   {name} · {year} · {technology}")]
        parts += [Part(f" · {text}", "key") for text in narrower]
        if selection.filter:
            parts.append(Part(" · " + _("filter “{text}”").format(text=selection.filter), "key"))
        if self.is_reading:
            parts.append(Part(" · " + _("reading …"), "key"))
        elif self.pane is not None and self.pane.status:
            parts.append(Part(f" · {self.pane.status}"))
        self.query_one("#title", Line).show(*parts)
        self.query_one("#tabs", Line).show(*self._tab_parts())
        self.query_one("#footer", Line).show(*self._footer_parts())

    def _tab_parts(self) -> Iterable[Part]:
        for tab, key in TAB_KEYS.items():
            style = "active" if tab == self.tab else ""
            yield Part(f" {key.shown} {_(key.label)} ", style, f"app.tab('{tab}')")

    def _footer_parts(self) -> Iterable[Part]:
        places = self.pane.places if self.pane is not None else ()
        useless = {"technology"} if len(self.view.technologies) == 1 else set()
        useless |= {"year(-1)"} if len(self.view.years) < 2 else set()
        useless |= self.pane.useless if self.pane is not None else frozenset()
        for key in footer_keys(*places, Place.APP):
            if key.action in useless:
                continue
            yield Part(f" {key.in_footer}", "key", self._clicked(key.action))
            yield Part(f" {_(key.label)} ", "", self._clicked(key.action))

    def _clicked(self, action: str) -> str:
        name = action.split("(", maxsplit=1)[0]
        own = hasattr(self, f"action_{name}")
        return f"app.{action}" if own else f"app.pane_action({action!r})"

    async def action_pane_action(self, action: str) -> None:
        """Run an action of the active pane, for a click on its key in the footer."""
        if self.pane is not None:
            await self.pane.run_action(action)


def _is_palette_gone(error: Exception) -> bool:
    """Whether Textual's palette was closed while it still searched, which it takes for a fault."""
    cause = error.error if isinstance(error, WorkerFailed) else error
    return isinstance(cause, NoMatches) and "Palette" in str(cause)


def _make_pane(tab: str) -> Pane:
    if tab in MEASURES:
        from citytech_tui.panes.ranking import RankingPane

        return RankingPane(tab)
    if tab == "trend":
        from citytech_tui.panes.trend import TrendPane

        return TrendPane()
    if tab == "pictures":
        from citytech_tui.panes.pictures import PicturesPane

        return PicturesPane()
    from citytech_tui.panes.city import CityPane

    return CityPane()
