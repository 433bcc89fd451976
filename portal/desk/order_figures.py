"""How the orders of a month went: time in each state, what they lack, how long taking them took. S1-0.2, S1-1.1, S1-1.2

Reads only, a statement a table however many orders there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, not_, or_, select

from models import AuditEntry, Contact, FollowUp, Message, Order, OrderLine, ShopOrder
from models.words import Channel, DeliveryMethod, FollowUpKind, OrderStatus
from portal.desk.listing import PAGE, Rows, cursor, first, newest_first
from portal.desk.permissions import May
from portal.desk.work import Work

_SLOW = 0.9
"""The share of orders that were no slower than the slow figure."""


class State(StrEnum):
    """A state in which an order spends time, from one deed to the next. S1-0.1"""

    HELD = "held"
    CONFIRMED = "confirmed"
    HANDED_OVER = "handed_over"
    PREPARED = "prepared"
    ON_THE_WAY = "on_the_way"


class Lack(StrEnum):
    """What an order can lack of its taking. S1-1.1"""

    RECEIVED = "received"
    VERIFIED = "verified"
    RECORDED = "recorded"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class InState:
    """How long orders stayed in a state: of those that left it, and how many are in it still."""

    state: State
    left: int
    median: timedelta | None
    slow: timedelta | None
    """Nine of ten were no slower."""
    still: int


@dataclass(frozen=True, slots=True)
class Taking:
    """How fast and how exactly the orders of a channel were taken. S1-1.2"""

    channel: Channel
    orders: int
    median: timedelta | None
    """From the beginning to the end of the contact in which they were placed."""
    slow: timedelta | None
    corrected: int
    """Of the orders, those that were amended afterwards."""

    @property
    def share(self) -> int:
        """The corrected ones in percent."""
        return round(100 * self.corrected / self.orders)


@dataclass(frozen=True, slots=True)
class Lacking:
    """An order that lacks something of its taking, and what."""

    order: Order
    lacks: tuple[Lack, ...]


def _within(since: date, until: date) -> ColumnElement[bool]:
    """Placed in these days, as UTC counts them."""
    begins = datetime.combine(since, time(), UTC)
    return and_(
        Order.placed_at >= begins, Order.placed_at < datetime.combine(until, time(), UTC) + timedelta(days=1)
    )


async def in_states(work: Work, since: date, until: date) -> list[InState]:
    """How long the orders placed in these days stayed in each state. What was brought in went its way elsewhere. S1-0.2"""
    work.require(May.SEE_TEAM)
    handed = (
        select(func.max(AuditEntry.at))
        .where(
            AuditEntry.subject_kind == Order.__tablename__,
            AuditEntry.subject_id == cast(Order.id, String),
            AuditEntry.deed == "hand over order",
        )
        .scalar_subquery()
    )
    rows = await work.session.execute(
        select(
            Order.status, Order.delivery_method, Order.placed_at, Order.confirmed_at, handed, Order.prepared_at,
            Order.dispatched_at, Order.delivered_at,
        ).where(_within(since, until), Order.source.is_(None), Order.status != OrderStatus.CANCELLED)
    )  # fmt: skip
    spent: dict[State, list[timedelta]] = defaultdict(list)
    still: dict[State, int] = defaultdict(int)
    for status, method, placed, confirmed, given, prepared, dispatched, delivered in rows:
        ways = _ways(method, placed, confirmed, given, prepared, dispatched, delivered)
        for state, (begins, ends) in ways.items():
            if begins is not None and ends is not None and ends >= begins:
                spent[state].append(ends - begins)
        if (here := _IS_IN.get(status)) is not None:
            still[here] += 1
    return [InState(one, len(spent[one]), *_figures(spent[one]), still[one]) for one in State]


_IS_IN = {
    OrderStatus.DRAFT: State.HELD,
    OrderStatus.CONFIRMED: State.CONFIRMED,
    OrderStatus.HANDED_OVER: State.HANDED_OVER,
    OrderStatus.PREPARED: State.PREPARED,
    OrderStatus.DISPATCHED: State.ON_THE_WAY,
}


def _ways(
    method: DeliveryMethod,
    placed: datetime,
    confirmed: datetime | None,
    handed: datetime | None,
    prepared: datetime | None,
    dispatched: datetime | None,
    delivered: datetime | None,
) -> dict[State, tuple[datetime | None, datetime | None]]:
    """From when to when an order was in each state; one that nobody had to agree to was in none before it was confirmed."""
    at_the_counter = method is DeliveryMethod.PICKUP
    ways: dict[State, tuple[datetime | None, datetime | None]] = {
        State.CONFIRMED: (confirmed, handed),
        State.HANDED_OVER: (handed, prepared),
        State.PREPARED: (prepared, delivered if at_the_counter else dispatched),
        State.ON_THE_WAY: (None if at_the_counter else dispatched, delivered),
    }
    if confirmed is not None and confirmed > placed:
        ways[State.HELD] = (placed, confirmed)
    return ways


def _figures(spans: Sequence[timedelta]) -> tuple[timedelta | None, timedelta | None]:
    """The median and the slow figure: spans that are among them, by the nearest rank."""
    found = sorted(spans)
    if not found:
        return None, None
    return found[ceil(len(found) * 0.5) - 1], found[ceil(len(found) * _SLOW) - 1]


async def taking(work: Work, since: date, until: date) -> list[Taking]:
    """How long taking an order took and how many were corrected, by channel. S1-1.2"""
    work.require(May.SEE_TEAM)
    rows = await work.session.execute(
        select(Order.channel, Order.amended, Contact.started_at, Contact.closed_at)
        .outerjoin(Contact, Contact.id == Order.contact_id)
        .where(_within(since, until), Order.source.is_(None))
    )
    spans: dict[Channel, list[timedelta]] = defaultdict(list)
    corrected: dict[Channel, list[bool]] = defaultdict(list)
    for channel, amended, started, closed in rows:
        corrected[channel].append(bool(amended))
        if closed is not None:  # of an order without a contact there is neither
            spans[channel].append(closed - started)
    return [
        Taking(one, len(corrected[one]), *_figures(spans[one]), sum(corrected[one]))
        for one in Channel
        if one in corrected
    ]


def _has() -> dict[Lack, Any]:
    """What says of an order that nothing of its taking was left out. S1-1.1"""
    signed = exists().where(ShopOrder.order_id == Order.id)
    return {
        Lack.RECEIVED: or_(Order.contact_id.is_not(None), signed),
        Lack.VERIFIED: or_(
            exists().where(Contact.id == Order.contact_id, Contact.verified_strength > 0), signed
        ),
        Lack.RECORDED: and_(Order.fingerprint != "", exists().where(OrderLine.order_id == Order.id)),
        Lack.CONFIRMED: or_(
            Order.status == OrderStatus.DRAFT,  # somebody has to agree to it first
            exists().where(Message.order_id == Order.id, Message.template == "order-confirmation"),
            exists().where(FollowUp.order_id == Order.id, FollowUp.kind == FollowUpKind.CONFIRMATION_CALL),
        ),
    }


async def lacking(
    work: Work, since: date, until: date, *, before: str = "", limit: int = PAGE
) -> Rows[Lacking]:
    """The orders placed in these days that were not received, verified, recorded or confirmed, the newest first. S1-1.1"""
    work.require(May.SEE_TEAM)
    has = _has()
    statement = select(Order, *(not_(one).label(name.value) for name, one in has.items())).where(
        _within(since, until),
        Order.status != OrderStatus.CANCELLED,
        or_(*(not_(one) for one in has.values())),
    )
    found = (
        await work.session.execute(
            first(newest_first(statement, Order.placed_at, Order.id, before), limit + 1)
        )
    ).all()
    rows = [
        Lacking(order, tuple(name for name, is_lacking in zip(has, lacks, strict=True) if is_lacking))
        for order, *lacks in found[:limit]
    ]
    older = cursor(rows[-1].order.placed_at, rows[-1].order.id) if len(found) > limit else ""
    return Rows(rows, older)
