"""The table of concrete cases: each with the reasoning in words, on a desk in Berlin unless it says otherwise.

Above are questions to the counting alone; below are cases as the desk keeps them, by their facts: paused, resumed,
stopped and reopened, under a policy or a calendar that changed on the way. Decisions 8 to 13.
"""

# ruff: noqa: E501 - one case is one line of the table

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from models.words import ClockEventKind, DeadlineKind
from portal.desk import deadlines, hours
from portal.desk.hours import Calendar, Target, elapsed, same_business_day
from portal.desk.hours import business as open_time
from portal.desk.hours import business_days as days
from portal.desk.policy import Limit

BERLIN, NEW_YORK, APIA = "Europe/Berlin", "America/New_York", "Pacific/Apia"
CHRISTMAS = {
    date(2026, 12, 24): "09:00-12:00",
    date(2026, 12, 25): "off",
    date(2026, 12, 28): "off",  # a bridge day
}
OFFICE = hours.parse(BERLIN, "Mo-Fr 09:00-17:00", CHRISTMAS, name="Office")
LATE_OFFICE = hours.parse(BERLIN, "Mo-Fr 09:00-17:30; Sa 10:00-13:00")
LUNCH = hours.parse(BERLIN, "Mo-Fr 09:00-12:00,13:00-17:00")
NIGHT = hours.parse(BERLIN, "Mo-Fr 22:00-06:00")
EVERY_NIGHT = hours.parse(BERLIN, "Mo-Su 22:00-06:00", {date(2026, 12, 25): "off"})
ALWAYS = hours.parse(BERLIN, "24/7")
NEW_YORK_NIGHT = hours.parse(NEW_YORK, "Mo-Su 22:00-06:00")
SMALL_HOURS = hours.parse(BERLIN, "Mo-Su 02:30-10:00")
BAR = hours.parse(BERLIN, "Mo-Su 20:00-02:30")
HAVANA = hours.parse("America/Havana", "Sa 09:00-24:00")
SAMOA = hours.parse(APIA, "Mo-Su 09:00-17:00")
LORD_HOWE_NIGHT = hours.parse("Australia/Lord_Howe", "Mo-Su 22:00-06:00")  # changes by half an hour
LORD_HOWE = hours.parse("Australia/Lord_Howe", "Su 02:15-03:00")
BEIRUT = hours.parse("Asia/Beirut", "Su 00:00-08:00")  # its clocks change at midnight
CASABLANCA = hours.parse("Africa/Casablanca", "24/7")  # goes back for Ramadan
CHATHAM = hours.parse("Pacific/Chatham", "24/7")
KATHMANDU = hours.parse("Asia/Kathmandu", "Mo-Fr 09:00-17:00")  # 5:45 before UTC


def at(text: str, zone: str = BERLIN) -> datetime:
    """Read a moment such as `Fr 2026-03-27 16:30` and check its weekday; `second` is the second pass of an hour."""
    weekday, day, clock, *second = text.split()
    moment = datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=ZoneInfo(zone), fold=len(second))
    assert f"{moment:%a}".startswith(weekday), f"{day} is a {moment:%A}"
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class Story:
    """Why, and the case: a start, a target, pauses, and when it is due, all on the desk's own clock."""

    why: str
    desk: Calendar
    start: str
    target: Target
    due: str | None
    pauses: tuple[tuple[str, str | None], ...] = ()


