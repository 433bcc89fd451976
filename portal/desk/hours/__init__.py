"""Opening hours and counted time: pure functions of a calendar and moments, no database, no clock.

A calendar is read with `parse`; `due` says when a target is used up, `explain` why, `open_seconds` how much
has been counted. All answers are UTC instants. The rules are decisions 2 and 9 to 12.
"""

from portal.desk.hours.book import HORIZON
from portal.desk.hours.calendar import (
    Calendar,
    closing_of,
    is_open,
    is_open_on,
    next_opening,
    next_slots,
    parse,
    windows,
)
from portal.desk.hours.count import (
    Pause,
    Pauses,
    Target,
    business,
    business_days,
    due,
    elapsed,
    open_seconds,
    same_business_day,
)
from portal.desk.hours.explain import Reason, Step, StepKind, explain
from portal.desk.hours.text import HoursError

__all__ = [
    "HORIZON",
    "Calendar",
    "HoursError",
    "Pause",
    "Pauses",
    "Reason",
    "Step",
    "StepKind",
    "Target",
    "business",
    "business_days",
    "closing_of",
    "due",
    "elapsed",
    "explain",
    "is_open",
    "is_open_on",
    "next_opening",
    "next_slots",
    "open_seconds",
    "parse",
    "same_business_day",
    "windows",
]
