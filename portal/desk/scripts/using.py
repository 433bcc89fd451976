"""Who is in the middle of a script right now: what a manager wants to know before another version comes. S1-6.2"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from models import Contact, Intake, Person
from models.words import Situation
from portal.desk.permissions import May
from portal.desk.work import Work

SHOWN = 20


@dataclass(frozen=True, slots=True)
class InTheMiddle:
    """An open contact that began with versions of now, and keeps them."""

    intake_id: int
    number: str
    held_by: str
    step: str
    saved_at: datetime


async def in_the_middle(work: Work, script: str) -> tuple[int, list[InTheMiddle]]:
    """How many open contacts walk a script, and the latest of them. Opening, closing and guide are walked by all."""
    work.require(May.SEE_SCRIPTS)
    open_now = (
        select(
            Intake.id,
            Contact.number,
            Person.name,
            Intake.step,
            Intake.saved_at,
            func.count().over().label("all"),
        )
        .join(Contact, Contact.id == Intake.contact_id)
        .join(Person, Person.id == Intake.held_by_id)
        .where(Intake.finished_at.is_(None))
        .order_by(Intake.saved_at.desc())
        .limit(SHOWN)
    )
    if script in set(map(str, Situation)):
        open_now = open_now.where(Intake.script == script)
    rows = (await work.session.execute(open_now)).all()
    return rows[0].all if rows else 0, [InTheMiddle(*row[:5]) for row in rows]
