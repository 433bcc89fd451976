"""The policy: what is in force, its versions and drafts, and writing a draft row by row. S2-14.1, decision 8"""

from __future__ import annotations

from portal.pages.policy.calendars import (
    add_calendar,
    assign,
    change_calendar,
    fill_holidays,
    move_assignment,
    new_calendar,
    put_day,
    remove_calendar,
    remove_day,
    show_calendar,
    unassign,
)
from portal.pages.policy.overview import index, recompute
from portal.pages.policy.rows import add_row, change_row, edit_row, move_row, new_row, remove_row, set_time
from portal.pages.policy.versions import bring_up_to_date, draft, drop, publish, version

__all__ = [
    "add_calendar",
    "add_row",
    "assign",
    "bring_up_to_date",
    "change_calendar",
    "change_row",
    "draft",
    "drop",
    "edit_row",
    "fill_holidays",
    "index",
    "move_assignment",
    "move_row",
    "new_calendar",
    "new_row",
    "publish",
    "put_day",
    "recompute",
    "remove_calendar",
    "remove_day",
    "remove_row",
    "set_time",
    "show_calendar",
    "unassign",
    "version",
]
