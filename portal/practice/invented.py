"""Who and what there is in the practice room. All invented, with addresses of a domain that belongs to nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from models import Customer, Order, PaymentEntry, Product, Serial
from models.words import DeliveryMethod, PaymentKind, PaymentMethod, PreferredChannel
from portal.desk import audit, customers, orders, payments, products
from portal.desk.customers import CustomerDetails
from portal.desk.numbers import next_number
from portal.desk.products import ProductDetails
from portal.desk.work import Work

SOURCE = "practice"

PEOPLE = {
    "ida": CustomerDetails(
        name="Ida Novak",
        email="ida.novak@example.com",
        phone="+49 30 23125201",
        street="Mühlenweg 7",
        city="Potsdam",
        postal_code="14467",
        country="DE",
    ),
    "oskar": CustomerDetails(
        name="Oskar Brandt",
        email="oskar.brandt@example.com",
        phone="+49 30 23125202",
        language="de",
        street="Am Hang 3",
        city="Jena",
        postal_code="07743",
        country="DE",
    ),
    "leila": CustomerDetails(
        name="Leïla Haddad",
        email="leila.haddad@example.com",
        phone="+33 1 55 50 02 03",
        preferred_channel=PreferredChannel.CALL,
        street="4 rue du Moulin",
        city="Dijon",
        postal_code="21000",
        country="FR",
    ),
}


def _goods(
    sku: str, name: str, category: str, price_minor: int, months: int | None, on_hand: int
) -> tuple[ProductDetails, int]:
    details = ProductDetails(
        sku=sku, name=name, category=category, price_minor=price_minor, warranty_months=months
    )
    return details, on_hand


GOODS = {
    "kettle": _goods("PR-KETTLE", "Electric kettle, 1.7 l", "Kitchen", 4_990, 24, 20),
    "lamp": _goods("PR-LAMP", "Desk lamp, dimmable", "Light", 6_450, 24, 15),
    "mug": _goods("PR-MUG", "Enamel mug, blue", "Kitchen", 1_190, None, 80),
    "pack": _goods("PR-PACK", "Day pack, 20 l", "Packs", 5_990, 36, 3),
}
ORDERS = {
    "kettle": ("ida", "kettle", 1, 40),
    "lamp": ("oskar", "lamp", 2, 9),
    "mugs": ("leila", "mug", 6, 21),
}
"""Which order it is: whose, what of, how many, and how many days ago."""
SERIAL = "KT2600417"


async def ensure(work: Work) -> None:
    """Put the invented customers, goods and orders into the room, once."""
    there = select(Customer.id).where(Customer.source == SOURCE).limit(1)
    if await work.session.scalar(there) is not None:
        return
    before = replace(work, now=work.now - timedelta(days=60))
    known = {
        key: await customers.create(before, details, source=SOURCE, source_id=key)
        for key, details in PEOPLE.items()
    }
    goods = {
        key: await products.create(before, details, on_hand=on_hand)
        for key, (details, on_hand) in GOODS.items()
    }
    made = {
        key: await _order(work, known[who], goods[what], count, days)
        for key, (who, what, count, days) in ORDERS.items()
    }
    await _charged_twice(work, made["lamp"])
    work.session.add(
        Serial(
            number=SERIAL,
            product_id=goods["kettle"].id,
            customer_id=known["ida"].id,
            purchased_on=(work.now - timedelta(days=40)).date(),
            registered_at=work.now,
        )
    )
    await audit.record(work, "furnish the practice room")


async def _order(work: Work, customer: Customer, product: Product, count: int, days: int) -> Order:
    """An order that was placed, paid, sent and delivered some days ago."""
    then = replace(work, now=work.now - timedelta(days=days))
    draft = orders.OrderDraft(
        customer_id=customer.id,
        lines=((product.id, count),),
        delivery_method=DeliveryMethod.DELIVERY,
        ship_name=customer.name,
        ship_address=f"{customer.street}\n{customer.postal_code} {customer.city}\n{customer.country}",
    )
    fingerprint = orders.fingerprint(await orders.check(then, draft))
    order = await orders.place(then, draft, fingerprint=fingerprint)
    await payments.charge(
        then,
        order,
        method=PaymentMethod.TRANSFER,
        amount_minor=order.total_minor,
        reference=f"PRACTICE-{order.id}",
    )
    await orders.hand_over(then, order)
    await orders.prepare(then, order)
    await orders.dispatch(then, order, carrier="Fernpost", tracking=f"PR{order.id:06}")
    await orders.deliver(replace(work, now=work.now - timedelta(days=max(days - 2, 0))), order)
    return order


async def _charged_twice(work: Work, order: Order) -> None:
    """The mistake that the billing dispute is about: the same amount on the ledger a second time."""
    then = replace(work, now=work.now - timedelta(days=5))
    entry = PaymentEntry(
        order_id=order.id,
        kind=PaymentKind.CHARGE,
        method=PaymentMethod.TRANSFER,
        amount_minor=order.total_minor,
        currency=order.currency,
        reference=f"PRACTICE-{order.id}-B",
        receipt_number=await next_number(then, "receipt"),
        taken_at=then.now,
    )
    work.session.add(entry)
    await audit.record(then, "charge twice by mistake", entry)
