"""The mailbox of a real mail server: what arrives there is taken in once, whatever breaks in between. S2-12.2, S0-5.1b"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from jobs import read_mail as job
from jobs.read_mail import UNREADABLE, read_mail
from jobs.runner import Running
from jobs.schedule import job as named
from jobs.send_messages import send_messages
from models import Case, CaseNote, FollowUp, JobSlot, Mail, Message
from models.words import MailKind, MailStatus, NoteKind
from portal.desk import cases
from portal.desk.mail import Arrived, NotHandedOut, Waiting
from portal.desk.mail.taking import NO_SENDER, TOO_LARGE
from portal.desk.messages import Unreachable
from portal.desk.work import SYSTEM, Desk
from portal.letters import Letters
from portal.mailbox import ImapMailbox
from portal.post import SmtpPost
from tests.cast import CORA, Clock
from tests.harness.imap import PASSWORD, USER, ImapServer
from tests.harness.smtp import MailServer
from tests.mails import bounced, written


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    """A mail server with one empty mailbox."""
    server = ImapServer()
    server.start()
    yield server
    server.stop()


def mailbox(imap: ImapServer, **given: Any) -> ImapMailbox:
    told = {"user": USER, "password": PASSWORD, "security": "none", "largest": 20_000, **given}
    return ImapMailbox(host=imap.host, port=imap.port, **told)


async def rows(desk: Desk) -> list[tuple[Any, ...]]:
    async with desk.look(SYSTEM) as work:
        found = await work.session.scalars(select(Mail).order_by(Mail.id))
        return [(one.kind, one.status, one.subject, one.because) for one in found]


async def test_from_the_mailbox_to_the_case_and_back(
    desk: Desk, clock: Clock, imap: ImapServer, smtp: MailServer
) -> None:
    """S2-12.2, S3-3.1.1a, S2-10.5, S2-6.6, S0-5.1b: arrives, is acknowledged, is replied to, comes back, is rejected."""
    desk.mailbox, desk.writer = mailbox(imap), Letters()
    post = SmtpPost(
        host=smtp.host, port=smtp.port, company="Fernhill", mail_from="desk@example.com", security="none"
    )
    came = clock.now.replace(microsecond=0)
    imap.put(written(), at=came)
    clock.forward(minutes=2)
    assert (await read_mail(desk), await read_mail(desk)) == (1, 0)
    await send_messages(desk, post)
    (acknowledged,) = smtp.letters
    assert (acknowledged.recipients, acknowledged.message["Auto-Submitted"]) == (
        ("bo@example.com",),
        "auto-replied",
    )
    async with desk.work(CORA) as work:
        case = await work.session.get_one(Case, 1)
        await cases.take(work, case)
        await cases.answer(work, case, "From nine to one.")
    await send_messages(desk, post)
    answered = smtp.letters[-1]
    reply = written("Sunday, I mean.", "Re", in_reply_to=acknowledged.message["Message-ID"])
    replied = clock.forward(minutes=3)
    imap.put(
        reply,
        bounced(acknowledged.message["Message-ID"]),
        bounced(answered.message["Message-ID"]),
        written("x" * 30_000, "Large"),
        reply,
        b"\xff\xfe\0",
        at=replied,
    )
    clock.forward(minutes=1)
    assert await read_mail(desk) == 5
    assert await rows(desk) == [
        (MailKind.CONCERN, MailStatus.FILED, "Opening hours", ""),
        (MailKind.REPLY, MailStatus.FILED, "Re", f"It answers “{acknowledged.message['Subject']}”."),
        (
            MailKind.REPORT,
            MailStatus.FILED,
            "Undelivered Mail Returned to Sender",
            f"“{acknowledged.message['Subject']}” came back: 5.1.1 smtp; 550 5.1.1 No such mailbox",
        ),
        (
            MailKind.REPORT,
            MailStatus.FILED,
            "Undelivered Mail Returned to Sender",
            f"“{answered.message['Subject']}” came back: 5.1.1 smtp; 550 5.1.1 No such mailbox",
        ),
        (MailKind.CONCERN, MailStatus.REJECTED, "Large", TOO_LARGE),
        (MailKind.CONCERN, MailStatus.REJECTED, "(no subject)", NO_SENDER),
    ]
    assert imap.flags() == [b"%d (FLAGS (\\Seen))" % number for number in range(1, 8)]
    async with desk.look(SYSTEM) as work:
        case = (await work.session.scalars(select(Case))).one()
        assert case.opened_at == came
        heard = await work.session.scalars(select(CaseNote).where(CaseNote.kind == NoteKind.HEARD))
        assert [(one.words, one.happened_at) for one in heard] == [("Sunday, I mean.", replied)]
        assert [one.fate for one in await work.session.scalars(select(Message))] == ["bounced"] * 2
        tasks = await work.session.scalars(
            select(FollowUp)
        )  # an acknowledgement to nobody we know is noted alone
        assert [(one.case_id, one.owner_id, answered.message["Subject"] in one.words) for one in tasks] == [
            (case.id, CORA.person_id, True)
        ]


async def test_a_mailbox_that_is_down_or_counts_anew_loses_and_doubles_nothing(
    desk: Desk, clock: Clock, imap: ImapServer
) -> None:
    """S2-12.2, S3-3.1.1a: tried again by the next run, seen in the notes of the job; the clock ran from the arrival."""
    desk.mailbox = mailbox(imap)
    first, second = written("One"), written("Two")
    imap.put(first, at=clock.now)
    await read_mail(desk)
    imap.stop()
    running = Running(desk, None, ())
    await running.run(named("read_mail"))
    async with desk.look(SYSTEM) as work:
        (slot,) = await work.session.scalars(select(JobSlot))
    assert slot.error.startswith("Unreachable: The mailbox cannot be read: ")
    with pytest.raises(Unreachable):
        await read_mail(desk)
    imap.start()  # with another UIDVALIDITY, as after a restore
    imap.put(first, second, at=clock.now)
    clock.forward(hours=1)
    assert await read_mail(desk) == 1
    assert [subject for _, _, subject, _ in await rows(desk)] == ["Opening hours"] * 2
    desk.mailbox = mailbox(imap, password="wrong")
    with pytest.raises(Unreachable, match="cannot be read"):
        await read_mail(desk)
    desk.mailbox = mailbox(imap, folder="Nowhere")
    with pytest.raises(Unreachable, match="no folder Nowhere"):
        await read_mail(desk)


async def test_two_replicas_take_each_mail_once(
    desk: Desk, clock: Clock, imap: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S2-12.2: forty mails, read by two at the same time in small batches."""
    desk.mailbox = mailbox(imap)
    monkeypatch.setattr(job, "BATCH", 7)
    imap.put(*(written(sender=f"c{one}@example.com") for one in range(40)), at=clock.now)
    clock.forward(minutes=1)
    assert sum(await asyncio.gather(read_mail(desk), read_mail(desk))) == 40
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(Case)) == 40
        assert set(await work.session.scalars(select(Case.opened_at))) == {clock.now - timedelta(minutes=1)}


