"""Reading one row of a file into what a table holds, and what there is to say about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from models import Customer, Order, OrderLine, Product
from models.words import Channel, CustomerKind, DeliveryMethod, OrderStatus, PreferredChannel
from portal.desk.cards import holds_card_number
from portal.desk.emails import wrong_with
from portal.desk.phones import kept

Values = dict[str, Any]

_NEEDED = {
    "customers": "source_id name contact_name contact_title email phone fax address city region postal_code country",
    "products": "source_id sku name category quantity_per_unit list_price units_in_stock discontinued",
    "orders": "source_id order_no customer_id order_date required_date shipped_date delivered_date status taken_by"
    " ship_via freight ship_name ship_address ship_city ship_region ship_postal_code ship_country",
    "lines": "order_id line_no product_id description quantity unit_price discount",
}
COLUMNS = {kind: tuple(columns.split()) for kind, columns in _NEEDED.items()}
"""The columns a file needs; others are left alone, and the order of columns does not matter."""

_LOST = re.compile("[\0\ud800-\udfff]")
_MOST = 2**31 - 1
_CENT = Decimal("0.01")
_STAGES = {
    "open": OrderStatus.CONFIRMED,
    "shipped": OrderStatus.DISPATCHED,
    "invoiced": OrderStatus.DELIVERED,
    "adjustment": OrderStatus.DELIVERED,
    "delivered": OrderStatus.DELIVERED,
    "cancellation": OrderStatus.CANCELLED,
    "cancelled": OrderStatus.CANCELLED,
}
"""How other houses call the stages of an order. An invoice that was written is an order of the past."""


class FindingKind(StrEnum):
    REFUSED = "refused"
    CORRECTED = "corrected"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: the line it begins on, and its values by column."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to say about one row."""

    line: int
    kind: FindingKind
    reason: str
    source_id: str


@dataclass(slots=True)
class Taken:
    """What became of a batch of rows."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, other: Taken) -> None:
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.findings += other.findings


class Refusal(ValueError):
    """A row that cannot be taken, with the reason."""


class Reader:
    """Reads the values of one row and gathers what there is to say about them. Raises Refusal."""

    def __init__(self, row: Row, key: str = "source_id") -> None:
        self.row = row
        self.findings: list[Finding] = []
        given = row.values[key]
        self.source_id = given.strip()
        if not self.source_id or _LOST.search(given):
            raise Refusal(f"The row has no {key} that can be read.")
        if self.source_id != given:
            self.correct(f"{key} “{given}” without its blanks")

    def correct(self, reason: str) -> None:
        self.findings.append(Finding(self.row.line, FindingKind.CORRECTED, reason, self.source_id))

    def note(self, reason: str) -> None:
        self.findings.append(Finding(self.row.line, FindingKind.NOTED, reason, self.source_id))

    def text(self, column: str, longest: int | None = None) -> str:
        """The text as it is given. Refuses what cannot be stored, and card numbers."""
        given = self.row.values[column]
        if _LOST.search(given):
            raise Refusal(f"{column} holds signs that are no text")
        if longest is not None and len(given) > longest:
            raise Refusal(f"{column} is longer than {longest} characters")
        if holds_card_number(given):
            raise Refusal(f"{column} looks like a card number")
        return given

    def number(self, column: str) -> Decimal | None:
        """A decimal number; None where the source has none."""
        given = self.row.values[column].strip()
        if not given:
            return None
        try:
            found = Decimal(given)
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            raise Refusal(f"{column} “{given[:40]}” is no number")
        return found

    def whole(self, column: str) -> int | None:
        """A whole number; None where the source has none."""
        found = self.number(column)
        if found is None:
            return None
        if found != found.to_integral_value() or abs(found) > _MOST:
            raise Refusal(f"{column} {found} is no whole number that can be stored")
        return int(found)

    def money(self, column: str) -> int | None:
        """An amount in hundredths; more than two places are rounded, with a word about it."""
        found = self.number(column)
        if found is None:
            return None
        if abs(found) > _MOST:
            raise Refusal(f"{column} {found} is more than can be stored")
        rounded = found.quantize(_CENT, ROUND_HALF_UP)
        if rounded != found:
            self.correct(f"{column} {found} became {rounded}")
        return int(rounded * 100)

    def moment(self, column: str) -> datetime | None:
        """A date or a moment, taken as UTC where no zone is given."""
        given = self.row.values[column].strip()
        if not given:
            return None
        try:
            found = datetime.fromisoformat(given)
        except ValueError:
            raise Refusal(f"{column} “{given[:40]}” is no date") from None
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def day(self, column: str) -> date | None:
        found = self.moment(column)
        return found.date() if found else None


def length(table: type, column: str) -> int | None:
    """How many characters a column takes."""
    found: int | None = getattr(table.__table__.c[column].type, "length", None)  # type: ignore[attr-defined] # a table's class
    return found


def customer(read: Reader) -> Values:
    """A row of customers. Somebody without any name is called by their id there."""
    company, person = read.text("name", 300), read.text("contact_name", 300)
    name = person if person.strip() else company
    if not name.strip():
        name = f"Customer {read.source_id}"
        read.correct(f"no name; called “{name}”")
    told = []
    if title := read.text("contact_title"):
        told.append(title)
    if fax := read.text("fax"):
        told.append(f"Fax {fax}")
    email = read.text("email", length(Customer, "email")).strip()
    if email and wrong_with(email):
        read.correct(f"“{email}” is no e-mail address; it stands in the note")
        told.append(f"E-mail as given: {email}")
        email = ""
    country = read.text("country", length(Customer, "country"))
    return {
        "kind": CustomerKind.COMPANY if company.strip() and person.strip() else CustomerKind.PERSON,
        "name": name,
        "organisation": company if person.strip() else "",
        "email": email,
        "phone": kept(read.text("phone", length(Customer, "phone")), country),
        "preferred_channel": PreferredChannel.EMAIL if email else PreferredChannel.CALL,
        "street": read.text("address"),
        "city": read.text("city", length(Customer, "city")),
        "region": read.text("region", length(Customer, "region")),
        "postal_code": read.text("postal_code", length(Customer, "postal_code")),
        "country": country,
        "note": ". ".join(told),
    }


def product(read: Reader) -> Values:
    """A row of products. What has no price is not on sale. The count is the stock room's own once it is taken."""
    sku = read.text("sku", length(Product, "sku"))
    if not sku.strip():
        raise Refusal("The product has no code.")
    name, price = read.text("name", length(Product, "name")), read.money("list_price")
    if not name.strip():
        name = sku
        read.correct("no name; called by its code")
    if price is None:
        read.correct("no price; not on sale")
    elif price < 0:
        raise Refusal("list_price is below nothing")
    on_hand = read.whole("units_in_stock")
    if on_hand is not None and on_hand < 0:
        read.correct(f"units_in_stock {on_hand} became 0")
        on_hand = 0
    return {
        "sku": sku,
        "name": name,
        "category": read.text("category", length(Product, "category")),
        "unit": read.text("quantity_per_unit", length(Product, "unit")) or "piece",
        "price_minor": price or 0,
        "active": price is not None and read.text("discontinued").strip().lower() not in {"1", "true", "yes"},
        "on_hand": on_hand,
    }


