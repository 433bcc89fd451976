"""What a policy is made of: rows with conditions, levels, calendars and who runs on which. First match wins.

Nothing here knows a database; a document becomes one of these in `reading`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Protocol

from models.words import CaseKind, Channel, DeadlineKind, Role, Severity, Tier
from portal.desk.errors import WrongMoment
from portal.desk.hours import Calendar, Target
from portal.desk.policy import Level, Limit

CONDITIONS: Mapping[str, type] = MappingProxyType(
    {"kind": CaseKind, "severity": Severity, "channel": Channel, "tier": Tier}
)
"""What a row can ask of a case, in the order in which it is said."""
OWN_CHANNEL = "own:"
OWN = tuple(kind for kind in DeadlineKind if kind is not DeadlineKind.ESCALATE)
"""The targets of a case itself; levels are rows of their own."""
REPEATED = frozenset({DeadlineKind.NEXT_ANSWER, DeadlineKind.UPDATE})
"""Targets that begin anew each time the customer writes, or is told something."""
MOMENTS = ("on_met", "on_warning", "on_missed")


class Subject(Protocol):
    """What the matrix asks of a case."""

    @property
    def kind(self) -> CaseKind: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def own_channel(self) -> str: ...
    @property
    def tier(self) -> Tier: ...


class Placed(Protocol):
    """What says on which calendar a case runs."""

    @property
    def calendar_id(self) -> int | None: ...
    @property
    def team(self) -> str: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def own_channel(self) -> str: ...
    @property
    def country(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Classified:
    """A case as the matrix sees it, for questions about one that is not there yet."""

    kind: CaseKind
    severity: Severity = Severity.NORMAL
    channel: Channel = Channel.PHONE
    tier: Tier = Tier.STANDARD
    own_channel: str = ""


def own(name: str) -> str:
    """How the policy writes a channel of the desk's own, so that none is taken for a usual one: `own:Letter`."""
    return f"{OWN_CHANNEL}{name}"


def came_by(subject: Subject | Placed, wanted: str) -> bool:
    """Whether a case came by this channel: one of the desk's own also counts as the one it behaves like. S0-1.2b"""
    return wanted == subject.channel.value or (wanted != "" and wanted == own(subject.own_channel))


def _meets(subject: Subject, name: str, wanted: str) -> bool:
    if name == "channel":
        return came_by(subject, wanted)
    return bool(getattr(subject, name).value == wanted)


