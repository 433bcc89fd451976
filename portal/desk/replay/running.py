"""Running a replay: asked for on a page, gone through in batches by a job on any replica, resumed where it stood.

A batch is one transaction that holds the replay's row, so that of several replicas one is at it. It looks at a stretch
of case ids and reads no more than a batch of cases in it, so that neither memory nor the time of one transaction grows
with the desk. A draft or a policy in force that changes meanwhile ends it: its figures would be of two policies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select

from models import Case, ClockEvent, Deadline, Escalation, PolicyVersion, Replay, ReplayMove
from models.words import DeadlineKind, PolicyStatus, ReplayStatus
from portal.desk import audit, clock_rows, deadlines, due, foreseeing, hours, matrix, policy_versions
from portal.desk.deadlines import begun_by
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.listing import first
from portal.desk.matrix import Policy
from portal.desk.permissions import May
from portal.desk.replay.figures import Figures
from portal.desk.replay.outcomes import Past, Trial
from portal.desk.saving import hold
from portal.desk.work import Work

AT_ONCE = 200
"""Cases that are gone through with the request: a small desk has its figures when the page comes back."""
STRETCH = 20
"""Ids that a batch looks at for each case that it may read: the rest were opened at other times."""
EXPECTED_TO = 1_000_000
MOST_KEPT = 1000
"""Due times of open cases that are listed; the others are only counted."""
SHELF = "replays"
"""Under which a process keeps the policies that a running replay compares."""
OPEN_TO_ALL, RESTRICTED = "cases", "restricted"
"""The two halves of the stored figures."""

_CASES = select(
    Case.id,
    Case.number,
    Case.kind,
    Case.severity,
    Case.channel,
    Case.own_channel,
    Case.tier,
    Case.team,
    Case.country,
    Case.calendar_id,
    Case.cycle,
    Case.status,
    Case.legal,
    Case.regulatory,
    Case.acknowledged_at,
    Case.answered_at,
    Case.resolved_at,
).order_by(Case.id)
_FACTS = select(ClockEvent.case_id, ClockEvent.kind, ClockEvent.cycle, ClockEvent.at).order_by(
    ClockEvent.case_id, ClockEvent.at, ClockEvent.id
)
_CLOCKS = select(
    Deadline.id,
    Deadline.case_id,
    Deadline.kind,
    Deadline.level,
    Deadline.cycle,
    Deadline.target_kind,
    Deadline.target_amount,
    Deadline.warn_percent,
    Deadline.source,
    Deadline.policy,
    Deadline.calendar,
    Deadline.rule,
    Deadline.status,
    Deadline.started_at,
    Deadline.due_at,
    Deadline.warn_at,
    Deadline.next_at,
    Deadline.warned_at,
    Deadline.missed_at,
    Deadline.met_at,
).order_by(Deadline.case_id, Deadline.id)
_ESCALATIONS = select(
    Escalation.case_id,
    Escalation.target,
    Escalation.level,
    Escalation.cycle,
    Escalation.to_role,
    Escalation.status,
    Escalation.raised_at,
    Escalation.accepted_at,
    Escalation.ended_at,
).order_by(Escalation.case_id, Escalation.id)


async def ask(work: Work, version: PolicyVersion, since: datetime, until: datetime) -> Replay:
    """Run a draft over the cases opened in a period and over the open ones; the first of them at once. S2-14.1

    Takes the place of the replay before. Raises NotAccepted for a period that is none or a draft that no clock could
    follow, WrongMoment for what is no draft any more.
    """
    work.require(May.EDIT_POLICY)
    await hold(work, version)
    if version.status is not PolicyStatus.DRAFT:
        raise WrongMoment(f"This version of the policy is {version.status.value} already.")
    if until <= since:
        raise NotAccepted(until="The last day is before the first one.")
    matrix.read(version.document)
    await _forget(work, version)
    in_force = await policy_versions.in_force(work)
    last = await work.session.scalar(select(func.max(Case.id)))
    replay = Replay(
        policy_id=version.id,
        digest=version.digest,
        against=in_force.number,
        asked_by_id=work.actor.person_id,
        since=since,
        until=until,
        status=ReplayStatus.RUNNING,
        words="",
        expected=await _expected(work, since, until),
        cases=0,
        last_case_id=0,
        up_to_case_id=last or 0,
        figures={OPEN_TO_ALL: Figures().stored(), RESTRICTED: Figures().stored()},
        asked_at=work.now,
    )
    work.session.add(replay)
    period = f"Cases opened from {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC."
    await audit.record(work, "replay policy", version, reason=period)
    await _go_on(work, replay, AT_ONCE)
    return replay


async def step(work: Work, batch: int) -> int:
    """Go through the next cases of the oldest replay; return how many ids were looked at, 0 when none is running.

    Safe on every replica: one that another replica is at is left to it.
    """
    work.require(May.EDIT_POLICY)
    replay: Replay | None = await work.session.scalar(
        select(Replay)
        .where(Replay.status == ReplayStatus.RUNNING)
        .order_by(Replay.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return 0 if replay is None else await _go_on(work, replay, batch)


async def changed_since(work: Work, replay: Replay, version: PolicyVersion) -> str:
    """Say in words what changed since a replay was asked for; empty while it still tells the truth."""
    if version.status is not PolicyStatus.DRAFT:
        return ""
    if version.digest != replay.digest:
        return "The draft was changed since."
    if (await policy_versions.in_force(work)).number != replay.against:
        return "Another version came into force since."
    return ""


async def _go_on(work: Work, replay: Replay, batch: int) -> int:
    version = await work.session.get_one(PolicyVersion, replay.policy_id)
    if version.status is not PolicyStatus.DRAFT:
        return _given_up(work, replay, f"The draft was {version.status.value} before every case was counted.")
    if words := await changed_since(work, replay, version):
        return _given_up(work, replay, words)
    came_from = replay.last_case_id
    try:
        await _count(work, replay, version, batch)
    except hours.HoursError as error:
        return _given_up(work, replay, error.message)
    if replay.last_case_id >= replay.up_to_case_id:
        replay.status, replay.finished_at = ReplayStatus.FINISHED, work.now
        work.kept.pop(SHELF, None)
    await work.session.flush()
    return replay.last_case_id - came_from


def _given_up(work: Work, replay: Replay, words: str) -> int:
    replay.status, replay.words, replay.finished_at = ReplayStatus.GIVEN_UP, words[:300], work.now
    return 1


async def _count(work: Work, replay: Replay, version: PolicyVersion, batch: int) -> None:
    """Count the next cases in, and write down what would move of the open ones."""
    up_to = min(replay.last_case_id + batch * STRETCH, replay.up_to_case_id)
    asked = _CASES.where(
        Case.id > replay.last_case_id, Case.id <= up_to, _wanted(replay.since, replay.until)
    ).limit(batch)
    cases = (await work.session.execute(asked)).all()
    if cases:
        await _count_these(work, replay, version, cases)
    replay.cases += len(cases)
    replay.last_case_id = cases[-1].id if len(cases) == batch else up_to


async def _count_these(work: Work, replay: Replay, version: PolicyVersion, cases: Sequence[Any]) -> None:
    ids = [case.id for case in cases]
    facts = await _by_case(work, _FACTS.where(ClockEvent.case_id.in_(ids)))
    clocks = await _by_case(work, _CLOCKS.where(Deadline.case_id.in_(ids)))
    raised = await _by_case(work, _ESCALATIONS.where(Escalation.case_id.in_(ids)))
    open_ids = [case.id for case in cases if case.status in deadlines.OPEN_CASES]
    written = await _by_case(work, clock_rows.SEEN, cases=open_ids)
    handed_up = await _by_case(work, clock_rows.RAISED, cases=open_ids)
    draft, trial, zone = await _compared(work, replay, version)
    halves = {name: Figures.read(replay.figures[name]) for name in (OPEN_TO_ALL, RESTRICTED)}
    kept = sum(half.counts["moved/kept"] for half in halves.values())
    moves: list[dict[str, Any]] = []
    for case in cases:
        past = Past(case, facts[case.id], clocks[case.id], raised[case.id])
        half = halves[RESTRICTED if case.legal or case.regulatory else OPEN_TO_ALL]
        is_open = case.status in deadlines.OPEN_CASES
        half.note(past, trial.of(past), zone, is_open=is_open)
        if not is_open or begun_by(past.facts, DeadlineKind.RESOLVE, 0, case.cycle) is None:
            continue
        moving = foreseeing.moving(
            case, past.facts, written[case.id], handed_up[case.id], draft, replay.asked_at
        )
        half.counts["moved/cases"] += bool(moving)
        for one in moving:
            half.counts[f"moved/{one.what}"] += 1
            half.counts["moved/late"] += one.after is not None and one.after <= replay.asked_at
            if kept < MOST_KEPT:
                kept += 1
                half.counts["moved/kept"] += 1
                moves.append(
                    {
                        "replay_id": replay.id,
                        "case_id": case.id,
                        "kind": one.kind,
                        "level": one.level,
                        "due_before": one.before,
                        "due_after": one.after,
                    }
                )
    replay.figures = {name: half.stored() for name, half in halves.items()}
    if moves:
        await work.session.execute(insert(ReplayMove), moves)


async def _by_case(work: Work, statement: Any, **told: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in await work.session.execute(statement, told):
        found[row.case_id].append(row)
    return found


async def _compared(work: Work, replay: Replay, version: PolicyVersion) -> tuple[Policy, Trial, ZoneInfo]:
    """The draft as it would be published, beside what is in force; read once for all batches of a replay."""
    shelf: dict[tuple[Any, ...], tuple[Policy, Trial, ZoneInfo]] = work.kept.setdefault(SHELF, {})
    key = replay.id, replay.digest, replay.against
    if key not in shelf:
        in_force = await policy_versions.in_force(work)
        draft = matrix.read(version.document, replay.against + 1, replay.asked_at)
        shelf.clear()
        zone = ZoneInfo(in_force.calendar().zone)
        shelf[key] = draft, Trial(in_force, draft, replay.asked_at), zone
    return shelf[key]


def _wanted(since: datetime, until: datetime) -> ColumnElement[bool]:
    return or_(due.is_open(), and_(Case.opened_at >= since, Case.opened_at < until))


async def _expected(work: Work, since: datetime, until: datetime) -> int:
    """How many cases there are to go through, by two indexes."""
    total = 0
    for condition in (due.is_open(), and_(due.is_closed(), Case.opened_at >= since, Case.opened_at < until)):
        ids = first(select(Case.id).where(condition), EXPECTED_TO)
        total += await work.session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    return total


async def _forget(work: Work, version: PolicyVersion) -> None:
    before = select(Replay.id).where(Replay.policy_id == version.id)
    for statement in (
        delete(ReplayMove).where(ReplayMove.replay_id.in_(before)),
        delete(Replay).where(Replay.policy_id == version.id),
    ):
        await work.session.execute(statement, execution_options={"synchronize_session": False})
