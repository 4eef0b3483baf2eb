"""The third stage: applications from the rows of an engine, counted exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import narwhals as nw
import polars as pl

from citytech_data.ingest.clean import NO_DATE
from citytech_data.ingest.count import COUNTS, LINES_OF_FILE, applications, cube
from citytech_data.ingest.engine import Engine
from citytech_data.ingest.options import Progress
from citytech_data.ingest.placing import Spots, is_outside
from citytech_data.ingest.store import rejects_frame

PLACED, OUTSIDE, UNPLACED = "placed", "outside", "unplaced"
Count = int | Fraction
Counts = Mapping[tuple[Any, ...], Mapping[str, Count]]


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted: `COUNTS` per place, reason, method, year and file, in `n`-th parts.

    `dateless` are the rows, by file, of applications without any date.
    """

    table: pl.DataFrame
    dateless: pl.DataFrame

    def by(self, *columns: str, where: pl.Expr | None = None) -> Counts:
        """Return the exact counts per value of some columns, in their order."""
        table = self.table if where is None else self.table.filter(where)
        sums = table.group_by(*columns, "n").agg(pl.col(COUNTS).sum()).sort(*columns, "n")
        found: dict[tuple[Any, ...], dict[str, Count]] = {}
        for row in sums.iter_rows(named=True):
            counts = found.setdefault(
                tuple(row[name] for name in columns), dict.fromkeys(COUNTS, 0)
            )
            for name in COUNTS:
                whole = row[name] if row["n"] == 1 else Fraction(row[name], row["n"])
                counts[name] = plain(counts[name] + whole)
        return found

    def total(self, where: pl.Expr | None = None) -> Mapping[str, Count]:
        """Return the exact counts of all, or of some."""
        sums: dict[str, Count] = dict.fromkeys(COUNTS, 0)
        for counts in self.by("state", where=where).values():
            sums = {name: plain(sums[name] + counts[name]) for name in COUNTS}
        return sums


def plain(count: Count) -> Count:
    """Return a whole number as such."""
    return count.numerator if isinstance(count, Fraction) and count.denominator == 1 else count


def tally(engine: Engine, spots: Spots, tell: Callable[[Progress], None]) -> Tally:
    """Count the applications that an engine has read, part by part."""
    cubes, dateless = [], []
    parts = engine.rows()
    spot_of_outcome = engine.lazy(spots.of_outcome)
    for part, rows in enumerate(parts, 1):
        placed = rows.join(spot_of_outcome, on="outcome", how="left")
        once = applications(placed)
        counted = engine.collect(cube(once))
        if counted["year"].null_count():
            keys = engine.collect(once.filter(nw.col("year").is_null()).select("key"))
            lost = placed.join(engine.lazy(keys), on="key", how="semi").select("row")
            dateless.append(engine.collect(lost)["row"])
            counted = counted.filter(pl.col("year").is_not_null())
        cubes.append(counted)
        tell(Progress("count", part, len(parts)))
    summed = pl.concat(cubes).group_by("spot", "year", "file").agg(pl.col(COUNTS).sum())
    table = summed.with_columns(pl.col("spot").cast(pl.UInt32)).join(spots.parts, on="spot")
    state: Any = pl.when(pl.col("place").is_not_null()).then(pl.lit(PLACED))
    state = state.when(is_outside()).then(pl.lit(OUTSIDE)).otherwise(pl.lit(UNPLACED))
    return Tally(table.with_columns(state.alias("state")), _dateless(dateless))


def _dateless(rows: Sequence[pl.Series]) -> pl.DataFrame:
    row = pl.concat(rows) if rows else pl.Series("row", [], pl.Int64)
    empty = rejects_frame(0, [])
    return (
        pl.DataFrame({"row": row})
        .select(
            (pl.col("row") // LINES_OF_FILE).alias("file"),
            (pl.col("row") % LINES_OF_FILE).alias("line"),
            pl.lit(NO_DATE).alias("reason"),
            pl.lit("").alias("text"),
        )
        .cast(empty.schema)
    )
