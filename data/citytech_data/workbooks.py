"""What reads workbooks, which is an extra."""

from __future__ import annotations

from typing import Any

from citytech_data.errors import DatasetError
from citytech_data.messages import Message


def workbook_reader(file: str) -> Any:
    """Return the package fastexcel.

    Raises:
        DatasetError: naming `file`, if it is not installed.
    """
    try:
        import fastexcel
    except ImportError:
        raise DatasetError(
            file,
            Message("needs fastexcel"),
            Message("pip install 'citytech-tui[ingest]', or save it as CSV."),
        ) from None
    return fastexcel
