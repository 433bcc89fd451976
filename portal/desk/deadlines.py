"""The clocks of a case: facts in, due times out. Decisions 8 to 15.

Facts are the clock events (start, pause, resume, stop, reopen), only ever added to. `due_at`, `warn_at` and
`next_at` are what `project` makes of the facts, a limit and a calendar; recomputing changes nothing else.
What happened (warned, missed, met) is written once and never moved.

A sweep on another replica may hold these rows: every deed on a case first takes them with `hold`, clocks
before case, which is the order in which a sweep takes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import inspect, select

from models import Case, ClockEvent, Deadline, Escalation
from models.words import ClockEventKind, DeadlineKind, DeadlineStatus, TargetKind
from portal.desk import audit, calendars, due, hours, policy
from portal.desk.policy import Limit, Policy
from portal.desk.work import Work

UNFINISHED, OPEN_CASES = due.UNFINISHED, due.OPEN_CASES
_BATCH = 500
_CASE_COLUMNS = [column.key for column in inspect(Case).column_attrs]


class Fact(Protocol):
    """What the projection needs of a clock event."""

    kind: ClockEventKind
    cycle: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Projection:
    """When a target warns and runs out; both None while a pause keeps it open."""

    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One clock that a case should have by the policy in force."""

    kind: DeadlineKind
    level: int
    limit: Limit


