"""The first day of a small desk, from the morning to what the customer says of it, through the doors alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import groupby
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from jobs.ask_feedback import ask_feedback
from jobs.send_messages import send_messages
from jobs.sweep_deadlines import sweep_deadlines
from models import AuditEntry, Escalation, Feedback, Order, PaymentEntry, Product
from models.words import OrderStatus
from portal.desk.work import SYSTEM
from portal.post import post_of
from tests.cast import Clock
from tests.harness.smtp import MailServer
from tests.html import Element
from tests.seat import Seat
from tests.stories.desk_of_the_day import Day, begin_contact, opened, walk
from tests.stories.typed_on_the_first_day import BROKEN_OFF, GONE, MAIL, ORDER, known, wrong_lid

EVERYBODY = ("Cora", "Sam", "Mara", "Fin", "Ina", "Fred", "Ada")


@pytest.fixture
async def day(database: str, tmp_path: Path, clock: Clock, smtp: MailServer) -> AsyncIterator[Day]:
    made = await opened(database, tmp_path, clock, smtp)
    yield made
    await made.close()


async def post(day: Day, smtp: MailServer) -> list[tuple[str, str]]:
    """Send what waits; the letters that arrived by it: to whom, with which subject."""
    before = len(smtp.letters)
    await send_messages(day.desk, post_of(day.settings))
    return sorted((letter.recipients[0], str(letter.message["Subject"])) for letter in smtp.letters[before:])


async def the_order(day: Day) -> Order:
    async with day.desk.look(SYSTEM) as work:
        return (await work.session.scalars(select(Order))).one()


def rows(page: Element) -> list[list[str]]:
    """The table of an admin list, without the boxes to tick."""
    body = next(page.each("tbody"))
    return [
        [cell.text for cell in line.each("td") if cell.attributes.get("class") != "hr-box"]
        for line in body.each("tr")
    ]


async def test_the_first_day(day: Day, clock: Clock, smtp: MailServer) -> None:
    """S4-4.1"""
    clock.at("2026-03-02 09:00")
    await day.come(*EVERYBODY)
    await ina_puts_the_kettle_on_sale(day)
    await cora_takes_the_order(day, smtp)
    await cora_takes_the_complaints(day, smtp)
    await fin_looks_and_changes_nothing(day)
    await the_order_is_delivered(day, smtp)
    await a_complaint_escalates_by_itself(day, smtp)
    await mara_reads_the_tables_and_changes_a_target(day)
    await the_customer_is_asked(day, smtp)
    await ada_lets_cora_go(day)
    await the_trail_tells_it(day)


async def ina_puts_the_kettle_on_sale(day: Day) -> None:
    (ina,) = await day.come("Ina")
    await ina.open("/admin/products/create")
    await ina.send(
        ina.form(asking="sku"), {"sku": "KE-1", "name": "Kettle", "price": "49.90", "on_hand": "5"}, "Save"
    )
    assert (ina.at, "The product is saved." in ina.words) == ("/admin/products/details/1", True)


async def cora_takes_the_order(day: Day, smtp: MailServer) -> None:
    day.clock.at("2026-03-02 09:10")
    (cora,) = await day.come("Cora")
    await begin_contact(cora)
    await walk(cora, ORDER)
    assert (cora.at, "Contact HT-26-000001-" in cora.words) == ("/", True)
    order = await the_order(day)
    async with day.desk.look(SYSTEM) as work:
        paid = (await work.session.scalars(select(PaymentEntry))).one()
        kettle = await work.session.get_one(Product, 1)
    assert (order.status, order.total_minor, order.ship_name, order.ship_address) == (
        OrderStatus.CONFIRMED, 9980, "Rosa Blau", "Linden 4\n10115 Berlin\nDE",
    )  # fmt: skip
    assert (paid.amount_minor, paid.reference, kettle.on_hand, kettle.reserved) == (9980, "T-4711", 5, 2)
    assert await post(day, smtp) == [
        ("fred@example.com", f"Special request to decide: {order.number}"),
        (MAIL, f"Receipt {paid.receipt_number} for your order {order.number}"),
        (MAIL, f"Your order {order.number} is confirmed"),
    ]
    confirmation = next(one.message for one in smtp.letters if "is confirmed" in one.message["Subject"])
    assert "Kettle" in confirmation.get_body(("plain",)).get_content()  # type: ignore[union-attr] # it has one


async def cora_takes_the_complaints(day: Day, smtp: MailServer) -> None:
    day.clock.at("2026-03-02 09:30")
    (cora,) = await day.come("Cora")
    number = (await the_order(day)).number
    await begin_contact(cora)
    await walk(cora, [*known(number), *wrong_lid(number)])
    assert cora.at == "/"
    await begin_contact(cora)
    await walk(cora, [*known(number), *BROKEN_OFF])
    await cora.open(cora.at.rsplit("/", 1)[0] + "/summary")
    await walk(cora, GONE)
    assert cora.at == "/"
    assert await post(day, smtp) == [
        (MAIL, "We have your message: The kettle whistles at night. (HC-26-000002-4)"),
        ("sam@example.com", "Escalated to supervisor: HC-26-000001-9 One lid is blue"),
    ]
    (sam,) = await day.come("Sam")
    await sam.open("/escalations")
    await sam.send(sam.form("/escalations/1/acceptance"))
    assert (sam.at, "Accepted. You hold this case now." in sam.words) == ("/cases/1", True)


TRIES = (
    ("GET", "/admin/payments/edit/1", 404),
    ("POST", "/admin/payments/edit/1", 404),
    ("POST", "/admin/payments/create", 404),
    ("POST", "/admin/payments/details/1", 405),
    ("PUT", "/admin/payments/details/1", 405),
    ("DELETE", "/admin/payments/details/1", 405),
    ("DELETE", "/admin/payments/delete?pks=1", 404),
    ("POST", "/admin/payments/import", 404),
    ("POST", "/orders/1/payments", 403),
    ("POST", "/orders/1/cancellation", 403),
    ("POST", "/admin/orders/edit/1", 404),
)
DIRECT = (
    "UPDATE payment_entries SET amount_minor = 1",
    "UPDATE payment_entries SET note = 'x' WHERE id = 1",
    "DELETE FROM payment_entries",
    "UPDATE audit_entries SET who = 'nobody'",
    "DELETE FROM audit_entries WHERE id = 1",
)


async def fin_looks_and_changes_nothing(day: Day) -> None:
    """S0-2.3"""
    (fin,) = await day.come("Fin")
    number = (await the_order(day)).number
    listed = rows(await fin.open("/admin/payments/list"))
    assert [[line[0][:9], *line[2:]] for line in listed] == [
        ["HB-26-000", number, "Charge", "Terminal", "€99.80", "T-4711", "Cora"]
    ]
    page = await fin.open("/admin/payments/details/1")
    posts = {one.action for one in fin.forms() if one.method == "POST"}
    assert posts == {"/sign-out", "/search"}  # what is looked for is posted, and changes nothing
    assert [link for link in page.each("a") if link.text == "Change"] == []
    typed = {
        "amount": "1.00",
        "amount_minor": "1",
        "method": "cash",
        "reference": "x",
        "reason": "x",
        "sure": "yes",
    }
    answers = [
        (
            method,
            address,
            (await fin.client.request(method, address, data=typed if method != "GET" else None)).status_code,
        )
        for method, address, _ in TRIES
    ]
    assert answers == list(TRIES)
    for statement in DIRECT:
        with pytest.raises(DBAPIError):
            async with day.app.state.database.writer.begin() as connection:
                await connection.execute(text(statement))
    assert rows(await fin.open("/admin/payments/list")) == listed


async def the_order_is_delivered(day: Day, smtp: MailServer) -> None:
    """The wish is looked at, the kettles are counted, packed, sent and arrive."""
    day.clock.at("2026-03-02 11:00")
    cora, ina, fred = await day.come("Cora", "Ina", "Fred")
    number = (await the_order(day)).number
    await cora.open("/orders/1")
    await cora.send(cora.form("/orders/1/stage"), press="Hand over")
    assert (cora.status, "a special request that nobody has decided yet" in cora.words) == (409, True)
    await fred.open("/special-requests")
    await fred.send(fred.form("/special-requests/1/decision"), {"decision": "yes"})
    await cora.open("/orders/1")
    await cora.send(cora.form("/orders/1/stage"), press="Hand over")
    await ina.open("/admin/products/edit/1")
    await ina.send(ina.form(asking="sku"), {"on_hand": "7", "because": "Two came back."}, "Save")
    assert "The product is saved." in ina.words
    await fred.open("/orders/1")
    await fred.send(fred.form("/orders/1/stage"), press="Prepared")
    await fred.send(fred.form("/orders/1/stage"), {"carrier": "Bicycle", "tracking": "B-12"})
    assert await post(day, smtp) == [
        ("fred@example.com", f"Order to prepare: {number}"),
        ("ina@example.com", f"Order to prepare: {number}"),
        (MAIL, f"What we can do for your order {number}"),
        (MAIL, f"Your order {number} is on its way"),
    ]
    day.clock.at("2026-03-02 16:00")
    await day.come("Fred")
    await fred.open("/orders/1")
    await fred.send(fred.form("/orders/1/stage"), press="Delivered")
    order = await the_order(day)
    async with day.desk.look(SYSTEM) as work:
        kettle = await work.session.get_one(Product, 1)
    assert (order.status, kettle.on_hand, kettle.reserved) == (OrderStatus.DELIVERED, 5, 0)


async def a_complaint_escalates_by_itself(day: Day, smtp: MailServer) -> None:
    """Nobody settles it: after 24 hours it is the manager's, and she is told. S0-4.3c, S3-5.2.2"""
    day.clock.at("2026-03-03 09:29")
    await sweep_deadlines(day.desk)
    async with day.desk.look(SYSTEM) as work:
        assert [one.case_id for one in await work.session.scalars(select(Escalation))] == [1]
    day.clock.at("2026-03-03 09:31")
    await sweep_deadlines(day.desk)
    assert await sweep_deadlines(day.desk) == 0
    async with day.desk.look(SYSTEM) as work:
        raised = (await work.session.scalars(select(Escalation).order_by(Escalation.id))).all()
    assert [(one.case_id, one.target, one.to_role, one.raised_by_id is None) for one in raised] == [
        (1, "asked", "supervisor", False), (2, "escalate", "manager", True),
    ]  # fmt: skip
    told = [letter for letter in await post(day, smtp) if letter[1].startswith("Escalated")]
    assert told == [
        ("mara@example.com", "Escalated to manager: HC-26-000002-4 The kettle whistles at night.")
    ]
    (mara,) = await day.come("Mara")
    await mara.open("/escalations")
    await mara.send(mara.form("/escalations/2/acceptance"))
    assert (mara.at, "Accepted. You hold this case now." in mara.words) == ("/cases/2", True)


