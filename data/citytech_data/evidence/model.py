"""What is proven from a dataset's claims: bounds with proofs, conflicts and diagnoses.

These are plain values; reading them needs neither Polars nor any computation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

APPLICATIONS = "applications"
SHARE = "definition:share"
"""The id of the fact that a part is at most the whole: a step of proofs that nobody claims."""
BOUNDED = ("total", "density", "proportion", APPLICATIONS)
"""The measures for which bounds are proven."""


class Side(StrEnum):
    """Whether a bound limits a figure from below or from above."""

    LOWER = "lower"
    UPPER = "upper"


class Rule(StrEnum):
    """How a bound follows from its premises (other bounds) and its claims."""

    OBSERVED = "observed"  # a source gives the figure
    CLAIMED = "claimed"  # a source says "more than" or "less than"
    LISTED = "listed"  # a list ranks it above or below the premise's place
    RATIO = "ratio"  # the premise times or by a known denominator
    SHARE = "share"  # a part is at most the whole
    TOP = "top"  # a member of a top n is not below the nth of a list
    COUNT = "count"  # a member of a top n is not below the nth best lower bound
    SUM = "sum"  # the places together have at most the country's figure
    SUM_OF_LOWER = "sum of lower bounds"  # a premise of SUM
    QUOTIENT = "quotient"  # all applications, from total and proportion
    CASES = "cases"  # what every smallest diagnosis proves


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A proven bound of one figure, the last step of its proof and the steps before it.

    `per` is the id of the observation that a ratio has as denominator: an article that ranks by
    density divides by the population that it prints itself.
    """

    place: str
    measure: str
    side: Side
    exact: Fraction = field(repr=False)
    strict: bool
    rule: Rule
    ids: tuple[str, ...]
    premises: tuple[Bound, ...] = field(default=(), repr=False)
    per: str = ""

    @property
    def value(self) -> float:
        """The bound, rounded to the nearest float."""
        return float(self.exact)

    @property
    def steps(self) -> tuple[Bound, ...]:
        """All steps of the proof, each after its premises; this bound is the last."""
        return tuple(steps_of((self,)))

    @property
    def proof(self) -> tuple[str, ...]:
        """The ids of the claims and observations that prove this bound, in order."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.ids))

    def tighter_than(self, other: Bound | None) -> bool:
        """Return whether this bound says more than `other` of the same figure and side."""
        if other is None:
            return True
        if self.exact == other.exact:
            return self.strict and not other.strict
        return (self.exact > other.exact) == (self.side is Side.LOWER)


def steps_of(bounds: Iterable[Bound]) -> Iterator[Bound]:
    """Yield every step of the proofs of `bounds` once, each after its premises."""
    done: set[int] = set()
    # An explicit stack: proofs can be deeper than Python's recursion allows.
    stack = [(bound, False) for bound in bounds][::-1]
    while stack:
        bound, ready = stack.pop()
        if id(bound) in done:
            continue
        if ready:
            done.add(id(bound))
            yield bound
        else:
            stack.append((bound, True))
            stack.extend((premise, False) for premise in reversed(bound.premises))


@dataclass(frozen=True, slots=True)
class Interval:
    """The tightest bounds proven of a place's figure; None where nothing is proven."""

    code: str
    measure: str
    lower: Bound | None = None
    upper: Bound | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim or an observation, with what is needed to name it in a sentence.

    `kind` is that of the claim, or `observation`; `places` of a ranking are best first.
    """

    id: str
    kind: str
    measure: str
    places: tuple[str, ...]
    op: str = ""
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    source: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class ConflictStep:
    """One step of a chain: head <= factor x tail (head < factor x tail if strict).

    Tail and head are (measure, code), both empty for the number 1.
    """

    id: str
    tail: tuple[str, str]
    head: tuple[str, str]
    factor: Fraction
    strict: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Claims and observations that cannot all be true, while any of them left out, the rest can.

    Most are a closed chain of `steps`, which says that a figure is at most itself times `product`,
    and that is below 1 (or 1, and one of the steps is strict). Where sums or counts of places take
    part there is no such chain, but `crossing`: a lower and an upper bound of a figure, or of the
    country's total, that exclude each other.
    """

    claims: tuple[str, ...]
    retractable: tuple[str, ...]
    steps: tuple[ConflictStep, ...] = ()
    crossing: tuple[Bound, ...] = ()

    @property
    def product(self) -> Fraction:
        """The product of all factors of the chain."""
        result = Fraction(1)
        for step in self.steps:
            result *= step.factor
        return result


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A smallest set of claims without which nothing contradicts, and what it costs."""

    claims: tuple[str, ...]
    cost: int


@dataclass(frozen=True, slots=True)
class Remark:
    """A doubt that a person noted about a source that makes claims."""

    place: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a dataset's claims prove of one year.

    `retracted` are the claims that no bound uses. Where several diagnoses are equally small, it
    is empty and each bound holds under all of them. `exhaustive` is false where there were too
    many: then `diagnoses` are not all of the smallest or not the smallest, and bounds use none of
    the claims that any of them retracts.
    """

    dataset: str
    year: int
    intervals: Mapping[tuple[str, str], Interval]
    conflicts: tuple[Conflict, ...]
    diagnoses: tuple[Diagnosis, ...]
    retracted: tuple[str, ...]
    exhaustive: bool
    statements: Mapping[str, Statement]
    names: Mapping[str, str]
    remarks: tuple[Remark, ...] = ()

    @property
    def consistent(self) -> bool:
        """Whether all claims and observations can be true together."""
        return not self.conflicts

    def interval(self, code: str, measure: str) -> Interval:
        """Return what is proven of a place's figure by its code and measure."""
        return self.intervals.get((code, measure), Interval(code, measure))

    def conflicts_of(self, code: str, measure: str | None = None) -> tuple[Conflict, ...]:
        """Return the conflicts whose chain touches this place (in this measure)."""
        return tuple(
            conflict
            for conflict in self.conflicts
            if any(
                place == code and measure in (None, found) for found, place in _figures_of(conflict)
            )
        )

    def disputed(self, code: str, measure: str) -> bool:
        """Return whether a claim about this figure is retracted by a smallest diagnosis."""
        for diagnosis in self.diagnoses:
            for name in diagnosis.claims:
                statement, places = self.resolve(name)
                if statement.measure == measure and code in places:
                    return True
        return False

    def resolve(self, name: str) -> tuple[Statement, tuple[str, ...]]:
        """Return the claim or observation that an id is about, and the places it singles out.

        `total-ranking:a>b` is the pair of a and b in that list, `total-ranking:a` the place of a.
        """
        if name in self.statements:
            return self.statements[name], self.statements[name].places
        end = name.rfind(":")
        # A code may hold a colon too, so the longest known id counts.
        while end >= 0 and name[:end] not in self.statements:
            end = name.rfind(":", 0, end)
        return self.statements[name[: max(end, 0)]], tuple(name[end + 1 :].split(">"))


def _figures_of(conflict: Conflict) -> Iterator[tuple[str, str]]:
    for step in conflict.steps:
        yield from (step.tail, step.head)
    for bound in steps_of(conflict.crossing):
        yield bound.measure, bound.place
