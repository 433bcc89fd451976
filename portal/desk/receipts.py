"""Receipts that are sent again: the same number, marked as a copy, to where the customer is reached now. S0-3.5.3"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models import Customer, Message, Order, PaymentEntry
from portal.desk import audit, notices, payments, tax
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.work import Work

COPY = "receipt-copy"
MOST_COPIES = 5
"""How often one receipt is sent again: beyond it the letters do not arrive, or go to the wrong one."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt of an order, and how many copies of it were sent so far."""

    number: str
    taken_at: datetime
    copies: int


async def of_order(work: Work, order: Order) -> list[Receipt]:
    """The receipts of an order, oldest first; not what they are about, which is read in the ledger."""
    work.require(May.RECORD_PAYMENTS)
    rows = await work.session.execute(
        select(PaymentEntry.receipt_number, PaymentEntry.taken_at)
        .where(PaymentEntry.order_id == order.id, PaymentEntry.receipt_number.is_not(None))
        .order_by(PaymentEntry.id)
    )
    receipts = [(number or "", taken_at) for number, taken_at in rows]
    sent = await _copies(work, order) if receipts else Counter[str]()
    return [Receipt(number, taken_at, sent[number]) for number, taken_at in receipts]


async def send_again(work: Work, order: Order, number: str, *, copies: int) -> None:
    """Send a receipt of the order once more, marked as a copy, to the customer's address as it is now. S0-3.5.3

    `copies` is how many there were when it was asked for: whoever asks twice gets one. Raises NotFound for a number
    of another order, WrongMoment after the last copy there may be, NotAccepted where no letter can be sent.
    """
    work.require(May.RECORD_PAYMENTS)
    await hold(work, order)  # two clicks do so one after the other
    entry = await work.session.scalar(
        select(PaymentEntry).where(
            PaymentEntry.order_id == order.id, PaymentEntry.receipt_number == (number or None)
        )
    )
    if entry is None:
        raise NotFound
    sent = (await _copies(work, order))[number]
    if sent > copies:
        return  # the first of two clicks has sent it
    if sent >= MOST_COPIES:
        raise WrongMoment(f"{number} was sent again {sent} times. Look why it does not arrive.")
    customer = await work.session.get(Customer, order.customer_id) if order.customer_id is not None else None
    if customer is None or not notices.address_of(customer):
        raise NotAccepted(receipt="There is no e-mail address to send it to.")
    await notices.write(
        work,
        COPY,
        to=customer,
        once=f"{COPY}/{number}/{sent + 1}",
        reference=order.number,
        order=order,
        receipt_number=number,
        amount_minor=entry.amount_minor,
        balance_minor=payments.due(order) - await payments.paid(work, order),
        currency=entry.currency,
        method=entry.method,
        payment_reference=entry.reference,
        taken_at=entry.taken_at,
        order_total_minor=order.total_minor,
        taxes=await tax.of_order(work, order),
    )
    await audit.record(work, "send receipt again", entry)


async def _copies(work: Work, order: Order) -> Counter[str]:
    """How many copies of each receipt were sent, by its number: the middle of what makes a letter the only one."""
    rows = await work.session.scalars(
        select(Message.once).where(Message.order_id == order.id, Message.template == COPY)
    )
    return Counter(once.split("/")[1] for once in rows)
