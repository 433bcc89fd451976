"""Listed words in a browser without a script: pointed out beside the text, sent when it is ticked, kept by managers."""

import re
from dataclasses import replace
from html import unescape

import httpx2
from sqlalchemy import select

from models import AuditEntry, ListedWord, Message
from models.words import CaseKind, Channel, PaymentMethod
from portal.desk import cases, orders, payments, refunds, tone, ways_back
from portal.desk.cases import NewCase
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, FIN, MARA, SAM
from tests.pages.test_intake_cases import complaining
from tests.shop import CHAIR, of_lines, ordered
from tests.visits import Visitor

SAID = "Calm down.\nIt comes <b>tomorrow</b>."


async def listed(desk: Desk) -> int:
    """The list that ships, and an inquiry by mail."""
    async with desk.work(SYSTEM) as work:
        await tone.ensure_defaults(work)
    async with desk.work(CORA) as work:
        new = NewCase(CaseKind.INQUIRY, Channel.EMAIL, subject="Where is it?", customer_id=ANA)
        return (await cases.open_case(work, new)).id


async def sent(desk: Desk, template: str) -> list[str]:
    async with desk.look(SYSTEM) as work:
        found = select(Message.body_text).where(Message.template == template).order_by(Message.id)
        return list(await work.session.scalars(found))


async def kept(desk: Desk) -> list[tuple[str, str, str]]:
    """Who sent which words, about what."""
    async with desk.look(SYSTEM) as work:
        found = select(AuditEntry.who, AuditEntry.subject_kind, AuditEntry.reason)
        rows = await work.session.execute(found.where(AuditEntry.deed == "send listed words"))
        return [(who, kind, reason) for who, kind, reason in rows]


def form_of(page: httpx2.Response, address: str) -> str:
    start = page.text.index(f'action="{address}"')
    return page.text[start : page.text.index("</form>", start)]


async def test_an_answer_comes_back_with_the_words_marked_and_goes_out_when_it_is_ticked(
    desk: Desk, visitor: Visitor
) -> None:
    """S0-3.2.1"""
    at = f"/cases/{await listed(desk)}/answer"
    cora = await visitor(CORA)
    refused = await cora.post(at, data={"answer": SAID})
    form = form_of(refused, at)
    assert refused.status_code == 422
    assert "“calm down” is a word we avoid. Better: say that you see why it upsets them." in unescape(form)
    assert re.findall(r"<mark>(.*?)</mark>", form) == ["Calm down"]
    assert re.findall(r"</mark>\s*(.*?)\s*</blockquote>", form, re.DOTALL) == [
        ".\nIt comes &lt;b&gt;tomorrow&lt;/b&gt;."
    ]
    assert re.search(r"<textarea[^>]*>\nCalm down\.", form)
    assert re.search(r'type="checkbox"\s+id="answer-listed"\s+name="listed"', form)
    assert 'name="listed"' not in form_of(refused, at.replace("answer", "progress"))
    assert await sent(desk, "case-answer") == []
    again = await cora.post(at, data={"answer": SAID, "listed": "yes"})
    assert again.status_code == 303
    assert [SAID in one for one in await sent(desk, "case-answer")] == [True]
    assert await kept(desk) == [("Cora", "cases", "calm down")]


async def test_a_blank_left_in_an_answer_comes_back(desk: Desk, visitor: Visitor) -> None:
    at = f"/cases/{await listed(desk)}/progress"
    cora = await visitor(CORA)
    refused = await cora.post(at, data={"words": "Dear {{name}}", "listed": "yes"})
    assert (refused.status_code, "Fill in {{name}}, or take it out." in form_of(refused, at)) == (422, True)
    assert await sent(desk, "case-update") == []


