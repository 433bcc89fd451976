"""Cases: what a customer is owed an answer or a remedy for, from opening to its end. S0-3.3, S0-3.4, S3-4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from models import Case, CaseNote, Customer, Deadline, Person
from models.words import (
    CaseKind,
    CaseStatus,
    Channel,
    DeadlineKind,
    Direction,
    NoteKind,
    ResolutionCode,
    Role,
    Severity,
    Tier,
)
from portal.desk import actions as by_rule
from portal.desk import (
    audit,
    case_notes,
    common_cause,
    deadlines,
    escalation,
    followups,
    in_hand,
    interactions,
    matrix,
    notices,
    policy,
    reclassifying,
    search,
    solved,
    status_updates,
)
from portal.desk.cards import refuse_card_numbers
from portal.desk.case_notes import JUST_NOW, Earlier
from portal.desk.correspondence import (
    SPOKEN,
    acknowledge,
    answer,
    ask_customer,
    customer_answered,
    customer_wrote,
    update_customer,
)
from portal.desk.errors import NotAccepted
from portal.desk.interactions import InteractionKind
from portal.desk.notices import Sender
from portal.desk.numbers import next_number
from portal.desk.pausing import run_on, stand_still
from portal.desk.permissions import May
from portal.desk.reclassifying import Classification
from portal.desk.saving import hold_version
from portal.desk.work import Work

__all__ = [
    "SPOKEN",
    "NewCase",
    "Written",
    "acknowledge",
    "add_note",
    "answer",
    "ask_customer",
    "assess",
    "cancel",
    "customer_answered",
    "customer_wrote",
    "open_case",
    "reclassify",
    "reopen",
    "resolve",
    "run_on",
    "stand_still",
    "take",
    "update_customer",
]

LONGEST_SUBJECT = 300
_ACKNOWLEDGED = (InteractionKind.ACKNOWLEDGEMENT, Direction.OUTBOUND)


@dataclass(frozen=True, slots=True)
class Written:
    """A mail that opens a case: who wrote it, as far as it says, and whether it is answered by itself."""

    sender: Sender
    message_id: str
    answered: bool
    """False where a machine would be answered by a machine: somebody acknowledges it then. S3-3.1.1b"""


@dataclass(frozen=True, slots=True)
class NewCase:
    """What is known of a case when it is opened. Whoever opens it holds it, unless somebody else is named."""

    kind: CaseKind
    channel: Channel
    subject: str
    statement: str = ""
    """The concern in the customer's own words; a complaint is nothing without it. S0-3.4.1."""
    customer_id: int | None = None
    order_id: int | None = None
    contact_id: int | None = None
    severity: Severity = Severity.NORMAL
    restated: str = ""
    apology: str = ""
    options: str = ""
    legal: bool = False
    regulatory: bool = False
    received_at: datetime | None = None
    """When it reached the desk, if that was before now: the clocks start then."""
    calendar_id: int | None = None
    held_by_id: int | None = None
    serial: str = ""
    """The serial number a support case is about, as `warranty.read_serial` writes it. S4-5.3"""
    product_id: int | None = None
    mail: Written | None = None
    """The mail it was opened from, by itself."""
    own_channel: str = ""
    """The desk's own channel it came by, which behaves like `channel`. S0-1.2b"""


async def open_case(work: Work, new: NewCase) -> Case:
    """Open a case, start its clocks, and acknowledge it. S0-3.4.3a, S3-3.1.1.

    In a conversation the customer has been heard already, so the acknowledgement is met at once. Otherwise, and
    for every complaint, a message with number and expected time is written (S0-3.4.2b); it stops the clock. A
    legal or regulatory concern goes to the managers in the same transaction (S3-5.1.2). One that a mail opens by
    itself is held by nobody yet, and the words of the mail are not sent back: its sender may be forged.
    Raises NotAccepted for an empty subject, a complaint without the customer's words, or a card number.
    S0-4.1a, S0-4.2a, S0-4.3a, S3-7.1.1a
    """
    work.require(May.WORK_CASES)
    _check(new)
    customer = await work.session.get(Customer, new.customer_id) if new.customer_id else None
    case = Case(
        number=await next_number(work, "case"),
        kind=new.kind,
        severity=new.severity,
        status=CaseStatus.OPEN,
        channel=new.channel,
        own_channel=new.own_channel,
        subject=new.subject.strip(),
        statement=new.statement.strip(),
        restated=new.restated.strip(),
        apology=new.apology.strip(),
        options=new.options.strip(),
        customer_id=new.customer_id,
        order_id=new.order_id,
        contact_id=new.contact_id,
        tier=customer.tier if customer else Tier.STANDARD,
        team=await _team(work, new.held_by_id),
        mailed_at=(new.received_at or work.now) if new.mail else None,
        country=customer.country if customer else "",
        calendar_id=new.calendar_id,
        held_by_id=new.held_by_id or work.actor.person_id,
        held_by_role=Role.REPRESENTATIVE,
        escalation_level=0,
        serial=new.serial,
        product_id=new.product_id,
        legal=False,
        regulatory=False,
        cycle=1,
        opened_at=min(new.received_at or work.now, work.now),
    )
    work.session.add(case)
    await work.session.flush()
    clocks = await deadlines.start(work, case)
    await _acknowledge_opening(work, case, clocks, new.mail)
    if new.legal or new.regulatory:
        reason = "A legal or regulatory concern, marked as the case was opened."
        await escalation.restrict(work, case, reason, legal=new.legal, regulatory=new.regulatory)
    await search.index(work, case)
    await audit.record(work, "open case", case)
    return case


