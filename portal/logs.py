"""The log: one JSON line an event, with what names a request and never what a person typed."""

from __future__ import annotations

import logging
import sys

import structlog

TALKATIVE = ("apscheduler", "aiosqlite", "authlib", "alembic", "httpx2", "uvicorn.error")
"""Libraries whose everyday remarks help nobody; their warnings are kept."""


def set_up_log(level: str) -> None:
    """Write the log to standard error, from `level` (debug, info, warning or error) on."""
    stamped: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=stamped,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        ),
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