async def mara_reads_the_tables_and_changes_a_target(day: Day) -> None:
    (mara,) = await day.come("Mara")
    orders = rows(await mara.open("/admin/orders/list"))
    cases = rows(await mara.open("/admin/cases/list"))
    assert orders == [
        [
            "HR-26-000001-9",
            "yesterday 09:10",
            "Delivered",
            "Rosa Blau",
            "Phone",
            "Delivery",
            "–",
            "€99.80",
            "Cora",
        ]
    ]
    assert cases == [
        ["HC-26-000002-4", "yesterday 09:30", "Complaint", "Open", "Normal", "The kettle whistles at night.",
         "Rosa Blau", "Manager", "Mara", "1"],
        ["HC-26-000001-9", "yesterday 09:30", "Order error", "Open", "High", "One lid is blue",
         "Rosa Blau", "Supervisor", "Sam", "1"],
    ]  # fmt: skip
    await mara.open("/policy")
    await mara.send(mara.form("/policy/drafts"), press="Begin a draft")
    draft = mara.at
    await mara.open(f"{draft}/rows/new?part=targets")
    resolve = {"to": "resolve", "kind": "complaint", "amount": "48", "counts": "hours"}
    await mara.send(mara.form(f"{draft}/rows"), resolve, "Save")
    note = {"note": "A kettle takes its time."}
    assert (await mara.client.post(f"{draft}/publishing", data=note)).headers["location"] == "/policy"
    await mara.open("/policy?kind=complaint")
    assert "Version 2 is in force." in mara.words
    assert "Resolve Row 1: 2 days, warned at 75 %" in mara.words


