"""What the command line says by itself, in the language spoken: help and wrong arguments.

Typer has these words in English only. The headings of its help go through a formatter, which can
be another one; its errors are known by their shape. What is not known is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import typer
from typer._click.formatting import HelpFormatter

from citytech_tui.language import N_, _

_HEADINGS = {
    "Usage: ": N_("Usage: "),
    "Arguments": N_("Arguments"),
    "Options": N_("Options"),
    "Commands": N_("Commands"),
}
_SHOWS_HELP = "Show this message and exit."
_BESIDE = re.compile(r"\[(?:default: (?P<default>[^\]]*?)|(?P<required>required))\]$")
"""What stands behind the help of an option or argument."""

_ERRORS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Missing command", N_("name a command")),
        (r"No such command (?P<name>'.*')", N_("there is no command {name}")),
        (
            r"No such command (?P<name>'.*'). Did you mean (?P<near>.*)\?",
            N_("there is no command {name}; did you mean {near}?"),
        ),
        (r"No such option: (?P<name>\S+)", N_("there is no option {name}")),
        (
            r"No such option: (?P<name>\S+) \(Possible options: (?P<near>.*)\)",
            N_("there is no option {name}; did you mean {near}?"),
        ),
        (r"Missing (?:argument|option) (?P<name>'.*')", N_("{name} is missing")),
        (
            r"Missing (?:argument|option) (?P<name>'.*')\. Choose from: (?P<known>.*)",
            N_("{name} is missing. Choose from {known}"),
        ),
        (r"Option (?P<name>'.*') requires an argument", N_("{name} needs a value")),
        (r"Option (?P<name>'.*') does not take a value", N_("{name} takes no value")),
        (
            r"Got unexpected extra arguments?(?:\(s\))? \((?P<names>.*)\)",
            N_("more than is expected: {names}"),
        ),
        (r"Invalid value for (?P<name>'.*?'): (?P<problem>.*)", N_("{name}: {problem}")),
        (
            r"(?P<value>'.*?') is not one of (?P<known>.*)",
            N_("{value} is none of {known}"),
        ),
        (r"Input should be a valid integer.*", N_("a whole number is expected")),
        (r"Input should be a valid number.*", N_("a number is expected")),
        (r"Input should be greater than or equal to (?P<least>.*)", N_("the least is {least}")),
        (r"Input should be less than or equal to (?P<most>.*)", N_("the most is {most}")),
    )
)


class _Formatter(HelpFormatter):
    """Writes help with its headings in the language spoken."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a command is used."""
        super().write_usage(prog, args, _(_HEADINGS["Usage: "]) if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        super().write_heading(_(_HEADINGS.get(heading, heading)))

    def write_dl(
        self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write options or commands, and what each is."""
        super().write_dl([(name, _beside(text)) for name, text in rows], col_max, col_spacing)


class _Context(typer.Context):
    formatter_class = _Formatter


def _beside(text: str) -> str:
    if text == _SHOWS_HELP:
        return _(N_("Show this message and exit."))
    found = _BESIDE.search(text)
    if found is None:
        return text
    said = _("required")
    if found["required"] is None:
        said = _("default: {value}").format(value=found["default"])
    return f"{text[: found.start()]}[{said}]"


def translate_usage(command: Any, **values: str) -> None:
    """Say in the language spoken what a command, its parts and its options do."""
    command.context_class = _Context
    for thing in (command, *command.params):
        if getattr(thing, "help", None):
            thing.help = _(thing.help).format(**values)
    for part in getattr(command, "commands", {}).values():
        translate_usage(part, **values)


def usage_text(error: typer.TyperException) -> str:
    """Return what is wrong with the arguments, in the language spoken."""
    message = " ".join(error.format_message().split())
    return _said(message.replace("Value error, ", "").rstrip("."))


def _said(text: str) -> str:
    for pattern, words in _ERRORS:
        found = pattern.fullmatch(text)
        if found is not None:
            values = found.groupdict()
            if "problem" in values:
                values["problem"] = _said(values["problem"])
            return _(words).format(**values)
    return text
