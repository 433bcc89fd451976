"""The open cases of a customer who comes back, and how each stands, for whoever has the customer in the contact.

Only what may be told: what the customer said, was told and was asked, and what is owed by when; no internal note.
Restricted cases are in no list, no count and under no number for those who may not see them. S2-10.5, S3-5.1.2
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import Case, CaseNote, Deadline
from models.words import DeadlineKind, NoteKind
from portal.desk import due, queues
from portal.desk.listing import COUNTED_TO, capped
from portal.desk.rows import narrowed
from portal.desk.work import Work

LISTED = 8
"""Open cases of a customer to choose from; another one is found by its number."""
BESIDE = 5
"""Open cases that stand beside an order; of those behind them it is told how many there are."""
LAST_SAID = 3
"""What was last said on a case, in either direction."""
TOLD = {
    NoteKind.HEARD: "The customer",
    NoteKind.TOLD: "We told",
    NoteKind.QUESTION: "We asked",
}
"""Notes that are no secret to the customer, and who spoke. Whatever else is noted is internal."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands: what is owed, soonest first, and what was last said, newest first."""

    case: Case
    clocks: Sequence[Deadline] = ()
    said: Sequence[tuple[str, CaseNote]] = ()


async def of_customer(work: Work, customer_id: int) -> list[Standing]:
    """The open cases of a customer, newest first: three statements, however many there are."""
    return await _standing(work, await queues.cases_of_customer(work, customer_id, LISTED))


@dataclass(frozen=True, slots=True)
class Beside:
    """The open cases that stand beside something else: a few, and how many there are besides."""

    shown: Sequence[Standing] = ()
    more: int = 0
    """Never counted past `listing.COUNTED_TO` in all."""
    counted_out: bool = True
    """Whether `more` is all of them; otherwise there are at least so many."""


async def beside(work: Work, customer_id: int) -> Beside:
    """The newest open cases of a customer with what is owed on each: three statements at most. S1-4.2.2"""
    cases = await queues.cases_of_customer(work, customer_id, BESIDE + 1)
    shown, total = cases[:BESIDE], len(cases)
    if total > BESIDE:
        total = await counted(work, customer_id)
    if not shown:
        return Beside()
    clocks = await _owed(work, shown)
    return Beside([Standing(case, clocks[case.id]) for case in shown], total - len(shown), total < COUNTED_TO)


async def any_told_to_all(work: Work, customer_id: int) -> bool:
    """Whether a customer has an open case that everybody at the desk may see, whoever asks.

    What is kept of the answer is read by others later, so that it must not hang on who found it out. S3-5.1.2
    """
    ids = select(Case.id).where(
        Case.customer_id == customer_id, due.is_open(), Case.legal.is_(False), Case.regulatory.is_(False)
    )
    return await work.session.scalar(ids.limit(1)) is not None


async def of_case(work: Work, case_id: int | None) -> Standing | None:
    """How one case stands; None for one that may not be seen."""
    statement = narrowed(work.actor, Case, select(Case)).where(Case.id == case_id)
    case = await work.session.scalar(statement.options(joinedload(Case.held_by)))
    return (await _standing(work, [case]))[0] if case is not None else None


async def counted(work: Work, customer_id: int) -> int:
    """How many open cases a customer has that the actor may see, in one statement."""
    ids = narrowed(work.actor, Case, select(Case.id)).where(Case.customer_id == customer_id, due.is_open())
    return await work.session.scalar(select(capped(ids))) or 0


async def by_number(work: Work, customer_id: int, number: str) -> Case | None:
    """The case of that number, open or not; None for none, another customer's, or one that may not be seen."""
    statement = narrowed(work.actor, Case, select(Case)).where(
        Case.number == number, Case.customer_id == customer_id
    )
    found: Case | None = await work.session.scalar(statement)
    return found


async def numbered(work: Work, number: str) -> Case | None:
    """The case of that number, open or not, whoever's; None for none, or one that may not be seen."""
    found: Case | None = await work.session.scalar(
        narrowed(work.actor, Case, select(Case)).where(Case.number == number)
    )
    return found


async def _standing(work: Work, cases: Sequence[Case]) -> list[Standing]:
    if not cases:
        return []
    clocks = await _owed(work, cases)
    said = await _last_said(work, [case.id for case in cases])
    return [Standing(case, clocks[case.id], said.get(case.id, [])) for case in cases]


async def _owed(work: Work, cases: Sequence[Case]) -> dict[int, list[Deadline]]:
    """What is owed on each, soonest first; when it goes up is nothing that a customer is told."""
    found = await queues.clocks_of(work, [case.id for case in cases])
    return {
        case.id: [clock for clock in found.get(case.id, ()) if clock.kind is not DeadlineKind.ESCALATE]
        for case in cases
    }


async def _last_said(work: Work, case_ids: Sequence[int]) -> dict[int, list[tuple[str, CaseNote]]]:
    place = func.row_number().over(partition_by=CaseNote.case_id, order_by=CaseNote.id.desc())
    ranked: Any = (
        select(CaseNote.id, place.label("place"))
        .where(CaseNote.case_id.in_(case_ids), CaseNote.kind.in_(TOLD))
        .subquery()
    )
    rows = await work.session.scalars(
        select(CaseNote)
        .join(ranked, ranked.c.id == CaseNote.id)
        .where(ranked.c.place <= LAST_SAID)
        .order_by(CaseNote.id.desc())
    )
    found: dict[int, list[tuple[str, CaseNote]]] = defaultdict(list)
    for note in rows:
        found[note.case_id].append((TOLD[note.kind], note))
    return found
