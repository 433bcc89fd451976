"""Two records of one customer made one, and apart again. S2-6.5

Everything that names the one record names the other from then on, in one transaction, and is listed, so that undoing
gives exactly that back. The record stays, found by its number; its details are nowhere mixed with the other's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column, or_, select, update
from sqlalchemy.orm import joinedload

from models import Base, Contact, Customer, CustomerMerge, Disclosure
from models.words import ContactStatus
from portal.desk import audit, bulk, policy, search
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.numbers import read_number
from portal.desk.permissions import May
from portal.desk.saving import hold
from portal.desk.work import Work

LONGEST_REASON = 500
_STAYING = frozenset({Disclosure.__tablename__, CustomerMerge.__tablename__})
"""Tables whose rows go on naming the record they were about: what was said of it then was said of it."""
_AUDITED = {"audited": True, "synchronize_session": False}
_ids = bulk.numbers("ids")


def references() -> Iterator[Column[Any]]:
    """Every column that names a customer, as the tables stand; a new one is among them by itself."""
    for table in Base.metadata.sorted_tables:
        if table.name not in _STAYING:
            yield from (
                column
                for column in table.columns
                if any(key.column.table.name == Customer.__tablename__ for key in column.foreign_keys)
            )


def may_merge(work: Work) -> bool:
    return work.may(May.EDIT_CUSTOMERS) and work.may(May.SEE_TEAM)


async def of_customer(work: Work, customer_id: int) -> list[CustomerMerge]:
    """The merges a record has a part in and that hold, the newest first."""
    found = await work.session.scalars(
        select(CustomerMerge)
        .where(
            or_(CustomerMerge.kept_id == customer_id, CustomerMerge.gone_id == customer_id),
            CustomerMerge.undone_at.is_(None),
        )
        .options(
            joinedload(CustomerMerge.kept), joinedload(CustomerMerge.gone), joinedload(CustomerMerge.made_by)
        )
        .order_by(CustomerMerge.id.desc())
    )
    return list(found)


def undo_until(merge: CustomerMerge) -> datetime:
    """Until when a merge can be undone."""
    return merge.made_at + policy.UNDO_MERGE


async def merge(work: Work, kept: Customer, number: str, reason: str) -> CustomerMerge:
    """Let everything of the record with this number be the kept one's. S2-6.5

    Raises NotAccepted with a message for each field; WrongMoment while one of the two is locked, in a contact under way,
    or part of a merge that forbids it.
    """
    work.require(May.EDIT_CUSTOMERS)
    work.require(May.SEE_TEAM)
    refuse_card_numbers(number=number, merge_reason=reason)
    gone = await _other(work, kept, number, reason)
    for one in sorted(
        (kept, gone), key=lambda row: row.id
    ):  # in one order, so that two merges wait and do not lock
        await hold(work, one)
    await _refuse(work, kept, gone)
    moved = {}
    for column in references():
        ids = select(column.table.c.id).where(column == gone.id).order_by(column.table.c.id).with_for_update()
        if found := list(await work.session.scalars(ids)):
            moved[str(column)] = found
            await _point(work, column, found, gone.id, kept.id)
    if (
        gone.no_surveys_at and not kept.no_surveys_at
    ):  # whoever wants no surveys wants none under either number
        kept.no_surveys_at = gone.no_surveys_at
    gone.merged_into_id = kept.id
    made = CustomerMerge(
        kept_id=kept.id,
        gone_id=gone.id,
        moved=moved,
        reason=reason.strip(),
        made_by_id=work.actor.person_id,
        made_at=work.now,
    )
    work.session.add(made)
    await search.index(work, gone)
    await audit.record(work, "merge customers", kept, reason=reason.strip())
    return made


async def _other(work: Work, kept: Customer, number: str, reason: str) -> Customer:
    wrong = {}
    said = read_number(number) or number.strip().upper()
    gone = await work.session.scalar(select(Customer).where(Customer.number == said)) if said else None
    if gone is None:
        wrong["number"] = "No customer has this number."
    elif gone.id == kept.id:
        wrong["number"] = "This is the same record. Enter the number of the other one."
    if not reason.strip() or len(reason) > LONGEST_REASON:
        wrong["merge_reason"] = f"Say in at most {LONGEST_REASON} characters how you know that both are one."
    if wrong or gone is None:
        raise NotAccepted.of(wrong)
    return gone


async def _refuse(work: Work, kept: Customer, gone: Customer) -> None:
    for one in (kept, gone):
        if one.merged_into_id is not None:
            raise WrongMoment(f"{one.number} was merged into another record already.")
        if one.erased_at is not None:
            raise WrongMoment(f"{one.number} was erased.")
        if one.locked_until and one.locked_until > work.now:
            raise WrongMoment(f"{one.number} is locked after failed verifications. Unlock it first.")
    begun = select(Contact.id).where(
        Contact.customer_id.in_([kept.id, gone.id]), Contact.status == ContactStatus.OPEN
    )
    if await work.session.scalar(begun.limit(1)) is not None:
        raise WrongMoment("A contact with this customer is under way. Merge once it has ended.")
    before = select(CustomerMerge.id).where(
        CustomerMerge.kept_id == gone.id,
        CustomerMerge.undone_at.is_(None),
        CustomerMerge.made_at > work.now - policy.UNDO_MERGE,
    )
    if await work.session.scalar(before.limit(1)) is not None:
        raise WrongMoment(
            f"Another record was merged into {gone.number} lately. Merge that way round, or undo that first."
        )


async def undo(work: Work, merge_id: int) -> CustomerMerge:
    """Give back to the record exactly what went over. What came since stays with the one that was kept. S2-6.5

    Raises NotFound; WrongMoment when its time is over or somebody was faster.
    """
    work.require(May.EDIT_CUSTOMERS)
    work.require(May.SEE_TEAM)
    made = await work.session.get(CustomerMerge, merge_id)
    if made is None:
        raise NotFound
    await hold(work, made)
    if made.undone_at is not None:
        raise WrongMoment("This merge was undone already.")
    if undo_until(made) <= work.now:
        raise WrongMoment("The time in which this could be undone is over.")
    kept = await work.session.get_one(Customer, made.kept_id)
    gone = await work.session.get_one(Customer, made.gone_id)
    for one in sorted((kept, gone), key=lambda row: row.id):
        await hold(work, one)
    if kept.erased_at is not None:
        raise WrongMoment(f"{kept.number} was erased, and this record with it.")
    for column in references():
        if ids := made.moved.get(str(column)):
            await _point(work, column, ids, kept.id, gone.id)
    if kept.no_surveys_at and kept.no_surveys_at == gone.no_surveys_at:
        kept.no_surveys_at = None
    gone.merged_into_id = None
    made.undone_by_id, made.undone_at = work.actor.person_id, work.now
    await search.index(work, gone)
    await audit.record(work, "undo merge of customers", kept)
    return made


async def _point(work: Work, column: Column[Any], ids: list[int], before: int, after: int) -> None:
    """Let these rows name another customer, if they still name the one before."""
    await work.session.execute(
        update(column.table)
        .where(column.table.c.id.in_(_ids), column == before)
        .values({column.name: after}),
        {"ids": ids},
        execution_options=_AUDITED,
    )
