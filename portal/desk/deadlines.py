"""The clocks of a case: facts in, due times out. Decisions 8 to 15.

Facts are the clock events (start, pause, resume, stop, reopen, inbound, outbound), only ever added to. `due_at`,
`warn_at` and `next_at` are what `projecting.project` makes of the facts, a limit and a calendar; recomputing (of many
cases at once, in `following`) changes nothing else. What happened (warned, missed, met) is written once and never
moved. Each clock names the version and the row of the policy it was last projected by.

A sweep on another replica may hold these rows: every deed on a case first takes them with `hold`, clocks
before case, which is the order in which a sweep takes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import inspect, select

from models import Case, ClockEvent, Deadline
from models.words import CaseStatus, ClockEventKind, DeadlineKind, DeadlineStatus
from portal.desk import due, hours, policy_versions
from portal.desk.following import Moved, recompute
from portal.desk.matrix import REPEATED, DeskCalendar, Policy
from portal.desk.policy import Limit
from portal.desk.projecting import SPEAKING, Fact, Projection, begun_by, happened, pauses_in, project, ran_out
from portal.desk.projecting import Wanted as _Wanted
from portal.desk.projecting import wanted as _wanted
from portal.desk.work import Work

__all__ = [
    "OPEN_CASES",
    "UNFINISHED",
    "Fact",
    "Moved",
    "Projection",
    "ahead",
    "begun_by",
    "chase_again",
    "facts_of",
    "heard",
    "hold",
    "meet",
    "no_sooner",
    "pause",
    "pauses_in",
    "project",
    "recompute",
    "reopen",
    "resume",
    "running",
    "start",
    "stop_all",
    "stop_chase",
    "told",
]

UNFINISHED, OPEN_CASES = due.UNFINISHED, due.OPEN_CASES
_CASE_COLUMNS = [column.key for column in inspect(Case).column_attrs]


async def hold(work: Work, case: Case) -> None:
    """Take the case and its clocks for the rest of this transaction, as they are now."""
    taken = select(Deadline.id).where(Deadline.case_id == case.id).order_by(Deadline.id).with_for_update()
    await work.session.execute(taken)
    await work.session.refresh(case, attribute_names=_CASE_COLUMNS, with_for_update=True)


async def start(work: Work, case: Case) -> list[Deadline]:
    """Start every clock that the policy in force gives this kind of case, at its opening. S3-3.1.1a.

    S2-4.1
    """
    await work.session.flush()
    fact = _fact(work, case, ClockEventKind.START, at=case.opened_at)
    begun = await _begin(work, case, [fact], _at_first(await policy_versions.in_force(work), case))
    await due.note(work, [case.id])
    return begun


async def reopen(work: Work, case: Case) -> list[Deadline]:
    """Start the clocks of a new cycle at this moment. Decision 13.

    The written rule: a reopened case is answered, resolved and escalated anew; it was acknowledged for good.
    """
    _fact(work, case, ClockEventKind.REOPEN)
    in_force = await policy_versions.in_force(work)
    wanted = [one for one in _at_first(in_force, case) if one.kind is not DeadlineKind.ACKNOWLEDGE]
    begun = await _begin(work, case, await facts_of(work, case), wanted)
    await due.note(work, [case.id])
    return begun


async def meet(
    work: Work, case: Case, *kinds: DeadlineKind, at: datetime | None = None
) -> Sequence[Deadline]:
    """Record that these targets were reached, now or then; give their clocks. One that had run out stays missed."""
    moment = at or work.now
    reached = await _of(work, case, *kinds)
    for deadline in reached:
        if deadline.due_at and moment > deadline.due_at:
            deadline.status = DeadlineStatus.MISSED
            deadline.missed_at = deadline.missed_at or deadline.due_at
        elif deadline.status is not DeadlineStatus.MISSED:
            deadline.status = DeadlineStatus.MET
        deadline.met_at = moment
        deadline.next_at = None
    await due.note(work, [case.id])
    return reached


async def pause(work: Work, case: Case, reason: str) -> None:
    """Stand the clocks of the case still from now on: for an open question or a set reason. Decision 9."""
    _fact(work, case, ClockEventKind.PAUSE, reason)
    await _project_again(work, case)


async def resume(work: Work, case: Case, reason: str = "", at: datetime | None = None) -> None:
    """Let the clocks run on, from now or then; the due times move by what the pause took away.

    Told of a case that no longer waits for what is over. While it stands still for something else, so do its clocks:
    pauses are a union. Decision 9
    """
    if case.status is CaseStatus.WAITING or case.paused_for:
        return
    _fact(work, case, ClockEventKind.RESUME, reason, at)
    await _project_again(work, case)


async def no_sooner(work: Work, case: Case, at: datetime) -> datetime:
    """Say from when something counts that happened at a moment and is noted now: from no sooner than the last fact.

    Facts stay in the order in which they were noted. A pause so ends within itself, and no clock that was missed, met
    or begun since then is counted anew. S2-15.2
    """
    if at >= work.now:
        return work.now
    facts = await facts_of(work, case)
    return max([at, *(fact.at for fact in facts if fact.kind in SPEAKING)])


async def heard(work: Work, case: Case, at: datetime | None = None) -> None:
    """The customer wrote after the first answer: the next is owed from now or then, if none is owed yet. S0-3.3.1"""
    _fact(work, case, ClockEventKind.INBOUND, at=at)
    limit = await _limit_in_force(work, case, DeadlineKind.NEXT_ANSWER)
    known = await _of(work, case, DeadlineKind.NEXT_ANSWER) if limit else []
    if limit is None or any(one.status in UNFINISHED for one in known):
        return
    facts = await facts_of(work, case)
    level = happened(facts, ClockEventKind.INBOUND, case.cycle)
    await _begin(work, case, facts, [_Wanted(DeadlineKind.NEXT_ANSWER, level, limit)])
    await due.note(work, [case.id])


async def told(work: Work, case: Case) -> None:
    """The customer was told something: the next update is due from now. S1-3.1b"""
    _fact(work, case, ClockEventKind.OUTBOUND)
    limit = await _limit_in_force(work, case, DeadlineKind.UPDATE)
    if limit is None:
        return
    facts = await facts_of(work, case)
    level = happened(facts, ClockEventKind.OUTBOUND, case.cycle) + 1
    await _begin(work, case, facts, [_Wanted(DeadlineKind.UPDATE, level, limit)])
    await due.note(work, [case.id])


async def _limit_in_force(work: Work, case: Case, kind: DeadlineKind) -> Limit | None:
    return (await policy_versions.in_force(work)).limits_of(case).get(kind)


async def stop_all(work: Work, case: Case, reason: str) -> Sequence[Deadline]:
    """End every clock of the case, in the transaction that ends the case; give those that had no end yet. Decision 13."""
    case.paused_for = ""
    _fact(work, case, ClockEventKind.STOP, reason)
    ended = await _of(work, case, *DeadlineKind)
    for deadline in ended:
        _stop(work, deadline)
    await due.note(work, [case.id])
    return ended


async def stop_chase(work: Work, case: Case, up_to: int | None = None) -> None:
    """Let no further level be called for: somebody has the case in hand. S2-13.4.

    With `up_to` only the levels up to that one, which a person has reached before their clocks did.
    """
    for deadline in await _of(work, case, DeadlineKind.ESCALATE):
        if up_to is None or deadline.level <= up_to:
            _stop(work, deadline)


async def chase_again(work: Work, case: Case, above: int) -> None:
    """Let the levels above this one call again, as if their chase had never been stopped. S2-13.5.

    One that came into the policy meanwhile begins now, as it would have for a case that nobody had in hand.
    """
    levels = await work.session.scalars(
        select(Deadline).where(
            Deadline.case_id == case.id,
            Deadline.cycle == case.cycle,
            Deadline.kind == DeadlineKind.ESCALATE,
            Deadline.level > above,
        )
    )
    known = set()
    for deadline in levels:
        known.add(deadline.level)
        if deadline.status is DeadlineStatus.STOPPED:
            deadline.status = DeadlineStatus.RUNNING
    await _project_again(work, case)
    new = [
        one
        for one in _wanted(await policy_versions.in_force(work), case)
        if one.kind is DeadlineKind.ESCALATE and one.level > above and one.level not in known
    ]
    await _begin(work, case, await facts_of(work, case), new)


async def running(work: Work, case_ids: Iterable[int]) -> dict[int, list[Deadline]]:
    """Give the clocks of these cases that run or stand still, soonest first; one statement for any number."""
    wanted = list(case_ids)
    found: dict[int, list[Deadline]] = {case_id: [] for case_id in wanted}
    rows = await work.session.scalars(
        select(Deadline)
        .where(Deadline.case_id.in_(wanted), Deadline.status.in_(UNFINISHED))
        .order_by(Deadline.due_at.is_(None), Deadline.due_at, Deadline.id)
    )
    for deadline in rows:
        found[deadline.case_id].append(deadline)
    return found


def ahead(work: Work, clocks: Iterable[Deadline], kind: DeadlineKind) -> datetime | None:
    """When a clock of this kind is due, as a customer may be told: none that stands still or is over. S2-14.3"""
    due_at = next((one.due_at for one in clocks if one.kind is kind and one.status in UNFINISHED), None)
    return due_at if due_at and due_at > work.now else None


async def facts_of(work: Work, case: Case) -> list[ClockEvent]:
    """Give the clock events of a case in the order in which they happened."""
    await work.session.flush()
    events = select(ClockEvent).where(ClockEvent.case_id == case.id).order_by(ClockEvent.at, ClockEvent.id)
    return list(await work.session.scalars(events))


def _at_first(in_force: Policy, case: Case) -> list[_Wanted]:
    """The clocks a cycle begins with: the customer is told something in time, and has not written again yet."""
    return [
        replace(one, level=1) if one.kind is DeadlineKind.UPDATE else one
        for one in _wanted(in_force, case)
        if one.kind is not DeadlineKind.NEXT_ANSWER
    ]


async def _begin(work: Work, case: Case, facts: Sequence[Fact], wanted: Iterable[_Wanted]) -> list[Deadline]:
    in_force = await policy_versions.in_force(work)
    calendar = in_force.calendar_of(case)
    begun = []
    for one in wanted:
        deadline = Deadline(
            case_id=case.id,
            kind=one.kind,
            level=one.level,
            cycle=case.cycle,
            target_kind=one.limit.target.kind,
            target_amount=one.limit.target.amount,
            warn_percent=one.limit.warn_percent,
            source=one.limit.clause,
            policy=in_force.number,
            calendar=calendar.id,
            rule=one.limit.row,
            status=DeadlineStatus.RUNNING,
            started_at=work.now,
        )
        _show(deadline, project(facts, one.limit, calendar.opening, case.cycle, one.kind, one.level))
        begun.append(deadline)
    work.session.add_all(begun)
    await work.session.flush()
    return begun


async def _project_again(work: Work, case: Case) -> None:
    facts = await facts_of(work, case)
    in_force = await policy_versions.in_force(work)
    calendar = in_force.calendar_of(case)
    wanted = {(one.kind, one.level): one for one in _wanted(in_force, case)}
    for deadline in await _of(work, case, *DeadlineKind):
        if deadline.status not in UNFINISHED:
            continue
        if deadline.policy != in_force.number and ran_out(
            deadline.due_at, deadline.policy, in_force, work.now
        ):
            deadline.next_at = deadline.due_at  # by the policy before, as a sweep is about to record
            continue
        limit = wanted.get((deadline.kind, 0 if deadline.kind in REPEATED else deadline.level))
        if deadline.policy != in_force.number or limit is None:
            _apply(work, deadline, limit, facts, calendar, in_force)
        else:
            of = (case.cycle, deadline.kind, deadline.level)
            _show(deadline, project(facts, _limit_of(deadline), calendar.opening, *of))
    await due.note(work, [case.id])


def _apply(
    work: Work,
    deadline: Deadline,
    wanted: _Wanted | None,
    facts: Sequence[Fact],
    calendar: DeskCalendar,
    in_force: Policy,
) -> None:
    """Bring one running clock under the policy in force."""
    deadline.policy, deadline.calendar = in_force.number, calendar.id
    if wanted is None:
        _stop(work, deadline)
        return
    limit = wanted.limit
    deadline.target_kind = limit.target.kind
    deadline.target_amount = limit.target.amount
    deadline.warn_percent = limit.warn_percent
    deadline.source = limit.clause
    deadline.rule = limit.row
    _show(deadline, project(facts, limit, calendar.opening, deadline.cycle, deadline.kind, deadline.level))


def _limit_of(deadline: Deadline) -> Limit:
    """Give the limit this clock was started with, or last recomputed with."""
    target = hours.Target(deadline.target_kind, deadline.target_amount)
    return Limit(target, deadline.warn_percent, deadline.source, deadline.rule)


def _show(deadline: Deadline, projection: Projection) -> None:
    """Write a projection down."""
    deadline.started_at = projection.started_at
    deadline.due_at = projection.due_at
    deadline.warn_at = projection.warn_at
    deadline.status, deadline.next_at = projection.as_it_runs(warned=deadline.warned_at is not None)


def _stop(work: Work, deadline: Deadline) -> None:
    deadline.next_at = None
    if deadline.status not in UNFINISHED:
        return
    if deadline.due_at and work.now > deadline.due_at:
        deadline.status, deadline.missed_at = DeadlineStatus.MISSED, deadline.due_at
    else:
        deadline.status = DeadlineStatus.STOPPED


async def _of(work: Work, case: Case, *kinds: DeadlineKind) -> Sequence[Deadline]:
    """Give the clocks of this cycle that have not been met or stopped, as they are in the database now."""
    found = await work.session.scalars(
        select(Deadline)
        .where(
            Deadline.case_id == case.id,
            Deadline.cycle == case.cycle,
            Deadline.kind.in_(kinds),
            Deadline.met_at.is_(None),
            Deadline.status != DeadlineStatus.STOPPED,
        )
        .order_by(Deadline.id),
        execution_options={"populate_existing": True},
    )
    return found.all()


def _fact(
    work: Work, case: Case, kind: ClockEventKind, reason: str = "", at: datetime | None = None
) -> ClockEvent:
    moment = at or work.now
    fact = ClockEvent(
        case_id=case.id,
        kind=kind,
        cycle=case.cycle,
        at=moment,
        noted_at=work.now if moment < work.now else None,
        by_id=work.actor.person_id,
        reason=reason[:300],
    )
    work.session.add(fact)
    return fact
