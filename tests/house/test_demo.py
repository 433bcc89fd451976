"""The demo desk: there as a whole, once, and with something about to happen."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models import (
    AuditEntry,
    Base,
    Case,
    Contact,
    ContactAnswer,
    Customer,
    Deadline,
    Feedback,
    FollowUp,
    Intake,
    Message,
    Order,
    Person,
    Promise,
    ScriptVersion,
    StepCount,
)
from models.words import (
    CaseKind,
    CaseStatus,
    ContactStatus,
    DeadlineKind,
    DeadlineStatus,
    FollowUpStatus,
    MessageStatus,
    OrderStatus,
    Outcome,
    PromiseStatus,
    Situation,
    StepState,
    Tier,
)
from portal import demo
from portal.database import Database
from portal.demo.contacts import CONTACTS
from portal.demo.story import CASES, ORDERS
from portal.desk import difficult, evidence, printing, promises
from portal.desk.scripts import versions
from portal.desk.work import SYSTEM, Desk, Work
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
        assert stages == Counter(dict(ORDERS)) + Counter({OrderStatus.DELIVERED: 1, OrderStatus.CONFIRMED: 1})
        by_hand = select(func.count()).select_from(Case).where(Case.contact_id.is_(None))
        assert await work.session.scalar(by_hand) == len(CASES)
        assert len({case.number for case in await work.session.scalars(select(Case))}) == before["cases"]
        soon = select(Deadline.due_at).where(
            Deadline.kind == DeadlineKind.ACKNOWLEDGE, Deadline.status == DeadlineStatus.RUNNING
        )
        (due_at,) = await work.session.scalars(soon)
        assert due_at == clock.now - timedelta(minutes=1) + timedelta(minutes=2)
        again = select(Deadline.status, Case.tier).join(Case).where(Deadline.kind == DeadlineKind.NEXT_ANSWER)
        assert list(map(tuple, await work.session.execute(again))) == [
            (DeadlineStatus.RUNNING, Tier.PRIORITY)  # she waits for the second answer
        ]
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


async def test_the_demo_has_the_proof_of_its_contacts(database: str) -> None:
    """Every situation but one, days counted and a day not counted yet, two teams, and what was left out today. S1-3.4c"""
    clock = Clock()
    clock.at("2026-03-02 10:00")
    opened = Database(database)
    desk = Desk(opened, TERMS, clock, Letters())
    async with desk.work(SYSTEM) as work:
        await versions.install(work)  # as the portal does before it loads the demo
    await demo.load(desk, issuer=ISSUER)
    async with desk.look(SYSTEM) as work:
        first = await work.session.scalar(select(func.min(Contact.started_at)))
        begun = await work.session.scalar(select(func.max(ScriptVersion.in_force_from)))
        assert (begun, first) == (clock.now - timedelta(days=45), clock.now - timedelta(days=24))
        contacts = list(await work.session.scalars(select(Contact).order_by(Contact.id)))
        assert Counter(one.status for one in contacts) == {
            ContactStatus.CLOSED: len(CONTACTS) - 1,
            ContactStatus.ABANDONED: 2,
            ContactStatus.OPEN: 2,
        }
        ended = [one for one in contacts if one.status is ContactStatus.CLOSED]
        assert {one.situation for one in ended} == set(Situation) - {Situation.AMENDMENT}
        assert {one.outcome for one in ended} == {
            Outcome.ORDER_PLACED, Outcome.RESOLVED, Outcome.HANDED_ON, Outcome.FOLLOW_UP, Outcome.LOST,
        }  # fmt: skip
        assert {one.team for one in ended} == {"north", "south"}
        today = clock.now.date()
        whole = evidence.Filters(today - timedelta(days=40), today)
        all_of = await kept_of(work, whole)
        teams = [await kept_of(work, replace(whole, team=team)) for team in ("north", "south")]
        assert all_of == teams[0] + teams[1]
        assert all(teams)
        left = await evidence.lapses(work, evidence.Filters(today, today))
        assert {(one.step, one.reason) for one in left.rows if not one.required} == {
            ("verify", "A question about the goods alone: nothing of the account is opened."),
            ("troubleshoot", "The customer has no time to try anything now."),
        }
        assert {one.step for one in left.rows if one.required} == {"restate", "apology", "options", "settle"}
        days = set(await work.session.scalars(select(StepCount.day)))
        assert max(days) < today
        assert len(days) > 5
        kept = Counter(await work.session.scalars(select(Promise.status)))
        assert kept[PromiseStatus.KEPT] == 4
        assert kept[PromiseStatus.BROKEN] == 1
        assert kept[PromiseStatus.OPEN] == 2
        assert await promises.kept_on_time(work) == promises.KeptOnTime(4, 5)
        told = await difficult.counts(work)
        assert [(one.name, one.difficult, one.help_calls, one.abuse) for one in told] == [("Cora", 1, 1, 0)]
        answered = set(await work.session.execute(select(ContactAnswer.step, ContactAnswer.field)))
        assert {
            ("need", "topic"), ("request", "service"), ("symptoms", "how_often"), ("calm_feeling", "feeling"),
        } <= {(step, field) for step, field in answered}  # fmt: skip
    await opened.close()


async def kept_of(work: Work, wanted: evidence.Filters) -> Counter[tuple[str, StepState]]:
    """How often each clause went each way."""
    return Counter(
        {
            (one.clause, state): many
            for one in await evidence.compliance(work, wanted)
            for state, many in one.states.items()
            if many
        }
    )
