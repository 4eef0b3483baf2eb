"""What is said of a table of counts after it was read, on screen and on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citytech_tui.output import Block, Heading, Lines, Report
from citytech_tui.sentences import counted, exact_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from citytech_data.counts import CountsTable, LeftOut, Reading, TotalCheck
    from citytech_data.dataset import Dataset

Section = tuple[str, list[str]]
"""A heading and the sentences below it."""


def reading_sections(reading: Reading) -> Iterator[Section]:
    """Yield the account of a table: what was counted, what was not and why, and its totals."""
    sheet = f", sheet {reading.sheet}" if reading.sheet else ""
    columns = ", ".join(f"{header} ({what})" for what, header in reading.columns)
    read = [
        f"{counted(reading.counted, 'row', 'rows')} of {reading.rows:,} counted, "
        f"in {counted(reading.places, 'city', 'cities')}.",
        f"The headers are in row {reading.header_row}: {columns}.",
    ]
    if reading.unused:
        read.append(f"Columns that are not used: {', '.join(reading.unused)}.")
    if reading.empty:
        read.append(f"{counted(reading.empty, 'count is', 'counts are')} empty: not known.")
    if reading.filled:
        rows = counted(reading.filled, "row has", "rows have")
        read.append(f"{rows} no city; the one above was taken, as merged cells leave it.")
    yield f"{reading.file}{sheet}", read
    if reading.disagreeing:
        yield "! Totals that are not the sum", [_total(total) for total in reading.disagreeing]
    agreeing = [total for total in reading.totals if total.agrees]
    if agreeing:
        yield "Totals that are the sum, and not counted", [_total(total) for total in agreeing]
    if reading.left_out:
        yield "Rows that are not counted", [_left_out(row) for row in reading.left_out]


def _total(total: TotalCheck) -> str:
    said = f"row {total.row}: {total.label}: {exact_text(total.stated)}"
    return said if total.agrees else f"{said}; the sum is {exact_text(total.summed)}"


def _left_out(row: LeftOut) -> str:
    return f"row {row.row}: {row.text}: {row.reason}"


def counts_report(table: CountsTable, folder: Path | None) -> Report:
    """Return the account of a table, and where its dataset was written, if it was."""

    def blocks() -> list[Block]:
        blocks: list[Block] = []
        for heading, lines in reading_sections(table.reading):
            blocks += [Heading(heading), Lines(lines)]
        if folder is not None:
            blocks.append(Lines([f"The dataset is in {folder}: citytech-tui --dataset {folder}"]))
        return blocks

    return Report(blocks)


def left_out_warning(dataset: Dataset, name: str) -> str:
    """Return a sentence on rows of a table that are not counted, empty if all are."""
    notes = dataset.notes["topic"]
    rows, doubts = ((notes == topic).to_list().count(True) for topic in ("left-out", "doubt"))
    if not rows and not doubts:
        return ""
    said = [f"{counted(rows, 'row is', 'rows are')} not counted"] if rows else []
    said += [f"{counted(doubts, 'total is', 'totals are')} not the sum"] if doubts else []
    return f"{name}: {', '.join(said)}; citytech-tui counts {name} tells which."
