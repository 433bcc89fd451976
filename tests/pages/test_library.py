"""The library in a browser without a script: found, read in each version, written, and never written over. S2-7.1"""

import re
from html import unescape

import httpx2

from portal.desk import dead_links, library
from portal.desk.library import Card, Text
from portal.desk.work import SYSTEM, Desk
from tests.cast import ADA, CORA, FIN, NILS, SAM, Clock
from tests.visits import Visitor

NEW = {
    "slug": "gift-wrapping",
    "kind": "guide",
    "language": "en",
    "title": "Gift wrapping",
    "body": "We wrap gifts.\n\n- Ask for the occasion.\n- Never put the invoice in.",
    "links": "Papers | https://shop.example.com/papers",
    "owner": "3",
    "product": "",
    "valid_until": "2026-12-24",
    "note": "The season begins.",
}


def text_of(page: httpx2.Response) -> str:
    content = page.text[page.text.index("<main") : page.text.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


async def filled(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        await library.install(work)


async def test_an_empty_library_says_what_belongs_in_it(visitor: Visitor) -> None:
    cora, sam = await visitor(CORA), await visitor(SAM)
    assert "The library is empty." in text_of(await cora.get("/library"))
    assert "Write the first one" in text_of(await sam.get("/library"))


async def test_a_representative_finds_and_reads_in_either_language(desk: Desk, visitor: Visitor) -> None:
    """S1-7.2"""
    await filled(desk)
    cora = await visitor(CORA)
    everything = await cora.get("/library")
    assert everything.text.count('data-href="/library/') == 9
    assert '<a href="/library" aria-current="page">Library</a>' in " ".join(everything.text.split())
    found = await cora.get("/library?q=warranty+serial")
    assert re.findall(r'data-href="/library/([a-z-]+)"', found.text) == ["warranty"]
    assert "Nothing in the library about “submarine”." in text_of(await cora.get("/library?q=submarine"))
    english, german = await cora.get("/library/returns"), await cora.get("/library/returns?language=de")
    assert "<li>Ask for the order number and what is wrong, if anything is.</li>" in english.text
    assert '<h1 lang="de">Ein Produkt zurückgeben</h1>' in german.text
    assert "Write the next version" not in text_of(english)
    answers = [
        (await cora.get(at)).status_code
        for at in (
            "/library/nothing",
            "/library/returns?version=7",
            "/library/returns?version=x",
            "/library/returns/edit",
        )
    ]
    assert answers == [404, 404, 404, 403]


async def test_a_supervisor_writes_and_the_next_version_leaves_the_first_readable(visitor: Visitor) -> None:
    """S2-7.5"""
    sam, cora = await visitor(SAM), await visitor(CORA)
    written = await sam.post("/library", data=NEW)
    assert (written.status_code, written.headers["location"]) == (303, "/library/gift-wrapping")
    form = (await sam.get("/library/gift-wrapping/edit")).text
    assert 'value="Gift wrapping"' in form
    assert "Papers | https://shop.example.com/papers" in form
    seen = re.findall(r'name="version"\s+value="(\d+)"', form)[0]
    change = NEW | {"version": seen, "body": "We wrap no gifts any more.", "note": "No paper left."}
    assert (await sam.post("/library/gift-wrapping/versions", data=change)).status_code == 303
    now = text_of(await cora.get("/library/gift-wrapping"))
    first = text_of(await cora.get("/library/gift-wrapping?language=en&version=1"))
    assert "We wrap no gifts any more." in now
    assert "No paper left." in now
    assert "not the newest" in first
    assert "Never put the invoice in." in first
    again = await sam.post("/library/gift-wrapping/versions", data=change | {"body": "Mine!"})
    assert again.status_code == 409
    assert "Sam wrote a version meanwhile" in again.text
    assert "Mine!" in again.text
    assert "We wrap no gifts any more." in again.text


async def test_what_cannot_be_kept_comes_back_as_it_was_typed(visitor: Visitor) -> None:
    sam = await visitor(SAM)
    for wrong, words in (
        ({"slug": "Gift Wrapping"}, "Small letters, digits and dashes"),
        ({"title": " "}, "Give it a title."),
        ({"links": "javascript:alert(1)"}, "Line 1: write"),
        ({"owner": "9" * 30}, "Choose a colleague who is here."),
        ({"owner": "77"}, "Choose a colleague who is here."),
        ({"product": "CH-0"}, "There is no product of this code."),
        ({"valid_until": "soon"}, "Enter a day such as"),
        ({"kind": "rumour"}, "Choose what it is."),
    ):
        answer = await sam.post("/library", data=NEW | wrong)
        assert (answer.status_code, words in answer.text) == (422, True), wrong
        assert "Never put the invoice in." in answer.text


async def test_what_ran_out_is_shown_to_those_who_can_extend_it(desk: Desk, visitor: Visitor) -> None:
    """S2-7.1"""
    async with desk.work(SAM) as work:
        card = Card(owner_id=SAM.person_id)
        article = await library.add(work, "sale", card, Text("en", "The sale", "All must go."))
    sam, cora = await visitor(SAM), await visitor(CORA)
    assert (
        await sam.post("/library/sale/extension", data={"version": "1", "valid_until": "2020-01-01"})
    ).status_code == 422
    kept = await sam.post("/library/sale/extension", data={"version": "1", "valid_until": "2026-03-02"})
    assert kept.status_code == 303
    assert "Mon 2 Mar 2026" in text_of(await cora.get("/library/sale"))
    assert (await sam.post("/library/sale/retirement", data={"version": "2"})).status_code == 422
    gone = await sam.post("/library/sale/retirement", data={"version": "2", "reason": "It is over."})
    assert gone.status_code == 303
    assert "The sale" not in text_of(await cora.get("/library"))
    assert "retired" in text_of(await sam.get("/library?show=all"))
    assert "It was taken out of use." in text_of(await cora.get(f"/library/{article.slug}"))


async def test_the_library_is_for_those_who_may_read_it(desk: Desk, visitor: Visitor) -> None:
    await filled(desk)
    answers = {
        who.name: (await (await visitor(who)).get("/library")).status_code for who in (CORA, FIN, ADA, NILS)
    }
    assert answers == {"Cora": 200, "Fin": 200, "Ada": 403, "Nils": 403}
    cora = await visitor(CORA)
    assert (await cora.post("/library", data=NEW)).status_code == 403


async def test_what_an_author_writes_is_never_markup(visitor: Visitor) -> None:
    sam = await visitor(SAM)
    await sam.post("/library", data=NEW | {"body": "<script>alert(1)</script>\n\n- <b>bold</b>"})
    page = (await sam.get("/library/gift-wrapping")).text
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" in page
    assert "<li>&lt;b&gt;bold&lt;/b&gt;</li>" in page


async def test_a_link_that_leads_nowhere_is_flagged_where_it_is_offered(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """S3-3.1.3b"""
    sam = await visitor(SAM)
    await sam.post("/library", data=NEW)
    assert "leads nowhere" not in text_of(await sam.get("/library/gift-wrapping"))
    for hours in (0, 1):
        clock.forward(hours=hours)
        async with desk.work(SYSTEM) as work:
            await dead_links.gather(work)
            await dead_links.note(work, dict.fromkeys(await dead_links.due(work), "answers 404"))
    cora = await visitor(CORA)
    assert "leads nowhere since Mon 2 Mar 2026" in text_of(await cora.get("/library/gift-wrapping"))
