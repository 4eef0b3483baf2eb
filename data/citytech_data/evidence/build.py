"""From a dataset to its evidence: read, diagnose, prove under every smallest diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.evidence.applications import intervals
from citytech_data.evidence.bounds import prove
from citytech_data.evidence.diagnosis import diagnose
from citytech_data.evidence.model import (
    Bound,
    Conflict,
    Evidence,
    Interval,
    Remark,
    Rule,
    Statement,
    steps_of,
)
from citytech_data.evidence.reading import read_system
from citytech_data.evidence.system import View

_DOUBT = "doubt"
Intervals = Mapping[tuple[str, str], Interval]


def compute_evidence(dataset: Dataset, year: int) -> Evidence:
    """Return all that the claims and observations of `year` prove, and what contradicts."""
    system = read_system(dataset, year)
    found = diagnose(system)
    cases = [intervals(prove(View(system, retracted))) for retracted in found.cases]
    proven = cases[0] if len(cases) == 1 else _union(cases)
    alone = len(found.cases) == 1
    retracted = found.smallest[0].claims if alone and found.smallest else ()
    if alone and not found.exhaustive:
        retracted = tuple(sorted({unit.id for unit in found.cases[0]} | set(retracted)))
    return Evidence(
        dataset=dataset.name,
        year=year,
        intervals=proven,
        conflicts=tuple(found.conflicts),
        diagnoses=tuple(found.smallest),
        retracted=retracted,
        exhaustive=found.exhaustive,
        statements=_used(system.statements, proven, found.conflicts),
        names=dict(dataset.cities.select("code", "name_en").iter_rows()),
        remarks=_remarks(dataset),
    )


def _union(cases: Sequence[Intervals]) -> Intervals:
    """Return the intervals that hold in every case: the weakest bound of each."""
    shared = [key for key in cases[0] if all(key in case for case in cases)]
    result = {}
    for key in shared:
        found = [case[key] for case in cases]
        lower = _weakest([each.lower for each in found])
        upper = _weakest([each.upper for each in found])
        if lower or upper:
            result[key] = Interval(*key, lower, upper)
    return result


def _weakest(bounds: list[Bound | None]) -> Bound | None:
    known = [bound for bound in bounds if bound is not None]
    if len(known) < len(bounds):
        return None
    weakest = known[0]
    for bound in known[1:]:
        if weakest.tighter_than(bound):
            weakest = bound
    return Bound(
        place=weakest.place,
        measure=weakest.measure,
        side=weakest.side,
        exact=weakest.exact,
        strict=weakest.strict,
        rule=Rule.CASES,
        ids=(),
        premises=tuple(known),
        per=weakest.per,
    )


def _used(
    statements: Mapping[str, Statement], proven: Intervals, conflicts: Iterable[Conflict]
) -> dict[str, Statement]:
    """Return the claims, and of the observations those that a proof or conflict names."""
    bounds = [each for one in proven.values() for each in (one.lower, one.upper) if each]
    crossing = [bound for conflict in conflicts for bound in conflict.crossing]
    names = {name for step in steps_of([*bounds, *crossing]) for name in step.ids}
    names.update(step.per for step in steps_of([*bounds, *crossing]))
    names.update(name for conflict in conflicts for name in conflict.claims)
    return {
        name: statement
        for name, statement in statements.items()
        if statement.kind != "observation" or name in names
    }


def _remarks(dataset: Dataset) -> tuple[Remark, ...]:
    """Return the doubts that the dataset notes about sources that claim something."""
    claiming = dataset.claims["source"].unique().to_list()
    doubts = dataset.notes.filter((pl.col("topic") == _DOUBT) & pl.col("source").is_in(claiming))
    return tuple(Remark(*row) for row in doubts.select("place", "text_en", "source").iter_rows())
