"""Taking a mail in: one transaction keeps it, puts it where it belongs and moves the place up to which was read.

A mail that cannot be taken in is rejected with a reason, where people see it; what is read twice is kept once. So every
mail that came is one row: filed with a case, order or letter, set aside by somebody, or rejected. S0-5.1b
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, or_, select

from models import Case, Mail, MailFile, MailPlace, Order
from models.words import Audience, CaseKind, Channel, MailKind, MailStatus, NoteKind
from portal.desk import audit, bulk, case_links, case_notes, cases, policy
from portal.desk.case_notes import Earlier
from portal.desk.changes import accounted
from portal.desk.due import OPEN_CASES
from portal.desk.mail import reports, threads
from portal.desk.mail.parsing import Parsed
from portal.desk.mail.plain import without_quotes
from portal.desk.mail.threads import Thread
from portal.desk.mailbox import Arrived
from portal.desk.notices import Sender
from portal.desk.permissions import May
from portal.desk.work import Work

BY_MAIL = "It came by mail and was read from the mailbox."
NOTHING_SAID = "(The mail holds no words of its own.)"
TOO_LARGE = "It is larger than 25 MB: its words and files are in the mailbox alone."
NO_SENDER = "It does not say from whom it is, so nobody can be answered."
FROM_US = "It came from our own address."
FROM_COLLEAGUE = "It answers a notice to a colleague, which is about no customer’s matter by itself."


async def place_of(work: Work, name: str, validity: int) -> int:
    """Up to which number a folder was read; 0 for one that was not, or whose server counts anew."""
    found = await work.session.scalar(
        select(MailPlace.uid).where(MailPlace.name == name, MailPlace.validity == validity)
    )
    return found or 0


async def take_in(work: Work, mailbox: str, own: str, arrived: Arrived, mail: Parsed) -> Mail | None:
    """Keep a mail and put it where it belongs; None for one that is known. Twice changes nothing. S2-12.2

    A reply joins its case at the moment it arrived; what a machine wrote moves no clock; a report of a mail server
    marks its letter; anything else opens an inquiry, whose clocks run from its arrival, and is acknowledged. `own` is
    the address of the mailbox. S2-10.5, S3-3.1.1a, S2-6.6
    """
    work.require(May.WORK_CASES)
    await _move(work, mailbox, arrived)
    kept = await _keep(work, arrived, mail)
    if kept is None:
        return None
    if not arrived.whole:
        _refuse(kept, TOO_LARGE)
    elif mail.report is not None:
        await reports.follow(work, kept, mail.report)
    elif not mail.sender_address:
        _refuse(kept, NO_SENDER)
    elif mail.sender_address in {work.terms.mail_from.lower(), own.lower()}:
        _refuse(kept, FROM_US)
    else:
        await _file(work, kept, mail, await threads.find(work, mail))
    await audit.record(work, "take mail in", kept)
    return kept


async def reject(work: Work, mailbox: str, arrived: Arrived, mail: Parsed | None, why: str) -> Mail | None:
    """Keep what can be kept of a mail that could not be taken in, where people see it. S2-12.2"""
    work.require(May.WORK_CASES)
    await _move(work, mailbox, arrived)
    unread = Parsed(f"{arrived.validity}/{arrived.uid}/{arrived.size}", "", "", "", "(unreadable)", "", ())
    kept = await _keep(work, arrived, mail or unread)
    if kept is not None:
        _refuse(kept, why)
        await audit.record(work, "reject mail", kept, reason=why)
    return kept


async def skip(work: Work, mailbox: str, validity: int, uid: int) -> None:
    """Go on after a mail that somebody took out of the mailbox before it was read."""
    await _move_to(work, mailbox, validity, uid)


async def _move(work: Work, mailbox: str, arrived: Arrived) -> None:
    await _move_to(work, mailbox, arrived.validity, arrived.uid)


async def _move_to(work: Work, mailbox: str, validity: int, uid: int) -> None:
    """Note up to where the folder was read; never backwards, whoever reads beside us."""
    make = bulk.insert_of(work.session)
    row = {"name": mailbox[:300], "validity": validity, "uid": uid}
    written = make(MailPlace).values(row)
    forward = or_(MailPlace.validity != validity, MailPlace.uid < uid)
    await work.session.execute(
        written.on_conflict_do_update(index_elements=["name"], set_=row, where=forward),
        execution_options={"synchronize_session": False},
    )


async def _keep(work: Work, arrived: Arrived, mail: Parsed) -> Mail | None:
    """Write the mail down, as rejected until it has its place; None where it is there already."""
    make = bulk.insert_of(work.session)
    values = {
        "key": mail.key,
        "kind": MailKind.CONCERN,
        "status": MailStatus.REJECTED,
        "because": "It is being taken in.",
        "sender_name": mail.sender_name,
        "sender_address": mail.sender_address,
        "subject": mail.subject,
        "words": mail.words,
        "message_id": mail.message_id,
        "size": arrived.size,
        "left_out": "\n".join(mail.left_out),
        "received_at": min(arrived.received_at, work.now),
        "taken_at": work.now,
        "version": 1,
    }
    written = make(Mail).values(values).on_conflict_do_nothing(index_elements=["key"]).returning(Mail.id)
    made = await work.session.scalar(written, execution_options={"audited": True})
    if made is None:
        accounted(work.session)  # it is known: nothing was written
        return None
    for file in mail.files:
        await work.session.execute(
            insert(MailFile).values(
                mail_id=made,
                name=file.name,
                media_type=file.media_type,
                size=len(file.content),
                digest=file.digest,
                content=file.content,
            ),
            execution_options={"audited": True},
        )
    return await work.session.get_one(Mail, made)


def _refuse(kept: Mail, why: str) -> None:
    kept.status, kept.because = MailStatus.REJECTED, why[:500]


async def _file(work: Work, kept: Mail, mail: Parsed, thread: Thread) -> None:
    """Put a mail where it belongs."""
    kept.answers_id = thread.letter.id if thread.letter else None
    kept.customer_id = thread.customer.id if thread.customer else None
    kept.case_id = thread.case.id if thread.case else None
    kept.order_id = thread.order.id if thread.order else None
    if mail.automatic:
        await _note_automatic(work, kept, mail, thread)
    elif thread.letter is not None and thread.letter.audience is Audience.COLLEAGUE:
        kept.case_id = kept.order_id = None
        _refuse(kept, FROM_COLLEAGUE)
    elif thread.case is not None and thread.case.status in OPEN_CASES:
        kept.kind, kept.status, kept.because = MailKind.REPLY, MailStatus.FILED, thread.how
        await hear(work, thread.case, kept)
    else:
        await open_case(work, kept, came_of=thread.case, order=thread.order)
        kept.because = thread.how


async def _note_automatic(work: Work, kept: Mail, mail: Parsed, thread: Thread) -> None:
    """What a machine wrote about an open case is an internal note on it and moves no clock; else nobody waits for it."""
    kept.kind = MailKind.AUTOMATIC
    if thread.case is None or thread.case.status not in OPEN_CASES:
        kept.case_id = None
        _refuse(kept, mail.automatic)
        return
    kept.status, kept.because = MailStatus.FILED, f"{thread.how} {mail.automatic}"[:500]
    case_notes.write(
        work,
        thread.case,
        NoteKind.NOTE,
        f"An automatic answer came: {_said(kept)}",
        "note",
        _when(work, kept, thread.case),
    )


def _said(kept: Mail) -> str:
    return without_quotes(kept.words) or NOTHING_SAID


def _when(work: Work, kept: Mail, case: Case) -> Earlier:
    """A mail counts from when it arrived, though it is read a little later; never from before its case. S2-15.2"""
    at = max(kept.received_at, case.opened_at)
    return Earlier(at, BY_MAIL) if at < work.now else case_notes.JUST_NOW


async def hear(work: Work, case: Case, kept: Mail) -> None:
    """Note on an open case what its customer wrote, from when it arrived: its clocks follow as on every channel.

    A reply that came from another address than the customer's says so: whoever has the letter may be somebody else.
    """
    said = _said(kept)
    if case.customer_id is not None and kept.customer_id != case.customer_id:
        said = f"Written from {kept.sender_address}, which is not the customer’s address:\n{said}"
    await cases.customer_wrote(work, case, said, earlier=_when(work, kept, case))


async def open_case(
    work: Work, kept: Mail, *, came_of: Case | None = None, order: Order | None = None
) -> Case:
    """Open an inquiry from a mail, held by nobody yet; its clocks run from when the mail arrived. S3-3.1.1a

    It is acknowledged by itself, but no sender more than once in a while. `came_of` is a case that has ended, of which
    the mail speaks: the two name each other, and people decide whether they are one matter.
    """
    asked = kept.kind is MailKind.CONCERN and await _may_acknowledge(work, kept)
    sender = Sender(kept.sender_name, kept.sender_address, work.terms.language)
    customer_id = kept.customer_id or (order.customer_id if order else None)
    case = await cases.open_case(
        work,
        cases.NewCase(
            CaseKind.INQUIRY,
            Channel.EMAIL,
            kept.subject,
            statement=_said(kept),
            customer_id=customer_id,
            order_id=order.id if order else None,
            received_at=kept.received_at,
            mail=cases.Written(sender, kept.message_id, asked),
        ),
    )
    kept.kind, kept.status, kept.case_id = MailKind.CONCERN, MailStatus.FILED, case.id
    kept.acknowledged_at = work.now if asked else None
    if came_of is not None:
        await case_links.tie(work, came_of, case)
    return case


async def _may_acknowledge(work: Work, kept: Mail) -> bool:
    """Whether an answer by itself is no loop: this sender got none for a while, and few in a day. S3-3.1.1b"""
    told = await work.session.scalars(
        select(Mail.acknowledged_at)
        .where(
            Mail.sender_address == kept.sender_address, Mail.acknowledged_at > work.now - timedelta(days=1)
        )
        .order_by(Mail.acknowledged_at.desc())
        .limit(policy.ACKNOWLEDGED_A_DAY)
    )
    of_today = [one for one in told if one is not None]
    lately = [one for one in of_today if one > work.now - policy.ACKNOWLEDGE_AGAIN]
    return not lately and len(of_today) < policy.ACKNOWLEDGED_A_DAY
