"""What goes wrong with data, in one sentence that names the place and the remedy."""

from __future__ import annotations

from citytech_data.text import clean

_LONGEST = 60


def shortened(value: object) -> str:
    """Return `value` as it may stand in a message: cleaned, cut to 60 characters."""
    text = clean(str(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def quoted(value: object) -> str:
    """Return `value` shortened, in quotes."""
    return f"'{shortened(value)}'"


class CityTechError(Exception):
    """A mistake in data or arguments that the person can mend; shown without a traceback."""


class DatasetError(CityTechError):
    """A dataset that cannot be read or written.

    `row` counts as a spreadsheet does: the header is row 1.
    """

    def __init__(
        self, file: str, problem: str, remedy: str, *, row: int | None = None, column: str = ""
    ) -> None:
        """Say what is wrong in which file, and how to mend it."""
        self.file = clean(file)
        self.row = row
        self.column = clean(column)
        self.problem = problem
        self.remedy = remedy
        place = [self.file]
        if row is not None:
            place.append(f"row {row}")
        if column:
            place.append(f"column {self.column}")
        super().__init__(f"{', '.join(place)}: {problem}. {remedy}")


class UnknownCityError(CityTechError):
    """A name or code that fits no city, or fits several."""

    def __init__(self, asked: str, suggestions: list[str], *, ambiguous: bool = False) -> None:
        """Name what was asked for and what was perhaps meant."""
        self.suggestions = suggestions
        if ambiguous:
            message = f"{quoted(asked)} fits several cities; give the code"
        else:
            message = f"no city is called {quoted(asked)}"
        hint = (
            f": {', '.join(suggestions)}" if ambiguous else f". Nearest: {', '.join(suggestions)}"
        )
        super().__init__(message + (hint if suggestions else ""))
