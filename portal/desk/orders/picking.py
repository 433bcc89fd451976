"""The pick list: what fulfilment takes from which shelf for the orders it was given, together and order by order. S1-3.3a"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import joinedload, selectinload

from models import HandOver, Order, OrderLine
from models.words import Department, OrderStatus, SpecialRequestStatus
from portal.desk.listing import LIMIT, Rows, among, cursor, first, oldest_first
from portal.desk.orders.finding import midnights
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work

_DIGITS = re.compile(r"(\d+)")


@dataclass(slots=True)
class Article:
    """What is taken of one article: how many units in all, and how many of them for which order."""

    sku: str
    name: str
    shelf: str
    units: int = 0
    for_orders: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PickLine:
    """One line of an order, with the place it is taken from."""

    shelf: str
    sku: str
    name: str
    units: int


@dataclass(frozen=True, slots=True)
class PickOrder:
    """One order as it is picked: its lines in the order of the shelves, and what was promised beyond them."""

    order: Order
    lines: tuple[PickLine, ...]
    wishes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PickList:
    """What is taken, by article and by order; `offered` are all the orders that could be chosen."""

    articles: list[Article]
    orders: list[PickOrder]
    offered: list[Order]
    older: str = ""


async def pick_list(
    work: Work,
    *,
    day: date | None = None,
    chosen: Sequence[int] = (),
    after: str = "",
    limit: int = LIMIT,
) -> PickList:
    """What to take for the orders that were handed over and are not prepared yet, the oldest first. S1-3.3a, S1-4.1.2d

    Of a `day` alone those that fulfilment was told of on it, where the reader is; of the `chosen` alone where any are.
    """
    work.require(May.HAND_OUT_ORDERS)
    found = await _handed_over(work, day, after, limit)
    picked = [one for one in found.rows if one.id in set(chosen)] if chosen else found.rows
    orders = [_of(order) for order in picked]
    return PickList(_together(orders), orders, found.rows, found.older)


async def _handed_over(work: Work, day: date | None, after: str, limit: int) -> Rows[Order]:
    ids = narrowed(work.actor, Order, select(Order.id)).where(among(Order.status, [OrderStatus.HANDED_OVER]))
    if day is not None:
        begins, ends = midnights(day, work.actor.zone)
        ids = ids.where(
            exists().where(
                HandOver.order_id == Order.id,
                HandOver.department == Department.FULFILMENT,
                HandOver.told_at >= begins,
                HandOver.told_at < ends,
            )
        )
    page = first(oldest_first(ids, Order.placed_at, Order.id, after), limit + 1).subquery()
    rows = list(
        await work.session.scalars(
            select(Order)
            .join(page, page.c.id == Order.id)
            .options(
                selectinload(Order.lines).options(joinedload(OrderLine.product)), selectinload(Order.requests)
            )
            .order_by(Order.placed_at, Order.id)
        )
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return Rows(rows[:limit], cursor(last.placed_at, last.id) if last else "")


def _of(order: Order) -> PickOrder:
    lines = [
        PickLine(
            line.product.shelf if line.product else "", line.sku, line.description or line.sku, line.quantity
        )
        for line in order.lines
        if line.quantity > 0
    ]
    granted = (one.wish for one in order.requests if one.status is SpecialRequestStatus.FEASIBLE)
    return PickOrder(order, tuple(sorted(lines, key=_along_the_shelves)), tuple(granted))


def _together(orders: Sequence[PickOrder]) -> list[Article]:
    """The lines of all orders, summed per article."""
    found: dict[str, Article] = {}
    for one in orders:
        for line in one.lines:
            article = found.setdefault(line.sku, Article(line.sku, line.name, line.shelf))
            article.units += line.units
            article.for_orders.append((one.order.number, line.units))
    return sorted(found.values(), key=_along_the_shelves)


def _along_the_shelves(one: Article | PickLine) -> tuple[bool, list[tuple[int, str]], str]:
    """The way one walks: shelves as they are numbered, B-9 before B-10; what has no place noted comes last."""
    parts = [
        (int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(one.shelf.casefold())
    ]
    return not one.shelf, parts, one.sku
