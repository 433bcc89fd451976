"""A price of one's own in the wizard, and the orders that somebody else has to agree to, as pages. S1-4.2.1b"""

import re
from datetime import timedelta

from sqlalchemy import select

from models import ListPrice, Mandate, Message, Order, OrderApproval, PriceList
from models.words import OrderStatus, Tier
from portal.desk import audit, mandates, order_rules, pricing, products
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA, SAM, Clock
from tests.shop import CHAIR, ordered, stocked
from tests.visits import Visitor
from tests.wizard import Walk, fingerprint, known, to_lines


async def to_the_end_of_lines(walk: Walk, **told: str) -> None:
    await to_lines(walk)
    await walk.send(look="CH-1")
    await walk.send(**{"product-1": "1", "quantity-1": "2", **told})


async def waiting(desk: Desk, visitor: Visitor) -> int:
    """Cora takes an order at 40.00 instead of 49.90; gives its id."""
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_the_end_of_lines(walk, **{"price-1": "40", "because-1": "She has waited long."})
    await walk.send(method="pickup", ship_name="Ana Example")
    await walk.send(checked="yes")
    assert "2 × Chair, piece at 40.00 EUR each, instead of 49.90 EUR: 80.00 EUR." in walk.text
    assert "else the list price holds, in total 99.80 EUR." in walk.text
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    assert "Somebody else has to agree to it before it is confirmed" in walk.text
    await walk.send()
    assert walk.at == "summary"  # nothing is to be paid yet
    assert "It is confirmed as soon as a colleague has agreed to it." in walk.page.text
    assert "Payment not needed" in walk.text
    async with desk.look(SYSTEM) as work:
        return (await work.session.scalars(select(Order.id))).one()


async def test_a_price_beyond_the_limit_is_decided_by_a_supervisor(desk: Desk, visitor: Visitor) -> None:
    number = await waiting(desk, visitor)
    cora, sam = await visitor(CORA), await visitor(SAM)
    page = (await cora.get(f"/orders/{number}")).text
    for told in ("somebody has to agree", "instead of €49.90", "She has waited long.", "Draft"):
        assert told in page
    assert "Somebody has to agree" in (await cora.get("/orders?show=held")).text
    assert (await cora.get("/approvals")).status_code == 403
    assert (await cora.post("/approvals/1/approval", data={})).status_code == 403
    assert "order that somebody has to agree to" in (await sam.get("/")).text
    queue = (await sam.get("/approvals")).text
    for told in (
        "waits for a decision",
        "placed by Cora for HK-25-000001-1; €99.80 by the list prices",
        "€80.00",
    ):
        assert told in " ".join(queue.split())
    refused = await sam.post("/approvals/1/price", data={"words": ""})
    assert (refused.status_code, "Say why not, in words for whoever placed it." in refused.text) == (
        422,
        True,
    )
    answer = await sam.post("/approvals/1/price", data={"words": "Too low."})
    assert (answer.status_code, answer.headers["location"]) == (303, "/approvals")
    again = await sam.post("/approvals/1/approval", data={})
    assert (again.status_code, "already refused" in again.text) == (409, True)
    assert "No order waits" in (await sam.get("/approvals")).text
    assert "list price, Sam" in (await sam.get("/approvals?show=decided")).text
    page = " ".join((await cora.get(f"/orders/{number}")).text.split())
    for told in ("list price holds", "Sam", "Too low.", "€99.80", "Confirmed"):
        assert told in page
    async with desk.look(SYSTEM) as work:
        order = await work.session.get_one(Order, number)
        letters = (
            await work.session.scalars(
                select(Message.template).where(Message.template != "order-waits-notice").order_by(Message.id)
            )
        ).all()
    assert (order.status, order.total_minor) == (OrderStatus.CONFIRMED, 9980)
    assert list(letters) == ["order-confirmation", "order-decided-notice"]


async def test_who_placed_it_sees_no_form_to_decide(desk: Desk, visitor: Visitor) -> None:
    await waiting(desk, visitor)
    async with desk.work(SYSTEM) as work:
        approval = (await work.session.scalars(select(OrderApproval))).one()
        approval.asked_by_id = SAM.person_id or 0
        await audit.record(work, "let Sam have placed it", approval)
    sam = await visitor(SAM)
    page = (await sam.get("/approvals")).text
    assert ("You placed this order yourself" in page, "/approvals/1/approval" in page) == (True, False)
    answer = await sam.post("/approvals/1/approval", data={})
    assert (answer.status_code, "somebody else has to decide" in answer.text) == (403, True)


async def test_a_wrong_price_is_told_at_its_field_and_stays_typed(desk: Desk, visitor: Visitor) -> None:
    await known(desk)
    walk = await Walk(await visitor(CORA)).begin()
    await to_the_end_of_lines(walk, **{"price-1": "dear", "because-1": "Because."})
    assert walk.at == "lines"
    assert "Enter an amount such as 12.50." in walk.text
    assert re.search(r'name="price-1"\s+value="dear"', walk.page.text)
    await walk.send(**{"product-1": "1", "quantity-1": "2", "price-1": "48", "because-1": ""})
    assert "Say why it costs less." in walk.text
    await walk.send(**{"product-1": "1", "quantity-1": "2", "price-1": "", "because-1": "Because."})
    assert "Enter the price this is the reason for, or empty the reason." in walk.text
    await walk.send(**{"product-1": "1", "quantity-1": "2", "price-1": "60", "because-1": "Because."})
    assert "At most the list price, 49.90 EUR." in walk.text
    await walk.send(**{"product-1": "1", "quantity-1": "2"})
    assert walk.at == "delivery"


