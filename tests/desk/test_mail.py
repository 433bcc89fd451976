"""Mail that comes in: each has its place, its clocks run from its arrival, and nothing is answered twice. S2-12.2"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from jobs.sweep_deadlines import sweep_deadlines
from models import Case, CaseLink, CaseNote, Deadline, FollowUp, Mail, MailPlace, Message
from models.words import (
    Audience,
    CaseKind,
    CaseStatus,
    Channel,
    DeadlineKind,
    DeadlineStatus,
    FollowUpKind,
    MailKind,
    MailStatus,
    MessageStatus,
    NoteKind,
)
from portal.desk import audit, cases, mail, messages, order_story, orders, queues, timeline
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.mail import MailQueue
from portal.desk.mail.taking import FROM_COLLEAGUE, FROM_US, NO_SENDER, TOO_LARGE
from portal.desk.work import SYSTEM, Desk
from portal.letters import Letters
from portal.post import written as letter_bytes
from tests.cast import ANA, CORA, SAM, Clock
from tests.desk.stories import opened, resolved, the_case
from tests.mails import BOX, VALIDITY, arrives, bounced, case_of, letters, row, sent_letter, written
from tests.shop import ordered

MARTIAN = (
    b"From: a@example.com\nSubject: =?nonsense?B?4pyT?= \0 \xff\xfe\n"
    b"Content-Type: text/plain; charset=martian\n\n\xe4\0hm"
)
ACKNOWLEDGE = select(Deadline).where(Deadline.kind == DeadlineKind.ACKNOWLEDGE)
STORY = ["report", "report", "bounced", "report"]
FROM_ANA = "Ana Example <Ana@Example.com>"


async def notes(desk: Desk, case_id: int) -> list[tuple[Any, ...]]:
    async with desk.look(SYSTEM) as work:
        found = await work.session.scalars(
            select(CaseNote).where(CaseNote.case_id == case_id).order_by(CaseNote.id)
        )
        return [(one.kind, one.words, one.happened_at) for one in found]


async def test_mail_of_somebody_unknown_opens_an_inquiry_and_is_acknowledged(
    desk: Desk, clock: Clock
) -> None:
    """S2-12.2, S2-11.1, S3-3.1.1a, S3-3.1.1b, S2-11.2b: its clocks run from its arrival, not from when it was read."""
    desk.writer = Letters()
    came = clock.now - timedelta(minutes=5)
    raw = written(message_id="<a@b.example.com>", files=[("Lid.pdf", b"%PDF-1.7 x"), ("run.exe", b"MZ")])
    found = await row(desk, await arrives(desk, raw, came))
    case = await case_of(desk, found.id)
    assert (found.kind, found.status, found.customer_id) == (MailKind.CONCERN, MailStatus.FILED, None)
    assert found.left_out == "run.exe: not a picture, a PDF or plain text, or not named as what it is."
    assert (case.kind, case.channel, case.subject, case.statement) == (
        CaseKind.INQUIRY, Channel.EMAIL, "Opening hours", "When do you open on Saturday?",
    )  # fmt: skip
    assert (case.customer_id, case.held_by_id, case.opened_at, case.acknowledged_at) == (
        None,
        None,
        came,
        None,
    )
    async with desk.look(CORA) as work:
        acknowledge = await work.session.scalar(ACKNOWLEDGE)
        assert acknowledge is not None
        assert (acknowledge.due_at, acknowledge.status) == (
            came + timedelta(minutes=15),
            DeadlineStatus.RUNNING,
        )
        listed = (await mail.mails(work, MailQueue.TO_ANSWER)).rows
        shown = await mail.load(work, found.id)
        file = await mail.open_file(work, found.id, shown.files[0].id)
    assert [one.mail.id for one in listed] == [found.id]
    assert (shown.waits, file.name, file.media_type, file.content) == (
        True, "Lid.pdf", "application/pdf", b"%PDF-1.7 x",
    )  # fmt: skip
    (letter,) = await letters(desk)
    assert (letter.template, letter.audience, letter.to_name, letter.to_address, letter.reference) == (
        "case-acknowledgement", Audience.CUSTOMER, "Bo Stranger", "bo@example.com", case.number,
    )  # fmt: skip
    assert "Opening hours" in letter.body_text
    assert "Saturday" not in letter.body_text  # a forged sender must not be sent somebody's words
    async with desk.work(SYSTEM) as work:
        (envelope,) = await messages.claim_due(work, "test")
    head = letter_bytes(envelope, "Fernhill", "desk@example.com").partition(b"\r\n\r\n")[0].decode()
    assert "\r\nIn-Reply-To: <a@b.example.com>\r\n" in head
    assert f"\r\nReferences: <a@b.example.com> <{case.number}@example.com>\r\n" in head
    assert "\r\nAuto-Submitted: auto-replied\r\n" in head
    late = clock.forward(minutes=11)  # the mail server that takes our letters was down so long
    await sweep_deadlines(desk)
    async with desk.work(SYSTEM) as work:
        await messages.sent(work, envelope)
    async with desk.look(CORA) as work:
        acknowledge = await work.session.scalar(ACKNOWLEDGE)
        assert acknowledge is not None
        assert (acknowledge.missed_at, acknowledge.met_at) == (acknowledge.due_at, late)
        assert (await the_case(work, case.id)).acknowledged_at == late


async def test_whoever_takes_it_on_answers_by_mail(desk: Desk, clock: Clock) -> None:
    """S3-3.1.1a, S0-3.3.1: the answer goes to whoever wrote, though nobody knows them as a customer."""
    found = await row(desk, await arrives(desk, written(), clock.now))
    async with desk.work(CORA) as work:
        taken = await mail.take_on(work, (await mail.load(work, found.id)).mail)
    async with desk.work(CORA) as work:
        case = await the_case(work, taken)
        await cases.answer(work, case, "From nine to one.")
    async with desk.look(CORA) as work:
        assert (await mail.mails(work, MailQueue.TO_ANSWER)).rows == []
        story = await timeline.timeline(work, await queues.case_of(work, taken))
    told = [(one.template, one.to_address) for one in await letters(desk)]
    assert told == [("case-acknowledgement", "bo@example.com"), ("case-answer", "bo@example.com")]
    assert [(one.title, one.who, one.href) for one in story if one.href] == [
        ("Mail: Opening hours", "Bo Stranger <bo@example.com>", f"/mail/{found.id}")
    ]


async def test_a_reply_joins_its_case_at_the_moment_it_arrived(desk: Desk, clock: Clock) -> None:
    """S2-10.5, S1-4.4.1c, S2-15.5a, S3-6.1.1b, decision 9: the pause ends when the answer was there, whenever it was
    read; a reply is known by what it answers, whatever its subject says.
    """
    case_id = await opened(desk, CaseKind.SERVICE_REQUEST, Channel.EMAIL)
    async with desk.work(CORA) as work:
        await cases.ask_customer(work, await the_case(work, case_id), "Which colour?")
    asked = (await letters(desk))[-1]
    came = clock.forward(minutes=30)
    read = clock.forward(minutes=20)
    raw = written(
        "The blue one.\n\nOn Monday we wrote:\n> Which colour?\n", "Something else", FROM_ANA,
        in_reply_to=asked.message_id,
    )  # fmt: skip
    reply = await row(desk, await arrives(desk, raw, came))
    assert (reply.kind, reply.status, reply.case_id, reply.customer_id) == (
        MailKind.REPLY, MailStatus.FILED, case_id, ANA,
    )  # fmt: skip
    assert (await notes(desk, case_id))[-1] == (NoteKind.HEARD, "The blue one.", came)
    eve = written("I am his wife.", "Re", "Eve <eve@example.com>", in_reply_to=asked.message_id)
    await arrives(desk, eve, read)
    told = "Written from eve@example.com, which is not the customer’s address:\nI am his wife."
    assert (await notes(desk, case_id))[-1] == (NoteKind.HEARD, told, None)
    async with desk.look(SYSTEM) as work:
        case = await the_case(work, case_id)
        assert case.status is CaseStatus.OPEN
        resumed = [
            one
            for one in await timeline.timeline(work, await queues.case_of(work, case_id))
            if one.title == "Clocks run on"
        ]
        assert [(one.at, one.happened_at) for one in resumed] == [(read, came)]
    async with desk.look(
        CORA
    ) as work:  # nobody is verified with her: the customer's address would answer a question
        story = await timeline.timeline(work, await queues.case_of(work, case_id))
        assert [one.who for one in story if one.title.startswith("Mail: ")] == [
            "Eve <eve@example.com>",
            "Ana E••••",
        ]
    async with desk.look(SYSTEM) as work:
        assert await work.session.scalar(select(func.count()).select_from(Case)) == 1


@pytest.mark.parametrize(
    ("sender", "joins"),
    [(FROM_ANA, True), ("Eve <eve@example.com>", False), ("ana@example.com.evil.example", False)],
)
async def test_a_number_joins_a_case_only_from_its_customers_address(
    desk: Desk, clock: Clock, sender: str, *, joins: bool
) -> None:  # fmt: skip
    """S2-10.5, S2-11.2b: anybody can write a number into a subject."""
    case_id = await opened(desk, channel=Channel.EMAIL)
    async with desk.look(SYSTEM) as work:
        number = (await the_case(work, case_id)).number
    raw = written(
        "Any news?", f"AW: {number.lower()}", sender, references=f"<x@y.example.com> <{number}@example.com>"
    )
    found = await row(desk, await arrives(desk, raw, clock.now))
    assert (found.case_id == case_id, found.kind is MailKind.REPLY) == (joins, joins)


async def test_a_reply_to_an_orders_letter_is_about_the_order(desk: Desk, clock: Clock) -> None:
    """S1-4.4.1c, S2-10.5: the second mail about it goes on in the same case."""
    order = await ordered(desk)
    letter = (await letters(desk))[-1]
    assert letter.order_id == order.id
    raw = written("Where is it?", f"Re: {letter.subject}", FROM_ANA, references=letter.message_id)
    first = await row(desk, await arrives(desk, raw, clock.now))
    second = await row(
        desk, await arrives(desk, written("Hello?", order.number, FROM_ANA), clock.forward(minutes=9))
    )
    case = await case_of(desk, first.id)
    assert (first.kind, first.order_id, case.order_id, case.customer_id) == (
        MailKind.CONCERN,
        order.id,
        order.id,
        ANA,
    )
    assert (second.kind, second.order_id, second.case_id) == (MailKind.REPLY, order.id, case.id)
    async with desk.look(CORA) as work:
        story = await order_story.of(work, await orders.load(work, order.id), shown=False)
    assert [(one.title, one.href) for one in story if one.href] == [
        (f"Mail: {order.number}", f"/mail/{second.id}"), (f"Mail: Re: {letter.subject}", f"/mail/{first.id}"),
    ]  # fmt: skip


async def test_what_comes_after_the_end_names_the_case_and_joins_it_by_hand(desk: Desk, clock: Clock) -> None:
    """S2-10.5, decision 13: thanks reopen nothing by themselves; a person takes the case up again."""
    ended = await opened(desk, channel=Channel.EMAIL)
    await resolved(desk, ended)
    letter = (await letters(desk))[-1]
    came = clock.forward(hours=1)
    found = await row(
        desk,
        await arrives(
            desk, written("Broken again.", "Re: done", FROM_ANA, in_reply_to=letter.message_id), came
        ),
    )
    own = await case_of(desk, found.id)
    async with desk.look(SYSTEM) as work:
        assert (await the_case(work, ended)).status is CaseStatus.RESOLVED
        ties = await work.session.execute(select(CaseLink.case_id, CaseLink.led_to_id))
        assert list(ties) == [(ended, own.id)]
        number = (await the_case(work, ended)).number
    clock.forward(minutes=5)
    for wrong in ("", "HC-26-999999-9", own.number):
        with pytest.raises(NotAccepted):
            async with desk.work(CORA) as work:
                await mail.join(work, (await mail.load(work, found.id)).mail, wrong)
    async with desk.work(CORA) as work:
        assert await mail.join(work, (await mail.load(work, found.id)).mail, number.lower()) == ended
    async with desk.look(SYSTEM) as work:
        assert [(await the_case(work, one)).status for one in (ended, own.id)] == [
            CaseStatus.OPEN, CaseStatus.CANCELLED,
        ]  # fmt: skip
    assert (await notes(desk, ended))[-1] == (NoteKind.HEARD, "Broken again.", came)
    assert (await row(desk, found.id)).case_id == ended
    with pytest.raises(WrongMoment):
        async with desk.work(CORA) as work:
            await mail.take_up(work, (await mail.load(work, found.id)).mail)


async def test_no_machine_is_answered_by_a_machine(desk: Desk, clock: Clock) -> None:
    """S3-3.1.1b: an out-of-office note on an open case moves no clock; the same elsewhere waits in the reject list."""
    case_id = await opened(desk, channel=Channel.EMAIL)
    letter = (await letters(desk))[-1]
    told = len(await letters(desk))
    away = written(
        "I am away.", "Out of office", FROM_ANA, in_reply_to=letter.message_id, auto_submitted="auto-replied"
    )
    found = await row(desk, await arrives(desk, away, clock.forward(minutes=1)))
    assert (found.kind, found.status, found.case_id) == (MailKind.AUTOMATIC, MailStatus.FILED, case_id)
    assert (await notes(desk, case_id))[-1][:2] == (NoteKind.NOTE, "An automatic answer came: I am away.")
    expected = [
        (written(auto_submitted="auto-replied"), "A machine wrote it (Auto-Submitted: auto-replied)."),
        (written(precedence="bulk"), "It went to many (Precedence: bulk)."),
        (written(list_id="<all.example.com>"), "It went to many, or a machine wrote it (List-Id)."),
        (written(sender="no-reply@example.com"), "Nobody reads answers at the address it came from."),
        (written(sender="desk@example.com"), FROM_US),
        (written(sender="<>"), NO_SENDER),
    ]  # fmt: skip
    rejected = [await row(desk, await arrives(desk, raw, clock.now)) for raw, _ in expected]
    assert [(one.status, one.because) for one in rejected] == [
        (MailStatus.REJECTED, why) for _, why in expected
    ]
    assert len(await letters(desk)) == told
    async with desk.work(CORA) as work:  # somebody looks, and it was a person after all
        taken = await mail.take_up(work, (await mail.load(work, rejected[2].id)).mail)
    assert (await row(desk, rejected[2].id)).case_id == taken
    async with desk.look(SYSTEM) as work:
        assert (await the_case(work, taken)).acknowledged_at is None  # no machine was told so


async def test_one_sender_is_acknowledged_once_in_a_while(desk: Desk, clock: Clock) -> None:
    """S3-3.1.1b: two machines that do not know each other end after a few letters; every mail has its case."""
    for minutes in (0, 5, 10, 10, 10, 10, 10, 10):
        await arrives(desk, written(f"Number {minutes}"), clock.forward(minutes=minutes))
    async with desk.look(SYSTEM) as work:
        found = await work.session.scalars(select(Mail).order_by(Mail.id))
        assert [one.acknowledged_at is not None for one in found] == [True, False, *[True] * 5, False]
        assert await work.session.scalar(select(func.count()).select_from(Case)) == 8


async def test_a_letter_that_came_back_is_shown_and_somebody_has_the_task(desk: Desk, clock: Clock) -> None:
    """S2-6.6: once, however often it is reported; one that is only late is noted."""
    case_id = await opened(desk, channel=Channel.EMAIL)
    letter = await sent_letter(desk)
    late = await row(
        desk, await arrives(desk, bounced(letter.message_id, "smtp; 451 busy", "delayed"), clock.now)
    )
    assert (late.kind, late.status) == (MailKind.REPORT, MailStatus.FILED)
    noted = (await letters(desk))[-1]
    assert (noted.fate, noted.last_error) == ("sent", "5.1.1 smtp; 451 busy")
    for _ in range(2):
        report = await row(desk, await arrives(desk, bounced(letter.message_id), clock.forward(minutes=1)))
        assert (report.status, report.answers_id, report.case_id) == (MailStatus.FILED, letter.id, case_id)
    came_back = (await letters(desk))[-1]
    assert (came_back.fate, came_back.last_error) == ("bounced", "5.1.1 smtp; 550 5.1.1 No such mailbox")
    async with desk.look(SAM) as work:
        tasks = list(await work.session.scalars(select(FollowUp)))
        assert [(one.kind, one.owner_id, one.case_id, one.once) for one in tasks] == [
            (FollowUpKind.CALL_BACK, CORA.person_id, case_id, f"bounced/{letter.id}")
        ]
        assert "550 5.1.1 No such mailbox" in tasks[0].words
        story = await timeline.timeline(work, await queues.case_of(work, case_id))
        assert [one.state for one in story if one.kind in {"message", "mail"}] == STORY
    unknown = await row(desk, await arrives(desk, bounced("<nobody@example.com>"), clock.now))
    assert unknown.status is MailStatus.REJECTED
    async with desk.work(SAM) as work:
        await messages.send_again(work, await messages.load(work, letter.id))
    again = (await letters(desk))[-1]
    assert (again.status, again.bounced_at, again.sent_at) == (MessageStatus.QUEUED, None, None)


async def test_every_mail_is_filed_or_rejected_and_read_twice_counts_once(desk: Desk, clock: Clock) -> None:
    """S0-5.1b, S2-12.2: mails = interactions + rejected, also of what is hostile, too large or nobody's."""
    case_id = await opened(desk, channel=Channel.EMAIL)
    letter = await sent_letter(desk)
    came = [
        written(),
        written("Card 4111 1111 1111 1111 please", "My card 4111111111111111"),
        written("x" * 300_000),
        written("", ""),
        written("Yes.", "Re", FROM_ANA, in_reply_to=letter.message_id),
        MARTIAN,
        b"To: "
        + b", ".join(b"p%d@example.com" % one for one in range(10_000))
        + b"\nFrom: b@example.com\n\nAll of you",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/mixed\n\n--x--",
        written(precedence="list"),
        bounced(letter.message_id),
        b"",
    ]
    for raw in came:
        await arrives(desk, raw, clock.now)
    await arrives(desk, b"From: big@example.com\nSubject: Big\n\n", clock.now, whole=False)
    for raw in came:
        assert await arrives(desk, raw, clock.now) is None
    notice = Message(
        once="n", template="help-wanted", audience=Audience.COLLEAGUE, to_address="sam@example.com", subject="Help",
        body_text="", body_html="", message_id="<notice@example.com>", person_id=SAM.person_id,
        status=MessageStatus.QUEUED, created_at=clock.now, next_at=clock.now,
    )  # fmt: skip
    async with desk.work(SYSTEM) as work:
        work.session.add(notice)
        await work.session.flush()
        await audit.record(work, "write notice", notice)
    await arrives(
        desk, written("I come.", "Re", "sam@example.com", in_reply_to="<notice@example.com>"), clock.now
    )
    async with desk.look(SYSTEM) as work:
        found = list(await work.session.scalars(select(Mail).order_by(Mail.id)))
        places = list(await work.session.execute(select(MailPlace.name, MailPlace.validity)))
    filed = [one for one in found if one.status is MailStatus.FILED]
    reasons = [one.because for one in found if one.status is MailStatus.REJECTED]
    assert len(filed) + len(reasons) == len(came) + 2
    assert all(one.case_id or one.answers_id for one in filed)
    assert reasons == [
        NO_SENDER, "It went to many (Precedence: list).", NO_SENDER, TOO_LARGE, FROM_COLLEAGUE,
    ]  # fmt: skip
    assert places == [(BOX, VALIDITY)]
    assert (found[1].subject, found[1].words) == (
        "My card [card number left out]",
        "Card [card number left out] please",
    )
    assert len(found[2].words) < 20_100
    assert (found[3].subject, (await case_of(desk, found[3].id)).statement) == (
        "(no subject)", "(The mail holds no words of its own.)",
    )  # fmt: skip
    assert found[5].words == "ähm"
    assert found[4].case_id == case_id
