"""The policy as one document: which case has which targets, to whom it goes when, and on which hours. First match wins.

A document is plain JSON, so that versions of it can be kept, compared and tried on past cases. `read` makes a
`Policy` of it and refuses, row by row and field by field, what no clock could follow. Nothing here knows a database.

    {"targets": [{"key", "to", "kind", "severity", "channel", "tier", "counts", "amount", "warn", "clause", "off",
                  "on_met", "on_warning", "on_missed"}],
     "levels": [{"key", "kind", "severity", "channel", "tier", "level", "to_role", "counts", "amount", "clause", "off"}],
     "calendars": [{"id", "name", "zone", "hours", "region", "days": {"2026-12-25": {"hours", "name"}}}],
     "default_calendar": 1, "assignments": [{"calendar", "team", "channel", "country"}]}

A condition left out or empty holds for every case. `amount` is in minutes for elapsed and business time, in days for
business days, 0 for the same business day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Protocol

from models.words import CaseKind, Channel, DeadlineKind, Role, Severity, TargetKind, Tier
from portal.desk import hours
from portal.desk.errors import NotAccepted, WrongMoment
from portal.desk.hours import Calendar, Target
from portal.desk.policy import Level, Limit, counted

CONDITIONS: Mapping[str, type] = MappingProxyType(
    {"kind": CaseKind, "severity": Severity, "channel": Channel, "tier": Tier}
)
"""What a row can ask of a case, in the order in which it is said."""
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
    def country(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Classified:
    """A case as the matrix sees it, for questions about one that is not there yet."""

    kind: CaseKind
    severity: Severity = Severity.NORMAL
    channel: Channel = Channel.PHONE
    tier: Tier = Tier.STANDARD


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
    actions: Mapping[str, tuple[Action, ...]] = field(default_factory=dict)

    def holds(self, subject: Subject) -> bool:
        """Whether every condition of the row is met by this case."""
        return all(getattr(subject, name).value == wanted for name, wanted in self.conditions.items())

    def as_level(self) -> Level | None:
        """As a row of the escalation matrix; None where it switches one off, and for a target."""
        if self.limit is None or self.to_role is None:
            return None
        return Level(self.level, self.to_role, self.limit.target, self.limit.clause, self.key)


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
            and self.channel in {"", case.channel.value}
            and self.country in {"", case.country}
        )


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
                (name for name, wanted in row.conditions.items() if getattr(subject, name).value != wanted),
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
        sort = tuple(getattr(subject, name).value for name in CONDITIONS)
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


def read(document: Mapping[str, Any], number: int = 0, since: datetime | None = None) -> Policy:
    """Make the policy of a document. Raises NotAccepted, per row and field, for what no clock could follow.

    A field is named by where it stands: `targets.2.amount`, `calendars.1.hours`.
    """
    refused: dict[str, str] = {}
    targets = _rows(document, "targets", refused)
    levels = _rows(document, "levels", refused)
    calendars = _calendars(document, refused)
    default = document.get("default_calendar")
    if default is not None and default not in calendars and not refused:
        refused["default_calendar"] = "Choose one of the calendars."
    assignments = _assignments(document, calendars, refused)
    keys = [row.key for row in (*targets, *levels)]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            part, at = ("targets", place) if place < len(targets) else ("levels", place - len(targets))
            refused.setdefault(f"{part}.{at}.key", f"Another row is called {key}.")
    if refused:
        raise NotAccepted.of(refused)
    return Policy(
        tuple(targets), tuple(levels), MappingProxyType(calendars), default, tuple(assignments), number, since
    )


def _rows(document: Mapping[str, Any], part: str, refused: dict[str, str]) -> list[Row]:
    found = []
    for place, told in enumerate(_list(document, part, refused)):
        wrong: dict[str, str] = {}
        row = _row(told, part, wrong) if isinstance(told, dict) else None
        if row is None and not wrong:
            wrong["key"] = "A row is an object with fields."
        refused.update({f"{part}.{place}.{name}": words for name, words in wrong.items()})
        if row is not None:
            found.append(row)
    return found


def _list(document: Mapping[str, Any], part: str, refused: dict[str, str]) -> Sequence[Any]:
    told = document.get(part) or []
    if isinstance(told, list):
        return told
    refused[part] = "A list of rows belongs here."
    return []


LONGEST_MINUTES = 60 * 24 * 366
LONGEST_KEY = 60
HIGHEST_LEVEL = 20
_ACTIONS = ("notify", "task", "raise", "message", "severity")
MOST_ACTIONS = 8


def _row(told: Mapping[str, Any], part: str, wrong: dict[str, str]) -> Row | None:
    key = told.get("key")
    if not isinstance(key, str) or not key.strip() or len(key) > LONGEST_KEY:
        wrong["key"] = f"A row needs a name of at most {LONGEST_KEY} letters."
    conditions = {}
    for name, words in CONDITIONS.items():
        wanted = told.get(name) or ""
        if wanted and wanted not in {one.value for one in words}:  # type: ignore[attr-defined]  # a StrEnum
            wrong[name] = "Choose one of the list, or leave it open."
        elif wanted:
            conditions[name] = str(wanted)
    is_level = part == "levels"
    to = DeadlineKind.ESCALATE if is_level else _one(told, "to", OWN, wrong)
    level, to_role = 0, None
    if is_level:
        level = told.get("level", 0)
        if not _whole(level) or not 1 <= level <= HIGHEST_LEVEL:
            wrong["level"] = f"A level is a number from 1 to {HIGHEST_LEVEL}."
        to_role = _one(told, "to_role", tuple(Role), wrong)
    limit = None
    if not told.get("off"):
        limit = _limit(told, wrong)
    actions = {} if is_level else _actions(told, wrong)
    if wrong or to is None:
        return None
    return Row(str(key), conditions, limit, to, level, to_role, actions)


def _limit(told: Mapping[str, Any], wrong: dict[str, str]) -> Limit | None:
    kind = _one(told, "counts", tuple(TargetKind), wrong)
    amount, warn = told.get("amount", 0), told.get("warn", 75)
    if not _whole(amount) or not 0 <= amount <= LONGEST_MINUTES:
        wrong["amount"] = "Between 0 and a year."
    elif kind is TargetKind.SAME_BUSINESS_DAY and amount:
        wrong["amount"] = "The same business day takes no amount: leave it at 0."
    elif kind is TargetKind.BUSINESS_DAYS and amount > 366:  # noqa: PLR2004 - days of a year
        wrong["amount"] = "Between 0 and a year."
    if not _whole(warn) or not 1 <= warn <= 100:  # noqa: PLR2004 - per cent
        wrong["warn"] = "Between 1 and 100 per cent of the time."
    clause = told.get("clause") or ""
    if not isinstance(clause, str) or len(clause) > LONGEST_KEY:
        wrong["clause"] = f"At most {LONGEST_KEY} letters."
    if wrong or kind is None:
        return None
    return Limit(counted(kind, amount), warn, clause, str(told.get("key", "")))


def _actions(told: Mapping[str, Any], wrong: dict[str, str]) -> dict[str, tuple[Action, ...]]:
    found = {}
    for moment in MOMENTS:
        if moment not in told:
            continue
        listed = told[moment]
        if not isinstance(listed, list) or len(listed) > MOST_ACTIONS:
            wrong[moment] = f"A list of at most {MOST_ACTIONS} actions."
            continue
        actions = [_action(one) for one in listed]
        if None in actions:
            wrong[moment] = "An action needs what it does, and to whom or what."
        else:
            found[moment] = tuple(one for one in actions if one is not None)
    return found


def _action(told: Any) -> Action | None:
    if not isinstance(told, dict) or told.get("do") not in _ACTIONS:
        return None
    do, to, words = told["do"], told.get("to", ""), told.get("words", "")
    if not isinstance(words, str) or len(words) > 300:  # noqa: PLR2004 - a sentence
        return None
    severity = told.get("severity", "")
    if do in {"notify", "task"} and to not in {"holder", *map(str, Role)}:
        return None
    if do == "severity" and severity not in set(map(str, Severity)):
        return None
    return Action(
        do, to if do in {"notify", "task"} else "", severity if do == "severity" else "", words.strip()
    )


_LONGEST = {"name": 120, "zone": 64, "hours": 500, "region": 20}
"""Letters that the tables of calendars have room for."""
LONGEST_DAY = 120


def _calendars(document: Mapping[str, Any], refused: dict[str, str]) -> dict[int, DeskCalendar]:
    found: dict[int, DeskCalendar] = {}
    for place, told in enumerate(_list(document, "calendars", refused)):
        at = f"calendars.{place}"
        if not isinstance(told, dict) or not _whole(told.get("id")):
            refused[f"{at}.id"] = "A calendar needs its number."
            continue
        texts = {name: told.get(name) or "" for name in ("name", "zone", "hours", "region")}
        if not all(isinstance(one, str) for one in texts.values()) or not texts["name"].strip():
            refused[f"{at}.name"] = "Give the calendar a name."
            continue
        if texts["name"] in {one.name for one in found.values()}:
            refused[f"{at}.name"] = "Another calendar has this name."
        refused.update(
            {
                f"{at}.{name}": f"At most {longest} letters."
                for name, longest in _LONGEST.items()
                if len(texts[name]) > longest
            }
        )
        try:
            days = {
                date.fromisoformat(day): (str(one.get("hours", "off")), str(one.get("name", "")))
                for day, one in (told.get("days") or {}).items()
            }
        except (ValueError, AttributeError, TypeError):
            refused[f"{at}.days"] = "A day is written as 2026-12-25, with hours and a name."
            continue
        if any(len(one) > LONGEST_DAY for one, _ in days.values()):
            refused[f"{at}.hours"] = f"The hours of a day take at most {LONGEST_DAY} letters."
            continue
        try:
            opening = hours.parse(
                texts["zone"], texts["hours"], {day: one for day, (one, _) in days.items()}, texts["name"]
            )
        except hours.HoursError as error:
            refused[f"{at}.{'zone' if 'time zone' in error.message else 'hours'}"] = error.message
            continue
        found[told["id"]] = DeskCalendar(told["id"], **texts, days=MappingProxyType(days), opening=opening)
    return found


def _assignments(
    document: Mapping[str, Any], calendars: Mapping[int, DeskCalendar], refused: dict[str, str]
) -> list[Assignment]:
    found = []
    for place, told in enumerate(_list(document, "assignments", refused)):
        at = f"assignments.{place}"
        if not isinstance(told, dict):
            refused[at] = "An assignment is an object with fields."
            continue
        fields = {name: told.get(name) or "" for name in ("team", "channel", "country")}
        if not all(isinstance(one, str) and len(one) <= 100 for one in fields.values()):  # noqa: PLR2004 - a name
            refused[f"{at}.team"] = "Names of at most 100 letters."
            continue
        if fields["channel"] and fields["channel"] not in set(map(str, Channel)):
            refused[f"{at}.channel"] = "Choose a channel of the list, or leave it open."
        if told.get("calendar") not in calendars:
            refused[f"{at}.calendar"] = "Choose one of the calendars."
            continue
        if not any(fields.values()):
            refused[f"{at}.team"] = (
                "Say which team, channel or country it is for; the rest has the default one."
            )
        found.append(Assignment(told["calendar"], **fields))
    return found


def _one(told: Mapping[str, Any], name: str, words: Sequence[Any], wrong: dict[str, str]) -> Any:
    found = next((word for word in words if word.value == told.get(name)), None)
    if found is None:
        wrong[name] = "Choose one of the list."
    return found


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def target_of(row: Row) -> Target | None:
    """What a row counts; None where it switches off."""
    return row.limit.target if row.limit else None
