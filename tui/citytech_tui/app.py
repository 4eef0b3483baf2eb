"""The app: the shared selection, the tabs, and what holds them together."""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, work
from textual.app import CallThreadReturnType, ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.reactive import var
from textual.screen import Screen
from textual.theme import ThemeProvider
from textual.widgets import ContentSwitcher, Input
from textual.worker import WorkerFailed

from citytech_data.catalogue import embedded_names
from citytech_data.errors import CityTechError
from citytech_data.text import clean
from citytech_data.vocabulary import MEASURES
from citytech_tui.bindings import KEYS, Place, footer_keys
from citytech_tui.crash import LogFile
from citytech_tui.dataview import DataView
from citytech_tui.format import slice_texts
from citytech_tui.keymap import bindings
from citytech_tui.keyorder import take_key
from citytech_tui.language import LANGUAGES, N_, _, error_text, hearing, speech, spoken, switch
from citytech_tui.names import listed
from citytech_tui.pane import Pane
from citytech_tui.preferences import Habits
from citytech_tui.selection import Selection, Slice
from citytech_tui.surroundings import Surroundings, own_machine
from citytech_tui.themes import SIXTEEN, THEMES
from citytech_tui.widgets.line import Line, Part
from citytech_tui.wire import WiredApp

if TYPE_CHECKING:
    from textual.command import Provider

    from citytech_tui.takeaway import Takeaway

TAB_KEYS = {key.action.split("'")[1]: key for key in KEYS[Place.APP] if "tab(" in key.action}

_LONGEST_MESSAGE = 200
_LONGEST_COPY = 74_000
"""Bytes; what many terminals take at most at once by OSC 52."""
_PALETTE = "--command-palette"
"""How Textual names the one palette that there may be."""
FIRST_HINT = N_(
    "Welcome. ? lists all keys, / filters, i tells how a figure is known, o opens other datasets."
)
"""What is told at the first start, once."""
_MOST_UNDONE = 50


def _commands() -> type[Provider]:
    from citytech_tui.commands import CityTechCommands

    return CityTechCommands


