"""The windows of a calendar on the real clock: UTC instants, worked out a year at a time and kept.

The wall clock only says open or closed; every sum and comparison is made on UTC instants (decision 9). A
window belongs to the local date on which it opens, also when it runs past midnight. Around clock changes
(decision 11):

* an edge inside a spring gap snaps to the transition;
* in a repeated hour opening takes the first pass and closing the second;
* 24:00 is the end of its own date, whatever the next date does with its first hour;
* a local date counts only if some instant has it (Apia never had 30 December 2011).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from portal.desk.hours.text import DAY, HoursError, Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from portal.desk.hours.text import Week

HORIZON = timedelta(days=400)
"""A calendar that stays closed for longer cannot keep a promise of time."""

_ONE_DAY = timedelta(days=1)
_REACH = timedelta(days=3)
"""A window that holds a moment opened on a local date at most this much before the moment's UTC date."""
YEARS = range(1901, 9990)
"""The years whose windows can be worked out."""


class Window(NamedTuple):
    """One open window: the local date it belongs to, and its UTC opening and closing."""

    day: date
    opens: datetime
    closes: datetime


@dataclass(slots=True)
class Year:
    """The windows that open on the local dates of one year, in order and apart, as columns to search in."""

    days: list[date] = field(default_factory=list)
    opens: list[datetime] = field(default_factory=list)
    closes: list[datetime] = field(default_factory=list)
    before: list[timedelta] = field(default_factory=lambda: [timedelta()])
    """Open time of this year before each window, and last the open time of the whole year."""
    day_closes: list[datetime] = field(default_factory=list)
    """The last closing of each business day."""

    def add(self, window: Window) -> None:
        """Append a window that opens after all the others."""
        if self.days and self.days[-1] == window.day:
            self.day_closes[-1] = window.closes
        else:
            self.day_closes.append(window.closes)
        self.days.append(window.day)
        self.opens.append(window.opens)
        self.closes.append(window.closes)
        self.before.append(self.before[-1] + (window.closes - window.opens))

    def window(self, index: int) -> Window:
        """Give one row of the columns."""
        return Window(self.days[index], self.opens[index], self.closes[index])

    def opened_before(self, moment: datetime) -> timedelta:
        """Sum the open time of this year up to a moment."""
        index = bisect_right(self.closes, moment)
        if index < len(self.opens) and self.opens[index] < moment:
            return self.before[index] + (moment - self.opens[index])
        return self.before[index]


class Book:
    """All windows of one calendar; a year is worked out when first asked for (milliseconds), then kept."""

    def __init__(self, zone: ZoneInfo, week: Week, exceptions: dict[date, tuple[Span, ...]]) -> None:
        self.zone = zone
        self.week = week
        self.exceptions = exceptions
        self._years: dict[int, Year] = {}
        self._starts: dict[date, datetime] = {}

    def spans(self, day: date) -> tuple[Span, ...]:
        """Give the windows written for a date: those of the exceptional day, or else of the week."""
        written = self.exceptions.get(day)
        return self.week.opening_on(day) if written is None else written

    def year(self, number: int) -> Year:
        """Give the windows of one year. Raises HoursError for a year beyond counting."""
        year = self._years.get(number)
        if year is None:
            year = self._years[number] = self._work_out(number)
        return year

    def years(self, start: datetime, end: datetime) -> Iterator[Year]:
        """Give every year that can have a window between two moments."""
        for number in range((start - _REACH).year, (end + _ONE_DAY).year + 1):
            yield self.year(number)

    def ahead(self, moment: datetime) -> Iterator[Year]:
        """Give, without end, the years that have windows closing after the moment.

        Raises HoursError when nothing opens for 400 days.
        """
        quiet_since = moment
        number = (moment - _REACH).year
        while True:
            year = self.year(number)
            if year.closes and year.closes[-1] > moment:
                opens = year.opens[bisect_right(year.closes, moment)]
                if opens - quiet_since > HORIZON:
                    break
                quiet_since = year.closes[-1]
                yield year
            elif datetime(number + 1, 1, 1, tzinfo=UTC) - quiet_since > HORIZON + _ONE_DAY:
                break
            number += 1
        raise HoursError(
            f"The desk has no open window in the {HORIZON.days} days after {quiet_since:%Y-%m-%d}."
        )

    def windows_after(self, moment: datetime) -> Iterator[Window]:
        """Give, without end, the windows that close after the moment. Raises HoursError as `ahead` does."""
        for year in self.ahead(moment):
            for index in range(bisect_right(year.closes, moment), len(year.closes)):
                yield year.window(index)

    def start_of(self, day: date) -> datetime:
        """Give the first instant that belongs to this date or a later one."""
        known = self._starts.get(day)
        if known is None:
            known = self._starts[day] = self._instant(datetime.combine(day, time()), closing=False)
        return known

    def _work_out(self, number: int) -> Year:
        if number not in YEARS:
            raise HoursError(f"The year {number} is beyond what a calendar can count.")
        year = Year()
        day = date(number - 1, 12, 31)  # its night may reach into this year
        starts = self.start_of(day)
        busy_until = starts
        while day.year <= number:
            following = day + _ONE_DAY
            ends = self.start_of(following)
            for span in self.spans(day) if starts < ends else ():
                opens = max(self._edge(day, span.opens, closing=False), busy_until)
                closes = ends if span.closes == DAY else self._edge(day, span.closes, closing=True)
                if opens < closes:
                    busy_until = closes
                    if day.year == number:
                        year.add(Window(day, opens, closes))
            day, starts = following, ends
        return year

    def _edge(self, day: date, minute: int, *, closing: bool) -> datetime:
        return self._instant(datetime.combine(day, time()) + timedelta(minutes=minute), closing=closing)

    def _instant(self, wall: datetime, *, closing: bool) -> datetime:
        """Find the UTC instant of a wall-clock time, as the head of this module says."""
        first = wall.replace(tzinfo=self.zone)
        second = first.replace(fold=1)
        offset, later_offset = first.utcoffset() or timedelta(), second.utcoffset() or timedelta()
        if offset < later_offset:
            return self._transition(wall, wall - later_offset, wall - offset)
        return (wall - (later_offset if closing else offset)).replace(tzinfo=UTC)

    def _transition(self, wall: datetime, earliest: datetime, latest: datetime) -> datetime:
        """Find, to the second, the first instant whose wall clock has reached or jumped over `wall`."""
        origin = earliest.replace(tzinfo=UTC)
        low, high = 0, int((latest - earliest).total_seconds())
        while low < high:
            middle = (low + high) // 2
            shown = (origin + timedelta(seconds=middle)).astimezone(self.zone).replace(tzinfo=None)
            if shown >= wall:
                high = middle
            else:
                low = middle + 1
        return origin + timedelta(seconds=low)
