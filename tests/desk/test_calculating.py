"""`handrail clocks calc`: questions about time as lines of JSON, each answered, whatever it says."""

import io
import json
from typing import Any

import pytest
from click.testing import CliRunner

from portal.__main__ import main
from portal.clock_commands import answer_lines
from portal.desk import calculating
from portal.desk.hours import telling

OFFICE = {
    "zone": "Europe/Berlin",
    "hours": "Mo-Fr 09:00-17:00",
    "days": {"2026-12-25": "off", "2026-12-24": "09:00-12:00"},
}
HOUR = {"kind": "business", "seconds": 3600}
FRIDAY = "2026-03-27T15:30:00Z"


def answered(**asked: Any) -> dict[str, Any]:
    question = {"calendar": OFFICE, "start": FRIDAY, **asked}
    told: dict[str, Any] = json.loads(calculating.answer(json.dumps(question).encode()))
    return told


def refused(line: bytes) -> str:
    told = json.loads(calculating.answer(line))
    assert told.keys() == {"error"}
    return str(told["error"])


def wrong(**asked: Any) -> str:
    told = answered(**asked)
    assert told.keys() == {"error"}
    return str(told["error"])


def test_an_hour_over_the_weekend_of_the_clock_change_with_a_pause() -> None:
    told = answered(target=HOUR, pauses=[["2026-03-27T15:40:00Z", "2026-03-27T16:50:00+01:00"]])
    assert told["due"] == "2026-03-30T07:40:00Z"
    assert [(one["day"], one["kind"], one["seconds"]) for one in told["explain"]] == [
        ("2026-03-27", "counted", 600),
        ("2026-03-27", "paused", 600),
        ("2026-03-27", "counted", 600),
        ("2026-03-28", "closed", 0),
        ("2026-03-29", "closed", 0),
        ("2026-03-30", "counted", 2400),
    ]
    assert told["explain"][0] == {
        "day": "2026-03-27",
        "from": "2026-03-27T15:30:00Z",
        "to": "2026-03-27T15:40:00Z",
        "seconds": 600,
        "kind": "counted",
        "reason": "weekly",
        "words": "Fri 27 Mar 2026, 16:30 to 16:40: 10 minutes of open time.",
    }


@pytest.mark.parametrize(
    ("target", "due"),
    [
        ({"kind": "elapsed", "seconds": 86400}, "2026-03-28T15:30:00Z"),
        ({"kind": "business", "seconds": 0}, "2026-03-27T15:30:00Z"),
        ({"kind": "business_days", "days": 2}, "2026-03-31T15:00:00Z"),
        ({"kind": "same_business_day"}, "2026-03-27T16:00:00Z"),
    ],
)
def test_each_kind_of_target(target: dict[str, Any], due: str) -> None:
    assert answered(target=target)["due"] == due


def test_a_target_stays_open_while_a_pause_lasts() -> None:
    told = answered(target=HOUR, pauses=[["2026-03-27T15:45:00Z", None]])
    assert told["due"] is None
    assert (told["explain"][-1]["kind"], told["explain"][-1]["to"]) == ("paused", None)


@pytest.mark.parametrize(
    ("end", "pauses", "seconds"),
    [
        ("2026-03-30T07:30:00Z", [], 3600),  # half an hour on Friday, half on Monday, an hour earlier in UTC
        ("2026-03-30T07:30:00Z", [["2026-03-27T15:45:00Z", "2026-03-28T00:00:00Z"]], 2700),
        ("2026-03-27T15:30:00.25Z", [], 0.25),
        ("2026-03-01T00:00:00Z", [], 0),  # decision 10: a backwards interval is 0
    ],
)
def test_with_an_end_open_seconds_are_counted(end: str, pauses: list[Any], seconds: float) -> None:
    assert answered(end=end, pauses=pauses) == {"elapsed_seconds": seconds}


def test_moments_are_to_the_second_and_keep_a_fraction() -> None:
    told = answered(start="2026-03-27T09:00:00.5+01:00", target={"kind": "elapsed", "seconds": 1})
    assert told["due"] == "2026-03-27T08:00:01.500000Z"


def test_an_id_comes_back_with_the_answer_or_the_mistake() -> None:
    assert answered(target={"kind": "elapsed", "seconds": 0}, id="a-7")["id"] == "a-7"
    assert answered(target={"kind": "moon"}, id=7)["id"] == 7


