"""Made-up countries of which everything is known, and true claims about them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import polars as pl

from citytech_data.dataset import Dataset
from citytech_data.manifest import Manifest
from citytech_data.schema import TABLES, Table
from tests.helpers import YEAR, package

PRESS, OFFICE = "press", "office"
_TYPES = {"string": pl.String(), "integer": pl.Int64(), "number": pl.Float64()}
Row = dict[str, Any]


def dataset_of(
    codes: Iterable[str], observations: list[Row], claims: list[Row], **citytech: object
) -> Dataset:
    """Return a dataset in memory."""
    rows: dict[str, list[Row]] = {
        "cities": [{"code": code, "name_en": f"City {code}"} for code in codes],
        "observations": observations,
        "claims": claims,
        "sources": [{"id": each, "title": each} for each in (OFFICE, PRESS)],
        "notes": [],
    }
    manifest = Manifest.from_package(
        package(**({"preference": [OFFICE, PRESS], "year": YEAR} | citytech))
    )
    return Dataset(manifest, **{table.name: _frame(table, rows[table.name]) for table in TABLES})


def _frame(table: Table, rows: list[Row]) -> pl.DataFrame:
    schema = {column.name: _TYPES[column.type] for column in table.columns}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema)


def seen(place: str, measure: str, value: float | None, **more: object) -> Row:
    """Return an observation, printed by the press unless said otherwise."""
    common = {"year": YEAR, "technology": "all", "basis": "printed", "source": PRESS}
    return {"place": place, "measure": measure, "value": value, **common, **more}


def said(name: str, kind: str, measure: str, places: Iterable[str], **more: object) -> Row:
    """Return a claim of the press."""
    common = {"id": name, "kind": kind, "measure": measure, "year": YEAR, "source": PRESS}
    return {**common, "places": ";".join(places), **more}


@dataclass
class World:
    """A country: its cities' true figures, and what is said of them."""

    random: random.Random
    codes: list[str]
    population: dict[str, int]
    total: dict[str, int]
    applications: dict[str, int]
    observations: list[Row] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)

    @classmethod
    def of(cls, size: int, seed: int) -> World:
        """Return a country without any claim; no two cities are equal in any measure."""
        chance = random.Random(seed)
        codes = [f"c{number}" for number in range(size)]
        population = {code: chance.randrange(300_000, 30_000_000, 100) for code in codes}
        total: dict[str, int] = {}
        for code in codes:
            taken = set(total.values())
            value = 0
            while value in taken or value == 0:
                value = int(chance.lognormvariate(6.5, 1.2)) + 1 + chance.randrange(size)
            total[code] = value
        applications = {
            code: total[code] * chance.randrange(9, 60) + chance.randrange(100) for code in codes
        }
        return cls(chance, codes, population, total, applications)

    def truth(self, code: str, measure: str) -> Fraction:
        """Return a true figure."""
        total = Fraction(self.total[code])
        return {
            "total": total,
            "density": total * 10_000 / self.population[code],
            "proportion": total * 100 / self.applications[code],
            "applications": Fraction(self.applications[code]),
        }[measure]

    def order(self, measure: str) -> list[str]:
        """Return the cities, best first."""
        return sorted(self.codes, key=lambda code: self.truth(code, measure), reverse=True)

    def rank(self, measure: str, length: int) -> None:
        """Print the first `length` of a ranking."""
        names = self.order(measure)[:length]
        # Equal ratios are rare but possible; a list of them may not be strict.
        values = [self.truth(code, measure) for code in self.order(measure)]
        op = None if len(set(values)) == len(values) else ">="
        self.claims.append(said(f"{measure}-list", "ranking", measure, names, op=op))

    def count_people(self) -> None:
        """Let the office print every population."""
        self.observations.extend(
            seen(code, "population", self.population[code], source=OFFICE) for code in self.codes
        )

    def count_applications(self, share: float) -> None:
        """Let the office print all applications of some of the cities."""
        self.observations.extend(
            seen(code, "all_apps", self.applications[code], source=OFFICE)
            for code in self.codes
            if self.random.random() < share
        )

    def print_values(self, measure: str, share: float) -> None:
        """Print some of the figures, rounded to three digits."""
        stored = "apps" if measure == "total" else measure
        for code in self.codes:
            if self.random.random() < share:
                text = f"{float(self.truth(code, measure)):.3g}"
                value, half = float(text), _half_unit(float(text))
                lower, upper = round(max(value - half, 0.0), 12), round(value + half, 12)
                self.observations.append(seen(code, stored, value, lower=lower, upper=upper))

    def bound_some(self, measure: str, count: int) -> None:
        """Say "more than" or "less than" of some cities."""
        for number, code in enumerate(self.random.sample(self.codes, min(count, len(self.codes)))):
            true = float(self.truth(code, measure))
            op = self.random.choice((">", "<", ">=", "<="))
            # Any factor: equal ones for two measures would be too near for a linear program.
            factor = self.random.uniform(0.6, 0.95)
            value = round(true * factor if op[0] == ">" else true / factor, 6)
            self.claims.append(
                said(f"{measure}-bound-{number}", "bound", measure, [code], op=op, value=value)
            )

    def dataset(self, **citytech: object) -> Dataset:
        """Return what is said as a dataset."""
        return dataset_of(self.codes, self.observations, self.claims, **citytech)


def _half_unit(value: float) -> float:
    """Return half a unit of the third significant digit."""
    exponent = int(f"{value:.2e}".split("e")[1])
    return float(f"5e{exponent - 3}")


def full_lists(size: int, seed: int) -> World:
    """Return a country with three full rank lists, as the benchmark needs."""
    world = World.of(size, seed)
    world.count_people()
    world.count_applications(0.5)
    for measure in ("total", "density", "proportion"):
        world.rank(measure, size)
    world.print_values("density", 0.02)
    return world
