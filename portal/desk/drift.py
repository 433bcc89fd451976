"""Whether the due times that are written down are still those the facts give; and writing them anew. Decision 8.

Both go through the cases in batches of their own transactions, so that memory stays flat and a run that is broken
off has lost nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from models import Case, ClockEvent, Deadline
from models.words import DeadlineKind, DeadlineStatus
from portal.desk import deadlines, hours, policy_versions
from portal.desk.deadlines import Moved, Projection
from portal.desk.matrix import Policy
from portal.desk.permissions import May
from portal.desk.policy import Limit
from portal.desk.work import SYSTEM, Desk, Work

BATCH = 500
_CASES = select(
    Case.id,
    Case.number,
    Case.calendar_id,
    Case.team,
    Case.channel,
    Case.own_channel,
    Case.country,
    Case.cycle,
    Case.status,
    Case.due_at,
).order_by(Case.id)
_CLOCKS = select(
    Deadline.id,
    Deadline.case_id,
    Deadline.kind,
    Deadline.level,
    Deadline.cycle,
    Deadline.target_kind,
    Deadline.target_amount,
    Deadline.warn_percent,
    Deadline.source,
    Deadline.policy,
    Deadline.calendar,
    Deadline.status,
    Deadline.started_at,
    Deadline.due_at,
    Deadline.warn_at,
    Deadline.next_at,
    Deadline.warned_at,
    Deadline.missed_at,
    Deadline.met_at,
    Deadline.put_off,
).order_by(Deadline.case_id, Deadline.id)
_FACTS = select(ClockEvent.case_id, ClockEvent.kind, ClockEvent.cycle, ClockEvent.at).order_by(
    ClockEvent.case_id, ClockEvent.at, ClockEvent.id
)
AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Drift:
    """One moment that is written down otherwise than the facts give it."""

    case: str
    clock: str
    """`answer`, `escalate 1`; `queue` for the moment by which the case stands in the queues."""
    what: str
    """`due`, `warn`, `next look`; `policy` for a clock that a change has not reached; or `no facts`, `still runs`,
    where nothing can be compared."""
    stored: datetime | None
    computed: datetime | None


@dataclass(slots=True)
class Verified:
    """What was looked at, up to which case, and what drifts."""

    cases: int = 0
    clocks: int = 0
    kept: int = 0
    """Clocks whose version of the policy, or whose calendar in it, is nowhere any more: they cannot be checked."""
    last_id: int = 0
    drifts: list[Drift] = field(default_factory=list)


async def verify(desk: Desk, *, everything: bool = False, batch: int = BATCH) -> AsyncIterator[Verified]:
    """Go through the clocks of open cases, or of all, batch by batch. Writes nothing.

    What drifts is looked at twice: between two statements of one look somebody may have moved a clock.
    """
    last_id = 0
    while True:
        async with desk.look(SYSTEM) as work:
            found = await _verified(
                work, _after(last_id, batch, open_only=not everything), everything=everything
            )
        if found.drifts:
            suspects = [one.case for one in found.drifts]
            async with desk.look(SYSTEM) as work:
                again = await _verified(work, _CASES.where(Case.number.in_(suspects)), everything=everything)
            found.drifts = [one for one in again.drifts if one in found.drifts]
        if not found.cases:
            return
        yield found
        last_id = found.last_id


async def recompute(desk: Desk, after: int = 0) -> AsyncIterator[Moved]:
    """Write the due times of all open cases anew, batch by batch, each for itself; what is right stays as it is.

    A run that was broken off goes on behind the last case it told of, or from the start: nothing moves twice.
    """
    last_id = after
    while True:
        async with desk.work(SYSTEM) as work:
            moved = await _recomputed(work, last_id)
        if not moved.cases:
            return
        yield moved
        last_id = moved.last_id


async def _recomputed(work: Work, after: int) -> Moved:
    work.require(May.EDIT_POLICY)
    ids = [row.id for row in await work.session.execute(_after(after, BATCH, open_only=True))]
    return await deadlines.recompute(work, ids, "due times written anew")


def _after(last_id: int, batch: int, *, open_only: bool) -> Any:
    query = _CASES.where(Case.id > last_id).limit(batch)
    return query.where(Case.status.in_(deadlines.OPEN_CASES)) if open_only else query


async def _verified(work: Work, query: Any, *, everything: bool) -> Verified:
    work.require(May.SEE_CASES)
    cases = (await work.session.execute(query)).all()
    found = Verified()
    if not cases:
        return found
    ids = [case.id for case in cases]
    clocks: dict[int, list[AnyRow]] = defaultdict(list)
    for clock in await work.session.execute(_CLOCKS.where(Deadline.case_id.in_(ids))):
        clocks[clock.case_id].append(clock)
    facts: dict[int, list[AnyRow]] = defaultdict(list)
    for fact in await work.session.execute(_FACTS.where(ClockEvent.case_id.in_(ids))):
        facts[fact.case_id].append(fact)
    in_force = await policy_versions.in_force(work)
    numbers = {clock.policy for of_case in clocks.values() for clock in of_case}
    policies = {in_force.number: in_force}
    if others := numbers - policies.keys():
        policies |= await policy_versions.of_numbers(work, others)
    for case in cases:
        _verify_case(found, case, clocks[case.id], facts[case.id], policies, everything=everything)
        found.drifts += [
            Drift(case.number, _name(clock), "policy", clock.due_at, None)
            for clock in clocks[case.id]
            if _left_behind(clock, in_force)
        ]
    found.cases, found.last_id = len(cases), ids[-1]
    return found


def _verify_case(
    found: Verified,
    case: AnyRow,
    clocks: Sequence[AnyRow],
    facts: Sequence[AnyRow],
    policies: Mapping[int, Policy],
    *,
    everything: bool,
) -> None:
    is_open = case.status in deadlines.OPEN_CASES
    due: dict[int, datetime | None] = {clock.id: clock.due_at for clock in clocks}
    for clock in clocks:
        runs = clock.status in deadlines.UNFINISHED
        if not runs and not everything:
            continue
        found.clocks += 1
        calendar = _calendar_of(case, clock, policies)
        if calendar is None:
            found.kept += 1
            continue
        drifts = _compared(case, clock, facts, calendar)
        if runs and not is_open:
            drifts.append(Drift(case.number, _name(clock), "still runs", clock.due_at, None))
        found.drifts += drifts
        for one in drifts:
            due[clock.id] = one.computed if one.what == "due" else due[clock.id]
    if is_open:
        found.drifts += _queued(case, clocks, due)


def _left_behind(clock: AnyRow, in_force: Policy) -> bool:
    """Whether a clock still follows an earlier version of the policy, under which it has not run out."""
    if clock.status not in deadlines.UNFINISHED or clock.policy >= in_force.number:
        return False
    return clock.due_at is None or in_force.since is None or clock.due_at > in_force.since


def _calendar_of(case: AnyRow, clock: AnyRow, policies: Mapping[int, Policy]) -> hours.Calendar | None:
    """The hours a clock was counted on: of its own version of the policy, and of the calendar it names there."""
    found = policies.get(clock.policy)
    if found is None:
        return None
    of_clock = found.calendars.get(clock.calendar) if clock.calendar else found.calendar_of(case)
    return of_clock.opening if of_clock else None


def _compared(case: AnyRow, clock: AnyRow, facts: Sequence[AnyRow], calendar: hours.Calendar) -> list[Drift]:
    """Compare one clock with what its facts give, as far as they went when it ended."""
    name = _name(clock)
    if deadlines.begun_by(facts, clock.kind, clock.level, clock.cycle) is None:
        return [Drift(case.number, name, "no facts", clock.due_at, None)]
    limit = Limit(hours.Target(clock.target_kind, clock.target_amount), clock.warn_percent, clock.source)
    stored = clock.due_at, clock.warn_at
    projection = Projection(clock.started_at, None, None)
    for known in _as_far_as_known(clock, facts):
        projection = deadlines.project(known, limit, calendar, clock.cycle, clock.kind, clock.level)
        if (projection.due_at, projection.warn_at) == stored:
            return _looked_at(case, clock, projection)
    computed = projection.due_at, projection.warn_at
    pairs = zip(("due", "warn"), stored, computed, strict=True)
    return [Drift(case.number, name, what, kept, now) for what, kept, now in pairs if kept != now]


def _as_far_as_known(clock: AnyRow, facts: Sequence[AnyRow]) -> Iterable[Sequence[AnyRow]]:
    """Give the facts that may have been known when the clock was last written: all of them for one that runs.

    A clock that was met is written no more; what happened at that very moment came before or after. When one was
    stopped is nowhere written, so any beginning of the facts may have been it.
    """
    if clock.status in deadlines.UNFINISHED or clock.status is DeadlineStatus.MISSED:
        return [facts]
    begun = 1 + (deadlines.begun_by(facts, clock.kind, clock.level, clock.cycle) or 0)
    ends = range(len(facts), begun - 1, -1)
    if clock.met_at is None:
        return [facts[:end] for end in ends]
    first = sum(fact.at < clock.met_at for fact in facts)
    last = sum(fact.at <= clock.met_at for fact in facts)
    return [facts[:end] for end in ends if max(first, begun) <= end <= max(last, begun)]


def _looked_at(case: AnyRow, clock: AnyRow, projection: Projection) -> list[Drift]:
    """Compare when a sweep comes by; one that was put off after a failure has a moment of its own."""
    if clock.status not in deadlines.UNFINISHED or clock.put_off:
        return []
    wanted = projection.due_at if clock.warned_at else projection.warn_at
    if clock.next_at == wanted and (clock.status is DeadlineStatus.PAUSED) == (projection.due_at is None):
        return []
    return [Drift(case.number, _name(clock), "next look", clock.next_at, wanted)]


def _queued(case: AnyRow, clocks: Sequence[AnyRow], due: Mapping[int, datetime | None]) -> list[Drift]:
    """Compare the moment by which the case stands in the queues with those of its clocks."""
    soonest = min(
        (
            moment
            for clock in clocks
            if clock.cycle == case.cycle
            and (moment := due[clock.id]) is not None
            and clock.kind is not DeadlineKind.ESCALATE
            and (
                clock.status in deadlines.UNFINISHED
                or (clock.status is DeadlineStatus.MISSED and clock.met_at is None)
            )
        ),
        default=None,
    )
    return [] if case.due_at == soonest else [Drift(case.number, "queue", "due", case.due_at, soonest)]


def _name(clock: AnyRow) -> str:
    return f"{clock.kind.value} {clock.level}" if clock.level else str(clock.kind.value)
