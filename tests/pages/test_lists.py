"""The other lists of the desk: escalations, follow-ups, dead letters, jobs, the one search; and what all keep to."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from html import unescape
from typing import Any

import httpx2
import pytest
from sqlalchemy import event, select
from starlette.applications import Starlette

from jobs.tell_again import tell_again
from models import Customer, FollowUp, Message, Order, OrderLine
from models.words import Channel
from portal.desk import audit, orders, search
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ADA, ANA, CEM, CORA, FIN, FRED, INA, MARA, NILS, SAM, Clock
from tests.desk.stories import raised, seen
from tests.scene import busy_monday
from tests.shop import ADVICE, CHAIR, of_lines, ordered
from tests.visits import Visitor


def words_in(answer: httpx2.Response) -> str:
    content = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content)).split())


async def test_finance_accepts_notes_and_gives_its_result(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    scene = await busy_monday(desk, clock)
    fin = await visitor(FIN)
    found = re.search(r'action="/escalations/(\d+)/acceptance"', (await fin.get("/escalations")).text)
    assert found is not None
    here = f"/escalations/{found[1]}"
    assert (await fin.post(f"{here}/acceptance")).headers["location"] == f"/cases/{scene.payment_issue}"
    assert (await seen(desk, scene.payment_issue)).held_by_id == FIN.person_id
    assert (await fin.post(f"{here}/comment", data={"comment": "One charge was a hold."})).status_code == 303
    refused = await fin.post(f"{here}/resolution", data={"what_was_done": ""})
    assert (refused.status_code, f"#{found[1]}-resolution-what_was_done" in refused.text) == (422, True)
    done = await fin.post(f"{here}/resolution", data={"what_was_done": "The hold is released."})
    assert done.status_code == 303
    assert [one[4] for one in await raised(desk, scene.payment_issue)] == ["resolved"]


async def test_mara_hands_back_with_a_reason(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    """S0-2.2b, S2-13.4, S3-7.2.1a"""
    scene = await busy_monday(desk, clock)
    mara = await visitor(MARA)
    text = (await mara.get("/escalations")).text
    ours = next(
        one for one in re.findall(r'id="escalation-(\d+)".*?<h2', text, re.DOTALL)
        if f'href="/cases/{scene.escalated}"' in text.split(f'id="escalation-{one}"')[1].split("</section>")[0]
    )  # fmt: skip
    assert (
        await mara.post(f"/escalations/{ours}/return", data={"reason": "Offer a new lamp."})
    ).status_code == 303
    assert (await seen(desk, scene.escalated)).held_by_id == CEM.person_id


async def test_an_escalation_nobody_could_be_told_of_is_a_finding(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """S0-4, S3-5.2.2: no mail server answers, whoever is told; a secret one is told and shown to managers alone."""
    scene = await busy_monday(desk, clock)
    mara, sam, cora = await visitor(MARA), await visitor(SAM), await visitor(CORA)
    nobody, tile = "/escalations?show=nobody-told", "escalations of which nobody could be told"
    assert "Of every escalation somebody could be told." in words_in(await mara.get(nobody))
    assert tile not in words_in(await mara.get("/"))
    for _ in range(2):
        clock.forward(minutes=10)
        await tell_again(desk)

    async def listed(seat: Any) -> set[str]:
        return set(re.findall(r'<a href="/cases/(\d+)">', (await seat.get(nobody)).text))

    open_to_all = {str(scene.escalated), str(scene.payment_issue)}
    assert (await listed(mara), await listed(sam)) == ({*open_to_all, str(scene.secret)}, open_to_all)
    assert f"3 {tile}" in words_in(await mara.get("/"))
    assert f"2 {tile}" in words_in(await sam.get("/"))
    assert f'href="{nobody}"' in (await mara.get("/")).text
    assert tile not in words_in(await cora.get("/"))


async def test_a_supervisor_cannot_take_what_is_for_finance(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    await busy_monday(desk, clock)
    sam = await visitor(SAM)
    text = (await sam.get("/escalations?show=all")).text
    assert "Charged twice" in text
    assert re.findall(r'action="(/escalations/\d+/acceptance)"', text) == []


async def test_cora_closes_a_follow_up_and_hands_another_over(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    scene = await busy_monday(desk, clock)
    cora = await visitor(CORA)
    refused = await cora.post(f"/follow-ups/{scene.follow_up}/result", data={"result": ""})
    assert (refused.status_code, "Say what came of it." in refused.text) == (422, True)
    moved = await cora.post(f"/follow-ups/{scene.follow_up}/owner", data={"to_id": str(CEM.person_id)})
    assert moved.status_code == 303
    cem = await visitor(CEM)
    assert (await cora.post(f"/follow-ups/{scene.follow_up}/result", data={"result": "x"})).status_code == 404
    done = await cem.post(f"/follow-ups/{scene.follow_up}/result", data={"result": "She is happy."})
    assert done.status_code == 303
    async with desk.look(SYSTEM) as work:
        one = await work.session.get_one(FollowUp, scene.follow_up)
        assert (one.status.value, one.result) == ("done", "She is happy.")


async def test_sam_sends_a_dead_letter_again(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    await busy_monday(desk, clock)
    sam = await visitor(SAM)
    shown = await sam.get("/messages")
    assert "550 no such mailbox" in shown.text
    found = re.search(r'action="(/messages/\d+/sending-again)"', shown.text)
    assert found is not None
    assert (await sam.post(found[1])).status_code == 303
    async with desk.look(SYSTEM) as work:
        state = await work.session.scalar(select(Message.status).where(Message.once.startswith("dead/")))
    assert state is not None
    assert (state.value, "Every message went out." in words_in(await sam.get("/messages"))) == (
        "queued",
        True,
    )


async def test_the_jobs_tell_when_they_ran_and_what_failed(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    await busy_monday(desk, clock)
    shown = words_in(await (await visitor(ADA)).get("/jobs"))
    assert "send messages failed The mail server does not answer. 50 min ago 1.0 s 3 1, 1" in shown
    assert "sweep deadlines done 50 min ago 1.0 s 3 1, 0" in shown


async def test_a_number_leads_straight_to_its_thing(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    """S1-5.1a"""
    scene = await busy_monday(desk, clock)
    async with desk.work(SYSTEM) as work:
        await search.index(work, await work.session.get_one(Customer, ANA))
    cora = await visitor(CORA)
    went = [
        (await cora.get("/search", params={"q": said})).headers.get("location")
        for said in ("HR-26-000001-9", "hr 26 000001 9", "HC-26-000001-9", "HK-25-000001-1", "ana")
    ]
    assert went == [
        f"/orders/{scene.order}",
        f"/orders/{scene.order}",
        f"/cases/{scene.complaint}",
        "/customers/1",
        None,
    ]


async def test_the_search_shows_what_the_role_may_see(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    """S2-15.7"""
    await busy_monday(desk, clock)
    async with desk.work(SYSTEM) as work:
        await search.index(work, await work.session.get_one(Customer, ANA))
    kinds = {}
    for who in (CORA, FRED, NILS):
        text = (await (await visitor(who)).get("/search?q=ana")).text
        kinds[who.name] = sorted(
            set(re.findall(r'<section class="hr-card" aria-labelledby="(\w+)-title"', text))
        )
    assert kinds == {"Cora": ["customers", "orders"], "Fred": ["orders"], "Nils": []}


async def test_orders_are_found_by_number_customer_code_and_day(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    """S1-5.1a: in the bar and in the list; an imported order, whose line has no product of ours, as well."""
    scene = await busy_monday(desk, clock)
    async with desk.work(SYSTEM) as work:
        await search.index(work, await work.session.get_one(Customer, ANA))
        old = Order(number="OLD-7", channel=Channel.PHONE, placed_at=work.now - timedelta(days=400))
        work.session.add(old)
        await work.session.flush()
        for line_no in (1, 2):
            line = OrderLine(order_id=old.id, line_no=line_no, sku="Odd-1", quantity=1, unit_price_minor=1)
            work.session.add(line)
        await search.index(work, old)
        await audit.record(work, "bring in orders", old)
        day = (work.now - timedelta(days=400)).date().isoformat()
    cora, fred = await visitor(CORA), await visitor(FRED)

    async def listed(seat: httpx2.AsyncClient, address: str, **asked: str) -> list[int]:
        text = (await seat.get(address, params=asked)).text
        return [int(one) for one in dict.fromkeys(re.findall(r'<a[^>]* href="/orders/(\d+)"', text))]

    sold = [scene.returned, scene.prepared, scene.order]
    for address in ("/orders", "/search"):
        found = [
            await listed(cora, address, q=said) for said in ("ch-1", "AD-1", "ODD-1", "Odd-1", "old 7", day)
        ]
        assert found == [
            [scene.order],
            sold,
            [],
            [old.id],
            [old.id],
            [] if address == "/orders" else [old.id],
        ]
        assert await listed(cora, address, q="ana@example.com") == sold
    assert await listed(cora, "/orders", since=day, until=day) == [old.id]
    assert await listed(cora, "/orders", q="AD-1", until=day) == []
    assert await listed(cora, "/orders", since="2020-01-01") == [*sold, old.id]
    assert await listed(fred, "/orders", q="ana@example.com") == []  # whose addresses are not his to look up
    refused = await cora.get("/orders", params={"q": "AD-1", "since": "soon"})
    assert (refused.status_code, 'href="#since"' in refused.text, 'value="soon"' in refused.text) == (
        422,
        True,
        True,
    )


async def test_what_was_found_goes_on_page_by_page(desk: Desk) -> None:
    """S1-5.1a"""
    await ordered(desk, of_lines((ADVICE, 1)))
    placed = [(await ordered(desk, of_lines((ADVICE, 1), (CHAIR, 1)))).id for _ in range(4)]
    async with desk.look(CORA) as work:
        first = await orders.found(work, orders.Wanted("CH-1"), limit=3)
        second = await orders.found(work, orders.Wanted("CH-1"), before=first.older, limit=3)
    assert [one.id for one in (*first.rows, *second.rows)] == placed[::-1]
    assert (len(first.rows), second.older) == (3, "")


@contextmanager
def statements(app: Starlette) -> Iterator[list[str]]:
    """Every statement that the portal sends meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    engines = {app.state.database.reader.sync_engine, app.state.database.writer.sync_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


LISTS = [
    (CORA, "/"), (MARA, "/"), (FIN, "/"), (FRED, "/"), (CORA, "/cases?show=team"), (CORA, "/cases?show=closed"),
    (MARA, "/escalations?show=all"), (CORA, "/orders"), (INA, "/returns"), (CORA, "/customers/1"), (CORA, "/follow-ups"),
    (SAM, "/messages"), (SAM, "/jobs"), (CORA, "/customers?q=ana"), (CORA, "/search?q=ana"),
    (CORA, "/orders?q=AD-1"), (CORA, "/cases/1"),
]  # fmt: skip


@pytest.mark.parametrize(("who", "address"), LISTS, ids=lambda one: getattr(one, "name", one))
async def test_a_page_asks_no_more_for_more_rows(
    desk: Desk, clock: Clock, app: Starlette, visitor: Visitor, who: Actor, address: str
) -> None:
    counts = []
    async with desk.work(SYSTEM) as work:
        await search.index(work, await work.session.get_one(Customer, ANA))
    client = await visitor(who)
    for _ in range(3):
        await busy_monday(desk, clock)
        client.cookies = (await visitor(who)).cookies
        with statements(app) as sent:
            assert (await client.get(address)).status_code == 200
        counts.append(len(sent))
    assert counts[0] == counts[1] == counts[2]


@pytest.mark.parametrize(
    "address",
    [
        "/cases?show=closed&before=" + place
        for place in (
            "x",
            "nan~1",
            "inf~1",
            "1e300~1",
            "1~99999999999999999999",
            "~",
            "1772442000~-5",
            "%00~1",
        )
    ]
    + [
        "/cases?show=nothing",
        "/orders?show=x&before=1~1e9",
        "/orders?q=%00&before=²~²",
        "/orders?q=A&since=0001-01-01&until=9999-12-31&before=1~99999999999999999999",
        "/messages?before=é",
        "/search?q=%00",
        "/customers?q=%00",
    ],
)
async def test_an_address_made_up_is_answered_in_words(visitor: Visitor, address: str) -> None:
    assert (await (await visitor(SAM)).get(address)).status_code in {200, 404, 422}


async def test_a_colleague_made_up_is_refused(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    scene = await busy_monday(desk, clock)
    cora = await visitor(CORA)
    answers = [
        (await cora.post(f"/follow-ups/{scene.follow_up}/owner", data={"to_id": to})).status_code
        for to in ("", "x", "-1", "²", "99999999999999999999", "999999999")
    ]
    assert answers == [422] * 6
