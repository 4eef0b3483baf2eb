"""All pictures: what they are called and what makes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from citytech_data.pictures.plot import PLOTTED
from citytech_data.vocabulary import MEASURES
from citytech_tui.drawing.shown import Shown, Subject, Wish
from citytech_tui.drawing.shown_plots import Lorenz, Map, Scatter
from citytech_tui.drawing.shown_rows import RankFlow, Technologies
from citytech_tui.language import N_, _

if TYPE_CHECKING:
    import polars as pl


class Kind(NamedTuple):
    """A kind of picture, and which of the person's wishes it heeds."""

    name: str
    message: str
    """Its title, in English."""
    make: Callable[[Subject], Shown]
    measures: tuple[str, ...] = ()
    across: bool = False
    shares: bool = False
    panel: bool = True
    """Whether the panel on the city in focus stands beside it, where there is room."""

    @property
    def title(self) -> str:
        """Its title."""
        return _(self.message)


KINDS = (
    Kind("flow", N_("Rank flow"), RankFlow, panel=False),
    Kind("scatter", N_("Scatter"), Scatter, PLOTTED, across=True),
    Kind("map", N_("Map"), Map, PLOTTED),
    Kind("technologies", N_("Technologies"), Technologies, shares=True),
    Kind("concentration", N_("Concentration"), Lorenz, MEASURES),
)
"""The pictures, in the order in which they follow each other."""


def known_measures(kind: Kind, standings: pl.DataFrame) -> list[str]:
    """Return the measures that a picture can show, as far as the places have figures of them."""
    return [name for name in kind.measures or MEASURES if _is_known(standings, name)]


def possible(kind: Kind, wish: Wish, standings: pl.DataFrame) -> Wish:
    """Return the wish with two measures that differ and that the places have figures of."""
    known = known_measures(kind, standings)
    measure = wish.measure if wish.measure in known else MEASURES[0]
    others = [name for name in known if name != measure]
    across = wish.across if wish.across in others else next(iter(others), measure)
    return replace(wish, measure=measure, across=across)


def _is_known(standings: pl.DataFrame, measure: str) -> bool:
    names = [measure]
    if measure in MEASURES:
        names = [f"{measure}_{part}" for part in ("value", "lower", "upper")]
    return any(standings[name].null_count() < standings.height for name in names)
