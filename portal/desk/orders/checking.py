"""Checking a draft against what is true now, and the words in which it is read back. S1-4.2, S1-4.3, S0-3.1.4"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from models import Customer, Order, OrderLine, Product
from models.orders import line_total_minor
from models.words import Channel, DeliveryMethod
from portal.desk import hours, policy, policy_versions, products
from portal.desk.cards import REFUSAL, holds_card_number
from portal.desk.money import in_words
from portal.desk.permissions import May
from portal.desk.work import Work

APPROVED_CHANNELS = frozenset({Channel.PHONE, Channel.EMAIL, Channel.CHAT, Channel.ONLINE, Channel.IN_PERSON})
"""Orders that come in by any other way are redirected to one of these. S1-4.1.1"""
MOST_UNITS = 1_000_000
MOST_LINES = 500
UNUSUAL = 3
"""How many times more than last time is worth asking about."""
REPLACED_BP = 10_000
"""What replaces a returned piece costs nothing: that was paid for. In basis points off the price. S3-4.1.3c"""
_LONGEST = {"ship_name": 300, "ship_address": 2_000, "note": 5_000, "request": 2_000}


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """What a customer wants, as far as it is known. Prices are not part of it: they are looked up. S0-3.1.2"""

    customer_id: int | None = None
    lines: tuple[tuple[int, int], ...] = ()
    """(product id, quantity) each."""
    delivery_method: DeliveryMethod | None = None
    ship_name: str = ""
    ship_address: str = ""
    wanted_on: date | None = None
    note: str = ""
    requests: tuple[str, ...] = ()
    channel: Channel = Channel.PHONE
    replaces: tuple[tuple[int, int], ...] = ()
    """(product id, units) of what comes back and is replaced by this order, which holds nothing else then."""


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One line with its price, in minor units, and what is left of the product."""

    product_id: int
    sku: str
    description: str
    unit: str
    quantity: int
    unit_price_minor: int
    available: int | None
    """None where stock is not counted."""
    discount_bp: int = 0
    """Only lines of an order that is amended have one, which stays as agreed, and those that replace a return."""

    @property
    def total_minor(self) -> int:
        return line_total_minor(self.quantity, self.unit_price_minor, self.discount_bp)


