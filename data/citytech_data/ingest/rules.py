"""What `technologies.toml`, or a user's own such file, says: presets, keywords, rules, sources."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from citytech_data.errors import DatasetError, quoted, system_reason
from citytech_data.ingest.patterns import PatternError, code_sequences, keyword_sequences
from citytech_data.messages import Message
from citytech_data.text import clean
from citytech_data.vocabulary import TECHNOLOGIES

Level = Literal["code", "code+kw", "kw"]

_SEE = Message("technologies.toml of CityTech is an example (citytech-tui technologies prints it).")


@dataclass(frozen=True, slots=True)
class Preset:
    """A choice of rules: its own, and those of the presets that it includes."""

    name: str
    title: str
    includes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keywords:
    """A list of keywords, and the words that hold one but mean something else."""

    name: str
    words: tuple[str, ...]
    exclude: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Codes, keywords or both that make a record count for a technology.

    `together` are codes of which one must stand beside one of `codes`. `ipc` is False for
    symbols of CPC only, or the year since which IPC has them.
    """

    technology: str
    preset: str
    codes: tuple[str, ...]
    together: tuple[str, ...]
    keywords: tuple[str, ...]
    source: tuple[str, ...]
    ipc: bool | int
    note: str

    @property
    def level(self) -> Level:
        """What must be found: a code, a code and a keyword, or a keyword in the title."""
        if not self.codes:
            return "kw"
        return "code+kw" if self.keywords else "code"


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A whole file of rules, checked."""

    name: str
    title: str
    version: str
    presets: Mapping[str, Preset]
    keywords: Mapping[str, Keywords]
    sources: Mapping[str, tuple[str, str]]
    rules: tuple[Rule, ...]


def read_rules(path: Path) -> RuleFile:
    """Read and check a file of rules.

    Raises:
        DatasetError: for the first thing that is not as expected, naming its table.
    """
    try:
        parsed = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DatasetError(
            path.name,
            Message("cannot be read ({reason})", reason=system_reason(error)),
            _SEE,
        ) from None
    except UnicodeDecodeError:
        raise DatasetError(
            path.name, Message("is not UTF-8"), Message("Save it as UTF-8.")
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise DatasetError(
            path.name, Message("is not TOML: {error}", error=clean(str(error))), _SEE
        ) from None
    top = _Table(parsed, path.name, "")
    top.allow("title", "version", "presets", "sources", "keywords", "rule")
    sources = {
        name: (table.text("title"), table.text("url", ""))
        for name, table in top.tables("sources").items()
    }
    presets = {name: _preset(name, table) for name, table in top.tables("presets").items()}
    for preset in presets.values():
        top.known("presets", preset.includes, presets)
    keywords = {
        name: _keywords(name, table, sources) for name, table in top.tables("keywords").items()
    }
    rules = tuple(_rule(table, presets, keywords, sources) for table in top.listed("rule"))
    return RuleFile(
        path.name, top.text("title"), top.text("version", ""), presets, keywords, sources, rules
    )


def _preset(name: str, table: _Table) -> Preset:
    table.allow("title", "includes")
    return Preset(name, table.text("title"), table.texts("includes"))


def _keywords(name: str, table: _Table, sources: Mapping[str, object]) -> Keywords:
    table.allow("words", "exclude", "source")
    words, exclude = table.texts("words"), table.texts("exclude")
    if not words:
        raise table.wrong("words", Message("a list of keywords"), "nothing")
    table.check("words", words, keyword_sequences)
    table.check("exclude", exclude, keyword_sequences)
    for word in exclude:
        if " + " in word or word.endswith("]"):
            raise table.wrong(
                "exclude", Message("words without + and without [^ ] after them"), word
            )
    return Keywords(name, words, exclude, table.source(sources))


def _rule(
    table: _Table,
    presets: Mapping[str, object],
    keywords: Mapping[str, object],
    sources: Mapping[str, object],
) -> Rule:
    table.allow("technology", "preset", "codes", "and", "keywords", "source", "ipc", "note")
    ipc = table.value.get("ipc", True)
    if not isinstance(ipc, int):
        raise table.wrong("ipc", Message("true, false or a year"), ipc)
    rule = Rule(
        technology=table.text("technology"),
        preset=table.text("preset"),
        codes=table.texts("codes"),
        together=table.texts("and"),
        keywords=table.texts("keywords"),
        source=table.source(sources),
        ipc=ipc,
        note=table.text("note", ""),
    )
    table.known("technology", (rule.technology,), TECHNOLOGIES)
    table.known("preset", (rule.preset,), presets)
    table.known("keywords", rule.keywords, keywords)
    table.check("codes", rule.codes, code_sequences)
    table.check("and", rule.together, code_sequences)
    if not rule.codes and (rule.together or not rule.keywords):
        raise table.wrong("codes", Message("codes, keywords or both"), "neither")
    if rule.together and rule.keywords:
        raise table.wrong("and", Message("no keywords beside it"), ", ".join(rule.keywords))
    return rule


class _Table:
    """A table of the file that knows where it stands, for messages."""

    def __init__(self, value: object, file: str, where: str) -> None:
        self.file = file
        self.where = where
        if not isinstance(value, dict):
            raise self.wrong("", Message("a table"), value)
        self.value: dict[str, Any] = value

    def wrong(self, key: str, expected: Message, found: object) -> DatasetError:
        place = " ".join(part for part in (self.where, key) if part)
        return DatasetError(
            self.file,
            Message(
                "{place}: expected {expected}, found {found}",
                place=clean(place),
                expected=expected,
                found=quoted(found),
            ),
            _SEE,
        )

    def allow(self, *keys: str) -> None:
        for key in self.value:
            if key not in keys:
                raise self.wrong("", Message("only {names}", names=", ".join(keys)), key)

    def known(self, key: str, names: tuple[str, ...], among: Any) -> None:
        for name in names:
            if name not in among:
                raise self.wrong(key, Message("one of {names}", names=", ".join(among)), name)

    def check(self, key: str, texts: tuple[str, ...], parse: Callable[[str], object]) -> None:
        for text in texts:
            try:
                parse(text)
            except PatternError as error:
                raise self.wrong(key, error.expected, text) from None

    def source(self, sources: Mapping[str, object]) -> tuple[str, ...]:
        found = self.texts("source")
        if not found:
            raise self.wrong("source", Message("where this comes from"), "nothing")
        self.known("source", tuple(text.partition(" ")[0] for text in found), sources)
        return found

    def tables(self, key: str) -> dict[str, _Table]:
        value = self.value.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, Message("tables"), value)
        return {
            clean(name): _Table(item, self.file, f"[{key}.{name}]") for name, item in value.items()
        }

    def listed(self, key: str) -> list[_Table]:
        value = self.value.get(key)
        if not isinstance(value, list) or not value:
            raise self.wrong(f"[[{key}]]", Message("one table or more"), value)
        return [
            _Table(item, self.file, f"[[{key}]] {number}") for number, item in enumerate(value, 1)
        ]

    def text(self, key: str, default: str | None = None) -> str:
        value = self.value.get(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.wrong(key, Message("a text"), value)
        return clean(value)

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.value.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, Message("a list of texts"), value)
        return tuple(clean(item) for item in value)
