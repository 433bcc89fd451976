"""Send the closing-time sheet half an hour before a calendar closes."""

from __future__ import annotations

from portal.desk import closing
from portal.desk.work import SYSTEM, Desk


async def closing_sheet(desk: Desk) -> int:
    """Tell the supervisors once for each closing what will be due before or just after the next opening. S0-4"""
    async with desk.work(SYSTEM) as work:
        return await closing.tell_supervisors(work)
