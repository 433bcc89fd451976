"""Erasing a customer: asked for by one manager, done by another, whole or not at all. S3-10.1.1, S2-2.3, decision 28

What tells of the person goes from every table, from what they are found by and from the audit trail, whose seals hold
all the same; what trade law wants kept stays without saying whose it is. Records merged with it go along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, case, func, select, update
from sqlalchemy.orm import joinedload

from models import (
    Case,
    Chat,
    Contact,
    Customer,
    Erasure,
    FollowUp,
    Message,
    Order,
    PaymentEntry,
    Promise,
    RefundRequest,
    Return,
)
from models.words import (
    CaseStatus,
    ChatStatus,
    ContactStatus,
    ErasureStatus,
    FollowUpStatus,
    MessageStatus,
    OrderStatus,
    PreferredChannel,
    PromiseStatus,
    RefundStatus,
    ReturnStatus,
    Tier,
)
from portal.desk import audit, audit_seals, bulk, search
from portal.desk.cards import refuse_card_numbers
from portal.desk.erasing import reach as reaching
from portal.desk.erasing import rewriting
from portal.desk.erasing.fates import WHY_KEPT
from portal.desk.erasing.reach import Reach
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.listing import PAGE, Rows, first, newest_first, paged
from portal.desk.numbers import read_number
from portal.desk.permissions import May
from portal.desk.saving import hold, storable
from portal.desk.work import Work

LONGEST_REASON = 500
_AUDITED = {"audited": True, "synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Preview:
    """What erasing this customer would do: how many rows of each table, what stays and why, and what forbids it."""

    rows: tuple[tuple[str, int], ...]
    kept: tuple[tuple[str, str], ...]
    forbids: tuple[str, ...]
    asked: Erasure | None
    """That it was asked for, and waits for somebody else."""


async def preview(work: Work, customer: Customer) -> Preview:
    """What would go and what would stay. Changes nothing."""
    work.require(May.ERASE_CUSTOMERS)
    reach = await reaching.of_customer(work, customer)
    counts = {name: len(ids) for name, ids in reach.items() if ids}
    asked = await work.session.scalar(
        select(Erasure)
        .where(Erasure.customer_id == customer.id, Erasure.status == ErasureStatus.ASKED)
        .options(joinedload(Erasure.asked_by))
    )
    counts.pop(Erasure.__tablename__, None)
    return Preview(
        rows=tuple(counts.items()),
        kept=tuple(
            (name, why) for name, why in WHY_KEPT.items() if counts.get(name) or name == "audit_entries"
        ),
        forbids=tuple(await _forbidding(work, customer, reach)),
        asked=asked,
    )


async def ask(work: Work, customer: Customer, number: str, reason: str) -> Erasure:
    """Ask that a customer is erased, by their number; somebody else does it. S3-10.1.1

    Raises NotAccepted per field; WrongMoment while something forbids it, or it was asked already.
    """
    work.require(May.ERASE_CUSTOMERS)
    why = storable(reason).strip()
    wrong = _wrong_number(customer, number)
    if not why or len(why) > LONGEST_REASON:
        wrong["reason"] = f"Say why in at most {LONGEST_REASON} characters, without naming the customer."
    if wrong:
        raise NotAccepted.of(wrong)
    refuse_card_numbers(reason=why)
    await hold(work, customer)
    before = await preview(work, customer)
    if before.asked is not None:
        raise WrongMoment("It was asked for already. Somebody else decides.")
    _refuse(before.forbids)
    row = Erasure(
        customer_id=customer.id, reason=why, counts={}, asked_by_id=work.actor.person_id, asked_at=work.now
    )
    work.session.add(row)
    await audit.record(work, "ask to erase customer", row)
    return row


async def drop(work: Work, erasure: Erasure) -> None:
    """Do not erase after all; whoever asked may say so as well."""
    work.require(May.ERASE_CUSTOMERS)
    await _waiting(work, erasure)
    erasure.status, erasure.decided_by_id, erasure.decided_at = (
        ErasureStatus.DROPPED,
        work.actor.person_id,
        work.now,
    )
    await audit.record(work, "drop erasure", erasure)


async def erase(work: Work, erasure: Erasure, number: str) -> Mapping[str, int]:
    """Erase the customer for good: everything in this transaction, or nothing. S3-10.1.1, S2-3.4, S3-6.2.1

    Raises NotAccepted for another number, WrongMoment for who asked for it themselves and while something forbids it.
    Returns how many rows of each table were rewritten, which is the proof that stays.
    """
    work.require(May.ERASE_CUSTOMERS)
    await _waiting(work, erasure)
    if erasure.asked_by_id == work.actor.person_id:
        raise WrongMoment("You asked for this yourself. Somebody else has to do it.")
    customer = await work.session.get_one(Customer, erasure.customer_id)
    if wrong := _wrong_number(customer, number):
        raise NotAccepted.of(wrong)
    await hold(work, customer)
    reach = await reaching.of_customer(work, customer)
    await _hold_all(work, reach)
    _refuse(await _forbidding(work, customer, reach))
    known = await rewriting.known_of(work, reach)
    erasure.status, erasure.decided_by_id, erasure.decided_at = (
        ErasureStatus.RUNNING,
        work.actor.person_id,
        work.now,
    )
    await audit.record(work, "decide on erasure", erasure)
    await work.session.execute(
        update(Message)
        .where(
            Message.id.in_(bulk.numbers("ids")),
            Message.status.in_([MessageStatus.QUEUED, MessageStatus.DEAD]),
        )
        .values(status=MessageStatus.DISCARDED, next_at=None),
        {"ids": reach["messages"]},
        execution_options=_AUDITED,
    )
    counts = await rewriting.rewrite(work, reach, known)
    digests = await rewriting.rewrite_trail(work, reach, known)
    counts["audit_entries"] = len(digests)
    await _end(work, reach, erasure, counts)
    await audit.record(
        work, audit_seals.ERASED, erasure, changes={"audit_entries": digests, "rows": dict(counts)}
    )
    return counts


async def _end(work: Work, reach: Reach, erasure: Erasure, counts: dict[str, int]) -> None:
    """Write the numbers anew by which what stays is found, and close the transaction's right to rewrite."""
    work.session.expire_all()
    records = {"preferred_channel": PreferredChannel.EMAIL, "tier": Tier.STANDARD, "erased_at": work.now}
    await work.session.execute(
        update(Customer)
        .where(Customer.id.in_(bulk.numbers("ids")))
        .values({**records, "no_surveys_at": func.coalesce(Customer.no_surveys_at, work.now)}),
        {"ids": reach["customers"]},
        execution_options=_AUDITED,
    )
    things: list[Customer | Order] = []
    for model in (Customer, Order):
        among: Any = model.id.in_(bulk.numbers("ids"))
        things += await work.session.scalars(select(model).where(among), {"ids": reach[model.__tablename__]})
    for one in things:
        await search.index(work, one)
    await work.session.refresh(erasure)
    erasure.status, erasure.counts = ErasureStatus.DONE, counts
    await work.session.flush()


