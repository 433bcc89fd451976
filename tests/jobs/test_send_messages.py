"""The outbox and a real mail server that is down, slow, rude or cut off: nothing lost, nothing doubled."""

import asyncio
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs.send_messages import send_messages
from models import AuditEntry, Customer, Message
from models.words import MessageStatus
from portal.desk import audit, messages, notices
from portal.desk.errors import NotAllowed, NotFound, WrongMoment
from portal.desk.work import SYSTEM, Desk
from portal.letters import Letters
from portal.post import DemoPost, SmtpPost
from tests.cast import ANA, CORA, INA, SAM, START, Clock
from tests.harness.smtp import MailServer, Reply

ROOT = Path(__file__).parents[2]


def post_to(smtp: MailServer, patience: float = 5) -> SmtpPost:
    return SmtpPost(
        host=smtp.host,
        port=smtp.port,
        company="Fernhill",
        mail_from="desk@example.com",
        security="none",
        patience=patience,
    )


async def write(desk: Desk, count: int = 1, name: str = "Ana Example", first: int = 0) -> list[str]:
    """Write `count` messages to Ana; returns their Message-IDs."""
    desk.writer = Letters()
    ids = []
    async with desk.work(CORA) as work:
        customer = await work.session.get_one(Customer, ANA)
        customer.name = name
        for number in range(first, first + count):
            message = await notices.write(
                work,
                "case-answer",
                to=customer,
                once=f"answer/{number}",
                reference="HC-26-000001-1",
                subject=f"Question {number}",
                answer="Yes.",
                links=[],
                solve_by=None,
            )
            assert message is not None
            ids.append(message.message_id)
        await audit.record(work, "answer case")
    return ids


async def states(desk: Desk) -> list[tuple[MessageStatus, int]]:
    async with desk.look(SYSTEM) as work:
        rows = await work.session.scalars(select(Message).order_by(Message.id))
        return [(row.status, row.attempts) for row in rows]


async def only(desk: Desk) -> Message:
    async with desk.look(SYSTEM) as work:
        return (await work.session.scalars(select(Message))).one()


def arrived(smtp: MailServer) -> list[str]:
    return [str(letter.message["Message-ID"]) for letter in smtp.letters]


async def test_what_was_written_arrives_once(desk: Desk, smtp: MailServer) -> None:
    """S1-4.4.1c, S2-12.2, S0-0.2"""
    ids = await write(desk, 3)
    assert await send_messages(desk, post_to(smtp)) == 3
    assert await send_messages(desk, post_to(smtp)) == 0
    assert arrived(smtp) == ids
    assert await states(desk) == [(MessageStatus.SENT, 1)] * 3
    letter = smtp.letters[0]
    assert (letter.sender, letter.recipients) == ("desk@example.com", ("ana@example.com",))
    headers = {
        name: str(value) for name, value in letter.message.items() if name not in {"X-Peer", "Content-Type"}
    }
    assert headers == {
        "From": "Fernhill <desk@example.com>",
        "To": "Ana Example <ana@example.com>",
        "Subject": "Our answer: Question 0 (HC-26-000001-1)",
        "Date": "Mon, 02 Mar 2026 09:00:00 +0000",
        "Message-ID": ids[0],
        "References": "<HC-26-000001-1@example.com>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Handrail-Reference": "HC-26-000001-1",
        "Content-Language": "en",
        "MIME-Version": "1.0",
    }
    parts = [part.get_content_type() for part in letter.message.iter_parts()]
    assert parts == ["text/plain", "text/html"]
    async with desk.look(SYSTEM) as work:
        stored = await work.session.scalar(select(Message).where(Message.message_id == ids[0]))
    assert stored is not None
    text = letter.message.get_body(("plain",))
    assert text is not None
    assert text.get_content().replace("\r\n", "\n") == stored.body_text


async def test_a_server_down_for_an_hour_loses_and_doubles_nothing(
    desk: Desk, clock: Clock, smtp: MailServer
) -> None:
    ids = await write(desk, 5)
    smtp.stop()
    for minute in range(60):
        if minute == 30:
            ids += await write(desk, 5, first=5)
        assert await send_messages(desk, post_to(smtp)) == 0
        clock.forward(minutes=1)
    assert {status for status, _tries in await states(desk)} == {MessageStatus.QUEUED}
    smtp.start()
    sent = 0
    for _ten_minutes in range(6):
        sent += await send_messages(desk, post_to(smtp))
        clock.forward(minutes=10)
    assert sent == 10
    assert sorted(arrived(smtp)) == sorted(ids)


