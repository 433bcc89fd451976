"""Why a due time is what it is: the windows counted, the closed days skipped, the pauses. Decision 14."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from operator import itemgetter
from typing import TYPE_CHECKING

from models.words import TargetKind
from portal.desk.hours.calendar import utc
from portal.desk.hours.count import Pauses, Target, due, unpaused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.desk.hours.book import Window
    from portal.desk.hours.calendar import Calendar

_ONE_DAY = timedelta(days=1)


class StepKind(StrEnum):
    """What happened to a stretch."""

    COUNTED = "counted"
    CLOSED = "closed"
    PAUSED = "paused"


class Reason(StrEnum):
    """What made a stretch count, or not."""

    EVERY_SECOND = "every_second"
    WEEKLY = "weekly"
    EXCEPTIONAL_DAY = "exceptional_day"
    NO_SUCH_DATE = "no_such_date"
    """The zone skipped this date."""
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch on the way to a due time.

    `day` is the local business date (for elapsed time the local date of the start), `start` and `end` are UTC
    moments; `end` is None only for a pause that is still running. `seconds` are those counted (`counted`) or
    taken away by a pause (`paused`); a closed day has none.
    """

    kind: StepKind
    reason: Reason
    day: date
    start: datetime
    end: datetime | None
    seconds: float = 0.0


def explain(calendar: Calendar, start: datetime, target: Target, pauses: Pauses = ()) -> list[Step]:
    """Lay out the way from the start to the due time, in order; the last step ends exactly when `due` says.

    With elapsed and business time the counted seconds add up to the target. A running pause that keeps the
    target from being used up is the last step, without an end. Raises HoursError as `due` does.
    """
    start, pauses = utc(start), list(pauses)
    end = due(calendar, start, target, pauses)
    running = min((utc(begin) for begin, until in pauses if until is None), default=start)
    limit = max(running, start) if end is None else end
    steps = list(_steps(calendar, start, limit, target, pauses))
    day = limit.astimezone(calendar.book.zone).date()
    if end is None:
        return [*steps, Step(StepKind.PAUSED, Reason.PAUSE, day, limit, None)]
    if not steps or steps[-1].end != end:
        every = target.kind is TargetKind.ELAPSED
        reason = Reason.EVERY_SECOND if every else _reason(calendar, day)
        steps.append(Step(StepKind.COUNTED, reason, day, end, end))
    return steps


def _steps(
    calendar: Calendar, start: datetime, limit: datetime, target: Target, pauses: Pauses
) -> Iterator[Step]:
    zone = calendar.book.zone
    stretches = [(begin, limit if end is None else min(end, limit)) for begin, end in unpaused(start, pauses)]
    first_day = start.astimezone(zone).date()
    if target.kind is TargetKind.ELAPSED:
        yield from _split(Reason.EVERY_SECOND, first_day, start, limit, stretches)
        return
    next_day, covered = first_day, start
    for window in _windows(calendar, start, limit):
        while next_day < window.day:
            yield from _closed(calendar, next_day, covered)
            next_day += _ONE_DAY
        next_day = max(next_day, window.day + _ONE_DAY)
        opens, closes = max(window.opens, start), min(window.closes, limit)
        yield from _split(_reason(calendar, window.day), window.day, opens, closes, stretches)
        covered = closes  # a night may have taken the first hours of a closed day
    while next_day < limit.astimezone(zone).date():
        yield from _closed(calendar, next_day, covered)
        next_day += _ONE_DAY


def _windows(calendar: Calendar, start: datetime, limit: datetime) -> Iterator[Window]:
    if start < limit:
        yield from takewhile(lambda window: window.opens < limit, calendar.book.windows_after(start))


def _closed(calendar: Calendar, day: date, covered: datetime) -> Iterator[Step]:
    """Yield a step for a date without windows; one whose windows lie before the start is not closed."""
    book = calendar.book
    begins, ends = book.start_of(day), book.start_of(day + _ONE_DAY)
    if begins == ends:
        yield Step(StepKind.CLOSED, Reason.NO_SUCH_DATE, day, begins, ends)
    elif not book.spans(day):
        yield Step(StepKind.CLOSED, _reason(calendar, day), day, max(begins, covered), ends)


def _reason(calendar: Calendar, day: date) -> Reason:
    return Reason.EXCEPTIONAL_DAY if day in calendar.book.exceptions else Reason.WEEKLY


def _split(
    reason: Reason, day: date, opens: datetime, closes: datetime, stretches: list[tuple[datetime, datetime]]
) -> Iterator[Step]:
    """Cut a stretch of countable time into what counted and what a pause took away."""
    cursor = opens
    for place in range(bisect_right(stretches, opens, key=itemgetter(1)), len(stretches)):
        begin, end = max(stretches[place][0], opens), min(stretches[place][1], closes)
        if begin >= closes:
            break
        if begin >= end:
            continue
        if cursor < begin:
            yield _step(StepKind.PAUSED, Reason.PAUSE, day, cursor, begin)
        yield _step(StepKind.COUNTED, reason, day, begin, end)
        cursor = end
    if cursor < closes:
        yield _step(StepKind.PAUSED, Reason.PAUSE, day, cursor, closes)


def _step(kind: StepKind, reason: Reason, day: date, start: datetime, end: datetime) -> Step:
    return Step(kind, reason, day, start, end, (end - start).total_seconds())
