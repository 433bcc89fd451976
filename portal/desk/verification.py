"""Making sure who is speaking, before anything of a customer is shown. Decision 18, S2-1.4, S2-2

Answers are compared here and never shown to the representative: she is told which facts matched, not what they
are. A caller who fails too often is turned away, a customer who is guessed at too often is locked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models import Contact, Customer, Order
from models.words import ContactStatus, OrderStatus
from portal.desk import audit, calendars, policy, tokens
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.numbers import read_number
from portal.desk.permissions import May
from portal.desk.phones import kept
from portal.desk.saving import hold
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


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the verification of this contact has come."""

    strength: int
    """How many facts matched."""
    needed: int
    tries_left: int
    until: datetime | None
    """Until when the caller counts as verified; None while she does not."""
    matched: tuple[str, ...] = ()
    """The names of the facts that matched, never their values."""
    locked_until: datetime | None = None
    """Set when the customer was guessed at too often."""

    @property
    def verified(self) -> bool:
        return self.until is not None


def standing(work: Work, contact: Contact) -> Verification:
    """Where the verification of a contact stands now. After its time it begins anew. S2-2.7"""
    live = is_verified(work, contact)
    over = contact.verified_until is not None and not live
    matched = () if over else tuple(filter(None, contact.verified_by.split(",")))
    return Verification(
        strength=len(matched),
        needed=policy.FACTS_NEEDED,
        tries_left=max(policy.TRIES_A_CONTACT - contact.failed_verifications, 0),
        until=contact.verified_until if live else None,
        matched=matched,
    )


def is_verified(work: Work, contact: Contact) -> bool:
    """Whether the caller of this contact is verified at this moment. S2-2.7"""
    return contact.verified_until is not None and contact.verified_until > work.now


async def verify(work: Work, contact: Contact, facts: Mapping[str, str]) -> Verification:
    """Compare what the caller says with what is known, and count what fails. S2-2.1, S2-2.6

    `facts` are answers by the name of the fact; empty ones are left out. Facts that match add up over the
    tries of one contact; a try in which one is wrong counts as failed until enough have matched. Raises
    WrongMoment when there is no customer yet, no try left, or the customer is locked.
    """
    work.require(May.TAKE_CONTACTS)
    if unknown := facts.keys() - set(Fact):
        raise NotAccepted.of(dict.fromkeys(sorted(unknown), "This is no fact we compare."))
    given = {Fact(name): text for name, text in facts.items() if text.strip()}
    await hold(work, contact)
    customer = await _customer_of(work, contact)
    await hold(work, customer)
    before = standing(work, contact)
    _refuse_too_many(work, customer, before)
    if not given:
        raise NotAccepted.of({Fact.ORDER_NUMBER: "Ask for at least one of these."})
    right = {fact for fact, text in given.items() if await _matches(work, customer, fact, text)}
    matched = sorted({*before.matched, *(fact.value for fact in right)})
    contact.verified_by = ",".join(matched)
    contact.verified_until = None
    if len(matched) >= policy.FACTS_NEEDED:
        contact.verified_until = work.now + policy.VERIFIED_FOR
        customer.failed_verifications = 0
        await audit.record(work, "verify caller", contact)
    elif right == given.keys():
        await audit.record(work, "compare facts", contact)
    else:
        contact.failed_verifications += 1
        customer.failed_verifications += 1
        await audit.record(work, "fail verification", contact)
        if customer.failed_verifications >= policy.TRIES_A_CUSTOMER:
            customer.locked_until = work.now + policy.LOCKED_FOR
            customer.failed_verifications = 0
            reason = f"{policy.TRIES_A_CUSTOMER} failed verifications; the last in {contact.number}."
            await audit.record(work, "lock customer", customer, reason=reason)
    after = standing(work, contact)
    locked = customer.locked_until if customer.locked_until and customer.locked_until > work.now else None
    return Verification(after.strength, after.needed, after.tries_left, after.until, after.matched, locked)


def _refuse_too_many(work: Work, customer: Customer, before: Verification) -> None:
    if customer.locked_until is not None and customer.locked_until > work.now:
        raise WrongMoment(
            "This customer cannot be verified now: too many tries failed. A supervisor can see them."
        )
    if before.tries_left == 0:
        raise WrongMoment("No tries are left in this contact. Offer to call back on the number we know.")


async def _customer_of(work: Work, contact: Contact) -> Customer:
    if contact.status is not ContactStatus.OPEN:
        raise WrongMoment("This contact has ended.")
    if contact.customer_id is None:
        raise WrongMoment("Find the customer first, then verify the caller.")
    return await work.session.get_one(Customer, contact.customer_id)


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
    row, _ = await calendars.default_calendar(work)
    return told == placed_at.astimezone(ZoneInfo(row.zone)).date()


async def reveal(work: Work, subject: Contact | Customer, reason: str) -> Customer:
    """Show a customer's details without verification, for a reason that is written down. S2-2.4

    Raises NotAccepted without a reason.
    """
    work.require(May.SEE_CUSTOMERS)
    if not reason.strip():
        raise NotAccepted(reason="Say why you need to see the details.")
    refuse_card_numbers(reason=reason)
    customer = subject if isinstance(subject, Customer) else await _customer_of(work, subject)
    await audit.record(work, "reveal customer", customer, reason=reason)
    return customer


async def unlock(work: Work, customer: Customer, reason: str) -> None:
    """Let a locked customer be verified again. For those who lead the desk; needs a reason. S2-2.6"""
    work.require(May.SEE_TEAM, May.EDIT_CUSTOMERS)
    if not reason.strip():
        raise NotAccepted(reason="Say why this customer may be verified again.")
    refuse_card_numbers(reason=reason)
    await hold(work, customer)
    customer.locked_until, customer.failed_verifications = None, 0
    await audit.record(work, "unlock customer", customer, reason=reason)
