"""Read the claims and observations of a dataset and year into constraints.

- A figure of a source lies between its lower and upper bound (both included: rounding
  conventions differ), or is its value where it has no bounds.
- Density is total per 10,000 residents, proportion is total as percent of all applications. The
  denominator is what the source of the claim prints itself, else the dataset's preferred figure.
- A list is strict (a name has more than the next) unless its `op` is `>=`: otherwise two lists in
  opposite order would not contradict but "prove" their cities equal. Names between two that are
  exactly equal by the dataset's own figures are ties, as some order had to be printed.
- Of several sources for a figure the preferred one counts, as everywhere in this program.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.evidence.model import SHARE, Rule, Statement
from citytech_data.evidence.system import (
    REFERENCE,
    Limit,
    Link,
    Member,
    Node,
    Ranking,
    System,
    Unit,
)
from citytech_data.evidence.weights import exact
from citytech_data.manifest import PER_COUNTRY
from citytech_data.measures import PERCENT, RESIDENTS
from citytech_data.vocabulary import ALL, MEASURES

__all__ = ["SHARE", "read_system"]


class _Figure(NamedTuple):
    id: str
    source: str
    basis: str
    value: Fraction | None
    lower: Fraction | None
    upper: Fraction | None


def read_system(dataset: Dataset, year: int) -> System:
    """Return the constraints that the claims and observations of `year` make."""
    return _Reader(dataset, year).read()


class _Reader:
    def __init__(self, dataset: Dataset, year: int) -> None:
        self.manifest = dataset.manifest
        self.codes: tuple[str, ...] = tuple(dataset.cities["code"].to_list())
        self.statements: dict[str, Statement] = {}
        self.ids: dict[tuple[str, str, str], str] = {}
        self.preferred = self._figures(dataset.preferred, year)
        self.printed = self._figures(dataset.observations, year)
        in_year = (pl.col("year") == year) & pl.col("measure").is_in(MEASURES)
        self.claims: list[dict[str, Any]] = dataset.claims.filter(in_year).to_dicts()
        self.claiming = {row["source"] for row in self.claims}
        self.nodes: dict[Node, int] = {Node("", ""): REFERENCE}
        self.facts: list[Link] = []
        self.by_place: dict[tuple[str, str], _Figure] = {
            (measure, place): figure for (measure, place, _), figure in self.preferred.items()
        }

    def read(self) -> System:
        """Return the constraints."""
        main = self._main_sources()
        reported = {
            (code, measure): self._node(measure, code, main[measure, code])
            for measure in MEASURES
            for code in self.codes
        }
        self._observed()
        rankings: list[Ranking] = []
        members: list[Member] = []
        for row in self.claims:
            self._state_claim(row)
            if row["kind"] == "ranking":
                rankings.append(self._ranking(row))
            elif row["op"] == "top":
                members.extend(self._members(row))
            else:
                self._bound(row)
        of_place = self.manifest.share_of != PER_COUNTRY
        return System(
            nodes=tuple(self.nodes),
            facts=tuple(self.facts),
            rankings=tuple(rankings),
            members=tuple(members),
            limit=self._limit(),
            official=frozenset(self._official()),
            reported=reported,
            applications=self._applications() if of_place else {},
            statements=self.statements,
            codes=self.codes,
            share_of_place=of_place,
        )

    def _figures(self, frame: pl.DataFrame, year: int) -> dict[tuple[str, str, str], _Figure]:
        manifest = self.manifest
        measures = {"population", "density", "proportion", manifest.count, manifest.share_measure}
        rows = frame.filter(
            (pl.col("year") == year)
            & (pl.col("technology") == ALL)
            & (pl.col("basis") != "missing")
            & pl.col("measure").is_in(list(measures))
        )
        return {
            (row["measure"], row["place"], row["source"]): self._figure(row)
            for row in rows.iter_rows(named=True)
        }

    def _figure(self, row: dict[str, Any]) -> _Figure:
        name = f"{row['measure']}:{row['place']}:{row['source']}"
        lower, upper = (
            row["value"] if row[side] is None else row[side] for side in ("lower", "upper")
        )
        self.statements[name] = Statement(
            id=name,
            kind="observation",
            measure="total" if row["measure"] == self.manifest.count else row["measure"],
            places=(row["place"],),
            value=row["value"],
            lower=lower,
            upper=upper,
            source=row["source"],
        )
        numbers = (None if each is None else exact(each) for each in (row["value"], lower, upper))
        return _Figure(name, row["source"], row["basis"], *numbers)

    def _state_claim(self, row: dict[str, Any]) -> None:
        self.statements[row["id"]] = Statement(
            id=row["id"],
            kind=row["kind"],
            measure=row["measure"],
            places=tuple(row["places"].split(";")),
            op=row["op"] or "",
            value=row["value"],
            source=row["source"],
            quote=row["quote"] or "",
        )

    def _official(self) -> Iterable[str]:
        """Yield the observations that are statistics: no claim is believed before them.

        That is what was counted, what sources give that make no claims, and every denominator: a
        source quotes it from statistics even where it prints it itself.
        """
        denominators = {"population", self.manifest.share_measure}
        for (measure, _, source), figure in (self.printed | self.preferred).items():
            quoted = measure in denominators and measure != self.manifest.count
            if quoted or figure.basis == "counted" or source not in self.claiming:
                yield figure.id

    def _main_sources(self) -> dict[tuple[str, str], str]:
        """The source whose denominators the reported figure of each measure and city has."""
        order = {source: rank for rank, source in enumerate(self.manifest.preference)}
        found = {}
        for measure in MEASURES:
            sources = [row["source"] for row in self.claims if row["measure"] == measure]
            first = min(sources, key=lambda each: order.get(each, len(order)), default="")
            for code in self.codes:
                figure = self.by_place.get((measure, code))
                found[measure, code] = figure.source if figure else first
        return found

    def _node(self, measure: str, code: str, source: str) -> int:
        """Return the node of a figure as `source` means it, linked to the total on first use."""
        figure = self._denominator(measure, code, source)
        node = Node(measure, code, figure.id if figure else "")
        known = self.nodes.get(node)
        if known is not None:
            return known
        index = self.nodes[node] = len(self.nodes)
        if measure == "total":
            return index
        if figure:
            factor = RESIDENTS if measure == "density" else PERCENT
            self._ratio(self._node("total", code, ""), index, factor, figure)
        if measure == "proportion":
            whole = Link(
                REFERENCE, index, Fraction(PERCENT), False, Rule.SHARE, (SHARE,), frozenset()
            )
            self.facts.append(whole)
        return index

    def _denominator(self, measure: str, code: str, source: str) -> _Figure | None:
        if measure == "total":
            return None
        if measure == "density":
            key, place = "population", code
        elif self.manifest.share_of == PER_COUNTRY:
            key, place = self.manifest.share_measure, self.manifest.country
        else:
            key, place = self.manifest.share_measure, code
        return self.printed.get((key, place, source)) or self.by_place.get((key, place))

    def _ratio(self, total: int, ratio: int, factor: int, whole: _Figure) -> None:
        unit = frozenset((Unit(whole.id),))
        if whole.lower:
            down = factor / whole.lower
            self.facts.append(Link(total, ratio, down, False, Rule.RATIO, (whole.id,), unit))
        if whole.upper:
            up = whole.upper / factor
            self.facts.append(Link(ratio, total, up, False, Rule.RATIO, (whole.id,), unit))

    def _observed(self) -> None:
        measures = {self.manifest.count: "total", "density": "density", "proportion": "proportion"}
        cities = set(self.codes)
        for (stored, code, source), figure in self.preferred.items():
            if stored in measures and code in cities:
                node = self._node(measures[stored], code, source)
                self._between(node, figure)

    def _between(self, node: int, figure: _Figure) -> None:
        unit = Unit(figure.id)
        if figure.upper is not None:
            self._limit_node(node, figure.upper, False, Rule.OBSERVED, unit)
        if figure.lower:
            self._exceed_node(node, figure.lower, False, Rule.OBSERVED, unit)

    def _limit_node(self, node: int, value: Fraction, strict: bool, rule: Rule, unit: Unit) -> None:
        self.facts.append(
            Link(REFERENCE, node, value, strict, rule, (unit.id,), frozenset((unit,)))
        )

    def _exceed_node(
        self, node: int, value: Fraction, strict: bool, rule: Rule, unit: Unit
    ) -> None:
        self.facts.append(
            Link(node, REFERENCE, 1 / value, strict, rule, (unit.id,), frozenset((unit,)))
        )

    def _bound(self, row: dict[str, Any]) -> None:
        codes, value, op = row["places"].split(";"), exact(row["value"]), row["op"]
        for code in codes:
            unit = Unit(row["id"], code if len(codes) > 1 else "")
            node = self._node(row["measure"], code, row["source"])
            strict = op in ("<", ">")
            if op in ("<", "<="):
                self._limit_node(node, value, strict, Rule.CLAIMED, unit)
            elif value:
                self._exceed_node(node, value, strict, Rule.CLAIMED, unit)

    def _ranking(self, row: dict[str, Any]) -> Ranking:
        codes = tuple(row["places"].split(";"))
        named = set(codes)
        others = tuple(code for code in self.codes if code not in named)
        nodes = tuple(self._node(row["measure"], code, row["source"]) for code in codes)
        other_nodes = tuple(self._node(row["measure"], code, row["source"]) for code in others)
        floor = self.nodes[Node("floor", row["id"])] = len(self.nodes)
        by_node = dict(zip((*nodes, *other_nodes), (*codes, *others), strict=True))
        return Ranking(
            id=row["id"],
            codes=codes,
            nodes=nodes,
            others=others,
            other_nodes=other_nodes,
            floor=floor,
            ties=self._ties(row, codes, others),
            by_node=by_node,
            position={code: place for place, code in enumerate(codes)},
        )

    def _ties(
        self, row: dict[str, Any], codes: Sequence[str], others: Sequence[str]
    ) -> tuple[bool, ...]:
        if row["op"] == ">=":
            return (True,) * len(codes)
        stored = self.manifest.count if row["measure"] == "total" else row["measure"]
        first: dict[Fraction, int] = {}
        ties = [False] * len(codes)
        for place, code in [*enumerate(codes), *((len(codes), code) for code in others)]:
            figure = self.by_place.get((stored, code))
            if figure and figure.value is not None and figure.lower == figure.upper:
                start = first.setdefault(figure.value, place)
                ties[start:place] = [True] * (place - start)
        return tuple(ties)

    def _members(self, row: dict[str, Any]) -> Iterable[Member]:
        codes = row["places"].split(";")
        nodes = {code: self._node(row["measure"], code, row["source"]) for code in self.codes}
        for code in codes:
            unit = Unit(row["id"], code if len(codes) > 1 else "")
            peers = tuple(node for other, node in nodes.items() if other != code)
            yield Member(unit.id, unit, int(row["value"]), nodes[code], peers)

    def _limit(self) -> Limit | None:
        figure = self.by_place.get((self.manifest.count, self.manifest.country))
        if figure is None or figure.upper is None or self.manifest.country in self.codes:
            return None
        return Limit(figure.id, self.manifest.country, figure.upper)

    def _applications(self) -> dict[str, tuple[str, Fraction | None, Fraction | None]]:
        measure = self.manifest.share_measure
        found = {code: self.by_place.get((measure, code)) for code in self.codes}
        return {
            code: (figure.id, figure.lower, figure.upper)
            for code, figure in found.items()
            if figure
        }
