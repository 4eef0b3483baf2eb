"""Which datasets a command may open: all that there are, unless it is run for a stranger."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING

from citytech_data import DEFAULT

if TYPE_CHECKING:
    from citytech_data.dataset import Dataset


def open_any(name: str | None) -> Dataset:
    """Open an embedded dataset or a folder; None stands for the default."""
    from citytech_data.dataset import open_dataset

    return open_dataset(name or DEFAULT)


opener: ContextVar[Callable[[str | None], Dataset]] = ContextVar("opener", default=open_any)
"""How commands of the present context open a dataset."""
