"""Made-up data for the benchmark only: a million cities that do not exist."""

from __future__ import annotations

import polars as pl

from citytech_data.dataset import Dataset, open_dataset

YEAR = 2021
_SOURCE = "synthetic"


def synthetic_dataset(cities: int) -> Dataset:
    """Return a dataset of made-up `cities` with a count, residents and GDP each.

    Its figures follow from the row number, so every run measures the same.
    """
    number = pl.int_range(cities, dtype=pl.Int64)
    spread = (number * 7919) % 1_000_003
    frame = pl.select(
        code=pl.format("S{}", number),
        name_en=pl.format("Synthetic City {}", spread),
        name_zh=pl.format("虚构市{}", spread),
        province_en=pl.format("Synthetic Province {}", number % 31),
        province_zh=pl.format("虚构省{}", number % 31),
        lat=18 + spread % 3_500 / 100,
        lon=74 + spread % 6_100 / 100,
    )
    template = open_dataset()
    measures = {
        template.manifest.count: spread % 100_000,
        "population": 10_000 + spread * 17 % 20_000_000,
        "gdp": 1_000_000 + spread * 31 % 999_983,
    }
    observations = [
        frame.select(
            place="code",
            year=pl.lit(YEAR, pl.Int64),
            measure=pl.lit(measure),
            technology=pl.lit("all"),
            value=values.cast(pl.Float64),
            lower=pl.lit(None, pl.Float64),
            upper=pl.lit(None, pl.Float64),
            unit=pl.lit(""),
            basis=pl.lit("counted"),
            source=pl.lit(_SOURCE),
            note=pl.lit(None, pl.String),
        )
        for measure, values in measures.items()
    ]
    return Dataset(
        template.manifest,
        cities=frame,
        observations=pl.concat(observations),
        claims=template.claims.clear(),
        sources=template.sources.clear(),
        notes=template.notes.clear(),
    )
