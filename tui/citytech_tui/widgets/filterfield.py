"""The field in which a filter is typed, and the line that points at what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len
from textual.suggester import Suggester
from textual.widgets import Input

from citytech_data.filtering import FilterError, completed
from citytech_tui.language import _, translated
from citytech_tui.widgets.line import Line, Part

Names = Mapping[str, Sequence[str]]


class _Completion(Suggester):
    def __init__(self, names: Callable[[], Names]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._names = names

    async def get_suggestion(self, value: str) -> str | None:
        """Return the filter with its last word completed."""
        return completed(value, self._names())


class FilterField(Input):
    """A field that completes fields, names and bases; the right arrow takes what it offers."""

    def __init__(self, value: str, names: Callable[[], Names], region: str) -> None:
        """Begin with the present filter; `names` gives the names of cities and of each `region`."""
        super().__init__(
            value,
            placeholder=_("name, {region}, code, or density>2 basis:printed !conflict").format(
                region=region
            ),
            compact=True,
            select_on_focus=False,
            suggester=_Completion(names),
        )
        # A blinking cursor would write to the terminal twice a second.
        self.cursor_blink = False


class FilterProblem(Line):
    """Points at the word of a filter that is not understood; without height if all is."""

    DEFAULT_CSS = "FilterProblem { display: none; }"

    def point(self, text: str, error: FilterError | None) -> None:
        """Show what is wrong with `text`, below or beside it, or nothing."""
        self.display = error is not None
        if error is None:
            return
        before = cell_len(text[: error.start])
        marks = "^" * max(1, cell_len(text[error.start : error.end]))
        room = self.app.size.width - before - len(marks) - 1
        problem = translated(error.problem)
        if cell_len(problem) <= room:
            self.show(Part(" " * before), Part(f"{marks} ", "key"), Part(problem))
        else:
            self.show(
                Part(
                    _("character {number}: {problem}").format(
                        number=error.start + 1, problem=problem
                    )
                )
            )
