"""The command line: launch options and verbs.

The verbs return their report; `run` writes it, so that what goes wrong is handled in one place.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citytech_data import DEFAULT
from citytech_data.catalogue import embedded_names
from citytech_data.errors import CityTechError
from citytech_data.vocabulary import ALL
from citytech_tui import ingesting, verbs
from citytech_tui.format import use_locale
from citytech_tui.language import N_, _, addressing
from citytech_tui.launch import FLAGS, NO_CONFIG, LaunchOptions, language_of_person, launch
from citytech_tui.options import Asked, CityOption, FilterOption, LangOption, TabOption, sliced
from citytech_tui.output import write_report
from citytech_tui.preferences import Habits
from citytech_tui.serve import command as serving
from citytech_tui.usage import translate_usage, usage_text

if TYPE_CHECKING:
    from citytech_tui.remembered import RememberedFrame


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"citytech-tui {version('citytech-tui')}")
        raise typer.Exit


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
@sliced
def start(
    context: typer.Context,
    *,
    tab: TabOption = None,
    city: CityOption = None,
    text: FilterOption = None,
    asked: Asked,
    no_config: Annotated[
        bool, typer.Option(FLAGS["config"], help=N_("Neither read nor write preferences."))
    ] = False,
    kiosk: Annotated[
        bool,
        typer.Option(
            FLAGS["kiosk"], help=N_("Write no files and start no programs, whatever is pressed.")
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
        *(asked.dataset, tab, city, asked.year, asked.technology, text, asked.scope),
        *(asked.population, asked.printed, not no_config, kiosk, lang),
    )
    verb = context.invoked_subcommand
    if verb is None:
        return launch(options, context.obj)
    if options._replace(lang=None) != LaunchOptions():
        words = _("put the options of {verb} after it: citytech-tui {verb} --help")
        raise CityTechError(words.format(verb=verb))
    gc.enable()
    return 0


verbs.register(app)
ingesting.register(app)
serving.register(app, verbs.READING)


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
        return [*arguments[:at], FLAGS["dataset"], *arguments[at:]]
    return arguments


def run(arguments: list[str], program: str, frame: RememberedFrame | None = None) -> int:
    """Run the command line and return the exit status; `frame` is for the app.

    Raises:
        CityTechError: if the arguments or the data are wrong.
    """
    asked, arguments = _split_language(arguments)
    remembers = FLAGS["config"] not in arguments and not os.environ.get(NO_CONFIG)
    habits = Habits.of_person() if remembers else None
    with addressing(asked or language_of_person(habits)):
        return _run(arguments, program, frame)


def _split_language(arguments: list[str]) -> tuple[str, list[str]]:
    """Return the language asked for, wherever it stands, and the arguments with it at the front."""
    for index, argument in enumerate(arguments):
        name, _equals, value = argument.partition("=")
        if name == FLAGS["lang"] and (value or index + 1 < len(arguments)):
            end = index + (1 if value else 2)
            value = value or arguments[index + 1]
            return value, [name, value, *arguments[:index], *arguments[end:]]
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
