"""Claims and observations as difference constraints between figures.

Figures are the nodes of a graph, node 0 is the number 1. An edge from `tail` to `head` says
`head <= factor x tail`. Its logarithm is a difference constraint (Cormen, Leiserson, Rivest and
Stein, Introduction to Algorithms, "Difference constraints and shortest paths").

A ranking of n names says that each name is above every later one, and above every city that it
does not name. That is a chain of n edges and one more node, the floor, below which all cities lie
that are not named; so the size is linear. It can be taken back in two ways: the order of two
neighbours, or the whole place of a city, which takes it out of the chain. The order of two that
are not neighbours is no unit of its own: it follows from the neighbours between them, so taking
back it alone would change nothing. When neighbours a, b lose their order, the edges from before
a to b and from a to after b keep all other pairs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from citytech_data.evidence.model import Rule, Statement
from citytech_data.evidence.weights import weight

REFERENCE = 0
"""The node of the number 1."""


class Unit(NamedTuple):
    """What can be taken back: a claim or observation, a city's place in it, or one pair."""

    claim: str
    place: str = ""
    below: str = ""

    @property
    def id(self) -> str:
        """The unit's id in proofs and diagnoses."""
        if self.below:
            return f"{self.claim}:{self.place}>{self.below}"
        return f"{self.claim}:{self.place}" if self.place else self.claim


class Node(NamedTuple):
    """A figure; `per` is the observation that a ratio has as its denominator."""

    measure: str
    code: str
    per: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One constraint, head <= factor x tail, and what it rests on."""

    tail: int
    head: int
    factor: Fraction
    strict: bool
    rule: Rule
    ids: tuple[str, ...]
    units: frozenset[Unit] = frozenset()

    @property
    def weight(self) -> int:
        """The weight of the constraint's edge."""
        return weight(self.factor, self.strict)


@dataclass(frozen=True, slots=True)
class Ranking:
    """A rank list: its names best first, and the other cities of the dataset, all below.

    `ties` has, for each name, whether it may equal the next.
    """

    id: str
    codes: tuple[str, ...]
    nodes: tuple[int, ...]
    others: tuple[str, ...]
    other_nodes: tuple[int, ...]
    floor: int
    ties: tuple[bool, ...]
    by_node: dict[int, str] = field(repr=False)
    position: dict[str, int] = field(repr=False)

    def edges(self, retracted: frozenset[Unit]) -> list[tuple[int, int, bool]]:
        """Return the edges (tail, head, strict) that say all that is not retracted."""
        mine = {unit for unit in retracted if unit.claim == self.id}
        gone = {unit.place for unit in mine if not unit.below}
        codes = [code for code in self.codes if code not in gone] if gone else list(self.codes)
        detached = [unit.below for unit in mine if unit.below not in self.position and unit.below]
        apart = [code for code in dict.fromkeys(detached) if code not in gone]
        apart = [code for code in apart if codes and self._cut(mine, codes[-1], code)]
        edges = list(self._chain(codes, mine))
        if not codes:
            return edges
        for code in apart:
            tail = self._chain([*codes[-3:], code], mine)
            edges.extend(edge for edge in tail if self.by_node[edge[1]] == code)
        out = gone.union(apart)
        # The strictness of "below the last" stands on the edge into the floor.
        edges.extend(self._to_floor(codes, mine))
        edges.extend(
            (self.floor, node, False)
            for code, node in zip(self.others, self.other_nodes, strict=True)
            if code not in out
        )
        return edges

    def edges_among(self, kept: frozenset[Unit]) -> list[tuple[int, int, bool]]:
        """Return the edges that say all of `kept`, pair by pair: for a few units."""
        codes = {unit.place for unit in kept if unit.claim == self.id and not unit.below}
        named = sorted(codes & self.position.keys(), key=lambda code: self.position[code])
        pairs = [
            (above, below)
            for place, above in enumerate(named)
            for below in (*named[place + 1 :], *sorted(codes - self.position.keys()))
        ]
        return [
            (self._node(above), self._node(below), self.strict(above, below))
            for above, below in pairs
            if not self.neighbours(above, below) or Unit(self.id, above, below) in kept
        ]

    def link(self, tail: int, head: int, strict: bool) -> Link:
        """Return the claim that one place is above another: what a stretch of the chain says."""
        above, below = self.by_node[tail], self.by_node[head]
        pair = Unit(self.id, above, below)
        units = {Unit(self.id, above), Unit(self.id, below)}
        if self.neighbours(above, below):
            units.add(pair)
        return Link(tail, head, Fraction(1), strict, Rule.LISTED, (pair.id,), frozenset(units))

    def neighbours(self, above: str, below: str) -> bool:
        """Return whether nothing stands between the two."""
        last = len(self.codes) - 1
        return self.position[above] == self.position.get(below, last + 1) - 1

    def _chain(self, codes: list[str], mine: set[Unit]) -> Iterator[tuple[int, int, bool]]:
        """Yield the fewest edges that imply all pairs of `codes` that are not cut.

        Cut pairs are neighbours, so a jump over one name is never cut; with two cuts around an
        uncut pair, the jump over both names is implied by nothing shorter either.
        """
        cut = [self._cut(mine, *pair) for pair in pairwise(codes)]
        for start in range(len(codes) - 1):
            if not cut[start]:
                yield self._edge(codes, start, start + 1)
            if start + 2 < len(codes) and (cut[start] or cut[start + 1]):
                yield self._edge(codes, start, start + 2)
            if start + 3 < len(codes) and cut[start] and cut[start + 2]:
                yield self._edge(codes, start, start + 3)

    def _edge(self, codes: list[str], start: int, end: int) -> tuple[int, int, bool]:
        tail, head = self._node(codes[start]), self._node(codes[end])
        return tail, head, self.strict(codes[start], codes[end])

    def strict(self, above: str, below: str) -> bool:
        """Return whether the list says that the first is more, not only not less."""
        first = self.position[above]
        return not all(self.ties[first : self.position.get(below, len(self.codes))])

    def _to_floor(self, codes: list[str], mine: set[Unit]) -> Iterator[tuple[int, int, bool]]:
        yield self._node(codes[-1]), self.floor, not self.ties[-1]
        if len(codes) > 1 and self._cut(mine, codes[-2], codes[-1]):
            yield self._node(codes[-2]), self.floor, not self.ties[-1]

    def _cut(self, mine: set[Unit], above: str, below: str) -> bool:
        return bool(mine) and Unit(self.id, above, below) in mine

    def _node(self, code: str) -> int:
        place = self.position.get(code)
        return self.other_nodes[self.others.index(code)] if place is None else self.nodes[place]


