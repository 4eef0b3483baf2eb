"""Every spelling of an IPC or CPC symbol, brought to one: `G06N3/04`.

Exports write the same symbol as `G06N 3/04`, `G06N   3/04` (padded), `G06N0003040000` (WIPO
ST.8), `G06N3/04(2006.01)I`, in lower case or full width, and join several by `;`, `;;`, ` | `,
`,` or line breaks. What comes out is one text per record, `;G06N3/04;H04L9/32;`, with a `;`
before and after every symbol, so that a rule need not know where the text begins or ends; it
is `;` where there is no symbol.

A symbol has a subclass, a main group and a subgroup of two to six digits. Everything else
(`G06N` alone, versions, Locarno classes, damaged codes) is dropped; `has_unread` tells where.

The steps are regular expressions that Rust (Polars), Java (Spark) and Python read alike: no
look-around, which Rust lacks, and no word boundaries, shorthand classes or case folding, which
differ between them.
"""

from __future__ import annotations

import re
from typing import Any, Final

import narwhals as nw
import polars as pl

Step = tuple[str, str]
"""A pattern and what stands for its matches; `$1` is what its first group matched."""

_SUBCLASS = "[A-Ha-hYy][0-9][0-9][A-Za-z]"
_GROUPS = "[1-9][0-9]{0,3}/[0-9]{2,6}"

_SYMBOL = f"[A-HY][0-9][0-9][A-Z]{_GROUPS}"
_NORMAL = f"^;(?:{_SYMBOL};)*$"
# The short way: nothing but symbols, versions and separators. A space inside a symbol, a letter
# in lower case and the like need the long way.
_JOINT = "(?:\\([0-9]{4}\\.[0-9]{2}\\)[A-Z]?)? ?[,;|\uff1b\u3001\r\n]+ ?"
_SHORT = f"^(?:{_JOINT}{_SYMBOL})*{_JOINT}$"

# What most exports write between symbols: replacing it as it stands is quicker than a pattern.
_USUAL_JOINTS = (" | ", "; ")

FULL_WIDTH: Final = "[\uff0f-\uff19\uff21-\uff3a\uff41-\uff5a]"
_NARROW: Final[tuple[Step, ...]] = tuple(
    (chr(code + 0xFEE0), chr(code))
    for first, last in ("/9", "AZ", "az")
    for code in range(ord(first), ord(last) + 1)
)
# Each token gets a `;` of its own on both sides, so that a match may take both.
_SEPARATE: Step = ("[^0-9A-Za-z/]+", ";;")
_FROM_ST8: tuple[Step, ...] = (
    (f";({_SUBCLASS})(?:;;)?([0-9]{{4}})([0-9]{{6}});", ";$1$2/$3~;"),
    # The subgroup without its padding: it has two digits at least, and no third one that is 0.
    ("/([0-9][0-9](?:[0-9]{0,3}[1-9])?)0*~", "/$1"),
)
_SPELLING = f"({_SUBCLASS})(?:;;)?0*({_GROUPS})"
_KEEP: tuple[Step, ...] = (*_FROM_ST8, (f";(?:{_SPELLING}|[^;]+);", ";$1$2;"), (";+", ";"))

# What may stand beside a symbol: its version, value and position, `20060101AFI20060101BHEP`.
_BESIDE = "[0-9]{4}|[0-9]{2}|[0-9]{8}[0-9A-Za-z]*|[A-Za-z]"
_PUNCTUATION: Step = (
    "[ \t\r\n\u00a0\u3000,;|\uff0c\uff1b\uff5c\u3001.()\\[\\]\uff08\uff09-]+",
    ";;",
)
_DROP: Step = (f";(?:{_SPELLING}|{_BESIDE});", "")


def normalise(column: str | nw.Expr, *, full_width: bool = True) -> nw.Expr:
    """Return the symbols of each record of `column`, in their order: `;G06N3/04;H04L9/32;`.

    It is never null, and applied twice it changes nothing more. Without `full_width`, which saves
    making many steps, no characters of FULL_WIDTH are looked for.
    """
    text = _between_marks(column)
    normal, short = text.str.contains(_NORMAL), text.str.contains(_SHORT)
    joined = only_where(short & ~normal, text).str.replace_all(_JOINT, ";")
    separated = _long_way(text, short, (_SEPARATE, *_KEEP), full_width=full_width)
    return nw.when(normal).then(text).otherwise(nw.when(short).then(joined).otherwise(separated))


def normalised(cells: pl.Series) -> pl.Series:
    """Return what `normalise` makes of cells, quicker where they hold plain symbols."""
    text = (
        cells.to_frame("codes")
        .select(pl.concat_str(pl.lit(";"), pl.col("codes").fill_null(""), pl.lit(";")))
        .to_series()
    )
    for joint in _USUAL_JOINTS:
        text = text.str.replace_all(joint, ";", literal=True)
    odd = (~text.str.contains(_NORMAL)).arg_true()
    if odd.is_empty():
        return text
    some = cells.gather(odd).to_frame("codes")
    wide = bool(some["codes"].str.contains(FULL_WIDTH).any())
    rest = nw.from_native(some, eager_only=True).select(normalise("codes", full_width=wide))
    return text.scatter(odd, rest.to_native().to_series())


def has_unread(column: str | nw.Expr) -> nw.Expr:
    """Return where `column` holds something that `normalise` drops, other than versions."""
    text = _between_marks(column)
    rest = _long_way(text, text.str.contains(_SHORT), (_PUNCTUATION, *_FROM_ST8, _DROP))
    return rest.str.contains("[^;]")


def normalise_symbol(text: str) -> str | None:
    """Return the one symbol that `text` spells, as `normalise` does; None if it is not one."""
    text = f";{text};"
    for pattern, value in (*_NARROW, _SEPARATE, *_KEEP):
        text = re.sub(pattern, value.replace("$", "\\"), text)
    symbol = text.strip(";").upper()
    return symbol if symbol and ";" not in symbol else None


def _between_marks(column: str | nw.Expr) -> nw.Expr:
    cell = nw.col(column) if isinstance(column, str) else column
    return nw.concat_str(nw.lit(";"), cell.fill_null(""), nw.lit(";"))


def _long_way(
    text: nw.Expr, short: nw.Expr, steps: tuple[Step, ...], *, full_width: bool = True
) -> nw.Expr:
    """Return `text` after `steps`, in upper case; empty where `short`.

    The 63 full-width characters are sought only where one is. All conditions are of `text`
    itself: an engine finds again what it has computed one level deep, not deeper.
    """
    if not full_width:
        return _with_steps(only_where(~short, text), steps).str.to_uppercase()
    wide = text.str.contains(FULL_WIDTH)
    narrowed = _with_steps(only_where(wide, text), (*_NARROW, *steps))
    others = _with_steps(only_where(~(short | wide), text), steps)
    return nw.when(wide).then(narrowed).otherwise(others).str.to_uppercase()


def _with_steps(text: nw.Expr, steps: tuple[Step, ...]) -> nw.Expr:
    for pattern, value in steps:
        text = text.str.replace_all(pattern, value)
    return text


def only_where(condition: Any, text: Any, api: Any = nw) -> Any:
    """Return `text`, emptied where `condition` is not true, so that searching it costs nothing.

    Nulls would not do: behind its nulls Polars keeps the texts, and searches them all. Both are
    expressions of `api`.
    """
    return api.when(condition).then(text).otherwise(api.lit(""))
