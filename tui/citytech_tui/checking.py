"""The verb `check`: what claims prove, where they contradict, and what counts say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from citytech_data.confirming import Finding, Verdict, confirm
from citytech_data.proven import evidence_of
from citytech_data.vocabulary import MEASURES
from citytech_tui.blocks import Block, Column, Heading, Lines, Table
from citytech_tui.format import COUNT, MISSING, interval_text
from citytech_tui.language import N_, _, plural
from citytech_tui.names import listed, measure_text, measure_title, named, note_text, place_names
from citytech_tui.output import Report
from citytech_tui.proofs import conflict_sentences, retraction_sentences
from citytech_tui.sentences import exact, exact_text

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset
    from citytech_data.evidence.model import Bound, Evidence, Interval

_VERDICTS = {
    Verdict.HOLDS: N_("holds"),
    Verdict.FAILS: N_("fails"),
    Verdict.CANNOT_TELL: N_("cannot tell"),
}

CONTRADICTED = 1
"""The exit status where claims contradict each other, or counts contradict a claim."""


def check_report(dataset: Dataset, year: int) -> Report:
    """Return the conflicts, diagnoses and proven intervals of the claims on a year."""
    evidence = evidence_of(dataset, year)
    if evidence is None:
        nothing = _("{dataset} makes no claims on {year}, so none contradicts another.").format(
            dataset=dataset.name, year=year
        )
        none: dict[str, Any] = {"conflicts": [], "diagnoses": [], "intervals": [], "remarks": []}
        return Report(
            lambda: [Lines([nothing])],
            document=lambda: {"dataset": dataset.name, "year": year, **none},
        )
    return Report(
        lambda: _evidence_blocks(dataset, named(evidence, dataset)),
        document=lambda: _document(dataset, evidence),
        status=0 if evidence.consistent else CONTRADICTED,
    )


def confirmation_report(dataset: Dataset, counts: Dataset, year: int) -> Report:
    """Return claim by claim whether the figures of `counts` confirm `dataset`."""
    findings = confirm(dataset, counts, year)
    names = place_names(dataset)

    def blocks() -> list[Block]:
        rows = [_finding_cells(finding, names) for finding in findings]
        columns = [
            Column(_("Claim")),
            Column(_("Says")),
            Column(_("Counted"), right=True),
            Column(_("Verdict")),
        ]
        tally = listed(
            f"{sum(finding.verdict is verdict for finding in findings)} {_(_VERDICTS[verdict])}"
            for verdict in Verdict
        )
        heading = Heading(
            _("{dataset} held against {counts} · {year}").format(
                dataset=dataset.name, counts=counts.name, year=year
            )
        )
        return [heading, Table(columns, rows), Lines([tally])]

    fails = any(finding.verdict is Verdict.FAILS for finding in findings)
    return Report(
        blocks,
        document=lambda: {"findings": [_finding_record(finding) for finding in findings]},
        status=CONTRADICTED if fails else 0,
    )


def _evidence_blocks(dataset: Dataset, evidence: Evidence) -> list[Block]:
    manifest = dataset.manifest
    blocks: list[Block] = [Heading(f"{dataset.name} · {evidence.year}")]
    found = plural("{number} contradiction", "{number} contradictions", len(evidence.conflicts))
    if not evidence.conflicts:
        found = _("No claim contradicts another.")
    blocks.append(Lines([found.format(number=len(evidence.conflicts))]))
    for number, conflict in enumerate(evidence.conflicts, 1):
        blocks += [
            Heading(_("Contradiction {number}").format(number=number)),
            Lines(conflict_sentences(conflict, evidence, manifest)),
        ]
    if evidence.diagnoses:
        blocks += [Heading(_("What to give up")), Lines(retraction_sentences(evidence, manifest))]
    units = {measure: manifest.labels[measure].unit for measure in MEASURES}
    columns = [Column(_("Code"), priority=1), Column(_("City"), least=16)]
    columns += [Column(measure_title(measure), right=True) for measure in MEASURES]
    rows = [
        (
            code,
            name,
            *(_interval_text(evidence.interval(code, m), m, units[m]) for m in MEASURES),
        )
        for code, name in place_names(dataset).items()
    ]
    blocks += [Heading(_("What the claims prove")), Table(columns, rows)]
    if evidence.remarks:
        notes = {note["text_en"]: note_text(note) for note in dataset.notes.iter_rows(named=True)}
        texts = [
            _("{place}: {text}").format(
                place=evidence.names.get(remark.place, remark.place),
                text=notes.get(remark.text, remark.text),
            )
            for remark in evidence.remarks
        ]
        blocks += [Heading(_("Remarks")), Lines(texts)]
    return blocks


def _interval_text(interval: Interval, measure: str, unit: str) -> str:
    lower, upper = (None if bound is None else bound.value for bound in _bounds(interval))
    return interval_text(lower, upper, unit, whole=measure == COUNT)


def _bounds(interval: Interval) -> tuple[Bound | None, Bound | None]:
    return interval.lower, interval.upper


def _document(dataset: Dataset, evidence: Evidence) -> dict[str, Any]:
    manifest = dataset.manifest
    return {
        "dataset": dataset.name,
        "year": evidence.year,
        "conflicts": [
            {
                "claims": list(conflict.claims),
                "explanation": " ".join(conflict_sentences(conflict, evidence, manifest)),
            }
            for conflict in evidence.conflicts
        ],
        "diagnoses": [list(diagnosis.claims) for diagnosis in evidence.diagnoses],
        "intervals": list(_interval_records(evidence.intervals.values())),
        "remarks": [
            {"place": remark.place, "text": remark.text, "source": remark.source}
            for remark in evidence.remarks
        ],
    }


def _interval_records(intervals: Iterable[Interval]) -> Iterable[dict[str, Any]]:
    for interval in intervals:
        bounds = [bound for bound in _bounds(interval) if bound is not None]
        yield {
            "code": interval.code,
            "measure": interval.measure,
            "lower": None if interval.lower is None else exact(interval.lower.value),
            "upper": None if interval.upper is None else exact(interval.upper.value),
            "proof": list(dict.fromkeys(name for bound in bounds for name in bound.proof)),
        }


def _finding_cells(finding: Finding, names: Mapping[str, str]) -> tuple[str, ...]:
    places = [names.get(place, place) for place in finding.places]
    measure = measure_text(finding.measure)
    if len(places) == 2:
        words = _("{above} above {below} by {measure}")
        said = words.format(above=places[0], below=places[1], measure=measure)
    else:
        words = _("{city}'s {measure} {op} {amount}")
        amount = exact_text(finding.value)
        said = words.format(city=places[0], measure=measure, op=finding.op, amount=amount)
    figures = _(" and ").join(
        MISSING if figure is None else exact_text(figure, digits=6) for figure in finding.figures
    )
    return finding.claim, said, figures, _(_VERDICTS[finding.verdict])


def _finding_record(finding: Finding) -> dict[str, Any]:
    return {
        "claim": finding.claim,
        "measure": finding.measure,
        "places": list(finding.places),
        "op": finding.op,
        "value": finding.value,
        "figures": list(finding.figures),
        "verdict": str(finding.verdict),
    }