async def _hold_all(work: Work, reach: Reach) -> None:
    """Let nobody begin anything with one of the records until this is done."""
    await work.session.execute(
        select(Customer.id)
        .where(Customer.id.in_(bulk.numbers("ids")))
        .order_by(Customer.id)
        .with_for_update(),
        {"ids": reach["customers"]},
    )


async def _waiting(work: Work, erasure: Erasure) -> None:
    await hold(work, erasure)
    if erasure.status is not ErasureStatus.ASKED:
        raise WrongMoment("This was decided already.")


def _wrong_number(customer: Customer, number: str) -> dict[str, str]:
    said = read_number(number) or number.strip().upper()
    return (
        {} if said == customer.number else {"number": f"Type {customer.number}, the number of this customer."}
    )


def _refuse(forbids: tuple[str, ...] | list[str]) -> None:
    if forbids:
        raise WrongMoment(" ".join(forbids))


async def _forbidding(work: Work, customer: Customer, reach: Reach) -> list[str]:
    """Why this customer cannot be erased now, in words."""
    if customer.erased_at is not None:
        return ["This customer was erased already."]
    held = await work.session.scalars(
        select(Customer.number).where(Customer.id.in_(bulk.numbers("ids")), Customer.held_because != ""),
        {"ids": reach["customers"]},
    )
    found = [f"{number} is on hold: nothing of it may be erased." for number in held]
    counts = (await work.session.execute(select(*_open(work)), reach)).one()
    return found + [words.format(count) for words, count in zip(_OPEN_WORDS, counts, strict=True) if count]


