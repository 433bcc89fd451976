"""What another kind, severity, channel or tier means for the clocks of a case: said before it is saved, then done.

Both go by the facts of the case and the policy in force; what happened, and what had run out, stays. Decision 8
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from models import Case, ClockEvent, Deadline, Escalation
from models.words import (
    CaseKind,
    Channel,
    ClockEventKind,
    DeadlineKind,
    DeadlineStatus,
    EscalationStatus,
    Severity,
    Tier,
)
from portal.desk import deadlines, following, policy_versions, projecting
from portal.desk.matrix import REPEATED, Policy
from portal.desk.permissions import May
from portal.desk.policy import Limit
from portal.desk.work import Work


@dataclass(frozen=True, slots=True)
class Classification:
    """A case as the policy sees it: what its rows ask of it, and what says on which calendar it runs."""

    kind: CaseKind
    severity: Severity
    channel: Channel
    tier: Tier
    calendar_id: int | None = None
    team: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class WouldBe:
    """One clock of a case as it is, and as it would be."""

    kind: DeadlineKind
    level: int
    old: datetime | None
    new: datetime | None
    had: bool
    """Whether the case has this clock now."""
    has: bool
    """Whether it would have it."""

    @property
    def changes(self) -> bool:
        return (self.had, self.old) != (self.has, self.new)


def as_it_is(
    case: Case,
    kind: CaseKind | None = None,
    severity: Severity | None = None,
    channel: Channel | None = None,
    tier: Tier | None = None,
) -> Classification:
    """How a case is classified, but for what is said to be otherwise."""
    return Classification(
        kind or case.kind,
        severity or case.severity,
        channel or case.channel,
        tier or case.tier,
        case.calendar_id,
        case.team,
        case.country,
    )


async def would_be(work: Work, case: Case, wanted: Classification) -> list[WouldBe]:
    """Say of every clock of the case when it is due, and when it would be; those that go or come as well. Reads only."""
    work.require(May.SEE_CASES)
    in_force = await policy_versions.in_force(work)
    calendar = in_force.calendar_of(wanted).opening
    facts = await deadlines.facts_of(work, case)
    clocks = await _clocks(work, case)
    limits = _limits(in_force, wanted)
    known = {(one.kind, one.level) for one in clocks}
    back = {one.id for one in await _come_back(work, case, clocks, facts, limits)}
    told = []
    for one in clocks:
        runs = one.status in deadlines.UNFINISHED
        if not runs and one.id not in back:
            continue
        limit = limits.get(_row(one))
        if runs and projecting.ran_out(one.due_at, one.policy, in_force, work.now):
            told.append(WouldBe(one.kind, one.level, one.due_at, one.due_at, had=True, has=True))
            continue
        new = deadlines.project(facts, limit, calendar, case.cycle, *_of(one)).due_at if limit else None
        told.append(WouldBe(one.kind, one.level, one.due_at if runs else None, new, runs, limit is not None))
    reached = await _reached(work, case)
    for (kind, row_level), limit in limits.items():
        level = _next_update(facts, case) if kind is DeadlineKind.UPDATE else row_level
        if kind is DeadlineKind.NEXT_ANSWER:  # begins when the customer writes
            continue
        if kind is DeadlineKind.UPDATE and any(one.kind is kind and one.met_at is None for one in clocks):
            continue
        if (kind, level) in known or (kind is DeadlineKind.ESCALATE and level in reached):
            continue
        if following.still_owed(case, kind):
            new = deadlines.project(facts, limit, calendar, case.cycle, kind, level).due_at
            told.append(WouldBe(kind, level, None, new, had=False, has=True))
    return told


async def follow(work: Work, case: Case, reason: str) -> None:
    """Bring the clocks of a case under what it is classified as now. Part of a deed that has recorded the change.

    A clock that an earlier classification had no target for runs again if it has one now, from its own beginning.
    """
    await work.session.flush()
    in_force = await policy_versions.in_force(work)
    clocks = await _clocks(work, case)
    facts = await deadlines.facts_of(work, case)
    for one in await _come_back(work, case, clocks, facts, _limits(in_force, case)):
        one.status = DeadlineStatus.RUNNING
        one.due_at = one.warn_at = one.next_at = None  # as nobody has counted it yet
    await work.session.flush()
    await deadlines.recompute(work, [case.id], reason, ClockEventKind.RECLASSIFIED)


async def follow_all(work: Work, case_ids: Sequence[int], reason: str) -> None:
    """As `follow`, for many cases: together, but for those of which a stopped clock may run again."""
    stopped = select(Deadline.case_id).where(
        Deadline.case_id.in_(case_ids), Deadline.status == DeadlineStatus.STOPPED
    )
    alone = set(await work.session.scalars(stopped))
    for case in await work.session.scalars(select(Case).where(Case.id.in_(alone)).order_by(Case.id)):
        await work.session.refresh(case)
        if case.status in deadlines.OPEN_CASES:
            await follow(work, case, reason)
    others = [one for one in case_ids if one not in alone]
    await deadlines.recompute(work, others, reason, ClockEventKind.RECLASSIFIED)


def _limits(in_force: Policy, wanted: Classification | Case) -> dict[tuple[DeadlineKind, int], Limit]:
    """Every target and level of a case so classified; a repeated one stands under 0."""
    return {(one.kind, one.level): one.limit for one in projecting.wanted(in_force, wanted)}


def _row(clock: Deadline) -> tuple[DeadlineKind, int]:
    return clock.kind, 0 if clock.kind in REPEATED else clock.level


def _of(clock: Deadline) -> tuple[DeadlineKind, int]:
    return clock.kind, clock.level


def _next_update(facts: Sequence[ClockEvent], case: Case) -> int:
    return 1 + sum(one.kind is ClockEventKind.OUTBOUND and one.cycle == case.cycle for one in facts)


async def _clocks(work: Work, case: Case) -> list[Deadline]:
    found = await work.session.scalars(
        select(Deadline)
        .where(Deadline.case_id == case.id, Deadline.cycle == case.cycle)
        .order_by(Deadline.due_at.is_(None), Deadline.due_at, Deadline.id),
        execution_options={"populate_existing": True},
    )
    return list(found)


async def _come_back(
    work: Work,
    case: Case,
    clocks: Sequence[Deadline],
    facts: Sequence[ClockEvent],
    limits: dict[tuple[DeadlineKind, int], Limit],
) -> list[Deadline]:
    """The stopped clocks that run again because the case has their target now.

    Not a level that was stopped because somebody has, or had, the case in hand (S2-13.4), nor an answer that may
    have been given since.
    """
    stopped = [one for one in clocks if one.status is DeadlineStatus.STOPPED and _row(one) in limits]
    if any(one.kind is DeadlineKind.ESCALATE for one in stopped):
        in_hand = case.restricted or await work.session.scalar(
            select(func.count()).where(
                Escalation.case_id == case.id,
                Escalation.cycle == case.cycle,
                Escalation.status.in_((EscalationStatus.ACCEPTED, EscalationStatus.RESOLVED)),
            )
        )
        if in_hand:
            stopped = [one for one in stopped if one.kind is not DeadlineKind.ESCALATE]
    latest = _next_update(facts, case)
    return [
        one
        for one in stopped
        if following.still_owed(case, one.kind)
        and one.kind is not DeadlineKind.NEXT_ANSWER
        and (one.kind is not DeadlineKind.UPDATE or one.level == latest)
        and (one.kind is not DeadlineKind.ESCALATE or one.level > case.escalation_level)
    ]


async def _reached(work: Work, case: Case) -> set[int]:
    raised = select(Escalation.level).where(Escalation.case_id == case.id, Escalation.cycle == case.cycle)
    return set(await work.session.scalars(raised))
