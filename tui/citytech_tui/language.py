"""The language of the interface: gettext's catalogues, chosen for each app.

Several apps in one process may each speak another language, and one may change it while it runs.
So the choice lies in an object that all tasks of an app share through their context.

English is the language of the source and needs no catalogue. A message is marked where it stands
in the code, as gettext's tools find it: `_("…")`, `plural("…", "…", n)`, or `N_("…")` for a
constant that is translated where it is shown. Values are filled in after the translation:
`_("{name} is gone.").format(name=name)`. What the core says comes as a `Message` and goes through
`translated`; an error's words are `error_text(error)`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from citytech_data.errors import CityTechError, quoted
from citytech_data.messages import Message

if TYPE_CHECKING:
    from gettext import NullTranslations

SOURCE = "en"
LANGUAGES = {SOURCE: "English", "zh": "中文"}
DOMAIN = "citytech"
LOCALE = Path(__file__).parent / "locale"


class Speech:
    """The language that one app speaks, and how it writes numbers."""

    def __init__(self, language: str, separators: Mapping[int, str] | None = None) -> None:
        """Speak `language`, one of `LANGUAGES`; `separators` are written for `,` and `.`."""
        self.language = language
        self.separators = separators or {}


_speech: ContextVar[Speech] = ContextVar("speech", default=Speech(SOURCE))  # noqa: B039


def speak(language: str) -> None:
    """Let what runs in this context, and tasks that it starts, speak `language`.

    Raises:
        CityTechError: if there is no catalogue for it.
    """
    speak_as(Speech(checked(language)))


def speak_as(speech: Speech) -> None:
    """Let what runs in this context, and tasks that it starts, speak so."""
    _speech.set(speech)


def checked(language: str) -> str:
    """Return `language` if there is a catalogue for it.

    Raises:
        CityTechError: if there is none.
    """
    if language not in LANGUAGES:
        words = _("there is no language {language}. There are {known}.")
        raise CityTechError(words.format(language=quoted(language), known=", ".join(LANGUAGES)))
    return language


def switch(language: str) -> None:
    """Let all that shares this context's speech speak `language` from now on."""
    _speech.get().language = language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` only in what is done within.

    Raises:
        CityTechError: if there is no catalogue for it.
    """
    with hearing(Speech(checked(language))):
        yield


@contextmanager
def addressing(language: str) -> Iterator[None]:
    """Speak `language` in what is done within, also of what goes wrong there.

    Raises:
        CityTechError: the one raised within, put into words; or if there is no catalogue.
    """
    with speaking(language):
        try:
            yield
        except CityTechError as error:
            raise CityTechError(error_text(error)) from None


def speech() -> Speech:
    """Return what the tasks of this context speak, for `hearing` in another context."""
    return _speech.get()


@contextmanager
def hearing(speech: Speech) -> Iterator[None]:
    """Speak as others do in what is done within: a thread begins with a context of its own."""
    token = _speech.set(speech)
    try:
        yield
    finally:
        _speech.reset(token)


def spoken() -> str:
    """Return the language of this context."""
    return _speech.get().language


def language_of(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language that the locale of an environment asks for, English if it is unknown."""
    names = (environment.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, names), "")
    language = locale.replace("-", "_").split("_")[0].split(".")[0].lower()
    return language if language in LANGUAGES else SOURCE


def _(message: str) -> str:
    """Return a message in the language spoken."""
    language = spoken()
    return message if language == SOURCE else _catalogue(language).gettext(message)


def plural(one: str, many: str, number: int) -> str:
    """Return the message for this number of things, in the language spoken."""
    language = spoken()
    if language == SOURCE:
        return one if number == 1 else many
    return _catalogue(language).ngettext(one, many, number)


def N_(message: str) -> str:
    """Return a message as it is: it is only marked here, and translated where it is shown."""
    return message


def translated(text: str) -> str:
    """Return what the core or an embedded dataset says in the language spoken.

    A message is put together anew; another text is taken as it is if no catalogue knows it, as
    what a person's own data say.
    """
    if not text or spoken() == SOURCE:
        return str(text)
    if not isinstance(text, Message):
        return _(text)
    values = {
        name: translated(value) if isinstance(value, Message) else value
        for name, value in text.values.items()
    }
    return _(text.template).format(**values) if values else _(text.template)


def error_text(error: CityTechError) -> str:
    """Return what an error says, in the language spoken."""
    return translated(error.message)


@lru_cache
def _catalogue(language: str) -> NullTranslations:
    from gettext import translation

    return translation(DOMAIN, LOCALE, [language])


def localized(text: str) -> str:
    """Return a number written as `1,234.5` as the locale writes it."""
    separators = speech().separators
    return text.translate(separators) if separators else text


def count_text(number: int) -> str:
    """Return how many there are of something, as the locale writes it."""
    return localized(f"{number:,}")
