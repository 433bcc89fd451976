"""Support and service requests in the wizard, in a browser without a script: the serial number before all else."""

import re
from datetime import date
from html import unescape

import pytest
from sqlalchemy import select

from models import (
    Case,
    CaseNote,
    Contact,
    ContactAnswer,
    Customer,
    Escalation,
    FollowUp,
    Message,
    Product,
    Serial,
)
from models.words import CaseKind, CaseStatus, FollowUpKind, ResolutionCode, Severity
from portal.desk import audit, orders, products, warranty
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, MARA, Clock
from tests.shop import CHAIR, LAMP, ordered
from tests.visits import Visitor
from tests.wizard import Walk, known, stored, to_about

NUMBER = "CH-4711-08"
KEPT = re.compile(r'<input type="hidden" name="(tree|path|place)" value="([^"]*)">')
ORDERED = "HR-26-000001-9"


async def bought(desk: Desk, months: int | None = 24, owner: int = ANA) -> None:
    """A chair that was sold: to Ana with her order, or to somebody else."""
    await known(desk)
    order = await ordered(desk)
    async with desk.work(MARA) as work:
        chair = await products.load(work, CHAIR)
        await products.change(work, chair, chair.version, warranty_months=months)
        line = (await orders.load(work, order.id)).lines[0]
        if owner == ANA:
            await warranty.register(work, NUMBER, chair, line=line)
            return
        other = Customer(number="HK-25-000002-2", name="Bo Other", city="Bremen", created_at=work.now)
        work.session.add(other)
        await audit.record(work, "create customer", other)
        await warranty.register(work, NUMBER, chair, customer=other, purchased_on=date(2026, 1, 5))


async def supporting(visitor: Visitor, situation: str = "support") -> Walk:
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation=situation)
    return walk


async def answered(walk: Walk, words: str) -> None:
    """Choose an answer of the question on the screen by its words, with what the form keeps."""
    page = unescape(walk.page.text)
    kept = dict(KEPT.findall(page))
    found = re.findall(r'name="answer"\s+value="(\d+)"[^>]*>\s*<label[^>]*>([^<]+)</label>', page)
    value = next(value for value, label in found if label == words)
    await walk.send(**kept, answer=value)


async def only_case(desk: Desk) -> Case:
    async with desk.look(SYSTEM) as work:
        return (await work.session.scalars(select(Case))).one()


async def test_nothing_in_support_starts_before_the_serial_number(desk: Desk, visitor: Visitor) -> None:
    """S4-5.3, S4-5.5: by the order of the steps and by their address."""
    await bought(desk)
    walk = await supporting(visitor)
    assert walk.at == "serial"
    for step in ("warranty", "symptoms", "troubleshoot"):
        await walk.open(step)
        assert "This cannot start yet." in walk.text
        answer = await walk.client.post(
            f"/intakes/{walk.id}/{step}", data={"revision": "4", "need": "It wobbles."}
        )
        assert answer.status_code == 409
    await walk.open("serial")
    told = [(await walk.send(**typed)).status_code for typed in ({}, {"serial": "?"}, {"none": "yes"})]
    assert (told, (await stored(desk, walk.id)).case_id) == ([422, 422, 422], None)


async def test_a_known_number_tells_its_purchase_and_its_warranty_before_the_trouble(
    desk: Desk, visitor: Visitor
) -> None:
    """S4-5.1, S4-5.4, S4-5.5"""
    await bought(desk)
    walk = await supporting(visitor)
    await walk.send(serial="ch 4711 08")
    assert (walk.at, "In warranty until" in walk.text) == ("warranty", True)
    assert "24 months from the purchase on Monday, 2 March 2026." in walk.text
    await walk.send()
    await walk.send(need="It wobbles. Since yesterday.", how_often="always")
    case = await only_case(desk)
    assert (case.kind, case.serial, case.product_id, case.subject, case.order_id) == (
        CaseKind.SUPPORT, "CH471108", CHAIR, "It wobbles", 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("months", "days", "told"),
    [(1, 31, "In warranty"), (1, 32, "Out of warranty"), (None, 0, "Warranty unknown")],
)
async def test_the_banner_says_in_out_or_unknown(
    desk: Desk, visitor: Visitor, clock: Clock, months: int | None, days: int, told: str
) -> None:
    """S4-5.1: bought on 2 March, one month: 2 April is in, 3 April is out."""
    await bought(desk, months)
    clock.forward(days=days)
    walk = await supporting(visitor)
    await walk.send(serial=NUMBER)
    assert told in walk.text


