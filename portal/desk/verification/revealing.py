"""Looking at details without verification, and letting a locked customer be verified again: with a reason. S2-2.4"""

from __future__ import annotations

from models import Contact, Customer
from portal.desk import audit
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.verification.standing import customer_of
from portal.desk.work import Work


async def reveal(work: Work, subject: Contact | Customer, reason: str) -> Customer:
    """Show a customer's details without verification, for a reason that is written down. S2-2.4

    Raises NotAccepted without a reason.
    """
    work.require(May.SEE_CUSTOMERS)
    if not reason.strip():
        raise NotAccepted(reason="Say why you need to see the details.")
    refuse_card_numbers(reason=reason)
    customer = subject if isinstance(subject, Customer) else await customer_of(work, subject)
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
