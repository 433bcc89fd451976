"""The cast is who it says it is: every other story leans on it."""

from sqlalchemy import select

from models import Customer, Person
from portal.desk.work import Desk
from tests.cast import ANA, EVERYBODY, SAM, Clock, berlin


async def test_everybody_sits_where_the_cast_says(desk: Desk) -> None:
    async with desk.look(SAM) as work:
        people = (await work.session.scalars(select(Person).order_by(Person.id))).all()
        ana = await work.session.get_one(Customer, ANA)
    assert [(one.id, one.name, one.roles) for one in people] == [
        (actor.person_id, actor.name, actor.roles) for actor in EVERYBODY
    ]
    assert ana.name == "Ana Example"


async def test_the_clock_stands_still_until_it_is_moved(desk: Desk, clock: Clock) -> None:
    before = desk.clock()
    assert before == desk.clock() == berlin("2026-03-02 10:00")
    clock.forward(hours=23, minutes=30)
    assert desk.clock() == berlin("2026-03-03 09:30")
    clock.at("2026-03-29 09:00")
    assert desk.clock().isoformat() == "2026-03-29T07:00:00+00:00"
