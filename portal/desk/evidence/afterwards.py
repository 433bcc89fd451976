"""Which resolved cases were asked after, by team, and which were not. S3-12.2.1"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from models import Case, FollowUp
from models.words import CaseStatus, FollowUpKind
from portal.desk.customers import MaskedCustomer, masked
from portal.desk.evidence.compliance import Filters
from portal.desk.evidence.counting import within
from portal.desk.listing import PAGE, Rows, cursor, first, newest_first
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work


class After(StrEnum):
    """How far asking after a resolved case has come."""

    WITHOUT = "without"
    """No customer has said whether it holds: somebody has yet to ask, or nobody could."""
    OWED = "owed"
    UNASKED = "unasked"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class TeamAfter:
    """The cases of one team that were resolved in a time, by how far asking after them has come."""

    team: str
    asked: int
    owed: int
    unasked: int

    @property
    def resolved(self) -> int:
        return self.asked + self.owed + self.unasked


@dataclass(frozen=True, slots=True)
class CaseAfter:
    """One resolved case with who asks after it until when; nobody where that was dropped, or never planned."""

    case: Case
    customer: MaskedCustomer | None
    owner: str
    due_at: datetime | None


def _means(what: After) -> ColumnElement[bool]:
    owed, unasked = Case.status == CaseStatus.RESOLVED, Case.closed_because != ""
    meant: dict[After, ColumnElement[bool]] = {
        After.WITHOUT: or_(owed, unasked),
        After.OWED: owed,
        After.UNASKED: unasked,
        After.ASKED: (Case.status == CaseStatus.CLOSED) & (Case.closed_because == ""),
    }
    return meant[what]


async def asked_after(work: Work, wanted: Filters) -> list[TeamAfter]:
    """Count the cases that were resolved in a time and still are, by team and by what became of asking. S3-12.2.1"""
    work.require(May.SEE_EVIDENCE)
    asked, owed, unasked = (
        func.count().filter(_means(one)) for one in (After.ASKED, After.OWED, After.UNASKED)
    )
    statement = _resolved(work, wanted, select(Case.team, asked, owed, unasked))
    found = await work.session.execute(statement.group_by(Case.team).order_by(Case.team))
    return [TeamAfter(*row) for row in found]


async def cases_after(
    work: Work, wanted: Filters, what: After, *, before: str = "", limit: int = PAGE
) -> Rows[CaseAfter]:
    """The cases behind those numbers, the last resolved first, with who is to ask. S3-12.2.1"""
    work.require(May.SEE_EVIDENCE)
    chosen = _resolved(work, wanted, select(Case)).where(_means(what)).options(joinedload(Case.customer))
    ordered = first(newest_first(chosen, Case.resolved_at, Case.id, before), limit + 1)
    found: Sequence[Case] = (await work.session.scalars(ordered)).all()
    rows = found[:limit]
    checks = await _checks(work, rows)
    return Rows(
        [
            CaseAfter(one, masked(one.customer) if one.customer else None, *checks.get(one.id, ("", None)))
            for one in rows
        ],
        cursor(rows[-1].resolved_at, rows[-1].id) if len(found) > limit and rows[-1].resolved_at else "",
    )


async def _checks(work: Work, cases: Sequence[Case]) -> dict[int, tuple[str, datetime | None]]:
    """Who is to ask after these cases, and until when."""
    found = await work.session.scalars(
        select(FollowUp)
        .where(
            FollowUp.case_id.in_([one.id for one in cases]), FollowUp.kind == FollowUpKind.RESOLUTION_CHECK
        )
        .options(joinedload(FollowUp.owner))
        .order_by(FollowUp.id)  # of several, that of the last time it was resolved
    )
    return {one.case_id: (one.owner.name, one.due_at) for one in found if one.case_id is not None}


def _resolved(work: Work, wanted: Filters, statement: Any) -> Any:
    chosen: Any = narrowed(work.actor, Case, statement).where(
        within(Case.resolved_at, wanted.since, wanted.until),
    )
    if wanted.channel is not None:
        chosen = chosen.where(Case.channel == wanted.channel)
    return chosen.where(Case.team == wanted.team) if wanted.team else chosen
