"""Conflicts, and the smallest sets of claims whose retraction removes all of them.

Reiter's theory of diagnosis (1987) by implicit hitting sets: take back a smallest set that hits
all conflicts known so far; if a contradiction is left it is a new conflict; when none is left the
set is a smallest diagnosis, because it hits conflicts that every diagnosis must hit.

What taking back costs: every slip of a source counts alike, be it the order of two neighbours in
a list, a bound, a membership or a printed figure, for nothing tells which of them a source gets
wrong more often. The place of a city in a list costs one and a half: it takes back all pairs with
that city, so it is a worse explanation than one pair and a better one than two. Statistics
(counts, populations and other denominators, figures of sources that claim nothing) cost more than
all claims together: no article is believed before them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from citytech_data.evidence.bounds import prove, prove_sum
from citytech_data.evidence.hitting import TooManyError, UnitSet, smallest_hitting_sets
from citytech_data.evidence.model import SHARE, Conflict, ConflictStep, Diagnosis, steps_of
from citytech_data.evidence.paths import graph_of, negative_cycles
from citytech_data.evidence.system import Link, Only, System, Unit, View

SLIP = 2
"""The cost of one pair, bound, membership or printed figure."""
PLACE = 3
"""The cost of a city's place in a list."""
OFFICIAL = 1_000_000
"""The cost of a statistic."""

MOST_DIAGNOSES = 16
"""More equally small diagnoses than these are not told apart."""
_MOST_CANDIDATES = 2_000
_MOST_CONFLICTS = 120
_MOST_CHECKS = 400
# Larger conflicts come from sums, and are already the fewest places that exceed the limit.
_MINIMIZED = 60


@dataclass(slots=True)
class Diagnoses:
    """What was found; `retracted` is what each case of the proofs must do without."""

    conflicts: list[Conflict] = field(default_factory=list)
    smallest: list[Diagnosis] = field(default_factory=list)
    cases: list[UnitSet] = field(default_factory=list)
    exhaustive: bool = True


def diagnose(system: System) -> Diagnoses:
    """Return conflicts of `system` and all smallest diagnoses."""
    return _Search(system).run()


def find_conflicts(view: View) -> list[tuple[UnitSet, Conflict]]:
    """Return some contradictions among what is in force, none if all can be true."""
    graph = graph_of(view)
    cycles = negative_cycles(graph)
    if cycles:
        return [_chain_conflict(view.system, links) for links in cycles]
    proofs = prove(view, graph) if view.system.members else prove_sum(view, graph)
    if not proofs.crossing:
        return []
    steps = list(steps_of(proofs.crossing))
    units = frozenset[Unit]().union(*(proofs.rests_on(step) for step in steps))
    retractable = tuple(sorted(unit.id for unit in units))
    names = _claimed(name for step in steps for name in step.ids)
    return [(units, Conflict(names, retractable, crossing=proofs.crossing))]


def _claimed(names: Iterable[str]) -> tuple[str, ...]:
    """Return each id once, without what holds by definition."""
    return tuple(name for name in dict.fromkeys(names) if name != SHARE)


def _chain_conflict(system: System, links: list[Link]) -> tuple[UnitSet, Conflict]:
    nodes = system.nodes
    steps = tuple(
        ConflictStep(
            id=link.ids[0],
            tail=nodes[link.tail][:2],
            head=nodes[link.head][:2],
            factor=link.factor,
            strict=link.strict,
        )
        for link in links
    )
    units = frozenset[Unit]().union(*(link.units for link in links))
    claims = _claimed(name for link in links for name in link.ids)
    conflict = Conflict(claims, tuple(sorted(unit.id for unit in units)), _turned(steps))
    strict = any(step.strict for step in steps)
    if conflict.product > 1 or (conflict.product == 1 and not strict):
        raise ArithmeticError("two figures agree in more digits than weights have")
    return units, conflict


def _turned(steps: tuple[ConflictStep, ...]) -> tuple[ConflictStep, ...]:
    """Start the circle at the number 1 if it passes there, so that it reads as a proof."""
    start = next((i for i, step in enumerate(steps) if not step.tail[1]), 0)
    return steps[start:] + steps[:start]


def minimal(system: System, units: UnitSet, conflict: Conflict) -> tuple[UnitSet, Conflict]:
    """Leave out what a conflict does not need, until all of the rest is needed."""
    if len(units) > _MINIMIZED:
        return units, conflict
    for unit in sorted(units):
        if unit in units:
            found = find_conflicts(Only(system, units - {unit}))
            if found:
                units, conflict = min(found, key=_size)
    return units, conflict


def _size(found: tuple[UnitSet, Conflict]) -> tuple[int, tuple[str, ...]]:
    return len(found[0]), found[1].claims


