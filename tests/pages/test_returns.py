"""Returns on the screen: announced on the order's page, marked by who opens the parcel. S4-4.4, S3-4.1.3c, S1-2.1"""

import re

import pytest
from sqlalchemy import select

from models import Return
from models.words import OrderStatus, ReturnReason, ReturnStatus
from portal.desk import escalation, orders, returns
from portal.desk.permissions import GRANTS, May
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ADA, CORA, FIN, FRED, INA, MARA, NILS, SAM
from tests.desk.stories import opened, the_case
from tests.desk.test_returns import announced, arrived, stock_of
from tests.shop import led_to
from tests.visits import Visitor
from tests.wizard import Walk, known, to_about

NUMBER = "HZ-26-000001-9"
TOLD = {"units-1": "2", "reason": "not_wanted", "sure": "yes"}


async def states(desk: Desk) -> list[ReturnStatus]:
    async with desk.look(SYSTEM) as work:
        return list(await work.session.scalars(select(Return.status).order_by(Return.id)))


@pytest.mark.parametrize("status", [OrderStatus.DISPATCHED, OrderStatus.DELIVERED], ids=str)
async def test_what_has_left_the_house_becomes_a_return(
    desk: Desk, visitor: Visitor, status: OrderStatus
) -> None:
    """S4-4.4: the page offers it where it offers no cancelling, and says what is wrong."""
    order_id = await led_to(desk, status)
    cora = await visitor(CORA)
    page = (await cora.get(f"/orders/{order_id}")).text
    assert ("make a return of it" in page, "Cancel the order" in page) == (True, False)
    answer = await cora.post(f"/orders/{order_id}/returns", data={"units-1": "1", "words": "Box is open."})
    assert (answer.status_code, answer.text.count("Say why it comes back.")) == (422, 2)
    assert answer.text.count("Tick that the customer knows and agrees.") == 2
    assert "Box is open.</textarea>" in answer.text
    assert re.findall(r'name="units-\d"\s+value="([^"]*)"', answer.text) == ["1", ""]
    answer = await cora.post(f"/orders/{order_id}/returns", data={**TOLD, "units-1": "7"})
    assert (answer.status_code, answer.text.count("A whole number, at most 2.")) == (422, 2)
    answer = await cora.post(f"/orders/{order_id}/returns", data=TOLD)
    assert answer.headers["location"] == f"/orders/{order_id}#returns"
    page = (await cora.get(f"/orders/{order_id}")).text
    assert NUMBER in page
    assert "expected by Mon 16 Mar 2026" in page
    assert "all of it was announced already" in page
    await cora.post(f"/orders/{order_id}/returns", data={**TOLD, "units-1": "", "units-2": "1"})
    assert "make a return of it" not in (await cora.get(f"/orders/{order_id}")).text
    async with desk.look(CORA) as work:
        assert (await orders.load(work, order_id)).status is status


async def test_an_order_in_the_house_is_cancelled_and_not_returned(desk: Desk, visitor: Visitor) -> None:
    order_id = await led_to(desk, OrderStatus.PREPARED)
    cora = await visitor(CORA)
    page = (await cora.get(f"/orders/{order_id}")).text
    assert ("make a return of it" in page, "Cancel the order" in page) == (False, True)
    assert (await cora.post(f"/orders/{order_id}/returns", data=TOLD)).status_code == 409
    assert await states(desk) == []


@pytest.mark.parametrize("actor", [INA, FRED], ids=lambda one: one.name)
async def test_who_opens_the_parcel_marks_it_with_its_state(
    desk: Desk, visitor: Visitor, actor: Actor
) -> None:
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    await announced(desk, order_id, {1: 2}, words="The left leg.")
    there = await visitor(actor)
    home = (await there.get("/")).text
    assert 'href="/returns"' in home
    page = (await there.get("/returns")).text
    for words in (NUMBER, "2 × Chair", "faulty", "The left leg.", "Mark it as arrived"):
        assert words in page
    assert "Nothing comes back" not in page
    answer = await there.post("/returns/1/arrival", data={})
    assert (answer.status_code, answer.text.count("Say in which state it is.")) == (422, 2)
    answer = await there.post("/returns/1/arrival", data={"condition": "resellable"})
    assert answer.headers["location"] == "/returns?show=expected"
    assert (await there.post("/returns/1/arrival", data={"condition": "resellable"})).status_code == 409
    assert await stock_of(desk) == (5, 0)
    assert NUMBER not in (await there.get("/returns")).text
    assert NUMBER in (await there.get("/returns?show=arrived")).text


