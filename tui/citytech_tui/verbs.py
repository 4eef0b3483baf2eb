"""The verbs that report or write something; each returns its report, which `cli.run` writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from citytech_data import DEFAULT
from citytech_data.text import clean
from citytech_tui.language import N_
from citytech_tui.names import in_language
from citytech_tui.options import (
    Asked,
    DatasetOption,
    FilterOption,
    FormatOption,
    YearOption,
    complete_city,
    for_whom,
    open_asked,
    select,
    sliced,
)
from citytech_tui.output import Format, Report

Measure = Literal["total", "density", "proportion"]


@sliced
def rank(
    measure: Annotated[Measure, typer.Argument(help=N_("What to rank by."), show_default=False)],
    *,
    asked: Asked,
    text: FilterOption = None,
    top: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help=N_("Only the first N of what the filter leaves.")),
    ] = None,
    form: FormatOption = "table",
) -> tuple[Report, Format]:
    """Print the cities ranked by total, density or proportion."""
    from citytech_tui.reports import rank_report

    return rank_report(*select(asked, text), measure, top), form


@sliced
def city(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|CODE",
            help=N_("English or Chinese name, or code."),
            show_default=False,
            autocompletion=complete_city,
        ),
    ],
    *,
    asked: Asked,
    form: FormatOption = "table",
) -> tuple[Report, Format]:
    """Print one city's figures, and how each is known."""
    from citytech_data.lookup import find_city
    from citytech_tui.dossier import Dossier

    view, opened, selection = select(asked)
    return Dossier(view, opened, selection, find_city(opened.cities, name)).report(), form


@sliced
def export(
    what: Annotated[
        Literal["total", "density", "proportion", "trend", "city"],
        typer.Argument(help=N_("A ranking, the national series or a city."), show_default=False),
    ],
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help=N_(
                "Its ending is the form: .csv .tsv .json .parquet .xlsx .md .html, and of a "
                "picture .svg .png"
            ),
            show_default=False,
        ),
    ],
    *,
    asked: Asked,
    name: Annotated[
        str | None,
        typer.Option(
            "--city",
            metavar="NAME|CODE",
            help=N_("Which city, to export a city; in a picture, the city in focus."),
            autocompletion=complete_city,
        ),
    ] = None,
    text: FilterOption = None,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="KEY,KEY,...",
            help=N_("The columns of a ranking beside rank and city; without it the usual ones."),
        ),
    ] = None,
    picture: Annotated[
        Literal["flow", "scatter", "map", "technologies", "concentration"] | None,
        typer.Option(help=N_("Draw the ranking as this picture, or write the table behind it.")),
    ] = None,
    across: Annotated[
        str | None,
        typer.Option(metavar="MEASURE", help=N_("What a scatter has across, such as gdp.")),
    ] = None,
    log: Annotated[
        Literal["across", "up", "both"] | None,
        typer.Option(help=N_("Which axes of a scatter are logarithmic.")),
    ] = None,
    shares: Annotated[
        bool, typer.Option("--shares", help=N_("Draw all technology bars equally long."))
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help=N_("Replace FILE if it exists."))
    ] = False,
) -> tuple[Report, Format]:
    """Write what a tab shows to a file."""
    from citytech_tui.exporting import Drawn, Wanted, export_report, wanted_takeaway

    chosen = tuple(filter(None, (columns or "").replace(" ", "").split(",")))
    wanted = Wanted(what, name, chosen, Drawn(picture, across, log, shares))
    taken = wanted_takeaway(*select(asked, text), wanted)
    return export_report(taken, file, replace=replace), "table"


def trend(dataset: DatasetOption = None, form: FormatOption = "table") -> tuple[Report, Format]:
    """Print the national series and how fast they grow."""
    from citytech_tui.reports import trend_report

    return trend_report(open_asked(dataset)), form


def datasets() -> tuple[Report, Format]:
    """List the datasets that come with the program."""
    from citytech_tui.reports import datasets_report

    return datasets_report(), "table"


def check(
    dataset: Annotated[
        str,
        typer.Argument(metavar="[DATASET]", help=N_("An embedded dataset or the folder of one.")),
    ] = DEFAULT,
    *,
    year: YearOption = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--strict-against",
            metavar="DIR",
            help=N_("Hold its claims against the counts of this dataset."),
        ),
    ] = None,
    form: Annotated[
        Literal["text", "json", "markdown"],
        typer.Option("--format", callback=for_whom, help=N_("How the output is written.")),
    ] = "text",
) -> tuple[Report, Format]:
    """Print what a dataset's claims prove, and where they contradict each other.

    The exit status is 0 if all agree, 1 if not, 2 if the data cannot be read.
    """
    from citytech_tui.checking import check_report, confirmation_report

    opened = open_asked(dataset)
    shown = opened.year if year is None else year
    if against is None:
        report = check_report(opened, shown)
    else:
        report = confirmation_report(opened, open_asked(against), shown)
    return report, "table" if form == "text" else form


def counts(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help=N_("A table of counts, CSV or Excel."), show_default=False
        ),
    ],
    *,
    year: Annotated[
        int | None,
        typer.Option(metavar="YEAR", help=N_("The year of all counts, if the table names none.")),
    ] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help=N_("Write it as a dataset to this folder."))
    ] = None,
) -> tuple[Report, Format]:
    """Read a table of counts by city, and say what was counted and what not."""
    from citytech_data.counts import read_counts
    from citytech_data.dataset import write_dataset
    from citytech_tui.counting import counts_report

    table = read_counts(file, year)
    if to is not None:
        write_dataset(table.dataset, to)
    return counts_report(table, to), "table"


def validate(
    folder: Annotated[
        str, typer.Argument(metavar="DIR", help=N_("The folder of a dataset."), show_default=False)
    ],
) -> tuple[Report, Format]:
    """Check the dataset in a folder, and say what is wrong first."""
    from citytech_data.dataset import read_dataset
    from citytech_tui.reports import validity_report

    path = Path(folder).expanduser()
    # A name is never taken for that of an embedded dataset if there is such a folder.
    checked = read_dataset(path) if path.is_dir() else open_asked(folder)
    return validity_report(clean(folder), in_language(checked)), "table"


VERBS: Mapping[Callable[..., Any], str] = {
    rank: N_("Print the cities ranked by total, density or proportion."),
    city: N_("Print one city's figures, and how each is known."),
    export: N_("Write what a tab shows to a file, with the dataset, the slice and the sources."),
    trend: N_("Print the national series and how fast they grow."),
    datasets: N_("List the datasets that come with the program."),
    check: N_(
        "Print what a dataset's claims prove, and where they contradict each other.\n\n"
        "The exit status is 0 if all agree, 1 if not, 2 if the data cannot be read."
    ),
    counts: N_("Read a table of counts by city, and say what was counted and what not."),
    validate: N_("Check the dataset in a folder, and say what is wrong first."),
}
"""The verbs in the order in which help lists them, and what each does."""
READING = {verb: VERBS[verb] for verb in (rank, city, trend, datasets, check)}
"""Those that write nothing, and read nothing but datasets."""


def register(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    for verb, words in VERBS.items():
        app.command(help=words)(verb)