@dataclass(frozen=True, slots=True)
class Member:
    """The claim that a place is among the top n of a measure; `peers` are the other places."""

    id: str
    unit: Unit
    n: int
    node: int
    peers: tuple[int, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Limit:
    """The country's count: what all places have together at most."""

    id: str
    place: str
    value: Fraction


@dataclass(frozen=True)
class System:
    """All constraints of one dataset and year."""

    nodes: tuple[Node, ...] = field(repr=False)
    facts: tuple[Link, ...] = field(repr=False)
    rankings: tuple[Ranking, ...]
    members: tuple[Member, ...]
    limit: Limit | None
    official: frozenset[str] = field(repr=False)
    reported: dict[tuple[str, str], int] = field(repr=False)
    applications: dict[str, tuple[str, Fraction | None, Fraction | None]] = field(repr=False)
    statements: dict[str, Statement] = field(repr=False)
    codes: tuple[str, ...] = field(repr=False)
    share_of_place: bool = True

    @cached_property
    def weighed(self) -> tuple[tuple[int, Link], ...]:
        """The facts with the weights of their edges."""
        return tuple((fact.weight, fact) for fact in self.facts)

    @cached_property
    def by_unit(self) -> dict[Unit, list[tuple[int, Link]]]:
        """The weighed facts by the unit that each rests on."""
        found: dict[Unit, list[tuple[int, Link]]] = {}
        for each in self.weighed:
            for unit in each[1].units:
                found.setdefault(unit, []).append(each)
        return found

    @cached_property
    def definitions(self) -> tuple[tuple[int, Link], ...]:
        """The weighed facts that hold by definition."""
        return tuple(each for each in self.weighed if not each[1].units)

    @cached_property
    def total_rankings(self) -> tuple[Ranking, ...]:
        """The lists by total."""
        return tuple(each for each in self.rankings if self.nodes[each.nodes[0]].measure == "total")


class View:
    """A system of which some units are taken back."""

    def __init__(self, system: System, retracted: frozenset[Unit] = frozenset()) -> None:
        self.system = system
        self.retracted = retracted

    def active(self, unit: Unit) -> bool:
        """Return whether the unit is in force."""
        return unit not in self.retracted

    def edges(self, ranking: Ranking) -> list[tuple[int, int, bool]]:
        """Return what the list says."""
        return ranking.edges(self.retracted)

    def facts(self) -> Iterable[tuple[int, Link]]:
        """Return the other constraints in force, with their weights."""
        without = self.retracted.isdisjoint
        facts = self.system.weighed
        return [each for each in facts if without(each[1].units)] if self.retracted else facts

    def names(self, ranking: Ranking) -> list[str]:
        """Return the names of the list whose places are in force."""
        return [code for code in ranking.codes if self.active(Unit(ranking.id, code))]

    def above(self, ranking: Ranking, code: str) -> list[str]:
        """Return the names that the list puts above a city, best first."""
        if not self.active(Unit(ranking.id, code)):
            return []
        end = ranking.position.get(code, len(ranking.codes))
        names = [name for name in ranking.codes[:end] if self.active(Unit(ranking.id, name))]
        if names and ranking.neighbours(names[-1], code):
            return names if self.active(Unit(ranking.id, names[-1], code)) else names[:-1]
        return names


class Only(View):
    """A system of which all units but a few are taken back."""

    def __init__(self, system: System, kept: frozenset[Unit]) -> None:
        super().__init__(system)
        self.kept = kept

    def active(self, unit: Unit) -> bool:
        """Return whether the unit is in force."""
        return unit in self.kept

    def edges(self, ranking: Ranking) -> list[tuple[int, int, bool]]:
        """Return what the list says."""
        return ranking.edges_among(self.kept)

    def facts(self) -> Iterable[tuple[int, Link]]:
        """Return the other constraints in force, with their weights.

        Of the definitions, which rest on no unit, those about the figures of the others count.
        """
        by_unit = self.system.by_unit
        facts = [each for unit in self.kept for each in by_unit.get(unit, ())]
        figures = {end for _, fact in facts for end in (fact.tail, fact.head)}
        for ranking in self.system.rankings:
            figures.update(end for edge in self.edges(ranking) for end in edge[:2])
        return [*facts, *(each for each in self.system.definitions if each[1].head in figures)]