@dataclass(frozen=True, slots=True)
class CheckedDraft:
    """A draft beside what is true now. It can be placed when there are no problems."""

    draft: OrderDraft
    customer_name: str
    lines: tuple[CheckedLine, ...]
    currency: str
    expected_on: date | None
    problems: dict[str, str] = field(default_factory=dict)
    """One message per field, by the field's name: `customer`, `line-2-quantity`, `ship_address`, `request-1`."""
    freight_minor: int = 0
    amends: str = ""
    """The order's number and the version this becomes, such as `HR-26-000123-7/2`; empty for a new order."""

    @property
    def total_minor(self) -> int:
        return sum(line.total_minor for line in self.lines) + self.freight_minor

    @property
    def complete(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as in the customer's last orders: worth asking, not wrong. S1-4.2.2"""

    field: str
    words: str


class KeptLines:
    """The lines of an order that is amended: what they cost stays, and their units are promised already."""

    def __init__(self, order: Order | None = None) -> None:
        self.promised: Counter[int] = Counter()
        self._left: dict[int, list[OrderLine]] = {}
        for line in order.lines if order else ():
            if line.product_id is not None:
                self.promised[line.product_id] += line.quantity
                self._left.setdefault(line.product_id, []).append(line)

    def take(self, product_id: int) -> OrderLine | None:
        """The next line of the order with this product; None when there is none left, so that it is new."""
        left = self._left.get(product_id)
        return left.pop(0) if left else None

    def available(self, product: Product) -> int | None:
        """Units of a product this order can have; None where stock is not counted."""
        return None if product.available is None else product.available + self.promised[product.id]


async def check(work: Work, draft: OrderDraft, order: Order | None = None) -> CheckedDraft:
    """Look at a draft with fresh prices and stock, and name everything that keeps it from being placed.

    With the order it amends, loaded with its lines, what stays keeps its price. S1-4.2.1, S1-4.3.1, S1-4.3.2b, S0-0.1
    """
    work.require(May.PLACE_ORDERS if order is None else May.AMEND_ORDERS)
    problems: dict[str, str] = {}
    customer = await work.session.get(Customer, draft.customer_id) if draft.customer_id is not None else None
    if customer is None:
        problems["customer"] = "Find or create the customer first."
    if order is None and draft.channel not in APPROVED_CHANNELS:
        problems["channel"] = "Orders are not taken this way. Ask the customer to call or write."  # S1-4.1.1
    found = await products.load_all(work, [product_id for product_id, _ in draft.lines])
    lines = tuple(_lines(draft, found, KeptLines(order), problems))
    currencies = {found[line.product_id].currency for line in lines} | ({order.currency} if order else set())
    currency = min(currencies, default=work.terms.currency)
    if len(currencies) > 1:
        problems["lines"] = f"One order is in one currency; these are in {', '.join(sorted(currencies))}."
    _refuse_delivery(work, draft, order, problems)
    _refuse_words(draft, problems)
    expected = None
    if order is not None and not _takes_longer(draft, order):
        expected = order.expected_on
    elif draft.delivery_method:
        expected = await expected_on(work, draft)
    name = customer.name if customer else ""
    if order is None:
        return CheckedDraft(draft, name, lines, currency, expected, problems)
    becomes = f"{order.number}/{order.amended + 2}"
    return CheckedDraft(draft, name, lines, order.currency, expected, problems, order.freight_minor, becomes)


def _lines(
    draft: OrderDraft, found: dict[int, Product], kept: KeptLines, problems: dict[str, str]
) -> Iterable[CheckedLine]:
    if not draft.lines:
        problems["lines"] = "Add at least one product."
    if len(draft.lines) > MOST_LINES:
        problems["lines"] = f"At most {MOST_LINES} lines in one order."
    wanted: dict[int, int] = {}
    replaced = dict(draft.replaces)
    for number, (product_id, quantity) in enumerate(draft.lines, 1):
        product, before = found.get(product_id), kept.take(product_id)
        if product is None or not (product.active or before):
            name = product.name if product else "This product"
            problems[f"line-{number}-product"] = f"{name} is not on sale."
            continue
        wanted[product_id] = wanted.get(product_id, 0) + max(quantity, 0)
        available = kept.available(product)
        if not 1 <= quantity <= MOST_UNITS:
            problems[f"line-{number}-quantity"] = f"A whole number from 1 to {MOST_UNITS:,}."
        elif replaced and wanted[product_id] > replaced.get(product_id, 0):
            most = replaced.get(product_id, 0)
            problems[f"line-{number}-quantity"] = (
                f"{most or 'None'} of {product.name} comes back: anything more is an order of its own."
            )
        elif available is not None and wanted[product_id] > max(available, kept.promised[product_id]):
            left = f"Only {available}" if available else "None"
            problems[f"line-{number}-quantity"] = (
                f"{left} left of {product.name}. Wait, replace it or drop it."
            )
        elif not product.active and wanted[product_id] > kept.promised[product_id]:
            most = kept.promised[product_id]
            problems[f"line-{number}-quantity"] = f"{product.name} is no longer on sale: at most {most}."
        yield CheckedLine(
            product_id,
            before.sku if before else product.sku,
            (before.description if before else "") or product.name,
            product.unit,
            quantity,
            before.unit_price_minor if before else product.price_minor,
            available,
            before.discount_bp if before else REPLACED_BP if replaced else 0,
        )


def _refuse_delivery(work: Work, draft: OrderDraft, order: Order | None, problems: dict[str, str]) -> None:
    if draft.delivery_method is None:
        problems["delivery_method"] = "Choose delivery or pick-up."  # S0-3.1.2c
    if draft.delivery_method is DeliveryMethod.DELIVERY and not draft.ship_address.strip():
        problems["ship_address"] = "Enter where it is to be delivered."
    today = work.now.astimezone(ZoneInfo(work.actor.zone)).date()
    moved = order is None or draft.wanted_on != order.wanted_on
    if draft.wanted_on is not None and draft.wanted_on < today and moved:
        problems["wanted_on"] = "This day has passed."


def _refuse_words(draft: OrderDraft, problems: dict[str, str]) -> None:
    texts = {name: getattr(draft, name) for name in ("ship_name", "ship_address", "note")}
    texts |= {f"request-{number}": wish for number, wish in enumerate(draft.requests, 1)}
    for name, text in texts.items():
        longest = _LONGEST[name.partition("-")[0]]
        if len(text) > longest:
            problems[name] = f"At most {longest} characters; these are {len(text)}."
        elif holds_card_number(text):
            problems[name] = REFUSAL
        elif "\0" in text:
            problems[name] = "This holds a sign that cannot be stored. Type it anew."


def _takes_longer(draft: OrderDraft, order: Order) -> bool:
    """Whether an amendment asks for another way or day, or for more than was ordered: fewer need no more time."""
    wanted: Counter[int] = Counter()
    for product_id, quantity in draft.lines:
        wanted[product_id] += quantity
    more = bool(wanted - KeptLines(order).promised)
    return more or (draft.delivery_method, draft.wanted_on) != (order.delivery_method, order.wanted_on)


async def expected_on(work: Work, draft: OrderDraft) -> date:
    """The day the order is expected, or the later one that the customer asked for. S1-4.4.1b"""
    calendar = (await policy_versions.in_force(work)).calendar()
    pickup = draft.delivery_method is DeliveryMethod.PICKUP
    ready = hours.due(calendar.opening, work.now, policy.PICKUP_TAKES if pickup else policy.DELIVERY_TAKES)
    day = ready.astimezone(ZoneInfo(calendar.zone)).date()
    return max(day, draft.wanted_on or day)


def fingerprint(checked: CheckedDraft) -> str:
    """The fingerprint of exactly this content, prices included: change anything and it is another. Decision 19"""
    draft = checked.draft
    content: dict[str, object] = {
        "customer": draft.customer_id,
        "lines": [
            [line.product_id, line.sku, line.quantity, line.unit_price_minor] for line in checked.lines
        ],
        "currency": checked.currency,
        "total": checked.total_minor,
        "delivery_method": draft.delivery_method,
        "ship_name": draft.ship_name,
        "ship_address": draft.ship_address,
        "wanted_on": draft.wanted_on.isoformat() if draft.wanted_on else None,
        "note": draft.note,
        "requests": [wish for wish in draft.requests if wish.strip()],
        "channel": draft.channel,
    }
    if checked.amends:
        discounts = [line.discount_bp for line in checked.lines]
        content |= {"amends": checked.amends, "freight": checked.freight_minor, "discounts": discounts}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_aloud(checked: CheckedDraft) -> list[str]:
    """The sentences in which the order is repeated to the customer, made from the draft alone. S0-3.1.4"""
    draft, said = checked.draft, []
    for line in checked.lines:
        price, total = (
            in_words(sum_, checked.currency) for sum_ in (line.unit_price_minor, line.total_minor)
        )
        each = f" at {price} each" if line.quantity > 1 else ""
        less = f", less {line.discount_bp / 100:g} %" if line.discount_bp else ""
        said.append(f"{line.quantity} × {line.description}, {line.unit}{each}{less}: {total}.")
    if checked.freight_minor:
        said.append(f"Freight: {in_words(checked.freight_minor, checked.currency)}.")
    said.append(f"In total {in_words(checked.total_minor, checked.currency)}.")
    if draft.delivery_method is DeliveryMethod.PICKUP:
        said.append(f"{draft.ship_name or checked.customer_name} picks it up.")
    elif draft.delivery_method is DeliveryMethod.DELIVERY:
        where = ", ".join(part.strip() for part in draft.ship_address.splitlines() if part.strip())
        said.append(f"Delivered to {draft.ship_name or checked.customer_name}, {where}.")
    if draft.wanted_on:
        said.append(f"Wanted by {spoken_day(draft.wanted_on)}.")
    said += [f"Special request: {wish.strip()}" for wish in draft.requests if wish.strip()]
    if draft.note.strip():
        said.append(f"Note: {draft.note.strip()}")
    if checked.expected_on:
        ready = "Ready" if draft.delivery_method is DeliveryMethod.PICKUP else "Expected"
        said.append(f"{ready} on {spoken_day(checked.expected_on)}.")
    return said


def spoken_day(day: date) -> str:
    """`Thursday, 5 March 2026`"""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def differences(checked: CheckedDraft, last_orders: Sequence[Order]) -> list[Difference]:
    """What is not as in the customer's last orders, newest first, with their lines. S1-4.2.2

    Empty for a first order: then there is nothing to compare with.
    """
    if not last_orders:
        return []
    found: list[Difference] = []
    last, draft = last_orders[0], checked.draft
    goes_elsewhere = draft.ship_address.split() != last.ship_address.split()
    if draft.delivery_method is DeliveryMethod.DELIVERY and last.ship_address.strip() and goes_elsewhere:
        found.append(Difference("ship_address", f"Last time it went to {_one_line(last.ship_address)}."))
    if draft.delivery_method and draft.delivery_method is not last.delivery_method:
        found.append(Difference("delivery_method", f"Last time: {last.delivery_method.value}."))
    most: dict[int | None, int] = {}
    for line in (line for order in last_orders for line in order.lines):
        most[line.product_id] = max(most.get(line.product_id, 0), line.quantity)
    for number, wanted in enumerate(checked.lines, 1):
        before = most.get(wanted.product_id)
        if before is None:
            found.append(
                Difference(f"line-{number}-product", f"{wanted.description} is new to this customer.")
            )
        elif wanted.quantity >= UNUSUAL * max(before, 1):
            words = f"{wanted.quantity} × {wanted.description}; before it was {before} at most."
            found.append(Difference(f"line-{number}-quantity", words))
    return found


def _one_line(address: str) -> str:
    return ", ".join(part.strip() for part in address.splitlines() if part.strip())
