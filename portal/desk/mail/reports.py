"""What a mail server says of a letter of ours: it came back, or is still on the way. S2-6.6"""

from __future__ import annotations

from sqlalchemy import select

from models import Case, Mail, Message, Order, Person
from models.words import (
    Audience,
    FollowUpKind,
    MailKind,
    MailStatus,
    MessageStatus,
    NoteKind,
    Role,
)
from portal.desk import case_notes, followups, notices, policy
from portal.desk.due import OPEN_CASES
from portal.desk.mail import threads
from portal.desk.mail.parsing import Report
from portal.desk.saving import hold
from portal.desk.work import Work

NO_LETTER = "A mail server reports on a letter, but on none of ours that is known."


async def follow(work: Work, kept: Mail, report: Report) -> None:
    """Mark the letter that a report is about; for one that came back somebody is to reach the customer another way.

    One that is only late is noted. A letter that has come back stays so, whatever is reported of it later. S2-6.6
    """
    kept.kind = MailKind.REPORT
    letter = await threads.letter_of(work, report.letters)
    if letter is None:
        kept.status, kept.because = MailStatus.REJECTED, NO_LETTER
        return
    await hold(work, letter)
    kept.answers_id, kept.customer_id = letter.id, letter.customer_id
    kept.case_id, kept.order_id = letter.case_id, letter.order_id
    kept.status = MailStatus.FILED
    what = "came back" if report.failed else "is late"
    kept.because = f"“{letter.subject}” {what}: {report.said}"[:500]
    if letter.bounced_at is not None or letter.status is not MessageStatus.SENT:
        return
    letter.last_error = report.said[:500]
    if report.failed:
        letter.bounced_at = work.now
        await _reach_another_way(work, letter, report)


async def _reach_another_way(work: Work, letter: Message, report: Report) -> None:
    """Note it on the open case, and give somebody the task, once for each letter. S2-6.6"""
    if letter.audience is not Audience.CUSTOMER:
        return  # of notices to colleagues a wider circle is told, see `unheard`
    case = await work.session.get(Case, letter.case_id) if letter.case_id else None
    order = await work.session.get(Order, letter.order_id) if letter.order_id else None
    words = f"“{letter.subject}” did not reach {letter.to_name or letter.to_address}: {report.said}"
    if case is not None and case.status in OPEN_CASES:
        case_notes.write(work, case, NoteKind.NOTE, words, "note")
    if letter.in_reply_to and letter.customer_id is None:
        return  # an acknowledgement by itself to somebody unknown: often a forged sender, and the case is seen anyway
    owner_id = await _who(work, case, order)
    if owner_id is None:
        return
    await followups.plan(
        work,
        FollowUpKind.CALL_BACK,
        f"Reach the customer another way. {words}",
        owner_id,
        await followups.business_due(work, policy.REACH_ANOTHER_WAY),
        customer_id=letter.customer_id,
        case_id=letter.case_id,
        order_id=letter.order_id,
        once=f"bounced/{letter.id}",
    )


async def _who(work: Work, case: Case | None, order: Order | None) -> int | None:
    """Whoever has the case, else who took the order, else a supervisor who is on duty now."""
    wanted = [one for one in (case and case.held_by_id, order and order.taken_by_id) if one]
    here = set(await work.session.scalars(select(Person.id).where(Person.id.in_(wanted), Person.active)))
    for one in wanted:
        if one in here:
            return one
    role = Role.MANAGER if case is not None and case.restricted else Role.SUPERVISOR
    on_duty = await notices.people_in(work, role)
    return on_duty[0].id if on_duty else None
