"""What waits for whom: the lists of the desk as each person may see them. Reads only; the row rules are in rows.py.

Each list takes the same number of statements for one row and for a hundred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select
from sqlalchemy.orm import joinedload

from models import Case, Deadline, Escalation, FollowUp, Order, Person
from models.words import (
    CaseStatus,
    DeadlineKind,
    DeadlineStatus,
    EscalationStatus,
    FollowUpStatus,
    OrderStatus,
)
from portal.desk.customers import MaskedCustomer, masked
from portal.desk.deadlines import OPEN_CASES, UNFINISHED
from portal.desk.errors import NotFound
from portal.desk.escalation import ACTIVE
from portal.desk.listing import LIMIT, Rows, capped, cursor, newest_first, oldest_first
from portal.desk.permissions import May
from portal.desk.rows import narrowed, visible
from portal.desk.work import Work

SOON = timedelta(minutes=30)


class CaseQueue(StrEnum):
    MINE = "mine"
    TEAM = "team"
    NOBODYS = "nobodys"
    BREACHING = "breaching"
    LATE_TODAY = "late-today"
    ESCALATED = "escalated"
    WAITING = "waiting"
    CLOSED = "closed"


class OrderQueue(StrEnum):
    ALL = "all"
    TO_PREPARE = "to-prepare"
    TO_DISPATCH = "to-dispatch"
    ON_THE_WAY = "on-the-way"
    DONE = "done"
    CANCELLED = "cancelled"


ORDER_STATES: dict[OrderQueue, tuple[OrderStatus, ...]] = {
    OrderQueue.ALL: (),
    OrderQueue.TO_PREPARE: (OrderStatus.CONFIRMED, OrderStatus.HANDED_OVER),
    OrderQueue.TO_DISPATCH: (OrderStatus.PREPARED,),
    OrderQueue.ON_THE_WAY: (OrderStatus.DISPATCHED,),
    OrderQueue.DONE: (OrderStatus.DELIVERED,),
    OrderQueue.CANCELLED: (OrderStatus.CANCELLED,),
}
WORKED_OFF = (OrderQueue.TO_PREPARE, OrderQueue.TO_DISPATCH, OrderQueue.ON_THE_WAY)
"""Lists that are worked off from the oldest; the others show the newest first."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as a list shows it."""

    case: Case
    customer: MaskedCustomer | None
    clocks: list[Deadline] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EscalationRow:
    """An escalation as the queue shows it."""

    escalation: Escalation
    case: Case
    customer: MaskedCustomer | None
    raised_by: str
    accepted_by: str


def still_to_do() -> ColumnElement[bool]:
    """A clock that somebody has to act on: one that runs, stands still, or ran out and was not met since."""
    return or_(
        Deadline.status.in_(UNFINISHED),
        and_(Deadline.status == DeadlineStatus.MISSED, Deadline.met_at.is_(None)),
    )


def masked_or_none(case: Any) -> MaskedCustomer | None:
    return masked(case.customer) if case is not None and case.customer is not None else None


def held_by_me(work: Work) -> ColumnElement[bool]:
    """Cases of mine, and those of my group that nobody has taken yet."""
    return or_(
        Case.held_by_id == work.actor.person_id,
        and_(Case.held_by_id.is_(None), Case.held_by_role.in_(work.actor.roles)),
    )


def _queue(work: Work, queue: CaseQueue) -> ColumnElement[bool]:
    if queue is CaseQueue.CLOSED:
        return Case.status.not_in(OPEN_CASES)
    if queue is CaseQueue.LATE_TODAY:
        return late_today(work)
    late = exists().where(
        Deadline.case_id == Case.id,
        Deadline.cycle == Case.cycle,
        Deadline.kind != DeadlineKind.ESCALATE,
        Deadline.due_at <= work.now + SOON,
        still_to_do(),
    )
    wanted: dict[CaseQueue, ColumnElement[bool]] = {
        CaseQueue.MINE: Case.held_by_id == work.actor.person_id,
        CaseQueue.NOBODYS: Case.held_by_id.is_(None),
        CaseQueue.BREACHING: late,
        CaseQueue.ESCALATED: Case.escalation_level > 0,
        CaseQueue.WAITING: Case.status == CaseStatus.WAITING,
    }
    is_open = Case.status.in_(OPEN_CASES)
    return and_(is_open, wanted[queue]) if queue in wanted else is_open


async def cases(work: Work, queue: CaseQueue, *, before: str = "", limit: int = LIMIT) -> Rows[CaseRow]:
    """The cases of one queue: open ones by what is due first, closed ones newest first."""
    work.require(May.SEE_CASES)
    statement = narrowed(work.actor, Case, select(Case)).where(_queue(work, queue))
    if queue is CaseQueue.CLOSED:
        statement = newest_first(statement, Case.opened_at, Case.id, before)
    else:
        statement = statement.order_by(*_soonest())
    found = list(
        await work.session.scalars(
            statement.options(joinedload(Case.customer), joinedload(Case.held_by)).limit(limit + 1)
        )
    )
    rows = found[:limit]
    clocks = await clocks_of(work, (case.id for case in rows))
    more = len(found) > limit
    older = cursor(rows[-1].opened_at, rows[-1].id) if more and queue is CaseQueue.CLOSED else ""
    return Rows([CaseRow(case, masked_or_none(case), clocks.get(case.id, [])) for case in rows], older)


