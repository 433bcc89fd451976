"""Orders on the screen: the lists by stage, what may be shown, and each deed through its form."""

import re
from dataclasses import replace
from html import unescape

import httpx2
import pytest

from models.words import OrderStatus
from portal.desk import orders, payments
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CORA, FIN, FRED, INA, SAM, Clock
from tests.scene import busy_monday
from tests.shop import DRAFT, led_to, ordered
from tests.visits import Visitor

ADDRESS = "Example Street 1"


def deeds(answer: httpx2.Response) -> list[str]:
    """Where the forms of a page lead, without the menu's."""
    content = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    return [one.rsplit("/", 1)[1] for one in re.findall(r'<form\s+method="post"\s+action="([^"]+)"', content)]


def story_of(page: str) -> list[str]:
    """What happened, an entry a line, as it is read."""
    story = page[page.index('<ol id="story"') :]
    entries = re.findall(r"<li.*?</li>", story[: story.index("</ol>")], re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", one)).replace("→", " ").split()) for one in entries]


async def stage_of(desk: Desk, order_id: int) -> str:
    async with desk.look(SYSTEM) as work:
        return (await orders.load(work, order_id)).status.value


@pytest.mark.parametrize(
    ("who", "forms", "sees_address"),
    [
        (
            CORA,
            ["stage", "payments", "availability", "expected-day", "cancellation", "notes", "papers"],
            False,
        ),
        (
            SAM,
            ["stage", "payments", "availability", "expected-day", "cancellation", "notes", "papers"],
            False,
        ),
        (FIN, ["notes", "papers"], False),
        (INA, ["notes", "papers"], False),
        (FRED, ["expected-day", "notes", "papers"], True),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
async def test_a_confirmed_order_offers_what_the_role_may_do(
    desk: Desk, visitor: Visitor, *, who: Actor, forms: list[str], sees_address: bool
) -> None:
    order = await ordered(desk)
    answer = await (await visitor(who)).get(f"/orders/{order.id}")
    assert (answer.status_code, deeds(answer), ADDRESS in answer.text) == (200, forms, sees_address)


async def test_the_order_goes_its_way_through_the_forms(desk: Desk, visitor: Visitor) -> None:
    order = await ordered(desk)
    cora, fred = await visitor(CORA), await visitor(FRED)
    here = f"/orders/{order.id}"
    went = [await stage_of(desk, order.id)]
    for client, form in (
        (cora, {"step": "hand over"}),
        (fred, {"step": "prepare"}),
        (fred, {"step": "dispatch", "carrier": "Bicycle", "tracking": "T-1"}),
        (fred, {"step": "deliver"}),
    ):
        answer = await client.post(f"{here}/stage", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, here)
        went.append(await stage_of(desk, order.id))
    assert went == ["confirmed", "handed_over", "prepared", "dispatched", "delivered"]


async def test_dispatching_asks_who_carries_it(desk: Desk, visitor: Visitor) -> None:
    """S1-3.3b"""
    order_id = await led_to(desk, OrderStatus.PREPARED)
    answer = await (await visitor(FRED)).post(
        f"/orders/{order_id}/stage", data={"step": "dispatch", "tracking": "T-9"}
    )
    assert answer.status_code == 422
    assert re.findall(r'<a href="#(stage-\w+)">(.*?)</a>', answer.text) == [
        ("stage-carrier", "Say who carries it.")
    ]
    assert 'value="T-9"' in answer.text


async def test_a_payment_is_recorded_and_stands_in_the_ledger(desk: Desk, visitor: Visitor) -> None:
    order = await ordered(desk)
    form = {"method": "terminal", "amount": "59,80", "reference": "T-0007"}
    assert (await (await visitor(CORA)).post(f"/orders/{order.id}/payments", data=form)).status_code == 303
    shown = (await (await visitor(FIN)).get(f"/orders/{order.id}")).text
    assert re.findall(r'data-label="(?:Amount|Still to pay)" class="hr-number">\s*(.*?)\s*</td>', shown) == [
        "€59.80",
        "€100.00",
    ]


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"amount": "ten", "method": "cash"}, {"payment-amount": "Enter an amount such as 12.50."}),
        ({"amount": "1.00"}, {"payment-method": "Choose how it was paid."}),
        (
            {"amount": "999.00", "method": "cash"},
            {
                "payment-over": "This is more than the 159.80 EUR that are owed. Tick this if it was really paid.",
            },
        ),
        (
            {"amount": "9999.00", "method": "cash", "over": "yes"},
            {"payment-amount": "Between 0.01 and 1598.00 EUR."},
        ),
        (
            {"amount": "1.00", "method": "terminal"},
            {"payment-reference": "Enter the reference of the slip or the statement."},
        ),
    ],
)
async def test_a_payment_that_cannot_be_is_refused_in_words(
    desk: Desk, visitor: Visitor, form: dict[str, str], wrong: dict[str, str]
) -> None:
    order = await ordered(desk)
    answer = await (await visitor(CORA)).post(f"/orders/{order.id}/payments", data=form)
    found = dict(re.findall(r'<li>\s*<a href="#(payment-\w+)">(.*?)</a>', answer.text))
    assert (answer.status_code, {key: unescape(words) for key, words in found.items()}) == (422, wrong)
    async with desk.look(SYSTEM) as work:
        assert await payments.entries(work, order) == []


