"""Check proofs from the claims alone, independently of how they were found.

Every step is derived anew from the rows of the dataset, one rule at a time and with exact
fractions. Nothing here looks at graphs or paths: who doubts a bound needs to trust this file only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import floor
from typing import Any

from citytech_data.dataset import Dataset
from citytech_data.evidence.model import APPLICATIONS, Bound, Evidence, Rule, Side
from citytech_data.manifest import PER_COUNTRY

Row = dict[str, Any]
_GRAIN = 10**9
_WHOLE = {"density": 10_000, "proportion": 100}


class FaultError(Exception):
    """A step that does not follow."""


def faults(dataset: Dataset, evidence: Evidence) -> list[str]:
    """Return the bounds of `evidence` that their proofs do not prove, with the reason."""
    rows = _Rows(dataset, evidence.year)
    found = []
    several = len(evidence.diagnoses) > 1 and not evidence.retracted
    for interval in evidence.intervals.values():
        for bound in (interval.lower, interval.upper):
            if bound is None:
                continue
            try:
                if several:
                    cases = [each.claims for each in evidence.diagnoses]
                    _check_cases(rows, bound, cases)
                else:
                    _check_proof(rows, bound, evidence.retracted)
            except FaultError as fault:
                found.append(f"{bound.measure} of {bound.place}, {bound.side}: {fault}")
    return found


def _check_cases(rows: _Rows, bound: Bound, cases: list[tuple[str, ...]]) -> None:
    _require(bound.rule is Rule.CASES, "several diagnoses need a proof each")
    _require(len(bound.premises) == len(cases), "a diagnosis without proof")
    for premise, retracted in zip(bound.premises, cases, strict=True):
        _require(not bound.tighter_than(premise), "tighter than one of the cases")
        _check_proof(rows, premise, retracted)


def _check_proof(rows: _Rows, bound: Bound, retracted: Iterable[str]) -> None:
    check = _Check(rows, frozenset(retracted))
    if bound not in rows.checked.setdefault(check.retracted, set()):
        for step in bound.steps:
            if step not in rows.checked[check.retracted]:
                check.step(step)
                rows.checked[check.retracted].add(step)


def _require(condition: object, otherwise: str) -> None:
    if not condition:
        raise FaultError(otherwise)


class _Rows:
    """The claims and observations of a year, as read."""

    def __init__(self, dataset: Dataset, year: int) -> None:
        self.manifest = dataset.manifest
        self.codes: list[str] = dataset.cities["code"].to_list()
        self.claims: dict[str, Row] = {
            row["id"]: row for row in dataset.claims.to_dicts() if row["year"] == year
        }
        self.figures = dict(self._figures(dataset.observations.to_dicts(), year))
        self.preferred = {
            (measure, place): row
            for (measure, place, _), row in self._figures(dataset.preferred.to_dicts(), year)
        }
        self.checked: dict[frozenset[str], set[Bound]] = {}
        self.tied: dict[str, list[bool]] = {}

    def _figures(self, rows: list[Row], year: int) -> Iterator[tuple[tuple[str, str, str], Row]]:
        for row in rows:
            wanted = row["year"] == year and row["technology"] == "all"
            if wanted and row["basis"] != "missing":
                yield (row["measure"], row["place"], row["source"]), row

    def stored(self, measure: str) -> str:
        """Return the name under which the dataset keeps a measure."""
        names = {"total": self.manifest.count, APPLICATIONS: self.manifest.share_measure}
        return names.get(measure, measure)

    def denominator(self, measure: str, place: str, source: str) -> str:
        """Return the id of what `source` divides by, empty if nothing is known of it."""
        if measure not in _WHOLE:
            return ""
        stored = "population" if measure == "density" else self.manifest.share_measure
        if measure == "proportion" and self.manifest.share_of == PER_COUNTRY:
            place = self.manifest.country
        own = self.figures.get((stored, place, source)) or self.preferred.get((stored, place))
        return _id(own) if own else ""

    def observation(self, name: str) -> Row:
        """Return the observation with this id."""
        for row in self.figures.values():
            if _id(row) == name:
                return row
        raise FaultError(f"no observation {name}")

    def strict(self, claim: Row, above: str, below: str) -> bool:
        """Return whether a list says that the first has more than the second."""
        if claim["op"] == ">=":
            return False
        places = claim["places"].split(";")
        if claim["id"] not in self.tied:
            self.tied[claim["id"]] = self._ties(claim, places)
        end = places.index(below) if below in places else len(places)
        return not all(self.tied[claim["id"]][places.index(above) : end])

    def _ties(self, claim: Row, places: list[str]) -> list[bool]:
        """Say of each gap after a name whether names on both sides have equal exact figures."""
        values: dict[Fraction, list[int]] = {}
        for code in self.codes:
            row = self.preferred.get((self.stored(claim["measure"]), code))
            if row and row["value"] is not None and _limit(row, "lower") == _limit(row, "upper"):
                place = places.index(code) if code in places else len(places)
                values.setdefault(_exact(row["value"]), []).append(place)
        spans = [(min(found), max(found)) for found in values.values()]
        return [any(start <= gap < end for start, end in spans) for gap in range(len(places))]


class _Check:
    def __init__(self, rows: _Rows, retracted: frozenset[str]) -> None:
        self.rows, self.retracted = rows, retracted

    def step(self, step: Bound) -> None:
        """Raise a fault unless the step follows from its premises and claims."""
        for name in step.ids:
            _require(name not in self.retracted, f"{name} is retracted")
        rules = {
            Rule.OBSERVED: self._observed,
            Rule.CLAIMED: self._claimed,
            Rule.LISTED: self._listed,
            Rule.RATIO: self._ratio,
            Rule.SHARE: self._share,
            Rule.TOP: self._top,
            Rule.COUNT: self._count,
            Rule.SUM: self._sum,
            Rule.SUM_OF_LOWER: self._sum_of_lower,
            Rule.QUOTIENT: self._quotient,
        }
        rules[step.rule](step)

    def _says(self, step: Bound, value: Fraction, strict: bool) -> None:
        """Require that `step` claims no more than this bound."""
        allowed = Bound(step.place, step.measure, step.side, value, strict, step.rule, step.ids)
        _require(not step.tighter_than(allowed), f"only {float(value)} follows")

    def _about(self, step: Bound, measure: str, place: str, source: str) -> None:
        _require((step.measure, step.place) == (measure, place), "about another figure")
        _require(step.per == self.rows.denominator(measure, place, source), "other denominator")

    def _observed(self, step: Bound) -> None:
        row = self.rows.observation(step.ids[0])
        _require(row["measure"] == self.rows.stored(step.measure), "observes another measure")
        if step.measure == APPLICATIONS:
            _require(row["place"] == step.place, "about another place")
        else:
            self._about(step, step.measure, row["place"], row["source"])
        limit = _limit(row, step.side)
        _require(limit is not None, "not observed")
        assert limit is not None
        self._says(step, limit, False)

    def _claimed(self, step: Bound) -> None:
        claim = self._claim(step.ids[0])
        _require(claim["kind"] == "bound", "no bound")
        _require(step.place in claim["places"].split(";"), "about another place")
        self._about(step, claim["measure"], step.place, claim["source"])
        _require((claim["op"][0] == "<") == (step.side is Side.UPPER), "the other side")
        self._says(step, _exact(claim["value"]), len(claim["op"]) == 1)

    def _claim(self, name: str) -> Row:
        claims = self.rows.claims
        fitting = [each for each in claims if name == each or name.startswith(f"{each}:")]
        _require(fitting, f"no claim {name}")
        claim = claims[max(fitting, key=len)]
        _require(claim["id"] not in self.retracted, f"{claim['id']} is retracted")
        return claim

    def _listed(self, step: Bound) -> None:
        (premise,) = step.premises
        claim = self._claim(step.ids[0])
        above, below = step.place, premise.place
        if step.side is Side.UPPER:
            above, below = below, above
        _require(step.ids[0] == f"{claim['id']}:{above}>{below}", "the id names another pair")
        _require(self._ranks(claim, above, below), "not ranked so")
        self._about(step, claim["measure"], step.place, claim["source"])
        self._about(premise, claim["measure"], premise.place, claim["source"])
        strict = premise.strict or self.rows.strict(claim, above, below)
        self._says(step, premise.exact, strict)

    def _ranks(self, claim: Row, above: str, below: str) -> bool:
        """Return whether a list, as far as it is not retracted, puts one place above another."""
        places, name = claim["places"].split(";"), claim["id"]
        gone = (f"{name}:{above}>{below}", f"{name}:{above}", f"{name}:{below}", name)
        if claim["kind"] != "ranking" or not self.retracted.isdisjoint(gone):
            return False
        if above not in places or below not in self.rows.codes:
            return False
        return below not in places or places.index(above) < places.index(below)

    def _ratio(self, step: Bound) -> None:
        (premise,) = step.premises
        row = self.rows.observation(step.ids[0])
        ratio = premise if step.measure == "total" else step
        _require(ratio.measure in _WHOLE, "no ratio")
        _require({step.measure, premise.measure} == {"total", ratio.measure}, "unrelated")
        _require(step.place == premise.place and step.side is premise.side, "other figure")
        _require(ratio.per == _id(row), "divides by something else")
        upper = step.side is Side.UPPER
        # A ratio is largest for the smallest denominator, a total for the largest.
        limit = _limit(row, "upper" if upper == (step.measure == "total") else "lower")
        _require(limit, "denominator unknown")
        assert limit is not None
        factor = limit / _WHOLE[ratio.measure]
        exact = premise.exact * factor if step.measure == "total" else premise.exact / factor
        self._says(step, exact, premise.strict)

    def _share(self, step: Bound) -> None:
        _require(step.measure == "proportion" and step.side is Side.UPPER, "no share")
        self._says(step, Fraction(100), False)

    def _top(self, step: Bound) -> None:
        (premise,) = step.premises
        _require(step.side is premise.side, "another side")
        member, nth = step.place, premise.place
        if step.side is Side.UPPER:
            member, nth = nth, member
        claim = self._member(step.ids[0], member)
        self._about(step, claim["measure"], step.place, claim["source"])
        self._about(premise, claim["measure"], premise.place, claim["source"])
        best = max(
            self._places_above(each, nth, member)
            for each in self.rows.claims.values()
            if each["kind"] == "ranking" and each["measure"] == claim["measure"]
        )
        _require(best + 1 >= claim["value"], "too few are known to be above")
        self._says(step, premise.exact, premise.strict)

    def _places_above(self, claim: Row, nth: str, member: str) -> int:
        places = [each for each in claim["places"].split(";") if each != member]
        return sum(self._ranks(claim, each, nth) for each in places if each != nth)

    def _member(self, name: str, place: str) -> Row:
        claim = self._claim(name)
        _require(claim["kind"] == "member" and claim["op"] == "top", "no membership")
        _require(place in claim["places"].split(";"), "another member")
        return claim

    def _count(self, step: Bound) -> None:
        claim = self._member(step.ids[0], step.place)
        self._about(step, claim["measure"], step.place, claim["source"])
        others = {each.place for each in step.premises} - {step.place}
        _require(step.side is Side.LOWER and len(others) >= claim["value"], "too few others")
        for premise in step.premises:
            self._about(premise, claim["measure"], premise.place, claim["source"])
            _require(premise.side is Side.LOWER, "another side")
            _require(not step.tighter_than(premise), "more than one of the others")

    def _sum(self, step: Bound) -> None:
        (whole,) = step.premises
        row = self.rows.observation(step.ids[0])
        is_country = row["place"] == self.rows.manifest.country
        _require(is_country and row["measure"] == self.rows.manifest.count, "not the country")
        _require(whole.rule is Rule.SUM_OF_LOWER and step.side is Side.UPPER, "no sum")
        lowers = {each.place: each for each in whole.premises}
        replaced = self._replaced(step)
        kept = [each for place, each in lowers.items() if place not in (step.place, *replaced)]
        country = _limit(row, "upper")
        assert country is not None
        exact = (country - sum(map(_grains, kept))) / (len(replaced) + 1)
        strict = any(each.strict for each in kept)
        if replaced:
            claim = self._claim(step.ids[1])
            strict = strict or any(self.rows.strict(claim, each, step.place) for each in replaced)
        self._says(step, exact, strict)

    def _replaced(self, step: Bound) -> list[str]:
        """Return the places from the first to the last named that a list puts above the city."""
        if len(step.ids) == 1:
            return []
        claim = self._claim(step.ids[1])
        _require(claim["measure"] == "total", "another measure")
        ends = [
            name.removeprefix(f"{claim['id']}:").removesuffix(f">{step.place}")
            for name in step.ids[1:]
        ]
        places = claim["places"].split(";")
        span = places[places.index(ends[0]) : places.index(ends[-1]) + 1]
        return [each for each in span if self._ranks(claim, each, step.place)]

    def _sum_of_lower(self, step: Bound) -> None:
        places = {each.place for each in step.premises}
        _require(len(places) == len(step.premises), "a place counts twice")
        _require(places <= set(self.rows.codes), "not a city")
        for premise in step.premises:
            _require((premise.measure, premise.side) == ("total", Side.LOWER), "no lower total")
        strict = any(each.strict for each in step.premises)
        self._says(step, sum(map(_grains, step.premises), Fraction(0)), strict)

    def _quotient(self, step: Bound) -> None:
        total, share = step.premises
        _require({total.place, share.place} == {step.place}, "another place")
        _require((total.measure, share.measure) == ("total", "proportion"), "unrelated")
        _require(total.side is step.side and share.side is not step.side, "another side")
        self._says(step, total.exact * 100 / share.exact, total.strict or share.strict)


def _id(row: Row) -> str:
    return f"{row['measure']}:{row['place']}:{row['source']}"


def _exact(value: float) -> Fraction:
    return Fraction(repr(float(value)))


def _limit(row: Row, side: str) -> Fraction | None:
    value = row["value"] if row[side] is None else row[side]
    return None if value is None else _exact(value)


def _grains(bound: Bound) -> Fraction:
    return Fraction(floor(bound.exact * _GRAIN), _GRAIN)
