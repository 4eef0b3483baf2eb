"""What the person looks at: the one state that all tabs share."""

from __future__ import annotations

from dataclasses import dataclass, field

from citytech_data.vocabulary import ALL


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
