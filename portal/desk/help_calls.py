"""Calling for help in a contact: every supervisor hears of it at once and once, until somebody has ended it. S2-5.7

One call at a time in one contact: the database holds the others back, on however many replicas they are pressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from models import Contact, HelpCall, Intake
from models.words import Role
from portal.desk import audit, bulk, changes, notices, runs
from portal.desk.cards import refuse_card_numbers
from portal.desk.errors import NotAccepted, NotAllowed, NotFound, WrongMoment
from portal.desk.listing import PAGE, Rows, cursor, first, newest_first
from portal.desk.permissions import May
from portal.desk.saving import storable
from portal.desk.work import Work

LONGEST = 500
"""Characters of what is said with a call, and of how it ended."""


async def call(work: Work, intake_id: int, words: str = "") -> int:
    """Call for help in a contact; return the call's id. Pressed again before it ended, it is the same call. S2-5.7

    The supervisors on duty are told, all of them where none is, the managers where nobody supervises. Raises
    Conflict for whoever does not hold the contact, WrongMoment when it has ended.
    """
    run = await runs.find(work, intake_id)
    runs.refuse_other_holder(work, run)
    said = storable(words).strip()[:LONGEST]
    refuse_card_numbers(words=said)
    insert = bulk.insert_of(work.session)
    made = await work.session.scalar(
        insert(HelpCall)
        .values(contact_id=run.contact_id, called_by_id=work.actor.person_id, called_at=work.now, words=said)
        .on_conflict_do_nothing(index_elements=["contact_id"], index_where=HelpCall.ended_at.is_(None))
        .returning(HelpCall.id),
        execution_options={"audited": True},
    )
    if made is None:  # the insert changed nothing: there is nothing to write down
        changes.accounted(work.session)
        return await _open_in(work, run.contact_id)
    await notices.tell_role(
        work,
        Role.SUPERVISOR,
        "help-wanted",
        once=f"help-wanted/{made}",
        reference=run.contact_number,
        who=work.actor.name,
        channel=run.came_by,
        words=said,
        called_at=work.now,
        link=f"{work.terms.address}/help-calls",
    )
    told = {"contact_id": [None, run.contact_id], "words": [None, said]}
    await audit.record(work, "call for help", HelpCall(id=made), changes={f"help_calls/{made}": told})
    return int(made)


async def answer(work: Work, call_id: int) -> None:
    """Come to somebody's help: one supervisor does, the others are told who. S2-5.7

    Raises WrongMoment when a colleague was faster or it has ended, NotAllowed for one's own call.
    """
    work.require(May.ANSWER_HELP)
    call = await load(work, call_id)
    if call.called_by_id == work.actor.person_id:
        raise NotAllowed("Somebody else has to come to your help.")
    if call.ended_at is None and call.answered_by_id == work.actor.person_id:
        return
    taken = await work.session.execute(
        update(HelpCall)
        .where(HelpCall.id == call.id, HelpCall.answered_by_id.is_(None), HelpCall.ended_at.is_(None))
        .values(answered_by_id=work.actor.person_id, answered_at=work.now, version=HelpCall.version + 1)
        .returning(HelpCall.id)
        .execution_options(audited=True, synchronize_session=False)
    )
    if taken.first() is None:
        work.session.expire(call)
        call = await load(work, call_id)
        name = call.answered_by.name if call.answered_by else "Somebody"
        raise WrongMoment(
            "This call for help has ended." if call.ended_at else f"{name} has answered this call already."
        )
    told = {f"help_calls/{call.id}": {"answered_by_id": [None, work.actor.person_id]}}
    await audit.record(work, "answer call for help", call, changes=told)


async def end(work: Work, call_id: int, outcome: str) -> None:
    """End a call with what came of it: whoever called does, or a supervisor. The next press calls anew.

    Raises NotAccepted without words, WrongMoment when it has ended, NotAllowed for anybody else.
    """
    work.require(May.TAKE_CONTACTS)
    call = await load(work, call_id)
    if call.called_by_id != work.actor.person_id and not work.may(May.ANSWER_HELP):
        raise NotAllowed("This call for help is a colleague's.")
    if call.ended_at is not None:
        raise WrongMoment("This call for help has ended.")
    said = storable(outcome).strip()[:LONGEST]
    if not said:
        raise NotAccepted(outcome="Say what came of it.")
    refuse_card_numbers(outcome=said)
    call.ended_at, call.outcome = work.now, said
    await audit.record(work, "end call for help", call)


async def withdraw(work: Work, intake_id: int) -> None:
    """Say that help is not needed any more: ends the contact's open call, if there is one."""
    run = await runs.find(work, intake_id)
    runs.refuse_other_holder(work, run)
    open_call = select(HelpCall.id).where(HelpCall.contact_id == run.contact_id, HelpCall.ended_at.is_(None))
    call_id = await work.session.scalar(open_call)
    if call_id is not None:
        await end(work, call_id, "Not needed any more.")


async def load(work: Work, call_id: int) -> HelpCall:
    """One call with its contact and who is in it. Raises NotFound."""
    found: HelpCall | None = await work.session.scalar(_with_people().where(HelpCall.id == call_id))
    if found is None:
        raise NotFound
    return found


async def intake_of(work: Work, call: HelpCall) -> int:
    """The id of the intake in which a call was made."""
    found = await work.session.scalar(select(Intake.id).where(Intake.contact_id == call.contact_id))
    if found is None:
        raise NotFound
    return int(found)


async def waiting(work: Work) -> list[tuple[HelpCall, int]]:
    """The calls nobody has ended, the oldest first, each with the intake it was pressed in."""
    work.require(May.ANSWER_HELP)
    found = await work.session.execute(
        _with_people()
        .join(Intake, Intake.contact_id == HelpCall.contact_id)
        .add_columns(Intake.id)
        .where(HelpCall.ended_at.is_(None))
        .order_by(HelpCall.called_at, HelpCall.id)
        .limit(PAGE)
    )
    return [(call, intake_id) for call, intake_id in found]


async def past(work: Work, before: str = "") -> Rows[HelpCall]:
    """The calls that have ended, the newest first."""
    work.require(May.ANSWER_HELP)
    statement = newest_first(
        _with_people().where(HelpCall.ended_at.is_not(None)), HelpCall.called_at, HelpCall.id, before
    )
    found: Sequence[HelpCall] = (await work.session.scalars(first(statement, PAGE + 1))).all()
    rows = list(found[:PAGE])
    return Rows(rows, cursor(rows[-1].called_at, rows[-1].id) if len(found) > PAGE else "")


async def _open_in(work: Work, contact_id: int) -> int:
    known = await work.session.scalar(
        select(HelpCall.id).where(HelpCall.contact_id == contact_id, HelpCall.ended_at.is_(None))
    )
    if known is None:
        raise WrongMoment("The last call for help ended at this very moment. Press again.")
    return int(known)


def _with_people() -> Any:
    return select(HelpCall).options(
        joinedload(HelpCall.contact).load_only(
            Contact.id, Contact.number, Contact.channel, Contact.own_channel, Contact.status
        ),
        joinedload(HelpCall.called_by),
        joinedload(HelpCall.answered_by),
    )
