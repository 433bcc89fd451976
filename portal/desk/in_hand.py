"""What every deed on an open case begins with, and a message to its customer of what was written down on it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from models import Case, CaseNote, Chat, Customer, Mail
from models.words import Channel, MailKind
from portal.desk import deadlines, notices, tone
from portal.desk.escalation import refuse_ended, refuse_hidden
from portal.desk.notices import Sender
from portal.desk.permissions import May
from portal.desk.work import Work


async def begin(work: Work, case: Case) -> None:
    """Take an open case for a deed: may they, do they see it, is it theirs to change now."""
    work.require(May.WORK_CASES)
    refuse_hidden(work, case)
    await deadlines.hold(work, case)
    refuse_ended(case)


async def customer_of(work: Work, case: Case) -> Customer | Sender | None:
    """Give the customer of a case; of one that somebody unknown wrote, or left in a chat, whoever did. S2-11.2b"""
    if case.customer_id is not None:
        return await work.session.get(Customer, case.customer_id)
    if case.channel is Channel.ONLINE:
        chat = await work.session.scalar(select(Chat).where(Chat.case_id == case.id, Chat.address != ""))
        return Sender(chat.name, chat.address, chat.language) if chat else None
    if case.channel is not Channel.EMAIL:
        return None
    mail = await work.session.scalar(
        select(Mail)
        .where(Mail.case_id == case.id, Mail.kind == MailKind.CONCERN, Mail.sender_address != "")
        .order_by(Mail.id)
        .limit(1)
    )
    return Sender(mail.sender_name, mail.sender_address, work.terms.language) if mail else None


async def heed(work: Work, case: Case, **texts: str) -> None:
    """Look through what the customer of a case is about to read or hear, by the names of its fields. S0-3.2.1"""
    customer = await customer_of(work, case)
    language = notices.language_of(customer) if customer else work.terms.language
    await tone.heed(work, language, case, texts)


async def write(work: Work, case: Case, template: str, **facts: Any) -> bool:
    """Write to the customer about a case what a note on it says; tell whether there was an address to write to."""
    customer = await customer_of(work, case)
    if customer is None:
        return False
    notes = await work.session.scalar(select(func.count()).where(CaseNote.case_id == case.id))
    once = (
        f"{template}/{case.id}/{case.cycle}/{notes or 0}"  # the note that was just added numbers the message
    )
    written = await notices.write(
        work, template, to=customer, once=once, case=case, subject=case.subject, **facts
    )
    return written is not None
