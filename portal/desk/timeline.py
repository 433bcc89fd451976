"""One timeline of a case: everything that was said, written, ordered, paid, handed up and noted. S3-4.2.1

Reads only, one statement a kind of thing, however long the story.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, or_, select, union_all
from sqlalchemy.orm import joinedload

from models import (
    Case,
    CaseNote,
    ClockEvent,
    Contact,
    Escalation,
    FollowUp,
    Intake,
    Mail,
    Message,
    Order,
    PaymentEntry,
    Return,
)
from models.words import Audience, ClockEventKind, FollowUpStatus, MailKind, MessageStatus, NoteKind
from portal.desk import disclosure, queues, returns
from portal.desk.case_links import Linked
from portal.desk.chat import transcript
from portal.desk.chat.transcript import Transcript
from portal.desk.customers import MaskedCustomer
from portal.desk.permissions import May
from portal.desk.rows import seen
from portal.desk.work import Work

LONGEST = 400
"""Entries of one kind; a case with more is read in the tables."""


WITH_ADDRESS = frozenset({"order-confirmation", "order-amended", "delivery-update"})
"""Letters that tell where the customer lives: read only while the caller is verified. Decision 18"""


SPOKEN_OF = frozenset({MailKind.CONCERN, MailKind.REPLY})
"""Mail that a customer wrote, and no machine."""


class Told(StrEnum):
    """What an entry of the timeline is, for its look and its filter."""

    CASE = "case"
    CONTACT = "contact"
    CHAT = "chat"
    NOTE = "note"
    MESSAGE = "message"
    MAIL = "mail"
    ORDER = "order"
    PAYMENT = "payment"
    ESCALATION = "escalation"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `inside` marks what no customer reads or hears, `heard` what the customer said.

    `at` is when it was noted; `happened_at` when it happened, where that was before, and `why` it was noted late.
    """

    at: datetime
    kind: Told
    title: str
    words: str = ""
    who: str = ""
    href: str = ""
    state: str = ""
    inside: bool = True
    heard: bool = False
    amount_minor: int | None = None
    currency: str = ""
    by_id: int | None = None
    happened_at: datetime | None = None
    why: str = ""


CLOCK_WORDS = {
    ClockEventKind.PAUSE: "Clocks stand still",
    ClockEventKind.RESUME: "Clocks run on",
    ClockEventKind.STOP: "Clocks stopped",
    ClockEventKind.REOPEN: "Reopened",
    ClockEventKind.RECLASSIFIED: "Classified anew",
    ClockEventKind.POLICY_CHANGED: "Targets changed",
}
"""What was heard and told is in the notes and messages; the clocks start with the case."""
NOTE_WORDS = {
    NoteKind.NOTE: "Internal note",
    NoteKind.ACTION: "Action taken",
    NoteKind.QUESTION: "Asked the customer",
    NoteKind.HEARD: "The customer wrote",
    NoteKind.TOLD: "Told the customer",
}
OUTSIDE = frozenset({NoteKind.QUESTION, NoteKind.TOLD})
SAID, ANSWERED = {NoteKind.NOTE, NoteKind.HEARD}, {NoteKind.NOTE, NoteKind.TOLD}
"""Answers in either direction were plain notes once."""


async def timeline(
    work: Work, case: Case, linked: Iterable[Linked] = (), returned: Iterable[Return] = ()
) -> list[Entry]:
    """The whole story of a case that the actor may see, newest first. `case` is loaded with its order.

    `linked` are the cases that belong to it and `returned` the returns it led to, as far as the actor may see them.

    S1-3.1b, S2-15.5a
    """
    work.require(May.SEE_CASES)
    entries = _resolved(case) + [_tied(one) for one in linked]
    entries += [entry for one in returned for entry in _returned(one)]
    events = await _clock_events(work, case)
    entries += await _notes(
        work, case, {event.at for event in events if event.title == CLOCK_WORDS[ClockEventKind.RESUME]}
    )
    entries += events
    entries += await _escalations(work, case)
    entries += [_chat(one) for one in await transcript.of_case(work, case)]
    shown = await disclosure.verified_with_me(work, case.customer_id)
    if work.may(May.SEE_MESSAGES):
        entries += await _messages(work, case, shown=shown)
    if work.may(May.WORK_CASES):
        entries += await mails(work, Mail.case_id == case.id, queues.masked_or_none(case), shown=shown)
    if work.may(May.SEE_CONTACTS):
        entries += await _contacts(work, case)
    if work.may(May.SEE_ORDERS) and case.order is not None:
        entries.append(_order(case.order))
        if work.may(May.SEE_PAYMENTS):
            entries += await _payments(work, case.order)
    if work.may(May.SEE_FOLLOW_UPS):
        entries += await _follow_ups(work, case)
    entries.append(_opened(case))  # of what happened at the same moment the first
    names = await queues.names_of(work, (entry.by_id for entry in entries))
    named = [replace(entry, who=entry.who or names.get(entry.by_id, "")) for entry in entries]
    return sorted(named, key=lambda entry: entry.at, reverse=True)


