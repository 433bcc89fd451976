"""Customers on the screen: found by what they say, masked until there is a reason."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from models import AuditEntry, Contact, Customer
from models.words import Channel
from portal.desk import audit, customers, intake, search
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CEM, CORA, FRED, SAM, Clock
from tests.shop import ordered
from tests.visits import Visitor

SECRETS = ("ana@example.com", "+49301234567", "Example Street 1", "Ana Example")


@pytest.fixture(autouse=True)
async def indexed(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        await search.index(work, await work.session.get_one(Customer, ANA))


def secrets_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in unescape(text)]


@pytest.mark.parametrize("asked", ["ana", "exam", "234567", "ana@example.com", "HK-25-000001-1"])
async def test_ana_is_found_by_what_she_says_and_shown_masked(visitor: Visitor, asked: str) -> None:
    cora = await visitor(CORA)
    answer = await cora.get("/customers", params={"q": asked})
    content = answer.text[answer.text.index('id="found"') :]
    assert re.findall(r'<a href="(/customers/\d+)">(.*?)</a>', content) == [("/customers/1", "Ana E••••")]
    assert secrets_in(content) == []


async def test_typing_asks_for_the_list_alone(visitor: Visitor) -> None:
    cora = await visitor(CORA)
    part = await cora.get("/customers?q=nobody", headers={"hx-request": "true"})
    assert part.text.startswith('<div id="found"')
    assert "Nobody found for “nobody”." in unescape(part.text)


async def test_a_representative_notes_that_a_customer_wants_no_surveys(visitor: Visitor) -> None:
    """S3-9.1.1"""
    cora, shown = await visitor(CORA), []
    for asked in ("no", "yes"):
        answer = await cora.post("/customers/1/surveys", data={"asked": asked})
        assert (answer.status_code, answer.headers["location"]) == (303, "/customers/1")
        page = (await cora.get("/customers/1")).text
        shown.append(("Wants no surveys since" in page, "Surveys again" in page))
    assert shown == [(True, True), (False, False)]
    assert (await cora.post("/customers/1/surveys", data={"asked": "x"})).status_code == 422


async def test_two_records_are_merged_and_parted_on_the_page(desk: Desk, visitor: Visitor) -> None:
    """S2-6.5: those who lead; what was typed stays when it is refused."""
    async with desk.work(CORA) as work:
        twin = await customers.create(work, customers.CustomerDetails(name="Ana Sample", phone="+49301"))
    sam, cora = await visitor(SAM), await visitor(CORA)
    form = {"number": twin.number, "merge_reason": "She says so.", "sure": "yes"}
    for lacking in form:
        refused = await sam.post("/customers/1/merges", data={**form, lacking: ""})
        assert (refused.status_code, f'href="#{lacking}"' in refused.text) == (422, True)
        assert (f'value="{twin.number}"' in refused.text) is (lacking != "number")
    assert (await cora.post("/customers/1/merges", data=form)).status_code == 403
    assert "Merge another record" not in (await cora.get("/customers/1")).text
    assert (await sam.post("/customers/1/merges", data=form)).headers["location"] == "/customers/1"
    kept, gone = (await cora.get("/customers/1")).text, (await cora.get(f"/customers/{twin.id}")).text
    assert ("by Sam: She says so." in " ".join(kept.split()), "Undo the merge" in kept) == (True, False)
    assert 'Merged into <a href="/customers/1">' in " ".join(gone.split())
    found = re.search(r'action="(/customers/1/merges/\d+/undo)"', (await sam.get("/customers/1")).text)
    assert found is not None
    assert (await sam.post(found[1])).headers["location"] == f"/customers/{twin.id}"
    assert (await sam.post(found[1])).status_code == 409
    assert "Merged into" not in (await cora.get(f"/customers/{twin.id}")).text


async def test_details_are_masked_until_a_reason_is_written_down(desk: Desk, visitor: Visitor) -> None:
    """S2-2.4, S3-14.1.1b"""
    cora = await visitor(CORA)
    assert secrets_in((await cora.get("/customers/1")).text) == []
    refused = await cora.post("/customers/1/reveal", data={"reason": " "})
    assert (refused.status_code, secrets_in(refused.text)) == (422, [])
    shown = await cora.post("/customers/1/reveal", data={"reason": "The parcel came back."})
    assert (shown.status_code, secrets_in(shown.text)) == (200, list(SECRETS))
    assert secrets_in((await cora.get("/customers/1")).text) == []
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(AuditEntry.who, AuditEntry.subject_kind, AuditEntry.reason).where(
                AuditEntry.deed == "reveal customer"
            )
        )
        assert [tuple(row) for row in rows] == [("Cora", "customers", "The parcel came back.")]


async def test_a_verified_caller_opens_the_page_for_whoever_has_them_on_the_line(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    async with desk.work(CORA) as work:
        await intake.begin(work, Channel.PHONE)
    async with desk.work(SYSTEM) as work:
        contact = (await work.session.scalars(select(Contact))).one()
        contact.customer_id, contact.verified_until = ANA, work.now + timedelta(minutes=15)
        contact.verified_strength = 1
        await audit.record(work, "set the scene", contact)
    cora, cem = await visitor(CORA), await visitor(CEM)
    assert secrets_in((await cora.get("/customers/1")).text) == list(SECRETS)
    assert secrets_in((await cem.get("/customers/1")).text) == []
    await cem.post("/intakes/1/take-over")
    assert secrets_in((await cora.get("/customers/1")).text) == []
    assert secrets_in((await cem.get("/customers/1")).text) == list(SECRETS)
    clock.forward(minutes=16)
    assert secrets_in((await cem.get("/customers/1")).text) == []


async def test_what_the_caller_is_asked_for_is_covered_while_they_are_on_the_line(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-2.6: nobody can help with an answer that they do not see; with a reason, written down, it is shown."""
    await ordered(desk)
    cora, cem = await visitor(CORA), await visitor(CEM)
    number = "HR-26-000001-9"
    async with desk.work(CORA) as work:
        await intake.begin(work, Channel.PHONE)
    assert number in (await cora.get("/customers/1")).text
    async with desk.work(SYSTEM) as work:
        contact = (await work.session.scalars(select(Contact))).one()
        contact.customer_id = ANA
        await audit.record(work, "set the scene", contact)
    pages = [await cora.get("/customers/1"), await cem.get("/customers/1")]
    pages.append(await cora.post("/customers/1/reveal", data={"reason": "A letter came."}))
    assert [number in page.text for page in pages] == [False, True, True]
    assert "they are covered until the caller is verified" in pages[0].text


async def test_a_supervisor_unlocks_and_a_representative_cannot(desk: Desk, visitor: Visitor) -> None:
    async with desk.work(SYSTEM) as work:
        customer = await work.session.get_one(Customer, ANA)
        customer.locked_until = work.now + timedelta(hours=1)
        await audit.record(work, "set the scene", customer)
    cora, sam = await visitor(CORA), await visitor(SAM)
    assert "/unlock" not in (await cora.get("/customers/1")).text
    assert (await cora.post("/customers/1/unlock", data={"unlock_reason": "x"})).status_code == 403
    assert (await sam.post("/customers/1/unlock", data={"unlock_reason": " "})).status_code == 422
    assert (await sam.post("/customers/1/unlock", data={"unlock_reason": "She called."})).status_code == 303
    assert "too many failed" not in (await sam.get("/customers/1")).text


async def test_fulfilment_has_no_customers(visitor: Visitor) -> None:
    fred = await visitor(FRED)
    assert [(await fred.get(at)).status_code for at in ("/customers", "/customers/1")] == [403, 403]
