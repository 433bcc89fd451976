"""The departments tick what they are told of an order; when nobody does, the supervisors hear of it once. S1-4.7.1"""

from dataclasses import replace

import pytest
from sqlalchemy import select

from jobs.remind_follow_ups import remind_follow_ups
from models import AuditEntry, HandOver, Message, Order
from models.words import Department, OrderStatus
from portal.desk import orders
from portal.desk.errors import NotAllowed, WrongMoment
from portal.desk.orders import receiving
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CORA, FIN, FRED, INA, SAM, Clock, berlin
from tests.shop import CHAIR, led_to, of_lines, ordered

LATE = "order-not-received"
STOCK, SENDING = Department.INVENTORY, Department.FULFILMENT


async def handed(desk: Desk) -> int:
    """An order that is handed over at ten."""
    return await led_to(desk, OrderStatus.HANDED_OVER)


async def tick(desk: Desk, order_id: int, who: Actor) -> None:
    async with desk.work(who) as work:
        await receiving.receive(work, await orders.load(work, order_id))


async def standing(desk: Desk, order_id: int) -> list[tuple[Department, int, bool, int | None]]:
    async with desk.look(SYSTEM) as work:
        rows = await receiving.of_order(work, await work.session.get_one(Order, order_id))
        return [(one.department, one.version, one.cancelled, one.received_by_id) for one in rows]


async def told(desk: Desk, template: str) -> list[str]:
    async with desk.look(SYSTEM) as work:
        rows = select(Message.to_name).where(Message.template == template).order_by(Message.to_name)
        return list(await work.session.scalars(rows))


async def amended(desk: Desk, order_id: int) -> None:
    async with desk.work(CORA) as work:
        order = await orders.load(work, order_id)
        draft = replace(orders.draft_of(order), lines=((CHAIR, 1),))
        checked = await orders.check_amendment(work, order, draft)
        await orders.amend(
            work,
            order,
            draft,
            fingerprint=orders.fingerprint(checked),
            expected_amended=order.amended,
            reason="One will do.",
        )


async def test_both_departments_are_told_and_each_ticks_for_itself(desk: Desk) -> None:
    number = await handed(desk)
    assert await told(desk, "hand-over-notice") == ["Fred", "Ina"]
    assert await standing(desk, number) == [(STOCK, 1, False, None), (SENDING, 1, False, None)]
    async with desk.look(INA) as work:
        assert [(one.order_id, one.due_at) for one in await receiving.waiting(work, 8)] == [
            (number, berlin("2026-03-02 10:30"))
        ]
    await tick(desk, number, INA)
    assert await standing(desk, number) == [(STOCK, 1, False, INA.person_id), (SENDING, 1, False, None)]
    with pytest.raises(WrongMoment, match="ticked already"):
        await tick(desk, number, INA)
    for who in (CORA, SAM, FIN):
        with pytest.raises(NotAllowed):
            await tick(desk, number, who)


async def test_when_nobody_ticks_in_time_who_leads_is_told_once(desk: Desk, clock: Clock) -> None:
    """S1-3.4b, S1-4.7.1"""
    number = await handed(desk)
    await tick(desk, number, FRED)
    clock.at("2026-03-02 10:29")
    assert await remind_follow_ups(desk) == 0
    clock.at("2026-03-02 10:30")
    assert [await remind_follow_ups(desk) for _ in range(3)] == [1, 0, 0]
    assert await told(desk, LATE) == ["Mara", "Sam"]
    async with desk.look(SYSTEM) as work:
        row = (await work.session.scalars(select(HandOver).where(HandOver.department == STOCK))).one()
        assert (row.next_at, row.late_told_at) == (None, work.now)
        deed = select(AuditEntry.who, AuditEntry.subject_id).where(
            AuditEntry.deed == "tell of order not received"
        )
        assert list(await work.session.execute(deed)) == [("Handrail", str(row.id))]
    await tick(desk, number, INA)  # late, but they have it
    assert await standing(desk, number) == [
        (STOCK, 1, False, INA.person_id),
        (SENDING, 1, False, FRED.person_id),
    ]


async def test_time_is_counted_while_the_desk_is_open(desk: Desk, clock: Clock) -> None:
    clock.at("2026-03-06 16:45")
    await handed(desk)
    clock.at("2026-03-09 09:14")
    assert await remind_follow_ups(desk) == 0
    clock.at("2026-03-09 09:15")
    assert await remind_follow_ups(desk) == 2
    assert await told(desk, LATE) == ["Mara", "Mara", "Sam", "Sam"]


async def test_what_changes_meanwhile_is_ticked_anew(desk: Desk, clock: Clock) -> None:
    """S1-4.6.2, S4-4.4"""
    number = await handed(desk)
    await tick(desk, number, INA)
    clock.forward(minutes=20)
    await amended(desk, number)
    assert await standing(desk, number) == [(STOCK, 2, False, None), (SENDING, 2, False, None)]
    clock.forward(minutes=20)  # of what was told first the time would be over
    assert await remind_follow_ups(desk) == 0
    async with desk.work(CORA) as work:
        await orders.cancel(work, await orders.load(work, number), "Not wanted.")
    assert await standing(desk, number) == [(STOCK, 2, True, None), (SENDING, 2, True, None)]
    await tick(desk, number, FRED)
    clock.forward(hours=1)
    assert await remind_follow_ups(desk) == 1
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(select(HandOver).order_by(HandOver.id))
        assert [(one.department, one.version, one.received_at is None) for one in rows] == [
            (STOCK, 1, False),
            (SENDING, 2, False),
            (STOCK, 2, True),
        ]


async def test_who_packs_it_has_it(desk: Desk) -> None:
    number = await led_to(desk, OrderStatus.PREPARED)
    assert await standing(desk, number) == [(STOCK, 1, False, None), (SENDING, 1, False, FRED.person_id)]


async def test_what_is_not_handed_over_is_nobodys_to_tick(desk: Desk) -> None:
    order = await ordered(desk, of_lines((CHAIR, 1)))
    assert await standing(desk, order.id) == []
    with pytest.raises(WrongMoment):
        await tick(desk, order.id, FRED)
