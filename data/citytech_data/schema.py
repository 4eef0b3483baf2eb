"""The tables of a dataset and their columns: the one place that says what a dataset holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from citytech_data.messages import Message
from citytech_data.vocabulary import BASES

TypeName = Literal["string", "integer", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, Frictionless type, and what its cells must satisfy."""

    name: str
    type: TypeName
    description: Message
    required: bool = False
    one_of: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def field(self) -> dict[str, Any]:
        """Return the Frictionless field descriptor of this column."""
        constraints: dict[str, Any] = {}
        if self.required:
            constraints["required"] = True
        if self.one_of:
            constraints["enum"] = list(self.one_of)
        if self.minimum is not None:
            constraints["minimum"] = self.minimum
        if self.maximum is not None:
            constraints["maximum"] = self.maximum
        field: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "description": self.description,
        }
        return field | ({"constraints": constraints} if constraints else {})


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name, columns in order, and the columns that identify a row."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)


CITIES = Table(
    "cities",
    (
        Column(
            "code", "string", Message("GB/T 2260 code of the city, or another code list's"), True
        ),
        Column("name_en", "string", Message("English name (pinyin)"), True),
        Column("name_zh", "string", Message("Chinese name")),
        Column("province_en", "string", Message("Province, in English")),
        Column("province_zh", "string", Message("Province, in Chinese")),
        Column("lat", "number", Message("Latitude in degrees"), minimum=-90, maximum=90),
        Column("lon", "number", Message("Longitude in degrees"), minimum=-180, maximum=180),
    ),
    ("code",),
)

OBSERVATIONS = Table(
    "observations",
    (
        Column("place", "string", Message("Code of a city, or of the country"), True),
        Column("year", "integer", Message("Calendar year"), True, minimum=1800, maximum=2200),
        Column("measure", "string", Message("What is measured"), True),
        Column("technology", "string", Message("One of the five technologies, or all"), True),
        Column("value", "number", Message("The figure, as far as it is known"), minimum=0),
        Column("lower", "number", Message("Lowest value that the source allows"), minimum=0),
        Column("upper", "number", Message("Highest value that the source allows"), minimum=0),
        Column("unit", "string", Message("Unit of value, lower and upper")),
        Column("basis", "string", Message("How the figure is known"), True, BASES),
        Column("source", "string", Message("Id of its source"), True),
        Column("note", "string", Message("Remark; begins with `doubtful` where the figure is")),
    ),
    ("place", "year", "measure", "technology", "source"),
)

CLAIMS = Table(
    "claims",
    (
        Column("id", "string", Message("Id of the claim"), True),
        Column(
            "kind",
            "string",
            Message("What kind of statement"),
            True,
            ("ranking", "bound", "member"),
        ),
        Column("measure", "string", Message("The measure it is about"), True),
        Column(
            "year", "integer", Message("The year it is about"), True, minimum=1800, maximum=2200
        ),
        Column("places", "string", Message("Codes joined by `;`, best first"), True),
        Column("op", "string", Message("Comparison"), one_of=(">", "<", ">=", "<=", "top")),
        Column("value", "number", Message("What is compared with; the n of `top`"), minimum=0),
        Column("source", "string", Message("Id of its source"), True),
        Column("quote", "string", Message("The words of the source, at most twelve")),
    ),
    ("id",),
)

SOURCES = Table(
    "sources",
    (
        Column("id", "string", Message("Id of the source"), True),
        Column("title", "string", Message("What was read there"), True),
        Column("publisher", "string", Message("Who published it")),
        Column("date", "string", Message("When it was published")),
        Column("url", "string", Message("Where it can be read")),
        Column("licence", "string", Message("Its licence")),
    ),
    ("id",),
)

NOTES = Table(
    "notes",
    (
        Column("place", "string", Message("Code of a city, or of the country"), True),
        Column("topic", "string", Message("One word"), True),
        Column("text_en", "string", Message("The note in English"), True),
        Column("text_zh", "string", Message("The note in Chinese")),
        Column("source", "string", Message("Id of its source"), True),
    ),
)

TABLES = (CITIES, OBSERVATIONS, CLAIMS, SOURCES, NOTES)
