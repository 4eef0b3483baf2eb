"""Answer “How do we know this?”: value, basis, derivation and sources of one figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from citytech_data.lookup import source_ids
from citytech_data.rows import Row
from citytech_data.vocabulary import POPULATION
from citytech_tui.citydetail import conflict_lines, observation
from citytech_tui.format import BASIS_MEANINGS, city_text, figure_text
from citytech_tui.language import N_, _
from citytech_tui.names import basis_text, bracketed, named, names_in, remark_text
from citytech_tui.proofs import PROOF_TITLES, proof_sentences
from citytech_tui.screens.text import TextScreen
from citytech_tui.sentences import (
    claim_text,
    derivation_text,
    observation_text,
    rounding_text,
    source_text,
    with_unit,
)
from citytech_tui.widgets.lines import Line, paragraph, text

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset
    from citytech_data.evidence.model import Evidence
    from citytech_data.manifest import Manifest
    from citytech_tui.app import CityTechApp

_TITLE = N_("How do we know this?")


def explain_measure(host: CityTechApp, city: Row, measure: str) -> None:
    """Show how a city's figure in a ranked measure is known."""
    dataset = _dataset(host)
    if dataset is None:
        return
    year = host.selection.year
    evidence = host.view.evidence(host.selection)
    if measure == "density" and host.selection.slice.population != POPULATION:
        evidence = None  # what is proven of density is per resident

    def build(width: int) -> list[Line]:
        label = dataset.manifest.labels[measure]
        figure = with_unit(figure_text(city, measure, label.unit), label.unit)
        lines = _headline(f"{city_text(city)} · {label.title} · {year}", figure, width)
        lines += _basis(city[f"{measure}_basis"], width)
        lines += paragraph(derivation_text(city, measure, dataset.manifest), width)
        lines += paragraph(rounding_text(city, measure, dataset.manifest), width, "dim")
        lines += _note(city[f"{measure}_note"], width)
        if evidence is not None:
            lines += _proof_lines(named(evidence, dataset), dataset.manifest, city, measure, width)
        lines += _claims(dataset, city["code"], measure, year, width)
        lines += _sources(dataset, [city[f"{measure}_source"]], width)
        return lines

    host.push_screen(TextScreen(_(_TITLE), build))


def _proof_lines(
    evidence: Evidence, manifest: Manifest, city: Row, measure: str, width: int
) -> list[Line]:
    interval = evidence.interval(city["code"], measure)
    lines: list[Line] = []
    known = city[f"{measure}_value"] is not None
    for title, bound in zip(PROOF_TITLES, (interval.lower, interval.upper), strict=True):
        if bound is None or known:
            continue
        lines += [(), text(_(title), "heading")]
        for number, step in enumerate(proof_sentences(bound, evidence, manifest), 1):
            lines += paragraph(f"{number:>2} {step}", width, "", "   ")
    return lines + conflict_lines(evidence, manifest, city["code"], measure, width)


def explain_observation(host: CityTechApp, city: Row, figure: Row) -> None:
    """Show how an observed figure of a city is known, and what other sources say of it."""
    dataset = _dataset(host)
    if dataset is not None:
        chosen = observation(dataset, city["code"], host.selection.year, int(figure["key"]))
        host.push_screen(
            TextScreen(_(_TITLE), lambda width: _observation_lines(dataset, city, chosen, width))
        )


def explain_series(host: CityTechApp, measure: str) -> None:
    """Show how the figures of a national series are known."""
    dataset = _dataset(host)
    if dataset is None:
        return
    from citytech_data.trend import series

    rows = series(dataset)
    rows = rows.filter(rows["measure"] == measure)

    def build(width: int) -> list[Line]:
        lines: list[Line] = paragraph(rows["title"][0], width, "heading")
        for row in rows.iter_rows(named=True):
            lines += [(), ((f"{row['year']}  {observation_text(row)}", "strong"),)]
            lines += _basis(row["basis"], width)
            lines += _note(row["note"], width)
        return lines + _sources(dataset, rows["source"].unique(maintain_order=True), width)

    host.push_screen(TextScreen(_(_TITLE), build))


def _dataset(host: CityTechApp) -> Dataset | None:
    return None if host.still_reading() else host.view.dataset


def _observation_lines(
    dataset: Dataset, city: Row, chosen: dict[str, Any], width: int
) -> list[Line]:
    title = dataset.manifest.stored_label(chosen["measure"]).title
    lines = _headline(
        f"{city_text(city)} · {title} · {chosen['year']}", observation_text(chosen), width
    )
    lines += _basis(chosen["basis"], width)
    lines += _note(chosen["note"], width)
    used = [chosen["source"]]
    if chosen.get("confirmed_by"):
        lines += paragraph(
            _("A second source agrees: {source}.").format(source=chosen["confirmed_by"]), width
        )
        used.append(chosen["confirmed_by"])
    others = [
        row
        for row in dataset.observations.to_dicts()
        if row["source"] != chosen["source"]
        and all(row[name] == chosen[name] for name in ("place", "measure", "year", "technology"))
    ]
    if others:
        lines += [(), text(_("Other sources say"), "heading")]
    for row in others:
        said = f"{observation_text(row)} [{row['source']}]{bracketed(row['note'])}"
        lines += paragraph(said, width, "", "  ")
        used.append(row["source"])
    return lines + _sources(dataset, used, width)


def _headline(title: str, figure: str, width: int) -> list[Line]:
    return [*paragraph(title, width, "heading"), (), text(figure, "strong")]


def _basis(basis: str, width: int) -> list[Line]:
    words = _("basis: {basis}, {meaning}")
    meaning = _(BASIS_MEANINGS[basis])
    return paragraph(words.format(basis=basis_text(basis), meaning=meaning), width, "dim")


def _note(note: str | None, width: int) -> list[Line]:
    return paragraph(remark_text(note), width, "warning") if note else []


def _claims(dataset: Dataset, code: str, measure: str, year: int, width: int) -> list[Line]:
    lines: list[Line] = []
    for claim in dataset.claims.iter_rows(named=True):
        if (claim["measure"], claim["year"]) == (measure, year) and code in claim["places"].split(
            ";"
        ):
            sentence = claim_text(claim, names_in(dataset, claim), dataset.manifest, code)
            words = _("{source} {claim}").format(source=claim["source"], claim=sentence)
            lines += paragraph(words, width, "", "  ")
            lines += _note(claim.get("note"), width)
    return [(), text(_("Claims on it"), "heading"), *lines] if lines else []


def _sources(dataset: Dataset, ids: Any, width: int) -> list[Line]:
    lines: list[Line] = []
    for source_id in source_ids(ids):
        lines += paragraph(source_text(dataset.source(source_id)), width, "", "  ")
    return [(), text(_("Sources"), "heading"), *lines] if lines else []
