"""What waits for whom: which rows a queue holds, as far as each person may see them, and how many. Reads only.

The rows themselves, as lists show them, are read in `queues`; the row rules are in `rows`.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, literal_column, select, union

from models import Case, Deadline, Escalation, Order, OrderLine
from models.words import CaseStatus, DeadlineKind, DeadlineStatus, EscalationStatus, OrderStatus
from portal.desk import due, own_team, unheard
from portal.desk.escalation import ACTIVE
from portal.desk.listing import among, capped, first, oldest_first
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work

SOON = timedelta(minutes=30)


class CaseQueue(StrEnum):
    """The lists of cases that somebody works off, the escalated ones among them. S3-5.2.1"""

    MINE = "mine"
    TEAM = "team"
    NOBODYS = "nobodys"
    BREACHING = "breaching"
    LATE_TODAY = "late-today"
    ESCALATED = "escalated"
    WAITING = "waiting"
    RESOLVED = "resolved"
    """Resolved, and nobody has asked yet whether it holds. S3-4.2.1c"""
    CLOSED = "closed"


OVER = (CaseQueue.RESOLVED, CaseQueue.CLOSED)
"""Lists of cases whose clocks have stopped: the newest first, and not counted."""
TIMED = (CaseQueue.BREACHING,)
"""Lists of cases that have a due moment, by what they are."""


class OrderQueue(StrEnum):
    ALL = "all"
    TO_PREPARE = "to-prepare"
    HELD = "held"
    WAITING = "waiting"
    TO_DISPATCH = "to-dispatch"
    ON_THE_WAY = "on-the-way"
    DONE = "done"
    CANCELLED = "cancelled"


class OrderAge(StrEnum):
    """How long ago an order was placed. S1-3.4a"""

    DAY = "day"
    DAYS = "days"
    WEEK = "week"
    OLDER = "older"


AGES: dict[OrderAge, tuple[int, int | None]] = {
    OrderAge.DAY: (0, 1),
    OrderAge.DAYS: (1, 3),
    OrderAge.WEEK: (3, 7),
    OrderAge.OLDER: (7, None),
}
"""From so many days on, and below so many."""
ORDER_STATES: dict[OrderQueue, tuple[OrderStatus, ...]] = {
    OrderQueue.ALL: (),
    OrderQueue.TO_PREPARE: (OrderStatus.CONFIRMED, OrderStatus.HANDED_OVER),
    OrderQueue.HELD: (OrderStatus.DRAFT,),
    OrderQueue.WAITING: (),
    OrderQueue.TO_DISPATCH: (OrderStatus.PREPARED,),
    OrderQueue.ON_THE_WAY: (OrderStatus.DISPATCHED,),
    OrderQueue.DONE: (OrderStatus.DELIVERED,),
    OrderQueue.CANCELLED: (OrderStatus.CANCELLED,),
}
WORKED_OFF = (
    OrderQueue.HELD,
    OrderQueue.TO_PREPARE,
    OrderQueue.WAITING,
    OrderQueue.TO_DISPATCH,
    OrderQueue.ON_THE_WAY,
)
"""Lists that are worked off from the oldest; the others show the newest first."""


def in_queue(work: Work, queue: CaseQueue) -> Select[Any]:
    """The ids of the cases of one queue, as far as the actor may see them."""
    if queue is CaseQueue.LATE_TODAY:
        return late_today(work)
    is_open = due.is_open()
    meant: dict[CaseQueue, ColumnElement[bool]] = {
        CaseQueue.MINE: and_(is_open, Case.held_by_id == work.actor.person_id),
        CaseQueue.TEAM: is_open,
        CaseQueue.NOBODYS: and_(is_open, Case.held_by_id.is_(None)),
        CaseQueue.BREACHING: and_(is_open, Case.due_at <= work.now + SOON),
        CaseQueue.ESCALATED: and_(is_open, literal_column("cases.escalation_level > 0")),
        CaseQueue.WAITING: among(Case.status, [CaseStatus.WAITING]),
        CaseQueue.RESOLVED: among(Case.status, [CaseStatus.RESOLVED]),
        CaseQueue.CLOSED: due.is_closed(),
    }
    ids = narrowed(work.actor, Case, select(Case.id)).where(meant[queue])
    # Ordered by the holder, whom none of them has, nobody's cases are a range of the index by holder.
    return ids.order_by(Case.held_by_id) if queue is CaseQueue.NOBODYS else ids


def late_today(work: Work) -> Select[Any]:
    """The ids of the cases of which a clock ran out since midnight where the reader is, closed meanwhile or not."""
    local = work.now.astimezone(ZoneInfo(work.actor.zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    ran_out = (
        select(Deadline.case_id)
        .where(
            Deadline.due_at.between(midnight, work.now),  # a clock misses its target at the moment it was due
            Deadline.status.in_((DeadlineStatus.MISSED, DeadlineStatus.RUNNING)),
            Deadline.kind != DeadlineKind.ESCALATE,
        )
        .distinct()
        .subquery()
    )
    return narrowed(work.actor, Case, select(Case.id)).join(ran_out, ran_out.c.case_id == Case.id)


async def case_counts(work: Work) -> dict[CaseQueue, int]:
    """How many cases each open queue holds, in one statement, counted to COUNTED_TO."""
    work.require(May.SEE_CASES)
    counted: dict[CaseQueue, Any] = {
        queue: due.counted(in_queue(work, queue), timed=queue in TIMED)
        for queue in CaseQueue
        if queue not in {CaseQueue.LATE_TODAY, *OVER}
    }
    counted[CaseQueue.LATE_TODAY] = capped(late_today(work))
    return dict(zip(counted, (await work.session.execute(select(*counted.values()))).one(), strict=True))


def active(work: Work, after: str = "", *, all_teams: bool = True) -> Select[Any]:
    """The ids of the escalations that nobody has ended, oldest first; of a supervisor's own team, or of all. S0-4.1b"""
    ids = narrowed(work.actor, Escalation, select(Escalation.id)).where(among(Escalation.status, ACTIVE))
    ours = None if all_teams else own_team.handed_to(work)
    ids = ids if ours is None else ids.where(ours)
    return oldest_first(ids, Escalation.raised_at, Escalation.id, after)


