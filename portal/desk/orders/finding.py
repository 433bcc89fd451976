"""Finding orders and loading what is shown of them. S1-4.2.2"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select, union
from sqlalchemy.orm import joinedload, selectinload

from models import Customer, Order, OrderLine, Product, SpecialRequest
from portal.desk import search
from portal.desk.errors import NotFound
from portal.desk.listing import LARGEST_ID, PAGE, Rows, cursor, first, newest_first
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work

MOST = 200
"""Customers, or orders by number and name, that one line may mean: more say that it should say more."""
_LONGEST_CODE = 60

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders are looked for: a line of words, and the days they were placed between, on the reader's clock."""

    text: str = ""
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return bool(self.text or self.since or self.until)


async def found(work: Work, wanted: Wanted, *, before: str = "", limit: int = PAGE) -> Rows[Order]:
    """Orders by number, by customer, by the code of an article and by day; imported ones too. S1-5.1a

    What a line finds comes newest first as it was written down, days alone as they were placed: each is the order of an
    index, so that of a million rows no more are read than are shown.
    """
    work.require(May.SEE_ORDERS)
    ids = narrowed(work.actor, Order, select(Order.id)).where(*_placed(wanted, work.actor.zone))
    if not wanted.text.strip():
        page = first(newest_first(ids, Order.placed_at, Order.id, before), limit + 1).subquery()
        by: tuple[Any, ...] = (Order.placed_at.desc(), Order.id.desc())
    else:
        place = _place(before)
        parts = await _meant(work, wanted.text, ids.where(Order.id < place), place)
        if not parts:
            return Rows([])
        by = (Order.id.desc(),)
        page = union(*(select(first(part, limit + 1).subquery()) for part in parts)).subquery()
    rows = list(
        await work.session.scalars(
            select(Order)
            .join(page, page.c.id == Order.id)
            .options(joinedload(Order.customer))
            .order_by(*by)
            .limit(limit + 1)
        )
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return Rows(rows[:limit], cursor(last.placed_at, last.id) if last else "")


def _place(before: str) -> int:
    """The id after which a page of what was found goes on; the newest where the place was made up."""
    number = before.rpartition("~")[2]
    return min(int(number), LARGEST_ID) if number.isdecimal() and number.isascii() else LARGEST_ID


def _placed(wanted: Wanted, zone: str) -> list[ColumnElement[bool]]:
    """Placed on one of these days, where the reader is."""
    bounds: list[ColumnElement[bool]] = []
    if wanted.since:
        bounds.append(Order.placed_at >= midnights(wanted.since, zone)[0])
    if wanted.until:
        bounds.append(Order.placed_at < midnights(wanted.until, zone)[1])
    return bounds


def midnights(day: date, zone: str) -> tuple[datetime, datetime]:
    """When a day begins and ends in a zone."""
    after = day + timedelta(days=1) if day < date.max else day
    return _midnight(day, zone), _midnight(after, zone)


def _midnight(day: date, zone: str) -> datetime:
    try:
        return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:  # the first day there is, east of Greenwich
        return datetime.combine(day, time(), UTC)


async def _meant(work: Work, text: str, ids: Select[Any], place: int) -> list[Select[Any]]:
    """What a line can mean, each as the ids of its orders, newest first: a number or name, a customer, a code."""
    of = {
        kind: [hit.id for hit in await search.find(work, text, (kind,), MOST)]
        for kind in ("order", *(["customer"] if work.may(May.SEE_CUSTOMERS) else []))
    }
    parts = []
    if of["order"]:
        parts.append(ids.where(Order.id.in_(of["order"])).order_by(Order.id.desc()))
    if of.get("customer"):
        into = select(func.coalesce(Customer.merged_into_id, Customer.id)).where(
            Customer.id.in_(of["customer"])
        )
        parts.append(ids.where(Order.customer_id.in_(into)).order_by(Order.id.desc()))
    codes = await _codes(work, text.replace("\0", " ").strip())
    # Read along the index of codes and not gathered: an article that everybody buys costs what a rare one does.
    lines = ids.join(OrderLine, OrderLine.order_id == Order.id).where(OrderLine.order_id < place)
    lines = lines.with_only_columns(OrderLine.order_id.label("id")).distinct()
    parts += [lines.where(OrderLine.sku == code).order_by(OrderLine.order_id.desc()) for code in codes]
    return parts


async def _codes(work: Work, said: str) -> list[str]:
    """The codes that are meant: as typed, in capitals or small letters, and as the catalogue spells them."""
    if not said or len(said) > _LONGEST_CODE:
        return []
    hits = await search.find(work, said, ("product",))
    spelled = await work.session.scalars(select(Product.sku).where(Product.id.in_([hit.id for hit in hits])))
    alike = [sku for sku in spelled if sku.casefold() == said.casefold()]
    return list(dict.fromkeys([said, said.upper(), said.lower(), *alike]))


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
