"""What `ssh host COMMAND` may be: a verb that only reads, or with a terminal a link to the app."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from citytech_data.catalogue import embedded_names
from citytech_data.errors import CityTechError, quoted
from citytech_data.vocabulary import ALL
from citytech_tui.access import open_any, opener
from citytech_tui.language import N_, _, error_text
from citytech_tui.launch import LaunchOptions
from citytech_tui.names import in_language
from citytech_tui.options import sliced
from citytech_tui.output import report_text
from citytech_tui.serve.links import link, no_dataset
from citytech_tui.usage import translate_usage, usage_text

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset

PROGRAM = "citytech-tui"
_LONGEST = 1000
_HELP = frozenset(("-h", "--help", "help"))


class Verbs:
    """Runs a command line and returns what it prints."""

    def __init__(self, verbs: Mapping[Callable[..., Any], str], served: Dataset) -> None:
        """Offer `verbs`, which say what each does; `served` is the dataset without a name."""
        self._served = served
        self._opened: dict[str, Dataset] = {served.manifest.name: served}
        group = typer.Typer(
            add_completion=False,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            # What Typer prints itself would go to the server's terminal.
            context_settings={"help_option_names": []},
        )

        group.callback(
            help=N_(
                "Print rankings of cities and what is known of each.\n\n"
                "Without a command it opens the app; the options say what it opens with."
            ),
            invoke_without_command=True,
        )(sliced(link))
        for verb, words in verbs.items():
            group.command(add_help_option=False, help=words)(verb)
        self._typer = group
        self._group: Any = typer.main.get_command(group)
        self.names = frozenset(verb.__name__ for verb in verbs)

    def run(self, line: str) -> tuple[str, str, int]:
        """Return standard output, standard error and exit status of a command line."""
        opener.set(self._open)
        try:
            words = self._words(line)
            if _HELP & set(words):
                return self._help(words), "", 0
            report, form = self._group.main(words, prog_name=PROGRAM, standalone_mode=False)
            return report_text(report, form), "", int(report.status)
        except typer.TyperException as error:
            message = usage_text(error)
        except CityTechError as error:
            message = error_text(error)
        return "", f"{PROGRAM}: error: {message}\n", 2

    def is_link(self, line: str) -> bool:
        """Whether a command line opens the app: it has options only, or nothing at all."""
        try:
            words = self._split(line)
        except CityTechError:
            return False
        return not _HELP & set(words) and (not words or words[0].startswith("-"))

    def link(self, line: str) -> LaunchOptions:
        """Return what a command line opens.

        Raises:
            CityTechError: if an option is wrong.
        """
        try:
            options = self._group.main(self._split(line), prog_name=PROGRAM, standalone_mode=False)
        except typer.TyperException as error:
            raise CityTechError(usage_text(error)) from None
        assert isinstance(options, LaunchOptions)
        return options

    def name_of(self, line: str) -> str:
        """Return the verb of a command line for the log; what else it says is not logged."""
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        return word if word in self.names else "unknown"

    def _split(self, line: str) -> list[str]:
        if len(line) > _LONGEST:
            raise CityTechError(_("this command is too long."))
        try:
            words = shlex.split(line)
        except ValueError as error:
            text = _("this command cannot be read: {reason}.")
            raise CityTechError(text.format(reason=error)) from None
        return words[words[:1] == [PROGRAM] :]

    def _words(self, line: str) -> list[str]:
        words = self._split(line)
        if words and words[0].startswith("-") and not _HELP & set(words):
            raise CityTechError(_("CityTech needs a terminal: connect with `ssh -t`."))
        if words and words[0] not in self.names | _HELP:
            text = _("{verb} is not served. There are {verbs}.")
            verbs = ", ".join(sorted(self.names))
            raise CityTechError(text.format(verb=quoted(words[0]), verbs=verbs))
        return words or ["help"]

    def _help(self, words: Sequence[str]) -> str:
        group: Any = typer.main.get_command(self._typer)  # a new one, in the client's language
        translate_usage(group, default=self._served.name, all=ALL)
        command = group.commands.get(words[0])
        context = group.make_context(PROGRAM, ["help"], resilient_parsing=True)
        if command is not None:
            context = type(context)(command, parent=context, info_name=words[0])
        return f"{context.get_help()}\n"

    def _open(self, name: str | None) -> Dataset:
        if name is None:
            return in_language(self._served)
        known: Mapping[str, Dataset] = self._opened
        if name not in known:
            if name not in embedded_names():
                raise no_dataset(name, known)
            self._opened[name] = open_any(name)
        return in_language(self._opened[name])
