"""Checking a draft against what is true now, and the fingerprint of what was checked. S1-4.2, S1-4.3, S0-3.1.4"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from models import Customer, Order, OrderLine, Product
from models.orders import hours_in_words, line_total_minor
from models.words import ApprovalCause, Channel, DeliveryMethod, OrderStatus
from portal.desk import hours, order_rules, order_terms, packs, policy, policy_versions, products
from portal.desk.cards import REFUSAL, holds_card_number
from portal.desk.money import percent
from portal.desk.orders import windows
from portal.desk.orders.kept import KeptLines
from portal.desk.orders.prices import LinePrices, OwnPrice, line_prices
from portal.desk.permissions import May
from portal.desk.work import Work

APPROVED_CHANNELS = frozenset({Channel.PHONE, Channel.EMAIL, Channel.CHAT, Channel.ONLINE, Channel.IN_PERSON})
"""Orders that come in by any other way are redirected to one of these. S1-4.1.1"""
MOST_UNITS = 1_000_000
MOST_LINES = 500
REPLACED_BP = 10_000
"""What replaces a returned piece costs nothing: that was paid for. In basis points off the price. S3-4.1.3c"""
_LONGEST = {"ship_name": 300, "ship_address": 2_000, "note": 5_000, "request": 2_000}


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """What a customer wants, as far as it is known. Prices are looked up, unless one of one's own is given. S0-3.1.2"""

    customer_id: int | None = None
    lines: tuple[tuple[int, int], ...] = ()
    """(product id, quantity) each."""
    delivery_method: DeliveryMethod | None = None
    ship_name: str = ""
    ship_address: str = ""
    wanted_on: date | None = None
    wanted_from: time | None = None
    wanted_until: time | None = None
    """The hours of that day, or neither. S1-4.1.2d"""
    note: str = ""
    requests: tuple[str, ...] = ()
    channel: Channel = Channel.PHONE
    waits: tuple[tuple[int, date | None], ...] = ()
    """(product id, day on which it is expected to come in, where known) of what the customer would wait for. S1-4.2.1a"""
    replaces: tuple[tuple[int, int], ...] = ()
    """(product id, units) of what comes back and is replaced by this order, which holds nothing else then."""
    own_prices: tuple[OwnPrice, ...] = ()
    """Other prices than those of the lists, for some of its products. S1-4.2.1b"""


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
    waiting: int = 0
    """Of the units, those that come later: they are not there, and the customer waits for them."""
    waits_until: date | None = None
    list_price_minor: int | None = None
    """What one costs this customer by the price lists; None where nobody noted it."""
    price_reason: str = ""
    """Why it costs less; empty where the list price holds."""
    tax_bp: int | None = None
    """The tax its price includes, in basis points; None where nobody said. S1-4.4.1a"""

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
    terms_id: int | None = None
    """The version of the terms that holds for it, and is read out with it; an amendment brings none. S4-4.2"""
    causes: tuple[ApprovalCause, ...] = ()
    """Why somebody else has to agree before the order is confirmed; empty where nobody has to.
    S1-4.2.1b, S1-4.3.2a"""

    @property
    def total_minor(self) -> int:
        return sum(line.total_minor for line in self.lines) + self.freight_minor

    @property
    def listed_minor(self) -> int:
        """What it comes to where the list prices hold instead of prices of one's own."""
        return self.total_minor + sum(
            line_total_minor(line.quantity, line.list_price_minor, line.discount_bp) - line.total_minor
            for line in self.lines
            if line.price_reason and line.list_price_minor is not None
        )

    @property
    def waits(self) -> bool:
        """Whether something of it comes later."""
        return any(line.waiting for line in self.lines)

    @property
    def complete(self) -> bool:
        return not self.problems


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
    today = work.now.astimezone(ZoneInfo(work.actor.zone)).date()
    own_prices = () if draft.replaces else draft.own_prices
    held = order is not None and order.status is OrderStatus.DRAFT
    priced = await line_prices(work, own_prices, customer, found.values(), held=held)
    beyond: set[int] = set()
    lines = tuple(_lines(draft, found, KeptLines(order), priced, today, problems, beyond))
    if beyond and order is not None and not held:
        words = (
            f"Below the list price you may go by {percent(priced.limit_bp)}: ask your supervisor to amend it."
        )
        problems |= {f"line-{number}-price": words for number in beyond}
    currencies = {found[line.product_id].currency for line in lines} | ({order.currency} if order else set())
    currency = min(currencies, default=work.terms.currency)
    if len(currencies) > 1:
        problems["lines"] = f"One order is in one currency; these are in {', '.join(sorted(currencies))}."
    _refuse_delivery(draft, order, today, problems)
    problems |= await windows.refused(
        work, draft.delivery_method, draft.wanted_on, draft.wanted_from, draft.wanted_until
    )
    _refuse_words(draft, problems)
    expected = None
    if order is not None and not _takes_longer(draft, order, lines):
        expected = order.expected_on
    elif draft.delivery_method and (begins := _complete_from(lines, today)) is not None:
        expected = await expected_on(work, draft.delivery_method, draft.wanted_on, begins)
    name = customer.name if customer else ""
    freight, becomes = 0, ""
    if order is not None:
        currency, freight, becomes = (
            order.currency,
            order.freight_minor,
            f"{order.number}/{order.amended + 2}",
        )
    terms_id = await order_terms.in_force(work) if order is None else None
    checked = CheckedDraft(draft, name, lines, currency, expected, problems, freight, becomes, terms_id)
    if order is not None and not held:
        return checked
    return replace(checked, causes=await _causes(work, checked, beyond=bool(beyond)))