def _first_due() -> Any:
    """When the first clock of a case is due that somebody has to act on; None while all stand still."""
    return (
        select(func.min(Deadline.due_at))
        .where(
            Deadline.case_id == Case.id,
            Deadline.cycle == Case.cycle,
            Deadline.kind != DeadlineKind.ESCALATE,
            still_to_do(),
        )
        .scalar_subquery()
    )


def _soonest() -> tuple[Any, ...]:
    due = _first_due()
    return due.is_(None), due, Case.id


def late_today(work: Work) -> ColumnElement[bool]:
    """Cases of which a clock ran out since midnight where the reader is, closed meanwhile or not."""
    local = work.now.astimezone(ZoneInfo(work.actor.zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    ran_out = select(Deadline.case_id).where(
        Deadline.due_at.between(midnight, work.now),  # a clock misses its target at the moment it was due
        Deadline.status.in_((DeadlineStatus.MISSED, DeadlineStatus.RUNNING)),
        Deadline.kind != DeadlineKind.ESCALATE,
    )
    return Case.id.in_(ran_out)


async def case_counts(work: Work) -> dict[CaseQueue, int]:
    """How many cases each open queue holds, in one statement, counted to COUNTED_TO."""
    work.require(May.SEE_CASES)
    queues = [queue for queue in CaseQueue if queue is not CaseQueue.CLOSED]
    counted = [
        capped(narrowed(work.actor, Case, select(Case.id)).where(_queue(work, queue))) for queue in queues
    ]
    return dict(zip(queues, (await work.session.execute(select(*counted))).one(), strict=True))


async def case_of(work: Work, case_id: int) -> Case:
    """One case with its customer, order and holder. Raises NotFound, also for one that may not be seen."""
    work.require(May.SEE_CASES)
    statement = narrowed(work.actor, Case, select(Case)).where(Case.id == case_id)
    case: Case | None = await work.session.scalar(
        statement.options(joinedload(Case.customer), joinedload(Case.order), joinedload(Case.held_by))
    )
    if case is None:
        raise NotFound
    return case


async def cases_of_customer(work: Work, customer_id: int) -> list[Case]:
    """The open cases of one customer, newest first, with who holds them."""
    statement = narrowed(work.actor, Case, select(Case)).where(
        Case.customer_id == customer_id, Case.status.in_(OPEN_CASES)
    )
    found = await work.session.scalars(
        statement.options(joinedload(Case.held_by)).order_by(Case.id.desc()).limit(LIMIT)
    )
    return list(found)


async def clocks_of(work: Work, case_ids: Iterable[int]) -> dict[int, list[Deadline]]:
    """The clocks of these cases that somebody still has to act on, soonest first."""
    found: dict[int, list[Deadline]] = defaultdict(list)
    rows = await work.session.scalars(
        select(Deadline)
        .join(Case, Case.id == Deadline.case_id)
        .where(Deadline.case_id.in_(list(case_ids)), Deadline.cycle == Case.cycle, still_to_do())
        .order_by(Deadline.due_at.is_(None), Deadline.due_at, Deadline.id)
    )
    for deadline in rows:
        found[deadline.case_id].append(deadline)
    return found


async def due_next(work: Work, limit: int = 10) -> list[CaseRow]:
    """The cases with clocks I have to act on, soonest first; those of my group that nobody took are among them."""
    statement = narrowed(work.actor, Case, select(Case)).where(Case.status.in_(OPEN_CASES), held_by_me(work))
    found = list(
        await work.session.scalars(
            statement.options(joinedload(Case.customer)).order_by(*_soonest()).limit(limit)
        )
    )
    clocks = await clocks_of(work, (case.id for case in found))
    return [
        CaseRow(
            case,
            masked_or_none(case),
            [clock for clock in clocks.get(case.id, []) if clock.kind is not DeadlineKind.ESCALATE],
        )
        for case in found
    ]


async def escalations(work: Work, *, mine: bool = False, limit: int = LIMIT) -> Rows[EscalationRow]:
    """The escalations that nobody has ended, oldest first; `mine` for my roles alone, or accepted by me."""
    work.require(May.TAKE_ESCALATIONS)
    statement = narrowed(work.actor, Escalation, select(Escalation)).where(Escalation.status.in_(ACTIVE))
    if mine:
        statement = statement.where(for_me(work))
    found = list(
        await work.session.scalars(
            statement.options(joinedload(Escalation.case).joinedload(Case.customer))
            .order_by(Escalation.raised_at, Escalation.id)
            .limit(limit)
        )
    )
    names = await names_of(work, [one for row in found for one in (row.raised_by_id, row.accepted_by_id)])
    return Rows(
        [
            EscalationRow(
                one,
                one.case,
                masked_or_none(one.case),
                names.get(one.raised_by_id, "a clock that ran out"),
                names.get(one.accepted_by_id, ""),
            )
            for one in found
        ]
    )


def for_me(work: Work) -> ColumnElement[bool]:
    """Escalations to one of my roles that nobody has accepted, or that I have."""
    return or_(
        and_(Escalation.status == EscalationStatus.RAISED, Escalation.to_role.in_(work.actor.roles)),
        Escalation.accepted_by_id == work.actor.person_id,
    )


async def escalation_of(work: Work, escalation_id: int) -> Escalation:
    """One escalation. Raises NotFound, also for one of a case that may not be seen."""
    work.require(May.TAKE_ESCALATIONS)
    statement = narrowed(work.actor, Escalation, select(Escalation)).where(Escalation.id == escalation_id)
    found: Escalation | None = await work.session.scalar(statement.options(joinedload(Escalation.case)))
    if found is None:
        raise NotFound
    return found


async def escalation_on(work: Work, case: Case) -> Escalation | None:
    """The newest escalation of a case that nobody has ended."""
    found: Escalation | None = await work.session.scalar(
        select(Escalation)
        .where(Escalation.case_id == case.id, Escalation.status.in_(ACTIVE))
        .order_by(Escalation.level.desc(), Escalation.id.desc())
        .limit(1)
    )
    return found


async def orders(work: Work, queue: OrderQueue, *, before: str = "", limit: int = LIMIT) -> Rows[Order]:
    """The orders of one queue, with their customers."""
    work.require(May.SEE_ORDERS)
    statement = narrowed(work.actor, Order, select(Order)).options(joinedload(Order.customer))
    states = ORDER_STATES[queue]
    if states:
        statement = statement.where(Order.status.in_(states))
    by = oldest_first if queue in WORKED_OFF else newest_first
    found = list(
        await work.session.scalars(by(statement, Order.placed_at, Order.id, before).limit(limit + 1))
    )
    rows = found[:limit]
    return Rows(rows, cursor(rows[-1].placed_at, rows[-1].id) if len(found) > limit else "")


async def order_counts(work: Work) -> dict[OrderQueue, int]:
    """How many orders wait at each stage, in one statement, counted to COUNTED_TO."""
    work.require(May.SEE_ORDERS)
    counted = [
        capped(narrowed(work.actor, Order, select(Order.id)).where(Order.status.in_(ORDER_STATES[queue])))
        for queue in WORKED_OFF
    ]
    return dict(zip(WORKED_OFF, (await work.session.execute(select(*counted))).one(), strict=True))


async def follow_ups(work: Work, *, team: bool = False, limit: int = LIMIT) -> Rows[FollowUp]:
    """Open follow-ups, soonest first: mine, or everybody's for those who see the team. S0-2.1d"""
    work.require(May.SEE_FOLLOW_UPS)
    statement = narrowed(work.actor, FollowUp, select(FollowUp)).where(FollowUp.status == FollowUpStatus.OPEN)
    # By owner even for everybody: the index on owner, state and due time leads past a million that are done.
    owners = select(Person.id) if team else [work.actor.person_id]
    statement = statement.where(FollowUp.owner_id.in_(owners))
    found = await work.session.scalars(
        statement.options(
            joinedload(FollowUp.customer),
            joinedload(FollowUp.case),
            joinedload(FollowUp.order),
            joinedload(FollowUp.owner),
        )
        .order_by(FollowUp.due_at, FollowUp.id)
        .limit(limit)
    )
    return Rows(list(found))


async def follow_ups_on(work: Work, case: Case) -> list[FollowUp]:
    """The open follow-ups of a case that the actor may see, soonest first, with their owners."""
    found = await work.session.scalars(
        narrowed(work.actor, FollowUp, select(FollowUp))
        .where(FollowUp.case_id == case.id, FollowUp.status == FollowUpStatus.OPEN)
        .options(joinedload(FollowUp.owner))
        .order_by(FollowUp.due_at, FollowUp.id)
        .limit(LIMIT)
    )
    return list(found)


async def follow_up_of(work: Work, follow_up_id: int) -> FollowUp:
    """One follow-up. Raises NotFound, also for one that may not be seen."""
    work.require(May.SEE_FOLLOW_UPS)
    found: FollowUp | None = await work.session.scalar(
        narrowed(work.actor, FollowUp, select(FollowUp)).where(FollowUp.id == follow_up_id)
    )
    if found is None:
        raise NotFound
    return found


async def colleagues(work: Work) -> list[tuple[int, str]]:
    """The active people who work follow-ups and cases, by name: to hand something over to."""
    rows = await work.session.execute(select(Person).where(Person.active).order_by(Person.name, Person.id))
    return [
        (person.id, person.name)
        for person in rows.scalars()
        if set(person.roles) & {"representative", "supervisor", "manager"}
    ]


async def names_of(work: Work, ids: Iterable[int | None]) -> dict[int | None, str]:
    """The names of these people, in one statement."""
    wanted = {one for one in ids if one is not None}
    rows = await work.session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {person.id: person.name for person in rows}


def seen(work: Work, model: Any) -> ColumnElement[bool]:
    """The row rule of a table as a condition, also where everything may be seen."""
    rule = visible(work.actor, model)
    return ~false() if rule is None else rule
