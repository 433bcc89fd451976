"""Two at once in one contact: every try counts, one call is made, one record is written. S2-2.6, S2-5.7, S1-3.4c"""

import asyncio

from sqlalchemy import func, select

from models import AuditEntry, Contact, ContactStep, HelpCall, Intake, OneTimeCode
from models.words import Channel
from portal.desk import audit, help_calls, intake, verification
from portal.desk.errors import DeskError
from portal.desk.work import SYSTEM, Desk
from tests.cast import ANA, CORA


async def begun(desk: Desk) -> tuple[int, int]:
    """Cora speaks with Ana; gives the intake and the contact."""
    async with desk.work(CORA) as work:
        intake_id = await intake.begin(work, Channel.PHONE)
        row = await work.session.get_one(Intake, intake_id)
        contact = await work.session.get_one(Contact, row.contact_id)
        contact.customer_id = ANA
        await audit.record(work, "choose Ana", contact)
        return intake_id, contact.id


async def test_two_wrong_codes_at_once_are_two_tries(desk: Desk) -> None:
    _, contact_id = await begun(desk)
    async with desk.work(CORA) as work:
        await verification.send_code(work, await work.session.get_one(Contact, contact_id))

    async def guess(digits: str) -> None:
        async with desk.work(CORA) as work:
            contact = await work.session.get_one(Contact, contact_id)
            await verification.check_code(work, contact, digits)

    async with desk.look(SYSTEM) as work:
        before = (await work.session.get_one(Contact, contact_id)).failed_verifications
    await asyncio.gather(guess("000000"), guess("000001"))
    async with desk.look(SYSTEM) as work:
        code = (await work.session.scalars(select(OneTimeCode))).one()
        contact = await work.session.get_one(Contact, contact_id)
        assert (code.failed, contact.failed_verifications - before) == (2, 2)


async def test_help_pressed_twice_at_once_is_one_call_with_one_entry(desk: Desk) -> None:
    intake_id, _ = await begun(desk)

    async def press() -> int:
        async with desk.work(CORA) as work:
            return await help_calls.call(work, intake_id)

    assert len(set(await asyncio.gather(press(), press(), press()))) == 1
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(HelpCall)) == 1
        entries = select(func.count()).where(AuditEntry.deed == "call for help")
        assert await work.session.scalar(entries) == 1


async def test_a_contact_ended_twice_at_once_is_recorded_once(desk: Desk) -> None:
    intake_id, contact_id = await begun(desk)

    async def hang_up() -> bool:
        try:
            async with desk.work(CORA) as work:
                await intake.abandon(work, intake_id, "The line broke.")
        except DeskError:
            return False
        return True

    assert sorted(await asyncio.gather(hang_up(), hang_up())) == [False, True]
    async with desk.look(SYSTEM) as work:
        steps = await work.session.scalars(
            select(ContactStep.step).where(ContactStep.contact_id == contact_id)
        )
        written = list(steps)
        assert len(written) == len(set(written)) > 0
        entries = select(func.count()).where(AuditEntry.deed == "abandon contact")
        assert await work.session.scalar(entries) == 1
