"""What comes back: announced, arrived, settled or called off. S3-4.1.3c, S4-4.4"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from models import AuditEntry, Message, ReturnLine
from models.words import OrderStatus, ReturnReason, ReturnStatus
from portal.desk import orders, products, returns
from portal.desk.errors import DeskError, NotAccepted, NotAllowed, WrongMoment
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CORA, FIN, FRED, INA
from tests.desk.stories import opened, the_case
from tests.shop import ADVICE, CHAIR, DRAFT, led_to, of_lines, ordered

CHAIRS, HOUR = 1, 2
"""The ids of the lines of Ana's order: two chairs and an hour of advice."""


async def announced(
    desk: Desk,
    order_id: int,
    units: Mapping[int, int],
    reason: ReturnReason = ReturnReason.FAULTY,
    actor: Actor = CORA,
    words: str = "",
    serial: str = "",
) -> int:
    async with desk.work(actor) as work:
        order = await orders.load(work, order_id)
        made = await returns.announce(work, order, units, reason=reason, words=words, serial=serial)
        return made.id


async def arrived(desk: Desk, return_id: int, *, resellable: bool = True, actor: Actor = INA) -> None:
    async with desk.work(actor) as work:
        await returns.arrive(work, await returns.load(work, return_id), resellable=resellable)


async def stock_of(desk: Desk) -> tuple[int | None, int]:
    """Chairs that are there, and promised."""
    async with desk.look(SYSTEM) as work:
        chair = await products.load(work, CHAIR)
        return chair.on_hand, chair.reserved


async def told(desk: Desk, template: str) -> list[tuple[str, str]]:
    """Who was told of a return, and in which state of it."""
    async with desk.look(SYSTEM) as work:
        found = select(Message.to_name, Message.once).where(Message.template == template)
        rows = await work.session.execute(found.order_by(Message.id))
        return [(name, once.split("/")[2]) for name, once in rows]


async def test_what_is_announced_is_told_to_all_concerned(desk: Desk) -> None:
    """S1-4.7.1, S4-4.4"""
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    return_id = await announced(desk, order_id, {CHAIRS: 1}, words="The left leg.", serial="ch-4711-08")
    async with desk.look(INA) as work:
        made = await returns.load(work, return_id)
        line = made.lines[0]
        assert (made.number, made.status, made.expected_by, made.announced_by_id, made.words) == (
            "HZ-26-000001-9",
            ReturnStatus.EXPECTED,
            date(2026, 3, 16),
            CORA.person_id,
            "The left leg.",
        )
        assert (line.order_line_id, line.quantity, line.reason, line.serial, line.order_line.sku) == (
            CHAIRS, 1, ReturnReason.FAULTY, "CH471108", "CH-1",
        )  # fmt: skip
    assert await told(desk, "return-update") == [("Ana Example", "expected")]
    assert await told(desk, "return-notice") == [("Ina", "expected"), ("Fred", "expected")]


@pytest.mark.parametrize(
    ("resellable", "chairs"), [(True, (5, 0)), (False, (3, 0))], ids=["as new", "broken"]
)
async def test_only_what_can_be_sold_again_goes_back_into_stock(
    desk: Desk, *, resellable: bool, chairs: tuple[int, int]
) -> None:
    """S1-3.2b"""
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    assert await stock_of(desk) == (3, 0)
    return_id = await announced(desk, order_id, {CHAIRS: 2, HOUR: 1})
    assert await stock_of(desk) == (3, 0)
    await arrived(desk, return_id, resellable=resellable)
    assert await stock_of(desk) == chairs
    async with desk.look(INA) as work:
        made = await returns.load(work, return_id)
        assert (made.status, made.resellable, made.arrived_by_id, made.arrived_at) == (
            ReturnStatus.ARRIVED, resellable, INA.person_id, work.now,
        )  # fmt: skip
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.deed == "receive return"))
        assert entry is not None
        moved = {"on_hand": [3, 5]} if resellable else None
        assert entry.changes.get("products/1") == moved
    assert (await told(desk, "return-notice"))[-1] == ("Cora", "arrived")
    assert (await told(desk, "return-update"))[-1] == ("Ana Example", "arrived")


