"""Make text that came from a file or a person safe to show in a terminal.

A terminal obeys control characters wherever they come from, and bidirectional controls
reorder what surrounds them, so both are made visible once, when text enters the program.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Tab, line breaks and the Unicode line and paragraph separators become one space.
BREAKS = "[\t\n\x0b\x0c\r\x85\u2028\u2029]+"
# C0, DEL, C1, bidirectional marks, embeddings, overrides and isolates, byte order mark.
CONTROLS = (
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)

_BREAKS = re.compile(BREAKS)
_CONTROLS = re.compile(CONTROLS)
_NOT_SEARCHED = re.compile(r"[\W_]+")


def clean(text: str) -> str:
    """Return `text` on one line, its control and bidirectional characters replaced by U+FFFD.

    Lone surrogates, which no terminal can be sent, are replaced too.
    """
    text = _CONTROLS.sub(REPLACEMENT, _BREAKS.sub(" ", text))
    return text.encode("utf-8", "replace").decode("utf-8") if not text.isascii() else text


def search_key(text: str) -> str:
    """Return `text` as it is compared in searches: no case, accents, spaces or punctuation.

    `Xi'an`, `xi an` and `XIAN` have the same key.
    """
    decomposed = unicodedata.normalize("NFKD", text).lower()
    return _NOT_SEARCHED.sub("", "".join(c for c in decomposed if not unicodedata.combining(c)))


def search_text(*columns: str) -> pl.Expr:
    """Return the `search_key` of several columns, a line each, without those that are null."""
    import polars as pl

    names = pl.concat_str(columns, separator="\n", ignore_nulls=True)
    # NFKD splits accents off, and what is neither letter, digit nor separator is dropped.
    return names.str.normalize("NFKD").str.to_lowercase().str.replace_all(r"[^\p{L}\p{N}\n]", "")
