"""Inventory is asked what is there, answers once, and the line and whoever asked hear of it. S1-3.2a"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from models import Product
from models.words import Availability
from portal.desk import availability, orders
from portal.desk.availability import Answer
from portal.desk.errors import NotAccepted, NotAllowed, WrongMoment
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import CEM, CORA, FRED, INA, Clock, berlin
from tests.shop import CHAIR, LAMP, of_lines, ordered, stocked

YES, PARTIAL, NO = Availability


async def asked(desk: Desk, quantity: int | None = 4, order_id: int | None = None, who: Actor = CORA) -> int:
    """Cora asks for lamps: of the first line of an order, or of none."""
    async with desk.work(who) as work:
        if order_id is None:
            lamp = await work.session.get_one(Product, LAMP)
            return (await availability.ask(work, lamp, quantity, "With a plug?")).id
        order = await orders.load(work, order_id)
        line, product = await availability.line_of(work, order, order.lines[0].id)
        return (await availability.ask(work, product, line.quantity, "", line)).id


async def told(desk: Desk, request_id: int, answer: Answer, who: Actor = INA) -> None:
    async with desk.work(who) as work:
        await availability.answer(work, await availability.load(work, request_id), answer)


async def test_an_answer_moves_the_day_of_the_line_and_is_told_once(desk: Desk, clock: Clock) -> None:
    order = await ordered(desk, replace(of_lines((LAMP, 4), (CHAIR, 1)), waits=((LAMP, None),)))
    request = await asked(desk, order_id=order.id)
    with pytest.raises(WrongMoment, match="asked for Lamp of this order already"):
        await asked(desk, order_id=order.id, who=CEM)
    async with desk.look(INA) as work:
        rows = (await availability.open_ones(work)).rows
        assert [(one.quantity, one.due_at, one.order and one.order.number) for one in rows] == [
            (4, berlin("2026-03-02 11:00"), order.number)
        ]
    day = clock.now.date() + timedelta(days=9)
    await told(desk, request, Answer(PARTIAL, 1, day, "One on the shelf."))
    with pytest.raises(WrongMoment, match="answered already"):
        await told(desk, request, Answer(NO))
    async with desk.look(CORA) as work:
        line = (await orders.load(work, order.id)).lines[0]
        assert (line.waiting, line.waits_until) == (3, day)
        answers = await availability.to_read(work, 8)
        assert [(one.answer, one.units, one.expected_on, one.remark) for one in answers] == [
            (PARTIAL, 1, day, "One on the shelf.")
        ]
        assert (await availability.open_ones(work)).rows == []
    async with desk.work(CORA) as work:
        await availability.have_read(work, await availability.load(work, request))
    with pytest.raises(WrongMoment, match="no answer to be read"):
        async with desk.work(CORA) as work:
            await availability.have_read(work, await availability.load(work, request))
    async with desk.look(CORA) as work:
        assert await availability.to_read(work, 8) == []
    await asked(desk, order_id=order.id)  # and can be asked anew


async def test_what_cannot_be_asked_or_answered_is_refused_by_field(desk: Desk, clock: Clock) -> None:
    await stocked(desk)
    for quantity in (None, 0, 1_000_001):
        with pytest.raises(NotAccepted) as refused:
            await asked(desk, quantity)
        assert refused.value.fields == {"quantity": "A whole number from 1 to 1,000,000."}
    with pytest.raises(NotAllowed):
        await asked(desk, who=FRED)
    first, second = await asked(desk), await asked(desk, 1)
    few = {"units": "More than none and fewer than 4: how many are there?"}
    for answer, wrong in (
        (Answer(PARTIAL, 4), few),
        (Answer(PARTIAL), few),
        (Answer(NO, None, clock.now.date() - timedelta(days=1)), {"expected_on": "This day has passed."}),
        (Answer(NO, None, date(9999, 1, 1)), {"expected_on": "Look at the year."}),
        (Answer(YES, remark="x" * 501), {"remark": "At most 500 characters."}),
    ):
        with pytest.raises(NotAccepted) as refused:
            await told(desk, first, answer)
        assert refused.value.fields == wrong
    with pytest.raises(NotAllowed):
        await told(desk, first, Answer(YES), CORA)
    await told(desk, first, Answer(YES, 2))
    await told(desk, second, Answer(NO, 1))
    with pytest.raises(NotAllowed, match="Whoever asked"):
        async with desk.work(CEM) as work:
            await availability.have_read(work, await availability.load(work, first))
    async with desk.look(SYSTEM) as work:
        both = [await availability.load(work, one) for one in (first, second)]
    assert [(one.answer, one.units) for one in both] == [(YES, 4), (NO, 0)]
