"""The verb `check`: what claims prove, where they contradict, and what counts say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from citytech_data.confirming import Finding, Verdict, confirm
from citytech_data.proven import evidence_of
from citytech_data.vocabulary import MEASURES
from citytech_tui.format import COUNT, MISSING, interval_text
from citytech_tui.output import Block, Column, Heading, Lines, Report, Table
from citytech_tui.proofs import conflict_sentences, retraction_sentences
from citytech_tui.sentences import counted, exact, exact_text

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset
    from citytech_data.evidence.model import Bound, Evidence, Interval

CONTRADICTED = 1
"""The exit status where claims contradict each other, or counts contradict a claim."""


def check_report(dataset: Dataset, year: int) -> Report:
    """Return the conflicts, diagnoses and proven intervals of the claims on a year."""
    evidence = evidence_of(dataset, year)
    if evidence is None:
        nothing = f"{dataset.name} makes no claims on {year}, so none contradicts another."
        none: dict[str, Any] = {"conflicts": [], "diagnoses": [], "intervals": [], "remarks": []}
        return Report(
            lambda: [Lines([nothing])],
            document=lambda: {"dataset": dataset.name, "year": year, **none},
        )
    return Report(
        lambda: _evidence_blocks(dataset, evidence),
        document=lambda: _document(dataset, evidence),
        status=0 if evidence.consistent else CONTRADICTED,
    )


def confirmation_report(dataset: Dataset, counts: Dataset, year: int) -> Report:
    """Return claim by claim whether the figures of `counts` confirm `dataset`."""
    findings = confirm(dataset, counts, year)
    names = dict(dataset.cities.select("code", "name_en").iter_rows())

    def blocks() -> list[Block]:
        rows = [_finding_cells(finding, names) for finding in findings]
        columns = [
            Column("Claim"),
            Column("Says"),
            Column("Counted", right=True),
            Column("Verdict"),
        ]
        tally = ", ".join(
            f"{sum(finding.verdict is verdict for finding in findings)} {verdict}"
            for verdict in Verdict
        )
        heading = Heading(f"{dataset.name} held against {counts.name} · {year}")
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
    found = counted(len(evidence.conflicts), "contradiction", "contradictions")
    blocks.append(Lines([found if evidence.conflicts else "No claim contradicts another."]))
    for number, conflict in enumerate(evidence.conflicts, 1):
        blocks += [
            Heading(f"Contradiction {number}"),
            Lines(conflict_sentences(conflict, evidence, manifest)),
        ]
    if evidence.diagnoses:
        blocks += [Heading("What to give up"), Lines(retraction_sentences(evidence, manifest))]
    units = {measure: manifest.labels[measure].unit for measure in MEASURES}
    columns = [Column("Code", priority=1), Column("City", least=16)]
    columns += [Column(measure.capitalize(), right=True) for measure in MEASURES]
    rows = [
        (
            code,
            name,
            *(_interval_text(evidence.interval(code, m), m, units[m]) for m in MEASURES),
        )
        for code, name in dataset.cities.select("code", "name_en").iter_rows()
    ]
    blocks += [Heading("What the claims prove"), Table(columns, rows)]
    if evidence.remarks:
        texts = [
            f"{evidence.names.get(remark.place, remark.place)}: {remark.text}"
            for remark in evidence.remarks
        ]
        blocks += [Heading("Remarks"), Lines(texts)]
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
    if len(places) == 2:
        said = f"{places[0]} above {places[1]} by {finding.measure}"
    else:
        said = f"{places[0]}'s {finding.measure} {finding.op} {exact_text(finding.value)}"
    figures = " and ".join(
        MISSING if figure is None else exact_text(figure, digits=6) for figure in finding.figures
    )
    return finding.claim, said, figures, str(finding.verdict)


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
