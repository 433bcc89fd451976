"""Acting on deadlines that warn or run out: the one place where time itself does something. S0-4, S3-5.2.2.

One statement takes what is due and marks it at once: warned, or missed at its exact due moment. The notices and
escalations follow in the same transaction (see `batches` why that needs no lease), each under a unique key. Any
number of replicas may sweep at once; an idle sweep is that one statement.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy import case as either

from models import Case, Deadline, Person
from models.words import CaseKind, DeadlineKind, DeadlineStatus, Role
from portal.desk import audit, batches, deadlines, escalation, notices, policy
from portal.desk.escalation import Raising
from portal.desk.notices import Notice
from portal.desk.work import Work

Act = Callable[[Work, int], Awaitable[int]]
"""Something that acts on up to so many rows in one transaction and says how many there were."""
CaseRow = Row[*tuple[Any, ...]]
"""What a sweep needs to know of a case, in the order of `_CASE`."""
_CASE: tuple[Any, ...] = (
    Case.id,
    Case.number,
    Case.kind,
    Case.subject,
    Case.status,
    Case.held_by_id,
    Case.held_by_role,
    Case.escalation_level,
    Case.legal,
    Case.regulatory,
)


@dataclass(frozen=True, slots=True)
class Struck:
    """A deadline that a sweep has just marked."""

    id: int
    case_id: int
    kind: DeadlineKind
    level: int
    cycle: int
    due_at: datetime
    put_off: int
    ran_out: bool
    """Else it only warns."""
    source: str


async def act_on_due(work: Work, batch: int) -> int:
    """Warn of, record and escalate up to so many deadlines, the longest due first; return how many there were.

    A deadline that warned too late runs out without a warning. Safe on every replica at once.
    """
    due = (
        select(Deadline.id)
        .where(Deadline.next_at <= work.now)
        .order_by(
            Deadline.next_at
        )  # without it PostgreSQL reads the whole table once the statement is prepared
        .limit(batch)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    ran_out = Deadline.due_at <= work.now
    rows = await batches.claim(
        work,
        update(Deadline)
        .where(Deadline.id.in_(select(due.c.id)))
        .values(
            next_at=either((ran_out, None), else_=Deadline.due_at),
            status=either((ran_out, DeadlineStatus.MISSED), else_=Deadline.status),
            missed_at=either((ran_out, Deadline.due_at), else_=Deadline.missed_at),
            warned_at=either((ran_out, Deadline.warned_at), else_=work.now),
        )
        .returning(
            Deadline.id,
            Deadline.case_id,
            Deadline.kind,
            Deadline.level,
            Deadline.cycle,
            Deadline.due_at,
            Deadline.put_off,
            Deadline.missed_at.is_not(None),
            Deadline.source,
        ),
    )
    if rows:
        await batches.act(work, Deadline, [Struck(*row) for row in rows], lambda some: _effects(work, some))
    return len(rows)


async def _effects(work: Work, struck: Sequence[Struck]) -> None:
    of_cases = select(*_CASE).where(Case.id.in_({one.case_id for one in struck}))
    cases = {row.id: row for row in await work.session.execute(of_cases)}
    alive = [one for one in struck if cases[one.case_id].status in deadlines.OPEN_CASES]
    told: list[Notice] = []
    for one in alive:
        told += await _notices_of(work, one, cases[one.case_id])
    if told:
        await notices.write_all(work, told)
    recorded = await _escalate(work, alive, cases)
    rest = [one for one in struck if (one.case_id, one.level, one.cycle) not in recorded]
    await audit.record_each(work, "miss deadline", "deadlines", _changes(work, rest, ran_out=True))
    await audit.record_each(work, "warn of deadline", "deadlines", _changes(work, rest, ran_out=False))


def _changes(work: Work, struck: Sequence[Struck], *, ran_out: bool) -> list[tuple[int, dict[str, Any]]]:
    return [
        (
            one.id,
            {
                "status": [DeadlineStatus.RUNNING, DeadlineStatus.MISSED],
                "missed_at": [None, one.due_at.isoformat()],
            }
            if ran_out
            else {"warned_at": [None, work.now.isoformat()]},
        )
        for one in struck
        if one.ran_out is ran_out
    ]


async def _escalate(
    work: Work, struck: Sequence[Struck], cases: dict[int, CaseRow]
) -> set[tuple[int, int, int]]:
    """Hand up what the matrix says; give (case, level, cycle) of each clock that is recorded with its escalation."""
    levels = [one for one in struck if one.ran_out and one.kind is DeadlineKind.ESCALATE]
    if not levels:
        return set()
    matrix = (await policy.in_force(work)).matrix
    raisings = []
    for one in levels:
        case = cases[one.case_id]
        kind: CaseKind = case.kind
        step = next((step for step in matrix.get(kind, ()) if step.level == one.level), None)
        if step is None:
            continue  # the level was taken out of the matrix while the clock was being struck
        raisings.append(
            Raising(
                case_id=case.id,
                number=case.number,
                kind=kind,
                subject=case.subject,
                from_role=case.held_by_role,
                from_level=case.escalation_level,
                from_person_id=case.held_by_id,
                target=DeadlineKind.ESCALATE.value,
                level=one.level,
                cycle=one.cycle,
                to_role=step.to_role,
                reason=f"Not solved within {policy.in_words(step.target)}.",
                source=one.source,
            )
        )
    return {(one.case_id, one.level, one.cycle) for one in await escalation.raise_all(work, raisings)}


async def _notices_of(work: Work, one: Struck, case: CaseRow) -> list[Notice]:
    """Say who hears of it: a warning goes to the holder or the group, a miss to the supervisors.

    What nobody but the managers may see is told to nobody else (S3-5.1.2). A level of the matrix that runs out is
    told by its escalation.
    """
    hidden = case.legal or case.regulatory
    if one.ran_out and one.kind is DeadlineKind.ESCALATE:
        return []
    people: Sequence[Person]
    if one.ran_out:
        people = await notices.people_in(work, Role.MANAGER if hidden else Role.SUPERVISOR)
    elif (holder := await _person(work, case.held_by_id)) is not None:
        people = [holder]
    else:
        people = await notices.people_in(work, case.held_by_role)
    moment = "missed" if one.ran_out else "warning"
    return [
        Notice(
            "deadline-warning",
            person,
            f"deadline-{moment}/{one.id}/{person.id}",
            case.number,
            case=one.case_id,
            facts={
                "kind": case.kind.value,
                "subject": case.subject,
                "deadline": one.kind.value,
                "due_at": one.due_at,
            },
        )
        for person in people
    ]


async def _person(work: Work, person_id: int | None) -> Person | None:
    """Give a colleague who is here; read once in a transaction."""
    known: dict[int, Person] = work.remembered.setdefault("active people", {})
    if not known:
        known.update((one.id, one) for one in await work.session.scalars(select(Person).where(Person.active)))
    return known.get(person_id) if person_id is not None else None
