"""Hold one dataset's claims against the counts of another: did the article's lists come out?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from citytech_data.dataset import Dataset
from citytech_data.errors import CityTechError
from citytech_data.ranking import standings


class Verdict(StrEnum):
    """What the counts say of a statement."""

    HOLDS = "holds"
    FAILS = "fails"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of a claim, in the words of codes, and what the counts say of it.

    A ranking is held against the counts pair by pair; `places` are then two codes, the better one
    first. `figures` are the counted figures of `places`, None where unknown.
    """

    claim: str
    measure: str
    places: tuple[str, ...]
    op: str
    value: float | None
    figures: tuple[float | None, ...]
    verdict: Verdict


def confirm(dataset: Dataset, counts: Dataset, year: int) -> list[Finding]:
    """Return what the figures of `counts` say of every claim of `dataset` on `year`.

    Neighbours in a printed list are compared; equal figures confirm neither order, so they do not
    confirm the list.

    Raises:
        CityTechError: if `counts` has no figures for that year.
    """
    if year not in counts.years:
        years = ", ".join(map(str, counts.years)) or "none"
        raise CityTechError(
            f"{counts.name} has no figures for {year}, the year of the claims. It has {years}."
        )
    rows = {row["code"]: row for row in standings(counts, year).iter_rows(named=True)}
    claims = dataset.claims.filter(dataset.claims["year"] == year)
    return [finding for claim in claims.iter_rows(named=True) for finding in _held(claim, rows)]


def _held(claim: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    measure, places = claim["measure"], claim["places"].split(";")

    def figure(place: str, name: str = "value") -> float | None:
        row = rows.get(place)
        found = None if row is None else row[f"{measure}_{name}"]
        return None if found is None else float(found)

    if claim["kind"] == "ranking":
        for pair in pairwise(places):
            better, worse = map(figure, pair)
            verdict = _compare(better, ">", worse)
            yield Finding(claim["id"], measure, pair, ">", None, (better, worse), verdict)
        return
    for place in places:
        if claim["kind"] == "member":
            rank = figure(place, "rank")
            verdict = _compare(rank, "<=", claim["value"])
        else:
            verdict = _compare(figure(place), claim["op"], claim["value"])
        yield Finding(
            claim["id"], measure, (place,), claim["op"], claim["value"], (figure(place),), verdict
        )


def _compare(left: float | None, op: str, right: float | None) -> Verdict:
    if left is None or right is None:
        return Verdict.CANNOT_TELL
    holds = {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[op]
    return Verdict.HOLDS if holds else Verdict.FAILS
