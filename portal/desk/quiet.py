"""Quiet hours: when reminders and warnings to a colleague wait. Escalations and calls for help never do. Decision 15

They are written as opening hours are, on the person's own clock. What a clock did stands in its row to the second,
whenever somebody reads of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from models import Person
from portal.desk import hours

PATIENT = frozenset(
    {"follow-up-reminder", "follow-up-overdue", "target-met", "article-ran-out", "courses-due", "dead-links"}
)
"""Notices that may wait whatever they say; a warning may as long as it tells of nothing that ran out."""
LONGEST = 120
_WEEK = timedelta(days=7)


def until(person: Person, at: datetime) -> datetime | None:
    """Say until when a reminder to this person waits that is written at a moment; None where it does not."""
    if not person.quiet_hours:
        return None
    try:
        quiet = hours.parse(person.zone, person.quiet_hours)
        ends = at
        for opens, closes in hours.windows(quiet, at, at + _WEEK):
            if opens > ends:
                break
            ends = closes
    except hours.HoursError:  # refused when it was written: its zone has gone since
        return None
    return ends if ends > at else None


def may_wait(template: str, facts: Mapping[str, Any]) -> bool:
    """Whether a notice is a reminder or a warning, which waits while its reader has quiet hours."""
    if template == "deadline-warning":
        return not any(group["ran_out"] for group in facts["groups"])
    return template in PATIENT


def mistake(text: str, zone: str, at: datetime) -> str:
    """What is wrong with quiet hours as they were written, with a caret under it; empty when nothing is."""
    if len(text) > LONGEST:
        return f"At most {LONGEST} letters."
    if not text:
        return ""
    try:
        quiet = hours.parse(zone, text)
    except hours.HoursError as error:
        return (
            "" if "time zone" in error.message else error.message
        )  # of the zone it is told beside its field
    if hours.open_seconds(quiet, at, at + _WEEK) >= _WEEK.total_seconds():
        return "Leave some hours of the week: nothing would ever arrive."
    return ""
