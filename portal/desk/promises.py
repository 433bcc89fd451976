"""Promises to customers: what, who and by when; each is a follow-up until it is kept or broken. S2-9.4

A promise that is not done by its time is late and stays open: its follow-up is overdue and the supervisors hear of
it. Only a person says that it was broken. Kept on time is what counts as kept in the share that managers see; kept
late does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, or_, select

from models import FollowUp, Promise
from models.words import FollowUpKind, PromiseStatus
from portal.desk import audit, followups, policy
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work

MOST = 5
"""Promises one contact can end with."""


@dataclass(frozen=True, slots=True)
class About:
    """Whom and what a promise is about."""

    customer_id: int | None = None
    contact_id: int | None = None
    case_id: int | None = None
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class KeptOnTime:
    """How many of the promises that have come due were kept on time."""

    kept: int
    due: int

    @property
    def percent(self) -> int | None:
        """Rounded down, so that 100 means all of them; None while none has come due."""
        return self.kept * 100 // self.due if self.due else None


async def make(
    work: Work,
    what: str,
    owner_id: int | None,
    due_at: datetime | None,
    about: About,
    *,
    once: str | None = None,
) -> Promise:
    """Note a promise and plan the follow-up that keeps it. S2-9.4

    The same `once` is promised once: while it is open it is changed to what is said now. Raises NotAccepted as
    `followups.plan` does: `words`, `owner_id` or `due_at`.
    """
    follow_up = await followups.plan(
        work,
        FollowUpKind.PROMISE,
        what,
        owner_id,
        due_at,
        customer_id=about.customer_id,
        contact_id=about.contact_id,
        case_id=about.case_id,
        order_id=about.order_id,
        once=once,
    )
    known = await work.session.scalar(select(Promise).where(Promise.follow_up_id == follow_up.id))
    if known is not None:
        said = (what.strip(), owner_id, due_at)
        if known.status is PromiseStatus.OPEN and (known.what, known.owner_id, known.due_at) != said:
            await followups.change(work, follow_up, what, owner_id, due_at)
            known.what, known.owner_id = follow_up.words, follow_up.owner_id
            known.due_at = follow_up.due_at
            await audit.record(work, "change promise", known)
        return known
    made = Promise(
        what=follow_up.words,
        owner_id=follow_up.owner_id,
        contact_id=about.contact_id,
        customer_id=about.customer_id,
        case_id=about.case_id,
        order_id=about.order_id,
        follow_up_id=follow_up.id,
        made_at=work.now,
        due_at=follow_up.due_at,
    )
    work.session.add(made)
    await audit.record(work, "make promise", made)
    return made


async def keep(work: Work, promise: Promise, result: str) -> None:
    """Say that a promise was kept, and how; its follow-up is done. Raises as `followups.done` does."""
    await followups.done(work, await _task_of(work, promise), result, kept=True)


async def break_(work: Work, promise: Promise, result: str) -> None:
    """Say that a promise was broken, and why; its follow-up is done. Raises as `followups.done` does."""
    await followups.done(work, await _task_of(work, promise), result, kept=False)


async def of_contact(work: Work, contact_id: int) -> list[Promise]:
    """What was promised in a contact, in the order in which it comes due, as far as the actor may see it."""
    found = await work.session.scalars(
        narrowed(work.actor, Promise, select(Promise))
        .where(Promise.contact_id == contact_id)
        .order_by(Promise.due_at, Promise.id)
    )
    return list(found)


async def told(work: Work, contact_id: int) -> list[Mapping[str, object]]:
    """What was promised in a contact, as a letter to the customer tells it."""
    found = await work.session.execute(
        select(Promise.what, Promise.due_at)
        .where(Promise.contact_id == contact_id)
        .order_by(Promise.due_at, Promise.id)
    )
    return [{"words": what, "due_at": due_at} for what, due_at in found]


async def kept_on_time(work: Work) -> KeptOnTime:
    """The share of promises kept on time among those that came due lately or were closed before. S2-9.4"""
    work.require(May.SEE_TEAM)
    since = work.now - policy.PROMISES_LOOKED_AT
    on_time = and_(Promise.status == PromiseStatus.KEPT, Promise.closed_at <= Promise.due_at)
    kept, due = (
        await work.session.execute(
            select(func.coalesce(func.sum(case((on_time, 1), else_=0)), 0), func.count()).where(
                # All of them: with it the index by state and time serves.
                Promise.status.in_(tuple(PromiseStatus)),
                Promise.due_at > since,
                or_(Promise.due_at <= work.now, Promise.status != PromiseStatus.OPEN),
            )
        )
    ).one()
    return KeptOnTime(int(kept), int(due))


async def _task_of(work: Work, promise: Promise) -> FollowUp:
    return await work.session.get_one(FollowUp, promise.follow_up_id)
