"""Opening hours as a person writes them, and the words that refuse a mistake.

The text is read by the opening-hours parser, which also says which windows a date has; when those windows
open and close on the real clock is worked out in `book`. Public holidays are never taken from the parser: its
national lists have holes.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined] # its stub forgets one

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = 24 * 60
"""Minutes in a day of the wall clock."""

_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_EXAMPLE = "Mo-Fr 09:00-17:30; Sa 10:00-13:00"
_REFUSED = (
    (
        re.compile(r"(?<![a-z])(?:ph|sh)(?![a-gi-np-z])", re.IGNORECASE),
        "Public and school holidays (PH, SH) do not go into the hours: enter them in the list of holidays.",
    ),
    (re.compile(r'"'), "Notes have no place in the hours: leave out the text in quotation marks."),
    (re.compile(r"unknown", re.IGNORECASE), "A desk is open or it is not: 'unknown' cannot be counted."),
    (
        re.compile(r"sunrise|sunset|dawn|dusk", re.IGNORECASE),
        "Write clock times, not the position of the sun.",
    ),
    (
        re.compile(r"(?<=:\d\d)\s*(?:off|closed)", re.IGNORECASE),
        "Write the hours that are open on either side of a break, such as 09:00-12:00,13:00-17:00.",
    ),
    (
        re.compile(r"(?<=:\d\d)\s*[+/]"),
        "Write one opening and one closing time for each window, such as 09:00-17:30.",
    ),
)
_NOT_WEEKLY = re.compile(r"\d|week|easter|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec", re.IGNORECASE)


class HoursError(ValueError):
    """Hours, a calendar or a question about them that cannot be accepted, in words for who wrote it.

    `at` is the position of the mistake in the text, counted from 0; `day` the exceptional day whose hours are
    meant.
    """

    def __init__(self, message: str, at: int | None = None, day: date | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.day = day


class Span(NamedTuple):
    """One window of a date in minutes of its wall clock; a window over midnight closes after 1440."""

    opens: int
    closes: int
    at: int

    def __str__(self) -> str:
        return f"{_clock(self.opens % DAY)}-{_clock(self.closes % DAY or DAY)}"


ALL_DAY = Span(0, DAY, 0)


def mistake(words: str, text: str, at: int, day: date | None = None) -> HoursError:
    """Build the refusal: the words, the line as written, and a caret under the place."""
    line = re.sub(r"\s", " ", text)
    where = f"{day.isoformat()}: " if day else ""
    return HoursError(f"{where}{words}\n{line}\n{' ' * at}^", at=at, day=day)


class Week:
    """The weekly text, ready to say which windows open on a date.

    Each window is replaced by a minute of its own (the first by 00:00-00:01, the second by 00:02-00:03 …)
    before the parser evaluates a date, naive and without a zone: so its answer tells exactly which windows
    are in force, even where windows touch, overlap or run past midnight.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.spans = _spans(text)
        numbers = iter(range(len(self.spans)))
        self._by_weekday: dict[int, tuple[Span, ...]] | None = {} if repeats_weekly(text) else None
        self._marked = OpeningHours(_SPAN.sub(lambda _: _marker(next(numbers)), text), auto_country=False)

    def opening_on(self, day: date) -> tuple[Span, ...]:
        """Give the windows that open on this date by the weekly text, in order."""
        if self._by_weekday is None:
            return self._ask(day)
        weekday = day.weekday()
        known = self._by_weekday.get(weekday)
        if known is None:
            known = self._by_weekday[weekday] = self._ask(day)
        return known

    def _ask(self, day: date) -> tuple[Span, ...]:
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the wall clock has no zone
        found = []
        for start, end, state, _ in self._marked.intervals(midnight, midnight + timedelta(days=1)):
            if state is not State.OPEN:
                continue
            if end - start > timedelta(minutes=1):
                return (ALL_DAY,)
            found.append(self.spans[(start.hour * 60 + start.minute) // 2])
        return tuple(sorted(found))


@lru_cache(maxsize=512)
def week(text: str) -> Week:
    """Read weekly hours such as `Mo-Fr 09:00-17:30; Sa 10:00-13:00`.

    Raises HoursError for what decision 12 refuses: text the parser cannot read, holidays, a window that does
    not close after it opens, overlapping windows, and a week that never opens.
    """
    _refuse_unreadable(text)
    read = Week(text)
    before: tuple[Span, ...] = ()
    opens = False
    for day in _probe_days(text):
        today = read.opening_on(day)
        opens = opens or bool(today)
        refuse_overlap(overlapping(before, today), text)
        before = today
    if not opens:
        raise mistake("The desk would never open: give at least one day with hours.", text, 0)
    return read


@lru_cache(maxsize=4096)
def exceptional(text: str, day: date) -> tuple[Span, ...]:
    """Read the hours of one exceptional day: `off`, or windows such as `09:00-12:00,13:00-15:00`.

    Raises HoursError.
    """
    if text.lower() in {"off", "closed"}:
        return ()
    _refuse_unreadable(text, day)
    blanked = _SPAN.sub(lambda span: "," * len(span[0]), text)
    if stray := re.search(r"[^,\s]", blanked):
        words = "One day takes only hours such as 09:00-12:00, or off."
        raise mistake(words, text, stray.start(), day)
    spans = tuple(sorted(_spans(text, day)))
    refuse_overlap(overlapping((), spans), text, day=day)
    return spans


def overlapping(before: tuple[Span, ...], today: tuple[Span, ...]) -> tuple[Span, Span] | None:
    """Find two windows of a date, or one of them and last night's, that are open at the same minute."""
    last_night = [Span(span.opens - DAY, span.closes - DAY, span.at) for span in before]
    for earlier, later in pairwise([*last_night, *today]):
        if later.opens < earlier.closes:
            return earlier, later
    return None


def refuse_overlap(
    clash: tuple[Span, Span] | None, text: str, at: int | None = None, day: date | None = None
) -> None:
    """Raise HoursError for two overlapping windows, marking the one written later unless told where."""
    if clash:
        place = max(span.at for span in clash) if at is None else at
        raise mistake(f"These windows overlap: {clash[0]} and {clash[1]}.", text, place, day)


def _marker(number: int) -> str:
    return f"{_clock(number * 2)}-{_clock(number * 2 + 1)}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _refuse_unreadable(text: str, day: date | None = None) -> None:
    if not text:
        raise mistake(f"Write the opening hours, such as {_EXAMPLE}.", text, 0, day)
    for pattern, words in _REFUSED:
        if found := pattern.search(text):
            at = found.end() - len(found[0].lstrip())
            raise mistake(words, text, at, day)
    try:
        OpeningHours(text, auto_country=False)
    except (ParserError, UnicodeEncodeError) as error:
        place = re.search(r"--> \d+:(\d+)", str(error))
        at = int(place[1]) - 1 if place else 0
        example = f"{_EXAMPLE} (days are Mo Tu We Th Fr Sa Su)" if day is None else "09:00-12:00, or off"
        raise mistake(
            f"The hours cannot be read from the mark on. Write them as {example}.", text, at, day
        ) from None
    if half := re.search(r"\d{1,2}:\d{2}", _SPAN.sub(lambda span: " " * len(span[0]), text)):
        words = "Write one opening and one closing time for each window, such as 09:00-17:30."
        raise mistake(words, text, half.start(), day)


def _spans(text: str, day: date | None = None) -> list[Span]:
    found = []
    for span in _SPAN.finditer(text):
        hour, minute, closing_hour, closing_minute = map(int, span.groups())
        opens, closes = hour * 60 + minute, closing_hour * 60 + closing_minute
        if closes < opens:
            closes += DAY  # over midnight
        if not opens < closes <= opens + DAY:
            words = "The closing time is not after the opening time; round the clock is written 00:00-24:00."
            raise mistake(words, text, span.start(3), day)
        found.append(Span(opens, closes, span.start()))
    if len(found) > DAY // 2:
        raise mistake("These are more windows than one text can hold.", text, found[DAY // 2].at, day)
    return found


def repeats_weekly(text: str) -> bool:
    """Whether the hours are the same in every week of every year."""
    return not _NOT_WEEKLY.search(_SPAN.sub("", text).replace("24/7", ""))


def _probe_days(text: str) -> Iterator[date]:
    """Give days enough to meet every pair of neighbouring dates that the text can tell apart."""
    monday = date(2024, 1, 1)
    if repeats_weekly(text):
        yield from (monday + timedelta(days=count) for count in range(8))
        return
    rest = _SPAN.sub("", text).replace("24/7", "")
    years = {2024, 2025} | {int(year) for year in re.findall(r"(?:19|20)\d\d", rest)}
    for year in sorted(years):
        yield from (date(year, 1, 1) + timedelta(days=count) for count in range(366))