@dataclass(frozen=True, slots=True)
class Action:
    """Something that happens by itself when a target is met, warns or is missed."""

    do: str
    """`notify`, `task`, `raise`, `message` or `severity`."""
    to: str = ""
    """`holder` or a role, for a notice and a task."""
    severity: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the matrix: a target or a level, for the cases that its conditions name."""

    key: str
    conditions: Mapping[str, str]
    limit: Limit | None
    """None in a row that switches off: the cases it names have no such clock."""
    to: DeadlineKind
    level: int = 0
    to_role: Role | None = None
    turn_minutes: int = 0
    """Of a level: how long each has before the next one is told; 0 where all are told together. S2-13.2"""
    actions: Mapping[str, tuple[Action, ...]] = field(default_factory=dict)

    def holds(self, subject: Subject) -> bool:
        """Whether every condition of the row is met by this case."""
        return all(_meets(subject, name, wanted) for name, wanted in self.conditions.items())

    def as_level(self) -> Level | None:
        """As a row of the escalation matrix; None where it switches one off, and for a target."""
        if self.limit is None or self.to_role is None:
            return None
        limit = self.limit
        return Level(self.level, self.to_role, limit.target, limit.clause, self.key, self.turn_minutes)


@dataclass(frozen=True, slots=True)
class DeskCalendar:
    """A calendar as one version of the policy has it."""

    id: int
    name: str
    zone: str
    hours: str
    region: str
    days: Mapping[date, tuple[str, str]]
    """The exceptional days: hours, or `off`, and what the day is called."""
    opening: Calendar


@dataclass(frozen=True, slots=True)
class Assignment:
    """The cases that run on a calendar other than the default one. The first that holds wins."""

    calendar: int
    team: str = ""
    channel: str = ""
    country: str = ""

    def holds(self, case: Placed) -> bool:
        """Whether the case is of this team, channel and country, as far as the assignment names them."""
        return (
            self.team in {"", case.team}
            and (not self.channel or came_by(case, self.channel))
            and self.country in {"", case.country}
        )


@dataclass(frozen=True, slots=True)
class DeskTime:
    """How long something may take that is no case's: ticking an order, deciding on a special request. S1-4.7.1, S1-4.5.2"""

    key: str
    words: str
    target: Target
    clause: str
    calendar: int | None = None
    """The one it is counted on; None for that of all other cases."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One row that was looked at for a case, and why it did not win or did."""

    row: Row
    failed: str
    """The first condition that the case does not meet; empty for the row that won."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is in force: the rows of the matrix, and the calendars with who runs on which."""

    targets: tuple[Row, ...]
    levels: tuple[Row, ...]
    calendars: Mapping[int, DeskCalendar]
    default_calendar: int | None
    assignments: tuple[Assignment, ...] = ()
    number: int = 0
    """Of the version; 0 for what ships with the product, as long as nothing was published."""
    since: datetime | None = None
    """When it came into force."""
    times: Mapping[str, DeskTime] = field(default_factory=dict)
    """By their keys, each of `policy.TIMES`."""
    rows: Mapping[str, Row] = field(init=False, repr=False, compare=False)
    _found: dict[tuple[str, ...], tuple[dict[DeadlineKind, Limit], tuple[Level, ...]]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", {row.key: row for row in (*self.targets, *self.levels)})

    def limits_of(self, subject: Subject) -> dict[DeadlineKind, Limit]:
        """The targets of a case: for each, the first row that holds for it. Do not change what is given."""
        return self._of(subject)[0]

    def levels_of(self, subject: Subject) -> tuple[Level, ...]:
        """The levels of a case, lowest first: for each, the first row that holds for it."""
        return self._of(subject)[1]

    def next_level(self, subject: Subject, reached: int) -> Level | None:
        """Give the first level of the matrix above the one reached; None at the top."""
        return next((step for step in self.levels_of(subject) if step.level > reached), None)

    def roles_called(self, kind: CaseKind) -> tuple[Role, ...]:
        """Every role that some level calls for this kind of case, however severe it is and wherever it comes from."""
        return tuple(
            row.to_role
            for row in self.levels
            if row.to_role is not None
            and row.limit is not None
            and row.conditions.get("kind", kind.value) == kind.value
        )

    def why(self, subject: Subject, to: DeadlineKind, level: int = 0) -> list[Tried]:
        """Every row looked at for one target, in order, down to the one that won; all of them if none did."""
        tried = []
        for row in self.levels if to is DeadlineKind.ESCALATE else self.targets:
            if row.to is not to or row.level != level:
                continue
            failed = next(
                (name for name, wanted in row.conditions.items() if not _meets(subject, name, wanted)),
                "",
            )
            tried.append(Tried(row, failed))
            if not failed:
                break
        return tried

    def calendar_id(self, case: Placed) -> int | None:
        """Say on which calendar a case runs: its own, the first that an assignment names, else the default one."""
        if case.calendar_id is not None and case.calendar_id in self.calendars:
            return case.calendar_id
        found = next((one.calendar for one in self.assignments if one.holds(case)), None)
        return self.default_calendar if found is None else found

    def calendar_of(self, case: Placed) -> DeskCalendar:
        """Give the calendar a case runs on. Raises WrongMoment when none is the default one."""
        return self.calendar(self.calendar_id(case))

    def calendar(self, calendar_id: int | None = None) -> DeskCalendar:
        """Give a calendar, or the default one. Raises WrongMoment when there is none."""
        found = self.calendars.get(calendar_id or self.default_calendar or 0)
        if found is None:
            raise WrongMoment("No calendar is marked as the default one, so no deadline can be counted.")
        return found

    def _of(self, subject: Subject) -> tuple[dict[DeadlineKind, Limit], tuple[Level, ...]]:
        """Looked for once for each kind of case there is: a recompute asks for each of a hundred thousand."""
        sort = (*(getattr(subject, name).value for name in CONDITIONS), subject.own_channel)
        found = self._found.get(sort)
        if found is None:
            limits: dict[DeadlineKind, Limit | None] = {}
            for row in self.targets:
                if row.to not in limits and row.holds(subject):
                    limits[row.to] = row.limit
            levels: dict[int, Level | None] = {}
            for row in self.levels:
                if row.level not in levels and row.holds(subject):
                    levels[row.level] = row.as_level()
            found = self._found[sort] = (
                {kind: limit for kind, limit in limits.items() if limit is not None},
                tuple(level for _, level in sorted(levels.items()) if level is not None),
            )
        return found
