"""The lists of the desk as each person may see them, and one thing of them with what hangs on it. Reads only.

Which rows a list holds is said in `backlog`. Each list takes the same number of statements for one row and for a hundred.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Case, Deadline, Escalation, FollowUp, Order, Person
from models.words import DeadlineKind, FollowUpStatus
from portal.desk import backlog, due, turns
from portal.desk.backlog import TIMED, WORKED_OFF, CaseQueue, OrderAge, OrderQueue
from portal.desk.customers import MaskedCustomer, masked
from portal.desk.due import OPEN_CASES, still_to_do
from portal.desk.errors import NotFound
from portal.desk.escalation import ACTIVE
from portal.desk.listing import LIMIT, PAGE, Rows, among, cursor, first, newest_first, oldest_first, paged
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work


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
    turn: turns.Turn | None
    """Who is told next, where its level tells one after the other. S2-13.2"""


def masked_or_none(case: Any) -> MaskedCustomer | None:
    return masked(case.customer) if case is not None and case.customer is not None else None


async def cases(work: Work, queue: CaseQueue, *, before: str = "", limit: int = PAGE) -> Rows[CaseRow]:
    """The cases of one queue: open ones by what is due first, closed ones newest first. S0-0.6"""
    work.require(May.SEE_CASES)
    ids = backlog.in_queue(work, queue)
    closed = queue in backlog.OVER
    if closed:
        newest = first(newest_first(ids, Case.opened_at, Case.id, before), limit + 1).subquery()
        statement = newest_first(
            select(Case).join(newest, newest.c.id == Case.id), Case.opened_at, Case.id, ""
        )
        statement = statement.options(joinedload(Case.customer), joinedload(Case.held_by))
    else:
        statement = due.soonest_first([ids], limit + 1, before, timed=queue in TIMED)
    found = list(await work.session.scalars(statement))
    rows = found[:limit]
    clocks = await clocks_of(work, (case.id for case in rows))
    older = ""
    if len(found) > limit:
        older = cursor(rows[-1].opened_at, rows[-1].id) if closed else due.place_of(rows[-1])
    return Rows([CaseRow(case, masked_or_none(case), clocks.get(case.id, [])) for case in rows], older)


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


async def cases_of_customer(work: Work, customer_id: int, limit: int = LIMIT) -> list[Case]:
    """The open cases of one customer, newest first, with who holds them."""
    statement = narrowed(work.actor, Case, select(Case)).where(
        Case.customer_id == customer_id, Case.status.in_(OPEN_CASES)
    )
    found = await work.session.scalars(
        statement.options(joinedload(Case.held_by)).order_by(Case.id.desc()).limit(limit)
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
    ids = narrowed(work.actor, Case, select(Case.id)).where(due.is_open())
    mine = ids.where(Case.held_by_id == work.actor.person_id)
    free = ids.where(Case.held_by_id.is_(None))
    of_my_groups = [free.where(Case.held_by_role == role) for role in work.actor.roles]
    found = list(await work.session.scalars(due.soonest_first([mine, *of_my_groups], limit)))
    clocks = await clocks_of(work, (case.id for case in found))
    return [
        CaseRow(
            case,
            masked_or_none(case),
            [clock for clock in clocks.get(case.id, []) if clock.kind is not DeadlineKind.ESCALATE],
        )
        for case in found
    ]


async def escalations(
    work: Work,
    *,
    mine: bool = False,
    nobody_told: bool = False,
    all_teams: bool = False,
    before: str = "",
    limit: int = PAGE,
) -> Rows[EscalationRow]:
    """The escalations that nobody has ended, oldest first; `mine` for my roles alone, or accepted by me.

    `nobody_told`: those of which nobody could be told, of whatever team. Of any others a supervisor sees the own
    team's, or with `all_teams` those of all.

    S0-2.2b, S0-4.1b, S2-13.4, S3-7.2.1a
    """
    work.require(May.TAKE_ESCALATIONS)
    if mine:
        ids = backlog.waiting_for(work, limit + 1, before, all_teams=all_teams)
    else:
        chosen = backlog.active(work, before, all_teams=all_teams)
        ids = first(backlog.untold(work, before) if nobody_told else chosen, limit + 1)
    found = list(
        await work.session.scalars(
            select(Escalation)
            .where(Escalation.id.in_(ids))
            .options(joinedload(Escalation.case).joinedload(Case.customer))
            .order_by(Escalation.raised_at, Escalation.id)
            .limit(limit + 1)
        )
    )
    older = cursor(found[limit - 1].raised_at, found[limit - 1].id) if len(found) > limit else ""
    found = found[:limit]
    ahead = await turns.ahead(work, found)
    names = await names_of(work, [one for row in found for one in (row.raised_by_id, row.accepted_by_id)])
    return Rows(
        [
            EscalationRow(
                one,
                one.case,
                masked_or_none(one.case),
                names.get(one.raised_by_id, "a clock that ran out"),
                names.get(one.accepted_by_id, ""),
                ahead.get(one.id),
            )
            for one in found
        ],
        older,
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


async def orders(
    work: Work, queue: OrderQueue, *, age: OrderAge | None = None, before: str = "", limit: int = PAGE
) -> Rows[Order]:
    """The orders of one queue, with their customers; of one age, or of all. S1-3.4a"""
    work.require(May.SEE_ORDERS)
    by = oldest_first if queue in WORKED_OFF else newest_first
    page = first(
        by(backlog.of_age(work, queue, age), Order.placed_at, Order.id, before), limit + 1
    ).subquery()
    statement = select(Order).join(page, page.c.id == Order.id).options(joinedload(Order.customer))
    found = list(await work.session.scalars(by(statement, Order.placed_at, Order.id, "")))
    return paged(found, limit, lambda row: row.placed_at)


async def follow_ups(
    work: Work, *, team: bool = False, before: str = "", limit: int = PAGE
) -> Rows[FollowUp]:
    """Open follow-ups, soonest first: mine, or everybody's for those who see the team. S0-2.1d"""
    work.require(May.SEE_FOLLOW_UPS)
    ids = narrowed(work.actor, FollowUp, select(FollowUp.id)).where(
        among(FollowUp.status, [FollowUpStatus.OPEN])
    )
    if not team:
        ids = ids.where(FollowUp.owner_id == work.actor.person_id)
    soonest = first(oldest_first(ids, FollowUp.due_at, FollowUp.id, before), limit + 1).subquery()
    found = await work.session.scalars(
        select(FollowUp)
        .join(soonest, soonest.c.id == FollowUp.id)
        .options(
            joinedload(FollowUp.customer),
            joinedload(FollowUp.case),
            joinedload(FollowUp.order),
            joinedload(FollowUp.owner),
        )
        .order_by(FollowUp.due_at, FollowUp.id)
    )
    rows = list(found)
    older = cursor(rows[limit - 1].due_at, rows[limit - 1].id) if len(rows) > limit else ""
    return Rows(rows[:limit], older)


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
