"""What every deed on an open case begins with, and what it leaves on it: a note, a message to the customer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from models import Case, CaseNote, Customer
from models.words import NoteKind
from portal.desk import deadlines, notices
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted
from portal.desk.escalation import refuse_ended, refuse_hidden
from portal.desk.permissions import May
from portal.desk.work import Work


async def begin(work: Work, case: Case) -> None:
    """Take an open case for a deed: may they, do they see it, is it theirs to change now."""
    work.require(May.WORK_CASES)
    refuse_hidden(work, case)
    await deadlines.hold(work, case)
    refuse_ended(case)


def note(work: Work, case: Case, kind: NoteKind, words: str, field: str) -> CaseNote:
    """Write something down on a case. Raises NotAccepted of the field when it is empty, or holds a card number."""
    if not words.strip():
        raise NotAccepted.of({field: "Say it in a sentence."})
    refuse_card_numbers(**{field: words})
    written = CaseNote(
        case_id=case.id,
        kind=kind,
        words=words.strip(),
        written_by_id=work.actor.person_id,
        written_at=work.now,
    )
    work.session.add(written)
    return written


async def customer_of(work: Work, case: Case) -> Customer | None:
    """Give the customer of a case, where one is known."""
    return await work.session.get(Customer, case.customer_id) if case.customer_id else None


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
