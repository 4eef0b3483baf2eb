"""Scatter, map and concentration curve on screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from citytech_data.manifest import Places
from citytech_data.pictures.axes import Known
from citytech_data.pictures.concentration import Concentration, concentration
from citytech_data.pictures.plot import Plot, label_of, point_map, scatter
from citytech_data.vocabulary import MEASURES
from citytech_tui.drawing.look import Look
from citytech_tui.drawing.plot import Placed, draw_plot
from citytech_tui.drawing.shown import (
    Shown,
    Subject,
    basis_column,
    city_column,
    city_label,
    measure_column,
    measure_figure,
)
from citytech_tui.drawing.surface import Surface
from citytech_tui.drawing.walking import nearest_mark, next_mark
from citytech_tui.format import MISSING
from citytech_tui.language import N_, _, count_text, plural
from citytech_tui.names import counted, listed
from citytech_tui.widgets.table import Column


class ShownPlot(Shown):
    """A picture with axes: arrow keys move a crosshair from mark to mark."""

    plot: Plot

    def __init__(self) -> None:
        """Nothing is drawn yet."""
        self._placed: Sequence[Placed] = ()
        self._size = (0, 0)

    def draw(self, surface: Surface, look: Look) -> None:
        """Draw the plot with a crosshair on the place in focus."""
        size = surface.width, surface.height
        if not self.plot.marks:
            surface.text(1, 0, self.remarks[0], "dim")
            return
        known = self._placed if size == self._size else ()
        self._placed, self._size = draw_plot(surface, self.plot, look, known), size

    def step(self, look: Look, dx: int, dy: int) -> Look:
        """Move to the next mark in a direction."""
        for _step in range(max(abs(dx), abs(dy))):
            code = next_mark(self._placed, look.code, _sign(dx), _sign(dy))
            look = replace(look, code=code)
        return look

    def at(self, x: int, y: int) -> Look | None:
        """Return the nearest mark."""
        code = nearest_mark(self._placed, x + 0.5, y + 0.5)
        return None if code is None else Look(code)

    def page(self) -> int:
        """Return how many marks a page key passes."""
        return 10


_REASONS = {
    "missing": N_("{count} without a figure"),
    "zero": N_("{count} with 0, which has no place on a logarithmic scale"),
    "nowhere": N_("{count} without coordinates"),
}


def drawn_words(plot: Plot, places: Places) -> str:
    """Return how many places are drawn, and why the others are not."""
    reasons = [
        _(_REASONS[name]).format(count=count_text(count))
        for name, count in plot.left_out.items()
        if count
    ]
    words = _("{number} of {cities} drawn; of the others {reasons}.")
    if not reasons:
        words = _("{number} of {cities} drawn.")
    return words.format(
        number=count_text(len(plot.marks)),
        cities=counted(plot.frame.height, places),
        reasons=listed(reasons),
    )


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


class Scatter(ShownPlot):
    """Any measure against another."""

    def __init__(self, subject: Subject) -> None:
        """Plot the measures that are wished for."""
        super().__init__()
        wish, manifest = subject.wish, subject.manifest
        self.measures = tuple(dict.fromkeys((wish.measure, wish.across)))
        self.manifest = manifest
        up, across = label_of(manifest, wish.measure), label_of(manifest, wish.across)
        self.title = _("{up} against {across}").format(up=up.title, across=across.title)
        self.plot = scatter(
            subject.standings,
            manifest,
            wish.across,
            wish.measure,
            log=(wish.log_x, wish.log_y),
        )
        self.frame = self.plot.frame
        self.columns = [city_column(manifest)]
        for measure in self.measures:
            self.columns.append(measure_column(measure, manifest))
            if measure in MEASURES:
                self.columns.append(basis_column(measure))
        self.legend = _scatter_legend(self.plot)
        self.remarks = [drawn_words(self.plot, manifest.places)]

    def readout(self, row: Mapping[str, Any]) -> str:
        """Return the place's figures in both measures."""
        figures = (
            f"{label_of(self.manifest, measure).column} "
            f"{measure_figure(row, measure, self.manifest)}"
            for measure in self.measures
        )
        return _("{city}: {figures}").format(city=city_label(row), figures=" · ".join(figures))


def _scatter_legend(plot: Plot) -> list[str]:
    """Explain the glyphs that occur."""
    pairs = {(mark.x.known, mark.y.known) for mark in plot.marks}
    known = {each for pair in pairs for each in pair}
    legend = [_("● value")] if (Known.VALUE, Known.VALUE) in pairs else []
    if Known.RANGE in known:
        legend.append(_("○ range"))
    if known & {Known.AT_MOST, Known.AT_LEAST}:
        legend.append(_("◁▷▽△◣◢◤◥ bound: it lies where the glyph points"))
    return legend


