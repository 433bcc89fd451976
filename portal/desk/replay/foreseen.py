"""Which due times of open cases would move if a draft came into force now: by the very code that moves them then."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from models.words import DeadlineKind, DeadlineStatus
from portal.desk.following import Anew, Moved, Told
from portal.desk.matrix import Policy
from portal.desk.replay.outcomes import Past


class Moving(NamedTuple):
    """One clock whose due time would move, be begun or be stopped."""

    kind: DeadlineKind
    level: int
    before: datetime | None
    after: datetime | None
    what: str
    """`earlier`, `later`, `begun`, `stopped`."""


@dataclass(slots=True)
class _Foreseen(Anew):
    """What publishing would write, kept to be shown instead."""

    moving: list[Moving] = field(default_factory=list)

    def note(self, clock: Any, due_at: datetime | None, status: str) -> None:
        """Keep what would move of a clock."""
        before, kind = clock.due_at, DeadlineKind(clock.kind)
        if status in ENDED:
            self.moving.append(Moving(kind, clock.level, before, None, "stopped"))
        elif due_at != before:
            sooner = before is not None and due_at is not None and due_at < before
            what = "earlier" if sooner else "later"
            self.moving.append(Moving(kind, clock.level, before, due_at, what))


ENDED = frozenset({DeadlineStatus.STOPPED, DeadlineStatus.MISSED})


def moving(
    past: Past, clocks: Sequence[Any], reached: Collection[tuple[int, int]], policy: Policy, now: datetime
) -> Iterator[Moving]:
    """Say of an open case what publishing would move now. `policy` has a number and a start of its own.

    `clocks` are rows of `clock_rows.SEEN`. `reached` are the levels, with their cycle, to which the case was handed up.
    """
    case = past.case
    anew = _Foreseen(policy, now, Moved())
    anew.take(Told(case, past.facts, policy), clocks)
    yield from anew.moving
    for told, asked in anew.lacking:
        one = asked.wanted
        if one.kind is DeadlineKind.ESCALATE and (case.cycle, one.level) in reached:
            continue
        due_at = told.project(one, case.cycle, one.level).due_at
        yield Moving(one.kind, one.level, None, due_at, "begun")
