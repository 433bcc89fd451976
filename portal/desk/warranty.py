"""Serial numbers, what they say of a purchase, and whether a piece is still under warranty. S4-5"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import Customer, Order, OrderLine, Product, Serial
from models.words import OrderStatus
from portal.desk import audit, policy_versions
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.fields.counting import spoken_day
from portal.desk.numbers import read_number, squeezed
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import Work

SHORTEST, LONGEST = 4, 40
"""Signs of a serial number, without its spaces and dashes."""
NO_SERIAL = "A serial number has 4 to 40 letters and digits, with at least one digit, such as TH-4711-08."
TAKEN = "This serial number is registered already."
FOREIGN = "The serial number that was given belongs to somebody else’s purchase."
CHANGES = frozenset({"product_id", "customer_id", "order_line_id", "purchased_on"})


class Cover(StrEnum):
    """How a piece stands to its warranty. S4-5.1"""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Warranty:
    """Whether a piece is covered on a day, until when, and why that is so."""

    cover: Cover
    until: date | None
    """The last day that counts as covered; None where it cannot be said."""
    because: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece that was sold, as far as its own customer may hear of it."""

    number: str
    product_id: int
    sku: str
    name: str
    category: str
    purchased_on: date | None
    order_id: int | None
    order_number: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """What a serial number led to: a piece, nothing, or a piece of somebody else, of whom nothing is told."""

    piece: Piece | None = None
    foreign: bool = False


def read_serial(text: str) -> str | None:
    """The number in its one spelling, capitals and digits without spaces or dashes; None when it is none. S4-5.3"""
    number = squeezed(text)
    if not (SHORTEST <= len(number) <= LONGEST and number.isascii()):
        return None
    return number if any(sign.isdigit() for sign in number) else None


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last one of a shorter month. S4-5.1

    31 January and one month is 28 February, or 29 in a leap year.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def warranty(months: int | None, purchased_on: date | None, today: date) -> Warranty:
    """Whether a piece is covered today; its last day still counts. S4-5.1"""
    if months is None:
        return Warranty(Cover.UNKNOWN, None, "Nobody has said how long this product is covered.")
    if purchased_on is None:
        return Warranty(Cover.UNKNOWN, None, "Nobody knows when it was purchased.")
    if purchased_on > today:
        return Warranty(Cover.UNKNOWN, None, "The day of the purchase has not come yet.")
    until = months_after(purchased_on, months)
    because = f"{months} months from the purchase on {spoken_day(purchased_on)}."
    return Warranty(Cover.IN if today <= until else Cover.OUT, until, because)


async def standing(work: Work, product_id: int | None, purchased_on: date | None) -> Warranty:
    """Whether a piece of this product is covered today, on the desk's own calendar. S4-5.1, S4-5.5"""
    if product_id is None:
        return Warranty(Cover.UNKNOWN, None, "Nobody knows yet which product it is.")
    months = await work.session.scalar(select(Product.warranty_months).where(Product.id == product_id))
    return warranty(months, purchased_on, await today(work))


async def today(work: Work) -> date:
    """The day it is where the desk is."""
    return await _day_of(work, work.now)


async def _day_of(work: Work, moment: datetime) -> date:
    row = (await policy_versions.in_force(work)).calendar()
    return moment.astimezone(ZoneInfo(row.zone)).date()


async def look_up(work: Work, number: str, customer_id: int | None) -> LookUp:
    """What is known of a serial number to this customer. Of a piece that is somebody else's nothing is. S4-5.4"""
    work.require(May.TAKE_CONTACTS)
    found = (
        await work.session.execute(
            select(Serial, Product, Order)
            .join(Product, Product.id == Serial.product_id)
            .outerjoin(OrderLine, OrderLine.id == Serial.order_line_id)
            .outerjoin(Order, Order.id == OrderLine.order_id)
            .where(Serial.number == number)
        )
    ).one_or_none()
    if found is None:
        return LookUp()
    serial, product = found[0], found[1]
    order: Order | None = found[2]
    owner = serial.customer_id or (order.customer_id if order else None)
    if owner is not None and owner != customer_id:
        return LookUp(foreign=True)
    bought = serial.purchased_on or (await _day_of(work, order.placed_at) if order else None)
    return LookUp(
        Piece(
            serial.number,
            product.id,
            product.sku,
            product.name,
            product.category,
            bought,
            order.id if order else None,
            order.number if order else "",
        )
    )


