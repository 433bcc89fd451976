"""Orders of online shops by a signed address: checked as any other, taken once, however often they are sent. S1-4.1.1

A shop is known by its name and the secret it shares; its own number of an order names it for good. Everything that
keeps an order from being taken is told at once, each at its field; then nothing of it is kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, update

from models import Customer, Order, Product, ShopOrder
from models.words import Channel, CustomerKind, DeliveryMethod
from portal.desk import audit, bulk, changes, channels, customers, orders
from portal.desk.customers import CustomerDetails
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.fields.counting import day_of
from portal.desk.money import in_words, read_amount
from portal.desk.orders import notes
from portal.desk.orders.checking import MOST_LINES, CheckedDraft, OrderDraft
from portal.desk.permissions import May
from portal.desk.saving import UNSTORABLE
from portal.desk.work import Actor, Work

LONGEST_ID = 120
_DETAILS = (
    "name", "organisation", "email", "phone", "street", "city", "region", "postal_code", "country", "language",
)  # fmt: skip
_TEXTS = ("number", "currency", "delivery", "ship_name", "ship_address", "wanted_on", "note")
_MAY = frozenset({May.SEE_PRODUCTS, May.SEE_ORDERS, May.PLACE_ORDERS, May.SEE_CUSTOMERS, May.EDIT_CUSTOMERS})


@dataclass(frozen=True, slots=True)
class ShopLine:
    """One line as the shop sold it."""

    sku: str
    quantity: int
    price: str


@dataclass(frozen=True, slots=True)
class Sold:
    """One order as the shop tells it; `number` is the shop's own."""

    number: str
    customer_id: str
    customer: CustomerDetails
    lines: tuple[ShopLine, ...]
    currency: str
    draft: OrderDraft


class OtherOrder(WrongMoment):
    """The shop gave one number to two orders."""


def shop_of(name: str) -> Actor:
    """The shop as whoever does it: allowed what taking an order needs, and nothing else."""
    return Actor(name=f"{name} (shop)", permissions=_MAY)


def read(body: bytes) -> tuple[Sold, str]:
    """Read an order and the digest of all it says.

    Raises NotAccepted per field, of `body` for what is no object; a line is `lines.2.sku`.
    """
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise NotAccepted(body="An order is a JSON object.")
    refused: dict[str, str] = {}
    texts = {name: _text(told, name, name, refused) for name in _TEXTS}
    if not 0 < len(texts["number"]) <= LONGEST_ID:
        refused.setdefault("number", f"Between 1 and {LONGEST_ID} characters.")
    if texts["delivery"] not in list(DeliveryMethod):
        refused.setdefault("delivery", "Say delivery or pickup.")
    wanted_on = day_of(texts["wanted_on"])
    if texts["wanted_on"] and wanted_on is None:
        refused.setdefault("wanted_on", "Write a day such as 2026-03-05.")
    customer_id, details = _customer(told.get("customer"), refused)
    lines = _lines(told.get("lines"), refused)
    if refused:
        raise NotAccepted.of(refused)
    draft = OrderDraft(
        delivery_method=DeliveryMethod(texts["delivery"]),
        ship_name=texts["ship_name"],
        ship_address=texts["ship_address"],
        wanted_on=wanted_on,
        note=texts["note"],
        channel=Channel.ONLINE,
    )
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return Sold(texts["number"], customer_id, details, lines, texts["currency"], draft), digest


def _text(told: dict[str, Any], name: str, field: str, refused: dict[str, str]) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        refused[field] = "Text is needed."
        return ""
    if UNSTORABLE.search(value):
        refused[field] = "This holds a sign that cannot be stored."
        return ""
    return value.strip()


def _customer(told: Any, refused: dict[str, str]) -> tuple[str, CustomerDetails]:
    if not isinstance(told, dict):
        refused["customer"] = "Say who it is for."
        return "", CustomerDetails(name="")
    given = {name: _text(told, name, f"customer.{name}", refused) for name in ("id", *_DETAILS)}
    if not 0 < len(given["id"]) <= LONGEST_ID:
        refused.setdefault("customer.id", f"Between 1 and {LONGEST_ID} characters.")
    details = CustomerDetails(
        kind=CustomerKind.COMPANY if given["organisation"] else CustomerKind.PERSON,
        name=given["name"],
        organisation=given["organisation"],
        email=given["email"],
        phone=given["phone"],
        language=given["language"] or "en",
        street=given["street"],
        city=given["city"],
        region=given["region"],
        postal_code=given["postal_code"],
        country=given["country"],
    )
    return given["id"], details


def _lines(told: Any, refused: dict[str, str]) -> tuple[ShopLine, ...]:
    if not isinstance(told, list) or not 0 < len(told) <= MOST_LINES:
        refused["lines"] = f"Between 1 and {MOST_LINES} lines."
        return ()
    found = []
    for number, one in enumerate(told, 1):
        if not isinstance(one, dict):
            refused[f"lines.{number}"] = "A line is an object."
            continue
        quantity = one.get("quantity")
        if isinstance(quantity, bool) or not isinstance(quantity, int):
            refused[f"lines.{number}.quantity"] = "A whole number is needed."
            quantity = 0
        sku, price = (_text(one, name, f"lines.{number}.{name}", refused) for name in ("sku", "price"))
        found.append(ShopLine(sku, quantity, price))
    return tuple(found)


