"""Letting the clocks follow a change of the policy: in batches, on any replica, resumable, and never twice. Decision 8.

Each clock names the version it was projected by, so what is left to do is in the rows themselves: a run that is
broken off has lost nothing, and one that is repeated changes nothing. `Recompute` tells how far it has come.
Cases are gone through by their ids: whoever takes some moves the mark on, and may commit that before they follow, so
that several are at it. At the end whatever was left behind, by a process that died or by somebody who had read the
version before, is found by its number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy import case as either
from sqlalchemy.orm import joinedload

from models import Case, Deadline, PolicyVersion, Recompute
from portal.desk import calendars, deadlines, policy_versions
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
_NEWEST = select(Recompute).order_by(Recompute.id.desc()).limit(1)


async def begin(work: Work, version: PolicyVersion, reason: str) -> Recompute:
    """Note that the clocks have to follow this version, and let the first of them follow at once.

    Part of the deed that publishes. What an earlier one had left to do is this one's now.
    """
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
    await follow(work, await claim(work, AT_ONCE))
    await _finish(work, Recompute.id < recompute.id)
    if recompute.cases < AT_ONCE and not await _left_behind(work, 1):
        await _finish(work, Recompute.id == recompute.id)
    await work.session.refresh(recompute)
    return recompute


async def claim(work: Work, batch: int) -> list[int]:
    """Take the next cases, which nobody else takes then; none when all are taken.

    Whoever commits this alone, and lets them follow after, leaves others free to take the next ones meanwhile. What
    he breaks off is found by `step`.
    """
    work.require(May.EDIT_POLICY)
    recompute: Recompute | None = await work.session.scalar(
        _NEWEST.where(Recompute.finished_at.is_(None)).with_for_update()
    )
    if recompute is None:
        return []
    ids = list(
        await work.session.scalars(
            select(Case.id)
            .where(Case.id > recompute.last_case_id, among(Case.status, deadlines.OPEN_CASES))
            .order_by(Case.id)
            .limit(batch)
        )
    )
    if ids:
        recompute.last_case_id = ids[-1]
        recompute.cases += len(ids)
        await work.session.flush()
    return ids


async def follow(work: Work, ids: Sequence[int]) -> int:
    """Bring the clocks of these cases under the policy in force; return of how many cases one was written.

    Clocks are taken before the row that tells of the progress, by everybody.
    """
    work.require(May.EDIT_POLICY)
    newest = (
        await work.session.execute(_NEWEST.with_only_columns(Recompute.id, Recompute.reason))
    ).one_or_none()
    moved = await deadlines.recompute(
        work, ids, newest.reason if newest else "the policy had changed meanwhile"
    )
    if newest and moved.clocks:
        await _count(work, newest.id, moved)
    return moved.written


async def catch_up(work: Work, batch: int = BATCH) -> int:
    """Let cases follow that were left behind, when all are taken; return how many did, 0 when nothing is left.

    By a process that died, or by somebody who had read the version before: one cheap look, nearly always for nothing.
    """
    newest = await work.session.scalar(_NEWEST.with_only_columns(Recompute.id))
    ids = await _left_behind(work, batch)
    followed = await follow(work, ids) if ids else 0
    if len(ids) < batch and not await _left_behind(work, 1):
        await _finish(work, Recompute.id == newest)
    return followed


async def step(work: Work, batch: int = BATCH) -> int:
    """Let the next cases follow, in one transaction; return how many did, 0 when nothing is left.

    For SQLite with its one writer: elsewhere somebody could wait for the clocks and for the progress crosswise.
    """
    ids = await claim(work, batch)
    if not ids:
        return await catch_up(work, batch)
    await follow(work, ids)
    return len(ids)


async def _finish(work: Work, *which: ColumnElement[bool]) -> None:
    await work.session.execute(
        update(Recompute).where(Recompute.finished_at.is_(None), *which).values(finished_at=work.now),
        execution_options={"synchronize_session": False},
    )


async def _count(work: Work, recompute_id: int, moved: Moved) -> None:
    furthest = int(moved.furthest.total_seconds())
    known = Recompute.furthest_seconds
    await work.session.execute(
        update(Recompute)
        .where(Recompute.id == recompute_id)
        .values(
            clocks=Recompute.clocks + moved.clocks,
            earlier=Recompute.earlier + moved.earlier,
            later=Recompute.later + moved.later,
            furthest_seconds=either((known < furthest, furthest), else_=known),
        ),
        execution_options={"synchronize_session": False},
    )


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


async def under_way(work: Work) -> Recompute | None:
    """Give the recompute that is under way, else the last one; None when there never was one."""
    work.require(May.SEE_POLICY)
    found: Recompute | None = await work.session.scalar(_NEWEST.options(joinedload(Recompute.policy)))
    return found
