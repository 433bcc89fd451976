"""What an order holds, as it is kept with each of its versions, and what differs between two of them. S1-4.6.2"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models import Order, OrderLine
from models.orders import hours_in_words
from models.words import SpecialRequestStatus
from portal.desk.fields.counting import spoken_day
from portal.desk.money import in_words
from portal.desk.orders.checking import CheckedDraft, CheckedLine

Content = dict[str, Any]
"""Plain values: lines, sums in minor units, where, when, wishes."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two versions of an order, in words. Empty where it was or is not there."""

    what: str
    old: str
    new: str
    private: bool = False
    """Whether it tells where the customer lives: shown only while the caller is verified. Decision 18"""

    @property
    def words(self) -> str:
        """As it is read aloud."""
        if not self.old:
            return _sentence(f"New: {self.what}, {self.new}")
        if not self.new:
            return _sentence(f"Left out: {self.what}, {self.old}")
        return _sentence(f"{self.what}: {self.new}, before {self.old}")


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else f"{words}."


def content_of(order: Order) -> Content:
    """What an order holds now; loaded with its lines and special requests."""
    return {
        "lines": _lines_of(order.lines),
        "currency": order.currency,
        "freight_minor": order.freight_minor,
        "total_minor": order.total_minor,
        "delivery_method": order.delivery_method.value,
        "ship_name": order.ship_name,
        "ship_address": order.ship_address,
        "wanted_on": order.wanted_on.isoformat() if order.wanted_on else None,
        "wanted_hours": order.wanted_hours,
        "expected_on": order.expected_on.isoformat() if order.expected_on else None,
        "note": order.note,
        "requests": [
            {"wish": one.wish, "status": one.status.value, "reason": one.reason} for one in order.requests
        ],
    }


def content_after(order: Order, checked: CheckedDraft) -> Content:
    """What the order would hold once it is amended so. A wish that stays keeps what was decided on it."""
    draft, known = checked.draft, {plain_wish(one.wish): one for one in order.requests}
    requests = []
    for wish in wishes_of(draft.requests):
        before = known.get(wish)
        requests.append(
            {
                "wish": before.wish if before else wish,
                "status": (before.status if before else SpecialRequestStatus.NEW).value,
                "reason": before.reason if before else "",
            }
        )
    return {
        "lines": _lines_of(checked.lines),
        "currency": checked.currency,
        "freight_minor": checked.freight_minor,
        "total_minor": checked.total_minor,
        "delivery_method": (draft.delivery_method or order.delivery_method).value,
        "ship_name": draft.ship_name or checked.customer_name,
        "ship_address": draft.ship_address,
        "wanted_on": draft.wanted_on.isoformat() if draft.wanted_on else None,
        "wanted_hours": hours_in_words(draft.wanted_from, draft.wanted_until),
        "expected_on": checked.expected_on.isoformat() if checked.expected_on else None,
        "note": draft.note,
        "requests": requests,
    }


def _lines_of(lines: Sequence[OrderLine] | Sequence[CheckedLine]) -> list[Content]:
    return [
        {
            "product_id": line.product_id,
            "sku": line.sku,
            "description": line.description,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price_minor,
            "discount_bp": line.discount_bp,
            "waiting": line.waiting,
        }
        for line in lines
    ]


def plain_wish(wish: str) -> str:
    """A special request in one line, so that the same one is known again."""
    return " ".join(wish.split())


def wishes_of(requests: tuple[str, ...]) -> list[str]:
    """The special requests of a draft, each once."""
    return list(dict.fromkeys(filter(None, map(plain_wish, requests))))


def differences(old: Content, new: Content) -> list[Change]:
    """Say what differs between two contents of an order, lines first, the total last. S1-4.6.2a"""
    found = _lines(old, new)
    for name, what, private in (
        ("delivery_method", "How", False),
        ("ship_name", "Name", True),
        ("ship_address", "Address", True),
        ("wanted_on", "Wanted by", False),
        ("wanted_hours", "Between", False),
        ("note", "Note", True),
    ):
        before, after = _shown(name, old), _shown(name, new)
        if before != after:
            found.append(Change(what, before or "none", after or "none", private))
    wishes = [[plain_wish(one["wish"]) for one in content["requests"]] for content in (old, new)]
    found += [Change("Special request", "", wish) for wish in wishes[1] if wish not in wishes[0]]
    found += [Change("Special request", wish, "") for wish in wishes[0] if wish not in wishes[1]]
    for name, what in (("freight_minor", "Freight"), ("expected_on", "Expected"), ("total_minor", "Total")):
        before, after = _shown(name, old), _shown(name, new)
        if before != after:
            found.append(Change(what, before or "not known", after or "not known"))
    return found


def same(old: Content, new: Content) -> bool:
    """Whether two contents are the same but for the day on which the order is expected."""
    return all(change.what == "Expected" for change in differences(old, new))


def _lines(old: Content, new: Content) -> list[Change]:
    before, after = _units(old), _units(new)
    found = []
    for key in dict.fromkeys([*before, *after]):
        _, what, price, discount = key
        had, has = before[key], after[key]
        if had == has:
            continue
        each = in_words(price, new["currency"])
        less = f" less {discount / 100:g} %" if discount else ""
        old_units, new_units = (f"{units} × {each}{less}" if units else "" for units in (had, has))
        found.append(Change(what, old_units, new_units))
    return found


def _units(content: Content) -> Counter[tuple[str, str, int, int]]:
    """Units by product and price, in the order of the lines."""
    units: Counter[tuple[str, str, int, int]] = Counter()
    for line in content["lines"]:
        what = line["description"] or line["sku"]
        units[line["sku"], what, line["unit_price_minor"], line["discount_bp"]] += line["quantity"]
    return units


def _shown(name: str, content: Mapping[str, Any]) -> str:
    value = content.get(name)  # versions of before hold no hours
    if value is None or value == "":
        return ""
    if name.endswith("_minor"):
        return in_words(value, content["currency"])
    if name.endswith("_on"):
        return spoken_day(date.fromisoformat(value))
    if name == "delivery_method":
        return "pick-up" if value == "pickup" else str(value)
    return ", ".join(part.strip() for part in str(value).splitlines() if part.strip())
