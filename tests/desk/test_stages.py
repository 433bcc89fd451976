"""The way of an order. S1-3.3, S0-3.6"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from models import AuditEntry, FollowUp, Message, Order
from models.words import DeliveryMethod, FollowUpKind, OrderStatus, SpecialRequestStatus
from portal.desk import orders, products
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.work import SYSTEM, Desk, Work
from tests.cast import ANA, CORA, FRED, INA, berlin
from tests.shop import CHAIR, DRAFT, led_to, ordered

Step = Callable[[Work, Order], Awaitable[None]]


async def _dispatch(work: Work, order: Order) -> None:
    await orders.dispatch(work, order, carrier="Bicycle")


async def _cancel(work: Work, order: Order) -> None:
    await orders.cancel(work, order, "The customer changed her mind.")


STEPS: dict[str, Step] = {
    "hand over": orders.hand_over,
    "prepare": orders.prepare,
    "dispatch": _dispatch,
    "deliver": orders.deliver,
    "cancel": _cancel,
}
ALLOWED = {
    OrderStatus.CONFIRMED: {"hand over", "cancel"},
    OrderStatus.HANDED_OVER: {"prepare", "cancel"},
    OrderStatus.PREPARED: {"dispatch", "cancel"},
    OrderStatus.DISPATCHED: {"deliver"},
    OrderStatus.DELIVERED: set(),
}


@pytest.mark.parametrize("status", ALLOWED)
async def test_only_the_next_step_is_possible(desk: Desk, status: OrderStatus) -> None:
    """S1-0.1, S1-3.3a, S1-3.3c, S2-8.5"""
    number = await led_to(desk, status)
    for name, step in STEPS.items():
        if name not in ALLOWED[status]:
            async with desk.work(SYSTEM) as work:
                with pytest.raises(WrongMoment):
                    await step(work, await orders.load(work, number))
    async with desk.look(CORA) as work:
        assert (await orders.load(work, number)).status is status


async def test_a_delivery_leaves_the_stock_and_is_asked_about(desk: Desk) -> None:
    """S0-0.5, S0-3.6.3, S1-3.2b, S4-4.1"""
    number = await led_to(desk, OrderStatus.DELIVERED)
    async with desk.look(CORA) as work:
        order, chair = await orders.load(work, number), await products.load(work, CHAIR)
        assert (chair.on_hand, chair.reserved) == (3, 0)
        assert (order.prepared_at, order.dispatched_at, order.delivered_at) == (work.now,) * 3
        assert (order.carrier, order.tracking) == ("Bicycle", "T-1")
        deeds = select(AuditEntry.who, AuditEntry.deed).where(AuditEntry.subject_id == str(number))
        assert list(await work.session.execute(deeds.where(AuditEntry.subject_kind == "orders"))) == [
            ("Cora", "place order"),
            ("Cora", "confirm order"),
            ("Cora", "hand over order"),
            ("Fred", "prepare order"),
            ("Fred", "dispatch order"),
            ("Fred", "deliver order"),
        ]
        templates = select(Message.template).order_by(Message.id)
        assert list(await work.session.scalars(templates)) == ["order-confirmation", "delivery-update"]
        planned = (await work.session.scalars(select(FollowUp))).one()
        assert (planned.kind, planned.owner_id, planned.order_id, planned.customer_id) == (
            FollowUpKind.DELIVERY_CHECK,
            CORA.person_id,
            number,
            ANA,
        )
        assert planned.due_at == berlin("2026-03-04 17:00")


async def test_what_is_picked_up_is_handed_out_at_the_counter(desk: Desk) -> None:
    pickup = replace(DRAFT, delivery_method=DeliveryMethod.PICKUP, ship_address="")
    number = await led_to(desk, OrderStatus.PREPARED, pickup)
    async with desk.work(FRED) as work:
        order = await orders.load(work, number)
        with pytest.raises(WrongMoment):
            await orders.dispatch(work, order, carrier="Bicycle")
        await orders.deliver(work, order)
    async with desk.look(CORA) as work:
        assert (await orders.load(work, number)).status is OrderStatus.DELIVERED
        assert list(await work.session.scalars(select(Message.template))) == [
            "order-confirmation",
            "delivery-update",
        ]


async def test_a_cancelled_order_gives_its_units_back(desk: Desk) -> None:
    """S4-4.4"""
    placed = await ordered(desk)
    async with desk.work(CORA) as work:
        order = await orders.load(work, placed.id)
        with pytest.raises(NotAccepted) as refused:
            await orders.cancel(work, order, " ")
        assert refused.value.fields == {"reason": "Say why the order is cancelled."}
        await orders.cancel(work, order, "Ordered twice.")
    async with desk.look(CORA) as work:
        order, chair = await orders.load(work, placed.id), await products.load(work, CHAIR)
        assert (order.status, order.cancelled_because, order.cancelled_at) == (
            OrderStatus.CANCELLED,
            "Ordered twice.",
            work.now,
        )
        assert (chair.on_hand, chair.reserved) == (5, 0)
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.deed == "cancel order"))
        assert entry is not None
        assert (entry.reason, entry.changes["products/1"]) == ("Ordered twice.", {"reserved": [2, 0]})


async def test_a_special_request_is_decided_before_the_order_is_handed_over(desk: Desk) -> None:
    """S1-4.4.2b, S1-4.5.1a, S0-3.1.2d"""
    placed = await ordered(desk, replace(DRAFT, requests=("Blue cushions", "By drone")))
    async with desk.work(CORA) as work:
        order = await orders.load(work, placed.id)
        with pytest.raises(WrongMoment, match="nobody has decided yet"):
            await orders.hand_over(work, order)
    async with desk.work(CORA) as work:
        order = await orders.load(work, placed.id)
        blue, drone = order.requests
        await orders.decide_request(work, blue, feasible=True)
        with pytest.raises(NotAccepted):
            await orders.decide_request(work, drone, feasible=False)
        await orders.decide_request(work, drone, feasible=False, reason="We have none.")
        with pytest.raises(WrongMoment):
            await orders.decide_request(work, drone, feasible=True)
        await orders.hand_over(work, order)
    async with desk.look(CORA) as work:
        decided = (await orders.load(work, placed.id)).requests
        assert [(one.status, one.reason, one.decided_by_id) for one in decided] == [
            (SpecialRequestStatus.FEASIBLE, "", CORA.person_id),
            (SpecialRequestStatus.NOT_FEASIBLE, "We have none.", CORA.person_id),
        ]


async def test_a_moved_day_is_told_once_with_the_old_one(desk: Desk) -> None:
    """S0-3.6.2"""
    placed = await ordered(desk)
    async with desk.work(FRED) as work:
        order = await orders.load(work, placed.id)
        await orders.expect_on(work, order, date(2026, 3, 9), "The carrier is late.")
        with pytest.raises(WrongMoment):
            await orders.expect_on(work, order, date(2026, 3, 9), "The carrier is late.")
    async with desk.look(CORA) as work:
        told = await work.session.scalars(
            select(Message.body_text).where(Message.template == "delivery-update")
        )
        body = told.one()
        assert "expected_on: 2026-03-09" in body
        assert "It was expected on 05 March 2026. The carrier is late." in body


async def test_who_does_not_send_things_out_cannot_say_they_left(desk: Desk) -> None:
    number = await led_to(desk, OrderStatus.HANDED_OVER)
    for actor in (CORA, INA):
        async with desk.work(actor) as work:
            with pytest.raises(NotAllowed):
                await orders.prepare(work, await orders.load(work, number))
    async with desk.work(FRED) as work:
        with pytest.raises(NotAllowed):
            await orders.cancel(work, await orders.load(work, number), "No.")
