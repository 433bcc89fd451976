"""Surveys are looked after: what is set holds for the next one, what comes back and who wants none is told. S3-7.2.1c"""

from sqlalchemy import select

from jobs.ask_feedback import ask_feedback
from models import Customer, Feedback
from portal.desk import survey_settings, surveys
from portal.desk.work import Desk
from tests.cast import ANA, CORA, SAM, Clock
from tests.desk.test_feedback import invited, resolved
from tests.visits import Visitor

HERE = "/evidence/surveys"
FORM = {
    "over": "0", "resolution": "yes", "delivery": "yes", "resolution_hours": "5", "delivery_hours": "24",
    "cool_down_days": "60",
}  # fmt: skip


async def test_a_change_holds_from_the_next_survey_on(desk: Desk, clock: Clock, visitor: Visitor) -> None:
    sam = await visitor(SAM)
    await resolved(desk)
    assert (await sam.post(HERE, data=FORM)).status_code == 303
    clock.forward(hours=4)
    assert await ask_feedback(desk) == 0  # an hour was enough before
    clock.forward(hours=1)
    assert await ask_feedback(desk) == 1
    clock.forward(days=31)
    await resolved(desk, "Another matter")
    clock.forward(hours=6)
    assert await ask_feedback(desk) == 0  # the cool-down is sixty days now
    off = {**FORM, "over": "1", "resolution": "", "resolution_hours": "0", "cool_down_days": "30"}
    sam = await visitor(SAM)
    assert (await sam.post(HERE, data=off)).status_code == 303
    assert await ask_feedback(desk) == 0  # switched off
    assert (await sam.post(HERE, data={**off, "over": "2", "resolution": "yes"})).status_code == 303
    assert await ask_feedback(desk) == 1
    async with desk.look(SAM) as work:
        holds = await survey_settings.in_force(work)
        sent = (await work.session.scalars(select(Feedback.once).order_by(Feedback.id))).all()
    assert (holds.id, holds.resolution_hours, holds.cool_down_days) == (3, 0, 30)
    assert sent == ["resolution/1/1", "resolution/2/1"]


async def test_what_cannot_be_is_said_by_field_and_what_somebody_else_set_is_not_lost(
    visitor: Visitor,
) -> None:
    sam = await visitor(SAM)
    typed = {**FORM, "resolution_hours": "721", "delivery_hours": "x", "cool_down_days": "7"}
    wrong = await sam.post(HERE, data=typed)
    told = ("A whole number of hours, 720 at most.", "once a month at most", 'value="721"', 'value="7"')
    assert (wrong.status_code, [one in wrong.text for one in told]) == (422, [True] * 4)
    assert (await sam.post(HERE, data=FORM)).status_code == 303
    late = await sam.post(HERE, data={**FORM, "delivery_hours": "48"})
    kept = ("Somebody else changed the surveys meanwhile.", 'value="48"')
    assert (late.status_code, [one in late.text for one in kept]) == (422, [True] * 2)
    cora = await visitor(CORA)
    assert [(await cora.get(HERE)).status_code, (await cora.post(HERE, data=FORM)).status_code] == [403, 403]


async def test_what_came_back_and_who_wants_none_stand_there(
    desk: Desk, clock: Clock, visitor: Visitor
) -> None:
    sam = await visitor(SAM)
    assert "Nobody has said so." in (await sam.get(HERE)).text
    await invited(desk, clock)
    async with desk.work(CORA) as work:
        await surveys.note(work, await work.session.get_one(Customer, ANA), asked=False)
    page = " ".join((await (await visitor(SAM)).get(HERE)).text.split())
    assert "After a resolution</dt> <dd> 0 of 1 answered, 0.0 % </dd>" in page
    assert "After a delivery</dt> <dd> nobody was asked </dd>" in page
    assert '<a href="/customers/1">HK-25-000001-1</a> Ana E••••' in page
