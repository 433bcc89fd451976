"""Who is speaking, on which channel, in which language: as the representative walks it. S2-1, S2-2, S2-6.2, S2-12.1"""

import re

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from models import AuditEntry, Contact, Customer, CustomerNeed, Order, VerificationNeed
from models.words import ContactStatus, Outcome, SensitiveDeed
from portal.desk import audit, needed
from portal.desk.errors import WrongMoment
from portal.desk.verification import rules
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CEM, CORA, FIN, MARA, SAM, Clock
from tests.desk.callers import delivered_codes
from tests.robust.stored import everything
from tests.shop import CHAIR
from tests.visits import Visitor
from tests.wizard import Walk, fingerprint, known, stored, to_about, to_read_back

SECRETS = ("Example Street", "10115", "ana@example.com", "+49301234567", "Ana Example")


async def contact(desk: Desk, contact_id: int = 1) -> Contact:
    async with desk.look(SYSTEM) as work:
        return await work.session.get_one(Contact, contact_id)


async def to_verify(walk: Walk) -> None:
    await walk.send(greeted="yes")
    await walk.send(choice=str(ANA))
    assert walk.at == "verify"


async def test_the_words_are_said_where_one_speaks_and_written_elsewhere(visitor: Visitor) -> None:
    """S2-12.5"""
    cora, heads = await visitor(CORA), {}
    for channel in ("phone", "in_person", "email", "chat", "online"):
        walk = await Walk(cora).begin(channel)
        heads[channel] = re.findall(
            r'<div class="in-say">\s*<h2>.*?</svg>\s*(\w+)', walk.page.text, re.DOTALL
        )
    assert heads == {
        "phone": ["Say"],
        "in_person": ["Say"],
        "email": ["Write"],
        "chat": ["Write"],
        "online": ["Write"],
    }


