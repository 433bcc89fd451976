"""A one-time code by mail to the address on record: whoever can read it there is who they say. S2-2.1

The code is drawn by the machine, kept as a keyed hash only, and stands sealed in its one letter until it leaves.
The representative never sees it: she types what the caller reads out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import select

from models import Contact, Customer, OneTimeCode
from models.words import VerificationMethod
from portal.desk import attempts, audit, customers, notices, policy, tokens
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.permissions import May
from portal.desk.sealing import DIGITS, sealed
from portal.desk.verification.settled import refuse_unsettled
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

HOUR = 3600


async def send_code(work: Work, contact: Contact) -> OneTimeCode:
    """Send a fresh code to the address on record; codes sent before are void from now on. S2-2.1, S2-2.6

    Raises WrongMoment without an address, where the address was changed of late, while the last letter has only
    just gone or when the contact has had its codes; TooOften when the customer has.
    """
    work.require(May.TAKE_CONTACTS)
    customer = await held_customer(work, contact)
    await allowed_method(work, contact, customer, VerificationMethod.ONE_TIME_CODE)
    if not notices.address_of(customer):
        raise WrongMoment("There is no e-mail address on record. Ask for facts, or offer to call back.")
    await refuse_unsettled(work, customer, "email")
    earlier = await _codes(work, contact)
    if len(earlier) >= policy.CODES_A_CONTACT:
        raise WrongMoment("This contact has had its codes. Ask for facts, or offer to call back.")
    if earlier and earlier[-1].sent_at > work.now - policy.CODE_AGAIN_AFTER:
        raise WrongMoment("A code has only just been sent. Give the letter a minute to arrive.")
    await attempts.count(work, f"one-time-code/{customer.id}", policy.CODES_A_CUSTOMER, HOUR)
    for one in earlier:
        one.expires_at = min(one.expires_at, work.now)
    digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    made = OneTimeCode(
        contact_id=contact.id,
        hashed=_hashed(work, contact, work.now, digits),
        sent_to=customers.masked(customer).email,
        sent_at=work.now,
        expires_at=work.now + policy.CODE_OPEN_FOR,
    )
    work.session.add(made)
    await _write(work, contact, customer, sealed(work.terms.secret, digits), made, len(earlier) + 1)
    await audit.record(work, "send one-time code", contact)
    return made


async def _write(
    work: Work, contact: Contact, customer: Customer, code: str, made: OneTimeCode, number: int
) -> None:
    await notices.write(
        work,
        "one-time-code",
        to=customer,
        once=f"one-time-code/{contact.number}/{number}",
        reference=contact.number,
        code=code,
        expires_at=made.expires_at,
    )


async def check_code(work: Work, contact: Contact, said: str) -> Verification:
    """Compare what the caller reads out with the code that was sent; a code opens one contact once. S2-2.1, S2-2.6

    Raises NotAccepted for what cannot be a code, which counts as no try, and WrongMoment without an open code.
    """
    work.require(May.TAKE_CONTACTS)
    digits = tokens.digits(said)
    if len(digits) != DIGITS:
        raise NotAccepted(code=f"A code has {DIGITS} digits. Ask the customer to read them out.")
    customer = await held_customer(work, contact)
    method = await allowed_method(work, contact, customer, VerificationMethod.ONE_TIME_CODE)
    code = await open_code(work, contact)
    if code is None:
        raise WrongMoment("No code is open in this contact: it ran out, or was used. Send another one.")
    if hmac.compare_digest(code.hashed, _hashed(work, contact, code.sent_at, digits)):
        code.used_at = work.now
        prove(work, contact, {method.method.value})
        count_as(work, contact, customer, method)
        await audit.record(work, "verify caller by code", contact)
    else:
        code.failed += 1
        await failed(work, contact, customer, "fail one-time code")
    return await standing(work, contact)


async def open_code(work: Work, contact: Contact) -> OneTimeCode | None:
    """The code that can still be used in this contact; None when there is none."""
    sent = await _codes(work, contact)
    last = sent[-1] if sent else None
    if last is None or last.used_at is not None or last.expires_at <= work.now:
        return None
    return last if last.failed < policy.CODE_TRIES else None


async def _codes(work: Work, contact: Contact) -> list[OneTimeCode]:
    statement = select(OneTimeCode).where(OneTimeCode.contact_id == contact.id).order_by(OneTimeCode.id)
    return list(await work.session.scalars(statement))


def _hashed(work: Work, contact: Contact, sent_at: datetime, digits: str) -> str:
    told = f"one-time code {contact.id} {sent_at.timestamp():.6f} {digits}".encode()
    return hmac.new(work.terms.secret, told, hashlib.sha256).hexdigest()
