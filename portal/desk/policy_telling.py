"""The policy in words: which cases a row names, how long it gives, what it does by itself, when a calendar opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from zlib import crc32

from models.words import DeadlineKind
from portal.desk.hours import HoursError, elapsed, telling
from portal.desk.matrix import (
    CONDITIONS,
    OWN_CHANNEL,
    Action,
    Assignment,
    DeskCalendar,
    DeskTime,
    Policy,
    Row,
    Subject,
    Tried,
)
from portal.desk.policy import in_words

SHOWN_WINDOWS = 10
"""Open windows that show whoever changed a calendar what it says now."""
BY = {
    "phone": "by phone",
    "email": "by e-mail",
    "chat": "by chat",
    "social": "by social media",
    "online": "online",
    "in_person": "in person",
}
DEEDS = {
    "notify": "Send a notice",
    "task": "Give a task",
    "raise": "Hand the case up",
    "message": "Write to the customer",
    "severity": "Set the severity",
}
"""What may happen by itself, in the order in which it is offered."""
MOMENTS = {"on_warning": "when it warns", "on_missed": "when it is missed", "on_met": "when it is met"}


def spoken(word: str) -> str:
    """One of our words within a sentence: `order error`."""
    return word.replace("_", " ")


def cases_of(conditions: Mapping[str, str]) -> str:
    """Say which cases a row is for: `every case`, `complaint, urgent, by phone, priority customers`."""
    said = [_condition(name, conditions[name]) for name in CONDITIONS if name in conditions]
    return ", ".join(said) or "every case"


def _condition(name: str, value: str) -> str:
    if name == "channel":
        return by(value)
    return f"{value} customers" if name == "tier" else spoken(value)


def by(channel: str) -> str:
    """Say by which channel within a sentence: `by phone`, `by Letter` for one of the desk's own."""
    return BY.get(channel) or f"by {channel.removeprefix(OWN_CHANNEL)}"


def never_reached(rows: Sequence[Row]) -> dict[str, int]:
    """Give the rows that no case ever comes to, each with the place of the one above that takes every case of it."""
    found = {}
    for place, row in enumerate(rows):
        for above, other in enumerate(rows[:place], 1):
            same = (other.to, other.level) == (row.to, row.level)
            if same and other.conditions.items() <= row.conditions.items():
                found[row.key] = above
                break
    return found


def within(row: Row) -> str:
    """Say how long a row gives: `1 business hour`; that it switches off where it does."""
    return in_words(row.limit.target) if row.limit else "switched off"


def about(row: Row) -> str:
    """Say what a row is about: `Answer, every case`, `Level 1, complaint`."""
    what = f"level {row.level}" if row.to is DeadlineKind.ESCALATE else spoken(row.to.value)
    return f"{what.capitalize()}, {cases_of(row.conditions)}"


def says(row: Row) -> str:
    """Say what a row gives, all of it in one line."""
    if row.limit is None:
        return "switched off"
    if row.to_role is not None:
        said = [f"to the {spoken(row.to_role.value)} after {within(row)}"]
        said += [in_turn(row.turn_minutes)] if row.turn_minutes else []
    else:
        said = [within(row), f"warned at {row.limit.warn_percent} %"]
    said += [f"by {row.limit.clause}"] if row.limit.clause else []
    said += [f"{words}: {', '.join(map(does, row.actions.get(at, ())))}" for at, words in _acting(row)]
    return ", ".join(said)


def in_turn(minutes: int) -> str:
    """Say how those of a level are told: `one after the other, 15 minutes each`. S2-13.2"""
    if not minutes:
        return "all together"
    return f"one after the other, {in_words(elapsed(minutes=minutes))} each"


def _acting(row: Row) -> list[tuple[str, str]]:
    return [(at, words) for at, words in MOMENTS.items() if row.actions.get(at)]


def acts(row: Row) -> list[str]:
    """Say what a row does by itself, a line for each moment: `When it is missed: send the manager a notice`."""
    return [f"{words.capitalize()}: {', '.join(map(does, row.actions[at]))}" for at, words in _acting(row)]


def does(action: Action) -> str:
    """Say one thing that happens by itself: `send the holder a notice “Look at it.”`."""
    said = {
        "notify": f"send the {spoken(action.to)} a notice",
        "task": f"give the {spoken(action.to)} a task",
        "raise": "hand the case up",
        "message": "write to the customer",
        "severity": f"set the severity to {action.severity}",
    }[action.do]
    return f"{said} “{action.words}”" if action.words else said


def why_not(tried: Tried, subject: Subject) -> str:
    """Say why a row that was looked at does not hold for a case; empty for the one that won."""
    if not tried.failed:
        return ""
    asks, is_so = tried.row.conditions[tried.failed], getattr(subject, tried.failed).value
    if tried.failed == "channel":
        asks, is_so = asks.removeprefix(OWN_CHANNEL), subject.own_channel or is_so
    name = {"tier": "customer"}.get(tried.failed, tried.failed)
    return f"asks for the {name} {spoken(asks)}, and this is {spoken(is_so)}"


def lasts(policy: Policy, time: DeskTime) -> str:
    """Say how long something may take, and on which calendar where it is another: `30 business minutes, on Berlin`."""
    named = policy.calendars.get(time.calendar or 0)
    return f"{in_words(time.target)}, on {named.name}" if named else in_words(time.target)


def who_runs(assignment: Assignment) -> str:
    """Say which cases an assignment names: `team North, by phone, country FR`."""
    said = [f"team {assignment.team}"] if assignment.team else []
    said += [by(assignment.channel)] if assignment.channel else []
    return ", ".join(said + ([f"country {assignment.country}"] if assignment.country else []))


def marks_of(assignments: Sequence[Assignment]) -> list[str]:
    """What each assignment is called on a page wherever it stands, so that its buttons keep the focus as it moves."""
    told = [f"runs-{one.calendar}-{crc32(who_runs(one).encode()):08x}" for one in assignments]
    return [f"{mark}-{told[:place].count(mark)}" for place, mark in enumerate(told)]


def alone(named: Sequence[tuple[DeskCalendar, int]]) -> str:
    """Say how many open cases name a calendar for themselves that is taken out, and what they run on without it."""
    if not named:
        return ""
    told = [
        f"{many:,} open case{'' if many == 1 else 's'} name{'s' if many == 1 else ''} {calendar.name}"
        for calendar, many in named
    ]
    return (
        f"{', '.join(told)} as a calendar of their own; without it they run on what an assignment says,"
        " or on that of all other cases."
    )


def day_of(hours_text: str, name: str) -> str:
    """Say how an exceptional day is: `closed (Fair)`, `09:00-12:00`."""
    told = "closed" if hours_text.lower() == "off" else hours_text
    return f"{told} ({name})" if name else told


def next_windows(calendar: DeskCalendar, moment: datetime) -> list[str]:
    """Say when a calendar opens next, on its own clock: `Mon 2 Mar 2026, 09:00 to 17:30`.

    Where it stays closed for good, the one line says so.
    """
    zone = calendar.opening.book.zone
    try:
        found = list(islice(calendar.opening.book.windows_after(moment), SHOWN_WINDOWS))
    except HoursError as error:
        return [error.message]
    return [
        f"{telling.day_words(one.day)}, {telling.face(one.opens.astimezone(zone), one.day)}"
        f" to {telling.face(one.closes.astimezone(zone), one.day)}"
        for one in found
    ]
