"""Cases that belong together: one came of the other, and each names the other. S3-4.1.3d

Who may not see one of them does not learn of it from the other. S3-5.1.2
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from models import Case, CaseLink
from models.words import CaseKind
from portal.desk import audit, in_hand
from portal.desk.errors import NotAccepted
from portal.desk.listing import LIMIT
from portal.desk.rows import narrowed
from portal.desk.saving import hold
from portal.desk.work import Work


@dataclass(frozen=True, slots=True)
class Linked:
    """A case that another one names, and which of the two was first."""

    case: Case
    came_of: bool
    """Whether the case that is looked at came of this one."""
    at: datetime
    by_id: int | None
    cause: bool = False
    """Whether the first is the cause of the second. S2-4.5"""


async def link(work: Work, case: Case, led_to: Case) -> None:
    """Tie a case to the one it led to, once. Raises NotAccepted for itself, WrongMoment when the first has ended."""
    await in_hand.begin(work, case)
    if case.id == led_to.id:
        raise NotAccepted(case="A case cannot lead to itself.")
    if await tie(work, case, led_to):
        await audit.record(work, "link cases", case)


async def tie(work: Work, case: Case, led_to: Case) -> bool:
    """Let two cases name each other, whether or not the first has ended; as part of a deed. False where they do."""
    if await work.session.scalar(_tie(case, led_to)) is not None:
        return False
    work.session.add(
        CaseLink(case_id=case.id, led_to_id=led_to.id, linked_by_id=work.actor.person_id, linked_at=work.now)
    )
    return True


async def support_of(work: Work, case: Case) -> Case | None:
    """The support case that a case led to, whoever may see it; holds the case, so that nobody opens a second one."""
    await hold(work, case)
    found: Case | None = await work.session.scalar(
        select(Case)
        .join(CaseLink, CaseLink.led_to_id == Case.id)
        .where(CaseLink.case_id == case.id, Case.kind == CaseKind.SUPPORT)
        .order_by(CaseLink.id)
        .limit(1)
    )
    return found


async def linked(work: Work, case: Case) -> Sequence[Linked]:
    """The cases that belong to this one and that the actor may see, the oldest tie first: one statement."""
    statement = (
        select(Case, CaseLink)
        .join(CaseLink, (CaseLink.case_id == Case.id) | (CaseLink.led_to_id == Case.id))
        .where((CaseLink.case_id == case.id) | (CaseLink.led_to_id == case.id), Case.id != case.id)
        .order_by(CaseLink.id)
        .limit(LIMIT)
    )
    rows = await work.session.execute(narrowed(work.actor, Case, statement))
    return [
        Linked(other, tie.case_id == other.id, tie.linked_at, tie.linked_by_id, tie.cause)
        for other, tie in rows
    ]


def _tie(case: Case, led_to: Case) -> Select[int]:
    return select(CaseLink.id).where(CaseLink.case_id == case.id, CaseLink.led_to_id == led_to.id)