@pytest.mark.parametrize(
    ("resellable", "after", "at_the_end"),
    [(True, (5, 1), (4, 0)), (False, (4, 1), (3, 0))],
    ids=["as new", "broken"],
)
async def test_a_parcel_that_comes_back_before_it_was_delivered_is_counted_once(
    desk: Desk, *, resellable: bool, after: tuple[int, int], at_the_end: tuple[int, int]
) -> None:
    """S4-4.4: until the delivery is marked, its units are still counted as there and promised."""
    order_id = await led_to(desk, OrderStatus.DISPATCHED)
    assert await stock_of(desk) == (5, 2)
    await arrived(desk, await announced(desk, order_id, {CHAIRS: 1}), resellable=resellable)
    assert await stock_of(desk) == after
    async with desk.work(FRED) as work:
        await orders.deliver(work, await orders.load(work, order_id))
    assert await stock_of(desk) == at_the_end


@pytest.mark.parametrize(
    "status", [OrderStatus.CONFIRMED, OrderStatus.HANDED_OVER, OrderStatus.PREPARED], ids=str
)
async def test_nothing_comes_back_that_has_not_left(desk: Desk, status: OrderStatus) -> None:
    order_id = await led_to(desk, status)
    with pytest.raises(WrongMoment, match="has not left the house: change or cancel it instead"):
        await announced(desk, order_id, {CHAIRS: 1})


@pytest.mark.parametrize(
    ("units", "refused"),
    [
        ({}, {"units": "Say how many units come back, of at least one line."}),
        ({CHAIRS: 0}, {"units": "Say how many units come back, of at least one line."}),
        ({CHAIRS: 3}, {"units-1": "A whole number, at most 2."}),
        ({CHAIRS: -1}, {"units-1": "A whole number, at most 2."}),
        ({CHAIRS: 1, 77: 1}, {"units-77": "All of it was announced already."}),
    ],
)
async def test_what_cannot_come_back_is_refused_by_line(
    desk: Desk, units: Mapping[int, int], refused: Mapping[str, str]
) -> None:
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    with pytest.raises(NotAccepted) as caught:
        await announced(desk, order_id, units)
    assert caught.value.fields == refused


async def test_never_more_than_went_out_less_what_was_announced(desk: Desk) -> None:
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    first = await announced(desk, order_id, {CHAIRS: 2})
    with pytest.raises(NotAccepted) as caught:
        await announced(desk, order_id, {CHAIRS: 1})
    assert caught.value.fields == {"units-1": "All of it was announced already."}
    async with desk.work(CORA) as work:
        await returns.cancel(work, await returns.load(work, first), "She keeps them.")
    await announced(desk, order_id, {CHAIRS: 1})
    async with desk.look(CORA) as work:
        assert await returns.left(work, await orders.load(work, order_id)) == {CHAIRS: 1, HOUR: 1}


async def test_of_two_who_announce_the_last_units_at_once_one_does(desk: Desk) -> None:
    order_id = await led_to(desk, OrderStatus.DELIVERED)

    async def try_it() -> bool:
        try:
            await announced(desk, order_id, {CHAIRS: 2})
        except NotAccepted:
            return False
        return True

    assert sorted(await asyncio.gather(*(try_it() for _ in range(4)))) == [False, False, False, True]
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.sum(ReturnLine.quantity))) == 2


async def test_what_arrives_twice_at_once_is_in_stock_once(desk: Desk) -> None:
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    return_id = await announced(desk, order_id, {CHAIRS: 2})

    async def try_it(actor: Actor) -> bool:
        try:
            await arrived(desk, return_id, actor=actor)
        except DeskError:
            return False
        return True

    assert sorted(await asyncio.gather(try_it(INA), try_it(FRED), try_it(INA))) == [False, False, True]
    assert await stock_of(desk) == (5, 0)


async def test_what_is_called_off_is_expected_no_longer(desk: Desk) -> None:
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    return_id = await announced(desk, order_id, {CHAIRS: 1})
    async with desk.work(CORA) as work:
        with pytest.raises(NotAccepted) as caught:
            await returns.cancel(work, await returns.load(work, return_id), " ")
        assert caught.value.fields == {"reason": "Say why nothing comes back. The customer reads this."}
    async with desk.work(CORA) as work:
        await returns.cancel(work, await returns.load(work, return_id), "She keeps it.")
    with pytest.raises(WrongMoment, match="is cancelled"):
        await arrived(desk, return_id)
    assert await stock_of(desk) == (3, 0)
    assert (await told(desk, "return-update"))[-1] == ("Ana Example", "cancelled")
    assert (await told(desk, "return-notice"))[-2:] == [("Ina", "cancelled"), ("Fred", "cancelled")]


