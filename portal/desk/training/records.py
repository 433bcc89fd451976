"""The record of what somebody practised: written once, by the house, when a practised contact has ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from models import Intake, TrainingRecord
from portal.desk import audit, intake
from portal.desk.errors import NotFound
from portal.desk.guide import Tour
from portal.desk.kinds import Run
from portal.desk.listing import PAGE, Rows, first, newest_first, paged
from portal.desk.permissions import May
from portal.desk.training.checking import MARK, Checked
from portal.desk.training.scenarios import Scenario
from portal.desk.work import Work

TOUR = "tour-"
"""Before the key of a tour, where a record names it."""


async def begin(work: Work, played: Scenario) -> int:
    """Open a contact of the practice room that plays a scenario; return its intake. `work` is the room's."""
    work.require(May.PRACTISE)
    intake_id = await intake.begin(work, played.channel)
    await work.session.execute(
        update(Intake)
        .where(Intake.id == intake_id)
        .values(answers={MARK: {"scenario": played.key}})
        .execution_options(audited=True, synchronize_session=False)
    )
    await audit.record(work, "play scenario", Intake(id=intake_id), reason=played.key)
    return intake_id


async def conclude(work: Work, run: Run, played: Scenario, checks: Sequence[Checked]) -> TrainingRecord:
    """Keep how a practised contact went, once for each contact. `work` is the house's. S3-8.2.1

    S3-13.1.1a
    """
    work.require(May.PRACTISE)
    known = await work.session.scalar(
        select(TrainingRecord).where(
            TrainingRecord.person_id == work.actor.person_id,
            TrainingRecord.scenario == played.key,
            TrainingRecord.contact_number == run.contact_number,
            TrainingRecord.began_at == run.started_at,
        )
    )
    if known is not None:
        return known
    record = TrainingRecord(
        person_id=work.actor.person_id,
        scenario=played.key,
        digest=played.digest,
        contact_number=run.contact_number,
        passed=all(one.met for one in checks),
        checks=[{"asks": one.asks, "met": one.met, "clause": one.clause} for one in checks],
        began_at=run.started_at,
        finished_at=work.now,
    )
    work.session.add(record)
    await audit.record(work, "record training", record)
    return record


async def conclude_tour(
    work: Work, walked: Tour, seen: Collection[int], began_at: datetime
) -> TrainingRecord:
    """Keep that a tour was walked: which of its stops, counted from 1, were come to. `work` is the house's. S3-17.1.1a

    S3-17.1.1b, S3-17.1.1c
    """
    work.require(May.PRACTISE)
    record = TrainingRecord(
        person_id=work.actor.person_id,
        scenario=TOUR + walked.key,
        digest=walked.digest,
        contact_number="",
        passed=all(number in seen for number in range(1, len(walked.stops) + 1)),
        checks=[
            {"asks": stop.title, "met": number in seen, "clause": ""}
            for number, stop in enumerate(walked.stops, 1)
        ],
        began_at=min(began_at, work.now),
        finished_at=work.now,
    )
    work.session.add(record)
    await audit.record(work, "record tour", record)
    return record


async def latest(work: Work) -> dict[str, TrainingRecord]:
    """The newest record of each scenario that the actor has practised."""
    work.require(May.PRACTISE)
    newest = (
        select(func.max(TrainingRecord.id))
        .where(TrainingRecord.person_id == work.actor.person_id)
        .group_by(TrainingRecord.scenario)
    )
    rows = await work.session.scalars(select(TrainingRecord).where(TrainingRecord.id.in_(newest)))
    return {row.scenario: row for row in rows}


async def listed(work: Work, *, before: str = "", limit: int = PAGE) -> Rows[TrainingRecord]:
    """What the team has practised, newest first. S2-0.3"""
    work.require(May.SEE_TRAINING)
    statement = select(TrainingRecord).options(joinedload(TrainingRecord.person))
    ordered = newest_first(statement, TrainingRecord.finished_at, TrainingRecord.id, before)
    found = list(await work.session.scalars(first(ordered, limit + 1)))
    return paged(found, limit, lambda row: row.finished_at)


async def record_of(work: Work, record_id: int) -> TrainingRecord:
    """One record, one's own or one of the team's. Raises NotFound."""
    work.require(May.PRACTISE)
    record = await work.session.get(TrainingRecord, record_id, options=[joinedload(TrainingRecord.person)])
    if record is None or (record.person_id != work.actor.person_id and not work.may(May.SEE_TRAINING)):
        raise NotFound("There is no such record.")
    return record
