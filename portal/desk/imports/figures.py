"""The figures of what came from one source, computed by the database, to hold against the source's own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Customer, Order, OrderLine, Product
from models.words import OrderStatus
from portal.desk.permissions import May
from portal.desk.work import Work

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Figures:
    """How many, how much. Values are in whole currency units, exact to the cent."""

    customers: int
    products: int
    orders: int
    lines: int
    line_value: Decimal
    """Quantity × price × (1 − discount) of every line, rounded once at the end."""
    units: int
    freight: Decimal
    unshipped: int
    """Orders that wait to be sent."""
    shipped_late: int
    cancelled: int
    without_customer: int


async def figures(work: Work, source: str) -> Figures:
    """Count and add up everything that came from a source."""
    work.require(May.SEE_ORDERS)
    session = work.session
    from_source = Order.source == source
    lines = (
        await session.execute(
            select(
                func.count(),
                func.coalesce(
                    func.sum(
                        OrderLine.quantity * OrderLine.unit_price_minor * (10_000 - OrderLine.discount_bp)
                    ),
                    0,
                ),
                func.coalesce(func.sum(OrderLine.quantity), 0),
            )
            .join(Order, Order.id == OrderLine.order_id)
            .where(from_source)
        )
    ).one()
    orders = (
        await session.execute(
            select(
                func.count(),
                func.coalesce(func.sum(Order.freight_minor), 0),
                _many(Order.status == OrderStatus.CONFIRMED),
                _many(func.date(Order.dispatched_at) > func.date(Order.wanted_on)),
                _many(Order.status == OrderStatus.CANCELLED),
                _many(Order.customer_id.is_(None)),
            ).where(from_source)
        )
    ).one()
    return Figures(
        customers=await _count(session, Customer, source),
        products=await _count(session, Product, source),
        orders=orders[0],
        lines=lines[0],
        line_value=(Decimal(lines[1]) / 1_000_000).quantize(_CENT, ROUND_HALF_UP),
        units=int(lines[2]),
        freight=(Decimal(orders[1]) / 100).quantize(_CENT),
        unshipped=orders[2],
        shipped_late=orders[3],
        cancelled=orders[4],
        without_customer=orders[5],
    )


def _many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


async def _count(session: AsyncSession, table: type[Customer | Product], source: str) -> int:
    return await session.scalar(select(func.count()).where(table.source == source)) or 0
