"""Made-up data for benchmarks and tests only: cities that do not exist, named SYNTHETIC throughout.

`python -m bench.synthetic DIR [--places N] [--years FIRST LAST]` writes such a dataset; open it
with `citytech-tui --dataset DIR`. Its figures follow from row numbers, so that every run is equal.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from citytech_data.dataset import Dataset, write_dataset
from citytech_data.manifest import SECTION, Manifest
from citytech_data.schema import OBSERVATIONS, SOURCES, TABLES
from citytech_data.tables import empty_table
from citytech_data.vocabulary import ALL, TECHNOLOGIES

NAME = "SYNTHETIC"
YEAR = 2021
YEARS = tuple(range(2010, 2025))
PLACES = 3_000
_PROVINCES = 31
_COUNT, _ALL_COUNT = "digital_applications", "applications"
_REGISTERED = "registered_population"
_SHARES = dict(zip(TECHNOLOGIES, (40, 8, 24, 30, 21), strict=True))
"""Percent of all that each technology counts; together more than 100, as some are in several."""
_GAP = 29
"""Of so many counts, one is left out: a year that nobody has counted."""


def synthetic_dataset(
    places: int,
    years: Sequence[int] = (YEAR,),
    technologies: Sequence[str] = (),
    *,
    gaps: bool = False,
) -> Dataset:
    """Return a dataset of made-up `places`: counts, two populations, GDP and all applications.

    With `gaps` some years of some places are missing.
    """
    cities = _cities(places)
    number = pl.int_range(places, dtype=pl.Int64)
    # Few are large and many small, as of real cities: a Pareto of the place's shuffled rank.
    size = places / (1 + (number * 7919) % places)
    frames = []
    for index, year in enumerate(years):
        growth = 1.17**index * (90 + (number * 31 + index * 17) % 21) / 100
        total = (size * growth * 9).round()
        population = (20_000 + size.sqrt() * 90_000 + number % 977).round()
        whole = {
            (_COUNT, ALL): total,
            (_ALL_COUNT, ALL): total * 6 + number % 13,
            ("population", ALL): population,
            (_REGISTERED, ALL): population * (70 + number % 50) // 100,
            ("gdp", ALL): population * (30_000 + number * 53 % 90_000) * 1.07**index,
        }
        whole |= {
            (_COUNT, technology): (total * (_SHARES[technology] + number % 7) / 100).floor()
            for technology in technologies
        }
        for (measure, technology), value in whole.items():
            frame = _observations(cities, year, measure, technology, value)
            counted = measure == _COUNT and gaps
            frames.append(_with_gaps(frame, index) if counted else frame)
    source = {"id": NAME, "title": f"{NAME}: made up, of no meaning"}
    empty = {table.name: empty_table(table) for table in TABLES}
    tables = empty | {
        "cities": cities,
        "observations": pl.concat(frames),
        "sources": pl.concat([empty_table(SOURCES), pl.DataFrame(source)], how="diagonal"),
    }
    return Dataset(Manifest.from_package(_package(years[-1])), **tables)


def _cities(places: int) -> pl.DataFrame:
    number = pl.int_range(places, dtype=pl.Int64)
    return pl.select(
        code=pl.format("S{}", number),
        name_en=pl.format("Synthetic City {}", number * 7919 % 1_000_003),
        name_zh=pl.format("虚构市{}", number * 7919 % 1_000_003),
        province_en=pl.format("Synthetic Province {}", number % _PROVINCES),
        province_zh=pl.format("虚构省{}", number % _PROVINCES),
        lat=20 + (number * 37 % 3_000) / 100,
        lon=75 + (number * 101 % 6_000) / 100,
    )


def _observations(
    cities: pl.DataFrame, year: int, measure: str, technology: str, value: pl.Expr
) -> pl.DataFrame:
    columns = {
        "place": pl.col("code"),
        "year": pl.lit(year, pl.Int64),
        "measure": pl.lit(measure),
        "technology": pl.lit(technology),
        "value": value.cast(pl.Float64),
        "basis": pl.lit("counted"),
        "source": pl.lit(NAME),
    }
    filled = cities.select(**columns)
    return pl.concat([empty_table(OBSERVATIONS), filled], how="diagonal").select(
        OBSERVATIONS.column_names
    )


def _with_gaps(frame: pl.DataFrame, index: int) -> pl.DataFrame:
    number = pl.int_range(pl.len())
    return frame.filter((number * 13 + index * 7) % _GAP != 0)


def _package(year: int) -> dict[str, object]:
    per = f"{NAME} applications per 10,000 residents"
    share = f"{NAME} applications as share of all of the place"
    return {
        "name": NAME,
        "title": f"{NAME}: made-up places and figures",
        "description": "For benchmarks and tests only. No figure means anything.",
        "created": "2024-01-01T00:00:00Z",
        "licenses": [{"name": "CC0-1.0"}],
        SECTION: {
            "count": {"measure": _COUNT},
            "share_of": "place",
            "share_measure": _ALL_COUNT,
            "year": year,
            "preference": [NAME],
            "populations": [_REGISTERED],
            "labels": {
                "total": {
                    "title": f"{NAME} applications",
                    "column": "Applications",
                    "unit": "applications",
                },
                "density": {"title": per, "column": "Per 10,000", "unit": "per 10,000 residents"},
                "proportion": {"title": share, "column": "Share", "unit": "%"},
            },
            "measures": {
                "population": {"title": "Resident population", "unit": "persons"},
                _REGISTERED: {"title": "Registered population", "unit": "persons"},
                "gdp": {"title": "Gross domestic product", "unit": "CNY"},
            },
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a synthetic dataset into a new folder."""
    parser = argparse.ArgumentParser(prog="bench.synthetic", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--places", type=int, default=PLACES)
    parser.add_argument("--years", type=int, nargs=2, default=(YEARS[0], YEARS[-1]))
    options = parser.parse_args(arguments)
    first, last = options.years
    years = range(first, last + 1)
    dataset = synthetic_dataset(options.places, years, TECHNOLOGIES, gaps=True)
    write_dataset(dataset, options.folder)
    print(f"{options.folder}: {NAME}, {options.places:,} places, {len(years)} years")
    return 0


if __name__ == "__main__":
    sys.exit(main())
