"""Advertising: a letter to every customer who agreed to it, and to nobody else. S4-3.1

Whoever took it back before their letter was written gets none, and one that still waits does not leave. What is no
advertising – confirmations, answers, codes – asks nobody's consent. S4-3.2
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Customer, Offer
from portal.desk import audit, consents, notices
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted
from portal.desk.listing import PAGE, Rows, first, newest_first, paged
from portal.desk.notices import Notice
from portal.desk.permissions import May
from portal.desk.saving import storable
from portal.desk.work import Work

LONGEST = {"subject": 200, "words": 5000}


async def make(work: Work, subject: str, words: str) -> Offer:
    """Write an offer to everybody who agreed; the letters follow in batches. Raises NotAccepted per field. S4-3.1"""
    work.require(May.SEND_OFFERS)
    told = {"subject": " ".join(storable(subject).split()), "words": storable(words).strip()}
    wrong = {name: f"At most {most} characters." for name, most in LONGEST.items() if len(told[name]) > most}
    wrong |= {name: "Write what the customers shall read." for name, text in told.items() if not text}
    if wrong:
        raise NotAccepted.of(wrong)
    refuse_card_numbers(**told)
    offer = Offer(**told, made_by_id=work.actor.person_id, made_at=work.now, last_customer_id=0, letters=0)
    work.session.add(offer)
    await audit.record(work, "make offer", offer)
    return offer


async def write_next(work: Work, limit: int) -> int:
    """Write the next letters of the oldest offer that is not finished; return how many customers were taken, 0 at last.

    Who agrees is asked of each customer as their letter is written.
    """
    work.require(May.SEND_OFFERS)
    offer = await work.session.scalar(
        select(Offer).where(Offer.finished_at.is_(None)).order_by(Offer.id).limit(1).with_for_update()
    )
    if offer is None:
        return 0
    found = list(
        await work.session.scalars(
            select(Customer)
            .where(
                Customer.id > offer.last_customer_id,
                Customer.marketing_consent_at.is_not(None),
                Customer.marketing_consent_at <= offer.made_at,
                Customer.merged_into_id.is_(None),
            )
            .order_by(Customer.id)
            .limit(limit)
            .with_for_update(of=Customer)
        )
    )
    offer.letters += await notices.write_all(
        work,
        [
            Notice(
                consents.OFFER,
                customer,
                f"offer/{offer.id}/{customer.id}",
                customer.number,
                facts={
                    "subject": offer.subject,
                    "words": offer.words,
                    "consents_link": consents.link(work.terms, customer.id),
                },
            )
            for customer in found
        ],
    )
    if len(found) < limit:
        offer.finished_at = work.now
    else:
        offer.last_customer_id = found[-1].id
    await audit.record(work, "write offer", offer)
    return len(found)


async def made(work: Work, before: str = "", limit: int = PAGE) -> Rows[Offer]:
    """The offers there were, newest first."""
    work.require(May.SEND_OFFERS)
    statement = newest_first(
        select(Offer).options(joinedload(Offer.made_by)), Offer.made_at, Offer.id, before
    )
    found = list(await work.session.scalars(first(statement, limit + 1)))
    return paged(found, limit, lambda row: row.made_at)
