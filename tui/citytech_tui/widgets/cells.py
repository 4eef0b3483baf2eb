"""Text measured in terminal cells: a Chinese character takes two."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len, chop_cells, set_cell_size

ELLIPSIS = "…"
# No cell of a table or line of a panel is longer; measuring more would only cost time.
_LONGEST = 1000
_JOINER = "\N{ZERO WIDTH JOINER}"


def apart(text: str) -> str:
    """Return `text` so that it keeps its width next to any other: without joiners at its ends."""
    return text.strip(_JOINER)


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Return `text` in exactly `width` cells: padded, or cut with `…`."""
    text = apart(text[:_LONGEST])
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + ELLIPSIS if width > 0 else ""
    padding = " " * (width - length)
    return padding + text if right else text + padding


def wrap(text: str, width: int) -> Iterator[str]:
    """Yield `text` in lines of at most `width` cells, broken between words where possible."""
    line, length = "", 0
    for word in text.split():
        word_length = cell_len(word)
        if line and length + 1 + word_length <= width:
            line, length = f"{line} {word}", length + 1 + word_length
            continue
        if line:
            yield line
        *full, line = chop_cells(word, width) if word_length > width else [word]
        yield from full
        length = cell_len(line)
    if line:
        yield line
