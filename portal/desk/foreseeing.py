"""Which due times would move if a case came under a policy, or were classified otherwise: by the code that moves them.

`following.Anew` says what would be written; here it is kept to be shown instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from models.words import DeadlineKind, DeadlineStatus
from portal.desk.following import Anew, Asked, Moved, Told
from portal.desk.matrix import Policy

EARLIER, LATER, BEGUN, STOPPED = "earlier", "later", "begun", "stopped"


class Moving(NamedTuple):
    """One clock whose due time would move, be begun or be stopped."""

    kind: DeadlineKind
    level: int
    before: datetime | None
    after: datetime | None
    what: str
    """One of the four words above."""


@dataclass(slots=True)
class _Foreseen(Anew):
    """What would be written, kept to be shown instead."""

    moving: list[Moving] = field(default_factory=list)

    def note(self, clock: Any, due_at: datetime | None, status: str) -> None:
        """Keep what would move of a clock."""
        before, kind = clock.due_at, DeadlineKind(clock.kind)
        if clock.status == DeadlineStatus.STOPPED:
            self.moving.append(Moving(kind, clock.level, None, due_at, BEGUN))
        elif status in _ENDED:
            self.moving.append(Moving(kind, clock.level, before, None, STOPPED))
        elif due_at != before:
            sooner = before is not None and due_at is not None and due_at < before
            self.moving.append(Moving(kind, clock.level, before, due_at, EARLIER if sooner else LATER))

    def begin(self, told: Told, one: Asked) -> None:
        """Keep which clock would begin."""
        wanted = one.wanted
        due_at = told.project(wanted, wanted.level).due_at
        self.moving.append(Moving(wanted.kind, wanted.level, None, due_at, BEGUN))


_ENDED = frozenset({DeadlineStatus.STOPPED, DeadlineStatus.MISSED})


def moving(
    case: Any,
    facts: Sequence[Any],
    clocks: Sequence[Any],
    raised: Sequence[Any],
    policy: Policy,
    now: datetime,
) -> list[Moving]:
    """Say of an open case what would move under this policy now.

    `case` has the fields of `clock_rows.CASES`, as it is or as it would be classified; `clocks` are rows of
    `clock_rows.SEEN`, `raised` those of `clock_rows.RAISED` of this case.
    """
    anew = _Foreseen(policy, now, Moved())
    anew.take(Told(case, facts, policy), clocks)
    anew.begin_lacking({(row.case_id, row.cycle): row for row in raised})
    return anew.moving
