"""Finding orders and loading what is shown of them. S1-4.2.2"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from models import Order, SpecialRequest
from portal.desk import search
from portal.desk.errors import NotFound
from portal.desk.permissions import May
from portal.desk.work import Work

_WHOLE = (
    selectinload(Order.lines),
    selectinload(Order.requests).options(
        joinedload(SpecialRequest.reviewed_by), joinedload(SpecialRequest.decided_by)
    ),
    joinedload(Order.customer),
    joinedload(Order.taken_by),
)


async def load(work: Work, order_id: int) -> Order:
    """An order with its lines, special requests, customer and who took it. Raises NotFound."""
    work.require(May.SEE_ORDERS)
    order = await work.session.scalar(select(Order).where(Order.id == order_id).options(*_WHOLE))
    if order is None:
        raise NotFound
    return order


async def find(work: Work, text: str, limit: int = search.LIMIT) -> list[Order]:
    """Orders found by number, or by the name they went to; newest first."""
    work.require(May.SEE_ORDERS)
    hits = await search.find(work, text, ("order",), limit)
    rows = await work.session.scalars(
        select(Order)
        .where(Order.id.in_([hit.id for hit in hits]))
        .options(joinedload(Order.customer))
        .order_by(Order.placed_at.desc(), Order.id.desc())
    )
    return list(rows)


async def of_customer(work: Work, customer_id: int, limit: int = search.LIMIT) -> list[Order]:
    """A customer's orders with their lines, newest first."""
    work.require(May.SEE_ORDERS)
    rows = await work.session.scalars(
        select(Order)
        .where(Order.customer_id == customer_id)
        .options(selectinload(Order.lines))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(limit)
    )
    return list(rows)


async def last_orders(work: Work, customer_id: int, limit: int = 3) -> list[Order]:
    """The customer's last few orders, to compare a new one with. S1-4.2.2"""
    return await of_customer(work, customer_id, limit)
