"""Counting time on a calendar: when a target is used up, and how much has been counted.

One picture holds for every kind of target: time runs in stretches between pauses, and each stretch holds so
many units. The units are seconds of any time (elapsed), seconds of open time (business), or closings of
business days. Nothing is ever added to a due time (decision 9): a pause only takes away what it covers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, assert_never, overload

from models.words import TargetKind
from portal.desk.hours.calendar import utc
from portal.desk.hours.text import HoursError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.desk.hours.book import Book
    from portal.desk.hours.calendar import Calendar

Pause = tuple[datetime, datetime | None]
"""From a moment to a moment; without an end it is still running."""
Pauses = Iterable[Pause]
_TICK = timedelta(microseconds=1)
_ELAPSED, _BUSINESS = TargetKind.ELAPSED, TargetKind.BUSINESS
"""Looked up once: a recompute asks for them some hundred thousand times."""


@dataclass(frozen=True, slots=True)
class Target:
    """How long something may take.

    `amount` is seconds for elapsed and business time, days for business days, and unused for the same
    business day. Raises HoursError when negative.
    """

    kind: TargetKind
    amount: int = 0
    units: int = field(init=False, repr=False, compare=False)
    """How much there is to count: microseconds of time, or closings of business days, today's the first."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", TargetKind(self.kind))  # the plain word is as good
        if self.amount < 0:
            raise HoursError("A target of time cannot be negative.")
        object.__setattr__(self, "units", _units(self))


def elapsed(*, hours: int = 0, minutes: int = 0, seconds: int = 0) -> Target:
    """Count every second, open or closed."""
    return Target(TargetKind.ELAPSED, hours * 3600 + minutes * 60 + seconds)


def business(*, hours: int = 0, minutes: int = 0, seconds: int = 0) -> Target:
    """Count only seconds in which the desk is open."""
    return Target(TargetKind.BUSINESS, hours * 3600 + minutes * 60 + seconds)


def business_days(days: int) -> Target:
    """Count closings of business days; 0 is the same business day."""
    return Target(TargetKind.BUSINESS_DAYS, days)


def same_business_day() -> Target:
    """Take until the closing of the business day: S0-4.2c."""
    return Target(TargetKind.SAME_BUSINESS_DAY)


@overload
def due(calendar: Calendar, start: datetime, target: Target) -> datetime: ...
@overload
def due(calendar: Calendar, start: datetime, target: Target, pauses: Pauses) -> datetime | None: ...
def due(calendar: Calendar, start: datetime, target: Target, pauses: Pauses = ()) -> datetime | None:
    """Find the UTC moment at which the target is used up.

    * elapsed, business: the first moment at which so many seconds were counted; used up exactly at closing it
      is due at that closing (decision 10). A target of zero is due at the first counted moment.
    * same business day: the last closing of the business day that holds the moment, so that a lunch break
      does not end the day; before opening, that day's; after closing or on a closed day, the next business
      day's (decision 2). A night belongs to the date on which it opened.
    * business days: the closing of the n-th business day after that one.
    * A pause takes away the counted time it covers, once, however many pauses cover it. For the two kinds
      that count days it takes away the business days whose closing it covers.
    * A running pause is `(start, None)`. The due time is then None, unless the target was used up before the
      pause.

    Raises HoursError when the calendar has no open window for 400 days, or the moment is beyond what can be
    counted.
    """
    start = utc(start)
    need = target.units
    try:
        if not pauses:
            return _reach(calendar.book, target.kind, start, need)
        for begin, end in unpaused(start, pauses):
            reached = _reach(calendar.book, target.kind, begin, need)
            if end is None or reached < end or (reached == end and need):
                return reached
            need -= _measure(calendar.book, target.kind, begin, end)
    except OverflowError:
        raise HoursError("The target reaches beyond what a calendar can count.") from None
    return None


def open_seconds(calendar: Calendar, start: datetime, end: datetime, pauses: Pauses = ()) -> float:
    """Count the open seconds between two moments that no pause covers; backwards is 0 (decision 10)."""
    end = utc(end)
    total = timedelta()
    for begin, until in unpaused(utc(start), pauses):
        if begin >= end:
            break
        total += _open_time(calendar.book, begin, end if until is None else min(until, end))
    return total.total_seconds()


def unpaused(start: datetime, pauses: Pauses) -> Iterator[Pause]:
    """Give the stretches that no pause covers; the last has no end, unless a pause is still running."""
    cursor = start
    known = (
        sorted(((utc(begin), end and utc(end)) for begin, end in pauses), key=itemgetter(0)) if pauses else ()
    )
    for begin, end in known:
        if end is not None and end <= max(begin, cursor):
            continue
        if begin > cursor:
            yield cursor, begin
        if end is None:
            return
        cursor = max(cursor, end)
    yield cursor, None


def _units(target: Target) -> int:
    match target.kind:
        case TargetKind.ELAPSED | TargetKind.BUSINESS:
            return target.amount * 1_000_000
        case TargetKind.BUSINESS_DAYS:
            return target.amount + 1
        case TargetKind.SAME_BUSINESS_DAY:
            return 1
        case _:
            assert_never(target.kind)


def _reach(book: Book, kind: TargetKind, begin: datetime, need: int) -> datetime:
    """Find the moment at which so many units have passed since `begin`, as if nothing paused."""
    if kind is _BUSINESS:
        return _after_open_time(book, begin, timedelta(microseconds=need))
    if kind is _ELAPSED:
        return begin + timedelta(microseconds=need)
    return _nth_day_closing(book, begin, need)


def _measure(book: Book, kind: TargetKind, begin: datetime, end: datetime) -> int:
    """Count the units between two moments; a closing at the end counts, one at the beginning does not."""
    if kind is _BUSINESS:
        return _open_time(book, begin, end) // _TICK
    if kind is _ELAPSED:
        return (end - begin) // _TICK
    return sum(
        bisect_right(year.day_closes, end) - bisect_right(year.day_closes, begin)
        for year in book.years(begin, end)
    )


def _open_time(book: Book, begin: datetime, end: datetime) -> timedelta:
    total = timedelta()
    for year in book.years(begin, end):
        total += year.opened_before(end) - year.opened_before(begin)
    return total


def _after_open_time(book: Book, begin: datetime, need: timedelta) -> datetime:
    for year in book.ahead(begin):
        index = bisect_right(year.closes, begin)
        first = max(year.opens[index], begin)
        if not need:
            return first
        goal = year.before[index] + (first - year.opens[index]) + need
        if goal <= year.before[-1]:
            index = bisect_left(year.before, goal) - 1
            return year.opens[index] + (goal - year.before[index])
        need = goal - year.before[-1]
    raise AssertionError  # `ahead` has no end but HoursError


def _nth_day_closing(book: Book, begin: datetime, number: int) -> datetime:
    for year in book.ahead(begin):
        index = bisect_right(year.day_closes, begin) + number - 1
        if index < len(year.day_closes):
            return year.day_closes[index]
        number = index - len(year.day_closes) + 1
    raise AssertionError  # as above
