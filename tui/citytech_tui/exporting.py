"""What each tab gives to take away: the table, the series, the city or the picture shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from citytech_data.errors import CityTechError, quoted
from citytech_data.extract import Extract
from citytech_data.lookup import find_city, source_ids
from citytech_data.ranking import ranking
from citytech_data.rows import FrameRows, Row
from citytech_data.scope import EVERYWHERE
from citytech_data.text import clean
from citytech_data.vocabulary import ALL, MEASURES, POPULATION
from citytech_tui.blocks import Block, Heading, Lines, Table
from citytech_tui.blocks import Column as TextColumn
from citytech_tui.columns import facts_of, laid_out, ranking_columns
from citytech_tui.format import BASIS_MEANINGS, figure_text, rank_text, slice_texts
from citytech_tui.language import _
from citytech_tui.names import listed
from citytech_tui.output import Report
from citytech_tui.preferences import TableColumns
from citytech_tui.reports import source_blocks, trend_report
from citytech_tui.takeaway import Takeaway, write_away

if TYPE_CHECKING:
    import polars as pl

    from citytech_data.dataset import Dataset
    from citytech_tui.dataview import DataView
    from citytech_tui.drawing.look import Look
    from citytech_tui.drawing.shown import Shown
    from citytech_tui.selection import Selection
    from citytech_tui.widgets.table import Column

_DRAWN = ("bar", "history", "flags")
"""Columns of the screen that draw what other columns hold."""
_WIDEST = 60


def row_text(row: Row, measure: str) -> str:
    """Return a city's rank, names and figure as tab-separated text."""
    rank = rank_text(row[f"{measure}_rank"], row[f"{measure}_rank_worst"])
    figure, basis = figure_text(row, measure), row[f"{measure}_basis"]
    return "\t".join((rank, row["code"], row["city"], row["city_zh"] or "", figure, basis))


def slice_stem(selection: Selection) -> str:
    """Return the slice for the name of a file: `2021-ai-gdp50`."""
    slice_ = selection.slice
    parts = [str(slice_.year)]
    parts += [] if slice_.technology == ALL else [slice_.technology]
    if slice_.scope != EVERYWHERE:
        # So many names would not fit into that of a file.
        cities = len(slice_.scope.cities)
        parts.append(f"{cities}-cities" if cities else slice_.scope.text.replace(":", "-"))
    parts += [] if slice_.population == POPULATION else [slice_.population]
    return "-".join(parts if slice_.proven else [*parts, "printed"])


class Drawn(NamedTuple):
    """The picture that the verb `export` is asked for, if it is."""

    kind: str | None = None
    across: str | None = None
    """The other measure of a scatter."""
    log: str | None = None
    """Which axes of a scatter are logarithmic: `across`, `up` or `both`."""
    shares: bool = False
    """Whether bars are equally long."""


class Wanted(NamedTuple):
    """What the verb `export` is asked for."""

    what: str
    """A measure, `trend` or `city`."""
    city: str | None = None
    columns: tuple[str, ...] = ()
    drawn: Drawn = Drawn()


def wanted_takeaway(
    view: DataView, dataset: Dataset, selection: Selection, wanted: Wanted
) -> Takeaway:
    """Return what is asked for.

    Raises:
        CityTechError: if no city or column is of that name, or one is named in vain.
    """
    what, city, columns, drawn = wanted
    if what in MEASURES and drawn.kind is not None:
        return _wanted_picture(view, dataset, selection, wanted)
    if drawn != Drawn():
        raise CityTechError(
            _("pictures and their options are for: export MEASURE FILE --picture NAME")
        )
    if what == "city":
        from citytech_tui.dossier import Dossier

        if not city:
            raise CityTechError(_("name the city with --city"))
        code = find_city(dataset.cities, city)
        report = Dossier(view, dataset, selection, code).report()
        return report_takeaway(f"city-{code}", report, dataset, selection)
    if city:
        raise CityTechError(_("--city is for: export city FILE. --filter narrows a ranking"))
    if what == "trend":
        return report_takeaway("trend", trend_report(dataset), dataset)
    known = [column.key for column in ranking_columns(what, facts_of(view, selection, what))]
    for key in columns:
        if key not in known:
            words = _("there is no column {column}. There are {columns}")
            raise CityTechError(words.format(column=quoted(key), columns=", ".join(known)))
    return ranking_takeaway(view, dataset, selection, what, TableColumns(columns))


