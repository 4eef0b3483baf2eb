"""The tables of a dataset and their columns: the one place that says what a dataset holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from citytech_data.vocabulary import BASES

TypeName = Literal["string", "integer", "number"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, Frictionless type, and what its cells must satisfy."""

    name: str
    type: TypeName
    description: str
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
        Column("code", "string", "GB/T 2260 code of the city, or another code list's", True),
        Column("name_en", "string", "English name (pinyin)", True),
        Column("name_zh", "string", "Chinese name"),
        Column("province_en", "string", "Province, in English"),
        Column("province_zh", "string", "Province, in Chinese"),
        Column("lat", "number", "Latitude in degrees", minimum=-90, maximum=90),
        Column("lon", "number", "Longitude in degrees", minimum=-180, maximum=180),
    ),
    ("code",),
)

OBSERVATIONS = Table(
    "observations",
    (
        Column("place", "string", "Code of a city, or of the country", True),
        Column("year", "integer", "Calendar year", True, minimum=1800, maximum=2200),
        Column("measure", "string", "What is measured", True),
        Column("technology", "string", "One of the five technologies, or all", True),
        Column("value", "number", "The figure, as far as it is known", minimum=0),
        Column("lower", "number", "Lowest value that the source allows", minimum=0),
        Column("upper", "number", "Highest value that the source allows", minimum=0),
        Column("unit", "string", "Unit of value, lower and upper"),
        Column("basis", "string", "How the figure is known", True, BASES),
        Column("source", "string", "Id of its source", True),
        Column("note", "string", "Remark; begins with `doubtful` where the figure is"),
    ),
    ("place", "year", "measure", "technology", "source"),
)

CLAIMS = Table(
    "claims",
    (
        Column("id", "string", "Id of the claim", True),
        Column("kind", "string", "What kind of statement", True, ("ranking", "bound", "member")),
        Column("measure", "string", "The measure it is about", True),
        Column("year", "integer", "The year it is about", True, minimum=1800, maximum=2200),
        Column("places", "string", "Codes joined by `;`, best first", True),
        Column("op", "string", "Comparison", one_of=(">", "<", ">=", "<=", "top")),
        Column("value", "number", "What is compared with; the n of `top`", minimum=0),
        Column("source", "string", "Id of its source", True),
        Column("quote", "string", "The words of the source, at most twelve"),
    ),
    ("id",),
)

SOURCES = Table(
    "sources",
    (
        Column("id", "string", "Id of the source", True),
        Column("title", "string", "What was read there", True),
        Column("publisher", "string", "Who published it"),
        Column("date", "string", "When it was published"),
        Column("url", "string", "Where it can be read"),
        Column("licence", "string", "Its licence"),
    ),
    ("id",),
)

NOTES = Table(
    "notes",
    (
        Column("place", "string", "Code of a city, or of the country", True),
        Column("topic", "string", "One word", True),
        Column("text_en", "string", "The note in English", True),
        Column("text_zh", "string", "The note in Chinese"),
        Column("source", "string", "Id of its source", True),
    ),
)

TABLES = (CITIES, OBSERVATIONS, CLAIMS, SOURCES, NOTES)