async def purchase(
    work: Work, customer_id: int | None, order_number: str, product_id: int | None
) -> tuple[Order, OrderLine | None, date]:
    """The order that proves a purchase, the line of the product in it, and its day. S4-5.3, S4-5.4

    Where no product is named and the order has but one, it is that one. Raises NotAccepted when this customer
    has no such order, or the product is not in it.
    """
    number = read_number(order_number)
    order = None
    if customer_id is not None and number is not None:
        order = await work.session.scalar(
            select(Order).where(
                Order.number == number,
                Order.customer_id == customer_id,
                Order.status.not_in((OrderStatus.DRAFT, OrderStatus.CANCELLED)),
            )
        )
    if order is None:
        raise NotAccepted(order="This customer has no order of that number.")
    held = await work.session.scalars(
        select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.line_no)
    )
    lines = [line for line in held if line.product_id is not None]
    fitting = [line for line in lines if product_id in {None, line.product_id}]
    if product_id is not None and not fitting:
        raise NotAccepted(product=f"There is no such product in {order.number}.")
    line = fitting[0] if product_id is not None or len({one.product_id for one in fitting}) == 1 else None
    return order, line, await _day_of(work, order.placed_at)


async def register(
    work: Work,
    number: str,
    product: Product,
    *,
    line: OrderLine | None = None,
    customer: Customer | None = None,
    purchased_on: date | None = None,
) -> Serial:
    """Write down a piece that was sold: its number, its product, and what is known of the purchase. S4-5.4

    Raises NotAccepted for a number that is none or is registered, a line of another product or customer, a line
    whose pieces all have their number, and a purchase in the future.
    """
    work.require(May.EDIT_CUSTOMERS)
    serial = Serial(
        number=read_serial(number) or "",
        product_id=product.id,
        order_line_id=line.id if line else None,
        customer_id=customer.id if customer else None,
        purchased_on=purchased_on,
        registered_at=work.now,
    )
    if not serial.number:
        raise NotAccepted(number=NO_SERIAL)
    refuse_card_numbers(number=number)
    if await work.session.scalar(select(Serial.id).where(Serial.number == serial.number)) is not None:
        raise NotAccepted(number=TAKEN)
    await _settle(work, serial)
    work.session.add(serial)
    await audit.record(work, "register serial", serial)
    return serial


async def change(work: Work, serial: Serial, expected_version: int, **changes: Any) -> None:
    """Correct what is known of a piece. Raises Conflict when somebody saved meanwhile, NotAccepted as `register`."""
    work.require(May.EDIT_CUSTOMERS)
    if strange := changes.keys() - CHANGES:
        raise NotAccepted.of(dict.fromkeys(sorted(strange), "This is not changed here."))
    await hold_version(work, serial, expected_version, changes)
    with work.session.no_autoflush:
        for name, value in changes.items():
            if getattr(serial, name) != value:
                setattr(serial, name, value)
        await _settle(work, serial)
    await audit.record(work, "change serial", serial)


async def _settle(work: Work, serial: Serial) -> None:
    """Fill in what the order says of the purchase; refuse what does not fit together."""
    problems: dict[str, str] = {}
    await _refuse_unknown(work, serial, problems)
    if serial.order_line_id is not None and not problems:
        line = await work.session.scalar(
            select(OrderLine).where(OrderLine.id == serial.order_line_id).options(joinedload(OrderLine.order))
        )
        if line is None:
            raise NotFound
        if line.product_id != serial.product_id:
            problems["order_line_id"] = "That line is of another product."
        elif serial.customer_id not in {None, line.order.customer_id}:
            problems["customer_id"] = "The order is of another customer."
        elif await _numbered(work, line, serial) >= max(line.quantity, 0):
            problems["order_line_id"] = "Every piece of that line has its serial number already."
        else:
            serial.customer_id = line.order.customer_id
            serial.purchased_on = serial.purchased_on or await _day_of(work, line.order.placed_at)
    if serial.purchased_on is not None and serial.purchased_on > await today(work):
        problems["purchased_on"] = "The purchase cannot be in the future."
    if problems:
        raise NotAccepted.of(problems)


async def _refuse_unknown(work: Work, serial: Serial, problems: dict[str, str]) -> None:
    named: Mapping[str, tuple[type[Any], str]] = {
        "product_id": (Product, "There is no such product."),
        "order_line_id": (OrderLine, "There is no such line of an order."),
        "customer_id": (Customer, "There is no such customer."),
    }
    for name, (model, words) in named.items():
        key = getattr(serial, name)
        if key is not None and await work.session.scalar(select(model.id).where(model.id == key)) is None:
            problems[name] = words


async def _numbered(work: Work, line: OrderLine, serial: Serial) -> int:
    """How many pieces of a line have a number already, this one left out."""
    counted = select(func.count()).select_from(Serial).where(Serial.order_line_id == line.id)
    if serial.id is not None:
        counted = counted.where(Serial.id != serial.id)
    return await work.session.scalar(counted) or 0