def order(read: Reader) -> Values:
    """A row of orders, without its lines; `customer_id` is still the customer's id in the source."""
    placed_at = read.moment("order_date")
    if placed_at is None:
        raise Refusal("The order has no date.")
    word = read.text("status").strip().lower()
    status = _STAGES.get(word)
    if status is None:
        raise Refusal(f"status “{word[:40]}” is not known")
    dispatched_at, delivered_at = read.moment("shipped_date"), read.moment("delivered_date")
    if delivered_at is not None and status is OrderStatus.DISPATCHED:
        status = OrderStatus.DELIVERED
    if status is OrderStatus.DELIVERED and delivered_at is None:
        delivered_at = dispatched_at or placed_at
    who = read.text("customer_id").strip()
    if not who:
        read.note("no customer")
    told = []
    if taken_by := read.text("taken_by"):
        told.append(f"Taken by {taken_by}")
    number = read.text("order_no")
    if number.strip() not in {"", read.source_id}:
        told.append(f"Order {number}")
    parts = [read.text(f"ship_{part}") for part in ("address", "city", "region", "postal_code", "country")]
    street, city, region, postal_code, country = parts
    address = "\n".join(filter(None, [street, " ".join(filter(None, [postal_code, city, region])), country]))
    cancelled = status is OrderStatus.CANCELLED
    return {
        "customer_id": who,
        "channel": Channel.ONLINE,
        "status": status,
        "delivery_method": DeliveryMethod.DELIVERY,
        "ship_name": read.text("ship_name", length(Order, "ship_name")),
        "ship_address": address,
        "wanted_on": read.day("required_date"),
        "note": ". ".join(told),
        "freight_minor": read.money("freight") or 0,
        "carrier": read.text("ship_via", length(Order, "carrier")),
        "cancelled_because": "Cancelled where it came from." if cancelled else "",
        "placed_at": placed_at,
        "confirmed_at": placed_at,
        "dispatched_at": dispatched_at,
        "delivered_at": delivered_at,
        "cancelled_at": placed_at if cancelled else None,
    }


def line(read: Reader) -> Values:
    """A row of order lines; `order_id` and `product_id` are still the ids in the source."""
    number, quantity = read.whole("line_no"), read.whole("quantity")
    price, share = read.money("unit_price"), read.number("discount") or Decimal(0)
    if number is None or quantity is None or price is None:
        raise Refusal("A line needs line_no, quantity and unit_price.")
    if quantity == 0:
        raise Refusal("quantity is 0")
    if not 0 <= share <= 1:
        raise Refusal(f"discount {share} is not between 0 and 1")
    points = (share * 10_000).quantize(Decimal(1), ROUND_HALF_UP)
    if points != share * 10_000:
        read.correct(f"discount {share} became {points / 10_000}")
    if quantity < 0:
        read.note(f"quantity {quantity}: taken as a return")
    if (read.number("unit_price") or 0) <= 0:
        read.note(f"unit_price {price / 100:.2f}")
    return {
        "order_id": read.source_id,
        "line_no": number,
        "product_id": read.text("product_id").strip(),
        "description": read.text("description", length(OrderLine, "description")),
        "quantity": quantity,
        "unit_price_minor": price,
        "discount_bp": int(points),
    }


def refused(rows: Iterable[Row], reason: str, key: str = "source_id") -> list[Finding]:
    """The same refusal for each of these rows."""
    return [
        Finding(one.line, FindingKind.REFUSED, reason, one.values.get(key, "").strip()[:120]) for one in rows
    ]
