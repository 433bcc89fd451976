"""Everything that is known of one customer, to be handed out: what an erasure would reach, in plain values. S2-2.3"""

from __future__ import annotations

from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import LargeBinary, Table, select

from models import Base, Customer, Erasure, Message
from models.words import Audience
from portal.desk import bulk
from portal.desk.erasing import reach as reaching
from portal.desk.erasing.fates import FATES
from portal.desk.permissions import May
from portal.desk.work import Work

_OURS = frozenset(
    {"claimed_by", "claimed_until", "put_off", "next_at", "once", "digest", "hashed", "key", "version"}
)
"""Columns that keep the desk running and say nothing of a customer."""
_NOT_HANDED_OUT = frozenset({Erasure.__tablename__, "one_time_codes", "contact_steps"})

Told = dict[str, list[dict[str, Any]]]
"""{"orders": [{"number": "HR-…", …}]}"""


async def of_customer(work: Work, customer: Customer) -> Told:
    """Every row that tells of a customer and the records merged with theirs. What tells of colleagues stays here."""
    work.require(May.ANSWER_DATA_REQUESTS)
    reach = await reaching.of_customer(work, customer)
    told: Told = {}
    for name, ids in reach.items():
        if ids and name not in _NOT_HANDED_OUT and (rows := await _rows(work, name, ids)):
            told[name] = rows
    return told


async def _rows(work: Work, name: str, ids: list[int]) -> list[dict[str, Any]]:
    table = Base.metadata.tables[name]
    columns = [one for one in table.columns if _is_theirs(table, one)]
    statement = select(*columns).where(table.c.id.in_(bulk.numbers("ids"))).order_by(table.c.id)
    if name == Message.__tablename__:  # a notice to a colleague may name other customers
        statement = statement.where(table.c.audience == Audience.CUSTOMER)
    found = (await work.session.execute(statement, {"ids": ids})).mappings()
    return [
        {key: plain(one) for key, one in row.items() if one not in (None, "", (), {}, [])} for row in found
    ]


def _is_theirs(table: Table, column: Any) -> bool:
    if column.name in _OURS or isinstance(column.type, LargeBinary):
        return False
    return column.name in FATES[table.name] or not column.foreign_keys


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    match value:
        case Enum():
            return value.value
        case datetime() | date() | time():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value
