"""Which surveys go out, when and how often; what comes back of them, and who wants none. S3-7.2.1c

A change is a row of its own and holds for the next invitation that is written: those that are out already stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import Customer, Feedback, SurveySettings
from models.words import FeedbackKind
from portal.desk import audit, policy
from portal.desk.customers import MaskedCustomer, masked
from portal.desk.errors import Conflict, NotAccepted
from portal.desk.evidence.counting import within
from portal.desk.listing import PAGE, Rows, newest_first, paged
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.rows import narrowed
from portal.desk.work import Work

_HOUR = timedelta(hours=1)
LONGEST_WAIT = 720
"""Hours."""
LEAST_COOL_DOWN = policy.FEEDBACK_COOL_DOWN.days
"""Customers are told that they are asked once a month at most."""
LONGEST_COOL_DOWN = 365


@dataclass(frozen=True, slots=True)
class Rate:
    """The invitations of one kind of survey that went out in some days, and how many were answered."""

    kind: FeedbackKind
    invited: int
    answered: int

    @property
    def percent(self) -> float | None:
        return 100 * self.answered / self.invited if self.invited else None


async def in_force(work: Work) -> SurveySettings:
    """The newest settings; until somebody changes any those that ship, with the id 0."""
    newest = (
        select(SurveySettings).options(joinedload(SurveySettings.set_by)).order_by(SurveySettings.id.desc())
    )
    found: SurveySettings | None = await work.session.scalar(newest.limit(1))
    return found or SurveySettings(
        id=0,
        resolution=True,
        delivery=True,
        resolution_hours=policy.FEEDBACK_AFTER_RESOLUTION // _HOUR,
        delivery_hours=policy.FEEDBACK_AFTER_DELIVERY // _HOUR,
        cool_down_days=LEAST_COOL_DOWN,
    )


async def change(
    work: Work,
    expected_id: int,
    *,
    resolution: bool,
    delivery: bool,
    resolution_hours: str,
    delivery_hours: str,
    cool_down_days: str,
) -> SurveySettings:
    """Set what holds from the next invitation on. S3-7.2.1c

    Raises NotAccepted with a message a field, Conflict when somebody else changed them since they were looked at.
    """
    work.require(May.SET_SURVEYS)
    found: dict[str, str] = {}
    waits = {"resolution_hours": number_in(resolution_hours), "delivery_hours": number_in(delivery_hours)}
    for name, hours in waits.items():
        if hours is None or hours > LONGEST_WAIT:
            found[name] = f"A whole number of hours, {LONGEST_WAIT} at most."
    days = number_in(cool_down_days) or 0
    if not LEAST_COOL_DOWN <= days <= LONGEST_COOL_DOWN:
        found["cool_down_days"] = (
            f"A whole number of days from {LEAST_COOL_DOWN} to {LONGEST_COOL_DOWN}: customers are told that they are asked"
            " once a month at most."
        )
    if found:
        raise NotAccepted.of(found)
    before = await in_force(work)
    if before.id != expected_id:
        raise Conflict("Somebody else changed the surveys meanwhile. Nothing was overwritten.")
    row = SurveySettings(
        resolution=resolution,
        delivery=delivery,
        resolution_hours=waits["resolution_hours"],
        delivery_hours=waits["delivery_hours"],
        cool_down_days=days,
        set_by_id=work.actor.person_id,
        set_at=work.now,
    )
    work.session.add(row)
    await audit.record(work, "set surveys", row)
    return row


async def rates(work: Work, since: date, until: date) -> list[Rate]:
    """What came back of the invitations of some days, by kind. S3-7.2.1c"""
    work.require(May.SEE_FEEDBACK)
    counted = (
        select(Feedback.kind, func.count(), func.count(Feedback.answered_at))
        .where(within(Feedback.invited_at, since, until))
        .group_by(Feedback.kind)
    )
    counts = {
        kind: (invited, answered)
        for kind, invited, answered in await work.session.execute(narrowed(work.actor, Feedback, counted))
    }
    return [Rate(kind, *counts.get(kind, (0, 0))) for kind in FeedbackKind]


async def stopped(
    work: Work, *, before: str = "", limit: int = PAGE
) -> Rows[tuple[MaskedCustomer, Customer]]:
    """Who wants no surveys, the latest first: masked, and the row for when they said so. S3-7.2.1c"""
    work.require(May.SEE_FEEDBACK, May.SEE_CUSTOMERS)
    chosen = narrowed(work.actor, Customer, select(Customer).where(Customer.no_surveys_at.is_not(None)))
    ordered = newest_first(chosen, Customer.no_surveys_at, Customer.id, before).limit(limit + 1)
    page = paged(
        list(await work.session.scalars(ordered)), limit, lambda one: one.no_surveys_at or one.created_at
    )
    return Rows([(masked(one), one) for one in page.rows], page.older)
