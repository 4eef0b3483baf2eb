"""Which records count for which technology: the rules of technologies.toml as expressions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, Literal, NamedTuple

import narwhals as nw

from citytech_data.errors import CityTechError, quoted
from citytech_data.ingest.patterns import (
    OTHER_LETTERS,
    code_hints,
    code_sequences,
    exclusion,
    factored,
    keyword_sequences,
)
from citytech_data.ingest.rules import Level, Rule, RuleFile, read_rules
from citytech_data.ingest.symbols import only_where
from citytech_data.messages import Message
from citytech_data.vocabulary import TECHNOLOGIES

DEFAULT_PRESET = "strict"
DEFAULT_FILE = Path(__file__).with_name("technologies.toml")


class Described(NamedTuple):
    """One line of `RuleSet.describe`: a code, or keywords in the title, and what it is worth."""

    technology: str
    rule: str
    level: Level
    preset: str
    keywords: str
    scheme: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Needs:
    """How many rules of a technology need what: codes of IPC, codes of CPC, texts."""

    ipc: int
    cpc: int
    ipc_and_text: int
    cpc_and_text: int
    title: int

    def left(
        self, *, codes: bool = True, cpc: bool = True, title: bool = True, abstract: bool = True
    ) -> Literal["all", "some", "none"]:
        """Return how many of the rules can be used with records that have only these fields.

        `codes` are any codes at all, `cpc` is whether there are those of CPC among them.
        """
        text = title or abstract
        used = codes * (self.ipc + cpc * self.cpc)
        used += (codes and text) * (self.ipc_and_text + cpc * self.cpc_and_text)
        used += title * self.title
        if not used:
            return "none"
        of = self.ipc + self.cpc + self.ipc_and_text + self.cpc_and_text + self.title
        return "all" if used == of else "some"


@dataclass(frozen=True, slots=True, eq=False)
class RuleSet:
    """The rules of one file, and the expressions they make."""

    file: RuleFile

    @property
    def presets(self) -> tuple[str, ...]:
        """The names of the presets, in the order of the file."""
        return tuple(self.file.presets)

    def rules(self, preset: str) -> tuple[Rule, ...]:
        """Return the rules of `preset`, those of the presets that it includes among them.

        Raises:
            CityTechError: if there is no such preset.
        """
        if preset not in self.file.presets:
            known = ", ".join(self.presets)
            raise CityTechError(
                Message(
                    "no preset is called {preset}; there are {known}",
                    preset=quoted(preset),
                    known=known,
                )
            )
        names: list[str] = [preset]
        for name in names:
            names += [each for each in self.file.presets[name].includes if each not in names]
        return tuple(rule for rule in self.file.rules if rule.preset in names)

    def flags(
        self,
        preset: str,
        *,
        codes: str | None,
        title: str | None,
        abstract: str | None,
        api: Any = nw,
    ) -> list[Any]:
        """Return five booleans, never null, named as the technologies, from columns so named.

        `codes` holds what `symbols.normalise` makes. Without a column, the rules that need it
        find nothing. They are expressions of `api`: of Narwhals, or of Polars itself, whose
        functions are named alike, and which need not be translated each time they are used.
        """
        rules = self.rules(preset)
        fields = _Fields(self.file, codes, title, abstract, api)
        return [
            fields.any_of(rule for rule in rules if rule.technology == technology).alias(technology)
            for technology in TECHNOLOGIES
        ]

    def candidates(
        self,
        preset: str,
        *,
        codes: str | None,
        title: str | None,
        abstract: str | None,
        api: Any = nw,
    ) -> Any:
        """Return where `flags` may find a technology, which is quicker to tell: never null.

        `codes` holds them as they stand in the file, in any spelling. It is true wherever one of
        the flags is, so that only such rows need be brought to one spelling and looked at.
        """
        del abstract  # It matters only beside a code.
        rules = self.rules(preset)
        fields = _Fields(self.file, codes, title, None, api)
        all_codes = {code for rule in rules for code in rule.codes}
        words = [name for rule in rules if rule.level == "kw" for name in rule.keywords]
        found = [fields.hints_at(all_codes)] if codes and all_codes else []
        if fields.title is not None and words:
            # Words to exclude are left in: taken out for one technology, they may serve another.
            found.append(fields.title.str.contains(fields.pattern(words)).fill_null(False))
        return fields.either(found)

    def needs(self, preset: str) -> Mapping[str, Needs]:
        """Return for each technology how many of its rules need codes of CPC, or texts."""
        return {technology: self._needs(preset, technology) for technology in TECHNOLOGIES}

    def _needs(self, preset: str, technology: str) -> Needs:
        counts: dict[tuple[Level, bool], int] = {}
        for rule in self.rules(preset):
            if rule.technology == technology:
                kind = (rule.level, rule.ipc is not False)
                counts[kind] = counts.get(kind, 0) + max(len(rule.codes), 1)
        kinds: tuple[tuple[Level, bool], ...] = (
            ("code", True),
            ("code", False),
            ("code+kw", True),
            ("code+kw", False),
            ("kw", True),
        )
        return Needs(*(counts.get(kind, 0) for kind in kinds))

    def describe(self) -> list[Described]:
        """Return every rule of the file, one line a code, in the order of the file."""
        return [
            Described(
                rule.technology,
                f"{code} and {', '.join(rule.together)}" if rule.together else code,
                rule.level,
                rule.preset,
                ", ".join(rule.keywords),
                _scheme(rule),
                "; ".join(rule.source),
                rule.note,
            )
            for rule in self.file.rules
            for code in rule.codes or ("title",)
        ]


def load(path: Path | None = None) -> RuleSet:
    """Return the rules of the file at `path`, or CityTech's own.

    Raises:
        DatasetError: if the file cannot be read or is not as expected.
    """
    return RuleSet(read_rules(path or DEFAULT_FILE))


def _scheme(rule: Rule) -> str:
    if rule.level == "kw":
        return ""
    if rule.ipc is False:
        return "CPC"
    return "IPC, CPC" if rule.ipc is True else f"CPC, IPC since {rule.ipc}"


class _Fields:
    """The columns of a record that rules look at, as expressions of `api`."""

    def __init__(
        self, file: RuleFile, codes: str | None, title: str | None, abstract: str | None, api: Any
    ) -> None:
        self.file = file
        self.api = api
        self.codes = api.col(codes).fill_null("") if codes else None
        self.title = api.col(title) if title else None
        self.texts = [api.col(name) for name in (title, abstract) if name]

    def any_of(self, rules: Iterable[Rule]) -> Any:
        """Return where one of `rules` is met; rules of a kind become one pattern."""
        alone: list[str] = []
        beside: dict[tuple[str, ...], list[str]] = {}
        titles: list[str] = []
        found: list[Any] = []
        for rule in rules:
            if not rule.codes:
                titles += rule.keywords
            elif rule.keywords:
                beside.setdefault(rule.keywords, []).extend(rule.codes)
            elif not rule.together:
                alone += rule.codes
            elif self.codes is not None:
                found.append(self.has_code(rule.codes) & self.has_code(rule.together))
        if self.codes is not None:
            found += [self.has_code(alone)] if alone else []
            found += [self.has_both(codes, names) for names, codes in beside.items() if self.texts]
        if self.title is not None and titles:
            found.append(self.has_word([self.title], titles))
        return self.either(found)

    def has_code(self, codes: Iterable[str]) -> Any:
        assert self.codes is not None
        pattern = factored(sequence for code in codes for sequence in code_sequences(code))
        return self.codes.str.contains(pattern)

    def hints_at(self, codes: Iterable[str]) -> Any:
        """Return where a cell may hold one of these codes, in whatever spelling."""
        assert self.codes is not None
        hints = factored(hint for code in codes for hint in code_hints(code))
        return self.codes.str.contains(f"{hints}|{OTHER_LETTERS}")

    def has_both(self, codes: Iterable[str], names: Iterable[str]) -> Any:
        """Return where a code and a keyword are; texts without such a code are not searched."""
        found = self.has_code(codes)
        return self.has_word([only_where(found, text, self.api) for text in self.texts], names)

    def has_word(self, texts: Iterable[Any], names: Iterable[str]) -> Any:
        names = tuple(names)
        exclude = dict.fromkeys(word for name in names for word in self.file.keywords[name].exclude)
        pattern = self.pattern(names)
        return self.either([self.contains(text, pattern, tuple(exclude)) for text in texts])

    def pattern(self, names: Iterable[str]) -> str:
        """Return the pattern of all words in the lists of keywords so named."""
        words = {word for name in names for word in self.file.keywords[name].words}
        return factored(atoms for word in words for atoms in keyword_sequences(word))

    def contains(self, text: Any, pattern: str, exclude: tuple[str, ...]) -> Any:
        found = text.str.contains(pattern)
        if exclude:
            # Few texts hold a keyword, and only of those is anything taken out.
            rest = only_where(found, text, self.api)
            for words, value in exclusion(exclude):
                rest = rest.str.replace_all(words, value)
            found = rest.str.contains(pattern)
        return found.fill_null(False)

    def either(self, found: list[Any]) -> Any:
        return reduce(or_, found) if found else self.api.lit(False)
