"""The review of each month, of each team and of the whole desk: made once, read, noted on and signed. S0-6.1

A job makes them when the month is over. Their figures are those of *The month in figures* on that day, as a supervisor
sees them, and are written down: what is changed later changes none of them. That of the whole desk has, besides, how
long orders stayed in each state and why orders had to be corrected: orders are of no team. A review is signed by somebody
with notes on what the figures mean, and is then as it is. S1-6.1a, S1-6.1b, S0-6.2b
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from models import MonthReview
from portal.desk import audit, bulk, error_causes, evidence, order_figures
from portal.desk.cards import refuse_card_numbers
from portal.desk.error_causes import Cause
from portal.desk.errors import NotAccepted, NotFound, WrongMoment
from portal.desk.evidence import Filters
from portal.desk.evidence.compliance import month_of, teams, today
from portal.desk.evidence.counting import AFTER_MIDNIGHT, start_of
from portal.desk.listing import PAGE, Rows, cursor, newest_first
from portal.desk.order_figures import InState, State
from portal.desk.permissions import May
from portal.desk.saving import hold_version
from portal.desk.work import AS_SUPERVISOR, Work

LONGEST_NOTES = 10_000


async def make_due(work: Work) -> int:
    """Make the reviews of the month that is over, of every team and of all; return how many. Run twice, it makes none.

    A day in which somebody may still commit to the month is waited for no longer than counting does.
    """
    here = today(work)
    first = month_of(month_of(here)[0] - timedelta(days=1))[0]
    if work.now < start_of(here.replace(day=1)) + AFTER_MIDNIGHT:
        return 0
    made = set(await work.session.scalars(select(MonthReview.team).where(MonthReview.month == first)))
    wanted = [team for team in ("", *await teams(work)) if team not in made]
    if not wanted:
        return 0
    seen = replace(work, actor=AS_SUPERVISOR)
    rows = [
        {
            "month": first,
            "team": team,
            "figures": _written(await evidence.figures_of_month(seen, Filters(*month_of(first), team=team)))
            | ({} if team else {"orders": await _orders(seen, first)}),
            "notes": "",
            "made_at": work.now,
            "version": 1,
        }
        for team in wanted
    ]
    make = bulk.insert_of(work.session)
    table: Any = MonthReview.__table__
    written = make(table).on_conflict_do_nothing(index_elements=["month", "team"]).values(rows)
    ids = await work.session.scalars(written.returning(table.c.id), execution_options={"audited": True})
    changes: list[tuple[int, dict[str, Any]]] = [(one, {"month": [None, first.isoformat()]}) for one in ids]
    await audit.record_each(work, "make review", MonthReview.__tablename__, changes)
    return len(changes)


@dataclass(frozen=True, slots=True)
class Orders:
    """How the orders of a month went, as a review keeps it. S1-6.1a, S1-6.1b"""

    states: Sequence[InState]
    causes: Sequence[Cause]


def orders_of(review: MonthReview) -> Orders | None:
    """How orders went, as it is kept; None for a team, and for reviews from before it was."""
    told = review.figures.get("orders")
    if told is None:
        return None
    states = [
        InState(State(state), left, _span(median), _span(slow), still)
        for state, left, median, slow, still in told["states"]
    ]
    return Orders(states, error_causes.sorted_out((one[0], one[1], one[2]) for one in told["causes"]))


async def _orders(work: Work, first: date) -> dict[str, Any]:
    """The same as plain names and numbers; times in seconds."""
    states = await order_figures.in_states(work, *month_of(first))
    causes = await error_causes.pareto(work, *month_of(first))
    return {
        "states": [
            [one.state.value, one.left, _seconds(one.median), _seconds(one.slow), one.still] for one in states
        ],
        "causes": [[one.source, one.code, one.times] for one in causes],
    }


def _seconds(spent: timedelta | None) -> float | None:
    return None if spent is None else spent.total_seconds()


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


async def listed(work: Work, before: str = "") -> Rows[MonthReview]:
    """Every review, the newest month first, without its figures."""
    work.require(May.SEE_EVIDENCE)
    chosen = select(MonthReview).options(
        joinedload(MonthReview.signed_by), defer(MonthReview.figures, raiseload=True)
    )
    ordered = newest_first(chosen, MonthReview.made_at, MonthReview.id, before)
    found = list(await work.session.scalars(ordered.limit(PAGE + 1)))
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Rows(found[:PAGE], cursor(last.made_at, last.id) if last else "")


async def load(work: Work, review_id: int) -> MonthReview:
    """One review with who signed it. Raises NotFound."""
    work.require(May.SEE_EVIDENCE)
    found: MonthReview | None = await work.session.scalar(
        select(MonthReview).where(MonthReview.id == review_id).options(joinedload(MonthReview.signed_by))
    )
    if found is None:
        raise NotFound("There is no such review.")
    return found


async def note(
    work: Work, review: MonthReview, expected_version: int, notes: str, *, sign: bool = False
) -> None:
    """Keep the notes of a review, and sign it with them; then it stays as it is. S0-6.1

    Raises NotAccepted when it is to be signed without notes, WrongMoment once it is signed, Conflict when somebody
    saved first.
    """
    work.require(May.SEE_EVIDENCE)
    await hold_version(work, review, expected_version, {"notes": notes})
    if review.signed_at is not None:
        raise WrongMoment("This review is signed. What it says stays as it is.")
    if sign and not notes.strip():
        raise NotAccepted(notes="Say what the figures mean and what follows from them before you sign.")
    if len(notes) > LONGEST_NOTES:
        raise NotAccepted(notes=f"At most {LONGEST_NOTES} characters.")
    refuse_card_numbers(notes=notes)
    review.notes = notes.strip()
    if sign:
        review.signed_by_id, review.signed_at = work.actor.person_id, work.now
    await audit.record(work, "sign review" if sign else "note on review", review)


def _written(month: evidence.Month) -> dict[str, Any]:
    """The figures as they are kept: plain names and numbers."""
    told = asdict(month)
    told["kinds"] = [[kind.value, count] for kind, count in month.kinds]
    for one in told["kept"]:
        one["kind"] = one["kind"].value
    return told