def kinds_in(entries: Iterable[Entry]) -> dict[Told, int]:
    """How many entries of each kind there are, for the filter above the timeline."""
    counted = dict.fromkeys(Told, 0)
    for entry in entries:
        counted[entry.kind] += 1
    return {kind: count for kind, count in counted.items() if count}


def _resolved(case: Case) -> list[Entry]:
    if case.resolved_at is None:
        return []
    code = str(case.resolution_code or "")
    told = [Entry(case.resolved_at, Told.CASE, "Resolved", case.resolution, state=code)]
    if case.closed_at is not None:  # above it, also where both happened at the same moment
        told.insert(0, Entry(case.closed_at, Told.CASE, "Closed", case.closed_because))
    return told


def _tied(one: Linked) -> Entry:
    told = "Came of" if one.came_of else "Led to"
    href = f"/cases/{one.case.id}"
    title = f"{told} {one.case.number}"
    return Entry(one.at, Told.CASE, title, href=href, state=one.case.kind.value, by_id=one.by_id)


def _returned(one: Return) -> list[Entry]:
    """A return as it was announced, arrived and ended; what replaces it. S3-4.1.3c"""
    href, name = f"/orders/{one.order_id}#returns", f"Return {one.number}"
    what = ", ".join(f"{line.quantity} × {line.description}" for line in one.lines)
    told = [
        Entry(one.announced_at, Told.ORDER, f"{name} announced", what, href=href, by_id=one.announced_by_id)
    ]
    if one.replacement is not None:
        title, at = f"Order {one.replacement.number} replaces it", one.replacement.placed_at
        told.append(Entry(at, Told.ORDER, title, href=f"/orders/{one.replacement_id}"))
    if one.arrived_at is not None:
        again = returns.condition(one)
        told.append(
            Entry(one.arrived_at, Told.ORDER, f"{name} arrived", again, href=href, by_id=one.arrived_by_id)
        )
    if one.ended_at is not None:
        title = f"{name} {one.status.value}"
        told.append(Entry(one.ended_at, Told.ORDER, title, one.ended_because, href=href))
    return told


def _opened(case: Case) -> Entry:
    return Entry(case.opened_at, Told.CASE, "Opened", case.statement, state=case.came_by)


async def _notes(work: Work, case: Case, resumed: set[datetime]) -> list[Entry]:
    """The notes; what was said to the customer, and what the customer said, is told as what it is."""
    rows = await work.session.scalars(
        select(CaseNote).where(CaseNote.case_id == case.id).order_by(CaseNote.id.desc()).limit(LONGEST)
    )
    found = []
    for note in rows:
        title, outside, heard = NOTE_WORDS[note.kind], note.kind in OUTSIDE, note.kind is NoteKind.HEARD
        if note.kind in SAID and note.written_at in resumed:
            title, heard = "The customer answered", True
        elif note.kind in ANSWERED and note.written_at == case.answered_at:
            title, outside = "Answered the customer", True
        found.append(
            Entry(
                note.written_at,
                Told.NOTE,
                title,
                note.words,
                by_id=note.written_by_id,
                inside=not outside,
                heard=heard,
                happened_at=note.happened_at,
                why=note.happened_why,
            )
        )
    return found


async def _clock_events(work: Work, case: Case) -> list[Entry]:
    rows = await work.session.scalars(
        select(ClockEvent)
        .where(ClockEvent.case_id == case.id, ClockEvent.kind.in_(CLOCK_WORDS))
        .order_by(ClockEvent.id.desc())
        .limit(LONGEST)
    )
    return [
        Entry(
            event.noted_at or event.at,
            Told.CASE,
            CLOCK_WORDS[event.kind],
            event.reason,
            by_id=event.by_id,
            happened_at=event.at if event.noted_at else None,
        )
        for event in rows
    ]


async def _escalations(work: Work, case: Case) -> list[Entry]:
    rows = await work.session.scalars(
        select(Escalation).where(Escalation.case_id == case.id).order_by(Escalation.id.desc()).limit(LONGEST)
    )
    return [
        Entry(
            one.raised_at,
            Told.ESCALATION,
            f"Escalated to {one.to_role.value}",
            one.reason,
            by_id=one.raised_by_id,
            who="" if one.raised_by_id else "a clock that ran out",
            state=one.status.value,
        )
        for one in rows
    ]


async def _messages(work: Work, case: Case, *, shown: bool) -> list[Entry]:
    about = Message.case_id == case.id
    if case.order_id is not None:
        about = or_(about, Message.order_id == case.order_id)
    return await letters(work, about, queues.masked_or_none(case), shown=shown)


async def letters(
    work: Work, about: ColumnElement[bool], customer: MaskedCustomer | None, *, shown: bool
) -> list[Entry]:
    """The messages about something, as far as the actor may see them, word for word. S0-0.2

    `shown` says whether those that tell where the customer lives may be read. Decision 18
    """
    rows = await work.session.scalars(
        select(Message).where(about, seen(work.actor, Message)).order_by(Message.id.desc()).limit(LONGEST)
    )
    return [
        Entry(
            one.sent_at or one.created_at,
            Told.MESSAGE,
            one.subject,
            _words_of(one, customer, shown=shown),
            who=_letter_of(one, customer.name if customer and one.customer_id and not shown else one.to_name),
            state=one.fate if one.status is not MessageStatus.QUEUED else "waiting to be sent",
            inside=one.audience is not Audience.CUSTOMER,
        )
        for one in rows
    ]


