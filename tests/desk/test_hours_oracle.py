"""The desk's counting against a clock that walks minute by minute, on random calendars near clock changes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.desk import hours
from portal.desk.hours import Calendar, StepKind, Target
from tests.desk.oracle import DAYS, MINUTE, MinuteClock, due_elapsed, minute_of

LENGTH = timedelta(days=8)

# Each stretch is eight days around something the zone's clock did.
STRETCHES = {
    "UTC": ["2026-02-26", "2024-12-28"],
    "Europe/Berlin": ["2026-03-26", "2026-10-22"],
    "America/New_York": ["2026-03-05", "2026-10-29"],
    "Australia/Lord_Howe": ["2026-04-01", "2026-10-01"],  # half an hour
    "Pacific/Apia": ["2011-12-27", "2011-09-21"],  # had no 30 December 2011
    "Africa/Casablanca": ["2026-02-12", "2026-03-18"],  # back for Ramadan
    "America/Havana": [
        "2026-03-05",
        "2026-10-29",
    ],  # changes at midnight: the first hour is missing, or comes twice
    "Asia/Kolkata": ["2026-03-26"],
    "Asia/Beirut": ["2026-03-26", "2026-10-22"],  # midnight itself is missing; the last hour comes twice
    "America/Scoresbysund": ["2026-03-26", "2026-10-22"],  # the last hour of a day is missing
    "Pacific/Chatham": ["2026-04-02", "2026-09-24"],
}

# The hours of the clock that may be missing or come twice, and windows with an edge in them.
CHANGING = ["00:00", "00:20", "00:45", "01:00", "01:30", "01:45", "02:00", "02:15", "02:45", "03:00", "03:30"]
EDGES = [f"22:00-{edge}" for edge in CHANGING] + [f"{edge}-12:00" for edge in CHANGING]
EDGES += ["09:00-23:30", "23:30-24:00", "00:00-00:40", "02:15-02:45", "00:15-01:45,02:30-10:00"]


@dataclass(frozen=True)
class Desk:
    """One random calendar with eight days to live in, as text for both clocks."""

    zone: str
    start: datetime
    hours: str
    days: dict[date, str]

    @property
    def end(self) -> datetime:
        return self.start + LENGTH

    def calendar(self) -> Calendar:
        return hours.parse(self.zone, self.hours, self.days)

    def oracle(self) -> MinuteClock:
        return MinuteClock(self.zone, self.hours, self.days, self.start, self.end)


def clock_face(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@st.composite
def shift_texts(draw: st.DrawFn) -> str:
    """Up to three windows that do not overlap, by day from 06:00 or over midnight until 06:00 at most."""
    low, high = draw(st.sampled_from([(0, 24 * 60), (6 * 60, 24 * 60)]))
    step = draw(st.sampled_from([15, 30, 7]))
    raster = st.integers(low // step + 1, high // step).map(lambda number: number * step)
    count = draw(st.integers(1, 3))
    edges = sorted(draw(st.sets(raster, min_size=2 * count, max_size=2 * count)))
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    if low and draw(st.booleans()):
        opening = draw(st.sampled_from([edge for edge in edges if edge < high]))
        night = draw(st.integers(0, 12)) * 30
        spans = [span for span in spans if span[1] <= opening] + [(opening, night)]
    return ",".join(f"{clock_face(opening)}-{clock_face(closing)}" for opening, closing in spans)


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    zone = draw(st.sampled_from(sorted(STRETCHES)))
    start = datetime.fromisoformat(draw(st.sampled_from(STRETCHES[zone]))).replace(tzinfo=UTC)
    texts = st.one_of(
        st.sampled_from(["09:00-17:00", "00:00-24:00", "22:00-06:00", "off"]),
        st.sampled_from(EDGES),
        shift_texts(),
    )
    week = {day: draw(texts) for day in draw(st.sets(st.sampled_from(DAYS), min_size=1))}
    week.setdefault("We", "10:00-12:00")
    if all(text == "off" for text in week.values()):
        week["We"] = "10:00-12:00"
    week_text = "; ".join(f"{day} {text}" for day, text in week.items())
    dates = st.integers(-1, LENGTH.days).map(lambda number: (start + timedelta(days=number)).date())
    days = draw(st.dictionaries(dates, texts, max_size=3))
    for number in draw(st.sampled_from([(), (2,), (3,), (2, 3)])):  # the clock changes on the third night
        days[(start + timedelta(days=number)).date()] = draw(st.sampled_from(EDGES))
    return Desk(zone, start, week_text, days)


def collide(desk: Desk) -> bool:
    """Say whether the desk refuses this calendar: a night reaches into the next day's windows."""
    try:
        desk.calendar()
    except hours.HoursError as refused:
        assert "overlap" in refused.message  # noqa: PT017 - anything else would be a failure
        return True
    return False


