"""What the claims of a dataset prove: intervals with proofs, conflicts and their diagnoses.

`evidence` computes them, `faults` verifies every proof from the claims alone; `model` holds the
results, which `store` writes and reads. Nothing heavy is imported before one of them is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset
    from citytech_data.evidence.model import Evidence

__all__ = ["evidence", "faults"]


def evidence(dataset: Dataset, year: int | None = None) -> Evidence:
    """Return all that the dataset's claims and observations of a year prove."""
    from citytech_data.evidence.build import compute_evidence

    return compute_evidence(dataset, dataset.year if year is None else year)


def faults(dataset: Dataset, found: Evidence) -> list[str]:
    """Return the bounds that their proofs do not prove, with the reason; none if all hold."""
    from citytech_data.evidence.verify import faults as faults_of

    return faults_of(dataset, found)