async def test_who_sold_it_settles_it_or_calls_it_off(desk: Desk, visitor: Visitor) -> None:
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    for _ in range(2):
        await announced(desk, order_id, {1: 1})
    await arrived(desk, 1)
    cora = await visitor(CORA)
    page = (await cora.get(f"/orders/{order_id}")).text
    assert ("Settle it" in page, "Cancel the return" in page, "Mark it as arrived" in page) == (
        True,
        True,
        False,
    )
    for address, field, words in (
        ("/returns/1/settlement", "words", "Say how it was settled."),
        ("/returns/2/cancellation", "reason", "Say why nothing comes back. The customer reads this."),
    ):
        answer = await cora.post(address, data={field: " "})
        assert (answer.status_code, answer.text.count(words)) == (422, 2)
        assert (await cora.post(address, data={field: "As agreed."})).status_code == 303
    assert await states(desk) == [ReturnStatus.SETTLED, ReturnStatus.CANCELLED]


@pytest.mark.parametrize("actor", [CORA, SAM, MARA, FIN, INA, FRED, ADA, NILS], ids=lambda one: one.name)
async def test_each_role_may_what_it_may(desk: Desk, visitor: Visitor, actor: Actor) -> None:
    """S1-2.1: who sells announces, who packs receives, nobody does both by one role."""
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    await announced(desk, order_id, {1: 1})
    there = await visitor(actor)
    granted = {may for role, all_of_it in GRANTS.items() if role.value in actor.roles for may in all_of_it}
    for address, may in (
        ("/returns/1/arrival", May.RECEIVE_RETURNS),
        ("/returns/1/cancellation", May.ANNOUNCE_RETURNS),
        ("/returns/1/settlement", May.ANNOUNCE_RETURNS),
        (f"/orders/{order_id}/returns", May.ANNOUNCE_RETURNS),
    ):
        assert (await there.post(address, data={})).status_code == (422 if may in granted else 403), address
    assert (await there.get("/returns")).status_code == (200 if May.SEE_ORDERS in granted else 403)
    assert not {May.ANNOUNCE_RETURNS, May.RECEIVE_RETURNS} <= granted


async def test_a_case_that_may_not_be_seen_is_not_named(desk: Desk, visitor: Visitor) -> None:
    """S3-5.1.2a"""
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    case_id = await opened(desk, order_id=order_id)
    async with desk.work(CORA) as work:
        order, case = await orders.load(work, order_id), await the_case(work, case_id)
        made = await returns.announce(work, order, {1: 1}, reason=ReturnReason.FAULTY, case=case)
        number = case.number
    for secret in (False, True):
        if secret:
            async with desk.work(CORA) as work:
                await escalation.flag_concern(
                    work, await the_case(work, case_id), "Her lawyer.", legal=True, regulatory=False
                )
        for actor, sees in ((CORA, not secret), (MARA, True), (INA, False)):
            there = await visitor(actor)
            for page in (f"/orders/{order_id}", "/returns"):
                text = (await there.get(page)).text
                assert (made.number in text, number in text) == (True, sees), (secret, actor.name, page)


async def test_the_wizard_leads_from_a_cancelling_that_comes_too_late_to_the_return(
    desk: Desk, visitor: Visitor
) -> None:
    """S4-4.4"""
    await known(desk)
    order_id = await led_to(desk, OrderStatus.DISPATCHED)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="amendment")
    answer = await walk.send(order="HR-26-000001-9")
    assert answer.status_code == 422
    assert f'<a href="/orders/{order_id}#returning">Make a return of HR-26-000001-9</a>' in answer.text
