"""What the screen may ask of the data, answered from the stored opening until the dataset is read.

Polars is imported by `load`, which runs after the first screen is painted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from citytech_data.opening import Opening
from citytech_data.rows import FrameRows, Row, Rows, StoredRows
from citytech_data.vocabulary import ALL
from citytech_tui.selection import Selection

if TYPE_CHECKING:
    import polars as pl

    from citytech_data.dataset import Dataset
    from citytech_data.evidence.model import Evidence

Sort = tuple[str, bool]
"""A column of the standings and whether it descends."""


class DataView:
    """The standings of one dataset, computed once per year and technology."""

    def __init__(
        self, opening: Opening | None, dataset: Dataset | None = None, origin: str = ""
    ) -> None:
        """Answer from `opening` until there is a `dataset`; one of them must be given.

        `origin` is the path that it was read from; without it, it is an embedded one.
        """
        first = opening or dataset
        if first is None:
            raise ValueError("neither an opening nor a dataset")
        self._opening = opening
        self.dataset = dataset
        self.manifest = first.manifest
        self.origin = origin or first.manifest.name
        self.year = first.year
        self.years = first.years
        self.technologies = first.technologies
        self._standings: dict[tuple[int, str, bool], pl.DataFrame] = {}
        self._evidence: dict[int, Evidence | None] = {}

    def load(self) -> None:
        """Read the dataset if it is not there yet."""
        if self.dataset is None:
            from citytech_data.dataset import open_dataset
            from citytech_data.evidence.store import read_evidence

            # What the first screen needs is computed here, off the event loop.
            loaded = DataView(None, open_dataset(self.manifest.name))
            stored = read_evidence(self.manifest.name)
            if stored is not None:
                loaded._evidence[stored.year] = stored
            loaded.standings(Selection(self.year))
            self._standings, self._evidence = loaded._standings, loaded._evidence
            self.dataset = loaded.dataset

    def evidence(self, year: int) -> Evidence | None:
        """Return what the claims prove of a year; None if the dataset makes none of it.

        Raises:
            RuntimeError: before the dataset is loaded.
        """
        if self.dataset is None:
            raise RuntimeError("the dataset is not loaded")
        if year not in self._evidence:
            from citytech_data.proven import evidence_of

            self._evidence[year] = evidence_of(self.dataset, year)
        return self._evidence[year]

    def standings(self, selection: Selection) -> pl.DataFrame:
        """Return every city's standing in the selected year and technology.

        Where the selection asks for it, with the bounds that the claims prove.

        Raises:
            RuntimeError: before the dataset is loaded.
        """
        if self.dataset is None:
            raise RuntimeError("the dataset is not loaded")
        year, technology = selection.year, selection.technology
        proven = selection.proven and technology == ALL
        key = year, technology, proven
        if key not in self._standings:
            from citytech_data.proven import with_evidence
            from citytech_data.ranking import standings

            frame = standings(self.dataset, year, technology)
            evidence = self.evidence(year) if proven else None
            self._standings[key] = frame if evidence is None else with_evidence(frame, evidence)
        return self._standings[key]

    def ranking(self, measure: str, selection: Selection, sort: Sort | None = None) -> Rows | None:
        """Return the selected cities in the order of `measure`, or of `sort`.

        None while only the opening is known and the selection asks for more than it holds.
        """
        if self.dataset is None:
            asks_more = sort is not None or selection.filter or not selection.proven
            return None if asks_more else self._stored(measure)
        from citytech_data.ranking import filter_places, ranking, sort_places

        frame = ranking(filter_places(self.standings(selection), selection.filter), measure)
        return FrameRows(sort_places(frame, *sort) if sort else frame)

    def city(self, code: str, selection: Selection) -> Row | None:
        """Return a city's row of the standings."""
        rows: Rows
        if self.dataset is None:
            rows = self._stored("total")
        else:
            rows = FrameRows(self.standings(selection))
        index = rows.find("code", code)
        return None if index is None else rows.row(index)

    def largest(self, measure: str, selection: Selection) -> float:
        """Return the largest figure of `measure`, for which a full bar stands; 0 if none is."""
        names = [f"{measure}_{name}" for name in ("value", "lower", "upper")]
        if self.dataset is None:
            columns = self._stored(measure).columns
            known = [value for name in names for value in columns[name] if value is not None]
            return max(known, default=0.0)
        standings = self.standings(selection).select(names)
        largest = standings.max().max_horizontal().item()
        return 0.0 if largest is None else float(largest)

    def ranks_gdp(self, selection: Selection) -> bool:
        """Whether the dataset knows the GDP of any city in the selected year."""
        if self.dataset is None:
            return any(rank is not None for rank in self._stored("total").columns["gdp_rank"])
        return bool(self.standings(selection)["gdp_rank"].is_not_null().any())

    def _stored(self, measure: str) -> StoredRows:
        if self._opening is None:
            raise RuntimeError("there is no stored opening")
        return self._opening.ranking(measure)
