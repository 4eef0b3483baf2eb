"""What the country's figure proves: all places together have no more.

If m places above a city, and the city, have at least x each, and all other places their lower
bounds, then x <= (country - lower bounds of the others) / (m + 1). Any m is sound; the best takes
the places whose lower bounds are below x.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import floor

from citytech_data.evidence.model import Bound, Rule, Side
from citytech_data.evidence.system import Limit, Ranking, Unit, View

GRAIN = 10**9
"""Sums take lower bounds rounded down to this part of 1; exact sums of fractions grow huge."""


def grains(bound: Bound | None) -> Fraction:
    """Return a lower bound rounded down to a part of `GRAIN`, 0 if there is none."""
    return Fraction(floor(bound.exact * GRAIN), GRAIN) if bound else Fraction(0)


def sum_of_lower(limit: Limit, bounds: Iterable[Bound], enough: bool = False) -> Bound:
    """Return the sum of lower bounds: what the country has at least.

    With `enough`, only the fewest are taken that together exceed the country's figure.
    """
    chosen = sorted(bounds, key=lambda bound: bound.exact, reverse=True)
    if enough:
        sums = accumulate(grains(bound) for bound in chosen)
        count = next((i for i, value in enumerate(sums, 1) if value > limit.value), len(chosen))
        chosen = chosen[:count]
    return Bound(
        place=limit.place,
        measure="total",
        side=Side.LOWER,
        exact=sum(map(grains, chosen), Fraction(0)),
        strict=any(bound.strict for bound in chosen),
        rule=Rule.SUM_OF_LOWER,
        ids=(),
        premises=tuple(chosen),
    )


@dataclass(frozen=True, slots=True)
class Span:
    """The upper bound of a city together with the `above` places of a list."""

    code: str
    value: Fraction
    strict: bool
    ranking: Ranking | None = None
    first: str = ""
    last: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The pairs of the list that the bound needs: from the first to the last place above."""
        if self.ranking is None:
            return ()
        pairs = (Unit(self.ranking.id, each, self.code).id for each in (self.first, self.last))
        return tuple(dict.fromkeys(pairs))

    def units(self) -> Iterator[Unit]:
        """Yield what the bound takes from the list."""
        if self.ranking is None:
            return
        place = self.ranking.position
        names = self.ranking.codes[place[self.first] : place[self.last] + 1]
        yield from (Unit(self.ranking.id, each) for each in (*names, self.code))
        if self.ranking.neighbours(self.last, self.code):
            yield Unit(self.ranking.id, self.last, self.code)


def spans(view: View, spare: Fraction, lowers: Mapping[str, Bound]) -> Iterator[Span]:
    """Yield upper bounds of totals, where the country has `spare` beyond all lower bounds."""
    rankings = view.system.total_rankings
    stricts = sum(bound.strict for bound in lowers.values())
    if not rankings:
        for code in view.system.codes:
            mine = lowers.get(code)
            yield Span(code, spare + grains(mine), stricts > bool(mine and mine.strict))
    for ranking in rankings:
        yield from _spans(view, ranking, spare, lowers, stricts)


def _spans(
    view: View, ranking: Ranking, spare: Fraction, lowers: Mapping[str, Bound], stricts: int
) -> Iterator[Span]:
    names = view.names(ranking)
    others = [code for code in ranking.others if view.active(Unit(ranking.id, code))]
    own = [grains(lowers.get(code)) for code in names]
    sums = [Fraction(0), *accumulate(own)]
    strict_sums = [0, *accumulate(code in lowers and lowers[code].strict for code in names)]
    start = 0
    for place, code in [*enumerate(names), *((len(names), code) for code in others)]:
        end = place
        if end and not view.active(Unit(ranking.id, names[end - 1], code)):
            end -= ranking.neighbours(names[end - 1], code)
        mine = lowers.get(code)
        free = spare + grains(mine)
        start = min(start, end)
        value = (free + sums[end] - sums[start]) / (end - start + 1)
        # A place whose lower bound is more takes part better with that.
        while start < end and own[start] >= value:
            start += 1
            value = (free + sums[end] - sums[start]) / (end - start + 1)
        others_strict = stricts - (strict_sums[end] - strict_sums[start])
        strict = others_strict > bool(mine and mine.strict)
        if start == end:
            yield Span(code, value, strict)
            continue
        strict = strict or ranking.strict(names[end - 1], code)
        yield Span(code, value, strict, ranking, names[start], names[end - 1])
