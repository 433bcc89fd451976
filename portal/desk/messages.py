"""The outbox: messages wait here, are taken by lease, sent outside any transaction, and marked. S0-0.2

Delivery is at least once: a crash between sending and marking sends the message again, under the Message-ID it was
written with, so that mail programs show it once.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Row, RowMapping, or_, select, update

from models import Case, Customer, Message
from models.words import Direction, MessageStatus
from portal.desk import audit, deadlines, interactions, rows
from portal.desk.changes import accounted
from portal.desk.errors import NotFound, WrongMoment
from portal.desk.interactions import InteractionKind
from portal.desk.permissions import May
from portal.desk.sealing import opened
from portal.desk.work import Work

ACKNOWLEDGEMENT = "case-acknowledgement"
LEASE = timedelta(seconds=60)
"""How long a message taken for sending is left alone by everybody else."""
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)
MOST_TRIES = 34
"""Five seconds doubled up to an hour, so often, is a day; then the message is dead."""


class Unreachable(Exception):
    """No mail server answers, so trying further messages now is of no use."""


class NotTaken(Exception):
    """The mail server did not take this message: for good, or for now."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message as it is handed to the post: plain values, no row."""

    id: int
    message_id: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    language: str
    reference: str
    written_at: datetime
    attempts: int
    """How often sending was tried before."""
    in_reply_to: str = ""
    """The Message-ID of the mail it answers by itself. S3-3.1.1b"""


class Line(Protocol):
    """An open line to the mail server. Raises NotTaken and Unreachable."""

    async def send(self, envelope: Envelope) -> None: ...


class Post(Protocol):
    """Whatever takes messages away: one line at a time, kept open for a batch."""

    def line(self) -> AbstractAsyncContextManager[Line]: ...


async def hold_back(work: Work, customer: Customer, template: str, *statuses: MessageStatus) -> None:
    """Let no letter of this kind leave any more that stands so; one that is leaving at this moment leaves.

    Part of a deed, which records it.
    """
    waiting = await work.session.scalars(
        select(Message)
        .where(
            Message.customer_id == customer.id,
            Message.template == template,
            Message.status.in_(statuses),
            or_(Message.claimed_until.is_(None), Message.claimed_until <= work.now),
        )
        .with_for_update()
    )
    for message in waiting:
        message.status, message.next_at = MessageStatus.DISCARDED, None


async def claim_due(work: Work, owner: str, limit: int = 50) -> list[Envelope]:
    """Take messages that are due, for LEASE; nobody else takes them meanwhile. One statement. S2-12.2"""
    due = (
        select(Message.id)
        .where(
            Message.next_at <= work.now,
            or_(Message.claimed_until.is_(None), Message.claimed_until <= work.now),
        )
        .order_by(Message.next_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(Message)
        .where(Message.id.in_(due.scalar_subquery()))
        .values(claimed_until=work.now + LEASE, claimed_by=owner)
        .returning(
            Message.id,
            Message.message_id,
            Message.to_name,
            Message.to_address,
            Message.subject,
            Message.body_text.label("text"),
            Message.body_html.label("html"),
            Message.language,
            Message.reference,
            Message.created_at.label("written_at"),
            Message.attempts,
            Message.in_reply_to,
        )
    )
    options = {"audited": True, "synchronize_session": False}
    found = (await work.session.execute(taken, execution_options=options)).mappings()
    envelopes = sorted((_addressed(work, row) for row in found), key=lambda envelope: envelope.id)
    accounted(work.session)  # a claim is no deed: it says who is at it, and ends by itself
    return envelopes


def _addressed(work: Work, row: RowMapping) -> Envelope:
    """Put a letter into its envelope: what stood sealed in the outbox is opened here and nowhere before. S2-2.1"""
    parts = {name: opened(work.terms.secret, row[name]) for name in ("text", "html")}
    return Envelope(**{**row, **parts})


async def sent(work: Work, envelope: Envelope) -> None:
    """Record that the post took the message; of one that tells by itself that a mail arrived the clock is met now."""
    values = {"status": MessageStatus.SENT, "sent_at": work.now, "next_at": None, "last_error": ""}
    marked = await _mark(work, envelope, values)
    if marked is None:
        return
    changes = {"status": ["queued", "sent"], "sent_at": [None, work.now.isoformat()]}
    await audit.record_each(work, "send message", Message.__tablename__, [(envelope.id, changes)])
    if marked.in_reply_to and marked.template == ACKNOWLEDGEMENT and marked.case_id is not None:
        await _acknowledged(work, marked.case_id)


async def _acknowledged(work: Work, case_id: int) -> None:
    """Meet the clock of a case that a mail opened: not when the letter was written but when it left. S3-3.1.1a

    With a mail server that is down the miss is recorded, and met late.
    """
    case = await work.session.get_one(Case, case_id)
    await deadlines.hold(work, case)
    if case.status in deadlines.OPEN_CASES and case.acknowledged_at is None:
        await interactions.happened(work, case, InteractionKind.ACKNOWLEDGEMENT, Direction.OUTBOUND)
        await audit.record(work, "acknowledge case", case)


async def put_off(work: Work, envelope: Envelope, reason: str) -> datetime | None:
    """Try the message again later: after 5 s, doubled each time up to an hour. Returns when.

    After a day of tries it is dead, and None is returned.
    """
    if envelope.attempts + 1 >= MOST_TRIES:
        await dead(work, envelope, f"Given up after {MOST_TRIES} tries. {reason}")
        return None
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(envelope.attempts, 20))
    again = work.now + wait * (
        1 - secrets.randbelow(200) / 1000
    )  # so that a thousand do not come back at once
    await _mark(work, envelope, {"next_at": again, "last_error": reason[:500]})
    accounted(work.session)  # the row itself says how often and why; the trail keeps deeds
    return again