async def test_what_arrived_is_settled_with_words_and_not_before(desk: Desk) -> None:
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    return_id = await announced(desk, order_id, {CHAIRS: 1})
    async with desk.work(CORA) as work:
        with pytest.raises(WrongMoment, match="is expected"):
            await returns.settle(work, await returns.load(work, return_id), "Money back.")
    await arrived(desk, return_id)
    async with desk.work(CORA) as work:
        with pytest.raises(WrongMoment, match="is arrived"):
            await returns.cancel(work, await returns.load(work, return_id), "Too late.")
    async with desk.work(CORA) as work:
        await returns.settle(work, await returns.load(work, return_id), "Money back.")
    async with desk.look(CORA) as work:
        made = await returns.load(work, return_id)
        assert (made.status, made.ended_because, made.ended_at) == (
            ReturnStatus.SETTLED, "Money back.", work.now,
        )  # fmt: skip


async def test_a_replacement_goes_out_once_and_ends_the_return_when_it_arrives(desk: Desk) -> None:
    """S3-4.1.3c"""
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    return_id = await announced(desk, order_id, {CHAIRS: 1})
    instead = await ordered(desk, of_lines((CHAIR, 1)))
    async with desk.work(CORA) as work:
        await returns.replace(work, return_id, instead)
    other = await ordered(desk, of_lines((ADVICE, 1)))
    async with desk.work(CORA) as work:
        with pytest.raises(WrongMoment, match="was replaced already"):
            await returns.replace(work, return_id, other)
    async with desk.work(CORA) as work:
        with pytest.raises(WrongMoment, match="what it replaces has to come back"):
            await returns.cancel(work, await returns.load(work, return_id), "Too late.")
    await arrived(desk, return_id)
    async with desk.look(CORA) as work:
        made = await returns.load(work, return_id)
        assert (made.status, made.replacement_id, made.ended_because) == (
            ReturnStatus.SETTLED, instead.id, "Exchanged.",
        )  # fmt: skip
        for one in (order_id, instead.id):
            found = await returns.of_order(work, await orders.load(work, one))
            assert [row.id for row in found] == [return_id]


async def test_the_case_and_the_order_have_one_customer(desk: Desk) -> None:
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    mine, nobodys = await opened(desk), await opened(desk, customer_id=None)
    async with desk.work(CORA) as work:
        order = await orders.load(work, order_id)
        with pytest.raises(NotAccepted) as caught:
            await returns.announce(
                work, order, {CHAIRS: 1}, reason=ReturnReason.FAULTY, case=await the_case(work, nobodys)
            )
        assert caught.value.fields == {"order": "This is the order of another customer than the case."}
    async with desk.work(CORA) as work:
        order = await orders.load(work, order_id)
        case = await the_case(work, mine)
        made = await returns.announce(work, order, {CHAIRS: 1}, reason=ReturnReason.FAULTY, case=case)
        assert [one.id for one in await returns.of_case(work, case)] == [made.id]
        assert await returns.case_numbers(work, [made]) == {mine: case.number}


@pytest.mark.parametrize("actor", [INA, FRED, FIN], ids=lambda one: one.name)
async def test_who_packs_announces_nothing(desk: Desk, actor: Actor) -> None:
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    with pytest.raises(NotAllowed):
        await announced(desk, order_id, {CHAIRS: 1}, actor=actor)


@pytest.mark.parametrize("actor", [CORA, FIN], ids=lambda one: one.name)
async def test_who_sells_marks_nothing_as_arrived(desk: Desk, actor: Actor) -> None:
    order_id = await led_to(desk, OrderStatus.DELIVERED)
    return_id = await announced(desk, order_id, {CHAIRS: 1})
    with pytest.raises(NotAllowed):
        await arrived(desk, return_id, actor=actor)


async def test_the_lists_go_on_page_by_page(desk: Desk) -> None:
    """Expected ones from the oldest on; one statement for the page, two for what hangs on it."""
    order_id = await led_to(desk, OrderStatus.DELIVERED, replace(DRAFT, lines=((CHAIR, 5),)))
    made = [await announced(desk, order_id, {CHAIRS: 1}) for _ in range(5)]
    async with desk.look(INA) as work:
        page = await returns.queue(work, ReturnStatus.EXPECTED, limit=3)
        rest = await returns.queue(work, ReturnStatus.EXPECTED, before=page.older, limit=3)
        assert ([one.id for one in page.rows], [one.id for one in rest.rows], rest.older) == (
            made[:3], made[3:], "",
        )  # fmt: skip
        assert (await returns.queue(work, ReturnStatus.ARRIVED)).rows == []