async def test_a_code_steps_up_and_is_never_on_a_page(
    desk: Desk, visitor: Visitor, app: Starlette, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_verify(walk)
    pages = [walk.page.text]
    await walk.send(do="send_code")
    pages.append(walk.page.text)
    assert (walk.at, "A code was sent to a••••@e••••" in walk.text) == ("verify", True)
    desk.terms = app.state.desk.terms  # what the portal sealed, the portal’s secret opens
    (code,) = await delivered_codes(desk)
    await walk.send(code=f"{(int(code) + 1) % 1_000_000:06}")
    assert (walk.at, "1 wrong so far" in walk.text) == ("verify", True)
    pages.append(walk.page.text)
    await walk.send(code=code)
    assert walk.at == "about"
    await walk.open("verify")
    assert "Verified by one time code, strongly. It ends in" in walk.text
    sam = await visitor(SAM)
    pages += [walk.page.text]
    pages += [(await sam.get(f"/{path}")).text for path in ("access-log", "admin/messages/list")]
    assert [page for page in pages if code in page] == []
    assert [where for where, text in (await everything(desk)).items() if code in text] == []
    assert code not in caplog.text
    assert (await contact(desk)).verified_strength == 2


async def test_the_number_on_record_is_shown_for_a_reason_and_only_then(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_verify(walk)
    assert ("tel:" in walk.page.text, "••••67" in walk.text) == (False, True)
    refused = await walk.send(do="dial", dial_reason=" ")
    assert (refused.status_code, "Say why you call back." in walk.text) == (422, True)
    await walk.open("verify")
    await walk.send(do="dial", dial_reason="She cannot find a letter of ours.")
    assert 'href="tel:+49301234567"' in walk.page.text
    clock.forward(minutes=11)
    assert "tel:" not in (await walk.open("verify")).page.text
    early = await walk.send(do="reached")
    assert (early.status_code, "Show the number on record first" in walk.text) == (409, True)
    await walk.open("verify")
    await walk.send(do="dial", dial_reason="Again.")
    await walk.send(do="reached")
    assert "Verified by call back, strongly" in walk.text
    await walk.send()
    assert walk.at == "about"


async def test_after_the_last_try_only_what_can_still_verify_is_offered(desk: Desk, visitor: Visitor) -> None:
    """S2-2.6: nobody reads questions out whose answers would be refused."""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_verify(walk)
    shown = []
    for _ in range(3):
        shown.append(('name="postcode"' in walk.page.text, "No tries are left in this contact." in walk.text))
        await walk.send(postcode="99999")
    shown.append(('name="postcode"' in walk.page.text, "No tries are left in this contact." in walk.text))
    assert shown == [(True, False)] * 3 + [(False, True)]
    assert 'id="stronger" open' in " ".join(walk.page.text.split())
    await walk.send(do="dial", dial_reason="The tries were used up.")
    await walk.send(do="reached")
    assert "Verified by call back, strongly" in walk.text


async def test_details_are_changed_old_beside_new_once_the_caller_is_verified(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-6.2: unverified cannot change contact data."""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_verify(walk)
    address = f"/intakes/{walk.id}/details"
    early = await walk.client.get(address)
    assert [one for one in SECRETS if one in early.text] == []
    assert f'href="/intakes/{walk.id}/verify"' in early.text
    sly = await walk.client.post(address, data={"version": "1", "phone": "+4930999999"})
    assert (sly.status_code, "The caller has to be verified" in sly.text) == (409, True)
    assert f'href="/intakes/{walk.id}/verify"' in sly.text
    await walk.send(postcode="10115", email="ana@example.com")
    form = await walk.client.get(address)
    assert "On record: +49301234567" in form.text
    bad = await walk.client.post(address, data={"version": "1", "email": "no address", "city": "Potsdam"})
    assert (bad.status_code, "This is not an e-mail address" in bad.text, "Potsdam" in bad.text) == (
        422,
        True,
        True,
    )
    done = await walk.client.post(address, data={"version": "1", "phone": "030 999 99 99", "city": "Berlin"})
    assert done.headers["location"] == f"/intakes/{walk.id}"
    late = await walk.client.post(address, data={"version": "1", "city": "Potsdam"})
    assert (late.status_code, "Cora changed this" in late.text, 'value="Potsdam"' in late.text) == (
        409,
        True,
        True,
    )
    async with desk.look(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        entry = (
            await work.session.scalars(select(AuditEntry).where(AuditEntry.deed == "change customer"))
        ).one()
    assert (ana.phone, ana.city) == ("+49309999999", "Berlin")
    assert entry.changes[f"customers/{ANA}"] == {"phone": ["+49301234567", "+49309999999"]}
    cem = await visitor(CEM)
    assert (await cem.get(address)).status_code == 409


async def test_whoever_was_taken_down_just_now_may_correct_themselves(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await walk.send(greeted="yes")
    await walk.send(choice="new", name="Eve", email="eve@example.com")
    form = await walk.client.get(f"/intakes/{walk.id}/details")
    assert "On record: eve@example.com" in form.text
    done = await walk.client.post(
        f"/intakes/{walk.id}/details", data={"version": "1", "email": "eva@example.com"}
    )
    assert done.status_code == 303


async def test_a_contact_begins_with_who_calls_and_the_customer_is_looked_for(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-12.1; a number in the address is not taken: no link of ours writes one there. S0-3.2.3"""
    await known(desk)
    client = await visitor(CORA)
    page = await client.get("/contacts/new", params={"channel": "email", "from": "+49 30 1234567"})
    assert re.search(r'value="email"\s+checked', page.text)
    assert "1234567" not in page.text
    walk = Walk(client)
    await walk._follow(await client.post("/contacts", data={"channel": "phone", "handle": "030 1234567"}))
    walk.id = 1
    await walk.send(greeted="yes")
    assert ('value="030 1234567"' in walk.page.text, "Ana E••••" in walk.text) == (True, True)
    assert [one for one in SECRETS if one in walk.page.text] == []
    assert (await contact(desk)).handle == "030 1234567"
    bad = await client.post("/contacts", data={"channel": "social", "handle": "ana", "link": "ftp://x"})
    assert (bad.status_code, "A link begins with https://." in bad.text) == (422, True)


async def test_a_contact_on_a_channel_that_is_not_approved_is_kept_and_sent_on(
    desk: Desk, visitor: Visitor
) -> None:
    """S1-4.1.1, S2-12.4"""
    await known(desk)
    client = await visitor(CORA)
    assert (await client.get("/contacts/new")).text.count("Not approved for business") == 1
    walk = await Walk(client).begin("social")
    await walk.send(greeted="yes")
    assert (walk.at, "Please write us an e-mail or call us" in walk.text) == ("redirect", True)
    await client.post(f"/intakes/{walk.id}/language", data={"language": "de", "step": "redirect"})
    await walk.open("redirect")
    assert "Bitte schreiben Sie uns eine E-Mail" in walk.text
    assert (await walk.send()).status_code == 422
    await walk.send(redirected="yes")
    assert walk.at == "summary"
    await walk.send(summary="Sent to our mail.", understood="yes")
    await walk.send(anything_else="asked", satisfied="yes", outcome="redirected")
    kept = await contact(desk)
    assert (kept.status, kept.outcome, kept.approved) == (ContactStatus.CLOSED, Outcome.REDIRECTED, False)


async def test_no_order_is_placed_on_a_channel_that_is_not_approved_whatever_is_sent(
    desk: Desk, visitor: Visitor
) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin("social")
    await walk.send(greeted="yes")
    await walk.send(redirected="no")
    await walk.send(choice=str(ANA))
    await walk.send(postcode="10115", email="ana@example.com")
    await walk.send(situation="order")
    await walk.send(look="CH-1")
    await walk.send(**{"product-1": str(CHAIR), "quantity-1": "1"})
    assert (walk.at, walk.page.status_code) == ("lines", 422)
    assert "Orders are not taken this way." in walk.text
    async with desk.look(SYSTEM) as work:
        assert (await work.session.scalars(select(Order))).all() == []


async def test_an_order_asks_for_the_strength_the_policy_says(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    async with desk.work(MARA) as work:
        await rules.ensure_defaults(work)
        need = next(
            one
            for one in await work.session.scalars(select(VerificationNeed))
            if one.deed is SensitiveDeed.PLACE_ORDER
        )
        await rules.change_need(work, need, need.version, strength=2)
    walk = await Walk(await visitor(CORA)).begin()
    await to_read_back(walk)
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    answer = await walk.send()
    assert answer.status_code == WrongMoment.status
    assert "The caller has to be verified before an order is placed." in walk.text
    assert f'href="/intakes/{walk.id}/verify"' in walk.page.text
    assert (await stored(desk, walk.id)).order_id is None


async def test_words_follow_the_language_and_the_time_of_day(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    """S2-1.2: morning and evening texts differ in the customer's language."""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    said = {}
    for at in ("2026-03-02 10:00", "2026-03-02 19:00"):
        clock.at(at)
        walk.client = await visitor(CORA)  # signed in anew: nobody stays so for nine hours
        for language in ("en", "de"):
            answer = await walk.client.post(
                f"/intakes/{walk.id}/language", data={"language": language, "step": "greet"}
            )
            assert answer.headers["location"] == f"/intakes/{walk.id}/greet"
            await walk.open("greet")
            said[language, at[-5:]] = walk.text
    assert "Good morning," in said["en", "10:00"]
    assert "Good evening," in said["en", "19:00"]
    assert "Guten Morgen," in said["de", "10:00"]
    assert "Guten Abend," in said["de", "19:00"]
    assert "Have you greeted the customer?" in said["de", "19:00"]  # the desk itself goes on in its own
    bad = await walk.client.post(f"/intakes/{walk.id}/language", data={"language": "tlh"})
    assert bad.status_code == 422


async def test_the_customers_language_is_spoken_from_the_moment_they_are_known(
    desk: Desk, visitor: Visitor
) -> None:
    """S2-1.3"""
    await known(desk)
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.language = "de-AT"
        await audit.record(work, "change customer", ana)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    assert "Danke, Ana Example. Was kann ich heute für Sie tun?" in walk.text
    assert (await contact(desk)).language == "de"


async def test_cues_are_kept_with_advice_and_never_reach_the_customer(desk: Desk, visitor: Visitor) -> None:
    """S2-3.4"""
    client = await visitor(CORA)
    walk = await Walk(client).begin()
    noted = await client.post(f"/intakes/{walk.id}/cues", data={"cue": ["upset", "hurried"], "step": "greet"})
    assert noted.headers["location"] == f"/intakes/{walk.id}/greet"
    await walk.open("greet")
    assert "lower your own voice" in walk.text
    assert (await contact(desk)).cues == ("hurried", "upset")
    assert (await client.post(f"/intakes/{walk.id}/cues", data={"cue": "angry"})).status_code == 422
    await client.post(f"/intakes/{walk.id}/cues", data={"step": "greet"})
    assert (await contact(desk)).cues == ()
    cem = await visitor(CEM)
    assert (await cem.post(f"/intakes/{walk.id}/cues", data={"cue": "upset"})).status_code == 409


async def test_in_person_there_are_cues_for_what_is_seen(desk: Desk, visitor: Visitor) -> None:
    """S2-3.4"""
    client = await visitor(CORA)
    walk = await Walk(client).begin("phone")
    assert "Frowns, puzzled" not in walk.text
    seen = {"cue": ["puzzled", "hurried"], "step": "greet"}
    assert (await client.post(f"/intakes/{walk.id}/cues", data=seen)).status_code == 422
    walk = await Walk(client).begin("in_person")
    assert "In a hurry" in walk.text
    assert "Frowns, puzzled" in walk.text
    assert "turn the screen" not in walk.text
    assert (await client.post(f"/intakes/{walk.id}/cues", data=seen)).status_code == 303
    await walk.open("greet")
    assert "turn the screen" in walk.text
    async with desk.look(SYSTEM) as work:
        cues = await work.session.scalars(select(Contact.cues).order_by(Contact.id))
        assert cues.all() == [(), ("hurried", "puzzled")]


async def test_every_situation_is_offered(desk: Desk, visitor: Visitor) -> None:
    """S0-0.3"""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    for situation in (
        "order", "amendment", "inquiry", "complaint", "service_request", "support", "payment_issue",
    ):  # fmt: skip
        assert f'value="{situation}"' in walk.page.text


async def test_the_access_log_is_for_those_who_lead(desk: Desk, visitor: Visitor) -> None:
    """S2-2.4"""
    await known(desk)
    cora = await visitor(CORA)
    await cora.post(f"/customers/{ANA}/reveal", data={"reason": "She spells <b>her</b> name."})
    assert [(await (await visitor(one)).get("/access-log")).status_code for one in (CORA, FIN)] == [403, 403]
    page = await (await visitor(SAM)).get("/access-log")
    assert (page.status_code, "She spells &lt;b&gt;her&lt;/b&gt; name." in page.text) == (200, True)
    assert [one for one in SECRETS if one in page.text] == []
    empty = await (await visitor(SAM)).get("/access-log", params={"only": "failed", "before": "x~y"})
    assert "No try failed." in empty.text


async def test_what_lacks_of_a_new_customer_is_named_at_its_field(desk: Desk, visitor: Visitor) -> None:
    """S1-4.1.2a: by kind of customer; what was typed is kept."""
    walk = await Walk(await visitor(CORA)).begin()
    await walk.send(greeted="yes")
    await walk.send(look="nobody of this name", do="new")
    typed = {"choice": "new", "kind": "company", "name": "Bo Other", "city": "Bonn"}
    answer = await walk.send(**typed)
    assert (walk.at, answer.status_code) == ("who", 422)
    assert re.findall(r'<a href="#(\w+)">(.*?)</a>', answer.text) == [
        ("organisation", "Enter the company’s name."),
        ("phone", "Enter a phone number or an e-mail address: one way to reach them."),
    ]
    assert re.findall(r'name="kind"\s+value="(\w+)" checked', answer.text) == ["company"]
    assert ('value="Bo Other"' in answer.text, 'value="Bonn"' in answer.text) == (True, True)
    wrong = await walk.send(**{**typed, "kind": "robot"})
    assert (wrong.status_code, "Choose what kind of customer this is." in wrong.text) == (422, True)
    await walk.send(**typed, organisation="Bo & Co", email="bo@example.com")
    async with desk.look(SYSTEM) as work:
        made = (await work.session.scalars(select(Customer).order_by(Customer.id.desc()).limit(1))).one()
    assert (made.kind.value, made.organisation, made.city) == ("company", "Bo & Co", "Bonn")


async def test_the_tables_ask_the_same_of_a_new_customer(desk: Desk, visitor: Visitor) -> None:
    """S1-4.1.2a"""
    async with desk.work(SYSTEM) as work:
        await needed.ensure_defaults(work)
        here = CustomerNeed.kind == "person", CustomerNeed.detail == "city"
        city = (await work.session.scalars(select(CustomerNeed.id).where(*here))).one()
    sam, mara = await visitor(SAM), await visitor(MARA)
    at = f"/admin/customer-needs/edit/{city}"
    assert [
        (await one.post(at, data={"required": "yes", "version": "1"})).status_code for one in (sam, mara)
    ] == [
        403,
        303,
    ]
    new = {"kind": "person", "name": "Bo", "preferred_channel": "email", "tier": "standard", "language": "en"}
    answer = await sam.post("/admin/customers/create", data=new)
    assert answer.status_code == 422
    for words in ("Enter the town.", "one way to reach them."):
        assert words in answer.text, words
    told = await sam.post("/admin/customers/create", data={**new, "city": "Bonn", "phone": "030 2"})
    assert told.status_code == 303
