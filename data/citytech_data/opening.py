"""The stored standings of an embedded dataset, so that the first screen need not wait for Polars.

Importing Polars takes longer than drawing the first screen. `make opening` stores what it would
compute; a stored opening that no longer fits its dataset is not used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from citytech_data.catalogue import (
    embedded_folder,
    embedded_manifest,
    embedded_names,
    fingerprint,
)
from citytech_data.manifest import Manifest
from citytech_data.rows import StoredRows
from citytech_data.summary import Summary, summary
from citytech_data.vocabulary import ALL, MEASURES

FILE = "opening.json"


class Opening(NamedTuple):
    """What the first screen shows of a dataset, in its first year and for all technologies."""

    manifest: Manifest
    year: int
    years: tuple[int, ...]
    technologies: tuple[str, ...]
    columns: Mapping[str, Sequence[Any]]
    orders: Mapping[str, Sequence[int]]
    summaries: Mapping[str, Summary]

    def ranking(self, measure: str) -> StoredRows:
        """Return the standings in the order of `measure`, as `ranking.ranking` does."""
        return StoredRows(self.columns, self.orders[measure])


def unread(manifest: Manifest) -> Opening:
    """Return what is known of a dataset before its tables are read: no places, perhaps no year."""
    figures = [f"{m}_{name}" for m in MEASURES for name in ("value", "lower", "upper")]
    return Opening(
        manifest,
        year=manifest.year or 0,
        years=(),
        technologies=(ALL,),
        columns=dict.fromkeys(["code", "gdp_rank", *figures], ()),
        orders=dict.fromkeys(MEASURES, ()),
        summaries=dict.fromkeys(MEASURES, Summary(0, (), None, None, None, None)),
    )


def read_opening(name: str) -> Opening | None:
    """Return the stored opening of the embedded dataset `name`, None if it has none that fits."""
    folder = embedded_folder(name)
    path = folder / FILE
    if not path.is_file():
        return None
    stored = json.loads(path.read_text(encoding="utf-8"))
    if stored["fingerprint"] != fingerprint(folder):
        return None
    return Opening(
        manifest=embedded_manifest(name),
        year=stored["year"],
        years=tuple(stored["years"]),
        technologies=tuple(stored["technologies"]),
        columns=stored["columns"],
        orders=stored["orders"],
        summaries={measure: Summary(*found) for measure, found in stored["summaries"].items()},
    )


def opening_text(name: str) -> str:
    """Compute the content of the stored opening of the embedded dataset `name`."""
    from citytech_data.dataset import open_dataset
    from citytech_data.proven import proven_standings
    from citytech_data.ranking import ranking

    dataset = open_dataset(name)
    frame = proven_standings(dataset, dataset.year).with_row_index("_row")
    orders = {measure: ranking(frame, measure)["_row"].to_list() for measure in MEASURES}
    content = {
        "fingerprint": fingerprint(embedded_folder(name)),
        "year": dataset.year,
        "years": dataset.years,
        "technologies": dataset.technologies,
        "orders": orders,
        "summaries": {measure: summary(frame, measure) for measure in MEASURES},
        "columns": frame.drop("_row").to_dict(as_series=False),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"


def main() -> None:
    """Store the openings of all embedded datasets anew."""
    for name in embedded_names():
        (embedded_folder(name) / FILE).write_text(opening_text(name), encoding="utf-8")


if __name__ == "__main__":
    main()
