"""The totals that a table states, held against the sums of its counts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from citytech_data.counts.entries import NATIONAL, Entry
from citytech_data.counts.numbers import Number
from citytech_data.counts.reading import TotalCheck
from citytech_data.vocabulary import ALL

Place = tuple[str, str, str]


def check_totals(counts: Iterable[Entry], sums: Iterable[Entry]) -> list[TotalCheck]:
    """Hold every stated sum against the counts that it sums up, placed or not.

    The counts of the country are no part of a sum of cities.
    """
    counts = list(counts)
    checks = []
    for stated in sums:
        parts = [entry for entry in counts if _is_part(entry, stated)]
        if parts:
            summed = sum(entry.number.value for entry in parts)
            slack = max(_rounding(stated.number) + sum(_rounding(e.number) for e in parts), 1e-6)
            agrees = math.isclose(stated.number.value, summed, abs_tol=slack)
            checks.append(TotalCheck(stated.row, stated.label, stated.number.value, summed, agrees))
    return checks


def distinct_totals(
    counts: Iterable[Entry], sums: Iterable[Entry]
) -> tuple[list[Entry], list[Entry]]:
    """Part the sums over technologies into totals of their own, and mere sums.

    An application in several technologies counts once in a total of all, so one that is less
    than the sum, and not less than any part, counts as such.
    """
    by_slice: dict[tuple[Place | None, int | None], list[float]] = {}
    for entry in counts:
        if entry.technology != ALL:
            by_slice.setdefault((entry.place, entry.year), []).append(entry.number.value)
    totals, others = [], []
    for stated in sums:
        parts = by_slice.get((stated.place, stated.year), [])
        whole = stated.place is not None and stated.year is not None
        value = stated.number.value
        if whole and stated.technology is None and parts and max(parts) <= value < sum(parts):
            totals.append(
                Entry(stated.row, stated.place, stated.year, ALL, stated.number, stated.label)
            )
        else:
            others.append(stated)
    return totals, others


def _is_part(entry: Entry, stated: Entry) -> bool:
    if stated.place is None:
        fits = entry.place is not None and entry.place[0] != NATIONAL
    else:
        fits = entry.place == stated.place
    fits = fits and stated.year in (None, entry.year)
    if stated.technology is None:
        return fits and entry.technology != ALL
    return fits and entry.technology == stated.technology


def _rounding(number: Number) -> float:
    return 0.0 if number.upper is None else number.upper - number.value


def bounded_total(parts: Mapping[str, Number], complete: bool) -> Number | None:
    """Return what the counts of the technologies say of all together, if anything.

    As an application can be in several, all are at least the largest and at most the sum; the
    latter only if every technology is known. The value is not known.
    """
    if not parts:
        return None
    lower = max(n.value if n.lower is None else n.lower for n in parts.values())
    upper = sum(n.value if n.upper is None else n.upper for n in parts.values())
    return Number(math.nan, lower, upper if complete else None)
