"""What has to be read, in a browser without a script: from the desk to the text, said once, and seen by the team."""

import re
from html import unescape

import httpx2

from portal.desk import library
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, FIN, SAM, Clock
from tests.visits import Visitor


def text_of(page: httpx2.Response) -> str:
    content = page.text[page.text.index("<main") : page.text.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


def hidden(page: httpx2.Response) -> dict[str, str]:
    """What the button “I have read” sends along."""
    return dict(re.findall(r'name="(version_id|asking)"\s+value="(\d+)"', page.text))


async def filled(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        await library.install(work)


async def test_from_the_desk_to_the_text_and_off_the_list(desk: Desk, visitor: Visitor) -> None:
    """S0-7.3, S2-7.5"""
    await filled(desk)
    cora = await visitor(CORA)
    assert "4 articles I have to read" in text_of(await cora.get("/"))
    assert "How complaints are handled policy asked" in text_of(await cora.get("/reading"))
    page = await cora.get("/library/complaint-policy")
    assert "You are asked to have read it by" in text_of(page)
    kept = await cora.post("/library/complaint-policy/reading", data=hidden(page))
    assert (kept.status_code, kept.headers["location"]) == (303, "/reading")
    assert "How complaints are handled" not in text_of(await cora.get("/reading"))
    assert "3 articles I have to read" in text_of(await cora.get("/"))
    again = await cora.get("/library/complaint-policy")
    assert ("You have read it" in text_of(again), hidden(again)) == (True, {})


async def test_a_supervisor_says_who_must_read_it_and_sees_who_has(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    await filled(desk)
    sam, cora = await visitor(SAM), await visitor(CORA)
    form = await sam.get("/library/style-guide/edit?language=en")
    typed = {
        name: unescape(value) for name, value in re.findall(r'name="(\w+)"\s+value="([^"]*)"', form.text)
    }
    typed = {name: one for name, one in typed.items() if not name.startswith("read_by_")}
    change = {
        **typed, "kind": "guide", "language": "en", "body": "Say it kindly.", "owner": "",
        "read_by_representative": "yes", "read_within_days": "5",
    }  # fmt: skip
    wrong = await sam.post("/library/style-guide/versions", data={**change, "read_within_days": "soon"})
    assert (wrong.status_code, "Between 1 and 365 days." in wrong.text) == (422, True)
    assert re.search(r'id="read_by_representative"[^>]*checked', wrong.text)
    written = await sam.post("/library/style-guide/versions", data={**change, "says_the_same": ""})
    assert written.status_code == 303
    assert "representative" in text_of(await sam.get("/library/style-guide")).lower()
    page = await cora.get("/library/style-guide")
    await cora.post("/library/style-guide/reading", data=hidden(page))
    clock.forward(days=6)
    sam = await visitor(SAM)  # the session of that day is over
    team = text_of(await sam.get("/reading/team"))
    assert re.search(r"Representative .* 1 of 2 1$", team)
    assert "Cem Representative – " in text_of(await sam.get("/library/style-guide/readers"))
    assert "version 2, en" in text_of(await sam.get("/library/style-guide/readers?show=read"))
    assert "late" in text_of(await sam.get("/library/style-guide/readers"))


async def test_a_page_that_grew_old_is_told_so_and_nothing_is_kept(desk: Desk, visitor: Visitor) -> None:
    await filled(desk)
    cora, fin = await visitor(CORA), await visitor(FIN)
    for sent in ({"version_id": "1", "asking": "7"}, {"version_id": "x"}, {}):
        answer = await cora.post("/library/privacy-policy/reading", data=sent)
        assert (answer.status_code, "It says something else by now." in answer.text) == (409, True), sent
    page = await fin.get("/library/complaint-policy")
    refused = await fin.post("/library/complaint-policy/reading", data={"version_id": "1", "asking": "1"})
    assert (hidden(page), refused.status_code) == ({}, 409)
    assert (await cora.get("/reading/team")).status_code == 403
    assert (await cora.post("/library/nothing/reading", data={})).status_code == 404
    assert "4 articles I have to read" in text_of(await cora.get("/"))