_OPEN_WORDS = (
    "Contacts under way: {}.",
    "Chats under way: {}.",
    "Open cases: {}. Solve or cancel them first.",
    "Orders on their way: {}.",
    "Orders not paid, or paid too much: {}.",
    "Returns expected or not settled: {}.",
    "Refunds that wait for a decision: {}.",
    "Open follow-ups: {}.",
    "Open promises: {}.",
    "Letters leaving at this moment: {}. Try again in a minute.",
)


def _open(work: Work) -> tuple[ScalarSelect[Any], ...]:
    """How many there are of each that forbids it, in the order of the words above."""
    paid = (
        select(func.coalesce(func.sum(PaymentEntry.amount_minor), 0))
        .where(PaymentEntry.order_id == Order.id)
        .correlate(Order)
        .scalar_subquery()
    )
    due = case((Order.status == OrderStatus.CANCELLED, 0), else_=Order.total_minor)
    ended = [OrderStatus.DELIVERED, OrderStatus.CANCELLED]
    return (
        _count(Contact, Contact.status == ContactStatus.OPEN),
        _count(Chat, Chat.status != ChatStatus.ENDED),
        _count(Case, Case.status.in_([CaseStatus.OPEN, CaseStatus.WAITING])),
        _count(Order, Order.status.not_in(ended)),
        _count(Order, Order.status.in_(ended), Order.source.is_(None), paid != due),
        _count(Return, Return.status.in_([ReturnStatus.EXPECTED, ReturnStatus.ARRIVED])),
        _count(RefundRequest, RefundRequest.status == RefundStatus.ASKED),
        _count(FollowUp, FollowUp.status == FollowUpStatus.OPEN),
        _count(Promise, Promise.status == PromiseStatus.OPEN),
        _count(Message, Message.claimed_until > work.now, Message.status == MessageStatus.QUEUED),
    )


def _count(model: Any, *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    """How many of the rows that are reached are so."""
    among = model.id.in_(bulk.numbers(model.__tablename__))
    return select(func.count()).select_from(model).where(among, *conditions).scalar_subquery()


async def hold_back(work: Work, customer: Customer, reason: str) -> None:
    """Let nothing of this customer be erased, for a reason such as a lawsuit. S0-5.2 Raises NotAccepted."""
    work.require(May.ERASE_CUSTOMERS)
    why = storable(reason).strip()
    if not why or len(why) > LONGEST_REASON:
        raise NotAccepted(hold_reason=f"Say why in at most {LONGEST_REASON} characters.")
    refuse_card_numbers(hold_reason=why)
    await hold(work, customer)
    if customer.erased_at is not None:
        raise WrongMoment("This customer was erased already.")
    customer.held_because = why
    await audit.record(work, "put customer on hold", customer)


async def release(work: Work, customer: Customer) -> None:
    """Let this customer be erased again."""
    work.require(May.ERASE_CUSTOMERS)
    await hold(work, customer)
    customer.held_because = ""
    await audit.record(work, "release customer", customer)


async def load(work: Work, erasure_id: int) -> Erasure:
    """The erasure with this id. Raises NotFound."""
    work.require(May.ERASE_CUSTOMERS)
    erasure = await work.session.get(Erasure, erasure_id)
    if erasure is None:
        raise NotFound
    return erasure


async def listed(work: Work, before: str = "", limit: int = PAGE) -> Rows[Erasure]:
    """What was asked for and what was done, newest first: the proof. S3-10.1.1"""
    work.require(May.ERASE_CUSTOMERS)
    statement = newest_first(
        select(Erasure).options(
            joinedload(Erasure.customer).load_only(Customer.number),
            joinedload(Erasure.asked_by),
            joinedload(Erasure.decided_by),
        ),
        Erasure.asked_at,
        Erasure.id,
        before,
    )
    found = list(await work.session.scalars(first(statement, limit + 1)))
    return paged(found, limit, lambda row: row.asked_at)
