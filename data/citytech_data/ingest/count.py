"""What is counted, defined once in Narwhals, so that any engine it speaks to can count it.

One application counts once, however many publications (A, B, U, ...) it has: in the earliest
year, in each technology that any publication has, and where its earliest publication that can
be placed says its applicant is. Applications are never told apart within a city: publications
of one application can disagree about the city, and would then count twice.
"""

from __future__ import annotations

from typing import Any, Final

import narwhals as nw

from citytech_data.vocabulary import ALL, TECHNOLOGIES

LINES_OF_FILE: Final = 1 << 40
"""`row` is the number of the file times this, plus the line."""
NO_DAY: Final = (1 << 24) - 1
_SPOTS: Final = 1 << 32
_UNPLACED: Final = 1 << 60
SEVERAL: Final = "several"
COUNTS: Final = ("applications", ALL, *TECHNOLOGIES, SEVERAL)
"""All applications, those with a technology, with each, and with more than one."""

ROWS: Final = ("key", "year", "day", "row", "spot", "unplaced", *TECHNOLOGIES)
"""What a publication is reduced to. `spot` stands for a place or a reason why there is none."""


def applications(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return one row per application: `year`, first `row`, `spot`, and its technologies.

    A publication whose place is known is preferred to one whose place is not, then an earlier
    to a later one, then the lower spot: the order of rows and files never matters.
    """
    order = nw.col("unplaced").cast(nw.Int64()) * _UNPLACED + nw.col("day") * _SPOTS
    flags = [nw.col(name) for name in TECHNOLOGIES]
    once = (
        rows.with_columns((order + nw.col("spot").cast(nw.Int64())).alias("order"))
        .group_by("key")
        .agg(nw.col("year").min(), nw.col("row").min(), nw.col("order").min())
        .with_columns((nw.col("order") % _SPOTS).alias("spot"))
        .drop("order")
    )
    # Few rows have a technology, so their flags are grouped apart: half the time and memory.
    marked = (
        rows.filter(nw.max_horizontal(*flags) > 0)
        .select("key", *TECHNOLOGIES)
        .group_by("key")
        .agg(*(flag.max() for flag in flags))
    )
    joined = once.join(marked, on="key", how="left")
    return joined.with_columns(nw.col(name).fill_null(0) for name in TECHNOLOGIES)


def cube(applications: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return `COUNTS` per spot, year and file of the first row."""
    flags = [nw.col(name) for name in TECHNOLOGIES]
    return (
        applications.with_columns(
            (nw.col("row") // LINES_OF_FILE).alias("file"),
            nw.max_horizontal(*flags).alias(ALL),
            (nw.sum_horizontal(*flags) > 1).alias(SEVERAL),
            nw.lit(1).alias("applications"),
        )
        .group_by("spot", "year", "file")
        .agg(*(nw.col(name).cast(nw.Int64()).sum() for name in COUNTS))
    )
