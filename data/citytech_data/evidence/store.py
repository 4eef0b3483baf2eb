"""Evidence as JSON, and the evidence stored beside each embedded dataset.

Proofs share their steps, so bounds are stored once, each after its premises, and refer to these
by number. Fractions are stored as text: what is read is exactly what was computed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from citytech_data.catalogue import embedded_folder, embedded_names, fingerprint
from citytech_data.evidence.model import (
    Bound,
    Conflict,
    ConflictStep,
    Diagnosis,
    Evidence,
    Interval,
    Remark,
    Rule,
    Side,
    Statement,
    steps_of,
)

FILE = "evidence.json"
_FORMAT = 1


def to_json(evidence: Evidence, **more: object) -> str:
    """Return `evidence` as JSON; `more` is stored beside it."""
    ends = [each for one in evidence.intervals.values() for each in (one.lower, one.upper)]
    crossing = [bound for conflict in evidence.conflicts for bound in conflict.crossing]
    bounds = list(steps_of([*(bound for bound in ends if bound), *crossing]))
    numbers = {bound: number for number, bound in enumerate(bounds)}
    content = {
        "format": _FORMAT,
        **more,
        "dataset": evidence.dataset,
        "year": evidence.year,
        "exhaustive": evidence.exhaustive,
        "retracted": evidence.retracted,
        "diagnoses": [asdict(diagnosis) for diagnosis in evidence.diagnoses],
        "conflicts": [_conflict_row(conflict, numbers) for conflict in evidence.conflicts],
        "intervals": [
            [one.code, one.measure, *(bound and numbers[bound] for bound in (one.lower, one.upper))]
            for one in evidence.intervals.values()
        ],
        "bounds": [_bound_row(bound, numbers) for bound in bounds],
        "statements": [asdict(statement) for statement in evidence.statements.values()],
        "names": evidence.names,
        "remarks": [asdict(remark) for remark in evidence.remarks],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"


def from_json(text: str) -> Evidence:
    """Return the evidence that `to_json` wrote."""
    stored = json.loads(text)
    bounds: list[Bound] = []
    for row in stored["bounds"]:
        bounds.append(_bound(row, bounds))
    statements = [
        Statement(**(row | {"places": tuple(row["places"])})) for row in stored["statements"]
    ]
    return Evidence(
        dataset=stored["dataset"],
        year=stored["year"],
        intervals={
            (code, measure): Interval(code, measure, _at(bounds, lower), _at(bounds, upper))
            for code, measure, lower, upper in stored["intervals"]
        },
        conflicts=tuple(_conflict(row, bounds) for row in stored["conflicts"]),
        diagnoses=tuple(
            Diagnosis(tuple(row["claims"]), row["cost"]) for row in stored["diagnoses"]
        ),
        retracted=tuple(stored["retracted"]),
        exhaustive=stored["exhaustive"],
        statements={statement.id: statement for statement in statements},
        names=stored["names"],
        remarks=tuple(Remark(**row) for row in stored["remarks"]),
    )


def read_evidence(name: str) -> Evidence | None:
    """Return the stored evidence of an embedded dataset, None if it has none that fits."""
    path = embedded_folder(name) / FILE
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    stored = json.loads(text)
    current = (_FORMAT, fingerprint(path.parent))
    return from_json(text) if (stored["format"], stored["fingerprint"]) == current else None


def evidence_text(name: str) -> str:
    """Compute what is stored for the embedded dataset `name`."""
    from citytech_data.dataset import open_dataset
    from citytech_data.evidence.build import compute_evidence

    dataset = open_dataset(name)
    evidence = compute_evidence(dataset, dataset.year)
    return to_json(evidence, fingerprint=fingerprint(embedded_folder(name)))


def write_all() -> None:
    """Store the evidence of all embedded datasets that make claims anew."""
    from citytech_data.dataset import open_dataset

    for name in embedded_names():
        if open_dataset(name).claims.is_empty():
            continue
        (embedded_folder(name) / FILE).write_text(evidence_text(name), encoding="utf-8")


def _at(bounds: Sequence[Bound], number: int | None) -> Bound | None:
    return None if number is None else bounds[number]


def _bound_row(bound: Bound, numbers: dict[Bound, int]) -> list[Any]:
    premises = [numbers[premise] for premise in bound.premises]
    figure = (bound.place, bound.measure, bound.per, bound.side)
    return [*figure, str(bound.exact), bound.strict, bound.rule, bound.ids, premises]


def _bound(row: list[Any], known: Sequence[Bound]) -> Bound:
    place, measure, per, side, exact, strict, rule, ids, premises = row
    return Bound(
        place=place,
        measure=measure,
        side=Side(side),
        exact=Fraction(exact),
        strict=strict,
        rule=Rule(rule),
        ids=tuple(ids),
        premises=tuple(known[number] for number in premises),
        per=per,
    )


def _conflict_row(conflict: Conflict, numbers: dict[Bound, int]) -> dict[str, Any]:
    return {
        "claims": conflict.claims,
        "retractable": conflict.retractable,
        "steps": [
            [step.id, step.tail, step.head, str(step.factor), step.strict]
            for step in conflict.steps
        ],
        "crossing": [numbers[bound] for bound in conflict.crossing],
    }


def _conflict(row: dict[str, Any], bounds: Sequence[Bound]) -> Conflict:
    return Conflict(
        claims=tuple(row["claims"]),
        retractable=tuple(row["retractable"]),
        steps=tuple(_conflict_steps(row["steps"])),
        crossing=tuple(bounds[number] for number in row["crossing"]),
    )


def _conflict_steps(rows: Iterable[Sequence[Any]]) -> Iterable[ConflictStep]:
    for name, (tail_measure, tail), (head_measure, head), factor, strict in rows:
        yield ConflictStep(
            name, (tail_measure, tail), (head_measure, head), Fraction(factor), strict
        )
