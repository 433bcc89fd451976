"""The hours between which an order is wanted on its day: a delivery window, or when somebody comes by. S1-4.1.2d"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.words import DeliveryMethod
from portal.desk import hours, policy_versions
from portal.desk.fields.base import plain_digits
from portal.desk.fields.counting import LATEST, SOONEST
from portal.desk.work import Work

_TIME = re.compile(r"(\d{1,2}):(\d{2})(:00)?")
HINT = "Enter a time such as 09:00."


def time_of(text: str) -> time | None:
    """The time of day that was typed; None when it is none."""
    found = _TIME.fullmatch(plain_digits(text.strip()))
    try:
        return time(int(found[1]), int(found[2])) if found else None
    except ValueError:
        return None


def mistyped(typed: Mapping[str, str]) -> dict[str, str]:
    """A message for each of the two hours that is no time of a day."""
    names = ("wanted_from", "wanted_until")
    return {name: HINT for name in names if typed.get(name, "").strip() and time_of(typed[name]) is None}


async def refused(
    work: Work,
    method: DeliveryMethod | None,
    day: date | None,
    begins: time | None,
    ends: time | None,
) -> dict[str, str]:
    """Say at its field why an order cannot be wanted between these hours; empty when it can, or any hour will do.

    Who picks an order up finds us open: the hours lie in one of the calendar's windows of that day.
    """
    if begins is None and ends is None:
        return {}
    if begins is None or ends is None:
        name, which = ("wanted_from", "from") if begins is None else ("wanted_until", "until")
        return {name: f"Say {which} when, or leave both hours empty."}
    if day is None or not SOONEST <= day.year < LATEST:
        return {"wanted_on": "Look at the year." if day else "Choose the day that the hours are of."}
    if begins >= ends:
        return {"wanted_until": "This is not after the hour before it."}
    if method is DeliveryMethod.PICKUP:
        return await _while_closed(work, day, begins, ends)
    return {}


async def _while_closed(work: Work, day: date, begins: time, ends: time) -> dict[str, str]:
    calendar = (await policy_versions.in_force(work)).calendar()
    zone = ZoneInfo(calendar.zone)
    midnight, next_one = (
        datetime.combine(day + timedelta(days=days), time(), zone).astimezone(UTC) for days in (0, 1)
    )
    start, end = (datetime.combine(day, hour, zone).astimezone(UTC) for hour in (begins, ends))
    open_on_it = list(hours.windows(calendar.opening, midnight, next_one))
    if any(opens <= start and end <= closes for opens, closes in open_on_it):
        return {}
    told = ", ".join(
        f"{opens.astimezone(zone):%H:%M} to {closes.astimezone(zone):%H:%M}" for opens, closes in open_on_it
    )
    if not told:
        return {"wanted_on": "We are closed on this day, so nothing can be picked up."}
    return {"wanted_from": f"We are open {told} on this day."}
