"""What another kind, severity, channel or tier means for the clocks of a case: said before it is saved, then done.

Both go by the facts of the case and the policy in force; what happened, and what had run out, stays. Decision 8
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from types import SimpleNamespace

from models import Case
from models.words import CaseKind, Channel, ClockEventKind, DeadlineKind, Severity, Tier
from portal.desk import clock_rows, deadlines, foreseeing, policy_versions
from portal.desk.permissions import May
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
    own_channel: str = ""


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
    own_channel: str = "",
) -> Classification:
    """How a case is classified, but for what is said to be otherwise; `own_channel` goes with `channel`."""
    return Classification(
        kind or case.kind,
        severity or case.severity,
        channel or case.channel,
        tier or case.tier,
        case.calendar_id,
        case.team,
        case.country,
        case.own_channel if channel is None else own_channel,
    )


async def would_be(work: Work, case: Case, wanted: Classification) -> list[WouldBe]:
    """Say of every clock of the case when it is due, and when it would be; those that go or come as well. Reads only."""
    work.require(May.SEE_CASES)
    told = {"cases": [case.id]}
    rows = (await work.session.execute(clock_rows.SEEN, told)).all()
    clocks = [row for row in rows if row.cycle == case.cycle]
    facts = (await work.session.execute(clock_rows.FACTS, told)).all()
    raised = (await work.session.execute(clock_rows.RAISED, told)).all()
    in_force = await policy_versions.in_force(work)
    moving = {
        (one.kind, one.level): one
        for one in foreseeing.moving(_classified(case, wanted), facts, clocks, raised, in_force, work.now)
    }
    found = []
    for clock in clocks:
        runs = clock.status in deadlines.UNFINISHED
        if not runs and (clock.kind, clock.level) not in moving:
            continue
        kind, due_at = DeadlineKind(clock.kind), clock.due_at if runs else None
        moved = moving.pop((kind, clock.level), None)
        now = due_at if moved is None else moved.after
        has = moved is None or moved.what != foreseeing.STOPPED
        found.append(WouldBe(kind, clock.level, due_at, now, had=runs, has=has))
    found.sort(key=lambda one: (one.old is None, one.old))
    new = [WouldBe(one.kind, one.level, None, one.after, had=False, has=True) for one in moving.values()]
    return found + new


def _classified(case: Case, wanted: Classification) -> SimpleNamespace:
    """The case as the policy would see it."""
    as_it_happened = {name: getattr(case, name) for name in ("id", "cycle", "acknowledged_at", "answered_at")}
    return SimpleNamespace(
        **as_it_happened, **{one.name: getattr(wanted, one.name) for one in fields(wanted)}
    )


async def follow(work: Work, case_ids: Sequence[int], reason: str) -> None:
    """Bring the clocks of these cases under what they are classified as now. Part of a deed that has recorded it.

    A clock that an earlier classification had no target for runs again if it has one now, from its own beginning.
    """
    await deadlines.recompute(work, case_ids, reason, ClockEventKind.RECLASSIFIED)
