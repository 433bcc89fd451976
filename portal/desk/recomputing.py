"""Letting the clocks follow a change of the policy: in batches, on any replica, resumable, and never twice. Decision 8.

Each clock names the version it was projected by, so what is left to do is in the rows themselves: a run that is
broken off has lost nothing, and one that is repeated changes nothing. `Recompute` tells how far it has come.
Cases are gone through by their ids; at the end whatever was written meanwhile by somebody who had read the version
before is found by its number.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from models import Case, Deadline, PolicyVersion, Recompute
from portal.desk import audit, calendars, deadlines, policy_versions
from portal.desk.deadlines import Moved
from portal.desk.listing import among
from portal.desk.matrix import DeskCalendar
from portal.desk.permissions import May
from portal.desk.work import Work

AT_ONCE = 200
"""Cases that follow in the transaction that publishes: a small desk sees the change when the page comes back."""
BATCH = 200
EXPECTED_TO = 1_000_000
"""How far the cases that have to follow are counted."""
_AUDITED = {"audited": True}


async def begin(work: Work, version: PolicyVersion, reason: str) -> Recompute:
    """Note that the clocks have to follow this version, and let the first of them follow at once.

    Part of the deed that publishes. What an earlier one had left to do is this one's now.
    """
    await work.session.execute(
        update(Recompute).where(Recompute.finished_at.is_(None)).values(finished_at=work.now),
        execution_options={**_AUDITED, "synchronize_session": False},
    )
    open_cases = select(Case.id).where(among(Case.status, deadlines.OPEN_CASES)).limit(EXPECTED_TO)
    expected = await work.session.scalar(select(func.count()).select_from(open_cases.subquery()))
    recompute = Recompute(
        policy_id=version.id,
        reason=reason[:300],
        expected=expected or 0,
        cases=0,
        clocks=0,
        earlier=0,
        later=0,
        furthest_seconds=0,
        last_case_id=0,
        started_at=work.now,
    )
    work.session.add(recompute)
    await work.session.flush()
    await _follow(work, recompute, AT_ONCE)
    return recompute


async def step(work: Work, batch: int = BATCH) -> int:
    """Let the next cases follow; return how many there were, 0 when nothing is left. Safe on every replica.

    One that another replica is at is left to it.
    """
    work.require(May.EDIT_POLICY)
    unfinished = (
        select(Recompute).where(Recompute.finished_at.is_(None)).order_by(Recompute.id.desc()).limit(1)
    )
    if await work.session.scalar(unfinished.with_only_columns(Recompute.id)) is None:
        return await _catch_up(work, batch)
    recompute: Recompute | None = await work.session.scalar(unfinished.with_for_update(skip_locked=True))
    return 0 if recompute is None else await _follow(work, recompute, batch)


async def _follow(work: Work, recompute: Recompute, batch: int) -> int:
    ids = list(
        await work.session.scalars(
            select(Case.id)
            .where(Case.id > recompute.last_case_id, among(Case.status, deadlines.OPEN_CASES))
            .order_by(Case.id)
            .limit(batch)
        )
    )
    furthest = max(ids, default=recompute.last_case_id)
    if not ids:  # what was written meanwhile by somebody who had read the version before
        ids = await _left_behind(work, batch)
    _note(recompute, await deadlines.recompute(work, ids, recompute.reason))
    recompute.last_case_id = furthest
    if len(ids) < batch and not await _left_behind(work, 1):
        recompute.finished_at = work.now
    await audit.record(work, "let clocks follow", recompute)
    return len(ids)


async def _catch_up(work: Work, batch: int) -> int:
    """Find what was written by somebody who had read the version before: one cheap look, nearly always for nothing."""
    ids = await _left_behind(work, batch)
    if ids:
        await deadlines.recompute(work, ids, "the policy had changed meanwhile")
    return len(ids)


async def _left_behind(work: Work, batch: int) -> list[int]:
    in_force = await policy_versions.in_force(work)
    if in_force.since is None:  # nothing was published yet, so nothing has changed
        return []
    ran_out: Any = Deadline.due_at <= in_force.since
    clocks = (
        select(Deadline.case_id)
        .join(Case, Case.id == Deadline.case_id)
        .where(
            Case.status.in_(deadlines.OPEN_CASES),
            Deadline.policy < in_force.number,
            among(Deadline.status, deadlines.UNFINISHED),
            ~ran_out | Deadline.due_at.is_(None),
        )
        .order_by(Deadline.policy, Deadline.case_id)
        .limit(batch)
    )
    return sorted(set(await work.session.scalars(clocks)))


async def named_alone(work: Work, document: Mapping[str, Any]) -> list[tuple[DeskCalendar, int]]:
    """How many open cases name a calendar for themselves that is in force and that a document leaves out, most first.

    Once it is out they run on what an assignment says, or on the default calendar.
    """
    work.require(May.SEE_POLICY)
    kept = calendars.numbers_in(document)
    in_force = (await policy_versions.in_force(work)).calendars
    gone = [key for key in in_force if key not in kept]
    if not gone:
        return []
    many = func.count()
    rows = await work.session.execute(
        select(Case.calendar_id, many)
        .where(Case.calendar_id.in_(gone), among(Case.status, deadlines.OPEN_CASES))
        .group_by(Case.calendar_id)
        .order_by(many.desc(), Case.calendar_id)
    )
    return [(in_force[int(calendar_id or 0)], cases) for calendar_id, cases in rows]


def _note(recompute: Recompute, moved: Moved) -> None:
    recompute.cases += moved.cases
    recompute.clocks += moved.clocks
    recompute.earlier += moved.earlier
    recompute.later += moved.later
    furthest = int(moved.furthest.total_seconds())
    recompute.furthest_seconds = max(recompute.furthest_seconds, furthest)


async def under_way(work: Work) -> Recompute | None:
    """Give the recompute that is under way, else the last one; None when there never was one."""
    work.require(May.SEE_POLICY)
    found: Recompute | None = await work.session.scalar(
        select(Recompute).options(joinedload(Recompute.policy)).order_by(Recompute.id.desc()).limit(1)
    )
    return found
