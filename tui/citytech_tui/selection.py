"""What the person looks at: the one state that all tabs share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from citytech_data.errors import CityTechError, quoted
from citytech_data.vocabulary import ALL


def check_slice(
    year: int | None, technology: str, years: Sequence[int], technologies: Sequence[str]
) -> None:
    """Refuse a year or technology that a dataset has not; None stands for the year shown first.

    Raises:
        CityTechError: naming what the dataset has.
    """
    if year is not None and year not in years:
        known = ", ".join(map(str, years)) or "none for any year"
        raise CityTechError(f"the dataset has no figures for {year}. It has {known}.")
    if technology not in technologies:
        raise CityTechError(
            f"the dataset does not count {quoted(technology)}. It counts {', '.join(technologies)}."
        )


@dataclass(frozen=True)
class Selection:
    """The slice of the dataset, the filter, the marked cities and the city in focus."""

    year: int
    technology: str = ALL
    filter: str = ""
    marked: frozenset[str] = field(default_factory=frozenset)
    city: str | None = None
    proven: bool = True
    """Whether bounds that the claims prove are shown, or only what is printed."""
