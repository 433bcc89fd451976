"""Special requests that nobody decided in time: their department is told once, and some time later who leads. S1-4.5.2"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import joinedload

from models import SpecialRequest
from models.base import Moment
from models.words import Role
from portal.desk import audit, batches, notices, policy_versions
from portal.desk.notices import Notice
from portal.desk.orders import leading
from portal.desk.orders.requests import OVER, UNDECIDED
from portal.desk.work import Work

_rows: Any = SpecialRequest.__table__
_CLAIM = batches.claiming(SpecialRequest)
_TOLD = (
    update(_rows)
    .where(_rows.c.id == bindparam("row"))
    .values(
        next_at=bindparam("again", type_=Moment()),
        late_told_at=bindparam("late", type_=Moment()),
        leaders_told_at=bindparam("leaders", type_=Moment()),
    )
)


async def tell_late(work: Work, batch: int) -> int:
    """Tell of special requests whose time has passed: the department, later who leads; return how many. S1-4.5.2

    Each once. S1-3.4b. Safe on every replica at once.
    """
    return await batches.take(work, SpecialRequest, _CLAIM, batch, _tell)


async def _tell(work: Work, ids: Sequence[int]) -> None:
    found = await work.session.scalars(
        select(SpecialRequest)
        .where(SpecialRequest.id.in_(ids))
        .order_by(SpecialRequest.id)
        .options(joinedload(SpecialRequest.order)),
        execution_options={"populate_existing": True},
    )
    leaders_hear = await policy_versions.due(work, "late-request")
    told: list[Notice] = []
    marks: list[dict[str, Any]] = []
    changes: list[tuple[int, dict[str, Any]]] = []
    for one in found:
        if one.status not in UNDECIDED or one.order.status in OVER:
            changes.append((one.id, {"next_at": [one.due_at.isoformat() if one.due_at else None, None]}))
            continue
        first = one.late_told_at is None
        people = (
            await notices.people_in(work, Role(one.department.value)) if first else await leading.people(work)
        )
        told += [_notice(work, one, person, leads=not first) for person in people]
        mark = {"late": work.now if first else one.late_told_at, "leaders": None if first else work.now}
        marks.append({"row": one.id, "again": leaders_hear if first else None, **mark})
        changes.append(
            (one.id, {"late_told_at" if first else "leaders_told_at": [None, work.now.isoformat()]})
        )
    await notices.write_all(work, told)
    if marks:
        await work.session.execute(_TOLD, marks, execution_options={"audited": True})
    await audit.record_each(work, "tell of special request", "special_requests", changes)


def _notice(work: Work, one: SpecialRequest, person: Any, *, leads: bool) -> Notice:
    whom = "leaders" if leads else one.department.value
    facts: dict[str, object] = {
        "wish": one.wish,
        "department": one.department,
        "due_at": one.due_at,
        "leads": leads,
        "requests_link": f"{work.terms.address}/special-requests?department={one.department.value}",
    }
    once = f"special-request-late/{one.id}/{whom}/{person.id}"
    return Notice("special-request-late", person, once, one.order.number, one.order, None, facts)
