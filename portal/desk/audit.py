"""The audit trail: every deed leaves one entry, in the same transaction, with old and new values. S2-15.5b

Changes are gathered from the session as it flushes, so a deed cannot forget a field; `record` names the deed they
belong to. A transaction that changed business rows without naming a deed does not commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from models import AuditEntry, Base

if TYPE_CHECKING:
    from portal.desk.work import Work

NOT_BUSINESS = frozenset(
    {"audit_entries", "sessions", "attempts", "search_tokens", "job_slots", "number_sequences", "idempotency_keys"},
)
"""Tables that keep the house running and hold no business fact; everything else is audited."""

UNTOLD = frozenset({"version", "body_text", "body_html", "claimed_by", "claimed_until", "id_token"})
"""Columns whose values say nothing about the desk, or stand in full elsewhere."""


class Unrecorded(RuntimeError):
    """Business rows changed and no audit entry says why: a mistake in the code, so nothing is committed."""


class AuditedSession(Session):
    """A session that remembers what it changes and refuses bulk changes that nobody accounts for."""


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case tuple():
            return [_plain(one) for one in value]
        case _:
            return value


def _is_business(table: str) -> bool:
    return table not in NOT_BUSINESS


@event.listens_for(AuditedSession, "after_flush")
def _gather(session: Session, _flush: UOWTransaction) -> None:
    gathered: dict[str, dict[str, Any]] = session.info.setdefault("changes", {})
    for row in [*session.new, *session.dirty, *session.deleted]:
        state = inspect(row)
        table = state.mapper.local_table.name
        if not _is_business(table):
            continue
        key = f"{table}/{'/'.join(str(part) for part in state.mapper.primary_key_from_instance(row))}"
        changed = gathered.setdefault(key, {})
        for column in state.mapper.column_attrs:
            if column.key in UNTOLD:
                continue
            history = state.attrs[column.key].history
            if row in session.deleted:
                changed[column.key] = [_plain(getattr(row, column.key)), None]
            elif history.has_changes():
                old = history.deleted[0] if history.deleted else None
                new = history.added[0] if history.added else None
                if old != new:
                    before = changed[column.key][0] if column.key in changed else _plain(old)
                    changed[column.key] = [before, _plain(new)]
        if not changed:
            del gathered[key]


@event.listens_for(AuditedSession, "do_orm_execute")
def _refuse_unaccounted(state: ORMExecuteState) -> None:
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    table = getattr(state.statement, "table", None)
    name = getattr(table, "name", "")
    if not _is_business(name):
        return
    if not state.execution_options.get("audited"):
        raise Unrecorded(f"A bulk statement changes {name}: give it execution_options(audited=True) and record the deed.")
    state.session.info["bulk"] = True


def _subject(thing: Base | None) -> tuple[str, str]:
    if thing is None:
        return "", ""
    mapper = inspect(thing).mapper
    return mapper.local_table.name, "/".join(str(part) for part in mapper.primary_key_from_instance(thing))


def _row(work: Work, deed: str, kind: str, key: str, reason: str, changes: Mapping[str, Any]) -> dict[str, Any]:
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


async def record(work: Work, deed: str, thing: Base | None = None, *, reason: str = "", changes: Mapping[str, Any] | None = None) -> None:
    """Write the audit entry of one deed: what changed since the last one, on which thing, and why.

    Flushes first, so that the entry holds the numbers of new rows. `changes` adds what a bulk statement did.
    """
    await work.session.flush()
    info = work.session.sync_session.info
    gathered = info.pop("changes", {})
    info.pop("bulk", None)
    kind, key = _subject(thing)
    await work.session.execute(insert(AuditEntry).values(_row(work, deed, kind, key, reason, {**gathered, **(changes or {})})))


async def record_each(work: Work, deed: str, kind: str, rows: Sequence[tuple[int, Mapping[str, Any]]], *, reason: str = "") -> None:
    """Write one entry for each of many things that one bulk statement changed: (id, changes)."""
    work.session.sync_session.info.pop("bulk", None)
    if rows:
        entries = [_row(work, deed, kind, str(key), reason, {f"{kind}/{key}": changes}) for key, changes in rows]
        await work.session.execute(insert(AuditEntry), entries)


async def seal(work: Work) -> None:
    """Refuse to commit what nobody accounts for. Raises Unrecorded."""
    await work.session.flush()
    info = work.session.sync_session.info
    left = info.get("changes") or {}
    if left or info.get("bulk"):
        raise Unrecorded(f"Changed without an audit entry: {', '.join(left) or 'a bulk statement'}.")
