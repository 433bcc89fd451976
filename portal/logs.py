"""The log: one JSON line an event, with what names a request and never what a person typed."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

TALKATIVE = ("apscheduler", "aiosqlite", "authlib", "alembic", "httpx2", "uvicorn.error")
"""Libraries whose everyday remarks help nobody; their warnings are kept."""
_OF_EVERY_RECORD = frozenset(
    {*vars(logging.LogRecord("", 0, "", 0, "", (), None)), "message", "asctime", "taskName"}
)


class JsonLines(logging.Formatter):
    """A record as one line of JSON: event, level, what came as `extra`, moment in UTC, and the traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {"event": record.getMessage(), "level": record.levelname.lower()}
        told |= {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}
        told["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat()
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, default=repr)


def set_up_log(level: str) -> None:
    """Write the log to standard error, from `level` (debug, info, warning or error) on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