def _wanted_picture(
    view: DataView, dataset: Dataset, selection: Selection, wanted: Wanted
) -> Takeaway:
    from citytech_tui.drawing.gallery import KINDS, known_measures, possible
    from citytech_tui.drawing.look import Look
    from citytech_tui.drawing.shown import Subject, Wish

    drawn = wanted.drawn
    kind = next(each for each in KINDS if each.name == drawn.kind)
    vain = {
        "--columns": wanted.columns,
        "--across": drawn.across and not kind.across,
        "--log": drawn.log and not kind.across,
        "--shares": drawn.shares and not kind.shares,
    }
    for option, given in vain.items():
        if given:
            words = _("{option} is not for the picture {name}")
            raise CityTechError(words.format(option=option, name=kind.name))
    rows = view.ranking(wanted.what, selection)
    if not isinstance(rows, FrameRows):
        raise TypeError("the dataset is not loaded")
    standings = ranking(rows.frame, MEASURES[0])  # as on the tab Pictures
    asked = Wish(
        measure=wanted.what,
        across=drawn.across or Wish().across,
        log_x=drawn.log in ("across", "both"),
        log_y=drawn.log in ("up", "both"),
        shares=drawn.shares,
    )
    wish = possible(kind, asked, standings)
    for name in (wanted.what, drawn.across):
        if kind.measures and name and name not in (wish.measure, wish.across):
            words = _("the picture {name} has no measure {measure} here. It has {known}.")
            known = listed(known_measures(kind, standings))
            raise CityTechError(words.format(name=kind.name, measure=quoted(name), known=known))
    subject = Subject(dataset, standings, selection.year, selection.technology, wish)
    code = None if wanted.city is None else find_city(dataset.cities, wanted.city)
    return picture_takeaway(dataset, selection, kind.make(subject), Look(code), kind.name)


def export_report(taken: Takeaway, path: Path, *, replace: bool) -> Report:
    """Write something to a file and return what the verb says of it."""
    files = write_away(taken, path.expanduser(), replace=replace)
    return Report(
        lambda: [Lines([_("Wrote {file}").format(file=clean(str(file))) for file in files])]
    )


def ranking_takeaway(
    view: DataView, dataset: Dataset, selection: Selection, measure: str, chosen: TableColumns
) -> Takeaway:
    """Return the ranking by `measure` with the columns shown, in their order."""
    manifest, label = dataset.manifest, dataset.manifest.labels[measure]
    columns = laid_out(ranking_columns(measure, facts_of(view, selection, measure)), chosen)
    words = [label.title, *slice_texts(selection.slice, manifest)]
    words += [_("filter {text}").format(text=quoted(selection.filter))] if selection.filter else []
    title = " · ".join(words)

    def frame() -> pl.DataFrame:
        rows = view.ranking(measure, selection)
        if not isinstance(rows, FrameRows):
            raise TypeError("the dataset is not loaded")
        return rows.frame

    def extract() -> Extract:
        found = frame()
        names = exported(columns, measure, found.columns)
        return Extract(
            found.select(**names),
            title,
            _facts(dataset, selection, measure),
            _sources(dataset, found[f"{measure}_source"]),
            {"value": f"{label.title} ({label.unit})" if label.unit else label.title},
            BASIS_MEANINGS,
        )

    def blocks() -> list[Block]:
        found = frame()
        shown = [column for column in columns if column.key not in ("bar", "flags")]
        heads = [TextColumn(column.label, right=column.right) for column in shown]
        cells = [
            [column.cell(row, column.widest or _WIDEST) for column in shown]
            for row in found.iter_rows(named=True)
        ]
        sources = source_blocks(dataset, found[f"{measure}_source"])
        return [Heading(title), Table(heads, cells), *sources]

    return Takeaway(f"{manifest.name}-{measure}-{slice_stem(selection)}", extract, blocks)