REFUSED = b"the mail server does not hand it out"


class Box:
    """A mailbox with these mails, and with one at the end that somebody takes out before it is read."""

    name, address, validity = "box", "", 1

    def __init__(self, *mails: bytes, at: datetime) -> None:
        self.mails = mails
        self.at = at

    @asynccontextmanager
    async def line(self) -> AsyncIterator["Box"]:
        yield self

    async def waiting(self, after: int) -> list[Waiting]:
        return [Waiting(uid, 1, self.at) for uid in range(1, len(self.mails) + 2) if uid > after]

    async def read(self, mail: Waiting) -> Arrived | None:
        if self.mails[mail.uid - 1 : mail.uid] == (REFUSED,):
            raise NotHandedOut("The mail server said: NO")
        if mail.uid > len(self.mails):
            return None
        return Arrived(mail.uid, self.validity, 1, self.at, self.mails[mail.uid - 1])

    async def taken(self, uids: Sequence[int]) -> None: ...


async def test_one_that_nobody_can_read_is_rejected_and_the_others_go_on(desk: Desk, clock: Clock) -> None:
    """S2-12.2, S0-5.1b: two thousand mails inside each other are more than Python's reader can hold."""
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (one, one) for one in range(2000)
    )
    desk.mailbox = Box(b"From: p@example.com\n" + nested, REFUSED, written(), REFUSED, at=clock.now)
    assert (await read_mail(desk), await read_mail(desk)) == (4, 0)
    assert await rows(desk) == [
        (MailKind.CONCERN, MailStatus.REJECTED, "(unreadable)", UNREADABLE),
        (MailKind.CONCERN, MailStatus.REJECTED, "(unreadable)", "The mail server said: NO"),
        (MailKind.CONCERN, MailStatus.FILED, "Opening hours", ""),
        (MailKind.CONCERN, MailStatus.REJECTED, "(unreadable)", "The mail server said: NO"),
    ]


async def test_without_a_mailbox_nothing_is_read(desk: Desk) -> None:
    assert await read_mail(desk) == 0