async def test_in_the_wizard_the_step_stays_with_what_was_typed(desk: Desk, visitor: Visitor) -> None:
    """S0-3.2.1, S3-3.2.1"""
    walk = await complaining(desk, visitor)
    async with desk.work(SYSTEM) as work:
        await tone.ensure_defaults(work)
    told = {
        "settled": "resolved", "code": "exchange", "what_was_done": "Your own fault, but have a new one.",
        "actions": "Sent one",
    }  # fmt: skip
    refused = await walk.send(**told)
    assert (walk.at, refused.status_code) == ("settle", 422)
    assert re.findall(r"<mark>(.*?)</mark>", refused.text) == ["Your own fault"]
    await walk.send(**told, listed="yes")
    assert walk.at != "settle"
    refused = await walk.send(summary="No idea, really.", understood="yes", send="yes", promise__1="")
    assert (refused.status_code, re.findall(r"<mark>(.*?)</mark>", refused.text)) == (422, ["No idea"])
    await walk.send(summary="No idea, really.", understood="yes")  # it is not sent: colleagues alone read it
    assert await sent(desk, "contact-summary") == []
    assert await kept(desk) == [("Cora", "cases", "your own fault")]


async def test_why_an_order_is_decided_so_is_looked_through_on_every_page(
    desk: Desk, visitor: Visitor
) -> None:
    """S0-3.2.1"""
    await listed(desk)
    wished = replace(of_lines((CHAIR, 1)), requests=("In red",))
    order = await ordered(desk, wished)
    async with desk.work(CORA) as work:
        held = await orders.load(work, order.id)
        await payments.charge(work, held, method=PaymentMethod.CASH, amount_minor=4990)
        back = await ways_back.draft_of(work, held, 100, "Paid too much.")
        await refunds.ask(work, held, amount_minor=100, reason="Paid too much.", fingerprint=back.fingerprint)
    said = {"reason": SAID, "words": SAID, "sure": "yes", "day": "2026-03-10", "decision": "no"}
    sam, fin = await visitor(SAM), await visitor(FIN)
    for who, at, tick in (
        (sam, f"/orders/{order.id}/expected-day", "expected-day-listed"),
        (sam, "/special-requests/1/decision", "1-decision-listed"),
        (fin, "/refunds/1/refusal", "1-refusal-listed"),
        (sam, f"/orders/{order.id}/cancellation", "cancellation-listed"),
    ):
        refused = await who.post(at, data=said)
        form = form_of(refused, at)
        assert (refused.status_code, re.findall(r"<mark>(.*?)</mark>", form)) == (422, ["Calm down"]), at
        assert re.search(rf'type="checkbox"\s+id="{tick}"\s+name="listed"', form), at
        assert (await who.post(at, data={**said, "listed": "yes"})).status_code == 303, at
    assert await kept(desk) == [
        ("Sam", "orders", "calm down"),
        ("Sam", "special_requests", "calm down"),
        ("Fin", "refund_requests", "calm down"),
        ("Sam", "orders", "calm down"),
    ]


async def test_managers_write_the_list_and_supervisors_read_it(desk: Desk, visitor: Visitor) -> None:
    await listed(desk)
    mara, sam = await visitor(MARA), await visitor(SAM)
    assert "selbst schuld" in (await sam.get("/admin/listed-words/list")).text
    assert (await sam.get("/admin/listed-words/create")).status_code == 403
    new = {"language": "en", "phrase": "dear sirs", "instead": "write the name."}
    made = await mara.post("/admin/listed-words/create", data={**new, "active": "yes"})
    assert made.status_code in {302, 303}
    twice = await mara.post("/admin/listed-words/create", data={**new, "active": "yes"})
    assert "It stands on the list already." in twice.text
    async with desk.look(SYSTEM) as work:
        row = (await work.session.scalars(select(ListedWord).where(ListedWord.phrase == "dear sirs"))).one()
    page = await mara.get(f"/admin/listed-words/edit/{row.id}")
    version = re.findall(r'name="version"\s+value="(\d+)"', page.text)[0]
    off = await mara.post(f"/admin/listed-words/edit/{row.id}", data={**new, "version": version})
    assert off.status_code in {302, 303}
    async with desk.look(SYSTEM) as work:
        row = await work.session.get_one(ListedWord, row.id)
        assert (row.phrase, row.active, row.version) == ("dear sirs", False, 2)
