"""Memory for large blocks, which are taken and freed again and again."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache
from typing import Final

# Numbers of glibc's malloc.h.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_KEPT = 1 << 27
_LARGEST = 1 << 26


@cache
def keep_freed_blocks() -> None:
    """Have glibc keep up to 128 MB of what is freed for what is taken next.

    Without it, a block of many megabytes goes back to the system and comes anew page by page, each
    of them cleared: a fifth of the time of reading a file. Other C libraries are left alone.
    """
    with suppress(AttributeError, OSError, TypeError):
        adjust = ctypes.CDLL(None).mallopt
        adjust(_MMAP_THRESHOLD, _LARGEST)
        adjust(_TRIM_THRESHOLD, _KEPT)
