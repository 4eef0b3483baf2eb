"""What was read of a table of counts, and what was not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from citytech_data.errors import CityTechError
from citytech_tui.counting import reading_sections
from citytech_tui.language import _, error_text
from citytech_tui.screens.text import TextScreen
from citytech_tui.widgets.lines import Line, paragraph, text

if TYPE_CHECKING:
    from citytech_data.counts import Reading
    from citytech_data.dataset import Dataset
    from citytech_tui.app import CityTechApp


class ReadingScreen(TextScreen):
    """The account of a table, which can be saved as a dataset."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("s", "save", "Save", show=False)]

    def __init__(self, dataset: Dataset, reading: Reading) -> None:
        """Show the account of `reading`; `s` saves `dataset`."""
        super().__init__(_("Table of counts"), lambda width: _lines(reading, width))
        self._dataset = dataset

    def compose(self) -> ComposeResult:
        """Lay out the frame."""
        for lines in super().compose():
            lines.border_subtitle = _("s saves it as a dataset · esc shows it")
            yield lines

    def action_save(self) -> None:
        """Write the dataset to a new folder in the folder that the program was started from."""
        from citytech_data.dataset import write_dataset

        host = cast("CityTechApp", self.app)
        folder = free_folder(self._dataset.name)
        try:
            write_dataset(self._dataset, folder)
        except CityTechError as error:
            host.tell(error_text(error), seconds=8)
        else:
            host.habits.opened(str(folder.resolve()))
            words = _("Saved in {folder}. Open it with o, or --dataset {folder}.")
            host.tell(words.format(folder=folder), seconds=8)


def free_folder(name: str) -> Path:
    """Return a folder that is not there yet, in the present one."""
    folder, number = Path(name), 2
    while folder.exists():
        folder, number = Path(f"{name}-{number}"), number + 1
    return folder


def _lines(reading: Reading, width: int) -> list[Line]:
    lines: list[Line] = []
    for heading, sentences in reading_sections(reading):
        style = "warning" if heading.startswith("!") else "heading"
        lines += [(), text(heading, style)]
        for sentence in sentences:
            lines += paragraph(sentence, width, "", "  ")
    return lines[1:]
