"""An exchange in the wizard: the return is announced, what goes out instead is filled in. S3-4.1.3c, S3-4.2.2"""

import re
from html import unescape

import pytest
from sqlalchemy import select

from jobs.serve_waiting import serve_waiting
from models import Case, Customer, Message, Order, Return
from models.words import OrderStatus, ReturnReason, ReturnStatus
from portal.desk import audit, orders, payments, products, returns
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA, INA
from tests.desk.goods import counted, figures, letters, waits
from tests.desk.test_returns import arrived, stock_of
from tests.shop import ADVICE, CHAIR, led_to
from tests.visits import Visitor
from tests.wizard import Walk, fingerprint, known, to_about

ORDERED, REPLACED = "HR-26-000001-9", "HR-26-000002-4"
OFFERED = {"offer-exchange": "yes", "offer-refund": "yes", "outcome": "exchange"}


async def to_return(
    desk: Desk, visitor: Visitor, order: str = ORDERED, status: OrderStatus = OrderStatus.DELIVERED
) -> Walk:
    """Ana complains about her two chairs, and wants them exchanged."""
    await known(desk)
    await led_to(desk, status)
    walk = await Walk(await visitor(CORA)).begin()
    await to_about(walk)
    await walk.send(situation="complaint")
    await walk.send(statement="A leg broke off.", case_kind="complaint", order=order)
    await walk.send(restated="One chair is broken.", agreed="yes")
    await walk.send(apology="given")
    await walk.send(**OFFERED)
    return walk


async def the_return(desk: Desk) -> Return:
    async with desk.look(SYSTEM) as work:
        made = (await work.session.scalars(select(Return))).one()
        return await returns.load(work, made.id)


def typed(walk: Walk, name: str) -> str:
    """What stands in a field on the screen."""
    tag = re.findall(rf'<input[^>]*name="{name}"[^>]*>', walk.page.text)[0]
    return unescape(re.findall(r'value="([^"]*)"', tag)[0])


async def test_the_return_and_the_replacement_are_made_in_one_contact(desk: Desk, visitor: Visitor) -> None:
    walk = await to_return(desk, visitor)
    assert (walk.at, typed(walk, "units-1"), typed(walk, "units-2")) == ("goods_back", "2", "1")
    await walk.send(**{"units-1": "1", "units-2": "", "reason": "faulty", "serial": "CH-4711-08"})
    assert (walk.at, typed(walk, "product-1"), typed(walk, "quantity-1")) == ("replacement", "1", "1")
    assert "exchanged: free" in walk.text
    await walk.send(**{"product-1": "1", "quantity-1": "1"})
    assert (walk.at, typed(walk, "ship_name")) == ("replacement_delivery", "Ana Example")
    await walk.send(method="delivery", ship_name="Ana Example", ship_address="Example Street 1\n10115 Berlin")
    assert walk.at == "replacement_read_back"
    assert "1 × Chair, piece at 49.90 EUR" not in walk.text
    assert "1 × Chair, piece, less 100 %: 0.00 EUR." in walk.text
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    await walk.send()
    assert walk.at == "settle"
    await walk.send(
        settled="resolved", code="exchange", what_was_done="A new chair.", actions="Ordered a new chair"
    )
    assert "Return HZ-26-000001-9 is to be sent by Monday, 16 March 2026." in walk.text
    assert "The payment is still to come." not in walk.text
    await walk.send(summary="A new chair comes.", understood="yes")
    await walk.send(anything_else="asked", satisfied="yes", outcome="resolved")
    assert walk.page.url.path == "/"
    made = await the_return(desk)
    async with desk.look(CORA) as work:
        case = (await work.session.scalars(select(Case))).one()
        replacement = await orders.load(work, made.replacement_id or 0)
        assert (made.status, made.case_id, made.order.number, made.lines[0].reason, made.lines[0].serial) == (
            ReturnStatus.EXPECTED, case.id, ORDERED, ReturnReason.FAULTY, "CH471108",
        )  # fmt: skip
        told = [
            (line.sku, line.quantity, line.unit_price_minor, line.discount_bp) for line in replacement.lines
        ]
        assert (told, replacement.total_minor, replacement.customer_id, replacement.contact_id) == (
            [("CH-1", 1, 4990, 10_000)], 0, ANA, case.contact_id,
        )  # fmt: skip
        assert await payments.balance(work, replacement) == 0
    assert await stock_of(desk) == (3, 1)  # one is promised to her
    await arrived(desk, made.id)
    assert await stock_of(desk) == (4, 1)  # and one is back
    assert (await the_return(desk)).status is ReturnStatus.SETTLED


