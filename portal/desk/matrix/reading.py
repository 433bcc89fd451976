"""The policy as one document: which case has which targets, to whom it goes when, and on which hours. First match wins.

A document is plain JSON, so that versions of it can be kept, compared and tried on past cases. `read` makes a
`Policy` of it and refuses, row by row and field by field, what no clock could follow. Nothing here knows a database.

    {"targets": [{"key", "to", "kind", "severity", "channel", "tier", "counts", "amount", "warn", "clause", "off",
                  "on_met", "on_warning", "on_missed"}],
     "levels": [{"key", "kind", "severity", "channel", "tier", "level", "to_role", "turn_minutes", "counts", "amount",
                 "clause", "off"}],
     "calendars": [{"id", "name", "zone", "hours", "region", "days": {"2026-12-25": {"hours", "name"}}}],
     "default_calendar": 1, "assignments": [{"calendar", "team", "channel", "country"}],
     "times": [{"key", "counts", "amount", "calendar"}]}

A condition left out or empty holds for every case. `amount` is in minutes for elapsed and business time, in days for
business days, 0 for the same business day. A time left out is as it ships. A level with `turn_minutes` tells those of its
role one after the other, each so long after the one before; without, all together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from models.words import Channel, DeadlineKind, Role, Severity, TargetKind
from portal.desk import hours
from portal.desk.errors import NotAccepted
from portal.desk.matrix.rows import (
    CONDITIONS,
    MOMENTS,
    OWN,
    OWN_CHANNEL,
    Action,
    Assignment,
    DeskCalendar,
    DeskTime,
    Policy,
    Row,
)
from portal.desk.policy import TIMES, Limit, counted


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
    times = _times(document, calendars, refused)
    keys = [row.key for row in (*targets, *levels)]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            part, at = ("targets", place) if place < len(targets) else ("levels", place - len(targets))
            refused.setdefault(f"{part}.{at}.key", f"Another row is called {key}.")
    if refused:
        raise NotAccepted.of(refused)
    return Policy(
        tuple(targets),
        tuple(levels),
        MappingProxyType(calendars),
        default,
        tuple(assignments),
        number,
        since,
        MappingProxyType(times),
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
LONGEST_TURN = 60 * 24
"""Minutes that each may have before the next one is told."""
LONGEST_NAME = 100
HIGHEST_LEVEL = 20
_OWN = re.compile(rf"{OWN_CHANNEL}[^\W_][^\n,:]*")
_ACTIONS = ("notify", "task", "raise", "message", "severity")
MOST_ACTIONS = 8


def _row(told: Mapping[str, Any], part: str, wrong: dict[str, str]) -> Row | None:
    key = told.get("key")
    if not isinstance(key, str) or not key.strip() or len(key) > LONGEST_KEY:
        wrong["key"] = f"A row needs a name of at most {LONGEST_KEY} letters."
    conditions = {}
    for name, words in CONDITIONS.items():
        wanted = told.get(name) or ""
        named = name == "channel" and _is_own(wanted)
        if wanted and not named and wanted not in {one.value for one in words}:  # type: ignore[attr-defined]  # a StrEnum
            wrong[name] = "Choose one of the list, or leave it open."
        elif wanted:
            conditions[name] = str(wanted)
    is_level = part == "levels"
    to = DeadlineKind.ESCALATE if is_level else _one(told, "to", OWN, wrong)
    level, to_role, turn = 0, None, 0
    if is_level:
        level = told.get("level", 0)
        if not _whole(level) or not 1 <= level <= HIGHEST_LEVEL:
            wrong["level"] = f"A level is a number from 1 to {HIGHEST_LEVEL}."
        to_role = _one(told, "to_role", tuple(Role), wrong)
        turn = told.get("turn_minutes", 0)
        if not _whole(turn) or not 0 <= turn <= LONGEST_TURN:
            wrong["turn_minutes"] = f"Between 1 and {LONGEST_TURN} minutes."
    limit = None
    if not told.get("off"):
        limit = _limit(told, wrong)
    actions = {} if is_level else _actions(told, wrong)
    if wrong or to is None:
        return None
    return Row(str(key), conditions, limit, to, level, to_role, turn, actions)


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
        if not all(isinstance(one, str) and len(one) <= LONGEST_NAME for one in fields.values()):
            refused[f"{at}.team"] = f"Names of at most {LONGEST_NAME} letters."
            continue
        channel = fields["channel"]
        if channel and not _is_own(channel) and channel not in set(map(str, Channel)):
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


def _times(
    document: Mapping[str, Any], calendars: Mapping[int, DeskCalendar], refused: dict[str, str]
) -> dict[str, DeskTime]:
    found = {key: DeskTime(key, *shipped) for key, shipped in TIMES.items()}
    for place, told in enumerate(_list(document, "times", refused)):
        key = told.get("key") if isinstance(told, dict) else None
        if not isinstance(key, str) or key not in TIMES:
            refused[f"times.{place}.key"] = "Choose one of the list."
            continue
        wrong: dict[str, str] = {}
        limit, calendar = _limit({**told, "warn": 75, "clause": ""}, wrong), told.get("calendar")
        if calendar is not None and calendar not in calendars:
            wrong["calendar"] = "Choose one of the calendars."
        refused.update({f"times.{place}.{name}": words for name, words in wrong.items()})
        if limit is not None and not wrong:
            words, _, clause = TIMES[key]
            found[key] = DeskTime(key, words, limit.target, clause, calendar)
    return found


def _is_own(told: object) -> bool:
    """Whether a policy names a channel of a desk's own; which there are is asked where it is chosen."""
    return isinstance(told, str) and len(told) <= LONGEST_NAME and bool(_OWN.fullmatch(told))


def _one(told: Mapping[str, Any], name: str, words: Sequence[Any], wrong: dict[str, str]) -> Any:
    found = next((word for word in words if word.value == told.get(name)), None)
    if found is None:
        wrong[name] = "Choose one of the list."
    return found


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
