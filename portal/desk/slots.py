"""Which run of a job is whose, and how it went: rows that all replicas share; read by `upkeep`. Decision 23.

A job with slots runs once in each slot of time, on whichever replica writes the row first; when that replica dies,
its lease runs out and another one takes the slot over. The other jobs claim their rows themselves and run
everywhere; they only leave a note here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, update

from models import IdempotencyKey, JobSlot
from portal.desk import bulk, retention
from portal.desk.work import Work

LONGEST_ERROR = 300


async def claim(work: Work, name: str, slot: int, owner: str, lease: timedelta) -> bool:
    """Take this slot of the job, or find that another replica has it. A slot whose lease ran out is free again."""
    row = {
        "name": name,
        "slot": slot,
        "owner": owner,
        "started_at": work.now,
        "lease_until": work.now + lease,
        "error": "",
    }
    written = bulk.insert_of(work.session)(JobSlot).values(row)
    abandoned = and_(JobSlot.finished_at.is_(None), JobSlot.lease_until < work.now)
    taken = written.on_conflict_do_update(
        index_elements=["name", "slot"],
        set_={key: row[key] for key in ("owner", "started_at", "lease_until")},
        where=abandoned,
    ).returning(JobSlot.slot)
    return await work.session.scalar(taken) is not None


async def finish(work: Work, name: str, slot: int, owner: str, acted: int, error: str = "") -> None:
    """Write down how a claimed slot went; nothing, if another replica has taken it over meanwhile."""
    await work.session.execute(
        update(JobSlot)
        .where(JobSlot.name == name, JobSlot.slot == slot, JobSlot.owner == owner)
        .values(finished_at=work.now, acted=acted, error=error[:LONGEST_ERROR])
        .execution_options(synchronize_session=False)
    )


async def note(
    work: Work, name: str, slot: int, owner: str, started_at: datetime, acted: int, error: str = ""
) -> None:
    """Leave a note of a run that needed no slot of its own; two replicas in one slot add up."""
    row: dict[str, Any] = {
        "name": name,
        "slot": slot,
        "owner": owner,
        "started_at": started_at,
        "lease_until": work.now,
        "finished_at": work.now,
        "acted": acted,
        "error": error[:LONGEST_ERROR],
    }
    written = bulk.insert_of(work.session)(JobSlot).values(row)
    added = {key: row[key] for key in ("owner", "started_at", "finished_at", "error")}
    added["acted"] = func.coalesce(JobSlot.acted, 0) + written.excluded.acted
    await work.session.execute(written.on_conflict_do_update(index_elements=["name", "slot"], set_=added))


async def prune(work: Work) -> int:
    """Remove what the house no longer needs to remember, old runs and used keys; return how many."""
    gone = 0
    for statement in (
        delete(JobSlot)
        .where(JobSlot.started_at < retention.before(JobSlot, work.now))
        .returning(JobSlot.slot),
        delete(IdempotencyKey)
        .where(IdempotencyKey.at < retention.before(IdempotencyKey, work.now))
        .returning(IdempotencyKey.key),
    ):
        done = await work.session.execute(statement.execution_options(synchronize_session=False))
        gone += len(done.all())
    return gone
