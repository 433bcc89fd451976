"""What a transaction changed: gathered from the session as it flushes, so that no deed can forget a field.

`portal.desk.audit` writes it down; a transaction that changed business rows without that does not commit.
"""

from __future__ import annotations

from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

NOT_BUSINESS = frozenset(
    {
        "audit_entries",
        "audit_seals",
        "sessions",
        "attempts",
        "search_tokens",
        "job_slots",
        "number_sequences",
        "idempotency_keys",
        "contact_steps",
        "contact_answers",
        "step_counts",
        "recomputes",
        "replays",
        "replay_moves",
        "link_checks",
        "mail_places",
    },
)
"""Tables that keep the house running, or work out what others say; everything else is audited."""

UNTOLD = frozenset(
    {"version", "body_text", "body_html", "claimed_by", "claimed_until", "id_token", "hashed", "document"}
)
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
        case date() | time():
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
        raise Unrecorded(
            f"A bulk statement changes {name}: give it execution_options(audited=True) and record the deed."
        )
    state.session.info["bulk"] = True


async def _flush(session: AsyncSession) -> None:
    """Flush if there is anything to: a deed of statements alone need not leave the event loop for it."""
    if session.new or session.dirty or session.deleted:
        await session.flush()


async def gathered(session: AsyncSession) -> dict[str, Any]:
    """Flush, and hand over what changed since the last time: {"orders/12": {"status": [old, new]}}."""
    await _flush(session)
    info = session.sync_session.info
    accounted(session)
    changes: dict[str, Any] = info.pop("changes", {})
    return changes


def accounted(session: AsyncSession) -> None:
    """Somebody wrote down what the bulk statement did."""
    session.sync_session.info.pop("bulk", None)


async def seal(session: AsyncSession) -> None:
    """Refuse to commit what nobody accounts for. Raises Unrecorded."""
    await _flush(session)
    info = session.sync_session.info
    left = info.get("changes") or {}
    if left or info.get("bulk"):
        raise Unrecorded(f"Changed without an audit entry: {', '.join(left) or 'a bulk statement'}.")
