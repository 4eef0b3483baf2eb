"""Smallest hitting sets: what to take back so that every known conflict loses a member.

Conflicts that share nothing are solved apart and their solutions combined. Within a component,
branch and bound over the members of a conflict that is not hit yet, as in Reiter's hitting set
tree (R. Reiter, "A theory of diagnosis from first principles", Artificial Intelligence 32, 1987).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice, product

from citytech_data.evidence.system import Unit

UnitSet = frozenset[Unit]
Cost = Callable[[Unit], int]

_MOST_BRANCHES = 50_000


class TooManyError(Exception):
    """The smallest sets cannot be found with reasonable effort."""


def smallest_hitting_sets(conflicts: Sequence[UnitSet], cost: Cost, most: int) -> list[UnitSet]:
    """Return the cheapest sets that share a member with every conflict, at most `most` of them.

    Raises:
        TooManyError: when the search takes too long.
    """
    parts = [_cheapest(component, cost) for component in _components(conflicts)]
    combined = (frozenset[Unit]().union(*choice) for choice in product(*parts))
    return list(islice(combined, most))


def _components(conflicts: Sequence[UnitSet]) -> list[list[UnitSet]]:
    """Return the conflicts in groups that have no member in common."""
    groups: list[tuple[set[Unit], list[UnitSet]]] = []
    for conflict in conflicts:
        joined: tuple[set[Unit], list[UnitSet]] = (set(conflict), [conflict])
        apart = []
        for group in groups:
            if group[0].isdisjoint(conflict):
                apart.append(group)
            else:
                joined[0].update(group[0])
                joined[1].extend(group[1])
        groups = [*apart, joined]
    return [group for _, group in groups]


def _cheapest(conflicts: list[UnitSet], cost: Cost) -> list[UnitSet]:
    costs = {unit: cost(unit) for conflict in conflicts for unit in conflict}
    # The cheapest of each are tried first, short conflicts first: they leave the fewest choices.
    ordered = [
        (conflict, sorted(conflict, key=lambda unit: (costs[unit], unit)))
        for conflict in sorted(conflicts, key=len)
    ]
    best: list[UnitSet] = []
    least = sum(costs.values())
    seen: set[UnitSet] = set()
    stack: list[tuple[UnitSet, int]] = [(frozenset(), 0)]
    while stack:
        chosen, spent = stack.pop()
        # What does not hit all yet needs more, so it must be cheaper than the best known.
        if spent >= least:
            continue
        branches = []
        choices = next(units for conflict, units in ordered if conflict.isdisjoint(chosen))
        for unit in choices:
            more, price = chosen | {unit}, spent + costs[unit]
            if price > least:
                break
            if more in seen:
                continue
            seen.add(more)
            if any(conflict.isdisjoint(more) for conflict, _ in ordered):
                branches.append((more, price))
            elif price < least:
                best, least = [more], price
            else:
                best.append(more)
        if len(seen) > _MOST_BRANCHES:
            raise TooManyError
        stack.extend(reversed(branches))
    return sorted(best, key=sorted)
