"""What the facts of a case, a limit and a calendar make of a clock: pure functions, no database. Decisions 8 to 15.

Facts are the clock events. `project` is the one place that says when a limit warns and runs out, `wanted` the one
that says which clocks a policy asks of a case. Who has many cases to project asks `pauses_in` once a case and
`counted` for each of its clocks, which is all that `project` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from models.words import ClockEventKind, DeadlineKind, DeadlineStatus, TargetKind
from portal.desk import hours, policy
from portal.desk.matrix import Policy, Subject
from portal.desk.policy import Limit

SPEAKING = tuple(
    kind
    for kind in ClockEventKind
    if kind not in {ClockEventKind.POLICY_CHANGED, ClockEventKind.RECLASSIFIED}
)
"""The facts that a projection goes by; the others say why there was a new one."""
_CYCLE = frozenset({ClockEventKind.START, ClockEventKind.REOPEN})
_INBOUND = frozenset({ClockEventKind.INBOUND})
_OUTBOUND = frozenset({ClockEventKind.OUTBOUND})
_ENDS_A_PAUSE = frozenset({ClockEventKind.RESUME, ClockEventKind.STOP})
_HAVE_A_LENGTH = frozenset({TargetKind.ELAPSED, TargetKind.BUSINESS})


class Fact(Protocol):
    """What the projection needs of a clock event."""

    @property
    def kind(self) -> ClockEventKind: ...
    @property
    def cycle(self) -> int: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Projection:
    """When a target warns and runs out; both None while a pause keeps it open."""

    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None

    def as_it_runs(self, *, warned: bool) -> tuple[DeadlineStatus, datetime | None]:
        """Give the state and the next look of a clock. A warning that was given is not given again."""
        if self.due_at is None:
            return DeadlineStatus.PAUSED, None
        return DeadlineStatus.RUNNING, self.due_at if warned else self.warn_at


@dataclass(frozen=True, slots=True)
class Wanted:
    """One clock that a case should have by the policy in force."""

    kind: DeadlineKind
    level: int
    limit: Limit


def begun_by(facts: Sequence[Fact], kind: DeadlineKind, level: int, cycle: int) -> int | None:
    """Say which of the facts began a clock, by its place among them; None when none did.

    A cycle starts with its `start` or `reopen`. A next answer is owed from the `inbound` fact of its number; an update
    from the beginning of the cycle, and anew from each `outbound` one.
    """
    if kind is DeadlineKind.NEXT_ANSWER:
        of, number = _INBOUND, level - 1
    elif kind is DeadlineKind.UPDATE and level > 1:
        of, number = _OUTBOUND, level - 2
    else:
        of, number = _CYCLE, 0
    for place, fact in enumerate(facts):
        if fact.cycle == cycle and fact.kind in of:
            if not number:
                return place
            number -= 1
    return None


def happened(facts: Iterable[Fact], kind: ClockEventKind, cycle: int) -> int:
    """How often something happened in a cycle."""
    return sum(fact.kind is kind and fact.cycle == cycle for fact in facts)


def project(
    facts: Sequence[Fact],
    limit: Limit,
    calendar: hours.Calendar,
    cycle: int = 1,
    kind: DeadlineKind = DeadlineKind.RESOLVE,
    level: int = 0,
) -> Projection:
    """Say when a limit warns and runs out, from the facts of a case: the only place that does.

    Pauses belong to the case and count whatever the cycle. Raises LookupError when no fact began the clock.
    """
    place = begun_by(facts, kind, level, cycle)
    if place is None:
        raise LookupError(f"Nothing began {kind.value} {level} of cycle {cycle}.")
    return counted(limit, calendar, facts[place].at, pauses_in(facts))


def counted(
    limit: Limit, calendar: hours.Calendar, started: datetime, pauses: Sequence[hours.Pause]
) -> Projection:
    """Say when a limit warns and runs out that counts from this moment, without the pauses."""
    target = limit.target
    due = hours.due(calendar, started, target, pauses)
    if due is None:
        return Projection(started, None, None)
    if target.kind in _HAVE_A_LENGTH:
        share = _share(target, limit.warn_percent)
    else:  # days have no length of their own: the share is one of the open time up to the due moment
        until_due = hours.open_seconds(calendar, started, due, pauses)
        share = hours.business(seconds=int(until_due * limit.warn_percent // 100))
    warn = hours.due(calendar, started, share, pauses)
    return Projection(started, due, due if warn is None else min(warn, due))


@lru_cache(maxsize=1024)
def _share(target: hours.Target, percent: int) -> hours.Target:
    return hours.Target(target.kind, target.amount * percent // 100)


def pauses_in(facts: Iterable[Fact]) -> list[hours.Pause]:
    """Give the pauses of a case; the last has no end while it lasts. A stop ends it too."""
    found: list[hours.Pause] = []
    since: datetime | None = None
    for fact in facts:
        if fact.kind is ClockEventKind.PAUSE and since is None:
            since = fact.at
        elif since is not None and fact.kind in _ENDS_A_PAUSE:
            found.append((since, fact.at))
            since = None
    if since is not None:
        found.append((since, None))
    return found


def wanted(in_force: Policy, case: Subject) -> list[Wanted]:
    """The clocks that a policy asks of a case: its own targets, then the levels."""
    own = [Wanted(kind, 0, limit) for kind, limit in in_force.limits_of(case).items()]
    levels = [
        Wanted(DeadlineKind.ESCALATE, one.level, Limit(one.target, policy.WARN_PERCENT, one.clause, one.row))
        for one in in_force.levels_of(case)
    ]
    return own + levels


def ran_out(due_at: datetime | None, number: int, in_force: Policy, now: datetime) -> bool:
    """Whether a clock had run out when the policy came into force; or by now, if it follows that one already."""
    if due_at is None:
        return False
    return due_at <= (in_force.since if number != in_force.number and in_force.since else now)
