"""What the service tells its operator: one JSON object a line, and nothing that anybody typed."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from citytech_data.errors import CityTechError, system_reason
from citytech_tui.language import _, translated

LOGGER = logging.getLogger("citytech_tui.serve")


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = getattr(record, "fields", {})
        line: dict[str, Any] = {"time": stamp(record.created), "event": record.getMessage()}
        if record.levelno >= logging.WARNING:
            line["level"] = record.levelname.lower()
        if record.name != LOGGER.name:
            line["logger"] = record.name
        line |= fields
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)


def stamp(seconds: float) -> str:
    """Return a time as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def start_logging() -> None:
    """Send what is logged to standard error as it is now, which sessions do not change."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines())
    for name in (LOGGER.name, "asyncssh", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
    LOGGER.setLevel(logging.INFO)
    for name in ("asyncssh", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


def tell(event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Write one line."""
    LOGGER.log(level, event, extra={"fields": fields})


def cannot_listen(host: str, port: int, error: OSError) -> CityTechError:
    """Return the error of an address that cannot be used."""
    words = _("cannot listen on {host} port {port}: {reason}.")
    return CityTechError(
        words.format(host=host, port=port, reason=translated(system_reason(error)))
    )
