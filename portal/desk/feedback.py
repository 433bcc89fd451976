"""What customers say about us: one invitation a resolution or delivery, one answer, and what a bad one sets going.

S0-3.7.1, S0-3.7.2, S3-9.1.1, decision 5
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Select, String, cast, literal, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from models import Case, Customer, Feedback, Order, SurveySettings
from models.words import CaseStatus, FeedbackKind, FollowUpKind, OrderStatus, Role
from portal.desk import audit, followups, links, notices, policy, survey_settings, surveys
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.links import Purpose
from portal.desk.work import SYSTEM, Work

log = logging.getLogger(__name__)

BEST = 5
LONGEST_COMMENT = 5_000
ASKED_WITHIN = timedelta(days=3)
"""A matter older than this is not asked about any more, say after the jobs stood still for a while."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a customer sees behind the link: what it is about, and whether it was answered."""

    kind: FeedbackKind
    language: str
    name: str
    reference: str
    subject: str
    answered: bool
    surveys: str
    """Where the customer says that they want no more surveys."""


async def due(work: Work, limit: int = 200) -> list[tuple[FeedbackKind, int]]:
    """The resolved cases and delivered orders whose customers may now be asked: (kind, id of case or order)."""
    holds = await survey_settings.in_force(work)
    quiet = _asked_lately(work, holds)
    after_resolution = timedelta(hours=holds.resolution_hours)
    after_delivery = timedelta(hours=holds.delivery_hours)
    case_key = literal("resolution/") + cast(Case.id, String) + "/" + cast(Case.cycle, String)
    cases = (
        select(Case.id)
        .join(Customer, Customer.id == Case.customer_id)
        .where(
            literal(holds.resolution),
            Case.resolved_at <= work.now - after_resolution,
            Case.resolved_at > work.now - after_resolution - ASKED_WITHIN,
            Customer.email != "",
            Customer.no_surveys_at.is_(None),
            ~select(Feedback.id).where(Feedback.once == case_key).exists(),
            ~quiet.where(Feedback.customer_id == Case.customer_id).exists(),
        )
        .order_by(Case.resolved_at, Case.id)
        .limit(limit)
    )
    orders = (
        select(Order.id)
        .join(Customer, Customer.id == Order.customer_id)
        .where(
            literal(holds.delivery),
            Order.status == OrderStatus.DELIVERED,
            Order.source.is_(None),  # what was imported happened elsewhere
            Order.delivered_at <= work.now - after_delivery,
            Order.delivered_at > work.now - after_delivery - ASKED_WITHIN,
            Customer.email != "",
            Customer.no_surveys_at.is_(None),
            ~select(Feedback.id).where(Feedback.once == "delivery/" + cast(Order.id, String)).exists(),
            ~quiet.where(Feedback.customer_id == Order.customer_id).exists(),
        )
        .order_by(Order.delivered_at, Order.id)
        .limit(limit)
    )
    return [
        *((FeedbackKind.RESOLUTION, found) for found in await work.session.scalars(cases)),
        *((FeedbackKind.DELIVERY, found) for found in await work.session.scalars(orders)),
    ]


async def invite(work: Work, kind: FeedbackKind, about_id: int) -> Feedback | None:
    """Ask the customer of a resolved case or a delivered order how it went. Returns None where nobody is asked.

    Once for each case and cycle, or order; at most once a customer in the cool-down that both surveys share;
    nothing that is switched off (S3-7.2.1c), nobody without an address or who wants no surveys, and nothing about
    a case that is open again.
    """
    case = await work.session.get(Case, about_id) if kind is FeedbackKind.RESOLUTION else None
    order = await work.session.get(Order, about_id) if kind is FeedbackKind.DELIVERY else None
    about = case or order
    if about is None or about.customer_id is None:
        return None
    if about.status not in {CaseStatus.RESOLVED, CaseStatus.CLOSED, OrderStatus.DELIVERED}:
        return None
    holds = await survey_settings.in_force(work)
    if not (holds.resolution if case else holds.delivery):
        return None
    customer = await work.session.get_one(Customer, about.customer_id, with_for_update=True)
    once = f"resolution/{case.id}/{case.cycle}" if case else f"delivery/{about.id}"
    if (
        customer.no_surveys_at
        or not notices.address_of(customer)
        or await _was_asked(work, customer, once, holds)
    ):
        return None
    feedback = Feedback(
        kind=kind,
        once=once,
        customer_id=customer.id,
        case_id=case.id if case else None,
        order_id=order.id if order else None,
        invited_at=work.now,
        expires_at=work.now + policy.FEEDBACK_OPEN_FOR,
    )
    try:
        async with work.session.begin_nested():
            work.session.add(feedback)
    except IntegrityError:  # another replica asked a moment ago
        return None
    await notices.write(
        work,
        surveys.INVITATION,
        to=customer,
        once=f"feedback-invitation/{feedback.id}",
        reference=about.number,
        case=case,
        order=order,
        kind=kind,
        subject=case.subject if case else "",
        feedback_link=f"{work.terms.address}/feedback/{links.token(work.terms, Purpose.FEEDBACK, feedback.id)}",
        surveys_link=surveys.link(work.terms, feedback),
        expires_at=feedback.expires_at,
    )
    await audit.record(work, "ask for feedback", feedback)
    return feedback


