"""What the departments are told of an order, and who of them ticks that they have it. S1-4.7.1

Each department has one open hand-over of an order at most: what is told meanwhile takes its place, and its time begins
anew. When nobody ticks it in time those who lead are told once. S1-3.4b
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import HandOver, Order
from models.words import Department, Role
from portal.desk import audit, batches, notices, policy_versions
from portal.desk.errors import WrongMoment
from portal.desk.listing import LIMIT
from portal.desk.notices import Notice
from portal.desk.orders import leading
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.work import Work

_rows: Any = HandOver.__table__
_CLAIM = batches.claiming(HandOver, late_told_at=batches.MOMENT)


async def tell(
    work: Work, order: Order, template: str, once: str, *, cancelled: bool = False, **facts: Any
) -> None:
    """Write to both departments about an order, and let them tick that they have it as it is now.

    `once` makes the notice the only one of its template and order. The caller holds the order, and records the deed.
    """
    due_at = await policy_versions.due(work, "receive-order")
    rows = await work.session.scalars(_open_of(order))
    found = {one.department: one for one in rows}
    for department in Department:
        told = found.get(department) or HandOver(order_id=order.id, department=department, put_off=0)
        told.version, told.cancelled, told.told_at = order.amended + 1, cancelled, work.now
        told.due_at, told.next_at, told.late_told_at = due_at, due_at, None
        work.session.add(told)
        await notices.tell_role(
            work,
            Role(department.value),
            template,
            once=f"{template}/{order.number}/{once}",
            reference=order.number,
            order=order,
            version=order.amended + 1,
            **facts,
        )


async def receive(work: Work, order: Order) -> None:
    """Tick for the actor's department that it has the order as it was told last. S1-4.7.1

    Raises WrongMoment where nothing is open: the form was sent twice, or a colleague was faster.
    """
    work.require(May.RECEIVE_ORDERS)
    await hold(work, order)
    if not await ticked(work, order):
        raise WrongMoment(f"{order.number} is ticked already.")
    await audit.record(work, "receive order", order)


async def ticked(work: Work, order: Order) -> bool:
    """Tick what is open of the actor's departments, as part of a deed that shows they have it; say whether any was."""
    mine = [one for one in Department if one.value in work.actor.roles]
    rows = await work.session.scalars(_open_of(order).where(HandOver.department.in_(mine)))
    found = rows.all()
    for one in found:
        one.received_by_id, one.received_at, one.next_at = work.actor.person_id, work.now, None
    return bool(found)


async def of_order(work: Work, order: Order) -> list[HandOver]:
    """What each department was told of an order last, and who ticked it."""
    work.require(May.SEE_ORDERS)
    rows = await work.session.scalars(
        select(HandOver)
        .where(HandOver.order_id == order.id)
        .options(joinedload(HandOver.received_by))
        .order_by(HandOver.id.desc())
        .limit(LIMIT)
    )
    newest: dict[Department, HandOver] = {}
    for one in rows:
        newest.setdefault(one.department, one)
    return [newest[one] for one in Department if one in newest]


async def waiting(work: Work, limit: int) -> list[HandOver]:
    """What the actor's departments were told and nobody has ticked, the oldest first."""
    work.require(May.RECEIVE_ORDERS)
    rows = await work.session.scalars(
        select(HandOver)
        .where(
            HandOver.received_at.is_(None),
            HandOver.department.in_([one for one in Department if one.value in work.actor.roles]),
        )
        .options(joinedload(HandOver.order))
        .order_by(HandOver.told_at, HandOver.id)
        .limit(limit)
    )
    return list(rows)


async def tell_late(work: Work, batch: int) -> int:
    """Tell those who lead, once, of what no department has ticked in time; return how many. S1-4.7.1, S1-3.4b

    Safe on every replica at once.
    """
    return await batches.take(work, HandOver, _CLAIM, batch, _tell_leaders)


async def _tell_leaders(work: Work, ids: Sequence[int]) -> None:
    found = await work.session.scalars(
        select(HandOver)
        .where(HandOver.id.in_(ids))
        .order_by(HandOver.id)
        .options(joinedload(HandOver.order)),
        execution_options={"populate_existing": True},
    )
    told: list[Notice] = []
    changes: list[tuple[int, dict[str, Any]]] = []
    people = await leading.people(work)
    for one in found:
        facts: dict[str, object] = {
            "department": one.department,
            "version": one.version,
            "cancelled": one.cancelled,
            "told_at": one.told_at,
        }
        for person in people:
            once = f"order-not-received/{one.id}/{one.told_at.isoformat()}/{person.id}"
            told.append(Notice("order-not-received", person, once, one.order.number, one.order, None, facts))
        changes.append((one.id, {"late_told_at": [None, work.now.isoformat()]}))
    await notices.write_all(work, told)
    await audit.record_each(work, "tell of order not received", "hand_overs", changes)


def _open_of(order: Order) -> Any:
    return select(HandOver).where(HandOver.order_id == order.id, HandOver.received_at.is_(None))
