"""Difficult contacts: the guide beside the script, what is told of them later, and to whom. S2-5

The guide's steps are walked behind the step from which it was opened, and its last one leads back there.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, or_, select, update

from models import AbuseReport, Contact, HelpCall, Intake
from portal.desk import audit, policy, queues, runs
from portal.desk.errors import Conflict, NotFound, WrongMoment
from portal.desk.kinds import Run
from portal.desk.kinds.base import YES
from portal.desk.permissions import May
from portal.desk.scripts.steps import ASIDE_FROM, ASIDE_OPEN, DIFFICULT
from portal.desk.work import Work

MONTHS = 6
"""Months that the counts go back, this one among them."""


@dataclass(slots=True)
class Counts:
    """What one representative has been through in one month. For those who supervise alone."""

    month: datetime
    """Its first moment, where the reader is."""
    name: str
    difficult: int = 0
    help_calls: int = 0
    abuse: int = 0


async def open_guide(work: Work, intake_id: int, at: str, revision: int) -> Run:
    """Open the guide from a step, and note the first time that this was needed. S2-5.1, S2-5.2

    Raises Conflict as every save does, NotFound for no step, WrongMoment when the desk has no such guide.
    """
    run = await runs.find(work, intake_id)
    runs.refuse_other_holder(work, run)
    step = run.script.step(at)
    if step is None:
        raise NotFound("This contact has no such step.")
    if step.aside:
        return run
    first = next((one for one in run.script.steps if one.aside), None)
    if first is None:
        raise WrongMoment("This desk has no guide for difficult contacts yet. Call for help instead.")
    opened = {ASIDE_OPEN: YES, ASIDE_FROM: at}
    if run.typed(DIFFICULT) == opened and run.step == first.key:
        return run  # pressed twice
    answers = {**run.answers, DIFFICULT: opened}
    saved = await work.session.execute(
        update(Intake)
        .where(
            Intake.id == run.id,
            Intake.held_by_id == work.actor.person_id,
            Intake.revision == revision,
            Intake.finished_at.is_(None),
        )
        .values(answers=answers, step=first.key, revision=revision + 1, saved_at=work.now)
        .returning(Intake.revision)
        .execution_options(audited=True, synchronize_session=False)
    )
    if saved.first() is None:
        raise Conflict(
            "This contact was saved elsewhere since you opened it here. Nothing was overwritten.",
            saved_by=run.held_by,
        )
    changes: dict[str, Any] = {
        f"intakes/{run.id}": {"step": [run.step, first.key], f"{DIFFICULT}.{ASIDE_FROM}": [None, at]}
    }
    noted = await work.session.execute(
        update(Contact)
        .where(Contact.id == run.contact_id, Contact.difficult_at.is_(None))
        .values(difficult_at=work.now, version=Contact.version + 1)
        .returning(Contact.id)
        .execution_options(audited=True, synchronize_session=False)
    )
    if noted.first() is not None:
        changes[f"contacts/{run.contact_id}"] = {"difficult_at": [None, work.now.isoformat()]}
    await audit.record(work, "open guide", Intake(id=run.id), changes=changes, reason=at)
    return replace(run, answers=answers, step=first.key, revision=revision + 1, saved_at=work.now)


async def counts(work: Work) -> list[Counts]:
    """Difficult contacts, calls for help and abuse of each representative by month, the newest first. S2-5.7

    Raises NotAllowed for everybody who does not supervise: nobody compares colleagues by this.
    """
    work.require(May.ANSWER_HELP)
    months = _months(work)
    told: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    counted = {
        "difficult": (Contact.taken_by_id, Contact.started_at, Contact.difficult_at.is_not(None)),
        "help_calls": (HelpCall.called_by_id, HelpCall.called_at, None),
        "abuse": (AbuseReport.reported_by_id, AbuseReport.reported_at, None),
    }
    for name, (person, moment, only) in counted.items():
        month = case(
            *((moment < edge, place) for place, edge in enumerate(months[1:])), else_=len(months) - 1
        )
        statement = select(month.label("month"), person, func.count()).where(moment >= months[0])
        if only is not None:
            statement = statement.where(only)
        for place, person_id, many in await work.session.execute(statement.group_by("month", person)):
            told[place, person_id][name] = many
    names = await queues.names_of(work, {person_id for _, person_id in told})
    rows = [Counts(months[place], names.get(who, ""), **many) for (place, who), many in told.items()]
    return sorted(rows, key=lambda one: (-one.month.timestamp(), one.name))


async def needs_a_break(work: Work) -> bool:
    """Whether the actor has just been through a contact after which a break is due. S2-5.7"""
    since = work.now - policy.BREAK_SUGGESTED
    found = await work.session.scalar(
        select(Contact.id)
        .outerjoin(AbuseReport, AbuseReport.contact_id == Contact.id)
        .where(
            Contact.taken_by_id == work.actor.person_id,
            Contact.closed_at > since,
            Contact.started_at > since - policy.LONG_CONTACT,
            or_(Contact.difficult_at.is_not(None), AbuseReport.id.is_not(None)),
        )
        .limit(1)
    )
    return found is not None


def _months(work: Work) -> list[datetime]:
    """The first moments of the months that are counted, the oldest first."""
    local = work.now.astimezone(ZoneInfo(work.actor.zone))
    begin = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = begin.year, begin.month
    found = [begin]
    for _ in range(MONTHS - 1):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
        found.append(begin.replace(year=year, month=month))
    return found[::-1]