@pytest.mark.parametrize("resellable", [True, False], ids=["as new", "broken"])
async def test_a_replacement_that_is_not_there_waits_for_what_comes_back(
    desk: Desk, visitor: Visitor, *, resellable: bool
) -> None:
    """S1-4.2.1a: of two chairs one is there; the other comes out of the parcel, if it can be sold again."""
    walk = await to_return(desk, visitor)
    await counted(desk, CHAIR, 1)
    await walk.send(**{"units-1": "2", "units-2": "", "reason": "not_wanted"})
    answer = await walk.send(**{"product-1": str(CHAIR), "quantity-1": "2"})
    assert (answer.status_code, walk.at, "Only 1 left" in walk.text) == (422, "replacement", True)
    await walk.send(**{"product-1": str(CHAIR), "quantity-1": "2", "wait-1": "yes"})
    await walk.send(method="delivery", ship_name="Ana Example", ship_address="Example Street 1")
    assert (walk.at, "1 of them comes later" in walk.text) == ("replacement_read_back", True)
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    await walk.send()
    made = await the_return(desk)
    replacement = made.replacement_id or 0
    assert (made.status, await waits(desk, replacement)) == (ReturnStatus.EXPECTED, [1])
    assert (await figures(desk), await serve_waiting(desk)) == ((1, 1, 1, 0), 0)
    await arrived(desk, made.id, resellable=resellable)
    assert (await the_return(desk)).status is ReturnStatus.SETTLED
    assert (await serve_waiting(desk), await serve_waiting(desk)) == (int(resellable), 0)
    assert (await waits(desk, replacement), await figures(desk)) == (
        ([0], (3, 2, 0, 1)) if resellable else ([1], (1, 1, 1, 0))
    )
    told = [("goods-in-notice", REPLACED, "Cora"), ("goods-in", REPLACED, "Ana Example")]
    assert await letters(desk, "goods-in", "goods-in-notice") == (told if resellable else [])


async def test_all_three_pages_name_the_others(desk: Desk, visitor: Visitor) -> None:
    walk = await to_return(desk, visitor)
    await walk.send(**{"units-1": "1", "reason": "faulty"})
    await walk.send(**{"product-1": "1", "quantity-1": "1"})
    await walk.send(method="delivery", ship_name="Ana Example", ship_address="Example Street 1")
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    await walk.send()
    for page in ("/cases/1", "/orders/1", "/orders/2"):
        text = (await walk.client.get(page)).text
        named = [one for one in ("/orders/1", "/orders/2", "/cases/1") if f'href="{one}"' in text]
        assert ("HZ-26-000001-9" in text, set(named) | {page}) == (
            True,
            {"/orders/1", "/orders/2", "/cases/1"},
        ), page
    story = (await walk.client.get("/cases/1")).text.split('id="story-title"')[1]
    assert "Return HZ-26-000001-9" in story


async def test_sent_again_or_gone_back_to_it_stays_one_return(desk: Desk, visitor: Visitor) -> None:
    walk = await to_return(desk, visitor)
    told = {"units-1": "1", "units-2": "", "reason": "faulty"}
    data = {"revision": walk.revision, **told}
    await walk.send(**told)
    again = await walk.client.post(f"/intakes/{walk.id}/goods_back", data=data)
    assert again.headers["location"] == f"/intakes/{walk.id}/replacement"
    await walk.open("goods_back")
    assert "Return HZ-26-000001-9 was announced." in walk.text
    assert (await the_return(desk)).lines[0].quantity == 1


async def test_nothing_is_replaced_that_does_not_come_back(desk: Desk, visitor: Visitor) -> None:
    """Neither more than comes back, nor anything else, is free."""
    walk = await to_return(desk, visitor)
    await walk.open("replacement")
    assert "This cannot start yet. First: Return." in walk.text
    await walk.open("goods_back")
    await walk.send(**{"units-1": "1", "reason": "faulty"})
    answer = await walk.send(**{"product-1": str(CHAIR), "quantity-1": "2"})
    assert (
        answer.status_code,
        "1 of Chair comes back: anything more is an order of its own." in walk.text,
    ) == (
        422,
        True,
    )
    other = {"product-1": str(CHAIR), "quantity-1": "1", "product-2": str(ADVICE), "quantity-2": "1"}
    answer = await walk.send(**other)
    assert answer.status_code == 422
    assert "None of Advice comes back: anything more is an order of its own." in walk.text