async def the_customer_is_asked(day: Day, smtp: MailServer) -> None:
    """A day after the delivery; opening the link records nothing, and one answer counts. S0-3.7.1"""
    day.clock.at("2026-03-03 16:01")
    assert (await ask_feedback(day.desk), await ask_feedback(day.desk)) == (1, 0)
    number = (await the_order(day)).number
    assert (MAIL, f"How did we do? ({number})") in await post(day, smtp)
    letter = smtp.letters[-1].message.get_body(("plain",))
    assert letter is not None
    link = next(word for word in letter.get_content().split() if "/feedback/" in word)
    seat = day.seats["Rosa"] = Seat(day.app)
    before = await trail(day)
    for _ in range(3):
        await seat.open(link)
    assert (seat.status, await trail(day)) == (200, before)
    await seat.send(seat.form(asking="score"), {"score": "5", "comment": "Lovely kettle."})
    assert "Thank you" in seat.words
    again = await seat.client.post(link, data={"score": "1"})
    assert again.status_code == 409
    async with day.desk.look(SYSTEM) as work:
        said = (await work.session.scalars(select(Feedback))).one()
    assert (said.score, said.comment) == (5, "Lovely kettle.")


async def ada_lets_cora_go(day: Day) -> None:
    """Her very next request is that of a stranger, and the provider's word does not bring her back."""
    cora, ada = await day.come("Cora", "Ada")
    people = rows(await ada.open("/admin/people/list"))
    assert sorted(line[0] for line in people) == sorted(EVERYBODY)
    number = next(
        int(link.attributes["href"].rsplit("/", 1)[-1]) for link in ada.page.each("a") if link.text == "Cora"
    )
    await ada.open(f"/admin/people/edit/{number}")
    await ada.send(ada.form(asking="zone"), {"active": None}, "Save")
    assert "The colleague is saved." in ada.words
    answer = await cora.client.get("/orders")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Forders")
    await cora.sign_in("Cora")
    assert (cora.status, "Your account at this desk is switched off." in cora.words) == (403, True)


