"""My desk: what waits for the person who just came in, by what their role allows. S0-2.1 to S0-2.3"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import (
    AbuseReport,
    AvailabilityRequest,
    Contact,
    FollowUp,
    HandOver,
    HelpCall,
    Intake,
    Message,
    Order,
    OrderApproval,
    OrderNote,
    PaymentEntry,
    Person,
    Product,
    SpecialRequest,
)
from models.words import ApprovalStatus, ContactStatus
from portal.desk import (
    availability,
    backlog,
    chat,
    courses,
    difficult,
    duty,
    evidence,
    library,
    mail,
    promises,
    queues,
    upkeep,
)
from portal.desk.backlog import OrderQueue
from portal.desk.customers import MaskedCustomer, masked
from portal.desk.listing import COUNTED_TO, capped
from portal.desk.orders import notes, receiving, requests
from portal.desk.permissions import May
from portal.desk.promises import KeptOnTime
from portal.desk.queues import CaseRow, EscalationRow
from portal.desk.rows import seen
from portal.desk.upkeep import JobRow
from portal.desk.work import Work

SHOWN = 8
LOW_STOCK = 5
"""Units that can still be promised, below which a product is listed."""


@dataclass(frozen=True, slots=True)
class OpenIntake:
    """A contact being taken: whose, where it stands, and of a colleague's no more than its number."""

    intake: Intake
    contact: Contact
    customer: MaskedCustomer | None
    holder: str
    mine: bool


@dataclass(slots=True)
class MyDesk:
    """What the page shows; a part that the role does not have stays None."""

    greeting: str
    today: date
    """The day it is where the reader is."""
    intakes: list[OpenIntake] | None = None
    others: list[OpenIntake] | None = None
    due: list[CaseRow] | None = None
    follow_ups: list[FollowUp] | None = None
    escalations: list[EscalationRow] | None = None
    orders: list[Order] | None = None
    handed: list[HandOver] | None = None
    """New, changed and cancelled orders that nobody of the reader's department has ticked. S1-4.7.1"""
    notes: list[OrderNote] | None = None
    """What colleagues asked the reader on orders, and is not read. S1-4.7.2"""
    looked_for: list[AvailabilityRequest] | None = None
    """What inventory has to answer, for inventory itself. S1-3.2a"""
    answers: list[AvailabilityRequest] | None = None
    """What inventory answered the reader, and is not read. S1-3.2a"""
    requests: list[SpecialRequest] | None = None
    """What the reader's department has to decide. S1-4.5.2"""
    low_stock: list[Product] | None = None
    jobs: list[JobRow] | None = None
    figures: dict[str, int] = field(default_factory=dict)
    taken_today: list[tuple[str, int, int]] | None = None
    """(currency, total in minor units, number of entries) of today's ledger."""
    break_due: bool = False
    """Whether the reader has just been through a hard contact. S2-5.7"""
    promises: KeptOnTime | None = None
    """How many promises of the team were kept on time lately. S2-9.4"""

    @property
    def verified(self) -> JobRow | None:
        """The last verification of the clocks, if there was one in two days."""
        return next((row for row in self.jobs or () if row.name == "verify_clocks"), None)

    @property
    def trail(self) -> JobRow | None:
        """The last verification of the audit trail, if there was one in two days. S2-8.7"""
        return next((row for row in self.jobs or () if row.name == "verify_audit"), None)

    @property
    def soon(self) -> int:
        """Clocks of mine under fifteen minutes or already late."""
        return self.figures.get("soon", 0)


def greeting(now: datetime, zone: str) -> str:
    """Good morning, afternoon or evening where the reader is."""
    hour = now.astimezone(ZoneInfo(zone)).hour
    if 5 <= hour < 12:  # noqa: PLR2004 - the hours of a morning
        return "Good morning"
    return "Good afternoon" if 12 <= hour < 18 else "Good evening"  # noqa: PLR2004 - and of an afternoon


