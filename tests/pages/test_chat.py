"""Two browsers talk: the customer’s without signing in, Cora’s beside the wizard. S2-12.3"""

from dataclasses import replace
from http.cookies import SimpleCookie
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from models import ChannelRule
from models.words import Channel
from portal.app import create_app
from portal.desk import channels
from portal.desk.work import SYSTEM, Desk
from portal.settings import Settings
from tests.cast import CEM, CORA, MARA, Clock
from tests.chats import lines
from tests.html import read
from tests.visits import ADDRESS, OURS, Visitor
from tests.wizard import known

ASKED = {"name": "Ana <b>", "address": "ana@example.com", "words": "Where is <my> chair?"}


@pytest.fixture
async def customer(visitor: Visitor) -> httpx2.AsyncClient:
    """A browser of somebody."""
    return await visitor(None)


def told(page: httpx2.Response) -> list[str]:
    """The lines of a chat as they stand on a page."""
    found = [one for one in read(page.text).each("li") if "data-line" in one.attributes]
    return [" ".join(one.text.split()) for one in found]


async def test_a_customer_and_a_representative_talk(
    customer: httpx2.AsyncClient, visitor: Visitor, desk: Desk, clock: Clock, database: str, tmp_path: Path
) -> None:
    """S2-12.3: begun, taken, answered beside the wizard, ended, printed; what was said is there after a start anew."""
    await known(desk)
    begun = await customer.post("/chat", data=ASKED)
    cookie = SimpleCookie(begun.headers["set-cookie"])["handrail-chat"]
    assert (begun.headers["location"], cookie["httponly"], cookie["samesite"]) == ("/chat", True, "lax")
    again = await customer.post("/chat", data=ASKED)  # sent twice
    assert (again.headers["location"], "set-cookie" in again.headers) == ("/chat", False)
    page = await customer.get("/chat")
    assert told(page) == ["You Where is <my> chair? 10:00"]
    assert "Somebody is to be here by 10:05." in page.text
    assert "Rather leave it as a message" in page.text
    cora = await visitor(CORA)
    assert "1</" in (await cora.get("/")).text.partition("chat that nobody has taken")[0][-200:]
    assert '<a id="chat-1" href="/chats/1">Where is &lt;my&gt; chair?</a>' in (await cora.get("/chats")).text
    assert "HG-26-000001-9 · waiting · by the address alone" in (await cora.get("/customers/1")).text
    room = await cora.get("/chats/1")
    assert "HK-25-000001-1, by the address alone: nobody has verified it" in room.text
    assert "Your answer" not in room.text
    assert (await cora.post("/chats/1/holder")).headers["location"] == "/chats/1"
    walked = (await cora.post("/chats/1/contact")).headers["location"]
    assert (await cora.post("/chats/1/contact")).headers["location"] == walked
    step = await cora.get((await cora.get(walked)).headers["location"])
    assert 'data-chat="/chats/1/news"' in step.text
    assert "Send this in the chat" in step.text
    assert step.text.count("Where is &lt;my&gt; chair?") == 1  # among the notes
    sent = await cora.post(
        "/chats/1/messages", data={"words": "I look & see.", "intake": walked.split("/")[-1]}
    )
    assert sent.headers["location"] == walked
    wrote = await customer.post("/chat/messages", data={"words": "Thank you"})
    assert (wrote.status_code, wrote.headers["location"]) == (303, "/chat")
    assert told(await customer.get("/chat/news?after=2")) == [
        "Cora I look & see. 10:00",
        "You Thank you 10:00",
    ]
    assert told(await cora.get("/chats/1/news?after=3")) == ["Customer Thank you 10:00"]
    assert [one.partition(" ")[2] for one in told(await cora.get("/chats/1"))][1:] == [
        "is here now. 10:00",
        "I look & see. 10:00",
        "Thank you 10:00",
    ]
    assert (await cora.post("/chats/1/end")).headers["location"] == "/chats/1"
    said = [
        "You Where is <my> chair? 10:00",
        "Cora is here now. 10:00",
        "Cora I look & see. 10:00",
        "You Thank you 10:00",
        "Cora has ended the chat. 10:00",
    ]
    assert told(await customer.get("/chat")) == said
    after = await customer.post("/chat/transcript", data={})
    assert "It is on its way to ana@example.com." in (await customer.get(after.headers["location"])).text
    for there in ("/contacts/1", "/contacts/1/form"):
        assert "Cora: I look &amp; see." in (await cora.get(there)).text
    anew = create_app(Settings(data=tmp_path / "anew", database=database, jobs=False, chat=True), clock=clock)
    transport = httpx2.ASGITransport(app=anew)
    async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS, headers=OURS) as later:
        later.cookies.set("handrail-chat", cookie.value, domain="127.0.0.1")
        assert told(await later.get("/chat")) == said
    await anew.state.practice.close()
    await anew.state.database.close()


