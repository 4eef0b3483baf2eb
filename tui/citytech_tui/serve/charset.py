"""The characters that a client's terminal knows, told from its locale."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from functools import lru_cache

from rich.cells import cell_len

# Others exist in Python, and some of them are no character sets: `zip`, `idna`.
_KNOWN = re.compile(
    r"utf[-_]?8|us-ascii|ascii|ansi_x3\.4-1968|iso[-_]?8859-?\d{1,2}|gbk|gb2312|gb18030|big5"
    r"|euc-?(jp|kr|cn|tw)|shift_?jis|koi8-?[ru]|cp125\d"
)
_PLAIN = {
    ord(sign): plain
    for plain, signs in (
        ("#", "█▉▊▋▌▓■"),
        (":", "▍▎▏▐▒"),
        (".", "░·□○◇"),
        ("|", "│║┃"),
        ("-", "─━–—"),
        ("=", "═"),
        ("+", "┌┐└┘├┤┬┴┼╭╮╰╯"),
        ("~", "…≈"),
        ("*", "•●◆"),
        ("^", "▲△↑"),
        ("v", "▼▽↓"),
        (">", "→▶›≥"),
        ("<", "←◀‹≤"),
        ("x", "×✗"),
        ("_", "▁▂▃▄▅▆▇"),
        ("d", "Δ"),
        ("'", "‘’"),
        ('"', "“”"),
    )
    for sign in signs
}
"""What stands for a sign that is missing; each is one cell wide, as the sign is."""


def charset_of(environ: Mapping[str, str]) -> str:
    """Return Python's name of the character set that the locale names; UTF-8 if it names none.

    The C locale knows ASCII only. A set that is not known is taken for UTF-8.
    """
    locale = next(filter(None, map(environ.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "")
    if locale in ("C", "POSIX"):
        return "ascii"
    name = locale.partition(".")[2].partition("@")[0].lower()
    if not _KNOWN.fullmatch(name):
        return "utf-8"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "utf-8"


def encode(text: str, charset: str) -> bytes:
    """Encode what is written to a terminal; signs that it lacks are replaced, cell by cell."""
    if charset == "utf-8":
        return text.encode(errors="replace")
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        return "".join(_shown(character, charset) for character in text).encode(charset)


@lru_cache(4096)
def _shown(character: str, charset: str) -> str:
    for shown in (character, character.translate(_PLAIN)):
        try:
            shown.encode(charset)
        except UnicodeEncodeError:
            continue
        return shown
    return "?" * cell_len(character)
