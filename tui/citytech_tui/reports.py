"""What the verbs of the command line report: rankings, the trend, datasets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from citytech_data.errors import quoted
from citytech_data.lookup import source_ids
from citytech_data.ranking import export_ranking, rank_columns
from citytech_data.rows import FrameRows
from citytech_data.trend import growth, series
from citytech_tui.blocks import Block, Column, Heading, Lines, Table
from citytech_tui.dataview import DataView
from citytech_tui.format import (
    MISSING,
    change_text,
    city_text,
    figure_text,
    is_doubtful,
    number_text,
    percent_text,
    rank_text,
    slice_texts,
)
from citytech_tui.language import N_, _, count_text, plural
from citytech_tui.names import basis_text, counted, in_language, listed, province_text
from citytech_tui.output import Report
from citytech_tui.selection import Selection
from citytech_tui.sentences import country_notes, exact_text, noted, source_text

if TYPE_CHECKING:
    import polars as pl

    from citytech_data.dataset import Dataset
    from citytech_data.manifest import Manifest

TREND_COLUMNS = (
    "measure",
    "title",
    "unit",
    "year",
    "value",
    "indexed",
    "year_on_year",
    "basis",
    "source",
)
"""The columns of an exported trend."""


def source_lines(dataset: Dataset, joined: Iterable[str | None]) -> list[str]:
    """Return a line for each source in `joined`, ids joined by `;`, in the order of first use."""
    texts = {row["id"]: source_text(row) for row in dataset.sources.iter_rows(named=True)}
    return [texts.get(name, name) for name in source_ids(joined)]


def source_blocks(dataset: Dataset, joined: Iterable[str | None]) -> list[Block]:
    """Return the heading `Sources` with `source_lines`, nothing if there are none."""
    lines = source_lines(dataset, joined)
    return [Heading(_("Sources")), Lines(lines)] if lines else []


def rank_report(
    view: DataView, dataset: Dataset, selection: Selection, measure: str, top: int | None
) -> Report:
    """Return the ranking of the selected cities, the first `top` of them."""
    rows = view.ranking(measure, selection)
    if not isinstance(rows, FrameRows):
        raise TypeError("the dataset is not loaded")
    frame = rows.frame if top is None else rows.frame.head(top)

    def blocks() -> list[Block]:
        manifest = dataset.manifest
        label = manifest.labels[measure]
        facts = [label.title, *slice_texts(selection.slice, manifest)]
        if selection.filter:
            facts.append(_("filter {text}").format(text=quoted(selection.filter)))
        heading = Heading(" · ".join(facts))
        if frame.is_empty():
            return [heading, Lines([_("No {city} fits.").format(city=manifest.places.one)])]
        scoped = f"{measure}_rank_all" in frame.columns
        columns = _rank_columns(manifest, label.column, scoped=scoped)
        shown = len(columns)
        if frame["gdp_rank"].is_null().all():
            shown -= _GDP_COLUMNS
        cells = [_rank_cells(row, measure, label.unit) for row in frame.iter_rows(named=True)]
        blocks: list[Block] = [heading, Table(columns[:shown], [row[:shown] for row in cells])]
        if measure in manifest.absent and frame[f"{measure}_basis"].eq("missing").all():
            blocks.append(Lines([manifest.absent[measure]]))
        return [*blocks, *source_blocks(dataset, frame[f"{measure}_source"])]

    return Report(
        blocks,
        rank_columns(frame),
        lambda: export_ranking(frame, measure).iter_rows(named=True),
    )


_GDP_COLUMNS = 2
"""How many of the last columns are left out where no GDP is known."""


def _rank_columns(manifest: Manifest, figure: str, *, scoped: bool) -> Sequence[Column]:
    return (
        Column("#", right=True),
        *((Column(_("# all"), right=True, priority=5),) if scoped else ()),
        Column(manifest.places.one.capitalize(), least=16),
        Column(manifest.places.region, priority=4, least=10),
        Column(figure, right=True),
        Column(_("Basis"), priority=1),
        Column(_("GDP #"), right=True, priority=2),
        Column(_("Δ GDP"), right=True, priority=3),
    )


def _rank_cells(row: dict[str, Any], measure: str, unit: str) -> Sequence[str]:
    basis = basis_text(row[f"{measure}_basis"])
    if is_doubtful(row[f"{measure}_note"]):
        basis = _("{basis}, doubtful").format(basis=basis)
    rank = f"{measure}_rank"
    scoped = f"{rank}_all" in row
    return (
        rank_text(row[rank], row[f"{rank}_worst"]),
        *([rank_text(row[f"{rank}_all"], row[f"{rank}_worst_all"])] if scoped else ()),
        city_text(row),
        province_text(row),
        figure_text(row, measure, unit),
        basis,
        rank_text(row["gdp_rank"]),
        change_text(row[f"{measure}_rank_change"]),
    )


def trend_report(dataset: Dataset) -> Report:
    """Return the national series: their ends and growth as blocks, every year as records."""
    frame = series(dataset)

    def title() -> str:
        return f"{dataset.name} · " + _("national series")

    def blocks() -> list[Block]:
        heading = Heading(title())
        if frame.is_empty():
            absent = dataset.manifest.absent.get("trend", _("The dataset has none."))
            return [heading, Lines([absent]), *_note_blocks(dataset)]
        rows = [_trend_cells(row) for row in growth(frame).iter_rows(named=True)]
        blocks: list[Block] = [heading, Table(_trend_columns(), rows)]
        if any(_(_ENDS_ONLY) in row for row in rows):
            words = _("{ends_only}: no year between the first and the last is known.")
            blocks.append(Lines([words.format(ends_only=_(_ENDS_ONLY))]))
        noted_by = (note["source"] for note in country_notes(dataset))
        sources = source_blocks(dataset, [*frame["source"], *noted_by])
        return [*blocks, *_note_blocks(dataset), *sources]

    return Report(blocks, TREND_COLUMNS, lambda: _trend_records(frame), title=title)


def _note_blocks(dataset: Dataset) -> list[Block]:
    notes = [noted(note) for note in country_notes(dataset)]
    return [Heading(_("On the whole dataset")), Lines(notes)] if notes else []


def _trend_records(frame: pl.DataFrame) -> Iterable[dict[str, Any]]:
    return frame.select(TREND_COLUMNS).iter_rows(named=True)


_ENDS_ONLY = N_("ends only")


def _trend_columns() -> Sequence[Column]:
    return (
        Column(_("Series"), least=18, wraps=True),
        Column(_("Unit"), priority=1),
        Column(_("Years")),
        Column(_("First"), right=True),
        Column(_("Last"), right=True),
        Column(_("Times"), right=True),
        Column(_("A year"), right=True),
        Column(_("Known")),
    )


def _trend_cells(row: dict[str, Any]) -> Sequence[str]:
    first, last = row["first_year"], row["last_year"]
    several = row["points"] > 1
    return (
        row["title"],
        row["unit"] or "",
        f"{first}–{last}" if several else str(first),
        exact_text(row["first"]),
        exact_text(row["last"]),
        number_text(row["factor"]) if several else MISSING,
        percent_text(row["cagr"]),
        _(_ENDS_ONLY)
        if row["end_points_only"]
        else plural("{number} year", "{number} years", row["points"]).format(number=row["points"]),
    )


def datasets_report() -> Report:
    """Return the datasets that come with the program."""
    from citytech_data import DEFAULT
    from citytech_data.catalogue import embedded_names
    from citytech_data.dataset import open_dataset

    def blocks() -> list[Block]:
        columns = (
            Column(_("Name")),
            Column(_("Title"), least=20, wraps=True),
            Column(_("Places"), right=True),
            Column(_("Years")),
            Column(_("Total counts"), priority=1, least=20, wraps=True),
        )
        rows = []
        for dataset in map(in_language, map(open_dataset, embedded_names())):
            manifest = dataset.manifest
            counts = manifest.labels["total"].title
            years = _years_text(dataset.years)
            rows.append(
                (dataset.name, manifest.title, count_text(dataset.cities.height), years, counts)
            )
        return [
            Table(columns, rows),
            Lines([_("Without --dataset, {default} is used.").format(default=DEFAULT)]),
        ]

    return Report(blocks)


def validity_report(folder: str, dataset: Dataset) -> Report:
    """Return that a dataset is valid, and how much it holds."""
    observations, claims = dataset.observations.height, dataset.claims.height

    def blocks() -> list[Block]:
        holds = (
            counted(dataset.cities.height, dataset.manifest.places),
            plural("{number} observation", "{number} observations", observations).format(
                number=count_text(observations)
            ),
            plural("{number} claim", "{number} claims", claims).format(number=count_text(claims)),
        )
        words = _("{folder}: valid: {holds}")
        return [Lines([words.format(folder=folder, holds=listed(holds))])]

    return Report(blocks)


def _years_text(years: Sequence[int]) -> str:
    if len(years) > 3 and years[-1] - years[0] == len(years) - 1:
        return f"{years[0]}–{years[-1]}"
    return listed(map(str, years))
