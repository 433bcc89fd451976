"""Erasing on the screen: what would go, the typed number, the second person, and what the pages say afterwards."""

from sqlalchemy import select

from models import Customer, Erasure, Intake, Person
from portal.desk import audit
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA, ANA, CORA, MARA, SAM
from tests.desk.erased import TELLING, told_of
from tests.visits import Visitor

NUMBER = "HK-25-000001-1"


async def test_two_managers_erase_a_customer_and_every_page_still_opens(desk: Desk, visitor: Visitor) -> None:
    """S3-10.1.1: what was typed stays when it is refused; the pages of what stays say nothing of who it was."""
    await told_of(desk)
    async with desk.work(SYSTEM) as work:
        second = await work.session.get_one(Person, ADA.person_id)
        second.roles = ("manager",)
        await audit.record(work, "make manager", second)
        contact_id = (await work.session.scalars(select(Intake.contact_id))).one()
    mara, mia, sam = await visitor(MARA), await visitor(ADA), await visitor(SAM)
    here = f"/customers/{ANA}"
    page = (await mara.get(f"{here}/erasure")).text
    assert ("What is rewritten" in page, "The ledger" in page, "cannot be erased now" in page) == (
        True,
        True,
        False,
    )
    assert (await sam.get(f"{here}/erasure")).status_code == 403
    assert "/erasure" not in (await sam.get(here)).text
    refused = await mara.post(f"{here}/hold", data={"hold_reason": " "})
    assert (refused.status_code, 'href="#hold-hold_reason"' in refused.text) == (422, True)
    assert (await mara.post(f"{here}/hold", data={"hold_reason": "A lawsuit."})).headers[
        "location"
    ] == f"{here}/erasure"
    assert "is on hold: nothing of it may be erased." in (await mara.get(f"{here}/erasure")).text
    assert (await mara.post(f"{here}/erasure", data={"number": NUMBER, "reason": "x"})).status_code == 409
    assert (await mara.post(f"{here}/release")).headers["location"] == f"{here}/erasure"
    refused = await mara.post(f"{here}/erasure", data={"number": "HK-1", "reason": "He wrote."})
    assert (refused.status_code, 'href="#ask-number"' in refused.text) == (422, True)
    assert ("He wrote." in refused.text, 'value="HK-1"' in refused.text) == (True, True)
    assert (
        await mara.post(f"{here}/erasure", data={"number": NUMBER, "reason": "He wrote."})
    ).status_code == 303
    async with desk.look(SYSTEM) as work:
        erasure = (await work.session.scalars(select(Erasure))).one()
    deed = f"{here}/erasure/{erasure.id}"
    assert "You asked for this yourself" in (await mara.get(f"{here}/erasure")).text
    assert (await mara.post(deed, data={"number": NUMBER})).status_code == 409
    wrong = await mia.post(deed, data={"number": "HK-1"})
    assert (wrong.status_code, 'href="#erase-number"' in wrong.text) == (422, True)
    assert (await mia.post(deed, data={"number": NUMBER})).headers["location"] == "/erasures"
    assert (await mia.post(deed, data={"number": NUMBER})).status_code == 409
    async with desk.look(SYSTEM) as work:
        assert (await work.session.get_one(Customer, ANA)).erased_at == work.now
    cora = await visitor(CORA)
    pages = (
        here, f"{here}/erasure", "/erasures", "/orders/1", "/cases/1", f"/contacts/{contact_id}",
        f"/contacts/{contact_id}/form", "/cases/1/complaint-form", "/mail/1", "/returns", "/refunds?show=decided",
        "/special-requests", "/follow-ups", "/answers", "/evidence", "/admin/customers/list",
        f"/admin/customers/details/{ANA}",
        "/admin/audit/list", "/admin/messages/list", "/admin/amendments/list", "/admin/disclosures/list", "/access-log",
    )  # fmt: skip
    told = []
    for address in pages:
        answer = await mara.get(address)
        told += [f"{address}: {answer.status_code}"] * (answer.status_code != 200)
        told += [f"{address}: {word}" for word in TELLING if word in answer.text.lower()]
    assert told == []
    assert "Erased E••••" not in (await cora.get("/customers", params={"q": "Zoltan"})).text
    proof = (await mara.get("/erasures")).text
    assert ("erased" in proof, "What was rewritten" in proof, NUMBER in proof) == (True, True, True)


async def test_what_was_asked_for_can_be_dropped(desk: Desk, visitor: Visitor) -> None:
    mara = await visitor(MARA)
    here = f"/customers/{ANA}/erasure"
    assert (await mara.post(here, data={"number": NUMBER, "reason": "She wrote."})).status_code == 303
    assert (await mara.post(f"{here}/1/dropping")).headers["location"] == here
    assert "Ask for it" in (await mara.get(here)).text
    async with desk.look(SYSTEM) as work:
        assert (await work.session.get_one(Customer, ANA)).erased_at is None
