"""My desk: everybody lands on what waits for them."""

import re
from html import unescape

import httpx2
import pytest

from jobs import schedule
from portal.desk.work import Actor, Desk
from tests.cast import ADA, CORA, FIN, FRED, INA, MARA, NILS, SAM, Clock
from tests.scene import busy_monday
from tests.visits import Visitor


def text_of(answer: httpx2.Response) -> str:
    """What a reader sees of the page's content, in one line."""
    content = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


def headings(answer: httpx2.Response) -> list[str]:
    found = re.findall(r"<h2[^>]*>(.*?)</h2>", answer.text[: answer.text.index("</main>")], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", unescape(one)).split()) for one in found]


CARDS = {
    CORA: ["Continue", "Due next", "My follow-ups"],
    SAM: ["Continue", "Due next", "Escalated to me", "My follow-ups", "Jobs"],
    MARA: ["Continue", "Due next", "Escalated to me", "My follow-ups", "Jobs", "People"],
    FIN: ["Escalated to me"],
    INA: ["Orders to prepare", "New and changed orders", "Special requests to decide", "Running low"],
    FRED: ["Orders to prepare", "Special requests to decide"],
    ADA: ["Jobs", "People"],
    NILS: [],
}


@pytest.mark.parametrize("who", CARDS, ids=lambda who: who.name)
async def test_everybody_lands_on_what_waits_for_them(
    desk: Desk, clock: Clock, visitor: Visitor, who: Actor
) -> None:
    """S1-2.1"""
    await busy_monday(desk, clock)
    answer = await (await visitor(who)).get("/")
    assert (answer.status_code, headings(answer)) == (200, CARDS[who])


async def test_cora_sees_her_contacts_her_clocks_and_what_she_promised(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    await busy_monday(desk, clock)
    shown = text_of(await (await visitor(CORA)).get("/"))
    assert shown.startswith("Good morning, Cora. 1 open contact, ")
    assert "Cem: phone, saved 50 min ago" in shown
    assert "overdue" in shown
    assert "Call Ana back about the kettle." in shown
    assert "A lawyer’s letter" not in shown


async def test_the_manager_sees_whether_the_clocks_drift_and_nobody_else_is_told(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """Decision 8: the last verification is a tile that leads to the jobs."""
    await busy_monday(desk, clock)
    before = await (await visitor(MARA)).get("/")
    assert "verified" not in text_of(before)
    verified = await schedule.run_once(desk, "verify_clocks")
    clock.forward(minutes=5)
    shown = await (await visitor(MARA)).get("/")
    assert f"{verified} clocks verified without drift 5 min ago" in text_of(shown)
    assert re.search(r'href="/jobs"><strong>\d+</strong> <span>clocks verified', shown.text)
    assert "verified" not in text_of(await (await visitor(SAM)).get("/"))
    await schedule.run_once(desk, "seal_audit")
    entries = await schedule.run_once(desk, "verify_audit")
    assert entries > 0
    for seat in (MARA, ADA):
        told = text_of(await (await visitor(seat)).get("/"))
        assert f"{entries} entries of the audit trail verified now" in told


async def test_without_a_role_the_page_says_so(visitor: Visitor) -> None:
    assert text_of(await (await visitor(NILS)).get("/")).endswith(
        "No role yet. An administrator has to give you one before there is anything to see here. "
        "Your name is Nils; tell them what your work is."
    )


async def test_the_part_that_is_asked_for_again_is_the_same_part(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    await busy_monday(desk, clock)
    sam = await visitor(SAM)
    whole = (await sam.get("/")).text
    part = (await sam.get("/", headers={"hx-request": "true", "hx-request-type": "partial"})).text
    assert part.startswith('<div id="desk"')
    assert part.strip() in whole


@pytest.mark.parametrize("who", CARDS, ids=lambda who: who.name)
async def test_no_link_of_the_page_leads_where_its_reader_may_not_go(
    desk: Desk, clock: Clock, visitor: Visitor, who: Actor
) -> None:
    await busy_monday(desk, clock)
    client = await visitor(who)
    links = set(re.findall(r'<a\b[^>]*\shref="(/[^"#]*)', (await client.get("/")).text))
    assert {
        link: status
        for link in links
        if (status := (await client.get(unescape(link), follow_redirects=True)).status_code) != 200
    } == {}
