"""Drawing contacts of a month to be scored. Who knows the seed can draw again, and gets the same ones. S2-0.4

The seed decides on each contact by itself, not on its place among the others: a contact that is hidden or erased later
leaves the rest of the sample as it was.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, exists, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from models import Contact, ContactStep, Customer, QualitySample, QualityScore
from models.words import ContactStatus
from portal.desk import audit, own_team
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound
from portal.desk.evidence.compliance import month_of, teams, today
from portal.desk.evidence.counting import within
from portal.desk.listing import PAGE, Rows, newest_first, paged
from portal.desk.permissions import May
from portal.desk.plain_numbers import number_in
from portal.desk.quality import card
from portal.desk.rows import narrowed
from portal.desk.work import AS_SUPERVISOR, Work

MOST_EACH = 50
LONGEST_SEED = 40
MONTHS = 12
"""So far back a sample can be drawn."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """A sample with how far it is scored."""

    sample: QualitySample
    contacts: int
    scored: int


def months(work: Work) -> list[date]:
    """The months that a sample can be drawn of, the newest first: by their first days."""
    found = [today(work).replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


async def draw(work: Work, month: str, team: str, per_person: str, seed: str) -> QualitySample:
    """Draw so many contacts of each person of a team, that began in a month and have ended; without a seed by a new one.

    A supervisor of a team draws of the own one. Not drawn are contacts of whoever draws, those without a script, those of
    erased customers, and legal and regulatory ones. The same seed once more leads to the sample there is. S2-0.4

    Raises NotAccepted with a message a field, also where there is nothing to draw from.
    """
    work.require(May.SCORE_CONTACTS)
    sample = await _asked_for(work, month, team, per_person, seed)
    if known := await _drawn_before(work, sample):
        return known
    chosen = await _contacts(work, sample)
    if not chosen:
        raise NotAccepted(month="No contact of this month can be drawn yet.")
    sample.card_id = (await card.kept(work)).id
    try:
        async with work.session.begin_nested():
            work.session.add(sample)
    except IntegrityError:  # the same form, sent twice at once
        if known := await _drawn_before(work, sample):
            return known
        raise
    rows = [
        {"sample_id": sample.id, "contact_id": contact, "person_id": person, "marks": {}, "version": 1}
        for contact, person in chosen
    ]
    await work.session.execute(insert(QualityScore).execution_options(audited=True), rows)
    await audit.record(work, "draw sample", sample, changes={"contacts": [None, len(rows)]})
    return sample


async def _asked_for(work: Work, month: str, team: str, per_person: str, seed: str) -> QualitySample:
    """What a form asks for, not drawn yet. Raises NotAccepted with a message a field."""
    mine = await own_team.named(work)
    found: dict[str, str] = {}
    first = next((one for one in months(work) if f"{one:%Y-%m}" == month), None)
    if first is None:
        found["month"] = "Choose one of the last twelve months."
    many = number_in(per_person) or 0
    if not 1 <= many <= MOST_EACH:
        found["per_person"] = f"A whole number from 1 to {MOST_EACH}."
    if len(seed) > LONGEST_SEED:
        found["seed"] = f"At most {LONGEST_SEED} characters."
    if mine and team not in ("", mine):
        found["team"] = f"You draw contacts of your own team, {mine}."
    elif not mine and team and team not in await teams(work):
        found["team"] = "There is no such team."
    if found or first is None:
        raise NotAccepted.of(found)
    refuse_card_numbers(seed=seed)
    return QualitySample(
        month=first,
        team=mine or team,
        seed=seed.strip() or secrets.token_hex(4),
        per_person=many,
        drawn_by_id=work.actor.person_id,
        drawn_at=work.now,
    )


def ranked(pool: Iterable[tuple[int, int]], seed: str, per_person: int) -> list[tuple[int, int]]:
    """The first contacts of each person in the order that the seed gives them: (contact, person)."""
    of_each: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for contact, person in pool:
        of_each[person].append((sha256(f"{seed}/{contact}".encode()).hexdigest(), contact))
    return [
        (contact, person) for person in sorted(of_each) for _, contact in sorted(of_each[person])[:per_person]
    ]


async def redrawn(work: Work, sample: QualitySample) -> tuple[int, int]:
    """Draw a sample once more: how many of its contacts come again, and how many do not, as they may no longer be seen."""
    again = {contact for contact, _ in await _contacts(work, sample)}
    kept = set(
        await work.session.scalars(select(QualityScore.contact_id).where(QualityScore.sample_id == sample.id))
    )
    return len(kept & again), len(kept - again)


async def listed(work: Work, *, before: str = "", limit: int = PAGE) -> Rows[Sampled]:
    """The samples of the own team, the newest first, with how far each is scored."""
    work.require(May.SCORE_CONTACTS)
    chosen = (await _seen(work)).options(joinedload(QualitySample.drawn_by))
    ordered = newest_first(chosen, QualitySample.drawn_at, QualitySample.id, before).limit(limit + 1)
    page = paged(list(await work.session.scalars(ordered)), limit, lambda one: one.drawn_at)
    counted = narrowed(
        work.actor,
        QualityScore,
        select(QualityScore.sample_id, func.count(), func.count(QualityScore.score))
        .where(QualityScore.sample_id.in_([one.id for one in page.rows]))
        .group_by(QualityScore.sample_id),
    )
    counts = {sample: (contacts, scored) for sample, contacts, scored in await work.session.execute(counted)}
    return Rows([Sampled(one, *counts.get(one.id, (0, 0))) for one in page.rows], page.older)


async def load(work: Work, sample_id: int) -> QualitySample:
    """One sample with its card. Raises NotFound, also for one of another team."""
    work.require(May.SCORE_CONTACTS)
    chosen = (await _seen(work)).where(QualitySample.id == sample_id)
    found: QualitySample | None = await work.session.scalar(
        chosen.options(joinedload(QualitySample.drawn_by), joinedload(QualitySample.card))
    )
    if found is None:
        raise NotFound("There is no such sample.")
    return found


async def scores_of(
    work: Work, sample: QualitySample, *, after: str = "", limit: int = PAGE
) -> Rows[QualityScore]:
    """The contacts of a sample in the order they were drawn, with how each was scored; `after` is the id of a row."""
    work.require(May.SCORE_CONTACTS)
    chosen = narrowed(
        work.actor, QualityScore, select(QualityScore).where(QualityScore.sample_id == sample.id)
    ).options(
        joinedload(QualityScore.contact), joinedload(QualityScore.person), joinedload(QualityScore.scored_by)
    )
    ordered = (
        chosen.where(QualityScore.id > (number_in(after) or 0)).order_by(QualityScore.id).limit(limit + 1)
    )
    found: Sequence[QualityScore] = list(await work.session.scalars(ordered))
    return Rows(list(found[:limit]), str(found[limit - 1].id) if len(found) > limit else "")


async def theirs(work: Work) -> ColumnElement[bool] | None:
    """The samples that the actor looks after: of the own team, and what they drew; None for all of them."""
    mine = await own_team.named(work)
    if not mine:
        return None
    return or_(QualitySample.team == mine, QualitySample.drawn_by_id == work.actor.person_id)


async def _seen(work: Work) -> Any:
    mine = await theirs(work)
    return select(QualitySample) if mine is None else select(QualitySample).where(mine)


async def _drawn_before(work: Work, sample: QualitySample) -> QualitySample | None:
    """The sample that has this seed already. Raises NotAccepted where it is one of another size."""
    known: QualitySample | None = await work.session.scalar(
        select(QualitySample).where(
            QualitySample.month == sample.month,
            QualitySample.team == sample.team,
            QualitySample.seed == sample.seed,
        )
    )
    if known is not None and known.per_person != sample.per_person:
        raise NotAccepted(
            seed=f"This seed was drawn with {known.per_person} of each person already. Choose another."
        )
    return known


async def _contacts(work: Work, sample: QualitySample) -> list[tuple[int, int]]:
    """What the seed draws: (contact, who took it). One statement, of the contacts of one month.

    Whoever draws, it is the same: legal and regulatory ones are in no sample. S3-5.1.2
    """
    erased = exists().where(Customer.id == Contact.customer_id, Customer.erased_at.is_not(None))
    pool = select(Contact.id, Contact.taken_by_id).where(
        within(Contact.started_at, *month_of(sample.month)),
        Contact.status != ContactStatus.OPEN,
        Contact.closed_at <= sample.drawn_at,
        Contact.taken_by_id != sample.drawn_by_id,
        exists().where(ContactStep.contact_id == Contact.id),
        ~erased,
    )
    if sample.team:
        pool = pool.where(Contact.team == sample.team)
    rows = await work.session.execute(narrowed(AS_SUPERVISOR, Contact, pool))
    return ranked(((row[0], row[1]) for row in rows), sample.seed, sample.per_person)
