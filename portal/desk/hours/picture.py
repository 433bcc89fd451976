"""The days between a start and a due time as rows to draw: what was open, what counted, what a pause took. Decision 14.

Each row is one date on the desk's own clock, its bands in minutes of the wall clock. How it is drawn, as letters or
as a picture, is for whoever shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from portal.desk.hours.calendar import windows
from portal.desk.hours.explain import Step, StepKind
from portal.desk.hours.telling import day_words, face, span
from portal.desk.hours.text import DAY

if TYPE_CHECKING:
    from portal.desk.hours.calendar import Calendar

FIRST, LAST = 10, 4
"""How many days are drawn from the start on and before the due time; those between are told by their number."""
CELL = 30
"""Minutes that one letter stands for."""
_ONE_DAY = timedelta(days=1)
_LETTERS = {"open": "-", "counted": "#", "paused": "="}


class BandKind(StrEnum):
    """What a band of a day is, each drawn over the one before."""

    OPEN = "open"
    PAUSED = "paused"
    COUNTED = "counted"


class Band(NamedTuple):
    """A stretch of one day in minutes of its wall clock, 0 to 1440."""

    kind: BandKind
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Day:
    """One date: its bands, where the clock started and where it is due, and the same in words."""

    day: date
    bands: tuple[Band, ...]
    starts: int | None
    due: int | None
    words: str
    left_out: int = 0
    """How many days lie between the row before and this one that are not drawn."""


def draw(calendar: Calendar, steps: Sequence[Step]) -> list[Day]:
    """Lay out the days that the steps of an explanation go through. Empty without steps."""
    if not steps:
        return []
    zone = calendar.book.zone
    start, last = steps[0].start, steps[-1].end or steps[-1].start
    first_day, last_day = start.astimezone(zone).date(), last.astimezone(zone).date()
    count = (last_day - first_day).days + 1
    wanted = list(range(count)) if count <= FIRST + LAST else [*range(FIRST), *range(count - LAST, count)]
    rows, before = [], -1
    for number in wanted:
        rows.append(_day(calendar, steps, first_day + timedelta(days=number), number - before - 1))
        before = number
    return rows


def _day(calendar: Calendar, steps: Sequence[Step], day: date, left_out: int) -> Day:
    book = calendar.book
    begins, ends = book.start_of(day), book.start_of(day + _ONE_DAY)

    def minute(moment: datetime) -> int:
        local = moment.astimezone(book.zone)
        return DAY if moment >= ends else local.hour * 60 + local.minute

    def band(kind: BandKind, since: datetime, until: datetime) -> Band:
        edges = minute(max(since, begins)), minute(min(until, ends))
        return Band(kind, min(edges), max(edges))  # in an hour that comes twice the face goes back

    here = [step for step in steps if _touches(step, begins, ends)]
    bands = [
        band(BandKind.OPEN, *window) for window in (windows(calendar, begins, ends) if begins < ends else ())
    ]
    for kind in (StepKind.PAUSED, StepKind.COUNTED):
        bands += [band(BandKind(kind), step.start, step.end or ends) for step in here if step.kind is kind]
    start, due = steps[0].start, steps[-1].end
    due_here = due if due is not None and begins <= due < ends else None
    said = _sums(here, begins, ends)
    if begins == ends:
        said.append("a date the clocks never showed")
    elif not bands:
        said.append("closed")
    if due_here:
        said.append(f"due {face(due_here.astimezone(book.zone))}")
    return Day(
        day,
        tuple(bands),
        minute(start) if begins <= start < ends else None,
        minute(due_here) if due_here else None,
        f"{day_words(day)}: {', '.join(said) or 'nothing counted'}",
        left_out,
    )


def _touches(step: Step, begins: datetime, ends: datetime) -> bool:
    """Whether some of the step lies in the day; a pause that still lasts goes on for good."""
    if step.kind is StepKind.CLOSED or step.start >= ends or step.start == step.end:
        return False
    return step.end is None or step.end > begins


def _sums(here: Sequence[Step], begins: datetime, ends: datetime) -> list[str]:
    said = []
    for kind in (StepKind.COUNTED, StepKind.PAUSED):
        parts = (min(step.end or ends, ends) - max(step.start, begins) for step in here if step.kind is kind)
        if seconds := sum(part.total_seconds() for part in parts):
            said.append(f"{span(seconds)} {kind}")
    return said


SCALE = "".join(f"{hour:<{6 * 60 // CELL}}" for hour in (0, 6, 12, 18)) + "24"
LEGEND = "# counted   = paused   - open   . closed   ! due"


def letters(day: Day) -> str:
    """Draw one day as a line of letters, each half an hour."""
    drawn = ["."] * (DAY // CELL)
    for band in day.bands:
        for cell in range(band.begins // CELL, -(-band.ends // CELL)):
            drawn[cell] = _LETTERS[band.kind]
    if day.due is not None:
        drawn[max(0, -(-day.due // CELL) - 1)] = "!"
    return "".join(drawn)
