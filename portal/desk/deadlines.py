"""The clocks of a case: facts in, due times out. Decisions 8 to 15.

Facts are the clock events (start, pause, resume, stop, reopen, inbound, outbound), only ever added to. `due_at`,
`warn_at` and `next_at` are what `project` makes of the facts, a limit and a calendar; recomputing changes nothing
else. What happened (warned, missed, met) is written once and never moved. Each clock names the version and the row of
the policy it was last projected by.

A sweep on another replica may hold these rows: every deed on a case first takes them with `hold`, clocks
before case, which is the order in which a sweep takes them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from sqlalchemy import inspect, select

from models import Case, ClockEvent, Deadline, Escalation
from models.words import CaseStatus, ClockEventKind, DeadlineKind, DeadlineStatus, TargetKind
from portal.desk import audit, due, hours, policy, policy_versions
from portal.desk.matrix import REPEATED, DeskCalendar, Policy
from portal.desk.policy import Limit
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


@dataclass(slots=True)
class Moved:
    """How many clocks changed, and how far their due times moved."""

    cases: int = 0
    clocks: int = 0
    earlier: int = 0
    later: int = 0
    furthest: timedelta = timedelta()
    last_id: int = 0

    def add(self, other: Moved) -> None:
        """Count another batch in."""
        self.cases += other.cases
        self.clocks += other.clocks
        self.earlier += other.earlier
        self.later += other.later
        self.furthest = max(self.furthest, other.furthest)
        self.last_id = max(self.last_id, other.last_id)

    def note(self, before: datetime | None, now: datetime | None) -> None:
        """Count one clock that changed, and how far."""
        self.clocks += 1
        if before is None or now is None or before == now:
            return
        self.earlier += now < before
        self.later += now > before
        self.furthest = max(self.furthest, abs(now - before))


def begun_by(facts: Sequence[Fact], kind: DeadlineKind, level: int, cycle: int) -> int | None:
    """Say which of the facts began a clock, by its place among them; None when none did.

    A cycle starts with its `start` or `reopen`. A next answer is owed from the `inbound` fact of its number; an update
    from the beginning of the cycle, and anew from each `outbound` one.
    """
    if kind is DeadlineKind.NEXT_ANSWER:
        of, number = {ClockEventKind.INBOUND}, level - 1
    elif kind is DeadlineKind.UPDATE and level > 1:
        of, number = {ClockEventKind.OUTBOUND}, level - 2
    else:
        of, number = {ClockEventKind.START, ClockEventKind.REOPEN}, 0
    found = (place for place, fact in enumerate(facts) if fact.kind in of and fact.cycle == cycle)
    return next(islice(found, number, None), None)


def project(
    facts: Sequence[Fact],
    limit: Limit,
    calendar: hours.Calendar,
    cycle: int = 1,
    kind: DeadlineKind = DeadlineKind.RESOLVE,
    level: int = 0,
) -> Projection:
    """Say when a limit warns and runs out, from the facts of a case: the only place that does.

    Pauses belong to the case and count whatever the cycle. Raises LookupError when no fact began the clock.
    """
    place = begun_by(facts, kind, level, cycle)
    if place is None:
        raise LookupError(f"Nothing began {kind.value} {level} of cycle {cycle}.")
    started = facts[place].at
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


async def resume(work: Work, case: Case, reason: str = "") -> None:
    """Let the clocks run on from now; the due times move by what the pause took away.

    Told of a case that no longer waits for what is over. While it stands still for something else, so do its clocks:
    pauses are a union. Decision 9
    """
    if case.status is CaseStatus.WAITING or case.paused_for:
        return
    _fact(work, case, ClockEventKind.RESUME, reason)
    await _project_again(work, case)


async def heard(work: Work, case: Case) -> None:
    """The customer wrote after the first answer: the next answer is owed from now, if none is owed yet. S0-3.3.1"""
    _fact(work, case, ClockEventKind.INBOUND)
    limit = await _limit_in_force(work, case, DeadlineKind.NEXT_ANSWER)
    known = await _of(work, case, DeadlineKind.NEXT_ANSWER) if limit else []
    if limit is None or any(one.status in UNFINISHED for one in known):
        return
    facts = await facts_of(work, case)
    level = _count(facts, ClockEventKind.INBOUND, case.cycle)
    await _begin(work, case, facts, [_Wanted(DeadlineKind.NEXT_ANSWER, level, limit)])
    await due.note(work, [case.id])


async def told(work: Work, case: Case) -> None:
    """The customer was told something: the next update is due from now. S1-3.1b"""
    _fact(work, case, ClockEventKind.OUTBOUND)
    limit = await _limit_in_force(work, case, DeadlineKind.UPDATE)
    if limit is None:
        return
    facts = await facts_of(work, case)
    level = _count(facts, ClockEventKind.OUTBOUND, case.cycle) + 1
    await _begin(work, case, facts, [_Wanted(DeadlineKind.UPDATE, level, limit)])
    await due.note(work, [case.id])


async def _limit_in_force(work: Work, case: Case, kind: DeadlineKind) -> Limit | None:
    return (await policy_versions.in_force(work)).limits_of(case).get(kind)


def _count(facts: Iterable[Fact], kind: ClockEventKind, cycle: int) -> int:
    return sum(fact.kind is kind and fact.cycle == cycle for fact in facts)


async def stop_all(work: Work, case: Case, reason: str) -> None:
    """End every clock of the case, in the transaction that ends the case. Decision 13."""
    case.paused_for = ""
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


async def recompute(
    work: Work,
    case_ids: Sequence[int],
    reason: str,
    fact: ClockEventKind = ClockEventKind.POLICY_CHANGED,
) -> Moved:
    """Work the due times of these cases out anew after a change of policy or calendar; say what moved and how far.

    Only projections change. A clock that had run out when the policy came into force keeps the moment at which it
    did and the version it did so under, even if no sweep has come by yet; one whose target is gone is stopped; a new
    target gets its clock.
    """
    moved = Moved()
    for first in range(0, len(case_ids), _BATCH):
        moved.add(await _recompute(work, case_ids[first : first + _BATCH], reason, fact))
    return moved


async def _recompute(work: Work, case_ids: Sequence[int], reason: str, fact: ClockEventKind) -> Moved:
    in_force = await policy_versions.in_force(work)
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
    moved = Moved(last_id=max(case_ids, default=0))
    cases = select(Case).where(Case.id.in_(case_ids), Case.status.in_(OPEN_CASES)).order_by(Case.id)
    for case in await session.scalars(cases):
        moved.cases += 1
        changed = moved.clocks
        missing = _bring_under(work, case, clocks[case.id], events[case.id], in_force, moved)
        new = [
            one
            for one in missing
            if one.kind is not DeadlineKind.ESCALATE or (case.id, case.cycle, one.level) not in reached
        ]
        for begun in await _begin(work, case, events[case.id], new):
            moved.note(None, begun.due_at)
        if moved.clocks != changed:
            _fact(work, case, fact, reason)
    if moved.clocks or session.dirty:  # at the least they follow another version now
        await due.note(work, case_ids)
        await audit.record(work, "recompute deadlines", reason=reason)
    return moved


def _bring_under(
    work: Work,
    case: Case,
    clocks: Sequence[Deadline],
    facts: Sequence[ClockEvent],
    in_force: Policy,
    moved: Moved,
) -> list[_Wanted]:
    """Bring the running clocks of a case under the policy in force, counting what moved; give those it lacks."""
    calendar = in_force.calendar_of(case)
    wanted = {(one.kind, one.level): one for one in _wanted(in_force, case)}
    for deadline in clocks:
        if deadline.cycle != case.cycle:
            continue
        own = (deadline.kind, 0 if deadline.kind in REPEATED else deadline.level)
        limit = wanted.get(own) if deadline.kind in REPEATED else wanted.pop(own, None)
        if deadline.status in UNFINISHED and not _ran_out(work, deadline, in_force):
            before = deadline.due_at
            if _apply(work, deadline, limit, facts, calendar, in_force):
                moved.note(before, deadline.due_at)
    lacking = (_from_now_on(one, facts, clocks, case) for one in wanted.values())
    return [one for one in lacking if one is not None and _still_owed(case, one.kind)]


def _ran_out(work: Work, deadline: Deadline, in_force: Policy) -> bool:
    """Whether a clock had run out when the policy came into force; or by now, if it follows that one already."""
    if deadline.due_at is None:
        return False
    since = in_force.since if deadline.policy != in_force.number and in_force.since else work.now
    return deadline.due_at <= since


def _from_now_on(
    one: _Wanted, facts: Sequence[ClockEvent], clocks: Sequence[Deadline], case: Case
) -> _Wanted | None:
    """A clock that a policy asks for anew: a repeated one is the next of its kind, if one is owed now."""
    if one.kind not in REPEATED:
        return one
    known = [clock for clock in clocks if clock.kind is one.kind and clock.cycle == case.cycle]
    if one.kind is DeadlineKind.NEXT_ANSWER or any(clock.met_at is None for clock in known):
        return None  # the next one begins when the customer writes, or is told something
    outbound = sum(fact.kind is ClockEventKind.OUTBOUND and fact.cycle == case.cycle for fact in facts)
    return _Wanted(one.kind, outbound + 1, one.limit)


def _wanted(in_force: Policy, case: Case) -> list[_Wanted]:
    own = [_Wanted(kind, 0, limit) for kind, limit in in_force.limits_of(case).items()]
    warn_percent = policy.WARN_PERCENT
    levels = [
        _Wanted(DeadlineKind.ESCALATE, one.level, Limit(one.target, warn_percent, one.clause, one.row))
        for one in in_force.levels_of(case)
    ]
    return own + levels


def _at_first(in_force: Policy, case: Case) -> list[_Wanted]:
    """The clocks a cycle begins with: the customer is told something in time, and has not written again yet."""
    return [
        replace(one, level=1) if one.kind is DeadlineKind.UPDATE else one
        for one in _wanted(in_force, case)
        if one.kind is not DeadlineKind.NEXT_ANSWER
    ]


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
        if deadline.policy != in_force.number and _ran_out(work, deadline, in_force):
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
) -> bool:
    """Bring one running clock under the policy in force; tell whether anything of it changed but the version."""
    deadline.policy, deadline.calendar = in_force.number, calendar.id
    if wanted is None:
        _stop(work, deadline)
        return True
    limit = wanted.limit
    before = _shown(deadline)
    deadline.target_kind = limit.target.kind
    deadline.target_amount = limit.target.amount
    deadline.warn_percent = limit.warn_percent
    deadline.source = limit.clause
    deadline.rule = limit.row
    _show(deadline, project(facts, limit, calendar.opening, deadline.cycle, deadline.kind, deadline.level))
    return before != _shown(deadline)


def _shown(deadline: Deadline) -> tuple[object, ...]:
    return deadline.due_at, deadline.warn_at, deadline.next_at, deadline.status, _limit_of(deadline)


def _limit_of(deadline: Deadline) -> Limit:
    """Give the limit this clock was started with, or last recomputed with."""
    target = hours.Target(deadline.target_kind, deadline.target_amount)
    return Limit(target, deadline.warn_percent, deadline.source, deadline.rule)


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