LINES = [
    (b"", "The line is empty: write one JSON object on each line."),
    (b"{", "This is not JSON: Expecting property name enclosed in double quotes at character 2."),
    (b"[1]", "The line has to be a JSON object with calendar, end, id, pauses, start, target."),
    (b'{"calender": {}}', "The line has 'calender'; known are calendar, end, id, pauses, start, target."),
    (b"{}", "The calendar is missing: zone, hours and, if there are any, days."),
    (b'{"id": NaN}', "NaN is no number that can be counted."),
    (b'{"id": -Infinity}', "-Infinity is no number that can be counted."),
    (b'{"id": ' + b"9" * 5000 + b"}", "A number in it is too long."),
    (b"[" * 100_000, "This is nested too deeply."),
    (b'"\xff"', "The line is not UTF-8: byte 2 cannot be read."),
    (b" " * (calculating.LONGEST_LINE + 1), "The line is too long: at most 1,048,576 bytes."),
]


@pytest.mark.parametrize(("line", "words"), LINES, ids=range(len(LINES)))
def test_what_is_no_question_is_refused_in_words(line: bytes, words: str) -> None:
    assert refused(line) == words


CALENDARS: list[tuple[Any, str]] = [
    (7, "The calendar has to be a JSON object"),
    ({"zone": "Europe/Berlin"}, "needs its hours"),
    ({"zone": 7, "hours": "24/7"}, "needs its zone"),
    ({**OFFICE, "zone": "Mars/Olympus"}, "no time zone called 'Mars/Olympus'"),
    ({**OFFICE, "zone": "\ud800"}, "no time zone called"),
    ({**OFFICE, "zone": "../../etc/passwd"}, "no time zone called"),
    ({**OFFICE, "hours": "Mo-Fr 09:00-17:0"}, "The mark is at character 16, after 'Mo-Fr 09:00-17:'."),
    ({**OFFICE, "hours": "9-17"}, "The mark is at character 1, the beginning."),
    ({**OFFICE, "hours": "\ud800"}, "cannot be read"),
    ({**OFFICE, "hours": "Mo-Su off"}, "would never open"),
    ({**OFFICE, "hours": "Mo-Fr 09:00-09:00"}, "not after the opening time"),
    ({**OFFICE, "hours": "Mo " * 1000}, "too long"),
    ({**OFFICE, "days": ["2026-12-25"]}, "are an object of dates"),
    ({**OFFICE, "days": {"Christmas": "off"}}, "'Christmas' is no day"),
    ({**OFFICE, "days": {"2026-02-30": "off"}}, "'2026-02-30' is no day"),
    ({**OFFICE, "days": {"9999-12-31": "off"}}, "is no day that can be counted"),
    ({**OFFICE, "days": {"2026-12-25": None}}, '2026-12-25: write "off"'),
    ({**OFFICE, "days": {"2026-12-25": "9-12"}}, "2026-12-25: The hours cannot be read"),
]


@pytest.mark.parametrize(("calendar", "words"), CALENDARS, ids=range(len(CALENDARS)))
def test_a_calendar_that_cannot_be_kept_is_refused_in_words(calendar: Any, words: str) -> None:
    said = wrong(calendar=calendar, target=HOUR)
    assert words in said
    assert "\n" not in said


