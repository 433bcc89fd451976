"""What went wrong with orders, the most frequent first: what to mend first. S0-6.2b, S1-6.1b

Counted are amendments that mend a mistake of ours, by the cause that was noted with them, and returns of goods that were
wrong, damaged or faulty, by their reason. What nobody coded is counted as such.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from models import Amendment, Return, ReturnLine
from models.words import ReturnReason, ReturnStatus
from portal.desk.evidence.counting import within
from portal.desk.permissions import May
from portal.desk.work import Work

NOT_CODED = "not_coded"
AMENDED, RETURNED = "amended", "returned"
OURS = (ReturnReason.WRONG_ARTICLE, ReturnReason.DAMAGED, ReturnReason.FAULTY)
"""Reasons of a return that say something went wrong. That a customer does not want it is no error."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: how often, its share of all, and that of it with all before it, in percent."""

    source: str
    """`amended` or `returned`."""
    code: str
    times: int
    percent: float
    running_percent: float


async def pareto(work: Work, since: date, until: date) -> list[Cause]:
    """The causes of what was amended or announced to come back in these days, the most frequent first. Two statements."""
    work.require(May.SEE_EVIDENCE)
    amended = await work.session.execute(
        select(Amendment.error_cause, func.count())
        .where(Amendment.our_error, within(Amendment.made_at, since, until))
        .group_by(Amendment.error_cause)
    )
    returned = await work.session.execute(
        select(ReturnLine.reason, func.count(Return.id.distinct()))
        .join(Return, Return.id == ReturnLine.return_id)
        .where(
            ReturnLine.reason.in_(OURS),
            Return.status != ReturnStatus.CANCELLED,
            within(Return.announced_at, since, until),
        )
        .group_by(ReturnLine.reason)
    )
    return sorted_out(
        [(AMENDED, code.value if code else NOT_CODED, times) for code, times in amended]
        + [(RETURNED, reason.value, times) for reason, times in returned]
    )


def sorted_out(counts: Iterable[tuple[str, str, int]]) -> list[Cause]:
    """Counts as shares, the most frequent first; what is as frequent by its name."""
    ordered = sorted(counts, key=lambda one: (-one[2], one[0], one[1]))
    total, before = sum(times for _, _, times in ordered), 0
    found: list[Cause] = []
    for source, code, times in ordered:
        before += times
        found.append(Cause(source, code, times, 100 * times / total, 100 * before / total))
    return found
