"""Facts that only the customer should know, compared here and never shown. S2-2.1, S2-2.6"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models import Contact, Customer, Order
from models.words import OrderStatus, VerificationMethod
from portal.desk import audit, policy_versions, tokens
from portal.desk.errors import NotAccepted
from portal.desk.numbers import read_number
from portal.desk.permissions import May
from portal.desk.phones import kept
from portal.desk.verification.standing import (
    Verification,
    allowed_method,
    count_as,
    failed,
    held_customer,
    prove,
    standing,
)
from portal.desk.work import Work

NATIONAL_DIGITS = 7
"""From how many digits on the end of a number stands for the whole."""


class Fact(StrEnum):
    """What only the customer should know."""

    ORDER_NUMBER = "order_number"
    POSTCODE = "postcode"
    EMAIL = "email"
    PHONE = "phone"
    LAST_ORDER_ON = "last_order_on"


async def verify(work: Work, contact: Contact, facts: Mapping[str, str]) -> Verification:
    """Compare what the caller says with what is known, and count what fails. S2-2.1, S2-2.6

    `facts` are answers by the name of the fact; empty ones are left out. Facts that match add up over the
    tries of one contact; a try in which one is wrong counts as failed until enough have matched. Raises
    WrongMoment when there is no customer yet, no try left, or the customer or the caller is locked.
    """
    work.require(May.TAKE_CONTACTS)
    if unknown := facts.keys() - set(Fact):
        raise NotAccepted.of(dict.fromkeys(sorted(unknown), "This is no fact we compare."))
    given = {Fact(name): text for name, text in facts.items() if text.strip()}
    customer = await held_customer(work, contact)
    method = await allowed_method(work, contact, customer, VerificationMethod.FACTS)
    if not given:
        raise NotAccepted.of({Fact.ORDER_NUMBER: "Ask for at least one of these."})
    right = {fact for fact, text in given.items() if await _matches(work, customer, fact, text)}
    matched = set(prove(work, contact, {fact.value for fact in right})) & {fact.value for fact in Fact}
    if len(matched) >= method.facts_needed:
        count_as(work, contact, customer, method)
        await audit.record(work, "verify caller", contact)
    elif right == given.keys():
        await audit.record(work, "compare facts", contact)
    else:
        await failed(work, contact, customer, "fail verification")
    after = await standing(work, contact)
    locked = customer.locked_until if customer.locked_until and customer.locked_until > work.now else None
    return replace(after, locked_until=locked)


async def _matches(work: Work, customer: Customer, fact: Fact, text: str) -> bool:
    match fact:
        case Fact.ORDER_NUMBER:
            return await _has_order(work, customer, text)
        case Fact.POSTCODE:
            return _same(text, customer.postal_code)
        case Fact.EMAIL:
            return _same(text, customer.email)
        case Fact.PHONE:
            return _same_phone(text, customer)
        case Fact.LAST_ORDER_ON:
            return await _ordered_last_on(work, customer, text)


def _same(told: str, known: str) -> bool:
    """Alike but for case, marks and spaces. What is not known matches nothing."""
    told, known = ("".join(tokens.plain(text).split()) for text in (told, known))
    return bool(known) and told == known


def _same_phone(told: str, customer: Customer) -> bool:
    """The same number in any spelling, also without its country."""
    if not customer.phone:
        return False
    bare = tokens.digits(told).lstrip("0")
    ends_so = len(bare) >= NATIONAL_DIGITS and tokens.digits(customer.phone).endswith(bare)
    return ends_so or kept(told, customer.country) == customer.phone


async def _has_order(work: Work, customer: Customer, text: str) -> bool:
    mine = select(Order.id).where(Order.customer_id == customer.id)
    number = read_number(text)
    by_number = Order.number == number if number else Order.source_id == text.strip()
    return await work.session.scalar(mine.where(by_number).limit(1)) is not None


async def _ordered_last_on(work: Work, customer: Customer, text: str) -> bool:
    placed_at = await work.session.scalar(
        select(Order.placed_at)
        .where(Order.customer_id == customer.id, Order.status != OrderStatus.DRAFT)
        .order_by(Order.placed_at.desc())
        .limit(1)
    )
    try:
        told = date.fromisoformat(text.strip())
    except ValueError:
        return False
    if placed_at is None:
        return False
    row = (await policy_versions.in_force(work)).calendar()
    return told == placed_at.astimezone(ZoneInfo(row.zone)).date()
