"""What the scores of a month come to, by person: for those who score, and for nobody else. S2-0.4"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Float, cast, func, select, tuple_

from models import Person, QualitySample, QualityScore
from portal.desk.listing import PAGE, Rows
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.quality.sampling import theirs
from portal.desk.rows import narrowed
from portal.desk.work import Work

TENTHS = 10


@dataclass(frozen=True, slots=True)
class Average:
    """One person in one month."""

    person_id: int
    name: str
    contacts: int
    """How many were scored."""
    percent: float
    adherence_percent: float | None
    """Of all their steps that were due, the share that was done; None where none was due."""


async def averages(work: Work, month: date, *, after: str = "", limit: int = PAGE) -> Rows[Average]:
    """Everybody with a scored contact in the samples of a month, by name; `after` is the id of a person."""
    work.require(May.SCORE_CONTACTS)
    chosen = (
        select(
            Person.id,
            Person.name,
            func.count(),
            func.avg(cast(QualityScore.score, Float)),
            func.sum(QualityScore.kept),
            func.sum(QualityScore.due),
        )
        .select_from(QualityScore)
        .join(QualityScore.sample)
        .join(Person, Person.id == QualityScore.person_id)
        .where(QualitySample.month == month, QualityScore.scored_at.is_not(None))
        .group_by(Person.id, Person.name)
        .order_by(Person.name, Person.id)
    )
    if (mine := await theirs(work)) is not None:
        chosen = chosen.where(mine)
    if last := number_in(after):
        name = select(Person.name).where(Person.id == last).scalar_subquery()
        chosen = chosen.where(tuple_(Person.name, Person.id) > tuple_(name, last))
    rows = (await work.session.execute(narrowed(work.actor, QualityScore, chosen).limit(limit + 1))).all()
    found = [
        Average(person, name, many, float(mean) / TENTHS, 100 * int(kept) / int(due) if due else None)
        for person, name, many, mean, kept, due in rows[:limit]
    ]
    return Rows(found, str(found[-1].person_id) if len(rows) > limit else "")
