"""What customers ask of their own data: noted, reminded of, answered within a month. S2-2.3, S3-10.1.1

Whoever talks to the customer notes it; managers answer. A request ends only once what was asked is done: the data handed
out, the customer erased, the consents taken back. Or it is refused, with the reason.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Customer, DataRequest
from models.words import (
    ConsentPurpose,
    DataRequestKind,
    DataRequestStatus,
    DisclosureGround,
    Role,
)
from portal.desk import audit, batches, consents, disclosures, notices, own_data, policy, surveys
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.listing import PAGE, Rows, first, newest_first, paged
from portal.desk.notices import Notice
from portal.desk.own_data import Told
from portal.desk.permissions import May
from portal.desk.saving import hold, storable
from portal.desk.work import Work

LONGEST = 2000
MONTHS = 12
OLDEST = timedelta(days=366)
"""A request is noted late, but not from longer ago."""
HANDED_OUT = frozenset({DataRequestKind.ACCESS, DataRequestKind.PORTABILITY})
LEFT_ALONE = frozenset({DataRequestKind.OBJECTION, DataRequestKind.RESTRICTION})
"""Afterwards the customer is neither written offers nor asked how it went."""
_rows: Any = DataRequest.__table__
_CLAIM = batches.claiming(DataRequest)


def a_month_after(day: date) -> date:
    """The same day of the next month, or its last one where it has no such day."""
    year, month = day.year + day.month // MONTHS, day.month % MONTHS + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


async def note(
    work: Work, customer: Customer, kind: DataRequestKind, words: str, received_on: date
) -> DataRequest:
    """Note what a customer asks, and from which day on the month runs. Raises NotAccepted per field. S2-2.3"""
    work.require(May.EDIT_CUSTOMERS)
    told = storable(words).strip()
    wrong = {}
    if not told or len(told) > LONGEST:
        wrong["words"] = (
            f"Say in at most {LONGEST} characters what they ask, and how you know that it is they."
        )
    if not work.now.date() - OLDEST <= received_on <= work.now.date() + timedelta(days=1):
        wrong["received_on"] = "The day it came in: not to come, and not more than a year ago."
    if wrong:
        raise NotAccepted.of(wrong)
    refuse_card_numbers(words=told)
    if customer.erased_at is not None:
        raise WrongMoment(f"{customer.number} was erased: nothing is known of them any more.")
    due_on = a_month_after(received_on)
    row = DataRequest(
        kind=kind,
        customer_id=customer.id,
        words=told,
        received_on=received_on,
        due_on=due_on,
        next_at=max(work.now, _begins(due_on) - policy.DATA_REQUEST_REMINDED),
        noted_by_id=work.actor.person_id,
        noted_at=work.now,
    )
    work.session.add(row)
    await audit.record(work, "note data request", row)
    return row


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


async def hand_out(work: Work, request: DataRequest, identity: str) -> Told:
    """Everything that is known of the customer, to be given to them; the register of disclosures has it. S2-2.3

    Raises NotAccepted until it is said how their identity was made sure of, WrongMoment where nothing is to be given out.
    """
    work.require(May.ANSWER_DATA_REQUESTS)
    how = storable(identity).strip()
    if not how or len(how) > disclosures.LONGEST["reason"]:
        raise NotAccepted(identity="Say how you made sure that it is the customer who gets it.")
    refuse_card_numbers(identity=how)
    await _open(work, request)
    if request.kind not in HANDED_OUT:
        raise WrongMoment("Nothing is to be handed out for this one.")
    customer = await work.session.get_one(Customer, request.customer_id)
    told = await own_data.of_customer(work, customer)
    request.handed_out_at = work.now
    what = f"All that is known of them ({request.kind.value}): {sum(map(len, told.values()))} rows."
    ground = DisclosureGround.OWN_REQUEST
    await disclosures.note(work, "The customer", what, ground, how, customer.number)
    await audit.record(work, "hand out data", request)
    return told


async def finish(work: Work, request: DataRequest, outcome: str) -> None:
    """Say that it is done, once it is. An objection or a restriction takes consents back and ends surveys with it. S2-2.3

    Raises NotAccepted without words, WrongMoment while what was asked is not done.
    """
    work.require(May.ANSWER_DATA_REQUESTS)
    told = _outcome(outcome)
    await _open(work, request)
    customer = await work.session.get_one(Customer, request.customer_id)
    if request.kind in HANDED_OUT and request.handed_out_at is None:
        raise WrongMoment("Hand the data out first.")
    if request.kind is DataRequestKind.ERASURE and customer.erased_at is None:
        raise WrongMoment("Erase the customer first, or refuse with the reason.")
    if request.kind in LEFT_ALONE:
        for purpose in ConsentPurpose:
            await consents.withdraw(work, customer, purpose)
        await surveys.note(work, customer, asked=False)
    await _end(work, request, DataRequestStatus.DONE, told)


async def refuse(work: Work, request: DataRequest, outcome: str) -> None:
    """Refuse what was asked, with the reason that the customer is told. Raises NotAccepted without one. S2-2.3"""
    work.require(May.ANSWER_DATA_REQUESTS)
    told = _outcome(outcome)
    await _open(work, request)
    await _end(work, request, DataRequestStatus.REFUSED, told)


async def _end(work: Work, request: DataRequest, status: DataRequestStatus, outcome: str) -> None:
    request.status, request.outcome, request.next_at = status, outcome, None
    request.ended_by_id, request.ended_at = work.actor.person_id, work.now
    await audit.record(work, "end data request", request)


def _outcome(words: str) -> str:
    told = storable(words).strip()
    if not told or len(told) > LONGEST:
        raise NotAccepted(outcome=f"Say in at most {LONGEST} characters what was done, or why not.")
    refuse_card_numbers(outcome=told)
    return told


async def _open(work: Work, request: DataRequest) -> None:
    await hold(work, request)
    if request.status is not DataRequestStatus.OPEN:
        raise WrongMoment("This was answered already.")


async def load(work: Work, request_id: int) -> DataRequest:
    """The request with this id. Raises NotFound."""
    work.require(May.ANSWER_DATA_REQUESTS)
    request = await work.session.get(DataRequest, request_id)
    if request is None:
        raise NotFound
    return request


async def listed(work: Work, *, ended: bool, before: str = "", limit: int = PAGE) -> Rows[DataRequest]:
    """What is open, or what was answered, the newest first."""
    work.require(May.ANSWER_DATA_REQUESTS)
    is_open = DataRequest.status == DataRequestStatus.OPEN
    statement = newest_first(
        select(DataRequest)
        .where(~is_open if ended else is_open)
        .options(
            joinedload(DataRequest.customer).load_only(Customer.number, Customer.erased_at),
            joinedload(DataRequest.noted_by),
            joinedload(DataRequest.ended_by),
        ),
        DataRequest.noted_at,
        DataRequest.id,
        before,
    )
    found = list(await work.session.scalars(first(statement, limit + 1)))
    return paged(found, limit, lambda row: row.noted_at)


async def remind(work: Work, batch: int) -> int:
    """Tell the managers of what is due in a week, and again on the day; return how many. Safe on every replica. S2-2.3"""
    return await batches.take(work, DataRequest, _CLAIM, batch, _tell)


async def _tell(work: Work, ids: Sequence[int]) -> None:
    found = await work.session.scalars(
        select(DataRequest)
        .where(DataRequest.id.in_(ids), DataRequest.status == DataRequestStatus.OPEN)
        .order_by(DataRequest.id)
        .options(joinedload(DataRequest.customer).load_only(Customer.number)),
        execution_options={"populate_existing": True},
    )
    people = await notices.people_in(work, Role.MANAGER)
    told: list[Notice] = []
    for one in found:
        last = work.now >= _begins(one.due_on)
        one.next_at = None if last else _begins(one.due_on)
        facts: dict[str, object] = {
            "kind": "data_request",
            "words": f"{one.customer.number} asks: {one.kind.value}. {work.terms.address}/data-requests",
            "due_at": _begins(one.due_on),
        }
        when = "due" if last else "soon"
        told += [
            Notice("follow-up-reminder", person, f"data-request/{one.id}/{when}/{person.id}", facts=facts)
            for person in people
        ]
    await notices.write_all(work, told)
    await audit.record(work, "remind of data requests")
