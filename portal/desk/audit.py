"""The audit trail: every deed leaves one entry, in the same transaction, with old and new values. S2-15.5b"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, String, bindparam, insert, inspect, select

from models import AuditEntry, Base
from models.base import Moment
from portal.desk import changes as changed
from portal.desk.bulk import Rows
from portal.desk.changes import Unrecorded
from portal.desk.work import Work

__all__ = ["Unrecorded", "record", "record_each"]

_ROWS = Rows("rows")
_table: Any = AuditEntry.__table__
_ENTRY = insert(_table).inline()
_ENTRIES = insert(_table).from_select(
    [
        "at",
        "person_id",
        "who",
        "deed",
        "subject_kind",
        "subject_id",
        "changes",
        "reason",
        "request_id",
    ],
    select(
        bindparam("at", type_=Moment()),
        bindparam("person_id", type_=Integer),
        bindparam("who", type_=String),
        bindparam("deed", type_=String),
        bindparam("subject_kind", type_=String),
        _ROWS.text(0),
        _ROWS.json(1),
        bindparam("reason", type_=String),
        bindparam("request_id", type_=String),
    ).select_from(_ROWS.table),
)
"""One entry for each of the rows [id, changes]; everything else is alike."""


def _subject(thing: Base | None) -> tuple[str, str]:
    if thing is None:
        return "", ""
    mapper = inspect(thing).mapper
    return thing.__tablename__, "/".join(str(part) for part in mapper.primary_key_from_instance(thing))


def _row(
    work: Work, deed: str, kind: str, key: str, reason: str, changes: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "at": work.now,
        "person_id": work.actor.person_id,
        "who": work.actor.name[:200],
        "deed": deed,
        "subject_kind": kind,
        "subject_id": key,
        "changes": dict(changes),
        "reason": reason[:500],
        "request_id": work.request_id,
    }


async def record(
    work: Work,
    deed: str,
    thing: Base | None = None,
    *,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Write the audit entry of one deed: what changed since the last one, on which thing, and why.

    Flushes first, so that the entry holds the numbers of new rows. `changes` adds what a bulk statement did. S2-8.7
    """
    gathered = await changed.gathered(work.session)
    kind, key = _subject(thing)
    await work.session.execute(_ENTRY, _row(work, deed, kind, key, reason, {**gathered, **(changes or {})}))


async def record_each(
    work: Work, deed: str, kind: str, rows: Sequence[tuple[int, Mapping[str, Any]]], *, reason: str = ""
) -> None:
    """Write one entry for each of many things that one bulk statement changed: (id, changes)."""
    changed.accounted(work.session)
    if rows:
        alike = _row(work, deed, kind, "", reason, {})
        each = [[key, {f"{kind}/{key}": changes}] for key, changes in rows]
        await work.session.execute(_ENTRIES, alike | {"rows": each})
