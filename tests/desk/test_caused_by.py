"""Each letter names who caused it: the person, the customer, or the desk's job, as it was at the time. S0-0.2, S1-3.1b"""

from datetime import date

from sqlalchemy import select

from jobs.schedule import run_once
from models import Message, Person
from models.words import OrderStatus
from portal.desk import audit, order_story, orders
from portal.desk.timeline import Told
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, FRED, Clock
from tests.shop import led_to, ordered


async def caused(desk: Desk) -> list[tuple[str, str]]:
    async with desk.look(SYSTEM) as work:
        rows = select(Message.template, Message.caused_by).order_by(Message.id)
        return [(template, by) for template, by in await work.session.execute(rows)]


async def test_a_letter_names_the_person_or_the_job_behind_it(desk: Desk, clock: Clock) -> None:
    """S0-0.2, S1-3.1b"""
    number = await led_to(desk, OrderStatus.HANDED_OVER)
    async with desk.work(FRED) as work:
        await orders.expect_on(
            work, await orders.load(work, number), date(2026, 3, 9), "The carrier is late."
        )
    clock.forward(hours=2)
    await run_once(desk, "remind_follow_ups")
    assert await caused(desk) == [
        ("order-confirmation", "Cora"),
        ("hand-over-notice", "Cora"),
        ("hand-over-notice", "Cora"),
        ("expected-day-moved", "Fred"),
        *[("order-not-received", "Handrail (remind follow ups)")] * 4,  # two who lead, of two departments
    ]


async def test_the_story_of_an_order_tells_them_by_the_name_they_had(desk: Desk, clock: Clock) -> None:
    order = await ordered(desk)
    async with desk.work(SYSTEM) as work:
        cora = await work.session.get_one(Person, CORA.person_id)
        cora.name = "Cora Newname"
        before = await work.session.get_one(Message, 1)
        assert before.caused_by == "Cora"
        await audit.record(work, "rename", cora)
    clock.forward(minutes=1)
    async with desk.work(FRED) as work:
        await orders.expect_on(
            work, await orders.load(work, order.id), date(2026, 3, 9), "The carrier is late."
        )
    async with desk.look(CORA) as work:
        story = await order_story.of(work, await orders.load(work, order.id), shown=False)
        assert [one.who for one in story if one.kind is Told.MESSAGE] == [
            "to Ana E••••, by Fred",
            "to Ana E••••, by Cora",
        ]


async def test_of_a_letter_of_before_nobody_is_guessed(desk: Desk) -> None:
    order = await ordered(desk)
    async with desk.work(SYSTEM) as work:
        (await work.session.get_one(Message, 1)).caused_by = ""
        await audit.record(work, "as it was before")
    async with desk.look(CORA) as work:
        story = await order_story.of(work, await orders.load(work, order.id), shown=False)
        assert [one.who for one in story if one.kind is Told.MESSAGE] == ["to Ana E••••"]
