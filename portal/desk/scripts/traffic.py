"""Where contacts are in a script right now, and at which step they ended lately."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from models import Contact, Intake
from models.words import ContactStatus, Situation
from portal.desk.permissions import May
from portal.desk.work import Work

LATELY = timedelta(days=30)
"""How far back ended contacts are counted, by when they began."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many contacts are at a step."""

    here: int = 0
    """Open, with this step before them."""
    left: int = 0
    """Ended lately with this as the last step they came to: abandoned there, or closed."""


async def counts(work: Work, script: str) -> Mapping[str, Counts]:
    """How many contacts are at each step and ended there in the last 30 days: two statements.

    The first reads the index of open intakes, the second the contacts of that time and their intakes.
    """
    work.require(May.SEE_LIBRARY)
    of_script = [Intake.script == script] if script in set(map(str, Situation)) else []
    here = await work.session.execute(
        select(Intake.step, func.count().label("number"))
        .where(Intake.finished_at.is_(None), *of_script)
        .group_by(Intake.step)
    )
    of_situation = [Contact.situation == Situation(script)] if of_script else []
    left = await work.session.execute(
        select(Intake.step, func.count().label("number"))
        .join(Contact, Contact.id == Intake.contact_id)
        .where(
            Contact.started_at >= work.now - LATELY,
            Contact.status != ContactStatus.OPEN,
            *of_situation,
            *of_script,
        )
        .group_by(Intake.step)
    )
    open_now = {row.step: row.number for row in here}
    ended = {row.step: row.number for row in left}
    return {step: Counts(open_now.get(step, 0), ended.get(step, 0)) for step in open_now | ended}
