"""Measurements as a table for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(slots=True)
class Row:
    """Samples of one thing, one a round.

    `against` holds what was measured beside it in the same rounds; the ratio is the median of
    the rounds' own ratios, so that a slow moment of the machine touches both sides.
    """

    name: str
    samples: list[float] = field(default_factory=list)
    against: Row | None = None

    def ratios(self) -> list[float]:
        """Return the ratio of each round."""
        if self.against is None:
            return []
        pairs = zip(self.samples, self.against.samples, strict=False)
        return [mine / other for mine, other in pairs if other]


@dataclass(slots=True)
class Group:
    """Rows of one unit under a heading."""

    name: str
    title: str
    unit: str
    rows: list[Row] = field(default_factory=list)
    remark: str = ""

    def row(self, name: str, against: str | None = None) -> Row:
        """Return the row of this name, made on first use; `against` names its yardstick."""
        found = next((row for row in self.rows if row.name == name), None)
        if found is None:
            found = Row(name)
            self.rows.append(found)
        if against is not None:
            found.against = self.row(against)
        return found


def number(value: float) -> str:
    """Return a figure with three significant digits, or all before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(groups: Iterable[Group]) -> str:
    """Return the groups as one aligned text."""
    lines: list[str] = []
    for group in groups:
        cells = [_cells(row) for row in group.rows]
        header = (f"{group.title} [{group.unit}]", "median", "min–max", "ratio", "min–max", "n")
        lines += ["", *_aligned([header, *cells])] if cells else ["", group.title]
        lines += [f"  {line}" for line in group.remark.split("\n") if line]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    samples, ratios = row.samples, row.ratios()
    ratio = (
        (f"{median(ratios):.2f}", f"{min(ratios):.2f}–{max(ratios):.2f}") if ratios else ("", "")
    )
    spread = f"{number(min(samples))}–{number(max(samples))}"
    return (f"  {row.name}", number(median(samples)), spread, *ratio, str(len(samples)))


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths[0] = max(widths[0], 58)
    return [
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def document(groups: Iterable[Group], machine: dict[str, str]) -> dict[str, Any]:
    """Return everything, all samples too, for JSON."""
    return {
        "machine": machine,
        "groups": [
            {
                "name": group.name,
                "title": group.title,
                "unit": group.unit,
                "remark": group.remark,
                "rows": [
                    {
                        "name": row.name,
                        "median": median(row.samples),
                        "samples": row.samples,
                        "against": row.against.name if row.against else None,
                        "ratio": median(ratios) if (ratios := row.ratios()) else None,
                    }
                    for row in group.rows
                ],
            }
            for group in groups
        ],
    }
