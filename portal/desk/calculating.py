"""One question about time as a line of JSON, and its answer: the clocks of the portal for other programs.

Whoever asks brings the calendar along, so nothing here knows a database or the time of day. Due times and counted
seconds come from the same functions as the portal's own. A mistake is answered in words; it never raises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from models.words import TargetKind
from portal.desk import hours
from portal.desk.hours import HoursError, telling

LONGEST_LINE = 1024 * 1024
"""Bytes; a calendar with the holidays of twenty years has some ten thousand."""
LONGEST_HOURS = 2000
MOST_DAYS = 5000
MOST_PAUSES = 1000
YEARS_AHEAD = 20
"""No question looks further than this beyond its start."""
_FEW_DAYS, _FEW_SECONDS = 250, 30 * 86_400
"""Business days and seconds of open time that a calendar has to offer before anybody asks whether it does."""
_YEARS = range(1902, 2200)
_AMOUNTS = {TargetKind.ELAPSED: "seconds", TargetKind.BUSINESS: "seconds", TargetKind.BUSINESS_DAYS: "days"}
_LONGEST = {"seconds": YEARS_AHEAD * 366 * 86_400, "days": YEARS_AHEAD * 366}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CUT = 40
_write = json.JSONEncoder(separators=(", ", ": ")).encode


class Mistaken(ValueError):
    """A question that cannot be answered, in words for who asked it."""


def answer(line: bytes) -> str:
    """Answer one line with one line of JSON: `due` and `explain`, `elapsed_seconds`, or `error`.

    `due` is null while a pause without an end keeps the target open. `elapsed_seconds` counts the open time of the
    calendar between start and end, without the pauses; an end before the start is 0 (decision 10). An `id` is given
    back with the answer.
    """
    told: dict[str, Any] = {}
    try:
        asked = _read(line)
        if "id" in asked:
            told["id"] = asked["id"]
        told |= _answer(asked)
    except Mistaken as mistake:
        told["error"] = str(mistake)
    except HoursError as refused:
        told["error"] = _in_one_line(refused)
    return _write(told)


def _read(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise Mistaken(f"The line is too long: at most {LONGEST_LINE:,} bytes.")
    try:
        text = line.decode().removeprefix("\ufeff").strip()
    except UnicodeDecodeError as error:
        raise Mistaken(f"The line is not UTF-8: byte {error.start + 1} cannot be read.") from None
    if not text:
        raise Mistaken("The line is empty: write one JSON object on each line.")
    try:
        asked = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise Mistaken(f"This is not JSON: {error.msg} at character {error.pos + 1}.") from None
    except RecursionError:
        raise Mistaken("This is nested too deeply.") from None
    except ValueError as error:  # a whole number of thousands of digits; or one of ours
        raise error if isinstance(error, Mistaken) else Mistaken("A number in it is too long.") from None
    return _object(asked, "The line", {"calendar", "start", "target", "end", "pauses", "id"})


def _refuse_constant(name: str) -> None:
    raise Mistaken(f"{name} is no number that can be counted.")


def _object(value: object, what: str, known: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Mistaken(f"{what} has to be a JSON object with {', '.join(sorted(known))}.")
    if strange := value.keys() - known:
        raise Mistaken(f"{what} has {_cut(min(strange))!r}; known are {', '.join(sorted(known))}.")
    return value


def _answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    if "calendar" not in asked:
        raise Mistaken("The calendar is missing: zone, hours and, if there are any, days.")
    calendar = _calendar(asked["calendar"])
    start = _moment(asked.get("start"), "start")
    pauses = _pauses(asked.get("pauses"), start)
    if ("target" in asked) == ("end" in asked):
        raise Mistaken("Ask either with a target, for when it is due, or with an end, for how long it took.")
    if "end" in asked:
        end = _near(_moment(asked["end"], "end"), start, "end")
        return {"elapsed_seconds": _number(hours.open_seconds(calendar, start, end, pauses))}
    target = _target(asked["target"])
    _refuse_endless(calendar, start, target)
    steps = hours.explain(calendar, start, target, pauses)
    due = steps[-1].end
    return {"due": due and written(due), "explain": [_step(calendar, step) for step in steps]}


def _calendar(told: object) -> hours.Calendar:
    fields = _object(told, "The calendar", {"zone", "hours", "days", "name"})
    zone, text, days = fields.get("zone"), fields.get("hours"), fields.get("days")
    if not isinstance(zone, str) or not isinstance(text, str):
        field = (
            "zone, such as Europe/Berlin" if not isinstance(zone, str) else "hours, such as Mo-Fr 09:00-17:00"
        )
        raise Mistaken(f"The calendar needs its {field}, as text.")
    if days is not None and not isinstance(days, dict):
        raise Mistaken('The days of a calendar are an object of dates, such as {"2026-12-25": "off"}.')
    if len(text) > LONGEST_HOURS:
        raise Mistaken(f"The hours are too long: at most {LONGEST_HOURS:,} characters.")
    days = days or {}
    if len(days) > MOST_DAYS:
        raise Mistaken(f"The calendar has too many exceptional days: at most {MOST_DAYS:,}.")
    for day, what in days.items():
        if not isinstance(what, str) or len(what) > LONGEST_HOURS:
            raise Mistaken(f'{_cut(day)}: write "off" or hours such as "09:00-12:00".')
    return _parsed(zone, text, tuple(days.items()))


@lru_cache(maxsize=512)
def _parsed(zone: str, text: str, days: tuple[tuple[str, str], ...]) -> hours.Calendar:
    return hours.parse(zone, text, {_date(day): what for day, what in days})


def _date(text: str) -> date:
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise Mistaken(f"{_cut(text)!r} is no day that can be counted. Write it as 2026-12-25.")
    return day


def _moment(value: object, what: str) -> datetime:
    if not isinstance(value, str):
        raise Mistaken(f"The {what} has to be a moment as text, such as 2026-03-27T15:30:00Z.")
    try:
        read = datetime.fromisoformat(value)
        moment = None if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Mistaken(
            f"The {what} {_cut(value)!r} is no moment. Write it as 2026-03-27T15:30:00Z."
        ) from None
    if moment is None:
        raise Mistaken(f"The {what} {_cut(value)!r} does not say its time zone. Put Z or +01:00 behind it.")
    if moment.year not in _YEARS:
        raise Mistaken(f"The {what} has to lie in the years {_YEARS[0]} to {_YEARS[-1]}.")
    return moment


def _near(moment: datetime, start: datetime, what: str) -> datetime:
    if moment.year - start.year > YEARS_AHEAD:
        raise Mistaken(f"The {what} lies more than {YEARS_AHEAD} years after the start.")
    return moment


def _pauses(told: object, start: datetime) -> list[hours.Pause]:
    if told is None:
        return []
    if not isinstance(told, list) or len(told) > MOST_PAUSES:
        raise Mistaken(f"The pauses are a list of at most {MOST_PAUSES:,} pairs of moments.")
    found: list[hours.Pause] = []
    for number, pair in enumerate(told, 1):
        if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004 - a beginning and an end
            raise Mistaken(f"Pause {number} has to be a pair of moments; the second is null while it lasts.")
        begin = _near(_moment(pair[0], f"beginning of pause {number}"), start, f"beginning of pause {number}")
        if pair[1] is None:
            found.append((begin, None))
            continue
        end = _near(_moment(pair[1], f"end of pause {number}"), start, f"end of pause {number}")
        if end < begin:
            raise Mistaken(f"Pause {number} ends before it begins.")
        found.append((begin, end))
    return found


def _target(told: object) -> hours.Target:
    fields = _object(told, "The target", {"kind", "seconds", "days"})
    try:
        kind = TargetKind(fields.get("kind", ""))
    except ValueError:
        raise Mistaken(f"The kind of a target is one of {', '.join(TargetKind)}.") from None
    unit = _AMOUNTS.get(kind)
    for other in fields.keys() - {"kind", unit}:
        raise Mistaken(f"A target of the kind {kind} takes {unit or 'no amount'}, not {other}.")
    if unit is None:
        return hours.Target(kind)
    amount = fields.get(unit)
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise Mistaken(f"A target of the kind {kind} needs its {unit} as a whole number.")
    if not 0 <= amount <= _LONGEST[unit]:
        raise Mistaken(f"The {unit} of a target are between 0 and {_LONGEST[unit]:,}.")
    return hours.Target(kind, amount)


def _refuse_endless(calendar: hours.Calendar, start: datetime, target: hours.Target) -> None:
    """Raise for a target that a calendar open an hour a year would take centuries to use up."""
    last = start.year + YEARS_AHEAD
    if target.kind is TargetKind.BUSINESS and target.amount > _FEW_SECONDS:
        until = datetime(last, 12, 31, tzinfo=UTC)
        enough = hours.open_seconds(calendar, start, until) >= target.amount
    elif target.kind is TargetKind.BUSINESS_DAYS and target.amount > _FEW_DAYS:
        years = (calendar.book.year(number) for number in range(start.year, last + 1))
        enough = sum(len(year.day_closes) for year in years) > target.amount
    else:
        return
    if not enough:
        raise Mistaken(f"The target is not used up within {YEARS_AHEAD} years of the start.")


def _step(calendar: hours.Calendar, step: hours.Step) -> dict[str, Any]:
    return {
        "day": step.day.isoformat(),
        "from": written(step.start),
        "to": step.end and written(step.end),
        "seconds": _number(step.seconds),
        "kind": step.kind,
        "reason": step.reason,
        "words": telling.sentence(step, calendar.book.zone),
    }


def written(moment: datetime) -> str:
    """Write a UTC moment to the second, with its fraction if it has one: `2026-03-27T15:30:00Z`."""
    return f"{moment.isoformat()[:-6]}Z"


def _number(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds


def _in_one_line(refused: HoursError) -> str:
    """Put the caret under a mistake into words: behind what it stands."""
    said, *shown = refused.message.split("\n")
    if refused.at is None or not shown:
        return " ".join([said, *shown])
    before = shown[0][: refused.at].strip()
    place = f"after {before[-_CUT:]!r}" if before else "the beginning"
    return f"{said} The mark is at character {refused.at + 1}, {place}."


def _cut(text: str) -> str:
    return text if len(text) <= _CUT else f"{text[:_CUT]}…"