class _Search:
    def __init__(self, system: System) -> None:
        self.system = system
        self.found: dict[UnitSet, Conflict] = {}
        self.consistent: set[UnitSet] = set()
        self.checks = 0
        self.lists = {ranking.id for ranking in system.rankings}

    def run(self) -> Diagnoses:
        """Search until every smallest set that hits the conflicts found removes all conflicts."""
        try:
            while len(self.found) <= _MOST_CONFLICTS and self.checks <= _MOST_CHECKS:
                sets = smallest_hitting_sets(list(self.found), self.cost, _MOST_CANDIDATES)
                accepted: list[UnitSet] = []
                if not self._refuted(sets, accepted):
                    return self._result(accepted)
        except TooManyError:
            pass
        return self._wholesale()

    def cost(self, unit: Unit) -> int:
        """Return what it costs to take back `unit`."""
        if unit.claim in self.system.official:
            return OFFICIAL
        is_place = unit.place and not unit.below and unit.claim in self.lists
        return PLACE if is_place else SLIP

    def _refuted(self, candidates: list[UnitSet], accepted: list[UnitSet]) -> bool:
        """Return whether some of `candidates` leave conflicts, and remember these.

        What contradicts without any of them refutes all at once; else each half is tried. Sums
        of many places would otherwise be refuted place by place. Candidates that leave nothing
        are added to `accepted`; more than can be told apart are not looked for.
        """
        if len(accepted) > MOST_DIAGNOSES:
            return False
        together = frozenset[Unit]().union(*candidates)
        if together not in self.consistent and self._contradicts(together):
            return True
        self.consistent.add(together)
        half = len(candidates) // 2
        if not half:
            accepted.append(candidates[0])
            return False
        # Both halves, even if the first is refuted: they refute different candidates.
        parts = (candidates[:half], candidates[half:])
        refuted = [self._refuted(part, accepted) for part in parts]
        return any(refuted)

    def _contradicts(self, retracted: UnitSet) -> bool:
        self.checks += 1
        found = find_conflicts(View(self.system, retracted))
        for units, conflict in found:
            least, shown = minimal(self.system, units, conflict)
            self.found[least] = shown
        return bool(found)

    def _result(self, sets: list[UnitSet]) -> Diagnoses:
        told = sets[:MOST_DIAGNOSES]
        cases = sets
        exhaustive = len(sets) <= MOST_DIAGNOSES
        if not exhaustive:
            # All that any smallest set may hold lies in the conflicts.
            cases = [frozenset[Unit]().union(*sets, *self._choices())]
        return Diagnoses(self._conflicts(), self._diagnoses(told), cases, exhaustive)

    def _choices(self) -> list[UnitSet]:
        """The members of the conflicts that a smallest set may take back: not statistics."""
        kept = [
            frozenset(unit for unit in conflict if self.cost(unit) < OFFICIAL)
            for conflict in self.found
        ]
        return [part or whole for part, whole in zip(kept, self.found, strict=True)]

    def _wholesale(self) -> Diagnoses:
        """Take back whole lists and figures, the one in most conflicts first, until none is left.

        Two lists of thousands in different order have too many conflicts to choose well.
        """
        retracted = frozenset[Unit]()
        while True:
            left = [units for units in self.found if retracted.isdisjoint(units)]
            if left:
                retracted |= self._group(self._worst(left))
            elif not self._contradicts(retracted):
                break
        smallest = self._diagnoses([retracted])
        return Diagnoses(self._conflicts(), smallest, [retracted], exhaustive=False)

    def _worst(self, conflicts: list[UnitSet]) -> Unit:
        score = Counter(claim for units in conflicts for claim in {unit.claim for unit in units})
        every = {unit for units in conflicts for unit in units}
        return min(every, key=lambda unit: (self.cost(unit) >= OFFICIAL, -score[unit.claim], unit))

    def _group(self, unit: Unit) -> UnitSet:
        """Return a whole list, or what a source prints of a measure, or a statistic alone."""
        ranking = next((each for each in self.system.rankings if each.id == unit.claim), None)
        if ranking is not None:
            return frozenset(Unit(ranking.id, code) for code in (*ranking.codes, *ranking.others))
        said = self.system.statements[unit.claim]
        if said.kind != "observation" or self.cost(unit) >= OFFICIAL:
            return frozenset((unit,))
        return frozenset(
            Unit(each.id)
            for each in self.system.statements.values()
            if (each.kind, each.measure, each.source) == (said.kind, said.measure, said.source)
        )

    def _conflicts(self) -> list[Conflict]:
        return sorted(self.found.values(), key=lambda each: (len(each.claims), each.claims))

    def _diagnoses(self, sets: list[UnitSet]) -> list[Diagnosis]:
        return [
            Diagnosis(self._names(units), sum(map(self.cost, units))) for units in sets if units
        ]

    def _names(self, units: UnitSet) -> tuple[str, ...]:
        """The ids of the units, with a list of which all is taken back as one."""
        whole = {
            ranking.id
            for ranking in self.system.rankings
            if all(Unit(ranking.id, code) in units for code in ranking.codes)
        }
        rest = {unit.id for unit in units if unit.claim not in whole}
        return tuple(sorted(whole | rest))