async def test_a_department_ticks_on_the_order_that_it_has_it(desk: Desk, visitor: Visitor) -> None:
    """S1-4.7.1: once; who is of no department is offered nothing, and refused."""
    order_id = await led_to(desk, OrderStatus.HANDED_OVER)
    here = f"/orders/{order_id}"
    ina, cora = await visitor(INA), await visitor(CORA)
    assert ("reception" in deeds(await ina.get(here)), "reception" in deeds(await cora.get(here))) == (
        True,
        False,
    )
    assert "New and changed orders" in (await ina.get("/")).text
    assert (await cora.post(f"{here}/reception")).status_code == 403
    assert [(await ina.post(f"{here}/reception")).status_code for _ in range(2)] == [303, 409]
    assert "reception" not in deeds(await ina.get(here))
    assert "New and changed orders" not in (await ina.get("/")).text
    shown = " ".join(re.sub(r"<[^>]+>", " ", (await cora.get(here)).text).split())
    assert "Inventory: has it Ina, now Fulfilment: told, not ticked yet" in shown


async def test_a_receipt_is_sent_again_from_the_page(desk: Desk, visitor: Visitor) -> None:
    """S0-3.5.3: asked for with a tick; the same form sent twice sends one copy."""
    order = await ordered(desk)
    cora, here = await visitor(CORA), f"/orders/{order.id}"
    assert "receipts" not in deeds(await cora.get(here))
    await cora.post(f"{here}/payments", data={"method": "cash", "amount": "100"})
    shown = await cora.get(here)
    assert "receipts" in deeds(shown)
    (option,) = re.findall(r'<option value="(HB-[^"]*)"', shown.text)
    refused = await cora.post(f"{here}/receipts", data={"receipt": option})
    assert (refused.status_code, "Tick that the customer asked for it." in refused.text) == (422, True)
    none = await cora.post(f"{here}/receipts", data={"receipt": "HB-1", "sure": "yes"})
    assert (none.status_code, "Choose a receipt." in none.text) == (422, True)
    for _ in range(2):
        sent = await cora.post(f"{here}/receipts", data={"receipt": option, "sure": "yes"})
        assert sent.status_code == 303
    story = story_of((await cora.get(here)).text)
    assert len([one for one in story if f"Copy of receipt {option.partition('/')[0]}" in one]) == 1


