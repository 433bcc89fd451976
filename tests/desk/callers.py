"""Contacts of which somebody has to find out who is speaking."""

import re

from sqlalchemy import select

from models import Contact, Message
from models.words import Channel
from portal.desk import audit, customers, messages
from portal.desk.work import SYSTEM, Actor, Desk
from tests.cast import ANA, CORA

CODE = re.compile(r"^(\d{6})$", re.MULTILINE)


async def came(
    desk: Desk, number: str = "HT-1", *, handle: str = "", customer: int = ANA, actor: Actor = CORA
) -> int:
    """A telephone contact with this customer, from this number; its id."""
    async with desk.work(actor) as work:
        contact = Contact(
            number=number,
            customer_id=customer,
            taken_by_id=actor.person_id,
            channel=Channel.PHONE,
            handle=handle,
            started_at=work.now,
        )
        work.session.add(contact)
        await audit.record(work, "begin contact", contact)
        return contact.id


async def another_customer(desk: Desk) -> int:
    """Ben, who is a customer as Ana is; known since yesterday."""
    async with desk.work(SYSTEM) as work:
        ben = await customers.create(
            work, customers.CustomerDetails(name="Ben Example", email="ben@example.com", phone="+49309876543")
        )
        ben.created_at = work.now.replace(year=work.now.year - 1)
        await audit.record(work, "date customer", ben)
        return ben.id


async def letters(desk: Desk, template: str) -> list[Message]:
    async with desk.look(SYSTEM) as work:
        statement = select(Message).where(Message.template == template).order_by(Message.id)
        return list(await work.session.scalars(statement))


async def delivered_codes(desk: Desk) -> list[str]:
    """The codes as they stand in the letters that leave now."""
    async with desk.work(SYSTEM) as work:
        envelopes = await messages.claim_due(work, "tests")
        for one in envelopes:
            await messages.sent(work, one)
    return [found for one in envelopes for found in CODE.findall(one.text)]
