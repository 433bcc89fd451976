"""One contact as it went: the version it followed, its steps with their times, answers and reasons. S1-3.4c"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, select, union_all
from sqlalchemy.orm import joinedload

from models import Case, Contact, ContactStep, Intake, ScriptVersion
from models.words import StepState
from portal.desk import answers, disclosure, library, queues, runs
from portal.desk.customers import MaskedCustomer, masked
from portal.desk.errors import NotFound
from portal.desk.kinds import NOTES, Run
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of the contact as it went."""

    number: int
    script: str
    key: str
    name: str
    title: str
    kind: str
    state: str
    """As in the wizard: `done`, `skipped`, `needless`, `attention`, `started`, `locked` or `todo`."""
    why: str
    required: bool
    clauses: tuple[str, ...]
    who: str = ""
    at: datetime | None = None
    answers: tuple[tuple[str, str], ...] = ()
    """(question, answer as it is read)."""


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """A contact with everything that proves how it was taken."""

    contact: Contact
    customer: MaskedCustomer | None
    covered: bool
    """Whether answers that tell who the customer is are left out."""
    title: str = ""
    intake_id: int | None = None
    versions: tuple[ScriptVersion, ...] = ()
    steps: tuple[StepRecord, ...] = ()
    notes: str = ""
    cases: tuple[Case, ...] = field(default=())


async def record_of(work: Work, contact_id: int) -> ContactRecord:
    """Read one contact with its steps, in a constant number of statements.

    Raises NotFound also for a contact that the actor may not see, or whose case is restricted. Answers that tell
    who the customer is are given only while the caller is verified with the actor. Decision 18, S3-5.1.2
    """
    work.require(May.SEE_CONTACTS)
    statement = narrowed(work.actor, Contact, select(Contact)).where(Contact.id == contact_id)
    found = await work.session.execute(
        statement.outerjoin(Intake, Intake.contact_id == Contact.id)
        .add_columns(Intake.id.label("intake_id"))
        .options(joinedload(Contact.customer), joinedload(Contact.taken_by))
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("There is no such contact.")
    contact, intake_id = row.Contact, row.intake_id
    cases = await _cases(work, contact)
    covered = not await disclosure.verified_with_me(work, contact.customer_id)
    customer = masked(contact.customer) if contact.customer else None
    if intake_id is None or not work.may(May.TAKE_CONTACTS):
        return ContactRecord(contact, customer, covered, cases=cases)
    run = await runs.find(work, intake_id)
    places = runs.progress(run)
    left = await _left(work, contact)
    people, articles = answers.pointed_at(run)
    done_by = (run.done.get(place.step.key, {}).get("by") for place in places)
    names = await queues.names_of(work, (*done_by, *people))
    pointed = answers.Pointed(
        {one: names[one] for one in people if one in names},
        await library.titles_of(work, articles),
        work.actor.zone,
    )
    return ContactRecord(
        contact,
        customer,
        covered,
        run.script.title,
        intake_id,
        await _versions(work, run),
        tuple(
            _step(run, place, number, names, left, pointed, covered=covered)
            for number, place in enumerate(places, start=1)
        ),
        run.typed(NOTES).get(NOTES, ""),
        cases,
    )


async def _left(work: Work, contact: Contact) -> dict[str, str]:
    """Why each step was not gone through, as it was written down when the contact ended. S1-3.4c"""
    rows = await work.session.execute(
        select(ContactStep.step, ContactStep.reason).where(
            ContactStep.contact_id == contact.id, ContactStep.state == StepState.MISSING
        )
    )
    return dict(rows.all())


def _step(
    run: Run,
    place: runs.Place,
    number: int,
    names: Mapping[int | None, str],
    left: Mapping[str, str],
    pointed: answers.Pointed,
    *,
    covered: bool,
) -> StepRecord:
    step, mark = place.step, run.done.get(place.step.key, {})
    return StepRecord(
        number,
        step.script,
        step.key,
        step.name,
        step.title,
        step.kind,
        place.state,
        left.get(step.key, place.why),
        step.required,
        step.clauses,
        names.get(mark.get("by"), ""),
        datetime.fromisoformat(mark["at"]) if mark.get("at") else None,
        tuple(answers.shown(run, step, covered=covered, pointed=pointed)),
    )


async def _versions(work: Work, run: Run) -> tuple[ScriptVersion, ...]:
    rows = await work.session.scalars(
        select(ScriptVersion).where(ScriptVersion.id.in_(run.script.versions)).order_by(ScriptVersion.script)
    )
    return tuple(rows)


async def _cases(work: Work, contact: Contact) -> tuple[Case, ...]:
    """The cases of the contact: opened in it, or open before and taken on in it.

    Raises NotFound where one is restricted and the actor may not see such.
    """
    about: CompoundSelect[Any] = union_all(
        select(Case.id).where(Case.contact_id == contact.id),
        select(Intake.case_id).where(Intake.contact_id == contact.id),
    )
    found = tuple(await work.session.scalars(select(Case).where(Case.id.in_(about)).order_by(Case.id)))
    if any(case.legal or case.regulatory for case in found) and not work.may(May.SEE_RESTRICTED):
        raise NotFound("There is no such contact.")
    return found
