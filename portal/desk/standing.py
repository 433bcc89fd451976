"""How a case or an order stands, behind the link in its letters: for the customer, who signs in nowhere.

Status only: no name, no words of anybody, no article and no sum. S3-14.2.1b
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from models import Case, Order
from models.words import CaseStatus, DeadlineKind, DeliveryMethod, OrderStatus
from portal.desk import deadlines, links, notices
from portal.desk.errors import NotFound
from portal.desk.links import Purpose
from portal.desk.work import Work

SHOWN_AFTER = timedelta(days=30)
"""So long after its end a case or an order is still shown."""
LONGEST_SHOWN = timedelta(days=730)
"""So long after its beginning a link opens at all: no address stays good for ever."""

STAGES = (OrderStatus.CONFIRMED, OrderStatus.PREPARED, OrderStatus.DISPATCHED, OrderStatus.DELIVERED)
"""What a customer is told of an order's way, in its order. S1-4.4.2a"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a customer sees of something of theirs: where it is, since when, and what comes next."""

    language: str
    zone: str
    number: str
    status: CaseStatus | OrderStatus
    begun_at: datetime
    kind: str = ""
    """Of a case."""
    heard_at: datetime | None = None
    """When we first answered."""
    hear_by: datetime | None = None
    """By when the next word of ours is due; None where none is owed, or its time is over. S2-14.3"""
    solve_by: datetime | None = None
    ended_at: datetime | None = None
    stages: tuple[tuple[OrderStatus, datetime | None], ...] = ()
    """The stages of an order with when each was reached."""
    expected_on: date | None = None
    pickup: bool = False


async def of_case(work: Work, token: str) -> Standing:
    """How the case behind a link stands. Changes nothing. Raises NotFound, and links.Expired when it is long over."""
    case = await work.session.scalar(
        select(Case)
        .where(Case.id == links.number(work.terms, Purpose.CASE, token))
        .options(joinedload(Case.customer), selectinload(Case.deadlines))
    )
    if case is None:
        raise NotFound("This link is not one of ours, or part of it is missing.")
    _refuse_old(work, case.opened_at, case.closed_at or case.resolved_at)
    clocks = [one for one in case.deadlines if one.cycle == case.cycle]
    words = (DeadlineKind.ANSWER, DeadlineKind.NEXT_ANSWER, DeadlineKind.UPDATE)
    owed = [due for kind in words if (due := deadlines.ahead(work, clocks, kind))]
    return Standing(
        language=notices.language_of(case.customer),
        zone=await notices.customers_zone(work),
        number=case.number,
        status=case.status,
        begun_at=case.opened_at,
        kind=case.kind.value,
        heard_at=case.answered_at,
        hear_by=min(owed, default=None),
        solve_by=deadlines.ahead(work, clocks, DeadlineKind.RESOLVE),
        ended_at=case.closed_at or case.resolved_at,
    )


async def of_order(work: Work, token: str) -> Standing:
    """How the order behind a link stands. Changes nothing. Raises NotFound, and links.Expired when it is long over."""
    order = await work.session.scalar(
        select(Order)
        .where(Order.id == links.number(work.terms, Purpose.ORDER, token))
        .options(joinedload(Order.customer))
    )
    if order is None:
        raise NotFound("This link is not one of ours, or part of it is missing.")
    _refuse_old(work, order.placed_at, order.delivered_at or order.cancelled_at)
    reached = (order.confirmed_at, order.prepared_at, order.dispatched_at, order.delivered_at)
    return Standing(
        language=notices.language_of(order.customer),
        zone=await notices.customers_zone(work),
        number=order.number,
        status=order.status,
        begun_at=order.placed_at,
        ended_at=order.delivered_at or order.cancelled_at,
        stages=tuple(zip(STAGES, reached, strict=True)),
        expected_on=order.expected_on,
        pickup=order.delivery_method is DeliveryMethod.PICKUP,
    )


def _refuse_old(work: Work, begun_at: datetime, ended_at: datetime | None) -> None:
    if work.now > begun_at + LONGEST_SHOWN or (ended_at is not None and work.now > ended_at + SHOWN_AFTER):
        raise links.Expired("This link has expired.")