async def _causes(work: Work, checked: CheckedDraft, *, beyond: bool) -> tuple[ApprovalCause, ...]:
    """Why somebody else has to agree to it: a price below what its author may give, or its sum. S1-4.2.1b, S1-4.3.2a"""
    large = await order_rules.needs_a_second(work, checked.total_minor, checked.currency)
    found = ((ApprovalCause.PRICE, beyond), (ApprovalCause.VALUE, large))
    return tuple(cause for cause, holds in found if holds)


def _lines(
    draft: OrderDraft,
    found: dict[int, Product],
    kept: KeptLines,
    priced: LinePrices,
    today: date,
    problems: dict[str, str],
    beyond: set[int],
) -> Iterable[CheckedLine]:
    """The lines with their prices; `beyond` gathers the numbers of those whose price is below what one may give."""
    if not draft.lines:
        problems["lines"] = "Add at least one product."
    if len(draft.lines) > MOST_LINES:
        problems["lines"] = f"At most {MOST_LINES} lines in one order."
    wanted: Counter[int] = Counter()
    waits = dict(draft.waits)
    for number, (product_id, quantity) in enumerate(draft.lines, 1):
        product, before = found.get(product_id), kept.take(product_id)
        if product is None or not (product.active or before):
            name = product.name if product else "This product"
            problems[f"line-{number}-product"] = f"{name} is not on sale."
            continue
        wanted[product_id] += max(quantity, 0)
        available, short = kept.available(product), kept.short(product, quantity)
        until = waits.get(product_id)
        if words := _wrong_quantity(draft, product, kept, quantity, wanted[product_id], before):
            problems[f"line-{number}-quantity"] = words
        elif short and product_id not in waits:
            left = f"Only {available}" if available else "None"
            problems[f"line-{number}-quantity"] = (
                f"{left} left of {product.name}. Wait, replace it or drop it."
            )
        elif short and until is not None and until < today and until != kept.waits_until.get(product_id):
            problems[f"line-{number}-until"] = "This day has passed."
        price = priced.of(product, before)
        problems |= {f"line-{number}-{name}": words for name, words in price.wrong.items()}
        beyond |= {number} if price.beyond else set()
        yield CheckedLine(
            product_id,
            before.sku if before else product.sku,
            (before.description if before else "") or product.name,
            product.unit,
            quantity,
            price.unit_minor,
            available,
            before.discount_bp if before else REPLACED_BP if draft.replaces else 0,
            short,
            until if short else None,
            price.listed_minor,
            before.price_reason if before else price.reason,
            price.tax_bp,
        )


