"""Which rows tell of a customer: whatever leads to one of their records, over any number of tables. Decision 28"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, false, func, or_, select, true

from models import Base, Case, ContactAnswer, Customer, Mail, Message
from portal.desk import bulk
from portal.desk.erasing.fates import COUNTED, FATES
from portal.desk.notices import GATHERED
from portal.desk.work import Work

Reach = dict[str, list[int]]
"""{table: ids}, in an order in which each comes after those it leads to."""
_LETTERS = 1000
"""Notices that are looked through at once for the numbers they name."""


async def of_customer(work: Work, customer: Customer) -> Reach:
    """The ids of every row that tells of this customer, or of a record that was merged with theirs."""
    reach: Reach = {Customer.__tablename__: await _merged(work, customer.id)}
    for table in Base.metadata.sorted_tables:
        if table.name in FATES and table.name not in reach:
            reach[table.name] = await _ids(work, table, _leading(table, reach), reach)
            if table.name == Case.__tablename__:
                reach[table.name] = sorted({*reach[table.name], *await _opened_by_mail(work, reach)})
            if table.name == Message.__tablename__:
                reach[table.name] = sorted({*reach[table.name], *await _gathered(work, reach)})
            if table.name == Mail.__tablename__:
                reach[table.name] = sorted({*reach[table.name], *await _written(work, reach)})
    return reach


async def _merged(work: Work, customer_id: int) -> list[int]:
    """The record with all that are merged into it, and into these, and the one it is merged into."""
    found: set[int] = set()
    fresh = {customer_id}
    while fresh:
        found |= fresh
        rows = await work.session.execute(
            select(Customer.id, Customer.merged_into_id).where(
                or_(Customer.id.in_(fresh), Customer.merged_into_id.in_(fresh))
            )
        )
        fresh = {one for row in rows for one in row if one is not None} - found
    return sorted(found)


def _leading(table: Table, reach: Reach) -> list[Column[Any]]:
    return [
        column for column in table.columns for key in column.foreign_keys if reach.get(key.column.table.name)
    ]


async def _ids(work: Work, table: Table, leading: Sequence[Column[Any]], reach: Reach) -> list[int]:
    """The rows that lead to what is reached. What names a customer itself is theirs alone, whatever else it leads to."""
    if not leading:
        return []
    given: dict[str, Any] = {}
    direct = [one for one in leading if _target(one) == Customer.__tablename__]
    theirs = or_(false(), *(_is_in(one, reach, given) for one in direct))
    nobodys = and_(true(), *(one.is_(None) for one in direct))
    leads = or_(false(), *(_is_in(one, reach, given) for one in leading if one not in direct))
    condition = or_(theirs, and_(nobodys, leads))
    if table.name == ContactAnswer.__tablename__:
        condition = and_(condition, ContactAnswer.kind.not_in(COUNTED))
    statement = select(table.c.id).where(condition).order_by(table.c.id)
    return list(await work.session.scalars(statement, given))


def _target(column: Column[Any]) -> str:
    return next(iter(column.foreign_keys)).column.table.name


def _is_in(column: Column[Any], reach: Reach, given: dict[str, Any]) -> ColumnElement[bool]:
    name = f"{column.name}_{len(given)}"
    given[name] = reach[_target(column)]
    return column.in_(bulk.numbers(name))


async def _gathered(work: Work, reach: Mapping[str, Sequence[int]]) -> list[int]:
    """Notices to colleagues that name one of the cases among several, by its number. S3-5.1.2"""
    table = Base.metadata.tables["cases"]
    numbers = set(
        await work.session.scalars(
            select(table.c.number).where(table.c.id.in_(bulk.numbers("ids"))), {"ids": list(reach["cases"])}
        )
    )
    found: list[int] = []
    last = 0
    while numbers:
        rows = (
            await work.session.execute(
                select(Message.id, Message.body_text)
                .where(Message.id > last, Message.case_id.is_(None), Message.template.in_(GATHERED))
                .order_by(Message.id)
                .limit(_LETTERS)
            )
        ).all()
        if not rows:
            break
        found += [row.id for row in rows if any(number in row.body_text for number in numbers)]
        last = rows[-1].id
    return found


def _by_mail() -> ColumnElement[bool]:
    """Of mail that belongs to nobody: that it came from an address of theirs."""
    customers = Customer.__table__
    addresses = select(func.lower(customers.c.email)).where(
        customers.c.id.in_(bulk.numbers("ids")), customers.c.email != ""
    )
    return and_(Mail.customer_id.is_(None), func.lower(Mail.sender_address).in_(addresses))


async def _opened_by_mail(work: Work, reach: Mapping[str, Sequence[int]]) -> list[int]:
    """Cases of nobody that such mail opened."""
    statement = select(Case.id).where(
        Case.customer_id.is_(None), Case.id.in_(select(Mail.case_id).where(_by_mail()))
    )
    return list(await work.session.scalars(statement, {"ids": list(reach[Customer.__tablename__])}))


async def _written(work: Work, reach: Mapping[str, Sequence[int]]) -> list[int]:
    """Mail from their address that belongs to nobody."""
    statement = select(Mail.id).where(_by_mail())
    return list(await work.session.scalars(statement, {"ids": list(reach[Customer.__tablename__])}))
