"""What the desk has to look after of itself: messages that did not go out, and its jobs. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select, union_all
from sqlalchemy.orm import aliased

from models import JobSlot, Message
from models.words import MessageStatus
from portal.desk.listing import PAGE, Rows, first, newest_first, paged
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work

JOBS_SINCE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class JobRow:
    """The last run of one job, how often it ran of late, and how often that failed."""

    name: str
    started_at: datetime
    finished_at: datetime | None
    acted: int | None
    error: str
    runs: int
    failed: int
    stuck: bool
    """It took a slot, let the lease run out and never finished."""

    @property
    def ill(self) -> bool:
        """Whether somebody should look at it."""
        return self.stuck or bool(self.error)


def not_arrived() -> ColumnElement[bool]:
    """Of messages: given up, or sent and come back."""
    dead, back = aliased(Message), aliased(Message)  # each by its own index, however many were sent
    return Message.id.in_(
        union_all(
            select(dead.id).where(dead.status == MessageStatus.DEAD),
            select(back.id).where(back.bounced_at.is_not(None)),
        )
    )


async def dead_letters(work: Work, *, before: str = "", limit: int = PAGE) -> Rows[Message]:
    """Messages that could not be sent, and those that came back, newest first. S2-6.6"""
    work.require(May.SEE_MESSAGES)
    statement = narrowed(work.actor, Message, select(Message)).where(not_arrived())
    found = list(
        await work.session.scalars(
            first(newest_first(statement, Message.created_at, Message.id, before), limit + 1)
        )
    )
    return paged(found, limit, lambda row: row.created_at)


async def job_runs(work: Work) -> list[JobRow]:
    """The last run of each job in the last two days, with how often it failed."""
    work.require(May.SEE_JOBS)
    recent = JobSlot.started_at > work.now - JOBS_SINCE
    runs = (
        select(
            JobSlot.name,
            func.max(JobSlot.slot).label("slot"),
            func.count().label("runs"),
            func.count().filter(JobSlot.error != "").label("failed"),
        )
        .where(recent)
        .group_by(JobSlot.name)
        .subquery()
    )
    rows = await work.session.execute(
        select(JobSlot, runs.c.runs, runs.c.failed)
        .join(runs, and_(runs.c.name == JobSlot.name, runs.c.slot == JobSlot.slot))
        .order_by(JobSlot.name)
    )
    return [
        JobRow(
            slot.name,
            slot.started_at,
            slot.finished_at,
            slot.acted,
            slot.error,
            count,
            failed,
            stuck=slot.finished_at is None and slot.lease_until < work.now,
        )
        for slot, count, failed in rows
    ]