def untold(work: Work, after: str = "") -> Select[Any]:
    """The ids of the escalations of which nobody could be told, oldest first."""
    ids = narrowed(work.actor, Escalation, unheard.findings())
    return oldest_first(ids, Escalation.raised_at, Escalation.id, after)


def waiting_for(work: Work, limit: int, after: str = "", *, all_teams: bool = False) -> Select[Any]:
    """The ids of the escalations to one of my roles that nobody has accepted, or that I have: the oldest of each.

    Of those to supervisors the own team's, or of all. S0-4.1b
    """
    raised = narrowed(work.actor, Escalation, select(Escalation.id)).where(
        among(Escalation.status, [EscalationStatus.RAISED])
    )
    ours = None if all_teams else own_team.raised_to(work)
    raised = raised if ours is None else raised.where(ours)
    parts = [
        oldest_first(raised.where(Escalation.to_role == role), Escalation.raised_at, Escalation.id, after)
        for role in work.actor.roles
    ]
    parts.append(active(work, after).where(Escalation.accepted_by_id == work.actor.person_id))
    ranges = (select(first(part, limit).subquery()) for part in parts)
    return select(union(*ranges).subquery())


def staged(work: Work, queue: OrderQueue) -> Select[Any]:
    """The ids of the orders of one queue. What waits for goods is not to be prepared: it has a queue of its own."""
    ids = narrowed(work.actor, Order, select(Order.id))
    waits = select(OrderLine.id).where(OrderLine.order_id == Order.id, OrderLine.waiting > 0).exists()
    if queue is OrderQueue.WAITING:
        return ids.where(Order.id.in_(select(OrderLine.order_id).where(OrderLine.waiting > 0)))
    if queue is OrderQueue.TO_PREPARE:
        ids = ids.where(~waits)
    states = ORDER_STATES[queue]
    return ids.where(among(Order.status, states)) if states else ids


def of_age(work: Work, queue: OrderQueue, age: OrderAge | None) -> Select[Any]:
    """The ids of the orders of one queue that were placed so long ago; of any age for None. S1-3.4a"""
    ids = staged(work, queue)
    if age is None:
        return ids
    least, below = AGES[age]
    ids = ids.where(Order.placed_at <= work.now - timedelta(days=least))
    return ids if below is None else ids.where(Order.placed_at > work.now - timedelta(days=below))


async def order_ages(work: Work) -> dict[OrderQueue, dict[OrderAge, int]]:
    """How many orders of each age wait at each stage, in one statement, each counted to COUNTED_TO. S1-3.4a"""
    work.require(May.SEE_ORDERS)
    places = [(queue, age) for queue in WORKED_OFF for age in OrderAge]
    counts = select(*(capped(of_age(work, queue, age)) for queue, age in places))
    found: dict[OrderQueue, dict[OrderAge, int]] = {queue: {} for queue in WORKED_OFF}
    for (queue, age), count in zip(places, (await work.session.execute(counts)).one(), strict=True):
        found[queue][age] = count
    return found


async def order_counts(work: Work) -> dict[OrderQueue, int]:
    """How many orders wait at each stage, in one statement, counted to COUNTED_TO. S1-3.4a"""
    work.require(May.SEE_ORDERS)
    counted = [capped(staged(work, queue)) for queue in WORKED_OFF]
    return dict(zip(WORKED_OFF, (await work.session.execute(select(*counted))).one(), strict=True))
