"""What City Detail says of a city."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from citytech_data.rows import Row, Rows
from citytech_data.vocabulary import ALL, MEASURES
from citytech_tui.format import (
    change_text,
    city_text,
    figure_text,
    interval_text,
    is_doubtful,
    rank_text,
    rank_width,
    short_text,
    technology_text,
)
from citytech_tui.language import N_, _, count_text
from citytech_tui.names import (
    basis_text,
    measure_text,
    measure_title,
    named,
    names_in,
    province_text,
)
from citytech_tui.profiles import alike_lines, mix_lines, percentile_lines
from citytech_tui.sentences import claim_text, country_notes, noted
from citytech_tui.widgets.cells import fit
from citytech_tui.widgets.lines import Line, paragraph, text
from citytech_tui.widgets.table import Column

if TYPE_CHECKING:
    import polars as pl

    from citytech_data.dataset import Dataset
    from citytech_data.evidence.model import Evidence
    from citytech_data.manifest import Manifest
    from citytech_data.profile import Mix

_MOST_NOTES = 20
"""Of a table of counts there can be one for every row."""
_NEIGHBOURS = 2

FIGURE_COLUMNS = (
    Column("figure", N_("Figure"), lambda row, width: row["figure"], 30, grows=True),
    Column("year", N_("Year"), lambda row, width: row["year"], 4, priority=2),
    Column("value", N_("Value"), lambda row, width: row["value"], 13, 16, right=True),
    Column("unit", N_("Unit"), lambda row, width: row["unit"], 12, priority=3, style="table--dim"),
    Column("rank", "#", lambda row, width: row["rank"], 3, priority=1, right=True),
    Column("change", N_("Δ GDP"), lambda row, width: row["change"], 5, priority=6, right=True),
    Column(
        "basis",
        N_("Basis"),
        lambda row, width: basis_text(row["basis"]),
        7,
        priority=1,
        style="table--dim",
    ),
    Column(
        "source", N_("Source"), lambda row, width: row["source"], 12, priority=5, style="table--dim"
    ),
)


def figure_columns(figures: Iterable[Mapping[str, Any]], *, gdp: bool) -> list[Column]:
    """Return the columns of the figures; that of the GDP rank only where GDP is known."""
    room = max(len(figure["rank"]) for figure in figures)
    return [
        column._replace(
            label=_(column.label), width=max(column.width, room * (column.key == "rank"))
        )
        for column in FIGURE_COLUMNS
        if gdp or column.key != "change"
    ]


def city_figures(dataset: Dataset, city: Row, year: int) -> list[dict[str, Any]]:
    """Return the figures of a city, the ranked measures first, then what else is observed.

    Of what Total counts these are the technologies of that year, and the totals of other years.
    Keys: key (a measure, or the index of an observation), figure, year, value, unit, rank,
    change, basis, source; all are text.
    """
    figures = [_measure_figure(dataset, city, measure, year) for measure in MEASURES]
    for index, row in enumerate(_observations(dataset, city["code"], year)):
        part, now = row["technology"] != ALL, row["year"] == year
        counted = row["measure"] == dataset.manifest.count
        if row["measure"] not in MEASURES and (part == now if counted else True):
            figures.append(_observed_figure(dataset, city, index, row))
    return figures


def observation(dataset: Dataset, code: str, year: int, index: int) -> dict[str, Any]:
    """Return the observation of a city that `city_figures` numbered `index`."""
    return _observations(dataset, code, year)[index]


class Background(NamedTuple):
    """What a city is seen against: the standings of all, what the claims prove, all mixes."""

    dataset: Dataset
    standings: pl.DataFrame
    ranked: Callable[[str], Rows | None]
    """The same cities in the order of a measure."""
    evidence: Evidence | None
    mix: Mix


def city_lines(against: Background, city: Row, width: int) -> list[Line]:
    """Return the lines on a city: neighbours, contradictions, profile, notes and claims."""
    dataset, standings, ranked, evidence, mix = against
    facts = filter(None, (province_text(city), city["code"]))
    dim = "".join(f" · {fact}" for fact in facts)
    lines: list[Line] = [((city_text(city), "heading"), (dim, "dim"))]
    for measure in MEASURES:
        lines += _neighbour_lines(dataset.manifest, ranked, city, measure, width)
    if evidence is not None:
        found = named(evidence, dataset)
        lines += conflict_lines(found, dataset.manifest, city["code"], None, width)
    lines += percentile_lines(standings, city, width)
    lines += mix_lines(mix, city["code"], width)
    lines += alike_lines(mix, dataset.cities, city["code"], width)
    lines += _note_lines(dataset, city, width)
    lines += _claim_lines(dataset, city, width)
    lines += country_lines(dataset, width)
    return lines


def conflict_lines(
    evidence: Evidence, manifest: Manifest, code: str, measure: str | None, width: int
) -> list[Line]:
    """Return the contradictions that touch a city (in one measure) and how they are resolved."""
    from citytech_tui.proofs import conflict_sentences, retraction_sentences

    lines: list[Line] = []
    for conflict in evidence.conflicts_of(code, measure):
        lines += [(), text(_("! These claims contradict each other"), "warning")]
        for sentence in conflict_sentences(conflict, evidence, manifest):
            lines += paragraph(sentence, width, "", "  ")
    if lines:
        lines.append(())
        for sentence in retraction_sentences(evidence, manifest):
            lines += paragraph(sentence, width, "warning", "  ")
    return lines


def _measure_figure(dataset: Dataset, city: Row, measure: str, year: int) -> dict[str, Any]:
    label = dataset.manifest.labels[measure]
    doubt = " ?" if is_doubtful(city[f"{measure}_note"]) else ""
    return {
        "key": measure,
        "figure": measure_title(measure),
        "year": str(year),
        "value": figure_text(city, measure, label.unit) + doubt,
        "unit": "" if label.unit == "%" else label.unit,
        "rank": rank_text(city[f"{measure}_rank"], city[f"{measure}_rank_worst"]),
        "change": change_text(city[f"{measure}_rank_change"]),
        "basis": city[f"{measure}_basis"],
        "source": city[f"{measure}_source"] or "",
    }


def _observations(dataset: Dataset, code: str, year: int) -> list[dict[str, Any]]:
    """A city's observations: those of `year` in their order, then the others, latest first."""
    rows = dataset.preferred.filter(dataset.preferred["place"] == code).to_dicts()
    return sorted(rows, key=lambda row: (row["year"] != year, row["year"] != year and -row["year"]))


