"""Scoring a contact beside its record, and the one answer of who took it. S2-0.4, S2-15.6, S3-18.1.1b"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import ContactStep, QualityCard, QualitySample, QualityScore
from models.words import Mark, StepState
from portal.desk import audit
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import Conflict, NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.listing import PAGE, Rows, newest_first, paged
from portal.desk.permissions import May
from portal.desk.quality import sampling
from portal.desk.quality.card import criteria_of
from portal.desk.rows import narrowed
from portal.desk.saving import hold_version
from portal.desk.work import Work

LONGEST = 4_000
_WORTH = {Mark.FULLY: Fraction(1), Mark.PARTLY: Fraction(1, 2), Mark.NOT: Fraction(0)}
_ALL = 1_000


async def adherence(work: Work, contact_id: int) -> tuple[int, int]:
    """How many steps of an ended contact were done, of those that were due: by the evidence. S3-18.1.1b"""
    counted = select(
        func.count().filter(ContactStep.state == StepState.DONE),
        func.count().filter(ContactStep.state != StepState.NEEDLESS),
    ).where(ContactStep.contact_id == contact_id)
    done, due = (await work.session.execute(counted)).one()
    return done, due


def worked_out(card: QualityCard, marks: Mapping[str, Mark], kept: int, due: int) -> int:
    """The score in tenths of a percent: the mean of what was marked and of the adherence, by their weights.

    What did not come up is not counted. Raises NotAccepted where nothing is left to count.
    """
    told = [
        (one.weight, _WORTH[marks[one.key]])
        for one in criteria_of(card)
        if marks[one.key] is not Mark.NEEDLESS
    ]
    if due:
        told.append((card.adherence_weight, Fraction(kept, due)))
    if not told:
        raise NotAccepted(remarks="Nothing of this contact can be scored: say how one thing was at least.")
    return round(_ALL * sum(weight * worth for weight, worth in told) / sum(weight for weight, _ in told))


async def score(
    work: Work, row: QualityScore, expected_version: int, marks: Mapping[str, str], remarks: str
) -> None:
    """Score a contact by the card of its sample; until who took it has answered, it can be done anew. S2-0.4

    `row` is loaded with sample and card. Raises NotAccepted with a message a field (`mark-1`, `remarks`), NotAllowed
    for one's own contact, WrongMoment once it is answered, Conflict when somebody saved first.
    """
    work.require(May.SCORE_CONTACTS)
    if row.person_id == work.actor.person_id:
        raise NotAllowed("You took this contact: somebody else scores it.")
    card = row.sample.card
    await hold_version(work, row, expected_version, {"remarks": remarks})
    if row.answered_at is not None:
        raise WrongMoment("This was answered already. The score stays as it is.")
    found: dict[str, str] = {}
    given: dict[str, Mark] = {}
    known = {one.value: one for one in Mark}
    for one in criteria_of(card):
        if mark := known.get(marks.get(one.key, "")):
            given[one.key] = mark
        else:
            found[f"mark-{one.key}"] = "Say how it was."
    if not remarks.strip() and any(mark in (Mark.PARTLY, Mark.NOT) for mark in given.values()):
        found["remarks"] = "Say what was missing, and what to do another time: who took the contact reads it."
    elif len(remarks) > LONGEST:
        found["remarks"] = f"At most {LONGEST} characters."
    if found:
        raise NotAccepted.of(found)
    refuse_card_numbers(remarks=remarks)
    kept, due = await adherence(work, row.contact_id)
    row.score = worked_out(card, given, kept, due)
    row.marks = {key: mark.value for key, mark in given.items()}
    row.kept, row.due, row.remarks = kept, due, remarks.strip()
    row.scored_by_id, row.scored_at = work.actor.person_id, work.now
    await audit.record(work, "score contact", row)


async def answer(work: Work, row: QualityScore, expected_version: int, words: str) -> None:
    """Say once what one thinks of the own score; then both stay as they are. S2-0.4

    Raises NotFound for somebody else's, NotAccepted without words, WrongMoment once it is answered, Conflict where it
    was scored anew meanwhile.
    """
    work.require(May.SEE_CONTACTS)
    if row.person_id != work.actor.person_id:
        raise NotFound("There is no such score.")
    try:
        await hold_version(work, row, expected_version, {})
    except Conflict:
        raise Conflict("This was scored anew while you were writing. Read it again, then answer.") from None
    if row.scored_at is None:
        raise WrongMoment("This contact is not scored yet.")
    if row.answered_at is not None:
        raise WrongMoment("You answered this already.")
    if not words.strip():
        raise NotAccepted(answer="Say what you think of it.")
    if len(words) > LONGEST:
        raise NotAccepted(answer=f"At most {LONGEST} characters.")
    refuse_card_numbers(answer=words)
    row.answer, row.answered_at = words.strip(), work.now
    await audit.record(work, "answer score", row)


async def one(work: Work, score_id: int) -> QualityScore:
    """A contact of a sample with its card, to be scored. Raises NotFound, also for one of another team's sample."""
    work.require(May.SCORE_CONTACTS)
    chosen = select(QualityScore).join(QualityScore.sample).where(QualityScore.id == score_id)
    if (theirs := await sampling.theirs(work)) is not None:
        chosen = chosen.where(theirs)
    return await _first(work, chosen)


async def mine(work: Work, *, before: str = "", limit: int = PAGE) -> Rows[QualityScore]:
    """How the actor's own contacts were scored, the newest first. S2-0.4"""
    work.require(May.SEE_CONTACTS)
    chosen = _shown(_own(work)).where(QualityScore.scored_at.is_not(None))
    ordered = newest_first(
        narrowed(work.actor, QualityScore, chosen), QualityScore.scored_at, QualityScore.id, before
    )
    found = list(await work.session.scalars(ordered.limit(limit + 1)))
    return paged(found, limit, lambda row: row.scored_at or row.sample.drawn_at)


async def own(work: Work, score_id: int) -> QualityScore:
    """One of the actor's own scores. Raises NotFound."""
    work.require(May.SEE_CONTACTS)
    return await _first(work, _own(work).where(QualityScore.id == score_id))


async def of_contact(work: Work, contact_id: int) -> list[QualityScore]:
    """How a contact was scored, for those who score and for who took it: from the record to what used it. S2-15.6"""
    work.require(May.SEE_CONTACTS)
    chosen = select(QualityScore).where(
        QualityScore.contact_id == contact_id, QualityScore.scored_at.is_not(None)
    )
    if work.may(May.SCORE_CONTACTS) and (theirs := await sampling.theirs(work)) is not None:
        chosen = chosen.join(QualityScore.sample).where(theirs)
    found = narrowed(work.actor, QualityScore, chosen.order_by(QualityScore.id))
    return list(await work.session.scalars(found))


def _own(work: Work) -> Any:
    return select(QualityScore).where(QualityScore.person_id == work.actor.person_id)


def _shown(chosen: Any) -> Any:
    return chosen.options(
        joinedload(QualityScore.contact),
        joinedload(QualityScore.person),
        joinedload(QualityScore.scored_by),
        joinedload(QualityScore.sample).joinedload(QualitySample.card),
    )


async def _first(work: Work, chosen: Any) -> QualityScore:
    found: QualityScore | None = await work.session.scalar(narrowed(work.actor, QualityScore, _shown(chosen)))
    if found is None:
        raise NotFound("There is no such score.")
    return found
