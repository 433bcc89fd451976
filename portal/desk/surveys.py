"""Whether a customer may be asked how it went: what they said behind a link, or to a colleague. Undone the same way.

S3-9.1.1
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from models import Customer, Feedback
from models.words import MessageStatus
from portal.desk import audit, links, messages, notices
from portal.desk.errors import NotFound
from portal.desk.links import Purpose
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.work import Terms, Work

INVITATION = "feedback-invitation"
"""The letter that asks."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer sees behind the link: whether they are asked now, in their language."""

    language: str
    asked: bool


def link(terms: Terms, feedback: Feedback) -> str:
    """The address where whoever got an invitation says that they want no more; it does not expire."""
    return f"{terms.address}{path(terms, feedback)}"


def path(terms: Terms, feedback: Feedback) -> str:
    """The same on our own pages."""
    return f"/surveys/{links.token(terms, Purpose.SURVEYS, feedback.id)}"


async def behind(work: Work, token: str) -> Wish:
    """What stands behind a link. Changes nothing: a mail scanner may look. Raises NotFound."""
    customer = await _whose(work, token)
    return Wish(notices.language_of(customer), customer.no_surveys_at is None)


async def say_by_link(work: Work, token: str, *, asked: bool) -> None:
    """Take what the customer says of themselves behind a link. Saying it twice changes nothing. Raises NotFound."""
    await _set(work, await _whose(work, token), asked=asked)


async def note(work: Work, customer: Customer, *, asked: bool) -> None:
    """Note what the customer told a colleague: no more surveys, or surveys again."""
    work.require(May.EDIT_CUSTOMERS)
    await _set(work, customer, asked=asked)


async def _whose(work: Work, token: str) -> Customer:
    number = links.number(work.terms, Purpose.SURVEYS, token)
    customer: Customer | None = await work.session.scalar(
        select(Customer).join(Feedback, Feedback.customer_id == Customer.id).where(Feedback.id == number)
    )
    if customer is None:
        raise NotFound("This link is not one of ours, or part of it is missing.")
    return customer


async def _set(work: Work, customer: Customer, *, asked: bool) -> None:
    await hold(work, customer)
    if (customer.no_surveys_at is None) is asked:
        return
    customer.no_surveys_at = None if asked else work.now
    if not asked:
        await messages.hold_back(work, customer, INVITATION, MessageStatus.QUEUED)
    await audit.record(work, "want surveys" if asked else "want no surveys", customer)
