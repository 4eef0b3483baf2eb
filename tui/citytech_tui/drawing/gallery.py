"""All pictures: what they are called and what makes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from citytech_data.pictures.plot import PLOTTED
from citytech_data.vocabulary import MEASURES
from citytech_tui.drawing.shown import Shown, Subject
from citytech_tui.drawing.shown_plots import Lorenz, Map, Scatter
from citytech_tui.drawing.shown_rows import RankFlow, Technologies
from citytech_tui.language import N_, _


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
