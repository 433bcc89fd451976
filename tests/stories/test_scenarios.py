"""The built-in scenarios, played from the first ring to the record of it. S3-13, S2-0.3, S3-8.2.1"""

import re

from sqlalchemy import select
from starlette.applications import Starlette

from models import Customer, Order, TrainingRecord
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA
from tests.pages.test_practice import playing, room
from tests.visits import Visitor
from tests.wizard import Walk, fingerprint

SLOT = re.compile(r'<select[^>]*name="due-1".*?</select>', re.DOTALL)
VALUE = re.compile(r'<option value="([^"]+)"')


async def caller(app: Starlette, key: str) -> tuple[Customer, Order]:
    """An invented customer with their last order."""
    async with (await room(app)).look(SYSTEM) as work:
        found = (await work.session.scalars(select(Customer).where(Customer.source_id == key))).one()
        order = (await work.session.scalars(select(Order).where(Order.customer_id == found.id))).first()
        assert order is not None
        return found, order


async def verified(walk: Walk, who: Customer) -> None:
    await walk.send(greeted="yes")
    await walk.send(choice=str(who.id))
    await walk.send(postcode=who.postal_code, email=who.email)


def first_slot(walk: Walk) -> str:
    """The first open time that is offered for a promise."""
    offered = SLOT.findall(walk.page.text)[0]
    return str(next(value for value in VALUE.findall(offered) if value))


async def only_record(desk: Desk) -> TrainingRecord:
    async with desk.look(SYSTEM) as work:
        return (await work.session.scalars(select(TrainingRecord))).one()


async def test_the_defective_kettle_is_exchanged_and_followed_up(
    app: Starlette, desk: Desk, visitor: Visitor
) -> None:
    """S3-8.2.1, S3-13.1.1a, S3-13.1.1b"""
    walk = await playing(await visitor(CORA), "product-defect")
    ida, order = await caller(app, "ida")
    await verified(walk, ida)
    await walk.send(situation="complaint")
    await walk.send(
        statement="It drips from the bottom as soon as it gets hot.",
        case_kind="complaint",
        order=order.number,
    )
    await walk.send(restated="The kettle leaks when it is hot.", agreed="yes")
    await walk.send(apology="given")
    await walk.send(**{"offer-refund": "yes", "offer-exchange": "yes", "outcome": "exchange"})
    units = re.findall(r'name="(units-\d+)"', walk.page.text)
    await walk.send(**dict.fromkeys(units, "1"), reason="faulty", serial="KT2600417")
    product = re.findall(r'name="product-1"\s+value="(\d+)"', walk.page.text)[0]
    await walk.send(**{"product-1": product, "quantity-1": "1"})
    await walk.send(method="delivery", ship_name=ida.name, ship_address=order.ship_address)
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    await walk.send()
    assert walk.at == "settle"
    await walk.send(
        settled="resolved",
        code="exchange",
        what_was_done="A new kettle goes out today.",
        actions="Ordered a new kettle",
    )
    assert walk.at == "summary"
    await walk.send(
        summary="A new kettle comes.",
        understood="yes",
        **{"promise-1": "Call when it is on its way", "due-1": first_slot(walk)},
    )
    await walk.send(anything_else="asked", satisfied="yes", outcome="resolved")
    record = await only_record(desk)
    assert [one["asks"] for one in record.checks if not one["met"]] == []
    assert record.passed
    assert "all met" in walk.page.text


async def test_what_was_charged_twice_is_asked_back(app: Starlette, desk: Desk, visitor: Visitor) -> None:
    """S3-13.2.1a"""
    walk = await playing(await visitor(CORA), "billing-dispute")
    oskar, order = await caller(app, "oskar")
    await verified(walk, oskar)
    await walk.open("verify")
    await walk.send(do="dial", dial_reason="He wants money back.")
    await walk.send(do="reached")
    await walk.open("about")
    await walk.send(situation="payment_issue")
    await walk.send(order=order.number)
    await walk.send(said="You took the money twice.", finding="charged_twice")
    told = {"amount": "129.00", "reason": "It was taken twice."}
    await walk.send(**told)
    await walk.send(**told, agreed="yes", fingerprint=fingerprint(walk))
    assert walk.at == "summary"
    await walk.send(summary="He gets the second payment back.", understood="yes")
    await walk.send(anything_else="asked", satisfied="yes", outcome="handed_on")
    record = await only_record(desk)
    assert [one["asks"] for one in record.checks if not one["met"]] == []


async def test_a_first_order_is_read_back_and_placed(app: Starlette, desk: Desk, visitor: Visitor) -> None:
    """S3-8.2.1"""
    walk = await playing(await visitor(CORA), "first-order")
    leila, _ = await caller(app, "leila")
    await verified(walk, leila)
    await walk.send(situation="order")
    await walk.send(look="PR-MUG")
    product = re.findall(r'name="product-1"\s+value="(\d+)"', walk.page.text)[0]
    await walk.send(**{"product-1": product, "quantity-1": "2"})
    await walk.send(method="delivery", ship_name=leila.name, ship_address=f"{leila.street}\n{leila.city}")
    while walk.at in {"cross_check", "check"}:
        await walk.send(checked="yes")
    await walk.send(agreed="yes", how="spoken", fingerprint=fingerprint(walk))
    await walk.send()
    await walk.send(when="later")
    await walk.send(summary="Two mugs are on their way.", understood="yes")
    await walk.send(anything_else="asked", satisfied="yes", outcome="order_placed")
    record = await only_record(desk)
    assert [one["asks"] for one in record.checks if not one["met"]] == []
