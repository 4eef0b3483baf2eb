"""The side panel's card of one city."""

from __future__ import annotations

from rich.cells import cell_len

from citytech_data.manifest import Manifest
from citytech_data.rows import Row
from citytech_data.vocabulary import MEASURES
from citytech_tui.format import (
    BASIS_MEANINGS,
    change_text,
    city_text,
    figure_text,
    number_text,
    rank_text,
    short_text,
)
from citytech_tui.language import N_, _
from citytech_tui.names import basis_text, measure_title, province_text, remark_text
from citytech_tui.widgets.cells import fit
from citytech_tui.widgets.lines import Line, paragraph, text

_DISPUTED = N_("! A claim on this figure contradicts others and is not used; i explains.")


def city_card(row: Row, manifest: Manifest, measure: str, width: int) -> list[Line]:
    """Return the lines on a city: its figures and ranks, and how the shown figure is known."""
    province = province_text(row)
    title = city_text(row)
    lines: list[Line] = [((title, "heading"), (f" · {province}" if province else "", "dim")), ()]
    places = {name: _place_text(row, name) for name in MEASURES}
    room = max(4, *map(cell_len, places.values()))
    for name, place in places.items():
        line = _measure_text(row, manifest, name, width, fit(place, room, right=True))
        lines.append(text(line, "strong" if name == measure else ""))
    lines += _facts(row, manifest)
    basis = row[f"{measure}_basis"]
    lines += [(), *paragraph(_basis_sentence(basis), width, "dim")]
    if row[f"{measure}_disputed"]:
        lines += [(), *paragraph(_(_DISPUTED), width, "warning")]
    note = row[f"{measure}_note"]
    if note:
        lines += [(), *paragraph(remark_text(note), width, "warning")]
    return lines


def _basis_sentence(basis: str) -> str:
    meaning = _(BASIS_MEANINGS[basis])
    return _("{basis}: {meaning}.").format(basis=basis_text(basis), meaning=meaning)


def _place_text(row: Row, measure: str) -> str:
    rank = rank_text(row[f"{measure}_rank"], row[f"{measure}_rank_worst"])
    return f"#{rank}" if row[f"{measure}_rank"] is not None else rank


def _measure_text(row: Row, manifest: Manifest, measure: str, width: int, place: str) -> str:
    change = change_text(row[f"{measure}_rank_change"])
    figure = figure_text(row, measure, manifest.labels[measure].unit)
    right = f"{fit(figure, 13, right=True)} {place} {fit(change, 4)}"
    name = fit(measure_title(measure), max(10, width - cell_len(right) - 1))
    return f"{name} {right}"


def _facts(row: Row, manifest: Manifest) -> list[Line]:
    facts = (
        (_("GDP rank"), rank_text(row["gdp_rank"]) if row["gdp_rank"] is not None else None),
        (
            _("GDP"),
            short_text(row["gdp"], manifest.stored_label("gdp").unit) if row["gdp"] else None,
        ),
        (_("Population"), number_text(row["population"]) if row["population"] else None),
        (_("Code"), row["code"]),
    )
    lines = [text(f"{fit(name, 10)} {value}", "dim") for name, value in facts if value]
    return [(), *lines]
