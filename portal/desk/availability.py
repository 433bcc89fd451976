"""Asking the stock room what is there of a product: asked by whoever takes orders, answered once by inventory. S1-3.2a

An answer says yes, no, or how many of them, and from which day on the rest; the line of the order that it was asked for
takes over that day, and whoever asked finds the answer on their desk until they have read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from models import AvailabilityRequest, Order, OrderLine, Product
from models.words import Availability
from portal.desk import audit, policy_versions
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.fields.counting import LATEST
from portal.desk.listing import LIMIT, PAGE, Rows, first, oldest_first, paged
from portal.desk.orders.requests import OVER
from portal.desk.permissions import May
from portal.desk.saving import hold, storable
from portal.desk.work import Work

MOST_UNITS = 1_000_000
LONGEST = 500
_WHOLE: Sequence[Any] = (
    joinedload(AvailabilityRequest.product),
    joinedload(AvailabilityRequest.order_line).joinedload(OrderLine.order),
    joinedload(AvailabilityRequest.asked_by),
    joinedload(AvailabilityRequest.answered_by),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What inventory says: whether, how many of them where it is only some, and when the rest can be there."""

    answer: Availability
    units: int | None = None
    expected_on: date | None = None
    remark: str = ""


async def ask(
    work: Work, product: Product, quantity: int | None, question: str = "", line: OrderLine | None = None
) -> AvailabilityRequest:
    """Ask inventory whether so many are there, for a line of an order or for none yet. S1-3.2a

    Raises NotAccepted for a quantity that is none or words too long, WrongMoment where the line is asked for already
    or its order is over.
    """
    work.require(May.PLACE_ORDERS)
    question = storable(question).strip()
    found = {}
    if quantity is None or not 1 <= quantity <= MOST_UNITS:
        found["quantity"] = f"A whole number from 1 to {MOST_UNITS:,}."
    if len(question) > LONGEST:
        found["question"] = f"At most {LONGEST} characters."
    if found or quantity is None:
        raise NotAccepted.of(found)
    refuse_card_numbers(question=question)
    if line is not None:
        await _refuse_over(work, line)
    request = AvailabilityRequest(
        product_id=product.id,
        quantity=quantity,
        order_line_id=line.id if line else None,
        question=question,
        asked_by_id=work.actor.person_id,
        asked_at=work.now,
        due_at=await policy_versions.due(work, "answer-availability"),
        remark="",
    )
    try:
        async with work.session.begin_nested():
            work.session.add(request)
    except IntegrityError:
        raise WrongMoment(f"Inventory is asked for {product.name} of this order already.") from None
    await audit.record(work, "ask inventory", request)
    return request


async def answer(work: Work, request: AvailabilityRequest, told: Answer) -> None:
    """Say what is there, once. The line it was asked for expects its goods on the day that is told. S1-3.2a

    Raises NotAccepted with a message per field, and WrongMoment once it is answered.
    """
    work.require(May.EDIT_PRODUCTS)
    _refuse(work, request, told)
    await _hold(work, request)
    if request.answer is not None:
        raise WrongMoment("This was answered already.")
    request.answer, request.remark = told.answer, storable(told.remark).strip()
    request.units = {Availability.YES: request.quantity, Availability.NO: 0}.get(told.answer, told.units)
    request.expected_on = told.expected_on
    request.answered_by_id, request.answered_at = work.actor.person_id, work.now
    line = request.order_line
    if line is not None and line.waiting and told.expected_on is not None:
        line.waits_until = told.expected_on
    await audit.record(work, "answer availability", request)


async def have_read(work: Work, request: AvailabilityRequest) -> None:
    """Say that the answer is read; only whoever asked can. Raises NotAllowed, and WrongMoment when nothing is to read."""
    work.require(May.PLACE_ORDERS)
    if request.asked_by_id != work.actor.person_id:
        raise NotAllowed("Whoever asked says that the answer is read.")
    await hold(work, request)
    if request.answer is None or request.read_at is not None:
        raise WrongMoment("There is no answer to be read here.")
    request.read_at = work.now
    await audit.record(work, "read answer of inventory", request)