async def mails(
    work: Work, about: ColumnElement[bool], customer: MaskedCustomer | None, *, shown: bool
) -> list[Entry]:
    """The mail that came in about something, as far as the actor may see it. S2-15.5a

    From which address the customer writes is what a caller is asked for: it is covered unless `shown`. Decision 18
    What it says is read on its own page, and stands in the notes of its case already.
    """
    rows = await work.session.scalars(
        select(Mail).where(about, seen(work.actor, Mail)).order_by(Mail.id.desc()).limit(LONGEST)
    )
    return [
        Entry(
            one.received_at,
            Told.MAIL,
            f"Mail: {one.subject}",
            "" if one.kind in SPOKEN_OF else one.because,
            who=customer.name
            if customer and one.customer_id == customer.id and not shown
            else f"{one.sender_name} <{one.sender_address}>".strip(),
            href=f"/mail/{one.id}",
            state="" if one.kind in SPOKEN_OF else one.kind.value,
            heard=one.kind in SPOKEN_OF,
        )
        for one in rows
    ]


def _words_of(message: Message, customer: MaskedCustomer | None, *, shown: bool) -> str:
    """What a letter says; while the caller is not verified its receiver is named as the page names them. Decision 18"""
    if shown:
        return message.body_text
    if message.template in WITH_ADDRESS:
        return ""
    if customer is None or message.customer_id != customer.id or not message.to_name:
        return message.body_text
    return message.body_text.replace(message.to_name, customer.name)


def _letter_of(message: Message, receiver: str) -> str:
    """To whom a message went and who caused it; of those of before nobody knows. S0-0.2, S1-3.1b"""
    return f"to {receiver}, by {message.caused_by}" if message.caused_by else f"to {receiver}"


async def _contacts(work: Work, case: Case) -> list[Entry]:
    """The contact the case was opened in, and those in which the customer came back to it. S2-10.5

    Their summaries are part of the case, whoever took them; the way to the contact itself is for who may see it.
    """
    about: CompoundSelect[Any] = union_all(
        select(Intake.contact_id).where(Intake.case_id == case.id),
        select(Case.contact_id).where(Case.id == case.id),
    )
    rows = await work.session.execute(
        select(Contact, seen(work.actor, Contact).label("open_to_me"))
        .where(Contact.id.in_(about))
        .options(joinedload(Contact.taken_by))
        .order_by(Contact.id.desc())
        .limit(LONGEST)
    )
    return [
        Entry(
            contact.started_at,
            Told.CONTACT,
            f"Contact {contact.number}",
            contact.summary,
            who=contact.taken_by.name,
            href=f"/contacts/{contact.id}" if open_to_me else "",
            state=contact.came_by,
        )
        for contact, open_to_me in rows
    ]


def _chat(told: Transcript) -> Entry:
    """A chat word for word, at the moment it ended. S2-12.3, S2-15.5a"""
    return Entry(
        told.at,
        Told.CHAT,
        f"Chat {told.chat.number}",
        told.words,
        who=f"with {told.chat.name}",
        href=f"/chats/{told.chat.id}" if told.open_to_me else "",
        state=told.chat.status.value,
    )


def _order(order: Order) -> Entry:
    return Entry(
        order.placed_at,
        Told.ORDER,
        f"Order {order.number}",
        href=f"/orders/{order.id}",
        state=order.status.value,
        amount_minor=order.total_minor,
        currency=order.currency,
        by_id=order.taken_by_id,
    )


async def _payments(work: Work, order: Order) -> list[Entry]:
    rows = await work.session.scalars(
        select(PaymentEntry)
        .where(PaymentEntry.order_id == order.id)
        .order_by(PaymentEntry.id.desc())
        .limit(LONGEST)
    )
    return [
        Entry(
            one.taken_at,
            Told.PAYMENT,
            f"{one.kind.value.capitalize()} by {one.method.value}",
            one.note,
            amount_minor=one.amount_minor,
            currency=one.currency,
            by_id=one.taken_by_id,
        )
        for one in rows
    ]


async def _follow_ups(work: Work, case: Case) -> list[Entry]:
    rows = await work.session.scalars(
        select(FollowUp)
        .where(FollowUp.case_id == case.id, seen(work.actor, FollowUp))
        .order_by(FollowUp.id.desc())
        .limit(LONGEST)
    )
    return [
        Entry(
            one.done_at or one.created_at,
            Told.FOLLOW_UP,
            "Follow-up done" if one.status is FollowUpStatus.DONE else "Follow-up planned",
            one.result if one.status is FollowUpStatus.DONE else one.words,
            by_id=one.owner_id,
            state=one.status.value,
        )
        for one in rows
    ]
