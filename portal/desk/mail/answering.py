"""What people do with mail: take its case in hand, walk a script about it, join it to another case, set it aside. S2-12.2"""

from __future__ import annotations

from sqlalchemy import update

from models import Case, Intake, Mail
from models.words import Channel, Direction, MailKind, MailStatus
from portal.desk import audit, case_links, cases, channels, intake, open_cases
from portal.desk.cards import refuse_card_numbers
from portal.desk.due import OPEN_CASES
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.kinds import NOTES
from portal.desk.mail import taking
from portal.desk.numbers import read_number
from portal.desk.permissions import May
from portal.desk.queues import case_of
from portal.desk.saving import hold
from portal.desk.work import Work

LONGEST_REASON = 450


async def take_on(work: Work, mail: Mail) -> int:
    """Take the case of a mail in hand; give its id. Raises WrongMoment where it has none that is open. S2-12.2"""
    work.require(May.WORK_CASES)
    case = await _open_case_of(work, mail)
    await cases.take(work, case)
    return case.id


async def begin_contact(work: Work, mail: Mail) -> int:
    """Begin an e-mail contact about a mail, its words among the notes, its sender by address alone; the intake's id.

    Nobody is verified by an address: the wizard finds the customer and verifies as always. S2-11.2b, S2-2.1
    """
    work.require(May.TAKE_CONTACTS)
    _refuse_without_sender(mail)
    intake_id = await intake.begin(work, Channel.EMAIL, Direction.INBOUND, origin=_origin(mail))
    told = f"{mail.subject}\n\n{mail.words}"[: intake.LONGEST]
    await work.session.execute(
        update(Intake)
        .where(Intake.id == intake_id)
        .values(answers={NOTES: {NOTES: told}})
        .execution_options(audited=True, synchronize_session=False)
    )
    await audit.record(work, "begin contact about mail", mail)
    return intake_id


async def join(work: Work, mail: Mail, number: str) -> int:
    """Let a mail join another case, and end the one it opened by itself; give the id of the case it is in now.

    A case that has ended is taken up again, as when its customer comes back. Raises NotAccepted for no case of ours,
    or one that may not be seen; WrongMoment where the mail's own case was answered. S2-10.5
    """
    work.require(May.WORK_CASES)
    await hold(work, mail)
    own = await _open_case_of(work, mail)
    _refuse_answered(own)
    read = read_number(number)
    target = await open_cases.numbered(work, read) if read else None
    if target is None:
        raise NotAccepted(number="That is no case of ours that you may see; check the last digit.")
    if target.id == own.id:
        raise NotAccepted(number="The mail is in this case already.")
    if target.status not in OPEN_CASES:
        await cases.reopen(work, target, f"The customer wrote again: “{mail.subject}”.")
    await cases.cancel(work, own, f"It is about {target.number}, and goes on there.")
    await case_links.tie(work, target, own)
    await taking.hear(work, target, mail)
    mail.kind = MailKind.REPLY
    mail.case_id, mail.order_id = target.id, target.order_id or mail.order_id
    mail.handled_by_id, mail.because = (
        work.actor.person_id,
        f"{work.actor.name} joined it to {target.number}.",
    )
    await audit.record(work, "join mail to case", mail)
    return target.id


async def set_aside(work: Work, mail: Mail, reason: str) -> None:
    """Set a mail aside that is nobody's concern, and end the case it opened. Raises NotAccepted without a reason."""
    work.require(May.WORK_CASES)
    await hold(work, mail)
    if not reason.strip():
        raise NotAccepted(reason="Say why nobody has to answer it.")
    if len(reason.strip()) > LONGEST_REASON:
        raise NotAccepted(reason=f"At most {LONGEST_REASON} characters.")
    refuse_card_numbers(reason=reason)
    own = await _open_case_of(work, mail)
    _refuse_answered(own)
    await cases.cancel(work, own, reason)
    mail.status, mail.because, mail.handled_by_id = MailStatus.SET_ASIDE, reason.strip(), work.actor.person_id
    await audit.record(work, "set mail aside", mail, reason=reason.strip())


async def take_up(work: Work, mail: Mail) -> int:
    """Open a case after all of a mail that was rejected or set aside; give its id. S0-5.1b

    Raises WrongMoment for one that is filed, or that nobody could be answered about.
    """
    work.require(May.WORK_CASES)
    await hold(work, mail)
    if mail.status is MailStatus.FILED:
        raise WrongMoment("This mail has its place already.")
    _refuse_without_sender(mail)
    case = await taking.open_case(work, mail)
    mail.handled_by_id, mail.because = work.actor.person_id, f"{work.actor.name} took it up after all."
    await audit.record(work, "take mail up", mail)
    return case.id


def _origin(mail: Mail) -> channels.Origin:
    return channels.Origin(handle=mail.sender_address)


def _refuse_without_sender(mail: Mail) -> None:
    if not mail.sender_address:
        raise WrongMoment("This mail does not say from whom it is, so nobody can be answered.")


async def _open_case_of(work: Work, mail: Mail) -> Case:
    if mail.case_id is None or mail.status is not MailStatus.FILED:
        raise WrongMoment("This mail is in no case.")
    case = await case_of(work, mail.case_id)
    if case.status not in OPEN_CASES:
        raise WrongMoment(f"Case {case.number} has ended; reopen it on its page.")
    return case


def _refuse_answered(case: Case) -> None:
    if case.answered_at is not None:
        raise WrongMoment(f"Case {case.number} was answered already: go on there.")
