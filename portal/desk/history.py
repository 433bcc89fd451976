"""What the audit trail tells about one thing, for its page: who did what, when, with old and new values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select

from models import AuditEntry, Base
from portal.desk.work import Work

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One entry about one thing, with the fields of that thing alone."""

    at: datetime
    who: str
    deed: str
    reason: str
    fields: Mapping[str, tuple[Any, Any]]
    """Name of the field: (old, new)."""


def _key(thing: Base) -> tuple[str, str]:
    mapper = inspect(thing).mapper
    return mapper.local_table.description, "/".join(
        str(part) for part in mapper.primary_key_from_instance(thing)
    )


async def of(work: Work, thing: Base, limit: int = SHOWN) -> list[Change]:
    """The newest deeds on one thing, newest first."""
    table, key = _key(thing)
    entries = await work.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == table, AuditEntry.subject_id == key)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [
        Change(
            entry.at,
            entry.who,
            entry.deed,
            entry.reason,
            {name: (old, new) for name, (old, new) in entry.changes.get(f"{table}/{key}", {}).items()},
        )
        for entry in entries
    ]