GOOD_DESKS = desks().filter(lambda desk: not collide(desk))


@st.composite
def questions(draw: st.DrawFn) -> tuple[Desk, datetime, int, list[tuple[datetime, datetime]]]:
    desk = draw(GOOD_DESKS)
    minutes = st.integers(0, 6 * 24 * 60)
    quarter = minutes.map(lambda minute: minute // 15 * 15)
    moments = st.one_of(minutes, quarter).map(lambda minute: desk.start + minute * MINUTE)
    pause = st.tuples(moments, st.integers(-60, 40 * 60)).map(
        lambda pair: (pair[0], pair[0] + pair[1] * MINUTE)
    )
    start = draw(moments)
    amount = draw(st.one_of(st.sampled_from([0, 15, 60, 480]), st.integers(0, 3000)))
    return desk, start, amount, draw(st.lists(pause, max_size=3))


def check_windows(desk: Desk) -> None:
    """The open minutes of both clocks are the same; so are the questions asked of single moments."""
    calendar, oracle = desk.calendar(), desk.oracle()
    found = list(hours.windows(calendar, desk.start, desk.end))
    opened = {minute for opens, closes in found for minute in range(minute_of(opens), minute_of(closes))}
    assert opened == oracle.open_minutes()
    assert all(first[1] <= second[0] for first, second in pairwise(found))
    assert hours.open_seconds(calendar, desk.start, desk.end) == 60 * len(opened)
    business = {oracle.owner[minute] for minute in opened}
    days = [(desk.start + timedelta(days=number)).date() for number in range(2, LENGTH.days - 2)]
    assert [hours.is_open_on(calendar, day) for day in days] == [day in business for day in days]
    for opens, closes in found:
        for minute in (opens - MINUTE, opens, closes - MINUTE, closes):
            if desk.start <= minute < desk.end:
                assert hours.is_open(calendar, minute) == (minute_of(minute) in opened)


def check_due(question: tuple[Desk, datetime, int, list[tuple[datetime, datetime]]]) -> None:
    """Both clocks agree on the due time of every kind of target, and the explanation ends there."""
    desk, start, amount, pauses = question
    calendar, oracle = desk.calendar(), desk.oracle()
    business = hours.business(minutes=amount)
    expected = oracle.due_business(start, amount, pauses)
    due = hours.due(calendar, start, business, pauses)
    assert due == expected or (expected is None and due is not None and due >= desk.end)
    days = amount % 4
    expected = oracle.due_days(start, days, pauses)
    found = hours.due(calendar, start, hours.business_days(days), pauses)
    assert found == expected or (expected is None and found is not None and found > desk.end)
    elapsed = hours.elapsed(minutes=amount)
    assert hours.due(calendar, start, elapsed, pauses) == due_elapsed(start, amount, pauses)
    check_explained(calendar, start, business, pauses)
    check_explained(calendar, start, hours.business_days(days), pauses)
    check_explained(calendar, start, elapsed, pauses)


def check_explained(
    calendar: Calendar, start: datetime, target: Target, pauses: list[tuple[datetime, datetime]]
) -> None:
    steps = hours.explain(calendar, start, target, pauses)
    due = hours.due(calendar, start, target, pauses)
    assert steps[-1].end == due
    assert [step.start for step in steps] == sorted(step.start for step in steps)
    counted = sum(step.seconds for step in steps if step.kind is StepKind.COUNTED)
    if target.kind in {"elapsed", "business"}:
        assert counted == target.amount
    if target.kind != "elapsed":
        assert due is not None
        assert counted == hours.open_seconds(calendar, start, due, pauses)
        lost = sum(step.seconds for step in steps if step.kind is StepKind.PAUSED)
        assert lost == hours.open_seconds(calendar, start, due) - counted


def check_laws(question: tuple[Desk, datetime, int, list[tuple[datetime, datetime]]], more: int) -> None:
    """What must hold whatever the calendar says."""
    desk, start, amount, pauses = question
    calendar = desk.calendar()
    target = hours.business(minutes=amount)
    due = hours.due(calendar, start, target)
    assert hours.open_seconds(calendar, start, due) == 60 * amount
    assert hours.open_seconds(calendar, due, start) == 0
    assert hours.due(calendar, start + more * MINUTE, target) >= due
    assert hours.due(calendar, start, hours.business(minutes=amount + more)) >= due
    assert hours.due(calendar, start, hours.same_business_day()) == hours.due(
        calendar, start, hours.business_days(0)
    )
    late: datetime | None = due
    for count in range(1, len(pauses) + 1):
        later = hours.due(calendar, start, target, pauses[:count])
        assert late is not None
        assert later is not None
        assert later >= late
        late = later
    assert late is not None
    closed = [
        (first[1], second[0]) for first, second in pairwise(hours.windows(calendar, desk.start, desk.end))
    ]
    if amount:
        assert hours.due(calendar, start, target, closed) == due
        assert hours.due(calendar, start, target, [*pauses, *closed]) == late
    assert hours.open_seconds(calendar, start, late, pauses) == 60 * amount
    for many in (amount, amount + more):
        other = hours.due(calendar, start + more * MINUTE, hours.business(minutes=many), pauses)
        assert other is not None
        assert other >= late
    days = hours.business_days(amount % 4)
    assert hours.due(calendar, start, days, closed) == hours.due(calendar, start, days)
    first, later = (hours.due(calendar, moment, days, pauses) for moment in (start, start + more * MINUTE))
    assert first is not None
    assert later is not None
    assert first <= later


checked_often: Callable[[int], settings] = lambda examples: settings(  # noqa: E731 - a decorator with a number
    max_examples=examples,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
FEW, MANY = 120, 6000
BUSY = st.integers(0, 2000)

test_windows_are_those_of_the_minute_clock = checked_often(FEW)(given(GOOD_DESKS)(check_windows))
test_due_times_are_those_of_the_minute_clock = checked_often(FEW)(given(questions())(check_due))
test_laws_of_counting_hold = checked_often(FEW)(given(questions(), BUSY)(check_laws))
test_windows_at_length = pytest.mark.full(checked_often(MANY)(given(GOOD_DESKS)(check_windows)))
test_due_times_at_length = pytest.mark.full(checked_often(MANY)(given(questions())(check_due)))
test_laws_at_length = pytest.mark.full(checked_often(MANY)(given(questions(), BUSY)(check_laws)))


@pytest.mark.parametrize("pattern", range(1, 128))
def test_every_weekly_pattern(pattern: int) -> None:
    """All 127 ways to be open on some days of the week."""
    desk = Desk(
        "Europe/Berlin",
        datetime(2026, 3, 26, tzinfo=UTC),
        "; ".join(f"{name} 09:00-17:00" for number, name in enumerate(DAYS) if pattern >> number & 1),
        {},
    )
    check_windows(desk)
    start = desk.start + timedelta(hours=10)
    if (due := desk.oracle().due_days(start, 0, [])) is not None:
        assert hours.due(desk.calendar(), start, hours.same_business_day()) == due
