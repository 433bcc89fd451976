"""A desk on which everything has happened once, so that every table of the admin has rows."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from models import (
    AuditEntry,
    BusinessCalendar,
    Contact,
    ContactAnswer,
    Customer,
    Disclosure,
    Feedback,
    JobSlot,
    Message,
    OrderApproval,
    PolicyVersion,
    Promise,
    Return,
    ReturnLine,
)
from models.words import (
    ApprovalStatus,
    Audience,
    CaseKind,
    Channel,
    DisclosureGround,
    FeedbackKind,
    FollowUpKind,
    LinkKind,
    MessageStatus,
    PaymentMethod,
    ReturnReason,
    Role,
    Tier,
)
from portal.desk import (
    announcements,
    audit,
    cases,
    channels,
    duty,
    followups,
    library,
    mandates,
    needed,
    order_rules,
    order_terms,
    orders,
    paying,
    payment_limits,
    payments,
    pricing,
    product_links,
    products,
    refunds,
    return_periods,
    rulebook,
    search,
    standards,
    tone,
    verification,
    warranty,
    ways_back,
)
from portal.desk.cases import NewCase
from portal.desk.scripts import versions
from portal.desk.work import SYSTEM, Desk, Work
from tests.cast import ANA, CEM, CORA, MARA, ZONE
from tests.shop import CHAIR, ordered


@dataclass(frozen=True)
class Day:
    """The ids of what happened."""

    order: int
    payment: int
    complaint: int
    secret: int
    """A legal case: for managers alone."""
    money: int
    """A payment issue: what finance sees of the cases."""
    contact: int
    cems_contact: int
    follow_up: int
    promise: int
    dead: int
    feedback: int
    calendar: int
    day: int
    policy_version: int
    entry: int
    serial: int
    link: int

    def of(self, address: str) -> int:
        """The id of a row of this table."""
        return {
            "customers": ANA, "contacts": self.contact, "cases": self.complaint, "follow-ups": self.follow_up,
            "promises": self.promise,
            "products": CHAIR, "orders": self.order, "payments": self.payment, "messages": self.dead,
            "feedback": self.feedback, "calendars": self.calendar, "calendar-days": self.day,
            "channel-rules": 1, "own-channels": 1, "payment-ways": 1, "customer-needs": 1, "listed-words": 1,
            "service-standards": 1, "announcements": 1, "order-terms": 1, "payment-limits": 1,
            "verification-methods": 1, "verification-needs": 1,
            "policy-versions": self.policy_version,
            "people": CEM.person_id or 0, "audit": self.entry, "jobs": 0,
            "approvals": 1, "amendments": 1, "refunds": 1, "returns": 1, "answers": 1, "mandates": 1, "order-rules": 1,
            "return-periods": 1, "on-duty": 1, "articles": 1, "disclosures": 1, "price-lists": 1, "list-prices": 1,
            "serials": self.serial, "product-links": self.link,
        }[address]  # fmt: skip


async def _contact(work: Work, number: str, by: int) -> Contact:
    contact = Contact(
        number=number, customer_id=ANA, taken_by_id=by, channel=Channel.PHONE, started_at=work.now
    )
    work.session.add(contact)
    await audit.record(work, "begin contact", contact)
    return contact


def _answered(work: Work, contact_id: int) -> ContactAnswer:
    return ContactAnswer(
        contact_id=contact_id,
        version_id=1,
        script="opening",
        step="greet",
        field="greeted",
        kind="tick",
        value="yes",
        number=1,
        ended_at=work.now,
    )


async def _of_their_own(work: Work) -> None:
    """What a desk has none of to begin with."""
    await channels.add_own(
        work,
        name="Letter",
        name_de="Brief",
        behaves_like=Channel.EMAIL,
        approved=True,
        amendments=False,
        redirect="",
    )
    await payment_limits.write(work, method=PaymentMethod.CASH, currency="EUR", most="1000")
    await order_terms.add(
        work, words_en="Goods stay ours until they are paid.", words_de="", valid_from=work.now.date()
    )
    await announcements.add(
        work, country="DE", channel=Channel.EMAIL, words_en="We keep this letter.", words_de="Wir behalten den Brief.",
        valid_from=work.now.date(),
    )  # fmt: skip


async def _house_rules(work: Work) -> None:
    for rules in (
        mandates,
        order_rules,
        return_periods,
        channels,
        paying,
        needed,
        standards,
        tone,
        verification,
    ):
        await rules.ensure_defaults(work)


async def lived(desk: Desk) -> Day:
    """Let one of everything happen; gives the ids."""
    order = await ordered(desk)
    async with desk.work(CORA) as work:
        found = await orders.load(work, order.id)
        paid = await payments.charge(
            work, found, method=PaymentMethod.TERMINAL, amount_minor=1000, reference="T-77"
        )
        draft = replace(orders.draft_of(found), note="Ring once.")
        agreed = orders.fingerprint(await orders.check_amendment(work, found, draft))
        await orders.amend(
            work, found, draft, fingerprint=agreed, expected_amended=0, reason="She moved the bell."
        )
        way = ways_back.way_back("overpaid", "transfer", "The card is no longer hers.")
        back = await ways_back.draft_of(work, found, 100, "Paid too much.", way=way)
        await refunds.ask(
            work, found, amount_minor=100, reason="Paid too much.", fingerprint=back.fingerprint, way=way
        )
        told: dict[str, Any] = {"statement": "It is cracked.", "customer_id": ANA}
        complaint = await cases.open_case(
            work, NewCase(CaseKind.COMPLAINT, Channel.PHONE, subject="A cracked chair", **told)
        )
        money = await cases.open_case(
            work,
            NewCase(CaseKind.PAYMENT_ISSUE, Channel.PHONE, subject="Paid twice", order_id=order.id, **told),
        )
        follow_up = await followups.plan(
            work,
            FollowUpKind.CALL_BACK,
            "Call Ana about the chair",
            owner_id=CORA.person_id or 0,
            due_at=work.now + timedelta(hours=3),
            customer_id=ANA,
        )
        contact = await _contact(work, "HT-25-000001-1", CORA.person_id or 0)
    async with desk.work(MARA) as work:
        secret = await cases.open_case(
            work, NewCase(CaseKind.COMPLAINT, Channel.EMAIL, subject="A lawyer writes", legal=True, **told)
        )
        calendar = (await work.session.scalars(select(BusinessCalendar))).one()
        day = await rulebook.set_calendar_day(
            work, calendar, (work.now + timedelta(days=9)).date(), "off", "Fair"
        )
        await rulebook.ensure_defaults(work)
        await duty.put_on(
            work,
            Role.REPRESENTATIVE,
            CORA.person_id or 0,
            "Mo-Fr 08:00-14:00",
            ZONE,
            work.now.date(),
            note="Early",
        )
        await library.install(work)
        await versions.install(work)
        work.session.add(_answered(work, contact.id))
        await _house_rules(work)
        await _of_their_own(work)
        chair = await products.load(work, CHAIR)
        dear = await pricing.add_list(work, name="Priority", tier=Tier.PRIORITY)
        await pricing.add_price(work, dear, chair, price_minor=4700, valid_from=work.now)
        piece = await warranty.register(work, "CH-4711-08", chair, line=found.lines[0])
        link = await product_links.add(
            work, CHAIR, LinkKind.GUIDE, "How to put it together", "https://shop.example.com/chair"
        )
    async with desk.work(SYSTEM) as work:
        await search.index(work, await work.session.get_one(Customer, ANA))
        cems = await _contact(work, "HT-25-000002-2", CEM.person_id or 0)
        dead = Message(
            once="story/1", template="order-confirmation", audience=Audience.CUSTOMER, to_name="Ana Example",
            to_address="ana@example.com", subject="Your order", body_text="Dear Ana", body_html="<p>Dear Ana</p>",
            message_id="<story.1@example.com>", customer_id=ANA, order_id=order.id, status=MessageStatus.DEAD,
            attempts=8, last_error="550 no such user", created_at=work.now,
        )  # fmt: skip
        asked = Feedback(
            kind=FeedbackKind.RESOLUTION, once="story", customer_id=ANA, case_id=complaint.id,
            invited_at=work.now, expires_at=work.now + timedelta(days=30),
        )  # fmt: skip
        promise = Promise(
            what="Send the leaflet", owner_id=CORA.person_id or 0, customer_id=ANA,
            made_at=work.now, due_at=work.now + timedelta(days=1),
        )  # fmt: skip
        parcel = Return(
            number="HZ-26-000001-1", order_id=order.id, expected_by=work.now.date(), announced_at=work.now,
            lines=[ReturnLine(order_line_id=found.lines[0].id, quantity=1, reason=ReturnReason.FAULTY)],
        )  # fmt: skip
        agreed_to = OrderApproval(
            order_id=order.id, causes=("value",), listed_minor=15980, asked_by_id=CORA.person_id or 0, asked_at=work.now,
            status=ApprovalStatus.APPROVED, decided_by_id=MARA.person_id, decided_at=work.now, decision="Quite right.",
        )  # fmt: skip
        ran = JobSlot(name="sweep-deadlines", slot=1, owner="one", started_at=work.now, lease_until=work.now)
        given = Disclosure(
            at=work.now, who="Mara", recipient="The court", what="A letter", ground=DisclosureGround.STATUTORY_DUTY,
            reason="File 12",
        )  # fmt: skip
        work.session.add_all([dead, asked, ran, promise, parcel, agreed_to, given])
        await audit.record(work, "live a day", dead)
        first = await work.session.scalar(select(AuditEntry.id).order_by(AuditEntry.id).limit(1))
        version = await work.session.scalar(select(func.max(PolicyVersion.id)))
    return Day(
        order=order.id,
        payment=paid.id,
        complaint=complaint.id,
        secret=secret.id,
        money=money.id,
        contact=contact.id,
        cems_contact=cems.id,
        follow_up=follow_up.id,
        promise=promise.id,
        dead=dead.id,
        feedback=asked.id,
        calendar=calendar.id,
        day=day.id,
        policy_version=version or 0,
        entry=first or 0,
        serial=piece.id,
        link=link.id,
    )