async def add_note(
    work: Work, case: Case, words: str, kind: NoteKind = NoteKind.NOTE, earlier: Earlier = JUST_NOW
) -> CaseNote:
    """Add a note, or an action that was taken, now or earlier. Raises NotAccepted when empty. S3-4.2.1b, S2-15.2"""
    await in_hand.begin(work, case)
    note = case_notes.write(work, case, kind, words, "note", earlier)
    await audit.record(work, "add note", case)
    return note


async def assess(work: Work, case: Case, severity: Severity, reason: str = "") -> None:
    """Say how severe a case is; a reason is kept as a note for whoever takes it on. S2-13.1

    The clocks follow where the policy has other targets for cases so severe.
    """
    await in_hand.begin(work, case)
    anew, case.severity = severity is not case.severity, severity
    if reason.strip():
        case_notes.write(work, case, NoteKind.NOTE, f"Severity {severity.value}: {reason.strip()}", "reason")
    await audit.record(work, "assess case", case)
    if anew:
        await reclassifying.follow(work, [case.id], f"severity {severity.value}")


_BY = frozenset({"channel", "own_channel"})


async def reclassify(
    work: Work, case: Case, expected_version: int, wanted: Classification, reason: str
) -> None:
    """Say that a case is another kind, severity, channel or tier than it was taken for; its clocks follow. S2-13.1, S2-3.1

    `reclassifying.would_be` says beforehand what becomes of them. Raises NotAccepted without a reason, or when nothing
    changes, or for a complaint without the customer's words; Conflict when somebody saved first.
    """
    await in_hand.begin(work, case)
    changes = {name: getattr(wanted, name) for name in (*matrix.CONDITIONS, "own_channel")}
    await hold_version(work, case, expected_version, changes)
    changed = {name: one for name, one in changes.items() if getattr(case, name) != one}
    refused: dict[str, str] = {}
    if not changed:
        refused["kind"] = "Nothing of this is different from how it is."
    if "kind" in changed and wanted.kind is CaseKind.COMPLAINT and not case.statement.strip():
        refused["kind"] = "A complaint needs the customer’s own words, and this case has none."
    if not reason.strip():
        refused["reason"] = "Say why it is classified anew."
    if refused:
        raise NotAccepted.of(refused)
    was, is_now = case.came_by, wanted.own_channel or wanted.channel.value
    said = [
        f"{name} {getattr(case, name).value} → {getattr(wanted, name).value}"
        for name in changed
        if name not in _BY
    ]
    told = ", ".join([*said, *([f"channel {was} → {is_now}"] if changed.keys() & _BY else [])])
    case_notes.write(
        work, case, NoteKind.NOTE, f"{told.replace('_', ' ').capitalize()}: {reason.strip()}", "reason"
    )
    for name, one in changed.items():
        setattr(case, name, one)
    await audit.record(work, "reclassify case", case, reason=reason.strip())
    await reclassifying.follow(work, [case.id], told)


async def take(work: Work, case: Case) -> None:
    """Take a case in hand; whoever held it before is in the trail. S0-4.1a."""
    await in_hand.begin(work, case)
    case.held_by_id = work.actor.person_id
    await audit.record(work, "take case", case)