def project(facts: Sequence[Fact], limit: Limit, calendar: hours.Calendar, cycle: int = 1) -> Projection:
    """Say when a limit warns and runs out, from the facts of a case: the only place that does.

    A cycle starts with its `start` or `reopen`; pauses belong to the case and count whatever the cycle.
    """
    begins = {ClockEventKind.START, ClockEventKind.REOPEN}
    started = next(fact.at for fact in facts if fact.kind in begins and fact.cycle == cycle)
    pauses = pauses_in(facts)
    due = hours.due(calendar, started, limit.target, pauses)
    if due is None:
        return Projection(started, None, None)
    target = limit.target
    if target.kind in {TargetKind.ELAPSED, TargetKind.BUSINESS}:
        share = hours.Target(target.kind, target.amount * limit.warn_percent // 100)
    else:  # days have no length of their own: the share is one of the open time up to the due moment
        until_due = hours.open_seconds(calendar, started, due, pauses)
        share = hours.business(seconds=int(until_due * limit.warn_percent // 100))
    warn = hours.due(calendar, started, share, pauses)
    return Projection(started, due, due if warn is None else min(warn, due))


def pauses_in(facts: Iterable[Fact]) -> list[hours.Pause]:
    """Give the pauses of a case; the last has no end while it lasts. A stop ends it too."""
    found: list[hours.Pause] = []
    since: datetime | None = None
    for fact in facts:
        if fact.kind is ClockEventKind.PAUSE and since is None:
            since = fact.at
        elif fact.kind in {ClockEventKind.RESUME, ClockEventKind.STOP} and since is not None:
            found.append((since, fact.at))
            since = None
    if since is not None:
        found.append((since, None))
    return found


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
    begun = await _begin(work, case, [fact], _wanted(await policy.in_force(work), case))
    await due.note(work, [case.id])
    return begun


async def reopen(work: Work, case: Case) -> list[Deadline]:
    """Start the clocks of a new cycle at this moment. Decision 13.

    The written rule: a reopened case is answered, resolved and escalated anew; it was acknowledged for good.
    """
    _fact(work, case, ClockEventKind.REOPEN)
    wanted = [
        one for one in _wanted(await policy.in_force(work), case) if one.kind is not DeadlineKind.ACKNOWLEDGE
    ]
    begun = await _begin(work, case, await facts_of(work, case), wanted)
    await due.note(work, [case.id])
    return begun


async def meet(work: Work, case: Case, *kinds: DeadlineKind, at: datetime | None = None) -> None:
    """Record that these targets were reached, now or then. One that had run out stays missed."""
    moment = at or work.now
    for deadline in await _of(work, case, *kinds):
        if deadline.due_at and moment > deadline.due_at:
            deadline.status = DeadlineStatus.MISSED
            deadline.missed_at = deadline.missed_at or deadline.due_at
        elif deadline.status is not DeadlineStatus.MISSED:
            deadline.status = DeadlineStatus.MET
        deadline.met_at = moment
        deadline.next_at = None
    await due.note(work, [case.id])


async def pause(work: Work, case: Case, reason: str) -> None:
    """Stand the clocks of the case still from now on: an open question waits for the customer. Decision 9."""
    _fact(work, case, ClockEventKind.PAUSE, reason)
    await _project_again(work, case)


async def resume(work: Work, case: Case, reason: str = "") -> None:
    """Let the clocks run on from now; the due times move by what the pause took away."""
    _fact(work, case, ClockEventKind.RESUME, reason)
    await _project_again(work, case)


async def stop_all(work: Work, case: Case, reason: str) -> None:
    """End every clock of the case, in the transaction that ends the case. Decision 13."""
    _fact(work, case, ClockEventKind.STOP, reason)
    for deadline in await _of(work, case, *DeadlineKind):
        _stop(work, deadline)
    await due.note(work, [case.id])


async def stop_chase(work: Work, case: Case, up_to: int | None = None) -> None:
    """Let no further level be called for: somebody has the case in hand. S2-13.4.

    With `up_to` only the levels up to that one, which a person has reached before their clocks did.
    """
    for deadline in await _of(work, case, DeadlineKind.ESCALATE):
        if up_to is None or deadline.level <= up_to:
            _stop(work, deadline)


async def chase_again(work: Work, case: Case, above: int) -> None:
    """Let the levels above this one call again, as if their chase had never been stopped. S2-13.5."""
    stopped = select(Deadline).where(
        Deadline.case_id == case.id,
        Deadline.cycle == case.cycle,
        Deadline.kind == DeadlineKind.ESCALATE,
        Deadline.level > above,
        Deadline.status == DeadlineStatus.STOPPED,
    )
    for deadline in await work.session.scalars(stopped):
        deadline.status = DeadlineStatus.RUNNING
    await _project_again(work, case)


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


async def facts_of(work: Work, case: Case) -> list[ClockEvent]:
    """Give the clock events of a case in the order in which they happened."""
    await work.session.flush()
    events = select(ClockEvent).where(ClockEvent.case_id == case.id).order_by(ClockEvent.at, ClockEvent.id)
    return list(await work.session.scalars(events))


async def open_case_ids(work: Work, *, calendar_id: int | None = None, default: bool = False) -> list[int]:
    """Give the cases whose clocks may still move: all, or those on one calendar.

    `default` says that it is the calendar of the cases that name none.
    """
    query = select(Case.id).where(Case.status.in_(OPEN_CASES)).order_by(Case.id)
    if calendar_id is not None:
        on = Case.calendar_id == calendar_id
        query = query.where(on | Case.calendar_id.is_(None) if default else on)
    return list(await work.session.scalars(query))


async def recompute(work: Work, case_ids: Sequence[int], reason: str) -> int:
    """Work the due times of these cases out anew after a change of policy or calendar; return how many changed.

    Only projections change. A clock that has run out keeps the moment at which it did, by the policy then in
    force, even if no sweep has come by yet; one whose target is gone is stopped; a new target gets its clock.
    """
    moved = 0
    for first in range(0, len(case_ids), _BATCH):
        moved += await _recompute(work, case_ids[first : first + _BATCH], reason)
    return moved


async def _recompute(work: Work, case_ids: Sequence[int], reason: str) -> int:
    in_force = await policy.in_force(work)
    session = work.session
    clocks: dict[int, list[Deadline]] = defaultdict(list)
    taken = select(Deadline).where(Deadline.case_id.in_(case_ids)).order_by(Deadline.id).with_for_update()
    for deadline in await session.scalars(taken, execution_options={"populate_existing": True}):
        clocks[deadline.case_id].append(deadline)
    events: dict[int, list[ClockEvent]] = defaultdict(list)
    told = select(ClockEvent).where(ClockEvent.case_id.in_(case_ids)).order_by(ClockEvent.at, ClockEvent.id)
    for event in await session.scalars(told):
        events[event.case_id].append(event)
    raised = select(Escalation.case_id, Escalation.cycle, Escalation.level)
    reached = {tuple(row) for row in await session.execute(raised.where(Escalation.case_id.in_(case_ids)))}
    moved = 0
    cases = select(Case).where(Case.id.in_(case_ids), Case.status.in_(OPEN_CASES)).order_by(Case.id)
    for case in await session.scalars(cases):
        calendar = await calendars.of_case(work, case.calendar_id)
        wanted = {(one.kind, one.level): one for one in _wanted(in_force, case)}
        touched = 0
        for deadline in clocks[case.id]:
            if deadline.cycle != case.cycle:
                continue
            limit = wanted.pop((deadline.kind, deadline.level), None)
            ran_out = deadline.due_at is not None and deadline.due_at <= work.now
            if deadline.status in UNFINISHED and not ran_out:
                touched += _apply(work, deadline, limit, events[case.id], calendar)
        missing = [
            one
            for one in wanted.values()
            if _still_owed(case, one.kind) and (case.id, case.cycle, one.level) not in reached
        ]
        await _begin(work, case, events[case.id], missing)
        if touched or missing:
            _fact(work, case, ClockEventKind.POLICY_CHANGED, reason)
            moved += touched + len(missing)
    if moved:
        await due.note(work, case_ids)
        await audit.record(work, "recompute deadlines", reason=reason)
    return moved


def _wanted(in_force: Policy, case: Case) -> list[_Wanted]:
    own = [_Wanted(kind, 0, limit) for kind, limit in in_force.limits_of(case.kind).items()]
    warn_percent = policy.WARN_PERCENT
    levels = [
        _Wanted(DeadlineKind.ESCALATE, one.level, Limit(one.target, warn_percent, one.clause))
        for one in in_force.matrix.get(case.kind, ())
    ]
    return own + levels


def _still_owed(case: Case, kind: DeadlineKind) -> bool:
    """Whether a target that is new in the policy still means something for this case."""
    match kind:
        case DeadlineKind.ACKNOWLEDGE:
            return case.acknowledged_at is None and case.cycle == 1
        case DeadlineKind.ANSWER:
            return case.answered_at is None
        case _:
            return True


async def _begin(work: Work, case: Case, facts: Sequence[Fact], wanted: Iterable[_Wanted]) -> list[Deadline]:
    calendar = await calendars.of_case(work, case.calendar_id)
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
            status=DeadlineStatus.RUNNING,
            started_at=work.now,
        )
        _show(deadline, project(facts, one.limit, calendar, case.cycle))
        begun.append(deadline)
    work.session.add_all(begun)
    await work.session.flush()
    return begun


async def _project_again(work: Work, case: Case) -> None:
    facts = await facts_of(work, case)
    calendar = await calendars.of_case(work, case.calendar_id)
    for deadline in await _of(work, case, *DeadlineKind):
        if deadline.status in UNFINISHED:
            _show(deadline, project(facts, _limit_of(deadline), calendar, case.cycle))
    await due.note(work, [case.id])


def _apply(
    work: Work, deadline: Deadline, wanted: _Wanted | None, facts: Sequence[Fact], calendar: hours.Calendar
) -> bool:
    """Bring one running clock under the policy in force; tell whether anything changed."""
    if wanted is None:
        _stop(work, deadline)
        return True
    limit = wanted.limit
    before = _shown(deadline)
    deadline.target_kind = limit.target.kind
    deadline.target_amount = limit.target.amount
    deadline.warn_percent = limit.warn_percent
    deadline.source = limit.clause
    _show(deadline, project(facts, limit, calendar, deadline.cycle))
    return before != _shown(deadline)


def _shown(deadline: Deadline) -> tuple[object, ...]:
    return deadline.due_at, deadline.warn_at, deadline.next_at, deadline.status, _limit_of(deadline)


def _limit_of(deadline: Deadline) -> Limit:
    """Give the limit this clock was started with, or last recomputed with."""
    target = hours.Target(deadline.target_kind, deadline.target_amount)
    return Limit(target, deadline.warn_percent, deadline.source)


def _show(deadline: Deadline, projection: Projection) -> None:
    """Write a projection down. A warning that was given is not given again when the due time moves."""
    deadline.started_at = projection.started_at
    deadline.due_at = projection.due_at
    deadline.warn_at = projection.warn_at
    if projection.due_at is None:
        deadline.status, deadline.next_at = DeadlineStatus.PAUSED, None
        return
    deadline.status = DeadlineStatus.RUNNING
    deadline.next_at = projection.due_at if deadline.warned_at else projection.warn_at


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
    fact = ClockEvent(
        case_id=case.id,
        kind=kind,
        cycle=case.cycle,
        at=at or work.now,
        by_id=work.actor.person_id,
        reason=reason[:300],
    )
    work.session.add(fact)
    return fact