async def dead(work: Work, envelope: Envelope, reason: str) -> None:
    """Give the message up; it stands among the dead letters until somebody sends it again or discards it.

    S2-6.6
    """
    values = {"status": MessageStatus.DEAD, "next_at": None, "last_error": reason[:500]}
    if await _mark(work, envelope, values):
        changes = {"status": ["queued", "dead"]}
        await audit.record_each(
            work, "give message up", Message.__tablename__, [(envelope.id, changes)], reason=reason
        )


async def release(work: Work, envelopes: Sequence[Envelope]) -> None:
    """Put messages that were taken but not tried back, as they were."""
    if envelopes:
        back = update(Message).where(Message.id.in_([one.id for one in envelopes]))
        await work.session.execute(
            back.where(Message.status == MessageStatus.QUEUED).values(claimed_until=None, claimed_by=""),
            execution_options={"audited": True, "synchronize_session": False},
        )
        accounted(work.session)  # as when they were taken


async def send_again(work: Work, message: Message) -> None:
    """Put a dead, discarded or bounced message back, or try a waiting one at once; it keeps its Message-ID.

    Raises WrongMoment when it was sent and did not come back, or is being sent.
    """
    work.require(May.RESEND_MESSAGES)
    await _hold(work, message)
    if message.status is MessageStatus.SENT and message.bounced_at is None:
        raise WrongMoment("This message was sent already.")
    message.status, message.next_at, message.attempts = MessageStatus.QUEUED, work.now, 0
    message.sent_at = message.bounced_at = None
    await audit.record(work, "send message again", message)


async def discard(work: Work, message: Message) -> None:
    """Decide that a message is not to be sent (again). Raises WrongMoment when it was sent and did not come back."""
    work.require(May.RESEND_MESSAGES)
    await _hold(work, message)
    if message.status is MessageStatus.SENT and message.bounced_at is None:
        raise WrongMoment("This message was sent already.")
    message.status, message.next_at = MessageStatus.DISCARDED, None
    message.sent_at = message.bounced_at = None
    await audit.record(work, "discard message", message)


async def latest(work: Work, limit: int = 50, *, before: int | None = None) -> list[Message]:
    """The newest messages this person may see, the newest first; `before` is the id to go on from."""
    work.require(May.SEE_MESSAGES)
    statement = rows.narrowed(work.actor, Message, select(Message)).order_by(Message.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Message.id < before)
    return list(await work.session.scalars(statement))


async def load(work: Work, message_id: int) -> Message:
    """The message with this id. Raises NotFound when there is none, or none this person may see."""
    work.require(May.SEE_MESSAGES)
    statement = rows.narrowed(work.actor, Message, select(Message)).where(Message.id == message_id)
    message: Message | None = await work.session.scalar(statement)
    if message is None:
        raise NotFound
    return message


async def _mark(
    work: Work, envelope: Envelope, values: Mapping[str, object]
) -> Row[str, int | None, str] | None:
    """Write what became of a try; what it is about. None when somebody decided otherwise meanwhile."""
    marked = (
        update(Message)
        .where(Message.id == envelope.id, Message.status == MessageStatus.QUEUED)
        .values(attempts=Message.attempts + 1, claimed_until=None, claimed_by="", **values)
        .returning(Message.template, Message.case_id, Message.in_reply_to)
    )
    options = {"audited": True, "synchronize_session": False}
    done = (await work.session.execute(marked, execution_options=options)).first()
    if done is None:
        accounted(work.session)  # nothing was changed
    return done


async def _hold(work: Work, message: Message) -> None:
    await work.session.flush()
    await work.session.refresh(message, with_for_update=True)
    if message.status is MessageStatus.QUEUED and message.claimed_until and message.claimed_until > work.now:
        raise WrongMoment("This message is being sent just now. Look again in a minute.")
