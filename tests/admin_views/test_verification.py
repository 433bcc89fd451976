"""Channels and verification are changed by a manager alone, and hold from the next contact on. S0-1.2b, S2-2.1"""

import httpx2
from sqlalchemy import select

from models import ChannelRule, VerificationMethodRule, VerificationNeed
from models.words import Channel, SensitiveDeed, VerificationMethod
from portal.desk import channels, verification
from portal.desk.work import SYSTEM, Desk
from tests.cast import CORA, MARA, SAM
from tests.html import read
from tests.visits import Visitor


async def rules_written(desk: Desk) -> None:
    async with desk.work(SYSTEM) as work:
        await channels.ensure_defaults(work)
        await verification.ensure_defaults(work)


async def test_a_channel_is_shut_by_a_manager_with_another_way(visitor: Visitor, desk: Desk) -> None:
    await rules_written(desk)
    async with desk.look(SYSTEM) as work:
        chat = (
            await work.session.scalars(select(ChannelRule).where(ChannelRule.channel == Channel.CHAT))
        ).one()
    sam, mara, cora = await visitor(SAM), await visitor(MARA), await visitor(CORA)
    at = f"/admin/channel-rules/edit/{chat.id}"
    shut = {"redirect": "en: Please call us.\nde: Bitte rufen Sie uns an.", "version": "1"}
    assert (await sam.get("/admin/channel-rules/list")).status_code == 200
    assert [(await one.post(at, data=shut)).status_code for one in (cora, sam)] == [403, 403]
    mute = await mara.post(at, data={"redirect": "", "version": "1"})
    assert (mute.status_code, "Say where people are sent" in mute.text) == (422, True)
    assert (await mara.post(at, data=shut)).status_code == 303
    assert await offered(cora) == (["phone", "email", "online", "in_person"], ["chat", "social"], False)
    assert await offered(cora, "?channel=chat") == (
        ["phone", "email", "online", "in_person"],
        ["chat", "social"],
        True,
    )
    begun = await cora.post("/contacts", data={"channel": "chat"})
    await cora.post(f"{begun.headers['location']}/language", data={"language": "de"})
    told = await cora.get(f"{begun.headers['location']}/redirect")
    assert "Bitte rufen Sie uns an." in told.text


async def offered(client: httpx2.AsyncClient, asked: str = "") -> tuple[list[str], list[str], bool]:
    """The channels that a new contact offers, those behind the fold, and whether it is open."""
    page = read((await client.get(f"/contacts/new{asked}")).text)
    (fold,) = [one for one in page.each("details") if one.attributes.get("id") == "other-channels"]
    values: tuple[list[str], list[str]] = ([], [])
    for one in page.each("input"):
        if one.attributes.get("name") == "channel":
            values[fold in one.above()].append(one.attributes["value"])
    return *values, "open" in fold.attributes


async def test_methods_and_needs_are_changed_by_a_manager_alone(visitor: Visitor, desk: Desk) -> None:
    await rules_written(desk)
    async with desk.look(SYSTEM) as work:
        facts = VerificationMethodRule.method == VerificationMethod.FACTS
        method = (await work.session.scalars(select(VerificationMethodRule).where(facts))).one()
        refunds = VerificationNeed.deed == SensitiveDeed.ASK_REFUND
        need = (await work.session.scalars(select(VerificationNeed).where(refunds))).one()
    sam, mara = await visitor(SAM), await visitor(MARA)
    three = {
        "strength": "1",
        "facts_needed": "3",
        "tries": "2",
        "minutes": "10",
        "active": "yes",
        "version": "1",
    }
    at = f"/admin/verification-methods/edit/{method.id}"
    assert (await sam.post(at, data=three)).status_code == 403
    few = await mara.post(at, data={**three, "facts_needed": "1"})
    assert (few.status_code, "Between 2 and 5." in few.text) == (422, True)
    assert (await mara.post(at, data=three)).status_code == 303
    needs = f"/admin/verification-needs/edit/{need.id}"
    assert (await mara.post(needs, data={"strength": "4", "version": "1"})).status_code == 422
    assert (await mara.post(needs, data={"strength": "1", "version": "1"})).status_code == 303
    assert (await mara.post(needs, data={"strength": "3", "version": "1"})).status_code == 409
    async with desk.look(SYSTEM) as work:
        known = await verification.in_force(work)
    assert known.needs[SensitiveDeed.ASK_REFUND] == 1
    now = known.methods[VerificationMethod.FACTS]
    assert (now.strength, now.facts_needed, now.tries, now.minutes) == (1, 3, 2, 10)
