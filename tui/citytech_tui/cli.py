"""The command line: launch options and verbs.

The verbs return their report; `run` writes it, so that what goes wrong is handled in one place.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from citytech_data.catalogue import DEFAULT, embedded_names
from citytech_data.errors import CityTechError
from citytech_data.text import clean
from citytech_data.vocabulary import ALL
from citytech_tui import completions, ingesting
from citytech_tui.access import open_any, opener
from citytech_tui.format import use_locale
from citytech_tui.language import LANGUAGES, N_, SOURCE, _, addressing, speak
from citytech_tui.launch import NO_CONFIG, TABS, LaunchOptions, language_of_person, launch
from citytech_tui.names import in_language
from citytech_tui.output import Format, Report, write_report
from citytech_tui.preferences import Habits
from citytech_tui.selection import Selection, SliceOptions, chosen_slice
from citytech_tui.serve import command as serving
from citytech_tui.usage import translate_usage, usage_text

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset
    from citytech_tui.dataview import DataView
    from citytech_tui.remembered import RememberedFrame

Measure = Literal["total", "density", "proportion"]


def _dataset_of(context: typer.Context) -> str | None:
    dataset = context.params.get("dataset")
    return dataset if isinstance(dataset, str) else None


def _complete_dataset(incomplete: str) -> list[str]:
    return completions.dataset_names(incomplete)


def _complete_city(ctx: typer.Context, incomplete: str) -> list[str]:
    return completions.city_names(_dataset_of(ctx), incomplete)


def _complete_technology(ctx: typer.Context, incomplete: str) -> list[str]:
    return completions.technologies(_dataset_of(ctx), incomplete)


def _complete_year(ctx: typer.Context, incomplete: str) -> list[str]:
    return completions.years(_dataset_of(ctx), incomplete)


def _complete_scope(ctx: typer.Context, incomplete: str) -> list[str]:
    return completions.scopes(_dataset_of(ctx), incomplete)


def _complete_population(ctx: typer.Context, incomplete: str) -> list[str]:
    return completions.populations(_dataset_of(ctx), incomplete)


def _complete_tab(incomplete: str) -> list[str]:
    return [tab for tab in TABS if tab.startswith(incomplete)]


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"citytech-tui {version('citytech-tui')}")
        raise typer.Exit


DatasetOption = Annotated[
    str | None,
    typer.Option(
        "--dataset",
        metavar="NAME|DIR|FILE",
        help=N_(
            "An embedded dataset, the folder of one, or a table of counts; without it {default}."
        ),
        autocompletion=_complete_dataset,
    ),
]
YearOption = Annotated[
    int | None,
    typer.Option(
        "--year",
        metavar="YEAR",
        help=N_("A year of the dataset; without it the one it shows first."),
        autocompletion=_complete_year,
    ),
]
TechnologyOption = Annotated[
    str | None,
    typer.Option(
        "--technology",
        metavar="NAME",
        help=N_("ai, blockchain, cloud, bigdata, iot or {all}, as far as the dataset counts them."),
        autocompletion=_complete_technology,
    ),
]
FilterOption = Annotated[
    str | None,
    typer.Option(
        "--filter",
        metavar="TEXT",
        help=N_(
            "Only cities that fit: words of names, or conditions such as 'density>2 !conflict'."
        ),
    ),
]
ScopeOption = Annotated[
    str | None,
    typer.Option(
        "--scope",
        metavar="SCOPE",
        help=N_(
            "Rank only all, gdp50 (the 50 of the largest GDP), province:NAME,... or city:NAME,..."
        ),
        autocompletion=_complete_scope,
    ),
]
PopulationOption = Annotated[
    str | None,
    typer.Option(
        "--population",
        metavar="MEASURE",
        help=N_("Density per head of this population, where the dataset has several."),
        autocompletion=_complete_population,
    ),
]
PrintedOption = Annotated[
    bool, typer.Option("--printed", help=N_("Only what is printed, not what the claims prove."))
]


def _for_whom(form: str) -> str:
    """Write what programs read in English, whatever the person speaks."""
    if form in ("csv", "json"):
        speak(SOURCE)
    return form


FormatOption = Annotated[
    Format, typer.Option("--format", callback=_for_whom, help=N_("How the output is written."))
]


LangOption = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="|".join(LANGUAGES),
        help=N_(
            "The language, also of every command; without it the one chosen in the app, "
            "else that of the locale."
        ),
    ),
]

app = typer.Typer(
    # Texts from data could be taken for markup, and a traceback could print a dataset's values.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(
    invoke_without_command=True,
    help=N_(
        "Rank cities by their digital technology patents, and see how each figure is known.\n\n"
        "Without a command it starts the app; the options say what it opens with."
    ),
)
def start(
    context: typer.Context,
    *,
    dataset: DatasetOption = None,
    tab: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(TABS), help=N_("The tab to open first."), autocompletion=_complete_tab
        ),
    ] = None,
    city: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|CODE", help=N_("The city in focus."), autocompletion=_complete_city
        ),
    ] = None,
    year: YearOption = None,
    technology: TechnologyOption = None,
    text: FilterOption = None,
    scope: ScopeOption = None,
    population: PopulationOption = None,
    printed: PrintedOption = False,
    no_config: Annotated[
        bool, typer.Option("--no-config", help=N_("Neither read nor write preferences."))
    ] = False,
    kiosk: Annotated[
        bool,
        typer.Option(
            "--kiosk", help=N_("Write no files and start no programs, whatever is pressed.")
        ),
    ] = False,
    lang: LangOption = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help=N_("Print the version."), is_eager=True, callback=_show_version
        ),
    ] = False,
) -> int:
    """Rank cities by their digital technology patents, and see how each figure is known.

    Without a command it starts the app; the options say what it opens with.
    """
    options = LaunchOptions(
        *(dataset, tab, city, year, technology, text, scope, population, printed),
        *(not no_config, kiosk, lang),
    )
    verb = context.invoked_subcommand
    if verb is None:
        return launch(options, context.obj)
    if options._replace(lang=None) != LaunchOptions():
        words = _("put the options of {verb} after it: citytech-tui {verb} --help")
        raise CityTechError(words.format(verb=verb))
    return 0


@app.command(help=N_("Print the cities ranked by total, density or proportion."))
def rank(
    measure: Annotated[Measure, typer.Argument(help=N_("What to rank by."), show_default=False)],
    *,
    dataset: DatasetOption = None,
    year: YearOption = None,
    technology: TechnologyOption = None,
    scope: ScopeOption = None,
    population: PopulationOption = None,
    text: FilterOption = None,
    top: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help=N_("Only the first N of what the filter leaves.")),
    ] = None,
    printed: PrintedOption = False,
    form: FormatOption = "table",
) -> tuple[Report, Format]:
    """Print the cities ranked by total, density or proportion."""
    from citytech_tui.reports import rank_report

    asked = SliceOptions(year, technology, scope, population, printed)
    view, opened, selection = _select(dataset, asked)
    selection = selection.changed(filter=text or "")
    return rank_report(view, opened, selection, measure, top), form


@app.command(help=N_("Print one city's figures, and how each is known."))
def city(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|CODE",
            help=N_("English or Chinese name, or code."),
            show_default=False,
            autocompletion=_complete_city,
        ),
    ],
    *,
    dataset: DatasetOption = None,
    year: YearOption = None,
    technology: TechnologyOption = None,
    scope: ScopeOption = None,
    population: PopulationOption = None,
    printed: PrintedOption = False,
    form: FormatOption = "table",
) -> tuple[Report, Format]:
    """Print one city's figures, and how each is known."""
    from citytech_data.lookup import find_city
    from citytech_tui.dossier import Dossier

    asked = SliceOptions(year, technology, scope, population, printed)
    view, opened, selection = _select(dataset, asked)
    code = find_city(opened.cities, name)
    return Dossier(view, opened, selection, code).report(), form


