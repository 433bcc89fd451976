"""Count the evidence of the days that are over."""

from __future__ import annotations

from portal.desk import evidence
from portal.desk.work import SYSTEM, Desk


async def count_steps(desk: Desk) -> int:
    """Count each day that is over and not counted yet; return how many days. S3-7.2.1b"""
    async with desk.work(SYSTEM) as work:
        return await evidence.count_days(work)
