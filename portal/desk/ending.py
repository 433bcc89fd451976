"""The one way out of a contact: closed, broken off or ended for abuse, everything that hangs on an end hangs here."""

from __future__ import annotations

from sqlalchemy import update

from models import Contact, Intake
from portal.desk.kinds import Ending, Run
from portal.desk.work import Work


async def end(work: Work, run: Run, how: Ending) -> Contact:
    """End the contact and its intake as told; return the contact, which the deed that ends it writes down.

    `run` is the intake as it stands with this deed, its last step among what is done. S2-10.3, S0-3.3.3
    """
    contact = await work.session.get_one(Contact, run.contact_id)
    contact.status, contact.outcome, contact.closed_at = how.status, how.outcome, work.now
    contact.abandoned_because = how.because
    if how.note:
        contact.summary = "\n".join(filter(None, (contact.summary, how.note)))
    await work.session.execute(
        update(Intake)
        .where(Intake.id == run.id)
        .values(finished_at=work.now, saved_at=work.now, revision=Intake.revision + 1)
        .execution_options(audited=True, synchronize_session=False)
    )
    return contact