async def take(work: Work, shop: str, sold: Sold, digest: str) -> tuple[Order, bool]:
    """Place an order of a shop; give it, and whether it is new. Sent again, it is the same one. S0-0.1, S1-4.1.1

    Raises NotAccepted with a message per field, OtherOrder where the shop gives one number to two orders, and
    WrongMoment where somebody has just taken the last units.
    """
    work.require(May.PLACE_ORDERS)
    insert = bulk.insert_of(work.session)
    claim = insert(ShopOrder).values(shop=shop, number=sold.number, digest=digest, received_at=work.now)
    claimed = await work.session.scalar(
        claim.on_conflict_do_nothing().returning(ShopOrder.id), execution_options={"audited": True}
    )
    if claimed is None:
        return await _known(work, shop, sold, digest), False
    refused: dict[str, str] = {}
    if not (await channels.rule_of(work, Channel.ONLINE)).approved:
        refused["channel"] = "Orders are not taken online at present."
    customer = await _customer_of(work, shop, sold, refused)
    checked, places = await _checked(work, sold, customer, refused)
    refused |= _as_fields(checked, places)
    if checked.causes:  # who asks for that is a person, and decided by another
        refused["total"] = (
            "Two people have to agree to an order of this sum: have the customer call or write."
        )
    if refused:
        raise NotAccepted.of(refused)
    order = await orders.place(work, checked.draft, fingerprint=orders.fingerprint(checked))
    await notes.write(work, order, f"Came by itself from {shop}, where it is {sold.number}.")
    await work.session.execute(
        update(ShopOrder)
        .where(ShopOrder.id == claimed)
        .values(order_id=order.id)
        .execution_options(audited=True, synchronize_session=False)
    )
    became = {f"shop_orders/{claimed}": {"order_id": [None, order.id]}}
    await audit.record(work, "take in order of a shop", order, changes=became)
    return order, True


async def _known(work: Work, shop: str, sold: Sold, digest: str) -> Order:
    """The order that this one became before."""
    changes.accounted(work.session)  # the claim changed nothing: there is nothing to write down
    found = await work.session.execute(
        select(ShopOrder.digest, Order)
        .join(Order, Order.id == ShopOrder.order_id)
        .where(ShopOrder.shop == shop, ShopOrder.number == sold.number)
    )
    before, order = found.one()
    if before != digest:
        raise OtherOrder("The shop gave this number to another order.")
    taken: Order = order
    return taken


async def _customer_of(work: Work, shop: str, sold: Sold, refused: dict[str, str]) -> Customer | None:
    """Whom the shop knows by this id: as the desk has them, else taken down now."""
    known = await work.session.scalar(
        select(Customer).where(Customer.source == shop, Customer.source_id == sold.customer_id)
    )
    if known is not None and known.merged_into_id is not None:
        known = await work.session.get_one(Customer, known.merged_into_id)
    if known is not None:
        return known
    try:
        return await customers.create(work, sold.customer, source=shop, source_id=sold.customer_id)
    except NotAccepted as wrong:
        refused |= {f"customer.{name}": words for name, words in wrong.fields.items()}
    return None


async def _checked(
    work: Work, sold: Sold, customer: Customer | None, refused: dict[str, str]
) -> tuple[CheckedDraft, list[int]]:
    """The order beside the prices and the stock of now, and which line of the shop's each of its lines is."""
    rows = await work.session.scalars(select(Product).where(Product.sku.in_({one.sku for one in sold.lines})))
    goods = {one.sku: one for one in rows}
    places = [number for number, one in enumerate(sold.lines, 1) if one.sku in goods]
    for number, line in enumerate(sold.lines, 1):
        if line.sku not in goods:
            refused[f"lines.{number}.sku"] = "No product has this code."
    draft = replace(
        sold.draft,
        customer_id=customer.id if customer else None,
        lines=tuple((goods[one.sku].id, one.quantity) for one in sold.lines if one.sku in goods),
    )
    checked = await orders.check(work, draft)
    if sold.currency != checked.currency:
        refused["currency"] = f"Prices are in {checked.currency}."
    priced = {line.product_id: line.unit_price_minor for line in checked.lines}
    for number in places:
        line = sold.lines[number - 1]
        now = priced.get(goods[line.sku].id)
        if now is not None and read_amount(line.price, checked.currency) != now:
            refused[f"lines.{number}.price"] = f"It costs {in_words(now, checked.currency)} now."
    return checked, places


def _as_fields(checked: CheckedDraft, places: list[int]) -> dict[str, str]:
    """What keeps the draft from being placed, by the names of the shop's fields."""
    found = {}
    for name, words in checked.problems.items():
        line, _, field = name.removeprefix("line-").partition("-")
        if name.startswith("line-") and line.isdecimal():
            found[f"lines.{places[int(line) - 1]}.{'sku' if field == 'product' else field}"] = words
        elif name != "customer":  # its own fields say what is wrong with it
            found[{"delivery_method": "delivery"}.get(name, name)] = words
    return found
