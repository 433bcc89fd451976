"""A desk of cases with all their clocks and facts: as many open ones as closed ones behind them.

Every fifth case stood still for some hours, every twentieth open one stands still now. The open ones follow a policy
with long targets, so that none has run out; the closed ones followed the one that ships, and some ran out under it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from bench.sheets import APART, KINDS, LEVELS, YEAR, Moment, Rows, Sheet, table_of
from models import Case, ClockEvent, Deadline
from models.words import CaseKind, ClockEventKind, DeadlineKind, DeadlineStatus
from portal.desk import projecting, rulebook
from portal.desk.matrix import Classified, Policy
from portal.desk.numbers import written
from portal.desk.work import Work

STOOD_STILL, STANDS_STILL = 5, 20
"""Of so many cases one did, of so many open ones one does."""
BUSINESS_DAY, DAY = 8 * 60, 24 * 60
"""Minutes."""
PAST = timedelta(days=60)
"""The closed cases were opened longer ago than this."""
LATELY = 900
"""The last open case was opened so many times APART ago, so that every pause has begun."""
PAUSED_AFTER = 150
"""Minutes; a closed case was answered before, and resolved later than any pause lasted."""
LONGEST_PAUSE = 80


class Event(NamedTuple):
    """A fact as the projection reads it."""

    kind: ClockEventKind
    at: datetime
    cycle: int = 1


def long_targets(document: Mapping[str, Any], *, longer: int = 0) -> dict[str, Any]:
    """A policy of which no open case runs out of time, with every target so many minutes longer."""
    targets = [
        told | {"amount": (30 * BUSINESS_DAY if told["to"] == "answer" else 60 * DAY) + longer}
        if told["to"] in {"answer", "resolve"}
        else told
        for told in document["targets"]
        if told["to"] != DeadlineKind.UPDATE  # begun anew by each word to the customer: the floor knows none
    ]
    levels = [
        told | {"counts": "business", "amount": 25 * BUSINESS_DAY + longer} for told in document["levels"]
    ]
    return {**document, "targets": targets, "levels": levels}


async def lengthen(work: Work, longer: int = 0) -> None:
    """Publish that policy; the clocks follow it, the first few at once."""
    version = await rulebook.draft(work)
    document = long_targets(version.document, longer=longer)
    await rulebook.save(work, version, version.version, document)
    await rulebook.publish(work, version, "Measured.")


@dataclass(slots=True)
class ClockPlan:
    """A desk of so many open and as many closed cases. Ids from 1 are open."""

    rows: int
    now: datetime
    shipped: Policy
    """Of the closed cases."""
    long: Policy
    """Of the open ones."""
    _due: dict[int, float] = field(default_factory=dict)

    def sheets(self, moment: Moment) -> list[Sheet]:
        """Every table's rows. The clocks come first, since a case keeps the moment of the first of them."""
        clocks = sum(3 + (KINDS[at % len(KINDS)] in LEVELS) for at in self._all())
        events = sum(len(self.facts(at)) for at in self._all())
        return [
            Sheet(table_of(Deadline), CLOCK, clocks, lambda: self._clocks(moment)),
            Sheet(table_of(Case), CASE, 2 * self.rows, lambda: self._cases(moment)),
            Sheet(table_of(ClockEvent), EVENT, events, lambda: self._events(moment)),
        ]

    def _all(self) -> range:
        return range(1, 2 * self.rows + 1)

    def is_open(self, at: int) -> bool:
        return at <= self.rows

    def opened(self, at: int) -> datetime:
        """When a case was opened: to the second."""
        if self.is_open(at):
            return self.now - timedelta(seconds=(self.rows - at + LATELY) * APART)
        return self.now - PAST - timedelta(seconds=(2 * self.rows - at) * APART * 5)

    def closed(self, at: int) -> datetime:
        """When a closed one was resolved: most within a day, some later."""
        return self.opened(at) + timedelta(hours=4 + at * 7 % 26, minutes=at % 60)

    def stands_still(self, at: int) -> bool:
        return self.is_open(at) and at % STANDS_STILL == 0

    def facts(self, at: int) -> list[Event]:
        """What moved the clocks of a case."""
        opened = self.opened(at)
        told = [Event(ClockEventKind.START, opened)]
        if at % STOOD_STILL == 0:
            paused = opened + timedelta(minutes=PAUSED_AFTER)
            told.append(Event(ClockEventKind.PAUSE, paused))
            if not self.stands_still(at):
                told.append(Event(ClockEventKind.RESUME, paused + timedelta(minutes=1 + at % LONGEST_PAUSE)))
        if not self.is_open(at):
            told.append(Event(ClockEventKind.STOP, self.closed(at)))
        return told

    def _clocks(self, moment: Moment) -> Rows:
        number = 0
        for at in self._all():
            found = self.long if self.is_open(at) else self.shipped
            calendar, facts = found.calendar(), self.facts(at)
            pauses = projecting.pauses_in(facts)
            for one in projecting.wanted(found, Classified(CaseKind(KINDS[at % len(KINDS)]))):
                if one.kind is DeadlineKind.UPDATE:
                    continue
                early = one.kind is DeadlineKind.ACKNOWLEDGE or (
                    one.kind is DeadlineKind.ANSWER and not self.is_open(at)
                )
                made = projecting.counted(one.limit, calendar.opening, facts[0].at, [] if early else pauses)
                status, met, missed = self._state(at, one.kind, made.due_at)
                number += 1
                running = status is DeadlineStatus.RUNNING
                if made.due_at and one.kind is not DeadlineKind.ESCALATE and running:
                    self._due[at] = min(self._due.get(at, float("inf")), made.due_at.timestamp())
                yield (
                    number,
                    at,
                    one.kind.value,
                    one.level,
                    one.limit.target.kind.value,
                    one.limit.target.amount,
                    one.limit.warn_percent,
                    one.limit.clause,
                    found.number,
                    calendar.id,
                    one.limit.row,
                    status.value,
                    moment(made.started_at.timestamp()),
                    *(
                        told and moment(told.timestamp())
                        for told in (
                            made.due_at,
                            made.warn_at,
                            made.warn_at if running else None,
                            missed,
                            met,
                        )
                    ),
                )

    def _state(
        self, at: int, kind: DeadlineKind, due: datetime | None
    ) -> tuple[DeadlineStatus, datetime | None, datetime | None]:
        """The state of a clock, when it was met and when it ran out."""
        opened, over = self.opened(at), not self.is_open(at)
        if kind is DeadlineKind.ACKNOWLEDGE:
            return DeadlineStatus.MET, opened + timedelta(minutes=5), None
        if not over:
            return (DeadlineStatus.RUNNING if due else DeadlineStatus.PAUSED), None, None
        met = self.answered(at) if kind is DeadlineKind.ANSWER else self.closed(at)
        late = due is not None and met > due
        if kind is DeadlineKind.ESCALATE:
            return (DeadlineStatus.MISSED if late else DeadlineStatus.STOPPED), None, due if late else None
        return (DeadlineStatus.MISSED if late else DeadlineStatus.MET), met, due if late else None

    def answered(self, at: int) -> datetime:
        """When a closed case got its first answer."""
        return self.opened(at) + timedelta(minutes=20 + at % 100)

    def _cases(self, moment: Moment) -> Rows:
        for at in self._all():
            over, opened = not self.is_open(at), self.opened(at).timestamp()
            due = self._due.get(at)
            yield (
                at,
                written("case", YEAR, at),
                KINDS[at % len(KINDS)],
                "resolved" if over else "waiting" if self.stands_still(at) else "open",
                "phone",
                f"Parcel {at % 977} and what became of it",
                1 + at % 5,
                "answered" if over else None,
                moment(opened),
                None if due is None else moment(due),
                moment(opened + 300),
                moment(self.answered(at).timestamp()) if over else None,
                moment(self.closed(at).timestamp()) if over else None,
            )

    def _events(self, moment: Moment) -> Rows:
        number = 0
        for at in self._all():
            for fact in self.facts(at):
                number += 1
                yield number, at, fact.kind.value, moment(fact.at.timestamp())


CLOCK = (
    "id", "case_id", "kind", "level", "target_kind", "target_amount", "warn_percent", "source", "policy", "calendar",
    "rule", "status", "started_at", "due_at", "warn_at", "next_at", "missed_at", "met_at",
)  # fmt: skip
CASE = (
    "id", "number", "kind", "status", "channel", "subject", "held_by_id", "resolution_code", "opened_at", "due_at",
    "acknowledged_at", "answered_at", "resolved_at",
)  # fmt: skip
EVENT = ("id", "case_id", "kind", "at")
