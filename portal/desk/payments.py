"""The ledger of an order: what was paid, when and how. Only ever added to. Decision 6, S0-3.5"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import Customer, Order, PaymentEntry
from models.words import Channel, OrderStatus, PaymentKind, PaymentMethod
from portal.desk import audit, notices, paying, payment_limits, tax
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.money import in_words
from portal.desk.numbers import next_number
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.work import Work

WITH_REFERENCE = frozenset({PaymentMethod.TRANSFER, PaymentMethod.TERMINAL})
"""Ways that leave a reference somewhere else, by which the payment is found there."""
LONGEST_REFERENCE, LONGEST_NOTE = 120, 500
OVER_AT_MOST = 10
"""How many times what an order comes to somebody may have paid at once: beyond it the amount was mistyped."""

_BEFORE = frozenset({OrderStatus.DRAFT, OrderStatus.CANCELLED})


async def paid(work: Work, order: Order) -> int:
    """What was paid so far, less what was given back, in minor units."""
    if not work.may(May.SEE_PAYMENTS):
        work.require(May.RECORD_PAYMENTS)
    total = select(func.coalesce(func.sum(PaymentEntry.amount_minor), 0))
    return int(await work.session.scalar(total.where(PaymentEntry.order_id == order.id)) or 0)


def due(order: Order) -> int:
    """What an order comes to, in minor units: nothing once it is cancelled."""
    return 0 if order.status is OrderStatus.CANCELLED else order.total_minor


async def balance(work: Work, order: Order) -> int:
    """What is still owed on an order, in minor units; below zero when too much was paid."""
    return order.total_minor - await paid(work, order)


async def entries(work: Work, order: Order) -> list[PaymentEntry]:
    """The ledger entries of an order with who took them, oldest first."""
    work.require(May.SEE_PAYMENTS)
    rows = await work.session.scalars(
        select(PaymentEntry)
        .where(PaymentEntry.order_id == order.id)
        .options(joinedload(PaymentEntry.taken_by))
        .order_by(PaymentEntry.id)
    )
    return list(rows)


async def charge(
    work: Work,
    order: Order,
    *,
    method: PaymentMethod,
    amount_minor: int,
    reference: str = "",
    note: str = "",
    channel: Channel | None = None,
    over: bool = False,
) -> PaymentEntry:
    """Record what a customer paid on a confirmed order, and send the receipt. S0-3.5.1a, S0-3.5.2a, S0-3.5.3

    `channel` is that of the contact it is paid in, none outside of one: it says which ways are offered. S0-3.5.1b
    `amount_minor` is in minor units of the order's currency, at most what is owed; `over` says that more was really
    paid, and that somebody looked at it. Raises WrongMoment for an order that is not confirmed or owes nothing,
    NotAccepted with a message per field, also for a sum beyond the limits of its way. S0-0.4, S2-8.4, S4-4.3, S0-3.5.2b
    """
    work.require(May.RECORD_PAYMENTS)
    await hold(work, order)  # two who take the same payment at once do so one after the other
    if order.status in _BEFORE:
        raise WrongMoment(f"{order.number} is not confirmed, so nothing can be paid on it.")
    owed = await balance(work, order)
    if owed <= 0 and not over:
        raise WrongMoment(f"Nothing is owed on {order.number}.")
    is_offered = method in {one.method for one in await paying.offered(work, channel)}
    most = max(owed, OVER_AT_MOST * order.total_minor) if over else owed
    _refuse(method, amount_minor, most, order.currency, reference, note, is_offered=is_offered)
    limit = await payment_limits.in_force(work, method, order.currency)
    if beyond := payment_limits.wrong_with(work, limit, amount_minor, owed):
        raise NotAccepted(amount=beyond)
    entry = PaymentEntry(
        order_id=order.id,
        kind=PaymentKind.CHARGE,
        method=method,
        amount_minor=amount_minor,
        currency=order.currency,
        reference=reference.strip(),
        receipt_number=await next_number(work, "receipt"),
        note=note,
        limit_id=limit.id if limit else None,
        taken_by_id=work.actor.person_id,
        taken_at=work.now,
    )
    work.session.add(entry)
    await _send_receipt(work, order, entry, owed - amount_minor)
    await audit.record(work, "record payment", entry)
    return entry


def _refuse(
    method: PaymentMethod,
    amount_minor: int,
    most_minor: int,
    currency: str,
    reference: str,
    note: str,
    *,
    is_offered: bool,
) -> None:
    found: dict[str, str] = {}
    if not 0 < amount_minor <= most_minor:
        least, most = in_words(1, currency).removesuffix(f" {currency}"), in_words(most_minor, currency)
        found["amount"] = f"Between {least} and {most}."
    if not is_offered:
        found["method"] = "This way of paying is not offered."
    if method in WITH_REFERENCE and not reference.strip():
        found["reference"] = "Enter the reference of the slip or the statement."
    for name, text, longest in (("reference", reference, LONGEST_REFERENCE), ("note", note, LONGEST_NOTE)):
        if len(text) > longest:
            found[name] = f"At most {longest} characters."
    if found:
        raise NotAccepted.of(found)
    refuse_card_numbers(reference=reference, note=note)


async def _send_receipt(work: Work, order: Order, entry: PaymentEntry, left_minor: int) -> None:
    if order.customer_id is None:
        return
    customer = await work.session.get_one(Customer, order.customer_id)
    await notices.write(
        work,
        "payment-receipt",
        to=customer,
        once=f"payment-receipt/{entry.receipt_number}",
        reference=order.number,
        order=order,
        receipt_number=entry.receipt_number,
        amount_minor=entry.amount_minor,
        balance_minor=left_minor,
        currency=entry.currency,
        method=entry.method,
        payment_reference=entry.reference,
        order_total_minor=order.total_minor,
        taxes=await tax.of_order(work, order),
        taken_at=entry.taken_at,
    )


async def original_of(work: Work, order: Order, amount_minor: int) -> PaymentEntry | None:
    """The charge that money goes back to: the newest that covers the amount, else the newest. S4-4.5

    None where nothing was ever charged.
    """
    charges = await work.session.scalars(
        select(PaymentEntry)
        .where(PaymentEntry.order_id == order.id, PaymentEntry.kind == PaymentKind.CHARGE)
        .order_by(PaymentEntry.id.desc())
    )
    found = list(charges)
    return next((one for one in found if one.amount_minor >= amount_minor), found[0] if found else None)


async def give_back(
    work: Work,
    order: Order,
    *,
    amount_minor: int,
    note: str = "",
    correction: bool = False,
    other_method: PaymentMethod | None = None,
) -> PaymentEntry:
    """Append a refund to the original method and reference, or a correction that moves no money. Decision 6

    `other_method` is the way it goes where that is not the one it came; it has no reference then.
    An earlier entry is never edited. `amount_minor` is above nothing, in minor units, and at most what was paid:
    NotAccepted otherwise. The caller holds the order and records the deed it is part of. S3-13.2.1b, S4-4.5
    """
    work.require(May.DECIDE_REFUNDS)
    await hold(work, order)
    had = await paid(work, order)
    original = await original_of(work, order, amount_minor)
    if original is None or not 0 < amount_minor <= had:
        raise NotAccepted(amount=f"At most what was paid: {in_words(max(had, 0), order.currency)}.")
    reversed_by = select(PaymentEntry.id).where(PaymentEntry.reverses_id == original.id)
    whole = original.amount_minor == amount_minor and await work.session.scalar(reversed_by) is None
    entry = PaymentEntry(
        order_id=order.id,
        kind=PaymentKind.ADJUSTMENT if correction else PaymentKind.REFUND,
        method=other_method or original.method,
        amount_minor=-amount_minor,
        currency=order.currency,
        reference="" if other_method else original.reference,
        reverses_id=original.id if whole else None,
        note=note[:LONGEST_NOTE],
        taken_by_id=work.actor.person_id,
        taken_at=work.now,
    )
    work.session.add(entry)
    await work.session.flush()
    return entry
