"""Steps on the way to a due time as sentences, on the desk's own clock. Decision 14."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from portal.desk.hours.explain import Reason, Step, StepKind

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MIDNIGHT = time()
_UNITS = (("hour", 3600), ("minute", 60))


def sentence(step: Step, zone: ZoneInfo, names: Mapping[date, str] | None = None) -> str:
    """Say one step as a person would; `names` are those of the exceptional days, such as a holiday's."""
    if step.kind is StepKind.CLOSED:
        return _closed(step, zone, names)
    said = f"{day_words(step.day)}, {face(step.start.astimezone(zone), step.day)}"
    if step.end is None:
        return f"{said}: a pause began that is not over; nothing counts until it ends."
    if step.start == step.end:
        return f"{said}: due here, nothing is left to count."
    said = f"{said} to {face(step.end.astimezone(zone), step.day)}"
    if step.kind is StepKind.PAUSED:
        return f"{said}: paused, {span(step.seconds)} not counted."
    said = f"{said}: {span(step.seconds)}"
    if step.reason is Reason.EVERY_SECOND:
        return f"{said}, open or closed."
    special = f", {_named(step.day, names)}" if step.reason is Reason.EXCEPTIONAL_DAY else ""
    return f"{said} of open time{special}."


def _closed(step: Step, zone: ZoneInfo, names: Mapping[date, str] | None) -> str:
    day = day_words(step.day)
    if step.reason is Reason.NO_SUCH_DATE:
        return f"{day}: the clocks of {zone.key} never showed this date."
    return f"{day}: closed{f', {_named(step.day, names)}' if step.reason is Reason.EXCEPTIONAL_DAY else ''}."


def _named(day: date, names: Mapping[date, str] | None) -> str:
    name = names.get(day) if names else ""
    return f"an exceptional day ({name})" if name else "an exceptional day"


def span(seconds: float) -> str:
    """A length of time: `1 hour 30 minutes`, `45 seconds`, `nothing`; to the second, where it has one."""
    seconds = round(seconds) if seconds >= 1 else seconds
    whole, parts = int(seconds), []
    for unit, size in _UNITS:
        many, whole = divmod(whole, size)
        if many:
            parts.append(f"{many:,} {unit}{'' if many == 1 else 's'}")
    rest = round(whole + seconds % 1, 6)
    if rest:
        parts.append(f"{rest:g} second{'' if rest == 1 else 's'}")
    return " ".join(parts) or "nothing"


def day_words(day: date) -> str:
    """`Fri 27 Mar 2026`, in English whatever the machine speaks."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def face(local: datetime, day: date | None = None) -> str:
    """What the clock on the wall shows, with its date where that is another day than the one spoken of."""
    if day is not None and local.time() == _MIDNIGHT and local.date() == day + timedelta(days=1):
        return "24:00"
    shown = f"{local.hour:02}:{local.minute:02}"
    if local.second or local.microsecond:
        shown = f"{shown}:{local.second:02}"
    if local.fold:
        shown += " (the second time that hour is shown)"
    return shown if day is None or local.date() == day else f"{shown} on {day_words(local.date())}"