def _observed_figure(
    dataset: Dataset, city: Row, index: int, row: dict[str, Any]
) -> dict[str, Any]:
    label = dataset.manifest.stored_label(row["measure"])
    unit = row["unit"] or label.unit
    sign = unit if unit == "%" else ""
    if row["value"] is None:
        value = interval_text(row["lower"], row["upper"], sign)
    else:
        value = short_text(row["value"], sign)
    return {
        "key": str(index),
        "figure": label.title
        if row["technology"] == ALL
        else f"– {technology_text(row['technology'])}",
        "year": str(row["year"]),
        "value": value + (" ?" if is_doubtful(row["note"]) else ""),
        "unit": "" if unit == "%" else unit,
        "rank": rank_text(city["gdp_rank"]) if row["measure"] == "gdp" else "",
        "change": "",
        "basis": row["basis"],
        "source": row["source"],
    }


def _neighbour_lines(
    manifest: Manifest,
    ranked: Callable[[str], Rows | None],
    city: Row,
    measure: str,
    width: int,
) -> list[Line]:
    label = manifest.labels[measure]
    heading = _("Around it by {measure}").format(measure=measure_text(measure))
    lines: list[Line] = [(), text(heading, "heading")]
    # To rank a million takes a while, so it is done only where the city has a place.
    rows = None if city[f"{measure}_rank"] is None else ranked(measure)
    if rows is None:
        return [*lines, text(_("It has no rank here."), "dim")]
    here = rows.find("code", city["code"]) or 0
    around = range(max(0, here - _NEIGHBOURS), min(rows.height, here + _NEIGHBOURS + 1))
    room = rank_width(rows.height)
    for row in map(rows.row, around):
        rank = fit(rank_text(row[f"{measure}_rank"]), room, right=True)
        name = fit(city_text(row), min(24, width - 18 - room))
        figure = fit(figure_text(row, measure, label.unit), 14, right=True)
        style = "strong" if row["code"] == city["code"] else ""
        lines.append(text(f"{rank} {name} {figure}", style))
    return lines


def _note_lines(dataset: Dataset, city: Row, width: int) -> list[Line]:
    notes = dataset.notes.filter(dataset.notes["place"] == city["code"])
    lines: list[Line] = [(), text(_("Notes"), "heading")] if notes.height else []
    for note in notes.iter_rows(named=True):
        lines += paragraph(noted(note), width, _style(note), "  ")
    return lines


def country_lines(dataset: Dataset, width: int) -> list[Line]:
    """Return the lines of what is noted on the country, and so on the whole dataset."""
    notes = country_notes(dataset)
    lines: list[Line] = [(), text(_("On the whole dataset"), "heading")] if notes else []
    for note in notes[:_MOST_NOTES]:
        lines += paragraph(noted(note), width, _style(note), "  ")
    if len(notes) > _MOST_NOTES:
        words = _("… and {number} more in its table notes.")
        lines += paragraph(
            words.format(number=count_text(len(notes) - _MOST_NOTES)), width, "dim", "  "
        )
    return lines


def _style(note: Row) -> str:
    return "warning" if note["topic"] == "doubt" else ""


def _claim_lines(dataset: Dataset, city: Row, width: int) -> list[Line]:
    lines: list[Line] = []
    for claim in dataset.claims.iter_rows(named=True):
        if city["code"] in claim["places"].split(";"):
            names = names_in(dataset, claim)
            lines += paragraph(
                f"{claim_text(claim, names, dataset.manifest, city['code'])} [{claim['source']}]",
                width,
                "",
                "  ",
            )
    return [(), text(_("Claims"), "heading"), *lines] if lines else []