async def test_a_refusal_for_now_comes_again_later(desk: Desk, clock: Clock, smtp: MailServer) -> None:
    ids = await write(desk, 2)
    smtp.next(Reply.LATER)
    assert await send_messages(desk, post_to(smtp)) == 1
    assert arrived(smtp) == ids[1:]
    assert await states(desk) == [(MessageStatus.QUEUED, 1), (MessageStatus.SENT, 1)]
    clock.forward(seconds=3)
    assert await send_messages(desk, post_to(smtp)) == 0
    clock.forward(seconds=3)
    assert await send_messages(desk, post_to(smtp)) == 1
    assert arrived(smtp) == [ids[1], ids[0]]


async def test_a_refusal_for_good_is_a_dead_letter_with_its_reason(
    desk: Desk, clock: Clock, smtp: MailServer
) -> None:
    """S2-6.6"""
    ids = await write(desk, 2)
    smtp.next(Reply.NEVER)
    assert await send_messages(desk, post_to(smtp)) == 1
    assert arrived(smtp) == ids[1:]
    async with desk.look(SAM) as work:
        dead = (await messages.latest(work))[1]
    assert (dead.status, dead.last_error, dead.next_at) == (
        MessageStatus.DEAD,
        "The mail server said: 550 5.1.1 No such mailbox",
        None,
    )
    clock.forward(days=2)
    assert await send_messages(desk, post_to(smtp)) == 0


async def test_a_dead_letter_is_sent_again_by_a_supervisor(desk: Desk, smtp: MailServer) -> None:
    ids = await write(desk)
    smtp.next(Reply.NEVER)
    await send_messages(desk, post_to(smtp))
    with pytest.raises(NotAllowed):
        async with desk.work(CORA) as work:
            await messages.send_again(work, (await messages.latest(work))[0])
    async with desk.work(SAM) as work:
        await messages.send_again(work, (await messages.latest(work))[0])
    assert await send_messages(desk, post_to(smtp)) == 1
    assert arrived(smtp) == ids
    with pytest.raises(WrongMoment):
        async with desk.work(SAM) as work:
            await messages.send_again(work, (await messages.latest(work))[0])
    async with desk.look(SYSTEM) as work:
        deeds = await work.session.scalars(
            select(AuditEntry.deed).where(AuditEntry.subject_kind == "messages").order_by(AuditEntry.id)
        )
        assert list(deeds) == ["give message up", "send message again", "send message"]


async def test_a_discarded_message_is_never_sent(desk: Desk, smtp: MailServer) -> None:
    await write(desk)
    async with desk.work(SAM) as work:
        await messages.discard(work, (await messages.latest(work))[0])
    assert await send_messages(desk, post_to(smtp)) == 0
    assert await states(desk) == [(MessageStatus.DISCARDED, 0)]


async def test_nobody_discards_what_is_being_sent(desk: Desk) -> None:
    await write(desk)
    async with desk.work(SYSTEM) as work:
        assert len(await messages.claim_due(work, "a replica")) == 1
    with pytest.raises(WrongMoment):
        async with desk.work(SAM) as work:
            await messages.discard(work, (await messages.latest(work))[0])


async def test_a_server_that_falls_silent_holds_nobody_up(desk: Desk, smtp: MailServer) -> None:
    ids = await write(desk, 2)
    smtp.next(Reply.HANG)
    assert await send_messages(desk, post_to(smtp, patience=0.3)) == 1
    assert arrived(smtp) == ids[1:]
    assert await states(desk) == [(MessageStatus.QUEUED, 1), (MessageStatus.SENT, 1)]


async def test_a_broken_line_sends_the_same_message_again(desk: Desk, clock: Clock, smtp: MailServer) -> None:
    ids = await write(desk, 2)
    smtp.next(Reply.DROP)
    assert await send_messages(desk, post_to(smtp)) == 1
    clock.forward(seconds=6)
    assert await send_messages(desk, post_to(smtp)) == 1
    assert arrived(smtp) == [ids[0], ids[1], ids[0]]
    assert await states(desk) == [(MessageStatus.SENT, 2), (MessageStatus.SENT, 1)]


