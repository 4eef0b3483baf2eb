"""What a person asks of an import, and what the import tells while it works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from citytech_data.errors import CityTechError, quoted
from citytech_data.ingest.values import KINDS
from citytech_data.messages import Message

CountBy = Literal["first-applicant", "fractional"]
YearOf = Literal["filing", "publication"]
Stage = Literal["spark", "read", "place", "count", "write"]
EngineName = Literal["polars", "spark"]

REPORT_FILE = "ingest-report.json"
"""By this file in it, a folder is known to be of an import."""
MEMORY = 700_000_000
PROGRAM = 200_000_000
"""Bytes that the program takes before it reads anything."""
_LEAST_MEMORY = 300_000_000
_UNITS: Mapping[str, int] = {"kb": 10**3, "mb": 10**6, "gb": 10**9, "": 1}


@dataclass(frozen=True, slots=True)
class Options:
    """Input, output and the definition of what is counted."""

    inputs: tuple[str, ...]
    to: Path
    format: str = "auto"
    mapping: Path | None = None
    rules: Path | None = None
    preset: str = "strict"
    names: Path | None = None
    attributes: Path | None = None
    count_by: CountBy = "first-applicant"
    kinds: tuple[str, ...] = KINDS
    year: YearOf = "filing"
    memory: int = MEMORY
    resume: bool = False
    engine: EngineName = "polars"
    master: str | None = None
    """The address of Spark, if that is the engine; without one it is all cores of this machine."""
    created: str = ""
    """A date for the dataset; without one it has none, so that a repetition gives the same."""

    def __post_init__(self) -> None:
        """Check what belongs together.

        Raises:
            CityTechError: if options contradict each other.
        """
        if self.engine == "polars" and self.master is not None:
            raise CityTechError(Message("--master is the address of Spark: add --engine spark"))
        if self.engine == "spark" and self.resume:
            raise CityTechError(
                Message(
                    "--resume is for the engine polars: Spark reads all files at once; leave it out"
                )
            )


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A file was looked at: its format, and what it cannot tell."""

    file: str
    format: str
    lacks: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is: `done` of `total`, bytes while reading, else parts; of Spark, tasks."""

    stage: Stage
    done: int
    total: int
    rows: int = 0
    file: str = ""


Listener = Callable[[Surveyed | Progress], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an import: the folder, and the report that lies in it."""

    folder: Path
    report: Mapping[str, object] = field(repr=False)


def read_size(text: str) -> int:
    """Return a number of bytes written like `700MB` or `1.5 GB`.

    Raises:
        CityTechError: if it is none, or too small to work with.
    """
    folded = text.strip().casefold().replace(" ", "").replace("i", "")
    number = folded.rstrip("kmgb")
    unit = folded[len(number) :]
    unit = f"{unit}b" if unit in ("k", "m", "g") else unit.removesuffix("b") and unit
    try:
        size = int(float(number) * _UNITS[unit])
    except (KeyError, ValueError, OverflowError):
        raise CityTechError(
            Message("{text} is no size; write it like 700MB or 1.5GB", text=quoted(text))
        ) from None
    if size < _LEAST_MEMORY:
        raise CityTechError(
            Message("{text} is too little memory; the least is 300MB", text=quoted(text))
        )
    return size


def read_kinds(text: str) -> tuple[str, ...]:
    """Return the kinds of patents in a list joined by commas, in the usual order.

    Raises:
        CityTechError: if one is unknown.
    """
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [name for name in wanted if name not in KINDS]
    if wrong or not wanted:
        raise CityTechError(
            Message(
                "{text}: the kinds are {kinds}, joined by commas",
                text=quoted(text),
                kinds=", ".join(KINDS),
            )
        )
    return tuple(kind for kind in KINDS if kind in wanted)