def _wrong_quantity(
    draft: OrderDraft, product: Product, kept: KeptLines, quantity: int, in_all: int, before: OrderLine | None
) -> str:
    """Say why so many of a product cannot be ordered, whatever is there of it; empty when they can.

    A line that an amendment leaves as it is stays so, also where packs are another size by now. S0-3.1.2b
    """
    if not 1 <= quantity <= MOST_UNITS:
        return f"A whole number from 1 to {MOST_UNITS:,}."
    most = dict(draft.replaces).get(product.id, 0)
    if draft.replaces and in_all > most:
        return f"{most or 'None'} of {product.name} comes back: anything more is an order of its own."
    if not product.active and in_all > kept.ordered[product.id]:
        return f"{product.name} is no longer on sale: at most {kept.ordered[product.id]}."
    stays = before is not None and before.quantity == quantity
    return "" if stays or draft.replaces else packs.wrong(product, quantity)


def _refuse_delivery(draft: OrderDraft, order: Order | None, today: date, problems: dict[str, str]) -> None:
    if draft.delivery_method is None:
        problems["delivery_method"] = "Choose delivery or pick-up."  # S0-3.1.2c
    if draft.delivery_method is DeliveryMethod.DELIVERY and not draft.ship_address.strip():
        problems["ship_address"] = "Enter where it is to be delivered."
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


def _takes_longer(draft: OrderDraft, order: Order, lines: Sequence[CheckedLine]) -> bool:
    """Whether an amendment asks for another way or day, for more than was ordered, or is waited for otherwise.

    Fewer need no more time.
    """
    wanted: Counter[int] = Counter()
    for product_id, quantity in draft.lines:
        wanted[product_id] += quantity
    more = bool(wanted - KeptLines(order).ordered)
    waited = {(line.product_id, line.waits_until) for line in order.lines if line.waiting}
    waits = {(line.product_id, line.waits_until) for line in lines if line.waiting}
    otherwise = (draft.delivery_method, draft.wanted_on) != (order.delivery_method, order.wanted_on)
    return more or otherwise or waited != waits


def _complete_from(lines: Sequence[CheckedLine], today: date) -> date | None:
    """From which day on all of it is there, the first of all days where it is; None where nobody can say. S1-4.4.1b

    A day that has passed, and the goods have not come, says nothing.
    """
    days = [line.waits_until for line in lines if line.waiting]
    known = [day for day in days if day is not None and day >= today]
    return max(known, default=date.min) if len(known) == len(days) else None


async def expected_on(
    work: Work, method: DeliveryMethod, wanted_on: date | None, complete_from: date = date.min
) -> date:
    """The day an order is expected, or the later one that the customer asked for. S1-4.4.1b

    What is not complete yet takes its time from the day on which it is.
    """
    calendar = (await policy_versions.in_force(work)).calendar()
    zone, pickup = ZoneInfo(calendar.zone), method is DeliveryMethod.PICKUP
    begins = work.now
    if complete_from > work.now.astimezone(zone).date():
        begins = datetime.combine(complete_from, time(), zone).astimezone(UTC)
    ready = hours.due(calendar.opening, begins, policy.PICKUP_TAKES if pickup else policy.DELIVERY_TAKES)
    day = ready.astimezone(zone).date()
    return max(day, wanted_on or day)


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
    if wanted_hours := hours_in_words(draft.wanted_from, draft.wanted_until):
        content["wanted_hours"] = wanted_hours
    if checked.waits:
        content["waiting"] = [
            [line.product_id, line.waiting, line.waits_until.isoformat() if line.waits_until else None]
            for line in checked.lines
            if line.waiting
        ]
    if any(line.price_reason for line in checked.lines):
        content["listed"] = [checked.listed_minor, [line.list_price_minor for line in checked.lines]]
    if checked.terms_id is not None:
        content["terms"] = checked.terms_id
    if checked.causes:
        content["causes"] = list(checked.causes)
    if checked.amends:
        discounts = [line.discount_bp for line in checked.lines]
        content |= {"amends": checked.amends, "freight": checked.freight_minor, "discounts": discounts}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