async def my_desk(work: Work) -> MyDesk:
    """Gather what waits for the actor. The number of statements depends on the role alone."""
    desk = MyDesk(greeting(work.now, work.actor.zone), work.now.astimezone(ZoneInfo(work.actor.zone)).date())
    if work.may(May.TAKE_CONTACTS):
        desk.intakes, desk.others = await _intakes(work)
        desk.break_due = await difficult.needs_a_break(work)
    if work.may(May.WORK_CASES):
        desk.due = await queues.due_next(work, SHOWN)
        soon = work.now + timedelta(minutes=15)
        desk.figures["soon"] = sum(
            1 for row in desk.due for clock in row.clocks if clock.due_at and clock.due_at <= soon
        )
    if work.may(May.WORK_FOLLOW_UPS):
        desk.follow_ups = (await queues.follow_ups(work, limit=SHOWN)).rows
    if work.may(May.SEE_TEAM):
        desk.promises = await promises.kept_on_time(work)
    if work.may(May.TAKE_ESCALATIONS):
        desk.escalations = (await queues.escalations(work, mine=True, limit=SHOWN)).rows
    if work.may(May.SEE_PAYMENTS):
        desk.taken_today = await _taken_today(work)
    await _goods(work, desk)
    if work.may(May.SEE_JOBS):
        desk.jobs = await upkeep.job_runs(work)
    desk.figures |= await _figures(work)
    return desk


async def _goods(work: Work, desk: MyDesk) -> None:
    """What waits for stock room and fulfilment. S1-3.2, S1-3.3"""
    if work.may(May.HAND_OUT_ORDERS):
        desk.orders = (await queues.orders(work, OrderQueue.TO_PREPARE, limit=SHOWN)).rows
    elif work.may(May.EDIT_PRODUCTS) and not work.may(May.SEE_TEAM):
        desk.orders = (await queues.orders(work, OrderQueue.TO_PREPARE, limit=SHOWN)).rows
        desk.looked_for = (await availability.open_ones(work, limit=SHOWN)).rows
        desk.low_stock = await _low_stock(work)
    if work.may(May.SEE_ORDERS):
        desk.notes = await notes.waiting(work, SHOWN)
    if work.may(May.PLACE_ORDERS):
        desk.answers = await availability.to_read(work, SHOWN)
    if work.may(May.RECEIVE_ORDERS):
        desk.handed = await receiving.waiting(work, SHOWN)
    if work.may(May.DECIDE_REQUESTS) and not work.may(May.SEE_TEAM):
        desk.requests = (await requests.queue(work, requests.own_department(work), limit=SHOWN)).rows


async def _intakes(work: Work) -> tuple[list[OpenIntake], list[OpenIntake]]:
    """Mine, and those of colleagues that could be taken over: a call that dropped must not be lost.

    The row rule of intakes hides a colleague's answers; here only number, channel and age are told.
    """
    found = await work.session.scalars(
        select(Intake)
        .join(Contact, Contact.id == Intake.contact_id)
        .where(Intake.finished_at.is_(None), Contact.status == ContactStatus.OPEN)
        .options(joinedload(Intake.contact).joinedload(Contact.customer), joinedload(Intake.held_by))
        .order_by((Intake.held_by_id == work.actor.person_id).desc(), Intake.saved_at.desc())
        .limit(2 * SHOWN)
    )
    mine: list[OpenIntake] = []
    others: list[OpenIntake] = []
    for intake in found:
        own = intake.held_by_id == work.actor.person_id
        customer = intake.contact.customer
        row = OpenIntake(
            intake,
            intake.contact,
            masked(customer) if own and customer is not None else None,
            intake.held_by.name,
            own,
        )
        (mine if own else others).append(row)
    return mine, others[:SHOWN]


