"""A business calendar: when the desk is open, asked in words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.desk.hours import text
from portal.desk.hours.book import YEARS, Book
from portal.desk.hours.text import HoursError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SLOT = timedelta(minutes=30)
"""The length and the raster of the times offered for a follow-up."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours of a desk: a zone, weekly text, and exceptional days that replace it on their date.

    Equal and hashable by what is written; equal calendars share their worked-out windows. Raises HoursError
    as `parse`.
    """

    zone: str
    hours: str
    days: tuple[tuple[date, str], ...] = ()
    name: str = ""
    book: Book = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "book", _book(self.zone, self.hours, self.days))


def parse(zone: str, hours: str, days: Mapping[date, str] | None = None, name: str = "") -> Calendar:
    """Read a calendar as it is written: a zone, weekly text, and `off` or hours for exceptional days.

    Raises HoursError, with a caret under the mistake, for everything decision 12 refuses: an unknown zone,
    text that cannot be read, holidays in the text, a closing that is not after its opening (24:00 is allowed,
    22:00-06:00 is a night), overlapping windows, a desk that never opens.
    """
    kept = tuple(sorted((day, written.strip()) for day, written in (days or {}).items()))
    return Calendar(zone=zone.strip(), hours=hours.strip(), days=kept, name=name)


@lru_cache(maxsize=512)
def _book(zone: str, hours: str, days: tuple[tuple[date, str], ...]) -> Book:
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise HoursError(
            f"There is no time zone called {zone!r}. Write it as Europe/Berlin or UTC."
        ) from None
    for day, written in days:
        if day.year not in YEARS:
            words = f"The year {day.year} is beyond what a calendar can count."
            raise text.mistake(words, written, 0, day)
    book = Book(place, text.week(hours), {day: text.exceptional(written, day) for day, written in days})
    for day, written in days:
        _refuse_nights_that_collide(book, day, written)
    return book


def _refuse_nights_that_collide(book: Book, day: date, written: str) -> None:
    """Refuse an exceptional day whose hours overlap the night before, or whose night the next day."""
    today = book.spans(day)
    if clash := text.overlapping(book.spans(day - timedelta(days=1)), today):
        text.refuse_overlap(clash, written, clash[1].at, day)
    if clash := text.overlapping(today, book.spans(day + timedelta(days=1))):
        text.refuse_overlap(clash, written, clash[0].at, day)


def utc(moment: datetime) -> datetime:
    """Give the moment in UTC. Raises HoursError for a moment without a zone, which could mean anything."""
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise HoursError(f"The moment {moment.isoformat()} does not say its time zone.")
    return moment.astimezone(UTC)


def windows(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Give the open windows between two moments, in UTC, cut to that stretch.

    Windows of different dates stay apart even where they touch: round the clock is one window a day.
    """
    start, end = utc(start), utc(end)
    for year in calendar.book.years(start, end):
        for index in range(bisect_right(year.closes, start), bisect_left(year.opens, end)):
            yield max(year.opens[index], start), min(year.closes[index], end)


def is_open(calendar: Calendar, moment: datetime) -> bool:
    """Tell whether the desk is open: from the instant of opening, until just before that of closing."""
    moment = utc(moment)
    for year in calendar.book.years(moment, moment):
        index = bisect_right(year.opens, moment) - 1
        if index >= 0 and moment < year.closes[index]:
            return True
    return False


def is_open_on(calendar: Calendar, day: date) -> bool:
    """Tell whether the local date is a business day: whether some window opens on it."""
    days = calendar.book.year(day.year).days
    index = bisect_left(days, day)
    return index < len(days) and days[index] == day


def next_opening(calendar: Calendar, moment: datetime) -> datetime:
    """Give the first open moment from here on: the moment itself when the desk is open.

    Raises HoursError if none.
    """
    moment = utc(moment)
    return max(next(calendar.book.windows_after(moment)).opens, moment)


def closing_of(calendar: Calendar, moment: datetime) -> datetime:
    """Give the closing of the window that holds the moment; when closed, of the next one.

    Raises HoursError if none.
    """
    return next(calendar.book.windows_after(utc(moment))).closes


def next_slots(calendar: Calendar, moment: datetime, count: int) -> list[datetime]:
    """Give the next open half-hours to choose from, as the moments they start.

    They start after the moment, on the full or half hour of the local clock, and end before closing. Raises
    HoursError when nothing opens for 400 days.
    """
    return list(islice(_slots(calendar, utc(moment)), count))


def _slots(calendar: Calendar, moment: datetime) -> Iterator[datetime]:
    for window in calendar.book.windows_after(moment):
        local = max(window.opens, moment + timedelta(microseconds=1)).astimezone(calendar.book.zone)
        past = timedelta(minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond)
        slot = local.astimezone(UTC) + (SLOT - past if past else timedelta())
        while slot + SLOT <= window.closes:
            yield slot
            slot += SLOT