QUESTIONS: list[tuple[dict[str, Any], str]] = [
    ({}, "Ask either with a target"),
    ({"target": HOUR, "end": FRIDAY}, "Ask either with a target"),
    ({"target": HOUR, "start": None}, "The start has to be a moment as text"),
    ({"target": HOUR, "start": 1774625400}, "The start has to be a moment as text"),
    ({"target": HOUR, "start": "2026-03-27T15:30:00"}, "does not say its time zone"),
    ({"target": HOUR, "start": "2026-03-27T25:30:00Z"}, "is no moment"),
    ({"target": HOUR, "start": "0001-01-01T00:00:00+14:00"}, "is no moment"),
    ({"target": HOUR, "start": "9999-12-31T23:59:59Z"}, "in the years 1902 to 2199"),
    ({"end": "2099-01-01T00:00:00Z"}, "more than 20 years after the start"),
    ({"target": "an hour"}, "The target has to be a JSON object"),
    ({"target": {"kind": "moon"}}, "The kind of a target is one of elapsed, business"),
    ({"target": {"kind": ["business"]}}, "The kind of a target is one of"),
    ({"target": {"kind": "business", "days": 1}}, "takes seconds, not days"),
    ({"target": {"kind": "same_business_day", "seconds": 0}}, "takes no amount, not seconds"),
    ({"target": {"kind": "business"}}, "needs its seconds as a whole number"),
    ({"target": {"kind": "business", "seconds": 3600.0}}, "needs its seconds as a whole number"),
    ({"target": {"kind": "business", "seconds": True}}, "needs its seconds as a whole number"),
    ({"target": {"kind": "business", "seconds": -1}}, "between 0 and"),
    ({"target": {"kind": "elapsed", "seconds": 10**40}}, "between 0 and"),
    ({"target": {"kind": "business_days", "days": 10**9}}, "between 0 and"),
    ({"target": {"kind": "business", "seconds": 20 * 365 * 86400}}, "not used up within 20 years"),
    ({"target": {"kind": "business_days", "days": 7000}}, "not used up within 20 years"),
    ({"target": HOUR, "pauses": {}}, "The pauses are a list"),
    ({"target": HOUR, "pauses": [[FRIDAY]]}, "Pause 1 has to be a pair"),
    ({"target": HOUR, "pauses": [[None, FRIDAY]]}, "The beginning of pause 1 has to be a moment"),
    ({"target": HOUR, "pauses": [[FRIDAY, "2026-03-27T15:29:59Z"]]}, "Pause 1 ends before it begins."),
    ({"target": HOUR, "pauses": [[FRIDAY, None]] * 1001}, "at most 1,000 pairs"),
]


@pytest.mark.parametrize(("asked", "words"), QUESTIONS, ids=range(len(QUESTIONS)))
def test_a_question_that_cannot_be_counted_is_refused_in_words(asked: dict[str, Any], words: str) -> None:
    assert words in wrong(**asked)


def test_a_desk_that_is_closed_for_good_is_told_of() -> None:
    closed = {f"2026-{month:02}-{day:02}": "off" for month in range(4, 13) for day in range(1, 31)}
    closed |= {f"2027-{month:02}-{day:02}": "off" for month in range(1, 13) for day in range(1, 29)}
    calendar = {"zone": "UTC", "hours": "2026 Mo-Fr 09:00-17:00", "days": closed}
    assert "no open window in the 400 days" in wrong(
        calendar=calendar, target={"kind": "business_days", "days": 9}
    )


class Listening(io.BytesIO):
    """An output that notes how much it held whenever it was flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: list[int] = []

    def flush(self) -> None:
        self.flushed.append(self.getvalue().count(b"\n"))


def test_every_line_is_answered_at_once_and_in_order_whatever_comes_before_it() -> None:
    good = json.dumps({"calendar": OFFICE, "start": FRIDAY, "target": HOUR, "id": 1}).encode()
    asked = io.BytesIO(
        b"\n".join([b"\xef\xbb\xbf" + good, b"x" * 5_000_000, b"\xff\xfe", b"NaN", good + b"\r"])
        + b"\n"
        + good
    )
    told = Listening()
    answer_lines(asked, told)
    assert told.flushed == [1, 2, 3, 4, 5, 6]
    answers = [json.loads(line) for line in told.getvalue().splitlines()]
    assert [one.get("due") for one in answers] == [
        answers[0]["due"],
        None,
        None,
        None,
        *[answers[0]["due"]] * 2,
    ]
    assert answers[1]["error"] == "The line is too long: at most 1,048,576 bytes."


def test_the_command_ends_well_after_mistakes() -> None:
    done = CliRunner().invoke(main, ["clocks", "calc"], input="nonsense\n")
    assert (done.exit_code, json.loads(done.output).keys()) == (0, {"error"})


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "nothing"),
        (0.25, "0.25 seconds"),
        (1, "1 second"),
        (59.6, "1 minute"),
        (1149.99975, "19 minutes 10 seconds"),
        (2450.0002, "40 minutes 50 seconds"),
        (90061, "25 hours 1 minute 1 second"),
    ],
)
def test_a_length_of_time_is_told_to_the_second(seconds: float, words: str) -> None:
    assert telling.span(seconds) == words
