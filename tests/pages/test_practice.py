"""The practice room: the same wizard on invented customers, nothing sent, nothing found in the house. S2-0.3, S3-13"""

import re
from typing import Any

import httpx2
from sqlalchemy import func, select
from starlette.applications import Starlette

from models import AuditEntry, BusinessCalendar, Contact, Customer, Message, TrainingRecord
from models.words import MessageStatus
from portal.desk import training
from portal.desk.work import SYSTEM, Desk
from tests.cast import CEM, CORA, FIN, SAM
from tests.desk import stories
from tests.visits import Visitor
from tests.wizard import Walk


async def followed(client: httpx2.AsyncClient, answer: httpx2.Response) -> httpx2.Response:
    while answer.is_redirect:
        answer = await client.get(answer.headers["location"])
    return answer


async def playing(client: httpx2.AsyncClient, scenario: str) -> Walk:
    """Take the call of a scenario."""
    walk = Walk(client)
    walk.page = await followed(client, await client.post(f"/practice/scenarios/{scenario}"))
    walk.id = int(re.findall(r"/intakes/(\d+)", str(walk.page.url))[0])
    return walk


async def rows_of_the_house(desk: Desk) -> dict[str, int]:
    async with desk.look(SYSTEM) as work:
        return {
            model.__tablename__: await work.session.scalar(select(func.count()).select_from(model)) or 0
            for model in (Contact, Customer, Message)
        }


async def room(app: Starlette) -> Desk:
    desk: Desk = await app.state.practice.open()
    return desk


async def test_what_happens_in_the_room_stays_there(app: Starlette, desk: Desk, visitor: Visitor) -> None:
    """S2-0.3"""
    cora = await visitor(CORA)
    before = await rows_of_the_house(desk)
    walk = await playing(cora, "first-order")
    assert "Practice." in walk.page.text
    await walk.send(greeted="yes")
    assert await rows_of_the_house(desk) == before
    async with (await room(app)).look(SYSTEM) as work:
        contact = (await work.session.scalars(select(Contact))).one()
        queued = select(func.count()).select_from(Message).where(Message.status == MessageStatus.SENT)
        assert (contact.taken_by_id, await work.session.scalar(queued)) == (CORA.person_id, 0)
    found = await cora.get("/search?q=Novak")
    assert "Novak" in found.text or "N••••" in found.text
    await cora.post("/practice/leave")
    assert "N••••" not in (await cora.get("/search?q=Novak")).text
    assert "/intakes/" not in (await cora.get("/")).text


async def test_a_colleague_at_the_desk_sees_nothing_of_it(desk: Desk, visitor: Visitor) -> None:
    cora, sam = await visitor(CORA), await visitor(SAM)
    await playing(cora, "first-order")
    assert "Practice." not in (await sam.get("/")).text
    async with desk.look(SYSTEM) as work:
        said = await work.session.scalars(
            select(AuditEntry.deed).where(
                AuditEntry.person_id == CORA.person_id, AuditEntry.deed != "sign in"
            )
        )
        assert said.all() == []


async def test_a_contact_that_was_ended_early_is_checked_and_recorded(desk: Desk, visitor: Visitor) -> None:
    cora = await visitor(CORA)
    walk = await playing(cora, "first-order")
    answer = await followed(
        cora, await cora.post(f"/intakes/{walk.id}/abandonment", data={"reason": "Only a try."})
    )
    assert "not all met" in answer.text
    async with desk.look(SYSTEM) as work:
        record = (await work.session.scalars(select(TrainingRecord))).one()
    assert (record.person_id, record.scenario, record.passed) == (CORA.person_id, "first-order", False)
    assert {one["met"] for one in record.checks} == {False}
    asked = [one.asks for one in training.scenario("first-order").checks]
    assert [one["asks"] for one in record.checks] == asked


async def test_a_record_is_seen_by_its_owner_and_by_those_who_lead(visitor: Visitor) -> None:
    cora, cem, sam = [await visitor(one) for one in (CORA, CEM, SAM)]
    walk = await playing(cora, "first-order")
    answer = await followed(
        cora, await cora.post(f"/intakes/{walk.id}/abandonment", data={"reason": "Only a try."})
    )
    where = answer.url.path
    seen = [(await one.get(where)).status_code for one in (cora, cem, sam)]
    assert seen == [200, 404, 200]
    assert (await cem.get("/practice/records")).status_code == 403
    assert "A first order by phone" in (await sam.get("/practice/records")).text


async def test_the_room_follows_the_scripts_of_the_house(
    app: Starlette, desk: Desk, visitor: Visitor
) -> None:
    """What is in force on the desk is what is practised."""
    from portal.desk.scripts import versions  # noqa: PLC0415  after the portal has been made

    cora = await visitor(CORA)
    await playing(cora, "first-order")
    async with desk.look(SYSTEM) as work:
        house = {key: one.id for key, one in (await versions.in_force(work)).items()}
    async with (await room(app)).look(SYSTEM) as work:
        assert {key: one.id for key, one in (await versions.in_force(work)).items()} == house


async def test_whoever_takes_no_contacts_does_not_practise(visitor: Visitor) -> None:
    fin = await visitor(FIN)
    assert (await fin.get("/practice")).status_code == 403
    assert (await fin.post("/practice/room")).status_code == 403


async def test_the_tables_of_the_house_are_not_open_from_the_room(visitor: Visitor) -> None:
    sam = await visitor(SAM)
    await sam.post("/practice/room")
    answer = await sam.get("/admin/cases/list")
    assert (answer.status_code, answer.headers["location"]) == (303, "/practice")
    await sam.post("/practice/leave")
    assert (await followed(sam, await sam.get("/admin/cases/list"))).status_code == 200


async def test_two_calendars_that_swap_names_in_the_house_do_so_in_the_room(
    app: Starlette, desk: Desk
) -> None:
    def named(first: str, second: str) -> stories.Change:
        def change(document: dict[str, Any]) -> None:
            own = document["calendars"][0]
            document["calendars"] = [{**own, "name": first}, {**own, "id": 2, "name": second}]

        return change

    await stories.policy_changed(desk, named("North", "South"))
    await room(app)
    await stories.policy_changed(desk, named("South", "North"))
    await app.state.practice.bring_over()
    async with (await room(app)).look(SYSTEM) as work:
        rows = await work.session.execute(select(BusinessCalendar.name).order_by(BusinessCalendar.id))
        assert list(rows.scalars()) == ["South", "North"]
