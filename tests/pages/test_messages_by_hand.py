"""A confirmation that is sent by hand: shown when it is asked for, with the number, and covered again. S1-4.4.1d"""

from urllib.parse import quote

from sqlalchemy import select

from models import Customer, FollowUp
from models.words import PreferredChannel
from portal.desk import audit
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA
from tests.shop import CHAIR, of_lines, ordered
from tests.visits import Visitor


async def test_the_message_is_shown_when_it_is_asked_for(desk: Desk, visitor: Visitor) -> None:
    async with desk.work(SYSTEM) as work:
        ana = await work.session.get_one(Customer, ANA)
        ana.preferred_channel = PreferredChannel.MESSAGE
        await audit.record(work, "change customer", ana)
    await ordered(desk, of_lines((CHAIR, 1)))
    async with desk.look(SYSTEM) as work:
        task = (await work.session.scalars(select(FollowUp))).one()
    cora = await visitor(CORA)
    covered = await cora.get("/follow-ups")
    assert ("Confirmation message" in covered.text, "sms:" in covered.text, "+4930" in covered.text) == (
        True,
        False,
        False,
    )
    shown = await cora.post(f"/follow-ups/{task.id}/message")
    assert f'href="sms:+49301234567?body={quote(task.message)}"' in shown.text
    assert "Example Street 1" in shown.text
    assert "sms:" not in (await cora.get("/follow-ups")).text
    sent = await cora.post(f"/follow-ups/{task.id}/result", data={"result": "Sent."})
    assert sent.status_code == 303
    assert (await cora.post(f"/follow-ups/{task.id}/message")).status_code == 409
