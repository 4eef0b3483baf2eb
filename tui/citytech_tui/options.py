"""The options that several commands take, each declared once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_type_hints

import typer

from citytech_data.text import clean
from citytech_tui import completions
from citytech_tui.access import open_any, opener
from citytech_tui.language import LANGUAGES, N_, SOURCE, speak
from citytech_tui.launch import FLAGS, TABS
from citytech_tui.names import in_language
from citytech_tui.output import Format
from citytech_tui.selection import Selection
from citytech_tui.sliceoptions import SliceOptions, chosen_slice

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset
    from citytech_tui.dataview import DataView


def _dataset_of(context: typer.Context) -> str | None:
    dataset = context.params.get("dataset")
    return dataset if isinstance(dataset, str) else None


def _complete_dataset(incomplete: str) -> list[str]:
    return completions.dataset_names(incomplete)


def complete_city(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the cities of the dataset named before that begin so."""
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


DatasetOption = Annotated[
    str | None,
    typer.Option(
        FLAGS["dataset"],
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
        FLAGS["year"],
        metavar="YEAR",
        help=N_("A year of the dataset; without it the one it shows first."),
        autocompletion=_complete_year,
    ),
]
TechnologyOption = Annotated[
    str | None,
    typer.Option(
        FLAGS["technology"],
        metavar="NAME",
        help=N_("ai, blockchain, cloud, bigdata, iot or {all}, as far as the dataset counts them."),
        autocompletion=_complete_technology,
    ),
]
FilterOption = Annotated[
    str | None,
    typer.Option(
        FLAGS["filter"],
        metavar="TEXT",
        help=N_(
            "Only cities that fit: words of names, or conditions such as 'density>2 !conflict'."
        ),
    ),
]
ScopeOption = Annotated[
    str | None,
    typer.Option(
        FLAGS["scope"],
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
        FLAGS["population"],
        metavar="MEASURE",
        help=N_("Density per head of this population, where the dataset has several."),
        autocompletion=_complete_population,
    ),
]
TabOption = Annotated[
    str | None,
    typer.Option(
        FLAGS["tab"],
        metavar="|".join(TABS),
        help=N_("The tab to open first."),
        autocompletion=_complete_tab,
    ),
]
CityOption = Annotated[
    str | None,
    typer.Option(
        FLAGS["city"],
        metavar="NAME|CODE",
        help=N_("The city in focus."),
        autocompletion=complete_city,
    ),
]
PrintedOption = Annotated[
    bool,
    typer.Option(FLAGS["printed"], help=N_("Only what is printed, not what the claims prove.")),
]


def for_whom(form: str) -> str:
    """Write what programs read in English, whatever the person speaks."""
    if form in ("csv", "json"):
        speak(SOURCE)
    return form


FormatOption = Annotated[
    Format, typer.Option("--format", callback=for_whom, help=N_("How the output is written."))
]

LangOption = Annotated[
    str | None,
    typer.Option(
        FLAGS["lang"],
        metavar="|".join(LANGUAGES),
        help=N_(
            "The language, also of every command; without it the one chosen in the app, "
            "else that of the locale."
        ),
    ),
]


class Asked(NamedTuple):
    """The dataset and slice that the command line asks for; see `sliced`."""

    dataset: DatasetOption = None
    year: YearOption = None
    technology: TechnologyOption = None
    scope: ScopeOption = None
    population: PopulationOption = None
    printed: PrintedOption = False

    @property
    def slice(self) -> SliceOptions:
        """The slice without the dataset."""
        return SliceOptions(*self[1:])


def sliced(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a dataset and slice in place of its parameter `asked`."""
    hints = get_type_hints(Asked, include_extras=True)
    own = inspect.signature(function, eval_str=True).parameters.values()
    parameters: list[inspect.Parameter] = []
    for each in own:
        if each.name != "asked":
            parameters.append(each)
            continue
        parameters += [
            each.replace(name=name, default=Asked._field_defaults[name], annotation=hint)
            for name, hint in hints.items()
        ]

    @wraps(function)
    def command(*arguments: Any, **options: Any) -> Any:
        asked = Asked(**{name: options.pop(name) for name in Asked._fields})
        return function(*arguments, asked=asked, **options)

    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command


def open_asked(name: str | None) -> Dataset:
    """Open the dataset that a command names, and tell what of a table of counts is lost."""
    open_named = opener.get()
    dataset = open_named(name)
    if name is not None and open_named is open_any and Path(name).expanduser().is_file():
        from citytech_tui.counting import left_out_warning

        if warning := left_out_warning(dataset, clean(name)):
            typer.echo(f"citytech-tui: {warning}", err=True)
    return in_language(dataset)


def select(asked: Asked, text: str | None = None) -> tuple[DataView, Dataset, Selection]:
    """Open what is asked for; `text` filters it."""
    from citytech_tui.dataview import DataView

    opened = open_asked(asked.dataset)
    view = DataView(None, opened)
    selection = Selection(chosen_slice(view, asked.slice)).changed(filter=text or "")
    return view, opened, selection
