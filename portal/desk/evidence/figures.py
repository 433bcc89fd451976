"""What a month came to in figures: waiting, solving in time, and how often we mend our own mistakes.

S0-3.1.1a, S0-0.7, S3-3.2.3
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Float, Integer, cast, exists, func, select

from models import Amendment, Case, Contact, Deadline, Order, Return
from models.words import CaseKind, DeadlineKind, DeadlineStatus, ReturnStatus, Situation
from portal.desk.evidence.compliance import Filters
from portal.desk.evidence.counting import within
from portal.desk.permissions import May
from portal.desk.rows import narrowed
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
    """Orders that were placed, how many were amended since to correct a mistake of ours, and of how many units came back."""

    orders: int
    corrected: int
    returned: int

    @property
    def percent(self) -> float:
        return 100 * self.corrected / self.orders

    @property
    def returned_percent(self) -> float:
        return 100 * self.returned / self.orders


@dataclass(frozen=True, slots=True)
class Went:
    """Cases that were opened, and how they went: taken up again after their end, or inquiries solved in their time."""

    cases: int
    reopened: int
    inquiries: int
    """But for those whose time still runs."""
    in_time: int

    @property
    def reopened_percent(self) -> float:
        return 100 * self.reopened / self.cases

    @property
    def in_time_percent(self) -> float:
        return 100 * self.in_time / self.inquiries


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
        within(Contact.started_at, wanted.since, wanted.until),
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
    """Count the orders of a time, those corrected for a mistake of ours, and those sent back; None without any. S0-0.7

    Of a channel where one is asked for; an order is of no team and no script.
    """
    work.require(May.SEE_EVIDENCE)
    ours = exists().where(Amendment.order_id == Order.id, Amendment.our_error)
    back = exists().where(Return.order_id == Order.id, Return.status != ReturnStatus.CANCELLED)
    statement = select(func.count(), func.count().filter(ours), func.count().filter(back)).where(
        within(Order.placed_at, wanted.since, wanted.until),
    )
    if wanted.channel is not None:
        statement = statement.where(Order.channel == wanted.channel)
    orders, mended, returned = (await work.session.execute(statement)).one()
    return Corrected(orders, mended, returned) if orders else None


async def cases_went(work: Work, wanted: Filters) -> Went | None:
    """Count the cases opened in a time and taken up again, and the inquiries solved within what the policy gave them.

    By what happened to their clocks and was written down then: nothing is counted anew. One that was taken up again
    has to keep its time each time; one whose clock still runs, or was stopped, is not counted. Of a channel and a
    team where they are asked for. None without any case. S0-0.7, S3-3.2.3
    """
    work.require(May.SEE_EVIDENCE)
    clock = exists().where(Deadline.case_id == Case.id, Deadline.kind == DeadlineKind.RESOLVE)
    late = clock.where(Deadline.status == DeadlineStatus.MISSED)
    met = clock.where(Deadline.status == DeadlineStatus.MET, Deadline.cycle == Case.cycle)
    inquiry = Case.kind == CaseKind.INQUIRY
    statement = select(
        func.count(),
        func.count().filter(Case.cycle > 1),
        func.count().filter(inquiry & (late | met)),
        func.count().filter(inquiry & met & ~late),
    ).where(
        within(Case.opened_at, wanted.since, wanted.until),
    )
    if wanted.channel is not None:
        statement = statement.where(Case.channel == wanted.channel)
    if wanted.team:
        statement = statement.where(Case.team == wanted.team)
    found = (await work.session.execute(narrowed(work.actor, Case, statement))).one()
    return Went(*found) if found[0] else None
