"""The month in figures: how soon customers are answered, what is solved, what they say, and which times are kept.

S2-3.7, S2-14.4, S3-9.2.1a, S3-9.2.1b, S3-9.2.1c

Each figure is one statement, however many rows it counts. Business time is worked out here, on the calendar each case runs
on: a database knows no opening hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Float, Integer, cast, func, select, type_coerce

from models import Case, Deadline, Feedback
from models.words import CaseKind, CaseStatus, DeadlineKind, DeadlineStatus
from portal.desk import hours, policy, policy_versions
from portal.desk.evidence.compliance import Filters
from portal.desk.evidence.counting import within
from portal.desk.permissions import May
from portal.desk.rows import narrowed
from portal.desk.work import Work

_RESOLUTION = (
    "Of the cases opened in the month, without those cancelled or merged: the share that is resolved or closed"
    " today. One that was taken up again and is open counts as not solved."
)
_RESPONSE = (
    "From the opening of a case to its first answer, over the cases opened in the month that have one: all time, and"
    " the time the desk was open on the calendar the case runs on. Nothing is taken off for a question to the customer."
)
_SCORES = "Over the invitations sent in the month: what came back until today, and the mean of the scores from 1 to 5."
_KEPT = (
    "Of the clocks of cases opened in the month that were met or missed: the share met in time. Clocks that still run"
    " or were stopped are not counted. The scores are those of the cases, and two of them side by side prove no cause."
)
DEFINITIONS = {"response": _RESPONSE, "resolution": _RESOLUTION, "scores": _SCORES, "kept": _KEPT}
"""How each figure is counted, printed beside it. S3-9.2.1b"""
_SOLVED = (CaseStatus.RESOLVED, CaseStatus.CLOSED)
_NONE = (CaseStatus.CANCELLED, CaseStatus.MERGED)
_PLACED: Any = tuple(
    Case.__table__.c[name]
    for name in ("opened_at", "answered_at", "calendar_id", "team", "channel", "own_channel", "country")
)


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds within which half of them came, and nine in ten. By rank: nothing is estimated."""

    half: float
    nine_in_ten: float


@dataclass(frozen=True, slots=True)
class Response:
    """How soon cases were first answered. S3-9.2.1a"""

    cases: int
    elapsed: Spread
    business: Spread


@dataclass(frozen=True, slots=True)
class Resolution:
    """How many of the cases are solved. S3-9.2.1b"""

    cases: int
    solved: int

    @property
    def percent(self) -> float | None:
        return 100 * self.solved / self.cases if self.cases else None


@dataclass(frozen=True, slots=True)
class Scores:
    """What customers said of us. S3-9.2.1c"""

    invited: int
    answered: int
    mean: float | None

    @property
    def response_percent(self) -> float | None:
        return 100 * self.answered / self.invited if self.invited else None

    @property
    def few(self) -> bool:
        """Whether so few answered that the mean says little."""
        return 0 < self.answered < policy.FEW_ANSWERS


@dataclass(frozen=True, slots=True)
class Kept:
    """One target of the policy: its clocks met and missed, and the mean score of cases that kept it or did not. S2-14.4"""

    kind: DeadlineKind
    rule: str
    met: int
    missed: int
    scores_kept: int
    mean_kept: float | None
    scores_missed: int
    mean_missed: float | None

    @property
    def percent(self) -> float:
        return 100 * self.met / (self.met + self.missed)


@dataclass(frozen=True, slots=True)
class Month:
    """All figures of one month and team."""

    response: Response | None
    resolution: Resolution
    scores: Scores | None
    """None for who may not see feedback."""
    kept: Sequence[Kept]
    kinds: Sequence[tuple[CaseKind, int]] = field(default=())
    """How many cases of each kind were opened, the most first. S2-3.7"""


def read(told: Mapping[str, Any]) -> Month:
    """The figures of a month as a review keeps them. S0-6.1"""
    response, scores = told["response"], told["scores"]
    return Month(
        Response(response["cases"], Spread(**response["elapsed"]), Spread(**response["business"]))
        if response
        else None,
        Resolution(**told["resolution"]),
        Scores(**scores) if scores else None,
        [Kept(**{**one, "kind": DeadlineKind(one["kind"])}) for one in told["kept"]],
        [(CaseKind(kind), count) for kind, count in told["kinds"]],
    )


async def figures(work: Work, wanted: Filters) -> Month:
    """Work out every figure of a time; of a channel and a team where they are asked for. Five statements and the policy."""
    work.require(May.SEE_EVIDENCE)
    may_score = work.may(May.SEE_FEEDBACK)
    return Month(
        await _response(work, wanted),
        await _resolution(work, wanted),
        await _scores(work, wanted) if may_score else None,
        await _kept(work, wanted, scored=may_score),
        await _kinds(work, wanted),
    )


