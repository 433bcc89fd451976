"""What is due first: the moment each case keeps of its own clocks, and lists of open cases in that order.

`Case.due_at` is a projection of the clocks, so that the queue of a million cases is a range of an index. Whoever
moves a clock calls `note`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Update,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import joinedload

from models import Case, Deadline
from models.words import CaseStatus, DeadlineKind, DeadlineStatus
from portal.desk.bulk import numbers
from portal.desk.listing import COUNTED_TO, among, capped, cursor, first, place_in
from portal.desk.work import Work

UNFINISHED = (DeadlineStatus.RUNNING, DeadlineStatus.PAUSED)
OPEN_CASES = (CaseStatus.OPEN, CaseStatus.WAITING)
CLOSED_CASES = tuple(status for status in CaseStatus if status not in OPEN_CASES)
STILL = "still"
"""Stands for the moment in the place of a case whose clocks all stand still."""


def still_to_do() -> ColumnElement[bool]:
    """A clock that somebody has to act on: one that runs, stands still, or ran out and was not met since."""
    return or_(
        Deadline.status.in_(UNFINISHED),
        and_(Deadline.status == DeadlineStatus.MISSED, Deadline.met_at.is_(None)),
    )


async def note(work: Work, case_ids: Sequence[int]) -> None:
    """Bring what these cases know of their first due clock up to date. The deed that moved a clock records it."""
    await work.session.flush()
    await work.session.execute(_NOTE, {"cases": list(case_ids)}, execution_options={"audited": True})


def _noting() -> Update:
    """Write a case only where its moment is another: each of its indexes of what is due would grow by every row.

    In the order of their ids, and each moment looked for once.
    """
    soonest = (
        select(func.min(Deadline.due_at))
        .where(
            Deadline.case_id == Case.id,
            Deadline.cycle == Case.cycle,
            Deadline.kind != DeadlineKind.ESCALATE,
            still_to_do(),
        )
        .scalar_subquery()
    )
    known = select(Case.id, soonest.label("due_at")).where(Case.id.in_(numbers("cases"))).order_by(Case.id)
    now = known.cte("now").prefix_with("MATERIALIZED")
    cases: Any = Case.__table__
    moved = and_(cases.c.id == now.c.id, cases.c.due_at.is_distinct_from(now.c.due_at))
    return update(cases).where(moved).values(due_at=now.c.due_at)


_NOTE = _noting()


def is_open() -> ColumnElement[bool]:
    """Written out, not bound: only so does a database know that its index of the open cases holds them all."""
    return among(Case.status, OPEN_CASES)


def is_closed() -> ColumnElement[bool]:
    return among(Case.status, CLOSED_CASES)


def soonest_first(
    lists: Iterable[Select[Any]], limit: int, after: str = "", *, timed: bool = False
) -> Select[Any]:
    """The cases of these lists of ids together, with customer and holder: by what is due first, then what stands still.

    `timed` leaves out what has no due moment.
    """
    found = _ranges(lists, limit, after, timed=timed).subquery()
    return (
        select(Case)
        .join(found, found.c.id == Case.id)
        .options(joinedload(Case.customer), joinedload(Case.held_by))
        .order_by(Case.due_at.is_(None), Case.due_at, Case.id)
        .limit(limit)
    )


def counted(ids: Select[Any], *, timed: bool = False) -> Any:
    """How many open cases a list holds, counted to COUNTED_TO and read as the list itself is."""
    return capped(select(_ranges([ids], COUNTED_TO, timed=timed).subquery()))


def _ranges(lists: Iterable[Select[Any]], limit: int, after: str = "", *, timed: bool) -> CompoundSelect[Any]:
    """Each list as two ranges of its index, with a due moment and without, read no further than `limit`."""
    place, stands = place_in(after), None
    if after.startswith(f"{STILL}~"):
        place, stands = None, place_in(f"0~{after.partition('~')[2]}")
    parts: list[Select[Any]] = []
    for ids in lists:
        due, still = ids.where(Case.due_at.is_not(None)), ids.where(Case.due_at.is_(None))
        if place:
            there = tuple_(literal(place[0], Case.due_at.type), literal(place[1]))
            due = due.where(tuple_(Case.due_at, Case.id) > there)
        if stands:
            still = still.where(Case.id > stands[1])
        else:
            parts.append(due)
        if not timed:
            parts.append(still)
    # What stands still is put in order by its moment as well, of which it has none: so the index is read.
    ordered = (first(part.order_by(Case.due_at, Case.id), limit) for part in parts)
    return union_all(*(select(part.subquery()) for part in ordered))


def place_of(case: Case) -> str:
    """Where a case stands in a list by what is due first, to begin the next page after it."""
    return cursor(case.due_at, case.id) if case.due_at else f"{STILL}~{case.id}"