async def test_a_day_of_refusals_is_enough(desk: Desk, clock: Clock, smtp: MailServer) -> None:
    await write(desk)
    began, waits = clock.now, []
    smtp.next(*[Reply.LATER] * 100)
    while (message := await only(desk)).next_at is not None:
        waits.append(message.next_at - clock.now)
        clock.now = message.next_at
        await send_messages(desk, post_to(smtp))
    assert message.status is MessageStatus.DEAD
    assert message.last_error.startswith("Given up after 34 tries. The mail server said: 451")
    assert timedelta(hours=18) < clock.now - began < timedelta(hours=25)
    longest = [
        timedelta(),
        *(min(timedelta(hours=1), timedelta(seconds=5 * 2**tries)) for tries in range(33)),
    ]
    assert all(most * 0.8 <= wait <= most for wait, most in zip(waits, longest, strict=True))


async def test_two_replicas_send_each_message_once(desk: Desk, smtp: MailServer) -> None:
    ids = await write(desk, 40)
    sent = await asyncio.gather(*(send_messages(desk, post_to(smtp)) for _replica in range(4)))
    assert sum(sent) == 40
    assert sorted(arrived(smtp)) == sorted(ids)


async def test_killed_between_sending_and_marking_it_is_the_same_message_again(
    desk: Desk, clock: Clock, database: str, smtp: MailServer
) -> None:
    ids = await write(desk)
    program = f"""
        import asyncio, os, signal
        from datetime import datetime
        from portal.database import Database
        from portal.desk.work import Desk, Terms
        from portal import post
        from jobs.send_messages import send_messages

        async def killed(self, envelope, send=post.SmtpLine.send):
            await send(self, envelope)
            os.kill(os.getpid(), signal.SIGKILL)

        post.SmtpLine.send = killed
        moment = datetime.fromisoformat({START.isoformat()!r})
        away = post.SmtpPost(host={smtp.host!r}, port={smtp.port}, company="Fernhill", mail_from="desk@example.com",
                             security="none")
        asyncio.run(send_messages(Desk(Database({database!r}), Terms(), lambda: moment), away))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False, cwd=ROOT)
    assert done.returncode == -9
    assert arrived(smtp) == ids
    assert await send_messages(desk, post_to(smtp)) == 0
    clock.forward(seconds=61)
    assert await send_messages(desk, post_to(smtp)) == 1
    assert arrived(smtp) == ids * 2
    assert await states(desk) == [(MessageStatus.SENT, 1)]


async def test_the_demo_sends_nothing_and_without_a_server_messages_wait(desk: Desk) -> None:
    await write(desk, 2)
    assert await send_messages(desk, None) == 0
    assert await states(desk) == [(MessageStatus.QUEUED, 0)] * 2
    assert await send_messages(desk, DemoPost()) == 2
    assert await states(desk) == [(MessageStatus.SENT, 1)] * 2


@pytest.mark.parametrize(
    "name",
    [
        "Ana\r\nBcc: x@evil.example",
        "Ana\nBcc: x@evil.example",
        "Ana\rBcc: x@evil.example",
        "=?utf-8?q?=0d=0aBcc:_x@evil.example?=",
        "=?utf-8?b?DQpCY2M6IHhAZXZpbC5leGFtcGxl?=",
        "Ana\u2028Bcc: x@evil.example",
        'Ana" <x@evil.example>, "',
        "Ana\x85Bcc: x@evil.example\x01\x0b",
        "\r\n\r\n<script>alert(1)</script>",
        "=\r\n?utf-8?q?=0d=0aBcc:_x@evil.example?=",
    ],
)
async def test_no_name_brings_a_header_or_a_receiver(desk: Desk, smtp: MailServer, name: str) -> None:
    await write(desk, name=name)
    assert await send_messages(desk, post_to(smtp)) == 1
    letter = smtp.letters[0]
    assert letter.recipients == ("ana@example.com",)
    assert letter.message["Bcc"] is None
    assert [address.addr_spec for address in letter.message["To"].addresses] == ["ana@example.com"]
    html = letter.message.get_body(("html",))
    assert html is not None
    assert "<script" not in html.get_content()


async def test_who_may_not_see_messages_sees_none(desk: Desk) -> None:
    await write(desk)
    async with desk.look(CORA) as work:
        message = (await messages.latest(work))[0]
        with pytest.raises(NotFound):
            await messages.load(work, message.id + 1)
    async with desk.look(INA) as work:
        with pytest.raises(NotAllowed):
            await messages.load(work, message.id)