HOUR, EIGHT_HOURS = open_time(hours=1), open_time(hours=8)
STORIES = [
    # S0-3.3.1: one business hour.
    Story("S0-3.3.1: half an hour on Friday, half on Monday", OFFICE, "Fr 2026-03-20 16:30", HOUR, "Mo 2026-03-23 09:30"),
    Story("the weekend of the clock change adds nothing", OFFICE, "Fr 2026-03-27 16:30", HOUR, "Mo 2026-03-30 09:30"),
    Story("within one day it is simply an hour", OFFICE, "Tu 2026-03-24 10:12", HOUR, "Tu 2026-03-24 11:12"),
    Story("used up exactly at closing, it is due at that closing", OFFICE, "Fr 2026-03-20 16:00", HOUR, "Fr 2026-03-20 17:00"),
    Story("at the instant of closing nothing is left of the day", OFFICE, "Fr 2026-03-20 17:00", HOUR, "Mo 2026-03-23 10:00"),
    Story("at 17:30 on a Friday Saturday morning counts", LATE_OFFICE, "Fr 2026-03-20 17:30", HOUR, "Sa 2026-03-21 11:00"),
    Story("one minute before it, that minute counts", LATE_OFFICE, "Fr 2026-03-20 17:29", HOUR, "Sa 2026-03-21 10:59"),
    Story("before opening it counts from opening", OFFICE, "Mo 2026-03-23 06:00", HOUR, "Mo 2026-03-23 10:00"),
    Story("on a Sunday it counts from Monday's opening", OFFICE, "Su 2026-03-22 12:00", HOUR, "Mo 2026-03-23 10:00"),
    Story("a whole day used up at closing is not next morning", OFFICE, "Mo 2026-03-23 09:00", EIGHT_HOURS, "Mo 2026-03-23 17:00"),
    Story("seconds are kept, nothing is rounded", OFFICE, "Fr 2026-03-20 16:59:31", HOUR, "Mo 2026-03-23 09:59:31"),
    Story("a zero target in open time is due at once", OFFICE, "Tu 2026-03-24 10:00", open_time(), "Tu 2026-03-24 10:00"),
    Story("a zero target out of hours is due at opening", OFFICE, "Fr 2026-03-20 17:00", open_time(), "Mo 2026-03-23 09:00"),
    # Holidays, half days, split days.
    Story("a half day, a holiday, a weekend and a bridge day", OFFICE, "Th 2026-12-24 11:30", HOUR, "Tu 2026-12-29 09:30"),
    Story("the lunch break does not count", LUNCH, "Tu 2026-03-24 11:30", HOUR, "Tu 2026-03-24 13:30"),
    Story("used up at the lunch break, it is due there", LUNCH, "Tu 2026-03-24 11:00", HOUR, "Tu 2026-03-24 12:00"),
    Story("a night runs on past midnight", NIGHT, "Mo 2026-03-23 23:30", HOUR, "Tu 2026-03-24 00:30"),
    Story("Friday's night ends on Saturday, Monday's begins on Monday", NIGHT, "Sa 2026-03-21 05:30", HOUR, "Mo 2026-03-23 22:30"),
    Story("a night begun on Christmas Eve runs to its end", EVERY_NIGHT, "Fr 2026-12-25 05:00", HOUR, "Fr 2026-12-25 06:00"),
    Story("no night begins on Christmas Day", EVERY_NIGHT, "Fr 2026-12-25 05:30", HOUR, "Sa 2026-12-26 22:30"),
    # S0-4.2c: the same business day.
    Story("S0-4.2c: in the morning, closing of that day", OFFICE, "Tu 2026-03-24 10:00", same_business_day(), "Tu 2026-03-24 17:00"),
    Story("S0-4.2c: a minute before closing, still that day", OFFICE, "Tu 2026-03-24 16:59", same_business_day(), "Tu 2026-03-24 17:00"),
    Story("S0-4.2c: after closing, the next business day", OFFICE, "Tu 2026-03-24 18:00", same_business_day(), "We 2026-03-25 17:00"),
    Story("S0-4.2c: at closing, the next business day", OFFICE, "Tu 2026-03-24 17:00", same_business_day(), "We 2026-03-25 17:00"),
    Story("S0-4.2c: on a Saturday, Monday", OFFICE, "Sa 2026-03-21 10:00", same_business_day(), "Mo 2026-03-23 17:00"),
    Story("S0-4.2c: on a half day, its noon", OFFICE, "Th 2026-12-24 10:00", same_business_day(), "Th 2026-12-24 12:00"),
    Story("S0-4.2c: after a half day, past all holidays", OFFICE, "Th 2026-12-24 12:00", same_business_day(), "Tu 2026-12-29 17:00"),
    Story("before opening, closing of that day", OFFICE, "Tu 2026-03-24 07:00", same_business_day(), "Tu 2026-03-24 17:00"),
    Story("a lunch break does not end the business day", LUNCH, "Tu 2026-03-24 10:00", same_business_day(), "Tu 2026-03-24 17:00"),
    Story("in the lunch break it is still that day", LUNCH, "Tu 2026-03-24 12:30", same_business_day(), "Tu 2026-03-24 17:00"),
    Story("after midnight it is still yesterday's night", NIGHT, "Tu 2026-03-24 02:00", same_business_day(), "Tu 2026-03-24 06:00"),
    Story("round the clock a day ends at midnight", ALWAYS, "Tu 2026-03-24 10:00", same_business_day(), "We 2026-03-25 00:00"),
    # Business days.
    Story("two business days from Thursday: Monday", OFFICE, "Th 2026-03-19 10:00", days(2), "Mo 2026-03-23 17:00"),
    Story("asked after closing, the day counts as tomorrow", OFFICE, "Th 2026-03-19 18:00", days(1), "Mo 2026-03-23 17:00"),
    Story("asked on Saturday, the first day after Monday", OFFICE, "Sa 2026-03-21 10:00", days(1), "Tu 2026-03-24 17:00"),
    Story("holidays are no business days", OFFICE, "We 2026-12-23 10:00", days(2), "Tu 2026-12-29 17:00"),
    # Elapsed time and clock changes.
    Story("15 minutes run on after closing", OFFICE, "Fr 2026-03-20 16:55", elapsed(minutes=15), "Fr 2026-03-20 17:10"),
    Story("24 hours over the spring change end an hour later", OFFICE, "Sa 2026-03-28 12:00", elapsed(hours=24), "Su 2026-03-29 13:00"),
    Story("24 hours over the autumn change end an hour earlier", OFFICE, "Sa 2026-10-24 12:00", elapsed(hours=24), "Su 2026-10-25 11:00"),
    Story("an opening inside the missing hour is the change itself", SMALL_HOURS, "Su 2026-03-29 00:00", HOUR, "Su 2026-03-29 04:00"),
    Story("in the repeated hour opening takes the first pass", SMALL_HOURS, "Su 2026-10-25 00:00", HOUR, "Su 2026-10-25 02:30 second"),
    Story("in the repeated hour closing takes the second pass", BAR, "Sa 2026-10-24 21:00", same_business_day(), "Su 2026-10-25 02:30 second"),
    Story("24:00 ends its own date, even where the next date's first hour comes twice", HAVANA, "Sa 2026-10-31 20:00", same_business_day(), "Su 2026-11-01 00:00"),
    Story("a night over the spring change has seven hours", NIGHT, "Fr 2026-03-27 22:00", EIGHT_HOURS, "Sa 2026-03-28 06:00"),
    Story("round the clock, business time is elapsed time", ALWAYS, "Sa 2026-10-24 12:00", open_time(hours=24), "Su 2026-10-25 11:00"),
    Story("in New York a night over the change has seven hours", NEW_YORK_NIGHT, "Sa 2026-03-07 22:00", EIGHT_HOURS, "Su 2026-03-08 23:00"),
    Story("Apia never had 30 December 2011", SAMOA, "Th 2011-12-29 16:30", HOUR, "Sa 2011-12-31 09:30"),
    Story("nor did it count as a business day", SAMOA, "Th 2011-12-29 10:00", days(1), "Sa 2011-12-31 17:00"),
    Story("nor is its day part of 24 hours", SAMOA, "Th 2011-12-29 12:00", elapsed(hours=24), "Sa 2011-12-31 12:00"),
    Story("on Lord Howe an autumn night has eight hours and a half", LORD_HOWE_NIGHT, "Sa 2026-04-04 22:00", EIGHT_HOURS, "Su 2026-04-05 05:30"),
    Story("and a spring night seven and a half", LORD_HOWE_NIGHT, "Sa 2026-10-03 22:00", EIGHT_HOURS, "Su 2026-10-04 22:30"),
    Story("24 hours over half an hour's change end half an hour later", LORD_HOWE_NIGHT, "Sa 2026-10-03 12:00", elapsed(hours=24), "Su 2026-10-04 12:30"),
    Story("an opening inside the missing half hour leaves what is left of it", LORD_HOWE, "Su 2026-10-04 00:00", open_time(minutes=30), "Su 2026-10-04 03:00"),
    Story("a day whose midnight is missing opens with its first instant", BEIRUT, "Sa 2026-03-28 12:00", HOUR, "Su 2026-03-29 02:00"),
    Story("the hour that Ramadan gives back counts", CASABLANCA, "Sa 2026-02-14 12:00", open_time(hours=24), "Su 2026-02-15 11:00"),
    Story("an hour that is missing at a quarter to three does not", CHATHAM, "Sa 2026-09-26 12:00", open_time(hours=24), "Su 2026-09-27 13:00"),
    Story("a zone of quarter hours is a zone like others", KATHMANDU, "Fr 2026-03-27 16:30", HOUR, "Mo 2026-03-30 09:30"),
    Story("a zero target of elapsed time is due at once, closed or not", OFFICE, "Fr 2026-03-20 20:00", elapsed(), "Fr 2026-03-20 20:00"),
    Story("a business day that is a half day ends at noon", OFFICE, "We 2026-12-23 10:00", days(1), "Th 2026-12-24 12:00"),
    Story("the business day after Friday's night is Monday's", NIGHT, "Fr 2026-03-20 23:00", days(1), "Tu 2026-03-24 06:00"),
    Story("round the clock two business days end at the third midnight", ALWAYS, "Tu 2026-03-24 10:00", days(2), "Fr 2026-03-27 00:00"),
    # Pauses.
    Story("a pause in open time takes what it covers", OFFICE, "Tu 2026-03-24 10:00", HOUR, "Tu 2026-03-24 11:20",
          (("Tu 2026-03-24 10:30", "Tu 2026-03-24 10:50"),)),
    Story("two overlapping pauses take their union", OFFICE, "Tu 2026-03-24 10:00", HOUR, "Tu 2026-03-24 11:40",
          (("Tu 2026-03-24 10:30", "Tu 2026-03-24 11:00"), ("Tu 2026-03-24 10:20", "Tu 2026-03-24 10:40"))),
    Story("a pause in the night changes nothing", OFFICE, "Fr 2026-03-20 16:30", HOUR, "Mo 2026-03-23 09:30",
          (("Fr 2026-03-20 17:00", "Mo 2026-03-23 09:00"),)),
    Story("across closing only its open part counts", OFFICE, "Fr 2026-03-20 16:00", HOUR, "Mo 2026-03-23 10:15",
          (("Fr 2026-03-20 16:30", "Mo 2026-03-23 09:45"),)),
    Story("a pause from the due moment on is too late", OFFICE, "Tu 2026-03-24 10:00", HOUR, "Tu 2026-03-24 11:00",
          (("Tu 2026-03-24 11:00", None),)),
    Story("while a pause is running there is no due time", OFFICE, "Tu 2026-03-24 10:00", HOUR, None,
          (("Tu 2026-03-24 10:59", None),)),
    Story("a pause that ended before the start is forgotten", OFFICE, "Tu 2026-03-24 10:00", HOUR, "Tu 2026-03-24 11:00",
          (("Tu 2026-03-24 09:00", "Tu 2026-03-24 09:30"),)),
    Story("a pause that ends before it begins is none", OFFICE, "Tu 2026-03-24 10:00", HOUR, "Tu 2026-03-24 11:00",
          (("Tu 2026-03-24 10:50", "Tu 2026-03-24 10:20"),)),
    Story("elapsed time pauses by night as well", OFFICE, "Fr 2026-03-20 16:55", elapsed(hours=2), "Sa 2026-03-21 00:55",
          (("Fr 2026-03-20 18:00", "Sa 2026-03-21 00:00"),)),
    Story("a pause over an hour that comes twice is two hours", ALWAYS, "Su 2026-10-25 01:00", open_time(hours=2),
          "Su 2026-10-25 04:00", (("Su 2026-10-25 02:00", "Su 2026-10-25 03:00"),)),
    Story("a pause at noon leaves the same business day", OFFICE, "Tu 2026-03-24 10:00", same_business_day(),
          "Tu 2026-03-24 17:00", (("Tu 2026-03-24 11:00", "Tu 2026-03-24 13:00"),)),
    Story("a closing inside a pause does not end the day", OFFICE, "Tu 2026-03-24 10:00", same_business_day(),
          "Th 2026-03-26 17:00", (("Tu 2026-03-24 15:00", "Th 2026-03-26 11:00"),)),
    Story("business days whose closing is paused do not count", OFFICE, "Mo 2026-03-16 10:00", days(2),
          "Fr 2026-03-20 17:00", (("Tu 2026-03-17 15:00", "Th 2026-03-19 11:00"),)),
    Story("over a lunch break only open time is lost", LUNCH, "Tu 2026-03-24 10:00", open_time(hours=3), "Tu 2026-03-24 15:30",
          (("Tu 2026-03-24 11:30", "Tu 2026-03-24 14:00"),)),
    Story("a pause over all the holidays changes nothing", OFFICE, "Th 2026-12-24 11:30", HOUR, "Tu 2026-12-29 09:30",
          (("Th 2026-12-24 12:00", "Tu 2026-12-29 09:00"),)),
    Story("a zero target inside a pause is due at its end", OFFICE, "Tu 2026-03-24 10:00", open_time(), "Tu 2026-03-24 10:30",
          (("Tu 2026-03-24 10:00", "Tu 2026-03-24 10:30"),)),
    Story("three pauses over the autumn change: 2 h, 1 h between the two half past twos, 1 h", ALWAYS, "Sa 2026-10-24 22:00",
          EIGHT_HOURS, "Su 2026-10-25 09:00", (("Sa 2026-10-24 23:00", "Su 2026-10-25 01:00"),
          ("Su 2026-10-25 02:30", "Su 2026-10-25 02:30 second"), ("Su 2026-10-25 04:00", "Su 2026-10-25 05:00"))),
    Story("two pauses over the spring change: from half past one to half past three is one hour", EVERY_NIGHT, "Sa 2026-03-28 22:00",
          open_time(hours=4), "Su 2026-03-29 06:00", (("Sa 2026-03-28 23:00", "Su 2026-03-29 01:00"),
          ("Su 2026-03-29 01:30", "Su 2026-03-29 03:30"))),
]  # fmt: skip


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.why.replace(" ", "-"))
def test_due(story: Story) -> None:
    zone = story.desk.zone
    pauses = [(at(begin, zone), at(end, zone) if end else None) for begin, end in story.pauses]
    due = hours.due(story.desk, at(story.start, zone), story.target, pauses)
    assert due == (at(story.due, zone) if story.due else None)
    steps = hours.explain(story.desk, at(story.start, zone), story.target, pauses)
    assert steps[-1].end == due