class Map(ShownPlot):
    """Places where they lie, as large as their figure."""

    def __init__(self, subject: Subject) -> None:
        """Draw the measure that is wished for."""
        super().__init__()
        manifest, measure = subject.manifest, subject.wish.measure
        self.manifest, self.measure, self.measures = manifest, measure, (measure,)
        label = label_of(manifest, measure)
        self.title = _("Map: {title}").format(title=label.title)
        self.plot = point_map(subject.standings, subject.dataset.cities, manifest, measure)
        self.frame = self.plot.frame
        self.columns = [city_column(manifest), measure_column(measure, manifest)]
        if measure in MEASURES:
            self.columns.append(basis_column(measure))
        self.columns += [
            _degrees("lat", _("Latitude"), "NS"),
            _degrees("lon", _("Longitude"), "EW"),
        ]
        known = {mark.size.known for mark in self.plot.marks if mark.size}
        self.legend = [_("area = figure")]
        if known & {Known.VALUE, Known.RANGE, Known.AT_LEAST}:
            self.legend.append(_("disc: proven"))
        if known & {Known.RANGE, Known.AT_MOST}:
            self.legend.append(_("circle: at most"))
        if Known.AT_LEAST in known:
            self.legend.append(_("+ no upper bound"))
        if any(mark.size and mark.size.value == 0 for mark in self.plot.marks):
            self.legend.append(_("0 none"))
        self.remarks = [drawn_words(self.plot, manifest.places)]

    def readout(self, row: Mapping[str, Any]) -> str:
        """Return the place's figure and where it lies."""
        label = label_of(self.manifest, self.measure)
        figure = measure_figure(row, self.measure, self.manifest)
        where = listed((_degree_text(row["lat"], "NS"), _degree_text(row["lon"], "EW")))
        figures = f"{label.column} {figure} · {where}"
        return _("{city}: {figures}").format(city=city_label(row), figures=figures)


def _degrees(name: str, title: str, sides: str) -> Column:
    def cell(row: Mapping[str, Any], width: int) -> str:
        return _degree_text(row[name], sides)

    return Column(name, title, cell, 10, right=True, priority=2)


def _degree_text(value: float | None, sides: str) -> str:
    """Return degrees with the letter of their side, the first where they are positive."""
    return MISSING if value is None else f"{abs(value):.2f}° {sides[value < 0]}"


class Lorenz(ShownPlot):
    """How a measure is shared out among the places."""

    def __init__(self, subject: Subject) -> None:
        """Draw the curve of the measure that is wished for."""
        super().__init__()
        manifest = subject.manifest
        measure = subject.wish.measure if subject.wish.measure in MEASURES else MEASURES[0]
        self.manifest, self.measure, self.measures = manifest, measure, (measure,)
        label = manifest.labels[measure]
        self.title = _("Concentration: {title}").format(title=label.title)
        self.found = concentration(subject.standings, manifest, measure)
        axis = replace(self.found.plot.y, title=_("Share of: {title}").format(title=label.title))
        self.plot = replace(self.found.plot, y=axis)
        self.frame = _shares(self.plot.frame, measure)
        self.columns = [
            city_column(manifest),
            measure_column(measure, manifest),
            basis_column(measure),
            _percent("share", _("Share")),
            _percent("share_from_top", _("From the top")),
        ]
        self.legend = [_("╌ equality")]
        if self.found.gini is not None:
            self.legend.append(
                _("● by {cities}, each as wide as another").format(cities=manifest.places.many)
            )
        if self.found.by_residents is not None:
            self.legend.append(_("◆ by residents"))
        self.remarks = [*_gini_words(self.found, manifest.places)]

    def readout(self, row: Mapping[str, Any]) -> str:
        """Return the place's share, and that of all down to it."""
        figure = measure_figure(row, self.measure, self.manifest)
        if row["share"] is None:
            words = _("{city}: {figure}, not in the curve")
            return words.format(city=city_label(row), figure=figure)
        words = plural(
            "{city}: {figure}, {share} of all; it alone is {total}",
            "{city}: {figure}, {share} of all; the first {number} hold {total}",
            row["place_from_top"],
        )
        share, total = (_share_text(row[name]) for name in ("share", "share_from_top"))
        return words.format(
            city=city_label(row),
            figure=figure,
            share=share,
            total=total,
            number=count_text(row["place_from_top"]),
        )


def _shares(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    """The places from the highest down, each with its share and the share of all down to it."""
    value = pl.col(f"{measure}_value")
    total = pl.col("_known").sum()
    share = pl.when(total > 0).then(100 * pl.col("_known") / total)
    return (
        frame.with_columns(pl.when(value.is_finite() & (value >= 0)).then(value).alias("_known"))
        .sort("_known", "code", descending=[True, False], nulls_last=True)
        .with_columns(share.alias("share"))
        .with_columns(
            pl.when(pl.col("share").is_not_null())
            .then(pl.col("share").cum_sum())
            .alias("share_from_top"),
            pl.int_range(1, pl.len() + 1).alias("place_from_top"),
        )
        .drop("_known")
    )


def _percent(name: str, title: str) -> Column:
    return Column(
        name, title, lambda row, width: _share_text(row[name]), 12, right=True, priority=2
    )


def _share_text(share: float | None) -> str:
    return MISSING if share is None else f"{share:.1f} %"


def _gini_words(found: Concentration, places: Places) -> Iterator[str]:
    cities = counted(found.counted, places)
    if found.gini is None:
        yield _("No value above 0 is known, so there is no curve.")
    elif found.by_residents is None:
        words = _("Gini coefficient {gini} of the {cities} with a value.")
        yield words.format(gini=f"{found.gini:.3f}", cities=cities)
    else:
        words = _("Gini coefficient {gini} of the {cities} with a value, {other} by residents.")
        other = f"{found.by_residents:.3f}"
        yield words.format(gini=f"{found.gini:.3f}", cities=cities, other=other)
    reasons = []
    if found.bounded:
        reasons.append(_("{count} are only bounded").format(count=count_text(found.bounded)))
    if found.missing:
        reasons.append(_("{count} not known").format(count=count_text(found.missing)))
    if reasons:
        words = _("Of {cities} {reasons}: not in the curve.")
        yield words.format(
            cities=counted(found.plot.frame.height, places), reasons=_(" and ").join(reasons)
        )
