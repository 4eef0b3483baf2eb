"""What was seen before, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

import polars as pl

MOST_SLOTS = 1 << 21
_TEXTS, _FEWEST_SLOTS = 1 << 17, 1 << 10
_BYTES_OF_ROW = 8


def slots_for(size: int) -> int:
    """Return the slots of a table of what a file of `size` bytes holds, packed or not.

    A small file would take longer to make a large table than to be read.
    """
    return min(MOST_SLOTS, max(_FEWEST_SLOTS, 1 << (size // _BYTES_OF_ROW).bit_length()))


class Known:
    """Hashes of 64 bits that were seen before; several threads may ask.

    Each has one slot in a table, and the last that came holds it: what is forgotten so is taken
    for new when it comes again.
    """

    def __init__(self, slots: int = MOST_SLOTS) -> None:
        """Make a table of `slots` hashes, a power of two."""
        self._last = slots - 1
        # No slot holds at first what belongs into it.
        self._hashes = pl.zeros(slots, pl.Int64, eager=True).scatter(0, 1)
        self._lock = Lock()

    def new(self, hashes: pl.Series) -> pl.Series:
        """Return where those first stand that are new, and know them from now on."""
        slots = hashes & self._last
        with self._lock:
            unknown = (self._hashes.gather(slots) != hashes).arg_true()
            first = unknown.gather(hashes.gather(unknown).arg_unique())
            self._hashes.scatter(slots.gather(first), hashes.gather(first))
        return first


class Memo:
    """What a function makes of texts of which few are different; several threads may ask.

    As with `Known`, what is forgotten is read again when it comes again.
    """

    def __init__(
        self, read: Callable[[pl.Series], pl.Series], dtype: type[pl.DataType], slots: int = _TEXTS
    ) -> None:
        """Set up for a function from texts to values of `dtype`; `slots` is a power of two."""
        self._read = read
        self._last = slots - 1
        self._hashes = pl.zeros(slots, pl.UInt64, eager=True).scatter(0, 1)
        self._values = pl.Series([None], dtype=dtype).new_from_index(0, slots)
        self._lock = Lock()

    def __call__(self, texts: pl.Series) -> pl.Series:
        """Return the value of each text."""
        hashes = texts.hash()
        slots = hashes & self._last
        with self._lock:
            unknown = (self._hashes.gather(slots) != hashes).arg_true()
            values = self._values.gather(slots)
        if unknown.is_empty():
            return values
        at, some = slots.gather(unknown), texts.gather(unknown)
        different = some.drop_nulls().unique()
        new = some.replace_strict(different, self._read(different), default=None)
        with self._lock:
            self._hashes.scatter(at, hashes.gather(unknown))
            self._values.scatter(at, new)
        return values.scatter(unknown, new)
