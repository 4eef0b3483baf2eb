"""Open another dataset: a recent or installed one, a folder, or a table of counts."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from citytech_data.catalogue import embedded_manifest, embedded_names
from citytech_data.errors import CityTechError
from citytech_data.text import clean, search_key
from citytech_tui.dataview import DataView
from citytech_tui.language import N_, _, error_text, hearing
from citytech_tui.names import manifest_in_language
from citytech_tui.paths import (
    common_start,
    completions,
    is_dataset,
    is_path,
    short_path,
    typed_path,
)
from citytech_tui.widgets.cells import fit
from citytech_tui.widgets.lines import Lines, paragraph

if TYPE_CHECKING:
    from citytech_tui.app import CityTechApp

_MOST_OFFERED = 200
_HELP = N_(
    "↑ ↓ choose, enter opens, tab completes a path. "
    "A table of counts: CSV or Excel with city, year, technology and count."
)


class Offer(NamedTuple):
    """What can be chosen: what is opened, how it is shown, and whether it is only a way to go."""

    origin: str
    name: str
    about: str
    is_way: bool = False


class OpenScreen(ModalScreen[DataView | None]):
    """A field for a name or path, what fits it, and what went wrong."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", show=False),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
        Binding("tab", "complete", "Complete", show=False, priority=True),
    ]

    def __init__(self, path: str = "") -> None:
        """Offer datasets; a `path` is opened at once. The result is the opened one, or None."""
        super().__init__()
        self._path = path
        self._offers: list[Offer] = []
        self._reading = ""

    @property
    def host(self) -> CityTechApp:
        """The app."""
        return cast("CityTechApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out field, list and message."""
        with Vertical(classes="dialog opening") as dialog:
            dialog.border_title = _("Open another dataset")
            dialog.border_subtitle = _("esc closes")
            paths = _("name, or path of a folder or table") if self.host.reads_files else _("name")
            field = Input(self._path, placeholder=paths, compact=True, select_on_focus=False)
            field.cursor_blink = False
            yield field
            choices = OptionList()
            choices.can_focus = False
            yield choices
            yield Lines(classes="message")

    def on_mount(self) -> None:
        """Show what there is; open the path that was given."""
        if not self.query(Input):
            return  # closed already
        # `focus` would wait its turn behind the keys already typed.
        self.set_focus(self.query_one(Input))
        self._show_offers(self._path)
        if self._path:
            self._open(self._path)
        else:
            self._say(_(_HELP) if self.host.reads_files else "")

    def _say(self, message: str, style: str = "dim") -> None:
        self.query_one(Lines).show(lambda width: paragraph(message, width, style))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._show_offers(event.value.strip())

    @work(thread=True, exclusive=True, group="offers", exit_on_error=False)
    def _show_offers(self, text: str) -> None:
        """List what fits; a folder may be on a slow disk."""
        with hearing(self.host.speech):
            offers = self._named(text)
            if self.host.reads_files and is_path(text):
                offers += [_path_offer(path) for path in completions(text, _MOST_OFFERED)]
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._list, offers)

    def _named(self, text: str) -> list[Offer]:
        wanted = search_key(text)
        recent = self.host.habits.preferences.recent if self.host.reads_files else ()
        offers = [
            Offer(
                origin,
                PurePath(origin).name,
                f"{short_path(_folder(origin))} · " + _("opened before"),
            )
            for origin in recent
            if origin not in embedded_names()
        ]
        for name in embedded_names():
            about = manifest_in_language(embedded_manifest(name)).title
            offers.append(Offer(name, name, about))
        shown = self.host.view.origin
        offers = [
            offer._replace(about=f"{offer.about} · " + _("shown now"))
            if offer.origin == shown
            else offer
            for offer in offers
        ]
        return [offer for offer in offers if wanted in search_key(offer.name + offer.about)]

    def _list(self, offers: list[Offer]) -> None:
        self._offers = offers
        width = max((len(offer.name) for offer in offers), default=0)
        width = min(width, 44)
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options(
            Option(Content(f"{fit(offer.name, width)}  {offer.about}".rstrip())) for offer in offers
        )
        choices.display = bool(offers)

    def action_move(self, step: int) -> None:
        """Move in the list; the field keeps the keys."""
        choices = self.query_one(OptionList)
        if step > 0:
            choices.action_cursor_down()
        else:
            choices.action_cursor_up()

    def action_complete(self) -> None:
        """Complete the path as far as only one way goes on."""
        ways = [offer.origin for offer in self._offers if is_path(offer.origin)]
        field = self.query_one(Input)
        start = common_start([way for way in ways if way.startswith(field.value)])
        if len(start) > len(field.value):
            field.value = start
            field.cursor_position = len(start)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(event.option_index)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        index = self.query_one(OptionList).highlighted
        if index is not None:
            self._choose(index)
            return
        text = typed_path(event.value)
        names = [offer.origin for offer in self._offers if not offer.is_way]
        if text:
            self._open(names[0] if len(names) == 1 and not is_path(text) else text)

    def _choose(self, index: int) -> None:
        offer = self._offers[index]
        field = self.query_one(Input)
        if offer.is_way:
            field.value = offer.origin
            field.cursor_position = len(offer.origin)
            field.focus()
        else:
            self._open(offer.origin)

    def _open(self, origin: str) -> None:
        self._reading = origin
        self._say(_("Reading {name} …").format(name=short_path(origin)), "strong")
        self._read(origin)

    @work(thread=True, exclusive=True, group="read", exit_on_error=False)
    def _read(self, origin: str) -> None:
        """Read a dataset off the event loop."""
        worker = get_current_worker()
        try:
            with hearing(self.host.speech):
                view = self.host.open_view(origin)
        except CityTechError as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self._say, clean(error_text(error)), "warning")
        else:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.dismiss, view)

    def on_click(self, event: events.Click) -> None:
        """Close by a click beside the dialog."""
        widget, _region = self.get_widget_at(event.screen_x, event.screen_y)
        if widget is self:
            self.dismiss(None)


def _path_offer(path: str) -> Offer:
    name = PurePath(path).name
    if not path.endswith("/"):
        return Offer(path, name, _("table"))
    dataset = is_dataset(path)
    return Offer(path, f"{name}/", _("dataset") if dataset else _("folder"), is_way=not dataset)


def _folder(path: str) -> str:
    return str(PurePath(path).parent)