async def trail(day: Day) -> list[tuple[str, str]]:
    async with day.desk.look(SYSTEM) as work:
        found = await work.session.execute(select(AuditEntry.who, AuditEntry.deed).order_by(AuditEntry.id))
        return [(row.who, row.deed) for row in found]


TRAIL = """
Handrail: write default calendar, publish policy, take over from the identity provider
Cora: sign in
Handrail: take over from the identity provider
Sam: sign in
Handrail: take over from the identity provider
Mara: sign in
Handrail: take over from the identity provider
Fin: sign in
Handrail: take over from the identity provider
Ina: sign in
Handrail: take over from the identity provider
Fred: sign in
Handrail: take over from the identity provider
Ada: sign in
Ina: create product
Handrail: install scripts
Cora: begin contact, finish step, save draft, create customer, finish step, save draft, finish step, place order, \
confirm order, finish step, record payment, finish step
Handrail: send message
Cora: begin contact, finish step, save draft, finish step, verify caller, finish step, open case, finish step, \
assess case, finish step, \
escalate case, finish step, begin contact, finish step, save draft, finish step, verify caller, finish step, open case, \
finish step
Handrail: send message
Sam: sign out, sign in, accept escalation
Fin: sign out, sign in
Cora: sign out, sign in
Ina: sign out, sign in
Fred: sign out, sign in, decide special request
Cora: hand over order
Ina: change product, count stock
Fred: prepare order, dispatch order
Handrail: send message
Fred: sign out, sign in, deliver order
Handrail: plan follow-up, miss deadline, warn of deadline, escalate case, miss deadline, send message
Mara: sign out, sign in, accept escalation, draft policy, save policy, publish policy, recompute deadlines
Handrail: ask for feedback, send message
customer: answer feedback
Cora: sign out, sign in
Ada: sign out, sign in, change person
"""
"""Who did what, in order; what somebody did several times in a row stands once."""


async def the_trail_tells_it(day: Day) -> None:
    told: list[str] = []
    for who, deeds in groupby(await trail(day), key=lambda entry: entry[0]):
        told.append(f"{who}: {', '.join(deed for deed, _ in groupby(deed for _, deed in deeds))}")
    assert told == TRAIL.strip().splitlines()
    (ada,) = await day.come("Ada")
    shown = [[line[0], line[2]] for line in rows(await ada.open("/admin/audit/list?size=25"))]
    assert shown == [[deed, who] for who, deed in reversed(await trail(day))][:25]