async def test_the_expected_day_is_moved_on_the_page(desk: Desk, visitor: Visitor) -> None:
    """S0-3.6.2: a message a field, the typed words kept, and an entry in what happened."""
    order = await ordered(desk)
    cora, fred = await visitor(CORA), await visitor(FRED)
    form = f"/orders/{order.id}/expected-day"
    refused = await fred.post(form, data={"day": "2026-02-27", "reason": "  "})
    assert (refused.status_code, re.findall(r'<a href="#(expected-day-\w+)">(.*?)</a>', refused.text)) == (
        422,
        [
            ("expected-day-day", "This day has passed."),
            (
                "expected-day-reason",
                "Say why the day changes, in words for the customer and at most 2000 characters.",
            ),
        ],
    )
    assert 'value="2026-02-27"' in refused.text
    nonsense = await fred.post(form, data={"day": "soon", "reason": "Late."})
    assert "Enter a day such as 2026-03-14." in nonsense.text
    moved = await fred.post(form, data={"day": "2026-03-09", "reason": "The carrier is late."})
    assert (moved.status_code, moved.headers["location"]) == (303, f"/orders/{order.id}")
    story = story_of((await cora.get(f"/orders/{order.id}")).text)
    assert [one.partition(" As it was sent ")[0] for one in story if "day" in one] == [
        "Expected day moved Fred, now Thursday, 5 March 2026 Monday, 9 March 2026 The carrier is late.",
        f"To the customer Your order {order.number} comes on another day waiting to be sent to Ana E••••, by Fred, now",
    ]


async def test_what_is_paid_too_much_is_confirmed_shown_and_asked_back(desk: Desk, visitor: Visitor) -> None:
    """S0-0.4, decision 19: read back as it stands, then asked for; somebody else decides."""
    order = await ordered(desk)
    cora, here = await visitor(CORA), f"/orders/{order.id}"
    paid = {"method": "cash", "amount": "200", "over": "yes"}
    assert "refunds" not in deeds(await cora.get(here))
    assert (await cora.post(f"{here}/payments", data=paid)).status_code == 303
    shown = await cora.get(here)
    assert ("€40.20 paid too much" in shown.text, "refunds" in deeds(shown)) == (True, True)
    nothing = await cora.post(f"{here}/refunds", data={"amount": "x"})
    assert re.findall(r'<a href="#(refund-\w+)">', nothing.text) == ["refund-amount", "refund-reason"]
    form = {"amount": "40.20", "reason": "Paid too much."}
    read = await cora.post(f"{here}/refunds", data=form)
    assert (read.status_code, "We ask our accounts to give 40.20 EUR back on" in read.text) == (422, True)
    (fingerprint,) = re.findall(r'name="fingerprint"\s+value="(\w+)"', read.text)
    other = {**form, "reason": "Another reason.", "agreed": "yes", "fingerprint": fingerprint}
    assert (await cora.post(f"{here}/refunds", data=other)).status_code == 422
    agreed = {**form, "agreed": "yes", "fingerprint": fingerprint}
    assert [(await cora.post(f"{here}/refunds", data=agreed)).status_code for _ in range(2)] == [303, 422]
    assert "refunds" not in deeds(await cora.get(here))
    assert "40.20" in (await (await visitor(SAM)).get("/refunds")).text


async def test_cancelling_asks_for_the_customers_yes_and_a_reason(desk: Desk, visitor: Visitor) -> None:
    order = await ordered(desk)
    cora = await visitor(CORA)
    refused = await cora.post(f"/orders/{order.id}/cancellation", data={"reason": "Too late."})
    assert (refused.status_code, "Tick that the customer knows and agrees." in refused.text) == (422, True)
    done = await cora.post(f"/orders/{order.id}/cancellation", data={"reason": "Too late.", "sure": "yes"})
    assert (done.status_code, await stage_of(desk, order.id)) == (303, "cancelled")


async def test_finance_cannot_move_cancel_or_pay_by_a_forged_form(desk: Desk, visitor: Visitor) -> None:
    order = await ordered(desk)
    fin = await visitor(FIN)
    answers = [
        (await fin.post(f"/orders/{order.id}/{deed}", data=form)).status_code
        for deed, form in (
            ("stage", {"step": "hand over"}),
            ("cancellation", {"reason": "x", "sure": "yes"}),
            ("payments", {"amount": "1", "method": "cash"}),
        )
    ]
    assert (answers, await stage_of(desk, order.id)) == ([403, 403, 403], "confirmed")


