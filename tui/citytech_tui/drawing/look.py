"""What of a picture is looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """The place in focus, in which column of the picture, and the marked places."""

    code: str | None = None
    column: int = 0
    marked: frozenset[str] = frozenset()
