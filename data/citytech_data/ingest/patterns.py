"""Codes and keywords as regular expressions that decide, and that every engine reads alike.

A code or keyword becomes sequences of atoms (a character, or a class of them), and all the
sequences of a rule one pattern, factored as a prefix tree: `;G06N(?:20/|[357]/)`. Java's engine
tries the branches of an alternation one after another, so a flat list is much slower on Spark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import permutations

from citytech_data.messages import Message

Atoms = tuple[str, ...]

_CODE = re.compile(
    "(?P<subclass>[A-HY][0-9][0-9][A-Z])"
    "(?P<group>[1-9][0-9]{0,3})/"
    "(?:(?P<whole>[*])"
    "|(?P<low>[0-9]{2,6})(?:-(?P<again>[1-9][0-9]{0,3})/(?P<high>[0-9]{2,6}))?(?P<longer>[*]?))"
)
_CLASS = re.compile("[A-HY][0-9][0-9][A-Z]?")

# Latin letters and digits, and their full-width forms.
_LATIN = "0-9A-Za-z\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
OTHER_LETTERS = "[a-z\uff0f-\uff19\uff21-\uff3a\uff41-\uff5a]"
"""What a code has besides plain capital letters: small ones, and full-width forms."""
# What can stand between a subclass and its main group, before codes are brought to one spelling.
_FILLING = "[^0-9A-Za-z/]*0*"
_GAP = "[ \t\r\n\u00a0\u3000-]+"
_ANYTHING = "(?s:.*)"
_KEYWORD = re.compile(
    r"(?:\[\^(?P<before>[^\W_]+)\])?(?P<body>[^\W_](?:[^\W_]|[ -])*[*]?)"
    r"(?:\[\^(?P<after>[^\W_]+)\])?"
)


class PatternError(ValueError):
    """A code or keyword that is none; `expected` says what it should be."""

    def __init__(self, expected: Message) -> None:
        """Say what was expected."""
        super().__init__(f"expected {expected}")
        self.expected = expected


def code_sequences(code: str) -> list[Atoms]:
    """Return the beginnings that the symbols meant by `code` have in normalised text.

    Raises:
        PatternError: if it is no code, with what is wrong.
    """
    if _CLASS.fullmatch(code):
        return [(";", *code)]
    found = _CODE.fullmatch(code)
    if not found:
        raise PatternError(
            Message("a code such as G06N3/*, G06N3/02, G06N3/02*, G06N3/02-3/126 or G16Y")
        )
    start = (";", *found["subclass"], *found["group"], "/")
    if found["whole"]:
        return [start]
    low, high = found["low"], found["high"] or found["low"]
    if found["again"] not in (None, found["group"]) or low > high:
        raise PatternError(Message("a range upwards within one main group, such as G06N3/02-3/126"))
    endings = ([*digits, ";"] if alone else digits for digits, alone in _between(low, high))
    sequences = [(*start, *ending) for ending in endings]
    return [*sequences, (*start, *high)] if found["longer"] else sequences


def code_hints(code: str) -> list[Atoms]:
    """Return what a cell holds that has a symbol meant by `code`: its subclass and main group.

    So it is in every spelling in plain capital letters; OTHER_LETTERS tells all other ones.
    """
    found = _CODE.fullmatch(code)
    if not found:
        return [tuple(code)]
    return [(*found["subclass"], _FILLING, *found["group"])]


def _between(low: str, high: str) -> Iterator[tuple[str, bool]]:
    """Yield the subgroups from `low` to `high`: digits, and whether they alone are meant.

    If not, they stand for all numbers that begin with them. Digits count as decimals, so the
    order is that of the texts.
    """
    if high.startswith(low):
        yield low, True
        place = len(low)
    else:
        place = next(i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b)
        yield low, False
        for i in range(place + 1, len(low)):
            yield from ((low[:i] + digit, False) for digit in "123456789" if digit > low[i])
        yield from ((low[:place] + d, False) for d in "123456789" if low[place] < d < high[place])
        place += 1
    for i in range(place, len(high)):
        yield high[:i], True
        yield from ((high[:i] + digit, False) for digit in "012345678" if digit < high[i])
    yield high, True


def keyword_sequences(keyword: str) -> list[Atoms]:
    """Return how `keyword` may stand in a text; technologies.toml says how one is written.

    Raises:
        PatternError: if it is no keyword, with what is wrong.
    """
    parts = [_part_atoms(part) for part in keyword.split(" + ")]
    if len(parts) == 1:
        return parts
    return [
        tuple(atom for part in order for atom in (*part, _ANYTHING))[:-1]
        for order in permutations(parts)
    ]


def _part_atoms(part: str) -> Atoms:
    before, body, after = _parse(part)
    return (*_not_after(before, body), *_letters(body), *_not_before(after, body))


def _parse(part: str) -> tuple[str, str, str]:
    """Return the characters not wanted before, the keyword (with its *), and those not after."""
    found = _KEYWORD.fullmatch(part)
    if not found or not found["body"].strip(" -"):
        raise PatternError(Message("a keyword such as deep learn*, 区块链 or 中继链[^路]"))
    return found["before"] or "", found["body"], found["after"] or ""


def _not_after(before: str, body: str) -> Atoms:
    before += _LATIN if body[0].isascii() else ""
    return (f"(?:^|[^{before}])",) if before else ()


def _not_before(after: str, body: str) -> Atoms:
    after += _LATIN if body[-1].isascii() and body[-1] != "*" else ""
    return (f"(?:[^{after}]|$)",) if after else ()


def _letters(body: str) -> Atoms:
    words = re.split("[ -]+", body.removesuffix("*"))
    return tuple(_letter(character) for character in " ".join(words))


def _letter(character: str) -> str:
    """Return `character`, or for a Latin one the class of its cases and widths."""
    if character == " ":
        return _GAP
    if not character.isascii():
        return character
    forms = dict.fromkeys((character.upper(), character.lower()))
    return f"[{''.join(forms)}{''.join(chr(ord(form) + 0xFEE0) for form in forms)}]"


def exclusion(words: Iterable[str]) -> list[tuple[str, str]]:
    """Return the patterns, and what stands for their matches, that take `words` out of a text.

    Where a character that a word must not follow stands before it, the word is split instead,
    so that what begins inside it is still found: 热点云平台 becomes 点 云平台. A group that keeps
    the character would do the same, but takes many times as long.
    """
    splits, sequences = [], []
    for word in words:
        before, body, _ = _parse(word)
        before += _LATIN if body[0].isascii() else ""
        letters = _letters(body)
        if before:
            splits.append((f"[{before}]{''.join(letters)}", f"{body[0]} {body[1:]}"))
        sequences.append(letters)
    return [*splits, (factored(sequences), " ")]


def factored(sequences: Iterable[Atoms]) -> str:
    """Return one pattern that matches where any of `sequences` does, common beginnings once.

    A sequence that goes on after another one has ended is left out: `contains` needs no more.
    """
    tree: dict[str, list[Atoms]] = {}
    for sequence in sequences:
        if not sequence:
            return ""
        tree.setdefault(sequence[0], []).append(sequence[1:])
    branches: dict[str, list[str]] = {}
    for atom in sorted(tree):
        branches.setdefault(factored(tree[atom]), []).append(atom)
    parts = [part for rest, atoms in branches.items() for part in _one_of(atoms, rest)]
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def _one_of(atoms: list[str], rest: str) -> list[str]:
    """Join the atoms that go on alike: characters as a class."""
    single = "".join(atom for atom in atoms if len(atom) == 1)
    others = [atom + rest for atom in atoms if len(atom) > 1]
    if not single:
        return others
    return [(f"[{single}]" if len(single) > 1 else single) + rest, *others]
