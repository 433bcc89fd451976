"""The one way out of a contact: closed, broken off or ended for abuse. Whatever hangs on an end hangs here."""

from __future__ import annotations

from sqlalchemy import select, update

from models import Contact, HelpCall, Intake, Person
from models.words import ContactStatus, FollowUpKind, Outcome
from portal.desk import evidence, followups, policy
from portal.desk.errors import WrongMoment
from portal.desk.kinds import Ending, Run
from portal.desk.saving import hold
from portal.desk.work import Work


async def end(work: Work, run: Run, how: Ending) -> Contact:
    """End the contact and its intake as told; return the contact, which the deed that ends it writes down.

    `run` is the intake as it stands with this deed, its last step among what is done. An open call for help ends
    with it, and after a difficult contact somebody asks how things stand. Raises WrongMoment when it has ended.
    S2-10.3, S0-3.3.3, S2-5.6
    """
    contact = await work.session.get_one(Contact, run.contact_id)
    await hold(work, contact)  # of two who end it at once, one does
    if contact.status is not ContactStatus.OPEN:
        raise WrongMoment(f"Contact {contact.number} is {contact.status.value} already.")
    contact.status, contact.outcome, contact.closed_at = how.status, how.outcome, work.now
    contact.abandoned_because = how.because
    contact.team = await work.session.scalar(select(Person.team).where(Person.id == run.held_by_id)) or ""
    if how.note:
        contact.summary = "\n".join(filter(None, (contact.summary, how.note)))
    await work.session.execute(
        update(Intake)
        .where(Intake.id == run.id)
        .values(finished_at=work.now, saved_at=work.now, revision=Intake.revision + 1)
        .execution_options(audited=True, synchronize_session=False)
    )
    await evidence.write(work, run, contact.team, _left_because(run, how))
    if run.help_called_at is not None:
        await work.session.execute(
            update(HelpCall)
            .where(HelpCall.contact_id == contact.id, HelpCall.ended_at.is_(None))
            .values(ended_at=work.now, outcome="The contact ended.", version=HelpCall.version + 1)
            .execution_options(audited=True, synchronize_session=False)
        )
    if contact.difficult_at is not None and how.outcome is not Outcome.ENDED_FOR_ABUSE:
        await _ask_again(work, run, contact)
    return contact


def _left_because(run: Run, how: Ending) -> str:
    """Why the steps that are left were not gone through: it stands beside each of them, for who looks. S1-3.4c"""
    if how.outcome is Outcome.ENDED_FOR_ABUSE:
        return "The contact was ended for abuse."
    return how.because or run.of_kind("close").get("undone", "")


async def _ask_again(work: Work, run: Run, contact: Contact) -> None:
    """Plan to ask, once for each difficult contact, whether the customer is content now. S2-5.6"""
    await followups.plan(
        work,
        FollowUpKind.AFTER_DIFFICULT,
        f"Ask how things stand after the difficult contact {contact.number}.",
        run.held_by_id,
        await followups.business_due(work, policy.AFTER_DIFFICULT),
        customer_id=contact.customer_id,
        contact_id=contact.id,
        case_id=run.case_id,
        order_id=run.order_id,
        once=f"after-difficult/{contact.id}",
    )
