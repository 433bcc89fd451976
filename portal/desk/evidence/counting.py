"""Counting the evidence of the days that are over, so that a report of a year reads counts and no contact."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, delete, func, insert, literal, select

from models import ContactStep, StepCount
from portal.desk.work import Work

DAYS_A_RUN = 31
"""A desk that was off for long is caught up with in several runs."""
AFTER_MIDNIGHT = timedelta(minutes=10)
"""A day is over when what began in it has surely been committed."""


async def count_days(work: Work) -> int:
    """Count each day that is over and not counted yet; return how many days. Run twice, it counts once.

    A day is a day in UTC; it is written whole by one transaction or not at all.
    """
    first = await first_uncounted(work)
    if first is None:
        return 0
    counted = 0
    while counted < DAYS_A_RUN and start_of(first + timedelta(days=1)) + AFTER_MIDNIGHT <= work.now:
        await _count(work, first)
        first += timedelta(days=1)
        counted += 1
    return counted


async def first_uncounted(work: Work) -> date | None:
    """The first day whose evidence is not counted; None while there is none at all."""
    last = await work.session.scalar(select(func.max(StepCount.day)))
    since = None if last is None else start_of(last + timedelta(days=1))
    oldest = select(func.min(ContactStep.ended_at))
    found = await work.session.scalar(
        oldest if since is None else oldest.where(ContactStep.ended_at >= since)
    )
    return None if found is None else found.astimezone(UTC).date()


def start_of(day: date) -> datetime:
    """The first moment of a day in UTC."""
    return datetime.combine(day, time(), UTC)


def within(moment: Any, since: date, until: date) -> ColumnElement[bool]:
    """A moment lies on one of these days in UTC, both ends within."""
    return and_(moment >= start_of(since), moment < start_of(until + timedelta(days=1)))


async def _count(work: Work, day: date) -> None:
    alike = (
        ContactStep.version_id,
        ContactStep.step,
        ContactStep.channel,
        ContactStep.team,
        ContactStep.state,
    )
    counts = (
        select(literal(day, Date()), *alike, func.count())
        .where(within(ContactStep.ended_at, day, day))
        .group_by(*alike)
    )
    await work.session.execute(delete(StepCount).where(StepCount.day == day))
    await work.session.execute(
        insert(StepCount).from_select(
            ["day", "version_id", "step", "channel", "team", "state", "contacts"], counts
        )
    )