class CityTechApp(WiredApp[int]):
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

    selection: var[Selection] = var(Selection(Slice(0)), init=False)
    """What all panes show; they change it only through `select`."""

    def __init__(
        self,
        view: DataView,
        selection: Selection,
        tab: str,
        habits: Habits | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        """Show `selection` of `view`, first on `tab`.

        Without `habits` none are remembered; without `surroundings` it is the person's machine.
        """
        self.surroundings = surroundings or own_machine()
        environ = self.surroundings.environ
        no_color = "NO_COLOR" in environ
        # Only with the terminal's own colours does Textual send none at all.
        super().__init__(self.surroundings.driver, ansi_color=True if no_color else None)
        self.reads_files = self.surroundings.writes_files
        """Whether any file may be opened, or only the embedded datasets, as in a kiosk."""
        self.view = view
        self.set_reactive(CityTechApp.selection, selection)
        self.tab = tab
        self.habits = habits or Habits(None)
        self.speech = speech()
        self.tabs_before: list[str] = []
        self.export_suffix = ".csv"
        """The form of file that was written last."""
        self.undone: list[Selection] = []
        """The selections before each change of slice, order or filter, the latest last."""
        self._step: object = None
        self.log_file = LogFile(self.surroundings.keep_crash)
        if "TEXTUAL_ANIMATIONS" not in environ:
            self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self._choose_theme(no_color=no_color)
        self._remembers = habits is not None
        self.first_selection: Callable[[DataView], Selection] | None = None
        """What is selected of a dataset that is read while its first screen is shown."""
        self.opens_otherwise = False
        """Whether the default dataset is opened if the first cannot be read."""

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
        return Screen(id="_default", classes=" ".join(classes))

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

    @work(thread=True, exclusive=True, exit_on_error=False)
    def load_dataset(self) -> None:
        """Read the dataset while the first screen is shown, then let the panes show all of it."""
        view, select = self.view, self.first_selection
        measure = self._ranked or MEASURES[0]
        with hearing(self.speech):
            try:
                view.load(select, measure, lambda: self.call_from_thread(self.show_selection))
                selection = select(view) if select is not None and view is self.view else None
            except CityTechError as error:
                self.call_from_thread(self._not_read, view, error)
            else:
                self.call_from_thread(self._is_read, view, selection)
                view.prepare_filter()

    def _is_read(self, view: DataView, selection: Selection | None) -> None:
        if view is not self.view:
            return  # another was opened meanwhile
        if selection is not None:
            self.first_selection = None
            before = self.selection  # with what the person has done meanwhile
            self.set_reactive(
                CityTechApp.selection,
                replace(
                    before,
                    slice=selection.slice,
                    filter=before.filter or selection.filter,
                    city=selection.city or before.city,
                ),
            )
            if self._remembers:
                self.remember_dataset()
        self.show_selection()

    def _not_read(self, view: DataView, error: CityTechError) -> None:
        if view is self.view and self.opens_otherwise:
            self.call_later(self._open_default, error)
        elif view is self.view:
            self.fail(error)

    async def _open_default(self, error: CityTechError) -> None:
        from citytech_tui.opened import default_view, unopened

        await self.show_dataset(default_view())
        self.tell(unopened(error), seconds=12)

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
            if self._opens_dropped(event.text):
                return
        if isinstance(event, events.Key):
            await take_key(self, event, super().on_event)
        else:
            await super().on_event(event)

    def _opens_dropped(self, text: str) -> bool:
        """Open a file that was dropped on the terminal, which pastes its path."""
        if not self.reads_files or len(self.screen_stack) > 1 or isinstance(self.focused, Input):
            return False
        from citytech_tui.paths import dropped_path

        path = dropped_path(text)
        if path is not None:
            self.action_open_dataset(path)
        return path is not None

    def action_open_dataset(self, path: str = "") -> None:
        """Choose another dataset; a `path` is opened at once."""
        from citytech_tui.screens.open import OpenScreen

        self.push_screen(OpenScreen(path), self.show_dataset)

    def open_view(self, origin: str) -> DataView:
        """Read a dataset, if it may be read here.

        Raises:
            CityTechError: if it may not, or cannot be read.
        """
        from citytech_tui.opened import open_view

        if not self.reads_files and origin not in embedded_names():
            words = _("only {names} can be opened here.")
            raise CityTechError(words.format(names=listed(embedded_names())))
        return open_view(origin)

    async def show_dataset(self, view: DataView | None) -> None:
        """Show another dataset on the present tab, all of it."""
        if view is None:
            return
        self.view, self.first_selection, self.opens_otherwise = view, None, False
        self.set_reactive(CityTechApp.selection, Selection(Slice(view.year)))
        self.tabs_before.clear()
        switcher = self.query_one("#panes", ContentSwitcher)
        with self.batch_update():
            switcher.current = None
            await switcher.remove_children()
            await self.show_tab(self.tab)
        if self._remembers:
            self.remember_dataset()
        if view.dataset is None:
            self.load_dataset()
        self.show_reading()

    def show_reading(self) -> None:
        """Show the account of a table of counts, if the dataset was read from one."""
        if self.view.reading is not None and self.view.dataset is not None:
            from citytech_tui.screens.reading import ReadingScreen

            self.push_screen(ReadingScreen(self.view.dataset, self.view.reading))

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

    def action_undo(self) -> None:
        """Take back the last change of slice, order or filter; marks and city stay."""
        self._step = None
        while self.undone:
            before = self.undone.pop()
            if before.undoable != self.selection.undoable:
                self.selection = replace(self.selection, **before.undoable)
                return
        self.tell(_("There is no slice, order or filter to go back to."))

    @property
    def selection_unfiltered(self) -> Selection:
        """The selection with all cities."""
        return self.selection.changed(filter="")

    def watch_selection(self, before: Selection, after: Selection) -> None:
        """Show the new selection on the active tab; the others follow when they are opened."""
        if replace(before, city=after.city) == after:
            if self.pane is not None:
                self.pane.show_city()
            return
        self.show_selection()

    async def show_tab(self, tab: str) -> None:
        """Open a tab; its pane is built on its first visit."""
        switcher = self.query_one("#panes", ContentSwitcher)
        with self.batch_update():
            if not switcher.query(f"#{tab}"):
                await switcher.mount(_make_pane(tab))
            self.tab = tab
            switcher.current = tab
            self.show_selection()
            if self.pane is not None:
                self.pane.take_focus()

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

    def action_command_palette(self) -> None:
        """Show the palette, once the one before has gone: two of them would be a fault."""
        before = next((node for node in self._nodes if node.id == _PALETTE), None)
        if before is None:
            self.push_screen(CommandPalette(placeholder=_("Search for commands…"), id=_PALETTE))
        elif before not in self.screen_stack:
            self.call_later(self.action_command_palette)

    def pop_screen(self) -> AwaitComplete:
        """Close what is above the tabs; what is pressed twice at once asks for that twice."""
        return super().pop_screen() if len(self.screen_stack) > 1 else AwaitComplete()

    def action_year(self, step: int) -> None:
        """Show the year before or after, among those that the dataset has."""
        years = self.view.years
        if self.view.is_partial and self.still_reading():
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

        if not (self.view.is_partial and self.still_reading()):
            choose_year(self)

    def action_scope(self) -> None:
        """Choose which cities are ranked against each other."""
        from citytech_tui.screens.slicing import choose_scope

        if not self.still_reading():
            choose_scope(self)

    def action_population(self) -> None:
        """Show density per head of the next population that the dataset has."""
        populations = self.view.populations
        if self.view.is_partial and self.still_reading():
            return
        if len(populations) == 1:
            self.tell(_("This dataset has one population only."))
            return
        index = populations.index(self.selection.slice.population) + 1
        self.select(population=populations[index % len(populations)])

    def action_technology(self) -> None:
        """Show the next technology that is counted apart."""
        technologies = self.view.technologies
        if self.view.is_partial and self.still_reading():
            return
        if len(technologies) == 1:
            self.tell(_("This dataset counts all technologies together, none apart."))
            return
        index = technologies.index(self.selection.technology) + 1
        self.select(technology=technologies[index % len(technologies)])

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
        hint = _("Search for themes…")
        self.push_screen(CommandPalette(providers=[ThemeProvider], placeholder=hint))

    def action_help(self) -> None:
        """Show all keys."""
        from citytech_tui.screens.text import TextScreen, help_lines

        self.push_screen(TextScreen(_("Keys"), help_lines))

    def tell(self, message: str, seconds: float = 4) -> None:
        """Show a message that may hold text from data; the keys stay where they are."""
        message = clean(message)
        if len(message) > _LONGEST_MESSAGE:
            message = f"{message[:_LONGEST_MESSAGE]}…"
        self.notify(message, markup=False, timeout=seconds)

    def copy(self, text: str, what: str) -> None:
        """Send a text to the clipboard of the terminal, and say so of `what`."""
        if len(text.encode()) > _LONGEST_COPY:
            words = _("{thing}: too long for a terminal's clipboard; e writes it to a file.")
            self.tell(words.format(thing=what))
            return
        self.copy_to_clipboard(text)
        self.tell(_("{thing}: sent to your terminal's clipboard.").format(thing=what))

    def take_away(self, taken: Takeaway) -> None:
        """Hand the person something to take away."""
        self.surroundings.export(self, taken)

    def still_reading(self) -> bool:
        """Whether the dataset is still being read; the person is told so."""
        if self.view.dataset is None:
            self.tell(_("The dataset is still being read; try again in a moment."))
        return self.view.dataset is None

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

    @property
    def is_reading(self) -> bool:
        """Whether what is to be shown is still being read or computed."""
        return self.view.is_partial or not self.view.is_ready(self.selection, self._ranked)

    @property
    def _ranked(self) -> str:
        """The measure that the active tab ranks by; empty if it is another tab."""
        return self.tab if self.tab in MEASURES else ""

    @work(thread=True, exclusive=True, group="slice", exit_on_error=False)
    def prepare_slice(self, selection: Selection, measure: str) -> None:
        """Compute a slice that takes longer than a key may wait; what is shown stays till then."""
        with hearing(self.speech):
            try:
                if measure:
                    self.view.ranking(measure, selection)
                else:
                    self.view.standings(selection)
            except CityTechError as error:
                self.call_from_thread(self.fail, error)
            else:
                self.call_from_thread(self.show_selection)

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
            yield Part(f" {key.shown}", "key", self._clicked(key.action))
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
    return isinstance(cause, NoMatches) and "CommandPalette" in str(cause)


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