@dataclass
class Fact:
    """What a clock event tells the projection."""

    kind: ClockEventKind
    cycle: int
    at: datetime


@dataclass(frozen=True)
class Kept:
    """Why, and a case by its facts: under which target and calendar it stands now, when it is due and when it warns."""

    why: str
    desk: Calendar
    target: Target
    facts: tuple[str, ...]
    due: str | None
    warn: str | None
    cycle: int = 1
    of: tuple[DeadlineKind, int] = (DeadlineKind.RESOLVE, 0)
    """Which clock of the case: its kind and its number."""

    def told(self) -> list[Fact]:
        """The facts; each reopening begins a cycle."""
        found: list[Fact] = []
        for text in self.facts:
            word, _, moment = text.partition(" ")
            cycle = 1 + sum(fact.kind is ClockEventKind.REOPEN for fact in found) + (word == "reopen")
            found.append(Fact(ClockEventKind(word), cycle, at(moment, self.desk.zone)))
        return found


BEGUN = "start Tu 2026-03-24 10:00"
KEPT = [
    Kept("it warns when three quarters are used up", OFFICE, HOUR, (BEGUN,), "Tu 2026-03-24 11:00", "Tu 2026-03-24 10:45"),
    Kept("a question waits four hours, both moments move by them", OFFICE, HOUR,
         (BEGUN, "pause Tu 2026-03-24 10:30", "resume Tu 2026-03-24 14:30"), "Tu 2026-03-24 15:00", "Tu 2026-03-24 14:45"),
    Kept("while it waits there is neither", OFFICE, HOUR, (BEGUN, "pause Tu 2026-03-24 10:50"), None, None),
    Kept("what warned before the question warned then", OFFICE, HOUR,
         (BEGUN, "pause Tu 2026-03-24 10:50", "resume Tu 2026-03-24 12:00"), "Tu 2026-03-24 12:10", "Tu 2026-03-24 10:45"),
    Kept("asked twice and answered once is one pause", OFFICE, HOUR,
         (BEGUN, "pause Tu 2026-03-24 10:10", "pause Tu 2026-03-24 10:20", "resume Tu 2026-03-24 10:40"),
         "Tu 2026-03-24 11:30", "Tu 2026-03-24 11:15"),
    Kept("an answer to nothing changes nothing", OFFICE, HOUR, (BEGUN, "resume Tu 2026-03-24 10:20"),
         "Tu 2026-03-24 11:00", "Tu 2026-03-24 10:45"),
    Kept("the end of a case ends its pause", OFFICE, HOUR, (BEGUN, "pause Tu 2026-03-24 10:30", "stop Tu 2026-03-24 12:00"),
         "Tu 2026-03-24 12:30", "Tu 2026-03-24 12:15"),
    Kept("two pauses over closing, night and the next opening take only open time", OFFICE, HOUR,
         (BEGUN, "pause Tu 2026-03-24 10:15", "resume Tu 2026-03-24 16:50", "pause Tu 2026-03-24 16:55", "resume We 2026-03-25 09:10"),
         "We 2026-03-25 09:50", "We 2026-03-25 09:35"),
    Kept("the weekend of the clock change in a pause", OFFICE, HOUR,
         ("start Fr 2026-03-27 16:30", "pause Fr 2026-03-27 16:45", "resume Mo 2026-03-30 09:15"), "Mo 2026-03-30 10:00", "Mo 2026-03-30 09:45"),
    Kept("two pauses in the hour that comes twice; it warns as the second begins", ALWAYS, open_time(hours=2),
         ("start Su 2026-10-25 01:00", "pause Su 2026-10-25 02:00", "resume Su 2026-10-25 02:00 second",
          "pause Su 2026-10-25 02:30 second", "resume Su 2026-10-25 03:30"), "Su 2026-10-25 04:00", "Su 2026-10-25 02:30 second"),
    Kept("S3-3.2.3: 24 hours stand still by night as well", OFFICE, elapsed(hours=24),
         (BEGUN, "pause Tu 2026-03-24 18:00", "resume We 2026-03-25 08:00"), "Th 2026-03-26 00:00", "We 2026-03-25 18:00"),
    Kept("S0-4.2c: closing passed in a pause, the day after is the day; it warns after 9 h 45 min of 13 h", OFFICE, same_business_day(),
         (BEGUN, "pause Tu 2026-03-24 16:00", "resume We 2026-03-25 10:00"), "We 2026-03-25 17:00", "We 2026-03-25 13:45"),
    # Reopened: a new cycle counts from that moment, and what was before it is history.
    Kept("reopened half an hour before closing", OFFICE, HOUR, (BEGUN, "stop Tu 2026-03-24 10:20", "reopen Th 2026-03-26 16:30"),
         "Fr 2026-03-27 09:30", "Fr 2026-03-27 09:15", cycle=2),
    Kept("the first cycle stays what it was", OFFICE, HOUR, (BEGUN, "stop Tu 2026-03-24 10:20", "reopen Th 2026-03-26 16:30"),
         "Tu 2026-03-24 11:00", "Tu 2026-03-24 10:45"),
    Kept("a pause that the end of the first cycle ended does not reach the second", OFFICE, HOUR,
         (BEGUN, "pause Tu 2026-03-24 10:10", "stop Tu 2026-03-24 10:20", "reopen Tu 2026-03-24 12:00"),
         "Tu 2026-03-24 13:00", "Tu 2026-03-24 12:45", cycle=2),
    Kept("reopened and asked again", OFFICE, HOUR,
         ("start Mo 2026-03-23 09:00", "stop Mo 2026-03-23 09:30", "reopen Tu 2026-03-24 10:00", "pause Tu 2026-03-24 10:10",
          "resume Tu 2026-03-24 10:40"), "Tu 2026-03-24 11:30", "Tu 2026-03-24 11:15", cycle=2),
    Kept("reopened out of hours", OFFICE, HOUR, (BEGUN, "stop Tu 2026-03-24 11:00", "reopen Sa 2026-03-28 12:00"),
         "Mo 2026-03-30 10:00", "Mo 2026-03-30 09:45", cycle=2),
    # Policy or calendar changed on the way: the facts stay, the new rule counts from the start of the case.
    Kept("an hour became two: an hour more from the start, not from the change", OFFICE, open_time(hours=2),
         (BEGUN, "policy_changed Tu 2026-03-24 10:30"), "Tu 2026-03-24 12:00", "Tu 2026-03-24 11:30"),
    Kept("an hour became ten minutes: due before anybody changed it", OFFICE, open_time(minutes=10),
         (BEGUN, "policy_changed Tu 2026-03-24 10:30"), "Tu 2026-03-24 10:10", "Tu 2026-03-24 10:07:30"),
    Kept("business time became elapsed time in a pause", OFFICE, elapsed(hours=1),
         ("start Fr 2026-03-20 16:50", "pause Fr 2026-03-20 17:20", "policy_changed Fr 2026-03-20 18:00", "resume Fr 2026-03-20 19:00"),
         "Fr 2026-03-20 19:30", "Fr 2026-03-20 19:15"),
    Kept("by the old hours it is Monday", OFFICE, HOUR, ("start Fr 2026-03-20 16:30", "policy_changed Fr 2026-03-20 16:45"),
         "Mo 2026-03-23 09:30", "Mo 2026-03-23 09:15"),
    Kept("by the new hours, open until half past five, it is still today", LATE_OFFICE, HOUR,
         ("start Fr 2026-03-20 16:30", "policy_changed Fr 2026-03-20 16:45"), "Fr 2026-03-20 17:30", "Fr 2026-03-20 17:15"),
    Kept("a lunch break introduced while the clock stood still", LUNCH, open_time(hours=3),
         (BEGUN, "pause Tu 2026-03-24 11:00", "policy_changed Tu 2026-03-24 11:10", "resume Tu 2026-03-24 11:30"),
         "Tu 2026-03-24 14:30", "Tu 2026-03-24 13:45"),
    Kept("reclassified as a payment issue: the same facts, the same business day", OFFICE, same_business_day(),
         (BEGUN, "policy_changed Tu 2026-03-24 10:30"), "Tu 2026-03-24 17:00", "Tu 2026-03-24 15:15"),
    Kept("reclassified in a pause: the pause belongs to the case, whatever it is called now", OFFICE, open_time(hours=2),
         (BEGUN, "pause Tu 2026-03-24 10:20", "reclassified Tu 2026-03-24 10:40", "resume Tu 2026-03-24 11:00"),
         "Tu 2026-03-24 12:40", "Tu 2026-03-24 12:10"),
    # What repeats: the next answer counts from the message it is owed for, an update from what was told last.
    Kept("the next answer counts from the message, not from the opening", OFFICE, HOUR,
         (BEGUN, "inbound Tu 2026-03-24 15:00"), "Tu 2026-03-24 16:00", "Tu 2026-03-24 15:45", of=(DeadlineKind.NEXT_ANSWER, 1)),
    Kept("a message after closing is answered within an hour of the next opening", OFFICE, HOUR,
         (BEGUN, "inbound Tu 2026-03-24 11:00", "inbound Fr 2026-03-27 18:00"), "Mo 2026-03-30 10:00", "Mo 2026-03-30 09:45",
         of=(DeadlineKind.NEXT_ANSWER, 2)),
    Kept("the first update counts from the opening", OFFICE, open_time(hours=2), (BEGUN, "outbound Tu 2026-03-24 11:00"),
         "Tu 2026-03-24 12:00", "Tu 2026-03-24 11:30", of=(DeadlineKind.UPDATE, 1)),
    Kept("the next update counts from what was told", OFFICE, open_time(hours=2), (BEGUN, "outbound Tu 2026-03-24 11:00"),
         "Tu 2026-03-24 13:00", "Tu 2026-03-24 12:30", of=(DeadlineKind.UPDATE, 2)),
]  # fmt: skip


@pytest.mark.parametrize("case", KEPT, ids=lambda case: case.why.replace(" ", "-"))
def test_a_case_by_its_facts(case: Kept) -> None:
    projection = deadlines.project(
        case.told(), Limit(case.target, 75, "S0-3.3.1"), case.desk, case.cycle, *case.of
    )
    zone = case.desk.zone
    due, warn = (at(text, zone) if text else None for text in (case.due, case.warn))
    assert (projection.due_at, projection.warn_at) == (due, warn)
