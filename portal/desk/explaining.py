"""Why each clock of a case is due when it is, in plain sentences. Decision 14"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models import Case, Deadline
from portal.desk import calendars, deadlines, hours, policy
from portal.desk.hours import Step
from portal.desk.work import Work


@dataclass(frozen=True, slots=True)
class Explained:
    """One clock with the way from its start to its due time."""

    clock: Deadline
    target: str
    """`15 minutes`, `1 business hour`."""
    calendar: str
    started_at: datetime
    steps: list[Step]


async def explain(work: Work, case: Case) -> list[Explained]:
    """Every clock of the case in this cycle, in the order in which they were due."""
    clocks = await work.session.scalars(
        select(Deadline)
        .where(Deadline.case_id == case.id, Deadline.cycle == case.cycle)
        .order_by(Deadline.due_at.is_(None), Deadline.due_at, Deadline.id)
    )
    pauses = deadlines.pauses_in(await deadlines.facts_of(work, case))
    row, calendar = (await calendars.known(work))[case.calendar_id]
    found = []
    for clock in clocks:
        target = hours.Target(clock.target_kind, clock.target_amount)
        found.append(
            Explained(
                clock,
                policy.in_words(target),
                f"{row.name}: {row.hours} ({row.zone})",
                clock.started_at,
                hours.explain(calendar, clock.started_at, target, pauses),
            )
        )
    return found
