"""Hold one dataset's claims against the counts of another: did the article's lists come out?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from citytech_data.dataset import Dataset
from citytech_data.errors import CityTechError
from citytech_data.messages import Message
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

    Of a printed list every place is compared with the next, with the next of known figure, and
    its last with the best city outside the list. Equal figures confirm a list only if its `op`
    allows them (`>=`).

    Raises:
        CityTechError: if `counts` is of another country, or has no figures for that year.
    """
    countries = dataset.manifest.country, counts.manifest.country
    if all(countries) and countries[0] != countries[1]:
        raise CityTechError(
            Message(
                "{name} is about places of {counted}, but {other} "
                "claims something of places of {claimed}. Give counts of the same places.",
                name=counts.name,
                counted=countries[1],
                other=dataset.name,
                claimed=countries[0],
            )
        )
    if year not in counts.years:
        years = ", ".join(map(str, counts.years)) or Message("none")
        raise CityTechError(
            Message(
                "{name} has no figures for {year}, the year of the claims. It has {years}.",
                name=counts.name,
                year=year,
                years=years,
            )
        )
    rows = {row["code"]: row for row in standings(counts, year).iter_rows(named=True)}
    claims = dataset.claims.filter(dataset.claims["year"] == year)
    cities = dataset.cities["code"].to_list()
    return [
        finding
        for claim in claims.iter_rows(named=True)
        for finding in _held(claim, _Figures(rows, claim["measure"]), cities)
    ]


@dataclass(frozen=True, slots=True)
class _Figures:
    """The counted figures of one measure, by code."""

    rows: Mapping[str, Mapping[str, Any]]
    measure: str

    def __call__(self, place: str, name: str = "value") -> float | None:
        row = self.rows.get(place)
        found = None if row is None else row[f"{self.measure}_{name}"]
        return None if found is None else float(found)


def _held(claim: Mapping[str, Any], figure: _Figures, cities: Sequence[str]) -> Iterator[Finding]:
    measure, places = claim["measure"], claim["places"].split(";")
    if claim["kind"] == "ranking":
        op = claim["op"] or ">"
        for pair in _pairs(places, figure, cities):
            better, worse = map(figure, pair)
            verdict = _compare(better, op, worse)
            yield Finding(claim["id"], measure, pair, op, None, (better, worse), verdict)
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


def _pairs(
    places: Sequence[str], figure: _Figures, cities: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The pairs of a list that together say all of it that the counts can judge."""
    yield from pairwise(places)
    known = [place for place in places if figure(place) is not None]
    neighbours = set(pairwise(places))
    yield from (pair for pair in pairwise(known) if pair not in neighbours)
    outside = {place: figure(place) or 0.0 for place in cities if place not in set(places)}
    if known and outside:
        yield known[-1], max(outside, key=lambda place: outside[place])


def _compare(left: float | None, op: str, right: float | None) -> Verdict:
    if left is None or right is None:
        return Verdict.CANNOT_TELL
    holds = {">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[op]
    return Verdict.HOLDS if holds else Verdict.FAILS