@app.command(
    help=N_("Write what a tab shows to a file, with the dataset, the slice and the sources.")
)
def export(
    what: Annotated[
        Literal["total", "density", "proportion", "trend", "city"],
        typer.Argument(help=N_("A ranking, the national series or a city."), show_default=False),
    ],
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help=N_("Its ending is the form: .csv .tsv .json .parquet .xlsx .md .html"),
            show_default=False,
        ),
    ],
    *,
    dataset: DatasetOption = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--city",
            metavar="NAME|CODE",
            help=N_("Which city, to export a city."),
            autocompletion=_complete_city,
        ),
    ] = None,
    year: YearOption = None,
    technology: TechnologyOption = None,
    scope: ScopeOption = None,
    population: PopulationOption = None,
    text: FilterOption = None,
    printed: PrintedOption = False,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="KEY,KEY,...",
            help=N_("The columns of a ranking beside rank and city; without it the usual ones."),
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help=N_("Replace FILE if it exists."))
    ] = False,
) -> tuple[Report, Format]:
    """Write what a tab shows to a file."""
    from citytech_tui.exporting import Wanted, export_report, wanted_takeaway

    asked = SliceOptions(year, technology, scope, population, printed)
    view, opened, selection = _select(dataset, asked)
    selection = selection.changed(filter=text or "")
    chosen = tuple(filter(None, (columns or "").replace(" ", "").split(",")))
    taken = wanted_takeaway(view, opened, selection, Wanted(what, name, chosen))
    return export_report(taken, file, replace=replace), "table"