async def _taken_today(work: Work) -> list[tuple[str, int, int]]:
    local = work.now.astimezone(ZoneInfo(work.actor.zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = await work.session.execute(
        select(PaymentEntry.currency, func.sum(PaymentEntry.amount_minor), func.count())
        .where(PaymentEntry.taken_at >= midnight, PaymentEntry.taken_at <= work.now)
        .group_by(PaymentEntry.currency)
        .order_by(PaymentEntry.currency)
    )
    return [(currency, int(total), count) for currency, total, count in rows]


async def _low_stock(work: Work) -> list[Product]:
    left = Product.on_hand - Product.reserved - Product.waiting  # what is waited for is missing most
    found = await work.session.scalars(
        select(Product).where(Product.active, left < LOW_STOCK).order_by(left, Product.name).limit(SHOWN)
    )
    return list(found)


async def _figures(work: Work) -> dict[str, int]:
    """The figures above the lists, each the length of a list it leads to, all in one statement."""
    counted = _of_library(work)
    if work.may(May.WORK_CASES):
        counted["mail to answer"] = mail.to_answer(work)
        counted["chats waiting"] = chat.waiting(work)
    if work.may(May.SEE_TEAM):
        counted["breached today"] = backlog.late_today(work)
        counted["nobody told"] = backlog.untold(work)
        counted["open contacts"] = (  # by their intakes, of which the open ones have an index
            select(Intake.id)
            .join(Contact, Contact.id == Intake.contact_id)
            .where(
                Intake.finished_at.is_(None),
                Contact.status == ContactStatus.OPEN,
                seen(work.actor, Contact),
            )
        )
    if work.may(May.SEE_EVIDENCE):
        counted["left out today"] = evidence.left_out_today(work)
    if work.may(May.TAKE_ESCALATIONS):
        counted["escalations"] = backlog.waiting_for(work, COUNTED_TO)
    if work.may(May.ANSWER_HELP):
        counted["calls for help"] = select(HelpCall.id).where(HelpCall.ended_at.is_(None))
        counted["abuse to review"] = select(AbuseReport.id).where(
            AbuseReport.reviewed_at.is_(None), seen(work.actor, AbuseReport)
        )
    if work.may(May.RESEND_MESSAGES):
        counted["dead letters"] = select(Message.id).where(upkeep.not_arrived(), seen(work.actor, Message))
    counted |= _of_orders(work)
    if work.may(May.EDIT_POLICY):
        counted["roles with nobody"] = select((await duty.nobody_holds(work)).subquery())
    if work.may(May.SEE_PEOPLE):
        counted["people without a role"] = select(Person.id).where(Person.active, Person.roles == ())
        counted["people"] = select(Person.id).where(Person.active)
    if not counted:
        return {}
    counts = select(*(capped(ids) for ids in counted.values()))
    return dict(zip(counted, (await work.session.execute(counts)).one(), strict=True))


def _of_library(work: Work) -> dict[str, Any]:
    """What has to be read and which courses have to be taken, for those who can open the library. S0-7, S2-7.3"""
    if not work.may(May.SEE_LIBRARY):
        return {}
    return {"to read": library.waiting(work), "to take": courses.waiting(work)}


def _of_orders(work: Work) -> dict[str, Any]:
    """The orders that somebody has to agree to, for those who may, and those to pack, for those who pack."""
    counted: dict[str, Any] = {}
    if work.may(May.APPROVE_ORDERS):
        counted["to approve"] = select(OrderApproval.id).where(
            OrderApproval.status == ApprovalStatus.ASKED, seen(work.actor, OrderApproval)
        )
    if work.may(May.HAND_OUT_ORDERS) or (work.may(May.EDIT_PRODUCTS) and not work.may(May.SEE_TEAM)):
        counted["to prepare"] = backlog.staged(work, OrderQueue.TO_PREPARE)
        counted["to dispatch"] = backlog.staged(work, OrderQueue.TO_DISPATCH)
    return counted
