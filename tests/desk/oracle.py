"""A second clock, written apart from the desk's: it steps through UTC and looks at the wall clock.

It knows nothing of the engine. It reads plain texts (`Mo 09:00-12:00,13:00-17:00; Tu 22:00-06:00`) by
splitting them, and it says what the decisions say in terms of what a person watching the clock would see:

* a shift begins at the first minute at which the clock has reached its opening time;
* it ends at the last minute at which the clock shows its closing time, or, if the clock jumps over that time,
  at the first minute past it; 24:00 is the first minute of the next date;
* a shift whose date was never seen on the clock does not take place;
* a minute in two shifts belongs to the earlier one.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
Shifts = list[tuple[int, int]]


def minute_of(moment: datetime) -> int:
    """Minutes since the epoch, UTC."""
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    assert seconds % 60 == 0
    return seconds // 60


def moment_of(minute: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + minute * MINUTE


class Watch:
    """What the clock on the wall shows at each minute of a stretch, without its zone."""

    def __init__(self, zone: str, first: int, last: int) -> None:
        place = ZoneInfo(zone)
        self.faces = [
            moment_of(minute).astimezone(place).replace(tzinfo=None) for minute in range(first, last)
        ]
        self._furthest = list(accumulate(self.faces, max))
        self._last_shown = {face: index for index, face in enumerate(self.faces)}

    def first_reaches(self, face: datetime) -> int:
        return bisect_left(self._furthest, face)

    def last_shows(self, face: datetime) -> int | None:
        return self._last_shown.get(face)


watch = lru_cache(maxsize=256)(Watch)


def read_shifts(text: str) -> Shifts:
    if text == "off":
        return []
    shifts = []
    for shift in text.split(","):
        opening, closing = (int(edge[:2]) * 60 + int(edge[3:]) for edge in shift.split("-"))
        shifts.append((opening, closing if closing > opening else closing + 24 * 60))
    return shifts


def read_week(text: str) -> dict[int, Shifts]:
    week: dict[int, Shifts] = {}
    for part in text.split("; "):
        day, shifts = part.split(" ")
        week[DAYS.index(day)] = read_shifts(shifts)
    return week


class MinuteClock:
    """The open minutes between two moments, each with the business date it belongs to."""

    def __init__(
        self, zone: str, hours: str, days: Mapping[date, str], start: datetime, end: datetime
    ) -> None:
        self.first, self.last = minute_of(start), minute_of(end)
        self.owner: dict[int, date] = {}
        margin = 2 * 24 * 60
        clock = watch(zone, self.first - margin, self.last + margin)
        week = read_week(hours)
        for day in sorted({face.date() for face in clock.faces[:-margin]}):
            for opening, closing in sorted(
                read_shifts(days[day]) if day in days else week.get(day.weekday(), [])
            ):
                for index in self._minutes(clock, day, opening, closing):
                    self.owner.setdefault(self.first - margin + index, day)

    @staticmethod
    def _minutes(clock: Watch, day: date, opening: int, closing: int) -> range:
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a clock on the wall has no zone
        closes = midnight + closing * MINUTE
        shown = None if closing == 24 * 60 else clock.last_shows(closes)
        ends = clock.first_reaches(closes) if shown is None else shown
        return range(clock.first_reaches(midnight + opening * MINUTE), ends)

    def open_minutes(self) -> set[int]:
        return {minute for minute in self.owner if self.first <= minute < self.last}

    def due_business(
        self, start: datetime, minutes: int, pauses: Iterable[tuple[datetime, datetime]]
    ) -> datetime | None:
        """Count open minutes one by one; None when they do not suffice before the end of the stretch."""
        left = minutes
        for minute in range(minute_of(start), self.last):
            if minute in self.owner and not paused(minute, pauses):
                if left == 0:
                    return moment_of(minute)
                left -= 1
                if left == 0:
                    return moment_of(minute + 1)
        return None

    def due_days(
        self, start: datetime, days: int, pauses: Iterable[tuple[datetime, datetime]]
    ) -> datetime | None:
        """Walk from one business day's last open minute to the next; a paused one does not count."""
        lasts: dict[date, int] = {}
        for minute in sorted(self.owner):
            lasts[self.owner[minute]] = minute
        left = days
        for minute in sorted(lasts.values()):
            if minute >= minute_of(start) and not paused(minute, pauses):
                if left == 0:
                    return moment_of(minute + 1) if minute < self.last else None
                left -= 1
        return None


def due_elapsed(start: datetime, minutes: int, pauses: Iterable[tuple[datetime, datetime]]) -> datetime:
    """Count minutes one by one, open or closed, but for those in a pause."""
    pauses = list(pauses)
    minute, left = minute_of(start), minutes
    while paused(minute, pauses):
        minute += 1
    while left:
        left -= not paused(minute, pauses)
        minute += 1
    return moment_of(minute)


def paused(minute: int, pauses: Iterable[tuple[datetime, datetime]]) -> bool:
    return any(minute_of(begin) <= minute < minute_of(end) for begin, end in pauses)