@app.command(help=N_("Print the national series and how fast they grow."))
def trend(dataset: DatasetOption = None, form: FormatOption = "table") -> tuple[Report, Format]:
    """Print the national series and how fast they grow."""
    from citytech_tui.reports import trend_report

    return trend_report(_open(dataset)), form


@app.command(help=N_("List the datasets that come with the program."))
def datasets() -> tuple[Report, Format]:
    """List the datasets that come with the program."""
    from citytech_tui.reports import datasets_report

    return datasets_report(), "table"


@app.command(
    help=N_(
        "Print what a dataset's claims prove, and where they contradict each other.\n\n"
        "The exit status is 0 if all agree, 1 if not, 2 if the data cannot be read."
    )
)
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
        typer.Option("--format", callback=_for_whom, help=N_("How the output is written.")),
    ] = "text",
) -> tuple[Report, Format]:
    """Print what a dataset's claims prove, and where they contradict each other.

    The exit status is 0 if all agree, 1 if not, 2 if the data cannot be read.
    """
    from citytech_tui.checking import check_report, confirmation_report

    opened = _open(dataset)
    shown = opened.year if year is None else year
    if against is None:
        report = check_report(opened, shown)
    else:
        report = confirmation_report(opened, _open(against), shown)
    return report, "table" if form == "text" else form


@app.command(help=N_("Read a table of counts by city, and say what was counted and what not."))
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


@app.command(help=N_("Check the dataset in a folder, and say what is wrong first."))
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
    checked = read_dataset(path) if path.is_dir() else _open(folder)
    return validity_report(clean(folder), in_language(checked)), "table"


ingesting.register(app)
serving.register(app, (rank, city, trend, datasets, check))


def _open(name: str | None) -> Dataset:
    open_named = opener.get()
    dataset = open_named(name)
    if name is not None and open_named is open_any and Path(name).expanduser().is_file():
        from citytech_tui.counting import left_out_warning

        if warning := left_out_warning(dataset, clean(name)):
            typer.echo(f"citytech-tui: {warning}", err=True)
    return in_language(dataset)


def _with_dataset(arguments: list[str], command: Any) -> list[str]:
    """Take a dataset that stands where a verb can stand for that of --dataset."""
    flags = {name for each in command.params if each.is_flag for name in each.opts}
    at = 0
    while at < len(arguments) and arguments[at].startswith("-"):
        at += 1 if arguments[at] in flags or "=" in arguments[at] else 2
    if at >= len(arguments) or arguments[at] in command.commands:
        return arguments
    from citytech_tui.paths import TABLES, is_path

    name = arguments[at]
    known = name in embedded_names() or Path(name).suffix.lower() in TABLES
    if known or is_path(name):
        return [*arguments[:at], "--dataset", *arguments[at:]]
    return arguments


def _select(dataset: str | None, asked: SliceOptions) -> tuple[DataView, Dataset, Selection]:
    from citytech_tui.dataview import DataView

    opened = _open(dataset)
    view = DataView(None, opened)
    return view, opened, Selection(chosen_slice(view, asked))


def run(arguments: list[str], program: str, frame: RememberedFrame | None = None) -> int:
    """Run the command line and return the exit status; `frame` is for the app.

    Raises:
        CityTechError: if the arguments or the data are wrong.
    """
    asked, arguments = _split_language(arguments)
    remembers = "--no-config" not in arguments and not os.environ.get(NO_CONFIG)
    habits = Habits.of_person() if remembers else None
    with addressing(asked or language_of_person(habits)):
        return _run(arguments, program, frame)


def _split_language(arguments: list[str]) -> tuple[str, list[str]]:
    """Return the language asked for, wherever it stands, and the arguments with it at the front."""
    for index, argument in enumerate(arguments):
        name, _equals, value = argument.partition("=")
        if name == "--lang" and (value or index + 1 < len(arguments)):
            end = index + (1 if value else 2)
            value = value or arguments[index + 1]
            return value, ["--lang", value, *arguments[:index], *arguments[end:]]
    return "", arguments


def _run(arguments: list[str], program: str, frame: RememberedFrame | None) -> int:
    command = typer.main.get_command(app)
    translate_usage(command, default=DEFAULT, all=ALL)
    try:
        result: Any = command.main(
            _with_dataset(arguments, command), prog_name=program, standalone_mode=False, obj=frame
        )
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        path = program if context is None else context.command_path
        message = usage_text(error)
        words = _("{message} (see {command} --help)")
        raise CityTechError(words.format(message=message, command=path)) from None
    if isinstance(result, tuple):
        report, form = result
        use_locale()
        write_report(report, form)
        return int(report.status)
    return result or 0
