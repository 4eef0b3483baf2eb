"""Where to write what is taken away, and in which form."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option
from textual.worker import Worker, get_current_worker

from citytech_data.errors import CityTechError
from citytech_data.text import clean
from citytech_tui.language import _, count_text, error_text, hearing, speech
from citytech_tui.names import listed
from citytech_tui.screens.choice import ChoiceScreen
from citytech_tui.screens.text import TextScreen
from citytech_tui.takeaway import Takeaway, file_names, proposed, write_away
from citytech_tui.widgets.line import Line, Part
from citytech_tui.widgets.lines import Line as TextLine
from citytech_tui.widgets.lines import paragraph

if TYPE_CHECKING:
    from citytech_tui.app import CityTechApp

_MANY_ROWS = 100_000


class ExportScreen(ModalScreen[list[Path] | None]):
    """Name a file; its ending is its form. The result are the files written, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", show=False),
        Binding("down", "form(1)", "Next form", show=False, priority=True),
        Binding("up", "form(-1)", "Form before", show=False, priority=True),
    ]

    def __init__(self, taken: Takeaway, folder: Path, suffix: str) -> None:
        """Propose a name in `folder` with `suffix`."""
        super().__init__()
        self._taken = taken
        self._speech = speech()
        self._folder = folder
        self._suffixes = [*taken.forms]
        self._first = suffix if suffix in taken.forms else self._suffixes[0]

    def compose(self) -> ComposeResult:
        """Lay out name, forms and message."""
        frame = Vertical(classes="dialog export")
        frame.border_title = _("Write what is shown to a file")
        frame.border_subtitle = _("enter writes, ↑ ↓ another form, esc closes")
        with frame:
            field = Input(proposed(self._taken, self._folder, self._first).name, compact=True)
            field.cursor_blink = False
            yield field
            forms = self._taken.forms.items()
            yield OptionList(
                *(Option(Content(f"{suffix:<9}{_(title)}")) for suffix, title in forms),
                compact=True,
            )
            yield Line()

    def on_mount(self) -> None:
        """Give the keys to the name, in front of its ending."""
        if not self.query(Input):
            return  # closed already
        self._say(_("in {folder}").format(folder=clean(str(self._folder))), "")
        self.query_one(OptionList).highlighted = self._suffixes.index(self._first)
        field = self.query_one(Input)
        self.set_focus(field)  # `focus` would wait its turn behind the keys already typed
        field.cursor_position = len(field.value) - len(self._first)

    @property
    def path(self) -> Path:
        """The file that is named."""
        return self._folder / Path(clean(self.query_one(Input).value).strip()).expanduser()

    def action_form(self, step: int) -> None:
        """Choose the next form, and give the name its ending."""
        forms = self.query_one(OptionList)
        forms.highlighted = ((forms.highlighted or 0) + step) % len(self._suffixes)

    @on(OptionList.OptionHighlighted)
    def _form_chosen(self, event: OptionList.OptionHighlighted) -> None:
        field, suffix = self.query_one(Input), self._suffixes[event.option_index]
        name = field.value
        known = Path(name).suffix.lower()
        stem = name[: -len(known)] if known in self._suffixes else name
        if known != suffix:
            field.value = stem + suffix
            field.cursor_position = len(stem)

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _named(self) -> None:
        try:
            there = [path for path in file_names(self._taken, self.path) if path.exists()]
        except CityTechError as error:
            self._say(error_text(error))
            return
        if not there:
            self._write(self.path, replace=False)
            return

        def answered(index: int | None) -> None:
            if index == 1:
                self._write(self.path, replace=True)

        names = listed(clean(path.name) for path in there)
        title = _("{files}: there already").format(files=names)
        self.app.push_screen(ChoiceScreen(title, [_("Keep it"), _("Replace it")]), answered)

    def _say(self, message: str, style: str = "key") -> None:
        self.query_one(Line).show(Part(message, style))

    @work(thread=True, exclusive=True, exit_on_error=False)
    def _write(self, path: Path, *, replace: bool) -> None:
        worker, app = get_current_worker(), self.app
        with hearing(self._speech):
            self._write_heard(worker, app, path, replace=replace)

    def _write_heard(
        self, worker: Worker[None], app: App[Any], path: Path, *, replace: bool
    ) -> None:

        def tell(message: str) -> None:
            if not worker.is_cancelled:
                app.call_from_thread(self._say, message)

        def tick(rows: int) -> None:
            if worker.is_cancelled:
                raise CityTechError(_("stopped"))
            if rows >= _MANY_ROWS:
                tell(_("Writing … {rows} rows").format(rows=count_text(rows)))

        tell(_("Writing …"))
        try:
            files = write_away(self._taken, path, replace=replace, tick=tick)
        except CityTechError as error:
            tell(error_text(error))
        else:
            app.call_from_thread(self.dismiss, files)


def write_to_file(host: CityTechApp, taken: Takeaway) -> None:
    """Let the person write something to a file; the form is first the one written last."""

    def written(files: list[Path] | None) -> None:
        if files:
            if not taken.pictures:
                host.export_suffix = files[0].suffix
            host.tell(_("Wrote {files}.").format(files=listed(path.name for path in files)))

    suffix = next(iter(taken.forms)) if taken.pictures else host.export_suffix
    host.push_screen(ExportScreen(taken, Path.cwd(), suffix), written)


def show_as_text(host: CityTechApp, taken: Takeaway) -> None:
    """Show the figures as CSV above the tabs, and send them to the clipboard."""
    content = taken.text(",")

    def build(width: int) -> list[TextLine]:
        return [part for line in content.splitlines() for part in paragraph(line, width)]

    host.push_screen(TextScreen(f"{taken.name}.csv", build))
    host.copy(content, taken.name)
