"""The catalogues are complete, and each app speaks its own language."""

from __future__ import annotations

import asyncio
import io
import string
from collections.abc import Iterator, Sequence

import pytest
from babel.messages import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from citytech_data.errors import CityTechError
from citytech_tui.language import (
    DOMAIN,
    LANGUAGES,
    LOCALE,
    SOURCE,
    _,
    language_of,
    plural,
    speak,
    spoken,
    switch,
)
from tests.messages import collected

TRANSLATED = sorted(LANGUAGES.keys() - {SOURCE})
MAKE = "run `make messages`, then translate what is new in the .po file and run it again"


def catalogue(language: str) -> Catalog:
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    return read_po(io.BytesIO(path.read_bytes()), language)


def messages(language: str) -> Iterator[Message]:
    return (message for message in catalogue(language) if message.id)


def ids(message: str | Sequence[str | None] | None) -> tuple[str, ...]:
    texts = (message,) if isinstance(message, str) else message or ()
    return tuple(filter(None, texts))


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_holds_every_message_and_no_other(language: str) -> None:
    marked = {ids(message) for message in collected()}
    assert {ids(message.id) for message in messages(language)} == marked, MAKE


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_with_its_values(language: str) -> None:
    for message in messages(language):
        assert not message.fuzzy, message.id
        for translation in ids(message.string):
            assert translation.strip(), f"{message.id}: {MAKE}"
            wanted = fields(ids(message.id)[-1])
            assert fields(translation) == wanted, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    compiled = read_mo(io.BytesIO(path.read_bytes()))
    assert {ids(m.id): ids(m.string) for m in compiled if m.id} == {
        ids(m.id): ids(m.string) for m in messages(language)
    }, MAKE


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_CN"}, "zh"),
        ({"LANG": "zh_CN", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_language_is_that_of_the_locale(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language


async def test_each_task_tree_speaks_its_own_language_and_may_switch() -> None:
    async def session(language: str) -> list[str]:
        turn = asyncio.Event()
        speak(language)
        heard: list[str] = []

        async def part() -> None:
            heard.append(spoken())
            await turn.wait()
            heard.append(spoken())

        task = asyncio.create_task(part())
        await asyncio.sleep(0)
        switch("en" if language == "zh" else "zh")
        turn.set()
        await task
        return heard

    both = await asyncio.gather(session("en"), session("zh"))
    assert [*both] == [["en", "zh"], ["zh", "en"]]
    assert spoken() == SOURCE


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(CityTechError, match="no language 'xx'"):
        speak("xx")


def test_the_source_speaks_for_itself() -> None:
    assert _("no catalogue has this") == "no catalogue has this"
    assert [plural("one", "many", number) for number in (0, 1, 2)] == ["many", "one", "many"]
