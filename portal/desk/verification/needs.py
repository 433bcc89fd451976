"""How strongly a caller has to be verified before a deed, and the refusal that says so. S2-2.1, S2-2.7"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Protocol

from sqlalchemy import select

from models import Contact, Intake
from models.words import SensitiveDeed
from portal.desk.errors import WrongMoment
from portal.desk.verification.rules import in_force
from portal.desk.verification.standing import strength_now
from portal.desk.work import Work

IN_WORDS = {
    SensitiveDeed.SEE_DETAILS: "the customer’s details are shown",
    SensitiveDeed.CHANGE_DETAILS: "the customer’s details are changed",
    SensitiveDeed.PLACE_ORDER: "an order is placed",
    SensitiveDeed.AMEND_ORDER: "an order is amended",
    SensitiveDeed.ASK_REFUND: "a refund is asked for",
}
USUAL = 1


class Run(Protocol):
    """A contact being taken, as far as its caller is concerned."""

    @property
    def id(self) -> int: ...
    @property
    def is_new(self) -> bool: ...
    def strength(self, now: datetime) -> int: ...


class NotVerified(WrongMoment):
    """The caller is not verified strongly enough for this; says so, and where to make up for it."""

    status: ClassVar[int] = 409

    def __init__(self, deed: SensitiveDeed, needed: int, strength: int, intake_id: int | None) -> None:
        if strength:
            way = "Facts are not enough for this: send a code, or call back."
        elif needed > USUAL:
            way = "This needs a one-time code, or a call back."
        else:
            way = "Verify the caller first."
        super().__init__(f"The caller has to be verified before {IN_WORDS[deed]}. {way}")
        self.needed = needed
        self.way = f"/intakes/{intake_id}/verify" if intake_id is not None else ""
        self.way_words = "Verify the caller"


async def meets(work: Work, where: Contact | Run, deed: SensitiveDeed) -> bool:
    """Whether the caller is verified strongly enough for this deed, at this moment. S2-2.7"""
    needed = (await in_force(work)).needs[deed]
    if needed == 0:
        return True
    if isinstance(where, Contact):
        return strength_now(work, where) >= needed or await _is_new(work, where)
    return where.strength(work.now) >= needed or where.is_new


async def require(work: Work, where: Contact | Run, deed: SensitiveDeed) -> None:
    """Raise NotVerified, with the way to the verify step, unless the caller is verified strongly enough. S2-2.1

    Whoever was taken down in this very contact has nothing on record to be compared with, and passes. S2-8.2
    """
    if await meets(work, where, deed):
        return
    if isinstance(where, Contact):
        strength = strength_now(work, where)
        intake_id = await work.session.scalar(select(Intake.id).where(Intake.contact_id == where.id))
    else:
        strength, intake_id = where.strength(work.now), where.id
    raise NotVerified(deed, (await in_force(work)).needs[deed], strength, intake_id)


async def _is_new(work: Work, contact: Contact) -> bool:
    """Whether the contact's customer was taken down in it, as its intake remembers."""
    if contact.customer_id is None:
        return False
    done = await work.session.scalar(select(Intake.done).where(Intake.contact_id == contact.id))
    return any(mark.get("new") and mark.get("made") == contact.customer_id for mark in (done or {}).values())
