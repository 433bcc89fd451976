"""Placing an order: what was read back and agreed becomes an order, its units are promised, its confirmation sent.

S0-3.1.3, S0-3.1.4, S0-3.6.1, S1-4.3, S1-4.4
"""

from __future__ import annotations

from collections import Counter

from models import Contact, Customer, Order, OrderLine
from models.words import DeliveryMethod, OrderStatus, SensitiveDeed
from portal.desk import audit, channels, search, stock, tax, verification
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.numbers import next_number
from portal.desk.orders import approving
from portal.desk.orders.checking import CheckedDraft, OrderDraft, check
from portal.desk.orders.checking import fingerprint as fingerprint_of
from portal.desk.orders.confirming import confirm
from portal.desk.orders.requests import assign, made
from portal.desk.permissions import May
from portal.desk.work import Work


async def place(work: Work, draft: OrderDraft, *, fingerprint: str, contact: Contact | None = None) -> Order:
    """Make a draft that was read back and agreed a confirmed order, and confirm it to the customer.

    Where somebody else has to agree first it waits for them, unconfirmed, and the customer hears afterwards. S1-4.2.1b
    Its units are reserved, as far as they are there and the customer does not wait for them; its lines keep the
    prices of this moment. Raises NotAccepted with a message per
    field, and WrongMoment unless `fingerprint` is of exactly this content with the prices of now, when
    somebody else has just taken the last units, on a channel that is not approved, or where the caller is not
    verified as the policy asks. S0-3.1.4, S1-4.1.1, S1-4.3.1, S1-4.4, S2-2.1
    """
    work.require(May.PLACE_ORDERS)
    if contact is not None:
        channels.refuse_unapproved(contact)
        await verification.require(work, contact, SensitiveDeed.PLACE_ORDER)
    checked = await check(work, draft)
    if checked.problems:
        raise NotAccepted.of(checked.problems)
    if fingerprint_of(checked) != fingerprint:
        raise WrongMoment("The order is no longer what was read back. Read it back once more, then place it.")
    moved = await stock.shift(work, wanted(checked))
    order = await _write_down(work, checked, fingerprint, contact)
    if checked.causes:
        await work.session.flush()
        await approving.ask(work, order, checked.causes, checked.listed_minor)
    else:
        await assign(work, order)
    await audit.record(work, "place order", order, changes=moved)
    if checked.causes:
        return order
    await confirm(work, order, await work.session.get_one(Customer, draft.customer_id))
    return order


def wanted(checked: CheckedDraft) -> dict[int, stock.Shift]:
    """What is to be promised of each product, and what is waited for. S1-4.2.1a"""
    units: Counter[int] = Counter()
    waiting: Counter[int] = Counter()
    for line in checked.lines:
        units[line.product_id] += line.quantity
        waiting[line.product_id] += line.waiting
    return {one: stock.Shift(units[one] - waiting[one], waiting[one]) for one in units}


async def _write_down(work: Work, checked: CheckedDraft, fingerprint: str, contact: Contact | None) -> Order:
    draft = checked.draft
    order = Order(
        number=await next_number(work, "order"),
        customer_id=draft.customer_id,
        contact_id=contact.id if contact else None,
        taken_by_id=work.actor.person_id,
        channel=draft.channel,
        status=OrderStatus.DRAFT if checked.causes else OrderStatus.CONFIRMED,
        delivery_method=draft.delivery_method or DeliveryMethod.DELIVERY,
        ship_name=draft.ship_name or checked.customer_name,
        ship_address=draft.ship_address,
        wanted_on=draft.wanted_on,
        wanted_from=draft.wanted_from,
        wanted_until=draft.wanted_until,
        expected_on=checked.expected_on,
        note=draft.note,
        currency=checked.currency,
        freight_minor=0,
        total_minor=checked.total_minor,
        fingerprint=fingerprint,
        terms_id=checked.terms_id,
        placed_at=work.now,
        confirmed_at=None if checked.causes else work.now,
        lines=[
            OrderLine(
                line_no=number,
                product_id=line.product_id,
                sku=line.sku,
                description=line.description,
                quantity=line.quantity,
                unit_price_minor=line.unit_price_minor,
                list_price_minor=line.list_price_minor,
                price_reason=line.price_reason,
                tax_bp=line.tax_bp,
                discount_bp=line.discount_bp,
                waiting=line.waiting,
                waits_since=work.now if line.waiting else None,
                waits_until=line.waits_until,
            )
            for number, line in enumerate(checked.lines, 1)
        ],
        requests=[made(work, wish) for wish in draft.requests if wish.strip()],
    )
    tax.write_down(order.lines)
    work.session.add(order)
    await search.index(work, order)
    return order
