"""Lists for research partners: made of those who agreed, noted as given out, and recalled. S4-3.4

Who takes the consent back leaves the list at once, and stands among those the partner has to forget. After its last day
the list is given to nobody, and the partner has to forget all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import case, func, insert, literal, select
from sqlalchemy.orm import joinedload

from models import Customer, ResearchList, ResearchRow
from models.words import DisclosureGround
from portal.desk import audit, disclosures
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.listing import PAGE, Rows, first, newest_first, paged
from portal.desk.permissions import May
from portal.desk.saving import hold, storable
from portal.desk.work import Work

AGREES = (Customer.research_consent_at.is_not(None), Customer.merged_into_id.is_(None))
LACKING = {"partner": "Say who gets it.", "reason": "Say what they do with it."}


@dataclass(frozen=True, slots=True)
class Listed:
    """One list, how many are on it by now, and how many are to be recalled."""

    row: ResearchList
    agree: int
    recalled: int
    over: bool
    """Its last day is over: all of it is to be forgotten."""


async def make(work: Work, partner: str, reason: str, until: date) -> ResearchList:
    """Put everybody on a list for a partner who agrees to research at this moment. Raises NotAccepted per field. S4-3.4"""
    work.require(May.SEND_OFFERS)
    told = {"partner": storable(partner).strip(), "reason": storable(reason).strip()}
    wrong = {name: LACKING[name] for name, words in told.items() if not words}
    wrong |= {
        name: f"At most {disclosures.LONGEST[longest]} characters."
        for name, longest in (("partner", "recipient"), ("reason", "reason"))
        if len(told[name]) > disclosures.LONGEST[longest]
    }
    if until < work.now.date():
        wrong["until"] = "Not before today."
    if wrong:
        raise NotAccepted.of(wrong)
    refuse_card_numbers(**told)
    made = ResearchList(**told, until=until, made_by_id=work.actor.person_id, made_at=work.now)
    work.session.add(made)
    await work.session.flush()
    chosen = select(literal(made.id), Customer.id).where(*AGREES).order_by(Customer.id)
    await work.session.execute(
        insert(ResearchRow).from_select(["list_id", "customer_id"], chosen),
        execution_options={"audited": True},
    )
    await audit.record(work, "make research list", made)
    return made


async def hand_out(work: Work, made: ResearchList) -> Sequence[tuple[str, str, str]]:
    """Number, name and address of those on a list who agree at this moment; noted as given out. S4-3.4, S4-3.3

    Raises WrongMoment once its last day is over.
    """
    work.require(May.SEND_OFFERS)
    await hold(work, made)
    if made.until < work.now.date():
        raise WrongMoment("Its last day is over: nobody is given it any more.")
    found = await work.session.execute(
        select(Customer.number, Customer.name, Customer.email)
        .join(ResearchRow, ResearchRow.customer_id == Customer.id)
        .where(ResearchRow.list_id == made.id, *AGREES)
        .distinct()
        .order_by(Customer.number)
    )
    rows = [(number, name, email) for number, name, email in found]
    given = disclosures.Given(made.partner, made.reason, DisclosureGround.CONSENT)
    disclosures.exported(work, given, f"Research list {made.id}: numbers, names, e-mail addresses", len(rows))
    await audit.record(work, "hand out research list", made)
    return rows


async def recalled(work: Work, made: ResearchList) -> list[str]:
    """The numbers of those on a list that the partner has to forget: who agrees no more; all, once it is over."""
    work.require(May.SEND_OFFERS)
    statement = (
        select(Customer.number)
        .join(ResearchRow, ResearchRow.customer_id == Customer.id)
        .where(ResearchRow.list_id == made.id)
        .distinct()
        .order_by(Customer.number)
    )
    if made.until >= work.now.date():
        statement = statement.where(Customer.research_consent_at.is_(None))
    return list(await work.session.scalars(statement))


async def load(work: Work, list_id: int) -> ResearchList:
    """The list with this id. Raises NotFound."""
    work.require(May.SEND_OFFERS)
    made = await work.session.get(ResearchList, list_id)
    if made is None:
        raise NotFound
    return made


async def lists(work: Work, before: str = "", limit: int = PAGE) -> Rows[Listed]:
    """The lists there are, newest first, with how many agree and how many are recalled."""
    work.require(May.SEND_OFFERS)
    statement = newest_first(
        select(ResearchList).options(joinedload(ResearchList.made_by)),
        ResearchList.made_at,
        ResearchList.id,
        before,
    )
    found = list(await work.session.scalars(first(statement, limit + 1)))
    page = paged(found, limit, lambda row: row.made_at)
    agrees = func.sum(case((Customer.research_consent_at.is_not(None), 1), else_=0))
    counted = await work.session.execute(
        select(ResearchRow.list_id, agrees, func.count())
        .join(Customer, Customer.id == ResearchRow.customer_id)
        .where(ResearchRow.list_id.in_([row.id for row in page.rows]))
        .group_by(ResearchRow.list_id)
    )
    counts = {number: (agree, every) for number, agree, every in counted}
    listed = []
    for row in page.rows:
        agree, every = counts.get(row.id, (0, 0))
        over = row.until < work.now.date()
        listed.append(Listed(row, agree, every if over else every - agree, over))
    return Rows(listed, page.older)
