"""The tightest bound of every figure, each with its proof.

Shortest paths give the bounds that difference constraints prove. What they cannot express is
added as further bounds and carried on by shortest paths again, until nothing changes:

- A member of a top n is not below the nth best lower bound of the other places.
- All places together have at most the country's figure. If m places above a city, and the city,
  have at least x each, and all others their lower bounds, then x is at most
  (figure - lower bounds of the others) / (m + 1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from citytech_data.evidence.model import Bound, Rule, Side
from citytech_data.evidence.paths import Graph, graph_of, shortest
from citytech_data.evidence.sums import spans, sum_of_lower
from citytech_data.evidence.system import REFERENCE, Link, Member, Ranking, Unit, View
from citytech_data.evidence.weights import estimate

_ROUNDS = 20
# Rules whose bounds are found here, not by following one edge.
_FOUND = (Rule.COUNT, Rule.SUM)

Bounds = dict[int, Bound]


@dataclass(slots=True)
class Proofs:
    """The bounds of every figure by node; `units` are what the last step of each rests on."""

    view: View
    lower: Bounds = field(default_factory=dict)
    upper: Bounds = field(default_factory=dict)
    units: dict[Bound, frozenset[Unit]] = field(default_factory=dict)
    crossing: tuple[Bound, ...] = ()

    def rests_on(self, bound: Bound) -> frozenset[Unit]:
        """Return the units that the last step of `bound` needs."""
        return self.units.get(bound, frozenset())

    def cross(self, lower: Bound | None, upper: Bound | None) -> bool:
        """Return whether the bounds exclude each other, and note the first that do."""
        if lower is None or upper is None or lower.exact < upper.exact:
            return False
        if lower.exact == upper.exact and not (lower.strict or upper.strict):
            return False
        self.crossing = self.crossing or (lower, upper)
        return True


def prove(view: View, graph: Graph | None = None) -> Proofs:
    """Return all bounds under `view`, whose constraints must have no negative cycle."""
    proofs = Proofs(view)
    graph = graph or graph_of(view)
    found: dict[Side, Bounds] = {Side.LOWER: {}, Side.UPPER: {}}
    proofs.lower = _follow(proofs, graph, Side.LOWER, {})
    proofs.upper = _follow(proofs, graph, Side.UPPER, {})
    for _ in range(_ROUNDS):
        better = _counted(proofs)
        if not better or proofs.crossing:
            break
        found[Side.LOWER] |= better
        proofs.lower = _follow(proofs, graph, Side.LOWER, found[Side.LOWER])
    if not proofs.crossing:
        better = _summed(proofs)
        if better and not proofs.crossing:
            proofs.upper = _follow(proofs, graph, Side.UPPER, better)
    return proofs


def prove_sum(view: View, graph: Graph) -> Proofs:
    """Return whether the lower bounds of all totals exceed the country's figure, and little else.

    Without memberships nothing else can contradict that has no negative cycle. An upper bound
    by the sum falls below a lower bound only where the lower bounds exceed the country's figure.
    """
    proofs = Proofs(view)
    limit = view.system.limit
    if limit is None or not view.active(Unit(limit.id)):
        return proofs
    distances, _, _ = shortest(graph.reversed(), REFERENCE)
    nodes = [view.system.reported[code, "total"] for code in view.system.codes]
    # An estimate spares the proofs where the sum is clearly allowed.
    if sum(estimate(-distances[node]) for node in nodes) > float(limit.value) * 0.999_999:
        proofs.lower = _follow(proofs, graph, Side.LOWER, {})
        _summed(proofs)
    return proofs


def _follow(proofs: Proofs, graph: Graph, side: Side, found: Bounds) -> Bounds:
    """Return the bounds of one side along shortest paths, with `found` as further edges."""
    lower = side is Side.LOWER
    links = [
        Link(node, REFERENCE, 1 / bound.exact, bound.strict, bound.rule, bound.ids)
        if lower
        else Link(REFERENCE, node, bound.exact, bound.strict, bound.rule, bound.ids)
        for node, bound in found.items()
    ]
    graph = graph.with_links(links) if links else graph
    graph = graph.reversed() if lower else graph
    _, via, cycles = shortest(graph, REFERENCE)
    if cycles:
        raise ValueError("bounds of contradictory claims")
    return _Tree(proofs, graph, via, side, found).bounds()


class _Tree:
    """The shortest paths from the number 1 as bounds that refer to those before them."""

    def __init__(
        self, proofs: Proofs, graph: Graph, via: list[int], side: Side, found: Bounds
    ) -> None:
        self.proofs, self.graph, self.via, self.side, self.found = proofs, graph, via, side, found
        self.entry: dict[int, tuple[int, bool]] = {}

    def bounds(self) -> Bounds:
        """Return the bound of every node that a path reaches, in order of the paths."""
        done: Bounds = {}
        for node in self._in_order():
            tag = self.graph.tags[self.via[node]]
            if isinstance(tag, Ranking):
                self._stretch(node, tag)
                if node in tag.by_node:
                    done[node] = self._listed(node, tag, done)
            elif tag.rule in _FOUND:
                done[node] = self.found[node]
            else:
                done[node] = self._linked(node, tag, done)
        return done

    def _in_order(self) -> list[int]:
        """The nodes, each after the one that its last edge comes from."""
        order: list[int] = []
        placed = bytearray(len(self.via))
        for start in range(len(self.via)):
            branch, node = [], start
            while self.via[node] >= 0 and not placed[node]:
                placed[node] = 1
                branch.append(node)
                node = self.graph.tails[self.via[node]]
            order.extend(reversed(branch))
        return order

    def _stretch(self, node: int, ranking: Ranking) -> None:
        """Note where the path came into the list that leads to `node`, and if strictly."""
        edge = self.via[node]
        tail, strict = self.graph.tails[edge], self.graph.weights[edge] < 0
        before = self.via[tail]
        if before >= 0 and self.graph.tags[before] is ranking:
            start, was_strict = self.entry[tail]
            self.entry[node] = start, strict or was_strict
        else:
            self.entry[node] = tail, strict

    def _listed(self, node: int, ranking: Ranking, done: Bounds) -> Bound:
        start, strict = self.entry[node]
        ends = (node, start) if self.side is Side.LOWER else (start, node)
        return self._make(node, ranking.link(*ends, strict), done[start])

    def _linked(self, node: int, link: Link, done: Bounds) -> Bound:
        tail = self.graph.tails[self.via[node]]
        return self._make(node, link, None if tail == REFERENCE else done[tail])

    def _make(self, node: int, link: Link, premise: Bound | None) -> Bound:
        figure = self.proofs.view.system.nodes[node]
        known = premise.exact if premise else Fraction(1)
        bound = Bound(
            place=figure.code,
            measure=figure.measure,
            side=self.side,
            exact=known / link.factor if self.side is Side.LOWER else known * link.factor,
            strict=link.strict or (premise is not None and premise.strict),
            rule=link.rule,
            ids=link.ids,
            premises=(premise,) if premise else (),
            per=figure.per,
        )
        self.proofs.units[bound] = link.units
        return bound


def _counted(proofs: Proofs) -> Bounds:
    """Return the better lower bounds that memberships in a top n prove."""
    better: Bounds = {}
    for member in proofs.view.system.members:
        if not proofs.view.active(member.unit):
            continue
        bound = _nth_best(proofs, member)
        if bound and bound.tighter_than(proofs.lower.get(member.node)):
            better[member.node] = bound
            proofs.cross(bound, proofs.upper.get(member.node))
    return better


def _nth_best(proofs: Proofs, member: Member) -> Bound | None:
    known = [proofs.lower[peer] for peer in member.peers if peer in proofs.lower]
    if len(known) < member.n:
        return None
    # One of any n places is not above the member, so it has at least the least of their bounds.
    best = sorted(known, key=lambda bound: (bound.exact, bound.strict), reverse=True)[: member.n]
    figure = proofs.view.system.nodes[member.node]
    bound = Bound(
        place=figure.code,
        measure=figure.measure,
        side=Side.LOWER,
        exact=best[-1].exact,
        strict=best[-1].strict,
        rule=Rule.COUNT,
        ids=(member.id,),
        premises=tuple(best),
        per=figure.per,
    )
    proofs.units[bound] = frozenset((member.unit,))
    return bound


def _summed(proofs: Proofs) -> Bounds:
    """Return the better upper bounds of totals that the country's figure proves."""
    system = proofs.view.system
    limit = system.limit
    if limit is None or not proofs.view.active(Unit(limit.id)):
        return {}
    totals = {code: system.reported[code, "total"] for code in system.codes}
    lowers = {code: proofs.lower[node] for code, node in totals.items() if node in proofs.lower}
    whole = sum_of_lower(limit, lowers.values())
    country = Bound(
        limit.place, "total", Side.UPPER, limit.value, False, Rule.OBSERVED, (limit.id,)
    )
    proofs.units[country] = frozenset((Unit(limit.id),))
    if proofs.cross(whole, country):
        proofs.crossing = (sum_of_lower(limit, lowers.values(), enough=True), country)
        return {}
    better: Bounds = {}
    for span in spans(proofs.view, limit.value - whole.exact, lowers):
        node = totals[span.code]
        known = proofs.upper.get(node)
        # Most spans prove nothing new, so the first comparison makes no bound.
        if known is not None and known.exact < span.value:
            continue
        bound = Bound(
            place=span.code,
            measure="total",
            side=Side.UPPER,
            exact=span.value,
            strict=span.strict,
            rule=Rule.SUM,
            ids=(limit.id, *span.ids),
            premises=(whole,),
        )
        if bound.tighter_than(better.get(node, known)):
            better[node] = bound
            # A long span rests on many units, which only a conflict has to name.
            if proofs.cross(proofs.lower.get(node), bound):
                proofs.units[bound] = frozenset((Unit(limit.id), *span.units()))
    return better
