"""Bringing many clocks under the policy in force at once: a constant number of statements for any number. Decision 8.

What is read are plain rows, what is written goes along as one array a statement. The rule itself is that of
`projecting`; only what it makes of the facts is written, and only where it is another than before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Result, select

from models import Deadline
from models.words import ClockEventKind, DeadlineKind, DeadlineStatus
from portal.desk import audit, clock_rows, due, policy_versions, projecting
from portal.desk.bulk import written
from portal.desk.due import UNFINISHED
from portal.desk.matrix import REPEATED, Policy
from portal.desk.projecting import Projection, Wanted
from portal.desk.work import Work

_STOPPED = DeadlineStatus.STOPPED
BATCH = 500
"""Cases of one round of statements."""
_AUDITED = {"audited": True}


@dataclass(slots=True)
class Moved:
    """How many clocks changed, and how far their due times moved."""

    cases: int = 0
    written: int = 0
    """Cases of which a clock was written; at the least it names another version now."""
    clocks: int = 0
    earlier: int = 0
    later: int = 0
    furthest: timedelta = timedelta()
    last_id: int = 0

    def add(self, other: Moved) -> None:
        """Count another batch in."""
        self.cases += other.cases
        self.written += other.written
        self.clocks += other.clocks
        self.earlier += other.earlier
        self.later += other.later
        self.furthest = max(self.furthest, other.furthest)
        self.last_id = max(self.last_id, other.last_id)

    def note(self, before: datetime | None, now: datetime | None) -> None:
        """Count one clock that changed, and how far."""
        self.clocks += 1
        if before is None or now is None or before == now:
            return
        self.earlier += now < before
        self.later += now > before
        self.furthest = max(self.furthest, abs(now - before))


async def recompute(
    work: Work,
    case_ids: Sequence[int],
    reason: str,
    fact: ClockEventKind = ClockEventKind.POLICY_CHANGED,
) -> Moved:
    """Work the due times of these cases out anew after a change of policy or calendar; say what moved and how far.

    Only projections change. A clock that had run out when the policy came into force keeps the moment at which it
    did and the version it did so under, even if no sweep has come by yet; one whose target is gone is stopped; a new
    target gets its clock.
    """
    moved = Moved()
    for first in range(0, len(case_ids), BATCH):
        moved.add(await _recompute(work, case_ids[first : first + BATCH], reason, fact))
    return moved


async def _recompute(work: Work, case_ids: Sequence[int], reason: str, fact: ClockEventKind) -> Moved:
    session = work.session
    await session.flush()
    told = {"cases": list(case_ids)}
    clocks = _by_case(
        await session.execute(clock_rows.CLOCKS, told)
    )  # clocks before cases, as a sweep takes them
    facts = _by_case(await session.execute(clock_rows.FACTS, told))
    cases = (await session.execute(clock_rows.CASES, told)).all()
    anew = Anew(
        await policy_versions.in_force(work),
        work.now,
        Moved(cases=len(cases), last_id=max(case_ids, default=0)),
    )
    for case in cases:
        anew.take(Told(case, facts.get(case.id, ()), anew.in_force), clocks.get(case.id, ()))
    raised = (await session.execute(clock_rows.RAISED, told)).all() if anew.asks_for_levels else ()
    anew.begin_lacking({(row.case_id, row.cycle): row for row in raised})
    if anew.wrote:
        await _write(work, anew, told, reason, fact)
    anew.moved.written = len(anew.told.keys() | {row[2] for row in anew.followed})
    return anew.moved


def _by_case(rows: Result[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows.all():
        found[row.case_id].append(row)
    return found


async def _write(work: Work, anew: Anew, told: dict[str, Any], reason: str, fact: ClockEventKind) -> None:
    session, number = work.session, anew.in_force.number
    for statement, name, rows in (
        (clock_rows.MOVE, "moved", anew.changed),
        (clock_rows.STOP, "stopped", anew.stopped),
        (clock_rows.FOLLOW, "followed", anew.followed),
    ):
        if rows:
            await session.execute(statement, {name: rows, "policy": number}, execution_options=_AUDITED)
    if anew.begun:
        made = await session.execute(
            clock_rows.BEGIN, {"begun": anew.begun, "policy": number}, execution_options=_AUDITED
        )
        for clock in made:
            anew.trail[f"deadlines/{clock.id}"] = {
                "case_id": [None, clock.case_id],
                "kind": [None, clock.kind],
                "level": [None, clock.level],
                "due_at": [None, clock.due_at and clock.due_at.isoformat()],
            }
    if anew.told:
        facts = {
            "told": list(anew.told),
            "kind": fact.value,
            "moment": work.now,
            "by": work.actor.person_id,
            "reason": reason[:300],
        }
        await session.execute(clock_rows.TELL, facts, execution_options=_AUDITED)
    await due.note(work, told["cases"])
    await audit.record(work, "recompute deadlines", reason=reason, changes=anew.trail)
    known = [one.id for one in session.identity_map.values() if isinstance(one, Deadline)]
    if known:  # what the deed around this one had read before
        anew_read = select(Deadline).where(Deadline.id.in_(known))
        await session.scalars(anew_read, execution_options={"populate_existing": True})


class Told:
    """A case with what its clocks are counted from."""

    __slots__ = ("_began", "calendar", "case", "facts", "pauses")

    def __init__(self, case: Any, facts: Sequence[Any], in_force: Policy) -> None:
        self.case = case
        self.facts = facts
        self.pauses = projecting.pauses_in(facts)
        self.calendar = in_force.calendar_of(case)
        self._began: datetime | None = None

    def project(self, one: Wanted, level: int) -> Projection:
        """As `projecting.project` for the cycle the case is in; what all its clocks share is worked out once."""
        if one.kind in REPEATED:
            began = self._begun_by(one.kind, level)
        else:
            began = self._began = self._began or self._begun_by(one.kind, level)
        return projecting.counted(one.limit, self.calendar.opening, began, self.pauses)

    def _begun_by(self, kind: DeadlineKind, level: int) -> datetime:
        place = projecting.begun_by(self.facts, kind, level, self.case.cycle)
        if place is None:
            raise LookupError(
                f"Nothing began {kind.value} {level} of cycle {self.case.cycle} of case {self.case.id}."
            )
        began: datetime = self.facts[place].at
        return began


@dataclass(slots=True)
class Anew:
    """What a policy makes of a batch of cases, gathered case by case as the rows that the statements above take."""

    in_force: Policy
    now: datetime
    moved: Moved
    changed: list[list[Any]] = field(default_factory=list)
    stopped: list[list[Any]] = field(default_factory=list)
    followed: list[list[Any]] = field(default_factory=list)
    begun: list[list[Any]] = field(default_factory=list)
    lacking: list[tuple[Told, Asked, Any]] = field(default_factory=list)
    """Clocks that the policy asks for and the cases do not have; with the row of one that was stopped."""
    told: dict[int, None] = field(default_factory=dict)
    """The cases of which anything changed but the version."""
    trail: dict[str, dict[str, Any]] = field(default_factory=dict)
    _asked: dict[tuple[str, ...], dict[tuple[str, int], Asked]] = field(default_factory=dict)

    @property
    def wrote(self) -> bool:
        """Whether there is anything to write; at the least a clock follows another version now."""
        return bool(self.changed or self.stopped or self.followed or self.begun)

    def take(self, told: Told, clocks: Sequence[Any]) -> None:
        """Bring the running clocks of a case under the policy in force, and note those it lacks."""
        case = told.case
        cycle = case.cycle
        asked = self._asked_of(case)
        lacking: dict[tuple[str, int], Any] = dict.fromkeys(asked)
        for clock in clocks:
            if clock.cycle != cycle:
                continue
            kind, status = clock.kind, clock.status
            if kind in REPEATED:
                one = asked.get((kind, 0))
            else:
                own = (kind, clock.level)
                one = asked.get(own)
                if one is not None and status == _STOPPED:
                    lacking[own] = clock
                    continue
                lacking.pop(own, None)
            if status not in UNFINISHED:
                continue
            if projecting.ran_out(clock.due_at, clock.policy, self.in_force, self.now):
                continue
            if one is None:
                self._stop(clock, told)
            else:
                self._apply(clock, one, told)
        for own, stopped in lacking.items():
            one = asked[own]
            if still_owed(case, one.wanted.kind) and (owed := _from_now_on(one, stopped, told, clocks)):
                self.lacking.append((told, *owed))

    @property
    def asks_for_levels(self) -> bool:
        """Whether it matters how far cases were handed up."""
        return any(one.wanted.kind is DeadlineKind.ESCALATE for _, one, _ in self.lacking)

    def begin_lacking(self, raised: Mapping[tuple[int, int], Any]) -> None:
        """Start what is lacking; one that was stopped goes on from its own beginning.

        `raised` are rows of RAISED by case and cycle: no level is begun that a case was handed up to already, and none
        at all of one that somebody has in hand. S2-13.4
        """
        for told, one, stopped in self.lacking:
            case, wanted = told.case, one.wanted
            up = raised.get((case.id, case.cycle))
            if wanted.kind is DeadlineKind.ESCALATE and up and (up.in_hand or wanted.level <= up.level):
                continue
            if stopped is None:
                self.begin(told, one)
            else:
                self._apply(stopped, one, told)

    def begin(self, told: Told, one: Asked) -> None:
        """Give a case a clock that it has not had."""
        case, wanted = told.case, one.wanted
        projection = told.project(wanted, wanted.level)
        shown = one.shown(projection, warned=False)
        own = [written(projection.started_at), wanted.kind.value, wanted.level, case.cycle]
        self.begun.append([*_row(case.id, told, shown), *own])
        self.told[case.id] = None
        self.moved.note(None, projection.due_at)

    def _apply(self, clock: Any, one: Asked, told: Told) -> None:
        projection = told.project(one.wanted, clock.level)
        shown = one.shown(projection, warned=bool(clock.warned))
        if clock[clock_rows.SHOWN] != shown:
            self.changed.append(_row(clock.id, told, shown))
            self.note(clock, shown[1], shown[0])
        elif clock.policy != self.in_force.number or clock.calendar != told.calendar.id:
            self.followed.append([clock.id, told.calendar.id, clock.case_id])

    def _stop(self, clock: Any, told: Told) -> None:
        ran_out = clock.due_at is not None and self.now > clock.due_at
        status = (DeadlineStatus.MISSED if ran_out else DeadlineStatus.STOPPED).value
        self.stopped.append([clock.id, told.calendar.id, status])
        self.note(clock, clock.due_at, status)

    def note(self, clock: Any, due_at: datetime | None, status: str) -> None:
        """Note that a clock changed, for the facts and the trail of its case."""
        before = clock.due_at
        self.told[clock.case_id] = None
        self.moved.note(None if clock.status == DeadlineStatus.STOPPED else before, due_at)
        changes: dict[str, Any] = {}
        if due_at != before:
            changes["due_at"] = [before and before.isoformat(), due_at and due_at.isoformat()]
        if status != clock.status:
            changes["status"] = [clock.status, status]
        self.trail[f"deadlines/{clock.id}"] = changes

    def _asked_of(self, case: Any) -> dict[tuple[str, int], Asked]:
        """Put together once for each kind of case there is in the batch."""
        sort = (case.kind, case.severity, case.channel, case.own_channel, case.tier)
        found = self._asked.get(sort)
        if found is None:
            wanted = projecting.wanted(self.in_force, case)
            found = self._asked[sort] = {(one.kind.value, one.level): Asked(one) for one in wanted}
        return found


Shown = tuple[Any, ...]
"""Of a clock: state, due, warning, next look, and its limit; as SHOWN cuts it out of a row of CLOCKS."""


class Asked:
    """A clock that the policy asks for, with its limit as a row has it."""

    __slots__ = ("limit", "wanted")

    def __init__(self, wanted: Wanted) -> None:
        limit = wanted.limit
        self.wanted = wanted
        self.limit = (
            limit.target.kind.value,
            limit.target.amount,
            limit.warn_percent,
            limit.clause,
            limit.row,
        )

    def shown(self, projection: Projection, *, warned: bool) -> Shown:
        """What a clock with this projection shows."""
        status, next_at = projection.as_it_runs(warned=warned)
        return (status, projection.due_at, projection.warn_at, next_at, *self.limit)


def _row(first: int, told: Told, shown: Shown) -> list[Any]:
    """As MOVE and BEGIN of `clock_rows` take it; first the id of the clock, or of the case of a new one."""
    status, due_at, warn_at, next_at, *limit = shown
    due, warn = written(due_at), written(warn_at)
    return [first, told.calendar.id, status, due, warn, warn if next_at is warn_at else due, *limit]


def _from_now_on(one: Asked, stopped: Any, told: Told, clocks: Sequence[Any]) -> tuple[Asked, Any] | None:
    """A clock that a policy asks for anew: a repeated one is the next of its kind, if one is owed now.

    The next answer begins when the customer writes: one that was stopped may have been given since.
    """
    kind, case = one.wanted.kind, told.case
    if kind not in REPEATED:
        return one, stopped
    if kind is DeadlineKind.NEXT_ANSWER:
        return None
    level = 1 + projecting.happened(told.facts, ClockEventKind.OUTBOUND, case.cycle)
    known = next(
        (clock for clock in clocks if (clock.kind, clock.cycle, clock.level) == (kind, case.cycle, level)),
        None,
    )
    if known is not None and known.status != DeadlineStatus.STOPPED:
        return None
    return Asked(replace(one.wanted, level=level)), known


def still_owed(case: Any, kind: DeadlineKind) -> bool:
    """Whether a target that is new in the policy still means something for this case."""
    match kind:
        case DeadlineKind.ACKNOWLEDGE:
            return bool(case.acknowledged_at is None and case.cycle == 1)
        case DeadlineKind.ANSWER:
            return case.answered_at is None
        case _:
            return True
