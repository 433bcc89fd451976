"""Mails as customers, machines and mail servers write them."""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import HeaderParser
from itertools import count

from sqlalchemy import select

from models import Case, Mail, Message
from portal.desk import mail, messages
from portal.desk.mail import Arrived
from portal.desk.work import SYSTEM, Desk

BOX, VALIDITY = "desk@example.com/INBOX", 7
_uids = count(1)


def written(
    words: str = "When do you open on Saturday?",
    subject: str = "Opening hours",
    sender: str = "Bo Stranger <bo@example.com>",
    *,
    message_id: str = "",
    files: Sequence[tuple[str, bytes]] = (),
    **headers: str,
) -> bytes:
    """A mail from somebody; `in_reply_to="<…>"` and the like are headers."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "desk@example.com", subject
    made["Message-ID"] = message_id or f"<{next(_uids)}@elsewhere.example.com>"
    for name, value in headers.items():
        made[name.replace("_", "-").title()] = value
    made.set_content(words)
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def bounced(letter: str, said: str = "smtp; 550 5.1.1 No such mailbox", action: str = "failed") -> bytes:
    """What a mail server reports of the letter with this Message-ID. RFC 3464"""
    made = MIMEMultipart("report", report_type="delivery-status")
    made["From"], made["Subject"] = "MAILER-DAEMON@mx.example.com", "Undelivered Mail Returned to Sender"
    made["Message-ID"] = f"<{next(_uids)}@mx.example.com>"
    made["Auto-Submitted"] = "auto-replied"
    made.attach(MIMEText("Your message could not be delivered."))
    status = (
        f"Reporting-MTA: dns; mx.example.com\n\nAction: {action}\nStatus: 5.1.1\nDiagnostic-Code: {said}\n"
    )
    blocks = MIMEMessage(HeaderParser().parsestr(""), "delivery-status")
    blocks.set_payload([HeaderParser().parsestr(block) for block in status.split("\n\n")])
    made.attach(blocks)
    made.attach(MIMEMessage(HeaderParser().parsestr(f"Message-ID: {letter}\nSubject: Yours\n\n")))
    return made.as_bytes()


async def arrives(desk: Desk, raw: bytes, at: datetime, *, whole: bool = True) -> int | None:
    """Let a mail be read that reached the mailbox at this moment; give its id, None for one that is known."""
    arrived = Arrived(next(_uids), VALIDITY, len(raw), at, raw, whole)
    async with desk.work(SYSTEM) as work:
        kept = await mail.take_in(work, BOX, "desk@example.com", arrived, mail.parsed(raw, whole=whole))
        return kept.id if kept is not None else None


async def row(desk: Desk, mail_id: int | None) -> Mail:
    async with desk.look(SYSTEM) as work:
        return await work.session.get_one(Mail, mail_id)


async def case_of(desk: Desk, mail_id: int | None) -> Case:
    async with desk.look(SYSTEM) as work:
        return await work.session.get_one(Case, (await work.session.get_one(Mail, mail_id)).case_id)


async def letters(desk: Desk) -> list[Message]:
    async with desk.look(SYSTEM) as work:
        return list(await work.session.scalars(select(Message).order_by(Message.id)))


async def sent_letter(desk: Desk) -> Message:
    """The newest letter, as it is once the post has taken it."""
    async with desk.work(SYSTEM) as work:
        for envelope in await messages.claim_due(work, "test"):
            await messages.sent(work, envelope)
    return (await letters(desk))[-1]
