"""What a policy would have made of a case: pure functions of what happened and a policy, no database, no clock.

What the desk did stays as it was; only the targets are others. So each clock of each cycle has an end that no policy
changes, and it would have been missed where its due moment, by the same projection as the live clocks', lies before
that end. The end is the first of these moments:

* when a clock of this target was met, if one ran;
* else when the facts would have met it: an acknowledgement at `acknowledged_at`, a first answer at `answered_at`, a
  resolution at `resolved_at`, an update at the next thing told to the customer, a next answer likewise. One next answer
  is owed at a time, from the first message that was not answered yet;
* when the cycle stopped: before it was taken up again, a case was answered and resolved then at the latest.

Without an end a clock is open, and missed if it was due by the moment of the replay. A level calls at its due moment
unless its chase stood then, as in the live rules: an escalation was accepted, the case was handed up by hand to that
level or above, or it is legal or regulatory; handed back, the levels above call again, at once where they were due.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from models.words import ClockEventKind, DeadlineKind, EscalationStatus, Role
from portal.desk import deadlines, escalation, policy
from portal.desk.deadlines import Projection
from portal.desk.hours import Calendar
from portal.desk.matrix import HIGHEST_LEVEL, Policy
from portal.desk.policy import Limit

Clock = tuple[int, DeadlineKind, int]
"""Cycle, kind and level: what makes a clock of a case the only one."""
_ONCE = (DeadlineKind.ACKNOWLEDGE, DeadlineKind.ANSWER, DeadlineKind.RESOLVE)


@dataclass(frozen=True, slots=True)
class Past:
    """One case as it was. `case` and the rest are rows, or anything with their fields."""

    case: Any
    facts: Sequence[Any]
    clocks: Sequence[Any]
    escalations: Sequence[Any]


class Lived(NamedTuple):
    """One clock as it would have gone: when it warned and ran out, and whom that would have been told."""

    clock: Clock
    due_at: datetime | None
    warned_at: datetime | None = None
    warned: Role | None = None
    ran_out_at: datetime | None = None
    """Missed at its due moment; a level: when it called, which is later if its chase stood then."""
    called: Role | None = None

    @property
    def missed(self) -> bool:
        """Whether a target of the case itself was missed."""
        return self.ran_out_at is not None and self.clock[1] is not DeadlineKind.ESCALATE


class _Chase(NamedTuple):
    """From a moment on the levels between two stand still, or call again."""

    at: datetime
    stands: bool
    lowest: int
    highest: int


@dataclass(slots=True)
class _Cycle:
    """One cycle of a case: what in it is the same under every policy."""

    number: int
    ended_at: datetime | None
    ends: dict[DeadlineKind, list[tuple[int, datetime | None]]] = field(default_factory=dict)
    """For each target its clocks: level, and when it ended."""
    chase: list[_Chase] = field(default_factory=list)
    held: list[tuple[datetime, Role]] = field(default_factory=list)
    """Which group had the case from when on, by hand."""


class Trial:
    """Two policies beside each other: what is in force, and what would be. Made once, asked for each case."""

    def __init__(self, before: Policy, after: Policy, as_of: datetime) -> None:
        self.before, self.after, self.as_of = before, after, as_of
        known: list[Calendar] = []
        self._openings: dict[tuple[bool, int], int] = {}
        for policy_ in (before, after):
            for calendar in policy_.calendars.values():
                if calendar.opening not in known:
                    known.append(calendar.opening)
                self._openings[policy_ is after, calendar.id] = known.index(calendar.opening)
        self._known = known

    def of(self, past: Past) -> tuple[list[Lived], list[Lived]] | None:
        """How the clocks of a case would have gone under either; None for a case of which no beginning is known."""
        cycles = list(_cycles(past))
        if not cycles:
            return None
        seen: dict[Any, Projection] = {}
        before = self._lived(past, cycles, self.before, seen)
        return before, before if self._alike(past.case) else self._lived(past, cycles, self.after, seen)

    def _alike(self, case: Any) -> bool:
        """Whether both policies say the same of this case: most drafts leave most cases alone."""
        return (
            self._opening(case, self.before) == self._opening(case, self.after)
            and self.before.limits_of(case) == self.after.limits_of(case)
            and self.before.levels_of(case) == self.after.levels_of(case)
        )

    def _opening(self, case: Any, of: Policy) -> int:
        return self._openings[of is self.after, of.calendar_of(case).id]

    def _lived(
        self, past: Past, cycles: Iterable[_Cycle], of: Policy, seen: dict[Any, Projection]
    ) -> list[Lived]:
        place = self._opening(past.case, of)
        limits, levels = of.limits_of(past.case), of.levels_of(past.case)
        found: list[Lived] = []

        def projected(clock: Clock, limit: Limit) -> Projection:
            key = clock, limit.target, limit.warn_percent, place
            if key not in seen:
                cycle, kind, level = clock
                seen[key] = deadlines.project(past.facts, limit, self._known[place], cycle, kind, level)
            return seen[key]

        for cycle in cycles:
            lived = [
                self._own(past.case, (cycle.number, kind, level), projected, limit, end)
                for kind, limit in limits.items()
                for level, end in cycle.ends.get(kind, ())
            ]
            for step in levels:
                limit = Limit(step.target, policy.WARN_PERCENT, step.clause, step.row)
                clock = (cycle.number, DeadlineKind.ESCALATE, step.level)
                lived.append(self._level(clock, projected(clock, limit), cycle, step.to_role))
            found += _told_to(lived, cycle)
        return found

    def _own(self, case: Any, clock: Clock, projected: Any, limit: Limit, end: datetime | None) -> Lived:
        projection = projected(clock, limit)
        due, warn = projection.due_at, projection.warn_at
        if due is None or warn is None:
            return Lived(clock, None)
        called = Role.MANAGER if case.legal or case.regulatory else Role.SUPERVISOR
        return Lived(
            clock,
            due,
            warn if warn < due and self._came(warn, end) else None,
            None,
            due if self._came(due, end) else None,
            called,
        )

    def _level(self, clock: Clock, projection: Projection, cycle: _Cycle, to_role: Role) -> Lived:
        due, warn = projection.due_at, projection.warn_at
        if due is None or warn is None:
            return Lived(clock, None)
        warned, called = (_not_standing(cycle.chase, clock[2], moment) for moment in (warn, due))
        end = cycle.ended_at
        return Lived(
            clock,
            due,
            warned if warned is not None and warned < due and self._came(warned, end) else None,
            None,
            called if called is not None and self._came(called, end) else None,
            to_role,
        )

    def _came(self, moment: datetime, end: datetime | None) -> bool:
        """Whether a moment came before the end of its clock; of one without an end, before that of the replay."""
        return moment <= self.as_of if end is None else moment < end


def _told_to(lived: Sequence[Lived], cycle: _Cycle) -> Iterator[Lived]:
    """Say which group was warned: whoever had the case then, by hand or by the levels that had called."""
    if not any(one.warned_at for one in lived):
        yield from lived
        return
    held = list(cycle.held)
    held += [
        (one.ran_out_at, one.called)
        for one in lived
        if one.clock[1] is DeadlineKind.ESCALATE and one.ran_out_at and one.called
    ]
    held.sort(key=lambda one: one[0])
    for one in lived:
        if one.warned_at is None:
            yield one
            continue
        group = Role.REPRESENTATIVE
        for since, role in held:
            if since > one.warned_at:
                break
            group = role
        yield one._replace(warned=group)


def _not_standing(chase: Iterable[_Chase], level: int, moment: datetime) -> datetime | None:
    """When something planned for a moment happens: then, or when a chase that stands is taken up again, or never."""
    stands = False
    for one in chase:
        if not one.lowest <= level <= one.highest:
            continue
        if one.at > moment:
            if not stands:
                return moment
            if not one.stands:
                return one.at
        stands = one.stands
    return None if stands else moment


def _cycles(past: Past) -> Iterator[_Cycle]:
    """Take a case apart into its cycles; those whose beginning nobody wrote down are left out."""
    case = past.case
    met = {(one.cycle, one.kind, one.level): one.met_at for one in past.clocks if one.met_at is not None}
    for number in range(1, case.cycle + 1):
        facts = [fact for fact in past.facts if fact.cycle == number]
        if deadlines.begun_by(past.facts, DeadlineKind.RESOLVE, 0, number) is None:
            continue
        ended_at = next((fact.at for fact in reversed(facts) if fact.kind is ClockEventKind.STOP), None)
        derived: dict[tuple[DeadlineKind, int], datetime | None] = {
            (DeadlineKind.ACKNOWLEDGE, 0): case.acknowledged_at,
            (DeadlineKind.ANSWER, 0): case.answered_at,
            (DeadlineKind.RESOLVE, 0): case.resolved_at,
        }
        asked = [(kind, 0) for kind in _ONCE if number == 1 or kind is not DeadlineKind.ACKNOWLEDGE]
        for kind, level, end in _repeated(facts):
            asked.append((kind, level))
            derived[kind, level] = end
        cycle = _Cycle(number, ended_at)
        for kind, level in asked:
            end = met.get((number, kind, level)) or derived[kind, level]
            cycle.ends.setdefault(kind, []).append((level, _earlier(end, ended_at)))
        _note_escalations(cycle, past.escalations)
        yield cycle


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one is not None and other is not None else one or other


def _repeated(facts: Iterable[Any]) -> Iterator[tuple[DeadlineKind, int, datetime | None]]:
    """The clocks of a cycle that begin anew: updates, and the answers to what the customer wrote next."""
    told = written = owed = 0
    for fact in facts:
        if fact.kind is ClockEventKind.OUTBOUND:
            told += 1
            yield DeadlineKind.UPDATE, told, fact.at
            if owed:
                yield DeadlineKind.NEXT_ANSWER, owed, fact.at
                owed = 0
        elif fact.kind is ClockEventKind.INBOUND:
            written += 1
            owed = owed or written
    yield DeadlineKind.UPDATE, told + 1, None
    if owed:
        yield DeadlineKind.NEXT_ANSWER, owed, None


def _note_escalations(cycle: _Cycle, escalations: Iterable[Any]) -> None:
    for one in escalations:
        if one.cycle != cycle.number:
            continue
        by_clock = one.target == DeadlineKind.ESCALATE.value
        if not by_clock:
            highest = one.level if one.target == escalation.ASKED else HIGHEST_LEVEL
            cycle.chase.append(_Chase(one.raised_at, True, 0, highest))  # noqa: FBT003 - the field says it
            cycle.held.append((one.raised_at, one.to_role))
        if one.accepted_at is not None:
            cycle.chase.append(_Chase(one.accepted_at, True, 0, HIGHEST_LEVEL))  # noqa: FBT003 - as above
        if one.status is EscalationStatus.HANDED_BACK and one.ended_at is not None:
            cycle.chase.append(_Chase(one.ended_at, False, one.level + 1, HIGHEST_LEVEL))  # noqa: FBT003 - as above
            cycle.held.append((one.ended_at, Role.REPRESENTATIVE))
    cycle.chase.sort(key=lambda one: one.at)
    cycle.held.sort(key=lambda one: one[0])
