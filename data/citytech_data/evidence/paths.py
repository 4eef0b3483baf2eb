"""Shortest paths and negative cycles of a system of difference constraints.

Bellman-Ford (Cormen, Leiserson, Rivest and Stein): the shortest path from the number 1 to a figure
is its tightest upper bound, the shortest path back its tightest lower bound, and a negative cycle
is a contradiction. Edges are relaxed in the order of the lists, so that one sweep carries a bound
down a whole list; the number of sweeps is that of the changes between lists along a path.
Contradictions show as a cycle of the edges last used (Tarjan's subtree idea in its simplest form:
the parent graph is examined after every sweep).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from citytech_data.evidence.model import Rule
from citytech_data.evidence.system import Link, Member, Ranking, Unit, View
from citytech_data.evidence.weights import FAR, HALF, weight

_REACHED = FAR >> 1

Tag = Link | Ranking
"""What an edge says: one constraint, or a part of a list."""


@dataclass(slots=True)
class Graph:
    """Edges as parallel columns; `tags` say what each edge rests on."""

    size: int
    tails: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)

    def add(self, tail: int, head: int, cost: int, tag: Tag) -> None:
        """Add one edge."""
        self.tails.append(tail)
        self.heads.append(head)
        self.weights.append(cost)
        self.tags.append(tag)

    def add_link(self, link: Link) -> None:
        """Add the edge of one constraint."""
        self.add(link.tail, link.head, link.weight, link)

    def with_links(self, links: Iterable[Link]) -> Graph:
        """Return a copy with more constraints."""
        copy = Graph(self.size, self.tails[:], self.heads[:], self.weights[:], self.tags[:])
        for link in links:
            copy.add_link(link)
        return copy

    def reversed(self) -> Graph:
        """Return the graph with every edge turned round, last edge first."""
        return Graph(
            self.size, self.heads[::-1], self.tails[::-1], self.weights[::-1], self.tags[::-1]
        )


def graph_of(view: View) -> Graph:
    """Return all constraints that are in force."""
    graph = Graph(len(view.system.nodes))
    strict, equal = weight(Fraction(1), strict=True), 0
    for ranking in view.system.rankings:
        for tail, head, is_strict in view.edges(ranking):
            graph.add(tail, head, strict if is_strict else equal, ranking)
    for cost, fact in view.facts():
        graph.add(fact.tail, fact.head, cost, fact)
    for link in top_links(view):
        graph.add_link(link)
    return graph


def top_links(view: View) -> Iterable[Link]:
    """Yield that a member of a top n is not below the nth name of a list of the same measure.

    With the order of some neighbours taken back, the nth is the first name that n - 1 others are
    still above.
    """
    for member in view.system.members:
        for ranking in view.system.rankings:
            code = ranking.by_node.get(member.node)
            if code is None or len(ranking.codes) < member.n or not view.active(member.unit):
                continue
            names = view.names(ranking)
            if code in names[: member.n]:
                continue
            for nth in names[member.n - 1 :]:
                above = view.above(ranking, nth)[: member.n - 1]
                if len(above) == member.n - 1:
                    yield _top_link(member, ranking, above, nth)
                    break


def _top_link(member: Member, ranking: Ranking, above: list[str], nth: str) -> Link:
    units = {member.unit, *(Unit(ranking.id, each) for each in (*above, nth))}
    ids = [member.id]
    if above:
        pair = Unit(ranking.id, above[-1], nth)
        ids.append(pair.id)
        if ranking.neighbours(above[-1], nth):
            units.add(pair)
    head = ranking.nodes[ranking.position[nth]]
    return Link(member.node, head, Fraction(1), False, Rule.TOP, tuple(ids), frozenset(units))


def shortest(graph: Graph, source: int | None) -> tuple[list[int], list[int], list[list[int]]]:
    """Return distances, the last edge of each shortest path (-1: none), and negative cycles.

    Without a `source`, all nodes start at distance 0: then every negative cycle is found out,
    whatever it can be reached from. Cycles are lists of edges in order; where there are any,
    distances mean nothing.
    """
    distances = [0 if source is None else FAR] * graph.size
    if source is not None:
        distances[source] = 0
    via = [-1] * graph.size
    # One list of triples: unpacking it is what the inner loop spends its time on.
    edges = list(zip(graph.tails, graph.heads, graph.weights, strict=True))
    nodes = set(graph.heads)
    sweeps = 0
    while True:
        sweeps += 1
        changed = False
        for index, (tail, head, cost) in enumerate(edges):
            known = distances[tail]
            if known < _REACHED:
                found = known + cost
                if found + HALF < distances[head]:
                    distances[head] = found
                    via[head] = index
                    changed = True
        if not changed:
            return distances, via, []
        # Looking for cycles costs as much as a sweep, so every other one does.
        cycles = [] if sweeps % 2 else _cycles(nodes, graph.tails, via)
        if cycles:
            return distances, via, cycles


def _cycles(nodes: Iterable[int], tails: Sequence[int], via: Sequence[int]) -> list[list[int]]:
    """Return the cycles of the graph in which every node points back along its last edge."""
    mark = [0] * len(via)
    found = []
    for start in nodes:
        node = start
        while mark[node] == 0 and via[node] >= 0:
            mark[node] = start + 1
            node = tails[via[node]]
        if mark[node] == start + 1 and via[node] >= 0:
            found.append(_cycle_through(node, tails, via))
        mark[node] = mark[node] or start + 1
    return found


def _cycle_through(start: int, tails: Sequence[int], via: Sequence[int]) -> list[int]:
    edges: list[int] = []
    node = start
    while not edges or node != start:
        edges.append(via[node])
        node = tails[via[node]]
    return edges[::-1]


def negative_cycles(graph: Graph) -> list[list[Link]]:
    """Return some contradictory chains, none if there is no contradiction."""
    _, _, cycles = shortest(graph, None)
    return [_collapsed(graph, cycle) for cycle in cycles]


def _collapsed(graph: Graph, cycle: list[int]) -> list[Link]:
    """Return the chain with each stretch of one list as the one pair that it says."""
    tags = [graph.tags[edge] for edge in cycle]
    # Turn the circle until it starts where something else than a list's stretch ends.
    turn = next(i for i, tag in enumerate(tags) if isinstance(tag, Link) or tag is not tags[i - 1])
    links: list[Link] = []
    stretch: list[int] = []
    for edge in [*cycle[turn:], *cycle[:turn], None]:
        tag = None if edge is None else graph.tags[edge]
        if stretch and (edge is None or tag is not graph.tags[stretch[0]]):
            links.append(_stretch(graph, stretch))
            stretch = []
        if isinstance(tag, Link):
            links.append(tag)
        elif edge is not None:
            stretch.append(edge)
    return links


def _stretch(graph: Graph, edges: list[int]) -> Link:
    ranking = graph.tags[edges[0]]
    assert isinstance(ranking, Ranking)
    strict = any(graph.weights[edge] < 0 for edge in edges)
    return ranking.link(graph.tails[edges[0]], graph.heads[edges[-1]], strict)
