"""The way of an order. S1-3.3, S0-3.6"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from models import AuditEntry, Customer, FollowUp, Message, Order
from models.words import (
    Channel,
    DeliveryMethod,
    FollowUpKind,
    OrderStatus,
    PreferredChannel,
)
from portal.database import Database
from portal.desk import audit, orders, products
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.orders import stages
from portal.desk.work import SYSTEM, Desk, Work
from tests.cast import ANA, CORA, FIN, FRED, INA, Clock, berlin
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


async def test_the_database_takes_the_same_moves_as_the_code_and_no_others(desk: Desk) -> None:
    """S1-0.1: every jump there is, asked of the database past every door; what was imported goes as it is told."""
    took, untold = set(), {"audited": True, "synchronize_session": False}
    async with desk.work(SYSTEM) as work:
        for number, (before, after, method) in enumerate(product(OrderStatus, OrderStatus, DeliveryMethod)):
            for source in (None, "old-shop"):
                order = Order(
                    number=f"X-{number}-{source}", channel=Channel.PHONE, status=before, delivery_method=method,
                    source=source, source_id=str(number) if source else None,
                    placed_at=work.now, delivered_at=work.now, cancelled_at=work.now,
                )  # fmt: skip
                work.session.add(order)
                await work.session.flush()
                try:
                    async with work.session.begin_nested():
                        moved = update(Order).where(Order.id == order.id).values(status=after)
                        await work.session.execute(moved, execution_options=untold)
                except IntegrityError:
                    assert source is None
                else:
                    took |= {(before, after, method)} if source is None and before is not after else set()
        await audit.record(work, "try everything")
    assert took == stages.MOVES


async def test_no_order_is_deleted_whatever_sql_says(desk: Desk) -> None:
    """S0-5.1a"""
    number = await led_to(desk, OrderStatus.CONFIRMED)
    database = desk.database
    assert isinstance(database, Database)
    own = (
        ("INSERT OR REPLACE INTO orders SELECT * FROM orders", "REPLACE INTO orders SELECT * FROM orders")
        if database.is_sqlite
        else ("TRUNCATE orders CASCADE", "TRUNCATE people CASCADE")
    )
    for attempt in ("DELETE FROM orders", f"DELETE FROM orders WHERE id = {number}", *own):
        async with database.writing() as session:
            with pytest.raises(DBAPIError, match=r"never deleted|append-only"):
                await session.execute(text(attempt))
    async with desk.look(CORA) as work:
        assert (await orders.load(work, number)).status is OrderStatus.CONFIRMED


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
        templates = select(Message.template).where(Message.customer_id == ANA).order_by(Message.id)
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
        told = select(Message.template).where(Message.customer_id == ANA).order_by(Message.id)
        assert list(await work.session.scalars(told)) == ["order-confirmation", "delivery-update"]


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


async def test_a_moved_day_is_told_once_with_the_old_one(desk: Desk) -> None:
    """S0-3.6.2"""
    placed = await ordered(desk)
    async with desk.work(FRED) as work:
        order = await orders.load(work, placed.id)
        await orders.expect_on(work, order, date(2026, 3, 9), "The carrier is late.")
    async with desk.work(CORA) as work:
        with pytest.raises(NotAccepted) as refused:  # a second worker with the same day
            await orders.expect_on(
                work, await orders.load(work, placed.id), date(2026, 3, 9), "The carrier is late."
            )
        assert refused.value.fields == {"day": "It is expected on this day already."}
    async with desk.look(CORA) as work:
        bodies = await work.session.scalars(
            select(Message.body_text).where(Message.template == "expected-day-moved")
        )
        told = [one for one in bodies.one().splitlines() if one.startswith(("expected", "before", "reason"))]
        assert told == ["expected_on: 2026-03-09", "before_on: 2026-03-05", "reason: The carrier is late."]


async def test_each_move_is_told_also_back_to_a_day_there_was_before(desk: Desk, clock: Clock) -> None:
    """S0-3.6.2"""
    placed = await ordered(desk)
    for day in (9, 5, 9):
        clock.forward(minutes=5)
        async with desk.work(CORA) as work:
            await orders.expect_on(
                work, await orders.load(work, placed.id), date(2026, 3, day), "It changed."
            )
    async with desk.look(CORA) as work:
        told = select(Message.order_id).where(Message.template == "expected-day-moved")
        assert list(await work.session.scalars(told)) == [placed.id] * 3


async def test_who_wants_a_call_is_called_about_the_new_day(desk: Desk) -> None:
    """S0-3.6.1, S0-3.6.2"""
    placed = await ordered(desk)
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.preferred_channel = PreferredChannel.CALL
        await audit.record(work, "wish for a call", ana)
    async with desk.work(FRED) as work:
        await orders.expect_on(
            work, await orders.load(work, placed.id), date(2026, 3, 9), "The carrier is late."
        )
    async with desk.look(CORA) as work:
        written = select(Message.id).where(Message.template == "expected-day-moved")
        planned = (await work.session.scalars(select(FollowUp))).one()
        assert list(await work.session.scalars(written)) == []
        assert planned.owner_id == CORA.person_id
        assert planned.words == (
            f"Call Ana Example: {placed.number} is expected on Monday, 9 March 2026, "
            "no longer on Thursday, 5 March 2026. The carrier is late."
        )


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 1), "This day has passed."),
        (
            date(2026, 3, 7),
            "We are closed on Saturday, 7 March 2026. Choose a day on which we are open.",
        ),
        (date(2027, 3, 4), "This is more than a year ahead. Look at the year."),
        (date(9999, 12, 31), "This is more than a year ahead. Look at the year."),
    ],
)
async def test_a_day_on_which_nothing_can_come_is_refused(desk: Desk, day: date, words: str) -> None:
    """S0-3.6.2"""
    placed = await ordered(desk)
    async with desk.work(CORA) as work:
        with pytest.raises(NotAccepted) as refused:
            await orders.expect_on(work, await orders.load(work, placed.id), day, "Because.")
        assert refused.value.fields == {"day": words}


async def test_a_closed_day_that_the_customer_asked_for_is_taken(desk: Desk) -> None:
    saturday = date(2026, 3, 14)
    placed = await ordered(desk, replace(DRAFT, wanted_on=saturday))
    async with desk.work(CORA) as work:
        order = await orders.load(work, placed.id)
        await orders.expect_on(work, order, date(2026, 3, 16), "Not on the Saturday.")
        await orders.expect_on(work, order, saturday, "On the Saturday after all.")
        assert order.expected_on == saturday


async def test_no_day_is_moved_once_the_order_has_ended_nor_by_finance(desk: Desk) -> None:
    number = await led_to(desk, OrderStatus.DELIVERED)
    for who, refused in ((CORA, WrongMoment), (FIN, NotAllowed), (INA, NotAllowed)):
        async with desk.work(who) as work:
            with pytest.raises(refused):
                await orders.expect_on(work, await orders.load(work, number), date(2026, 3, 9), "Late.")


async def test_who_does_not_send_things_out_cannot_say_they_left(desk: Desk) -> None:
    number = await led_to(desk, OrderStatus.HANDED_OVER)
    for actor in (CORA, INA):
        async with desk.work(actor) as work:
            with pytest.raises(NotAllowed):
                await orders.prepare(work, await orders.load(work, number))
    async with desk.work(FRED) as work:
        with pytest.raises(NotAllowed):
            await orders.cancel(work, await orders.load(work, number), "No.")
