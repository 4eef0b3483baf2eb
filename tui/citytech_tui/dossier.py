"""The command line's report on one city: every figure, and how it is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from citytech_data.errors import CityTechError
from citytech_data.lookup import source_ids
from citytech_data.measures import Method
from citytech_data.vocabulary import ALL, MEASURES
from citytech_tui.blocks import Block, Heading, Lines
from citytech_tui.dataview import DataView
from citytech_tui.format import (
    city_text,
    figure_text,
    rank_text,
    scope_text,
    slice_texts,
    technology_text,
)
from citytech_tui.language import _
from citytech_tui.names import basis_text, bracketed, measure_title, named, remark_text, two_names
from citytech_tui.output import Record, Report
from citytech_tui.proofs import PROOF_TITLES, proof_sentences
from citytech_tui.reports import source_blocks, source_lines
from citytech_tui.selection import Selection
from citytech_tui.sentences import (
    claim_text,
    derivation_text,
    noted,
    observation_text,
    rounding_text,
    with_unit,
)

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset

CITY_COLUMNS = (
    "code",
    "city",
    "measure",
    "title",
    "year",
    "technology",
    "value",
    "lower",
    "upper",
    "unit",
    "rank",
    "basis",
    "source",
    "note",
)
"""The columns of an exported city: first its figures, then the observations behind them."""

_BASICS = ("population", "gdp", "urbanization")
_FIGURE = ("value", "lower", "upper", "basis", "source", "note")


class Dossier:
    """All that a dataset knows of one city."""

    def __init__(self, view: DataView, dataset: Dataset, selection: Selection, code: str) -> None:
        """Collect it: figures of the slice, observations of all years.

        Raises:
            CityTechError: if the city is not in the scope.
        """
        self.slice = selection.slice
        self.dataset = dataset
        self.manifest = dataset.manifest
        self.evidence = view.evidence(selection)
        everyone = view.standings(selection)
        if code not in everyone["code"]:
            among = scope_text(self.slice.scope, self.manifest.places)
            raise CityTechError(_("{code} is not among {scope}.").format(code=code, scope=among))
        self.row = everyone.row(by_predicate=pl.col("code") == code, named=True)
        self.gdp_ranked = everyone["gdp_rank"].count()
        self.observations = self._observations()
        self.notes = self._rows(dataset.notes, pl.col("place") == code)
        claimed = pl.col("places").str.split(";").list.contains(pl.lit(code))
        self.claims = self._rows(dataset.claims, claimed)

    @staticmethod
    def _rows(frame: pl.DataFrame, wanted: pl.Expr) -> list[dict[str, Any]]:
        return frame.filter(wanted).rows(named=True)

    def _observations(self) -> list[dict[str, Any]]:
        """The city's observations by measure, the preferred of several sources first."""
        preference = {source: index for index, source in enumerate(self.manifest.preference)}
        rows = self._rows(self.dataset.observations, pl.col("place") == self.row["code"])
        rows = [row for row in rows if row["basis"] != "missing" and not self._is_figure(row)]
        first = {row["measure"]: index for index, row in reversed(list(enumerate(rows)))}
        basics = {measure: index - len(_BASICS) for index, measure in enumerate(_BASICS)}
        return sorted(
            rows,
            key=lambda row: (
                (first | basics)[row["measure"]],
                -row["year"],
                preference.get(row["source"], len(preference)),
            ),
        )

    def _is_figure(self, observation: Record) -> bool:
        """Whether an observation is shown already, as the figure of a measure."""
        stored = {self.manifest.count: "total", "density": "density", "proportion": "proportion"}
        measure = stored.get(observation["measure"])
        asked = (self.slice.year, self.slice.technology)
        return (
            measure is not None
            and (observation["year"], observation["technology"]) == asked
            and self.row[f"{measure}_method"] == Method.OBSERVED
            and self.row[f"{measure}_source"] == observation["source"]
        )

    def report(self) -> Report:
        """Return the city as blocks, as records and as a JSON document."""
        return Report(
            self.blocks,
            CITY_COLUMNS,
            self.records,
            self.document,
            title=lambda: city_text(self.row),
        )

    def records(self) -> Iterator[Record]:
        """Yield its figures and observations, in `CITY_COLUMNS`."""
        city = {"code": self.row["code"], "city": self.row["city"]}
        yield from (city | figure for figure in self._figures())
        for row in self.observations:
            title = self.manifest.stored_label(row["measure"]).title
            yield city | row | {"title": title, "rank": None}

    def document(self) -> Record:
        """Return everything as one JSON object."""
        row = self.row
        own = ("measure", "year", "technology", "value", "lower", "upper", "unit")
        observed = (*own, "basis", "source", "note")
        noted = ("topic", "text_en", "text_zh", "source")
        claimed = ("id", "kind", "measure", "year", "op", "value", "source", "quote")
        sources = self.dataset.sources.filter(pl.col("id").is_in(self._used()))
        return {
            **{name: row[name] for name in ("code", "city", "city_zh", "province", "province_zh")},
            "dataset": self.dataset.name,
            "year": self.slice.year,
            "technology": self.slice.technology,
            "gdp_rank": row["gdp_rank"],
            "figures": [
                figure | {"derivation": derivation_text(row, figure["measure"], self.manifest)}
                for figure in self._figures()
            ],
            "observations": [{name: item[name] for name in observed} for item in self.observations],
            "notes": [{name: note[name] for name in noted} for note in self.notes],
            "claims": [
                {name: claim[name] for name in claimed} | {"text": self._claim(claim)}
                for claim in self.claims
            ],
            "sources": sources.rows(named=True),
        }

    def _figures(self) -> Iterator[dict[str, Any]]:
        for measure in MEASURES:
            label = self.manifest.labels[measure]
            yield {
                "measure": measure,
                "title": label.title,
                "year": self.slice.year,
                "technology": self.slice.technology,
                "unit": label.unit,
                "rank": self.row[f"{measure}_rank"],
                **{name: self.row[f"{measure}_{name}"] for name in _FIGURE},
            }

    def _used(self) -> list[str]:
        """The ids of all sources, in the order of their use."""
        figures = [self.row[f"{measure}_source"] for measure in MEASURES]
        others = [row["source"] for row in (*self.observations, *self.claims, *self.notes)]
        return source_ids([*figures, *others])

    def blocks(self) -> list[Block]:
        """Return everything as blocks for people."""
        row = self.row
        province = two_names(row["province"] or "", row["province_zh"])
        facts = [row["code"], province, *slice_texts(self.slice, self.manifest)]
        blocks: list[Block] = [
            Heading(city_text(row)),
            Lines([" · ".join(filter(None, facts))]),
        ]
        for measure in MEASURES:
            blocks += self._figure_blocks(measure)
        blocks += self._observation_blocks()
        if self.claims:
            blocks += [Heading(_("Claims")), Lines(self._claim_lines())]
        if self.notes:
            blocks += [Heading(_("Notes")), Lines([*map(noted, self.notes)])]
        return blocks + source_blocks(self.dataset, self._used())

    def _figure_blocks(self, measure: str) -> list[Block]:
        row, label = self.row, self.manifest.labels[measure]
        figure = with_unit(figure_text(row, measure, label.unit), label.unit)
        rank = rank_text(row[f"{measure}_rank"], row[f"{measure}_rank_worst"])
        heading = _("{measure} {figure} ({basis}), rank {rank}").format(
            measure=measure_title(measure),
            figure=figure,
            basis=basis_text(row[f"{measure}_basis"]),
            rank=rank,
        )
        derived = derivation_text(row, measure, self.manifest)
        lines = [label.title, _("How known: {derivation}").format(derivation=derived)]
        lines += self._proofs(measure)
        rounding = rounding_text(row, measure, self.manifest)
        if rounding:
            lines.append(_("Lies {between}").format(between=rounding))
        if row[f"{measure}_note"]:
            lines.append(_("Note: {note}").format(note=remark_text(row[f"{measure}_note"])))
        lines += [
            _("Source: {source}").format(source=line)
            for line in source_lines(self.dataset, [row[f"{measure}_source"]])
        ]
        return [Heading(heading), Lines([f"  {line}" for line in lines])]

    def _proofs(self, measure: str) -> list[str]:
        """The steps that prove a figure's bounds, nothing for a figure with a value."""
        evidence = self.evidence
        if evidence is None or self.row[f"{measure}_method"] != Method.PROVEN:
            return []
        evidence = named(evidence, self.dataset)
        interval = evidence.interval(self.row["code"], measure)
        lines = []
        for title, bound in zip(PROOF_TITLES, (interval.lower, interval.upper), strict=True):
            if bound is not None:
                lines.append(_("{title}:").format(title=_(title)))
                steps = proof_sentences(bound, evidence, self.manifest)
                lines += [f"  {number}. {step}" for number, step in enumerate(steps, 1)]
        return lines

    def _observation_blocks(self) -> list[Block]:
        basics = [row for row in map(self._basic, _BASICS) if row is not None]
        further = [row for row in self.observations if row not in basics]
        blocks: list[Block] = []
        for title, rows in (
            (_("The {city}").format(city=self.manifest.places.one), basics),
            (_("Further observations"), further),
        ):
            if rows:
                blocks += [Heading(title), Lines([self._observation_line(row) for row in rows])]
        return blocks

    def _observation_line(self, row: Record) -> str:
        words = _("{title}, {year}: {figure} ({basis})")
        if row["technology"] != ALL:
            words = _("{title}, {technology}, {year}: {figure} ({basis})")
        elif row["measure"] == "gdp" and row["year"] == self.slice.year:
            words = _("{title}, {year}: {figure} ({basis}), rank {rank} of {count}")
        line = words.format(
            title=self.manifest.stored_label(row["measure"]).title,
            technology=technology_text(row["technology"]),
            year=row["year"],
            figure=observation_text(row),
            basis=basis_text(row["basis"]),
            rank=rank_text(self.row["gdp_rank"]),
            count=self.gdp_ranked,
        )
        return "".join(
            (line, _("; ") + remark_text(row["note"]) if row["note"] else "", f" [{row['source']}]")
        )

    def _basic(self, measure: str) -> dict[str, Any] | None:
        """The observation of `measure` that counts: of the shown year, else of the latest."""
        rows = [row for row in self.observations if row["measure"] == measure]
        return next((row for row in rows if row["year"] == self.slice.year), next(iter(rows), None))

    def _claim(self, claim: dict[str, Any]) -> str:
        names = {self.row["code"]: city_text(self.row)}
        return claim_text(claim, names, self.manifest, self.row["code"])

    def _claim_lines(self) -> Sequence[str]:
        lines = []
        for claim in self.claims:
            note = bracketed(claim.get("note"))
            lines.append(f"{self._claim(claim)}{note} [{claim['source']}]")
        return lines
