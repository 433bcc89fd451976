"""Calling the customer back on the number on record, never on one the caller gives. S2-2.1

The number is shown to dial for a reason that is written down, and only then does a call that was answered by the
customer verify. An address made up by hand, or a number spoken into the telephone, changes nothing of it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from models import AuditEntry, Contact
from models.words import VerificationMethod
from portal.desk import audit, policy
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.permissions import May
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

DIAL = "show number to call back"


async def dial(work: Work, contact: Contact, reason: str) -> str:
    """Show the number on record to be dialled, for a reason that is written down; return it. S2-2.1, S2-2.4

    Raises NotAccepted without a reason, WrongMoment without a number, or where it was changed of late.
    """
    work.require(May.TAKE_CONTACTS)
    if not reason.strip():
        raise NotAccepted(dial_reason="Say why you call back.")
    refuse_card_numbers(dial_reason=reason)
    customer = await held_customer(work, contact)
    await allowed_method(work, contact, customer, VerificationMethod.CALL_BACK)
    if not customer.phone:
        raise WrongMoment("There is no telephone number on record. Ask for facts, or send a code.")
    await refuse_unsettled(work, customer, "phone")
    await audit.record(work, DIAL, contact, reason=reason.strip())
    return customer.phone


async def dialled_until(work: Work, contact: Contact) -> datetime | None:
    """Until when the number is shown and the call back may be noted; None when it was not asked for of late."""
    at = await work.session.scalar(
        select(AuditEntry.at)
        .where(
            AuditEntry.subject_kind == Contact.__tablename__,
            AuditEntry.subject_id == str(contact.id),
            AuditEntry.deed == DIAL,
            AuditEntry.person_id == work.actor.person_id,
            AuditEntry.at > work.now - policy.DIAL_OPEN_FOR,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return at + policy.DIAL_OPEN_FOR if at is not None else None


async def call_back(work: Work, contact: Contact, *, reached: bool) -> Verification:
    """Note how the call back on the number on record ended; the customer reached there is verified. S2-2.1

    Somebody else who answered counts as a failed try. Raises WrongMoment unless the number was shown to this
    person for this contact of late.
    """
    work.require(May.TAKE_CONTACTS)
    customer = await held_customer(work, contact)
    method = await allowed_method(work, contact, customer, VerificationMethod.CALL_BACK)
    if await dialled_until(work, contact) is None:
        raise WrongMoment("Show the number on record first, and call it. Another number verifies nobody.")
    await refuse_unsettled(work, customer, "phone")
    if reached:
        prove(work, contact, {method.method.value})
        count_as(work, contact, customer, method)
        await audit.record(work, "verify caller by call back", contact)
    else:
        await failed(work, contact, customer, "fail call back")
    return await standing(work, contact)
