"""The demo desk: there as a whole, once, and with something about to happen."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import (
    AuditEntry,
    Base,
    Case,
    Customer,
    Deadline,
    Feedback,
    FollowUp,
    Intake,
    Message,
    Order,
    Person,
)
from models.words import (
    CaseKind,
    CaseStatus,
    DeadlineKind,
    DeadlineStatus,
    FollowUpStatus,
    MessageStatus,
    OrderStatus,
)
from portal import demo
from portal.database import Database
from portal.demo.story import CASES, ORDERS
from portal.desk import printing
from portal.desk.work import SYSTEM, Desk
from portal.letters import Letters
from tests.cast import TERMS, Clock

ISSUER = "http://127.0.0.1:8000/dev-idp"


async def counts(desk: Desk) -> dict[str, int]:
    async with desk.look(SYSTEM) as work:
        return {
            table.name: await work.session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize(
    "moment", ["2026-03-02 10:00", "2026-01-04 23:55"], ids=["a Monday", "a Sunday night"]
)
async def test_the_demo_is_there_once_and_alive(database: str, moment: str) -> None:
    """With a complaint whose form is filled in, and answers to read. S3-15.1.1, S3-15.2.1"""
    clock = Clock()
    clock.at(moment)
    opened = Database(database)
    desk = Desk(opened, TERMS, clock, Letters())
    await demo.load(desk, issuer=ISSUER)
    before = await counts(desk)
    clock.forward(minutes=1)
    await demo.load(desk, issuer=ISSUER)
    assert await counts(desk) == before
    async with desk.look(SYSTEM) as work:
        stages = Counter(await work.session.scalars(select(Order.status)))
        assert stages == Counter(dict(ORDERS))
        assert before["cases"] == len(CASES)
        assert len({case.number for case in await work.session.scalars(select(Case))}) == len(CASES)
        soon = select(Deadline.due_at).where(
            Deadline.kind == DeadlineKind.ACKNOWLEDGE, Deadline.status == DeadlineStatus.RUNNING
        )
        (due_at,) = await work.session.scalars(soon)
        assert due_at == clock.now - timedelta(minutes=1) + timedelta(minutes=2)
        overdue = select(FollowUp.words).where(
            FollowUp.status == FollowUpStatus.OPEN, FollowUp.due_at < clock.now - timedelta(hours=12)
        )
        assert "Call back about the price for ten mugs." in list(await work.session.scalars(overdue))
        open_intakes = select(func.count()).select_from(Intake).where(Intake.finished_at.is_(None))
        assert await work.session.scalar(open_intakes) == 2
        states = set(await work.session.scalars(select(Message.status)))
        assert states == {MessageStatus.SENT, MessageStatus.QUEUED, MessageStatus.DEAD}
        assert OrderStatus.DRAFT not in stages
        future = select(func.count()).select_from(AuditEntry).where(AuditEntry.at > clock.now)
        assert await work.session.scalar(future) == 0
        addresses = {address for address in await work.session.scalars(select(Customer.email)) if address}
        assert {address.rpartition("@")[2] for address in addresses} == {"example.com"}
        solved = select(Case.id).where(
            Case.kind == CaseKind.COMPLAINT, Case.status == CaseStatus.RESOLVED, Case.legal.is_(False)
        )
        form = await printing.complaint(work, await work.session.scalar(solved.limit(1)) or 0)
        assert all([form.customer, form.case.statement, form.case.resolution, form.actions, form.follow_ups])
        answers = select(func.count()).select_from(Feedback).where(Feedback.score.is_not(None))
        assert (await work.session.scalar(answers) or 0) > 0
    elsewhere = ISSUER.replace("8000", "8001")
    await demo.load(desk, issuer=elsewhere)
    async with desk.look(SYSTEM) as work:
        people = [(one.subject, one.issuer, one.roles) for one in await work.session.scalars(select(Person))]
    assert sorted(people) == sorted((one.subject, elsewhere, one.roles) for one in demo.DEMO_PEOPLE)
    await opened.close()
