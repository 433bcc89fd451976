"""Contacts that were ended because the caller was abusive: reported with the words, reviewed by somebody else. S2-5.7"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import AbuseReport, Contact, Person
from portal.desk import audit
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.listing import LIMIT
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.saving import storable
from portal.desk.work import Work

LONGEST = 2000
"""Characters of a report, and of its review."""


async def report(work: Work, contact_id: int, words: str, *, warned: bool) -> AbuseReport:
    """Write down why a contact ends for abuse; the same deed ends it. S2-5.7

    Raises NotAccepted without words.
    """
    work.require(May.TAKE_CONTACTS)
    said = storable(words).strip()[:LONGEST]
    if not said:
        raise NotAccepted(words="Write down what was said or done.")
    refuse_card_numbers(words=said)
    made = AbuseReport(
        contact_id=contact_id,
        reported_by_id=work.actor.person_id,
        reported_at=work.now,
        words=said,
        warned=warned,
    )
    work.session.add(made)
    await audit.record(work, "report abuse", made)
    return made


async def review(work: Work, report_id: int, *, upheld: bool | None, words: str) -> None:
    """Say whether ending the contact was right, and why. S2-5.7

    Raises NotAllowed for whoever reported it, WrongMoment when it was reviewed, NotAccepted without an answer.
    """
    work.require(May.ANSWER_HELP)
    found: AbuseReport | None = await work.session.scalar(
        narrowed(work.actor, AbuseReport, select(AbuseReport)).where(AbuseReport.id == report_id)
    )
    if found is None:
        raise NotFound
    if found.reported_by_id == work.actor.person_id:
        raise NotAllowed("Somebody else has to review what you reported.")
    if found.reviewed_at is not None:
        raise WrongMoment("This report has been reviewed.")
    said = storable(words).strip()[:LONGEST]
    refused: dict[str, str] = {}
    if upheld is None:
        refused["upheld"] = "Say whether it was right to end the contact."
    if not said:
        refused["review"] = "Say why."
    if refused:
        raise NotAccepted.of(refused)
    refuse_card_numbers(review=said)
    found.upheld, found.review = upheld, said
    found.reviewed_by_id, found.reviewed_at = work.actor.person_id, work.now
    await audit.record(work, "review abuse", found)


async def to_review(work: Work) -> list[AbuseReport]:
    """The reports nobody has reviewed, the oldest first."""
    work.require(May.ANSWER_HELP)
    found = await work.session.scalars(
        narrowed(work.actor, AbuseReport, select(AbuseReport))
        .where(AbuseReport.reviewed_at.is_(None))
        .options(
            joinedload(AbuseReport.contact).load_only(
                Contact.id, Contact.number, Contact.channel, Contact.own_channel
            ),
            joinedload(AbuseReport.reported_by).load_only(Person.id, Person.name),
        )
        .order_by(AbuseReport.reported_at, AbuseReport.id)
        .limit(LIMIT)
    )
    return list(found)
