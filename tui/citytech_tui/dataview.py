"""What screen and command line may ask of the data, the stored opening answering until it is read.

Polars is imported by `load`, which runs after the first screen is painted.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from citytech_data.catalogue import embedded_names
from citytech_data.opening import Opening
from citytech_data.rows import FrameRows, Row, Rows, StoredRows
from citytech_data.scope import EVERYWHERE
from citytech_data.summary import Summary, summary
from citytech_data.vocabulary import ALL, MEASURES, POPULATION
from citytech_tui.language import SOURCE, spoken
from citytech_tui.names import in_language, manifest_in_language
from citytech_tui.selection import Order, Selection, Slice

if TYPE_CHECKING:
    from concurrent.futures import Future

    import polars as pl

    from citytech_data.counts import Reading
    from citytech_data.dataset import Dataset
    from citytech_data.evidence.model import Evidence
    from citytech_data.files import Contents
    from citytech_data.manifest import Manifest
    from citytech_data.profile import Mix

_KEPT = 4
"""How many slices are kept at hand, to go back to at once."""
_MANY = 20_000
"""Standings of so many cities take longer to compute than a key may wait."""


class DataView:
    """The standings of one dataset, those of the last slices kept."""

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
        self._dataset = dataset
        self._manifest = first.manifest
        self._translated: dict[str, tuple[Manifest, Dataset | None]] = {}
        self.origin = origin or first.manifest.name
        self.reading: Reading | None = None
        """The account of the table of counts that it was read from, if it was."""
        self.year = first.year
        self.years = first.years
        self.technologies = first.technologies
        self._standings: OrderedDict[Slice, pl.DataFrame] = OrderedDict()
        self._orders: OrderedDict[tuple[Slice, str, Order], pl.Series] = OrderedDict()
        self._rows: dict[str, tuple[object, FrameRows]] = {}
        self._summaries: dict[str, tuple[Rows, Summary]] = {}
        self._largest: dict[str, tuple[Slice, float]] = {}
        self._histories: dict[tuple[str, str], pl.DataFrame] = {}
        self._evidence: dict[int, Evidence | None] = {}
        self._mixes: dict[int, Mix] = {}
        self._ahead: Future[tuple[Contents, dict[str, pl.LazyFrame], Opening | None]] | None = None

    @property
    def dataset(self) -> Dataset | None:
        """The dataset in the language spoken; None until it is read."""
        return self._dataset if spoken() == SOURCE else self._spoken[1]

    @property
    def manifest(self) -> Manifest:
        """What the dataset declares, in the language spoken."""
        return self._manifest if spoken() == SOURCE else self._spoken[0]

    @property
    def _spoken(self) -> tuple[Manifest, Dataset | None]:
        found = self._translated.get(spoken())
        if found is None or (found[1] is None and self._dataset is not None):
            dataset = None if self._dataset is None else in_language(self._dataset)
            manifest = manifest_in_language(self._manifest)
            found = self._translated[spoken()] = (manifest, dataset)
        return found

    @property
    def is_partial(self) -> bool:
        """Whether not even the years and the first ranking are known, as the files are read."""
        return self._dataset is None and self.origin not in embedded_names()

    @property
    def populations(self) -> tuple[str, ...]:
        """The stored measures that density can be per head of, the usual one first."""
        return (POPULATION, *self.manifest.populations)

    def load(
        self,
        select: Callable[[DataView], Selection] | None = None,
        measure: str = MEASURES[0],
        glanced: Callable[[], object] | None = None,
    ) -> None:
        """Read the dataset if it is not there yet, and compute what is shown of it first.

        That is the ranking by `measure` of what `select` selects, given the dataset. `glanced` is
        called as soon as the first rows of a large one are known.

        Raises:
            CityTechError: if it cannot be read, or there is nothing to select.
        """
        if self._dataset is not None:
            return
        # What the first screen needs is computed here, off the event loop.
        loaded = DataView(None, self._read(glanced), self.origin)
        if self.origin in embedded_names():
            from citytech_data.evidence.store import read_evidence

            stored = read_evidence(self.origin)
            if stored is not None:
                loaded._evidence[stored.year] = stored
        loaded.ranking(measure, select(loaded) if select else Selection(Slice(loaded.year)))
        self.year, self.years, self.technologies = loaded.year, loaded.years, loaded.technologies
        self._standings, self._evidence = loaded._standings, loaded._evidence
        self._orders, self._histories = loaded._orders, loaded._histories
        self._rows = loaded._rows
        self._dataset = loaded._dataset

    def read_ahead(self) -> None:
        """Begin to read a partial dataset in a thread, before `load` asks for it."""
        from concurrent.futures import ThreadPoolExecutor

        self._ahead = ThreadPoolExecutor(1).submit(_glanced, Path(self.origin))
        # While that reads the files. Beside Textual's it would take as long as both imports.
        import citytech_data.glance  # noqa: F401

    def _read(self, glanced: Callable[[], object] | None) -> Dataset:
        from citytech_data.dataset import check_dataset, open_dataset, read_cells

        if self.origin in embedded_names():
            return open_dataset(self.origin)
        ahead, self._ahead = self._ahead, None
        contents, glimpsed, seen = _glanced(Path(self.origin)) if ahead is None else ahead.result()
        if seen is not None and glanced is not None:
            self._opening = seen
            glanced()
        cells = read_cells(contents, glimpsed)
        del ahead, contents, glimpsed  # to check the cells takes memory enough
        return check_dataset(cells)

    def is_ready(self, selection: Selection, measure: str = "") -> bool:
        """Whether the standings are there, or are computed so fast that nobody waits for them.

        With a `measure`, its ranking too.
        """
        if self.dataset is None:
            return True
        slice_ = selection.slice
        frame = self._standings.get(slice_)
        if frame is not None:
            return not measure or self._is_ranked(frame, selection, measure)
        proven = self._asks_evidence(slice_) and slice_.year not in self._evidence
        if proven and (self.dataset.claims["year"] == slice_.year).any():
            return False
        return self.dataset.cities.height * max(1, len(self.years)) < _MANY

    def _is_ranked(self, frame: pl.DataFrame, selection: Selection, measure: str) -> bool:
        if frame.height < _MANY:
            return True
        from citytech_data.filtering import has_words

        ordered = (selection.slice, measure, selection.orders.get(measure, ())) in self._orders
        searchable = self._dataset is not None and "search" in vars(self._dataset)
        return ordered and (searchable or not has_words(selection.filter))

    def prepare_filter(self) -> None:
        """Compute the text that filters look in, so that the first letter need not wait for it."""
        if self._dataset is not None:
            _ = self._dataset.search

    def evidence(self, selection: Selection) -> Evidence | None:
        """Return what the claims prove of the slice; None if nothing, or if it is not asked for.

        Raises:
            RuntimeError: before the dataset is loaded.
        """
        if self.dataset is None:
            raise RuntimeError("the dataset is not loaded")
        year = selection.year
        if not self._asks_evidence(selection.slice):
            return None
        if year not in self._evidence:
            from citytech_data.proven import evidence_of

            self._evidence[year] = evidence_of(self.dataset, year)
        return self._evidence[year]

    @staticmethod
    def _asks_evidence(slice_: Slice) -> bool:
        # Claims are about all technologies together.
        return slice_.proven and slice_.technology == ALL

    def standings(self, selection: Selection) -> pl.DataFrame:
        """Return the standing of every city of the slice, ranked among the cities of its scope.

        Where the selection asks for it, with the bounds that the claims prove.

        Raises:
            RuntimeError: before the dataset is loaded.
        """
        slice_ = selection.slice
        # A thread may compute a slice meanwhile, and another one be dropped for it.
        found = self._standings.pop(slice_, None)
        if found is None:
            found = self._computed(selection)
        self._standings[slice_] = found
        while len(self._standings) > _KEPT:
            self._standings.popitem(last=False)
        return found

    def _computed(self, selection: Selection) -> pl.DataFrame:
        if self.dataset is None:
            raise RuntimeError("the dataset is not loaded")
        from citytech_data.proven import with_evidence
        from citytech_data.ranking import standings, within

        slice_ = selection.slice
        if slice_.scope != EVERYWHERE:
            return within(self.standings(selection.changed(scope=EVERYWHERE)), slice_.scope)
        frame = standings(self.dataset, slice_.year, slice_.technology, slice_.population)
        evidence = self.evidence(selection)
        if evidence is not None:
            # What is proven of density is per resident.
            residents = slice_.population == POPULATION
            measures = [name for name in MEASURES if residents or name != "density"]
            frame = with_evidence(frame, evidence, measures)
        return self._with_past(frame, selection)

    def year_before(self, selection: Selection) -> int | None:
        """Return the latest year of the dataset before the selected one."""
        return max((year for year in self.years if year < selection.year), default=None)

    def _with_past(self, frame: pl.DataFrame, selection: Selection) -> pl.DataFrame:
        """Return the standings with what other years say, where the dataset has any."""
        if self.dataset is None or len(self.years) < 2:
            return frame
        from citytech_data.ranking import standings
        from citytech_data.years import histories, with_rank_before

        slice_ = selection.slice
        what = slice_.technology, slice_.population
        past = self._histories.get(what)
        if past is None:
            past = histories(self.dataset, *what)
            self._histories = {what: past}
        frame = frame.hstack(past.drop("code"))
        year = self.year_before(selection)
        if year is None:
            return frame
        return with_rank_before(frame, standings(self.dataset, year, *what))

    def ranking(self, measure: str, selection: Selection) -> Rows | None:
        """Return the selected cities as the table of `measure` shows them.

        None while only the opening is known and the selection asks for more than it holds.

        Raises:
            CityTechError: if the filter is not understood.
        """
        if self.dataset is None:
            asks_more = selection.orders.get(measure) or selection.filter
            slice_ = Slice(self.year)
            return None if asks_more or selection.slice != slice_ else self._stored(measure)
        key = selection.slice, selection.orders.get(measure, ()), selection.filter
        kept = self._rows.get(measure)
        if kept is None or kept[0] != key:
            kept = self._rows[measure] = key, self._ranked(measure, selection)
        return kept[1]

    def _ranked(self, measure: str, selection: Selection) -> FrameRows:
        from citytech_data.filtering import fits, has_words

        frame = self.standings(selection)
        order = self._order(frame, measure, selection)
        search = self._search(frame) if has_words(selection.filter) else None
        mask = fits(frame, selection.filter, measure, search)
        return FrameRows(frame, order if mask is None else order.filter(mask.gather(order)))

    def _search(self, frame: pl.DataFrame) -> pl.Series:
        """The text of each row of the standings that a filter looks in."""
        if self._dataset is None:
            raise RuntimeError("the dataset is not loaded")
        search, codes = self._dataset.search, self._dataset.cities["code"]
        if frame.height == len(codes):
            return search
        return search.filter(codes.is_in(frame["code"].implode()))

    def _order(self, frame: pl.DataFrame, measure: str, selection: Selection) -> pl.Series:
        """The order of all rows, kept so that a filter need not sort them with every letter."""
        from citytech_data.ranking import in_order, ranking_order

        columns = selection.orders.get(measure, ())
        key = selection.slice, measure, columns
        order = self._orders.get(key)
        if order is None:
            if columns:
                own = self._order(frame, measure, selection.changed(orders={}))
                order = in_order(frame, own, columns)
            else:
                order = ranking_order(frame, measure)
            self._orders[key] = order
            while len(self._orders) > _KEPT * len(MEASURES):
                self._orders.popitem(last=False)
        return order

    def mix(self, selection: Selection) -> Mix:
        """Return the technology mix of the cities in the selected year.

        Raises:
            RuntimeError: before the dataset is loaded.
        """
        if self.dataset is None:
            raise RuntimeError("the dataset is not loaded")
        year = selection.year
        mix = self._mixes.get(year)
        if mix is None:
            from citytech_data.profile import technology_mix

            mix = technology_mix(self.dataset, year)
            self._mixes = {year: mix}
        return mix

    def summary(self, measure: str, rows: Rows) -> Summary:
        """Return what the known values of `rows`, a ranking by `measure`, come to."""
        if isinstance(rows, FrameRows):
            kept = self._summaries.get(measure)
            if kept is None or kept[0] is not rows:
                kept = self._summaries[measure] = rows, summary(rows.select(measure), measure)
            return kept[1]
        if self._opening is None:
            raise RuntimeError("there is no stored opening")
        return self._opening.summaries[measure]

    def city(self, code: str, selection: Selection) -> Row | None:
        """Return a city's row of the standings; None if it is not in the scope."""
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
        kept = self._largest.get(measure)
        if kept is None or kept[0] != selection.slice:
            found = self.standings(selection).select(names).max().max_horizontal().item()
            kept = self._largest[measure] = selection.slice, float(found or 0)
        return kept[1]

    def ranks_gdp(self, selection: Selection) -> bool:
        """Whether the dataset knows the GDP of any city in the selected year."""
        if self.dataset is None:
            return any(rank is not None for rank in self._stored("total").columns["gdp_rank"])
        return bool(self.standings(selection)["gdp_rank"].is_not_null().any())

    def _stored(self, measure: str) -> StoredRows:
        if self._opening is None:
            raise RuntimeError("there is no stored opening")
        return self._opening.ranking(measure)


def _glanced(folder: Path) -> tuple[Contents, dict[str, pl.LazyFrame], Opening | None]:
    """Read the dataset in a folder as far as its first places can be told, if they can."""
    from citytech_data.files import read_files

    contents = read_files(folder)
    from citytech_data.glance import glance, glimpses

    glimpsed = glimpses(contents)
    return contents, glimpsed, glance(contents.manifest, glimpsed)
