"""What the wizard's pages promise besides the way through: nothing lost, nothing overwritten, nothing shown too early."""

import gzip
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

import pytest
from sqlalchemy import event, func, select
from starlette.applications import Starlette

from models import Contact, Customer, Intake
from portal.database import Database
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CEM, CORA, FIN, SAM
from tests.shop import CHAIR, ordered
from tests.visits import Visitor
from tests.wizard import Walk, fingerprint, known, stored, to_about, to_lines

HTMX = {"hx-request": "true"}
NAMES = [
    "Zoë Ødegård-O’Neil",
    "李小龍",
    "محمد",
    "<script>alert(1)</script>",
    "Robert'); DROP TABLE",
    "ก็อตจิ",
    "=1+1",
]


async def test_a_draft_says_when_it_was_saved_and_survives_a_reload(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    await walk.open("delivery")
    saved = await walk.draft(method="pickup", note="Ring <b>twice</b>")
    assert (saved.status_code, "Saved" in saved.text, "10:00:00" in saved.text) == (200, True, True)
    await walk.open("delivery")
    assert "Ring &lt;b&gt;twice&lt;/b&gt;" in walk.page.text
    assert re.search(r'value="pickup"\s+checked', walk.page.text)


async def test_a_card_number_is_refused_with_words_even_in_a_draft(desk: Desk, visitor: Visitor) -> None:
    walk = await Walk(await visitor(CORA)).begin()
    answer = await walk.draft(notes="4111 1111 1111 1111")
    assert (answer.status_code, answer.headers["hx-retarget"]) == (422, "#notice")
    assert "card numbers are never stored" in answer.text
    assert (await stored(desk, walk.id)).answers == {}


async def test_a_stale_save_shows_yours_and_theirs_and_keeps_either(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    client = await visitor(CORA)
    walk = await Walk(client).begin()
    await to_lines(walk)
    await walk.open("delivery")
    old = walk.revision
    await walk.draft(method="delivery", ship_name="Ana")
    address = f"/intakes/{walk.id}/delivery"
    mine = {"revision": old, "method": "pickup", "ship_name": "Anton"}
    for way in (f"{address}/draft", address):
        answer = await client.post(way, data=mine, headers=HTMX)
        assert (answer.status_code, answer.headers["hx-retarget"]) == (409, "#notice")
        assert ("Anton" in answer.text, "Ana" in answer.text) == (True, True)
    page = await client.post(address, data=mine)
    assert (page.status_code, "Nothing was overwritten." in page.text) == (409, True)
    assert (await stored(desk, walk.id)).answers["delivery"] == {"method": "delivery", "ship_name": "Ana"}
    new = re.findall(r'name="revision"\s+value="(\d+)"', page.text)[0]
    kept = await client.post(address, data={**mine, "do": "keep", "revision": new})
    assert kept.headers["location"] == address
    assert (await stored(desk, walk.id)).answers["delivery"] == {"method": "pickup", "ship_name": "Anton"}


async def test_a_colleague_takes_over_and_the_former_holder_is_told(visitor: Visitor) -> None:
    walk = await Walk(await visitor(CORA)).begin()
    cem = await visitor(CEM)
    seen = await cem.get(f"/intakes/{walk.id}/greet")
    assert "Cora holds this contact" in seen.text
    taken = await cem.post(f"/intakes/{walk.id}/take-over")
    assert taken.headers["location"] == f"/intakes/{walk.id}/greet"
    answer = await walk.send(greeted="yes")
    assert (answer.status_code, "Cem took this contact over." in walk.text) == (409, True)
    assert "Cem holds this contact" in (await walk.open("greet")).text


async def test_ending_early_asks_why(visitor: Visitor) -> None:
    client = await visitor(CORA)
    walk = await Walk(client).begin()
    assert (await client.post(f"/intakes/{walk.id}/abandonment", data={"reason": " "})).status_code == 422
    ended = await client.post(f"/intakes/{walk.id}/abandonment", data={"reason": "Wrong number."})
    assert ended.headers["location"] == "/"
    assert "is abandoned" in (await walk.open("greet")).text


@pytest.mark.parametrize("name", NAMES)
async def test_a_new_customer_keeps_the_name_as_it_was_given(desk: Desk, visitor: Visitor, name: str) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await walk.send(greeted="yes")
    await walk.send(look="nobody of this name", do="new")
    assert walk.at == "who"
    await walk.send(choice="new", name=name, email="someone@example.com")
    assert walk.at == "about"
    assert f">{name}<" not in walk.page.text or "<" not in name
    assert name in unescape(walk.page.text)
    async with desk.look(SYSTEM) as work:
        made = (await work.session.scalars(select(Customer).where(Customer.id != ANA))).one()
        contact = await work.session.get_one(Contact, 1)
    assert (made.name, contact.customer_id) == (name, made.id)


async def test_somebody_already_known_is_not_taken_down_twice_by_mistake(
    desk: Desk, visitor: Visitor
) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await walk.send(greeted="yes")
    await walk.send(look="ana@example.com", do="new")
    answer = await walk.send(choice="new", name="A. Example", email="ana@example.com")
    assert (answer.status_code, "Is it one of these?" in walk.text) == (422, True)
    assert "Example Street" not in walk.page.text
    await walk.send(choice="new", name="A. Example", email="ana@example.com", same="yes")
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(Customer)) == 2


async def test_nothing_of_an_unverified_customer_is_shown(desk: Desk, visitor: Visitor) -> None:
    """S0-3.2.3, S2-1.4: not by skipping the step, not by its address, not in what is read back."""
    await known(desk)
    before = await ordered(desk)
    walk = await Walk(await visitor(CORA)).begin()
    shown = []
    for answers in (
        {"greeted": "yes"},
        {"look": "ana", "choice": str(ANA)},
        {"skip": "yes", "skip_reason": "Would not say."},
        {"situation": "order"},
        {"product-1": str(CHAIR), "quantity-1": "1"},
        {"method": "pickup"},
        {"method": "pickup", "ship_name": "Whoever comes"},
        {"checked": "yes"},
        {"checked": "yes"},
    ):
        await walk.send(**answers)
        shown.append(walk.page.text)
    assert walk.at == "read_back"
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    shown += [(await walk.open(step)).page.text for step in (*walk.seen, "summary")]
    secrets = ["Example Street", "10115", "ana@example.com", "+49301234567", "Ana Example", before.number]
    assert [one for one in secrets for text in shown if one in text] == []


async def test_change_leads_to_the_question_and_back(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    await walk.send(look="CH-1")
    await walk.send(**{"product-1": "1", "quantity-1": "2"})
    await walk.send(method="pickup")
    assert walk.at == "check"
    walk.page = await walk.client.get(f"/intakes/{walk.id}/lines?back=check")
    assert "Save and go back" in walk.text
    await walk.send(**{"product-1": "1", "quantity-1": "4", "back": "check"})
    assert (walk.at, "4 × Chair" in walk.text) == ("check", True)


async def test_htmx_gets_the_next_step_in_one_answer(visitor: Visitor) -> None:
    walk = await Walk(await visitor(CORA)).begin()
    data = {"revision": walk.revision, "greeted": "yes"}
    answer = await walk.client.post(f"/intakes/{walk.id}/greet", data=data, headers=HTMX)
    assert (answer.status_code, answer.headers["hx-push-url"]) == (200, f"/intakes/{walk.id}/who")
    assert answer.text.lstrip().startswith('<div id="step"')
    assert len(gzip.compress(answer.text.encode())) < 8_000


async def test_what_is_looked_for_is_found_while_it_is_typed(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    parts = f"/intakes/{walk.id}/parts"
    found = await walk.client.post(f"{parts}/lines", data={"look": "ch"}, headers=HTMX)
    assert (found.status_code, "Chair" in found.text, "Lamp" in found.text) == (200, True, False)
    found = await walk.client.post(f"{parts}/who", data={"look": "0301234567"}, headers=HTMX)
    assert ("Ana E••••" in found.text, "Ana Example" in found.text) == (True, False)
    assert (await walk.client.post(f"{parts}/greet", headers=HTMX)).status_code == 404
    assert (await stored(desk, walk.id)).answers.get("lines") is None


async def test_the_way_back_to_an_open_contact_is_its_step(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    back = await walk.client.get(f"/intakes/{walk.id}")
    assert back.headers["location"] == f"/intakes/{walk.id}/about"


async def test_who_takes_no_contacts_gets_none(desk: Desk, visitor: Visitor) -> None:
    walk = await Walk(await visitor(CORA)).begin()
    fin = await visitor(FIN)
    asked = [
        await fin.get("/contacts/new"),
        await fin.post("/contacts", data={"channel": "phone"}),
        await fin.get(f"/intakes/{walk.id}/greet"),
        await fin.post(f"/intakes/{walk.id}/greet/draft", data={"revision": "1"}),
        await fin.post(f"/intakes/{walk.id}/take-over"),
    ]
    assert [one.status_code for one in asked] == [403] * 5
    sam = await visitor(SAM)
    assert (
        await sam.post(f"/intakes/{walk.id}/greet", data={"revision": "1", "greeted": "yes"})
    ).status_code == 409
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(Intake)) == 1


async def test_a_plain_step_takes_four_statements_with_the_session(
    desk: Desk, visitor: Visitor, app: Starlette
) -> None:
    """P15: the session, the intake, one save, one audit entry; the next page is made of what is already known.

    Where it is chosen what the contact is about, the open cases of the customer are counted too. S2-10.5
    """
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.open("greet")
    address, data = f"/intakes/{walk.id}/greet", {"revision": walk.revision, "greeted": "yes"}
    async with statements(app.state.database) as shown:
        await walk.client.get(address)
    async with statements(app.state.database) as drafted:
        answer = await walk.client.post(f"{address}/draft", data={**data, "notes": "calm"}, headers=HTMX)
    revision = re.findall(r'name="revision"\s+value="(\d+)"', answer.text)[0]
    async with statements(app.state.database) as sent:
        answer = await walk.client.post(
            address, data={**data, "revision": revision, "notes": "ok"}, headers=HTMX
        )
    assert answer.headers["hx-push-url"].endswith("/about")
    assert shown == ["SELECT sessions", "SELECT intakes"]
    assert drafted == ["SELECT sessions", "SELECT intakes", "UPDATE intakes", "INSERT audit_entries"]
    assert sent == [*drafted, "SELECT cases"]


@asynccontextmanager
async def statements(database: Database) -> AsyncIterator[list[str]]:
    """What is sent to the database: the verb and the first of our tables in it, transactions aside."""
    said: list[str] = []
    tables = re.compile(r"\b(sessions|intakes|audit_entries|contacts|cases)\b")

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            said.append(f"{statement.split(maxsplit=1)[0]} {tables.findall(statement)[0]}")

    for engine in (database.writer.sync_engine, database.reader.sync_engine):
        event.listen(engine, "before_cursor_execute", hear)
    yield said
    for engine in (database.writer.sync_engine, database.reader.sync_engine):
        event.remove(engine, "before_cursor_execute", hear)
