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
from citytech_tui.language import N_, _, localized, plural
from citytech_tui.names import listed, measure_text
from citytech_tui.sentences import exact_text

PROOF_TITLES = (N_("Proof that it is at least this"), N_("Proof that it is at most this"))
"""The headings of the proofs of a lower and an upper bound."""
_UNITS = {"population": N_("residents")}
_ANY_UNIT = N_("applications")
_TOGETHER = N_("all cities together have at most what the country has")
_FIXED = {
    Rule.SHARE: N_("a part is at most the whole"),
    Rule.SUM: _TOGETHER,
    Rule.SUM_OF_LOWER: _TOGETHER,
    Rule.QUOTIENT: N_("all applications are total ÷ proportion"),
    Rule.CASES: N_("this holds whichever smallest set of claims is given up"),
}
"""The reasons of the rules that need no claim to name."""
_GIVEN = {
    ">": N_("{city}'s {measure} is more than {amount}"),
    "<": N_("{city}'s {measure} is less than {amount}"),
    ">=": N_("{city}'s {measure} is at least {amount}"),
    "<=": N_("{city}'s {measure} is at most {amount}"),
}
_LIMITS = {
    # the side, and whether the bound itself is excluded
    (Side.UPPER, True): N_("below {bound}"),
    (Side.UPPER, False): N_("at most {bound}"),
    (Side.LOWER, True): N_("above {bound}"),
    (Side.LOWER, False): N_("at least {bound}"),
}


def proof_sentences(bound: Bound, evidence: Evidence, manifest: Manifest) -> list[str]:
    """Return the steps of a proof in order, each with the ids of its sources in brackets."""
    steps = []
    for step in bound.steps:
        reason = _reason(step, evidence, manifest)
        figure = _figure(step, evidence)
        if reason.startswith(figure):
            words = _("{reason}, so it is {limit}{sources}.")
        else:
            words = _("{reason}, so {figure} is {limit}{sources}.")
        limit, sources = _limit(step, manifest), _sources(step.ids, evidence)
        steps.append(words.format(reason=reason, figure=figure, limit=limit, sources=sources))
    return steps


def conflict_sentences(conflict: Conflict, evidence: Evidence, manifest: Manifest) -> list[str]:
    """Return what the claims of a conflict say, one sentence each, and why they cannot all hold."""
    said = [
        _("{claim}{sources}.").format(
            claim=statement_text(name, evidence, manifest), sources=_sources((name,), evidence)
        )
        for name in conflict.claims
    ]
    if conflict.crossing:
        lower, upper = conflict.crossing
        end = _("Together: {figure} is {lower} and {upper}.").format(
            figure=_figure(lower, evidence),
            lower=_limit(lower, manifest),
            upper=_limit(upper, manifest),
        )
    else:
        end = _(
            "Together they say that a figure is at most {share} of itself: they cannot all be true."
        ).format(share=localized(f"{float(conflict.product) * 100:,.0f}") + " %")
    return [*said, end]


def retraction_sentences(evidence: Evidence, manifest: Manifest) -> list[str]:
    """Return which claims the smallest sets of retractions give up, and what bounds make of it."""
    sentences = []
    for diagnosis in evidence.diagnoses:
        words = plural(
            "Without this claim nothing contradicts: {claims}.",
            "Without these claims nothing contradicts: {claims}.",
            len(diagnosis.claims),
        )
        said = _statements(diagnosis.claims, evidence, manifest)
        sentences.append(words.format(claims=said))
    if not evidence.exhaustive:
        sentences.append(_("There may be smaller choices; bounds here use none of these claims."))
    elif len(sentences) == 1:
        sentences.append(_("It is the only smallest choice, so no bound here uses it."))
    elif sentences:
        sentences.append(_("The bounds here hold whichever of these choices is right."))
    return sentences


def _statements(ids: tuple[str, ...], evidence: Evidence, manifest: Manifest) -> str:
    return _("; ").join(statement_text(name, evidence, manifest) for name in ids)