def exported(columns: Sequence[Column], measure: str, known: Iterable[str]) -> Mapping[str, str]:
    """Return names of exported columns and the columns of the standings that they are.

    A figure is always with its bounds, and all with basis, sources and note.
    """
    own: dict[str, Sequence[str]] = {
        "rank": ("rank", "rank_worst"),
        "value": ("value", "lower", "upper"),
        "basis": ("basis", "source", "note"),
    }
    found: dict[str, str] = {}
    for key in (*(column.key for column in columns), "basis"):
        if key in own:
            found |= {name: f"{measure}_{name}" for name in own[key]}
        elif key == "city":
            found |= {"code": "code", "city": "city", "city_zh": "city_zh"}
        elif key.startswith("of_"):
            other = key.removeprefix("of_")
            found |= {f"{other}_{n}": f"{other}_{n}" for n in ("value", "lower", "upper", "basis")}
        elif key not in _DRAWN:
            found |= {key: next(column.sort for column in columns if column.key == key)}
    have = set(known)
    return {name: source for name, source in found.items() if source in have}


def report_takeaway(
    name: str, report: Report, dataset: Dataset, selection: Selection | None = None
) -> Takeaway:
    """Return what a verb reports."""

    def extract() -> Extract:
        import polars as pl

        rows = list(report.records())
        found = pl.DataFrame(rows, infer_schema_length=None).select(report.columns)
        facts = _facts(dataset, selection, None)
        sources = _sources(dataset, found["source"])
        return Extract(found, report.title(), facts, sources, bases=BASIS_MEANINGS)

    return Takeaway(f"{dataset.name}-{name}", extract, report.blocks)


def picture_takeaway(
    dataset: Dataset, selection: Selection, shown: Shown, look: Look, kind: str
) -> Takeaway:
    """Return a picture, and the table behind it."""
    from citytech_tui.drawing.document import png_bytes, svg_text

    # The drawing names the dataset itself.
    words = slice_texts(selection.slice, dataset.manifest)[1:]
    words += [_("filter “{text}”").format(text=selection.filter)] if selection.filter else []
    slice_ = " · ".join(words)

    def svg() -> str:
        return svg_text(shown, dataset, slice_, selection.year, look)

    def extract() -> Extract:
        ids = [shown.frame[f"{m}_source"] for m in shown.measures if m in MEASURES]
        joined = [value for column in ids for value in column]
        scalars = [name for name, dtype in shown.frame.schema.items() if not dtype.is_nested()]
        facts = _facts(dataset, selection, None)
        frame = shown.frame.select(scalars)
        return Extract(frame, shown.title, facts, _sources(dataset, joined), bases=BASIS_MEANINGS)

    def blocks() -> list[Block]:
        heads = [TextColumn(column.label, right=column.right) for column in shown.columns]
        cells = [
            [column.cell(row, column.widest or column.width) for column in shown.columns]
            for row in shown.frame.iter_rows(named=True)
        ]
        return [Heading(f"{shown.title} · {dataset.name} · {slice_}"), Table(heads, cells)]

    drawn = {".svg": lambda: svg().encode(), ".png": lambda: png_bytes(svg())}
    name = f"{dataset.name}-{kind}-{slice_stem(selection)}"
    return Takeaway(name, extract, blocks, drawn)


def _facts(dataset: Dataset, selection: Selection | None, measure: str | None) -> dict[str, str]:
    """Return which part of which dataset it is, as the command line would ask for it."""
    facts = {"dataset": dataset.name, "dataset_title": dataset.manifest.title}
    if measure:
        facts["measure"] = measure
    if selection is None:
        return facts
    options = selection.slice.options
    facts |= {name.removeprefix("--"): value or "yes" for name, value in options.items()}
    if selection.filter:
        facts["filter"] = selection.filter
    order = selection.orders.get(measure or "")
    if order:
        facts["order"] = ", ".join(
            f"{by} {'descending' if down else 'ascending'}" for by, down in order
        )
    return facts


def _sources(dataset: Dataset, joined: Iterable[str | None]) -> list[dict[str, Any]]:
    """Return the rows of the sources in `joined`, ids joined by `;`, in the table's order."""
    used = set(source_ids(joined))
    return [row for row in dataset.sources.iter_rows(named=True) if row["id"] in used]
