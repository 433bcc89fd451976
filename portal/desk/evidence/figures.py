"""How long customers wait for the greeting, and how often we mend our own mistakes. S0-3.1.1a, S0-0.7"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Float, Integer, cast, exists, func, select

from models import Amendment, Contact, Order
from models.words import Situation
from portal.desk.evidence.compliance import Filters
from portal.desk.evidence.counting import start_of
from portal.desk.permissions import May
from portal.desk.work import Work

_SITUATIONS = frozenset(one.value for one in Situation)


@dataclass(frozen=True, slots=True)
class Greeting:
    """From the beginning of a contact to its greeting, over those that were greeted."""

    contacts: int
    half: int
    """Seconds within which half of them were greeted."""
    nine_in_ten: int
    """Seconds within which nine of ten were."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """Orders that were placed, and how many of them were amended since to correct a mistake of ours."""

    orders: int
    corrected: int

    @property
    def percent(self) -> float:
        return 100 * self.corrected / self.orders


async def until_greeting(work: Work, wanted: Filters) -> Greeting | None:
    """Work out how soon contacts were greeted; None where none was. Exact: by rank, nothing is estimated. S0-3.1.1a

    A script that is no situation's is part of every contact.
    """
    work.require(May.SEE_EVIDENCE)
    waited = _seconds(work)
    statement = select(
        waited.label("seconds"),
        func.row_number().over(order_by=waited).label("place"),
        func.count().over().label("all_of_them"),
    ).where(
        Contact.started_at >= start_of(wanted.since),
        Contact.started_at < start_of(wanted.until + timedelta(days=1)),
        Contact.greeted_at.is_not(None),
    )
    if wanted.channel is not None:
        statement = statement.where(Contact.channel == wanted.channel)
    if wanted.team:
        statement = statement.where(Contact.team == wanted.team)
    if wanted.script in _SITUATIONS:
        statement = statement.where(Contact.situation == Situation(wanted.script))
    one = statement.subquery().c
    row = (
        await work.session.execute(
            select(
                func.max(one.all_of_them),
                func.min(one.seconds).filter(one.place * 2 >= one.all_of_them),
                func.min(one.seconds).filter(one.place * 10 >= one.all_of_them * 9),
            )
        )
    ).one()
    return Greeting(*map(int, row)) if row[0] else None


def _seconds(work: Work) -> Any:
    """From the beginning to the greeting, in whole seconds; the one difference between the databases."""
    if work.session.get_bind().dialect.name == "sqlite":
        days = func.julianday(Contact.greeted_at) - func.julianday(Contact.started_at)
        return cast(func.round(cast(days, Float) * 86_400), Integer)
    between = Contact.greeted_at.op("-")(Contact.started_at)
    return cast(func.round(cast(func.date_part("epoch", between), Float)), Integer)


async def corrected(work: Work, wanted: Filters) -> Corrected | None:
    """Count the orders of a time, and those of them that were corrected for a mistake of ours; None without any. S0-0.7

    Of a channel where one is asked for; an order is of no team and no script.
    """
    work.require(May.SEE_EVIDENCE)
    ours = exists().where(Amendment.order_id == Order.id, Amendment.our_error)
    statement = select(func.count(), func.count().filter(ours)).where(
        Order.placed_at >= start_of(wanted.since),
        Order.placed_at < start_of(wanted.until + timedelta(days=1)),
    )
    if wanted.channel is not None:
        statement = statement.where(Order.channel == wanted.channel)
    orders, mended = (await work.session.execute(statement)).one()
    return Corrected(orders, mended) if orders else None
