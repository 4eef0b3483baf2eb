"""Rank flow: the same places in the order of one measure after another, and who leaps between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

import polars as pl

from citytech_data.vocabulary import MEASURES


class Slot(NamedTuple):
    """A place in one column. Without a `rank` only the `worst` possible one is known.

    `leap` is by how many places it is better than in the column before; None without both ranks.
    """

    code: str
    name: str
    name_zh: str
    rank: int | None
    worst: int | None
    leap: int | None


class Leap(NamedTuple):
    """The largest rise and the largest fall from one measure to the next, if there are any."""

    before: str
    after: str
    up: Slot | None
    down: Slot | None


@dataclass(frozen=True, slots=True)
class Flow:
    """A column of slots, best first, for each measure; `unranked` counts who is in none of one.

    `frame` is the table behind it, with every place.
    """

    measures: tuple[str, ...]
    columns: tuple[tuple[Slot, ...], ...]
    unranked: Mapping[str, int]
    frame: pl.DataFrame

    def slot_of(self, column: int, code: str) -> int | None:
        """Return where a place stands in a column."""
        return next((i for i, slot in enumerate(self.columns[column]) if slot.code == code), None)

    def leaps(self) -> Iterator[Leap]:
        """Yield for each measure but the first who rises and who falls most."""
        for index in range(1, len(self.measures)):
            moved = [slot for slot in self.columns[index] if slot.leap]
            up = max(moved, key=lambda slot: slot.leap or 0, default=None)
            down = min(moved, key=lambda slot: slot.leap or 0, default=None)
            yield Leap(
                self.measures[index - 1],
                self.measures[index],
                up if up is not None and (up.leap or 0) > 0 else None,
                down if down is not None and (down.leap or 0) < 0 else None,
            )


def rank_flow(standings: pl.DataFrame) -> Flow:
    """Return the flow of the places in `standings` through the measures by which any is ranked.

    Through all of `MEASURES` where none is. Ranked places come first; below them those of which
    only the worst possible rank is known.
    """
    ranked = [
        any(standings[f"{measure}_{name}"].is_not_null().any() for name in ("rank", "rank_worst"))
        for measure in MEASURES
    ]
    measures = tuple(compress(MEASURES, ranked)) or MEASURES
    columns = []
    for index, measure in enumerate(measures):
        rank, worst = pl.col(f"{measure}_rank"), pl.col(f"{measure}_rank_worst")
        leap = pl.lit(None, pl.Int64).alias("leap")
        if index:
            leap = (pl.col(f"{measures[index - 1]}_rank") - rank).alias("leap")
        rows = (
            standings.filter(rank.is_not_null() | worst.is_not_null())
            .sort(rank, worst, "gdp_rank", "code", nulls_last=True)
            .select(
                "code", "city", pl.col("city_zh").fill_null(""), rank, worst, leap.alias("leap")
            )
        )
        columns.append(tuple(Slot(*row) for row in rows.iter_rows()))
    unranked = {
        measure: standings.height - len(column)
        for measure, column in zip(measures, columns, strict=True)
    }
    return Flow(measures, tuple(columns), unranked, standings)
