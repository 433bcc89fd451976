"""What differs between two documents of the policy, in words: rows, calendars with their days, who runs on which."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from portal.desk import matrix
from portal.desk.hours import telling
from portal.desk.matrix import DeskCalendar, Policy, Row
from portal.desk.policy_telling import about, day_of, lasts, says, who_runs

MOST_DAYS = 12
"""Exceptional days of one calendar that are told one by one; of more only how many."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference."""

    part: str
    """`targets`, `levels`, `calendars` or `times`."""
    sort: str
    """`added`, `removed`, `moved` or `changed`."""
    what: str
    before: str = ""
    after: str = ""


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """List what the new document says otherwise than the old one, targets first, in the order of the new one."""
    was, now = matrix.read(old), matrix.read(new)
    return [
        *_rows("targets", was.targets, now.targets),
        *_rows("levels", was.levels, now.levels),
        *_calendars(was, now),
        *_assignments(was, now),
        *(
            Change("times", "changed", time.words, lasts(was, was.times[key]), lasts(now, time))
            for key, time in now.times.items()
            if lasts(was, was.times[key]) != lasts(now, time)
        ),
    ]


def _rows(part: str, was: Sequence[Row], now: Sequence[Row]) -> list[Change]:
    old, new = {row.key: row for row in was}, {row.key: row for row in now}
    stayed = _stayed(list(old), list(new))
    found = []
    for place, (key, row) in enumerate(new.items(), 1):
        before = old.get(key)
        if before is None:
            found.append(Change(part, "added", f"{about(row)}, as row {place}", after=says(row)))
            continue
        if before != row:
            found.append(Change(part, "changed", about(row), _told(before, row), _told(row, before)))
        if key not in stayed:
            moved = f"{about(row)}, from row {list(old).index(key) + 1} to row {place}"
            found.append(Change(part, "moved", moved))
    found += [
        Change(part, "removed", about(row), before=says(row)) for key, row in old.items() if key not in new
    ]
    return found


def _stayed(was: Sequence[Hashable], now: Sequence[Hashable]) -> set[Hashable]:
    """Of what is in both, what is in the same order: all but the fewest that have to move."""
    before, after = [one for one in was if one in now], [one for one in now if one in was]
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return {one for block in blocks for one in after[block.b :][: block.size]}


def _told(row: Row, other: Row) -> str:
    """What a row says; for which cases too where that is what changed."""
    return says(row) if about(row) == about(other) else f"{about(row)}: {says(row)}"


def _calendars(was: Policy, now: Policy) -> list[Change]:
    found = []
    for key, one in now.calendars.items():
        before = was.calendars.get(key)
        if before is None:
            found.append(Change("calendars", "added", one.name, after=f"{one.hours} ({one.zone})"))
            continue
        for what, old, new in (
            ("name", before.name, one.name),
            ("opening hours", before.hours, one.hours),
            ("time zone", before.zone, one.zone),
            ("holidays of", before.region, one.region),
        ):
            if old != new:
                found.append(
                    Change("calendars", "changed", f"{one.name}, {what}", old or "none", new or "none")
                )
        found += _days(before, one)
    found += [
        Change("calendars", "removed", one.name, before=f"{one.hours} ({one.zone})")
        for key, one in was.calendars.items()
        if key not in now.calendars
    ]
    if was.default_calendar != now.default_calendar:
        before_name, now_name = (_name(one, one.default_calendar) for one in (was, now))
        found.append(Change("calendars", "changed", "The calendar of all other cases", before_name, now_name))
    return found


def _name(policy: Policy, calendar_id: int | None) -> str:
    one = policy.calendars.get(calendar_id or 0)
    return one.name if one else "none"


def _days(was: DeskCalendar, now: DeskCalendar) -> list[Change]:
    different = sorted(
        day for day in was.days.keys() | now.days.keys() if was.days.get(day) != now.days.get(day)
    )
    if len(different) > MOST_DAYS:
        return [Change("calendars", "changed", f"{now.name}, {len(different)} exceptional days")]
    return [_day(now.name, day, was.days.get(day), now.days.get(day)) for day in different]


def _day(name: str, day: date, was: tuple[str, str] | None, now: tuple[str, str] | None) -> Change:
    what = f"{name}, {telling.day_words(day)}"
    before, after = day_of(*was) if was else "", day_of(*now) if now else ""
    sort = "added" if was is None else "removed" if now is None else "changed"
    return Change("calendars", sort, what, before, after)


def _assignments(was: Policy, now: Policy) -> list[Change]:
    old = [(who_runs(one), _name(was, one.calendar)) for one in was.assignments]
    new = [(who_runs(one), _name(now, one.calendar)) for one in now.assignments]
    found = [
        Change("calendars", "added", f"Cases of {who}", after=f"run on {calendar}")
        for who, calendar in new
        if (who, calendar) not in old
    ]
    found += [
        Change("calendars", "removed", f"Cases of {who}", before=f"run on {calendar}")
        for who, calendar in old
        if (who, calendar) not in new
    ]
    stayed = _stayed(old, new)
    found += [
        Change(
            "calendars",
            "moved",
            f"Cases of {who}, from place {old.index((who, calendar)) + 1} to place {place}",
        )
        for place, (who, calendar) in enumerate(new, 1)
        if (who, calendar) in old and (who, calendar) not in stayed
    ]
    return found