async def test_somebody_elses_number_is_marked_and_nothing_of_them_is_shown(
    desk: Desk, visitor: Visitor
) -> None:
    """S4-5.4: the supervisor is told once; without a number it goes on."""
    await bought(desk, owner=0)
    walk = await supporting(visitor)
    for _ in range(2):
        await walk.send(serial=NUMBER)
        assert (walk.at, "cannot be matched with this customer" in walk.text) == ("serial", True)
        for secret in ("Bo Other", "Bremen", "2026-01-05", "HK-25-000002-2"):
            assert secret not in walk.page.text
    async with desk.look(SYSTEM) as work:
        contact = (await work.session.scalars(select(Contact))).one()
        sent = (await work.session.scalars(select(Message.template))).all()
    assert (contact.suspect, list(sent).count("suspect-caller")) == (warranty.FOREIGN, 1)
    await walk.send(none="yes", reason="Cannot be matched.", proof="none")
    assert (walk.at, "Warranty unknown" in walk.text) == ("warranty", True)


async def test_before_the_caller_is_verified_no_day_and_no_order_is_shown(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    """S2-1.4: they are what a caller is verified by."""
    await bought(desk)
    clock.forward(days=5)
    walk = await Walk(await visitor(CORA)).begin()
    await walk.send(greeted="yes")
    await walk.send(choice=str(ANA))
    await walk.send(skip="yes", skip_reason="In a hurry.")
    await walk.send(situation="support")
    await walk.send(serial=NUMBER)
    assert "In warranty The days are shown once the customer is verified." in walk.text
    pages = [walk.page.text, (await walk.open("serial")).page.text]
    assert "shown once the customer is verified" in walk.text
    assert [secret for secret in ("2026-03-02", "2 March", ORDERED) for page in pages if secret in page] == []


async def test_another_customer_has_to_be_asked_for_the_number_anew(desk: Desk, visitor: Visitor) -> None:
    """What was found for one customer is not shown to the next."""
    await bought(desk)
    walk = await supporting(visitor)
    await walk.send(serial=NUMBER)
    await walk.open("who")
    await walk.send(choice="new", name="Bo Other", phone="+49 30 5550199")
    await walk.open("warranty")
    assert ("This cannot start yet." in walk.text, "In warranty" in walk.text) == (True, False)


async def test_without_a_number_the_order_proves_the_purchase(desk: Desk, visitor: Visitor) -> None:
    """S4-5.4"""
    await bought(desk)
    walk = await supporting(visitor)
    typed = {"none": "yes", "reason": "Worn off.", "proof": "order"}
    assert (await walk.send(**typed, order="HR-26-000009-1")).status_code == 422
    assert (await walk.send(**typed, order=ORDERED, product="LA-1")).status_code == 422
    await walk.send(**typed, order=ORDERED, product="ch-1")
    assert (walk.at, "In warranty" in walk.text) == ("warranty", True)


async def test_a_new_number_is_registered_to_what_proves_it(desk: Desk, visitor: Visitor) -> None:
    await bought(desk)
    walk = await supporting(visitor)
    await walk.send(serial="LA-9-77")
    assert (walk.at, "This number is not known yet." in walk.text) == ("serial", True)
    future = await walk.send(serial="LA-9-77", product="LA-1", proof="day", bought_on="2026-03-03")
    assert future.status_code == 422
    await walk.send(serial="LA-9-77", product="LA-1", proof="day", bought_on="2026-02-28")
    assert walk.at == "warranty"
    async with desk.look(SYSTEM) as work:
        serial = (await work.session.scalars(select(Serial).where(Serial.number == "LA977"))).one()
    assert (serial.product_id, serial.customer_id, serial.purchased_on) == (LAMP, ANA, date(2026, 2, 28))


async def troubled(desk: Desk, visitor: Visitor) -> Walk:
    """A lamp that does not shine, at the first question of its tree."""
    await bought(desk)
    walk = await supporting(visitor)
    await walk.send(none="yes", reason="Worn off.", product="LA-1", proof="day", bought_on="2026-02-28")
    await walk.send()
    await walk.send(need="It stays dark.")
    assert (walk.at, "Does a light show while it charges?" in walk.text) == ("troubleshoot", True)
    return walk


async def test_a_tree_is_gone_through_back_and_forth_and_its_end_fills_in_the_rest(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-4.2, S2-4.4: the unsolved end hands up with nothing typed twice. S4-5.2, S3-5.1.3a"""
    walk = await troubled(desk, visitor)
    assert (await walk.send(tree="lamp", path="", place="0")).status_code == 422
    await answered(walk, "No")
    assert "Take another cable" in walk.text
    await answered(walk, "No")
    assert "Wipe the charging socket dry" in walk.text
    await walk.send(**dict(KEPT.findall(walk.page.text)), do="back")
    assert ("Take another cable" in walk.text, 'value="2" checked' in walk.page.text) == (True, True)
    await answered(walk, "No")
    assert "Wipe the charging socket dry" in walk.text
    await answered(walk, "No, as before")
    assert walk.at == "severity"
    assert "How the guide ended: Battery or board are broken" in walk.text
    await walk.send(**{"question-safe": "no", "question-use": "no"})
    assert walk.at == "escalate"
    assert "How the guide ended: Battery or board are broken" in walk.text
    kept = (await stored(desk, walk.id)).answers
    assert kept["troubleshoot"] == {"tree": "lamp", "path": "2 2 2", "place": "3", "solved": "no"}
    await walk.send(**kept["escalate"], emergency="yes", emergency_reason="The customer waits.")
    case = await only_case(desk)
    async with desk.look(SYSTEM) as work:
        escalation = (await work.session.scalars(select(Escalation))).one()
        notes = (await work.session.scalars(select(CaseNote.words))).all()
    assert (case.severity, "Take another cable and another plug" in escalation.reason) == (
        Severity.HIGH,
        True,
    )
    assert any(note.startswith("Lamp or lantern: not solved.\n1. Does a light show") for note in notes)


async def test_a_solution_that_helps_is_what_the_case_is_settled_with(desk: Desk, visitor: Visitor) -> None:
    """S2-4.3, S4-2.1c"""
    walk = await troubled(desk, visitor)
    await answered(walk, "No")
    await answered(walk, "Yes")
    await answered(walk, "Yes, it works")
    assert walk.at == "settle"
    kept = (await stored(desk, walk.id)).answers
    assert kept["troubleshoot"]["solved"] == "yes"
    await walk.send(**kept["settle"])
    case = await only_case(desk)
    assert (case.status, case.resolution_code) == (CaseStatus.RESOLVED, ResolutionCode.TECHNICAL_SUPPORT)
    assert case.resolution.startswith("Take another cable")
    await walk.send(summary="It shines again.", understood="yes")
    await walk.send(anything_else="asked", satisfied="yes", outcome="resolved")
    async with desk.look(SYSTEM) as work:
        kept_too = (await work.session.execute(select(ContactAnswer.field, ContactAnswer.value))).all()
    assert ("lamp.cable", "yes") in [tuple(one) for one in kept_too]
    again = await supporting(visitor)
    await again.send(none="yes", reason="Worn off.", product="LA-1", proof="none")
    await again.send()
    await again.send(need="Dark again.")
    await answered(again, "No")
    assert "Helped in 100 % of 1 contacts." in again.text


async def test_without_a_product_the_piece_is_chosen_and_can_be_chosen_anew(
    desk: Desk, visitor: Visitor
) -> None:
    await bought(desk)
    walk = await supporting(visitor)
    await walk.send(none="yes", reason="Worn off.", proof="none")
    await walk.send()
    await walk.send(need="It leaks.")
    assert (await walk.send(tree="rocket")).status_code == 422
    await walk.send(tree="stove")
    assert "Does it smell of gas?" in walk.text
    await walk.send(**dict(KEPT.findall(walk.page.text)), do="another")
    assert "What is it about?" in walk.text
    await walk.send(tree="anything")
    assert "Is it whole" in walk.text


async def test_a_service_request_has_its_number_its_time_and_its_owner(desk: Desk, visitor: Visitor) -> None:
    """S2-8.1, S3-5.1.1, S2-3.2"""
    await known(desk)
    walk = await supporting(visitor, "service_request")
    assert (await walk.send(need="Please mend two chairs.")).status_code == 422
    await walk.send(need="Please mend two chairs.", service="repair")
    assert (walk.at, "How many pieces" in walk.text, "How to get in" in walk.text) == (
        "particulars",
        True,
        False,
    )
    await walk.send(pieces="2", slot="2026-03-03T09:00:00+00:00")
    assert walk.at == "settle"
    await walk.send(settled="kept", owner=str(CORA.person_id), due="2026-03-03T09:00:00+00:00")
    assert walk.at == "summary"
    case = await only_case(desk)
    assert (case.kind, case.statement) == (CaseKind.SERVICE_REQUEST, "Please mend two chairs.")
    async with desk.look(SYSTEM) as work:
        follow_up = (await work.session.scalars(select(FollowUp))).one()
    assert (follow_up.kind, follow_up.owner_id, follow_up.case_id) == (
        FollowUpKind.CALL_BACK, CORA.person_id, case.id,
    )  # fmt: skip


async def test_a_tree_survives_a_product_that_is_gone(desk: Desk, visitor: Visitor) -> None:
    walk = await troubled(desk, visitor)
    async with desk.work(MARA) as work:
        lamp = await work.session.get_one(Product, LAMP)
        await products.change(work, lamp, lamp.version, active=False)
    await answered(walk, "Yes")
    assert "Does it shine steadily" in walk.text