async def opened(work: Work, token: str) -> Invitation:
    """What stands behind a link. Changes nothing: a mail scanner may look. Raises NotFound and links.Expired."""
    feedback = await _behind(work, token)
    case, order, customer = feedback.case, feedback.order, feedback.customer
    return Invitation(
        kind=feedback.kind,
        language=notices.language_of(customer),
        name=customer.name if customer else "",
        reference=case.number if case else order.number if order else "",
        subject=case.subject if case else "",
        answered=feedback.answered_at is not None,
        surveys=surveys.path(work.terms, feedback),
    )


async def answer(work: Work, token: str, score: int | None, comment: str = "") -> Feedback:
    """Take the one answer to an invitation: 1 to 5, and words if there are any. S0-3.7.1

    A low score gives a supervisor a follow-up with a date (S0-3.7.2). Raises NotFound, links.Expired,
    WrongMoment when it was answered already, NotAccepted with a message per field.
    """
    feedback = await _behind(work, token, hold=True)
    if feedback.answered_at is not None:
        raise WrongMoment("This was answered already. Thank you.")
    found: dict[str, str] = {}
    if score is None or not 1 <= score <= BEST:
        found["score"] = f"Choose a number from 1 to {BEST}."
    if len(comment) > LONGEST_COMMENT:
        found["comment"] = f"At most {LONGEST_COMMENT} characters; these are {len(comment)}."
    elif "\0" in comment:
        found["comment"] = "This holds a sign that cannot be stored. Type it anew."
    if found:
        raise NotAccepted.of(found)
    refuse_card_numbers(comment=comment)
    feedback.score, feedback.comment, feedback.answered_at = score, comment.strip(), work.now
    await audit.record(work, "answer feedback", feedback)
    if score is not None and score <= policy.LOW_SCORE:
        await _act_on(replace(work, actor=SYSTEM), feedback)
    return feedback


async def _act_on(work: Work, feedback: Feedback) -> None:
    supervisors = await notices.people_in(work, Role.SUPERVISOR) or await notices.people_in(
        work, Role.MANAGER
    )
    if not supervisors:
        log.warning("Nobody can act on feedback %d: there is no active supervisor.", feedback.id)
        return
    about = feedback.case or feedback.order
    said = f" They wrote: {feedback.comment}" if feedback.comment else ""
    await followups.plan(
        work,
        FollowUpKind.CALL_BACK,
        f"{feedback.customer.number if feedback.customer else 'A customer'} gave {feedback.score} of {BEST}"
        f" for {about.number if about else 'us'}. Find out why and what we change.{said}",
        supervisors[0].id,
        await followups.business_due(work, policy.LOW_SCORE_ACTION),
        customer_id=feedback.customer_id,
        case_id=feedback.case_id,
        order_id=feedback.order_id,
        once=f"low-score/{feedback.id}",
    )


async def _behind(work: Work, token: str, *, hold: bool = False) -> Feedback:
    found = links.number(work.terms, Purpose.FEEDBACK, token)
    if hold:
        await work.session.execute(select(Feedback.id).where(Feedback.id == found).with_for_update())
    feedback = await work.session.scalar(
        select(Feedback)
        .where(Feedback.id == found)
        .options(joinedload(Feedback.customer), joinedload(Feedback.case), joinedload(Feedback.order))
    )
    if feedback is None:
        raise NotFound("This link is not one of ours, or part of it is missing.")
    if feedback.answered_at is None and feedback.expires_at <= work.now:
        raise links.Expired("This link has expired. Thank you all the same.")
    return feedback


async def _was_asked(work: Work, customer: Customer, once: str, holds: SurveySettings) -> bool:
    asked = select(Feedback.id).where(
        or_(
            Feedback.once == once,
            (Feedback.customer_id == customer.id)
            & (Feedback.invited_at > work.now - timedelta(days=holds.cool_down_days)),
        )
    )
    return await work.session.scalar(asked.limit(1)) is not None


def _asked_lately(work: Work, holds: SurveySettings) -> Select[int]:
    return select(Feedback.id).where(Feedback.invited_at > work.now - timedelta(days=holds.cool_down_days))
