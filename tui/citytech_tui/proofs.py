"""Proofs and conflicts in plain sentences, each naming the source it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from citytech_data.evidence.model import (
    APPLICATIONS,
    SHARE,
    Bound,
    Conflict,
    Evidence,
    Rule,
    Side,
    Statement,
)
from citytech_data.manifest import Manifest
from citytech_tui.format import COUNT, bound_text
from citytech_tui.sentences import exact_text

_UNITS = {"population": "residents"}
_TOGETHER = "all cities together have at most what the country has"
_FIXED = {
    Rule.SHARE: "a part is at most the whole",
    Rule.SUM: _TOGETHER,
    Rule.SUM_OF_LOWER: _TOGETHER,
    Rule.QUOTIENT: "all applications are total ÷ proportion",
    Rule.CASES: "this holds whichever smallest set of claims is given up",
}
"""The reasons of the rules that need no claim to name."""


def proof_sentences(bound: Bound, evidence: Evidence, manifest: Manifest) -> list[str]:
    """Return the steps of a proof in order, each with the ids of its sources in brackets."""
    steps = []
    for step in bound.steps:
        reason = _reason(step, evidence, manifest)
        figure = _figure(step, evidence)
        subject = "it" if reason.startswith(figure) else figure
        result = f"{subject} is {_limit(step, manifest)}"
        sources = _sources(step.ids, evidence)
        steps.append(f"{reason}, so {result}{sources}.")
    return steps


def conflict_sentences(conflict: Conflict, evidence: Evidence, manifest: Manifest) -> list[str]:
    """Return what the claims of a conflict say, one sentence each, and why they cannot all hold."""
    said = [
        f"{statement_text(name, evidence, manifest)}{_sources((name,), evidence)}."
        for name in conflict.claims
    ]
    if conflict.crossing:
        lower, upper = conflict.crossing
        place = _figure(lower, evidence)
        end = f"Together: {place} is {_limit(lower, manifest)} and {_limit(upper, manifest)}."
    else:
        percent = float(conflict.product) * 100
        end = (
            "Together they say that a figure is at most "
            f"{percent:,.0f} % of itself: they cannot all be true."
        )
    return [*said, end]


def retraction_sentences(evidence: Evidence, manifest: Manifest) -> list[str]:
    """Return which claims the smallest sets of retractions give up, and what bounds make of it."""
    sentences = []
    for diagnosis in evidence.diagnoses:
        said = "; ".join(statement_text(name, evidence, manifest) for name in diagnosis.claims)
        claims = "this claim" if len(diagnosis.claims) == 1 else "these claims"
        sentences.append(f"Without {claims} nothing contradicts: {said}.")
    if not evidence.exhaustive:
        sentences.append("There may be smaller choices; bounds here use none of these claims.")
    elif len(sentences) == 1:
        sentences.append("It is the only smallest choice, so no bound here uses it.")
    elif sentences:
        sentences.append("The bounds here hold whichever of these choices is right.")
    return sentences


def statement_text(name: str, evidence: Evidence, manifest: Manifest) -> str:
    """Return what the claim or observation with this id says."""
    statement, places = evidence.resolve(name)
    names = [evidence.names.get(place, place) for place in places]
    if statement.kind == "ranking" and name not in evidence.statements and len(places) == 2:
        return _pair_text(statement, places, names)
    if statement.kind == "ranking" and len(places) == 1:
        return f"{names[0]} has its place in the {statement.measure} list"
    if statement.kind == "ranking":
        return f"the {statement.measure} list of {len(statement.places)} is right"
    if statement.kind == "member":
        return f"{names[0]} is in the top {exact_text(statement.value)} by {statement.measure}"
    words = {">": "more than ", "<": "less than ", ">=": "at least ", "<=": "at most "}
    unit = _unit(statement.measure, manifest)
    said = words.get(statement.op, "") + exact_text(statement.value, unit)
    return f"{names[0]}'s {statement.measure} is {said}"


def _pair_text(statement: Statement, places: tuple[str, ...], names: list[str]) -> str:
    above, below = (
        statement.places.index(place) + 1 if place in statement.places else None for place in places
    )
    measure = statement.measure
    if above is None or below is None:
        place = f"place {above} of {len(statement.places)}"
        outside = f"{names[1]} is not in the {measure} list"
        return f"{outside} and so below all that are, also {names[0]} ({place})"
    return (
        f"{names[1]}'s {measure} is below {names[0]}'s ({measure} list, places {above} and {below})"
    )


def _reason(step: Bound, evidence: Evidence, manifest: Manifest) -> str:
    if step.rule in _FIXED:
        return _FIXED[step.rule]
    if step.rule is Rule.RATIO:
        return _ratio(step, evidence)
    said = "; ".join(statement_text(name, evidence, manifest) for name in step.ids)
    enough = step.rule in (Rule.TOP, Rule.COUNT)
    return f"{said}, and as many others are known to reach that" if enough else said


def _ratio(step: Bound, evidence: Evidence) -> str:
    statement, places = evidence.resolve(step.ids[0])
    city = evidence.names.get(places[0], places[0])
    unit = _UNITS.get(statement.measure, "applications")
    divisor, factor = exact_text(statement.value, unit), "10,000"
    if "proportion" in (step.measure, step.premises[0].measure):
        factor = "100"
    ratio = step.premises[0].measure
    if step.measure in ("density", "proportion"):
        return f"{city}'s {step.measure} is its {ratio} ÷ {divisor} × {factor}"
    return f"{city}'s {step.measure} is its {ratio} × {divisor} ÷ {factor}"


def _figure(step: Bound, evidence: Evidence) -> str:
    measure = "number of all applications" if step.measure == APPLICATIONS else step.measure
    return f"{evidence.names.get(step.place, step.place)}'s {measure}"


def _limit(step: Bound, manifest: Manifest) -> str:
    upper = step.side is Side.UPPER
    words = (
        ("below" if step.strict else "at most")
        if upper
        else ("above" if step.strict else "at least")
    )
    # A figure below 4,375.3 is at most 4,375 if it is a whole number, but not below 4,375.
    unit = _unit(step.measure, manifest)
    digits = bound_text(step.value, unit, upper=upper, whole=False)
    if step.measure == COUNT:
        digits = f"{step.value:,.1f}".removesuffix(".0")
    return f"{words} {digits}{' %' if unit == '%' else ''}"


def _unit(measure: str, manifest: Manifest) -> str:
    if measure in manifest.labels:
        return manifest.labels[measure].unit
    return _UNITS.get(measure, manifest.stored_label(measure).unit)


def _sources(ids: tuple[str, ...], evidence: Evidence) -> str:
    sources = dict.fromkeys(_named_sources(ids, evidence))
    return f" [{', '.join(sources)}]" if sources else ""


def _named_sources(ids: tuple[str, ...], evidence: Evidence) -> Iterator[str]:
    for name in ids:
        if name != SHARE:
            statement = evidence.resolve(name)[0]
            quote = f" “{statement.quote}”" if statement.quote else ""
            yield f"{statement.source}{quote}"
