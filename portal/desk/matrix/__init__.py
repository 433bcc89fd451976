"""The policy as one document of rows, calendars and who runs on which: what it is made of, and how it is read."""

from portal.desk.matrix.reading import HIGHEST_LEVEL, LONGEST_KEY, LONGEST_MINUTES, read
from portal.desk.matrix.rows import (
    CONDITIONS,
    MOMENTS,
    OWN,
    OWN_CHANNEL,
    REPEATED,
    Action,
    Assignment,
    Classified,
    DeskCalendar,
    DeskTime,
    Placed,
    Policy,
    Row,
    Subject,
    Tried,
    own,
)

__all__ = [
    "CONDITIONS",
    "HIGHEST_LEVEL",
    "LONGEST_KEY",
    "LONGEST_MINUTES",
    "MOMENTS",
    "OWN",
    "OWN_CHANNEL",
    "REPEATED",
    "Action",
    "Assignment",
    "Classified",
    "DeskCalendar",
    "DeskTime",
    "Placed",
    "Policy",
    "Row",
    "Subject",
    "Tried",
    "own",
    "read",
]
