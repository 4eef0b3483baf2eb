"""What goes wrong with data, in one sentence that names the place and the remedy."""

from __future__ import annotations

from citytech_data.messages import Message, message_text
from citytech_data.text import clean

_LONGEST = 60


def shortened(value: object) -> str:
    """Return `value` as it may stand in a message: cleaned, cut to 60 characters."""
    text = clean(str(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def quoted(value: object) -> str:
    """Return `value` shortened, in quotes."""
    return f"'{shortened(value)}'"


_SYSTEM_REASONS = (
    message_text("No such file or directory"),
    message_text("Permission denied"),
    message_text("Is a directory"),
    message_text("Not a directory"),
    message_text("File exists"),
    message_text("File name too long"),
    message_text("No space left on device"),
    message_text("Read-only file system"),
    message_text("Address already in use"),
)
"""What systems often say, so that it can be translated; the rest stays as it is."""


def system_reason(error: OSError) -> Message:
    """Return what the system says went wrong."""
    return Message.restored(clean(error.strerror or str(error)))


class CityTechError(Exception):
    """A mistake in data or arguments that the person can mend; shown without a traceback."""

    def __init__(self, message: str) -> None:
        """Say what is wrong; the core says it in a `Message`, which can be translated."""
        super().__init__(message)
        self.message = message


class DatasetError(CityTechError):
    """A dataset that cannot be read or written.

    `row` counts as a spreadsheet does: the header is row 1.
    """

    def __init__(
        self,
        file: str,
        problem: Message,
        remedy: Message,
        *,
        row: int | None = None,
        column: str = "",
    ) -> None:
        """Say what is wrong in which file, and how to mend it."""
        self.file = clean(file)
        self.row = row
        self.column = clean(column)
        self.problem = problem
        self.remedy = remedy
        super().__init__(
            Message(
                "{place}: {problem}. {remedy}", place=self._place(), problem=problem, remedy=remedy
            )
        )

    def _place(self) -> str:
        if self.row is not None and self.column:
            return Message(
                "{file}, row {row}, column {column}",
                file=self.file,
                row=self.row,
                column=self.column,
            )
        if self.row is not None:
            return Message("{file}, row {row}", file=self.file, row=self.row)
        if self.column:
            return Message("{file}, column {column}", file=self.file, column=self.column)
        return self.file


def unreadable(file: str, error: OSError) -> DatasetError:
    """Return the error of a file or folder that the system does not let us read."""
    return DatasetError(
        file,
        Message("cannot be read ({reason})", reason=system_reason(error)),
        Message("Correct its name or permissions."),
    )


class UnknownCityError(CityTechError):
    """A name or code that fits no city, or fits several."""

    message: Message

    def __init__(self, asked: str, suggestions: list[str], *, ambiguous: bool = False) -> None:
        """Name what was asked for and what was perhaps meant."""
        self.suggestions = suggestions
        name, names = quoted(asked), ", ".join(suggestions)
        if ambiguous:
            words = Message("{name} fits several cities; give the code", name=name)
            if suggestions:
                words = Message("{problem}: {names}", problem=words, names=names)
        else:
            words = Message("no city is called {name}", name=name)
            if suggestions:
                words = Message("{problem}. Nearest: {names}", problem=words, names=names)
        super().__init__(words)
