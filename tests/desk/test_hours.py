"""Opening hours and counted time beyond the table of cases: explanations, questions about a moment, refusals."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.words import TargetKind
from portal.desk import hours
from portal.desk.hours import HoursError, Reason, Step, StepKind, Target, elapsed, same_business_day
from portal.desk.hours import business as open_time
from portal.desk.hours import business_days as days
from tests.desk.test_clock_table import (
    APIA,
    BERLIN,
    CHRISTMAS,
    HOUR,
    LUNCH,
    NIGHT,
    OFFICE,
    SAMOA,
    at,
)


def test_explanation_over_christmas() -> None:
    start = at("Th 2026-12-24 11:00")
    pause = (at("Th 2026-12-24 11:15"), at("Th 2026-12-24 11:30"))
    assert hours.explain(OFFICE, start, HOUR, [pause]) == [
        Step(StepKind.COUNTED, Reason.EXCEPTIONAL_DAY, date(2026, 12, 24), start, pause[0], 900),
        Step(StepKind.PAUSED, Reason.PAUSE, date(2026, 12, 24), *pause, 900),
        Step(
            StepKind.COUNTED,
            Reason.EXCEPTIONAL_DAY,
            date(2026, 12, 24),
            pause[1],
            at("Th 2026-12-24 12:00"),
            1800,
        ),
        closed(date(2026, 12, 25), Reason.EXCEPTIONAL_DAY),
        closed(date(2026, 12, 26), Reason.WEEKLY),
        closed(date(2026, 12, 27), Reason.WEEKLY),
        closed(date(2026, 12, 28), Reason.EXCEPTIONAL_DAY),
        Step(
            StepKind.COUNTED,
            Reason.WEEKLY,
            date(2026, 12, 29),
            at("Tu 2026-12-29 09:00"),
            at("Tu 2026-12-29 09:15"),
            900,
        ),
    ]


def closed(day: date, reason: Reason) -> Step:
    begins, ends = (
        datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(BERLIN)) for d in (day, day + timedelta(days=1))
    )
    return Step(StepKind.CLOSED, reason, day, begins.astimezone(UTC), ends.astimezone(UTC))


def test_explanation_of_a_closed_day_after_a_night() -> None:
    start, six = at("Sa 2026-03-21 05:00"), at("Sa 2026-03-21 06:00")
    midnight, opening = at("Su 2026-03-22 00:00"), at("Mo 2026-03-23 22:00")
    friday, monday = date(2026, 3, 20), date(2026, 3, 23)
    assert hours.explain(NIGHT, start, open_time(hours=2)) == [
        Step(StepKind.COUNTED, Reason.WEEKLY, friday, start, six, 3600),
        Step(StepKind.CLOSED, Reason.WEEKLY, date(2026, 3, 21), six, midnight),
        closed(date(2026, 3, 22), Reason.WEEKLY),
        Step(StepKind.COUNTED, Reason.WEEKLY, monday, opening, at("Mo 2026-03-23 23:00"), 3600),
    ]


def test_explanation_while_a_pause_is_running() -> None:
    start, pause = at("Tu 2026-03-24 10:00"), at("Tu 2026-03-24 10:20")
    assert hours.explain(OFFICE, start, HOUR, [(pause, None)]) == [
        Step(StepKind.COUNTED, Reason.WEEKLY, date(2026, 3, 24), start, pause, 1200),
        Step(StepKind.PAUSED, Reason.PAUSE, date(2026, 3, 24), pause, None),
    ]


def test_explanation_names_the_date_that_never_was() -> None:
    steps = hours.explain(SAMOA, at("Th 2011-12-29 16:30", APIA), HOUR)
    midnight = at("Sa 2011-12-31 00:00", APIA)
    assert steps[1] == Step(StepKind.CLOSED, Reason.NO_SUCH_DATE, date(2011, 12, 30), midnight, midnight)
    assert [step.seconds for step in steps] == [1800, 0, 1800]


def test_open_seconds() -> None:
    week = (at("Mo 2026-03-23 00:00"), at("Mo 2026-03-30 00:00"))
    lunch = (at("Tu 2026-03-24 12:00"), at("Tu 2026-03-24 13:00"))
    assert hours.open_seconds(OFFICE, *week) == 40 * 3600
    assert hours.open_seconds(OFFICE, week[1], week[0]) == 0
    assert hours.open_seconds(OFFICE, *week, [lunch, lunch]) == 39 * 3600
    assert hours.open_seconds(OFFICE, *week, [(lunch[0], None)]) == 11 * 3600
    assert hours.open_seconds(OFFICE, at("Th 2026-12-31 16:00"), at("Fr 2027-01-01 10:00")) == 2 * 3600


def test_questions_about_a_moment() -> None:
    opening, closing = at("Tu 2026-03-24 09:00"), at("Tu 2026-03-24 17:00")
    before, noon = at("Tu 2026-03-24 08:59:59"), at("Tu 2026-03-24 12:00")
    assert [hours.is_open(OFFICE, moment) for moment in (before, opening, noon, closing)] == [
        False,
        True,
        True,
        False,
    ]
    assert [hours.next_opening(OFFICE, moment) for moment in (before, opening, noon)] == [
        opening,
        opening,
        noon,
    ]
    assert hours.next_opening(OFFICE, closing) == at("We 2026-03-25 09:00")
    assert [hours.closing_of(OFFICE, moment) for moment in (before, noon)] == [closing, closing]
    assert hours.closing_of(OFFICE, closing) == at("We 2026-03-25 17:00")
    assert hours.closing_of(LUNCH, at("Tu 2026-03-24 10:00")) == noon
    assert list(hours.windows(OFFICE, noon, at("We 2026-03-25 10:00"))) == [
        (noon, closing),
        (at("We 2026-03-25 09:00"), at("We 2026-03-25 10:00")),
    ]
    christmas = [date(2026, 12, 23) + timedelta(days=count) for count in range(7)]
    assert [hours.is_open_on(OFFICE, day) for day in christmas] == [
        True,
        True,
        False,
        False,
        False,
        False,
        True,
    ]
    assert not hours.is_open_on(SAMOA, date(2011, 12, 30))


def test_slots_start_on_the_half_hour_and_fit_before_closing() -> None:
    odd = hours.parse("Asia/Kathmandu", "Mo-Fr 09:10-10:45")
    found = hours.next_slots(odd, at("Fr 2026-03-27 09:30", odd.zone), 4)
    expected = ["Fr 2026-03-27 10:00", "Mo 2026-03-30 09:30", "Mo 2026-03-30 10:00", "Tu 2026-03-31 09:30"]
    assert found == [at(slot, odd.zone) for slot in expected]


def test_calendars_are_equal_by_what_is_written() -> None:
    same = hours.parse(BERLIN, " Mo-Fr 09:00-17:00 ", dict(reversed(CHRISTMAS.items())), name="Office")
    assert same == OFFICE
    assert {same: 1}[OFFICE] == 1
    assert same.book is OFFICE.book


def test_seasons_may_stand_in_the_hours() -> None:
    season = hours.parse("UTC", "Apr-Sep Mo-Fr 08:00-18:00; Oct-Mar Mo-Fr 09:00-17:00; Dec 24-31 off")
    start = at("Tu 2026-03-31 17:00", "UTC")
    assert hours.next_opening(season, start) == at("We 2026-04-01 08:00", "UTC")
    assert hours.next_opening(season, at("We 2026-12-23 17:00", "UTC")) == at("Fr 2027-01-01 09:00", "UTC")


REFUSED = [
    ("Mo-Fr 09:00-17:0", 15, "cannot be read"),
    ("Mon-Fri 09:00-17:00", 2, "cannot be read"),
    ("Mo-Fr 9-17", 6, "cannot be read"),
    ("", 0, "Write the opening hours"),
    ("Mo-Fr 09:00-17:00; PH off", 19, "list of holidays"),
    ("PHoff", 0, "list of holidays"),
    ("Mo-Fr,SH 09:00-17:00", 6, "list of holidays"),
    ("24/7 off", 0, "never open"),
    ("Mo-Su closed", 0, "never open"),
    ("Mo-Fr 09:00-09:00", 12, "not after the opening"),
    ("Mo-Fr 09:00-12:00,11:30-17:00", 18, "09:00-12:00 and 11:30-17:00"),
    ("Mo-Fr 09:00-17:00, We 16:00-20:00", 22, "09:00-17:00 and 16:00-20:00"),
    ("Mo 20:00-10:00; Tu 09:00-12:00", 19, "20:00-10:00 and 09:00-12:00"),
    ("Mo-Fr 09:00+", 11, "one closing time"),
    ("Mo-Fr 10:00-16:00/01:30", 17, "one closing time"),
    ("sunrise-sunset", 0, "clock times"),
    ('Mo-Fr 09:00-17:00 "by appointment"', 18, "quotation marks"),
    ("Mo-Fr 09:00-17:00; 12:00-13:00 off", 31, "either side of a break"),
]


@pytest.mark.parametrize(("written", "place", "words"), REFUSED)
def test_refused_hours_show_the_place(written: str, place: int, words: str) -> None:
    with pytest.raises(HoursError) as refused:
        hours.parse(BERLIN, written)
    said, line, caret = refused.value.message.split("\n")
    assert words in said
    assert (refused.value.at, line, caret) == (place, written, " " * place + "^")


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("9-12", 0),
        ("Mo 09:00-12:00", 0),
        ("09:00-12:00,11:00-13:00", 12),
        ("08:00-09:00,22:00-09:30", 12),  # into the next morning's window
        ("12:00-12:00", 6),
    ],
)
def test_refused_exceptional_day_names_the_day(written: str, place: int) -> None:
    christmas_eve = date(2026, 12, 24)
    with pytest.raises(HoursError, match="2026-12-24") as refused:
        hours.parse(BERLIN, "Mo-Fr 09:00-17:00", {christmas_eve: written})
    assert (refused.value.day, refused.value.at) == (christmas_eve, place)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(HoursError, match="no time zone called"):
        hours.parse(zone, "Mo-Fr 09:00-17:00")


@pytest.mark.parametrize(
    "written", ["Mo-Fr 09:00-24:00", "Mo-Fr 22:00-26:00", "mo-fr 9:00 - 17:00", "Mo-Fr", "Mo-Fr 17:00-09:00"]
)
def test_other_ways_of_writing_are_read(written: str) -> None:
    assert hours.is_open_on(hours.parse("UTC", written), date(2026, 3, 27))


def test_a_desk_closed_for_good_does_not_loop() -> None:
    gone = hours.parse(
        "UTC", "Mo-Fr 09:00-17:00", {date(2026, 1, 1) + timedelta(n): "off" for n in range(460)}
    )
    start = at("Th 2026-01-01 09:00", "UTC")
    for target in (HOUR, days(1), same_business_day()):
        with pytest.raises(HoursError, match="400 days after 2026-01-01"):
            hours.due(gone, start, target)
    for question in (hours.next_opening, hours.closing_of):
        with pytest.raises(HoursError, match="no open window"):
            question(gone, start)
    assert not hours.is_open(gone, start)
    assert hours.open_seconds(gone, start, start + timedelta(days=460)) == 0
    assert hours.due(gone, start, elapsed(hours=24)) == start + timedelta(days=1)


def test_a_desk_open_once_a_year_is_still_a_desk() -> None:
    santa = hours.parse("UTC", "Dec 24 09:00-12:00")
    assert hours.due(santa, at("Th 2026-12-24 11:30", "UTC"), HOUR) == at("Fr 2027-12-24 09:30", "UTC")


def test_what_cannot_be_counted_is_refused_in_words() -> None:
    start = at("Tu 2026-03-24 10:00")
    with pytest.raises(HoursError, match="negative"):
        Target(TargetKind.BUSINESS, -1)
    with pytest.raises(HoursError, match="does not say its time zone"):
        hours.due(OFFICE, start.replace(tzinfo=None), HOUR)
    for target in (elapsed(hours=10**9), open_time(hours=10**15)):
        with pytest.raises(HoursError, match="beyond"):
            hours.due(OFFICE, start, target)