async def test_what_the_customer_pays_by_the_lists_stands_in_the_search_and_the_line(
    desk: Desk, visitor: Visitor, clock: Clock
) -> None:
    await known(desk)
    async with desk.work(MARA) as work:
        made = await pricing.add_list(work, name="Everybody", tier=Tier.STANDARD)
        await pricing.add_price(
            work,
            made,
            await products.load(work, CHAIR),
            price_minor=4500,
            valid_from=clock.now - timedelta(days=1),
        )
    walk = await Walk(await visitor(CORA)).begin()
    await to_lines(walk)
    found = await walk.client.post(
        f"/intakes/{walk.id}/parts/lines", data={"look": "CH"}, headers={"hx-request": "true"}
    )
    assert ("€45.00 / piece" in " ".join(found.text.split()), "€49.90" in found.text) == (True, False)
    await walk.send(look="CH-1")
    await walk.send(**{"product-1": "1", "quantity-1": "2"})
    await walk.open("lines")
    assert ("€45.00" in walk.text, "€90.00" in walk.text, "€49.90" in walk.text) == (True, True, False)


async def test_managers_keep_price_lists_in_the_tables(desk: Desk, visitor: Visitor) -> None:
    await stocked(desk)
    mara = await visitor(MARA)
    made = await mara.post(
        "/admin/price-lists/create", data={"name": "Priority", "tier": "priority", "active": "y"}
    )
    assert made.status_code == 303
    price = {
        "list": "1",
        "product": str(CHAIR),
        "price": "45.50",
        "valid_from": "2026-03-01",
        "valid_until": "2026-03-31",
    }
    assert (await mara.post("/admin/list-prices/create", data=price)).status_code == 303
    async with desk.look(SYSTEM) as work:
        on = (await work.session.scalars(select(PriceList))).one()
        row = (await work.session.scalars(select(ListPrice))).one()
    assert (on.name, on.kind, on.tier, on.active) == ("Priority", None, Tier.PRIORITY, True)
    assert (row.price_minor, row.valid_from.isoformat(), row.valid_until.isoformat() if row.valid_until else "") == (
        4550, "2026-02-28T23:00:00+00:00", "2026-03-31T22:00:00+00:00",
    )  # fmt: skip
    edit = (await mara.get("/admin/list-prices/edit/1")).text
    for value in ('value="2026-03-01"', 'value="2026-03-31"', 'value="45.50"'):
        assert value in edit
    for wrong, told in (
        ({"price": "x"}, "Write an amount in EUR such as 12.50."),
        ({"price": "-1"}, "Write an amount in EUR such as 12.50."),
        ({"valid_until": "2026-02-01"}, "It ends after it begins."),
        ({"valid_from": ""}, "Choose the first day."),
        ({"valid_until": "9999-12-31"}, "A day from 2000 to 2099."),
        ({"valid_from": "0001-01-01"}, "A day from 2000 to 2099."),
        ({"product": "99"}, "Choose a product of the list."),
        ({"list": "99"}, "Choose a price list of the list."),
        ({}, "This list has another price for a part of this time"),
    ):
        answer = await mara.post("/admin/list-prices/create", data={**price, **wrong})
        assert (answer.status_code, told in answer.text) == (422, True), wrong
    saved = await mara.post("/admin/list-prices/edit/1", data={**price, "version": "1", "price": "44"})
    assert saved.status_code == 303
    page = (await mara.get("/admin/list-prices/list")).text
    for told in ("Priority", "Chair", "€44.00"):
        assert told in page
    cora = await visitor(CORA)
    assert (await cora.get("/admin/list-prices/create")).status_code == 403


async def test_managers_say_how_far_below_the_list_each_role_may_go(desk: Desk, visitor: Visitor) -> None:
    async with desk.work(MARA) as work:
        await mandates.ensure_defaults(work)
    mara = await visitor(MARA)
    assert 'value="5"' in (await mara.get("/admin/mandates/edit/1")).text
    form = {"version": "1", "goodwill_minor": "2500", "note": ""}
    assert (await mara.post("/admin/mandates/edit/1", data={**form, "price": "101"})).status_code == 422
    assert (await mara.post("/admin/mandates/edit/1", data={**form, "price": "7,5"})).status_code == 303
    async with desk.look(SYSTEM) as work:
        assert (await work.session.get_one(Mandate, 1)).price_bp == 750


async def test_a_large_order_is_sent_back_with_words_for_its_author(desk: Desk, visitor: Visitor) -> None:
    """S1-4.3.2a"""
    await stocked(desk)
    async with desk.work(MARA) as work:
        await order_rules.ensure_defaults(work)
    sam, mara = await visitor(SAM), await visitor(MARA)
    rule = {"version": "1", "tax": "", "second_above_minor": "-5"}
    answer = await mara.post("/admin/order-rules/edit/1", data=rule)
    assert (answer.status_code, "Nothing or more." in answer.text) == (422, True)
    answer = await mara.post("/admin/order-rules/edit/1", data={**rule, "second_above_minor": "10000"})
    assert answer.status_code == 303
    order = await ordered(desk)
    queue = (await sam.get("/approvals")).text
    assert ("a large order" in queue, "/approvals/1/price" in queue) == (True, False)
    refused = await sam.post("/approvals/1/return", data={"words": " "})
    assert (refused.status_code, "Say why not, in words for whoever placed it." in refused.text) == (
        422,
        True,
    )
    assert (await sam.post("/approvals/1/return", data={"words": "Nine chairs?"})).status_code == 303
    assert "sent back, Sam" in (await sam.get("/approvals?show=decided")).text
    page = (await (await visitor(CORA)).get(f"/orders/{order.id}")).text
    for told in ("sent back", "Nine chairs?", "more than one person confirms"):
        assert told in page
