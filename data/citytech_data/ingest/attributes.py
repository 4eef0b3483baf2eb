"""Population and GDP of the cities: those that come with the program, or a person's own table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from citytech_data.dataset import open_dataset
from citytech_data.errors import DatasetError, UnknownCityError, quoted
from citytech_data.ingest.formats import header_key
from citytech_data.ingest.readers import open_columns
from citytech_data.lookup import find_city
from citytech_data.messages import Message
from citytech_data.schema import OBSERVATIONS, SOURCES
from citytech_data.tables import empty_table
from citytech_data.vocabulary import ALL

MEASURES: Final = {"population": "persons", "gdp": "CNY"}
OWN = "attributes"
EMBEDDED: Final = ("published", "china-inventions-2016")
"""Datasets that come with the program and have populations: of 2021 and of 2016."""
_PLACES = ("code", "place", "city", "name", "城市")
_MEASURE_NAMES: Final = {
    "population": ("population", "常住人口", "人口"),
    "gdp": ("gdp", "地区生产总值"),
}
_YEARS = ("year", "年份")


@dataclass(frozen=True, slots=True)
class Attributes:
    """Observations of population and GDP, and their sources."""

    observations: pl.DataFrame
    sources: pl.DataFrame

    def of(self, codes: Sequence[str]) -> Attributes:
        """Return those of some cities."""
        rows = self.observations.filter(pl.col("place").is_in(codes))
        used = rows["source"].unique().implode()
        return Attributes(rows, self.sources.filter(pl.col("id").is_in(used)))


def embedded_attributes() -> Attributes:
    """Return what the embedded datasets of Chinese cities have."""
    datasets = [open_dataset(name) for name in EMBEDDED]
    rows = pl.concat(
        dataset.preferred.filter(
            pl.col("measure").is_in([*MEASURES]) & pl.col("value").is_not_null()
        ).select(column.name for column in OBSERVATIONS.columns)
        for dataset in datasets
    )
    sources = pl.concat(
        dataset.sources.select(column.name for column in SOURCES.columns) for dataset in datasets
    )
    return Attributes(
        rows.unique(["place", "year", "measure"], keep="first", maintain_order=True),
        sources.unique("id", keep="first", maintain_order=True),
    )


def own_attributes(path: Path, cities: pl.DataFrame) -> Attributes:
    """Return what a person's table has.

    The table has a city (its code or name), a year, and population or GDP, or both.

    Raises:
        DatasetError: naming the row and column that is not as expected.
    """
    frame = open_columns(path)
    names = {header_key(name): name for name in frame.columns}
    place, year = _column(path, names, "city", _PLACES), _column(path, names, "year", _YEARS)
    measures = {
        measure: names[header_key(each)]
        for measure, spelt in _MEASURE_NAMES.items()
        for each in spelt
        if header_key(each) in names
    }
    if not measures:
        raise DatasetError(
            path.name,
            Message("has neither population nor gdp"),
            Message("Name the columns so."),
            row=1,
        )
    rows = list(_rows(path, frame, (place, year), measures, cities))
    observations = pl.concat(
        [empty_table(OBSERVATIONS), pl.DataFrame(rows)] if rows else [empty_table(OBSERVATIONS)],
        how="diagonal_relaxed",
    )
    title = f"Population and GDP from the table {path.name}"
    source = pl.concat(
        [empty_table(SOURCES), pl.DataFrame([{"id": OWN, "title": title}])], how="diagonal"
    )
    return Attributes(observations, source)


def _rows(
    path: Path,
    frame: pl.DataFrame,
    keys: tuple[str, str],
    measures: dict[str, str],
    cities: pl.DataFrame,
) -> Iterator[dict[str, object]]:
    for number, row in enumerate(frame.iter_rows(named=True), 2):
        place, year = (str(row[key] or "").strip() for key in keys)
        try:
            code = find_city(cities, place)
        except UnknownCityError as error:
            raise DatasetError(
                path.name, error.message, Message("Correct the cell."), row=number, column=keys[0]
            ) from None
        if not year.isdecimal():
            problem = Message("expected a year, found {cell}", cell=quoted(year))
            raise DatasetError(
                path.name, problem, Message("Correct the cell."), row=number, column=keys[1]
            )
        for measure, column in measures.items():
            text = str(row[column] or "").replace(",", "").strip()
            if not text:
                continue
            try:
                value = float(text)
            except ValueError:
                problem = Message("expected a number, found {cell}", cell=quoted(text))
                raise DatasetError(
                    path.name, problem, Message("Correct the cell."), row=number, column=column
                ) from None
            yield {
                "place": code,
                "year": int(year),
                "measure": measure,
                "technology": ALL,
                "value": value,
                "unit": MEASURES[measure],
                "basis": "printed",
                "source": OWN,
            }


def _column(path: Path, names: dict[str, str], what: str, spelt: tuple[str, ...]) -> str:
    for each in spelt:
        if header_key(each) in names:
            return names[header_key(each)]
    raise DatasetError(
        path.name,
        Message("column {name!r} is missing", name=what),
        Message("Name it {names}.", names=" or ".join(spelt)),
        row=1,
    )
