"""What was done about low scores: each with the action that came of it, who did it and what came of that. S0-3.7.2"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, literal, select
from sqlalchemy.orm import joinedload

from models import Feedback, FollowUp
from models.words import FollowUpStatus
from portal.desk import policy
from portal.desk.customers import MaskedCustomer, masked
from portal.desk.evidence.compliance import Filters
from portal.desk.evidence.counting import within
from portal.desk.listing import PAGE, Rows, cursor, first, newest_first
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work


class Acted(StrEnum):
    """How far the action on a low score has come."""

    DONE = "done"
    OPEN = "open"
    DROPPED = "dropped"
    NONE = "none"
    """Nobody could act when the score came."""


@dataclass(frozen=True, slots=True)
class LowScore:
    """One low score with its action; None where there is none."""

    feedback: Feedback
    customer: MaskedCustomer | None
    action: FollowUp | None


_MEANT: Mapping[Acted, ColumnElement[bool]] = {
    Acted.DONE: FollowUp.status == FollowUpStatus.DONE,
    Acted.OPEN: FollowUp.status == FollowUpStatus.OPEN,
    Acted.DROPPED: FollowUp.status == FollowUpStatus.CANCELLED,
    Acted.NONE: FollowUp.id.is_(None),
}


async def acted_on(work: Work, wanted: Filters) -> dict[Acted, int]:
    """Count the low scores of a time by what was done about them. S0-3.7.2"""
    work.require(May.SEE_FEEDBACK)
    counts = (func.count().filter(meant) for meant in _MEANT.values())
    row = (await work.session.execute(_low(work, wanted, select(*counts)))).one()
    return dict(zip(_MEANT, map(int, row), strict=True))


async def low_scores(
    work: Work, wanted: Filters, what: Acted | None = None, *, before: str = "", limit: int = PAGE
) -> Rows[LowScore]:
    """The low scores of a time, the newest first, each with what was done about it. S0-3.7.2"""
    work.require(May.SEE_FEEDBACK)
    chosen = _low(work, wanted, select(Feedback, FollowUp))
    if what is not None:
        chosen = chosen.where(_MEANT[what])
    chosen = chosen.options(
        joinedload(Feedback.customer),
        joinedload(Feedback.case),
        joinedload(Feedback.order),
        joinedload(FollowUp.owner),
    )
    ordered = first(newest_first(chosen, Feedback.answered_at, Feedback.id, before), limit + 1)
    found = list(await work.session.execute(ordered))
    rows = [
        LowScore(one, masked(one.customer) if one.customer else None, action) for one, action in found[:limit]
    ]
    last = rows[-1].feedback if len(found) > limit else None
    return Rows(rows, cursor(last.answered_at, last.id) if last and last.answered_at else "")


def _low(work: Work, wanted: Filters, statement: Any) -> Any:
    """What was answered in a time with a low score, beside the action that its key names."""
    key = literal("low-score/") + cast(Feedback.id, String)
    joined = statement.select_from(Feedback).outerjoin(FollowUp, FollowUp.once == key)
    return narrowed(work.actor, Feedback, joined).where(
        Feedback.score <= policy.LOW_SCORE,
        within(Feedback.answered_at, wanted.since, wanted.until),
    )