async def test_a_return_called_off_meanwhile_is_not_replaced(desk: Desk, visitor: Visitor) -> None:
    walk = await to_return(desk, visitor)
    await walk.send(**{"units-1": "1", "reason": "faulty"})
    await walk.send(**{"product-1": "1", "quantity-1": "1"})
    await walk.send(method="delivery", ship_name="Ana Example", ship_address="Example Street 1")
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    async with desk.work(CORA) as work:
        await returns.cancel(work, await returns.load(work, 1), "She found a screw.")
    answer = await walk.send()
    assert (answer.status_code, "HZ-26-000001-9 is cancelled, or was replaced already." in answer.text) == (
        409,
        True,
    )
    async with desk.look(SYSTEM) as work:
        assert list(await work.session.scalars(select(Order.id))) == [1]
        chair = await products.load(work, CHAIR)
        assert (chair.on_hand, chair.reserved) == (3, 0)


async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    desk: Desk, visitor: Visitor
) -> None:
    walk = await to_return(desk, visitor)
    for told, name, words in (
        ({"units-1": "9", "reason": "faulty"}, "units-1", "A whole number, at most 2."),
        ({"units-1": "two", "reason": "faulty"}, "units-1", "A whole number, at most 2."),
        ({"units-1": "1"}, "reason", "Say why it comes back."),
        (
            {"units-1": "1", "reason": "faulty", "serial": "?"},
            "serial",
            "A serial number has 4 to 40 letters",
        ),
        ({"units-1": "0", "reason": "faulty"}, "units", "Say how many units come back"),
    ):
        answer = await walk.send(**told)
        assert (answer.status_code, words in walk.text) == (422, True), told
        assert f'id="{name}' in walk.page.text
        assert (typed(walk, "units-1"), typed(walk, "units-2")) == (told["units-1"], "")
    async with desk.look(SYSTEM) as work:
        assert list(await work.session.scalars(select(Return.id))) == []
        assert "return-update" not in list(await work.session.scalars(select(Message.template)))


async def test_a_complaint_without_an_order_asks_which(desk: Desk, visitor: Visitor) -> None:
    walk = await to_return(desk, visitor, order="")
    assert (walk.at, f'value="{ORDERED}"' in walk.page.text) == ("goods_back", True)
    assert 'name="units-1"' not in walk.page.text
    assert (await walk.send()).status_code == 422
    await walk.send(order=ORDERED)
    assert (walk.at, typed(walk, "units-1")) == ("goods_back", "2")
    await walk.send(**{"order": ORDERED, "units-1": "2", "reason": "wrong_article"})
    assert walk.at == "replacement"
    async with desk.look(SYSTEM) as work:
        assert (await work.session.scalars(select(Case.order_id))).one() == 1


async def test_an_order_of_somebody_else_is_none_of_hers(desk: Desk, visitor: Visitor) -> None:
    walk = await to_return(desk, visitor, order="")
    async with desk.work(SYSTEM) as work:
        other = Customer(number="HK-25-000002-2", name="Bo Other", city="Bremen", created_at=work.now)
        work.session.add(other)
        await work.session.flush()
        (await work.session.get_one(Order, 1)).customer_id = other.id
        await audit.record(work, "give it to Bo", other)
    answer = await walk.send(**{"order": ORDERED, "units-1": "1", "reason": "faulty"})
    assert (answer.status_code, "Choose the order of which something comes back." in walk.text) == (422, True)


async def test_what_has_not_left_the_house_is_changed_or_cancelled_instead(
    desk: Desk, visitor: Visitor
) -> None:
    walk = await to_return(desk, visitor, status=OrderStatus.PREPARED)
    assert f"{ORDERED} has not left the house: change or cancel it instead." in walk.text
    await walk.client.post(
        f"/intakes/{walk.id}/goods_back",
        data={"revision": walk.revision, "skip": "yes", "skip_reason": "It is still here."},
    )
    await walk.open("replacement")
    assert "Place it not needed" in walk.text


async def test_lines_stay_covered_until_the_caller_is_verified(desk: Desk, visitor: Visitor) -> None:
    """Decision 18"""
    await known(desk)
    await led_to(desk, OrderStatus.DELIVERED)
    walk = await Walk(await visitor(CORA)).begin()
    await walk.send(greeted="yes")
    await walk.send(choice=str(ANA))
    await walk.open("about")
    await walk.send(situation="complaint")
    await walk.send(statement="A leg broke off.", case_kind="complaint", order=ORDERED)
    await walk.send(restated="Broken.", agreed="yes")
    await walk.send(apology="given")
    await walk.send(**OFFERED)
    assert (walk.at, 'name="units-1"' in walk.page.text) == ("goods_back", False)
    answer = await walk.send(**{"units-1": "1", "reason": "faulty"})
    assert answer.status_code >= 400
    async with desk.look(INA) as work:
        assert (await returns.queue(work, ReturnStatus.EXPECTED)).rows == []
