"""When the details of a customer may be shown on a screen of the desk. Decision 18, S2-2.4"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, select

from models import Contact, Intake, VerificationNeed
from models.words import ContactStatus, SensitiveDeed
from portal.desk import policy
from portal.desk.permissions import May
from portal.desk.work import Work

_needs = VerificationNeed.__table__
NEEDED_TO_SEE = func.coalesce(
    select(_needs.c.strength).where(_needs.c.deed == SensitiveDeed.SEE_DETAILS).scalar_subquery(),
    policy.NEED_SEE_DETAILS,
)
"""How strongly a caller has to be verified before details are shown. S2-2.1

Made of columns: in a statement of columns a class of ours would cost what SQLAlchemy does for its rows.
"""


def _on_my_line(work: Work, customer_id: int) -> ColumnElement[bool]:
    """The open contacts with this customer that I hold: of one that a colleague took over, that is the colleague."""
    holder = select(Intake.held_by_id).where(Intake.contact_id == Contact.id).scalar_subquery()
    return and_(
        Contact.customer_id == customer_id,
        Contact.status == ContactStatus.OPEN,
        func.coalesce(holder, Contact.taken_by_id) == work.actor.person_id,
    )


async def verified_with_me(work: Work, customer_id: int | None) -> bool:
    """Whether the caller of an open contact of mine is this customer, verified at this moment. S2-2.7"""
    if customer_id is None or not work.may(May.TAKE_CONTACTS):
        return False
    found = await work.session.scalar(
        select(Contact.id)
        .where(
            _on_my_line(work, customer_id),
            Contact.verified_until > work.now,
            Contact.verified_strength >= NEEDED_TO_SEE,
        )
        .limit(1)
    )
    return found is not None


async def asked_by_me(work: Work, customer_id: int) -> bool:
    """Whether I have this customer in an open contact and do not know yet that it is them.

    Then what verification asks for, such as the number and the day of an order, is no help that anybody should be able
    to give: a caller who fishes for it is told nothing by somebody who cannot see it. S2-2.6
    """
    if not work.may(May.TAKE_CONTACTS):
        return False
    mine = select(Contact.id).where(_on_my_line(work, customer_id)).limit(1)
    found = await work.session.scalar(mine)
    return found is not None and not await verified_with_me(work, customer_id)


async def address_shown(work: Work, customer_id: int | None) -> bool:
    """Whether the address an order goes to may be shown: to who sends it out, else as `verified_with_me`."""
    return work.may(May.HAND_OUT_ORDERS) or await verified_with_me(work, customer_id)
