"""What is printed: a script to fill in by pen, and the complaint form, blank or filled. S3-12.1.1a"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import Case, CaseNote, FollowUp
from models.words import NoteKind
from portal.desk import disclosure, queues
from portal.desk.customers import masked
from portal.desk.errors import NotFound
from portal.desk.permissions import May
from portal.desk.scripts import STEP_KINDS, Step, pack
from portal.desk.scripts.composing import in_force, shelf_of
from portal.desk.scripts.previewing import filled
from portal.desk.scripts.steps import PLACEHOLDERS
from portal.desk.work import Work

SPOKEN = frozenset({"say", "read_back", "confirm_order", "warranty", "mandate"})
"""Kinds of steps where nothing is to be written down but that they were done."""
MOST = 100
TO_WRITE = "________"
"""Where words have a blank: filled in by pen, as the contact has it."""


@dataclass(frozen=True, slots=True)
class BlankForm:
    """A script as it is asked now, to be filled in by pen."""

    title: str
    version: int
    language: str
    steps: tuple[Step, ...]
    day: date
    company: str

    def said(self, step: Step) -> str:
        """What to say at a step: what the desk knows of it is there, the rest is written in."""
        return with_blanks(step.say.get("any", ""), self.company)

    def wants_lines(self, step: Step) -> bool:
        """Whether the step itself brings something to write down, besides the desk's own questions."""
        return step.kind not in SPOKEN and bool(STEP_KINDS.get(step.kind))


@dataclass(frozen=True, slots=True)
class ComplaintForm:
    """What the complaint form asks for, from the case. S3-12.1.1a, S3-12.1.1b, S3-12.1.1c, S3-12.1.1d"""

    case: Case
    customer: str
    covered: bool
    """Whether the name is only hinted at: the caller is not verified with the actor."""
    actions: tuple[CaseNote, ...]
    follow_ups: tuple[FollowUp, ...]


def with_blanks(words: str, company: str) -> str:
    """Words as they stand on paper: with the company's name, and a line where only the contact tells."""
    return filled(words, dict.fromkeys(PLACEHOLDERS, TO_WRITE) | {"company": company, "to_you": ""})


async def blank(work: Work, script: str) -> BlankForm:
    """The version of a script that is in force, in the desk's language. Raises NotFound."""
    work.require(May.TAKE_CONTACTS)
    chosen = (await in_force(work)).get(script)
    document = shelf_of(work).documents.get(chosen.id) if chosen else pack().get(script)
    if document is None:
        raise NotFound("There is no such script.")
    language = work.terms.language
    return BlankForm(
        document.title(language),
        chosen.number if chosen else 1,
        language,
        document.in_language(language),
        work.now.date(),
        work.terms.company,
    )


async def complaint(work: Work, case_id: int) -> ComplaintForm:
    """A case as the complaint form has it. Raises NotFound for one the actor may not see. S3-12.1.1a"""
    case = await queues.case_of(work, case_id)
    covered = not await disclosure.verified_with_me(work, case.customer_id)
    name = ""
    if case.customer is not None:
        name = masked(case.customer).name if covered else case.customer.name
    actions = await work.session.scalars(
        select(CaseNote)
        .where(CaseNote.case_id == case.id, CaseNote.kind == NoteKind.ACTION)
        .options(joinedload(CaseNote.written_by))
        .order_by(CaseNote.id)
        .limit(MOST)
    )
    follow_ups = await work.session.scalars(
        select(FollowUp)
        .where(FollowUp.case_id == case.id)
        .options(joinedload(FollowUp.owner))
        .order_by(FollowUp.id)
        .limit(MOST)
    )
    return ComplaintForm(case, name, covered, tuple(actions), tuple(follow_ups))
