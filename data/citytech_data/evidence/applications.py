"""From proven bounds to reported intervals; all applications follow from total and proportion.

All applications = total / proportion. Where a source gives them, they are a constraint between
the two and shortest paths have used it. Where none does, interval arithmetic bounds them, and
nothing is left to tighten: what would come back to total and proportion is their own bounds.
"""

from __future__ import annotations

from fractions import Fraction

from citytech_data.evidence.bounds import Proofs
from citytech_data.evidence.model import APPLICATIONS, Bound, Interval, Rule, Side
from citytech_data.evidence.system import Unit
from citytech_data.measures import PERCENT


def intervals(proofs: Proofs) -> dict[tuple[str, str], Interval]:
    """Return the reported interval of every figure of which anything is proven."""
    system = proofs.view.system
    result = {
        (code, measure): Interval(code, measure, proofs.lower.get(node), proofs.upper.get(node))
        for (code, measure), node in system.reported.items()
        if node in proofs.lower or node in proofs.upper
    }
    if system.share_of_place:
        for code in system.codes:
            interval = _applications(proofs, code)
            if interval.lower or interval.upper:
                result[code, APPLICATIONS] = interval
    return result


def _applications(proofs: Proofs, code: str) -> Interval:
    total, share = (proofs.view.system.reported[code, each] for each in ("total", "proportion"))
    lower = _quotient(code, proofs.lower.get(total), proofs.upper.get(share), Side.LOWER)
    upper = _quotient(code, proofs.upper.get(total), proofs.lower.get(share), Side.UPPER)
    name, least, most = proofs.view.system.applications.get(code, ("", None, None))
    if name and proofs.view.active(Unit(name)):
        observed = [
            Bound(code, APPLICATIONS, side, value, False, Rule.OBSERVED, (name,))
            for side, value in ((Side.LOWER, least), (Side.UPPER, most))
            if value is not None
        ]
        for bound in observed:
            if bound.side is Side.LOWER and not (lower and lower.tighter_than(bound)):
                lower = bound
            if bound.side is Side.UPPER and not (upper and upper.tighter_than(bound)):
                upper = bound
    return Interval(code, APPLICATIONS, lower, upper)


def _quotient(code: str, total: Bound | None, share: Bound | None, side: Side) -> Bound | None:
    if total is None or share is None or not share.exact:
        return None
    exact: Fraction = total.exact * PERCENT / share.exact
    strict = total.strict or share.strict
    return Bound(code, APPLICATIONS, side, exact, strict, Rule.QUOTIENT, (), (total, share))