def statement_text(name: str, evidence: Evidence, manifest: Manifest) -> str:
    """Return what the claim or observation with this id says."""
    statement, places = evidence.resolve(name)
    names = [evidence.names.get(place, place) for place in places]
    if statement.kind == "ranking" and name not in evidence.statements and len(places) == 2:
        return _pair_text(statement, places, names)
    values = {"city": names[0], "measure": measure_text(statement.measure)}
    if statement.kind == "ranking" and len(places) == 1:
        return _("{city} has its place in the {measure} list").format(**values)
    if statement.kind == "ranking":
        return _("the {measure} list of {count} is right").format(
            measure=values["measure"], count=len(statement.places)
        )
    if statement.kind == "member":
        amount = exact_text(statement.value)
        return _("{city} is in the top {amount} by {measure}").format(amount=amount, **values)
    words = (
        _(_GIVEN[statement.op]) if statement.op in _GIVEN else _("{city}'s {measure} is {amount}")
    )
    amount = exact_text(statement.value, _unit(statement.measure, manifest))
    return words.format(amount=amount, **values)


def _pair_text(statement: Statement, places: tuple[str, ...], names: list[str]) -> str:
    above, below = (
        statement.places.index(place) + 1 if place in statement.places else None for place in places
    )
    if above is None or below is None:
        words = _(
            "{below} is not in the {measure} list and so below all that are, "
            "also {above} (place {place} of {count})"
        )
    else:
        words = _(
            "{below}'s {measure} is below {above}'s ({measure} list, places {place} and {other})"
        )
    return words.format(
        above=names[0],
        below=names[1],
        measure=measure_text(statement.measure),
        place=above,
        other=below,
        count=len(statement.places),
    )


def _reason(step: Bound, evidence: Evidence, manifest: Manifest) -> str:
    if step.rule in _FIXED:
        return _(_FIXED[step.rule])
    if step.rule is Rule.RATIO:
        return _ratio(step, evidence)
    said = _statements(step.ids, evidence, manifest)
    if step.rule in (Rule.TOP, Rule.COUNT):
        return _("{claims}, and as many others are known to reach that").format(claims=said)
    return said


def _ratio(step: Bound, evidence: Evidence) -> str:
    statement, places = evidence.resolve(step.ids[0])
    city = evidence.names.get(places[0], places[0])
    unit = _(_UNITS.get(statement.measure, _ANY_UNIT))
    divisor, factor = exact_text(statement.value, unit), localized("10,000")
    if "proportion" in (step.measure, step.premises[0].measure):
        factor = "100"
    if step.measure in ("density", "proportion"):
        words = _("{city}'s {measure} is its {other} ÷ {divisor} × {factor}")
    else:
        words = _("{city}'s {measure} is its {other} × {divisor} ÷ {factor}")
    return words.format(
        city=city,
        measure=measure_text(step.measure),
        other=measure_text(step.premises[0].measure),
        divisor=divisor,
        factor=factor,
    )


def _figure(step: Bound, evidence: Evidence) -> str:
    city = evidence.names.get(step.place, step.place)
    if step.measure == APPLICATIONS:
        return _("{city}'s number of all applications").format(city=city)
    return _("{city}'s {measure}").format(city=city, measure=measure_text(step.measure))


def _limit(step: Bound, manifest: Manifest) -> str:
    upper = step.side is Side.UPPER
    # A figure below 4,375.3 is at most 4,375 if it is a whole number, but not below 4,375.
    unit = _unit(step.measure, manifest)
    digits = bound_text(step.value, unit, upper=upper, whole=False)
    if step.measure == COUNT:
        digits = localized(f"{step.value:,.1f}".removesuffix(".0"))
    bound = f"{digits} %" if unit == "%" else digits
    return _(_LIMITS[step.side, step.strict]).format(bound=bound)


def _unit(measure: str, manifest: Manifest) -> str:
    if measure in manifest.labels:
        return manifest.labels[measure].unit
    known = _UNITS.get(measure)
    return manifest.stored_label(measure).unit if known is None else _(known)


def _sources(ids: tuple[str, ...], evidence: Evidence) -> str:
    sources = dict.fromkeys(_named_sources(ids, evidence))
    return f" [{listed(sources)}]" if sources else ""


def _named_sources(ids: tuple[str, ...], evidence: Evidence) -> Iterator[str]:
    for name in ids:
        if name != SHARE:
            statement = evidence.resolve(name)[0]
            quote = f" “{statement.quote}”" if statement.quote else ""
            yield f"{statement.source}{quote}"