async def _response(work: Work, wanted: Filters) -> Response | None:
    found = (
        await work.session.execute(
            _opened(work, wanted, select(*_PLACED)).where(Case.answered_at.is_not(None))
        )
    ).all()
    if not found:
        return None
    in_force = await policy_versions.in_force(work)
    elapsed, business = [], []
    for one in found:
        elapsed.append((one.answered_at - one.opened_at).total_seconds())
        opening = in_force.calendar_of(one).opening
        business.append(hours.open_seconds(opening, one.opened_at, one.answered_at))
    return Response(len(found), _spread(elapsed), _spread(business))


def _spread(seconds: list[float]) -> Spread:
    """The nearest ranks."""
    seconds.sort()
    count = len(seconds)
    return Spread(seconds[(count + 1) // 2 - 1], seconds[-(-9 * count // 10) - 1])


async def _resolution(work: Work, wanted: Filters) -> Resolution:
    counted = select(func.count(), func.count().filter(Case.status.in_(_SOLVED)))
    rows = await work.session.execute(_opened(work, wanted, counted).where(Case.status.not_in(_NONE)))
    cases, solved = rows.one()
    return Resolution(cases, solved)


async def _scores(work: Work, wanted: Filters) -> Scores:
    counted = select(func.count(), func.count(Feedback.score), func.avg(cast(Feedback.score, Float))).where(
        within(Feedback.invited_at, wanted.since, wanted.until)
    )
    if wanted.channel is not None or wanted.team:
        counted = counted.where(Feedback.case_id.in_(_of(wanted, select(Case.id))))
    invited, answered, mean = (await work.session.execute(narrowed(work.actor, Feedback, counted))).one()
    return Scores(invited, answered, None if mean is None else float(mean))


async def _kept(work: Work, wanted: Filters, *, scored: bool) -> list[Kept]:
    """By target and row; a case that missed it once did not keep it, so each case has its score on one side."""
    ended = Deadline.status.in_((DeadlineStatus.MET, DeadlineStatus.MISSED))
    missed = func.count().filter(Deadline.status == DeadlineStatus.MISSED)
    each = (
        _opened(
            work,
            wanted,
            select(
                Deadline.case_id,
                Deadline.kind,
                Deadline.rule,
                func.count().label("clocks"),
                missed.label("missed"),
            ),
        )
        .select_from(Case)
        .join(Deadline, Deadline.case_id == Case.id)
        .where(ended, Deadline.kind != DeadlineKind.ESCALATE)
        .group_by(Deadline.case_id, Deadline.kind, Deadline.rule)
        .subquery()
        .c
    )
    said = (
        select(Feedback.case_id, func.avg(cast(Feedback.score, Float)).label("score"))
        .where(Feedback.case_id.is_not(None), Feedback.score.is_not(None))
        .group_by(Feedback.case_id)
        .subquery()
        .c
    )
    good, bad = each.missed == 0, each.missed > 0
    of_rows = (
        select(
            type_coerce(each.kind, Deadline.kind.type).label("kind"),
            each.rule,
            cast(func.sum(each.clocks - each.missed), Integer),
            cast(func.sum(each.missed), Integer),
            func.count(said.score).filter(good),
            func.avg(said.score).filter(good),
            func.count(said.score).filter(bad),
            func.avg(said.score).filter(bad),
        )
        .select_from(each.case_id.table.outerjoin(said.case_id.table, said.case_id == each.case_id))
        .group_by(each.kind, each.rule)
        .order_by(each.kind, each.rule)
    )
    return [
        Kept(
            kind, rule, met, late,
            *((kept, _mean(mean_kept), lost, _mean(mean_lost)) if scored else (0, None, 0, None)),
        )
        for kind, rule, met, late, kept, mean_kept, lost, mean_lost in await work.session.execute(of_rows)
    ]  # fmt: skip


def _mean(value: Any) -> float | None:
    return None if value is None else float(value)


async def _kinds(work: Work, wanted: Filters) -> list[tuple[CaseKind, int]]:
    many = func.count()
    counted = _opened(work, wanted, select(Case.kind, many)).group_by(Case.kind)
    return [tuple(row) for row in await work.session.execute(counted.order_by(many.desc(), Case.kind))]


def _opened(work: Work, wanted: Filters, statement: Any) -> Any:
    """Of the cases opened in the time that the actor may see."""
    chosen = _of(wanted, statement.where(within(Case.opened_at, wanted.since, wanted.until)))
    return narrowed(work.actor, Case, chosen)


def _of(wanted: Filters, statement: Any) -> Any:
    if wanted.channel is not None:
        statement = statement.where(Case.channel == wanted.channel)
    if wanted.team:
        statement = statement.where(Case.team == wanted.team)
    return statement
