"""Goods that orders wait for have come in: promised to whoever waits longest, once, and told. S1-4.2.1a, S0-3.6.2

What comes in belongs to those who wait before anybody else is promised it (see `stock.shift`), so that nothing hangs
on how soon this is done. An order is held before its products, as in every other deed.
"""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import aliased

from models import Customer, Order, OrderLine, Person, Product
from models.words import OrderStatus
from portal.desk import audit, notices, stock
from portal.desk.orders.amending import lines_of
from portal.desk.orders.checking import expected_on
from portal.desk.orders.owners import Call, owner_of, tell_or_call
from portal.desk.saving import hold
from portal.desk.work import Work

_SERVED = frozenset({OrderStatus.DRAFT, OrderStatus.CONFIRMED})
AT_ONCE = 100
"""Orders that are served in one go; the others follow with the next."""


async def come_in(work: Work, limit: int = AT_ONCE) -> list[int]:
    """The orders that wait for something that is there now and nobody waits longer for, the longest first.

    One statement, which reads no more than what waits for products of which something is there.
    """
    before = func.sum(OrderLine.waiting).over(
        partition_by=OrderLine.product_id, order_by=(OrderLine.waits_since, OrderLine.id)
    )
    queue = (
        select(
            OrderLine.order_id,
            OrderLine.waits_since,
            (before - OrderLine.waiting).label("ahead"),
            (Product.on_hand - Product.reserved).label("there"),
        )
        .join(Product, Product.id == OrderLine.product_id)
        .where(
            OrderLine.waiting > 0,
            Product.waiting > 0,
            or_(Product.on_hand.is_(None), Product.on_hand > Product.reserved),
        )
        .subquery()
    )
    since = func.min(queue.c.waits_since)
    rows = await work.session.scalars(
        select(queue.c.order_id)
        .where(or_(queue.c.there.is_(None), queue.c.ahead < queue.c.there))
        .group_by(queue.c.order_id)
        .order_by(since, queue.c.order_id)
        .limit(limit)
    )
    return list(rows)


async def serve(work: Work, order_id: int) -> bool:
    """Promise an order what is there of what it waits for, and tell once that all of it is; say whether anything moved.

    Never more than is left when those who wait longer have theirs. S1-4.2.1a
    """
    order = await work.session.get_one(Order, order_id)
    await hold(work, order)
    lines = [line for line in await lines_of(work, order.id) if line.waiting]
    if not lines or order.status not in _SERVED:
        return False  # somebody else has just served, amended or cancelled it
    products = await _hold_products(work, lines)
    ahead = await _ahead(work, order.id)
    moved: Counter[int] = Counter()
    for line in lines:
        product = products[line.product_id or 0]
        units = line.waiting
        if product.on_hand is not None:
            units = min(units, product.on_hand - product.reserved - ahead[line.id])
        if units > 0:
            moved[product.id] += units
            line.waiting -= units
            if not line.waiting:
                line.waits_since = line.waits_until = None
    if not moved:
        return False
    changes = await stock.serve(work, moved)
    complete = not any(line.waiting for line in lines)
    if complete:
        order.expected_on = await expected_on(work, order.delivery_method, order.wanted_on)
        if (
            order.status is OrderStatus.CONFIRMED
        ):  # else its confirmation tells, once somebody has agreed to it
            await _tell(work, order)
    await audit.record(work, "promise goods that came in", order, changes=changes)
    return True


async def _hold_products(work: Work, lines: list[OrderLine]) -> dict[int, Product]:
    """The products, held until this deed ends, in the order in which every deed takes them."""
    rows = await work.session.scalars(
        select(Product)
        .where(Product.id.in_({line.product_id for line in lines}))
        .order_by(Product.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


async def _ahead(work: Work, order_id: int) -> dict[int, int]:
    """Of each waiting line of an order, how many units of its product are waited for longer."""
    mine, other = aliased(OrderLine), aliased(OrderLine)
    longer = tuple_(other.waits_since, other.id) < tuple_(mine.waits_since, mine.id)
    rows = await work.session.execute(
        select(mine.id, func.coalesce(func.sum(other.waiting), 0))
        .outerjoin(other, (other.product_id == mine.product_id) & (other.waiting > 0) & longer)
        .where(mine.order_id == order_id, mine.waiting > 0)
        .group_by(mine.id)
    )
    return {line_id: int(units) for line_id, units in rows}


async def _tell(work: Work, order: Order) -> None:
    """Tell the customer, or have them called, and who looks after the order that it can be handed over."""
    once = f"{order.number}/{order.amended + 1}/{work.now.isoformat()}"
    owner_id = await owner_of(work, order)
    owner = await work.session.get(Person, owner_id) if owner_id is not None else None
    if owner is not None:
        await notices.write(
            work,
            "goods-in-notice",
            to=owner,
            once=f"goods-in-notice/{once}",
            reference=order.number,
            order=order,
        )
    customer = await work.session.get(Customer, order.customer_id) if order.customer_id is not None else None
    if customer is not None:
        words = f"Call {customer.name}: everything for {order.number} is there now."
        await tell_or_call(
            work,
            order,
            customer,
            "goods-in",
            Call(words, f"goods-in-call/{once}"),
            once=f"goods-in/{once}",
            delivery_method=order.delivery_method,
            expected_on=order.expected_on,
        )
