"""Orders that wait for goods, by chance and by several at once: never oversold, each unit promised once. S1-4.2.1a"""

import asyncio
import contextlib
from collections.abc import Awaitable
from random import Random

import pytest
from sqlalchemy import func, select

from jobs.serve_waiting import serve_waiting
from models import Order, OrderLine, Product
from models.words import OrderStatus
from portal.desk.errors import DeskError
from portal.desk.work import SYSTEM, Desk
from tests.cast import Clock
from tests.desk.goods import amended, cancelled, counted, figures, letters, waiting_for, waits
from tests.shop import CHAIR, LAMP, of_lines, ordered, stocked


async def test_two_orders_and_one_unit_that_comes_in(desk: Desk, clock: Clock) -> None:
    """Several replicas serve at once: one order gets it, whoever waited longer, and nothing is promised twice."""
    await ordered(desk, of_lines((LAMP, 1)))
    first = await ordered(desk, waiting_for((LAMP, 1)))
    clock.forward(minutes=1)
    second = await ordered(desk, waiting_for((LAMP, 1)))
    await counted(desk, LAMP, 2)
    done = await asyncio.gather(
        *(serve_waiting(desk) for _ in range(3)), _tried(ordered(desk, of_lines((LAMP, 1))))
    )
    assert (sum(filter(None, done[:3])), done[3]) == (1, None)
    assert (await waits(desk, first.id), await waits(desk, second.id)) == ([0], [1])
    assert await figures(desk, LAMP) == (2, 2, 1, 0)
    assert [one[1] for one in await letters(desk, "goods-in")] == [first.number]


async def _tried(deed: Awaitable[object]) -> None:
    """Whether it may be or not: what counts is how things stand afterwards."""
    with contextlib.suppress(DeskError):
        await deed


async def agree(desk: Desk) -> None:
    """What products say is promised and waited for is what open orders hold, and never beyond what is there."""
    async with desk.look(SYSTEM) as work:
        rows = await work.session.execute(
            select(
                OrderLine.product_id,
                func.sum(OrderLine.quantity - OrderLine.waiting),
                func.sum(OrderLine.waiting),
            )
            .join(Order, Order.id == OrderLine.order_id)
            .where(Order.status.in_((OrderStatus.CONFIRMED, OrderStatus.HANDED_OVER, OrderStatus.PREPARED)))
            .group_by(OrderLine.product_id)
        )
        held = {product_id: (int(promised), int(waiting)) for product_id, promised, waiting in rows}
        for product in await work.session.scalars(select(Product).where(Product.on_hand.is_not(None))):
            assert (product.reserved, product.waiting) == held.get(product.id, (0, 0)), product.name
            assert product.on_hand is not None
            assert product.on_hand >= product.reserved


async def step(desk: Desk, chance: Random, placed: list[int]) -> None:
    """One thing that happens on a desk, by chance; what is refused changes nothing."""
    lines = [
        (product, chance.randint(1, 4)) for product in chance.sample([CHAIR, LAMP], chance.randint(1, 2))
    ]
    draft = waiting_for(*lines) if chance.random() < 0.8 else of_lines(*lines)
    match chance.choice(("place", "place", "amend", "cancel", "arrive", "serve", "serve")):
        case "place":
            with contextlib.suppress(DeskError):
                placed.append((await ordered(desk, draft)).id)
        case "amend" if placed:
            await _tried(amended(desk, chance.choice(placed), draft))
        case "cancel" if placed:
            await _tried(cancelled(desk, chance.choice(placed)))
        case "arrive":
            product_id = chance.choice([CHAIR, LAMP])
            there = (await figures(desk, product_id))[0] or 0
            await _tried(counted(desk, product_id, there + chance.randint(-2, 4)))
        case _:
            await serve_waiting(desk)


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_stock_and_orders_agree(desk: Desk, clock: Clock, seed: int) -> None:
    """Orders are placed, amended and cancelled and goods come and go, one after the other, by chance."""
    await stocked(desk)
    chance, placed = Random(seed), list[int]()
    for _ in range(25):
        clock.forward(seconds=1)
        await step(desk, chance, placed)
        await agree(desk)
    for product_id in (CHAIR, LAMP):
        await counted(desk, product_id, 500)
    await serve_waiting(desk)
    await agree(desk)
    assert {units for order_id in placed for units in await waits(desk, order_id)} <= {0}


async def test_whatever_happens_at_once_stock_and_orders_agree(desk: Desk) -> None:
    """The same by several at once: whoever comes second waits or is refused, and nothing is promised twice."""
    await stocked(desk)
    placed: list[int] = []
    for seed in range(5):
        await asyncio.gather(*(step(desk, Random(f"{seed}/{one}"), placed) for one in range(6)))
        await agree(desk)