async def load(work: Work, request_id: int) -> AvailabilityRequest:
    """A request with its product, its order and its people. Raises NotFound."""
    work.require(May.SEE_ORDERS)
    statement = select(AvailabilityRequest).where(AvailabilityRequest.id == request_id).options(*_WHOLE)
    request: AvailabilityRequest | None = await work.session.scalar(statement)
    if request is None:
        raise NotFound
    return request


async def line_of(work: Work, order: Order, line_id: int | None) -> tuple[OrderLine, Product]:
    """A line of an order with its product. Raises NotAccepted of `line` for none, or one without a product of ours."""
    line = next((one for one in order.lines if one.id == line_id), None)
    product = await work.session.get(Product, line.product_id) if line and line.product_id else None
    if line is None or product is None:
        raise NotAccepted(line="Choose one of the lines.")
    return line, product


async def open_ones(work: Work, *, after: str = "", limit: int = PAGE) -> Rows[AvailabilityRequest]:
    """What inventory has to answer, the oldest first."""
    work.require(May.SEE_ORDERS)
    asked_at, row_id = AvailabilityRequest.asked_at, AvailabilityRequest.id
    ids = select(row_id).where(AvailabilityRequest.answer.is_(None))
    page = first(oldest_first(ids, asked_at, row_id, after), limit + 1).subquery()
    statement = select(AvailabilityRequest).join(page, page.c.id == row_id).options(*_WHOLE)
    found = list(await work.session.scalars(oldest_first(statement, asked_at, row_id, "")))
    return paged(found, limit, lambda row: row.asked_at)


async def to_read(work: Work, limit: int) -> list[AvailabilityRequest]:
    """Answers to what the actor asked that are not read, the oldest first."""
    work.require(May.PLACE_ORDERS)
    rows = await work.session.scalars(
        select(AvailabilityRequest)
        .where(
            AvailabilityRequest.asked_by_id == work.actor.person_id,
            AvailabilityRequest.answer.is_not(None),
            AvailabilityRequest.read_at.is_(None),
        )
        .options(*_WHOLE)
        .order_by(AvailabilityRequest.id)
        .limit(limit)
    )
    return list(rows)


async def of_order(work: Work, order: Order) -> list[AvailabilityRequest]:
    """What inventory was asked for an order, the newest first."""
    work.require(May.SEE_ORDERS)
    rows = await work.session.scalars(
        select(AvailabilityRequest)
        .join(OrderLine, OrderLine.id == AvailabilityRequest.order_line_id)
        .where(OrderLine.order_id == order.id)
        .options(*_WHOLE)
        .order_by(AvailabilityRequest.id.desc())
        .limit(LIMIT)
    )
    return list(rows)


def _refuse(work: Work, request: AvailabilityRequest, told: Answer) -> None:
    found = {}
    if told.answer is Availability.PARTIAL and not 0 < (told.units or 0) < request.quantity:
        found["units"] = f"More than none and fewer than {request.quantity}: how many are there?"
    day, today = told.expected_on, work.now.astimezone(ZoneInfo(work.actor.zone)).date()
    if day is not None and not (today <= day and day.year < LATEST):
        found["expected_on"] = "This day has passed." if day < today else "Look at the year."
    if len(told.remark) > LONGEST:
        found["remark"] = f"At most {LONGEST} characters."
    if found:
        raise NotAccepted.of(found)
    refuse_card_numbers(remark=told.remark)


async def _hold(work: Work, request: AvailabilityRequest) -> None:
    """Hold the order before what hangs on it, as every deed does, so that two who answer do so in turn."""
    if request.order_line is not None:
        await hold(work, request.order_line.order)
        await hold(work, request.order_line)
    await hold(work, request)


async def _refuse_over(work: Work, line: OrderLine) -> None:
    order = await work.session.get_one(Order, line.order_id)
    await hold(work, order)
    if order.status in OVER:
        raise WrongMoment(f"{order.number} is {order.status.value}: nothing of it is to be looked for.")