async def test_what_cannot_be_taken_comes_back_with_why_and_a_colleague_stays_out(
    customer: httpx2.AsyncClient, visitor: Visitor
) -> None:
    """S2-12.3: a message for each field, with what was typed."""
    refused = await customer.post("/chat", data={**ASKED, "name": " ", "address": "x"})
    assert (refused.status_code, refused.text.count("Tell us your name")) == (422, 2)
    assert 'value="x"' in refused.text
    assert "Where is &lt;my&gt; chair?</textarea>" in refused.text
    await customer.post("/chat", data=ASKED)
    cora, cem = await visitor(CORA), await visitor(CEM)
    await cora.post("/chats/1/holder")
    for there in ("/chats/1", "/chats/1/news"):
        assert (await cem.get(there)).status_code == 404
    assert (await cem.post("/chats/1/holder")).status_code == 404
    empty = await cora.post("/chats/1/messages", data={"words": " "})
    assert (empty.status_code, empty.text.count("Between 1 and 2000 characters.")) == (422, 2)
    too_long = await customer.post("/chat/messages", data={"words": "x" * 2001})
    assert (too_long.status_code, "x" * 2001 in too_long.text) == (422, True)
    assert (await customer.post("/chat/message", data={"address": "ana@example.com"})).status_code == 409
    assert (await customer.post("/chat/transcript", data={})).status_code == 409
    assert (await cora.post("/chats/1/colleague", data={"person_id": ""})).status_code == 422


async def test_whoever_has_no_secret_has_no_chat_and_a_closed_desk_takes_a_message(
    app: Starlette, customer: httpx2.AsyncClient, visitor: Visitor, desk: Desk, clock: Clock
) -> None:
    """S2-12.3: in the customer's language, with the next opening; without the setting there is no such page."""
    other = await visitor(None)
    other.cookies.set("handrail-chat", "made up", domain="127.0.0.1")
    assert (await other.get("/chat/news")).status_code == 404
    for there in ("messages", "message", "end", "transcript"):
        answer = await other.post(f"/chat/{there}", data={"words": "Hello", "address": "eve@example.com"})
        assert (answer.status_code, "There is no chat here any more" in answer.text) == (404, True)
    clock.at("2026-03-06 17:30")
    other.headers["accept-language"] = "de"
    assert "Wir sind wieder da: Montag, 9. März 2026, 09:00." in (await other.get("/chat")).text
    assert (await other.post("/chat", data={**ASKED, "address": ""})).status_code == 422
    assert (await other.post("/chat", data=ASKED)).status_code == 303
    left = await other.get("/chat")
    assert "Dieser Chat ist beendet." in left.text
    assert [one[0] for one in await lines(desk, 1)] == ["customer", "desk"]
    assert (await (await visitor(CORA)).get("/chats?show=ended")).text.count(
        "No chat of yours has ended."
    ) == 1
    mara = await visitor(MARA)
    assert "left as a message" in (await mara.get("/chats?show=ended")).text
    async with desk.work(SYSTEM) as work:
        await channels.ensure_defaults(work)
    async with desk.work(MARA) as work:
        rule = (
            await work.session.scalars(select(ChannelRule).where(ChannelRule.channel == Channel.CHAT))
        ).one()
        await channels.change(work, rule, rule.version, approved=False, redirect="de: Rufen Sie uns an.")
    assert "Rufen Sie uns an." in (await other.get("/chat?new=1")).text
    for _ in range(9):
        await customer.post("/chat", data=ASKED)
    app.state.settings = replace(app.state.settings, chat=False)
    assert [(await customer.get("/chat")).status_code, (await customer.post("/chat")).status_code] == [
        404,
        404,
    ]