async def test_lists_by_stage(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    """S1-3.4a"""
    await busy_monday(desk, clock)
    fred = await visitor(FRED)
    shown = {
        show: re.findall(r'<a href="/orders/\d+">(.*?)</a>', (await fred.get(f"/orders?show={show}")).text)
        for show in ("all", "to-prepare", "to-dispatch", "done")
    }
    first, second, third = "HR-26-000001-9", "HR-26-000002-4", "HR-26-000003-5"
    assert shown == {
        "all": [third, second, first], "to-prepare": [first], "to-dispatch": [second], "done": [third],
    }  # fmt: skip


async def test_nobody_without_the_role_sees_a_ledger(desk: Desk, visitor: Visitor) -> None:
    order = await ordered(desk)
    for who in (INA, FRED):
        answer = await (await visitor(who)).get(f"/orders/{order.id}")
        assert (answer.status_code, "to pay" in answer.text) == (200, False)


async def test_a_special_request_is_decided_before_the_order_is_handed_over(
    desk: Desk, visitor: Visitor
) -> None:
    """S1-4.4.2a, S1-4.5.1a: by its department; a no needs its reason, in words for the customer."""
    order = await ordered(desk, replace(DRAFT, requests=("Engrave Ana on the handle.",)))
    cora, fred, ina = await visitor(CORA), await visitor(FRED), await visitor(INA)
    here, form = f"/orders/{order.id}", f"/special-requests/{order.requests[0].id}"
    too_early = await cora.post(f"{here}/stage", data={"step": "hand over"})
    assert (too_early.status_code, "nobody has decided" in too_early.text) == (409, True)
    for who in (cora, ina):
        assert (await who.post(f"{form}/decision", data={"decision": "yes"})).status_code == 403
    assert (await fred.post(f"{form}/review")).status_code == 303
    assert "Fred looks into it" in (await cora.get(here)).text
    for typed in ({}, {"decision": "perhaps"}, {"decision": "no", "reason": " "}):
        assert (await fred.post(f"{form}/decision", data=typed)).status_code == 422
    assert (await fred.post("/special-requests/999999/decision", data={"decision": "yes"})).status_code == 404
    no = {"decision": "no", "reason": "Steel cannot be engraved."}
    decided = await fred.post(f"{form}/decision", data=no)
    assert (decided.status_code, decided.headers["location"]) == (303, f"/special-requests?order={order.id}")
    page = await cora.get(here)
    assert ("not possible" in page.text, "Steel cannot be engraved." in page.text) == (True, True)
    assert (await fred.post(f"{form}/decision", data={"decision": "yes"})).status_code == 409
    assert (await cora.post(f"{here}/stage", data={"step": "hand over"})).status_code == 303


async def test_each_department_begins_with_its_own_list(desk: Desk, visitor: Visitor) -> None:
    """S1-4.5.2: on the list, on My desk, and answered there."""
    order = await ordered(desk, replace(DRAFT, requests=("Engrave it.", "Blue cushions")))
    first = order.requests[0].id
    cora, fred, ina = await visitor(CORA), await visitor(FRED), await visitor(INA)

    async def listed(who: httpx2.AsyncClient, address: str = "/special-requests") -> list[str]:
        page = (await who.get(address)).text
        return re.findall(r'<h2 id="request-\d+-title">(.*?)</h2>', page)

    both, engrave, cushions = ["Engrave it.", "Blue cushions"], ["Engrave it."], ["Blue cushions"]
    assert (await listed(fred), await listed(ina), await listed(cora)) == (both, [], both)
    assert (await cora.post(f"/special-requests/{first}/department")).status_code == 303
    assert (await listed(fred), await listed(ina), await listed(cora)) == (cushions, engrave, both)
    for where, found in (("department=all", both), ("department=inventory", engrave), ("order=1", both)):
        assert await listed(fred, f"/special-requests?{where}") == found
    assert "Engrave it." in (await ina.get("/")).text
    assert "Engrave it." not in (await fred.get("/")).text
    for nonsense in ("order=x", "order=99999999999", "order=²"):
        assert (await fred.get(f"/special-requests?{nonsense}")).status_code == 404
    assert await listed(fred, "/special-requests?department=x&after=y") == both
