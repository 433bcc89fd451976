"""Write the public holidays of the years to come into the calendars."""

from __future__ import annotations

from portal.desk import rulebook
from portal.desk.work import SYSTEM, Desk


async def fill_holidays(desk: Desk) -> int:
    """Fill this year and the next ones for every calendar with a region; return how many days were new. S2-10.4."""
    async with desk.work(SYSTEM) as work:
        return await rulebook.fill_all_holidays(work)