async def resolve(
    work: Work,
    case: Case,
    *,
    code: ResolutionCode | None,
    what_was_done: str,
    actions: Sequence[str] = (),
    follow_up_by: int | None = None,
    follow_up_at: datetime | None = None,
) -> None:
    """Resolve the case with its solution, tell the customer, and plan to ask whether it holds; its answer closes it.

    S0-2.1c, S3-4.1.4, S3-4.2.1b. Every clock and every escalation of the case ends in this transaction.
    `follow_up_by` is who asks, without it whoever resolves the case, or else holds it; `follow_up_at` when, without
    it after the time the policy gives. Raises NotAccepted without a code, a text, or any action written down, or
    for a moment that is over; WrongMoment when the case is over. S3-6.1.1c
    """
    await in_hand.begin(work, case)
    refused: dict[str, str] = {}
    if code is None:
        refused["code"] = "Choose how it was resolved."
    if not what_was_done.strip():
        refused["what_was_done"] = "Say what was done for the customer."
    told = [action.strip() for action in actions if action.strip()]
    known = await work.session.scalar(
        select(func.count()).where(CaseNote.case_id == case.id, CaseNote.kind == NoteKind.ACTION)
    )
    if (known or 0) + len(told) < policy.LEAST_ACTIONS:
        refused["actions"] = "Write down at least one action that was taken."
    if refused:
        raise NotAccepted.of(refused)
    refuse_card_numbers(what_was_done=what_was_done, actions="\n".join(told))
    await in_hand.heed(work, case, what_was_done=what_was_done)
    for action in told:
        case_notes.write(work, case, NoteKind.ACTION, action, "actions")
    held_by_id = case.held_by_id
    await interactions.happened(work, case, InteractionKind.ANSWER, Direction.OUTBOUND, last=True)
    await by_rule.met(work, case, await deadlines.meet(work, case, DeadlineKind.RESOLVE))
    await status_updates.close(work, await deadlines.stop_all(work, case, "resolved"), over=True)
    await escalation.end_all(work, case)
    case.resolution_code, case.resolution = code, what_was_done.strip()
    case.status, case.resolved_at = CaseStatus.RESOLVED, work.now
    customer = await in_hand.customer_of(work, case)
    if customer is not None:
        once = f"case-resolved/{case.id}/{case.cycle}"
        await notices.write(
            work,
            "case-resolved",
            to=customer,
            once=once,
            case=case,
            subject=case.subject,
            what_was_done=case.resolution,
        )
    await common_cause.solved(work, case)
    await audit.record(work, "resolve case", case)
    await followups.check_resolution(
        work, case, follow_up_by or work.actor.person_id or held_by_id, follow_up_at
    )


async def cancel(work: Work, case: Case, reason: str) -> None:
    """End a case that was none, and say why; its clocks stop. Raises NotAccepted without a reason. Decision 13."""
    await in_hand.begin(work, case)
    if not reason.strip():
        raise NotAccepted(reason="Say why this is no case any more.")
    refuse_card_numbers(reason=reason)
    await status_updates.close(work, await deadlines.stop_all(work, case, "cancelled"), over=True)
    await escalation.end_all(work, case)
    case.status = CaseStatus.CANCELLED
    await audit.record(work, "cancel case", case, reason=reason)


async def reopen(work: Work, case: Case, reason: str) -> None:
    """Take an ended case up again, as `solved.reopen` does; nobody has to ask any more whether its solution holds."""
    cycle = case.cycle
    await solved.reopen(work, case, reason)
    await followups.drop_check(work, case.id, cycle, f"The case was taken up again: {reason.strip()}")


async def _team(work: Work, held_by_id: int | None) -> str:
    """Of who opens a case; of who holds it, where the desk itself does."""
    opened_by = work.actor.person_id or held_by_id
    return await work.session.scalar(select(Person.team).where(Person.id == opened_by)) or ""


def _check(new: NewCase) -> None:
    refused: dict[str, str] = {}
    if not new.subject.strip():
        refused["subject"] = "Say in a few words what it is about."
    elif len(new.subject.strip()) > LONGEST_SUBJECT:
        refused["subject"] = f"At most {LONGEST_SUBJECT} characters; the rest belongs below."
    if new.kind is CaseKind.COMPLAINT and not new.statement.strip():
        refused["statement"] = "Write down what the customer said, in the customer's own words."
    if refused:
        raise NotAccepted.of(refused)
    refuse_card_numbers(
        subject=new.subject,
        statement=new.statement,
        restated=new.restated,
        apology=new.apology,
        options=new.options,
    )


async def _acknowledge_opening(
    work: Work, case: Case, clocks: Sequence[Deadline], mail: Written | None
) -> None:
    """Tell the customer that it arrived, with its number and its time. S2-11.1, S2-14.3, S3-3.1.1b"""
    spoken = case.channel in SPOKEN
    if spoken:
        await interactions.happened(work, case, *_ACKNOWLEDGED, at=case.opened_at)
    if spoken and case.kind is not CaseKind.COMPLAINT:
        return
    customer = await in_hand.customer_of(work, case) or (mail.sender if mail else None)
    if customer is None or (mail is not None and not mail.answered):
        return
    written = await notices.write(
        work,
        "case-acknowledgement",
        to=customer,
        once=f"case-acknowledgement/{case.id}",
        case=case,
        kind=case.kind.value,
        subject=case.subject,
        statement="" if mail else case.statement,
        in_reply_to=mail.message_id if mail else "",
        answer_by=deadlines.ahead(work, clocks, DeadlineKind.ANSWER),
        solve_by=deadlines.ahead(work, clocks, DeadlineKind.RESOLVE),
    )
    if (
        written is not None and mail is None
    ):  # what answers a mail by itself counts once it has left: `messages.sent`
        await interactions.happened(work, case, *_ACKNOWLEDGED)
