"""Put what the claims prove into the standings, where no source gives a value."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.evidence.model import SHARE, Evidence
from citytech_data.measures import Method
from citytech_data.ranking import standings
from citytech_data.vocabulary import MEASURES


def evidence_of(dataset: Dataset, year: int) -> Evidence | None:
    """Return what the claims on `year` prove; None if the dataset makes none."""
    if dataset.claims.filter(pl.col("year") == year).is_empty():
        return None
    from citytech_data.evidence.build import compute_evidence

    return compute_evidence(dataset, year)


def proven_standings(dataset: Dataset, year: int) -> pl.DataFrame:
    """Return the standings of a year, for all technologies, with what the claims prove."""
    frame, evidence = standings(dataset, year), evidence_of(dataset, year)
    return frame if evidence is None else with_evidence(frame, evidence)


def with_evidence(
    frame: pl.DataFrame, evidence: Evidence, measures: Sequence[str] = MEASURES
) -> pl.DataFrame:
    """Return the standings `frame` with the proven bounds of every figure that has no value.

    Only the figures of `measures` are touched.

    Such a figure gets the bounds of `evidence`, the basis `bounded` (or `missing` where nothing
    is proven), the method `proven` and the sources of its proof. `m_disputed` says whether a
    claim on a city's figure in measure `m` is retracted by a smallest diagnosis.
    """
    return frame.with_columns(
        column
        for measure in measures
        for column in _columns(frame, _proven(frame["code"], evidence, measure), measure)
    )


def _proven(codes: pl.Series, evidence: Evidence, measure: str) -> pl.DataFrame:
    rows = []
    for code in codes:
        interval = evidence.interval(code, measure)
        bounds = [bound for bound in (interval.lower, interval.upper) if bound is not None]
        ids = dict.fromkeys(name for bound in bounds for name in bound.proof)
        # That a part is at most the whole is a definition: no source says it.
        said = (name for name in ids if name != SHARE)
        sources = dict.fromkeys(evidence.resolve(name)[0].source for name in said)
        rows.append(
            (
                None if interval.lower is None else interval.lower.value,
                None if interval.upper is None else interval.upper.value,
                ";".join(sources) or None,
                evidence.disputed(code, measure),
            )
        )
    schema = {
        "lower": pl.Float64,
        "upper": pl.Float64,
        "source": pl.String,
        "disputed": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _columns(frame: pl.DataFrame, proven: pl.DataFrame, measure: str) -> list[pl.Series]:
    value, lower, upper = frame[f"{measure}_value"], proven["lower"], proven["upper"]
    bounded = lower.is_not_null() | upper.is_not_null()
    basis = bounded.replace_strict({True: "bounded", False: "missing"}, return_dtype=pl.String)
    method = bounded.replace_strict({True: str(Method.PROVEN), False: None}, return_dtype=pl.String)
    nothing = pl.Series([None] * len(proven), dtype=pl.Float64)
    replaced = {
        "lower": lower,
        "upper": upper,
        "source": proven["source"],
        "basis": basis,
        "method": method,
        "left": nothing,
        "right": nothing,
    }
    known = value.is_not_null()
    columns = [frame[f"{measure}_{name}"].zip_with(known, new) for name, new in replaced.items()]
    return [*columns, proven["disputed"].alias(f"{measure}_disputed")]
