"""Which due times of open cases would move if a draft came into force now: by the very code that moves them then."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from models.words import DeadlineKind
from portal.desk import deadlines
from portal.desk.deadlines import UNFINISHED, Moved
from portal.desk.matrix import Policy
from portal.desk.replay.outcomes import Past

_WRITTEN = (
    "kind",
    "level",
    "cycle",
    "target_kind",
    "target_amount",
    "warn_percent",
    "source",
    "policy",
    "calendar",
    "rule",
    "status",
    "started_at",
    "due_at",
    "warn_at",
    "next_at",
    "warned_at",
    "missed_at",
    "met_at",
)
"""What bringing a clock under another policy reads or writes of it."""


@dataclass(frozen=True, slots=True)
class At:
    """The moment at which it would be done."""

    now: datetime


class Moving(NamedTuple):
    """One clock whose due time would move, be begun or be stopped."""

    kind: DeadlineKind
    level: int
    before: datetime | None
    after: datetime | None
    what: str
    """`earlier`, `later`, `begun`, `stopped`."""


class _Clock:
    """A clock as it is written down, to be changed without anybody's noticing."""

    def __init__(self, row: Any) -> None:
        for name in _WRITTEN:
            setattr(self, name, getattr(row, name))


def moving(
    past: Past, reached: Collection[tuple[int, int]], policy: Policy, now: datetime
) -> Iterator[Moving]:
    """Say of an open case what publishing would move now. `policy` has a number and a start of its own.

    `reached` are the levels, with their cycle, to which the case was handed up.
    """
    case = past.case
    clocks: list[Any] = [_Clock(row) for row in past.clocks]
    runs = [(clock, clock.due_at) for clock in clocks if clock.status in UNFINISHED]
    missing: Any = deadlines.bring_under(At(now), case, clocks, past.facts, policy, Moved())  # type: ignore[arg-type]  # rows with the same fields
    for clock, before in runs:
        if clock.status not in UNFINISHED:
            yield Moving(clock.kind, clock.level, before, None, "stopped")
        elif clock.due_at != before:
            sooner = before is not None and clock.due_at is not None and clock.due_at < before
            yield Moving(clock.kind, clock.level, before, clock.due_at, "earlier" if sooner else "later")
    opening = policy.calendar_of(case).opening
    for one in missing:
        if one.kind is DeadlineKind.ESCALATE and (case.cycle, one.level) in reached:
            continue
        projection = deadlines.project(past.facts, one.limit, opening, case.cycle, one.kind, one.level)
        yield Moving(one.kind, one.level, None, projection.due_at, "begun")
