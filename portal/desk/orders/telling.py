"""A checked draft in words: read back to the customer, and beside the last orders. S0-3.1.4, S1-4.2.2"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models import Order
from models.words import ApprovalCause, DeliveryMethod
from portal.desk.fields.counting import spoken_day
from portal.desk.money import in_words
from portal.desk.orders.checking import CheckedDraft, CheckedLine, OrderDraft

UNUSUAL = 3
"""How many times more than last time is worth asking about."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as in the customer's last orders: worth asking, not wrong. S1-4.2.2"""

    field: str
    words: str


def read_aloud(checked: CheckedDraft) -> list[str]:
    """The sentences in which the order is repeated to the customer, made from the draft alone. S0-3.1.4"""
    draft, said = checked.draft, []
    for line in checked.lines:
        said += _line(line, checked.currency)
    if checked.freight_minor:
        said.append(f"Freight: {in_words(checked.freight_minor, checked.currency)}.")
    said.append(f"In total {in_words(checked.total_minor, checked.currency)}.")
    said += _to_agree(checked)
    if draft.delivery_method is DeliveryMethod.PICKUP:
        said.append(f"{draft.ship_name or checked.customer_name} picks it up.")
    elif draft.delivery_method is DeliveryMethod.DELIVERY:
        where = ", ".join(part.strip() for part in draft.ship_address.splitlines() if part.strip())
        said.append(f"Delivered to {draft.ship_name or checked.customer_name}, {where}.")
    if draft.wanted_on:
        said.append(_wanted(draft))
    said += [f"Special request: {wish.strip()}" for wish in draft.requests if wish.strip()]
    if draft.note.strip():
        said.append(f"Note: {draft.note.strip()}")
    if checked.expected_on:
        ready = "Ready" if draft.delivery_method is DeliveryMethod.PICKUP else "Expected"
        said.append(f"{ready} on {spoken_day(checked.expected_on)}.")
    elif checked.waits:
        said.append("Nothing leaves before all of it is there; we name the day then.")
    return said


def _wanted(draft: OrderDraft) -> str:
    """By which day the order is wanted, or between which hours of it. S1-4.1.2d"""
    day = spoken_day(draft.wanted_on) if draft.wanted_on else ""
    if draft.wanted_from and draft.wanted_until:
        return f"Wanted on {day}, between {draft.wanted_from:%H:%M} and {draft.wanted_until:%H:%M}."
    return f"Wanted by {day}."


def _to_agree(checked: CheckedDraft) -> list[str]:
    """What somebody else has to agree to first, and what holds if not. S1-4.2.1b, S1-4.3.2a"""
    said: list[str] = []
    if ApprovalCause.PRICE in checked.causes:
        listed = in_words(checked.listed_minor, checked.currency)
        said.append(
            f"A colleague has to agree to the lower price; else the list price holds, in total {listed}."
        )
    if ApprovalCause.VALUE in checked.causes:
        said.append("A second person checks the order before we confirm it.")
    return said


def _line(line: CheckedLine, currency: str) -> list[str]:
    price, total = (in_words(sum_, currency) for sum_ in (line.unit_price_minor, line.total_minor))
    each = f" at {price} each" if line.quantity > 1 else ""
    if line.price_reason and line.list_price_minor is not None:
        each += f", instead of {in_words(line.list_price_minor, currency)}"
    less = f", less {line.discount_bp / 100:g} %" if line.discount_bp else ""
    said = [f"{line.quantity} × {line.description}, {line.unit}{each}{less}: {total}."]
    return [*said, _later(line)] if line.waiting else said


def _later(line: CheckedLine) -> str:
    """Which units come later, and when, as far as somebody knows. S1-4.2.1a"""
    units, they = "It comes" if line.quantity == 1 else "All of it comes", "it is"
    if line.waiting < line.quantity:
        units = f"{line.waiting} of them {'comes' if line.waiting == 1 else 'come'}"
        they = "it is" if line.waiting == 1 else "they are"
    if line.waits_until is None:
        return f"{units} later: {they} not in stock, and we write as soon as everything is in."
    return f"{units} later: {they} not in stock, and expected in on {spoken_day(line.waits_until)}."


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
