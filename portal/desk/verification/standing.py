"""Where the verification of a contact stands, and what a try that held or failed does to it. S2-2.6, S2-2.7"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from models import CallerTries, Contact, Customer
from models.words import ContactStatus, Role, VerificationMethod
from portal.desk import audit, bulk, channels, notices, policy
from portal.desk.errors import WrongMoment
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.verification.rules import Method, in_force
from portal.desk.work import Work

LONGEST_SUSPECT = 300


@dataclass(frozen=True, slots=True)
class Verification:
    """How far the verification of this contact has come."""

    strength: int
    """How strongly the caller is verified now: 0 not, 1 usual, 2 strong."""
    needed: int
    """How many facts have to match."""
    tries_left: int
    """Failed tries until facts are no longer compared in this contact."""
    until: datetime | None
    """Until when the caller counts as verified; None while she does not."""
    matched: tuple[str, ...] = ()
    """The names of the facts that matched, never their values."""
    locked_until: datetime | None = None
    """Set when the customer was guessed at too often."""
    methods: tuple[str, ...] = ()
    """Other ways that held in this contact."""

    @property
    def verified(self) -> bool:
        return self.until is not None


def is_verified(work: Work, contact: Contact) -> bool:
    """Whether the caller of this contact is verified at this moment, however strongly. S2-2.7"""
    return strength_now(work, contact) > 0


def strength_now(work: Work, contact: Contact) -> int:
    """How strongly the caller of this contact is verified at this moment; 0 once the time is over. S2-2.7"""
    live = contact.verified_until is not None and contact.verified_until > work.now
    return contact.verified_strength if live else 0


async def standing(work: Work, contact: Contact) -> Verification:
    """Where the verification of a contact stands now. After its time it begins anew. S2-2.7"""
    known = (await in_force(work)).methods.get(VerificationMethod.FACTS)
    strength = strength_now(work, contact)
    proven = _proven(work, contact)
    ways = {method.value for method in VerificationMethod}
    return Verification(
        strength=strength,
        needed=known.facts_needed if known else policy.FACTS_NEEDED,
        tries_left=max((known.tries if known else 0) - contact.failed_verifications, 0),
        until=contact.verified_until if strength else None,
        matched=tuple(word for word in proven if word not in ways),
        methods=tuple(word for word in proven if word in ways),
    )


def _proven(work: Work, contact: Contact) -> tuple[str, ...]:
    """What has held so far; nothing once the time of an earlier verification is over."""
    over = contact.verified_until is not None and not strength_now(work, contact)
    return () if over else tuple(filter(None, contact.verified_by.split(",")))


def prove(work: Work, contact: Contact, words: set[str]) -> tuple[str, ...]:
    """Note that these facts, or this way, held; return everything that has."""
    before = _proven(work, contact)
    if not before and contact.verified_until is not None and not strength_now(work, contact):
        contact.verified_until, contact.verified_strength = None, 0
    proven = tuple(sorted({*before, *words}))
    contact.verified_by = ",".join(proven)
    return proven


def count_as(work: Work, contact: Contact, customer: Customer, method: Method) -> None:
    """Let the caller count as verified this way: the strongest way that held decides how strongly, and until when."""
    if method.strength >= strength_now(work, contact):
        contact.verified_strength = method.strength
        contact.verified_until = work.now + timedelta(minutes=method.minutes)
    customer.failed_verifications = 0


async def held_customer(work: Work, contact: Contact) -> Customer:
    """Hold the contact and its customer for a try. Raises WrongMoment when there is nobody to verify."""
    await hold(work, contact)
    customer = await customer_of(work, contact)
    await hold(work, customer)
    return customer


async def customer_of(work: Work, contact: Contact) -> Customer:
    """The customer of an open contact. Raises WrongMoment when it has ended or there is none yet."""
    if contact.status is not ContactStatus.OPEN:
        raise WrongMoment("This contact has ended.")
    if contact.customer_id is None:
        raise WrongMoment("Find the customer first, then verify the caller.")
    return await work.session.get_one(Customer, contact.customer_id)


async def allowed_method(work: Work, contact: Contact, customer: Customer, way: VerificationMethod) -> Method:
    """The method as it is in force, where it may still be tried. Raises WrongMoment with what to do instead. S2-2.6"""
    method = (await in_force(work)).methods.get(way)
    if method is None:
        raise WrongMoment("This way to verify a caller is not in use here.")
    if why := await barred(work, contact, method, customer.locked_until):
        raise WrongMoment(why)
    return method


async def barred(work: Work, contact: Contact, method: Method, locked_until: datetime | None) -> str:
    """Why this way is not tried any more in this contact, with what to do instead; empty while it is. S2-2.6

    `locked_until` is of the customer.
    """
    if locked_until is not None and locked_until > work.now:
        return "This customer cannot be verified now: too many tries failed. A supervisor can see them."
    if method.method is not VerificationMethod.CALL_BACK:  # the number we know is safe, whoever asked for it
        tries = await _tries_of(work, contact)
        if tries is not None and tries.locked_until is not None and tries.locked_until > work.now:
            return "Too many tries failed from where this caller comes. Offer to call back on the number we know."
    if contact.failed_verifications >= method.tries:
        return "No tries are left in this contact. Offer to call back on the number we know."
    return ""


async def failed(work: Work, contact: Contact, customer: Customer, deed: str) -> None:
    """Count a failed try for the contact, the customer and the caller; lock and flag whoever has too many. S2-2.6"""
    contact.failed_verifications += 1
    customer.failed_verifications += 1
    tries = await _counted(work, contact)
    await audit.record(work, deed, contact)
    if customer.failed_verifications >= policy.TRIES_A_CUSTOMER:
        customer.locked_until = work.now + policy.LOCKED_FOR
        customer.failed_verifications = 0
        reason = f"{policy.TRIES_A_CUSTOMER} failed verifications; the last in {contact.number}."
        await audit.record(work, "lock customer", customer, reason=reason)
        await suspect(work, contact, reason)
    if tries is not None and tries.failed >= policy.TRIES_A_CALLER:
        tries.locked_until, tries.failed = work.now + policy.LOCKED_FOR, 0
        reason = (
            f"{policy.TRIES_A_CALLER} failed verifications from one caller, the last in {contact.number}."
        )
        await audit.record(work, "lock caller", contact, reason=reason)
        await suspect(work, contact, reason)


async def suspect(work: Work, contact: Contact, why: str) -> bool:
    """Mark a contact, so that somebody who leads looks whether the caller is who they say. S2-2.6, S4-5.4

    The supervisors are told once. Gives whether it is new; a mark that is there already stays as it is.
    """
    work.require(May.TAKE_CONTACTS)
    if contact.suspect:
        return False
    contact.suspect = why[:LONGEST_SUSPECT]
    await notices.tell_role(
        work,
        Role.SUPERVISOR,
        "suspect-caller",
        once=f"suspect-caller/{contact.number}",
        reference=contact.number,
        reason=why,
    )
    await audit.record(work, "suspect caller", contact, reason=why)
    return True


def _caller(work: Work, contact: Contact) -> str:
    """Where the caller comes from, as a keyed hash; empty where that is not known."""
    known = channels.normal(contact.channel, contact.handle)
    if not known:
        return ""
    told = f"caller {contact.network.strip().casefold()} {known}".encode()
    return hmac.new(work.terms.secret, told, hashlib.sha256).hexdigest()


async def _tries_of(work: Work, contact: Contact) -> CallerTries | None:
    caller = _caller(work, contact)
    return await work.session.get(CallerTries, caller) if caller else None


async def _counted(work: Work, contact: Contact) -> CallerTries | None:
    """Count one more failure of the caller; after a quiet day it begins anew."""
    caller = _caller(work, contact)
    if not caller:
        return None
    make = bulk.insert_of(work.session)
    begun = make(CallerTries).values(caller=caller, failed=0, last_at=work.now).on_conflict_do_nothing()
    await work.session.execute(begun, execution_options={"audited": True})
    tries = await work.session.get_one(CallerTries, caller)
    await hold(work, tries)
    if tries.last_at <= work.now - policy.CALLER_FORGOTTEN:
        tries.failed = 0
    tries.failed += 1
    tries.last_at = work.now
    return tries
