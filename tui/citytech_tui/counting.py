"""What is said of a table of counts after it was read, on screen and on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citytech_tui.blocks import Block, Heading, Lines
from citytech_tui.language import _, count_text, plural, translated
from citytech_tui.names import listed
from citytech_tui.output import Report
from citytech_tui.sentences import exact_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from citytech_data.counts import CountsTable, LeftOut, Reading, TotalCheck
    from citytech_data.dataset import Dataset

Section = tuple[str, list[str]]
"""A heading and the sentences below it."""


def reading_sections(reading: Reading) -> Iterator[Section]:
    """Yield the account of a table: what was counted, what was not and why, and its totals."""
    columns = listed(
        _("{header} ({what})").format(header=header, what=translated(what))
        for what, header in reading.columns
    )
    read = [
        _("{rows} of {all} counted, in {cities}.").format(
            rows=_rows(reading.counted),
            all=count_text(reading.rows),
            cities=_cities(reading.places),
        ),
        _("The headers are in row {row}: {columns}.").format(
            row=reading.header_row, columns=columns
        ),
    ]
    if reading.unused:
        unused = _("Columns that are not used: {columns}.")
        read.append(unused.format(columns=listed(reading.unused)))
    if reading.empty:
        empty = plural(
            "{number} count is empty: not known.",
            "{number} counts are empty: not known.",
            reading.empty,
        )
        read.append(empty.format(number=count_text(reading.empty)))
    if reading.filled:
        filled = plural(
            "{number} row has no city; the one above was taken, as merged cells leave it.",
            "{number} rows have no city; the one above was taken, as merged cells leave it.",
            reading.filled,
        )
        read.append(filled.format(number=count_text(reading.filled)))
    title = _("{file}, sheet {sheet}") if reading.sheet else "{file}"
    yield title.format(file=reading.file, sheet=reading.sheet), read
    if reading.disagreeing:
        yield _("! Totals that are not the sum"), [_total(total) for total in reading.disagreeing]
    agreeing = [total for total in reading.totals if total.agrees]
    if agreeing:
        yield _("Totals that are the sum, and not counted"), [_total(total) for total in agreeing]
    if reading.left_out:
        yield _("Rows that are not counted"), [_left_out(row) for row in reading.left_out]


def _rows(number: int) -> str:
    return plural("{number} row", "{number} rows", number).format(number=count_text(number))


def _cities(number: int) -> str:
    return plural("{number} city", "{number} cities", number).format(number=count_text(number))


def _total(total: TotalCheck) -> str:
    words = _("row {row}: {label}: {stated}; the sum is {sum}")
    if total.agrees:
        words = _("row {row}: {label}: {stated}")
    return words.format(
        row=total.row,
        label=total.label,
        stated=exact_text(total.stated),
        sum=exact_text(total.summed),
    )


def _left_out(row: LeftOut) -> str:
    return _("row {row}: {text}: {reason}").format(
        row=row.row, text=row.text, reason=translated(row.reason)
    )


def counts_report(table: CountsTable, folder: Path | None) -> Report:
    """Return the account of a table, and where its dataset was written, if it was."""

    def blocks() -> list[Block]:
        blocks: list[Block] = []
        for heading, lines in reading_sections(table.reading):
            blocks += [Heading(heading), Lines(lines)]
        if folder is not None:
            words = _("The dataset is in {place}: citytech-tui --dataset {place}")
            blocks.append(Lines([words.format(place=folder)]))
        return blocks

    return Report(blocks)


def left_out_warning(dataset: Dataset, name: str) -> str:
    """Return a sentence on rows of a table that are not counted, empty if all are."""
    notes = dataset.notes["topic"]
    rows, doubts = ((notes == topic).to_list().count(True) for topic in ("left-out", "doubt"))
    if not rows and not doubts:
        return ""
    said = []
    if rows:
        words = plural("{number} row is not counted", "{number} rows are not counted", rows)
        said.append(words.format(number=count_text(rows)))
    if doubts:
        words = plural("{number} total is not the sum", "{number} totals are not the sum", doubts)
        said.append(words.format(number=count_text(doubts)))
    words = _("{file}: {faults}; citytech-tui counts {file} tells which.")
    return words.format(file=name, faults=listed(said))
