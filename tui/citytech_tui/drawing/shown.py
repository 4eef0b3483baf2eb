"""What every picture on screen can do, and what it is made from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from citytech_data.pictures.axes import Span
from citytech_data.pictures.plot import label_of
from citytech_data.vocabulary import MEASURES
from citytech_tui.drawing.look import Look
from citytech_tui.drawing.surface import Surface
from citytech_tui.format import COUNT, MISSING, figure_text, interval_text, short_text
from citytech_tui.language import _
from citytech_tui.names import basis_text, two_names
from citytech_tui.widgets.table import Column

if TYPE_CHECKING:
    import polars as pl

    from citytech_data.dataset import Dataset
    from citytech_data.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Wish:
    """How the person wants pictures: what is measured up and across, and on which scales."""

    measure: str = "total"
    across: str = "density"
    log_x: bool = False
    log_y: bool = False
    shares: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What a picture is made from: the standings of the selected places, and their dataset."""

    dataset: Dataset
    standings: pl.DataFrame
    year: int
    technology: str
    wish: Wish

    @property
    def manifest(self) -> Manifest:
        """The declarations of the dataset."""
        return self.dataset.manifest


class Shown(ABC):
    """One picture of a slice: drawn on any surface, walked through with arrow keys."""

    title: str
    measures: tuple[str, ...]
    """What it shows: measures of `PLOTTED`, or the stored one that is counted."""
    frame: pl.DataFrame
    """The table behind the picture; it has the column `code`."""
    columns: Sequence[Column]
    """How that table is shown."""
    legend: Sequence[str] = ()
    remarks: Sequence[str] = ()
    """Sentences: what is not drawn and why, and what the picture comes to."""

    @property
    def height(self) -> int | None:
        """How many rows the whole picture needs; None for one that fills what there is."""
        return None

    @abstractmethod
    def draw(self, surface: Surface, look: Look) -> None:
        """Draw the picture over the whole surface."""

    @abstractmethod
    def step(self, look: Look, dx: int, dy: int) -> Look:
        """Return what is looked at after a step to the right (`dx` 1) or down (`dy` 1).

        It is about what was drawn last.
        """

    @abstractmethod
    def at(self, x: int, y: int) -> Look | None:
        """Return what stands nearest to a cell of the last drawing, to be looked at."""

    @abstractmethod
    def page(self) -> int:
        """Return how many steps down a page is."""

    def readout(self, row: Mapping[str, Any]) -> str:
        """Return in words what the picture says of a place, from its row of `frame`."""
        raise NotImplementedError


def city_label(row: Mapping[str, Any]) -> str:
    """Return a city's names."""
    return two_names(row["city"], row["city_zh"])


def measure_figure(row: Mapping[str, Any], measure: str, manifest: Manifest) -> str:
    """Return a place's figure in a plotted measure as text."""
    unit = label_of(manifest, measure).unit
    if measure in MEASURES:
        return figure_text(row, measure, unit)
    return short_text(row[measure], unit) if row[measure] is not None else MISSING


def span_text(span: Span, unit: str = "", *, measure: str = "") -> str:
    """Return a figure as text."""
    if span.value is not None:
        return short_text(span.value, unit)
    return interval_text(span.lower or None, span.upper, unit, whole=measure == COUNT)


def city_column(manifest: Manifest) -> Column:
    """Return the column of the city's names."""
    title = manifest.places.one.capitalize()
    return Column("city", title, lambda row, width: city_label(row), 19, 24)


def measure_column(measure: str, manifest: Manifest) -> Column:
    """Return the column of a measure's figures."""
    label = label_of(manifest, measure)
    return Column(
        measure,
        label.column,
        lambda row, width: measure_figure(row, measure, manifest),
        15,
        18,
        right=True,
    )


def basis_column(measure: str) -> Column:
    """Return the column that says how a measure's figures are known."""
    return Column(
        f"{measure}_basis",
        _("Basis"),
        lambda row, width: basis_text(row[f"{measure}_basis"]),
        8,
        priority=1,
        style="table--dim",
    )
