"""A busy Monday on the desk: something of everything that a screen may have to show."""

from dataclasses import dataclass
from datetime import timedelta

from models import Case, JobSlot, Message
from models.words import (
    Audience,
    CaseKind,
    Channel,
    FollowUpKind,
    MessageStatus,
    OrderStatus,
    PaymentMethod,
    ReturnReason,
    Severity,
)
from portal.desk import audit, cases, escalation, followups, intake, orders, payments, returns
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CEM, CORA, Clock
from tests.desk.stories import opened, resolved
from tests.shop import ADVICE, CHAIR, led_to, of_lines, ordered


@dataclass(frozen=True)
class Scene:
    """The ids of what there is."""

    complaint: int
    inquiry: int
    waiting: int
    escalated: int
    resolved: int
    secret: int
    payment_issue: int
    order: int
    prepared: int
    returned: int
    intake: int
    follow_up: int


async def busy_monday(desk: Desk, clock: Clock) -> Scene:
    """Fill the desk; half an hour has passed since the first of it."""
    order = (await ordered(desk, of_lines((CHAIR, 1), (ADVICE, 1)))).id
    prepared = await led_to(desk, OrderStatus.PREPARED, of_lines((ADVICE, 2)))
    returned = await led_to(desk, OrderStatus.DELIVERED, of_lines((ADVICE, 3)))
    async with desk.work(CORA) as work:
        sent = await orders.load(work, returned)
        units = {line.id: 1 for line in sent.lines}
        await returns.announce(work, sent, units, reason=ReturnReason.FAULTY, words="A page is torn.")
    async with desk.work(CORA) as work:
        await payments.charge(
            work,
            await orders.load(work, order),
            method=PaymentMethod.TERMINAL,
            amount_minor=5000,
            reference="T-0001",
        )
    complaint = await opened(
        desk, order_id=order, restated="A cracked kettle, no call.", options="A new one."
    )
    inquiry = await opened(desk, CaseKind.INQUIRY, Channel.EMAIL, subject="When do you open on Saturday?")
    waiting = await opened(desk, CaseKind.SERVICE_REQUEST, subject="A spare lid for the kettle")
    escalated = await opened(
        desk, actor=CEM, subject="The third broken lamp", restated="Broken.", options="-"
    )
    done = await opened(desk, CaseKind.INQUIRY, subject="Is the blue chair washable?")
    await resolved(desk, done)
    secret = await opened(desk, subject="A lawyer’s letter", legal=True)
    payment_issue = await opened(desk, CaseKind.PAYMENT_ISSUE, order_id=order, subject="Charged twice")
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await work.session.get_one(Case, waiting), "Which colour is yours?")
        issue = await work.session.get_one(Case, payment_issue)
        await escalation.raise_by_hand(work, issue, "Two charges on one slip.", severity=Severity.HIGH)
        case = await work.session.get_one(Case, complaint)
        await cases.add_note(work, case, "Looked at the picture: the crack is real.")
        follow_up = await followups.plan(
            work,
            FollowUpKind.CALL_BACK,
            "Call Ana back about the kettle.",
            CORA.person_id,
            work.now + timedelta(minutes=20),
            customer_id=ANA,
            case_id=complaint,
        )
    async with desk.work(CEM) as work:
        case = await work.session.get_one(Case, escalated)
        await escalation.raise_by_hand(work, case, "Wants a refund beyond my limit.", severity=Severity.HIGH)
    await _intake(desk, CEM)
    mine = await _intake(desk, CORA)
    await _house(desk)
    clock.forward(minutes=50)
    return Scene(
        complaint,
        inquiry,
        waiting,
        escalated,
        done,
        secret,
        payment_issue,
        order,
        prepared,
        returned,
        mine,
        follow_up.id,
    )


async def _intake(desk: Desk, actor: Actor) -> int:
    async with desk.work(actor) as work:
        return await intake.begin(work, Channel.PHONE)


async def _house(desk: Desk) -> None:
    """A letter that came back, and what the jobs did."""
    async with desk.work(SYSTEM) as work:
        message = Message(
            once=f"dead/{work.now.isoformat()}",
            template="case-answer",
            audience=Audience.CUSTOMER,
            to_name="Ana Example",
            to_address="ana@example.com",
            subject="Your question",
            body_text="We open at nine.",
            body_html="",
            reference="HC-26-000002-4",
            message_id=f"<dead-{work.now.timestamp():.0f}@example.com>",
            customer_id=ANA,
            status=MessageStatus.DEAD,
            attempts=5,
            last_error="550 no such mailbox",
            created_at=work.now,
        )
        work.session.add(message)
        for name, error in (("sweep deadlines", ""), ("send messages", "The mail server does not answer.")):
            work.session.add(
                JobSlot(
                    name=name,
                    slot=int(work.now.timestamp()),
                    owner="desk-1",
                    started_at=work.now,
                    lease_until=work.now + timedelta(minutes=5),
                    finished_at=work.now + timedelta(seconds=1),
                    acted=3,
                    error=error,
                )
            )
        await audit.record(work, "set the scene", message)
