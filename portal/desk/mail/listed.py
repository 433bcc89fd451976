"""The lists of mail as each person may see them, and one mail with its files. Reads only.

What is in a restricted case is seen by those alone who may see the case. S3-5.1.2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from models import Case, Mail, MailFile
from models.words import MailKind, MailStatus
from portal.desk import due
from portal.desk.attachments import Opened
from portal.desk.errors import NotFound
from portal.desk.listing import PAGE, Rows, capped, cursor, first, newest_first, oldest_first
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class MailQueue(StrEnum):
    """A list of mail."""

    TO_ANSWER = "to-answer"
    NOT_TAKEN = "not-taken"
    """Rejected or set aside, each with its reason."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class MailRow:
    """One mail with what hangs on it."""

    mail: Mail
    files: Sequence[MailFile] = ()
    waits: bool = False
    """Nobody has answered it yet."""


def to_answer(work: Work) -> Select[Any]:
    """The ids of mail that opened a case which nobody has answered yet, from those cases: they have an index of their own.

    A span of time leads SQLite to it. The status of the mail is not asked for: what was rejected or set aside is in no
    open case, and its index would lead astray.
    """
    opened = select(Mail.id).join(Case, Case.id == Mail.case_id)
    return narrowed(work.actor, Case, opened).where(
        due.is_open(),
        Case.answered_at.is_(None),
        Case.mailed_at > _EVER,
        Mail.kind == MailKind.CONCERN,
    )


async def counts(work: Work) -> dict[MailQueue, int]:
    """How long the lists are that somebody has to look at, none counted past COUNTED_TO."""
    work.require(May.WORK_CASES)
    not_taken = _in(work, MailQueue.NOT_TAKEN)
    row = (await work.session.execute(select(capped(to_answer(work)), capped(not_taken)))).one()
    return {MailQueue.TO_ANSWER: row[0], MailQueue.NOT_TAKEN: row[1]}


def _in(work: Work, queue: MailQueue) -> Select[Any]:
    if queue is MailQueue.TO_ANSWER:
        return to_answer(work)
    ids = narrowed(work.actor, Mail, select(Mail.id))
    if queue is MailQueue.NOT_TAKEN:
        ids = ids.where(Mail.status.in_([MailStatus.REJECTED, MailStatus.SET_ASIDE]))
    return ids


async def mails(work: Work, queue: MailQueue, *, before: str = "", limit: int = PAGE) -> Rows[MailRow]:
    """The mail of one list: what waits the longest first, the rest newest first."""
    work.require(May.WORK_CASES)
    if queue is MailQueue.TO_ANSWER:
        ids = oldest_first(to_answer(work), Case.opened_at, Case.id, before)
    else:
        ids = newest_first(_in(work, queue), Mail.received_at, Mail.id, before)
    page = first(ids, limit + 1).subquery()
    statement = _with_what_hangs_on_it(select(Mail).join(page, page.c.id == Mail.id))
    found = list(await work.session.scalars(statement))
    if queue is MailQueue.TO_ANSWER:
        found.sort(key=lambda one: _opened(one.case))
    else:
        found.sort(key=lambda one: (one.received_at, one.id), reverse=True)
    rows, older = found[:limit], ""
    if len(found) > limit:
        last = rows[-1]
        older = cursor(*(_opened(last.case) if queue is MailQueue.TO_ANSWER else (last.received_at, last.id)))
    return Rows([MailRow(one) for one in rows], older)


def _opened(case: Case | None) -> tuple[datetime, int]:
    """The place of a case in the order of those that were opened."""
    return (case.opened_at, case.id) if case else (datetime.max.replace(tzinfo=UTC), 0)


def _with_what_hangs_on_it(statement: Select[Any]) -> Select[Any]:
    return statement.options(
        joinedload(Mail.case).joinedload(Case.held_by),
        joinedload(Mail.order),
        joinedload(Mail.customer),
        joinedload(Mail.answers),
        joinedload(Mail.handled_by),
    )


async def load(work: Work, mail_id: int) -> MailRow:
    """One mail with its files. Raises NotFound, also for one that may not be seen."""
    work.require(May.WORK_CASES)
    statement = narrowed(work.actor, Mail, select(Mail)).where(Mail.id == mail_id)
    mail: Mail | None = await work.session.scalar(_with_what_hangs_on_it(statement))
    if mail is None:
        raise NotFound
    files = await work.session.scalars(
        select(MailFile).where(MailFile.mail_id == mail.id).order_by(MailFile.id)
    )
    waits = await work.session.scalar(
        select(func.count()).select_from(to_answer(work).where(Mail.id == mail.id).subquery())
    )
    return MailRow(mail, list(files), bool(waits))


async def open_file(work: Work, mail_id: int, file_id: int) -> Opened:
    """Read a file of a mail that the actor may see. Raises NotFound otherwise."""
    work.require(May.WORK_CASES)
    statement = (
        select(MailFile.name, MailFile.media_type, MailFile.digest, MailFile.content)
        .join(Mail, Mail.id == MailFile.mail_id)
        .where(Mail.id == mail_id, MailFile.id == file_id)
    )
    row = (await work.session.execute(narrowed(work.actor, Mail, statement))).first()
    if row is None:
        raise NotFound
    return Opened(row.name, row.media_type, row.digest, row.content)
