"""Consents on the screen: ticked in the wizard, noted on a customer, taken back by a link, and what offers need. S4-3.1"""

import re

from sqlalchemy import select
from starlette.applications import Starlette

from models import Consent, Contact, Customer, Message, Offer
from models.words import ConsentPurpose, ConsentSource
from portal.desk import links
from portal.desk.links import Purpose
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, MARA, SAM
from tests.visits import Visitor
from tests.wizard import Walk, known

WORDING = re.compile(r'name="wording_marketing"\s+value="(\d+)"')


async def test_a_new_customer_agrees_only_to_what_is_ticked(desk: Desk, visitor: Visitor) -> None:
    """S4-3.1: with the words that were on the form, in the contact they were said in; S4-3.4: each for itself."""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await walk.send(greeted="yes")
    await walk.send(look="nobody of this name", do="new")
    assert 'name="agrees_marketing"' in walk.page.text
    assert "checked" not in walk.page.text[walk.page.text.index("agrees_marketing") :][:400]
    wording = WORDING.findall(walk.page.text)[0]
    told = {"choice": "new", "name": "Bo", "phone": "+49 30 555001", "agrees_marketing": "yes"}
    await walk.send(**told, wording_marketing="99")
    assert "The words for this have changed meanwhile." in walk.text
    await walk.send(**told, wording_marketing=wording, wording_research="2")
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(select(Consent))
        bo = (await work.session.scalars(select(Customer).where(Customer.name == "Bo"))).one()
        contact = (await work.session.scalars(select(Contact))).one()
        assert [(row.customer_id, row.purpose, row.source, row.contact_id) for row in rows] == [
            (bo.id, ConsentPurpose.MARKETING, ConsentSource.CONTACT, contact.id)
        ]
        assert (bo.marketing_consent_at, bo.research_consent_at) == (work.now, None)


async def test_it_is_noted_on_the_customer_and_taken_back_behind_the_link(
    app: Starlette, visitor: Visitor
) -> None:
    """S4-3.1"""
    cora, nobody = await visitor(CORA), await visitor(None)
    form = {"purpose": "marketing", "agreed": "yes", "wording_id": "1"}
    for wrong in ({"purpose": "x"}, {"agreed": "x"}, {"wording_id": "99"}):
        assert (await cora.post(f"/customers/{ANA}/consents", data={**form, **wrong})).status_code == 422
    assert (await cora.post(f"/customers/{ANA}/consents", data=form)).headers[
        "location"
    ] == f"/customers/{ANA}"
    assert "Takes it back" in (await cora.get(f"/customers/{ANA}")).text
    address = f"/consents/{links.token(app.state.desk.terms, Purpose.CONSENTS, ANA)}"
    shown = await nobody.get(address)
    assert (shown.status_code, "We write to you about offers." in shown.text) == (200, True)
    assert (await nobody.post(address)).headers["location"] == address
    assert "You agreed to nothing" in (await nobody.get(address)).text
    assert "Takes it back" not in (await cora.get(f"/customers/{ANA}")).text
    assert [
        (await nobody.get("/consents/x.y")).status_code,
        (await nobody.post("/consents/x.y")).status_code,
    ] == [
        404,
        404,
    ]


async def test_managers_word_what_is_asked_and_write_offers(desk: Desk, visitor: Visitor) -> None:
    """S4-3.1: what was typed stays when it is refused."""
    mara, sam = await visitor(MARA), await visitor(SAM)
    words = {"purpose": "research", "words_en": "May we?", "words_de": ""}
    refused = await mara.post("/consents/wordings", data=words)
    assert (refused.status_code, 'href="#research-words-words_de"' in refused.text) == (422, True)
    assert ("May we?" in refused.text, 'id="research-words-words_de"' in refused.text) == (True, True)
    assert (
        await mara.post("/consents/wordings", data={**words, "words_de": "Dürfen wir?"})
    ).status_code == 303
    offer = {"subject": "Chairs", "words": "Cheaper this week.", "sure": "yes"}
    for name in offer:
        answer = await mara.post("/consents/offers", data={**offer, name: ""})
        assert (answer.status_code, f'href="#offer-{name}"' in answer.text) == (422, True)
    assert (await mara.post("/consents/offers", data=offer)).headers["location"] == "/consents"
    page = (await mara.get("/consents")).text
    assert ("Dürfen wir?" in page, "Words of before" in page, "being written" in page) == (True, True, True)
    assert [(await sam.get("/consents")).status_code, (await sam.post("/consents/offers")).status_code] == [
        403,
        403,
    ]
    async with desk.look(SYSTEM) as work:
        assert [row.subject for row in await work.session.scalars(select(Offer))] == ["Chairs"]
        assert list(await work.session.scalars(select(Message))) == []
